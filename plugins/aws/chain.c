/*
 * aws/chain.c: see chain.h.
 */
#include "aws/chain.h"

#include "aws/buf.h"
#include "aws/moment.h"
#include "aws/region.h"
#include "aws/source.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define MINUTE ((int64_t)60000)
#define RENEW_BEFORE (15 * MINUTE)
#define PAUSE_AFTER_FAILURE MINUTE

struct aws_chain {
    struct aws_config *config;
    char region[AWS_REGION_MAX];
    struct aws_world world;
    struct fb_step *step;
    bool warned; /* about a file that everybody can read */

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t renewed;
    struct aws_credentials current; /* access_key NULL: none yet */
    bool is_renewing;               /* some thread is at it */
    bool is_distrusted;             /* the service refused the current ones */
    int64_t not_before;             /* no renewal before this */
};

struct aws_chain *
aws_chain_new(struct aws_config *config, const char *region,
              const struct aws_world *world, struct fb_step *step)
{
    struct aws_chain *chain = aws_alloc(sizeof(*chain));

    chain->config = config;
    snprintf(chain->region, sizeof(chain->region), "%s", region);
    chain->world = *world;
    chain->step = step;
    pthread_mutex_init(&chain->mutex, NULL);
    pthread_cond_init(&chain->renewed, NULL);
    return chain;
}

void
aws_chain_free(struct aws_chain *chain)
{
    if (chain == NULL)
        return;
    aws_credentials_release(&chain->current);
    pthread_cond_destroy(&chain->renewed);
    pthread_mutex_destroy(&chain->mutex);
    free(chain);
}

void
aws_chain_set_world(struct aws_chain *chain, const struct aws_world *world)
{
    chain->world = *world;
}

static int
nothing_found(bool instance_failed, struct fb_error *err)
{
    char why[400] = "", hint[FB_HINT_MAX] = "";
    enum fb_code code = FB_E_CONFIG;

    if (instance_failed) {
        code = err->code;
        snprintf(why, sizeof(why), "; %.380s", err->message);
        snprintf(hint, sizeof(hint), "%s", err->hint);
    }
    fb_fail(err, code,
            "cannot find AWS credentials: none in the options, the "
            "environment, the profile, a web identity or a container%s",
            why);
    if (*hint != '\0')
        return fb_hint(err, "%s", hint);
    return fb_hint(err, "give the instance a role, or set AWS_PROFILE, or "
                        "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

/* The order of the SDKs.  The environment is not asked when the option
 * `profile` names one. */
static int
load(const struct aws_chain *chain, int64_t now_ms,
     struct aws_credentials *credentials, struct fb_error *err)
{
    static const aws_source_fn sources[] = {
        aws_source_options, aws_source_environment, aws_source_profile,
        aws_source_web_environment, aws_source_container};
    const struct aws_source source = {
        .config = chain->config,
        .region = chain->region,
        .world = &chain->world,
        .step = chain->step,
        .now_ms = now_ms,
    };
    int done;

    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        if (sources[i] == aws_source_environment &&
            chain->config->profile_is_ours)
            continue;
        done = sources[i](&source, credentials, err);
        if (done != AWS_NOT_CONFIGURED)
            return done;
    }
    done = aws_source_instance(&source, credentials, err);
    if (done == 0 || (done < 0 && err->code == FB_E_CANCELLED))
        return done;
    return nothing_found(done < 0, err);
}

static int64_t
left(const struct aws_chain *chain, int64_t now_ms)
{
    if (chain->current.expires_ms == AWS_NEVER)
        return AWS_NEVER;
    return chain->current.expires_ms - now_ms;
}

/* Whether the current ones can be used, if there is nothing better. */
static bool
will_do(const struct aws_chain *chain, int64_t now_ms)
{
    return chain->current.access_key != NULL && !chain->is_distrusted &&
           (left(chain, now_ms) > 0 || chain->current.from_instance);
}

static bool
should_renew(const struct aws_chain *chain, int64_t now_ms)
{
    if (!will_do(chain, now_ms))
        return true;
    return left(chain, now_ms) < RENEW_BEFORE && now_ms >= chain->not_before;
}

/* The instance hands out old ones when its own source is down: the service
 * decides whether they still count. */
static int64_t
pause_for(const struct aws_chain *chain, bool from_instance)
{
    if (!from_instance)
        return PAUSE_AFTER_FAILURE;
    return 12 * MINUTE + (int64_t)(8.0 * (double)MINUTE *
                                   chain->world.random(chain->world.arg));
}

static int
expired(const struct aws_credentials *credentials, struct fb_error *err)
{
    char when[21];

    aws_moment_iso(credentials->expires_ms, when);
    return fb_fail(err, FB_E_CONFIG,
                   "cannot use the credentials of %s: they expired at %s",
                   credentials->source, when);
}

/* With the mutex held: what a renewal brought. */
static int
settle(struct aws_chain *chain, int failed, struct aws_credentials *found,
       int64_t now_ms, struct fb_error *err)
{
    if (failed == 0 && found->expires_ms <= now_ms && !found->from_instance)
        failed = expired(found, err);
    if (failed == 0) {
        aws_credentials_release(&chain->current);
        chain->current = *found;
        *found = (struct aws_credentials){.access_key = NULL};
        chain->is_distrusted = false;
        /* Short-lived ones are not renewed at every call. */
        chain->not_before =
            now_ms + (left(chain, now_ms) > 0 ? PAUSE_AFTER_FAILURE
                                              : pause_for(chain, true));
        return 0;
    }
    assert(chain->is_renewing);
    aws_credentials_release(found);
    if (!will_do(chain, now_ms))
        return -1;
    chain->not_before = now_ms + pause_for(chain, chain->current.from_instance);
    aws_log(chain->step, FB_WARN, "going on with the credentials of %s: %s",
            chain->current.source, err->message);
    return 0;
}

static void
warn_once(struct aws_chain *chain)
{
    if (chain->warned)
        return;
    chain->warned = true;
    if (aws_profiles_are_open(&chain->config->profiles))
        aws_log(chain->step, FB_WARN, "everybody can read the keys in '%s'",
                chain->config->profiles.credentials_path);
}

int
aws_chain_get(struct aws_chain *chain, int64_t now_ms,
              struct aws_credentials *credentials, struct fb_error *err)
{
    struct aws_credentials found = {.access_key = NULL};
    int failed = 0;

    pthread_mutex_lock(&chain->mutex);
    while (chain->is_renewing && !will_do(chain, now_ms))
        pthread_cond_wait(&chain->renewed, &chain->mutex);
    if (!chain->is_renewing && should_renew(chain, now_ms)) {
        chain->is_renewing = true;
        warn_once(chain);
        pthread_mutex_unlock(&chain->mutex);
        failed = load(chain, now_ms, &found, err);
        pthread_mutex_lock(&chain->mutex);
        failed = settle(chain, failed, &found, now_ms, err);
        chain->is_renewing = false;
        pthread_cond_broadcast(&chain->renewed);
    }
    if (failed == 0) {
        assert(chain->current.access_key != NULL);
        aws_credentials_copy(credentials, &chain->current);
    }
    pthread_mutex_unlock(&chain->mutex);
    return failed;
}

static bool
are_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

void
aws_chain_distrust(struct aws_chain *chain,
                   const struct aws_credentials *refused)
{
    pthread_mutex_lock(&chain->mutex);
    if (are_same(chain->current.access_key, refused->access_key) &&
        are_same(chain->current.token, refused->token))
        chain->is_distrusted = true;
    pthread_mutex_unlock(&chain->mutex);
}
