/*
 * aws/retry.h: which answers are worth another try, when, and how many tries
 * one client may spend.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include "aws/request.h"
#include "forebay/plugin.h"

#include <pthread.h>

/* Whether a code is in a list that ends with NULL. */
bool aws_code_is_in(const char *code, const char *const *codes);
/* Whether it says that the clocks differ. */
bool aws_code_is_clock(const char *code);

enum aws_retry {
    AWS_RETRY_NEVER = 0,
    AWS_RETRY_TRANSIENT,
    AWS_RETRY_THROTTLED,
    AWS_RETRY_CLOCK,       /* once, with the service's time */
    AWS_RETRY_MAYBE_CLOCK, /* the same, if the clocks differ */
    AWS_RETRY_CREDENTIALS, /* once, with new ones */
    AWS_RETRY_DAMAGED,     /* once: the body arrived other than it left */
};

/* By code first, by status second.  Not for redirects: see region rules. */
enum aws_retry aws_retry_class(const struct aws_response *response,
                               bool has_token);

/* Which numbers hold: the long-standing ones, or those of 2026. */
struct aws_retry_plan {
    int64_t transient_base_ms, throttled_base_ms;
    int transient_cost, throttled_cost, timeout_cost;
};

struct aws_retry_plan aws_retry_plan(bool revised_2026);

#define AWS_RETRY_DELAY_MAX 20000 /* ms */

/* How long to wait before attempt `next` (2 is the first retry): full jitter,
 * and what the service asks for.  random is 0 <= x < 1. */
int64_t aws_retry_delay(const struct aws_retry_plan *plan, enum aws_retry class,
                        int next, double random,
                        const struct aws_response *response);

/* The tokens that all requests of a client share. */
#define AWS_BUDGET 500

struct aws_budget {
    pthread_mutex_t mutex;
    int tokens;
};

void aws_budget_init(struct aws_budget *budget);
void aws_budget_release(struct aws_budget *budget);
/* False, and nothing taken, when there are too few. */
bool aws_budget_take(struct aws_budget *budget, int cost);
void aws_budget_give(struct aws_budget *budget, int tokens);

#endif
