/*
 * duckdb/query.c: a prepared statement, and the batches of its result.
 */
#include "query.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "watch.h"
#include "words.h"

struct query {
    const struct engine *engine;
    const struct duck *duck;
    struct duck_connection *connection;
    struct duck_statement *statement;
    uint32_t column_count;
    struct duck_type **types;
    const char **names;
    bool running;
    struct duck_result result;
    struct duck_arrow_options *options;
    struct watch watch;
};

/* --- before it runs ------------------------------------------------------- */

static int
refuse(struct fault *fault, const char *text)
{
    *fault = (struct fault){.code = FB_E_CONFIG, .is_syntax = true};
    snprintf(fault->text, sizeof(fault->text), "%s", text);
    return -1;
}

static int
engine_refuses(const char *text, struct fault *fault)
{
    fault_read(text, fault);
    return -1;
}

static int
check_statement(const struct query *query, struct fault *fault)
{
    if (query->duck->prepared_statement_type(query->statement) != DUCK_SELECT)
        return refuse(fault, "only a SELECT can be a query: it reads its "
                             "tables and changes nothing");
    if (query->duck->nparams(query->statement) > 0)
        return refuse(fault, "a query has no parameters: ? and $1 mean "
                             "nothing here");
    return 0;
}

static int
prepare_one(struct query *query, const char *sql,
            struct duck_statements *statements, uint64_t count,
            struct fault *fault)
{
    const struct duck *duck = query->duck;

    if (count == 0) {
        const char *why = duck->extract_statements_error(statements);

        return why != NULL ? engine_refuses(why, fault)
                           : refuse(fault, "the query is empty");
    }
    if (!words_begin_query(sql))
        return refuse(fault, "only a SELECT can be a query: it reads its "
                             "tables and changes nothing");
    if (count > 1)
        return refuse(fault, "a query is one statement, not several");
    if (duck->prepare_extracted_statement(query->connection, statements, 0,
                                          &query->statement) != 0)
        return engine_refuses(duck->prepare_error(query->statement), fault);
    return check_statement(query, fault);
}

static void
take_columns(struct query *query)
{
    const struct duck *duck = query->duck;
    uint64_t count = duck->prepared_statement_column_count(query->statement);

    query->types = calloc(count + 1, sizeof(struct duck_type *));
    query->names = calloc(count + 1, sizeof(*query->names));
    if (query->types == NULL || query->names == NULL)
        abort();
    query->column_count = (uint32_t)count;
    for (uint64_t i = 0; i < count; i++) {
        query->types[i] =
            duck->prepared_statement_column_logical_type(query->statement, i);
        query->names[i] =
            duck->prepared_statement_column_name(query->statement, i);
    }
}

/* What the engine would take, but is no query over tables. */
static int
check_words(const char *sql, struct fault *fault)
{
    size_t at;
    const char *word = words_forbidden(sql, &at);

    if (word != NULL) {
        *fault = (struct fault){.code = FB_E_CONFIG,
                                .is_syntax = true,
                                .position = (uint32_t)at + 1};
        snprintf(fault->text, sizeof(fault->text),
                 "the function '%s' cannot be used in a query", word);
        return -1;
    }
    return 0;
}

int
query_prepare(const struct engine *engine, const char *sql,
              struct query **query, struct fault *fault)
{
    struct query *made = calloc(1, sizeof(*made));
    struct duck_statements *statements = NULL;
    int status = -1;
    uint64_t count;

    if (made == NULL)
        abort();
    made->engine = engine;
    made->duck = engine->duck;
    made->connection = engine_connect(engine);
    if (made->connection == NULL) {
        (void)refuse(fault, "cannot connect to the engine");
    } else if (check_words(sql, fault) == 0) {
        count =
            made->duck->extract_statements(made->connection, sql, &statements);
        status = prepare_one(made, sql, statements, count, fault);
        made->duck->destroy_extracted(&statements);
    }
    if (status != 0) {
        query_free(made);
        return -1;
    }
    take_columns(made);
    *query = made;
    return 0;
}

void
query_free(struct query *query)
{
    if (query == NULL)
        return;
    watch_end(&query->watch);
    if (query->options != NULL)
        query->duck->destroy_arrow_options(&query->options);
    if (query->running)
        query->duck->destroy_result(&query->result);
    for (uint32_t i = 0; i < query->column_count; i++) {
        query->duck->destroy_logical_type(&query->types[i]);
        query->duck->free((void *)(uintptr_t)query->names[i]);
    }
    free(query->types);
    free(query->names);
    if (query->statement != NULL)
        query->duck->destroy_prepare(&query->statement);
    if (query->connection != NULL)
        query->duck->disconnect(&query->connection);
    free(query);
}

/* --- its columns ---------------------------------------------------------- */

uint32_t
query_column_count(const struct query *query)
{
    return query->column_count;
}

const char *
query_column_name(const struct query *query, uint32_t index)
{
    assert(index < query->column_count);
    return query->names[index];
}

/* What fb_batch_import makes of the array of such a column. */
enum fb_column_type
query_column_type(const struct query *query, uint32_t index)
{
    static const uint8_t types[] = {
        [DUCK_BOOLEAN] = FB_C_BOOLEAN,
        [DUCK_TINYINT] = FB_C_INTEGER,
        [DUCK_SMALLINT] = FB_C_INTEGER,
        [DUCK_INTEGER] = FB_C_INTEGER,
        [DUCK_BIGINT] = FB_C_INTEGER,
        [DUCK_UTINYINT] = FB_C_INTEGER,
        [DUCK_USMALLINT] = FB_C_INTEGER,
        [DUCK_UINTEGER] = FB_C_INTEGER,
        [DUCK_UBIGINT] = FB_C_INTEGER,
        [DUCK_FLOAT] = FB_C_NUMBER,
        [DUCK_DOUBLE] = FB_C_NUMBER,
        [DUCK_TIMESTAMP] = FB_C_DATETIME,
        [DUCK_DATE] = FB_C_DATE,
        [DUCK_TIME] = FB_C_TIME,
        [DUCK_HUGEINT] = FB_C_INTEGER,
        [DUCK_VARCHAR] = FB_C_STRING,
        [DUCK_DECIMAL] = FB_C_NUMBER,
        [DUCK_TIMESTAMP_S] = FB_C_DATETIME,
        [DUCK_TIMESTAMP_MS] = FB_C_DATETIME,
        [DUCK_TIMESTAMP_NS] = FB_C_DATETIME,
        [DUCK_TIMESTAMP_TZ] = FB_C_DATETIME,
        [DUCK_NULL] = FB_C_STRING,
    };
    struct duck_type *type = query->types[index];
    int id = query->duck->get_type_id(type);

    if (id == DUCK_DECIMAL && query->duck->decimal_scale(type) == 0)
        return FB_C_INTEGER;
    if (id < 0 || (size_t)id >= sizeof(types))
        return 0;
    return (enum fb_column_type)types[id];
}

static int
refuse_column(const struct query *query, struct fb_step *step, uint32_t index,
              const char *what, struct fb_error *err)
{
    fb_bad_option(step, err, "query", 0,
                  "column %" PRIu32 " of the result, "
                  "'%s', %s",
                  index + 1, query->names[index], what);
    return -1;
}

int
query_name_columns(const struct query *query, struct fb_step *step,
                   struct fb_error *err)
{
    for (uint32_t i = 0; i < query->column_count; i++) {
        enum fb_column_type type = query_column_type(query, i);

        if (type == 0) {
            refuse_column(query, step, i, "is of a type that has no text", err);
            return fb_hint(err, "CAST it to VARCHAR, or take it apart");
        }
        for (uint32_t j = 0; j < i; j++)
            if (strcasecmp(query->names[i], query->names[j]) == 0) {
                refuse_column(query, step, i, "has the name of another one",
                              err);
                return fb_hint(err, "give it a name of its own with AS");
            }
        if (fb_output_column(step, query->names[i], type, FB_NEW, NULL, err) !=
            0)
            return -1;
    }
    return 0;
}

int
query_refuse(struct fb_step *step, const char *sql, const struct fault *fault,
             struct fb_error *err)
{
    uint32_t line, column;

    if (fault->position == 0)
        return fb_bad_option(step, err, "query", 0, "the query: %s",
                             fault->text);
    fault_place(sql, fault->position, &line, &column);
    return fb_bad_option(step, err, "query", 0,
                         "the query, line %" PRIu32 ", column %" PRIu32 ": %s",
                         line, column, fault->text);
}

/* --- while it runs -------------------------------------------------------- */

static int
failed(const struct query *query, struct fb_step *step, const char *why,
       struct fb_error *err)
{
    (void)query;
    if (fb_cancelled(step))
        return fb_fail(err, FB_E_CANCELLED, "the query was stopped");
    return fault_fail(why, FB_E_FAILED, "the query failed", err);
}

int
query_start(struct query *query, struct fb_step *step, struct fb_error *err)
{
    const struct duck *duck = query->duck;

    assert(!query->running);
    watch_begin(&query->watch, duck, query->connection, step);
    query->running = true;
    if (duck->execute_prepared_streaming(query->statement, &query->result) != 0)
        return failed(query, step, duck->result_error(&query->result), err);
    query->options = duck->result_get_arrow_options(&query->result);
    return 0;
}

static int
convert_fails(const struct query *query, struct duck_error *error,
              struct fb_error *err)
{
    fault_fail(query->duck->error_data_message(error), FB_E_FAILED,
               "the query's result", err);
    query->duck->destroy_error_data(&error);
    return -1;
}

static int
import(const struct query *query, struct fb_step *step,
       struct duck_chunk *chunk, struct fb_batch **batch, struct fb_error *err)
{
    struct ArrowArray array = {.release = NULL};
    struct ArrowSchema schema = {.release = NULL};
    struct duck_error *error =
        query->duck->data_chunk_to_arrow(query->options, chunk, &array);

    if (error != NULL)
        return convert_fails(query, error, err);
    error =
        query->duck->to_arrow_schema(query->options, query->types, query->names,
                                     query->column_count, &schema);
    if (error != NULL) {
        if (array.release != NULL)
            array.release(&array);
        return convert_fails(query, error, err);
    }
    return fb_batch_import(step, &array, &schema, batch, err);
}

int
query_next(struct query *query, struct fb_step *step, struct fb_batch **batch,
           struct fb_error *err)
{
    const struct duck *duck = query->duck;
    struct duck_chunk *chunk;
    const char *why;
    int status;

    assert(query->running);
    *batch = NULL;
    chunk = duck->fetch_chunk(query->result);
    if (chunk == NULL) {
        why = duck->result_error(&query->result);
        watch_end(&query->watch);
        return why != NULL && *why != '\0' ? failed(query, step, why, err) : 0;
    }
    status = import(query, step, chunk, batch, err);
    duck->destroy_data_chunk(&chunk);
    return status;
}
