#include "catalog.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/json.h"
#include "tablediff.h"

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

static const struct jsoncall get_database_call = {
    "AWSGlue.GetDatabase", "glue:GetDatabase", CATALOG_DEADLINE_MS};
static const struct jsoncall create_database_call = {
    "AWSGlue.CreateDatabase", "glue:CreateDatabase", CATALOG_DEADLINE_MS};
static const struct jsoncall get_table_call = {
    "AWSGlue.GetTable", "glue:GetTable", CATALOG_DEADLINE_MS};
static const struct jsoncall create_table_call = {
    "AWSGlue.CreateTable", "glue:CreateTable", CATALOG_DEADLINE_MS};
static const struct jsoncall update_table_call = {
    "AWSGlue.UpdateTable", "glue:UpdateTable", CATALOG_DEADLINE_MS};

static bool
is_denied_by_lake_formation(const struct aws_response *response)
{
    return strstr(response->message, "Lake Formation") != NULL;
}

int
catalog_call(struct catalog *catalog, const struct jsoncall *what,
             const char *subject, json_t *body, struct aws_response *response,
             struct fb_error *err)
{
    int status =
        jsoncall_make(catalog->client, what, subject, body, response, err);

    if (status != 0 && is_denied_by_lake_formation(response))
        fb_hint(err, "Lake Formation guards this catalog: grant the role what "
                     "it needs there, too");
    return status;
}

bool
catalog_forgive(const struct aws_response *response, const char *code,
                int *status, struct fb_error *err)
{
    if (*status == 0 || !jsoncall_refused(response, code))
        return false;
    *err = (struct fb_error){.code = FB_E_NONE};
    *status = 0;
    return true;
}

/* --- databases --- */

int
catalog_look(struct catalog *catalog, const char *database, bool *there,
             struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status =
        catalog_call(catalog, &get_database_call, database,
                     json_pack("{s:s}", "Name", database), &response, err);

    *there = status == 0;
    (void)catalog_forgive(&response, "EntityNotFoundException", &status, err);
    aws_response_release(&response);
    return status;
}

/* Somebody else may make it, or change it, at the same time. */
static int
make_database(struct catalog *catalog, const char *database, bool *raced,
              struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status =
        catalog_call(catalog, &create_database_call, database,
                     json_pack("{s:{s:s}}", "DatabaseInput", "Name", database),
                     &response, err);

    (void)catalog_forgive(&response, "AlreadyExistsException", &status, err);
    *raced = catalog_forgive(&response, "ConcurrentModificationException",
                             &status, err);
    aws_response_release(&response);
    return status;
}

static int
busy(const char *subject, struct fb_error *err)
{
    return fb_fail(err, FB_E_UNAVAILABLE,
                   "cannot bring '%s' in Glue up to date: others change it all "
                   "the time",
                   subject);
}

int
catalog_database(struct catalog *catalog, const char *database,
                 enum catalog_outcome *outcome, struct fb_error *err)
{
    bool there, raced = true;

    *outcome = CATALOG_SAME;
    for (int i = 0; i < CATALOG_TRIES && raced; i++) {
        if (catalog_look(catalog, database, &there, err) != 0)
            return -1;
        if (there)
            return 0;
        if (make_database(catalog, database, &raced, err) != 0)
            return -1;
    }
    if (raced)
        return busy(database, err);
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
    struct aws_response response = {.status = 0};
    int status = catalog_call(work->catalog, &get_table_call, work->subject,
                              json_pack("{s:s,s:s}", "DatabaseName",
                                        work->database, "Name", work->name),
                              &response, err);

    *found = NULL;
    if (status == 0) {
        *found = json_incref(json_object_get(response.json, "Table"));
        if (!json_is_object(*found))
            status = fb_fail(err, FB_E_UNAVAILABLE,
                             "cannot GetTable 'glue %s': the answer holds no "
                             "table",
                             work->subject);
    }
    (void)catalog_forgive(&response, "EntityNotFoundException", &status, err);
    aws_response_release(&response);
    return status;
}

/* *raced: somebody else was faster, look again. */
static int
make_table(struct table_work *work, bool *raced, struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status =
        catalog_call(work->catalog, &create_table_call, work->subject,
                     json_pack("{s:s,s:O}", "DatabaseName", work->database,
                               "TableInput", work->input),
                     &response, err);

    *raced =
        catalog_forgive(&response, "AlreadyExistsException", &status, err) ||
        catalog_forgive(&response, "ConcurrentModificationException", &status,
                        err);
    aws_response_release(&response);
    return status;
}

static int
update_table(struct table_work *work, const char *version, json_t *update,
             bool *raced, struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    json_t *body = json_pack("{s:s,s:O,s:b}", "DatabaseName", work->database,
                             "TableInput", update, "SkipArchive", 1);
    int status;

    if (version != NULL)
        json_object_set_new(body, "VersionId", json_string(version));
    status = catalog_call(work->catalog, &update_table_call, work->subject,
                          body, &response, err);
    *raced =
        catalog_forgive(&response, "ConcurrentModificationException", &status,
                        err) ||
        catalog_forgive(&response, "EntityNotFoundException", &status, err);
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
    if (tablediff_is_same(found, work->input, &update, &what))
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

static void
begin(struct table_work *work, struct catalog *catalog, const char *database,
      const json_t *input)
{
    *work = (struct table_work){.catalog = catalog,
                                .database = database,
                                .input = input,
                                .name = aws_json_text(input, "Name")};
    assert(work->name != NULL);
    snprintf(work->subject, sizeof(work->subject), "%s.%s", database,
             work->name);
}

int
catalog_look_at_table(struct catalog *catalog, const char *database,
                      const json_t *input, bool *there, struct fb_error *err)
{
    struct table_work work;
    json_t *found;
    int status;

    begin(&work, catalog, database, input);
    if (get_table(&work, &found, err) != 0)
        return -1;
    *there = found != NULL;
    status = *there ? refuse_kind(&work, found, err) : 0;
    json_decref(found);
    return status;
}

int
catalog_table(struct catalog *catalog, const char *database,
              const json_t *input, enum catalog_outcome *outcome,
              struct fb_error *err)
{
    struct table_work work;
    bool raced = true;

    begin(&work, catalog, database, input);
    *outcome = CATALOG_SAME;
    for (int i = 0; i < CATALOG_TRIES && raced; i++)
        if (try_table(&work, outcome, &raced, err) != 0)
            return -1;
    if (!raced)
        return 0;
    return busy(work.subject, err);
}
