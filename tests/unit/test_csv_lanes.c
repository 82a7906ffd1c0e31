/*
 * codec/lane.h: what each lane says, and that both say the same.
 */
#include "codec/lane.h"

#include "unit/codec_kit.h"
#include "unit/lane_kit.h"
#include "util/limits.h"

static char *
run(struct lane *lane, const struct format *format, const char *text,
    size_t size)
{
    struct lane_case of = {(const unsigned char *)text, size, (size_t)1 << 20,
                           1000, 1000};
    struct buf out;
    char *shown;

    buf_init(&out, (size_t)1 << 28);
    lane_kit_run(lane, format, &of, &out);
    shown = strdup(buf_text(&out));
    buf_release(&out);
    lane_free(lane);
    return shown;
}

/* What libcsv says, and the other lane too. */
static void
expect_both(const struct format *format, const char *text, const char *want)
{
    char *shown = run(lane_libcsv_new(format), format, text, strlen(text));

    ck_assert_str_eq(shown, want);
    free(shown);
    shown = run(lane_plain_new(format), format, text, strlen(text));
    ck_assert_str_eq(shown, want);
    free(shown);
    shown = run(lane_dialect_new(format), format, text, strlen(text));
    ck_assert_str_eq(shown, want);
    free(shown);
}

static void
expect(const struct format *format, const char *text, const char *want)
{
    char *shown = run(lane_dialect_new(format), format, text, strlen(text));

    ck_assert(!lane_libcsv_knows(format));
    ck_assert_str_eq(shown, want);
    free(shown);
}

START_TEST(both_read_plain_and_quoted_cells)
{
    struct format f = kit_format();

    expect_both(&f, "a,b\n\"c\",\"\"\n,\n",
                "1+1 2/2 [a] [b]\n"
                "2+1 2/2 q[c] q[]\n"
                "3+1 2/2 [] []\n");
}
END_TEST

START_TEST(both_take_a_doubled_quote_for_one)
{
    struct format f = kit_format();

    expect_both(&f, "\"a\"\"b\",\"\"\"\"\n\"\"\"\"\"\"",
                "1+1 2/2 q[a\"b] "
                "q[\"]\n"
                "2+1 1/1 q[\"\"]\n");
}
END_TEST

START_TEST(both_keep_spaces)
{
    struct format f = kit_format();

    expect_both(&f, " a , b\n\" c \"\n \n",
                "1+1 2/2 [ a ] [ b]\n2+1 1/1 q[ c ]\n3+1 1/1 [ ]\n");
}
END_TEST

START_TEST(both_skip_blank_lines)
{
    struct format f = kit_format();

    expect_both(&f, "\n\r\n\ra\r\n\r\r\n\n", "4+1 1/1 [a]\n");
    expect_both(&f, "", "");
}
END_TEST

START_TEST(both_keep_line_ends_inside_quotes)
{
    struct format f = kit_format();

    expect_both(&f, "\"a\r\nb\rc\n\",d\ne",
                "1+4 2/2 q[a\r\nb\rc\n] [d]\n"
                "5+1 1/1 [e]\n");
}
END_TEST

START_TEST(both_refuse_a_quote_inside_a_bare_cell)
{
    struct format f = kit_format();

    expect_both(&f, "a,b\"c\nd\n",
                "1+1 0/0 problem 1 at 3 cell 1\n"
                "2+1 1/1 [d]\n");
    expect_both(&f, "a, \"b\"\n", "1+1 0/0 problem 1 at 3 cell 1\n");
}
END_TEST

START_TEST(both_refuse_text_behind_a_closing_quote)
{
    struct format f = kit_format();

    expect_both(&f, "\"a\"b\n\"c\" ,d\n",
                "1+1 0/0 problem 2 at 3 cell 0\n"
                "2+1 0/0 problem 2 at 8 cell 0\n");
}
END_TEST

START_TEST(both_resume_behind_the_first_line_of_a_refused_record)
{
    struct format f = kit_format();

    expect_both(&f, "a,\"b\nc\nd,\"e\"\nf\n",
                "1+1 0/0 problem 2 at 10 cell 1\n"
                "2+1 1/1 [c]\n"
                "3+1 2/2 [d] q[e]\n"
                "4+1 1/1 [f]\n");
    expect_both(&f, "a\n\"b\nc",
                "1+1 1/1 [a]\n"
                "2+1 0/0 problem 3 at 2 cell 0\n"
                "3+1 1/1 [c]\n");
}
END_TEST

START_TEST(both_say_where_an_unclosed_quote_was_opened)
{
    struct format f = kit_format();

    expect_both(&f, "\"a\n\",\"b\nc\n",
                "1+1 0/0 problem 3 at 5 cell 1\n"
                "2+1 0/0 problem 2 at 6 cell 0\n"
                "3+1 1/1 [c]\n");
}
END_TEST

START_TEST(both_keep_bytes_that_text_rarely_has)
{
    struct format f = kit_format();
    static const char text[] = "a\0b,\"\0\"\n\x7f\xc3\xbf,\x01\n";
    char *one = run(lane_libcsv_new(&f), &f, text, sizeof(text) - 1);
    char *other = run(lane_dialect_new(&f), &f, text, sizeof(text) - 1);

    ck_assert_str_eq(one, other);
    ck_assert(strncmp(one, "1+1 2/2 [a", 10) == 0);
    free(one);
    free(other);
}
END_TEST

START_TEST(both_count_the_cells_that_they_do_not_keep)
{
    struct format f = kit_format();
    struct lane_case of = {(const unsigned char *)"a,b,\"c\"\"\"\nd\n", 12, 100,
                           1000, 2};
    struct lane *lanes[] = {lane_libcsv_new(&f), lane_plain_new(&f),
                            lane_dialect_new(&f)};

    for (size_t i = 0; i < 3; i++) {
        struct buf out;

        buf_init(&out, 1000);
        lane_kit_run(lanes[i], &f, &of, &out);
        ck_assert_str_eq(buf_text(&out), "1+1 2/3 [a] [b]\n2+1 1/1 [d]\n");
        buf_release(&out);
        lane_free(lanes[i]);
    }
}
END_TEST

START_TEST(both_give_up_an_open_quote_past_the_longest_record)
{
    struct format f = kit_format();
    size_t size = RECORD_MAX + (size_t)1000000;
    char *text = malloc(size + 1), *one, *other;

    ck_assert_ptr_nonnull(text);
    memset(text, 'x', size);
    for (size_t i = 999; i < size; i += 1000)
        text[i] = '\n';
    text[0] = '"';
    /* It is closed, but too far behind. */
    text[size - 2] = '"';
    text[size] = '\0';
    one = run(lane_libcsv_new(&f), &f, text, size);
    other = run(lane_dialect_new(&f), &f, text, size);
    ck_assert(strcmp(one, other) == 0);
    ck_assert(strncmp(one, "1+1 0/0 problem 3 at 0 cell 0\n2+1 1/1 [x", 40) ==
              0);
    free(one);
    free(other);
    free(text);
}
END_TEST

START_TEST(escapes_take_the_meaning_from_what_follows)
{
    struct format f = kit_format();

    f.dialect.escape_char = "\\";
    expect(&f, "a\\,b,\"c\\\"d\",\\\\,\\e\n\"f\"\"g\"\n",
           "1+1 4/4 [a,b] q[c\"d] [\\] [e]\n2+1 1/1 q[f\"g]\n");
    expect(&f, "a\\\r\nb,c\nd\n", "1+2 2/2 [a\r\nb] [c]\n3+1 1/1 [d]\n");
    expect(&f, "a\nb\\", "1+1 1/1 [a]\n2+1 0/0 problem 4 at 3 cell 0\n");
    expect(&f, "\"a\"\\b\n", "1+1 0/0 problem 2 at 3 cell 0\n");
}
END_TEST

START_TEST(without_doubling_a_second_quote_is_refused)
{
    struct format f = kit_format();

    f.dialect.double_quote = false;
    expect(&f, "\"a\",b\n\"c\"\"d\"\n",
           "1+1 2/2 q[a] [b]\n2+1 0/0 problem 1 at 9 cell 0\n");
}
END_TEST

START_TEST(without_a_quote_character_quotes_are_text)
{
    struct format f = kit_format();

    f.dialect.quote_char = "";
    expect(&f, "\"a\",b\"c\n", "1+1 2/2 [\"a\"] [b\"c]\n");
}
END_TEST

START_TEST(skips_spaces_behind_delimiters)
{
    struct format f = kit_format();

    f.dialect.skip_initial_space = true;
    expect(&f, " a,  \"b, c\", d \n,  \n",
           "1+1 3/3 [a] q[b, c] [d ]\n2+1 2/2 [] []\n");
}
END_TEST

START_TEST(ends_records_at_a_terminator_of_its_own)
{
    struct format f = kit_format();

    f.dialect.line_terminator = "|";
    expect(&f, "a,b|c\n,d||\"e|\",f",
           "1+1 2/2 [a] [b]\n"
           "2+1 2/2 [c\n] [d]\n"
           "4+2 2/2 q[e|] [f]\n");
    f.dialect.line_terminator = "=>";
    expect(&f, "a=b=>c", "1+1 1/1 [a=b]\n2+1 1/1 [c]\n");
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

/* A text of bytes that mean something, and a few that do not. */
static size_t
make_text(uint32_t *state, unsigned char *text, size_t max, char delimiter,
          char quote)
{
    size_t size = next_random(state) % max;
    const char alphabet[] = {quote, quote,  quote, delimiter, delimiter,
                             '\n',  '\n',   '\r',  'a',       'b',
                             ' ',   '\xc3', '#',   '\0',      ','};

    for (size_t i = 0; i < size; i++)
        text[i] =
            (unsigned char)alphabet[next_random(state) % sizeof(alphabet)];
    /* Whole characters only: decoding is not what is tested here. */
    for (size_t i = 0; i < size; i++)
        if (text[i] == 0xc3) {
            if (i + 1 == size)
                text[i] = 'x';
            else
                text[++i] = 0xa9;
        }
    return size;
}

static void
compare_lane(struct lane *other, const struct format *format,
             const struct lane_case *of, unsigned number)
{
    struct lane *one = lane_libcsv_new(format);
    struct buf a, b;

    buf_init(&a, (size_t)1 << 24);
    buf_init(&b, (size_t)1 << 24);
    lane_kit_run(one, format, of, &a);
    lane_kit_run(other, format, of, &b);
    ck_assert_msg(
        a.size == b.size && memcmp(buf_text(&a), buf_text(&b), a.size) == 0,
        "text %u: '%.*s'\nlibcsv says:\n%s\nthe other:\n%s", number,
        (int)of->size, (const char *)of->text, buf_text(&a), buf_text(&b));
    lane_free(one);
    lane_free(other);
    buf_release(&a);
    buf_release(&b);
}

static void
compare_lanes(const struct format *format, const struct lane_case *of,
              unsigned number)
{
    compare_lane(lane_dialect_new(format), format, of, number);
    compare_lane(lane_plain_new(format), format, of, number);
}

START_TEST(both_agree_on_generated_texts)
{
    static const char *const dialects[][3] = {
        {",", "\"", NULL}, {";", "'", NULL}, {"\t", "\"", "#"}};
    unsigned char text[200];
    uint32_t state = 20250210;

    for (unsigned i = 0; i < 12000; i++) {
        struct format f = kit_format();
        struct lane_case of = {.text = text};

        f.dialect.delimiter = dialects[i % 3][0];
        f.dialect.quote_char = dialects[i % 3][1];
        f.dialect.comment_char = dialects[i % 3][2];
        of.size = make_text(&state, text, i % 10 == 0 ? sizeof(text) : 24,
                            dialects[i % 3][0][0], dialects[i % 3][1][0]);
        of.target = 1 + next_random(&state) % 30;
        of.records_max = 1 + next_random(&state) % 4;
        of.cells_max = 1 + next_random(&state) % 5;
        compare_lanes(&f, &of, i);
    }
}
END_TEST

START_TEST(says_the_same_however_the_text_is_cut)
{
    unsigned char text[60];
    uint32_t state = 4180;
    struct format f = kit_format();

    f.dialect.escape_char = "\\";
    for (unsigned i = 0; i < 500; i++) {
        struct lane_case of = {text, 0, (size_t)1 << 20, 100000, 100};
        struct lane *lane = lane_dialect_new(&f);
        struct buf whole, cut;

        of.size = make_text(&state, text, sizeof(text), ',', '"');
        for (size_t k = 0; k < of.size; k += 7)
            if (text[k] == 'a')
                text[k] = '\\';
        buf_init(&whole, (size_t)1 << 20);
        buf_init(&cut, (size_t)1 << 20);
        lane_kit_run(lane, &f, &of, &whole);
        of.target = 1;
        of.records_max = 1;
        lane_kit_run(lane, &f, &of, &cut);
        ck_assert_str_eq(buf_text(&whole), buf_text(&cut));
        lane_free(lane);
        buf_release(&whole);
        buf_release(&cut);
    }
}
END_TEST

START_TEST(the_environment_may_demand_a_lane_that_exists)
{
    struct format f = kit_format();
    struct fb_error err = FB_ERROR_INIT;
    struct lane *lane = NULL;

    setenv("FOREBAY_CSV", "libcsv", 1);
    ck_assert_int_eq(lane_choose(&f, &lane, &err), 0);
    ck_assert_str_eq(lane->class->name, "libcsv");
    lane_free(lane);
    unsetenv("FOREBAY_CSV");
    ck_assert_int_eq(lane_choose(&f, &lane, &err), 0);
    ck_assert_str_eq(lane->class->name, "plain");
    lane_free(lane);
    f.dialect.skip_initial_space = true;
    ck_assert_int_eq(lane_choose(&f, &lane, &err), 0);
    ck_assert_str_eq(lane->class->name, "dialect");
    lane_free(lane);
    setenv("FOREBAY_CSV", "libcvs", 1);
    ck_assert_int_eq(lane_choose(&f, &lane, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_str_eq(err.message, "FOREBAY_CSV names no lane: 'libcvs'");
    unsetenv("FOREBAY_CSV");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("csv lanes");
    TCase *both = tcase_create("both");
    TCase *dialect = tcase_create("dialect");

    tcase_set_timeout(both, 120);
    tcase_add_test(both, both_read_plain_and_quoted_cells);
    tcase_add_test(both, both_take_a_doubled_quote_for_one);
    tcase_add_test(both, both_keep_spaces);
    tcase_add_test(both, both_skip_blank_lines);
    tcase_add_test(both, both_keep_line_ends_inside_quotes);
    tcase_add_test(both, both_refuse_a_quote_inside_a_bare_cell);
    tcase_add_test(both, both_refuse_text_behind_a_closing_quote);
    tcase_add_test(both, both_resume_behind_the_first_line_of_a_refused_record);
    tcase_add_test(both, both_say_where_an_unclosed_quote_was_opened);
    tcase_add_test(both, both_keep_bytes_that_text_rarely_has);
    tcase_add_test(both, both_count_the_cells_that_they_do_not_keep);
    tcase_add_test(both, both_give_up_an_open_quote_past_the_longest_record);
    tcase_add_test(both, both_agree_on_generated_texts);
    suite_add_tcase(suite, both);
    tcase_set_timeout(dialect, 60);
    tcase_add_test(dialect, escapes_take_the_meaning_from_what_follows);
    tcase_add_test(dialect, without_doubling_a_second_quote_is_refused);
    tcase_add_test(dialect, without_a_quote_character_quotes_are_text);
    tcase_add_test(dialect, skips_spaces_behind_delimiters);
    tcase_add_test(dialect, ends_records_at_a_terminator_of_its_own);
    tcase_add_test(dialect, says_the_same_however_the_text_is_cut);
    tcase_add_test(dialect, the_environment_may_demand_a_lane_that_exists);
    suite_add_tcase(suite, dialect);
    return suite;
}
