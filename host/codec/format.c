/*
 * codec/format.c: the option tables and which options go together.
 */
#include "codec/format.h"

#include <string.h>

#include "codec/charset.h"
#include "util/error.h"
#include "util/mem.h"

#define TERMINATOR_MAX 8 /* bytes; what anybody uses has one or two */

static const char *const bad_char_choices[] = {"fail", "reject_row", "replace",
                                               NULL};
static const char *const compression_choices[] = {"auto", "none", "gzip",
                                                  "zstd", NULL};
static const char *const header_choices[] = {"required", "none", NULL};

const struct fb_option format_options[] = {
    {.name = "format",
     FB_STRING(struct format, format),
     .def = "csv",
     .help = "How records are written: csv, tsv (csv with tabs), or a format "
             "that a plugin knows, such as parquet."},
    {.name = "charset",
     FB_STRING(struct format, charset),
     .def = "utf-8",
     .help = "The charset of the bytes: utf-8, cp932, shift_jis, euc-jp, "
             "utf-16, or any other that iconv knows."},
    {.name = "compression",
     FB_ENUM(struct format, compression),
     .choices = compression_choices,
     .def = "auto",
     .help = "auto: reading, by the first bytes; writing, by the end of the "
             "name (.gz, .zst)."},
    {.name = "header",
     FB_ENUM(struct format, header),
     .choices = header_choices,
     .def = "required",
     .help = "Whether the first record names the columns; none: the schema's "
             "columns by position, else column_1, column_2, ..."},
    {.name = "on_bad_char",
     FB_ENUM(struct format, on_bad_char),
     .choices = bad_char_choices,
     .def = "fail",
     .help = "What becomes of bytes that are no character of the charset, or, "
             "writing, of characters that the charset lacks."},
    {.name = NULL},
};

const struct fb_option dialect_options[] = {
    {.name = "delimiter",
     FB_STRING(struct dialect, delimiter),
     .help = "One ASCII character between cells; csv: a comma, tsv: a tab."},
    {.name = "quoteChar",
     FB_STRING(struct dialect, quote_char),
     .help = "One ASCII character around cells, by default \"; empty: none."},
    {.name = "doubleQuote",
     FB_BOOL(struct dialect, double_quote),
     .def = "true",
     .help = "Whether two quotes inside a quoted cell are one quote."},
    {.name = "escapeChar",
     FB_STRING(struct dialect, escape_char),
     .help = "One ASCII character that takes the meaning from the next one."},
    {.name = "lineTerminator",
     FB_STRING(struct dialect, line_terminator),
     .help = "Reading: \\n, \\r and \\r\\n mean any of these, others "
             "themselves; writing: what ends every record (default: as "
             "read)."},
    {.name = "skipInitialSpace",
     FB_BOOL(struct dialect, skip_initial_space),
     .def = "false",
     .help = "Whether spaces behind a delimiter are no part of the cell."},
    {.name = "nullSequence",
     FB_STRING(struct dialect, null_sequence),
     .help = "A text that means a missing value, beside the schema's."},
    {.name = "commentChar",
     FB_STRING(struct dialect, comment_char),
     .help = "Lines that begin with this ASCII character are no records."},
    {.name = NULL},
};

void
format_init(struct format *format)
{
    *format = (struct format){
        .format = "csv",
        .on_bad_char = BAD_CHAR_FAIL,
        .compression = COMPRESSION_AUTO,
        .header = HEADER_REQUIRED,
        .charset = "utf-8",
        .dialect = {.double_quote = true},
    };
}

bool
format_is_text(const struct format *format)
{
    return strcmp(format->format, "csv") == 0 ||
           strcmp(format->format, "tsv") == 0;
}

unsigned char
format_delimiter(const struct format *format)
{
    if (format->dialect.delimiter != NULL)
        return (unsigned char)format->dialect.delimiter[0];
    return strcmp(format->format, "tsv") == 0 ? '\t' : ',';
}

unsigned char
format_quote(const struct format *format)
{
    if (format->dialect.quote_char != NULL)
        return (unsigned char)format->dialect.quote_char[0];
    return '"';
}

unsigned char
format_escape(const struct format *format)
{
    if (format->dialect.escape_char != NULL)
        return (unsigned char)format->dialect.escape_char[0];
    return 0;
}

unsigned char
format_comment(const struct format *format)
{
    if (format->dialect.comment_char != NULL)
        return (unsigned char)format->dialect.comment_char[0];
    return 0;
}

const char *
format_compression(const struct format *format)
{
    return compression_choices[format->compression - 1];
}

const char *
format_terminator(const struct format *format)
{
    const char *end = format->dialect.line_terminator;

    if (end == NULL || strcmp(end, "\n") == 0 || strcmp(end, "\r\n") == 0 ||
        strcmp(end, "\r") == 0)
        return NULL;
    return end;
}

/* One ASCII character that is no part of a line end; empty if it may be. */
static int
check_character(const char *text, const char *name, bool may_be_empty,
                struct fb_error *err)
{
    if (text == NULL || (text[0] == '\0' && may_be_empty))
        return 0;
    if (text[0] == '\0' || text[1] != '\0' || (unsigned char)text[0] >= 0x80) {
        fb_fail(err, FB_E_CONFIG, "%s '%s' is not one ASCII character", name,
                text);
        if (strcmp(text, "\\t") == 0)
            fb_hint(err, "a tab is written \"\\t\", in double quotes");
        return -1;
    }
    if (text[0] == '\n' || text[0] == '\r')
        return fb_fail(err, FB_E_CONFIG, "%s cannot be a line end", name);
    return 0;
}

/* The characters with a meaning, in the order in which they are compared. */
struct special {
    const char *option;
    const char *text;
    unsigned char effective; /* 0: none */
    bool may_be_empty;
};

static int
check_specials(const struct format *format, const char **option,
               struct fb_error *err)
{
    const struct dialect *d = &format->dialect;
    const struct special specials[] = {
        {"delimiter", d->delimiter, format_delimiter(format), false},
        {"quoteChar", d->quote_char, format_quote(format), true},
        {"escapeChar", d->escape_char, format_escape(format), false},
        {"commentChar", d->comment_char, format_comment(format), false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
        const struct special *s = &specials[i];

        *option = s->option;
        if (check_character(s->text, s->option, s->may_be_empty, err) != 0)
            return -1;
        for (size_t k = 0; k < i; k++)
            if (s->effective != 0 && s->effective == specials[k].effective)
                return fb_fail(err, FB_E_CONFIG,
                               "%s and %s are the same character '%c'",
                               specials[k].option, s->option, s->effective);
    }
    return 0;
}

static int
check_terminator(const struct format *format, const struct charset *charset,
                 struct fb_error *err)
{
    const char *end = format_terminator(format);

    if (end == NULL)
        return 0;
    if (end[0] == '\0' || strlen(end) > TERMINATOR_MAX)
        return fb_fail(err, FB_E_CONFIG,
                       "lineTerminator '%s' is not 1 to %d characters", end,
                       TERMINATOR_MAX);
    for (const char *c = end; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;

        if (byte >= 0x80)
            return fb_fail(err, FB_E_CONFIG, "lineTerminator '%s' is not ASCII",
                           end);
        if (byte == format_delimiter(format) || byte == format_quote(format) ||
            byte == format_escape(format) || byte == format_comment(format))
            return fb_fail(err, FB_E_CONFIG,
                           "lineTerminator '%s' holds '%c', which has another "
                           "meaning in this dialect",
                           end, byte);
    }
    if (!charset_ascii_structural(charset))
        return fb_fail(err, FB_E_CONFIG,
                       "lineTerminator '%s' cannot be told from parts of "
                       "longer characters in charset '%s'",
                       end, charset->name);
    return 0;
}

int
format_check(const struct format *format, const char **option,
             struct fb_error *err)
{
    struct charset charset;

    *option = "charset";
    if (charset_find(format->charset, &charset, err) != 0)
        return -1;
    if (check_specials(format, option, err) != 0)
        return -1;
    *option = "lineTerminator";
    if (check_terminator(format, &charset, err) != 0)
        return -1;
    *option = "nullSequence";
    if (format->dialect.null_sequence != NULL &&
        strpbrk(format->dialect.null_sequence, "\r\n") != NULL)
        return fb_fail(err, FB_E_CONFIG, "nullSequence cannot hold a line end");
    *option = "doubleQuote";
    if (!format->dialect.double_quote && format_quote(format) == 0)
        return fb_fail(err, FB_E_CONFIG,
                       "doubleQuote means nothing without a quoteChar");
    *option = NULL;
    return 0;
}
