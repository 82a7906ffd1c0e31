/*
 * The source `athena` against a scripted server: every request that it makes
 * is expected here, and no other.
 */
#include "plugin/athena_kit.h"

#include "aws/json.h"

#define QUERY                                                                \
    "SELECT customer, -- \xe9\xa1\xa7\xe5\xae\xa2\n  SUM(amount) AS total\n" \
    "FROM orders_db.processed GROUP BY customer"

static struct fake *fake, *other;

static struct fake *
new_fake(void)
{
    struct fake *made = fake_new("athena", FB_SOURCE);

    kit_services(made);
    made->now_ms = 1700000000000;
    fake_option(made, "region", "us-east-1");
    fake_option(made, "endpoint", http_script_url(script));
    fake_option(made, "s3_endpoint", http_script_url(script));
    fake_option(made, "glue_endpoint", http_script_url(script));
    fake_option(made, "max_attempts", "1");
    fake_option(made, "output", "s3://results/x/");
    fake_option(made, "query", QUERY);
    fake_option(made, "poll", "1ms");
    fake_option(made, "poll_max", "5ms");
    return made;
}

static void
setup(void)
{
    kit_begin();
    fake = new_fake();
    other = NULL;
}

static void
teardown(void)
{
    kit_end_run();
    fake_free(fake);
    if (other != NULL)
        fake_free(other);
}

/* --- what Athena is asked, and answers --- */

static void
expect_workgroup(const char *configuration)
{
    struct http_step *step = kit_expect("athena", "GetWorkGroup");
    char text[400];

    snprintf(text, sizeof(text),
             "{\"WorkGroup\":{\"State\":\"ENABLED\",\"Configuration\":%s}}",
             configuration);
    http_expect_in_body(step, "\"WorkGroup\":\"primary\"");
    http_answer(step, 200, text);
}

static struct http_step *
expect_start(const char *id)
{
    struct http_step *step = kit_expect("athena", "StartQueryExecution");
    char text[100];

    snprintf(text, sizeof(text), "{\"QueryExecutionId\":\"%s\"}", id);
    http_answer(step, 200, text);
    return step;
}

/* status: members of Status behind the state. */
static struct http_step *
expect_state(const char *id, const char *state, const char *status)
{
    struct http_step *step = kit_expect("athena", "GetQueryExecution");
    char text[1200], part[100];

    snprintf(part, sizeof(part), "\"QueryExecutionId\":\"%s\"", id);
    http_expect_in_body(step, part);
    snprintf(text, sizeof(text),
             "{\"QueryExecution\":{\"QueryExecutionId\":\"%s\",\"Status\":{"
             "\"State\":\"%s\"%s},\"ResultConfiguration\":{\"OutputLocation\":"
             "\"s3://results/y/%s.csv\"},\"Statistics\":{"
             "\"DataScannedInBytes\":20971520,"
             "\"EngineExecutionTimeInMillis\":1500}}}",
             id, state, status, id);
    http_answer(step, 200, text);
    return step;
}

#define COLUMN(name_, type_) \
    "{\"Name\":\"" name_ "\",\"Label\":\"" name_ "\",\"Type\":\"" type_ "\"}"
#define TWO COLUMN("customer", "varchar") "," COLUMN("total", "double")

static void
expect_columns(const char *columns)
{
    struct http_step *step = kit_expect("athena", "GetQueryResults");
    char text[2000];

    http_expect_in_body(step, "\"MaxResults\":1}");
    snprintf(text, sizeof(text),
             "{\"ResultSet\":{\"Rows\":[],\"ResultSetMetadata\":{"
             "\"ColumnInfo\":[%s]}}}",
             columns);
    http_answer(step, 200, text);
}

static void
expect_object(const char *id, const char *text)
{
    struct http_step *step;
    char target[100], range[100];

    http_script_scope(script, "us-east-1", "s3");
    snprintf(target, sizeof(target), "/results/y/%s.csv", id);
    step = http_expect(script, "GET", target);
    http_expect_header(step, "range", "bytes=0-4194303");
    http_answer(step, 206, text);
    http_answer_header(step, "etag", "\"e1\"");
    snprintf(range, sizeof(range), "bytes 0-%zu/%zu", strlen(text) - 1,
             strlen(text));
    http_answer_header(step, "content-range", range);
}

static void
expect_all(const char *id, const char *columns, const char *csv)
{
    expect_workgroup("{}");
    expect_start(id);
    expect_state(id, "SUCCEEDED", "");
    expect_columns(columns);
    expect_object(id, csv);
}

static int
ready(struct fake *one)
{
    int status = one->plugin->ready(one->self, &one->step, &one->err);

    ck_assert_int_eq(status != 0, one->err.code != FB_E_NONE);
    return status;
}

static void
begin(struct fake *one)
{
    if (fake_begin(one) != 0)
        ck_abort_msg("%s", one->err.message);
}

static void
begin_and_wait(void)
{
    http_script_start(script);
    begin(fake);
    if (ready(fake) != 0)
        ck_abort_msg("%s", fake->err.message);
}

/* It fails in open, or when it is waited for; closed either way. */
static void
assert_fails(enum fb_code code, const char *why)
{
    http_script_start(script);
    if (fake_begin(fake) == 0) {
        ck_assert_int_eq(ready(fake), -1);
        fake_close(fake);
    }
    ck_assert_msg(fake->err.code == code, "%d: %s", (int)fake->err.code,
                  fake->err.message);
    ck_assert_msg(strstr(fake->err.message, why) != NULL, "%s",
                  fake->err.message);
    http_script_finish(script);
}

/* All rows as "a|NULL/b|1/", and the end. */
static const char *
rows_of(struct fake *one)
{
    static char text[4000];
    struct fb_batch *batch;
    size_t used = 0;

    text[0] = '\0';
    for (;;) {
        const struct fb_cell *cells;

        ck_assert_int_eq(
            one->plugin->read(one->self, &one->step, &batch, &one->err), 0);
        if (batch == NULL)
            return text;
        for (uint32_t r = 0; r < fb_batch_rows(batch); r++) {
            for (uint32_t c = 0; c < one->output_count; c++) {
                ck_assert_int_eq(fb_batch_cells(batch, c, &cells, &one->err),
                                 0);
                used += (size_t)snprintf(
                    text + used, sizeof(text) - used, "%s%.*s",
                    c > 0 ? "|" : "",
                    (cells[r].flags & FB_CELL_NULL) ? 4 : (int)cells[r].len,
                    (cells[r].flags & FB_CELL_NULL)
                        ? "NULL"
                        : (const char *)cells[r].ptr);
            }
            used += (size_t)snprintf(text + used, sizeof(text) - used, "/");
        }
        fb_batch_free(batch);
    }
}

static json_t *
body_of(const struct http_step *step)
{
    struct fb_error err;
    const char *text;
    size_t size;
    json_t *json;

    text = http_seen_body(step, &size);
    ck_assert_int_eq(
        aws_json_parse((const unsigned char *)text, size, &json, &err), 0);
    return json;
}

static const char *
token_of(const struct http_step *step)
{
    static char tokens[4][80];
    static int next;
    char *token = tokens[next++ % 4];
    json_t *body = body_of(step);

    snprintf(token, sizeof(tokens[0]), "%s",
             aws_json_text(body, "ClientRequestToken"));
    json_decref(body);
    ck_assert_uint_eq(strlen(token), 64);
    return token;
}

static void
finish(void)
{
    fake_close(fake);
    http_script_finish(script);
}

/* --- a query that succeeds --- */

START_TEST(sends_the_query_word_for_word)
{
    struct http_step *start;
    json_t *body;

    expect_workgroup("{}");
    start = expect_start("q1");
    expect_state("q1", "QUEUED", "");
    expect_state("q1", "RUNNING", "");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n\"A\",\"1.5\"\n");
    begin_and_wait();
    body = body_of(start);
    ck_assert_str_eq(aws_json_text(body, "QueryString"), QUERY);
    ck_assert_str_eq(aws_json_text(body, "WorkGroup"), "primary");
    ck_assert_str_eq(aws_json_text(body, "QueryExecutionContext.Catalog"),
                     "AwsDataCatalog");
    ck_assert_str_eq(aws_json_text(body, "ResultConfiguration.OutputLocation"),
                     "s3://results/x/");
    ck_assert(json_is_false(json_object_get(
        json_object_get(json_object_get(body, "ResultReuseConfiguration"),
                        "ResultReuseByAgeConfiguration"),
        "Enabled")));
    json_decref(body);
    ck_assert_str_eq(rows_of(fake), "A|1.5/");
    finish();
}
END_TEST

START_TEST(what_is_under_way_is_on_record_before_and_after)
{
    expect_all("q1", TWO, "\"customer\",\"total\"\n");
    begin_and_wait();
    ck_assert_int_eq(kit.note_count, 2);
    ck_assert_int_eq(kit.requests_at_note[0], 1); /* GetWorkGroup only */
    ck_assert_ptr_nonnull(strstr(kit.notes[0], "\"id\":\"\""));
    ck_assert_int_eq(kit.requests_at_note[1], 2);
    ck_assert_ptr_nonnull(strstr(kit.notes[1], "\"id\":\"q1\""));
    finish();
}
END_TEST

#define DECIMAL(name_, scale_)                                       \
    "{\"Name\":\"" name_ "\",\"Type\":\"decimal\",\"Precision\":38," \
    "\"Scale\":" scale_ "}"

START_TEST(columns_have_the_types_of_the_query)
{
    static const char *const list[] = {
        COLUMN("s", "varchar"), COLUMN("i", "bigint"),
        COLUMN("d", "double"),  COLUMN("b", "boolean"),
        COLUMN("day", "date"),  COLUMN("at", "timestamp"),
        DECIMAL("money", "2"),  COLUMN("list", "array"),
    };
    char columns[2048] = "";

    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
        snprintf(columns + strlen(columns), sizeof(columns) - strlen(columns),
                 "%s%s", i > 0 ? "," : "", list[i]);
    expect_all("q1", columns,
               "\"s\",\"i\",\"d\",\"b\",\"day\",\"at\",\"money\",\"list\"\n"
               "\"x\",\"-7\",\"1.5E7\",\"true\",\"2025-02-28\","
               "\"2025-02-28 01:02:03.500\",\"-0.05\",\"[1, 2]\"\n"
               ",,\"-Infinity\",\"false\",,,\"12345678901234567890.10\",\n");
    begin_and_wait();
    ck_assert_uint_eq(fake->output_count, 8);
    ck_assert_int_eq(fake->outputs[1].type, FB_C_INTEGER);
    ck_assert_int_eq(fake->outputs[2].type, FB_C_NUMBER);
    ck_assert_int_eq(fake->outputs[3].type, FB_C_BOOLEAN);
    ck_assert_int_eq(fake->outputs[4].type, FB_C_DATE);
    ck_assert_int_eq(fake->outputs[5].type, FB_C_DATETIME);
    ck_assert_int_eq(fake->outputs[6].type, FB_C_NUMBER);
    ck_assert_int_eq(fake->outputs[7].type, FB_C_STRING);
    ck_assert_str_eq(
        rows_of(fake),
        "x|-7|15000000|true|2025-02-28|2025-02-28T01:02:03.500000Z|"
        "-0.05|[1, 2]/"
        "NULL|NULL|-INF|false|NULL|NULL|"
        "12345678901234567890.10|NULL/");
    finish();
}
END_TEST

START_TEST(decimals_of_all_digits_are_read)
{
    expect_all("q1", DECIMAL("all", "38") "," DECIMAL("none", "0"),
               "\"all\",\"none\"\n"
               "\"0.12345678901234567890123456789012345678\","
               "\"-99999999999999999999999999999999999999\"\n");
    begin_and_wait();
    ck_assert_str_eq(rows_of(fake), "0.12345678901234567890123456789012345678|"
                                    "-99999999999999999999999999999999999999/");
    finish();
}
END_TEST

START_TEST(a_decimal_of_too_many_digits_is_no_value)
{
    struct fb_batch *batch;

    expect_all("q1", DECIMAL("all", "38"),
               "\"all\"\n\"99999999999999999999999999999999999999\"\n");
    begin_and_wait();
    ck_assert_int_eq(
        fake->plugin->read(fake->self, &fake->step, &batch, &fake->err), -1);
    ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "is no decimal"));
    finish();
}
END_TEST

START_TEST(null_and_empty_stay_apart)
{
    expect_all("q1", COLUMN("a", "varchar") "," COLUMN("b", "varchar"),
               "\"a\",\"b\"\n\"\",\n,\"\"\n\"say \"\"hi\"\",\nyou\",\"x\"");
    begin_and_wait();
    ck_assert_str_eq(rows_of(fake), "|NULL/NULL|/say \"hi\",\nyou|x/");
    finish();
}
END_TEST

START_TEST(a_result_without_rows_keeps_its_columns)
{
    expect_all("q1", TWO, "\"customer\",\"total\"\n");
    begin_and_wait();
    ck_assert_uint_eq(fake->output_count, 2);
    ck_assert_str_eq(fake->outputs[0].name, "customer");
    ck_assert_str_eq(rows_of(fake), "");
    finish();
}
END_TEST

START_TEST(a_result_of_many_ranges_is_one)
{
    struct http_step *step;

    expect_workgroup("{}");
    expect_start("q1");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    http_script_scope(script, "us-east-1", "s3");
    step = http_expect(script, "GET", "/results/y/q1.csv");
    http_answer(step, 206, "\"customer\",\"total\"\n\"A\",\"1\"\n\"B");
    http_answer_header(step, "etag", "\"e1\"");
    http_answer_header(step, "content-range", "bytes 0-28/39");
    step = http_expect(script, "GET", "/results/y/q1.csv");
    http_expect_header(step, "range", "bytes=29-4194332");
    http_expect_header(step, "if-match", "\"e1\"");
    http_answer(step, 206, "\",\"2\"\n\"C\",");
    http_answer_header(step, "etag", "\"e1\"");
    http_answer_header(step, "content-range", "bytes 29-38/39");
    begin_and_wait();
    ck_assert_str_eq(rows_of(fake), "A|1/B|2/C|NULL/");
    finish();
}
END_TEST

START_TEST(results_that_athena_keeps_come_in_pages)
{
    struct http_step *step;
    json_t *body;

    expect_workgroup("{\"ManagedQueryResultsConfiguration\":"
                     "{\"Enabled\":true}}");
    step = expect_start("q1");
    http_answer(kit_expect("athena", "GetQueryExecution"), 200,
                "{\"QueryExecution\":{\"Status\":{\"State\":\"SUCCEEDED\"}}}");
    http_answer(kit_expect("athena", "GetQueryResults"), 200,
                "{\"NextToken\":\"t2\",\"ResultSet\":{\"Rows\":[{\"Data\":[{"
                "\"VarCharValue\":\"customer\"},{\"VarCharValue\":\"total\"}]},"
                "{\"Data\":[{\"VarCharValue\":\"\"},{}]}],"
                "\"ResultSetMetadata\":{\"ColumnInfo\":[" TWO "]}}}");
    begin_and_wait();
    body = body_of(step);
    ck_assert_ptr_null(json_object_get(body, "ResultConfiguration"));
    json_decref(body);
    step = kit_expect("athena", "GetQueryResults");
    http_expect_in_body(step, "\"NextToken\":\"t2\"");
    http_answer(step, 200,
                "{\"ResultSet\":{\"Rows\":[{\"Data\":[{\"VarCharValue\":\"B\"},"
                "{\"VarCharValue\":\"2\"}]}]}}");
    ck_assert_str_eq(rows_of(fake), "|NULL/B|2/");
    finish();
}
END_TEST

START_TEST(tells_what_it_cost)
{
    expect_all("q1", TWO, "\"customer\",\"total\"\n");
    begin_and_wait();
    ck_assert_str_eq(kit.facts[0], "query: q1");
    ck_assert_str_eq(kit.facts[1], "scanned: 20.0 MiB");
    ck_assert_str_eq(kit.facts[2], "engine time: 1.5 s");
    ck_assert_str_eq(kit.facts[4], "cost: 0.000095 (at 5.00 for 1 TiB)");
    finish();
}
END_TEST

START_TEST(too_many_bytes_scanned_fail_the_run)
{
    fake_option(fake, "max_scanned", "10MiB");
    expect_workgroup("{}");
    expect_start("q1");
    expect_state("q1", "SUCCEEDED", "");
    assert_fails(FB_E_LIMIT, "'q1' scanned 20.0 MiB, and 'max_scanned' is "
                             "10.0 MiB");
}
END_TEST

START_TEST(a_result_that_is_cut_off_is_no_result)
{
    fake_option(fake, "query", "SELECT 1 AS a");
    expect_all("q1", COLUMN("a", "varchar"), "\"a\"\n\"x");
    begin_and_wait();
    {
        struct fb_batch *batch;

        ck_assert_int_eq(
            fake->plugin->read(fake->self, &fake->step, &batch, &fake->err),
            -1);
        ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    }
    finish();
}
END_TEST

/* --- starting --- */

START_TEST(a_lost_answer_is_asked_for_with_the_same_token)
{
    struct http_step *first, *second;

    expect_workgroup("{}");
    first = expect_start("q1");
    http_answer_cut(first, HTTP_CUT_ANSWER);
    second = expect_start("q1");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n");
    begin_and_wait();
    ck_assert_str_eq(token_of(first), token_of(second));
    finish();
}
END_TEST

START_TEST(a_throttled_start_waits_for_its_turn)
{
    struct http_step *first, *second;

    expect_workgroup("{}");
    first = kit_expect("athena", "StartQueryExecution");
    kit_refuse(first, "TooManyRequestsException");
    second = expect_start("q1");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n");
    begin_and_wait();
    ck_assert_str_eq(token_of(first), token_of(second));
    finish();
}
END_TEST

START_TEST(a_query_that_cannot_be_parsed_is_a_mistake)
{
    expect_workgroup("{}");
    kit_refuse(kit_expect("athena", "StartQueryExecution"),
               "InvalidRequestException");
    assert_fails(FB_E_CONFIG, "because of InvalidRequestException");
}
END_TEST

START_TEST(names_the_action_that_is_not_allowed)
{
    expect_workgroup("{}");
    kit_refuse(kit_expect("athena", "StartQueryExecution"),
               "AccessDeniedException");
    assert_fails(FB_E_PERMISSION, "StartQueryExecution");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "athena:StartQueryExecution"));
}
END_TEST

START_TEST(goes_on_where_it_may_not_look_at_the_workgroup)
{
    kit_refuse(kit_expect("athena", "GetWorkGroup"), "AccessDeniedException");
    expect_start("q1");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n");
    begin_and_wait();
    finish();
}
END_TEST

START_TEST(results_must_have_a_place)
{
    fake_option(fake, "output", "s3://x/y");
    {
        const char *none = NULL;

        memcpy((unsigned char *)fake->self + fake->plugin->options[2].offset,
               &none, sizeof(none));
        ck_assert_str_eq(fake->plugin->options[2].name, "output");
    }
    expect_workgroup("{}");
    assert_fails(FB_E_CONFIG, "where results go");
}
END_TEST

/* --- waiting --- */

START_TEST(a_look_that_gets_no_answer_is_repeated)
{
    expect_workgroup("{}");
    expect_start("q1");
    http_answer_cut(expect_state("q1", "RUNNING", ""), HTTP_CUT_ANSWER);
    kit_refuse(kit_expect("athena", "GetQueryExecution"),
               "TooManyRequestsException");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n");
    begin_and_wait();
    finish();
}
END_TEST

START_TEST(a_failure_of_athenas_own_is_asked_again_as_another_query)
{
    struct http_step *first, *second;

    expect_workgroup("{}");
    first = expect_start("q1");
    expect_state("q1", "FAILED",
                 ",\"StateChangeReason\":\"GENERIC_INTERNAL_ERROR\","
                 "\"AthenaError\":{\"ErrorCategory\":1,\"Retryable\":false}");
    second = expect_start("q2");
    expect_state("q2", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q2", "\"customer\",\"total\"\n\"A\",\"1\"\n");
    begin_and_wait();
    ck_assert_str_ne(token_of(first), token_of(second));
    ck_assert_str_eq(rows_of(fake), "A|1/");
    finish();
}
END_TEST

START_TEST(it_is_not_asked_again_for_ever)
{
    fake_option(fake, "attempts", "2");
    expect_workgroup("{}");
    expect_start("q1");
    expect_state("q1", "FAILED", ",\"AthenaError\":{\"Retryable\":true}");
    expect_start("q2");
    expect_state("q2", "FAILED",
                 ",\"StateChangeReason\":\"still busy\",\"AthenaError\":{"
                 "\"Retryable\":true}");
    assert_fails(FB_E_UNAVAILABLE, "(query 'q2') failed: still busy");
    ck_assert_ptr_nonnull(
        strstr(kit.notes[kit.note_count - 1], "\"over\":true"));
}
END_TEST

START_TEST(a_failure_of_the_query_is_told_in_athenas_words)
{
    expect_workgroup("{}");
    expect_start("q1");
    expect_state("q1", "FAILED",
                 ",\"StateChangeReason\":\"COLUMN_NOT_FOUND: line 1:8: Column "
                 "'amont' cannot be resolved\",\"AthenaError\":{"
                 "\"ErrorCategory\":2,\"Retryable\":false}");
    assert_fails(FB_E_CONFIG, "failed: COLUMN_NOT_FOUND: line 1:8");
}
END_TEST

START_TEST(a_bad_cell_is_a_fault_of_the_data)
{
    expect_workgroup("{}");
    expect_start("q1");
    expect_state("q1", "FAILED",
                 ",\"StateChangeReason\":\"INVALID_CAST_ARGUMENT: Cannot cast "
                 "'x' to DOUBLE\",\"AthenaError\":{\"ErrorCategory\":2}");
    assert_fails(FB_E_INPUT, "Cannot cast 'x' to DOUBLE");
}
END_TEST

START_TEST(the_limit_of_the_workgroup_is_named)
{
    expect_workgroup("{\"BytesScannedCutoffPerQuery\":10485760}");
    expect_start("q1");
    expect_state("q1", "CANCELLED",
                 ",\"StateChangeReason\":\"Query cancelled! : Bytes scanned "
                 "limit was exceeded\"");
    assert_fails(FB_E_LIMIT, "was cancelled: Query cancelled! : Bytes scanned");
    ck_assert_str_eq(kit.facts[0], "scan limit: 10485760 bytes (workgroup)");
}
END_TEST

START_TEST(somebody_may_cancel_it)
{
    expect_workgroup("{}");
    expect_start("q1");
    expect_state("q1", "CANCELLED", "");
    assert_fails(FB_E_FAILED, "(query 'q1') was cancelled");
}
END_TEST

START_TEST(a_query_that_takes_too_long_is_stopped)
{
    struct http_step *step;

    fake_option(fake, "deadline", "1ms");
    expect_workgroup("{}");
    expect_start("q1");
    http_answer_delay(expect_state("q1", "RUNNING", ""), 5);
    step = kit_expect("athena", "StopQueryExecution");
    http_expect_in_body(step, "\"QueryExecutionId\":\"q1\"");
    expect_state("q1", "RUNNING", "");
    expect_state("q1", "CANCELLED", "");
    assert_fails(FB_E_UNAVAILABLE, "did not end within");
    ck_assert_ptr_nonnull(
        strstr(kit.notes[kit.note_count - 1], "\"over\":true"));
}
END_TEST

START_TEST(a_run_that_is_told_to_stop_stops_its_query)
{
    expect_workgroup("{}");
    expect_start("q1");
    http_script_start(script);
    begin(fake);
    fake->cancelled = true;
    ck_assert_int_eq(ready(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_CANCELLED);
    kit_expect("athena", "StopQueryExecution");
    expect_state("q1", "CANCELLED", "");
    finish();
}
END_TEST

/* --- after a crash --- */

/* The same run in a new process. */
static void
restart(void)
{
    struct fake *killed = fake;

    http_script_finish(script);
    fake_option(killed, "endpoint", "http://127.0.0.1:1");
    fake_close(killed); /* it reaches nobody any more, as if it were dead */
    kit_end_run();
    script = http_script_new();
    fake = new_fake();
    fake->now_ms = killed->now_ms + 60000;
    other = killed; /* freed at the end */
}

START_TEST(a_restart_starts_no_second_query)
{
    expect_workgroup("{}");
    expect_start("q1");
    http_script_start(script);
    begin(fake);
    restart();
    expect_workgroup("{}");
    expect_state("q1", "RUNNING", "");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n\"A\",\"1\"\n");
    begin_and_wait();
    ck_assert_str_eq(rows_of(fake), "A|1/");
    finish();
}
END_TEST

START_TEST(a_restart_before_the_answer_repeats_the_token)
{
    struct http_step *first, *second;
    char token[80];

    expect_workgroup("{}");
    first = expect_start("q1");
    http_script_start(script);
    begin(fake);
    snprintf(token, sizeof(token), "%s", token_of(first));
    kit.note_count = 1; /* killed before the id was written down */
    restart();
    expect_workgroup("{}");
    second = expect_start("q1");
    expect_state("q1", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n");
    begin_and_wait();
    ck_assert_str_eq(token, token_of(second));
    finish();
}
END_TEST

START_TEST(a_query_that_was_changed_meanwhile_is_another)
{
    struct http_step *first, *second;
    char token[80];

    expect_workgroup("{}");
    first = expect_start("q1");
    http_script_start(script);
    begin(fake);
    snprintf(token, sizeof(token), "%s", token_of(first));
    restart();
    fake_option(fake, "query", "SELECT 2 AS two");
    expect_workgroup("{}");
    second = expect_start("q2");
    expect_state("q2", "SUCCEEDED", "");
    expect_columns(COLUMN("two", "integer"));
    expect_object("q2", "\"two\"\n\"2\"\n");
    begin_and_wait();
    ck_assert_str_ne(token, token_of(second));
    finish();
}
END_TEST

START_TEST(what_an_earlier_attempt_stopped_is_asked_anew)
{
    expect_workgroup("{}");
    expect_start("q1");
    http_script_start(script);
    begin(fake);
    fake->cancelled = true;
    kit_expect("athena", "StopQueryExecution");
    expect_state("q1", "CANCELLED", "");
    fake_close(fake);
    kit_end_run();
    fake->cancelled = false;
    expect_workgroup("{}");
    expect_start("q2");
    expect_state("q2", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q2", "\"customer\",\"total\"\n");
    begin(fake);
    ck_assert_int_eq(ready(fake), 0);
    finish();
}
END_TEST

/* --- several at once --- */

START_TEST(queries_are_under_way_together)
{
    expect_workgroup("{}");
    expect_start("q1");
    expect_workgroup("{}");
    expect_start("q2");
    fake_option(fake, "poll", "1m");
    fake_option(fake, "poll_max", "1m");
    http_script_start(script);
    begin(fake);
    other = new_fake();
    kit.without_notes = &other->step;
    begin(other);
    ck_assert_int_eq(http_script_count(script), 4);
    kit_expect("athena", "StopQueryExecution");
    expect_state("q2", "CANCELLED", "");
    fake_close(other);
    kit_expect("athena", "StopQueryExecution");
    expect_state("q1", "CANCELLED", "");
    finish();
}
END_TEST

START_TEST(no_more_are_under_way_than_may_be)
{
    fake_option(fake, "concurrency", "1");
    expect_workgroup("{}");
    expect_start("q1");
    expect_workgroup("{}");
    expect_state("q1", "RUNNING", "");
    expect_state("q1", "SUCCEEDED", "");
    expect_start("q2");
    expect_columns(TWO);
    expect_object("q1", "\"customer\",\"total\"\n");
    expect_state("q2", "SUCCEEDED", "");
    expect_columns(TWO);
    expect_object("q2", "\"customer\",\"total\"\n");
    fake_option(fake, "poll", "200ms");
    fake_option(fake, "poll_max", "200ms");
    http_script_start(script);
    begin(fake);
    other = new_fake();
    kit.without_notes = &other->step;
    fake_option(other, "concurrency", "1");
    begin(other);
    ck_assert_msg(ready(fake) == 0, "%s", fake->err.message);
    ck_assert_msg(ready(other) == 0, "%s", other->err.message);
    fake_close(other);
    finish();
}
END_TEST

/* --- options --- */

START_TEST(only_one_statement_that_reads_is_run)
{
    static const struct {
        const char *query;
        bool good;
    } cases[] = {
        {"SELECT 1", true},
        {"-- why\n/* a; b */ with x AS (SELECT ';' AS \";\") SELECT 1;", true},
        {"(SELECT 1) UNION (SELECT 2)", true},
        {"VALUES 1", true},
        {"SELECT 1; SELECT 2", false},
        {"INSERT INTO t SELECT 1", false},
        {"CREATE TABLE t AS SELECT 1", false},
        {"UNLOAD (SELECT 1) TO 's3://x/'", false},
        {"SELECTED", false},
        {"  -- nothing\n", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_option(fake, "query", cases[i].query);
        ck_assert_msg((fake_check(fake) == 0) == cases[i].good, "%s",
                      cases[i].query);
    }
    ck_assert_str_eq(fake->refused_option, "query");
    http_script_start(script);
    http_script_finish(script);
}
END_TEST

START_TEST(odd_options_are_refused)
{
    static const struct {
        const char *name, *value;
    } odd[] = {{"output", "var/results"}, {"workgroup", "a/b"},
               {"price_per_tib", "5,00"}, {"expected_bucket_owner", "12"},
               {"reuse", "90s"},          {"database", "a b"}};

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct fake *one = new_fake();

        fake_option(one, odd[i].name, odd[i].value);
        ck_assert_int_eq(fake_check(one), -1);
        ck_assert_str_eq(one->refused_option, odd[i].name);
        fake_free(one);
    }
    http_script_start(script);
    http_script_finish(script);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("athena");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, sends_the_query_word_for_word);
    tcase_add_test(tcase, what_is_under_way_is_on_record_before_and_after);
    tcase_add_test(tcase, columns_have_the_types_of_the_query);
    tcase_add_test(tcase, decimals_of_all_digits_are_read);
    tcase_add_test(tcase, a_decimal_of_too_many_digits_is_no_value);
    tcase_add_test(tcase, null_and_empty_stay_apart);
    tcase_add_test(tcase, a_result_without_rows_keeps_its_columns);
    tcase_add_test(tcase, a_result_of_many_ranges_is_one);
    tcase_add_test(tcase, results_that_athena_keeps_come_in_pages);
    tcase_add_test(tcase, tells_what_it_cost);
    tcase_add_test(tcase, too_many_bytes_scanned_fail_the_run);
    tcase_add_test(tcase, a_result_that_is_cut_off_is_no_result);
    tcase_add_test(tcase, a_lost_answer_is_asked_for_with_the_same_token);
    tcase_add_test(tcase, a_throttled_start_waits_for_its_turn);
    tcase_add_test(tcase, a_query_that_cannot_be_parsed_is_a_mistake);
    tcase_add_test(tcase, names_the_action_that_is_not_allowed);
    tcase_add_test(tcase, goes_on_where_it_may_not_look_at_the_workgroup);
    tcase_add_test(tcase, results_must_have_a_place);
    tcase_add_test(tcase, a_look_that_gets_no_answer_is_repeated);
    tcase_add_test(tcase,
                   a_failure_of_athenas_own_is_asked_again_as_another_query);
    tcase_add_test(tcase, it_is_not_asked_again_for_ever);
    tcase_add_test(tcase, a_failure_of_the_query_is_told_in_athenas_words);
    tcase_add_test(tcase, a_bad_cell_is_a_fault_of_the_data);
    tcase_add_test(tcase, the_limit_of_the_workgroup_is_named);
    tcase_add_test(tcase, somebody_may_cancel_it);
    tcase_add_test(tcase, a_query_that_takes_too_long_is_stopped);
    tcase_add_test(tcase, a_run_that_is_told_to_stop_stops_its_query);
    tcase_add_test(tcase, a_restart_starts_no_second_query);
    tcase_add_test(tcase, a_restart_before_the_answer_repeats_the_token);
    tcase_add_test(tcase, a_query_that_was_changed_meanwhile_is_another);
    tcase_add_test(tcase, what_an_earlier_attempt_stopped_is_asked_anew);
    tcase_add_test(tcase, queries_are_under_way_together);
    tcase_add_test(tcase, no_more_are_under_way_than_may_be);
    tcase_add_test(tcase, only_one_statement_that_reads_is_run);
    tcase_add_test(tcase, odd_options_are_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
