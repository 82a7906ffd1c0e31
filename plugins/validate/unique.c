#include "unique.h"

#include <stdlib.h>
#include <sys/random.h>

#define SLOTS_MIN 1024

/* Kept values; an uploader chooses them, so the hash is keyed. */
struct entry {
    uint64_t line;
    size_t length;
    unsigned char bytes[];
};

struct slot {
    uint64_t hash;
    struct entry *entry; /* NULL: free */
};

struct unique {
    struct slot *slots; /* a power of two, at most three quarters used */
    size_t slot_count, used;
    uint64_t key[2];
};

static uint64_t
rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3, https://www.aumasson.jp/siphash/siphash.pdf: without the key
 * nobody can make values that all fall into one place of the table. */
static uint64_t
hash_of(const uint64_t key[2], const unsigned char *bytes, size_t length)
{
    uint64_t v[4] = {key[0] ^ UINT64_C(0x736f6d6570736575),
                     key[1] ^ UINT64_C(0x646f72616e646f6d),
                     key[0] ^ UINT64_C(0x6c7967656e657261),
                     key[1] ^ UINT64_C(0x7465646279746573)};
    uint64_t word, last = (uint64_t)length << 56;
    size_t i = 0;

    for (; i + 8 <= length; i += 8) {
        memcpy(&word, bytes + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (int shift = 0; i < length; i++, shift += 8)
        last |= (uint64_t)bytes[i] << shift;
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int n = 0; n < 3; n++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct unique *
unique_new(void)
{
    struct unique *set = calloc(1, sizeof(*set));

    if (set == NULL)
        return NULL;
    set->slot_count = SLOTS_MIN;
    set->slots = calloc(SLOTS_MIN, sizeof(*set->slots));
    if (set->slots == NULL ||
        getrandom(set->key, sizeof(set->key), 0) != (ssize_t)sizeof(set->key)) {
        unique_free(set);
        return NULL;
    }
    return set;
}

void
unique_free(struct unique *set)
{
    if (set == NULL)
        return;
    for (size_t i = 0; set->slots != NULL && i < set->slot_count; i++)
        free(set->slots[i].entry);
    free(set->slots);
    free(set);
}

/* The value's slot, or the free one where it belongs. */
static struct slot *
slot_of(const struct unique *set, uint64_t hash, const unsigned char *bytes,
        size_t length)
{
    size_t mask = set->slot_count - 1, i = (size_t)hash & mask;

    for (;; i = (i + 1) & mask) {
        struct slot *slot = &set->slots[i];
        const struct entry *entry = slot->entry;

        if (entry == NULL)
            return slot;
        if (slot->hash == hash && entry->length == length &&
            memcmp(entry->bytes, bytes, length) == 0)
            return slot;
    }
}

bool
unique_find(const struct unique *set, const unsigned char *bytes, size_t length,
            uint64_t *line)
{
    uint64_t hash = hash_of(set->key, bytes, length);
    const struct entry *entry = slot_of(set, hash, bytes, length)->entry;

    if (entry != NULL)
        *line = entry->line;
    return entry != NULL;
}

static int
grow(struct unique *set, uint64_t *room)
{
    size_t old_count = set->slot_count, count = old_count * 2;
    uint64_t cost = (uint64_t)old_count * sizeof(struct slot);
    struct slot *old = set->slots, *slots;

    if (cost > *room)
        return -1;
    slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return -1;
    *room -= cost;
    set->slots = slots;
    set->slot_count = count;
    for (size_t i = 0; i < old_count; i++) {
        size_t at = (size_t)old[i].hash & (count - 1);

        if (old[i].entry == NULL)
            continue;
        while (slots[at].entry != NULL)
            at = (at + 1) & (count - 1);
        slots[at] = old[i];
    }
    free(old);
    return 0;
}

int
unique_add(struct unique *set, const unsigned char *bytes, size_t length,
           uint64_t line, uint64_t *room)
{
    /* 16: what malloc needs beside it, about. */
    uint64_t cost = sizeof(struct entry) + (uint64_t)length + 16;
    uint64_t hash = hash_of(set->key, bytes, length);
    struct entry *entry;

    if (set->used >= set->slot_count / 4 * 3 && grow(set, room) != 0)
        return -1;
    if (cost > *room)
        return -1;
    entry = malloc(sizeof(*entry) + length);
    if (entry == NULL)
        return -1;
    *room -= cost;
    entry->line = line;
    entry->length = length;
    memcpy(entry->bytes, bytes, length);
    *slot_of(set, hash, bytes, length) =
        (struct slot){.hash = hash, .entry = entry};
    set->used++;
    return 0;
}
