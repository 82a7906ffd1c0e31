/*
 * codec/format.h: how bytes and records relate: the options that every byte
 * source and byte sink has, as option tables.
 */
#ifndef CODEC_FORMAT_H
#define CODEC_FORMAT_H

#include "forebay/plugin.h"

enum bad_char { BAD_CHAR_FAIL = 1, BAD_CHAR_REJECT_ROW, BAD_CHAR_REPLACE };
enum compression {
    COMPRESSION_AUTO = 1, /* reading: by magic; writing: by the name's end */
    COMPRESSION_NONE,
    COMPRESSION_GZIP,
    COMPRESSION_ZSTD,
};
enum header_mode {
    HEADER_REQUIRED = 1,
    HEADER_NONE, /* columns are the schema's, or column_1, column_2, ... */
};

/* Names of the Frictionless CSV dialect; NULL or 0: the format's default.
 * https://specs.frictionlessdata.io/csv-dialect/ */
struct dialect {
    const char *delimiter;       /* one ASCII character; "," (tsv: tab) */
    const char *quote_char;      /* one ASCII character; '"'; "" for none */
    bool double_quote;           /* "" inside quotes is a quote; true */
    const char *escape_char;     /* one ASCII character; NULL: none */
    const char *line_terminator; /* ASCII; writing: default: as read, else
                                    "\n"; reading: see format_terminator */
    bool skip_initial_space;
    const char *null_sequence; /* a text that means a missing value */
    const char *comment_char;  /* lines beginning with it are skipped */
};

struct format {
    const char *format; /* "csv", "tsv", or one that a plugin knows */
    int on_bad_char;    /* enum bad_char */
    int compression;    /* enum compression */
    int header;         /* enum header_mode */
    const char *charset;
    struct dialect dialect;
};

/* Tables over struct format and struct dialect. */
extern const struct fb_option format_options[];
extern const struct fb_option dialect_options[];

/*
 * Whether these options make sense together: delimiter and quote are single
 * and distinct, the charset is one that iconv knows, ...  *option names the
 * one at fault ("delimiter").
 */
int format_check(const struct format *format, const char **option,
                 struct fb_error *err) FB_MUST_CHECK;

/* Whether it is text that this room reads and writes: csv or tsv. */
bool format_is_text(const struct format *format);

/* All defaults: what an empty mapping gives. */
void format_init(struct format *format);

/* The effective ASCII characters; 0: none. */
unsigned char format_delimiter(const struct format *format);
unsigned char format_quote(const struct format *format);
unsigned char format_escape(const struct format *format);
unsigned char format_comment(const struct format *format);

/* As the option names it: "auto", "none", "gzip", "zstd". */
const char *format_compression(const struct format *format);

/* For reading: the text that alone ends a record; NULL: any line end. */
const char *format_terminator(const struct format *format);

#endif
