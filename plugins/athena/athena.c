/*
 * athena.c: the plugin `athena`: its options, and the life of a step that is
 * a query.  The work is done by query.h, flight.h, tables.h and result.h.
 */
#include <stdlib.h>

#include "aws/client.h"
#include "aws/settings.h"
#include "cost.h"
#include "flight.h"
#include "query.h"
#include "result.h"
#include "shared/catalog.h"
#include "statement.h"
#include "tables.h"

#define MINUTE_MS 60000

struct athena {
    struct aws_settings aws;
    const char *query, *workgroup, *output, *catalog, *database;
    const char *bucket_owner, *s3_endpoint, *glue_endpoint, *price;
    bool make_tables;
    int64_t reuse, poll, poll_max, deadline, attempts, concurrency;
    int64_t max_scanned;

    double price_per_tib;
    char *first_database; /* owned; of the first declared table */
    struct aws_settings s3, glue;
    struct question question;
    struct query running;
    struct flight *flight;
    bool begun; /* `running` is */
    struct result *result;
};

/* --- check --- */

static bool
is_name(const char *text, const char *more)
{
    size_t length = strlen(text);

    return length > 0 && length <= 128 && strspn(text, more) == length;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static int
check_names(const struct athena *athena, struct fb_step *step,
            struct fb_error *err)
{
    if (!is_name(athena->workgroup, LETTERS "._-"))
        return fb_bad_option(step, err, "workgroup", 0,
                             "'%s' is no name of a workgroup",
                             athena->workgroup);
    if (athena->database != NULL && !is_name(athena->database, LETTERS "_-"))
        return fb_bad_option(step, err, "database", 0,
                             "'%s' is no name of a database", athena->database);
    if (athena->output != NULL && (strncmp(athena->output, "s3://", 5) != 0 ||
                                   strchr(athena->output + 5, '/') == NULL))
        return fb_bad_option(step, err, "output", 0,
                             "'%s' is no folder in S3: s3://BUCKET/FOLDER/",
                             athena->output);
    if (athena->bucket_owner != NULL &&
        (strlen(athena->bucket_owner) != 12 ||
         strspn(athena->bucket_owner, "0123456789") != 12))
        return fb_bad_option(step, err, "expected_bucket_owner", 0,
                             "an account has 12 digits");
    return 0;
}

/* Athena reads whatever lies below a table's location. */
static int
check_output(const struct athena *athena, struct fb_step *step,
             struct fb_error *err)
{
    const struct fb_table *table;

    if (athena->output == NULL)
        return 0;
    if (tables_around(step, athena->output, &table, err) != 0)
        return -1;
    if (table == NULL)
        return 0;
    return fb_bad_option(step, err, "output", 0,
                         "'%s' lies below '%s', and results would be read as "
                         "rows of the table '%s'",
                         athena->output, table->location, table->name);
}

static int
check_numbers(struct athena *athena, struct fb_step *step, struct fb_error *err)
{
    if (cost_price(athena->price, &athena->price_per_tib) != 0)
        return fb_bad_option(step, err, "price_per_tib", 0,
                             "'%s' is no price, like 5.00", athena->price);
    if (athena->poll > athena->poll_max)
        return fb_bad_option(step, err, "poll", 0,
                             "it is longer than 'poll_max'");
    if (athena->reuse % MINUTE_MS != 0)
        return fb_bad_option(step, err, "reuse", 0,
                             "Athena knows whole minutes only");
    return 0;
}

static int
athena_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct athena *athena = self;
    const char *wrong = statement_objection(athena->query);

    if (fb_uri(step) != NULL)
        return fb_bad_option(step, err, "uri", 0,
                             "a query has none; say in 'output' where its "
                             "results go");
    if (wrong != NULL)
        return fb_bad_option(step, err, "query", 0, "%s", wrong);
    if (check_numbers(athena, step, err) != 0 ||
        check_names(athena, step, err) != 0 ||
        check_output(athena, step, err) != 0 ||
        (athena->make_tables && tables_check(step, err) != 0))
        return -1;
    return aws_settings_check(&athena->aws, step, err);
}

/* --- open --- */

/* An endpoint of one service is none of another. */
static void
settle_settings(struct athena *athena)
{
    athena->s3 = athena->glue = athena->aws;
    athena->s3.endpoint = athena->s3_endpoint;
    athena->glue.endpoint = athena->glue_endpoint;
}

static int
choose_database(struct athena *athena, struct fb_step *step,
                struct fb_error *err)
{
    const struct fb_table *table;

    athena->question.database = athena->database;
    if (athena->database != NULL || fb_table_count(step) == 0)
        return 0;
    if (fb_table_at(step, 0, &table, err) != 0)
        return -1;
    athena->first_database = aws_strdup(table->database);
    for (char *c = athena->first_database; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    athena->question.database = athena->first_database;
    return 0;
}

static void
make_question(struct athena *athena)
{
    athena->question = (struct question){
        .aws = &athena->aws,
        .text = athena->query,
        .workgroup = athena->workgroup,
        .catalog = athena->catalog,
        .output = athena->output,
        .owner = athena->bucket_owner,
        .reuse_minutes = athena->reuse / MINUTE_MS,
        .poll_ms = athena->poll,
        .poll_max_ms = athena->poll_max,
        .deadline_ms = athena->deadline,
        .attempts = athena->attempts,
    };
}

static void
athena_close(void *self, struct fb_step *step)
{
    struct athena *athena = self;

    (void)step;
    result_close(athena->result);
    athena->result = NULL;
    if (athena->begun) {
        flight_leave(athena->flight, &athena->running);
        query_release(&athena->running);
    }
    athena->begun = false;
    free(athena->first_database);
    athena->first_database = NULL;
}

static int
begin(struct athena *athena, struct fb_step *step, struct fb_error *err)
{
    if (choose_database(athena, step, err) != 0 ||
        (athena->make_tables &&
         tables_make(step, &athena->glue, &athena->s3, err) != 0) ||
        flight_of_run(step, &athena->flight, err) != 0 ||
        query_init(&athena->running, &athena->question, step, err) != 0)
        return -1;
    athena->begun = true;
    flight_join(athena->flight, &athena->running, athena->concurrency);
    if (athena->running.state != QUERY_FAILED)
        return 0;
    *err = athena->running.err;
    return -1;
}

/* The query is under way when this returns, or waits for its turn. */
static int
athena_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct athena *athena = self;

    settle_settings(athena);
    make_question(athena);
    if (begin(athena, step, err) == 0)
        return 0;
    athena_close(self, step);
    return -1;
}

/* --- ready and read --- */

static int
check_scanned(const struct athena *athena, struct fb_error *err)
{
    int64_t scanned = cost_scanned(athena->running.execution);
    char was[COST_BYTES_MAX], may[COST_BYTES_MAX];

    if (athena->max_scanned == 0 || scanned <= athena->max_scanned)
        return 0;
    cost_bytes(scanned, was);
    cost_bytes(athena->max_scanned, may);
    fb_fail(err, FB_E_LIMIT,
            "the query '%s' scanned %s, and 'max_scanned' is %s",
            athena->running.id, was, may);
    return fb_hint(err, "it was scanned and will be billed; a limit that "
                        "stops a query is set in its workgroup "
                        "(BytesScannedCutoffPerQuery)");
}

/* A result that an earlier attempt at this run left may be gone by now. */
static int
open_result(struct athena *athena, struct fb_error *err)
{
    int status =
        result_open(&athena->running, &athena->s3, &athena->result, err);

    if (status == 0 || err->code != FB_E_MISSING || !athena->running.resumed)
        return status;
    *err = (struct fb_error){.code = FB_E_NONE};
    query_again(&athena->running);
    if (flight_wait(athena->flight, &athena->running, err) != 0)
        return -1;
    return result_open(&athena->running, &athena->s3, &athena->result, err);
}

static int
athena_ready(void *self, struct fb_step *step, struct fb_error *err)
{
    struct athena *athena = self;

    if (flight_wait(athena->flight, &athena->running, err) != 0)
        return -1;
    cost_tell(step, athena->running.execution, athena->price_per_tib);
    if (check_scanned(athena, err) != 0 || open_result(athena, err) != 0)
        return -1;
    return sheet_announce(result_sheet(athena->result), err);
}

static int
athena_read(void *self, struct fb_step *step, struct fb_batch **batch,
            struct fb_error *err)
{
    struct athena *athena = self;

    (void)step;
    return result_read(athena->result, batch, err);
}

/* --- probe --- */

static int
probe_workgroup(const struct athena *athena, struct fb_step *step,
                struct fb_error *err)
{
    struct workgroup workgroup;
    struct aws_client *client;
    int status;

    if (aws_client_new(&athena->aws, "athena", step, &client, err) != 0)
        return -1;
    status =
        service_ask_workgroup(client, athena->workgroup, true, &workgroup, err);
    aws_client_free(client);
    if (status != 0)
        return -1;
    if (!workgroup.has_output && !workgroup.managed && athena->output == NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "neither the step nor the workgroup '%s' says where "
                       "results go: set 'output'",
                       athena->workgroup);
    fb_log(step, FB_INFO,
           "the workgroup '%s' is there; whether athena:StartQueryExecution "
           "is allowed was not tried: that would be a query",
           athena->workgroup);
    return 0;
}

static int
probe_database(const struct athena *athena, struct fb_step *step,
               struct fb_error *err)
{
    struct catalog catalog;
    bool there;
    int status;

    if (athena->database == NULL)
        return 0;
    if (catalog_open(&catalog, &athena->glue, step, err) != 0)
        return -1;
    status = catalog_look(&catalog, athena->database, &there, err);
    catalog_close(&catalog);
    if (status == 0 && !there && fb_table_count(step) == 0)
        return fb_fail(err, FB_E_CONFIG, "there is no database '%s' in Glue",
                       athena->database);
    return status;
}

static int
athena_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct athena *athena = self;

    settle_settings(athena);
    if (probe_workgroup(athena, step, err) != 0)
        return -1;
    return probe_database(athena, step, err);
}

/* --- descriptor --- */

static const struct fb_option athena_options[] = {
    {.name = "query",
     FB_STRING(struct athena, query),
     .flags = FB_REQUIRED,
     .help = "The query, one statement that reads: sent word for word."},
    {.name = "workgroup",
     FB_STRING(struct athena, workgroup),
     .def = "primary",
     .help = "Athena workgroup."},
    {.name = "output",
     FB_STRING(struct athena, output),
     .help = "Folder in S3 for results, s3://BUCKET/FOLDER/; without it the "
             "workgroup's. Never inside a table's location."},
    {.name = "database",
     FB_STRING(struct athena, database),
     .help = "Database of names without one; without it that of the first "
             "declared table."},
    {.name = "catalog",
     FB_STRING(struct athena, catalog),
     .def = "AwsDataCatalog",
     .help = "Data catalog that names of databases are of."},
    {.name = "make_tables",
     FB_BOOL(struct athena, make_tables),
     .def = "true",
     .help = "Make and update the pipeline's tables in Glue before the first "
             "query; false where others do so."},
    {.name = "concurrency",
     FB_INT(struct athena, concurrency),
     .def = "5",
     .min = 1,
     .max = 100,
     .help = "Queries of one run that may be under way at a time."},
    {.name = "poll",
     FB_DURATION(struct athena, poll),
     .def = "500ms",
     .min = 1,
     .max = 60000,
     .help = "First pause between two looks at a query; later ones are "
             "longer."},
    {.name = "poll_max",
     FB_DURATION(struct athena, poll_max),
     .def = "10s",
     .min = 1,
     .max = 300000,
     .help = "Longest pause between two looks."},
    {.name = "deadline",
     FB_DURATION(struct athena, deadline),
     .def = "30m",
     .min = 1000,
     .max = 86400000,
     .help = "How long a query may take, the queue included, before it is "
             "stopped."},
    {.name = "attempts",
     FB_INT(struct athena, attempts),
     .def = "3",
     .min = 1,
     .max = 10,
     .help = "How often a query is asked that fails for reasons of Athena's "
             "own."},
    {.name = "max_scanned",
     FB_SIZE(struct athena, max_scanned),
     .def = "0",
     .help = "Bytes that a query may have scanned, else the run fails; 0 is "
             "any. Looked at afterwards: see the workgroup's own limit."},
    {.name = "reuse",
     FB_DURATION(struct athena, reuse),
     .def = "0s",
     .max = 604800000,
     .help = "Age up to which an older result of the same query may be used "
             "although its data may have changed, in whole minutes; 0 is "
             "never."},
    {.name = "price_per_tib",
     FB_STRING(struct athena, price),
     .def = "5.00",
     .help = "Price of 1 TiB scanned, in any currency, for the cost in the "
             "report."},
    {.name = "expected_bucket_owner",
     FB_STRING(struct athena, bucket_owner),
     .help = "Account that must own the bucket of results."},
    {.name = "s3_endpoint",
     FB_STRING(struct athena, s3_endpoint),
     .help = "URL of S3 instead of AWS's own, as 'endpoint' is for Athena."},
    {.name = "glue_endpoint",
     FB_STRING(struct athena, glue_endpoint),
     .help = "URL of Glue instead of AWS's own."},
    AWS_OPTIONS(struct athena, aws),
    {.name = NULL},
};

static const struct fb_plugin athena_source = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "athena",
    .summary = "Asks Amazon Athena a query over the pipeline's tables.",
    .options = athena_options,
    .instance_size = sizeof(struct athena),
    .check = athena_check,
    .open = athena_open,
    .ready = athena_ready,
    .read = athena_read,
    .close = athena_close,
    .probe = athena_probe,
};

FB_PROVIDES("source athena");
FB_PLUGINS(&athena_source);
