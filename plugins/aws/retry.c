/*
 * aws/retry.c: see retry.h.
 */
#include "aws/retry.h"

#include <assert.h>
#include <stdlib.h>

#define HINT_ROOM_MS 5000

bool
aws_code_is_in(const char *code, const char *const *codes)
{
    for (; *codes != NULL; codes++)
        if (strcmp(code, *codes) == 0)
            return true;
    return false;
}

static const char *const throttled[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
    "Throttled",
    "KMSThrottling",
    "KmsThrottled",
    "KMS.ThrottlingException",
    NULL};

static const char *const transient[] = {
    "RequestTimeout",
    "RequestTimeoutException",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "InternalServiceException",
    "ServiceUnavailable",
    "IDPCommunicationError",
    "OperationAborted", /* S3: another write was under way */
    "OperationTimeoutException",
    "ResourceNotReadyException",          /* Glue */
    "FederationSourceRetryableException", /* Glue */
    NULL};

static const char *const clock_codes[] = {
    "RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", NULL};

static const char *const maybe_clock[] = {
    "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", NULL};

static const char *const expired[] = {"ExpiredToken", "ExpiredTokenException",
                                      "InvalidToken", NULL};

static const char *const damaged[] = {"BadDigest", "IncompleteBody",
                                      "XAmzContentSHA256Mismatch", NULL};

bool
aws_code_is_clock(const char *code)
{
    return aws_code_is_in(code, clock_codes);
}

enum aws_retry
aws_retry_class(const struct aws_response *response, bool has_token)
{
    const char *code = response->code;
    int status = response->status;

    if (aws_code_is_in(code, throttled) || status == 429)
        return AWS_RETRY_THROTTLED;
    if (aws_code_is_in(code, transient))
        return AWS_RETRY_TRANSIENT;
    if (aws_code_is_clock(code))
        return AWS_RETRY_CLOCK;
    if (aws_code_is_in(code, maybe_clock) || (status == 403 && *code == '\0'))
        return AWS_RETRY_MAYBE_CLOCK;
    if (aws_code_is_in(code, expired))
        return has_token ? AWS_RETRY_CREDENTIALS : AWS_RETRY_NEVER;
    if (aws_code_is_in(code, damaged))
        return AWS_RETRY_DAMAGED;
    if (status == 500 || (status >= 502 && status <= 504))
        return AWS_RETRY_TRANSIENT;
    return AWS_RETRY_NEVER;
}

struct aws_retry_plan
aws_retry_plan(bool revised_2026)
{
    if (revised_2026)
        return (struct aws_retry_plan){50, 1000, 14, 5, 14};
    return (struct aws_retry_plan){1000, 1000, 5, 5, 10};
}

/* Whole seconds; the date form is not used by AWS. */
static int64_t
number_of(const struct aws_response *response, const char *name)
{
    const char *text = aws_response_header(response, name);
    char *end;
    long number;

    if (text == NULL || *text < '0' || *text > '9')
        return 0;
    number = strtol(text, &end, 10);
    return *end != '\0' || number > 86400000 ? 0 : number;
}

int64_t
aws_retry_delay(const struct aws_retry_plan *plan, enum aws_retry class,
                int next, double random, const struct aws_response *response)
{
    int64_t bound = class == AWS_RETRY_THROTTLED ? plan->throttled_base_ms
                                                 : plan->transient_base_ms;
    int64_t hint = number_of(response, "x-amz-retry-after");
    int64_t after = number_of(response, "retry-after") * 1000;
    int64_t delay;

    assert(next >= 2 && random >= 0 && random < 1);
    assert(class == AWS_RETRY_TRANSIENT || class == AWS_RETRY_THROTTLED);
    for (int i = 2; i < next && bound < AWS_RETRY_DELAY_MAX; i++)
        bound *= 2;
    if (bound > AWS_RETRY_DELAY_MAX)
        bound = AWS_RETRY_DELAY_MAX;
    delay = (int64_t)((double)bound * random);
    if (hint > delay + HINT_ROOM_MS)
        return delay + HINT_ROOM_MS;
    if (hint > delay)
        return hint;
    if (after > AWS_RETRY_DELAY_MAX)
        after = AWS_RETRY_DELAY_MAX;
    return after > delay ? after : delay;
}

void
aws_budget_init(struct aws_budget *budget)
{
    budget->tokens = AWS_BUDGET;
    pthread_mutex_init(&budget->mutex, NULL);
}

void
aws_budget_release(struct aws_budget *budget)
{
    pthread_mutex_destroy(&budget->mutex);
}

bool
aws_budget_take(struct aws_budget *budget, int cost)
{
    bool enough;

    assert(cost > 0);
    pthread_mutex_lock(&budget->mutex);
    assert(budget->tokens >= 0 && budget->tokens <= AWS_BUDGET);
    enough = budget->tokens >= cost;
    if (enough)
        budget->tokens -= cost;
    pthread_mutex_unlock(&budget->mutex);
    return enough;
}

void
aws_budget_give(struct aws_budget *budget, int tokens)
{
    assert(tokens > 0);
    pthread_mutex_lock(&budget->mutex);
    budget->tokens += tokens;
    if (budget->tokens > AWS_BUDGET)
        budget->tokens = AWS_BUDGET;
    pthread_mutex_unlock(&budget->mutex);
}
