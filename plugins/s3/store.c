#include "store.h"

#include <assert.h>

int
store_open(struct store *store, const struct aws_settings *settings,
           struct fb_step *step, const char *bucket, const char *owner,
           struct fb_error *err)
{
    assert(bucket != NULL && store->client == NULL);
    *store = (struct store){
        .step = step, .bucket = bucket, .owner = owner, .uri = fb_uri(step)};
    if (aws_client_new(settings, "s3", step, &store->client, err) != 0)
        return -1;
    store_forget(err);
    return 0;
}

void
store_close(struct store *store)
{
    aws_client_free(store->client);
    store->client = NULL;
}

void
store_request(const struct store *store, struct aws_request *request,
              const char *method, const char *key, const char *action)
{
    aws_request_init(request, method);
    request->bucket = store->bucket;
    request->key = key;
    request->subject = store->uri + strlen("s3://"); /* the client says s3 */
    request->action = action;
    if (store->owner != NULL)
        aws_fields_add(&request->headers, "x-amz-expected-bucket-owner",
                       store->owner);
}

int
store_call(const struct store *store, const struct aws_request *request,
           struct aws_response *response, struct fb_error *err)
{
    assert(store->client != NULL);
    if (aws_call(store->client, request, response, err) == 0) {
        store_forget(err); /* of an attempt before */
        return 0;
    }
    if (strcmp(response->code, "NoSuchBucket") != 0)
        return -1;
    fb_fail(err, FB_E_CONFIG, "cannot reach '%s': there is no bucket '%s'",
            store->uri, store->bucket);
    return fb_hint(err, "check its name, and the account and endpoint in use");
}

int
store_number(const char *text, uint64_t *number)
{
    uint64_t value = 0;

    if (text == NULL || *text == '\0')
        return -1;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' ||
            __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            return -1;
    }
    *number = value;
    return 0;
}
