/*
 * util/sha256.h: SHA-256 (FIPS 180-4), for identities and for checking that
 * the bytes loaded are the bytes seen.  The host links no cryptography
 * library; plugins that sign use OpenSSL.
 */
#ifndef UTIL_SHA256_H
#define UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t state[8];
    uint64_t length; /* bytes */
    unsigned char block[64];
};

void sha256_init(struct sha256 *sha);
void sha256_update(struct sha256 *sha, const void *bytes, size_t size);
/* digest: 32 bytes */
void sha256_final(struct sha256 *sha, unsigned char *digest);

/* Lower-case hex; hex has room for 2 * size + 1 bytes. */
void sha256_hex(const unsigned char *digest, size_t size, char *hex);

#endif
