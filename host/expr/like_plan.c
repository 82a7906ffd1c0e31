/*
 * expr/like_plan.c: matching is by bytes.  No part begins with a byte that
 * continues a character, so a part is never found in the middle of one.
 */
#define _GNU_SOURCE 1 /* memmem */
#include "expr/like_plan.h"

#include <assert.h>

#include "expr/words.h"

#define PARTS_MAX 8

struct like_plan {
    uint32_t count; /* parts; one more than there are percent signs */
    struct span parts[PARTS_MAX];
    size_t size; /* of all parts */
};

/* Takes the bytes of a part, without their escapes; false: not simple. */
static bool
take_part(struct arena *arena, const struct span *pattern, int escape,
          size_t *at, struct span *part)
{
    unsigned char *text = arena_alloc(arena, pattern->len - *at + 1);
    size_t used = 0;

    for (; *at < pattern->len; ++*at) {
        unsigned char c = pattern->ptr[*at];

        if (c == escape) {
            if (++*at == pattern->len)
                return false;
            c = pattern->ptr[*at];
        } else if (c == '%') {
            break;
        } else if (c == '_') {
            return false;
        }
        text[used++] = c;
    }
    *part = (struct span){text, used};
    return used == 0 || (text[0] & 0xc0) != 0x80;
}

const struct like_plan *
like_plan_new(struct arena *arena, const struct span *pattern,
              const struct span *escape)
{
    struct like_plan *plan = arena_zalloc(arena, sizeof(*plan));
    int escaped = -1;
    size_t at = 0;

    if (escape != NULL && escape->len > 1)
        return NULL;
    if (escape != NULL && escape->len == 1)
        escaped = escape->ptr[0];
    for (; plan->count < PARTS_MAX; at++) {
        struct span *part = &plan->parts[plan->count++];

        if (!take_part(arena, pattern, escaped, &at, part))
            return NULL;
        plan->size += part->len;
        if (at == pattern->len)
            return plan;
    }
    return NULL;
}

const struct like_plan *
like_plan_of_prefix(struct arena *arena, const struct span *prefix)
{
    struct like_plan *plan = arena_zalloc(arena, sizeof(*plan));

    plan->count = 2;
    plan->parts[0] = *prefix;
    plan->size = prefix->len;
    return plan;
}

static bool
same(const unsigned char *text, const struct span *part)
{
    return part->len == 0 || memcmp(text, part->ptr, part->len) == 0;
}

/* memmem needs some time before it is fast. */
#define SHORT_TEXT 64

static const unsigned char *
find(const unsigned char *text, const unsigned char *end,
     const struct span *part)
{
    size_t left = (size_t)(end - text);

    if (left > SHORT_TEXT)
        return memmem(text, left, part->ptr, part->len);
    for (; left >= part->len; text++, left--)
        if (*text == *part->ptr && same(text, part))
            return text;
    return NULL;
}

/* The parts between the first and the last, each as far left as it goes. */
static bool
has_between(const struct like_plan *plan, const unsigned char *text,
            const unsigned char *end)
{
    for (uint32_t i = 1; i + 1 < plan->count; i++) {
        const struct span *part = &plan->parts[i];

        if (part->len == 0)
            continue;
        text = find(text, end, part);
        if (text == NULL)
            return false;
        text += part->len;
    }
    return true;
}

bool
like_plan_matches(const struct like_plan *plan, const struct span *text)
{
    const struct span *first = &plan->parts[0];
    const struct span *last = &plan->parts[plan->count - 1];

    assert(plan->count > 0);
    if (text->len == 0)
        return plan->size == 0;
    if (plan->count == 1)
        return text->len == first->len && same(text->ptr, first);
    return text->len >= plan->size && same(text->ptr, first) &&
           same(text->ptr + text->len - last->len, last) &&
           (plan->count == 2 || has_between(plan, text->ptr + first->len,
                                            text->ptr + text->len - last->len));
}
