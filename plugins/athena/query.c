#include "query.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/json.h"
#include "aws/world.h"
#include "verdict.h"

#define NOTE "query" /* what is under way */
#define START_TRIES 10
#define STOP_WAIT_MS 20000
#define STOP_POLL_MS 250

static int64_t
monotonic_ms(void)
{
    return aws_world.monotonic_ms(NULL);
}

/* Between half of it and the whole: many that began together come apart. */
static int64_t
jitter(int64_t ms)
{
    int64_t half = ms / 2;

    return half + (int64_t)((double)(ms - half) * aws_world.random(NULL));
}

static void
wait_longer(struct query *query)
{
    query->due_ms = monotonic_ms() + jitter(query->interval_ms);
    query->interval_ms += query->interval_ms / 2 + 1;
    if (query->interval_ms > query->question->poll_max_ms)
        query->interval_ms = query->question->poll_max_ms;
}

static void
fail(struct query *query, const struct fb_error *err)
{
    query->err = *err;
    query->state = QUERY_FAILED;
}

/* --- notes --- */

/* On record before anything happens, and after. */
static int
write_note(struct query *query, bool over, struct fb_error *err)
{
    json_t *note =
        json_pack("{s:I,s:s,s:s,s:s,s:b}", "attempt",
                  (json_int_t)query->attempt, "digest", query->digest, "token",
                  query->token, "id", query->id, "over", (int)over);
    char *text = json_dumps(note, JSON_COMPACT);
    int status = fb_note_put(query->step, NOTE, text, err);

    free(text);
    json_decref(note);
    return status;
}

static bool
copy_text(char *to, size_t size, const char *text)
{
    if (text == NULL || strlen(text) >= size)
        return false;
    snprintf(to, size, "%s", text);
    return true;
}

/* Attempts at the same run are numbered on, so that no two of them have the
 * same token by accident. */
static void
take_note(struct query *query, const json_t *note)
{
    const char *digest = aws_json_text(note, "digest");
    int64_t attempt = json_integer_value(json_object_get(note, "attempt"));

    query->attempt = attempt < 1 ? 1 : attempt;
    if (digest == NULL || strcmp(digest, query->digest) != 0 ||
        json_is_true(json_object_get(note, "over")) ||
        !copy_text(query->token, sizeof(query->token),
                   aws_json_text(note, "token"))) {
        query->attempt++;
        return;
    }
    copy_text(query->id, sizeof(query->id), aws_json_text(note, "id"));
    query->resumed = query->id[0] != '\0';
}

static int
read_note(struct query *query, struct fb_error *err)
{
    const char *text;
    json_t *note;

    query->attempt = 1;
    if (fb_note_get(query->step, NOTE, &text, err) != 0)
        return -1;
    if (text == NULL)
        return 0;
    if (aws_json_parse((const unsigned char *)text, strlen(text), &note, err) !=
        0)
        return -1;
    take_note(query, note);
    json_decref(note);
    return 0;
}

/* --- the request --- */

static json_t *
result_configuration(const struct question *question)
{
    json_t *made = json_pack("{s:s}", "OutputLocation", question->output);

    if (question->owner != NULL)
        json_object_set_new(made, "ExpectedBucketOwner",
                            json_string(question->owner));
    return made;
}

/* Without a token. */
static json_t *
make_request(const struct query *query)
{
    const struct question *question = query->question;
    json_t *context = json_pack("{s:s}", "Catalog", question->catalog);
    json_t *reuse =
        question->reuse_minutes > 0
            ? json_pack("{s:b,s:I}", "Enabled", 1, "MaxAgeInMinutes",
                        (json_int_t)question->reuse_minutes)
            : json_pack("{s:b}", "Enabled", 0);
    json_t *made;

    if (question->database != NULL)
        json_object_set_new(context, "Database",
                            json_string(question->database));
    made = json_pack("{s:s,s:s,s:o,s:{s:o}}", "QueryString", question->text,
                     "WorkGroup", question->workgroup, "QueryExecutionContext",
                     context, "ResultReuseConfiguration",
                     "ResultReuseByAgeConfiguration", reuse);
    assert(made != NULL);
    if (question->output != NULL && !query->workgroup.managed)
        json_object_set_new(made, "ResultConfiguration",
                            result_configuration(question));
    return made;
}

static void
make_digest(struct query *query)
{
    json_t *request = make_request(query);
    char *text = json_dumps(request, JSON_COMPACT | JSON_SORT_KEYS);

    aws_sha256_hex(text, strlen(text), query->digest);
    free(text);
    json_decref(request);
}

/*
 * The same for every try of this attempt, and never again.  The time is in it
 * because a run that failed for good can be asked for anew, under the same id
 * and with no notes left: Athena would answer with the old failure.
 */
static void
make_token(struct query *query)
{
    char text[512];

    snprintf(text, sizeof(text), "%s\n%s\n%lld\n%lld\n%s",
             fb_run_id(query->step), fb_step_id(query->step),
             (long long)query->attempt, (long long)fb_now_ms(query->step),
             query->digest);
    aws_sha256_hex(text, strlen(text), query->token);
}

static int
check_output(const struct query *query, struct fb_error *err)
{
    const struct question *question = query->question;
    const struct workgroup *workgroup = &query->workgroup;

    if (!workgroup->known || workgroup->managed || workgroup->has_output ||
        question->output != NULL)
        return 0;
    fb_fail(err, FB_E_CONFIG,
            "cannot query: neither the step nor the workgroup '%s' says where "
            "results go",
            question->workgroup);
    return fb_hint(err, "set 'output' to a folder in S3 that belongs to no "
                        "table");
}

static void
tell_workgroup(const struct query *query)
{
    const struct workgroup *workgroup = &query->workgroup;

    if (workgroup->enforced && query->question->output != NULL &&
        (workgroup->has_output || workgroup->managed))
        fb_log(query->step, FB_INFO,
               "the workgroup '%s' decides where results go, not 'output'",
               query->question->workgroup);
    if (workgroup->cutoff > 0)
        fb_fact(query->step, "scan limit", "%lld bytes (workgroup)",
                (long long)workgroup->cutoff);
}

int
query_init(struct query *query, const struct question *question,
           struct fb_step *step, struct fb_error *err)
{
    *query = (struct query){.question = question,
                            .step = step,
                            .state = QUERY_WAITING,
                            .interval_ms = question->poll_ms,
                            .due_ms = monotonic_ms()};
    if (aws_client_new(question->aws, "athena", step, &query->client, err) != 0)
        return -1;
    if (service_ask_workgroup(query->client, question->workgroup, false,
                              &query->workgroup, err) != 0 ||
        check_output(query, err) != 0) {
        aws_client_free(query->client);
        return -1;
    }
    make_digest(query);
    if (read_note(query, err) != 0) {
        aws_client_free(query->client);
        return -1;
    }
    tell_workgroup(query);
    if (query->resumed) {
        query->state = QUERY_RUNNING;
        query->deadline_ms = monotonic_ms() + question->deadline_ms;
        fb_log(step, FB_INFO, "goes on with the query '%s'", query->id);
    }
    return 0;
}

/* --- starting --- */

static int
send_start(struct query *query, struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    json_t *body = make_request(query);
    int status;

    json_object_set_new(body, "ClientRequestToken", json_string(query->token));
    status = service_call(query->client, &service_start,
                          fb_step_id(query->step), body, &response, err);
    if (status == 0 &&
        !copy_text(query->id, sizeof(query->id),
                   aws_json_text(response.json, "QueryExecutionId")))
        status = fb_fail(err, FB_E_UNAVAILABLE,
                         "cannot StartQueryExecution '%s': the answer names no "
                         "query",
                         fb_step_id(query->step));
    aws_response_release(&response);
    return status;
}

/* With the same token: it may have begun although nobody said so. */
static void
start_later(struct query *query, const struct fb_error *err)
{
    if (err->code != FB_E_UNAVAILABLE || ++query->tries >= START_TRIES) {
        fail(query, err);
        return;
    }
    fb_log(query->step, FB_INFO, "is started again soon: %s", err->message);
    query->interval_ms = query->question->poll_max_ms;
    wait_longer(query);
}

void
query_start(struct query *query)
{
    struct fb_error err = {.code = FB_E_NONE};

    assert(query->state == QUERY_WAITING);
    if (query->token[0] == '\0')
        make_token(query);
    if (write_note(query, false, &err) != 0) {
        fail(query, &err);
        return;
    }
    if (send_start(query, &err) != 0) {
        start_later(query, &err);
        return;
    }
    query->state = QUERY_RUNNING;
    query->tries = 0;
    query->interval_ms = query->question->poll_ms;
    query->deadline_ms = monotonic_ms() + query->question->deadline_ms;
    wait_longer(query);
    if (write_note(query, false, &err) != 0)
        fail(query, &err);
}

/* --- stopping --- */

static bool
is_terminal(const char *state)
{
    return state != NULL && strcmp(state, "QUEUED") != 0 &&
           strcmp(state, "RUNNING") != 0;
}

static bool
has_ended(struct aws_client *client, const struct query *query)
{
    struct aws_response response = {.status = 0};
    struct fb_error err = {.code = FB_E_NONE};
    bool ended = service_call(client, &service_look, query->id,
                              json_pack("{s:s}", "QueryExecutionId", query->id),
                              &response, &err) != 0 ||
                 is_terminal(aws_json_text(response.json,
                                           "QueryExecution.Status.State"));

    aws_response_release(&response);
    return ended;
}

/* A client of its own: that of the step makes no calls once the run is told to
 * stop, and this is then what is to be done. */
static void
stop(struct query *query)
{
    struct aws_settings settings = *query->question->aws;
    struct aws_response response = {.status = 0};
    struct aws_client *client = NULL;
    struct fb_error err = {.code = FB_E_NONE};
    int64_t end = monotonic_ms() + STOP_WAIT_MS;

    assert(query->id[0] != '\0' && !query->ended);
    query->ended = true; /* as far as we can do anything about it */
    settings.max_attempts = 2;
    if (aws_client_new(&settings, "athena", NULL, &client, &err) != 0 ||
        service_call(client, &service_stop, query->id,
                     json_pack("{s:s}", "QueryExecutionId", query->id),
                     &response, &err) != 0) {
        fb_log(query->step, FB_WARN, "the query '%s' was not stopped: %s",
               query->id, err.message);
    } else {
        while (!has_ended(client, query) && monotonic_ms() < end)
            aws_world.pause(NULL, STOP_POLL_MS, NULL);
        fb_log(query->step, FB_INFO, "stopped the query '%s'", query->id);
        if (write_note(query, true, &err) != 0)
            fb_log(query->step, FB_WARN, "%s", err.message);
    }
    aws_response_release(&response);
    aws_client_free(client);
}

/* --- looking --- */

void
query_again(struct query *query)
{
    query->attempt++;
    query->resumed = false;
    query->token[0] = '\0';
    query->id[0] = '\0';
    query->ended = false;
    json_decref(query->execution);
    query->execution = NULL;
    query->state = QUERY_WAITING;
    query->interval_ms = query->question->poll_ms;
    wait_longer(query);
}

/* It failed; and either that can be mended by another, or not. */
static void
end_badly(struct query *query, const struct verdict *verdict)
{
    struct fb_error err = {.code = FB_E_NONE};

    verdict_tell(verdict, query->id, fb_step_id(query->step), &query->err);
    query->failures++;
    if (verdict->retryable && query->failures < query->question->attempts) {
        fb_log(query->step, FB_WARN, "%s; it is asked again",
               query->err.message);
        query_again(query);
        return;
    }
    query->state = QUERY_FAILED;
    /* Whoever tries this run again asks anew. */
    if (write_note(query, true, &err) != 0)
        fb_log(query->step, FB_WARN, "%s", err.message);
}

static void
judge(struct query *query, const json_t *execution)
{
    const char *state = aws_json_text(execution, "Status.State");
    struct verdict verdict = {.cancelled = false};

    query->ended = is_terminal(state);
    if (!query->ended) {
        wait_longer(query);
    } else if (strcmp(state, "SUCCEEDED") == 0) {
        query->execution = json_deep_copy(execution);
        query->state = QUERY_DONE;
    } else {
        verdict_read(&verdict, execution);
        /* Our own last process stopped it, or died of stopping. */
        if (query->resumed && verdict.cancelled && !verdict.over_limit)
            query_again(query);
        else
            end_badly(query, &verdict);
    }
}

/* The query is under way whether we can see it or not. */
static void
look_later(struct query *query, const struct fb_error *err)
{
    if (query->resumed && err->code == FB_E_CONFIG) {
        fb_log(query->step, FB_WARN, "%s; it is asked again", err->message);
        query_again(query);
    } else if (err->code != FB_E_UNAVAILABLE) {
        fail(query, err);
    } else {
        if (!query->told)
            fb_log(query->step, FB_WARN, "%s", err->message);
        query->told = true;
        wait_longer(query);
    }
}

static bool
is_late(struct query *query)
{
    struct fb_error err;

    if (monotonic_ms() < query->deadline_ms)
        return false;
    fb_fail(&err, FB_E_UNAVAILABLE,
            "cannot query: '%s' (query '%s') did not end within %lld s",
            fb_step_id(query->step), query->id,
            (long long)(query->question->deadline_ms / 1000));
    fb_hint(&err, "raise 'deadline', or look at the query in Athena's history");
    stop(query);
    fail(query, &err);
    return true;
}

void
query_look(struct query *query)
{
    struct aws_response response = {.status = 0};
    struct fb_error err = {.code = FB_E_NONE};

    assert(query->state == QUERY_RUNNING);
    if (service_call(query->client, &service_look, query->id,
                     json_pack("{s:s}", "QueryExecutionId", query->id),
                     &response, &err) == 0) {
        query->told = false;
        judge(query, json_object_get(response.json, "QueryExecution"));
    } else {
        look_later(query, &err);
    }
    aws_response_release(&response);
    if (query->state == QUERY_RUNNING)
        is_late(query);
}

void
query_release(struct query *query)
{
    if (query->client != NULL && query->id[0] != '\0' && !query->ended)
        stop(query);
    json_decref(query->execution);
    query->execution = NULL;
    aws_client_free(query->client);
    query->client = NULL;
}
