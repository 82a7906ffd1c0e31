/*
 * aws/client.h: calls one AWS service, or one that speaks like it.  A client
 * holds region, endpoint, credentials, connections, the retry budget and the
 * clock's offset.  What the calls mean is the plugins' business.
 *
 * Everything here may be used by several threads at once on one client: each
 * call takes a connection handle of its own from the client's pool, and
 * credentials are refreshed by one thread at a time.
 */
#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include "aws/request.h"
#include "aws/settings.h"
#include "forebay/plugin.h"

struct aws_client;

/*
 * A client for "s3", "sns", "sqs", "athena", "glue" or "sts".  Reads the
 * environment and the shared files; asks the instance metadata for the region
 * only when nothing else names one and there is no endpoint of one's own.
 * Credentials are found at the first call.
 *
 * The settings are copied.  step may be NULL (tests): then nothing is logged
 * and nothing cancels.  Otherwise it must outlive the client, and a call ends
 * with FB_E_CANCELLED soon after fb_cancelled(step).
 *
 * Fails with FB_E_CONFIG.  On success free with aws_client_free, after the
 * last call has returned.
 */
int aws_client_new(const struct aws_settings *settings, const char *service,
                   struct fb_step *step, struct aws_client **client,
                   struct fb_error *err) FB_MUST_CHECK;
void aws_client_free(struct aws_client *client); /* NULL: nothing */

/*
 * Sign, send, and try again as the "standard" retry mode does
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html):
 * full jitter, a token bucket shared by the client, x-amz-retry-after and
 * Retry-After honoured.  Besides, once each: a corrected clock, refreshed
 * credentials after ExpiredToken, and for S3 the bucket's own region.  Never
 * follows a redirect.
 *
 * The response is released and filled anew; the caller releases it, also
 * after a failure.  Returns 0 when the status is one that request->expect
 * names and the answer is what request->answer asks for.  Otherwise -1:
 *
 *   FB_E_MISSING      404 (NoSuchKey, NoSuchBucket, ...)
 *   FB_E_PERMISSION   401, 403, and codes that mean the same; with a hint
 *   FB_E_CHANGED      412
 *   FB_E_BUSY         409 ConditionalRequestConflict, OperationAborted
 *   FB_E_UNAVAILABLE  no answer, throttled, 5xx, deadline: retries used up
 *   FB_E_CONFIG       no or broken credentials, a refused bucket name
 *   FB_E_INPUT        a key or a header that cannot be sent
 *   FB_E_LIMIT        an answer larger than its bound
 *   FB_E_CANCELLED    fb_cancelled
 *   FB_E_FAILED       everything else, a 400 for one
 *
 * Messages never hold a secret, a token or a signature.
 */
int aws_call(struct aws_client *client, const struct aws_request *request,
             struct aws_response *response, struct fb_error *err) FB_MUST_CHECK;

/* Where the client points; lives as long as the client. */
const char *aws_client_region(const struct aws_client *client);
const char *aws_client_partition(const struct aws_client *client); /* "aws" */
/* Whether the endpoint is one that the user named. */
bool aws_client_is_custom(const struct aws_client *client);
/* Whether that is AWS all the same: aws_endpoint_is_aws. */
bool aws_client_is_aws(const struct aws_client *client);

/* A setting that is the plugin's business: what the environment variable, or
 * else the profile's property, says; NULL.  For example
 * ("AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation"). */
const char *aws_client_setting(const struct aws_client *client,
                               const char *variable, const char *property);

/* The wall clock as the service sees it, ms since the epoch. */
int64_t aws_client_now_ms(struct aws_client *client);

#endif
