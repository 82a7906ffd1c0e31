/*
 * The end of a run in words and as JSON, now and when read back later.
 */
#include "unit/main.h"

#include <jansson.h>

#include "run/report.h"
#include "util/error.h"

static struct arena *arena;
static struct result result;
static struct result_object output;

static void
setup(void)
{
    arena = arena_new();
    output = (struct result_object){
        .step = "processed", .uri = "out/a.csv", .rows = 6, .bytes = 2048};
    result = (struct result){
        .arena = arena,
        .pipeline = "orders",
        .run_id = "00ff",
        .trigger = "raw/a.csv",
        .attempt = 1,
        .started_ms = 1746864300000,
        .seconds = 0.25,
        .rows_read = 10,
        .rows_written = 6,
        .rows_filtered = 3,
        .rows_rejected = 1,
        .bytes_read = 4096,
        .outputs = &output,
        .output_count = 1,
        .error_count = 1,
    };
    result.errors[0] = (struct fb_report_error){.step = "valid",
                                                .line = 17,
                                                .column = "Amount",
                                                .message = "not a number"};
}

static void
teardown(void)
{
    arena_free(arena);
}

START_TEST(says_the_four_row_numbers_as_an_equation_when_they_balance)
{
    const struct fb_report *report = report_of_result(&result, arena);

    ck_assert_ptr_nonnull(
        strstr(report->text, "10 read = 6 written + 3 filtered + 1 rejected"));
}
END_TEST

START_TEST(does_not_claim_an_equation_that_is_none)
{
    result.rows_written = 12; /* two sinks */
    ck_assert_ptr_nonnull(
        strstr(report_of_result(&result, arena)->text,
               "10 read -> 12 written, 3 filtered, 1 rejected"));
}
END_TEST

START_TEST(names_line_and_column_of_a_rejected_row)
{
    ck_assert_ptr_nonnull(strstr(report_of_result(&result, arena)->text,
                                 "line 17, Amount: not a number"));
}
END_TEST

START_TEST(counts_the_rejected_rows_that_it_does_not_show)
{
    result.rows_rejected = 1501;
    ck_assert_ptr_nonnull(
        strstr(report_of_result(&result, arena)->text, "and 1,500 more"));
}
END_TEST

static const struct step_fact facts[] = {{"scanned", "1.2 MiB"},
                                         {"cost", "0.01\nUSD"}};
static struct result_step steps[] = {
    {.label = "plain", .kind = FB_SOURCE, .type = "file"},
    {.label = "sales",
     .kind = FB_SOURCE,
     .type = "athena",
     .facts = facts,
     .fact_count = 2},
};

START_TEST(says_the_facts_of_each_step_on_a_line_of_its_own)
{
    const struct fb_report *report;

    result.steps = steps;
    result.step_count = 2;
    report = report_of_result(&result, arena);
    ck_assert_ptr_nonnull(strstr(
        report->text, "\n  facts     sales: scanned 1.2 MiB, cost 0.01\\n"));
    ck_assert_ptr_null(strstr(report->text, "plain"));
}
END_TEST

START_TEST(says_the_same_facts_when_it_is_read_back)
{
    const struct fb_report *now, *later;
    struct fb_error err = FB_ERROR_INIT;

    result.steps = steps;
    result.step_count = 2;
    now = report_of_result(&result, arena);
    later = report_of_json(now->json, arena, &err);
    ck_assert_ptr_nonnull(later);
    ck_assert_str_eq(later->text, now->text);
}
END_TEST

START_TEST(reads_back_the_same_report_from_its_json)
{
    struct fb_error err = FB_ERROR_INIT;
    const struct fb_report *now, *later;

    result.attempt = 3;
    now = report_of_result(&result, arena);
    later = report_of_json(now->json, arena, &err);
    ck_assert_ptr_nonnull(later);
    ck_assert_str_eq(later->text, now->text);
    ck_assert_str_eq(later->json, now->json);
    ck_assert_str_eq(later->subject, now->subject);
    ck_assert_int_eq(later->attempt, 3);
    ck_assert_uint_eq(later->output_count, 1);
    ck_assert_uint_eq(later->errors[0].line, 17);
}
END_TEST

START_TEST(puts_the_failure_and_its_hint_first)
{
    const struct fb_report *report;

    fb_fail(&result.error, FB_E_INPUT, "cannot read 'a.csv'");
    fb_hint(&result.error, "save it as CSV");
    report = report_of_result(&result, arena);
    ck_assert_str_eq(report->outcome, "failure");
    ck_assert_str_eq(report->errors[0].message, "cannot read 'a.csv'");
    ck_assert_ptr_nonnull(strstr(report->text, "hint      save it as CSV"));
}
END_TEST

START_TEST(masks_what_would_let_somebody_in)
{
    const struct fb_report *report;

    output.uri = "ftp://shop:hush@host/out.csv";
    result.trigger = "https://host/a.csv?token=hush";
    fb_fail(&result.error, FB_E_UNAVAILABLE, "no answer from '%s'", output.uri);
    fb_hint(&result.error, "look at '%s'", output.uri);
    report = report_of_result(&result, arena);
    ck_assert_ptr_null(strstr(report->text, "hush"));
    ck_assert_ptr_null(strstr(report->json, "hush"));
    ck_assert_ptr_null(strstr(report_summary(&result, arena), "hush"));
    ck_assert_str_eq(report->trigger, "https://host/a.csv?****");
    ck_assert_str_eq(report->outputs[0].uri, "ftp://shop:****@host/out.csv");
}
END_TEST

START_TEST(keeps_hostile_names_on_one_line)
{
    result.trigger = "raw/a\n\x1b[31mb.csv";
    ck_assert_ptr_null(strchr(report_of_result(&result, arena)->text, '\x1b'));
    ck_assert_ptr_null(strchr(report_of_result(&result, arena)->subject, '\n'));
}
END_TEST

START_TEST(keeps_a_name_that_is_not_utf8)
{
    result.trigger = "raw/\xff.csv";
    ck_assert_ptr_nonnull(
        strstr(report_of_result(&result, arena)->json, "xff.csv"));
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("report");
    TCase *tests = tcase_create("report");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests,
                   says_the_four_row_numbers_as_an_equation_when_they_balance);
    tcase_add_test(tests, does_not_claim_an_equation_that_is_none);
    tcase_add_test(tests, names_line_and_column_of_a_rejected_row);
    tcase_add_test(tests, counts_the_rejected_rows_that_it_does_not_show);
    tcase_add_test(tests, says_the_facts_of_each_step_on_a_line_of_its_own);
    tcase_add_test(tests, says_the_same_facts_when_it_is_read_back);
    tcase_add_test(tests, reads_back_the_same_report_from_its_json);
    tcase_add_test(tests, puts_the_failure_and_its_hint_first);
    tcase_add_test(tests, masks_what_would_let_somebody_in);
    tcase_add_test(tests, keeps_hostile_names_on_one_line);
    tcase_add_test(tests, keeps_a_name_that_is_not_utf8);
    suite_add_tcase(suite, tests);
    return suite;
}
