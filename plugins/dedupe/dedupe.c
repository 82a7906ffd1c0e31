/*
 * dedupe.c: of the rows with the same key, one goes on: the first or the
 * last.  Keys are compared by their values, never by a hash alone.
 *
 * The first can be told at once.  For the last, rows wait on disk until all
 * have been seen, then go on in their own order.
 */
#include <assert.h>

#include "forebay/plugin.h"
#include "shared/keys.h"
#include "shared/tuple.h"

enum { FIRST = 1, LAST };

struct dedupe {
    struct fb_list key;
    int keep;
    int64_t memory;

    struct tuple tuple; /* the key at hand */
    struct keys *seen;  /* each with the number of its last row */
    uint64_t room;      /* bytes left of memory */
    uint64_t row;       /* number of the next row */
};

static int
dedupe_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct dedupe *dedupe = self;
    uint32_t *columns;

    if (dedupe->key.count == 0)
        return fb_bad_option(step, err, "key", 0,
                             "'key' is empty: it names the columns that must "
                             "differ");
    columns = fb_alloc(step, dedupe->key.count * sizeof(*columns));
    for (size_t i = 0; i < dedupe->key.count; i++)
        if (fb_column_find(step, "key", i, dedupe->key.items[i], &columns[i],
                           err) != 0)
            return -1;
    dedupe->tuple = (struct tuple){.columns = columns,
                                   .count = dedupe->key.count,
                                   .max = (size_t)dedupe->memory};
    return 0;
}

static int
dedupe_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct dedupe *dedupe = self;

    (void)step;
    dedupe->room = (uint64_t)dedupe->memory;
    dedupe->row = 0;
    dedupe->seen = keys_new(&dedupe->room);
    if (dedupe->seen != NULL)
        return 0;
    return fb_fail(err, FB_E_FAILED, "cannot remember keys: out of memory");
}

static void
dedupe_close(void *self, struct fb_step *step)
{
    struct dedupe *dedupe = self;

    (void)step;
    keys_free(dedupe->seen);
    tuple_release(&dedupe->tuple);
    dedupe->seen = NULL;
}

static int
remember(struct dedupe *dedupe, const struct fb_batch *batch, uint32_t row,
         struct fb_error *err)
{
    if (keys_add(dedupe->seen, dedupe->tuple.bytes, dedupe->tuple.length,
                 dedupe->row) == 0)
        return 0;
    fb_fail(err, FB_E_LIMIT,
            "at line %llu: the keys so far do not fit into %lld bytes of "
            "memory",
            (unsigned long long)fb_batch_line(batch, row),
            (long long)dedupe->memory);
    return fb_hint(err, "raise 'memory', or cut the input up by the key");
}

/* Each row's key is remembered with the row's number.  *keep gets the rows
 * whose key is new. */
static int
note_rows(struct dedupe *dedupe, struct fb_batch *batch,
          const struct tuple_view *view, uint64_t *keep, struct fb_error *err)
{
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);

    for (uint32_t row = 0; row < rows; row++) {
        uint64_t *number;

        if (!fb_bit(selection, row))
            continue;
        if (tuple_make(&dedupe->tuple, view, row, err) != 0)
            return -1;
        number =
            keys_find(dedupe->seen, dedupe->tuple.bytes, dedupe->tuple.length);
        if (number != NULL) {
            *number = dedupe->row;
        } else {
            if (remember(dedupe, batch, row, err) != 0)
                return -1;
            fb_bit_set(keep, row);
        }
        dedupe->row++;
    }
    return 0;
}

/* The second look: a row stays when it is the last one of its key. */
static int
find_last(struct dedupe *dedupe, struct fb_batch *batch,
          const struct tuple_view *view, uint64_t *keep, struct fb_error *err)
{
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);

    for (uint32_t row = 0; row < rows; row++) {
        const uint64_t *number;

        if (!fb_bit(selection, row))
            continue;
        if (tuple_make(&dedupe->tuple, view, row, err) != 0)
            return -1;
        number =
            keys_find(dedupe->seen, dedupe->tuple.bytes, dedupe->tuple.length);
        if (number == NULL)
            return fb_fail(err, FB_E_BUG,
                           "a row came back from disk with another key");
        if (*number == dedupe->row++)
            fb_bit_set(keep, row);
    }
    return 0;
}

static uint64_t *
new_bits(struct fb_batch *batch)
{
    size_t size = FB_WORDS(fb_batch_rows(batch)) * sizeof(uint64_t);
    uint64_t *bits = fb_batch_alloc(batch, size);

    memset(bits, 0, size);
    return bits;
}

static int
dedupe_process(void *self, struct fb_step *step, struct fb_batch *batch,
               struct fb_error *err)
{
    struct dedupe *dedupe = self;
    uint64_t *keep = new_bits(batch);
    struct tuple_view view;

    if (tuple_view(&dedupe->tuple, step, batch, &view, err) != 0 ||
        note_rows(dedupe, batch, &view, keep, err) != 0)
        return -1;
    if (dedupe->keep == FIRST) {
        fb_batch_filter(batch, keep);
        return 0;
    }
    return fb_spool_put(step, batch, err) == 0 ? FB_HOLD : -1;
}

static int
dedupe_flush(void *self, struct fb_step *step, struct fb_error *err)
{
    struct dedupe *dedupe = self;
    struct fb_batch *batch;

    assert(dedupe->seen != NULL);
    dedupe->row = 0;
    while (fb_spool_next(step, &batch, err) == 0) {
        struct tuple_view view;
        uint64_t *keep;

        if (batch == NULL)
            return 0;
        keep = new_bits(batch);
        if (tuple_view(&dedupe->tuple, step, batch, &view, err) != 0 ||
            find_last(dedupe, batch, &view, keep, err) != 0) {
            fb_batch_free(batch);
            return -1;
        }
        fb_batch_filter(batch, keep);
        if (fb_emit(step, batch, err) != 0)
            return -1;
    }
    return -1;
}

static const char *const keep_choices[] = {"first", "last", NULL};

static const struct fb_option dedupe_options[] = {
    {.name = "key",
     FB_LIST(struct dedupe, key),
     .flags = FB_REQUIRED,
     .help = "The columns that make two rows the same when all of them are "
             "equal."},
    {.name = "keep",
     FB_ENUM(struct dedupe, keep),
     .def = "first",
     .choices = keep_choices,
     .help = "Which of several rows with the same key goes on."},
    {.name = "memory",
     FB_SIZE(struct dedupe, memory),
     .def = "64MiB",
     .min = 262144,
     .max = INT64_C(1) << 40,
     .help = "How much memory the keys may take; beyond it the run fails."},
    {.name = NULL},
};

static const struct fb_plugin dedupe_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "dedupe",
    .summary = "Lets one of the rows with the same key through.",
    .options = dedupe_options,
    .instance_size = sizeof(struct dedupe),
    .bind = dedupe_bind,
    .open = dedupe_open,
    .process = dedupe_process,
    .flush = dedupe_flush,
    .close = dedupe_close,
};

FB_PROVIDES("transform dedupe");
FB_PLUGINS(&dedupe_plugin);
