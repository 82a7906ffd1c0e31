/*
 * aws/call.c: aws_call of client.h: attempts until one is good, or none can
 * help any more.
 */
#include "aws/client.h"

#include "aws/attempt.h"
#include "aws/error.h"
#include "aws/moment.h"

#include <assert.h>

#define SKEW_IGNORED_MS 60000  /* clocks differ by that much anyway */
#define SKEW_SUSPECT_MS 300000 /* a wrong signature may be due to this */

/* What is done at most once for a call. */
struct once {
    bool clock, credentials, region, damaged;
};

/* Headers end up on lines of their own. */
static int
check_headers(const struct aws_request *request, struct fb_error *err)
{
    if (request->headers.failed || request->query.failed)
        return fb_fail(err, FB_E_LIMIT, "too many headers or parameters");
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct aws_field *item = &request->headers.items[i];

        if (*item->name == '\0' || strpbrk(item->name, ": \t\r\n") != NULL)
            return fb_fail(err, FB_E_INPUT, "'%.60s' is no name of a header",
                           item->name);
        if (strpbrk(item->value, "\r\n") != NULL)
            return fb_fail(err, FB_E_INPUT,
                           "the header '%.60s' holds a line break", item->name);
    }
    return 0;
}

/* How far the service's clock is ahead of ours; false when it does not say. */
static bool
measure_skew(struct aws_attempt *attempt, int64_t *ahead)
{
    const struct aws_world *world = &attempt->client->world;
    const char *date = aws_response_header(attempt->response, "date");
    int64_t theirs;

    if (date == NULL || aws_moment_parse_http(date, &theirs) != 0)
        return false;
    *ahead = theirs - world->now_ms(world->arg);
    return true;
}

static bool
fix_clock(struct aws_attempt *attempt, bool certain)
{
    struct aws_client *client = attempt->client;
    int64_t ahead, now = atomic_load(&client->clock_offset_ms), change;

    if (!measure_skew(attempt, &ahead))
        return false;
    change = ahead > now ? ahead - now : now - ahead;
    if (change < (certain ? SKEW_IGNORED_MS : SKEW_SUSPECT_MS))
        return false;
    atomic_store(&client->clock_offset_ms, ahead);
    if (!atomic_exchange(&client->clock_warned, true))
        aws_log(client->step, FB_WARN,
                "this machine's clock is %lld seconds %s that of '%s'; "
                "requests are dated by the service's",
                (long long)((ahead < 0 ? -ahead : ahead) / 1000),
                ahead < 0 ? "ahead of" : "behind",
                aws_buf_string(&attempt->host));
    return true;
}

static bool
is_wrong_region(const struct aws_attempt *attempt)
{
    const struct aws_response *response = attempt->response;
    bool is_head = strcmp(attempt->request->method, "HEAD") == 0;

    if (!attempt->client->is_s3 || attempt->client->endpoint.custom != NULL ||
        attempt->request->bucket == NULL)
        return false;
    return response->status == 301 || response->status == 302 ||
           response->status == 307 ||
           strcmp(response->code, "AuthorizationHeaderMalformed") == 0 ||
           strcmp(response->code, "IllegalLocationConstraintException") == 0 ||
           (is_head && response->status == 400);
}

/* Ask the bucket itself.  It names its region in every answer. */
static void
ask_region(struct aws_attempt *attempt, char region[AWS_REGION_MAX])
{
    struct aws_response response = {.status = 0};
    struct aws_attempt probe;
    struct aws_request request;
    struct fb_error ignored;

    aws_request_init(&request, "HEAD");
    request.bucket = attempt->request->bucket;
    aws_attempt_init(&probe, attempt->client, &request, &response);
    response.attempts = 1;
    if (aws_attempt_make(&probe, &ignored) == 0 || probe.answered)
        snprintf(region, AWS_REGION_MAX, "%s", response.region);
    aws_attempt_release(&probe);
    aws_response_release(&response);
}

/* Never follows Location: the region is checked and the host made by us. */
static bool
fix_region(struct aws_attempt *attempt)
{
    char region[AWS_REGION_MAX] = "";

    snprintf(region, sizeof(region), "%s", attempt->response->region);
    if (*region == '\0')
        ask_region(attempt, region);
    if (*region == '\0' || strcmp(region, attempt->region) == 0)
        return false;
    aws_log(attempt->client->step, FB_INFO,
            "bucket '%s' lies in region '%s', not in '%s': to say so in "
            "'region' spares requests",
            attempt->request->bucket, region, attempt->region);
    snprintf(attempt->response->region, sizeof(attempt->response->region), "%s",
             region);
    snprintf(attempt->region, sizeof(attempt->region), "%s", region);
    aws_client_learn_region(attempt->client, attempt->request->bucket, region);
    return true;
}

/* What can be put right at once, and is tried again without a delay. */
static bool
is_put_right(struct aws_attempt *attempt, struct once *once)
{
    struct aws_client *client = attempt->client;
    enum aws_retry class = attempt->class;

    if (!attempt->answered)
        return false;
    if (!once->region && is_wrong_region(attempt))
        return once->region = true, fix_region(attempt);
    if (!once->clock &&
        (class == AWS_RETRY_CLOCK || class == AWS_RETRY_MAYBE_CLOCK)) {
        once->clock = true;
        if (fix_clock(attempt, class == AWS_RETRY_CLOCK))
            return true;
    }
    if (!once->credentials && client->chain != NULL &&
        (class == AWS_RETRY_CREDENTIALS ||
         (strcmp(attempt->response->code, "RequestExpired") == 0 &&
          attempt->used.token != NULL))) {
        once->credentials = true;
        aws_chain_distrust(client->chain, &attempt->used);
        return true;
    }
    if (!once->damaged && class == AWS_RETRY_DAMAGED)
        return once->damaged = true;
    return false;
}

static int
cost_of(const struct aws_attempt *attempt)
{
    const struct aws_retry_plan *plan = &attempt->client->plan;

    if (attempt->class == AWS_RETRY_THROTTLED)
        return plan->throttled_cost;
    return attempt->answered ? plan->transient_cost : plan->timeout_cost;
}

/* Whether to wait and try again; then it has waited.  *spent is what that
 * cost of the budget. */
static bool
wait_for_another(struct aws_attempt *attempt, int tries, int *spent,
                 struct fb_error *err)
{
    struct aws_client *client = attempt->client;
    const struct aws_world *world = &client->world;
    char subject[AWS_SUBJECT_MAX];
    int64_t delay;
    bool may = tries < attempt->max_attempts;

    if (attempt->class != AWS_RETRY_TRANSIENT &&
        attempt->class != AWS_RETRY_THROTTLED)
        return false;
    delay = aws_retry_delay(&client->plan, attempt->class, tries + 1,
                            world->random(world->arg), attempt->response);
    if (delay >= aws_attempt_left_ms(attempt))
        return false;
    if (may) {
        *spent = cost_of(attempt);
        may = aws_budget_take(&client->budget, *spent);
    }
    if (!may) {
        *spent = 0;
        /* Whoever polls would come back at once. */
        if (attempt->request->long_poll)
            world->pause(world->arg, delay, client->step);
        return false;
    }
    aws_error_subject(attempt->request, client->service, subject);
    aws_log(client->step, FB_DEBUG, "trying %s again in %lld ms: %s", subject,
            (long long)delay,
            attempt->answered ? attempt->response->code : err->message);
    world->pause(world->arg, delay, client->step);
    return true;
}

static int
give_up(struct aws_attempt *attempt, struct fb_error *err)
{
    const char *service = attempt->client->service;

    if (attempt->answered)
        return aws_error_tell(attempt->request, attempt->response, service,
                              aws_buf_string(&attempt->host), &attempt->used,
                              err);
    return aws_error_no_answer(attempt->request, service,
                               attempt->response->attempts, err);
}

static int
cancelled(const struct aws_attempt *attempt, struct fb_error *err)
{
    char subject[AWS_SUBJECT_MAX];

    aws_error_subject(attempt->request, attempt->client->service, subject);
    return fb_fail(err, FB_E_CANCELLED, "cannot %s: told to stop", subject);
}

static int
run(struct aws_attempt *attempt, struct fb_error *err)
{
    struct aws_client *client = attempt->client;
    struct once once = {.clock = false};
    int tries = 0, spent = 0;

    for (;;) {
        if (aws_cancelled(client->step))
            return cancelled(attempt, err);
        attempt->response->attempts++;
        if (aws_attempt_make(attempt, err) == 0) {
            aws_budget_give(&client->budget, spent > 0 ? spent : 1);
            return 0;
        }
        if (is_put_right(attempt, &once))
            continue;
        tries++;
        if (!wait_for_another(attempt, tries, &spent, err))
            return give_up(attempt, err);
    }
}

int
aws_call(struct aws_client *client, const struct aws_request *request,
         struct aws_response *response, struct fb_error *err)
{
    struct aws_attempt attempt;
    int failed;

    assert(request->method != NULL && *request->method != '\0');
    assert(request->bucket == NULL || client->is_s3);
    assert(request->key == NULL || request->bucket != NULL);
    assert(request->bytes != NULL || request->size == 0);
    aws_response_release(response);
    aws_attempt_init(&attempt, client, request, response);
    if (check_headers(request, err) == 0)
        failed = run(&attempt, err);
    else
        failed = give_up(&attempt, err);
    if (failed == 0) /* what an earlier attempt left there is over */
        *err = (struct fb_error){.code = FB_E_NONE};
    aws_attempt_release(&attempt);
    return failed;
}
