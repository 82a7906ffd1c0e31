/*
 * aws/client_state.h: the inside of a client, for call.c, the credential
 * sources that make calls themselves, and tests.  Not for plugins.
 */
#ifndef AWS_CLIENT_STATE_H
#define AWS_CLIENT_STATE_H

#include "aws/chain.h"
#include "aws/client.h"
#include "aws/config.h"
#include "aws/endpoint.h"
#include "aws/http.h"
#include "aws/region.h"
#include "aws/retry.h"
#include "aws/signature.h"
#include "aws/world.h"

#include <pthread.h>
#include <stdatomic.h>

#define AWS_BUCKETS_KNOWN 32 /* whose region is not the client's */

struct aws_client {
    const char *service;
    bool is_s3;
    struct aws_config *config;
    bool owns_config;
    char region[AWS_REGION_MAX];
    struct aws_endpoint endpoint;
    struct aws_http *http;
    struct aws_chain *chain;      /* NULL: fixed, or none */
    struct aws_credentials fixed; /* of an AssumeRole call */
    struct aws_keys keys;
    struct aws_retry_plan plan;
    struct aws_budget budget;
    struct aws_world world;
    struct fb_step *step;
    _Atomic int64_t clock_offset_ms; /* the service's minus ours */
    atomic_bool clock_warned;
    pthread_mutex_t mutex; /* of what follows */
    struct {
        char *bucket;
        char region[AWS_REGION_MAX];
    } buckets[AWS_BUCKETS_KNOWN];
    size_t bucket_next;
};

struct aws_client_options {
    struct aws_config *config; /* borrowed */
    const char *service;
    const char *region;
    bool is_own; /* the plugin's own service: its endpoint option counts */
    bool without_chain;
    const struct aws_credentials *fixed; /* copied; NULL */
    const struct aws_world *world;
    struct fb_step *step;
};

int aws_client_open(const struct aws_client_options *options,
                    struct aws_client **client,
                    struct fb_error *err) FB_MUST_CHECK;

/* For tests, before the first call. */
void aws_client_set_world(struct aws_client *client,
                          const struct aws_world *world);

/* The region to sign for, and what a redirect taught us. */
void aws_client_bucket_region(struct aws_client *client, const char *bucket,
                              char region[AWS_REGION_MAX]);
void aws_client_learn_region(struct aws_client *client, const char *bucket,
                             const char *region);

#endif
