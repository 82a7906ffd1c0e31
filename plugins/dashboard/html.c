#include "html.h"

#include <utf8proc.h>

enum { PICTURES = 0x2400, PICTURE_OF_DELETE = 0x2421, REPLACEMENT = 0xfffd };

/* The next character and its bytes; a byte that is none gives -1. */
static size_t
next_character(const unsigned char *text, size_t len, utf8proc_int32_t *c)
{
    utf8proc_ssize_t size = utf8proc_iterate(text, (utf8proc_ssize_t)len, c);

    return size > 0 ? (size_t)size : 1;
}

/* https://infra.spec.whatwg.org/#noncharacter */
static bool
is_noncharacter(utf8proc_int32_t c)
{
    return (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

/* What is shown for a character. */
static utf8proc_int32_t
sign_of(utf8proc_int32_t c)
{
    if (c < 0 || (c >= 0x80 && c < 0xa0) || is_noncharacter(c))
        return REPLACEMENT;
    if (c == 0x7f)
        return PICTURE_OF_DELETE;
    return c < ' ' && c != '\t' && c != '\n' ? PICTURES + c : c;
}

static void
put_character(FILE *page, utf8proc_int32_t c)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t size;

    switch (c) {
    case '&':
        fputs("&amp;", page);
        return;
    case '<':
        fputs("&lt;", page);
        return;
    case '>':
        fputs("&gt;", page);
        return;
    case '"':
        fputs("&quot;", page);
        return;
    default:
        break;
    }
    size = utf8proc_encode_char(c, bytes);
    fwrite(bytes, 1, (size_t)size, page);
}

void
html_text(FILE *page, const unsigned char *text, size_t len)
{
    utf8proc_int32_t c;

    for (size_t i = 0; i < len;) {
        i += next_character(text + i, len - i, &c);
        put_character(page, sign_of(c));
    }
}

void
html_string(FILE *page, const char *text)
{
    html_text(page, (const unsigned char *)text, strlen(text));
}

bool
html_is_exact(const unsigned char *text, size_t len)
{
    utf8proc_int32_t c;

    for (size_t i = 0; i < len;) {
        i += next_character(text + i, len - i, &c);
        if (sign_of(c) != c)
            return false;
    }
    return true;
}

static void
put_raw(FILE *page, utf8proc_int32_t c)
{
    if (c == '"' || c == '\\')
        fputc('\\', page);
    if (c >= 0x10000 && sign_of(c) != c)
        fprintf(page, "\\u%04x\\u%04x",
                (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
                (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
    else if (c < ' ' || sign_of(c) != c)
        fprintf(page, "\\u%04x", (unsigned)(c < 0 ? REPLACEMENT : c));
    else
        put_character(page, c);
}

void
html_raw(FILE *page, const unsigned char *text, size_t len)
{
    utf8proc_int32_t c;

    for (size_t i = 0; i < len;) {
        i += next_character(text + i, len - i, &c);
        put_raw(page, c);
    }
}

static unsigned
width_of(utf8proc_int32_t c)
{
    int width = utf8proc_charwidth(c);

    return width > 0 ? (unsigned)width : 0;
}

/* Bytes of the longest beginning that is at most `width` columns wide and
 * parts no character from its marks. */
static size_t
beginning(const unsigned char *text, size_t len, unsigned width)
{
    utf8proc_int32_t c, before = 0, state = 0;
    unsigned used = 0;
    size_t whole = 0;

    for (size_t i = 0; i < len;) {
        size_t size = next_character(text + i, len - i, &c);

        if (i == 0 || utf8proc_grapheme_break_stateful(before, c, &state))
            whole = i;
        used += width_of(sign_of(c));
        if (used > width)
            return whole;
        before = c;
        i += size;
    }
    return len;
}

/* Where the longest end begins that is at most `width` columns wide and parts
 * no character from its marks. */
static size_t
ending(const unsigned char *text, size_t len, unsigned width)
{
    utf8proc_int32_t c, before = 0, state = 0;
    size_t left = 0;

    for (size_t i = 0; i < len;) {
        i += next_character(text + i, len - i, &c);
        left += width_of(sign_of(c));
    }
    for (size_t i = 0; i < len;) {
        size_t size = next_character(text + i, len - i, &c);
        bool whole =
            i == 0 || utf8proc_grapheme_break_stateful(before, c, &state);

        if (whole && left <= width)
            return i;
        left -= width_of(sign_of(c));
        before = c;
        i += size;
    }
    return len;
}

static void
put_label(FILE *page, const unsigned char *text, size_t len)
{
    utf8proc_int32_t c;

    for (size_t i = 0; i < len;) {
        i += next_character(text + i, len - i, &c);
        put_character(page, c == '\n' || c == '\t' ? ' ' : sign_of(c));
    }
}

/* What tells names apart often stands at their end. */
void
html_label(FILE *page, const unsigned char *text, size_t len, unsigned width)
{
    unsigned tail = (width - 1) / 3;
    size_t end;

    if (beginning(text, len, width) == len) {
        put_label(page, text, len);
        return;
    }
    end = ending(text, len, tail);
    put_label(page, text, beginning(text, len, width - 1 - tail));
    fputs("\xe2\x80\xa6", page); /* an ellipsis */
    put_label(page, text + end, len - end);
}
