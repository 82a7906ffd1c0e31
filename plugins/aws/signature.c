/*
 * aws/signature.c: see signature.h.
 */
#include "aws/signature.h"

#include "aws/encode.h"

#include <assert.h>

#define SECRET_MAX ((size_t)64 << 10)

static void
step(unsigned char key[AWS_SHA256_SIZE], const char *text)
{
    unsigned char next[AWS_SHA256_SIZE];

    aws_hmac_sha256(key, AWS_SHA256_SIZE, text, strlen(text), next);
    memcpy(key, next, sizeof(next));
    aws_wipe(next, sizeof(next));
}

void
aws_signing_key(const char *secret, const struct aws_scope *scope,
                unsigned char key[AWS_SHA256_SIZE])
{
    struct aws_buf seed;

    aws_buf_init(&seed, SECRET_MAX);
    aws_buf_text(&seed, "AWS4");
    aws_buf_text(&seed, secret);
    aws_hmac_sha256(aws_buf_string(&seed), seed.len, scope->date,
                    strlen(scope->date), key);
    aws_buf_release(&seed);
    step(key, scope->region);
    step(key, scope->service);
    step(key, "aws4_request");
}

void
aws_signature(const unsigned char key[AWS_SHA256_SIZE],
              const struct aws_buf *string_to_sign,
              char signature[AWS_SIGNATURE_HEX])
{
    unsigned char mac[AWS_SHA256_SIZE];

    aws_hmac_sha256(key, AWS_SHA256_SIZE, string_to_sign->bytes,
                    string_to_sign->len, mac);
    aws_hex(signature, mac, sizeof(mac));
}

void
aws_keys_init(struct aws_keys *keys)
{
    *keys = (struct aws_keys){.next = 0};
    pthread_mutex_init(&keys->mutex, NULL);
}

void
aws_keys_wipe(struct aws_keys *keys)
{
    pthread_mutex_lock(&keys->mutex);
    aws_wipe(keys->items, sizeof(keys->items));
    pthread_mutex_unlock(&keys->mutex);
}

void
aws_keys_release(struct aws_keys *keys)
{
    aws_wipe(keys->items, sizeof(keys->items));
    pthread_mutex_destroy(&keys->mutex);
}

static size_t
find(const struct aws_keys *keys, const unsigned char *secret,
     const struct aws_scope *scope)
{
    for (size_t i = 0; i < AWS_KEYS_KEPT; i++)
        if (memcmp(keys->items[i].secret, secret, AWS_SHA256_SIZE) == 0 &&
            strcmp(keys->items[i].date, scope->date) == 0 &&
            strcmp(keys->items[i].region, scope->region) == 0 &&
            strcmp(keys->items[i].service, scope->service) == 0)
            return i;
    return AWS_KEYS_KEPT;
}

void
aws_keys_get(struct aws_keys *keys, const char *secret,
             const struct aws_scope *scope, unsigned char key[AWS_SHA256_SIZE])
{
    unsigned char hash[AWS_SHA256_SIZE];
    size_t found;

    /* What is cut short here could be found for another scope. */
    assert(strlen(scope->region) < sizeof(keys->items[0].region));
    assert(strlen(scope->service) < sizeof(keys->items[0].service));
    aws_sha256(secret, strlen(secret), hash);
    pthread_mutex_lock(&keys->mutex);
    found = find(keys, hash, scope);
    if (found == AWS_KEYS_KEPT) {
        found = keys->next;
        keys->next = (keys->next + 1) % AWS_KEYS_KEPT;
        keys->derived++;
        memcpy(keys->items[found].secret, hash, sizeof(hash));
        snprintf(keys->items[found].date, sizeof(keys->items[found].date), "%s",
                 scope->date);
        snprintf(keys->items[found].region, sizeof(keys->items[found].region),
                 "%s", scope->region);
        snprintf(keys->items[found].service, sizeof(keys->items[found].service),
                 "%s", scope->service);
        aws_signing_key(secret, scope, keys->items[found].key);
    }
    memcpy(key, keys->items[found].key, AWS_SHA256_SIZE);
    pthread_mutex_unlock(&keys->mutex);
    aws_wipe(hash, sizeof(hash));
}
