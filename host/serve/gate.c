/*
 * serve/gate.c: two locks: one for a moment, for what is remembered; one for
 * as long as a verification takes, so that however many guess, one core at
 * most is busy with it.
 */
#include "serve/gate.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "util/limits.h"
#include "util/mem.h"
#include "util/sha256.h"
#include "util/text.h"

#define DIGEST 32
#define KNOWN 16     /* right ones that are remembered */
#define BUCKETS 4096 /* addresses that are told apart */

/* Wrong ones that are heard at once, and how long until one more is. */
#define EACH_BURST 5
#define EACH_REFILL_MS 6000
#define ALL_BURST 20
#define ALL_REFILL_MS 500

struct bucket {
    int64_t at_ms; /* when `left` was counted */
    int left;
};

struct gate {
    pthread_mutex_t lock; /* of what stands here but the secrets */
    unsigned char key[DIGEST];
    unsigned char known[KNOWN][DIGEST];
    size_t known_count, known_next;
    struct bucket all, each[BUCKETS];

    pthread_mutex_t slow; /* of the secrets */
    struct secrets *secrets;
};

struct gate *
gate_new(struct secrets *secrets)
{
    struct gate *gate = mem_zalloc(sizeof(*gate));

    /* Up to 256 bytes come whole or not at all. */
    if (getrandom(gate->key, sizeof(gate->key), 0) !=
        (ssize_t)sizeof(gate->key))
        abort();
    gate->all.left = ALL_BURST;
    for (size_t i = 0; i < BUCKETS; i++)
        gate->each[i].left = EACH_BURST;
    gate->secrets = secrets;
    pthread_mutex_init(&gate->lock, NULL);
    pthread_mutex_init(&gate->slow, NULL);
    return gate;
}

void
gate_free(struct gate *gate)
{
    if (gate == NULL)
        return;
    pthread_mutex_destroy(&gate->lock);
    pthread_mutex_destroy(&gate->slow);
    secrets_free(gate->secrets);
    explicit_bzero(gate, sizeof(*gate));
    free(gate);
}

/* --- what was sent --- */

static int
base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648, 4; the length of what comes out, -1 when it is none or has no
 * room. */
static int
base64_decode(const char *text, char *out, size_t room)
{
    size_t length = strcspn(text, "="), size = 0;
    unsigned bits = 0, have = 0;

    if (length % 4 == 1 || strlen(text + length) > 2 ||
        strspn(text + length, "=") != strlen(text + length))
        return -1;
    for (size_t i = 0; i < length; i++) {
        int digit = base64_digit(text[i]);

        if (digit < 0)
            return -1;
        bits = bits << 6 | (unsigned)digit;
        have += 6;
        if (have < 8)
            continue;
        have -= 8;
        if (size == room)
            return -1;
        out[size++] = (char)(unsigned char)(bits >> have & 0xFF);
    }
    return (int)size;
}

/* What stands behind the scheme (RFC 9110, 11.1), or NULL. */
static const char *
behind_scheme(const char *authorization, const char *scheme)
{
    size_t word = strcspn(authorization, " ");
    AUTO_FREE char *said = mem_dup_nul(authorization, word);

    if (!text_equal_nocase(said, scheme) || authorization[word] == '\0')
        return NULL;
    return authorization + word + strspn(authorization + word, " ");
}

bool
gate_secret_of(const char *authorization, char *secret)
{
    const char *rest = behind_scheme(authorization, "Bearer");
    char pair[2 * SERVE_SECRET_MAX + 1];
    const char *colon;
    int length;

    if (rest != NULL) {
        if (*rest == '\0' || strlen(rest) > SERVE_SECRET_MAX)
            return false;
        memcpy(secret, rest, strlen(rest) + 1);
        return true;
    }
    rest = behind_scheme(authorization, "Basic");
    if (rest == NULL)
        return false;
    length = base64_decode(rest, pair, sizeof(pair) - 1);
    if (length < 0 || memchr(pair, '\0', (size_t)length) != NULL)
        return false;
    pair[length] = '\0';
    colon = strchr(pair, ':');
    if (colon == NULL || colon[1] == '\0' ||
        strlen(colon + 1) > SERVE_SECRET_MAX)
        return false;
    memcpy(secret, colon + 1, strlen(colon + 1) + 1);
    explicit_bzero(pair, sizeof(pair));
    return true;
}

/* --- what is remembered --- */

static void
digest_of(const struct gate *gate, const char *text, size_t size,
          unsigned char digest[DIGEST])
{
    struct sha256 sha;

    /* The key stands on both sides: no length can be added to it. */
    sha256_init(&sha);
    sha256_update(&sha, gate->key, sizeof(gate->key));
    sha256_update(&sha, text, size);
    sha256_update(&sha, gate->key, sizeof(gate->key));
    sha256_final(&sha, digest);
}

static bool
is_known(const struct gate *gate, const unsigned char digest[DIGEST])
{
    bool known = false;

    for (size_t i = 0; i < gate->known_count; i++)
        known |= secret_equal(gate->known[i], digest, DIGEST);
    return known;
}

static void
remember(struct gate *gate, const unsigned char digest[DIGEST])
{
    memcpy(gate->known[gate->known_next], digest, DIGEST);
    gate->known_next = (gate->known_next + 1) % KNOWN;
    if (gate->known_count < KNOWN)
        gate->known_count++;
}

static void
refill(struct bucket *bucket, int burst, int64_t every_ms, int64_t now_ms)
{
    int64_t more = (now_ms - bucket->at_ms) / every_ms;

    if (bucket->left >= burst || more >= burst) {
        bucket->left = burst;
        bucket->at_ms = now_ms;
    } else if (more > 0) {
        bucket->left += (int)more;
        bucket->at_ms += more * every_ms;
    }
    if (bucket->left > burst)
        bucket->left = burst;
}

static struct bucket *
bucket_of(struct gate *gate, const unsigned char peer[16])
{
    unsigned char digest[DIGEST];

    digest_of(gate, (const char *)peer, 16, digest);
    return &gate->each[(digest[0] | (size_t)digest[1] << 8) % BUCKETS];
}

/* --- judging --- */

/* Holds a place for one verification; false: none is left. */
static bool
reserve(struct gate *gate, struct bucket *bucket, int64_t now_ms)
{
    refill(&gate->all, ALL_BURST, ALL_REFILL_MS, now_ms);
    refill(bucket, EACH_BURST, EACH_REFILL_MS, now_ms);
    if (gate->all.left == 0 || bucket->left == 0)
        return false;
    gate->all.left--;
    bucket->left--;
    return true;
}

/* The lock stands before the count: those who bring the same at the same time,
 * as a browser does, are not counted as guesses while the first is heard. */
static enum gate_verdict
verify(struct gate *gate, const char *secret,
       const unsigned char digest[DIGEST], struct bucket *bucket,
       int64_t now_ms)
{
    bool known, heard, right;

    pthread_mutex_lock(&gate->lock);
    known = is_known(gate, digest);
    heard = !known && reserve(gate, bucket, now_ms);
    pthread_mutex_unlock(&gate->lock);
    if (known)
        return GATE_PASS;
    if (!heard)
        return GATE_THROTTLED;
    right = secrets_match(gate->secrets, secret);
    if (!right)
        return GATE_WRONG;
    pthread_mutex_lock(&gate->lock);
    remember(gate, digest);
    gate->all.left++;
    bucket->left++;
    pthread_mutex_unlock(&gate->lock);
    return GATE_PASS;
}

enum gate_verdict
gate_judge(struct gate *gate, const char *authorization,
           const unsigned char peer[16], int64_t now_ms)
{
    char secret[SERVE_SECRET_MAX + 1];
    unsigned char digest[DIGEST];
    enum gate_verdict verdict = GATE_PASS;
    bool known;

    if (authorization == NULL || !gate_secret_of(authorization, secret))
        return GATE_ASK;
    digest_of(gate, secret, strlen(secret), digest);
    pthread_mutex_lock(&gate->lock);
    known = is_known(gate, digest);
    pthread_mutex_unlock(&gate->lock);
    if (!known) {
        pthread_mutex_lock(&gate->slow);
        verdict = verify(gate, secret, digest, bucket_of(gate, peer), now_ms);
        pthread_mutex_unlock(&gate->slow);
    }
    explicit_bzero(secret, sizeof(secret));
    return verdict;
}
