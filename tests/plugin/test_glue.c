/*
 * What the sink `glue` tells before anything is written: of its options, of
 * columns and their order, and of cells that Athena would read as others.
 * What it makes in Glue is tests/e2e/test_glue.py's business.
 */
#include "plugin/athena_kit.h"

static const struct fb_column columns[] = {
    {.name = "id", .type = FB_C_INTEGER},
    {.name = "name", .type = FB_C_STRING},
    {.name = "dt", .type = FB_C_DATE},
};
static const char *const missing[] = {""};
static const char *const one_table[] = {"db.one", NULL};
static const char *const both_tables[] = {"db.one", "db.two", NULL};

static struct fake *fake;
static struct fb_table tables[2];

static void
setup(void)
{
    kit_begin();
    fake = fake_new("glue", FB_SINK);
    kit_services(fake);
    fake_option(fake, "region", "us-east-1");
    fake_option(fake, "endpoint", http_script_url(script));
    fake_option(fake, "s3_endpoint", http_script_url(script));
    fake_option_list(fake, "table", one_table);
    tables[0] = (struct fb_table){
        .size = sizeof(tables[0]),
        .name = "db.one",
        .database = "db",
        .table = "one",
        .location = "s3://bucket/one/",
        .format = "csv",
        .charset = "utf-8",
        .compression = "auto",
        .delimiter = ',',
        .quote = '"',
        .header = true,
        .missing = {1, missing},
        .column_count = 2,
        .columns = columns,
    };
    tables[1] = tables[0];
    tables[1].name = "db.two";
    tables[1].table = "two";
    tables[1].location = "s3://bucket/two/";
    kit.tables = tables;
    kit.table_count = 2;
    kit.targets[0] = (struct fb_target){
        .size = sizeof(struct fb_target),
        .step = "files",
        .uri = "s3://bucket/one/a.csv",
    };
    kit.targets[1] = kit.targets[0];
    kit.targets[1].uri = "s3://bucket/two/a.csv";
    kit.target_count = 2;
}

static void
teardown(void)
{
    http_script_start(script);
    http_script_finish(script);
    kit_end_run();
    fake_free(fake);
}

static void
give(const char *step, const char *first, const char *second)
{
    fake_column(fake, first,
                strcmp(first, "id") == 0 ? FB_C_INTEGER : FB_C_STRING);
    if (second != NULL)
        fake_column(fake, second,
                    strcmp(second, "id") == 0 ? FB_C_INTEGER : FB_C_STRING);
    fake_input(fake, step, step);
}

static void
assert_refused(const char *why)
{
    int status = fake_check(fake) != 0 ? -1 : fake_bind(fake);

    ck_assert_int_eq(status, -1);
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
    ck_assert_str_eq(fake->refused_option, "table");
    ck_assert_msg(strstr(fake->err.message, why) != NULL, "%s",
                  fake->err.message);
}

static void
assert_fine(void)
{
    if (fake_check(fake) != 0 || fake_bind(fake) != 0)
        ck_abort_msg("%s", fake->err.message);
}

/* --- which table --- */

START_TEST(a_table_must_be_declared)
{
    static const char *const names[] = {"db.three", NULL};

    fake_option_list(fake, "table", names);
    assert_refused("the pipeline declares no table 'db.three'");
    ck_assert_str_eq(fake->err.hint, "under 'tables:' stand db.one, db.two");
}
END_TEST

START_TEST(a_table_stands_there_once)
{
    static const char *const names[] = {"db.one", "db.one", NULL};

    fake_option_list(fake, "table", names);
    assert_refused("the table 'db.one' stands here twice");
}
END_TEST

START_TEST(tables_and_inputs_are_as_many)
{
    fake_option_list(fake, "table", both_tables);
    give("a", "id", "name");
    give("b", "id", "name");
    assert_fine();
    give("c", "id", "name");
    assert_refused("2 tables and 3 inputs");
}
END_TEST

START_TEST(some_sink_must_write_it)
{
    give("a", "id", "name");
    kit.target_count = 0;
    assert_refused("no sink of this pipeline writes below 's3://bucket/one/'");
}
END_TEST

START_TEST(what_begins_with_an_underscore_is_no_part_of_a_table)
{
    give("a", "id", "name");
    kit.targets[0].uri = "s3://bucket/one/_a.csv";
    assert_refused("no sink of this pipeline writes below 's3://bucket/one/'");
}
END_TEST

START_TEST(what_athena_cannot_read_is_told_on_a_laptop_too)
{
    tables[0].location = "var/one/";
    tables[0].charset = "cp932";
    assert_refused("it reads only UTF-8");
}
END_TEST

START_TEST(on_a_laptop_no_sink_is_looked_for)
{
    tables[0].location = "var/one/";
    give("a", "id", "name");
    assert_fine();
}
END_TEST

/* --- columns --- */

START_TEST(a_column_too_many_is_named)
{
    give("a", "id", "name");
    give("b", "id", "price");
    assert_refused("'b' gives a column 'price' that the table 'db.one' does "
                   "not have");
}
END_TEST

START_TEST(a_column_too_few_is_named)
{
    give("a", "id", NULL);
    assert_refused("the table 'db.one' has a column 'name' that 'a' does not "
                   "give");
}
END_TEST

START_TEST(a_column_of_the_path_is_none_of_the_files)
{
    tables[0].column_count = 3;
    tables[0].partition_count = 1;
    give("a", "id", "dt");
    assert_refused("the column 'dt' of 'a' stands in the path");
}
END_TEST

START_TEST(names_are_those_of_the_table_in_any_case)
{
    give("a", "ID", "Name");
    assert_fine();
}
END_TEST

START_TEST(types_count_where_files_keep_them)
{
    tables[0].format = "parquet";
    kit.targets[0].uri = "s3://bucket/one/a.parquet";
    give("a", "ID", "name");
    assert_refused("'a' gives the column 'ID' as string, and the table "
                   "'db.one' has it as integer");
}
END_TEST

START_TEST(headers_tell_the_order_of_columns)
{
    give("a", "name", "id");
    assert_fine();
}
END_TEST

START_TEST(packed_files_must_have_the_declared_order)
{
    kit.targets[0].uri = "s3://bucket/one/a.csv.gz";
    give("a", "name", "id");
    assert_refused("no header of 's3://bucket/one/a.csv.gz' could be asked");
}
END_TEST

START_TEST(files_without_header_must_have_the_declared_order)
{
    tables[0].header = false;
    give("a", "name", "id");
    assert_refused("stand in another order than those of the table 'db.one'");
}
END_TEST

START_TEST(the_order_does_not_matter_in_parquet)
{
    tables[0].format = "parquet";
    kit.targets[0].uri = "s3://bucket/one/a.parquet";
    give("a", "name", "id");
    assert_fine();
}
END_TEST

static void
expect_no_table(void)
{
    kit_refuse(kit_expect("glue", "GetTable"), "EntityNotFoundException");
    kit_refuse(kit_expect("glue", "GetTable"), "EntityNotFoundException");
}

START_TEST(inputs_of_one_table_have_one_order)
{
    give("a", "id", "name");
    give("b", "name", "id");
    expect_no_table();
    http_script_start(script);
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(fake->err.message,
                                 "the columns of 'b' stand in another order "
                                 "than those of the other inputs"));
    http_script_finish(script);
    script = http_script_new();
}
END_TEST

/* --- cells --- */

/* A row of the input 'a', and what becomes of it. */
static int
write_row(const char *name)
{
    const char *texts[] = {"1", "fine", "2", name};
    int status;

    give("a", "id", "name");
    expect_no_table();
    http_script_start(script);
    if (fake_begin(fake) != 0)
        ck_abort_msg("%s", fake->err.message);
    fake_use_input(fake, 0);
    status = fake_write(fake, fake_batch(fake, 2, texts));
    fake_close(fake);
    http_script_finish(script);
    script = http_script_new();
    return status;
}

START_TEST(ordinary_cells_pass)
{
    ck_assert_int_eq(write_row("a \\ \"b\", \t\xe3\x81\x82"), 0);
}
END_TEST

START_TEST(a_line_feed_in_a_cell_is_refused)
{
    ck_assert_int_eq(write_row("a\nb"), -1);
    ck_assert_int_eq(fake->err.code, FB_E_INPUT);
    ck_assert_ptr_nonnull(
        strstr(fake->err.message, "column 'name' holds a line break"));
}
END_TEST

START_TEST(a_carriage_return_in_a_cell_is_refused)
{
    ck_assert_int_eq(write_row("a\rb"), -1);
    ck_assert_int_eq(fake->err.code, FB_E_INPUT);
}
END_TEST

START_TEST(the_character_that_stands_for_an_escape_is_refused)
{
    ck_assert_int_eq(write_row("a\x01"), -1);
    ck_assert_ptr_nonnull(
        strstr(fake->err.message, "holds the character U+0001"));
}
END_TEST

START_TEST(line_breaks_may_be_allowed)
{
    fake_option(fake, "line_breaks", "allow");
    ck_assert_int_eq(write_row("a\nb"), 0);
}
END_TEST

START_TEST(rows_of_a_laptop_are_not_looked_at)
{
    const char *texts[] = {"1", "a\nb"};

    tables[0].location = "var/one/";
    give("a", "id", "name");
    ck_assert_int_eq(fake_begin(fake), 0);
    fake_use_input(fake, 0);
    ck_assert_int_eq(fake_write(fake, fake_batch(fake, 1, texts)), 0);
    ck_assert_int_eq(fake_finish(fake), 0);
    ck_assert_str_eq(kit.facts[0], "db.one: not registered: 'var/one/' lies "
                                   "outside of S3");
    fake_close(fake);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("glue");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_table_must_be_declared);
    tcase_add_test(tcase, a_table_stands_there_once);
    tcase_add_test(tcase, tables_and_inputs_are_as_many);
    tcase_add_test(tcase, some_sink_must_write_it);
    tcase_add_test(tcase, what_begins_with_an_underscore_is_no_part_of_a_table);
    tcase_add_test(tcase, what_athena_cannot_read_is_told_on_a_laptop_too);
    tcase_add_test(tcase, on_a_laptop_no_sink_is_looked_for);
    tcase_add_test(tcase, a_column_too_many_is_named);
    tcase_add_test(tcase, a_column_too_few_is_named);
    tcase_add_test(tcase, a_column_of_the_path_is_none_of_the_files);
    tcase_add_test(tcase, names_are_those_of_the_table_in_any_case);
    tcase_add_test(tcase, types_count_where_files_keep_them);
    tcase_add_test(tcase, headers_tell_the_order_of_columns);
    tcase_add_test(tcase, packed_files_must_have_the_declared_order);
    tcase_add_test(tcase, files_without_header_must_have_the_declared_order);
    tcase_add_test(tcase, the_order_does_not_matter_in_parquet);
    tcase_add_test(tcase, inputs_of_one_table_have_one_order);
    tcase_add_test(tcase, ordinary_cells_pass);
    tcase_add_test(tcase, a_line_feed_in_a_cell_is_refused);
    tcase_add_test(tcase, a_carriage_return_in_a_cell_is_refused);
    tcase_add_test(tcase, the_character_that_stands_for_an_escape_is_refused);
    tcase_add_test(tcase, line_breaks_may_be_allowed);
    tcase_add_test(tcase, rows_of_a_laptop_are_not_looked_at);
    suite_add_tcase(suite, tcase);
    return suite;
}
