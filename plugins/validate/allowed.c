#include "allowed.h"

#include <assert.h>

static uint64_t
mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 32);
}

/* Only the schema's own values fill the table, so nobody who sends data can
 * choose them to collide.  Words may overlap: all that matters is that equal
 * bytes give equal words. */
static uint64_t
hash_of(const unsigned char *bytes, size_t length)
{
    uint64_t word, hash = length;
    uint32_t low = 0, high = 0;

    if (length < 4) {
        for (size_t i = 0; i < length; i++)
            low = low << 8 | bytes[i];
        return mix(hash, low);
    }
    if (length < 8) {
        memcpy(&low, bytes, sizeof(low));
        memcpy(&high, bytes + length - sizeof(high), sizeof(high));
        return mix(hash, (uint64_t)high << 32 | low);
    }
    for (size_t i = 0; i + sizeof(word) < length; i += sizeof(word)) {
        memcpy(&word, bytes + i, sizeof(word));
        hash = mix(hash, word);
    }
    memcpy(&word, bytes + length - sizeof(word), sizeof(word));
    return mix(hash, word);
}

/* Where the bytes stand, or the free place where they belong. */
static struct key **
place_of(const struct allowed *allowed, const unsigned char *bytes,
         size_t length)
{
    size_t at = (size_t)hash_of(bytes, length) & allowed->mask;

    for (;; at = (at + 1) & allowed->mask) {
        const struct key *key = allowed->keys[at];

        if (key == NULL ||
            (key->length == length &&
             (length == 0 || memcmp(key->bytes, bytes, length) == 0)))
            return &allowed->keys[at];
    }
}

void
allowed_prepare(struct allowed *allowed, struct fb_step *step, struct key *keys,
                size_t count)
{
    size_t places = 4;

    *allowed = (struct allowed){.count = count};
    if (count == 0)
        return;
    while (places < count * 2)
        places *= 2;
    allowed->keys = fb_alloc(step, places * sizeof(struct key *));
    allowed->mask = places - 1;
    for (size_t i = 0; i < count; i++)
        *place_of(allowed, keys[i].bytes, keys[i].length) = &keys[i];
}

bool
allowed_has(const struct allowed *allowed, const unsigned char *bytes,
            size_t length)
{
    assert(allowed->count > 0);
    return *place_of(allowed, bytes, length) != NULL;
}
