/*
 * Any bytes as CSV: the first byte chooses a dialect, two how the text is
 * cut.  Both lanes must say the same where libcsv knows the dialect; a reader
 * must give the same whether libcsv finds the records or a scan does; and a
 * reader and a writer must come through, whatever the charset.
 */
#include <stdlib.h>

#include "codec/reader.h"
#include "codec/writer.h"
#include "fuzz/replay.h"
#include "unit/lane_kit.h"
#include "unit/twin_kit.h"

static const char *const delimiters[] = {",", ";", "\t", "|"};
static const char *const quotes[] = {"\"", "'"};
static const char *const charsets[] = {"utf-8", "cp932", "utf-16", "shift_jis"};

/* Some whose bytes stand for themselves wherever they are, and some not. */
static const char *const more_charsets[][4] = {
    {"utf-8", "cp932", "utf-16", "shift_jis"},
    {"euc-jp", "iso-8859-1", "windows-1258", "gb18030"},
    {"big5-hkscs", "iso-2022-jp", "armscii-8", "euc-jisx0213"},
    {"utf-8", "iso-8859-15", "johab", "tcvn"},
    {"utf-8", "shift_jisx0213", "euc-kr", "koi8-r"},
    {"utf-8", "cp932", "utf-16", "shift_jis"},
    {"utf-8", "hz", "ebcdic-us", "viscii"},
    {"utf-8", "ascii", "gbk", "utf-7"},
};

static void
require(bool truth)
{
    if (!truth)
        abort(); /* which is what a fuzzer looks for */
}

static struct format
format_of(unsigned char choice)
{
    struct format format;

    format_init(&format);
    format.dialect.delimiter = delimiters[choice & 3];
    format.dialect.quote_char = quotes[choice >> 2 & 1];
    format.dialect.comment_char = choice >> 3 & 1 ? "#" : NULL;
    return format;
}

/* The lanes take UTF-8: what is none would be replaced before them. */
static void
compare_lane(struct lane *other, const struct format *format,
             const struct lane_case *of)
{
    struct lane *one = lane_libcsv_new(format);
    struct buf a, b;

    buf_init(&a, (size_t)1 << 28);
    buf_init(&b, (size_t)1 << 28);
    lane_kit_run(one, format, of, &a);
    lane_kit_run(other, format, of, &b);
    require(a.size == b.size);
    require(a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
    lane_free(one);
    lane_free(other);
    buf_release(&a);
    buf_release(&b);
}

static void
compare_lanes(const struct format *format, const struct lane_case *of)
{
    compare_lane(lane_dialect_new(format), format, of);
    compare_lane(lane_plain_new(format), format, of);
}

/* One reader cuts small pieces, and the other takes one line after the other
 * (reader.h): nobody can see which it was. */
static void
compare_readers(const struct format *format, const struct lane_case *of)
{
    struct twin_case twice = {.format = format,
                              .bytes = of->text,
                              .size = of->size,
                              .step = 1 + of->target * 7 % 100,
                              .piece_size = of->target};
    struct twin fast = twin_of_fastest(&twice);
    struct twin libcsv = twin_of_libcsv(&twice);

    require(twin_alike(&fast, &libcsv));
    twin_release(&fast);
    twin_release(&libcsv);
}

static int
discard(void *arg, const unsigned char *bytes, size_t size,
        struct fb_error *err)
{
    (void)bytes;
    (void)err;
    *(size_t *)arg += size;
    return 0;
}

/* Read, and write what was read; the input may be refused, not the rest. */
static void
pass_through(const struct format *format, const struct lane_case *of)
{
    struct lane_source source = {of, 0};
    struct reader_options in = {
        .name = "in", .input = {lane_kit_read, &source}, .format = *format};
    struct fb_error err = FB_ERROR_INIT;
    size_t given = 0;
    struct writer_options out = {.name = "out",
                                 .output = {discard, &given},
                                 .format = *format,
                                 .layout = LAYOUT_TABLE};
    struct reader *reader;
    struct writer *writer = NULL;
    struct batch *batch;
    bool begun = false;

    out.format.on_bad_char = BAD_CHAR_REPLACE;
    if (reader_open(&in, &reader, &err) != 0)
        return;
    require(writer_open(&out, &writer, &err) == 0);
    while (reader_next(reader, &batch, &err) == 0 && batch != NULL) {
        if (!begun)
            require(writer_begin(writer, reader_columns(reader),
                                 batch_origin(batch), &err) == 0);
        begun = true;
        require(writer_write(writer, batch, &err) == 0);
        for (uint32_t c = 0; c < batch_columns(batch)->count; c++)
            (void)batch_cells(batch, c);
        batch_free(batch_take_rejects(batch));
        batch_free(batch);
    }
    require(writer_finish(writer, &err) == 0);
    writer_free(writer);
    reader_free(reader);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lane_case of = {.records_max = 3, .cells_max = 4};
    struct format format;

    if (size < 3)
        return 0;
    format = format_of(data[0]);
    of.target = 1 + data[1];
    of.text = data + 3;
    of.size = size - 3;
    compare_lanes(&format, &of);

    format.charset = charsets[data[2] & 3];
    format.on_bad_char = 1 + (data[2] >> 2 & 3) % 3;
    format.header = data[2] & 16 ? HEADER_NONE : HEADER_REQUIRED;
    format.charset = more_charsets[data[2] >> 5][data[2] & 3];
    compare_readers(&format, &of);
    format.charset = charsets[data[2] & 3];
    format.dialect.escape_char = data[2] & 32 ? "\\" : NULL;
    format.dialect.skip_initial_space = data[2] & 64;
    pass_through(&format, &of);
    return 0;
}
