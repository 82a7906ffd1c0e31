/*
 * What a declared table becomes in Glue: which SerDe, which types, which view;
 * what is refused before anything is made; and what differs from what is
 * there.
 */
#include "unit/main.h"

#include <stdlib.h>

#include "aws/encode.h"
#include "aws/json.h"
#include "shared/tablediff.h"
#include "shared/tableinput.h"
#include "shared/tableobject.h"

static const struct fb_column all_types[] = {
    {.name = "OrderID", .type = FB_C_STRING},
    {.name = "Pieces", .type = FB_C_INTEGER},
    {.name = "Amount", .type = FB_C_NUMBER},
    {.name = "Paid", .type = FB_C_BOOLEAN},
    {.name = "Day", .type = FB_C_DATE},
    {.name = "At", .type = FB_C_DATETIME},
    {.name = "Hour", .type = FB_C_TIME},
};
static const char *const empty[] = {"", "NA"};

static struct fb_table table;
static struct tableinput input;
static struct fb_error err;

static void
setup(void)
{
    table = (struct fb_table){
        .size = sizeof(table),
        .name = "orders_db.Processed",
        .database = "orders_db",
        .table = "Processed",
        .location = "s3://bucket/processed/",
        .format = "csv",
        .charset = "utf-8",
        .compression = "auto",
        .delimiter = ',',
        .quote = '"',
        .header = true,
        .missing = {1, empty},
        .column_count = 7,
        .columns = all_types,
    };
}

static void
teardown(void)
{
    tableinput_release(&input);
}

static void
make_it(void)
{
    if (tableinput_make(&table, NULL, &input, &err) != 0)
        ck_abort_msg("%s", err.message);
}

static void
assert_refused(const char *why)
{
    ck_assert_int_eq(tableinput_make(&table, NULL, &input, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_msg(strstr(err.message, why) != NULL, "%s", err.message);
    ck_assert_msg(strstr(err.message, "'orders_db.Processed'") != NULL, "%s",
                  err.message);
}

/* "name:type name:type" */
static char *
columns_at(const json_t *columns)
{
    static char text[1024];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(columns); i++)
        used += (size_t)snprintf(
            text + used, sizeof(text) - used, "%s%s:%s", i > 0 ? " " : "",
            aws_json_text(json_array_get(columns, i), "Name"),
            aws_json_text(json_array_get(columns, i), "Type"));
    return text;
}

static const json_t *
storage_of(const json_t *made)
{
    return json_object_get(made, "StorageDescriptor");
}

static const char *
serde(const char *path)
{
    char whole[200];

    snprintf(whole, sizeof(whole), "StorageDescriptor.SerdeInfo.%s", path);
    return aws_json_text(input.files, whole);
}

/* The document inside of a view. */
static json_t *
view_document(void)
{
    const char *text = aws_json_text(input.view, "ViewOriginalText");
    unsigned char bytes[8192];
    char base64[12000];
    size_t size;
    json_t *found;

    ck_assert_int_eq(sscanf(text, "/* Presto View: %11999s */", base64), 1);
    ck_assert_int_eq(aws_base64_decode(base64, bytes, sizeof(bytes), &size), 0);
    ck_assert_int_eq(aws_json_parse(bytes, size, &found, &err), 0);
    return found;
}

static void
assert_in_sql(const char *part)
{
    json_t *view = view_document();
    const char *sql = aws_json_text(view, "originalSql");

    ck_assert_msg(strstr(sql, part) != NULL, "no '%s' in\n%s", part, sql);
    json_decref(view);
}

/* --- CSV --- */

START_TEST(a_quoted_csv_becomes_a_table_of_texts)
{
    make_it();
    ck_assert_str_eq(input.database, "orders_db");
    ck_assert_str_eq(input.table, "processed");
    ck_assert_str_eq(input.stored, "processed__text");
    ck_assert_str_eq(aws_json_text(input.files, "Name"), "processed__text");
    ck_assert_str_eq(aws_json_text(input.files, "TableType"), "EXTERNAL_TABLE");
    ck_assert_str_eq(
        columns_at(json_object_get(storage_of(input.files), "Columns")),
        "orderid:string pieces:string amount:string paid:string day:string "
        "at:string hour:string");
    ck_assert_str_eq(aws_json_text(input.files, "StorageDescriptor.Location"),
                     "s3://bucket/processed/");
    ck_assert_str_eq(serde("SerializationLibrary"),
                     "org.apache.hadoop.hive.serde2.OpenCSVSerde");
    ck_assert_str_eq(serde("Parameters.separatorChar"), ",");
    ck_assert_str_eq(serde("Parameters.quoteChar"), "\"");
    ck_assert(json_is_array(json_object_get(input.files, "PartitionKeys")));
}
END_TEST

START_TEST(a_backslash_stays_a_backslash)
{
    make_it();
    ck_assert_str_eq(serde("Parameters.escapeChar"), "\x01");
}
END_TEST

START_TEST(an_escape_of_the_dialect_is_told)
{
    table.escape = '\\';
    make_it();
    ck_assert_str_eq(serde("Parameters.escapeChar"), "\\");
}
END_TEST

START_TEST(the_header_is_skipped_only_when_there_is_one)
{
    const char *path = "skip.header.line.count";

    make_it();
    ck_assert_str_eq(json_string_value(json_object_get(
                         json_object_get(input.files, "Parameters"), path)),
                     "1");
    tableinput_release(&input);
    table.header = false;
    make_it();
    ck_assert_str_eq(json_string_value(json_object_get(
                         json_object_get(input.files, "Parameters"), path)),
                     "0");
}
END_TEST

START_TEST(a_file_without_quotes_is_read_without_them)
{
    const json_t *parameters;

    table.format = "tsv";
    table.delimiter = '\t';
    table.quote = 0;
    table.escape = '\\';
    table.null_sequence = "\\N";
    make_it();
    ck_assert_str_eq(serde("SerializationLibrary"),
                     "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
    parameters = json_object_get(
        json_object_get(storage_of(input.files), "SerdeInfo"), "Parameters");
    ck_assert_str_eq(
        json_string_value(json_object_get(parameters, "field.delim")), "\t");
    ck_assert_str_eq(
        json_string_value(json_object_get(parameters, "escape.delim")), "\\");
    ck_assert_str_eq(json_string_value(json_object_get(
                         parameters, "serialization.null.format")),
                     "\\N");
    ck_assert_ptr_null(json_object_get(parameters, "quoteChar"));
}
END_TEST

START_TEST(the_files_may_have_another_order_than_the_schema)
{
    const uint32_t order[] = {2, 0, 1, 3, 4, 5, 6};

    ck_assert_int_eq(tableinput_make(&table, order, &input, &err), 0);
    ck_assert_str_eq(
        columns_at(json_object_get(storage_of(input.files), "Columns")),
        "amount:string orderid:string pieces:string paid:string day:string "
        "at:string hour:string");
    ck_assert_str_eq(
        columns_at(json_object_get(storage_of(input.view), "Columns")),
        "orderid:string pieces:bigint amount:double paid:boolean day:date "
        "at:timestamp hour:string");
}
END_TEST

/* --- the view --- */

START_TEST(the_view_has_the_name_and_the_types_of_the_table)
{
    json_t *view, *columns;

    make_it();
    ck_assert_str_eq(aws_json_text(input.view, "Name"), "processed");
    ck_assert_str_eq(aws_json_text(input.view, "TableType"), "VIRTUAL_VIEW");
    ck_assert_str_eq(aws_json_text(input.view, "ViewExpandedText"),
                     "/* Presto View */");
    ck_assert_str_eq(aws_json_text(input.view, "Parameters.presto_view"),
                     "true");
    view = view_document();
    ck_assert_str_eq(aws_json_text(view, "schema"), "orders_db");
    ck_assert_str_eq(aws_json_text(view, "catalog"), "awsdatacatalog");
    columns = json_object_get(view, "columns");
    ck_assert_uint_eq(json_array_size(columns), 7);
    ck_assert_str_eq(aws_json_text(json_array_get(columns, 5), "type"),
                     "timestamp(3)");
    json_decref(view);
}
END_TEST

START_TEST(each_type_is_read_out_of_its_text)
{
    make_it();
    assert_in_sql("nullif(\"orderid\", '') AS \"orderid\"");
    assert_in_sql("CAST(nullif(\"pieces\", '') AS bigint) AS \"pieces\"");
    assert_in_sql("CAST(nullif(\"amount\", '') AS double) AS \"amount\"");
    assert_in_sql("CAST(nullif(\"day\", '') AS date) AS \"day\"");
    assert_in_sql("CAST(from_iso8601_timestamp(replace(nullif(\"at\", ''), "
                  "' ', 'T')) AT TIME ZONE 'UTC' AS timestamp(3)) AS \"at\"");
    assert_in_sql("CASE WHEN nullif(\"paid\", '') IS NULL THEN NULL WHEN "
                  "\"paid\" IN ('true', 'True', 'TRUE', '1') THEN true WHEN "
                  "\"paid\" IN ('false', 'False', 'FALSE', '0') THEN false "
                  "ELSE CAST('no boolean: ' || \"paid\" AS boolean) END");
    assert_in_sql("FROM \"orders_db\".\"processed__text\"");
}
END_TEST

START_TEST(every_word_for_a_missing_value_is_null)
{
    table.missing.count = 2;
    make_it();
    assert_in_sql("CAST(CASE WHEN \"pieces\" IN ('', 'NA') THEN NULL ELSE "
                  "\"pieces\" END AS bigint)");
}
END_TEST

START_TEST(numbers_are_read_in_their_notation)
{
    static struct fb_column column = {.name = "amount",
                                      .type = FB_C_NUMBER,
                                      .decimal_char = ",",
                                      .group_char = "'"};

    table.columns = &column;
    table.column_count = 1;
    make_it();
    assert_in_sql("CAST(replace(replace(nullif(\"amount\", ''), '''', ''), "
                  "',', '.') AS double)");
}
END_TEST

START_TEST(dates_are_read_in_their_format)
{
    static struct fb_column column = {
        .name = "day", .type = FB_C_DATE, .format = "%d/%m/%Y %H:%M:%S"};

    table.columns = &column;
    table.column_count = 1;
    make_it();
    assert_in_sql("CAST(date_parse(nullif(\"day\", ''), '%d/%m/%Y %H:%i:%s') "
                  "AS date)");
}
END_TEST

START_TEST(a_format_that_trino_has_not_is_refused)
{
    static struct fb_column column = {
        .name = "Day", .type = FB_C_DATE, .format = "any"};

    table.columns = &column;
    table.column_count = 1;
    column.format = "%Y-%U";
    assert_refused("the format '%Y-%U' of column 'Day'");
}
END_TEST

/* --- Parquet and partitions --- */

START_TEST(parquet_needs_no_view)
{
    table.format = "parquet";
    make_it();
    ck_assert_ptr_null(input.view);
    ck_assert_str_eq(input.stored, "processed");
    ck_assert_str_eq(serde("SerializationLibrary"),
                     "org.apache.hadoop.hive.ql.io.parquet.serde."
                     "ParquetHiveSerDe");
    ck_assert_str_eq(
        columns_at(json_object_get(storage_of(input.files), "Columns")),
        "orderid:string pieces:bigint amount:double paid:boolean day:date "
        "at:timestamp hour:string");
}
END_TEST

START_TEST(columns_of_the_path_are_partition_keys)
{
    json_t *partition;

    table.partition_count = 2; /* At, Hour */
    make_it();
    ck_assert_str_eq(columns_at(json_object_get(input.files, "PartitionKeys")),
                     "at:string hour:string");
    partition = tableobject_partition(
        &input, &table, "s3://bucket/processed/At=2025-01-01/Hour=a%2Fb/x.csv");
    ck_assert_ptr_nonnull(partition);
    ck_assert_str_eq(json_string_value(json_array_get(
                         json_object_get(partition, "Values"), 1)),
                     "a/b");
    ck_assert_str_eq(aws_json_text(partition, "StorageDescriptor.Location"),
                     "s3://bucket/processed/At=2025-01-01/Hour=a%2Fb/");
    json_decref(partition);
    ck_assert_ptr_null(tableobject_partition(
        &input, &table, "s3://bucket/processed/At=2025-01-01/x.csv"));
    ck_assert_ptr_null(tableobject_partition(
        &input, &table, "s3://bucket/processed/Hour=1/At=2/x.csv"));
}
END_TEST

/* --- what is refused --- */

START_TEST(refuses_another_charset)
{
    table.charset = "cp932";
    assert_refused("only UTF-8, and this is 'cp932'");
}
END_TEST

START_TEST(refuses_a_location_of_this_machine)
{
    table.location = "var/store/processed/";
    assert_refused("outside of S3: 'var/store/processed/'");
    ck_assert_ptr_nonnull(strstr(err.hint, "duckdb"));
}
END_TEST

START_TEST(refuses_two_slashes_in_a_location)
{
    table.location = "s3://bucket//processed/";
    assert_refused("no location of a table");
}
END_TEST

START_TEST(refuses_columns_that_are_one_in_lower_case)
{
    static const struct fb_column two[] = {
        {.name = "Amount", .type = FB_C_NUMBER},
        {.name = "AMOUNT", .type = FB_C_STRING}};

    table.columns = two;
    table.column_count = 2;
    assert_refused("the columns 'Amount' and 'AMOUNT' are one there");
}
END_TEST

START_TEST(refuses_a_column_that_athena_cannot_name)
{
    static const struct fb_column odd[] = {
        {.name = "Order ID", .type = FB_C_STRING}};

    table.columns = odd;
    table.column_count = 1;
    assert_refused("it cannot name the column 'Order ID'");
}
END_TEST

START_TEST(refuses_lines_that_are_comments)
{
    table.comment = '#';
    assert_refused("begin with '#'");
}
END_TEST

START_TEST(refuses_objects_that_athena_would_unpack_otherwise)
{
    ck_assert_int_eq(tableobject_check(&table, "s3://b/a.csv", &err), 0);
    ck_assert_int_eq(tableobject_check(&table, "s3://b/a.csv.gz", &err), 0);
    ck_assert_int_eq(tableobject_check(&table, "s3://b/a.bz2", &err), -1);
    table.compression = "none";
    ck_assert_int_eq(tableobject_check(&table, "s3://b/a.csv.gz", &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "takes 's3://b/a.csv.gz' for "
                                              "gzip"));
    table.compression = "gzip";
    ck_assert_int_eq(tableobject_check(&table, "s3://b/a.csv", &err), -1);
    ck_assert_int_eq(tableobject_check(&table, "s3://b/a.csv.gz", &err), 0);
}
END_TEST

/* --- comparing --- */

/* As GetTable would give it back. */
static json_t *
as_found(const json_t *wanted)
{
    json_t *found = json_deep_copy(wanted);
    json_t *more = json_pack("{s:s,s:f,s:s,s:b,s:s}", "DatabaseName",
                             "orders_db", "CreateTime", 1.5e9, "VersionId", "3",
                             "IsRegisteredWithLakeFormation", 0, "CatalogId",
                             "123456789012");

    json_object_update(found, more);
    json_decref(more);
    return found;
}

START_TEST(what_was_made_is_the_same_when_it_is_read_back)
{
    json_t *found, *update;
    char *what;

    make_it();
    found = as_found(input.files);
    ck_assert(tablediff_is_same(found, input.files, &update, &what));
    json_decref(found);
    found = as_found(input.view);
    ck_assert(tablediff_is_same(found, input.view, &update, &what));
    json_decref(found);
}
END_TEST

START_TEST(what_others_wrote_is_no_difference)
{
    json_t *found, *update, *column;
    char *what;

    make_it();
    found = as_found(input.files);
    json_object_set_new(json_object_get(found, "Parameters"), "owner",
                        json_string("sales"));
    column = json_array_get(json_object_get(storage_of(found), "Columns"), 0);
    json_object_set_new(column, "Comment", json_string("of them"));
    ck_assert(tablediff_is_same(found, input.files, &update, &what));
    json_decref(found);
}
END_TEST

START_TEST(an_update_keeps_what_others_wrote_and_names_what_differs)
{
    json_t *found, *update;
    char *what;

    make_it();
    found = as_found(input.files);
    json_object_set_new(json_object_get(found, "Parameters"), "owner",
                        json_string("sales"));
    json_object_set_new(json_object_get(found, "StorageDescriptor"), "Location",
                        json_string("s3://bucket/old/"));
    json_array_remove(json_object_get(storage_of(found), "Columns"), 6);
    ck_assert(!tablediff_is_same(found, input.files, &update, &what));
    ck_assert_str_eq(what, "Columns, Location");
    ck_assert_str_eq(aws_json_text(update, "Parameters.owner"), "sales");
    ck_assert_str_eq(aws_json_text(update, "StorageDescriptor.Location"),
                     "s3://bucket/processed/");
    ck_assert_ptr_null(json_object_get(update, "VersionId"));
    ck_assert_ptr_null(json_object_get(update, "DatabaseName"));
    ck_assert_ptr_null(json_object_get(update, "CreateTime"));
    free(what);
    json_decref(update);
    json_decref(found);
}
END_TEST

START_TEST(nothing_of_another_serde_stays)
{
    json_t *found, *update;
    char *what;

    make_it();
    found = as_found(input.files);
    json_object_set_new(
        json_object_get(found, "StorageDescriptor"), "SerdeInfo",
        json_pack("{s:s,s:s,s:{s:s}}", "Name", "x", "SerializationLibrary",
                  "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                  "Parameters", "field.delim", ";"));
    ck_assert(!tablediff_is_same(found, input.files, &update, &what));
    ck_assert_str_eq(what, "SerdeInfo");
    ck_assert_ptr_null(aws_json_text(
        update, "StorageDescriptor.SerdeInfo.Parameters.field.delim"));
    ck_assert(
        json_equal(json_object_get(storage_of(update), "SerdeInfo"),
                   json_object_get(storage_of(input.files), "SerdeInfo")));
    free(what);
    json_decref(update);
    json_decref(found);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("tableinput");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_quoted_csv_becomes_a_table_of_texts);
    tcase_add_test(tcase, a_backslash_stays_a_backslash);
    tcase_add_test(tcase, an_escape_of_the_dialect_is_told);
    tcase_add_test(tcase, the_header_is_skipped_only_when_there_is_one);
    tcase_add_test(tcase, a_file_without_quotes_is_read_without_them);
    tcase_add_test(tcase, the_files_may_have_another_order_than_the_schema);
    tcase_add_test(tcase, the_view_has_the_name_and_the_types_of_the_table);
    tcase_add_test(tcase, each_type_is_read_out_of_its_text);
    tcase_add_test(tcase, every_word_for_a_missing_value_is_null);
    tcase_add_test(tcase, numbers_are_read_in_their_notation);
    tcase_add_test(tcase, dates_are_read_in_their_format);
    tcase_add_test(tcase, a_format_that_trino_has_not_is_refused);
    tcase_add_test(tcase, parquet_needs_no_view);
    tcase_add_test(tcase, columns_of_the_path_are_partition_keys);
    tcase_add_test(tcase, refuses_another_charset);
    tcase_add_test(tcase, refuses_a_location_of_this_machine);
    tcase_add_test(tcase, refuses_two_slashes_in_a_location);
    tcase_add_test(tcase, refuses_columns_that_are_one_in_lower_case);
    tcase_add_test(tcase, refuses_a_column_that_athena_cannot_name);
    tcase_add_test(tcase, refuses_lines_that_are_comments);
    tcase_add_test(tcase, refuses_objects_that_athena_would_unpack_otherwise);
    tcase_add_test(tcase, what_was_made_is_the_same_when_it_is_read_back);
    tcase_add_test(tcase, what_others_wrote_is_no_difference);
    tcase_add_test(tcase,
                   an_update_keeps_what_others_wrote_and_names_what_differs);
    tcase_add_test(tcase, nothing_of_another_serde_stays);
    suite_add_tcase(suite, tcase);
    return suite;
}
