#include "fetch.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/buf.h"
#include "range.h"
#include "thread.h"

/* A part's buffer; part N uses slot N % slot_count. */
struct slot {
    unsigned char *bytes; /* owned */
    uint64_t part;
    size_t filled; /* bytes, good ones */
};

struct fetch {
    struct range_source source;
    uint64_t size; /* bytes */
    size_t part_size;
    uint64_t part_count;

    pthread_mutex_t lock; /* for all below, but a slot's bytes */
    pthread_cond_t arrived, freed;
    struct slot *slots;
    int slot_count, thread_count;
    pthread_t *threads;
    uint64_t next;    /* part that no thread has taken */
    uint64_t current; /* part being read */
    bool stop;        /* closed, or failed */
    struct fb_error err;

    /* the reader's own */
    size_t taken; /* bytes of the current part */
    struct aws_checksum sum;
    const struct object *object;
    bool verified;
};

/* What the write callback of one part needs. */
struct arrival {
    struct fetch *fetch;
    struct slot *slot;
};

static size_t
part_length(const struct fetch *fetch, uint64_t part)
{
    uint64_t left = fetch->size - part * fetch->part_size;

    assert(part < fetch->part_count);
    return left < fetch->part_size ? (size_t)left : fetch->part_size;
}

/* The reader looks at bytes below `filled` only, so the copy needs no lock. */
static int
arrive(void *arg, const unsigned char *bytes, size_t size, struct fb_error *err)
{
    const struct arrival *arrival = arg;
    struct fetch *fetch = arrival->fetch;
    struct slot *slot = arrival->slot;
    bool stop;

    assert(size <= fetch->part_size - slot->filled);
    memcpy(slot->bytes + slot->filled, bytes, size);
    pthread_mutex_lock(&fetch->lock);
    slot->filled += size;
    stop = fetch->stop;
    pthread_cond_signal(&fetch->arrived);
    pthread_mutex_unlock(&fetch->lock);
    return stop ? fb_fail(err, FB_E_CANCELLED, "nobody reads on") : 0;
}

static int
get_part(struct fetch *fetch, uint64_t part, struct slot *slot,
         struct fb_error *err)
{
    struct arrival arrival = {.fetch = fetch, .slot = slot};
    const struct range range = {
        .first = part * fetch->part_size,
        .length = part_length(fetch, part),
        .total = fetch->size,
    };

    if (slot->bytes == NULL)
        slot->bytes =
            malloc(fetch->part_count == 1 ? range.length : fetch->part_size);
    if (slot->bytes == NULL)
        return fb_fail(err, FB_E_FAILED, "cannot read '%s': out of memory",
                       fetch->source.store->uri);
    return range_get(&fetch->source, &range, arrive, &arrival, err);
}

/* Wait until there is room for a part, and take it; false: nothing is left.
 * Called with the lock held. */
static bool
take_part(struct fetch *fetch, uint64_t *part)
{
    while (!fetch->stop && fetch->next < fetch->part_count &&
           fetch->next >= fetch->current + (uint64_t)fetch->slot_count)
        pthread_cond_wait(&fetch->freed, &fetch->lock);
    if (fetch->stop || fetch->next == fetch->part_count)
        return false;
    *part = fetch->next++;
    return true;
}

static void *
work(void *arg)
{
    struct fetch *fetch = arg;
    uint64_t part;

    pthread_mutex_lock(&fetch->lock);
    while (take_part(fetch, &part)) {
        struct slot *slot = &fetch->slots[part % (uint64_t)fetch->slot_count];
        struct fb_error err = {.code = FB_E_NONE};
        int status;

        slot->part = part;
        slot->filled = 0;
        pthread_mutex_unlock(&fetch->lock);
        status = get_part(fetch, part, slot, &err);
        pthread_mutex_lock(&fetch->lock);
        if (status == 0)
            continue;
        if (!fetch->stop)
            fetch->err = err;
        fetch->stop = true;
        pthread_cond_broadcast(&fetch->freed);
        pthread_cond_signal(&fetch->arrived);
    }
    pthread_mutex_unlock(&fetch->lock);
    return NULL;
}

static struct fetch *
fetch_new(const struct store *store, const char *key,
          const struct object *object, size_t part_size)
{
    struct fetch *fetch = aws_alloc(sizeof(*fetch));

    *fetch = (struct fetch){
        .source = {.store = store, .key = key, .object = object},
        .size = object->size,
        .part_size = part_size,
        .part_count = (object->size + part_size - 1) / part_size,
        .object = object,
    };
    pthread_mutex_init(&fetch->lock, NULL);
    pthread_cond_init(&fetch->arrived, NULL);
    pthread_cond_init(&fetch->freed, NULL);
    if (object->checksum_kind != 0)
        aws_checksum_init(&fetch->sum, object->checksum_kind);
    return fetch;
}

int
fetch_open(const struct store *store, const char *key,
           const struct object *object, size_t part_size, int parallel,
           struct fetch **result, struct fb_error *err)
{
    struct fetch *fetch = fetch_new(store, key, object, part_size);
    int wanted = parallel;

    assert(part_size > 0 && parallel > 0);
    *result = fetch;
    if (fetch->part_count < (uint64_t)parallel)
        wanted = (int)fetch->part_count;
    if (wanted == 0)
        return 0;
    fetch->slot_count = wanted;
    fetch->slots = aws_alloc((size_t)wanted * sizeof(*fetch->slots));
    fetch->threads = aws_alloc((size_t)wanted * sizeof(*fetch->threads));
    if (thread_start(fetch->threads, wanted, work, fetch, &fetch->thread_count,
                     err) == 0)
        return 0;
    fetch_close(fetch);
    *result = NULL;
    return -1;
}

/* Wait for bytes of the current part; how many there are beyond those taken.
 * 0: never any more. */
static size_t
await(struct fetch *fetch)
{
    struct slot *slot =
        &fetch->slots[fetch->current % (uint64_t)fetch->slot_count];
    size_t ready = 0;

    pthread_mutex_lock(&fetch->lock);
    for (;;) {
        if (fetch->next > fetch->current && slot->part == fetch->current)
            ready = slot->filled - fetch->taken;
        if (ready > 0 || fetch->stop)
            break;
        pthread_cond_wait(&fetch->arrived, &fetch->lock);
    }
    pthread_mutex_unlock(&fetch->lock);
    return ready;
}

static void
advance(struct fetch *fetch)
{
    pthread_mutex_lock(&fetch->lock);
    fetch->current++;
    fetch->taken = 0;
    pthread_cond_broadcast(&fetch->freed);
    pthread_mutex_unlock(&fetch->lock);
}

static int
verify(struct fetch *fetch, struct fb_error *err)
{
    char text[AWS_CHECKSUM_TEXT_MAX];

    if (fetch->verified || fetch->object->checksum_kind == 0)
        return 0;
    aws_checksum_text(&fetch->sum, text);
    fetch->verified = true;
    if (strcmp(text, fetch->object->checksum) == 0)
        return 0;
    fb_fail(&fetch->err, FB_E_UNAVAILABLE,
            "'%s' did not arrive as it is stored: the %s of what came is %s, "
            "the store has %s",
            fetch->source.store->uri,
            aws_checksum_name(fetch->object->checksum_kind), text,
            fetch->object->checksum);
    fetch->stop = true;
    *err = fetch->err;
    return -1;
}

int
fetch_read(struct fetch *fetch, unsigned char *bytes, size_t size, size_t *got,
           struct fb_error *err)
{
    const struct slot *slot;
    size_t ready;

    *got = 0;
    if (fetch->current == fetch->part_count)
        return verify(fetch, err);
    ready = await(fetch);
    if (ready == 0) {
        assert(fetch->err.code != FB_E_NONE);
        *err = fetch->err;
        return -1;
    }
    slot = &fetch->slots[fetch->current % (uint64_t)fetch->slot_count];
    *got = ready < size ? ready : size;
    memcpy(bytes, slot->bytes + fetch->taken, *got);
    if (fetch->object->checksum_kind != 0)
        aws_checksum_add(&fetch->sum, bytes, *got);
    fetch->taken += *got;
    if (fetch->taken == part_length(fetch, fetch->current))
        advance(fetch);
    return 0;
}

void
fetch_close(struct fetch *fetch)
{
    if (fetch == NULL)
        return;
    pthread_mutex_lock(&fetch->lock);
    fetch->stop = true;
    pthread_cond_broadcast(&fetch->freed);
    pthread_mutex_unlock(&fetch->lock);
    thread_join(fetch->threads, fetch->thread_count);
    for (int i = 0; i < fetch->slot_count; i++)
        free(fetch->slots[i].bytes);
    if (fetch->object->checksum_kind != 0)
        aws_checksum_release(&fetch->sum);
    pthread_cond_destroy(&fetch->arrived);
    pthread_cond_destroy(&fetch->freed);
    pthread_mutex_destroy(&fetch->lock);
    free(fetch->slots);
    free(fetch->threads);
    free(fetch);
}
