#include "plain.h"

#include <string.h>

#define TIMES_MAX 65535 /* as in PCRE2 */

/* Bit c % 64 of word c / 64: the set holds c, which is below 128. */
struct set {
    uint64_t words[2];
};

static void
set_add_range(struct set *set, unsigned from, unsigned to)
{
    for (unsigned c = from; c <= to; c++)
        set->words[c / 64] |= UINT64_C(1) << (c % 64);
}

static void
set_add(struct set *set, const struct set *more)
{
    set->words[0] |= more->words[0];
    set->words[1] |= more->words[1];
}

static void
set_invert(struct set *set)
{
    set->words[0] = ~set->words[0];
    set->words[1] = ~set->words[1];
}

static bool
is_ascii_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_ascii_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Behind a backslash: a class, or a character that is no letter or digit and
 * so means itself.  All others are left to PCRE2. */
static bool
take_escape(const char **at, struct set *set, bool *is_class)
{
    char c = *(*at)++;

    *is_class = true;
    if (c == 'd' || c == 'D' || c == 'w' || c == 'W')
        set_add_range(set, '0', '9');
    if (c == 'w' || c == 'W') {
        set_add_range(set, 'A', 'Z');
        set_add_range(set, 'a', 'z');
        set_add_range(set, '_', '_');
    }
    if (c == 's' || c == 'S') {
        set_add_range(set, '\t', '\r');
        set_add_range(set, ' ', ' ');
    }
    if (c == 'D' || c == 'W' || c == 'S')
        set_invert(set);
    if (strchr("dDwWsS", c) != NULL)
        return c != '\0';
    *is_class = false;
    if (c < ' ' || c > '~' || is_ascii_letter(c) || is_ascii_digit(c))
        return false;
    set_add_range(set, (unsigned)c, (unsigned)c);
    return true;
}

/* One character of a class, or a class within it. */
static bool
take_member(const char **at, struct set *set, bool *is_class)
{
    char c = *(*at)++;

    *is_class = false;
    if (c == '\\')
        return take_escape(at, set, is_class);
    if (c == '[' || c < ' ' || c > '~')
        return false;
    set_add_range(set, (unsigned)c, (unsigned)c);
    return true;
}

static unsigned
only_member(const struct set *set)
{
    return set->words[0] != 0 ? (unsigned)__builtin_ctzll(set->words[0])
                              : 64 + (unsigned)__builtin_ctzll(set->words[1]);
}

/* Behind the opening bracket, up to and with the closing one. */
static bool
take_class(const char **at, struct set *set)
{
    bool inverted = **at == '^', is_class;

    *at += inverted;
    do { /* a closing bracket in the first place means itself */
        struct set from = {0}, to = {0};

        if (!take_member(at, &from, &is_class))
            return false;
        set_add(set, &from);
        if (**at != '-' || (*at)[1] == ']')
            continue;
        ++*at;
        if (is_class || !take_member(at, &to, &is_class) || is_class)
            return false;
        set_add_range(set, only_member(&from), only_member(&to));
    } while (**at != ']');
    ++*at;
    if (inverted)
        set_invert(set);
    return true;
}

static bool
take_set(const char **at, struct set *set)
{
    char c = *(*at)++;
    bool is_class;

    if (c == '[')
        return take_class(at, set);
    if (c == '\\')
        return take_escape(at, set, &is_class);
    if (c < ' ' || c > '~' || strchr("^$.|()?*+{}]", c) != NULL)
        return false;
    set_add_range(set, (unsigned)c, (unsigned)c);
    return true;
}

static bool
take_number(const char **at, uint32_t *number)
{
    *number = 0;
    if (!is_ascii_digit(**at))
        return false;
    for (; is_ascii_digit(**at) && *number <= TIMES_MAX; ++*at)
        *number = *number * 10 + (uint32_t)(**at - '0');
    return *number <= TIMES_MAX;
}

/* {4}, {4,} or {4,6}, behind the opening brace. */
static bool
take_braces(const char **at, struct plain_item *item)
{
    if (!take_number(at, &item->min))
        return false;
    item->max = item->min;
    if (**at == ',') {
        ++*at;
        if (**at == '}')
            item->max = UINT32_MAX;
        else if (!take_number(at, &item->max))
            return false;
    }
    return *(*at)++ == '}' && item->min <= item->max;
}

static bool
take_times(const char **at, struct plain_item *item)
{
    char c = **at;

    *item = (struct plain_item){.min = 1, .max = 1};
    if (c == '\0' || strchr("?*+{", c) == NULL)
        return true;
    ++*at;
    if (c == '{') {
        if (!take_braces(at, item))
            return false;
    } else {
        item->min = c == '+';
        item->max = c == '?' ? 1 : UINT32_MAX;
    }
    /* Lazy and possessive ones are left to PCRE2. */
    return **at == '\0' || strchr("?*+{", **at) == NULL;
}

static bool
take_item(struct plain *plain, const char **at)
{
    struct set set = {0};
    size_t i = plain->count;

    if (i == PLAIN_ITEMS_MAX || !take_set(at, &set) ||
        !take_times(at, &plain->items[i]))
        return false;
    for (unsigned c = 0; c < 128; c++)
        if (set.words[c / 64] >> (c % 64) & 1)
            plain->sets[c] |= (uint16_t)(1U << i);
    plain->count++;
    return true;
}

/* Whole cells match, so ^ and $ say nothing new where they stand outside. */
void
plain_compile(struct plain *plain, const char *pattern)
{
    const char *at = pattern + (*pattern == '^');

    memset(plain, 0, sizeof(*plain));
    while (*at != '\0' && strcmp(at, "$") != 0)
        if (!take_item(plain, &at)) {
            plain->count = 0;
            return;
        }
}

bool
plain_matches(const struct plain *plain, const unsigned char *text,
              size_t length)
{
    const unsigned char *at = text, *end = text + length;
    unsigned bit = 1;

    for (size_t i = 0; i < plain->count; i++, bit <<= 1) {
        const struct plain_item *item = &plain->items[i];
        const unsigned char *begin = at, *most = end;

        if ((size_t)(end - at) > item->max)
            most = at + item->max;
        while (at < most && (plain->sets[*at] & bit))
            at++;
        if ((size_t)(at - begin) < item->min)
            return false;
    }
    return at == end && plain->count > 0;
}
