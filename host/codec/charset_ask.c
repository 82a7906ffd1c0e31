/*
 * codec/charset_ask.c: questions to iconv about single bytes; part of
 * charset.h.
 */
#include "codec/charset_parts.h"

#include <assert.h>
#include <errno.h>

#include "util/mem.h"

#define CHARACTER_MAX 4 /* bytes; GB18030, EUC-TW */

struct answer
charset_ask(iconv_t cd, const unsigned char *bytes, size_t size)
{
    struct answer answer = {.why = 0};
    char *in = (char *)(uintptr_t)bytes; /* iconv does not write there */
    char *to = (char *)answer.out;
    size_t left = size, room = sizeof(answer.out);
    char held[16], *rest = held;
    size_t rest_room = sizeof(held);

    (void)iconv(cd, NULL, NULL, NULL, NULL);
    if (iconv(cd, &in, &left, &to, &room) == (size_t)-1)
        answer.why = errno;
    (void)iconv(cd, NULL, NULL, &rest, &rest_room);
    answer.held = rest_room < sizeof(held);
    answer.taken = size - left;
    answer.size = sizeof(answer.out) - room;
    return answer;
}

/*
 * Whether some character begins with these bytes and has `byte` among those
 * that follow; `has` when it stands there already.  What else may follow is
 * tried with one byte of each range that charsets give to the further bytes
 * of a character.
 */
static bool
can_take(iconv_t cd, unsigned char bytes[CHARACTER_MAX], size_t size,
         unsigned char byte, bool has)
{
    static const unsigned char further[] = {0x30, 0x81, 0xa1, 0xb0, 0xe0};
    struct answer answer = charset_ask(cd, bytes, size);

    assert(size > 0 && size <= CHARACTER_MAX);
    if (answer.why == 0)
        return has;
    if (answer.why != EINVAL)
        return false;
    if (size == CHARACTER_MAX)
        return has; /* longer than any we know: do not cut there */
    bytes[size] = byte;
    if (!has && can_take(cd, bytes, size + 1, byte, true))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(further); i++) {
        bytes[size] = further[i];
        if (can_take(cd, bytes, size + 1, byte, has))
            return true;
    }
    return false;
}

/* Whether a byte that is a character, or that iconv holds back because one
 * may combine with it, leaves the byte behind it as it is. */
static bool
leaves_alone(iconv_t cd, unsigned char first, unsigned char byte)
{
    unsigned char pair[2] = {first, byte};
    struct answer answer;

    if (charset_ask(cd, &first, 1).why != 0)
        return true;
    answer = charset_ask(cd, pair, 2);
    return answer.why == 0 && !answer.held && answer.size > 1 &&
           answer.out[answer.size - 1] == byte;
}

static bool
asks_alone(iconv_t cd, unsigned char byte)
{
    struct answer answer = charset_ask(cd, &byte, 1);

    if (byte >= 0x80 || answer.why != 0 || answer.held || answer.size != 1 ||
        answer.out[0] != byte)
        return false;
    for (unsigned first = 0x80; first <= 0xff; first++) {
        unsigned char bytes[CHARACTER_MAX] = {(unsigned char)first};

        if (!leaves_alone(cd, (unsigned char)first, byte) ||
            can_take(cd, bytes, 1, byte, false))
            return false;
    }
    return true;
}

bool
charset_stands_alone(const struct charset *charset, unsigned char byte)
{
    iconv_t cd;
    bool alone;

    if (charset->is_utf8 || !charset->stateless)
        return charset->is_utf8 && byte < 0x80;
    cd = iconv_open("UTF-8", charset->name);
    if (cd == (iconv_t)-1)
        return false;
    alone = asks_alone(cd, byte);
    iconv_close(cd);
    return alone;
}

/* Whether no high byte takes an ASCII byte along into one character. */
static bool
asks_structural(iconv_t cd)
{
    for (unsigned lead = 0x80; lead <= 0xff; lead++)
        for (unsigned trail = 0; trail < 0x80; trail++) {
            unsigned char pair[2] = {(unsigned char)lead, (unsigned char)trail};
            struct answer answer = charset_ask(cd, pair, 2);

            if (answer.why == 0 && answer.size > 0 &&
                answer.out[answer.size - 1] != trail)
                return false;
        }
    return true;
}

bool
charset_ascii_structural(const struct charset *charset)
{
    iconv_t cd;
    bool structural;

    if (charset->is_utf8 || charset->newline_size > 1)
        return true; /* in UTF-16 and its kin whole units are compared */
    cd = iconv_open("UTF-8", charset->name);
    if (cd == (iconv_t)-1)
        return false;
    structural = asks_structural(cd);
    iconv_close(cd);
    return structural;
}
