/*
 * aws/encode.c: see encode.h.  Bytes go in and out; no locale is asked what a
 * letter or a digit is.
 */
#include "aws/encode.h"

#include <assert.h>

static const char hex_upper[] = "0123456789ABCDEF";
static const char hex_lower[] = "0123456789abcdef";

static bool
is_unreserved(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void
aws_percent_encode(struct aws_buf *out, const char *text, size_t size,
                   bool keep_slash)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];

        if (is_unreserved(c) || (c == '/' && keep_slash)) {
            aws_buf_byte(out, c);
        } else {
            char code[3] = {'%', hex_upper[c >> 4], hex_upper[c & 15]};

            aws_buf_add(out, code, sizeof(code));
        }
    }
}

void
aws_form_encode(struct aws_buf *out, const struct aws_fields *form)
{
    for (size_t i = 0; i < form->count; i++) {
        const struct aws_field *item = &form->items[i];

        if (i > 0)
            aws_buf_byte(out, '&');
        aws_percent_encode(out, item->name, strlen(item->name), false);
        aws_buf_byte(out, '=');
        aws_percent_encode(out, item->value, strlen(item->value), false);
    }
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

int
aws_form_decode(struct aws_buf *out, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        int high, low;

        if (*p != '%') {
            aws_buf_byte(out, *p == '+' ? ' ' : (unsigned char)*p);
            continue;
        }
        high = hex_digit(p[1]);
        low = high < 0 ? -1 : hex_digit(p[2]);
        if (low < 0 || (high == 0 && low == 0))
            return -1;
        aws_buf_byte(out, (unsigned char)(high * 16 + low));
        p += 2;
    }
    return aws_buf_ok(out) ? 0 : -1;
}

void
aws_hex(char *out, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        *out++ = hex_lower[bytes[i] >> 4];
        *out++ = hex_lower[bytes[i] & 15];
    }
    *out = '\0';
}

static const char base64_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
aws_base64(char *out, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16;

        if (left > 1)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (left > 2)
            group |= bytes[i + 2];
        *out++ = base64_letters[group >> 18];
        *out++ = base64_letters[(group >> 12) & 63];
        *out++ = left > 1 ? base64_letters[(group >> 6) & 63] : '=';
        *out++ = left > 2 ? base64_letters[group & 63] : '=';
    }
    *out = '\0';
}

int
aws_base64_decode(const char *text, unsigned char *out, size_t max,
                  size_t *size)
{
    size_t length = strlen(text), padding = 0, done = 0;
    uint32_t group = 0;

    if (length % 4 != 0)
        return -1;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < length; i++) {
        const char *letter =
            i < length - padding ? strchr(base64_letters, text[i]) : NULL;

        if (i < length - padding && (letter == NULL || *letter == '\0'))
            return -1;
        group = group << 6 |
                (letter == NULL ? 0 : (uint32_t)(letter - base64_letters));
        if (i % 4 != 3)
            continue;
        for (int shift = 16; shift >= 0; shift -= 8) {
            if (i + 1 == length && (size_t)(16 - shift) / 8 >= 3 - padding)
                break;
            if (done >= max)
                return -1;
            out[done++] = (unsigned char)(group >> shift);
        }
        group = 0;
    }
    *size = done;
    return 0;
}

/* How many bytes a character has that begins with this one; 0: none does. */
static size_t
utf8_length(unsigned char c)
{
    if (c < 0x80)
        return c == 0 ? 0 : 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if ((c & 0xf0) == 0xe0)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

bool
aws_is_utf8(const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        unsigned char c = (unsigned char)text[i];
        size_t length = utf8_length(c);
        unsigned char second;

        if (length == 0 || length > size - i)
            return false;
        for (size_t k = 1; k < length; k++)
            if (((unsigned char)text[i + k] & 0xc0) != 0x80)
                return false;
        second = length > 1 ? (unsigned char)text[i + 1] : 0;
        /* Overlong forms, surrogates, beyond U+10FFFF. */
        if ((c == 0xe0 && second < 0xa0) || (c == 0xed && second > 0x9f) ||
            (c == 0xf0 && second < 0x90) || (c == 0xf4 && second > 0x8f))
            return false;
        i += length;
    }
    return true;
}
