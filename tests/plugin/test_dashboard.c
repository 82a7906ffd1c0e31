/*
 * The plugin `dashboard`: what stands in the page that it writes.  What a
 * browser makes of it is tested end to end.
 */
#include "support/fake_host.h"
#include "support/folder.h"
#include "unit/main.h"

#include <expat.h>
#include <openssl/evp.h>
#include <stdlib.h>

static struct fake *fake;
static struct folder folder;

static void
setup(void)
{
    folder_make(&folder);
    fake = fake_new("dashboard", FB_SINK);
    fake->uri = folder_path(&folder, "object.dashboard");
    fake->now_ms = INT64_C(1763802000000); /* 2025-11-22T09:00:00Z */
}

static void
teardown(void)
{
    fake_free(fake);
    folder_remove(&folder);
}

#define CELLS(...) ((const char *[]){__VA_ARGS__})

static void
begin(void)
{
    ck_assert_msg(fake_begin(fake) == 0, "%s", fake->err.message);
}

static void
rows(uint32_t input, uint32_t count, const char *const *cells)
{
    fake_use_input(fake, input);
    ck_assert_int_eq(fake_write(fake, fake_batch(fake, count, cells)), 0);
}

/* End the page; its text. */
static const char *
finish(void)
{
    const char *text;

    ck_assert_msg(fake_finish(fake) == 0, "%s", fake->err.message);
    fake_close(fake);
    text = folder_read(&folder, "object.dashboard");
    ck_assert_ptr_nonnull(text);
    return text;
}

/* The page of one input with two columns. */
static const char *
page_of(const char *first, enum fb_column_type first_type, const char *second,
        enum fb_column_type second_type, uint32_t count,
        const char *const *cells)
{
    fake_column(fake, first, first_type);
    fake_column(fake, second, second_type);
    fake_input(fake, "sales", "Sales");
    begin();
    rows(0, count, cells);
    return finish();
}

static void
has(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text) != NULL, "no '%s' in:\n%.6000s", text,
                  strstr(page, "<body>"));
}

static void
has_not(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text) == NULL, "'%s' is in the page", text);
}

/* --- which chart ---------------------------------------------------------- */

START_TEST(words_and_a_number_become_bars)
{
    const char *page = page_of("customer", FB_C_STRING, "total", FB_C_NUMBER, 2,
                               CELLS("Alice", "10", "Bob", "20"));

    has(page, "<figure class=\"bars\">");
    has(page, "Sales: Total as bars by Customer</title>");
    has(page, "2 bars; largest: Bob, 20; smallest: Alice, 10.");
}
END_TEST

START_TEST(numbers_over_moments_become_a_line)
{
    const char *page =
        page_of("day", FB_C_DATE, "total", FB_C_INTEGER, 3,
                CELLS("2025-01-01", "5", "2025-01-02", "1", "2025-01-03", "9"));

    has(page, "<figure class=\"lines\">");
    has(page, "3 points, from 5 at 2025-01-01 to 9 at 2025-01-03; lowest 1 at "
              "2025-01-02, highest 9 at 2025-01-03.");
    has(page, "<polyline class=\"curve\" points=\"0.0,");
}
END_TEST

START_TEST(texts_that_all_are_moments_and_numbers_count_as_such)
{
    const char *page =
        page_of("month", FB_C_STRING, "total", FB_C_STRING, 2,
                CELLS("2025-01", "1234.5", "2025-02", "1000.25"));

    has(page, "<figure class=\"lines\">");
    has(page, ">1,234.5</td>");
}
END_TEST

START_TEST(moments_out_of_order_are_no_series)
{
    has(page_of("day", FB_C_DATE, "total", FB_C_INTEGER, 3,
                CELLS("2025-01-02", "5", "2025-01-01", "1", "2025-01-03", "9")),
        "<section id=\"r1\" class=\"result\"");
}
END_TEST

START_TEST(words_that_come_twice_get_no_bars)
{
    has_not(page_of("who", FB_C_STRING, "total", FB_C_INTEGER, 2,
                    CELLS("a", "5", "a", "1")),
            "<figure");
}
END_TEST

START_TEST(numbers_that_name_things_are_words)
{
    const char *page = page_of("order_id", FB_C_INTEGER, "total", FB_C_INTEGER,
                               2, CELLS("10001", "5", "10002", "1"));

    has(page, "Sales: Total as bars by Order id</title>");
    has(page, "<td>10001</td>");
}
END_TEST

START_TEST(digits_with_a_leading_zero_are_words)
{
    has(page_of("who", FB_C_STRING, "part", FB_C_STRING, 2,
                CELLS("a", "00123", "b", "00456")),
        "<td>00123</td>");
}
END_TEST

START_TEST(a_chart_can_be_wished_for_and_away)
{
    static const struct fb_pair charts[] = {{"a", "none", NULL},
                                            {"b", "line", NULL}};
    const char *page;

    fake_option_map(fake, "charts", charts, 2);
    for (int i = 0; i < 2; i++) {
        fake_column(fake, "who", FB_C_STRING);
        fake_column(fake, "total", FB_C_INTEGER);
        fake_input(fake, i == 0 ? "a" : "b", "Title");
    }
    begin();
    rows(0, 2, CELLS("x", "1", "y", "2"));
    rows(1, 2, CELLS("x", "1", "y", "2"));
    page = finish();
    has_not(page, "<figure class=\"bars\">");
    has(page, "Title: Total as a line by Who</title>");
}
END_TEST

START_TEST(a_chart_that_cannot_be_drawn_is_told)
{
    static const struct fb_pair charts[] = {{"sales", "bar", NULL}};

    fake_option_map(fake, "charts", charts, 1);
    has_not(
        page_of("who", FB_C_STRING, "what", FB_C_STRING, 1, CELLS("x", "y")),
        "<figure");
    ck_assert_int_eq(fake->log_count, 1);
    ck_assert_str_eq(
        fake->logs[0],
        "cannot draw 'sales' as a bar chart: no column has numbers");
}
END_TEST

START_TEST(a_missing_number_is_a_gap_in_the_line)
{
    const char *page = page_of("day", FB_C_DATE, "total", FB_C_INTEGER, 4,
                               CELLS("2025-01-01", "5", "2025-01-02", NULL,
                                     "2025-01-03", "9", "2025-01-04", "8"));
    const char *first = strstr(page, "<polyline");

    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(strstr(first + 1, "<polyline"));
}
END_TEST

START_TEST(of_many_bars_the_largest_are_drawn)
{
    static char names[40][8], numbers[40][8];
    const char *cells[80];
    const char *page;

    for (size_t i = 0; i < 40; i++) {
        snprintf(names[i], sizeof(names[i]), "n%zu", i);
        snprintf(numbers[i], sizeof(numbers[i]), "%zu", i + 1);
        cells[2 * i] = names[i];
        cells[2 * i + 1] = numbers[i];
    }
    page = page_of("name", FB_C_STRING, "total", FB_C_INTEGER, 40, cells);
    has(page, "The 15 largest of 40.");
    has(page, "<text class=\"name\" x=\"0\" y=\"14\">n39</text>");
    has_not(page, "class=\"name\" x=\"0\" y=\"14\">n0</text>");
}
END_TEST

/* --- axes ----------------------------------------------------------------- */

/* The labels of all axes, as "0 5 10 ". */
static const char *
ticks(const char *page)
{
    static char text[512];
    const char *at = page;
    int used = 0;

    while ((at = strstr(at, "class=\"tick")) != NULL) {
        at = strchr(at, '>') + 1;
        used += snprintf(text + used, sizeof(text) - (size_t)used, "%.*s ",
                         (int)strcspn(at, "<"), at);
    }
    return text;
}

START_TEST(marks_stand_at_round_numbers_from_zero)
{
    ck_assert_str_eq(ticks(page_of("who", FB_C_STRING, "total", FB_C_NUMBER, 2,
                                   CELLS("a", "8.7", "b", "23.1"))),
                     "0 5 10 15 20 25 ");
}
END_TEST

START_TEST(marks_go_below_zero_where_numbers_do)
{
    ck_assert_str_eq(ticks(page_of("who", FB_C_STRING, "total", FB_C_NUMBER, 2,
                                   CELLS("a", "-0.3", "b", "0.5"))),
                     "\xe2\x88\x92"
                     "0.4 \xe2\x88\x92"
                     "0.2 0.0 0.2 0.4 0.6 ");
}
END_TEST

START_TEST(large_marks_share_a_unit)
{
    ck_assert_str_eq(ticks(page_of("who", FB_C_STRING, "total", FB_C_INTEGER, 2,
                                   CELLS("a", "700000", "b", "2400000"))),
                     "0 0.5M 1M 1.5M 2M 2.5M ");
}
END_TEST

START_TEST(whole_numbers_have_no_marks_between_them)
{
    ck_assert_str_eq(ticks(page_of("who", FB_C_STRING, "total", FB_C_INTEGER, 2,
                                   CELLS("a", "1", "b", "2"))),
                     "0 1 2 ");
}
END_TEST

START_TEST(only_zeros_still_make_an_axis)
{
    ck_assert_str_eq(ticks(page_of("who", FB_C_STRING, "total", FB_C_INTEGER, 2,
                                   CELLS("a", "0", "b", "0"))),
                     "0 1 ");
}
END_TEST

START_TEST(marks_over_years_stand_at_the_calendars_steps)
{
    static char days[20][16];
    const char *cells[40];

    for (size_t i = 0; i < 20; i++) {
        snprintf(days[i], sizeof(days[i]), "%zu-07-01", 2001 + i);
        cells[2 * i] = days[i];
        cells[2 * i + 1] = "1";
    }
    has(page_of("day", FB_C_DATE, "total", FB_C_INTEGER, 20, cells),
        ">2005</text>");
    ck_assert_ptr_nonnull(
        strstr(ticks(folder_read(&folder, "object.dashboard")),
               "2005 2010 2015 2020 "));
}
END_TEST

START_TEST(numbers_too_large_for_a_picture_are_left_out_of_it)
{
    has_not(page_of("who", FB_C_STRING, "total", FB_C_NUMBER, 2,
                    CELLS("a", "1e305", "b", "-1e305")),
            "<figure");
}
END_TEST

/* --- the table ------------------------------------------------------------ */

START_TEST(numbers_are_grouped_and_keep_all_their_digits)
{
    const char *page =
        page_of("a", FB_C_NUMBER, "b", FB_C_NUMBER, 3,
                CELLS("1234567.50", "-1234", "999", "0.10", "12", "1e+20"));

    has(page, "data-raw=\"1234567.50\">1,234,567.50</td>");
    has(page, "data-raw=\"-1234\">-1,234</td>");
    has(page, ">999</td>");
    has(page, ">0.10</td>");
    has(page, "data-raw=\"1e+20\">1e+20</td>");
}
END_TEST

START_TEST(points_stand_below_points)
{
    const char *page = page_of("a", FB_C_STRING, "b", FB_C_NUMBER, 3,
                               CELLS("x", "1.25", "y", "2.5", "z", "3"));

    has(page, "<td class=\"n\">1.25</td>");
    has(page, "<td class=\"n p1\">2.5</td>");
    has(page, "<td class=\"n q2\">3</td>");
}
END_TEST

START_TEST(numbers_of_another_notation_say_what_they_sort_by)
{
    struct fb_column *column;

    fake_column(fake, "a", FB_C_STRING);
    column = fake_column(fake, "b", FB_C_NUMBER);
    column->decimal_char = ",";
    column->group_char = ".";
    fake_input(fake, "sales", "Sales");
    begin();
    rows(0, 1, CELLS("x", "1.234,5"));
    has(finish(), "<td class=\"n\" data-n=\"1234.5\">1.234,5</td>");
}
END_TEST

START_TEST(headings_are_written_for_people)
{
    const char *page = page_of("total_amount", FB_C_STRING, "OrderID",
                               FB_C_STRING, 1, CELLS("x", "y"));

    has(page, "<th scope=\"col\" data-raw=\"total_amount\">Total amount</th>");
    has(page, "<th scope=\"col\">OrderID</th>");
}
END_TEST

START_TEST(a_unit_stands_beside_the_name)
{
    static const struct fb_pair units[] = {{"total", "\xe5\x86\x86", NULL}};

    fake_option_map(fake, "units", units, 1);
    has(page_of("who", FB_C_STRING, "total", FB_C_INTEGER, 2,
                CELLS("a", "1", "b", "2")),
        "Total <span class=\"unit\">\xe5\x86\x86</span></th>");
}
END_TEST

START_TEST(a_large_result_is_cut_and_says_so)
{
    static char numbers[50][8];
    const char *cells[100], *page;

    fake_option(fake, "rows", "60");
    fake_column(fake, "n", FB_C_STRING);
    fake_column(fake, "m", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    for (size_t i = 0; i < 50; i++) {
        snprintf(numbers[i], sizeof(numbers[i]), "r%zu", i);
        cells[2 * i] = cells[2 * i + 1] = numbers[i];
    }
    begin();
    for (int i = 0; i < 30; i++)
        rows(0, 50, cells);
    page = finish();
    has(page, "First 60 of 1,500 rows; the others are not in this page");
    has(page, "1,500 rows arrived = 60 shown + 1,440 left out");
    has(page, "<tr><td>r9</td><td>r9</td></tr>\n</tbody>");
}
END_TEST

START_TEST(rows_beyond_a_size_are_counted_and_not_kept)
{
    enum { SIZE = 1 << 20 };
    char *large = malloc(SIZE + 1);

    memset(large, 'x', SIZE);
    large[SIZE] = '\0';
    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    begin();
    for (int i = 0; i < 20; i++)
        rows(0, 1, CELLS(large));
    has(finish(), "First 15 of 20 rows");
    free(large);
}
END_TEST

START_TEST(an_input_without_rows_has_a_section)
{
    const char *page;

    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    begin();
    page = finish();
    has(page, "No rows</caption>");
    has(page, "<th scope=\"col\" data-raw=\"a\">A</th>");
}
END_TEST

START_TEST(only_selected_rows_are_shown)
{
    struct fake_batch *batch;
    const char *page;

    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    begin();
    fake_use_input(fake, 0);
    batch = fake_batch(fake, 3, CELLS("one", "two", "three"));
    fb_bit_clear(batch->selection, 1);
    ck_assert_int_eq(fake_write(fake, batch), 0);
    page = finish();
    has(page, ">2 rows</caption>");
    has_not(page, "<td>two</td>");
}
END_TEST

/* --- texts of others ------------------------------------------------------ */

START_TEST(markup_in_data_is_text)
{
    const char *page = page_of(
        "<b>", FB_C_STRING, "b", FB_C_STRING, 2,
        CELLS("<script>alert(1)</script>", "</script><!--", "]]>", "\"&'"));

    has(page, "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>");
    has(page, "<td>&lt;/script&gt;&lt;!--</td>");
    has(page, "<td>]]&gt;</td><td>&quot;&amp;'</td>");
    has(page, ">&lt;b&gt;</th>");
    has_not(page, "alert(1)</script>");
}
END_TEST

START_TEST(what_cannot_be_seen_is_shown_as_signs_and_kept)
{
    const char *page =
        page_of("a", FB_C_STRING, "b", FB_C_STRING, 2,
                CELLS("x\x01y\r\n", "\x7f", "\xc2\x85", "\xef\xbf\xbf\"\\"));

    has(page, "data-raw=\"x\\u0001y\\u000d\\u000a\">x\xe2\x90\x81y\xe2\x90\x8d"
              "\n</td>");
    has(page, "data-raw=\"\\u007f\">\xe2\x90\xa1</td>");
    has(page, "data-raw=\"\\u0085\">\xef\xbf\xbd</td>");
    has(page, "data-raw=\"\\uffff\\&quot;\\\\\">\xef\xbf\xbd&quot;\\</td>");
}
END_TEST

START_TEST(a_nul_is_shown_as_a_sign_and_kept)
{
    struct fake_batch *batch;

    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    begin();
    fake_use_input(fake, 0);
    batch = fake_batch(fake, 1, CELLS("x"));
    batch->cells[0][0].ptr = (const unsigned char *)"a\0b";
    batch->cells[0][0].len = 3;
    ck_assert_int_eq(fake_write(fake, batch), 0);
    has(finish(), "data-raw=\"a\\u0000b\">a\xe2\x90\x80"
                  "b</td>");
}
END_TEST

START_TEST(a_long_text_has_a_box_that_can_be_scrolled)
{
    char text[1001];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    has(page_of("a", FB_C_STRING, "b", FB_C_STRING, 1, CELLS(text, "y")),
        "<td><div class=\"long\" tabindex=\"0\">xxx");
}
END_TEST

START_TEST(long_labels_keep_their_ends)
{
    has(page_of("who", FB_C_STRING, "total", FB_C_INTEGER, 2,
                CELLS("A company of a rather long name 1", "2",
                      "A company of a rather long name 2", "1")),
        ">A company of a ra\xe2\x80\xa6g name 2</text>");
}
END_TEST

START_TEST(labels_are_cut_by_width_between_characters)
{
    /* Sixteen characters of two columns each do not fit. */
    static const char wide[] =
        "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac"
        "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac"
        "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac"
        "\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c"
        "\xac";
    char name[128];

    snprintf(name, sizeof(name),
             "class=\"name\" x=\"0\" y=\"14\">%.24s"
             "\xe2\x80\xa6%s</text>",
             wide, wide + strlen(wide) - 12);
    has(page_of("who", FB_C_STRING, "total", FB_C_INTEGER, 2,
                CELLS(wide, "2", "b", "1")),
        name);
}
END_TEST

/* --- the page ------------------------------------------------------------- */

static void
cut_out(char *page, const char *from, const char *to)
{
    char *begin_at = strstr(page, from) + strlen(from);
    char *end = strstr(begin_at, to);

    memset(begin_at, ' ', (size_t)(end - begin_at));
}

START_TEST(the_page_is_well_formed)
{
    char *page = strdup(page_of(
        "a<", FB_C_STRING, "b", FB_C_NUMBER, 3,
        CELLS("\x02<", "1", "]]>", NULL, "&amp;\xef\xbf\xbe", "12345.5")));
    XML_Parser parser = XML_ParserCreate("UTF-8");

    cut_out(page, "<style>", "</style>");
    cut_out(page, "<script>", "</script>");
    ck_assert_msg(XML_Parse(parser, page, (int)strlen(page), 1) ==
                      XML_STATUS_OK,
                  "line %lu: %s", XML_GetCurrentLineNumber(parser),
                  XML_ErrorString(XML_GetErrorCode(parser)));
    XML_ParserFree(parser);
    free(page);
}
END_TEST

/* That the policy names the hash of what stands in an element. */
static void
is_allowed(const char *page, const char *directive, const char *from,
           const char *to)
{
    const char *at = strstr(page, from) + strlen(from);
    const char *end = strstr(at, to);
    unsigned char digest[EVP_MAX_MD_SIZE];
    char base64[2 * EVP_MAX_MD_SIZE], want[256];

    ck_assert_int_eq(
        EVP_Digest(at, (size_t)(end - at), digest, NULL, EVP_sha256(), NULL),
        1);
    EVP_EncodeBlock((unsigned char *)base64, digest, 32);
    snprintf(want, sizeof(want), "%s 'sha256-%s';", directive, base64);
    has(page, want);
}

START_TEST(the_policy_allows_our_style_and_script_and_no_other)
{
    const char *page =
        page_of("a", FB_C_STRING, "b", FB_C_STRING, 1, CELLS("x", "y"));

    has(page, "content=\"default-src 'none'; ");
    is_allowed(page, "style-src", "<style>", "</style>");
    is_allowed(page, "script-src", "<script>", "</script>");
    has_not(page, "unsafe");
    has_not(page, " style=\"");
    has_not(page, " onclick");
    has_not(page, "src=\"");
}
END_TEST

START_TEST(the_heading_says_where_the_data_came_from)
{
    const char *page;

    fake_option(fake, "title", "Orders & more");
    page = page_of("a", FB_C_STRING, "b", FB_C_STRING, 1, CELLS("x", "y"));
    has(page, "<title>Orders &amp; more</title>");
    has(page, "<h1>Orders &amp; more</h1>");
    has(page, "<dt>Pipeline</dt><dd>pipeline</dd>");
    has(page, "<time datetime=\"1970-01-01\">");
    has(page, "<time datetime=\"2025-11-22T09:00Z\">2025-11-22 09:00 UTC");
    has(page, "<a href=\"#r1\">Sales</a> <span class=\"count\">1 row</span>");
}
END_TEST

START_TEST(without_a_title_the_pipeline_gives_its_name)
{
    has(page_of("a", FB_C_STRING, "b", FB_C_STRING, 1, CELLS("x", "y")),
        "<h1>pipeline</h1>");
}
END_TEST

START_TEST(inputs_have_sections_in_their_order)
{
    const char *page, *first, *second;

    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "one", "First");
    fake_column(fake, "b", FB_C_STRING);
    fake_column(fake, "c", FB_C_STRING);
    fake_input(fake, "two", "Second");
    begin();
    rows(1, 1, CELLS("x", "y"));
    rows(0, 1, CELLS("z"));
    page = finish();
    first = strstr(page, "<h2 id=\"h1\">First</h2>");
    second = strstr(page, "<h2 id=\"h2\">Second</h2>");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
    ck_assert(first < strstr(page, "<td>z</td>") &&
              strstr(page, "<td>z</td>") < second);
    ck_assert(second < strstr(page, "<td>x</td><td>y</td>"));
}
END_TEST

/* --- what cannot be ------------------------------------------------------- */

START_TEST(an_unknown_chart_is_refused)
{
    static const struct fb_pair charts[] = {{"sales", "pie", NULL}};

    fake_option_map(fake, "charts", charts, 1);
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "charts");
    ck_assert_str_eq(fake->err.message, "there is no chart 'pie'");
}
END_TEST

START_TEST(a_chart_for_a_step_that_is_no_input_is_refused)
{
    static const struct fb_pair charts[] = {{"sale", "bar", NULL}};

    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    fake_option_map(fake, "charts", charts, 1);
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_str_eq(fake->refused_option, "charts");
}
END_TEST

START_TEST(a_unit_for_a_column_that_is_nowhere_is_refused)
{
    static const struct fb_pair units[] = {{"a", "kg", NULL},
                                           {"total", "kg", NULL}};

    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    fake_option_map(fake, "units", units, 2);
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_str_eq(fake->refused_option, "units");
    ck_assert_uint_eq(fake->refused_index, 1);
}
END_TEST

START_TEST(a_file_that_cannot_be_made_is_told)
{
    fake->uri = folder_path(&folder, "no/such/folder");
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_OUTPUT);
}
END_TEST

START_TEST(a_full_disk_fails_the_page)
{
    fake_column(fake, "a", FB_C_STRING);
    fake_input(fake, "sales", "Sales");
    fake->uri = "/dev/full";
    begin();
    rows(0, 1, CELLS("x"));
    ck_assert_int_eq(fake_finish(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_OUTPUT);
    fake_close(fake);
}
END_TEST

static TCase *
add(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);

    tcase_add_checked_fixture(tests, setup, teardown);
    suite_add_tcase(suite, tests);
    return tests;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("dashboard");
    TCase *charts = add(suite, "charts"), *axes = add(suite, "axes");
    TCase *tables = add(suite, "tables"), *texts = add(suite, "texts");
    TCase *page = add(suite, "page"), *errors = add(suite, "errors");

    tcase_add_test(charts, words_and_a_number_become_bars);
    tcase_add_test(charts, numbers_over_moments_become_a_line);
    tcase_add_test(charts,
                   texts_that_all_are_moments_and_numbers_count_as_such);
    tcase_add_test(charts, moments_out_of_order_are_no_series);
    tcase_add_test(charts, words_that_come_twice_get_no_bars);
    tcase_add_test(charts, numbers_that_name_things_are_words);
    tcase_add_test(charts, digits_with_a_leading_zero_are_words);
    tcase_add_test(charts, a_chart_can_be_wished_for_and_away);
    tcase_add_test(charts, a_chart_that_cannot_be_drawn_is_told);
    tcase_add_test(charts, a_missing_number_is_a_gap_in_the_line);
    tcase_add_test(charts, of_many_bars_the_largest_are_drawn);
    tcase_add_test(axes, marks_stand_at_round_numbers_from_zero);
    tcase_add_test(axes, marks_go_below_zero_where_numbers_do);
    tcase_add_test(axes, large_marks_share_a_unit);
    tcase_add_test(axes, whole_numbers_have_no_marks_between_them);
    tcase_add_test(axes, only_zeros_still_make_an_axis);
    tcase_add_test(axes, marks_over_years_stand_at_the_calendars_steps);
    tcase_add_test(axes, numbers_too_large_for_a_picture_are_left_out_of_it);
    tcase_add_test(tables, numbers_are_grouped_and_keep_all_their_digits);
    tcase_add_test(tables, points_stand_below_points);
    tcase_add_test(tables, numbers_of_another_notation_say_what_they_sort_by);
    tcase_add_test(tables, headings_are_written_for_people);
    tcase_add_test(tables, a_unit_stands_beside_the_name);
    tcase_add_test(tables, a_large_result_is_cut_and_says_so);
    tcase_add_test(tables, rows_beyond_a_size_are_counted_and_not_kept);
    tcase_add_test(tables, an_input_without_rows_has_a_section);
    tcase_add_test(tables, only_selected_rows_are_shown);
    tcase_add_test(texts, markup_in_data_is_text);
    tcase_add_test(texts, what_cannot_be_seen_is_shown_as_signs_and_kept);
    tcase_add_test(texts, a_nul_is_shown_as_a_sign_and_kept);
    tcase_add_test(texts, a_long_text_has_a_box_that_can_be_scrolled);
    tcase_add_test(texts, long_labels_keep_their_ends);
    tcase_add_test(texts, labels_are_cut_by_width_between_characters);
    tcase_add_test(page, the_page_is_well_formed);
    tcase_add_test(page, the_policy_allows_our_style_and_script_and_no_other);
    tcase_add_test(page, the_heading_says_where_the_data_came_from);
    tcase_add_test(page, without_a_title_the_pipeline_gives_its_name);
    tcase_add_test(page, inputs_have_sections_in_their_order);
    tcase_add_test(errors, an_unknown_chart_is_refused);
    tcase_add_test(errors, a_chart_for_a_step_that_is_no_input_is_refused);
    tcase_add_test(errors, a_unit_for_a_column_that_is_nowhere_is_refused);
    tcase_add_test(errors, a_file_that_cannot_be_made_is_told);
    tcase_add_test(errors, a_full_disk_fails_the_page);
    return suite;
}
