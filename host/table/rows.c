/*
 * table/rows.c: the rows of a table, one object after the other.  Whoever
 * wants a batch takes the next piece under the lock and makes the batch of it
 * outside, so that as many threads work as an engine has.
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "table/internal.h"
#include "util/error.h"
#include "util/mem.h"

/* An object that is being read; it lives until its last piece is a batch. */
struct opened {
    struct table_object object;
    struct arena *arena;
    uint32_t *from;                 /* which of its columns is which of ours */
    struct fb_cell *partitions;     /* one a key */
    struct reader_tools *tools[64]; /* not in use */
    uint32_t tools_count;
    uint32_t users; /* who makes batches, and the rows while it is read */
};

struct rows {
    struct fb_rows pub; /* first */
    struct table *table;
    struct arena *arena;
    struct fb_list uris;
    pthread_mutex_t lock;
    /* Under the lock. */
    size_t next;
    struct opened *current; /* NULL: none is open */
    bool failed;
    struct fb_error error;
};

static void
opened_free(struct opened *opened)
{
    for (uint32_t i = 0; i < opened->tools_count; i++)
        reader_tools_free(opened->tools[i]);
    table_object_free(&opened->object);
    free(opened->from);
    free(opened->partitions);
    arena_free(opened->arena);
    free(opened);
}

/* Under the lock. */
static void
opened_leave(struct opened *opened)
{
    assert(opened->users > 0);
    if (--opened->users == 0)
        opened_free(opened);
}

static int
open_next(struct rows *rows, struct fb_error *err)
{
    const struct table *table = rows->table;
    const char *uri = rows->uris.items[rows->next++];
    const struct columns *own = &table->schema->columns;
    struct opened *opened = mem_zalloc(sizeof(*opened));

    opened->arena = arena_new();
    opened->users = 1;
    opened->from = mem_array(table->columns->count + 1, sizeof(uint32_t));
    opened->partitions =
        mem_array(table->config->partition_count + 1, sizeof(struct fb_cell));
    if (table_partition_cells(table, uri, opened->arena, opened->partitions,
                              err) != 0 ||
        table_object_open(table, uri, table->schema, &opened->object, err) !=
            0 ||
        table_object_match(table, &opened->object, own, own->count,
                           opened->from, err) != 0) {
        opened_free(opened);
        return -1;
    }
    for (uint32_t i = own->count; i < table->columns->count; i++)
        opened->from[i] = FB_NEW;
    rows->current = opened;
    return 0;
}

/* The object has no more: its step is done, but batches may still be made. */
static void
retire(struct rows *rows)
{
    step_close(rows->current->object.step);
    opened_leave(rows->current);
    rows->current = NULL;
}

/* --- batches -------------------------------------------------------------- */

/* A row left out of a table would be left out of every sum. */
static int
refuse_rejects(const struct rows *rows, const struct opened *opened,
               struct batch *batch, struct fb_error *err)
{
    struct batch *rejects = batch_take_rejects(batch);
    const struct reject *first;

    if (rejects == NULL)
        return 0;
    first = batch_reject_of(rejects, 0);
    fb_fail(err, FB_E_INPUT, "'%s': line %llu: %s", opened->object.config.uri,
            (unsigned long long)first->line, first->message);
    fb_hint(err,
            "the table '%s' would lack this row; let a pipeline sort out "
            "such rows before",
            rows->table->config->name);
    batch_free(rejects);
    return -1;
}

/* The table's columns, in its order, with those of the path. */
static int
take_shape(const struct rows *rows, const struct opened *opened,
           struct batch *batch, struct fb_error *err)
{
    const struct table *table = rows->table;
    uint32_t own = table->schema->columns.count, count = batch_rows(batch);

    for (uint32_t i = 0; i < table->config->partition_count; i++) {
        const struct fb_cell *value = &opened->partitions[i];
        struct fb_cell *cells =
            batch_alloc(batch, (count + 1) * sizeof(*cells));
        unsigned char *text = batch_alloc(batch, value->len + (size_t)1);

        memcpy(text, value->ptr, value->len);
        for (uint32_t row = 0; row < count; row++)
            cells[row] = (struct fb_cell){text, value->len, value->flags};
        batch_set(batch, own + i, cells);
    }
    if (batch_reshape(batch, table->columns, opened->from, err) != 0)
        return -1;
    batch_forget_origin(batch);
    return 0;
}

static int
finish_batch(const struct rows *rows, const struct opened *opened,
             struct batch *batch, struct fb_error *err)
{
    if (refuse_rejects(rows, opened, batch, err) != 0 ||
        take_shape(rows, opened, batch, err) != 0)
        return -1;
    batch_set_name(batch, opened->object.config.uri);
    return 0;
}

/* --- the next one --------------------------------------------------------- */

/* What one call got under the lock. */
struct taken {
    struct opened *opened;
    struct piece *piece;        /* to be made a batch with the tools; or */
    struct reader_tools *tools; /* NULL: new ones are needed */
    struct batch *batch;        /* a batch already */
};

static int
take_from_current(struct rows *rows, struct taken *taken, struct fb_error *err)
{
    struct opened *current = rows->current;

    if (current->object.reader == NULL)
        return coded_reader_next(current->object.coded, &taken->batch, err);
    if (reader_cut(current->object.reader, &taken->piece, err) != 0)
        return -1;
    if (taken->piece != NULL && current->tools_count > 0)
        taken->tools = current->tools[--current->tools_count];
    return 0;
}

/* Under the lock: the next piece or batch of any object; none at the end. */
static int
take(struct rows *rows, struct taken *taken, struct fb_error *err)
{
    while (rows->current != NULL || rows->next < rows->uris.count) {
        if (rows->current == NULL && open_next(rows, err) != 0)
            return -1;
        if (take_from_current(rows, taken, err) != 0)
            return -1;
        if (taken->piece != NULL || taken->batch != NULL) {
            taken->opened = rows->current;
            rows->current->users++;
            return 0;
        }
        retire(rows);
    }
    return 0;
}

static void
give_back(struct rows *rows, struct taken *taken)
{
    struct opened *opened = taken->opened;

    pthread_mutex_lock(&rows->lock);
    if (taken->tools != NULL && opened->tools_count < ARRAY_SIZE(opened->tools))
        opened->tools[opened->tools_count++] = taken->tools;
    else
        reader_tools_free(taken->tools);
    opened_leave(opened);
    pthread_mutex_unlock(&rows->lock);
}

static int
make(struct rows *rows, struct taken *taken, struct batch **batch,
     struct fb_error *err)
{
    const struct reader *reader = taken->opened->object.reader;
    int status = 0;

    *batch = taken->batch;
    if (taken->piece != NULL) {
        if (taken->tools == NULL)
            taken->tools = reader_tools_new(reader);
        status = reader_make(reader, taken->tools, taken->piece, batch, err);
    }
    if (status == 0 && *batch != NULL)
        status = finish_batch(rows, taken->opened, *batch, err);
    if (status != 0) {
        batch_free(*batch);
        *batch = NULL;
    }
    give_back(rows, taken);
    return status;
}

/* The first error is everybody's. */
static int
fail(struct rows *rows, struct fb_error *err)
{
    pthread_mutex_lock(&rows->lock);
    if (!rows->failed) {
        error_context(err, "table '%s'", rows->table->config->name);
        rows->failed = true;
        rows->error = *err;
    }
    *err = rows->error;
    pthread_mutex_unlock(&rows->lock);
    return -1;
}

int
rows_next(struct fb_rows *pub, struct fb_batch **batch, struct fb_error *err)
{
    struct rows *rows = (struct rows *)pub;
    struct batch *made = NULL;

    *batch = NULL;
    do {
        struct taken taken = {.opened = NULL};
        int status = -1;

        pthread_mutex_lock(&rows->lock);
        if (rows->failed)
            *err = rows->error;
        else
            status = take(rows, &taken, err);
        pthread_mutex_unlock(&rows->lock);
        if (status != 0)
            return fail(rows, err);
        if (taken.opened == NULL)
            return 0;
        if (make(rows, &taken, &made, err) != 0)
            return fail(rows, err);
    } while (made == NULL);
    *batch = batch_public(made);
    return 0;
}

int
rows_open(struct table *table, struct fb_rows **pub, struct fb_error *err)
{
    struct rows *rows = mem_zalloc(sizeof(*rows));

    assert(table->known);
    rows->table = table;
    rows->arena = arena_new();
    pthread_mutex_init(&rows->lock, NULL);
    *pub = &rows->pub;
    if (table_list(table, rows->arena, &rows->uris, err) == 0)
        return 0;
    rows_close(&rows->pub);
    *pub = NULL;
    return error_context(err, "table '%s'", table->config->name);
}

void
rows_close(struct fb_rows *pub)
{
    struct rows *rows = (struct rows *)pub;

    if (rows->current != NULL)
        opened_leave(rows->current);
    pthread_mutex_destroy(&rows->lock);
    arena_free(rows->arena);
    free(rows);
}
