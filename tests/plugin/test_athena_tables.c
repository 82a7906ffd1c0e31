/*
 * What the source `athena` makes in Glue before its first query: in which
 * calls, and what it does when others do the same.
 */
#include "plugin/athena_kit.h"

#include "aws/json.h"

static const struct fb_column columns[] = {
    {.name = "OrderID", .type = FB_C_STRING},
    {.name = "Amount", .type = FB_C_NUMBER},
    {.name = "dt", .type = FB_C_DATE},
};
static const char *const missing[] = {""};
static const char *objects[104];

static struct fake *fake;
static struct fb_table table;

static void
setup(void)
{
    kit_begin();
    fake = fake_new("athena", FB_SOURCE);
    kit_services(fake);
    fake_option(fake, "region", "us-east-1");
    fake_option(fake, "endpoint", http_script_url(script));
    fake_option(fake, "s3_endpoint", http_script_url(script));
    fake_option(fake, "glue_endpoint", http_script_url(script));
    fake_option(fake, "max_attempts", "2");
    fake_option(fake, "output", "s3://results/x/");
    fake_option(fake, "query", "SELECT 1 AS one");
    fake_option(fake, "poll", "1m");
    fake_option(fake, "poll_max", "1m");
    table = (struct fb_table){
        .size = sizeof(table),
        .name = "orders_db.processed",
        .database = "orders_db",
        .table = "processed",
        .location = "s3://bucket/processed/",
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
    memset(objects, 0, sizeof(objects));
    kit.tables = &table;
    kit.table_count = 1;
    kit.objects = objects;
}

static void
teardown(void)
{
    kit_end_run();
    fake_free(fake);
}

/* --- what Glue is asked, and answers --- */

static struct http_step *
expect_missing(const char *operation)
{
    struct http_step *step = kit_expect("glue", operation);

    kit_refuse(step, "EntityNotFoundException");
    return step;
}

static struct http_step *
expect_create(const char *name)
{
    struct http_step *step = kit_expect("glue", "CreateTable");
    char part[100];

    snprintf(part, sizeof(part), "\"Name\":\"%s\",\"TableType\"", name);
    http_expect_in_body(step, part);
    return step;
}

/* What an earlier CreateTable or UpdateTable sent is there. */
static void
expect_there(const struct http_step *made, const char *version)
{
    struct http_step *step = kit_expect("glue", "GetTable");
    struct fb_error err;
    const char *text;
    size_t size;
    json_t *body, *answer;

    text = http_seen_body(made, &size);
    ck_assert_int_eq(
        aws_json_parse((const unsigned char *)text, size, &body, &err), 0);
    answer = json_pack("{s:O}", "Table", json_object_get(body, "TableInput"));
    json_object_set_new(json_object_get(answer, "Table"), "VersionId",
                        json_string(version));
    json_object_set_new(json_object_get(answer, "Table"), "DatabaseName",
                        json_string("orders_db"));
    {
        char *dumped = json_dumps(answer, 0);

        http_answer(step, 200, dumped);
        free(dumped);
    }
    json_decref(answer);
    json_decref(body);
}

static void
expect_query(void)
{
    kit_expect("athena", "GetWorkGroup");
    http_answer(kit_expect("athena", "StartQueryExecution"), 200,
                "{\"QueryExecutionId\":\"q1\"}");
}

static void
open_it(void)
{
    if (fake_begin(fake) != 0)
        ck_abort_msg("%s", fake->err.message);
}

static void
assert_refused(enum fb_code code, const char *why)
{
    http_script_start(script);
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_int_eq(fake->err.code, code);
    ck_assert_msg(strstr(fake->err.message, why) != NULL, "%s",
                  fake->err.message);
    http_script_finish(script);
}

/* Whoever closes early stops the query. */
static void
close_it(void)
{
    kit_expect("athena", "StopQueryExecution");
    http_answer(kit_expect("athena", "GetQueryExecution"), 200,
                "{\"QueryExecution\":{\"Status\":{\"State\":\"CANCELLED\"}}}");
    fake_close(fake);
}

static void
end_run(void)
{
    close_it();
    kit_end_run();
}

static void
finish(void)
{
    close_it();
    http_script_finish(script);
}

/* The first run of all: everything is made. */
static void
make_all(struct http_step **texts, struct http_step **view)
{
    http_expect_in_body(expect_missing("GetDatabase"),
                        "\"Name\":\"orders_db\"");
    kit_expect("glue", "CreateDatabase");
    http_expect_in_body(expect_missing("GetTable"),
                        "\"Name\":\"processed__text\"");
    *texts = expect_create("processed__text");
    expect_missing("GetTable");
    *view = expect_create("processed");
    expect_query();
    http_script_start(script);
    open_it();
}

/* --- making --- */

START_TEST(everything_that_is_missing_is_made_before_the_query)
{
    struct http_step *texts, *view;

    make_all(&texts, &view);
    finish();
}
END_TEST

START_TEST(what_is_there_and_right_is_left_alone)
{
    struct http_step *texts, *view;

    make_all(&texts, &view);
    end_run();
    kit_expect("glue", "GetDatabase");
    expect_there(texts, "1");
    expect_there(view, "1");
    expect_query();
    open_it();
    finish();
}
END_TEST

START_TEST(what_differs_is_updated_by_the_version_that_was_compared)
{
    struct http_step *texts, *view, *update;

    make_all(&texts, &view);
    end_run();
    table.location = "s3://bucket/elsewhere/";
    kit_expect("glue", "GetDatabase");
    expect_there(texts, "7");
    update = kit_expect("glue", "UpdateTable");
    http_expect_in_body(update, "\"VersionId\":\"7\"");
    http_expect_in_body(update, "\"SkipArchive\":true");
    http_expect_in_body(update, "\"Location\":\"s3://bucket/elsewhere/\"");
    kit_refuse(update, "ConcurrentModificationException");
    expect_there(texts, "8"); /* read again, and decided again */
    update = kit_expect("glue", "UpdateTable");
    http_expect_in_body(update, "\"VersionId\":\"8\"");
    expect_there(view, "1");
    expect_query();
    open_it();
    finish();
}
END_TEST

START_TEST(somebody_else_may_make_it_at_the_same_time)
{
    struct http_step *texts, *view;

    make_all(&texts, &view);
    end_run();
    expect_missing("GetDatabase");
    kit_refuse(kit_expect("glue", "CreateDatabase"), "AlreadyExistsException");
    expect_missing("GetTable");
    kit_refuse(expect_create("processed__text"), "AlreadyExistsException");
    expect_there(texts, "1");
    expect_there(view, "1");
    expect_query();
    open_it();
    finish();
}
END_TEST

START_TEST(a_lost_answer_is_no_reason_to_fail)
{
    struct http_step *texts, *view;

    make_all(&texts, &view);
    end_run();
    kit_expect("glue", "GetDatabase");
    expect_missing("GetTable");
    http_answer_cut(expect_create("processed__text"), HTTP_CUT_ANSWER);
    kit_refuse(expect_create("processed__text"), "AlreadyExistsException");
    expect_there(texts, "1");
    expect_there(view, "1");
    expect_query();
    open_it();
    finish();
}
END_TEST

START_TEST(what_somebody_else_made_of_that_name_is_not_changed)
{
    kit_expect("glue", "GetDatabase");
    http_answer(kit_expect("glue", "GetTable"), 200,
                "{\"Table\":{\"Name\":\"processed__text\",\"TableType\":"
                "\"VIRTUAL_VIEW\",\"VersionId\":\"1\"}}");
    assert_refused(FB_E_CONFIG, "it is there as VIRTUAL_VIEW");
}
END_TEST

START_TEST(the_missing_right_is_named)
{
    kit_refuse(kit_expect("glue", "GetDatabase"), "AccessDeniedException");
    assert_refused(FB_E_PERMISSION, "GetDatabase");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "glue:GetDatabase"));
}
END_TEST

START_TEST(tables_of_others_are_left_to_them)
{
    fake_option(fake, "make_tables", "false");
    expect_query();
    http_script_start(script);
    open_it();
    finish();
}
END_TEST

/* --- the order of the columns --- */

static void
expect_header(const char *key, const char *text)
{
    struct http_step *step;
    char target[100], range[100];

    http_script_scope(script, "us-east-1", "s3");
    snprintf(target, sizeof(target), "/bucket/processed/%s", key);
    step = http_expect(script, "GET", target);
    http_expect_header(step, "range", "bytes=0-65535");
    http_answer(step, 206, text);
    http_answer_header(step, "etag", "\"e1\"");
    snprintf(range, sizeof(range), "bytes 0-%zu/%zu", strlen(text) - 1,
             strlen(text));
    http_answer_header(step, "content-range", range);
}

START_TEST(the_files_say_in_which_order_columns_stand)
{
    struct http_step *create;

    objects[0] = "s3://bucket/processed/a.csv";
    objects[1] = "s3://bucket/processed/b.csv";
    expect_header("a.csv", "\xef\xbb\xbf\"amount\",OrderID\r\n1,O1\r\n");
    expect_header("b.csv", "Amount,OrderID");
    kit_expect("glue", "GetDatabase");
    expect_missing("GetTable");
    create = expect_create("processed__text");
    http_expect_in_body(create, "[{\"Name\":\"amount\",\"Type\":\"string\"},"
                                "{\"Name\":\"orderid\",\"Type\":\"string\"}]");
    expect_missing("GetTable");
    create = expect_create("processed");
    http_expect_in_body(create, "[{\"Name\":\"orderid\",\"Type\":\"string\"},"
                                "{\"Name\":\"amount\",\"Type\":\"double\"}]");
    expect_query();
    http_script_start(script);
    open_it();
    finish();
}
END_TEST

START_TEST(files_of_different_orders_are_refused)
{
    objects[0] = "s3://bucket/processed/a.csv";
    objects[1] = "s3://bucket/processed/b.csv";
    expect_header("a.csv", "OrderID,Amount\n");
    expect_header("b.csv", "Amount,OrderID\n");
    assert_refused(FB_E_CONFIG, "the header of 's3://bucket/processed/b.csv' "
                                "has another order");
}
END_TEST

START_TEST(a_header_that_is_not_of_the_table_is_refused)
{
    objects[0] = "s3://bucket/processed/a.csv";
    expect_header("a.csv", "OrderID,Price\n");
    assert_refused(FB_E_CONFIG, "names what is no column: 'Price'");
}
END_TEST

START_TEST(a_header_of_another_width_is_refused)
{
    objects[0] = "s3://bucket/processed/a.csv";
    expect_header("a.csv", "OrderID,Amount,More\n");
    assert_refused(FB_E_CONFIG, "more or fewer columns");
}
END_TEST

/* --- partitions --- */

/* The table has partitions by dt, and objects in these folders of them. */
static void
set_partitions(const char *const *uris)
{
    table.column_count = 3;
    table.partition_count = 1;
    for (int i = 0; uris[i] != NULL; i++)
        objects[i] = uris[i];
}

static void
expect_new_table(void)
{
    kit_expect("glue", "GetDatabase");
    expect_missing("GetTable");
    expect_create("processed__text");
}

/* The same, where no header is looked at. */
static void
with_partitions(const char *const *uris)
{
    set_partitions(uris);
    table.header = false;
    expect_new_table();
}

static void
open_update_and_close(void)
{
    expect_missing("GetTable");
    expect_create("processed");
    expect_query();
    http_script_start(script);
    open_it();
    close_it();
}

static void
open_and_finish(void)
{
    open_update_and_close();
    http_script_finish(script);
}

/* A partition as Glue tells it. */
#define THERE(value_, location_, columns_)                                    \
    "{\"Values\":[\"" value_ "\"],\"DatabaseName\":\"orders_db\",\"TableName" \
    "\":\"processed__text\",\"CreationTime\":1.5,\"Parameters\":{\"theirs\":" \
    "\"1\"},\"StorageDescriptor\":{\"Columns\":[" columns_ "],\"Location\":"  \
    "\"" location_ "\",\"InputFormat\":\"org.apache.hadoop.mapred.TextInput"  \
    "Format\",\"OutputFormat\":\"org.apache.hadoop.hive.ql.io.HiveIgnoreKey"  \
    "TextOutputFormat\",\"Compressed\":false,\"NumberOfBuckets\":-1,\"Store"  \
    "dAsSubDirectories\":false,\"SerdeInfo\":{\"Name\":\"theirs\",\"Seriali"  \
    "zationLibrary\":\"org.apache.hadoop.hive.serde2.OpenCSVSerde\",\"Param"  \
    "eters\":{\"separatorChar\":\",\",\"quoteChar\":\"\\\"\",\"escapeChar\""  \
    ":\"\\u0001\"}}}}"
#define OURS                                      \
    "{\"Name\":\"orderid\",\"Type\":\"string\"}," \
    "{\"Name\":\"amount\",\"Type\":\"string\"}"

static struct http_step *
expect_look(const char *answer)
{
    struct http_step *step = kit_expect("glue", "BatchGetPartition");

    http_answer(step, 200, answer);
    return step;
}

START_TEST(partitions_are_registered_by_the_hundred)
{
    static char uris[103][80];
    static const char *list[104];
    struct http_step *first, *second;

    for (int i = 0; i < 103; i++) {
        snprintf(uris[i], sizeof(uris[i]),
                 "s3://bucket/processed/dt=2025-%03d/%d.csv", i < 101 ? i : 0,
                 i);
        list[i] = uris[i];
    }
    with_partitions(list);
    first = expect_look("{}");
    http_expect_in_body(first, "{\"Values\":[\"2025-000\"]}");
    http_expect_in_body(first, "{\"Values\":[\"2025-099\"]}");
    first = kit_expect("glue", "BatchCreatePartition");
    http_expect_in_body(first, "\"Values\":[\"2025-000\"]");
    http_expect_in_body(first, "\"Values\":[\"2025-099\"]");
    second = expect_look("{}");
    http_expect_in_body(second,
                        "\"PartitionsToGet\":[{\"Values\":[\"2025-100\"]}]");
    second = kit_expect("glue", "BatchCreatePartition");
    http_expect_in_body(second, "\"Values\":[\"2025-100\"]");
    open_and_finish();
}
END_TEST

START_TEST(partitions_that_are_there_and_right_are_left_alone)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=a/1.csv",
                                       "s3://bucket/processed/dt=b/1.csv",
                                       NULL};

    with_partitions(uris);
    /* Whoever registered the second left the slash out. */
    expect_look("{\"Partitions\":[" THERE(
        "a", "s3://bucket/processed/dt=a/",
        OURS) "," THERE("b", "s3://bucket/processed/dt=b", OURS) "]}");
    open_and_finish();
}
END_TEST

START_TEST(a_partition_with_another_location_is_updated)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=a/1.csv",
                                       "s3://bucket/processed/dt=b/1.csv",
                                       NULL};
    struct http_step *step;
    const char *sent;
    size_t size;

    with_partitions(uris);
    expect_look(
        "{\"Partitions\":[" THERE("a", "s3://old/dt=a/", OURS) "," THERE(
            "b", "s3://bucket/processed/dt=b/", OURS) "]}");
    step = kit_expect("glue", "BatchUpdatePartition");
    http_expect_in_body(step, "\"Entries\":[{\"PartitionValueList\":[\"a\"],"
                              "\"PartitionInput\":{\"Values\":[\"a\"]");
    http_expect_in_body(step, "\"Location\":\"s3://bucket/processed/dt=a/\"");
    http_expect_in_body(step, "\"Parameters\":{\"theirs\":\"1\"}");
    open_update_and_close();
    sent = http_seen_body(step, &size);
    ck_assert_ptr_null(strstr(sent, "CreationTime"));
    ck_assert_ptr_null(strstr(sent, "[\"b\"]"));
    http_script_finish(script);
}
END_TEST

START_TEST(a_partition_with_other_columns_is_updated)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=a/1.csv",
                                       NULL};
    struct http_step *step;

    with_partitions(uris);
    expect_look("{\"Partitions\":[" THERE(
        "a", "s3://bucket/processed/dt=a/",
        "{\"Name\":\"orderid\",\"Type\":\"string\"}") "]}");
    step = kit_expect("glue", "BatchUpdatePartition");
    http_expect_in_body(step, "\"Columns\":[" OURS "]");
    open_and_finish();
}
END_TEST

START_TEST(partitions_that_others_change_meanwhile_are_looked_at_again)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=a/1.csv",
                                       "s3://bucket/processed/dt=b/1.csv",
                                       NULL};

    with_partitions(uris);
    expect_look("{\"Partitions\":[" THERE("a", "s3://old/dt=a/", OURS) "]}");
    http_answer(kit_expect("glue", "BatchCreatePartition"), 200,
                "{\"Errors\":[{\"PartitionValues\":[\"b\"],\"ErrorDetail\":{"
                "\"ErrorCode\":\"AlreadyExistsException\"}}]}");
    http_answer(kit_expect("glue", "BatchUpdatePartition"), 200,
                "{\"Errors\":[{\"PartitionValueList\":[\"a\"],\"ErrorDetail\""
                ":{\"ErrorCode\":\"ConcurrentModificationException\"}}]}");
    expect_look("{\"Partitions\":[" THERE(
        "a", "s3://bucket/processed/dt=a/",
        OURS) "," THERE("b", "s3://bucket/processed/dt=b/", OURS) "]}");
    open_and_finish();
}
END_TEST

START_TEST(partitions_that_glue_did_not_look_at_are_asked_for_again)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=a/1.csv",
                                       "s3://bucket/processed/dt=b/1.csv",
                                       NULL};

    with_partitions(uris);
    expect_look("{\"Partitions\":[" THERE(
        "a", "s3://bucket/processed/dt=a/",
        OURS) "],\"UnprocessedKeys\":[{\"Values\":[\"b\"]}]}");
    http_expect_in_body(expect_look("{\"Partitions\":[" THERE(
                            "b", "s3://bucket/processed/dt=b/", OURS) "]}"),
                        "\"PartitionsToGet\":[{\"Values\":[\"b\"]}]");
    open_and_finish();
}
END_TEST

START_TEST(partitions_have_their_columns_in_the_order_of_the_files)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=a/1.csv",
                                       NULL};

    set_partitions(uris);
    expect_header("dt%3Da/1.csv", "Amount,OrderID\n");
    expect_new_table();
    expect_look("{}");
    http_expect_in_body(kit_expect("glue", "BatchCreatePartition"),
                        "\"Columns\":[{\"Name\":\"amount\",\"Type\":\"string"
                        "\"},{\"Name\":\"orderid\",\"Type\":\"string\"}]");
    open_and_finish();
}
END_TEST

START_TEST(a_partition_that_cannot_be_registered_fails_the_run)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=x/1.csv",
                                       NULL};

    with_partitions(uris);
    expect_look("{}");
    http_answer(kit_expect("glue", "BatchCreatePartition"), 200,
                "{\"Errors\":[{\"PartitionValues\":[\"x\"],\"ErrorDetail\":{"
                "\"ErrorCode\":\"InternalServiceException\","
                "\"ErrorMessage\":\"no\"}}]}");
    assert_refused(FB_E_FAILED, "the partition 'x' of "
                                "'orders_db.processed__text'");
}
END_TEST

START_TEST(an_object_outside_of_the_partitions_is_refused_first)
{
    table.column_count = 3;
    table.partition_count = 1;
    objects[0] = "s3://bucket/processed/a.csv";
    assert_refused(FB_E_CONFIG, "does not lie in the folders of its "
                                "partitions (dt=...)");
}
END_TEST

START_TEST(partitions_that_are_all_refused_for_a_race_are_looked_at_again)
{
    static const char *const uris[] = {"s3://bucket/processed/dt=a/1.csv",
                                       NULL};

    with_partitions(uris);
    expect_look("{}");
    kit_refuse(kit_expect("glue", "BatchCreatePartition"),
               "ConcurrentModificationException");
    expect_look("{}");
    kit_expect("glue", "BatchCreatePartition");
    open_and_finish();
}
END_TEST

START_TEST(a_database_that_others_make_too_is_looked_at_again)
{
    expect_missing("GetDatabase");
    kit_refuse(kit_expect("glue", "CreateDatabase"),
               "ConcurrentModificationException");
    kit_expect("glue", "GetDatabase");
    expect_missing("GetTable");
    expect_create("processed__text");
    open_and_finish();
}
END_TEST

START_TEST(results_do_not_go_where_a_table_is)
{
    fake_option(fake, "output", "s3://bucket/processed/results/");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "output");
    fake_option(fake, "output", "s3://bucket/processed");
    ck_assert_int_eq(fake_check(fake), -1);
    fake_option(fake, "output", "s3://bucket/processed-results/");
    ck_assert_int_eq(fake_check(fake), 0);
    http_script_start(script);
    http_script_finish(script);
}
END_TEST

START_TEST(a_check_tells_what_cannot_work_once)
{
    table.location = "var/processed/";
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "outside of S3"));
    ck_assert_int_eq(fake_check(fake), 0);
    http_script_start(script);
    http_script_finish(script);
}
END_TEST

START_TEST(what_cannot_work_is_refused_before_any_call)
{
    table.charset = "cp932";
    assert_refused(FB_E_CONFIG, "only UTF-8");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("athena tables");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, everything_that_is_missing_is_made_before_the_query);
    tcase_add_test(tcase, what_is_there_and_right_is_left_alone);
    tcase_add_test(tcase,
                   what_differs_is_updated_by_the_version_that_was_compared);
    tcase_add_test(tcase, somebody_else_may_make_it_at_the_same_time);
    tcase_add_test(tcase, a_lost_answer_is_no_reason_to_fail);
    tcase_add_test(tcase, what_somebody_else_made_of_that_name_is_not_changed);
    tcase_add_test(tcase, the_missing_right_is_named);
    tcase_add_test(tcase, tables_of_others_are_left_to_them);
    tcase_add_test(tcase, the_files_say_in_which_order_columns_stand);
    tcase_add_test(tcase, files_of_different_orders_are_refused);
    tcase_add_test(tcase, a_header_that_is_not_of_the_table_is_refused);
    tcase_add_test(tcase, a_header_of_another_width_is_refused);
    tcase_add_test(tcase, partitions_are_registered_by_the_hundred);
    tcase_add_test(tcase, partitions_that_are_there_and_right_are_left_alone);
    tcase_add_test(tcase, a_partition_with_another_location_is_updated);
    tcase_add_test(tcase, a_partition_with_other_columns_is_updated);
    tcase_add_test(tcase,
                   partitions_that_others_change_meanwhile_are_looked_at_again);
    tcase_add_test(tcase,
                   partitions_that_glue_did_not_look_at_are_asked_for_again);
    tcase_add_test(tcase,
                   partitions_have_their_columns_in_the_order_of_the_files);
    tcase_add_test(tcase, a_partition_that_cannot_be_registered_fails_the_run);
    tcase_add_test(tcase, an_object_outside_of_the_partitions_is_refused_first);
    tcase_add_test(
        tcase, partitions_that_are_all_refused_for_a_race_are_looked_at_again);
    tcase_add_test(tcase, a_database_that_others_make_too_is_looked_at_again);
    tcase_add_test(tcase, results_do_not_go_where_a_table_is);
    tcase_add_test(tcase, a_check_tells_what_cannot_work_once);
    tcase_add_test(tcase, what_cannot_work_is_refused_before_any_call);
    suite_add_tcase(suite, tcase);
    return suite;
}
