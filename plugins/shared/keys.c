#include "shared/keys.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#define SLOTS_MIN 1024
#define CHUNK_SIZE ((size_t)64 * 1024)

struct entry {
    uint64_t number;
    size_t length;
    unsigned char bytes[];
};

struct slot {
    uint64_t hash;
    struct entry *entry; /* NULL: free */
};

/* Entries are never freed one by one, so they are cut from chunks. */
struct chunk {
    struct chunk *next;
    size_t size, used; /* of bytes */
    _Alignas(struct entry) unsigned char bytes[];
};

struct keys {
    struct slot *slots; /* a power of two, at most three quarters used */
    size_t slot_count, used;
    struct chunk *chunks; /* the one in use first */
    uint64_t *room;
    uint64_t secret[2];
};

static uint64_t
rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

static void
sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* SipHash-1-3, https://www.aumasson.jp/siphash/siphash.pdf: an uploader
 * chooses the keys, and without the secret cannot choose them so that all
 * fall into one place of the table. */
static uint64_t
hash_of(const uint64_t secret[2], const unsigned char *bytes, size_t length)
{
    uint64_t v[4] = {secret[0] ^ UINT64_C(0x736f6d6570736575),
                     secret[1] ^ UINT64_C(0x646f72616e646f6d),
                     secret[0] ^ UINT64_C(0x6c7967656e657261),
                     secret[1] ^ UINT64_C(0x7465646279746573)};
    uint64_t word, last = (uint64_t)length << 56;
    size_t i = 0;

    for (; i + 8 <= length; i += 8) {
        memcpy(&word, bytes + i, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (int shift = 0; i < length; i++, shift += 8)
        last |= (uint64_t)bytes[i] << shift;
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int n = 0; n < 3; n++)
        sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct keys *
keys_new(uint64_t *room)
{
    struct keys *keys = calloc(1, sizeof(*keys));

    if (keys == NULL)
        return NULL;
    keys->room = room;
    keys->slot_count = SLOTS_MIN;
    keys->slots = calloc(SLOTS_MIN, sizeof(*keys->slots));
    if (keys->slots == NULL || getrandom(keys->secret, sizeof(keys->secret),
                                         0) != (ssize_t)sizeof(keys->secret)) {
        keys_free(keys);
        return NULL;
    }
    return keys;
}

void
keys_free(struct keys *keys)
{
    if (keys == NULL)
        return;
    while (keys->chunks != NULL) {
        struct chunk *next = keys->chunks->next;

        free(keys->chunks);
        keys->chunks = next;
    }
    free(keys->slots);
    free(keys);
}

/* The key's slot, or the free one where it belongs. */
static struct slot *
slot_of(const struct keys *keys, uint64_t hash, const unsigned char *bytes,
        size_t length)
{
    size_t mask = keys->slot_count - 1, i = (size_t)hash & mask;

    for (;; i = (i + 1) & mask) {
        struct slot *slot = &keys->slots[i];
        const struct entry *entry = slot->entry;

        if (entry == NULL)
            return slot;
        if (slot->hash == hash && entry->length == length &&
            (length == 0 || memcmp(entry->bytes, bytes, length) == 0))
            return slot;
    }
}

uint64_t *
keys_find(const struct keys *keys, const unsigned char *bytes, size_t length)
{
    uint64_t hash = hash_of(keys->secret, bytes, length);
    struct entry *entry = slot_of(keys, hash, bytes, length)->entry;

    return entry == NULL ? NULL : &entry->number;
}

static bool
take(struct keys *keys, uint64_t bytes)
{
    if (bytes > *keys->room)
        return false;
    *keys->room -= bytes;
    return true;
}

static int
grow(struct keys *keys)
{
    size_t old_count = keys->slot_count, count = old_count * 2;
    struct slot *old = keys->slots, *slots;

    if (!take(keys, (uint64_t)old_count * sizeof(*slots)))
        return -1;
    slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return -1;
    keys->slots = slots;
    keys->slot_count = count;
    for (size_t i = 0; i < old_count; i++) {
        size_t at = (size_t)old[i].hash & (count - 1);

        if (old[i].entry == NULL)
            continue;
        while (slots[at].entry != NULL)
            at = (at + 1) & (count - 1);
        slots[at] = old[i];
    }
    free(old);
    return 0;
}

/* NULL: no room.  What a chunk has left when the next begins is lost. */
static struct entry *
entry_new(struct keys *keys, size_t length)
{
    const size_t align = _Alignof(struct entry);
    size_t size = (sizeof(struct entry) + length + align - 1) / align * align;
    struct chunk *chunk = keys->chunks;
    struct entry *entry;

    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t chunk_size = size > CHUNK_SIZE ? size : CHUNK_SIZE;

        if (!take(keys, chunk_size + sizeof(*chunk)))
            return NULL;
        chunk = malloc(sizeof(*chunk) + chunk_size);
        if (chunk == NULL)
            return NULL;
        chunk->next = keys->chunks;
        chunk->size = chunk_size;
        chunk->used = 0;
        keys->chunks = chunk;
    }
    entry = (struct entry *)(void *)(chunk->bytes + chunk->used);
    chunk->used += size;
    return entry;
}

int
keys_add(struct keys *keys, const unsigned char *bytes, size_t length,
         uint64_t number)
{
    uint64_t hash = hash_of(keys->secret, bytes, length);
    struct entry *entry;
    struct slot *slot;

    assert(keys->used < keys->slot_count);
    if (keys->used >= keys->slot_count / 4 * 3 && grow(keys) != 0)
        return -1;
    entry = entry_new(keys, length);
    if (entry == NULL)
        return -1;
    entry->number = number;
    entry->length = length;
    if (length > 0)
        memcpy(entry->bytes, bytes, length);
    slot = slot_of(keys, hash, bytes, length);
    assert(slot->entry == NULL); /* the caller looked */
    *slot = (struct slot){.hash = hash, .entry = entry};
    keys->used++;
    return 0;
}
