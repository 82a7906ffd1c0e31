/*
 * codec/scan.h: what every kernel that this processor has finds, against
 * what is known and against a machine that looks at one byte after the other.
 *
 * What was found is shown as
 *     1 3 | 1 row: 2 ends, 4 bytes | quote cr     or     irregular
 */
#include "codec/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "unit/main.h"

#define SHOWN_MAX 8192

static const char *const flag_names[] = {
    "irregular", "control", "high", "quote", "quoted-lf", "cr",
};

static void
show(const struct scan *scan, char *shown)
{
    char *at = shown;

    if (scan->flags & SCAN_IRREGULAR) {
        sprintf(shown, "irregular");
        return;
    }
    for (uint32_t i = 0; i < scan->count; i++)
        at += sprintf(at, "%u ", scan->ends[i]);
    at += sprintf(at, "| %u row%s: %u ends, %u bytes |", scan->rows,
                  scan->rows == 1 ? "" : "s", scan->row_ends, scan->row_bytes);
    for (unsigned i = 1; i < 6; i++)
        if (scan->flags & 1U << i)
            at += sprintf(at, " %s", flag_names[i]);
    ck_assert(at < shown + SHOWN_MAX);
}

/* What a byte is by itself, and the one behind it. */
static unsigned
flags_of(const struct scan *scan, const unsigned char *text, size_t left)
{
    switch (text[0]) {
    case '\t':
    case '\n':
        return 0;
    case '\r':
        return left > 1 && text[1] == '\n' ? SCAN_CR : SCAN_CR | SCAN_IRREGULAR;
    default:
        return (text[0] < 0x20 ? SCAN_CONTROL : 0U) |
               (text[0] >= 0x80 ? SCAN_HIGH : 0U) |
               (text[0] == scan->quote ? SCAN_QUOTE : 0U);
    }
}

enum place { AT_START, IN_BARE, IN_QUOTES, BEHIND_QUOTE };

static enum place
end_cell(struct scan *scan, uint32_t at, bool row)
{
    scan->ends[scan->count++] = at;
    if (row) {
        scan->rows++;
        scan->row_ends = scan->count;
        scan->row_bytes = at + 1;
    }
    return AT_START;
}

static enum place
step(struct scan *scan, enum place place, unsigned char c, uint32_t at)
{
    if (place == IN_QUOTES) {
        scan->flags |= c == '\n' ? SCAN_QUOTED_LF : 0U;
        return c == scan->quote ? BEHIND_QUOTE : IN_QUOTES;
    }
    if (c == scan->quote) {
        scan->flags |= place == IN_BARE ? SCAN_IRREGULAR : 0U;
        return IN_QUOTES;
    }
    if (c == scan->delimiter || c == '\n')
        return end_cell(scan, at, c == '\n');
    if (place == BEHIND_QUOTE && c != '\r')
        scan->flags |= SCAN_IRREGULAR;
    return place == BEHIND_QUOTE ? BEHIND_QUOTE : IN_BARE;
}

/* The contract, read aloud. */
static void
scan_bytewise(struct scan *scan, const unsigned char *text, size_t size)
{
    enum place place = AT_START;

    for (uint32_t i = 0; i < size; i++) {
        scan->flags |= flags_of(scan, text + i, size - i);
        place = step(scan, place, text[i], i);
    }
    if (place == IN_QUOTES)
        scan->flags |= SCAN_IRREGULAR;
}

/* How a text comes to the scan: the first `first` bytes (the sanitizers see
 * their end), then always `step` more. */
struct cut {
    size_t first, step;
};

static void
run(const struct scan_kernel *kernel, const void *text, size_t size,
    struct cut cut, char *shown)
{
    uint32_t *ends = malloc((size + SCAN_SLACK) * sizeof(*ends));
    struct scan scan;
    size_t at = cut.first;

    ck_assert_ptr_nonnull(ends);
    scan_start(&scan, kernel, ',', '"', ends);
    for (;;) {
        size_t here = at < size ? at : size;
        unsigned char *exact = malloc(here > 0 ? here : 1);

        ck_assert_ptr_nonnull(exact);
        memcpy(exact, text, here);
        scan_more(&scan, exact, here);
        ck_assert_uint_eq(scan.scanned, here);
        free(exact);
        if (here == size)
            break;
        at += cut.step;
    }
    scan_end(&scan);
    show(&scan, shown);
    free(ends);
}

#define WHOLE       \
    (struct cut)    \
    {               \
        SIZE_MAX, 1 \
    }

/* Every kernel finds this, wherever the text is cut. */
static void
expect_bytes(const void *text, size_t size, const char *want)
{
    const struct scan_kernel *kernel;
    char shown[SHOWN_MAX];

    for (size_t k = 0; (kernel = scan_kernel_at(k)) != NULL; k++)
        for (size_t first = 0; first <= size; first++) {
            run(kernel, text, size, (struct cut){first, size}, shown);
            ck_assert_msg(strcmp(shown, want) == 0,
                          "%s, cut at %zu: '%s' instead of '%s'", kernel->name,
                          first, shown, want);
        }
}

static void
expect(const char *text, const char *want)
{
    expect_bytes(text, strlen(text), want);
}

/* The same with so many bytes of a bare row before it that it lies across the
 * end of a stride in every way. */
static void
expect_across(const char *text, bool regular)
{
    const struct scan_kernel *kernel;
    size_t size = strlen(text);
    unsigned char padded[256];
    char shown[SHOWN_MAX];

    for (size_t before = 64 - size - 1; before <= 66; before++) {
        memset(padded, 'x', before);
        padded[before - 1] = ',';
        memcpy(padded + before, text, size);
        for (size_t k = 0; (kernel = scan_kernel_at(k)) != NULL; k++) {
            run(kernel, padded, before + size, WHOLE, shown);
            ck_assert_msg((strcmp(shown, "irregular") != 0) == regular,
                          "%s: '%s' behind %zu bytes: %s", kernel->name, text,
                          before, shown);
        }
    }
}

START_TEST(finds_delimiters_and_line_feeds)
{
    expect("a,b\nc,d\n", "1 3 5 7 | 2 rows: 4 ends, 8 bytes |");
    expect(",,\n", "0 1 2 | 1 row: 3 ends, 3 bytes |");
}
END_TEST

START_TEST(finds_nothing_in_nothing)
{
    expect("", "| 0 rows: 0 ends, 0 bytes |");
    expect("abc", "| 0 rows: 0 ends, 0 bytes |");
}
END_TEST

START_TEST(says_where_the_last_whole_row_ends)
{
    expect("a,b\nc,", "1 3 5 | 1 row: 2 ends, 4 bytes |");
    expect("a\n\nc,d", "1 2 4 | 2 rows: 2 ends, 3 bytes |");
}
END_TEST

START_TEST(passes_over_what_stands_inside_quotes)
{
    expect("\"a,b\",c\n", "5 7 | 1 row: 2 ends, 8 bytes | quote");
    expect("\"\",\"\"\n", "2 5 | 1 row: 2 ends, 6 bytes | quote");
}
END_TEST

START_TEST(notes_a_line_feed_inside_quotes)
{
    expect("\"a\nb\",c\n", "5 7 | 1 row: 2 ends, 8 bytes | quote quoted-lf");
    expect("a\n\"a\r\nb\"", "1 | 1 row: 1 ends, 2 bytes | quote quoted-lf cr");
}
END_TEST

START_TEST(takes_a_doubled_quote_for_a_part_of_the_cell)
{
    expect("\"a\"\",\"\"b\",c\n", "9 11 | 1 row: 2 ends, 12 bytes | quote");
    expect("\"\"\"\"\n", "4 | 1 row: 1 ends, 5 bytes | quote");
    expect("\"\"\"\"\"\",\"\"\"\"", "6 | 0 rows: 0 ends, 0 bytes | quote");
}
END_TEST

START_TEST(refuses_a_quote_inside_a_bare_cell)
{
    expect("a\"b\n", "irregular");
    expect("a,b\"c\"\n", "irregular");
    expect("a, \"b\"\n", "irregular");
    expect("a\"\"b\n", "irregular");
}
END_TEST

START_TEST(refuses_text_behind_a_closing_quote)
{
    expect("\"a\"b\n", "irregular");
    expect("\"a\" ,b\n", "irregular");
    expect("\"\"a\"\"\n", "irregular");
}
END_TEST

START_TEST(refuses_a_quote_that_stays_open)
{
    expect("\"", "irregular");
    expect("a\n\"b\nc\n", "irregular");
    expect("\"\"\"\n", "irregular");
}
END_TEST

START_TEST(a_quote_may_end_the_input)
{
    expect("a,\"b\"", "1 | 0 rows: 0 ends, 0 bytes | quote");
    expect("\"\"", "| 0 rows: 0 ends, 0 bytes | quote");
}
END_TEST

START_TEST(takes_a_carriage_return_before_a_line_feed)
{
    expect("a,\"b\"\r\n\r\n", "1 6 8 | 2 rows: 3 ends, 9 bytes | quote cr");
}
END_TEST

START_TEST(refuses_a_carriage_return_anywhere_else)
{
    expect("a\rb\n", "irregular");
    expect("a\r\r\n", "irregular");
    expect("a\n\r", "irregular");
    expect("\"a\rb\"\n", "irregular");
    expect("\"a\r\"\n", "irregular");
    expect("\"a\"\r,b\n", "irregular");
}
END_TEST

START_TEST(notes_control_characters_but_not_white_space)
{
    expect("a\tb\r\n", "4 | 1 row: 1 ends, 5 bytes | cr");
    for (char c = 1; c < 0x20; c++)
        if (c != '\t' && c != '\n' && c != '\r')
            expect((char[]){'a', c, '\n', '\0'},
                   "2 | 1 row: 1 ends, 3 bytes | control");
    expect_bytes("\"\0\"\n", 4, "3 | 1 row: 1 ends, 4 bytes | control quote");
    expect("\x20\x7f", "| 0 rows: 0 ends, 0 bytes |");
}
END_TEST

START_TEST(notes_bytes_that_are_not_ascii)
{
    for (int c = 0x80; c <= 0xff; c++)
        expect((char[]){'a', (char)c, '\n', '\0'},
               "2 | 1 row: 1 ends, 3 bytes | high");
}
END_TEST

START_TEST(carries_what_a_quote_means_from_stride_to_stride)
{
    expect_across("\"a\"\"b\",c\n", true);
    expect_across("\"a\",\"b\"\n\"c\"\r\n", true);
    expect_across("\"\"\"\"\"\",\"\"\n", true);
    expect_across("\"a\"b\n", false);
    expect_across("a\"b\"\n", false);
    expect_across("\"a\"\"\n", false);
}
END_TEST

START_TEST(carries_a_carriage_return_from_stride_to_stride)
{
    expect_across("a\r\nb\r\n", true);
    expect_across("\"\r\n\"\r\n", true);
    expect_across("a\rb\n", false);
    expect_across("\"\r\"\n", false);
    expect_across("a\r", false);
}
END_TEST

static uint32_t
next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static unsigned char
pick(uint32_t *state, const char *from, uint32_t count)
{
    return (unsigned char)from[next_random(state) % count];
}

static size_t
make_cell(uint32_t *state, unsigned char *text)
{
    bool quoted = next_random(state) % 4 == 0;
    size_t length = next_random(state) % 12, at = 0;

    if (!quoted) {
        while (at < length)
            text[at++] = pick(state, "abc\t\x01\x80\xff", 7);
        return at;
    }
    text[at++] = '"';
    while (at <= length) {
        text[at++] = pick(state, "abc,,\n\n\x02\x81\"\"", 11);
        if (text[at - 1] == '"')
            text[at++] = '"';
    }
    text[at++] = '"';
    return at;
}

/* Bytes of a small alphabet; most of the time such that they are regular, and
 * then perhaps cut off. */
static size_t
make_text(uint32_t *state, unsigned char *text)
{
    bool wild = next_random(state) % 4 == 0;
    size_t size = next_random(state) % 301, at = 0;

    while (wild && at < size)
        text[at++] = pick(state, "\"\"\"\",,,\n\n\r\t\0a\x80\xff", 14);
    while (at < size) {
        at += make_cell(state, text + at);
        if (next_random(state) % 6 == 0)
            text[at++] = '\r';
        text[at] =
            at > 0 && text[at - 1] == '\r' ? '\n' : pick(state, ",,\n", 3);
        at++;
    }
    return next_random(state) % 2 == 0 ? at : size;
}

static void
compare(const unsigned char *text, size_t size, struct cut cut)
{
    const struct scan_kernel *kernel;
    char want[SHOWN_MAX], shown[SHOWN_MAX];
    uint32_t ends[400];
    struct scan scan = {.delimiter = ',', .quote = '"', .ends = ends};

    scan_bytewise(&scan, text, size);
    show(&scan, want);
    for (size_t k = 0; (kernel = scan_kernel_at(k)) != NULL; k++) {
        run(kernel, text, size, cut, shown);
        ck_assert_msg(strcmp(shown, want) == 0,
                      "%s, %zu then %zu bytes of '%.*s':\n%s\ninstead of\n%s",
                      kernel->name, cut.first, cut.step, (int)size,
                      (const char *)text, shown, want);
    }
}

START_TEST(finds_what_one_byte_after_the_other_shows)
{
    unsigned char text[400];
    uint32_t state = 20261122;
    unsigned regular = 0;

    for (unsigned i = 0; i < 20000; i++) {
        size_t size = make_text(&state, text);
        struct scan scan = {
            .delimiter = ',', .quote = '"', .ends = (uint32_t[400]){0}};

        compare(text, size, WHOLE);
        compare(text, size,
                (struct cut){next_random(&state) % 200,
                             1 + next_random(&state) % 100});
        scan_bytewise(&scan, text, size);
        regular += !(scan.flags & SCAN_IRREGULAR);
    }
    /* Else little would have been compared. */
    ck_assert_uint_gt(regular, 8000);
}
END_TEST

START_TEST(finds_the_same_wherever_the_text_is_cut)
{
    unsigned char text[400];
    uint32_t state = 4180;

    for (unsigned i = 0; i < 60; i++) {
        size_t size = make_text(&state, text);

        for (size_t first = 0; first <= size; first++)
            compare(text, size, (struct cut){first, size});
        compare(text, size, (struct cut){0, 1});
    }
}
END_TEST

/* One call over five bytes, whatever the delimiter and the quote. */
static void
expect_five(unsigned char delimiter, unsigned char quote,
            const unsigned char text[5], const char *want)
{
    const struct scan_kernel *kernel;
    uint32_t ends[5 + SCAN_SLACK];
    char shown[SHOWN_MAX];
    struct scan scan;

    for (size_t k = 0; (kernel = scan_kernel_at(k)) != NULL; k++) {
        scan_start(&scan, kernel, delimiter, quote, ends);
        scan_more(&scan, text, 5);
        scan_end(&scan);
        scan.flags &= ~(unsigned)SCAN_CONTROL;
        show(&scan, shown);
        ck_assert_str_eq(shown, want);
    }
}

START_TEST(takes_any_ascii_delimiter_and_quote)
{
    for (unsigned char c = 0; c < 0x80; c++) {
        if (c == 'a' || c == '"' || c == ',' || c == '\r' || c == '\n')
            continue;
        expect_five(c, '"', (unsigned char[]){'a', c, ',', c, '\n'},
                    "1 3 4 | 1 row: 3 ends, 5 bytes |");
        expect_five(',', c, (unsigned char[]){c, ',', c, ',', '\n'},
                    "3 4 | 1 row: 2 ends, 5 bytes | quote");
        expect_five(',', c, (unsigned char[]){'a', ',', ',', 'a', '\n'},
                    "1 2 4 | 1 row: 3 ends, 5 bytes |");
        expect_five(',', c, (unsigned char[]){'a', ',', 'a', c, '\n'},
                    "irregular");
    }
}
END_TEST

START_TEST(writes_no_more_ends_than_the_slack_allows)
{
    const struct scan_kernel *kernel;

    for (size_t k = 0; (kernel = scan_kernel_at(k)) != NULL; k++)
        for (size_t size = 0; size < 200; size++) {
            size_t room = size + SCAN_SLACK;
            uint32_t *ends = malloc(room * sizeof(*ends));
            unsigned char *text = malloc(size + 1);
            struct scan scan;

            ck_assert_ptr_nonnull(ends);
            ck_assert_ptr_nonnull(text);
            memset(text, ',', size);
            scan_start(&scan, kernel, ',', '"', ends);
            scan_more(&scan, text, size);
            ck_assert_uint_eq(scan.count, size);
            free(text);
            free(ends);
        }
}
END_TEST

/* For builds without sanitizers: what must not be touched cannot be. */
START_TEST(reads_no_byte_that_it_was_not_given)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const struct scan_kernel *kernel;
    uint32_t *ends = malloc((3 * page + SCAN_SLACK) * sizeof(*ends));
    unsigned char *pages = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_nonnull(ends);
    ck_assert(pages != MAP_FAILED);
    memset(pages, '\n', 3 * page);
    ck_assert_int_eq(mprotect(pages, page, PROT_NONE), 0);
    ck_assert_int_eq(mprotect(pages + 2 * page, page, PROT_NONE), 0);
    for (size_t k = 0; (kernel = scan_kernel_at(k)) != NULL; k++)
        for (size_t size = 0; size < 130; size++) {
            struct scan scan;

            /* The page before is what was scanned, and is gone. */
            scan_start(&scan, kernel, ',', '"', ends);
            scan.scanned = (uint32_t)page;
            scan_more(&scan, pages, page + size);
            ck_assert_uint_eq(scan.count, size);
            scan_start(&scan, kernel, ',', '"', ends);
            scan_more(&scan, pages + 2 * page - size, size);
            ck_assert_uint_eq(scan.rows, size);
        }
    munmap(pages, 3 * page);
    free(ends);
}
END_TEST

START_TEST(every_kernel_has_a_name_of_its_own_and_the_last_is_scalar)
{
    const struct scan_kernel *kernel, *last = NULL;

    for (size_t k = 0; (kernel = scan_kernel_at(k)) != NULL; k++) {
        ck_assert(kernel->is_here());
        ck_assert(last == NULL || strcmp(last->name, kernel->name) != 0);
        last = kernel;
    }
    ck_assert_ptr_nonnull(last);
    ck_assert_str_eq(last->name, "scalar");
}
END_TEST

START_TEST(takes_the_best_kernel_unless_another_is_demanded)
{
    const struct scan_kernel *kernel, *here;
    struct fb_error err = FB_ERROR_INIT;

    unsetenv("FOREBAY_SCAN");
    ck_assert_int_eq(scan_choose(&kernel, &err), 0);
    ck_assert_ptr_eq(kernel, scan_kernel_at(0));
    setenv("FOREBAY_SCAN", "", 1);
    ck_assert_int_eq(scan_choose(&kernel, &err), 0);
    ck_assert_ptr_eq(kernel, scan_kernel_at(0));
    for (size_t k = 0; (here = scan_kernel_at(k)) != NULL; k++) {
        setenv("FOREBAY_SCAN", here->name, 1);
        ck_assert_int_eq(scan_choose(&kernel, &err), 0);
        ck_assert_ptr_eq(kernel, here);
    }
    unsetenv("FOREBAY_SCAN");
}
END_TEST

START_TEST(refuses_to_scan_with_a_kernel_that_is_not_here)
{
    const struct scan_kernel *kernel;
    struct fb_error err = FB_ERROR_INIT;

    setenv("FOREBAY_SCAN", "mmx", 1);
    ck_assert_int_eq(scan_choose(&kernel, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_str_eq(
        err.message,
        "FOREBAY_SCAN names no kernel that this processor has: 'mmx'");
    ck_assert_str_eq(err.hint,
                     "'scalar' is everywhere; without it the best is taken");
    unsetenv("FOREBAY_SCAN");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("scan");
    TCase *known = tcase_create("known");
    TCase *bytewise = tcase_create("bytewise");
    TCase *kernels = tcase_create("kernels");

    tcase_add_test(known, finds_delimiters_and_line_feeds);
    tcase_add_test(known, finds_nothing_in_nothing);
    tcase_add_test(known, says_where_the_last_whole_row_ends);
    tcase_add_test(known, passes_over_what_stands_inside_quotes);
    tcase_add_test(known, notes_a_line_feed_inside_quotes);
    tcase_add_test(known, takes_a_doubled_quote_for_a_part_of_the_cell);
    tcase_add_test(known, refuses_a_quote_inside_a_bare_cell);
    tcase_add_test(known, refuses_text_behind_a_closing_quote);
    tcase_add_test(known, refuses_a_quote_that_stays_open);
    tcase_add_test(known, a_quote_may_end_the_input);
    tcase_add_test(known, takes_a_carriage_return_before_a_line_feed);
    tcase_add_test(known, refuses_a_carriage_return_anywhere_else);
    tcase_add_test(known, notes_control_characters_but_not_white_space);
    tcase_add_test(known, notes_bytes_that_are_not_ascii);
    tcase_add_test(known, carries_what_a_quote_means_from_stride_to_stride);
    tcase_add_test(known, carries_a_carriage_return_from_stride_to_stride);
    suite_add_tcase(suite, known);
    tcase_set_timeout(bytewise, 60);
    tcase_add_test(bytewise, finds_what_one_byte_after_the_other_shows);
    tcase_add_test(bytewise, finds_the_same_wherever_the_text_is_cut);
    suite_add_tcase(suite, bytewise);
    tcase_add_test(kernels, takes_any_ascii_delimiter_and_quote);
    tcase_add_test(kernels, writes_no_more_ends_than_the_slack_allows);
    tcase_add_test(kernels, reads_no_byte_that_it_was_not_given);
    tcase_add_test(kernels,
                   every_kernel_has_a_name_of_its_own_and_the_last_is_scalar);
    tcase_add_test(kernels, takes_the_best_kernel_unless_another_is_demanded);
    tcase_add_test(kernels, refuses_to_scan_with_a_kernel_that_is_not_here);
    suite_add_tcase(suite, kernels);
    return suite;
}
