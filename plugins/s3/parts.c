#include "parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "part.h"
#include "s3.h"
#include "sizes.h"
#include "thread.h"
#include "upload.h"

struct parts {
    const struct target *target;
    struct upload upload;
    size_t part_size; /* the first */
    int parallel;

    pthread_mutex_t lock; /* for all below */
    pthread_cond_t queued, done;
    struct part *list; /* in order; list[0] is part 1 */
    int count;         /* given to parts_send */
    int capacity;
    int next;      /* index of the first that no thread has taken */
    int under_way; /* sent or waiting for it */
    bool stop;     /* nothing more is to be sent */
    struct fb_error err;
    struct part_buffer *spare; /* of parts that have arrived */
    int spare_count;

    pthread_t *threads;
    int thread_count;
    bool joined;
};

/* How many buffers of a size there may be, the one being filled with them. */
static int
buffers_allowed(const struct parts *parts, size_t size)
{
    size_t budget = (size_t)(parts->parallel + 1) * parts->part_size;
    size_t count = budget / size;

    return count < 2 ? 2 : (int)count;
}

/* What is given back to the system comes anew page by page, so every buffer
 * is kept: there are never more than parallel + 1. */
static void
keep_spare(struct parts *parts, struct part_buffer *buffer)
{
    assert(parts->spare_count <= parts->parallel);
    parts->spare[parts->spare_count++] = *buffer;
    buffer->bytes = NULL;
}

static unsigned char *
take_spare(struct parts *parts, size_t capacity)
{
    while (parts->spare_count > 0) {
        struct part_buffer *spare = &parts->spare[--parts->spare_count];

        if (spare->capacity == capacity)
            return spare->bytes;
        free(spare->bytes);
    }
    return malloc(capacity);
}

/* The record may move while the part is sent: workers send a copy. */
static void
send_next(struct parts *parts)
{
    int index = parts->next++;
    struct part part = parts->list[index];
    struct fb_error err = {.code = FB_E_NONE};
    int status;

    pthread_mutex_unlock(&parts->lock);
    status = part_send(parts->target, parts->upload.id, &part, &err);
    pthread_mutex_lock(&parts->lock);
    keep_spare(parts, &part.buffer);
    parts->list[index] = part;
    parts->under_way--;
    if (status != 0 && !parts->stop) {
        parts->err = err;
        parts->stop = true;
    }
    pthread_cond_broadcast(&parts->done);
    pthread_cond_broadcast(&parts->queued);
}

static void *
work(void *arg)
{
    struct parts *parts = arg;

    pthread_mutex_lock(&parts->lock);
    for (;;) {
        while (!parts->stop && parts->next == parts->count)
            pthread_cond_wait(&parts->queued, &parts->lock);
        if (parts->stop)
            break;
        send_next(parts);
    }
    pthread_mutex_unlock(&parts->lock);
    return NULL;
}

static int
begin(struct parts *parts, struct fb_error *err)
{
    const struct target *target = parts->target;
    struct aws_response response = {0};
    int status =
        upload_begin(&parts->upload, "begin to write", &target->headers,
                     target->content_type, &response, err);

    if (status != 0)
        status = target_refused(target, &response, err);
    aws_response_release(&response);
    return status;
}

int
parts_open(const struct target *target, size_t part_size, int parallel,
           struct parts **result, struct fb_error *err)
{
    struct parts *parts = aws_alloc(sizeof(*parts));

    assert(parallel > 0 && part_size >= (size_t)S3_PART_MIN);
    *parts = (struct parts){
        .target = target, .part_size = part_size, .parallel = parallel};
    /* commit_object looks before it repeats. */
    parts->upload = (struct upload){.store = target->store,
                                    .key = target->key,
                                    .action = target->action,
                                    .checksum = target->checksum,
                                    .must_be_new = target->must_be_new,
                                    .repeats = false};
    pthread_mutex_init(&parts->lock, NULL);
    pthread_cond_init(&parts->queued, NULL);
    pthread_cond_init(&parts->done, NULL);
    parts->threads = aws_alloc((size_t)parallel * sizeof(*parts->threads));
    parts->spare = aws_alloc(((size_t)parallel + 1) * sizeof(*parts->spare));
    *result = parts;
    if (begin(parts, err) != 0)
        return -1;
    return thread_start(parts->threads, parallel, work, parts,
                        &parts->thread_count, err);
}

static void
append(struct parts *parts, struct part_buffer *buffer)
{
    if (parts->count == parts->capacity) {
        int wanted = parts->capacity == 0 ? 64 : parts->capacity * 2;
        struct part *list = aws_alloc((size_t)wanted * sizeof(*list));

        if (parts->count > 0)
            memcpy(list, parts->list, (size_t)parts->count * sizeof(*list));
        free(parts->list);
        parts->list = list;
        parts->capacity = wanted;
    }
    parts->list[parts->count] =
        (struct part){.number = parts->count + 1, .buffer = *buffer};
    parts->count++;
    parts->under_way++;
    buffer->bytes = NULL;
    pthread_cond_signal(&parts->queued);
}

static int
check_count(const struct parts *parts, struct fb_error *err)
{
    if (parts->count < S3_PARTS_MAX)
        return 0;
    fb_fail(err, FB_E_LIMIT, "cannot write '%s': it needs more than %d parts",
            parts->target->store->uri, S3_PARTS_MAX);
    return fb_hint(err, "begin with a larger 'part_size'");
}

int
parts_send(struct parts *parts, struct part_buffer *buffer,
           struct fb_error *err)
{
    size_t size;
    int status = -1;

    assert(buffer->bytes != NULL && buffer->filled > 0);
    if (check_count(parts, err) != 0)
        return -1;
    pthread_mutex_lock(&parts->lock);
    append(parts, buffer);
    size = sizes_part(parts->part_size, parts->count + 1);
    while (!parts->stop && parts->under_way >= buffers_allowed(parts, size))
        pthread_cond_wait(&parts->done, &parts->lock);
    if (parts->stop) {
        *err = parts->err;
    } else {
        *buffer = (struct part_buffer){.bytes = take_spare(parts, size),
                                       .capacity = size};
        status = 0;
    }
    pthread_mutex_unlock(&parts->lock);
    if (status == 0 && buffer->bytes == NULL)
        return fb_fail(err, FB_E_FAILED, "cannot write '%s': out of memory",
                       parts->target->store->uri);
    return status;
}

static void
sum_up(const struct parts *parts, struct content *content)
{
    struct aws_checksum sum = {.kind = parts->target->checksum};

    *content = (struct content){.size = 0};
    for (int i = 0; i < parts->count; i++) {
        const struct part *part = &parts->list[i];

        if (i == 0)
            sum = part->sum;
        else if (sum.kind != 0)
            aws_checksum_join(&sum, &part->sum, part->size);
        content->size += part->size;
    }
    if (sum.kind != 0)
        aws_checksum_text(&sum, content->checksum);
}

int
parts_wait(struct parts *parts, struct content *content, struct fb_error *err)
{
    bool failed;

    pthread_mutex_lock(&parts->lock);
    while (!parts->stop && parts->under_way > 0)
        pthread_cond_wait(&parts->done, &parts->lock);
    failed = parts->stop;
    pthread_mutex_unlock(&parts->lock);
    parts_stop(parts);
    if (failed) {
        assert(parts->err.code != FB_E_NONE);
        *err = parts->err;
        return -1;
    }
    sum_up(parts, content);
    return 0;
}

int
parts_complete(struct parts *parts, const struct content *content,
               struct aws_response *response, struct fb_error *err)
{
    assert(parts->joined);
    return upload_finish(&parts->upload, "finish writing", parts->list,
                         parts->count, content, response, err);
}

void
parts_stop(struct parts *parts)
{
    if (parts->joined)
        return;
    pthread_mutex_lock(&parts->lock);
    parts->stop = true;
    pthread_cond_broadcast(&parts->queued);
    pthread_mutex_unlock(&parts->lock);
    thread_join(parts->threads, parts->thread_count);
    parts->joined = true;
}

const char *
parts_upload_id(const struct parts *parts)
{
    return parts->upload.id;
}

void
parts_close(struct parts *parts)
{
    if (parts == NULL)
        return;
    parts_stop(parts);
    for (int i = 0; i < parts->count; i++)
        part_release(&parts->list[i]);
    while (parts->spare_count > 0)
        free(parts->spare[--parts->spare_count].bytes);
    pthread_cond_destroy(&parts->queued);
    pthread_cond_destroy(&parts->done);
    pthread_mutex_destroy(&parts->lock);
    upload_release(&parts->upload);
    free(parts->threads);
    free(parts->spare);
    free(parts->list);
    free(parts);
}
