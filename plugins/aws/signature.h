/*
 * aws/signature.h: step three of Signature Version 4: the signing key, kept
 * for as long as it is valid, and the signature.
 */
#ifndef AWS_SIGNATURE_H
#define AWS_SIGNATURE_H

#include "aws/buf.h"
#include "aws/digest.h"
#include "aws/string_to_sign.h"
#include "forebay/plugin.h"

#include <pthread.h>

#define AWS_SIGNATURE_HEX AWS_SHA256_HEX

/* Derived anew at each call. */
void aws_signing_key(const char *secret, const struct aws_scope *scope,
                     unsigned char key[AWS_SHA256_SIZE]);

void aws_signature(const unsigned char key[AWS_SHA256_SIZE],
                   const struct aws_buf *string_to_sign,
                   char signature[AWS_SIGNATURE_HEX]);

/*
 * The keys of the last few scopes, for several threads.  A key is found again
 * only by the secret (its SHA-256), date, region and service it was made of.
 */
#define AWS_KEYS_KEPT 4
struct aws_keys {
    pthread_mutex_t mutex;
    struct {
        unsigned char secret[AWS_SHA256_SIZE];
        char date[9], region[64], service[16];
        unsigned char key[AWS_SHA256_SIZE];
    } items[AWS_KEYS_KEPT];
    size_t next;      /* the place to use next */
    uint64_t derived; /* how often a key was made */
};

void aws_keys_init(struct aws_keys *keys);
void aws_keys_wipe(struct aws_keys *keys); /* the credentials changed */
void aws_keys_release(struct aws_keys *keys);
void aws_keys_get(struct aws_keys *keys, const char *secret,
                  const struct aws_scope *scope,
                  unsigned char key[AWS_SHA256_SIZE]);

#endif
