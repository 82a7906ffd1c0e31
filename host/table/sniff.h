/*
 * table/sniff.h: the delimiter and the header of a text, guessed by its first
 * bytes, which are read as the reader would.  Knows no objects.
 */
#ifndef TABLE_SNIFF_H
#define TABLE_SNIFF_H

#include "codec/format.h"
#include "util/arena.h"

/* The first bytes of a text: not compressed, in format->charset. */
struct sniff_text {
    const unsigned char *bytes;
    size_t size;
    bool whole; /* all of the text */
    struct arena *arena;
};

/* Fill in the delimiter that cuts the records into cells most evenly; the
 * reason lives in the arena. */
const char *sniff_delimiter(const struct sniff_text *text,
                            struct format *format);

/* Whether the first record names the columns; the reason likewise. */
const char *sniff_header(const struct sniff_text *text, struct format *format);

#endif
