/*
 * aws/client.c: makes and frees a client (client.h, client_state.h).  Calls
 * are in call.c.
 */
#include "aws/client_state.h"

#include "aws/buf.h"
#include "aws/imds.h"

#include <assert.h>
#include <stdlib.h>

static int
fill(struct aws_client *client, const struct aws_client_options *options,
     struct fb_error *err)
{
    const char *custom =
        aws_config_endpoint(options->config, options->service, options->is_own);

    snprintf(client->region, sizeof(client->region), "%s", options->region);
    if (aws_endpoint_init(&client->endpoint, options->config, options->service,
                          custom, err) != 0 ||
        aws_http_new(options->config->ca_bundle, &client->http, err) != 0)
        return -1;
    if (options->fixed != NULL)
        aws_credentials_copy(&client->fixed, options->fixed);
    else if (!options->without_chain)
        client->chain = aws_chain_new(options->config, client->region,
                                      options->world, options->step);
    return 0;
}

int
aws_client_open(const struct aws_client_options *options,
                struct aws_client **client, struct fb_error *err)
{
    struct aws_client *made = aws_alloc(sizeof(*made));

    made->service = options->service;
    made->is_s3 = strcmp(options->service, "s3") == 0;
    made->config = options->config;
    made->world = *options->world;
    made->step = options->step;
    made->plan = aws_retry_plan(options->config->new_retries);
    aws_budget_init(&made->budget);
    aws_keys_init(&made->keys);
    pthread_mutex_init(&made->mutex, NULL);
    if (fill(made, options, err) == 0) {
        *client = made;
        return 0;
    }
    aws_client_free(made);
    return -1;
}

/* What nobody names: the instance's own, or for a store that is not AWS the
 * one that all of them accept. */
static int
choose_region(const struct aws_config *config, const char *service,
              struct fb_step *step, char region[AWS_REGION_MAX],
              struct fb_error *err)
{
    if (config->region != NULL) {
        snprintf(region, AWS_REGION_MAX, "%s", config->region);
        return 0;
    }
    if (aws_config_endpoint(config, service, true) != NULL) {
        snprintf(region, AWS_REGION_MAX, "us-east-1");
        return 0;
    }
    if (aws_imds_region(&aws_world, step, region, err) == 0)
        return 0;
    if (err->code == FB_E_CANCELLED)
        return -1;
    fb_fail(err, FB_E_CONFIG, "cannot choose an AWS region for '%s'", service);
    return fb_hint(err, "set the option region, AWS_REGION, or 'region' in "
                        "the profile");
}

static const char *
known_service(const char *service)
{
    static const char *const names[] = {"s3",     "sns",  "sqs",
                                        "athena", "glue", "sts"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], service) == 0)
            return names[i];
    return NULL;
}

int
aws_client_new(const struct aws_settings *settings, const char *service,
               struct fb_step *step, struct aws_client **client,
               struct fb_error *err)
{
    struct aws_config *config = aws_alloc(sizeof(*config));
    char region[AWS_REGION_MAX];
    struct aws_client_options options = {
        .config = config,
        .service = known_service(service),
        .region = region,
        .is_own = true,
        .world = &aws_world,
        .step = step,
    };

    if (options.service == NULL) {
        free(config);
        return fb_fail(err, FB_E_BUG, "cannot call '%s': an unknown service",
                       service);
    }
    if (aws_config_load(config, settings, err) != 0 ||
        choose_region(config, options.service, step, region, err) != 0 ||
        aws_client_open(&options, client, err) != 0) {
        aws_config_release(config);
        free(config);
        return -1;
    }
    (*client)->owns_config = true;
    return 0;
}

void
aws_client_free(struct aws_client *client)
{
    if (client == NULL)
        return;
    aws_chain_free(client->chain);
    aws_credentials_release(&client->fixed);
    aws_http_free(client->http);
    aws_endpoint_release(&client->endpoint);
    aws_keys_release(&client->keys);
    aws_budget_release(&client->budget);
    pthread_mutex_destroy(&client->mutex);
    for (size_t i = 0; i < AWS_BUCKETS_KNOWN; i++)
        free(client->buckets[i].bucket);
    if (client->owns_config) {
        aws_config_release(client->config);
        free(client->config);
    }
    free(client);
}

void
aws_client_set_world(struct aws_client *client, const struct aws_world *world)
{
    client->world = *world;
    if (client->chain != NULL)
        aws_chain_set_world(client->chain, world);
}

const char *
aws_client_region(const struct aws_client *client)
{
    return client->region;
}

const char *
aws_client_partition(const struct aws_client *client)
{
    return aws_region_partition(client->region)->name;
}

bool
aws_client_is_custom(const struct aws_client *client)
{
    return client->endpoint.custom != NULL;
}

bool
aws_client_is_aws(const struct aws_client *client)
{
    return aws_endpoint_is_aws(&client->endpoint, client->region);
}

const char *
aws_client_setting(const struct aws_client *client, const char *variable,
                   const char *property)
{
    const char *value = aws_env(variable);

    return value != NULL ? value
                         : aws_section_get(client->config->profile, property);
}

int64_t
aws_client_now_ms(struct aws_client *client)
{
    return client->world.now_ms(client->world.arg) +
           atomic_load(&client->clock_offset_ms);
}

void
aws_client_bucket_region(struct aws_client *client, const char *bucket,
                         char region[AWS_REGION_MAX])
{
    snprintf(region, AWS_REGION_MAX, "%s", client->region);
    if (bucket == NULL)
        return;
    pthread_mutex_lock(&client->mutex);
    for (size_t i = 0; i < AWS_BUCKETS_KNOWN; i++)
        if (client->buckets[i].bucket != NULL &&
            strcmp(client->buckets[i].bucket, bucket) == 0)
            snprintf(region, AWS_REGION_MAX, "%s", client->buckets[i].region);
    pthread_mutex_unlock(&client->mutex);
}

void
aws_client_learn_region(struct aws_client *client, const char *bucket,
                        const char *region)
{
    size_t place = AWS_BUCKETS_KNOWN;

    assert(aws_region_is_valid(region));
    pthread_mutex_lock(&client->mutex);
    for (size_t i = 0; i < AWS_BUCKETS_KNOWN; i++)
        if (client->buckets[i].bucket != NULL &&
            strcmp(client->buckets[i].bucket, bucket) == 0)
            place = i;
    if (place == AWS_BUCKETS_KNOWN) {
        place = client->bucket_next;
        client->bucket_next = (place + 1) % AWS_BUCKETS_KNOWN;
        free(client->buckets[place].bucket);
        client->buckets[place].bucket = aws_strdup(bucket);
    }
    snprintf(client->buckets[place].region, AWS_REGION_MAX, "%s", region);
    pthread_mutex_unlock(&client->mutex);
}
