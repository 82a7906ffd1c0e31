/*
 * Any bytes through the scan: the first chooses delimiter and quote, the
 * second how the text is cut. Every kernel must find the same; and where they
 * call the text regular, what stands between the ends must be what libcsv
 * takes for the cells.
 */
#include <stdlib.h>

#include "codec/scan.h"
#include "fuzz/replay.h"
#include "unit/lane_kit.h"

static const char *const delimiters[] = {",", ";", "\t", "|", " ", "a"};
static const char *const quotes[] = {"\"", "'", "\x01"};

#define COUNT(of) (sizeof(of) / sizeof((of)[0]))

static void
require(bool truth)
{
    if (!truth)
        abort(); /* which is what a fuzzer looks for */
}

static void *
room(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);

    require(memory != NULL);
    return memory;
}

/* The caller frees scan.ends. */
static struct scan
run(const struct scan_kernel *kernel, const struct format *format,
    const struct lane_case *of)
{
    struct scan scan;

    scan_start(&scan, kernel, format_delimiter(format), format_quote(format),
               room((of->size + SCAN_SLACK) * sizeof(*scan.ends)));
    for (size_t at = 0; at < of->size; at += of->target)
        scan_more(&scan, of->text, at);
    scan_more(&scan, of->text, of->size);
    scan_end(&scan);
    require(scan.scanned == of->size);
    return scan;
}

static void
compare_scans(const struct scan *a, const struct scan *b)
{
    require((a->flags & SCAN_IRREGULAR) == (b->flags & SCAN_IRREGULAR));
    if (a->flags & SCAN_IRREGULAR)
        return;
    require(a->flags == b->flags && a->count == b->count);
    require(a->rows == b->rows && a->row_ends == b->row_ends);
    require(a->row_bytes == b->row_bytes);
    require(memcmp(a->ends, b->ends, a->count * sizeof(*a->ends)) == 0);
}

static void
show_cell(const struct scan *scan, const unsigned char *cell, size_t size,
          struct buf *out)
{
    bool quoted = size > 0 && cell[0] == scan->quote;
    struct fb_error err;

    lane_kit_check(buf_puts(out, quoted ? " q[" : " [", &err));
    require(!quoted || (size > 1 && cell[size - 1] == scan->quote));
    for (size_t i = quoted; i < size - quoted; i++) {
        if (quoted && cell[i] == scan->quote)
            i++;
        lane_kit_check(buf_append(out, &cell[i], 1, &err));
    }
    lane_kit_check(buf_puts(out, "]", &err));
}

static unsigned
count_lines(const unsigned char *bytes, size_t size)
{
    unsigned lines = 0;

    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    return lines;
}

/* A row that is text[from .. to) without its line end, and whose cells end at
 * `ends`, the last of them at `to`. */
static void
show_row(const struct scan *scan, const unsigned char *text, size_t from,
         size_t to, const uint32_t *ends, unsigned cells, struct buf *out)
{
    unsigned line = 1 + count_lines(text, from);
    struct fb_error err;

    if (from == to)
        return;
    lane_kit_check(buf_printf(out, &err, "%u+%u %u/%u", line,
                              1 + count_lines(text + from, to - from), cells,
                              cells));
    for (unsigned c = 0; c < cells; c++) {
        size_t end = c + 1 < cells ? ends[c] : to;

        show_cell(scan, text + from, end - from, out);
        from = end + 1;
    }
    lane_kit_check(buf_puts(out, "\n", &err));
}

/* What the ends say, in the words of lane_kit_show. */
static void
show_scan(const struct scan *scan, const struct lane_case *of, struct buf *out)
{
    size_t from = 0;
    uint32_t first = 0;

    for (uint32_t i = 0; i < scan->count; i++) {
        size_t end = scan->ends[i];

        if (of->text[end] != '\n')
            continue;
        if (end > from && of->text[end - 1] == '\r')
            end--;
        show_row(scan, of->text, from, end, scan->ends + first, i + 1 - first,
                 out);
        first = i + 1;
        from = scan->ends[i] + (size_t)1;
        require(first <= scan->row_ends && from <= scan->row_bytes);
    }
    require(first == scan->row_ends && from == scan->row_bytes);
    show_row(scan, of->text, from, of->size, scan->ends + first,
             scan->count + 1 - first, out);
}

static void
compare_with_libcsv(const struct scan *scan, const struct format *format,
                    const struct lane_case *of)
{
    struct lane *lane = lane_libcsv_new(format);
    struct buf a, b;

    buf_init(&a, (size_t)1 << 28);
    buf_init(&b, (size_t)1 << 28);
    lane_kit_run(lane, format, of, &a);
    show_scan(scan, of, &b);
    require(a.size == b.size);
    require(a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
    lane_free(lane);
    buf_release(&a);
    buf_release(&b);
}

static void
compare_all(const struct format *format, const struct lane_case *of,
            bool is_text)
{
    struct scan first = run(scan_kernel_at(0), format, of);
    const struct scan_kernel *kernel;

    for (size_t i = 1; (kernel = scan_kernel_at(i)) != NULL; i++) {
        struct scan other = run(kernel, format, of);

        compare_scans(&first, &other);
        free(other.ends);
    }
    if (is_text && !(first.flags & SCAN_IRREGULAR))
        compare_with_libcsv(&first, format, of);
    free(first.ends);
}

/* The lanes take UTF-8: an e with an accent for every byte that is not ASCII.
 * At most twice as long. */
static size_t
make_utf8(const unsigned char *bytes, size_t size, unsigned char *text)
{
    size_t at = 0;

    for (size_t i = 0; i < size; i++) {
        text[at++] = bytes[i] < 0x80 ? bytes[i] : 0xc3;
        if (bytes[i] >= 0x80)
            text[at++] = 0xa9;
    }
    return at;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lane_case of = {.records_max = UINT32_MAX, .cells_max = UINT32_MAX};
    struct format format;
    unsigned char *text, *exact;

    if (size < 2)
        return 0;
    format_init(&format);
    format.dialect.delimiter = delimiters[data[0] % COUNT(delimiters)];
    format.dialect.quote_char =
        quotes[data[0] / COUNT(delimiters) % COUNT(quotes)];
    of.target = 1 + data[1];
    of.text = data + 2;
    of.size = size - 2;
    compare_all(&format, &of, false);

    text = room(2 * of.size);
    of.size = make_utf8(of.text, of.size, text);
    exact = room(of.size);
    if (of.size > 0)
        memcpy(exact, text, of.size);
    free(text);
    of.text = exact;
    compare_all(&format, &of, true);
    free(exact);
    return 0;
}
