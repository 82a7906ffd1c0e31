/*
 * expr/fn_text.c: the kernels over text.  Characters are code points, as in
 * DuckDB; bytes that are no UTF-8 count as one each.
 */
#define _GNU_SOURCE 1 /* memmem */
#include "expr/functions.h"

#include <assert.h>
#include <utf8proc.h>

#include "expr/eval.h"

/* Bytes of the character at ptr, at least 1, never beyond the end. */
static size_t
step(const unsigned char *ptr, const unsigned char *end)
{
    size_t size = *ptr < 0xc0 ? 1 : *ptr < 0xe0 ? 2 : *ptr < 0xf0 ? 3 : 4;
    size_t done = 1;

    assert(ptr < end);
    while (done < size && ptr + done < end && (ptr[done] & 0xc0) == 0x80)
        done++;
    return done;
}

static size_t
count_characters(const struct span *text)
{
    size_t count = 0;

    for (const unsigned char *at = text->ptr, *end = at + text->len; at < end;
         at += step(at, end))
        count++;
    return count;
}

/* The length of all arguments that are not NULL, one after the other. */
static int
join(struct call *call, const union datum *args, union datum *out)
{
    size_t size = 0, used = 0;
    unsigned char *text;

    for (uint32_t i = 0; i < call->node->count; i++)
        size += call->nulls[i] ? 0 : args[i].s.len;
    text = eval_alloc(call, size);
    if (text == NULL)
        return KERNEL_FAILED;
    for (uint32_t i = 0; i < call->node->count; i++) {
        if (call->nulls[i] || args[i].s.len == 0)
            continue;
        memcpy(text + used, args[i].s.ptr, args[i].s.len);
        used += args[i].s.len;
    }
    out->s = (struct span){text, used};
    return KERNEL_OK;
}

int
fn_concat(struct call *call, const union datum *args, union datum *out)
{
    return join(call, args, out);
}

int
fn_join(struct call *call, const union datum *args, union datum *out)
{
    return join(call, args, out);
}

/*
 * One pattern element against one character; false: no match.  Only the last
 * '%' is ever returned to: what an earlier one could still match, it can too.
 */
struct like {
    const unsigned char *text, *text_end, *pattern, *pattern_end;
    int escape; /* -1: none */
};

static bool
like_one(struct like *like)
{
    const unsigned char *pattern = like->pattern;

    if (pattern == like->pattern_end || like->text == like->text_end)
        return false;
    if (*pattern == like->escape) {
        /* An escape without anything behind it matches nothing. */
        if (++pattern == like->pattern_end || *pattern != *like->text)
            return false;
    } else if (*pattern == '_') {
        like->text += step(like->text, like->text_end) - 1;
    } else if (*pattern != *like->text) {
        return false;
    }
    like->text++;
    like->pattern = pattern + 1;
    return true;
}

static bool
like_matches(struct like like)
{
    struct like retry = {.pattern = NULL};

    while (like.text < like.text_end || like.pattern < like.pattern_end) {
        bool many = like.pattern < like.pattern_end && *like.pattern == '%' &&
                    like.escape != '%';

        if (many) {
            like.pattern++;
            retry = like;
        } else if (!like_one(&like)) {
            if (retry.pattern == NULL || retry.text == retry.text_end)
                return false;
            retry.text += step(retry.text, retry.text_end);
            like = retry;
        }
    }
    return true;
}

int
fn_like(struct call *call, const union datum *args, union datum *out)
{
    struct like like = {
        .text = args[0].s.ptr,
        .text_end = args[0].s.ptr + args[0].s.len,
        .pattern = args[1].s.ptr,
        .pattern_end = args[1].s.ptr + args[1].s.len,
        .escape = -1,
    };

    if (call->node->count == 3 && args[2].s.len > 0) {
        like.escape = args[2].s.ptr[0];
        if (args[2].s.len > 1)
            return fb_fail(call->err, FB_E_INPUT,
                           "ESCAPE '%s' is not one ASCII character",
                           eval_show(call->eval, &args[2].s));
    }
    out->b = like_matches(like) != call->node->negated;
    return KERNEL_OK;
}

static int
map_ascii(struct call *call, const struct span *text, unsigned char first,
          union datum *out)
{
    unsigned char *to = eval_alloc(call, text->len);

    if (to == NULL)
        return KERNEL_FAILED;
    for (size_t i = 0; i < text->len; i++) {
        unsigned char c = text->ptr[i];

        to[i] = c >= first && c < first + 26 ? c ^ 0x20 : c;
    }
    out->s = (struct span){to, text->len};
    return KERNEL_OK;
}

static bool
is_ascii(const struct span *text)
{
    unsigned char all = 0;

    for (size_t i = 0; i < text->len; i++)
        all |= text->ptr[i];
    return all < 0x80;
}

/* One code point becomes one code point, as DuckDB does it: no locale, no
 * final sigma. */
static int
map_case(struct call *call, const struct span *text,
         utf8proc_int32_t (*map)(utf8proc_int32_t), union datum *out)
{
    const unsigned char *at = text->ptr, *end = at + text->len;
    /* U+0250 (2 bytes) has its capital at U+2C6F (3 bytes). */
    unsigned char *to = eval_alloc(call, text->len * 2);
    size_t used = 0;

    if (to == NULL)
        return KERNEL_FAILED;
    while (at < end) {
        utf8proc_int32_t c;
        utf8proc_ssize_t size = utf8proc_iterate(at, end - at, &c);

        if (size <= 0) {
            to[used++] = *at++;
            continue;
        }
        used += (size_t)utf8proc_encode_char(map(c), to + used);
        at += size;
    }
    out->s = (struct span){to, used};
    return KERNEL_OK;
}

int
fn_lower(struct call *call, const union datum *args, union datum *out)
{
    if (is_ascii(&args[0].s))
        return map_ascii(call, &args[0].s, 'A', out);
    return map_case(call, &args[0].s, utf8proc_tolower, out);
}

int
fn_upper(struct call *call, const union datum *args, union datum *out)
{
    if (is_ascii(&args[0].s))
        return map_ascii(call, &args[0].s, 'a', out);
    return map_case(call, &args[0].s, utf8proc_toupper, out);
}

/* Whether a character of Unicode's Zs can begin with this byte: U+0020,
 * U+00A0, U+1680, U+2000 .. U+205F and U+3000 are all there are. */
static bool
begins_space(unsigned char c)
{
    return c == ' ' || c == 0xc2 || (c >= 0xe1 && c <= 0xe3);
}

/* Without a second argument: spaces of any width (Unicode's Zs), but neither
 * tabs nor line ends. */
static bool
is_trimmed(const struct call *call, const union datum *args,
           const unsigned char *ptr, size_t size)
{
    utf8proc_int32_t c;

    if (call->node->count == 1)
        return begins_space(*ptr) &&
               utf8proc_iterate(ptr, (utf8proc_ssize_t)size, &c) > 0 &&
               utf8proc_category(c) == UTF8PROC_CATEGORY_ZS;
    for (const unsigned char *at = args[1].s.ptr, *end = at + args[1].s.len;
         at < end; at += step(at, end))
        if (step(at, end) == size && memcmp(at, ptr, size) == 0)
            return true;
    return false;
}

static int
trim(struct call *call, const union datum *args, bool left, bool right,
     union datum *out)
{
    const unsigned char *from = args[0].s.ptr, *to = from + args[0].s.len;

    while (left && from < to && is_trimmed(call, args, from, step(from, to)))
        from += step(from, to);
    while (right && from < to) {
        const unsigned char *last = to - 1;

        while (last > from && (*last & 0xc0) == 0x80)
            last--;
        if (!is_trimmed(call, args, last, (size_t)(to - last)))
            break;
        to = last;
    }
    out->s = (struct span){from, (size_t)(to - from)};
    return KERNEL_OK;
}

int
fn_trim(struct call *call, const union datum *args, union datum *out)
{
    return trim(call, args, true, true, out);
}

int
fn_ltrim(struct call *call, const union datum *args, union datum *out)
{
    return trim(call, args, true, false, out);
}

int
fn_rtrim(struct call *call, const union datum *args, union datum *out)
{
    return trim(call, args, false, true, out);
}

int
fn_length(struct call *call, const union datum *args, union datum *out)
{
    (void)call;
    out->i = (int64_t)count_characters(&args[0].s);
    return KERNEL_OK;
}

/* Positions at or before the first character are legal and select nothing;
 * negative ones count from the end; a negative length goes to the left. */
static void
substr_range(int64_t start, int64_t length, int64_t characters, int64_t *from,
             int64_t *to)
{
    if (start < 0)
        start = start + characters + 1;
    if (length < 0) {
        *to = start;
        *from = start + length;
    } else {
        *from = start;
        *to = start + length;
    }
    if (*from < 1)
        *from = 1;
    if (*to > characters + 1)
        *to = characters + 1;
}

static const unsigned char *
skip(const unsigned char *at, const unsigned char *end, int64_t characters)
{
    while (characters-- > 0 && at < end)
        at += step(at, end);
    return at;
}

int
fn_substr(struct call *call, const union datum *args, union datum *out)
{
    const unsigned char *at = args[0].s.ptr, *end = at + args[0].s.len;
    int64_t bound = UINT32_MAX, from, to;
    int64_t start = args[1].i;
    int64_t length = call->node->count == 3 ? args[2].i : bound;

    if (start > bound || start < -bound || length > bound || length < -bound)
        return fb_fail(
            call->err, FB_E_INPUT, "substr cannot count to %lld",
            (long long)(start > bound || start < -bound ? start : length));
    substr_range(start, length, (int64_t)count_characters(&args[0].s), &from,
                 &to);
    if (from >= to) {
        out->s = (struct span){at, 0};
        return KERNEL_OK;
    }
    at = skip(at, end, from - 1);
    out->s = (struct span){at, (size_t)(skip(at, end, to - from) - at)};
    return KERNEL_OK;
}

static const unsigned char *
find(const struct span *text, const unsigned char *from,
     const struct span *what)
{
    size_t left = (size_t)(text->ptr + text->len - from);

    if (what->len == 0)
        return from;
    return left == 0 ? NULL : memmem(from, left, what->ptr, what->len);
}

/* The size of the result, and with `to` the result itself. */
static size_t
replace_all(const union datum *args, unsigned char *to)
{
    const unsigned char *at = args[0].s.ptr, *hit;
    const unsigned char *end = at + args[0].s.len;
    size_t used = 0;

    while ((hit = find(&args[0].s, at, &args[1].s)) != NULL) {
        if (to != NULL) {
            memcpy(to + used, at, (size_t)(hit - at));
            memcpy(to + used + (hit - at), args[2].s.ptr, args[2].s.len);
        }
        used += (size_t)(hit - at) + args[2].s.len;
        at = hit + args[1].s.len;
    }
    if (to != NULL)
        memcpy(to + used, at, (size_t)(end - at));
    return used + (size_t)(end - at);
}

int
fn_replace(struct call *call, const union datum *args, union datum *out)
{
    *out = args[0];
    if (args[1].s.len == 0 || args[0].s.len == 0)
        return KERNEL_OK;
    size_t size = replace_all(args, NULL);
    unsigned char *text = eval_alloc(call, size);

    if (text == NULL)
        return KERNEL_FAILED;
    replace_all(args, text);
    out->s = (struct span){text, size};
    return KERNEL_OK;
}

int
fn_starts_with(struct call *call, const union datum *args, union datum *out)
{
    const struct span *text = &args[0].s, *prefix = &args[1].s;

    (void)call;
    out->b =
        text->len >= prefix->len &&
        (prefix->len == 0 || memcmp(text->ptr, prefix->ptr, prefix->len) == 0);
    return KERNEL_OK;
}

int
fn_strpos(struct call *call, const union datum *args, union datum *out)
{
    const struct span *text = &args[0].s;
    const unsigned char *hit = find(text, text->ptr, &args[1].s);
    struct span before = {text->ptr, 0};

    (void)call;
    out->i = 0;
    if (hit == NULL)
        return KERNEL_OK;
    before.len = (size_t)(hit - text->ptr);
    out->i = (int64_t)count_characters(&before) + 1;
    return KERNEL_OK;
}
