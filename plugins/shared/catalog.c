#include "catalog.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/json.h"
#include "tableinput.h"

#define DEADLINE_MS 120000 /* all attempts at one call */
#define TRIES 8            /* at a table that others change, too */

int
catalog_open(struct catalog *catalog, const struct aws_settings *settings,
             struct fb_step *step, struct fb_error *err)
{
    *catalog = (struct catalog){.step = step};
    return aws_client_new(settings, "glue", step, &catalog->client, err);
}

void
catalog_close(struct catalog *catalog)
{
    aws_client_free(catalog->client);
    catalog->client = NULL;
}

/* --- a call --- */

struct call {
    const char *operation;
    const char *action; /* of IAM */
    const char *subject;
};

static bool
is(const struct aws_response *response, const char *code)
{
    return strcmp(response->code, code) == 0;
}

static bool
is_denied_by_lake_formation(const struct aws_response *response)
{
    return strstr(response->message, "Lake Formation") != NULL;
}

/* Each of these calls may be repeated: after an answer was lost it tells that
 * the thing is there, and then it is compared.  The body is taken over. */
static int
call(struct catalog *catalog, const struct call *what, json_t *body,
     struct aws_response *response, struct fb_error *err)
{
    char target[64], *text;
    struct aws_request request;
    int status;

    assert(body != NULL);
    text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    assert(text != NULL);
    snprintf(target, sizeof(target), "AWSGlue.%s", what->operation);
    aws_json_request(&request, target, "1.1", text);
    request.subject = what->subject;
    request.action = what->action;
    request.idempotent = true;
    request.deadline_ms = DEADLINE_MS;
    status = aws_call(catalog->client, &request, response, err);
    aws_request_release(&request);
    free(text);
    if (status != 0 && is_denied_by_lake_formation(response))
        fb_hint(err, "Lake Formation guards this catalog: grant the role what "
                     "it needs there, too");
    return status;
}

static void
forget(struct fb_error *err)
{
    *err = (struct fb_error){.code = FB_E_NONE};
}

/* --- databases --- */

int
catalog_look(struct catalog *catalog, const char *database, bool *there,
             struct fb_error *err)
{
    const struct call what = {"GetDatabase", "glue:GetDatabase", database};
    struct aws_response response = {.status = 0};
    int status = call(catalog, &what, json_pack("{s:s}", "Name", database),
                      &response, err);

    *there = status == 0;
    if (status != 0 && is(&response, "EntityNotFoundException")) {
        forget(err);
        status = 0;
    }
    aws_response_release(&response);
    return status;
}

static int
make_database(struct catalog *catalog, const char *database,
              struct fb_error *err)
{
    const struct call what = {"CreateDatabase", "glue:CreateDatabase",
                              database};
    struct aws_response response = {.status = 0};
    int status = call(catalog, &what,
                      json_pack("{s:{s:s}}", "DatabaseInput", "Name", database),
                      &response, err);

    if (status != 0 && is(&response, "AlreadyExistsException")) {
        forget(err);
        status = 0;
    }
    aws_response_release(&response);
    return status;
}

int
catalog_database(struct catalog *catalog, const char *database,
                 enum catalog_outcome *outcome, struct fb_error *err)
{
    bool there;

    *outcome = CATALOG_SAME;
    if (catalog_look(catalog, database, &there, err) != 0)
        return -1;
    if (there)
        return 0;
    if (make_database(catalog, database, err) != 0)
        return -1;
    *outcome = CATALOG_MADE;
    fb_log(catalog->step, FB_INFO, "made the database '%s' in Glue", database);
    return 0;
}

/* --- tables --- */

/* One table that is being brought up to date. */
struct table_work {
    struct catalog *catalog;
    const char *database;
    const json_t *input;
    const char *name;
    char subject[520]; /* "database.table" */
};

/* *found NULL: there is none.  Else the caller owns it. */
static int
get_table(struct table_work *work, json_t **found, struct fb_error *err)
{
    const struct call what = {"GetTable", "glue:GetTable", work->subject};
    struct aws_response response = {.status = 0};
    int status = call(work->catalog, &what,
                      json_pack("{s:s,s:s}", "DatabaseName", work->database,
                                "Name", work->name),
                      &response, err);

    *found = NULL;
    if (status == 0) {
        *found = json_incref(json_object_get(response.json, "Table"));
        if (!json_is_object(*found))
            status = fb_fail(err, FB_E_UNAVAILABLE,
                             "cannot GetTable 'glue %s': the answer holds no "
                             "table",
                             work->subject);
    } else if (is(&response, "EntityNotFoundException")) {
        forget(err);
        status = 0;
    }
    aws_response_release(&response);
    return status;
}

/* *raced: somebody else was faster, look again. */
static int
make_table(struct table_work *work, bool *raced, struct fb_error *err)
{
    const struct call what = {"CreateTable", "glue:CreateTable", work->subject};
    struct aws_response response = {.status = 0};
    int status = call(work->catalog, &what,
                      json_pack("{s:s,s:O}", "DatabaseName", work->database,
                                "TableInput", work->input),
                      &response, err);

    *raced = status != 0 && (is(&response, "AlreadyExistsException") ||
                             is(&response, "ConcurrentModificationException"));
    if (*raced) {
        forget(err);
        status = 0;
    }
    aws_response_release(&response);
    return status;
}

static int
update_table(struct table_work *work, const char *version, json_t *update,
             bool *raced, struct fb_error *err)
{
    const struct call what = {"UpdateTable", "glue:UpdateTable", work->subject};
    struct aws_response response = {.status = 0};
    json_t *body = json_pack("{s:s,s:O,s:b}", "DatabaseName", work->database,
                             "TableInput", update, "SkipArchive", 1);
    int status;

    if (version != NULL)
        json_object_set_new(body, "VersionId", json_string(version));
    status = call(work->catalog, &what, body, &response, err);
    *raced = status != 0 && (is(&response, "ConcurrentModificationException") ||
                             is(&response, "EntityNotFoundException"));
    if (*raced) {
        forget(err);
        status = 0;
    }
    aws_response_release(&response);
    return status;
}

static int
refuse_kind(const struct table_work *work, const json_t *found,
            struct fb_error *err)
{
    const char *theirs = aws_json_text(found, "TableType");
    const char *ours = aws_json_text(work->input, "TableType");

    if (theirs == NULL || strcmp(theirs, ours) == 0)
        return 0;
    fb_fail(err, FB_E_CONFIG,
            "cannot change '%s' in Glue: it is there as %s, made by somebody "
            "else, and the pipeline declares what must be %s",
            work->subject, theirs, ours);
    return fb_hint(err, "give the table of the pipeline another name, or "
                        "remove what is there");
}

static int
compare(struct table_work *work, const json_t *found,
        enum catalog_outcome *outcome, bool *raced, struct fb_error *err)
{
    json_t *update = NULL;
    char *what = NULL;
    int status;

    *raced = false;
    if (refuse_kind(work, found, err) != 0)
        return -1;
    if (tableinput_is_same(found, work->input, &update, &what))
        return 0;
    status = update_table(work, aws_json_text(found, "VersionId"), update,
                          raced, err);
    if (status == 0 && !*raced) {
        *outcome = CATALOG_CHANGED;
        fb_log(work->catalog->step, FB_INFO, "changed '%s' in Glue: %s",
               work->subject, what);
    }
    json_decref(update);
    free(what);
    return status;
}

static int
try_table(struct table_work *work, enum catalog_outcome *outcome, bool *raced,
          struct fb_error *err)
{
    json_t *found;
    int status;

    if (get_table(work, &found, err) != 0)
        return -1;
    if (found != NULL) {
        status = compare(work, found, outcome, raced, err);
        json_decref(found);
        return status;
    }
    if (make_table(work, raced, err) != 0)
        return -1;
    if (!*raced) {
        *outcome = CATALOG_MADE;
        fb_log(work->catalog->step, FB_INFO, "made '%s' in Glue",
               work->subject);
    }
    return 0;
}

int
catalog_table(struct catalog *catalog, const char *database,
              const json_t *input, enum catalog_outcome *outcome,
              struct fb_error *err)
{
    struct table_work work = {.catalog = catalog,
                              .database = database,
                              .input = input,
                              .name = aws_json_text(input, "Name")};
    bool raced = true;

    assert(work.name != NULL);
    snprintf(work.subject, sizeof(work.subject), "%s.%s", database, work.name);
    *outcome = CATALOG_SAME;
    for (int i = 0; i < TRIES && raced; i++)
        if (try_table(&work, outcome, &raced, err) != 0)
            return -1;
    if (!raced)
        return 0;
    return fb_fail(err, FB_E_UNAVAILABLE,
                   "cannot bring '%s' in Glue up to date: others change it all "
                   "the time",
                   work.subject);
}

/* --- partitions --- */

/* The status is 200 also when each of them failed. */
static int
judge_partitions(const char *subject, const json_t *errors, size_t *made,
                 struct fb_error *err)
{
    size_t count = json_array_size(errors);

    *made -= count < *made ? count : *made;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(errors, i);
        const char *code = aws_json_text(item, "ErrorDetail.ErrorCode");
        const char *why = aws_json_text(item, "ErrorDetail.ErrorMessage");
        const char *value = json_string_value(
            json_array_get(json_object_get(item, "PartitionValues"), 0));

        if (code != NULL && strcmp(code, "AlreadyExistsException") == 0)
            continue;
        return fb_fail(err, FB_E_FAILED,
                       "cannot register the partition '%.100s' of '%s' in "
                       "Glue: %.100s: %.300s",
                       value != NULL ? value : "", subject,
                       code != NULL ? code : "unknown", why != NULL ? why : "");
    }
    return 0;
}

static int
register_some(struct catalog *catalog, const char *database, const char *table,
              json_t *some, size_t *made, struct fb_error *err)
{
    char subject[520];
    const struct call what = {"BatchCreatePartition",
                              "glue:BatchCreatePartition", subject};
    struct aws_response response = {.status = 0};
    size_t count = json_array_size(some);
    int status;

    snprintf(subject, sizeof(subject), "%s.%s", database, table);
    status = call(catalog, &what,
                  json_pack("{s:s,s:s,s:o}", "DatabaseName", database,
                            "TableName", table, "PartitionInputList", some),
                  &response, err);
    if (status == 0)
        status = judge_partitions(
            subject, json_object_get(response.json, "Errors"), &count, err);
    if (status == 0)
        *made += count;
    aws_response_release(&response);
    return status;
}

int
catalog_partitions(struct catalog *catalog, const char *database,
                   const char *table, const json_t *partitions, size_t *made,
                   struct fb_error *err)
{
    size_t count = json_array_size(partitions);

    *made = 0;
    for (size_t i = 0; i < count; i += CATALOG_BATCH) {
        json_t *some = json_array();

        for (size_t j = i; j < count && j < i + CATALOG_BATCH; j++)
            json_array_append(some, json_array_get(partitions, j));
        if (register_some(catalog, database, table, some, made, err) != 0)
            return -1;
    }
    if (*made > 0)
        fb_log(catalog->step, FB_INFO,
               "registered %zu partitions of '%s.%s' in Glue", *made, database,
               table);
    return 0;
}
