/*
 * tests/unit/test_arrow_duckdb.c: DuckDB, which nobody of us wrote, reads the
 * arrays that we export and makes arrays for us to import.
 *
 * The library is $FOREBAY_DUCKDB or build/deps/libduckdb.so, where set-up puts
 * it; without it the tests fail, unless FOREBAY_NO_DUCKDB is set.
 */
#include "batch/arrow.h"

#include <dlfcn.h>

#include "unit/blocks.h"
#include "unit/main.h"
#include "util/error.h"

/* https://arrow.apache.org/docs/format/CStreamInterface.html */
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

/* duckdb_result; only its size matters here. */
struct duck_result {
    uint64_t counts[3];
    void *pointers[3];
};

/* The functions of https://duckdb.org/docs/api/c/api that are used here;
 * handles are pointers to structures of DuckDB's own. */
static struct {
    int (*open)(const char *path, void **database);
    int (*connect)(void *database, void **connection);
    void (*disconnect)(void **connection);
    void (*close)(void **database);
    int (*query)(void *connection, const char *sql, struct duck_result *);
    const char *(*result_error)(struct duck_result *);
    void (*destroy_result)(struct duck_result *);
    uint64_t (*column_count)(struct duck_result *);
    const char *(*column_name)(struct duck_result *, uint64_t column);
    void *(*column_logical_type)(struct duck_result *, uint64_t column);
    void (*destroy_logical_type)(void **type);
    char *(*value_varchar)(struct duck_result *, uint64_t col, uint64_t row);
    void (*free)(void *text);
    void *(*fetch_chunk)(struct duck_result);
    void (*destroy_data_chunk)(void **chunk);
    int (*arrow_scan)(void *connection, const char *view,
                      struct ArrowArrayStream *);
    void *(*result_get_arrow_options)(struct duck_result *);
    void (*destroy_arrow_options)(void **options);
    void *(*to_arrow_schema)(void *options, void **types, const char **names,
                             uint64_t count, struct ArrowSchema *);
    void *(*data_chunk_to_arrow)(void *options, void *chunk,
                                 struct ArrowArray *);
} duck;

static void *library, *database, *connection;
static struct arena *arena;
static struct fb_error err;

static void
load(void *function, const char *name)
{
    void *symbol = dlsym(library, name);

    ck_assert_msg(symbol != NULL, "the library has no %s", name);
    memcpy(function, &symbol, sizeof(symbol));
}
#define LOAD(name_) load(&duck.name_, "duckdb_" #name_)

static void
load_all(void)
{
    LOAD(open);
    LOAD(connect);
    LOAD(disconnect);
    LOAD(close);
    LOAD(query);
    LOAD(result_error);
    LOAD(destroy_result);
    LOAD(column_count);
    LOAD(column_name);
    LOAD(column_logical_type);
    LOAD(destroy_logical_type);
    LOAD(value_varchar);
    LOAD(free);
    LOAD(fetch_chunk);
    LOAD(destroy_data_chunk);
    LOAD(arrow_scan);
    LOAD(result_get_arrow_options);
    LOAD(destroy_arrow_options);
    LOAD(to_arrow_schema);
    LOAD(data_chunk_to_arrow);
}

static void
setup(void)
{
    const char *path = getenv("FOREBAY_DUCKDB");

    if (path == NULL)
        path = "build/deps/libduckdb.so";
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(library != NULL, "%s (FOREBAY_NO_DUCKDB=1 skips this)",
                  dlerror());
    load_all();
    ck_assert_int_eq(duck.open(NULL, &database), 0);
    ck_assert_int_eq(duck.connect(database, &connection), 0);
    arena = arena_new();
    err = (struct fb_error)FB_ERROR_INIT;
}

/* The library stays: nothing is unloaded under the sanitizers. */
static void
teardown(void)
{
    duck.disconnect(&connection);
    duck.close(&database);
    arena_free(arena);
}

static void
query(const char *sql, struct duck_result *result)
{
    memset(result, 0, sizeof(*result));
    if (duck.query(connection, sql, result) != 0)
        ck_abort_msg("%s: %s", sql, duck.result_error(result));
}

/* One value as DuckDB writes it. */
static void
answers(const char *sql, const char *want)
{
    struct duck_result result;
    char *text;

    query(sql, &result);
    text = duck.value_varchar(&result, 0, 0);
    ck_assert_msg(text != NULL && strcmp(text, want) == 0, "%s: got %s, not %s",
                  sql, text ? text : "NULL", want);
    duck.free(text);
    duck.destroy_result(&result);
}

/* --- a batch as a stream of one array --- */

struct one_batch {
    struct ArrowArray array;
    struct ArrowSchema schema;
};

static void
keep_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

/* duckdb_arrow_scan leaves schemas to whom they came from, so they are lent. */
static int
stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *schema)
{
    const struct one_batch *one = stream->private_data;

    *schema = one->schema;
    schema->release = keep_schema;
    return 0;
}

/* The array is given away; after it comes the end, a released one. */
static int
stream_next(struct ArrowArrayStream *stream, struct ArrowArray *array)
{
    struct one_batch *one = stream->private_data;

    *array = one->array;
    one->array.release = NULL;
    return 0;
}

static const char *
stream_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return err.message;
}

static void
stream_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

/* CREATE TABLE name AS the selected rows of the batch, which is freed. */
static void
make_table(const char *name, struct batch *batch)
{
    struct one_batch one;
    struct ArrowArrayStream stream = {stream_schema, stream_next, stream_error,
                                      stream_release, &one};
    struct duck_result result;
    char sql[128];

    ck_assert_int_eq(batch_export(batch, &one.array, &one.schema, &err), 0);
    batch_free(batch);
    ck_assert_int_eq(duck.arrow_scan(connection, "exported", &stream), 0);
    snprintf(sql, sizeof(sql), "CREATE TABLE %s AS FROM exported", name);
    query(sql, &result);
    duck.destroy_result(&result);
    query("DROP VIEW exported", &result);
    duck.destroy_result(&result);
    ck_assert(one.array.release == NULL);
    one.schema.release(&one.schema);
}

/* --- a result as batches --- */

static void
schema_of(struct duck_result *result, void *options, struct ArrowSchema *schema)
{
    uint64_t count = duck.column_count(result);
    void **types = mem_array(count, sizeof(*types));
    const char **names = mem_array(count, sizeof(*names));

    for (uint64_t i = 0; i < count; i++) {
        types[i] = duck.column_logical_type(result, i);
        names[i] = duck.column_name(result, i);
    }
    ck_assert_ptr_null(
        duck.to_arrow_schema(options, types, names, count, schema));
    for (uint64_t i = 0; i < count; i++)
        duck.destroy_logical_type(&types[i]);
    free(types);
    free(names);
}

/* The next batch of the result, or NULL. */
static struct batch *
next_batch(struct duck_result *result, void *options)
{
    void *chunk = duck.fetch_chunk(*result);
    struct ArrowArray array;
    struct ArrowSchema schema;
    struct batch *batch;

    if (chunk == NULL)
        return NULL;
    schema_of(result, options, &schema);
    ck_assert_ptr_null(duck.data_chunk_to_arrow(options, chunk, &array));
    duck.destroy_data_chunk(&chunk);
    ck_assert_msg(batch_import(NULL, &array, &schema, NULL, &batch, &err) == 0,
                  "%s", err.message);
    return batch;
}

/* What the import makes of a query's first row and column. */
static void
imports(const char *sql, enum fb_column_type type, const char *want)
{
    struct duck_result result;
    struct batch *batch;
    const struct fb_cell *cell;
    void *options;

    query(sql, &result);
    options = duck.result_get_arrow_options(&result);
    batch = next_batch(&result, options);
    ck_assert_ptr_nonnull(batch);
    cell = batch_cells(batch, 0);
    ck_assert_msg(cell->len == strlen(want) &&
                      memcmp(cell->ptr, want, cell->len) == 0,
                  "%s: got %.*s, not %s", sql, (int)cell->len,
                  (const char *)cell->ptr, want);
    ck_assert_int_eq(batch_columns(batch)->items[0].type, type);
    ck_assert_uint_eq(batch_values(batch, 0)->state,
                      cell->flags & FB_CELL_NULL ? FB_V_NULL : FB_V_OK);
    batch_free(batch);
    duck.destroy_arrow_options(&options);
    duck.destroy_result(&result);
}

/* --- the tests --- */

static const char rows[] =
    "\xe8\xa1\xa8,1,0.5,true,2024-02-29,2025-02-10T09:05:00+09:00,00:00:02\n"
    "dropped,x,x,x,x,x,x\n"
    ",,,,,,\n"
    "\"a,\"\"b\",-9223372036854775808,-1e300,false,0001-01-01,"
    "1969-12-31T23:59:59.000001,23:59:59.5\n";

static struct columns *
typed_columns(void)
{
    static const char *const names[] = {"s", "i", "n", "b", "d", "t", "c"};
    struct columns *columns = columns_of_names(arena, names, 7);
    struct fb_column *items = arena_array(arena, 7, sizeof(*items));

    memcpy(items, columns->items, 7 * sizeof(*items));
    for (int i = 0; i < 7; i++)
        items[i].type = (enum fb_column_type)(FB_C_STRING + i);
    columns->items = items;
    return columns;
}

static void
make_rows(void)
{
    struct batch *b =
        batch_of_block(block_of(rows, 7, 1, false), typed_columns(), NULL);

    batch_filter(b, (const uint64_t[]){0xd});
    make_table("r", b);
}

START_TEST(duckdb_sees_the_types_that_were_exported)
{
    make_rows();
    answers("SELECT concat_ws(' ', typeof(s), typeof(i), typeof(n), "
            "typeof(b), typeof(d), typeof(t), typeof(c)) FROM r LIMIT 1",
            "VARCHAR BIGINT DOUBLE BOOLEAN DATE TIMESTAMP WITH TIME ZONE "
            "TIME");
}
END_TEST

START_TEST(duckdb_sees_the_selected_rows_and_their_nulls)
{
    make_rows();
    answers("SELECT count(*) FROM r", "3");
    answers("SELECT concat_ws(' ', count(s), count(i), count(n), count(b), "
            "count(d), count(t), count(c)) FROM r",
            "2 2 2 2 2 2 2");
}
END_TEST

START_TEST(duckdb_sees_the_values_that_were_exported)
{
    make_rows();
    answers("SELECT s FROM r WHERE i = 1", "\xe8\xa1\xa8");
    answers("SELECT s FROM r WHERE NOT b", "a,\"b");
    answers("SELECT i FROM r WHERE NOT b", "-9223372036854775808");
    answers("SELECT n FROM r WHERE b", "0.5");
    answers("SELECT n = -1e300 FROM r WHERE NOT b", "true");
    answers("SELECT d FROM r WHERE b", "2024-02-29");
    answers("SELECT d FROM r WHERE NOT b", "0001-01-01");
    answers("SELECT epoch_us(t) FROM r WHERE b", "1739145900000000");
    answers("SELECT epoch_us(t) FROM r WHERE NOT b", "-999999");
    answers("SELECT c FROM r WHERE b", "00:00:02");
    answers("SELECT c FROM r WHERE NOT b", "23:59:59.5");
}
END_TEST

START_TEST(imports_values_that_duckdb_made)
{
    imports("SELECT 42::TINYINT", FB_C_INTEGER, "42");
    imports("SELECT 65535::USMALLINT", FB_C_INTEGER, "65535");
    imports("SELECT -9223372036854775808", FB_C_INTEGER,
            "-9223372036854775808");
    imports("SELECT sum(x) FROM (VALUES (1), (2)) v(x)", FB_C_INTEGER, "3");
    imports("SELECT 0.1::DOUBLE + 0.2::DOUBLE", FB_C_NUMBER,
            "0.30000000000000004");
    imports("SELECT 0.1::FLOAT", FB_C_NUMBER, "0.1");
    imports("SELECT 'inf'::DOUBLE", FB_C_NUMBER, "INF");
    imports("SELECT true", FB_C_BOOLEAN, "true");
    imports("SELECT '\xe8\xa1\xa8 \"x\"'", FB_C_STRING, "\xe8\xa1\xa8 \"x\"");
    imports("SELECT 'a text longer than an inlined one'", FB_C_STRING,
            "a text longer than an inlined one");
    imports("SELECT DATE '2024-02-29'", FB_C_DATE, "2024-02-29");
    imports("SELECT TIMESTAMP '1969-12-31 23:59:59.5'", FB_C_DATETIME,
            "1969-12-31T23:59:59.500000Z");
    imports("SELECT '2025-02-10 09:05:00'::TIMESTAMP_S", FB_C_DATETIME,
            "2025-02-10T09:05:00Z");
    imports("SELECT to_timestamp(0)", FB_C_DATETIME, "1970-01-01T00:00:00Z");
    imports("SELECT TIME '09:05:00'", FB_C_TIME, "09:05:00");
    imports("SELECT NULL::DATE", FB_C_DATE, "");
    imports("SELECT ''", FB_C_STRING, "");
}
END_TEST

START_TEST(imports_decimals_that_duckdb_made)
{
    imports("SELECT 478.60::DECIMAL(10,2)", FB_C_NUMBER, "478.60");
    imports("SELECT -0.05::DECIMAL(4,2)", FB_C_NUMBER, "-0.05");
    imports("SELECT 99999999999999999999999999999999999999::DECIMAL(38,0) "
            "% 1000",
            FB_C_INTEGER, "999");
    imports("SELECT sum(x::DECIMAL(18,3)) FROM (VALUES (1), (2.5)) v(x)",
            FB_C_NUMBER, "3.500");
}
END_TEST

START_TEST(refuses_what_duckdb_has_and_we_have_not)
{
    static const char *const queries[] = {
        "SELECT [1, 2] AS x", "SELECT {'a': 1} AS x",
        "SELECT DATE 'infinity' AS x", "SELECT DATE '-44-03-15' AS x",
        "SELECT '2025-01-01 00:00:00.123456789'::TIMESTAMP_NS AS x"};

    for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
        struct duck_result result;
        struct ArrowArray array;
        struct ArrowSchema schema;
        struct batch *batch = NULL;
        void *options, *chunk;

        query(queries[i], &result);
        options = duck.result_get_arrow_options(&result);
        schema_of(&result, options, &schema);
        chunk = duck.fetch_chunk(result);
        ck_assert_ptr_null(duck.data_chunk_to_arrow(options, chunk, &array));
        ck_assert_msg(batch_import(NULL, &array, &schema, NULL, &batch, &err) ==
                          -1,
                      "%s was imported", queries[i]);
        ck_assert_int_eq(err.code, FB_E_INPUT);
        ck_assert_ptr_nonnull(strstr(err.message, "column 'x': "));
        duck.destroy_data_chunk(&chunk);
        duck.destroy_arrow_options(&options);
        duck.destroy_result(&result);
    }
}
END_TEST

START_TEST(imports_a_result_of_many_chunks_and_gives_it_back)
{
    struct duck_result result;
    struct batch *batch;
    uint32_t chunks = 0, count = 0;
    void *options;
    char name[16], sql[256];

    query("SELECT i::BIGINT AS i, CASE WHEN i % 7 > 0 THEN 'v' || i END AS s, "
          "i / 4 AS n, DATE '2000-01-01' + i::INTEGER AS d, i % 2 = 0 AS b "
          "FROM range(5000) r(i)",
          &result);
    options = duck.result_get_arrow_options(&result);
    while ((batch = next_batch(&result, options)) != NULL) {
        count += batch_rows(batch);
        snprintf(name, sizeof(name), "back%u", chunks++);
        make_table(name, batch);
    }
    duck.destroy_arrow_options(&options);
    duck.destroy_result(&result);
    ck_assert_uint_eq(count, 5000);
    ck_assert_uint_eq(chunks, 3);
    snprintf(sql, sizeof(sql),
             "SELECT concat_ws(' ', count(*), count(s), sum(i), sum(n), "
             "max(d), count(*) FILTER (WHERE b), count(*) FILTER (s = 'v' || "
             "i)) FROM (FROM back0 UNION ALL FROM back1 UNION ALL FROM "
             "back2)");
    answers(sql, "5000 4285 12497500 3124375.0 2013-09-08 2500 4285");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("arrow and DuckDB");
    TCase *tc = tcase_create("duckdb");

    suite_add_tcase(suite, tc);
    if (getenv("FOREBAY_NO_DUCKDB") != NULL) {
        fprintf(stderr, "skipped: FOREBAY_NO_DUCKDB is set\n");
        return suite;
    }
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, duckdb_sees_the_types_that_were_exported);
    tcase_add_test(tc, duckdb_sees_the_selected_rows_and_their_nulls);
    tcase_add_test(tc, duckdb_sees_the_values_that_were_exported);
    tcase_add_test(tc, imports_values_that_duckdb_made);
    tcase_add_test(tc, imports_decimals_that_duckdb_made);
    tcase_add_test(tc, refuses_what_duckdb_has_and_we_have_not);
    tcase_add_test(tc, imports_a_result_of_many_chunks_and_gives_it_back);
    return suite;
}
