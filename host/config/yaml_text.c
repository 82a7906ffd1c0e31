/*
 * config/yaml_text.c: plain or double quoted; no other style is needed.
 */
#include "config/yaml_text.h"

#include <stdbool.h>
#include <string.h>

#include "util/mem.h"
#include "util/text.h"

/* Whether a text may stand without quotes, also for a reader of YAML 1.1 to
 * whom `on` is a boolean. */
static bool
is_plain(const char *text)
{
    static const char *const taken[] = {"true", "false", "yes", "no", "on",
                                        "off",  "null",  "y",   "n",  "~"};
    bool number = true;

    for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
        if (text_equal_nocase(text, taken[i]))
            return false;
    }
    for (const char *p = text; *p != '\0'; p++) {
        bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
        bool digit = *p >= '0' && *p <= '9';

        number = number && (digit || strchr("+-.eE:_xo", *p) != NULL);
        if (!letter && !digit && strchr("_./-", *p) == NULL)
            return false;
    }
    return *text != '\0' && *text != '-' && *text != '.' && !number;
}

struct quoting {
    const unsigned char *from;
    char *to;
    bool doubled; /* dollars */
};

static void
put_byte(struct quoting *quoting, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";

    *quoting->to++ = '\\';
    *quoting->to++ = 'x';
    *quoting->to++ = hex[byte >> 4];
    *quoting->to++ = hex[byte & 15];
}

/* What is beyond ASCII and yet a line end or a control character to YAML. */
static bool
put_control(struct quoting *quoting)
{
    const unsigned char *p = quoting->from;

    if (p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F) {
        put_byte(quoting, p[1]);
        quoting->from += 2;
        return true;
    }
    if (p[0] == 0xE2 && p[1] == 0x80 && (p[2] == 0xA8 || p[2] == 0xA9)) {
        *quoting->to++ = '\\';
        *quoting->to++ = p[2] == 0xA8 ? 'L' : 'P';
        quoting->from += 3;
        return true;
    }
    return false;
}

static void
put_character(struct quoting *quoting)
{
    unsigned char c = *quoting->from++;

    if (c == '\n' || c == '\t') {
        *quoting->to++ = '\\';
        c = c == '\n' ? 'n' : 't';
    } else if (c < 0x20 || c == 0x7F) {
        put_byte(quoting, c);
        return;
    } else if (c == '"' || c == '\\')
        *quoting->to++ = '\\';
    else if (c == '$' && quoting->doubled)
        *quoting->to++ = '$';
    *quoting->to++ = (char)c;
}

static const char *
make(struct arena *arena, const char *text, bool doubled)
{
    struct quoting quoting = {(const unsigned char *)text, NULL, doubled};
    char *quoted;

    if (is_plain(text))
        return text;
    quoting.to = quoted = arena_array(arena, strlen(text) + 1, 4);
    *quoting.to++ = '"';
    while (*quoting.from != '\0')
        if (!put_control(&quoting))
            put_character(&quoting);
    *quoting.to++ = '"';
    *quoting.to = '\0';
    return quoted;
}

const char *
yaml_text(struct arena *arena, const char *text)
{
    return make(arena, text, false);
}

const char *
yaml_text_kept(struct arena *arena, const char *text)
{
    return make(arena, text, true);
}
