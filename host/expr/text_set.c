/*
 * expr/text_set.c: an open hash table, mostly free, of the first and the
 * last eight bytes of each text and its length.  Up to sixteen bytes that is
 * the whole text, so that most look-ups touch nothing else.
 */
#include "expr/text_set.h"

#include <assert.h>

#include "expr/words.h"

#define FREE SIZE_MAX
#define BITS_MIN 6 /* 2 KiB, so that short lists hardly ever collide */

struct entry {
    uint64_t first, last; /* word_gather and word_load_last */
    const unsigned char *text;
    size_t length; /* FREE: none */
};

struct text_set {
    enum text_fold fold;
    uint32_t shift; /* of the hash, to an index */
    uint32_t mask;  /* entries - 1 */
    struct entry *entries;
};

/* Fibonacci hashing: the product's top bits depend on all bits below. */
static uint32_t
slot_of(const struct text_set *set, const struct entry *key)
{
    uint64_t mixed =
        (key->first ^ (key->last << 29 | key->last >> 35)) + key->length;

    return (uint32_t)((mixed * UINT64_C(0x9e3779b97f4a7c15)) >> set->shift);
}

static struct entry
key_of(const unsigned char *text, size_t length)
{
    return (struct entry){word_gather(text, length),
                          word_load_last(text, length), text, length};
}

/* The first of the letters that a fold changes. */
static unsigned char
first_letter(enum text_fold fold)
{
    assert(fold != FOLD_NONE);
    return fold == FOLD_LOWER ? 'A' : 'a';
}

static uint64_t
fold_word(enum text_fold fold, uint64_t word)
{
    return fold == FOLD_NONE ? word : word_swap_case(word, first_letter(fold));
}

/* The bytes between the first and the last eight; the key's are folded
 * first. */
static bool
same_middle(enum text_fold fold, const struct entry *entry,
            const struct entry *key)
{
    for (size_t at = 8; at + 8 < key->length; at += 8) {
        size_t from = at + 16 <= key->length ? at : key->length - 16;

        if (fold_word(fold, word_load8(key->text + from)) !=
            word_load8(entry->text + from))
            return false;
    }
    return true;
}

static bool
same_ends(const struct entry *entry, const struct entry *key)
{
    return (entry->first == key->first) & (entry->last == key->last) &
           (entry->length == key->length);
}

static bool
has_key_behind(const struct text_set *set, const struct entry *key,
               enum text_fold fold, uint32_t i)
{
    for (;; i = (i + 1) & set->mask) {
        const struct entry *entry = &set->entries[i];

        if (entry->length == FREE)
            return false;
        if (same_ends(entry, key) &&
            (key->length <= 16 || same_middle(fold, entry, key)))
            return true;
    }
}

/* Whether a text is in the set is hard to foresee, but not that its first
 * place says so. */
static inline bool
has_key(const struct text_set *set, const struct entry *key,
        enum text_fold fold)
{
    uint32_t i = slot_of(set, key);
    const struct entry *entry = &set->entries[i];
    bool same = same_ends(entry, key);

    if (__builtin_expect((key->length > 16) | (!same & (entry->length != FREE)),
                         0))
        return has_key_behind(set, key, fold, i);
    return same;
}

const struct text_set *
text_set_new(struct arena *arena, const union datum *texts, uint32_t count,
             enum text_fold fold)
{
    struct text_set *set = arena_zalloc(arena, sizeof(*set));
    uint32_t bits = BITS_MIN;

    while (((uint32_t)1 << bits) < 4 * count)
        bits++;
    set->fold = fold;
    set->shift = 64 - bits;
    set->mask = ((uint32_t)1 << bits) - 1;
    set->entries =
        arena_array(arena, (size_t)set->mask + 1, sizeof(*set->entries));
    for (uint32_t i = 0; i <= set->mask; i++)
        set->entries[i].length = FREE;
    for (uint32_t t = 0; t < count; t++) {
        const unsigned char *text = texts[t].s.ptr;
        struct entry key = key_of(text, texts[t].s.len);
        uint32_t i = slot_of(set, &key);

        assert(text != NULL);
        if (has_key(set, &key, FOLD_NONE))
            continue;
        while (set->entries[i].length != FREE)
            i = (i + 1) & set->mask;
        set->entries[i] = key;
    }
    return set;
}

enum text_fold
text_set_fold(const struct text_set *set)
{
    return set->fold;
}

bool
text_set_has(const struct text_set *set, const struct span *text)
{
    struct entry key = key_of(text->ptr, text->len);

    return has_key(set, &key, FOLD_NONE);
}

static bool
is_ascii(const struct entry *key)
{
    return word_is_ascii(key->first | key->last) &&
           (key->length <= 16 ||
            text_is_ascii(key->text + 8, key->length - 16));
}

static uint32_t
find_folded(const struct text_set *set, const struct vec *x, uint32_t from,
            uint32_t count, union datum *found)
{
    const enum text_fold fold = set->fold;
    const unsigned char letter = first_letter(fold);

    for (uint32_t k = from; k < count; k++) {
        const struct span *text = &x->at[k & x->mask].s;
        struct entry key = key_of(text->ptr, text->len);

        if (!is_ascii(&key))
            return k;
        key.first = word_swap_case(key.first, letter);
        key.last = word_swap_case(key.last, letter);
        found[k].b = has_key(set, &key, fold);
    }
    return count;
}

uint32_t
text_set_find(const struct text_set *set, const struct vec *x, uint32_t from,
              uint32_t count, union datum *found)
{
    if (set->fold != FOLD_NONE)
        return find_folded(set, x, from, count, found);
    for (uint32_t k = from; k < count; k++)
        found[k].b = text_set_has(set, &x->at[k & x->mask].s);
    return count;
}
