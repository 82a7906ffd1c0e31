/*
 * util/text.c: comparing, folding, escaping and reading small texts.  What
 * converts whole files between charsets is codec/, not this.
 */
#include "util/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "util/mem.h"
#include "util/utf8.h"

#define NEAREST_MAX 256 /* code points of a word that are looked at */
#define LONG_TEXT 64    /* bytes; for fewer a kernel has no work */

static unsigned char
lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + ('a' - 'A')) : c;
}

bool
text_equal_nocase(const char *a, const char *b)
{
    while (*a != '\0' && lower((unsigned char)*a) == lower((unsigned char)*b))
        a++, b++;
    return *a == *b;
}

bool
text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), end = strlen(suffix);

    return length >= end && memcmp(text + length - end, suffix, end) == 0;
}

/*
 * The length of the well-formed sequence at p and its code point, or 0.
 * RFC 3629, section 4: the second byte alone keeps out overlong forms,
 * surrogates and what lies beyond U+10FFFF.
 */
static size_t
utf8_decode(const unsigned char *p, size_t size, uint32_t *point)
{
    unsigned char low = 0x80, high = 0xBF;
    size_t length;

    if (size == 0)
        return 0;
    if (p[0] < 0x80) {
        *point = p[0];
        return 1;
    }
    if (p[0] < 0xC2 || p[0] > 0xF4)
        return 0;
    length = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    if (size < length)
        return 0;
    if (p[0] == 0xE0)
        low = 0xA0;
    else if (p[0] == 0xED)
        high = 0x9F;
    else if (p[0] == 0xF0)
        low = 0x90;
    else if (p[0] == 0xF4)
        high = 0x8F;
    if (p[1] < low || p[1] > high)
        return 0;
    *point = p[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        *point = *point << 6 | (p[i] & 0x3F);
    }
    return length;
}

/* As above, but a byte that is no UTF-8 is a "character" of its own. */
static size_t
next_point(const unsigned char *p, size_t size, uint32_t *point)
{
    size_t length = utf8_decode(p, size, point);

    assert(size > 0);
    if (length > 0)
        return length;
    *point = 0x110000u + p[0];
    return 1;
}

bool
text_is_utf8(const unsigned char *bytes, size_t size, size_t *bad)
{
    const uint64_t high_bits = UINT64_C(0x8080808080808080);
    uint32_t point;
    uint64_t eight;
    size_t at = size < LONG_TEXT ? 0 : utf8_prefix(bytes, size);

    while (at < size) {
        size_t length;

        if (size - at >= sizeof(eight)) {
            memcpy(&eight, bytes + at, sizeof(eight));
            if ((eight & high_bits) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        length = utf8_decode(bytes + at, size - at, &point);
        if (length == 0) {
            if (bad != NULL)
                *bad = at;
            return false;
        }
        at += length;
    }
    return true;
}

/* --- the nearest word --- */

struct word {
    uint32_t points[NEAREST_MAX];
    size_t count;
};

static void
word_init(struct word *word, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t left = strlen(text);

    word->count = 0;
    while (left > 0 && word->count < NEAREST_MAX) {
        uint32_t point;
        size_t length = next_point(p, left, &point);

        if (point < 0x80)
            point = lower((unsigned char)point);
        word->points[word->count++] = point;
        p += length;
        left -= length;
    }
}

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Neighbours that changed places count once, and are not edited again
 * ("optimal string alignment"): that needs three rows and no table. */
static size_t
distance(const struct word *a, const struct word *b)
{
    size_t rows[3][NEAREST_MAX + 1] = {{0}};
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b->count; j++)
        above[j] = j;
    for (size_t i = 1; i <= a->count; i++) {
        size_t *recycled = before;

        row[0] = i;
        for (size_t j = 1; j <= b->count; j++) {
            bool same = a->points[i - 1] == b->points[j - 1];

            row[j] = least(above[j - 1] + (same ? 0 : 1),
                           least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a->points[i - 1] == b->points[j - 2] &&
                a->points[i - 2] == b->points[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        before = above;
        above = row;
        row = recycled;
    }
    return above[b->count];
}

const char *
text_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    struct word wanted, other;
    size_t best;

    word_init(&wanted, word);
    best = wanted.count / 3 + 2; /* one more than what is near enough */
    for (size_t i = 0; i < count; i++) {
        size_t edits;

        word_init(&other, candidates[i]);
        edits = distance(&wanted, &other);
        /* Replacing every character is no misspelling. */
        if (edits >= best || edits >= wanted.count + (edits == 0))
            continue;
        best = edits;
        nearest = candidates[i];
    }
    return nearest;
}

/* --- folding and escaping --- */

static bool
is_space(utf8proc_int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);

    return (point >= '\t' && point <= '\r') || point == 0x85 ||
           category == UTF8PROC_CATEGORY_ZS ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* In place; every run of white space becomes one space, the outer ones go. */
static void
squeeze(unsigned char *text, size_t size)
{
    size_t used = 0;
    bool gap = false;

    for (size_t at = 0; at < size;) {
        uint32_t point;
        size_t length = next_point(text + at, size - at, &point);

        if (is_space((utf8proc_int32_t)point)) {
            gap = used > 0;
        } else {
            if (gap)
                text[used++] = ' ';
            gap = false;
            memmove(text + used, text + at, length);
            used += length;
        }
        at += length;
    }
    text[used] = '\0';
}

char *
text_fold_name(struct arena *arena, const char *text, size_t length)
{
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT |
                                      UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
    AUTO_FREE utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t size;

    if (!text_is_utf8((const unsigned char *)text, length, NULL))
        return arena_dup_nul(arena, text, length);
    size = utf8proc_map((const utf8proc_uint8_t *)text,
                        (utf8proc_ssize_t)length, &folded, options);
    if (size < 0)
        return arena_dup_nul(arena, text, length);
    squeeze(folded, (size_t)size);
    return arena_strdup(arena, (const char *)folded);
}

/* What a terminal would obey or not show: controls (also the C1 ones, for
 * U+009B begins an escape sequence), line ends, and invisible characters
 * that turn the direction of text. */
static bool
is_unsafe(uint32_t point)
{
    utf8proc_category_t category;

    if (point < 0x80)
        return point < 0x20 || point == 0x7F;
    category = utf8proc_category((utf8proc_int32_t)point);
    return category == UTF8PROC_CATEGORY_CC ||
           category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

#define PIECE_MAX 16 /* "\U000e0001" and the NUL */

/* The printable form of the character at p. */
static size_t
escape_one(const unsigned char *p, size_t length, uint32_t point,
           char piece[PIECE_MAX])
{
    static const char controls[] = "\a\b\t\n\v\f\r", names[] = "abtnvfr";
    const char *found;
    int used;

    if (point <= 0x10FFFF && !is_unsafe(point)) {
        memcpy(piece, p, length);
        return length;
    }
    found = point == 0 || point >= 0x80 ? NULL : strchr(controls, (int)point);
    if (found != NULL)
        used = snprintf(piece, PIECE_MAX, "\\%c", names[found - controls]);
    else if (length == 1)
        used = snprintf(piece, PIECE_MAX, "\\x%02x", p[0]);
    else if (point <= 0xFFFF)
        used = snprintf(piece, PIECE_MAX, "\\u%04" PRIx32, point);
    else
        used = snprintf(piece, PIECE_MAX, "\\U%08" PRIx32, point);
    assert(used > 0 && used < PIECE_MAX);
    return (size_t)used;
}

char *
text_escape(struct arena *arena, const void *bytes, size_t length, size_t max)
{
    static const char dots[] = "...";
    const unsigned char *p = bytes;
    size_t used = 0, fits = 0, room = max;
    char *text;

    assert(max >= sizeof(dots) - 1);
    if (length < max / 4) /* a byte becomes four at most */
        room = 4 * length;
    text = arena_alloc(arena, room + 1);
    for (size_t at = 0; at < length;) {
        char piece[PIECE_MAX];
        uint32_t point;
        size_t taken = next_point(p + at, length - at, &point);
        size_t size = escape_one(p + at, taken, point, piece);

        if (size > room - used) {
            memcpy(text + fits, dots, sizeof(dots) - 1);
            used = fits + sizeof(dots) - 1;
            break;
        }
        memcpy(text + used, piece, size);
        used += size;
        if (used + sizeof(dots) - 1 <= max)
            fits = used;
        at += taken;
    }
    text[used] = '\0';
    return text;
}

/* --- numbers --- */

size_t
text_width(const char *text)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text;
    size_t width = 0;

    while (*at != '\0') {
        utf8proc_int32_t c;
        utf8proc_ssize_t length = utf8proc_iterate(at, -1, &c);
        int columns = length > 0 ? utf8proc_charwidth(c) : 1;

        width += columns > 0 ? (size_t)columns : 0;
        at += length > 0 ? length : 1;
    }
    return width;
}

char *
text_grouped(struct arena *arena, uint64_t number)
{
    char digits[24], *grouped;
    int count = snprintf(digits, sizeof(digits), "%" PRIu64, number);
    char *out;

    assert(count > 0 && (size_t)count < sizeof(digits));
    grouped = out = arena_alloc(arena, 2 * sizeof(digits));
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return grouped;
}

char *
text_bytes(struct arena *arena, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB",
                                        "TiB", "PiB", "EiB"};
    double value = (double)bytes / 1024;
    size_t unit = 0;

    if (bytes < 1024)
        return arena_printf(arena, "%" PRIu64 " byte%s", bytes,
                            bytes == 1 ? "" : "s");
    /* 1023.95 would print as 1024.0 of the smaller unit. */
    for (; value >= 1023.95 && unit + 1 < ARRAY_SIZE(units); unit++)
        value /= 1024;
    return arena_printf(arena, "%.1f %s", value, units[unit]);
}

/* The digits at *text; false when there are none or they do not fit. */
static bool
read_digits(const char **text, int64_t *value)
{
    const char *p = *text;

    *value = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, *p - '0', value))
            return false;
    }
    if (p == *text)
        return false;
    *text = p;
    return true;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
text_percent_byte(const char *text, size_t length)
{
    int high, low;

    if (length < 3 || text[0] != '%')
        return -1;
    high = hex_digit(text[1]);
    low = hex_digit(text[2]);
    return high >= 0 && low >= 0 ? high * 16 + low : -1;
}

bool
text_to_int(const char *text, int64_t *value)
{
    bool negative = *text == '-';
    int64_t result = 0;

    if (*text == '-' || *text == '+')
        text++;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        int digit = *text - '0';

        /* Downwards for negative ones: INT64_MIN has no positive twin. */
        if (digit < 0 || digit > 9 ||
            __builtin_mul_overflow(result, 10, &result) ||
            __builtin_add_overflow(result, negative ? -digit : digit, &result))
            return false;
    }
    *value = result;
    return true;
}

bool
text_to_size(const char *text, int64_t *bytes)
{
    static const struct {
        const char *name;
        int64_t factor;
    } units[] = {
        {"", 1},
        {"B", 1},
        {"KiB", INT64_C(1) << 10},
        {"MiB", INT64_C(1) << 20},
        {"GiB", INT64_C(1) << 30},
        {"TiB", INT64_C(1) << 40},
        {"KB", 1000},
        {"MB", INT64_C(1000) * 1000},
        {"GB", INT64_C(1000) * 1000 * 1000},
        {"TB", INT64_C(1000) * 1000 * 1000 * 1000},
    };
    int64_t count;

    if (!read_digits(&text, &count))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (text_equal_nocase(text, units[i].name))
            return !__builtin_mul_overflow(count, units[i].factor, bytes);
    }
    return false;
}

bool
text_to_duration(const char *text, int64_t *milliseconds)
{
    /* From large to small: a sum names each unit once and in this order. */
    static const struct {
        const char *name;
        int64_t factor;
    } units[] = {
        {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
    };
    int64_t total = 0;
    size_t unit = 0;

    do {
        const char *name;
        size_t length;
        int64_t count;

        if (!read_digits(&text, &count))
            return false;
        name = text;
        length = strcspn(text, "0123456789");
        while (unit < ARRAY_SIZE(units) &&
               (strlen(units[unit].name) != length ||
                strncmp(name, units[unit].name, length) != 0))
            unit++;
        if (unit == ARRAY_SIZE(units) ||
            __builtin_mul_overflow(count, units[unit++].factor, &count) ||
            __builtin_add_overflow(total, count, &total))
            return false;
        text += length;
    } while (*text != '\0');
    *milliseconds = total;
    return true;
}

/* --- shell patterns --- */

static const char *
skip_char(const char *text)
{
    uint32_t point;

    return text + next_point((const unsigned char *)text, strlen(text), &point);
}

static uint32_t
char_at(const char *text)
{
    uint32_t point = 0;

    (void)next_point((const unsigned char *)text, strlen(text), &point);
    return point;
}

/* One member of a [set]; moves past it. */
static uint32_t
set_member(const char **pattern)
{
    const char *p = *pattern;
    uint32_t point;

    if (p[0] == '\\' && p[1] != '\0')
        p++;
    point = char_at(p);
    *pattern = skip_char(p);
    return point;
}

/* Match one character against the [set] at `pattern`.  NULL when the set has
 * no end: then the bracket is an ordinary character. */
static const char *
match_set(const char *pattern, uint32_t point, bool *matches)
{
    const char *p = pattern + 1;
    bool negated = *p == '!', found = false;

    if (negated)
        p++;
    for (const char *first = p; p == first || *p != ']';) {
        uint32_t low, high;

        if (*p == '\0')
            return NULL;
        low = high = set_member(&p);
        if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
            p++;
            high = set_member(&p);
        }
        found = found || (point >= low && point <= high);
    }
    *matches = found != negated && point != '/';
    return p + 1;
}

/* The pattern behind the one character that `name` matches, or NULL. */
static const char *
match_one(const char *pattern, const char *name)
{
    const char *behind;
    bool matches;

    if (*pattern == '\0' || *name == '\0')
        return NULL;
    if (*pattern == '?')
        return *name != '/' ? pattern + 1 : NULL;
    if (*pattern == '[') {
        behind = match_set(pattern, char_at(name), &matches);
        if (behind != NULL)
            return matches ? behind : NULL;
    }
    if (*pattern == '\\' && pattern[1] != '\0')
        pattern++;
    return char_at(pattern) == char_at(name) ? skip_char(pattern) : NULL;
}

/* Where to go on when the rest does not match: the pattern behind a star,
 * and the first character of the name that the star has not taken yet. */
struct retry {
    const char *pattern, *name;
    bool folders; /* stands for whole folders, none among them */
};

static bool
retry_next(struct retry *retry, bool across)
{
    if (retry->pattern == NULL || *retry->name == '\0')
        return false;
    if (retry->folders) {
        const char *slash = strchr(retry->name, '/');

        if (slash == NULL)
            return false;
        retry->name = slash + 1;
        return true;
    }
    if (!across && *retry->name == '/')
        return false;
    retry->name = skip_char(retry->name);
    return true;
}

/* The last star of each kind is enough: what an earlier one could take more,
 * the later one can take as well.  So no pattern takes exponential time. */
bool
text_glob(const char *pattern, const char *name)
{
    const char *start = pattern, *behind;
    struct retry star = {0}, stars = {0};

    while (*name != '\0' || *pattern != '\0') {
        if (pattern[0] == '*' && pattern[1] == '*') {
            bool leads = pattern == start || pattern[-1] == '/';

            stars = (struct retry){pattern + 2, name, false};
            if (leads && pattern[2] == '/')
                stars = (struct retry){pattern + 3, name, true};
            star.pattern = NULL;
            pattern = stars.pattern;
        } else if (*pattern == '*') {
            star = (struct retry){++pattern, name, false};
        } else if ((behind = match_one(pattern, name)) != NULL) {
            pattern = behind;
            name = skip_char(name);
        } else if (retry_next(&star, false)) {
            pattern = star.pattern;
            name = star.name;
        } else if (retry_next(&stars, true)) {
            star.pattern = NULL;
            pattern = stars.pattern;
            name = stars.name;
        } else {
            return false;
        }
    }
    return true;
}

bool
text_has_glob(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\' && text[1] != '\0')
            text++;
        else if (strchr("*?[", *text) != NULL)
            return true;
    }
    return false;
}
