/*
 * batch/batch.c: views of rows: selection, shape, rejects.  How a column is
 * made of a block's bytes is slot.c's business, what keeps memory alive is
 * hold.c's.
 */
#include "batch/batch.h"

#include <assert.h>
#include <stdlib.h>

#include "batch/hold.h"
#include "batch/rejects.h"
#include "batch/slot.h"
#include "util/limits.h"
#include "util/mem.h"

struct batch {
    struct fb_batch public; /* first */
    struct hold *hold;
    const struct block *block; /* kept by the hold; NULL: none */
    const struct columns *columns;
    struct slot *slots; /* one a column */
    uint32_t rows;
    uint32_t selected;
    uint64_t *selection;
    uint64_t sequence;
    bool untouched;
    uint64_t filtered, rejected;

    /* Cells given for the next shape; NULL where none were. */
    const struct fb_cell **next;
    uint32_t next_count;

    struct rejects rejects; /* not yet taken */

    /* Of batches without a block: see batch_set_sources. */
    const uint64_t *lines;
    const struct reject *reject_rows;
    const struct block_origin *origin;
    const char *name;
};

static struct batch *
batch_new(struct hold *hold, const struct columns *columns, uint32_t rows,
          uint64_t sequence, const struct fb_host *host)
{
    struct batch *batch = mem_zalloc(sizeof(*batch));
    size_t words = FB_WORDS(rows);

    batch->public.host = host;
    batch->hold = hold;
    batch->columns = columns;
    batch->slots = mem_array(columns->count, sizeof(*batch->slots));
    batch->rows = rows;
    batch->selected = rows;
    batch->sequence = sequence;
    batch->selection = mem_array(words, sizeof(*batch->selection));
    memset(batch->selection, 0xff, words * sizeof(*batch->selection));
    if (rows % 64 != 0)
        batch->selection[words - 1] = ((uint64_t)1 << (rows % 64)) - 1;
    return batch;
}

struct batch *
batch_of_block(struct block *block, const struct columns *columns,
               const struct fb_host *host)
{
    struct batch *batch = batch_new(hold_new(NULL, block), columns, block->rows,
                                    block->sequence, host);

    assert(columns->count == block->column_count);
    for (uint32_t i = 0; i < columns->count; i++)
        batch->slots[i].from = i;
    batch->block = block;
    batch->origin = block->origin;
    batch->untouched = true;
    rejects_add_block(&batch->rejects, block);
    return batch;
}

struct batch *
batch_of_cells(const struct columns *columns, uint32_t rows,
               const struct fb_cell *const *cells, struct arena *arena,
               uint64_t sequence, const struct fb_host *host)
{
    struct batch *batch =
        batch_new(hold_new(arena, NULL), columns, rows, sequence, host);

    for (uint32_t i = 0; i < columns->count; i++) {
        batch->slots[i].from = FB_NEW;
        batch->slots[i].given = cells[i];
    }
    return batch;
}

void
batch_set_sources(struct batch *batch, const uint64_t *lines,
                  const struct reject *rejects,
                  const struct block_origin *origin)
{
    assert(batch->block == NULL);
    batch->lines = lines;
    batch->reject_rows = rejects;
    batch->origin = origin;
}

void
batch_forget_origin(struct batch *batch)
{
    batch->origin = NULL;
}

struct batch *
batch_clone(struct batch *batch)
{
    struct batch *clone =
        batch_new(hold_ref(batch->hold), batch->columns, batch->rows,
                  batch->sequence, batch->public.host);

    memcpy(clone->slots, batch->slots,
           batch->columns->count * sizeof(*batch->slots));
    memcpy(clone->selection, batch->selection,
           FB_WORDS(batch->rows) * sizeof(*batch->selection));
    clone->selected = batch->selected;
    clone->block = batch->block;
    clone->untouched = batch->untouched;
    clone->lines = batch->lines;
    clone->reject_rows = batch->reject_rows;
    clone->origin = batch->origin;
    clone->name = batch->name;
    return clone;
}

void
batch_free(struct batch *batch)
{
    if (batch == NULL)
        return;
    hold_unref(batch->hold);
    free(batch->slots);
    free(batch->selection);
    free(batch->next);
    rejects_release(&batch->rejects);
    free(batch);
}

uint32_t
batch_rows(const struct batch *batch)
{
    return batch->rows;
}

const struct columns *
batch_columns(const struct batch *batch)
{
    return batch->columns;
}

const uint64_t *
batch_selection(const struct batch *batch)
{
    return batch->selection;
}

uint32_t
batch_selected_count(const struct batch *batch)
{
    return batch->selected;
}

uint64_t
batch_line(const struct batch *batch, uint32_t row)
{
    assert(row < batch->rows);
    if (batch->block != NULL)
        return block_line(batch->block, row);
    return batch->lines != NULL ? batch->lines[row] : (uint64_t)row + 1;
}

uint64_t
batch_sequence(const struct batch *batch)
{
    return batch->sequence;
}

void *
batch_alloc(struct batch *batch, size_t size)
{
    return hold_alloc(&batch->hold, size);
}

const struct fb_cell *
batch_cells(struct batch *batch, uint32_t column)
{
    struct slot *slot;

    assert(column < batch->columns->count);
    slot = &batch->slots[column];
    slot_make_cells(slot, batch->block, batch->rows, &batch->columns->missing,
                    &batch->hold);
    return slot->cells;
}

const struct fb_value *
batch_values(struct batch *batch, uint32_t column)
{
    struct slot *slot = &batch->slots[column];

    (void)batch_cells(batch, column);
    slot_make_values(slot, &batch->columns->items[column], batch->rows,
                     batch->selection, &batch->hold);
    return slot->values;
}

const struct fb_value *
batch_values_made(const struct batch *batch, uint32_t column)
{
    assert(column < batch->columns->count);
    return batch->slots[column].values;
}

void
batch_filter(struct batch *batch, const uint64_t *keep)
{
    for (size_t w = 0; w < FB_WORDS(batch->rows); w++) {
        uint64_t gone = batch->selection[w] & ~keep[w];
        uint32_t count = (uint32_t)__builtin_popcountll(gone);

        batch->selection[w] &= keep[w];
        assert(count <= batch->selected);
        batch->selected -= count;
        batch->filtered += count;
    }
}

static void
reject_of_row(struct batch *batch, uint32_t row, struct reject *reject)
{
    uint32_t count = batch->columns->count;
    AUTO_FREE struct fb_cell *cells = mem_array(count, sizeof(*cells));

    for (uint32_t c = 0; c < count; c++)
        cells[c] = batch_cells(batch, c)[row];
    reject_of_cells(reject, cells, count, &batch->hold);
    reject->line = batch_line(batch, row);
}

/* A row of rejects that is rejected again keeps its first origin. */
static void
reject_source(struct batch *batch, uint32_t row, struct reject *reject)
{
    struct block_record record;

    if (batch->block != NULL) {
        record = block_record(batch->block, row);
        reject_of_record(reject, batch->block, &record);
    } else if (batch->reject_rows != NULL) {
        *reject = batch->reject_rows[row];
    } else {
        reject_of_row(batch, row, reject);
    }
}

void
batch_reject(struct batch *batch, uint32_t row, uint32_t column,
             const char *code, const char *message)
{
    struct reject reject = {0};

    assert(row < batch->rows);
    assert(column == FB_NEW || column < batch->columns->count);
    if (!fb_bit(batch->selection, row))
        return;
    fb_bit_clear(batch->selection, row);
    batch->selected--;
    batch->rejected++;
    reject_source(batch, row, &reject);
    reject.code = hold_strdup(&batch->hold, code);
    reject.message = hold_strdup(&batch->hold, message);
    reject.column = NULL;
    if (column != FB_NEW)
        reject.column =
            hold_strdup(&batch->hold, batch->columns->items[column].name);
    rejects_add(&batch->rejects, &reject);
}

void
batch_add_reject(struct batch *batch, const struct reject *reject)
{
    rejects_add(&batch->rejects, reject);
}

uint64_t
batch_filtered_count(const struct batch *batch)
{
    return batch->filtered;
}

uint64_t
batch_rejected_count(const struct batch *batch)
{
    return batch->rejected;
}

void
batch_reset_counts(struct batch *batch)
{
    batch->filtered = 0;
    batch->rejected = 0;
}

void
batch_set(struct batch *batch, uint32_t output_column,
          const struct fb_cell *cells)
{
    uint32_t count = output_column + 1;

    assert(output_column < COLUMNS_MAX);
    if (batch->next_count < count) {
        batch->next = mem_regrow(batch->next, count, sizeof(*batch->next));
        memset(batch->next + batch->next_count, 0,
               (count - batch->next_count) * sizeof(*batch->next));
        batch->next_count = count;
    }
    batch->next[output_column] = cells;
}

static const struct fb_cell *
next_cells(const struct batch *batch, uint32_t column)
{
    return column < batch->next_count ? batch->next[column] : NULL;
}

static int
next_check(const struct batch *batch, const struct columns *columns,
           const uint32_t *from, struct fb_error *err)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        bool given = next_cells(batch, i) != NULL;

        assert(from[i] == FB_NEW || from[i] < batch->columns->count);
        if (given && from[i] != FB_NEW)
            return fb_fail(err, FB_E_BUG,
                           "cannot set column '%s': it is not a new one",
                           columns->items[i].name);
        if (!given && from[i] == FB_NEW && batch->rows > 0)
            return fb_fail(err, FB_E_BUG, "new column '%s' was given no cells",
                           columns->items[i].name);
    }
    for (uint32_t i = columns->count; i < batch->next_count; i++)
        if (batch->next[i] != NULL)
            return fb_fail(err, FB_E_BUG,
                           "cannot set column %u: there are only %u", i,
                           columns->count);
    return 0;
}

static bool
shows_the_block(const struct batch *batch)
{
    if (batch->block == NULL ||
        batch->columns->count != batch->block->column_count)
        return false;
    for (uint32_t i = 0; i < batch->columns->count; i++)
        if (batch->slots[i].from != i)
            return false;
    return true;
}

int
batch_reshape(struct batch *batch, const struct columns *columns,
              const uint32_t *from, struct fb_error *err)
{
    struct slot *slots;

    if (next_check(batch, columns, from, err) != 0)
        return -1;
    slots = mem_array(columns->count, sizeof(*slots));
    for (uint32_t i = 0; i < columns->count; i++) {
        if (from[i] == FB_NEW) {
            slots[i].from = FB_NEW;
            slots[i].given = next_cells(batch, i);
        } else {
            slots[i] = batch->slots[from[i]];
            slot_reuse(&slots[i], batch->columns,
                       &batch->columns->items[from[i]], columns,
                       &columns->items[i]);
        }
    }
    free(batch->slots);
    batch->slots = slots;
    batch->columns = columns;
    batch->next_count = 0;
    batch->untouched = shows_the_block(batch);
    return 0;
}

bool
batch_untouched(const struct batch *batch)
{
    return batch->untouched;
}

const struct block *
batch_block(const struct batch *batch)
{
    return batch->block;
}

uint32_t
batch_block_column(const struct batch *batch, uint32_t column)
{
    assert(column < batch->columns->count);
    return batch->slots[column].from;
}

/* A stream of these rejects, whose memory the hold (taken over) keeps. */
static struct batch *
stream_of_rejects(struct hold *hold, const struct reject *rejects,
                  uint32_t count, const struct batch *like)
{
    struct reject *items = hold_array(&hold, count, sizeof(*items));
    uint64_t *lines = hold_array(&hold, count, sizeof(*lines));
    const struct fb_cell *const *cells;
    struct batch *stream;

    for (uint32_t i = 0; i < count; i++) {
        items[i] = rejects[i];
        lines[i] = items[i].line;
    }
    cells = rejects_cells(items, count, &hold);
    stream = batch_new(hold, &reject_columns, count, like->sequence,
                       like->public.host);
    for (uint32_t c = 0; c < reject_columns.count; c++) {
        stream->slots[c].from = FB_NEW;
        stream->slots[c].given = cells[c];
    }
    batch_set_sources(stream, lines, items, like->origin);
    return stream;
}

struct batch *
batch_take_rejects(struct batch *batch)
{
    struct rejects *taken = &batch->rejects;
    struct batch *stream;

    if (taken->count == 0)
        return NULL;
    rejects_sort(taken);
    stream = stream_of_rejects(hold_ref(batch->hold), taken->items,
                               taken->count, batch);
    rejects_release(taken);
    return stream;
}

static const unsigned char *
hold_copy(struct hold **hold, const unsigned char *bytes, size_t size)
{
    unsigned char *copy = hold_alloc(hold, size);

    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

/* A reject that no longer depends on the batch that it came in. */
static struct reject
keep_reject(const struct reject *reject, struct hold **hold)
{
    struct reject kept = *reject;

    if (kept.column != NULL)
        kept.column = hold_strdup(hold, kept.column);
    kept.code = hold_strdup(hold, kept.code);
    kept.message = hold_strdup(hold, kept.message);
    kept.text = hold_copy(hold, kept.text, kept.text_length);
    if (kept.has_raw)
        kept.raw = hold_copy(hold, kept.raw, kept.raw_length);
    return kept;
}

struct batch *
batch_merge_rejects(struct batch *const *parts, uint32_t count)
{
    struct hold *hold = hold_new(NULL, NULL);
    struct rejects all = {.items = NULL};
    struct batch *merged;

    assert(count > 0);
    for (uint32_t p = 0; p < count; p++) {
        const struct batch *part = parts[p];

        assert(part->columns == &reject_columns);
        for (uint32_t row = 0; row < part->rows; row++) {
            struct reject kept;

            if (!fb_bit(part->selection, row))
                continue;
            kept = keep_reject(&part->reject_rows[row], &hold);
            rejects_add(&all, &kept);
        }
    }
    rejects_sort(&all);
    merged = stream_of_rejects(hold, all.items, all.count, parts[0]);
    rejects_release(&all);
    for (uint32_t p = 0; p < count; p++)
        batch_free(parts[p]);
    return merged;
}

const struct reject *
batch_reject_of(const struct batch *batch, uint32_t row)
{
    assert(row < batch->rows);
    return batch->reject_rows != NULL ? &batch->reject_rows[row] : NULL;
}

const struct block_origin *
batch_origin(const struct batch *batch)
{
    return batch->origin;
}

const char *
batch_name(const struct batch *batch)
{
    return batch->name;
}

void
batch_set_name(struct batch *batch, const char *name)
{
    batch->name = name;
}
