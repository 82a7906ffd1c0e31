/*
 * expr/vector_text.c: the vector forms of fn_text.c.  Texts that are ASCII are
 * worked on eight bytes at a time, and copied only when they change; others
 * are the kernel's.
 */
#include "expr/vector.h"

#include "expr/eval.h"
#include "expr/functions.h"
#include "expr/like_plan.h"
#include "expr/words.h"
#include "util/mem.h"

/* Whether an ASCII text holds letters from `first` on; *ascii says whether it
 * is one. */
static bool
has_letters(const struct span *text, unsigned char first, bool *ascii)
{
    uint64_t all = 0, hits = 0, word;
    size_t at = 0;

    *ascii = true;
    if (text->len == 0)
        return false;
    for (; at + 8 <= text->len; at += 8) {
        word = word_load8(text->ptr + at);
        all |= word;
        hits |= word_letters(word & ~WORD_HIGH, first);
    }
    word = word_gather(text->ptr + at, text->len - at);
    *ascii = word_is_ascii(all | word);
    return (hits | word_letters(word & ~WORD_HIGH, first)) != 0;
}

/* The room behind the text, to its next eight bytes, is written too. */
static void
swap_case(unsigned char *to, const struct span *text, unsigned char first)
{
    size_t at = 0;

    for (; at + 8 <= text->len; at += 8)
        word_store8(to + at, word_swap_case(word_load8(text->ptr + at), first));
    word_store8(
        to + at,
        word_swap_case(word_load_short(text->ptr + at, text->len - at), first));
}

static uint32_t
map_case(struct call *call, const struct vec *args, unsigned char first,
         uint32_t from, uint32_t count, const struct rows_out *out)
{
    for (uint32_t k = from; k < count; k++) {
        struct span text = args[0].at[k & args[0].mask].s;
        bool ascii, changes = has_letters(&text, first, &ascii);
        unsigned char *to;

        if (!ascii)
            return k;
        if (changes) {
            to = eval_room(call, (text.len & ~(size_t)7) + 8);
            if (to == NULL)
                return k;
            swap_case(to, &text, first);
            text.ptr = to;
        }
        out->value[k].s = text;
    }
    return count;
}

static uint32_t
lower(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
      const struct rows_out *out)
{
    return map_case(call, args, 'A', from, count, out);
}

static uint32_t
upper(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
      const struct rows_out *out)
{
    return map_case(call, args, 'a', from, count, out);
}

/* One space at each side is taken without a jump, because whether there is
 * one is hard to foresee; a second one is rare. */
static void
trim_left(struct span *text)
{
    size_t space = text->len > 0 && *text->ptr == ' ';

    text->ptr += space;
    text->len -= space;
    while (text->len > 0 && *text->ptr == ' ') {
        text->ptr++;
        text->len--;
    }
}

static void
trim_right(struct span *text)
{
    size_t space = text->len > 0 && text->ptr[text->len - 1] == ' ';

    text->len -= space;
    while (text->len > 0 && text->ptr[text->len - 1] == ' ')
        text->len--;
}

/* Whether a space other than U+0020 may begin here: they are U+00A0, U+1680,
 * U+2000 .. U+205F and U+3000. */
static bool
may_be_space(const unsigned char *at, const unsigned char *end)
{
    unsigned char next = end - at > 1 ? at[1] : 0;

    return (*at == 0xc2 && next == 0xa0) || (*at == 0xe1 && next == 0x9a) ||
           (*at == 0xe2 && (next == 0x80 || next == 0x81)) ||
           (*at == 0xe3 && next == 0x80);
}

static bool
may_end_in_space(const struct span *text)
{
    const unsigned char *end = text->ptr + text->len, *last = end - 1;

    while (last > text->ptr && (*last & 0xc0) == 0x80)
        last--;
    /* What is no UTF-8 is the kernel's, too. */
    return *last < 0xc0 || may_be_space(last, end);
}

static uint32_t
trim_sides(const struct vec *args, bool left, bool right, uint32_t from,
           uint32_t count, const struct rows_out *out)
{
    for (uint32_t k = from; k < count; k++) {
        struct span text = args[0].at[k & args[0].mask].s;

        if (left)
            trim_left(&text);
        if (right)
            trim_right(&text);
        if (left && text.len > 0 && *text.ptr >= 0x80 &&
            may_be_space(text.ptr, text.ptr + text.len))
            return k;
        if (right && text.len > 0 && text.ptr[text.len - 1] >= 0x80 &&
            may_end_in_space(&text))
            return k;
        out->value[k].s = text;
    }
    return count;
}

static uint32_t
trim(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
     const struct rows_out *out)
{
    (void)call;
    return trim_sides(args, true, true, from, count, out);
}

static uint32_t
ltrim(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
      const struct rows_out *out)
{
    (void)call;
    return trim_sides(args, true, false, from, count, out);
}

static uint32_t
rtrim(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
      const struct rows_out *out)
{
    (void)call;
    return trim_sides(args, false, true, from, count, out);
}

static uint32_t
length(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
       const struct rows_out *out)
{
    (void)call;
    for (uint32_t k = from; k < count; k++) {
        const struct span text = args[0].at[k & args[0].mask].s;

        if (!text_is_ascii(text.ptr, text.len))
            return k;
        out->value[k].i = (int64_t)text.len;
    }
    return count;
}

/* From a character that is counted from the begin, with no negative length. */
static uint32_t
substr(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
       const struct rows_out *out)
{
    const bool to_end = call->node->count == 2;

    for (uint32_t k = from; k < count; k++) {
        const struct span text = args[0].at[k & args[0].mask].s;
        int64_t start = args[1].at[k & args[1].mask].i;
        int64_t most = to_end ? UINT32_MAX : args[2].at[k & args[2].mask].i;
        size_t skipped, left;

        if (start < 1 || start > UINT32_MAX || most < 0 || most > UINT32_MAX)
            return k;
        skipped = (size_t)start - 1;
        left = skipped < text.len ? text.len - skipped : 0;
        left = left < (size_t)most ? left : (size_t)most;
        /* Characters are counted no further than that. */
        if (left > 0 &&
            !text_is_ascii(text.ptr, to_end ? skipped : skipped + left))
            return k;
        out->value[k].s =
            (struct span){left > 0 ? text.ptr + skipped : text.ptr, left};
    }
    return count;
}

static void
copy_text(unsigned char *to, const struct span *text)
{
    if (text->len > 0)
        memcpy(to, text->ptr, text->len);
}

/* || and concat; for the one a NULL text has no bytes, the other throws such
 * rows away. */
static uint32_t
join(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
     const struct rows_out *out)
{
    const uint32_t parts = call->node->count;
    const bool sees_nulls = call->node->sees_nulls;

    for (uint32_t k = from; k < count; k++) {
        size_t size = 0, used = 0;
        unsigned char *text;

        for (uint32_t i = 0; i < parts; i++)
            size += args[i].at[k & args[i].mask].s.len;
        text = eval_room(call, size);
        if (text == NULL)
            return k;
        for (uint32_t i = 0; i < parts; i++) {
            const struct span *part = &args[i].at[k & args[i].mask].s;

            copy_text(text + used, part);
            used += part->len;
        }
        out->value[k].s = (struct span){text, used};
        if (sees_nulls)
            out->null[k] = false;
    }
    return count;
}

static uint32_t
like(struct call *call, const struct vec *args, uint32_t from, uint32_t count,
     const struct rows_out *out)
{
    const struct like_plan *plan = call->node->plan;
    const bool negated = call->node->negated;

    for (uint32_t k = from; k < count; k++)
        out->value[k].b =
            like_plan_matches(plan, &args[0].at[k & args[0].mask].s) != negated;
    return count;
}

static const struct span *
constant(const struct node *node)
{
    return node->kind == NODE_CONST && !node->is_null ? &node->value.s : NULL;
}

static vector_fn
of_pattern(struct arena *arena, struct node *node)
{
    const struct span *pattern = constant(node->args[1]), *escape = NULL;

    if (pattern == NULL)
        return NULL;
    if (node->count == 3 && (escape = constant(node->args[2])) == NULL)
        return NULL;
    node->plan = node->kernel == fn_like ? like_plan_new(arena, pattern, escape)
                                         : like_plan_of_prefix(arena, pattern);
    return node->plan != NULL ? like : NULL;
}

vector_fn
vector_of_text(struct arena *arena, struct node *node)
{
    static const struct {
        kernel_fn kernel;
        uint32_t count; /* of arguments; 0: any */
        vector_fn vector;
    } forms[] = {
        {fn_lower, 1, lower},   {fn_upper, 1, upper}, {fn_trim, 1, trim},
        {fn_ltrim, 1, ltrim},   {fn_rtrim, 1, rtrim}, {fn_length, 1, length},
        {fn_substr, 0, substr}, {fn_join, 0, join},   {fn_concat, 0, join},
    };

    if (node->kernel == fn_like || node->kernel == fn_starts_with)
        return of_pattern(arena, node);
    for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
        if (node->kernel == forms[i].kernel &&
            (forms[i].count == 0 || forms[i].count == node->count))
            return forms[i].vector;
    return NULL;
}
