/*
 * codec/charset.h: text in any charset that iconv knows, to UTF-8 and back.
 * iconv is the authority: nothing here has an opinion about a code.
 */
#ifndef CODEC_CHARSET_H
#define CODEC_CHARSET_H

#include "codec/format.h"
#include "util/arena.h"
#include "util/buf.h"

/* Facts about a charset, found by asking iconv. */
struct charset {
    const char *name; /* for iconv; lives as long as the text given to
                         charset_find.  Never "UTF-16" or "UTF-32": these
                         become the little-endian form, which a byte order
                         mark may correct (charset_use_bom) */
    bool is_utf8;
    bool bom_decides;    /* was "UTF-16" or "UTF-32": written with a mark */
    size_t newline_size; /* bytes of "\n": 1, 2, 4 */
    unsigned char newline[4], carriage_return[4];
    bool stateless;   /* every byte below 0x80 is a character of its own,
                         wherever a character may begin: none shifts,
                         escapes or waits (ISO-2022-JP, UTF-16: no) */
    bool ascii_plain; /* ASCII bytes alone are their own UTF-8 (CP932: yes;
                         UTF-16, ISO-2022-JP and glibc's SHIFT_JIS: no) */
};

/* FB_E_CONFIG with the nearest name when iconv does not know it. */
int charset_find(const char *name, struct charset *charset,
                 struct fb_error *err) FB_MUST_CHECK;

/*
 * Whether a byte below 0x80 always means that ASCII character and is never
 * part of a longer one, so that bytes can be searched for it and cut at it
 * before they are decoded.  UTF-8: all; CP932: those below 0x30 and some
 * more; UTF-16, ISO-2022-JP: none.  Asks iconv (some microseconds).
 */
bool charset_stands_alone(const struct charset *charset, unsigned char byte);

/* Whether ASCII bytes are never part of a longer character (CP932: they may
 * be; its line ends are safe).  Asks iconv, for up to some milliseconds. */
bool charset_ascii_structural(const struct charset *charset);

/* The byte order mark that the bytes begin with: its length, and the charset
 * it announces ("UTF-8", "UTF-16LE", ...); 0 when there is none. */
size_t charset_bom(const unsigned char *bytes, size_t size,
                   const char **announces);

/*
 * Take the byte order mark that an input begins with into account: *length is
 * what to skip.  FB_E_INPUT when the mark contradicts the charset, naming
 * both; charset->name may become a literal.
 */
int charset_use_bom(struct charset *charset, const unsigned char *bytes,
                    size_t size, size_t *length,
                    struct fb_error *err) FB_MUST_CHECK;

/* Whether two names mean one charset, as far as the common aliases tell. */
bool charset_same(const char *a, const char *b);

/* Bytes that do not decode. */
struct charset_bad {
    size_t offset; /* in the input given */
    size_t length; /* bytes that are no character */
    unsigned char bytes[8];
};

struct decoder; /* an iconv descriptor towards UTF-8 */

int decoder_open(const struct charset *charset, struct decoder **decoder,
                 struct fb_error *err) FB_MUST_CHECK;
void decoder_close(struct decoder *decoder);

/*
 * Decode a piece that ends at a character boundary (a whole line, or the end
 * of the input), appending to `out`.  Undecodable bytes become U+FFFD one
 * unit at a time and the first is described in *bad (bad->length 0: none);
 * returns -1 only for FB_E_LIMIT.
 */
int decoder_feed(struct decoder *decoder, const unsigned char *bytes,
                 size_t size, struct buf *out, struct charset_bad *bad,
                 struct fb_error *err) FB_MUST_CHECK;

struct encoder;

int encoder_open(const struct charset *charset, struct encoder **encoder,
                 struct fb_error *err) FB_MUST_CHECK;
void encoder_close(struct encoder *encoder);

/*
 * Encode UTF-8 text, appending to `out`.  A character that the charset lacks:
 * with `replace` it becomes '?', else FB_E_INPUT naming the character
 * (U+XXXX) with *where its offset in the text.
 */
int encoder_feed(struct encoder *encoder, const unsigned char *text,
                 size_t size, bool replace, struct buf *out, size_t *where,
                 struct fb_error *err) FB_MUST_CHECK;

/* Why bytes may be bad: "looks like UTF-8 (declared cp932)", ...  Looks at
 * the surrounding bytes; a literal, or NULL when nothing is likely. */
const char *charset_likely_cause(const struct charset *declared,
                                 const unsigned char *around, size_t size);

/*
 * The charset of a text whose first bytes these are (`whole`: all of them),
 * and why, in words; *why lives in the arena.  NULL when the bytes do not tell:
 * then *why says what was seen.  A guess for people, who look at it.
 */
const char *charset_guess(const unsigned char *bytes, size_t size, bool whole,
                          struct arena *arena, const char **why);

#endif
