/*
 * batch/frame.c: writes batches to a file and reads them back.  A frame is a
 * head, then the block (when there is one), then the cells of columns that
 * do not come from it, then rejects.
 */
#include "batch/frame.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "batch/compact.h"
#include "util/arena.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

struct head {
    uint32_t rows;
    uint32_t reject_count; /* not yet taken */
    uint64_t sequence;
    const struct columns *columns;
    const struct block_origin *origin;
    const struct fb_host *host;
    struct block block; /* sizes; its pointers are of the writer */
    bool has_block;
    bool raw_is_text;
    bool is_rejects; /* a batch of rejects: one a row */
};

/* Where a cell's text lies among the bytes of its column. */
struct cell_entry {
    uint32_t length, flags;
};

struct reject_entry {
    uint64_t line;
    uint32_t column, code, message, text, raw; /* bytes */
    bool has_column, has_raw, broken;
};

/* --- writing --- */

static int
put(FILE *file, const void *bytes, size_t size, struct fb_error *err)
{
    if (size > 0 && fwrite(bytes, 1, size, file) != size)
        return fb_fail(err, error_code_of_errno(errno, true),
                       "cannot write rows to a temporary file: %s",
                       strerror(errno));
    return 0;
}

static int
put_grid(FILE *file, const struct block *b, struct fb_error *err)
{
    size_t cells = (size_t)b->rows * b->column_count;

    if (put(file, b->ends, cells * sizeof(*b->ends), err) != 0)
        return -1;
    if (b->raw_ends != NULL &&
        put(file, b->raw_ends, b->rows * sizeof(*b->raw_ends), err) != 0)
        return -1;
    if (b->lines == NULL)
        return 0;
    return put(file, b->lines, b->rows * sizeof(*b->lines), err);
}

static int
put_list(FILE *file, const struct block *b, struct fb_error *err)
{
    size_t cells = (size_t)b->rows * b->column_count;

    if (put(file, b->side, b->side_size, err) != 0 ||
        put(file, b->cells, cells * sizeof(*b->cells), err) != 0)
        return -1;
    return put(file, b->records, b->rows * sizeof(*b->records), err);
}

static int
put_block(FILE *file, const struct block *b, struct fb_error *err)
{
    if (put(file, b->text, b->text_size, err) != 0 ||
        (b->ends != NULL ? put_grid(file, b, err) : put_list(file, b, err)) !=
            0)
        return -1;
    return b->raw == b->text ? 0 : put(file, b->raw, b->raw_size, err);
}

static int
put_cells(FILE *file, struct batch *batch, uint32_t column,
          struct fb_error *err)
{
    const struct fb_cell *cells = batch_cells(batch, column);
    const uint64_t *selection = batch_selection(batch);
    uint64_t size = 0;

    for (uint32_t r = 0; r < batch_rows(batch); r++)
        if (fb_bit(selection, r))
            size += cells[r].len;
    if (put(file, &size, sizeof(size), err) != 0)
        return -1;
    for (uint32_t r = 0; r < batch_rows(batch); r++) {
        struct cell_entry entry = {cells[r].len, cells[r].flags};

        if (fb_bit(selection, r) &&
            (put(file, &entry, sizeof(entry), err) != 0 ||
             put(file, cells[r].ptr, cells[r].len, err) != 0))
            return -1;
    }
    return 0;
}

static int
put_reject(FILE *file, const struct reject *r, struct fb_error *err)
{
    const char *column = r->column != NULL ? r->column : "";
    struct reject_entry entry;

    memset(&entry, 0, sizeof(entry)); /* its padding goes to the file too */
    entry.line = r->line;
    entry.column = (uint32_t)strlen(column);
    entry.code = (uint32_t)strlen(r->code);
    entry.message = (uint32_t)strlen(r->message);
    entry.text = r->text_length;
    entry.raw = r->has_raw ? r->raw_length : 0;
    entry.has_column = r->column != NULL;
    entry.has_raw = r->has_raw;
    entry.broken = r->broken;
    if (put(file, &entry, sizeof(entry), err) != 0 ||
        put(file, column, entry.column, err) != 0 ||
        put(file, r->code, entry.code, err) != 0 ||
        put(file, r->message, entry.message, err) != 0 ||
        put(file, r->text, entry.text, err) != 0)
        return -1;
    return put(file, r->raw, entry.raw, err);
}

/* What rows without a block have instead of records. */
static int
put_sources(FILE *file, const struct batch *batch, bool is_rejects,
            struct fb_error *err)
{
    for (uint32_t r = 0; r < batch_rows(batch); r++) {
        uint64_t line = batch_line(batch, r);

        if (!fb_bit(batch_selection(batch), r))
            continue;
        if (put(file, &line, sizeof(line), err) != 0)
            return -1;
        if (is_rejects && put_reject(file, batch_reject_of(batch, r), err) != 0)
            return -1;
    }
    return 0;
}

static int
put_columns(FILE *file, struct batch *batch, struct fb_error *err)
{
    for (uint32_t i = 0; i < batch_columns(batch)->count; i++) {
        uint32_t from = batch_block_column(batch, i);

        if (put(file, &from, sizeof(from), err) != 0)
            return -1;
        if (from == FB_NEW && put_cells(file, batch, i, err) != 0)
            return -1;
    }
    return 0;
}

static int
put_rejects(FILE *file, const struct batch *rejects, uint32_t count,
            struct fb_error *err)
{
    for (uint32_t i = 0; i < count; i++)
        if (put_reject(file, batch_reject_of(rejects, i), err) != 0)
            return -1;
    return 0;
}

static int
put_frame(FILE *file, struct batch *batch, const struct batch *rejects,
          struct fb_error *err)
{
    struct block CLEANUP(compact_release) copy = {0};
    struct head head;

    memset(&head, 0, sizeof(head));
    head.rows = batch_selected_count(batch);
    head.reject_count = rejects != NULL ? batch_rows(rejects) : 0;
    head.sequence = batch_sequence(batch);
    head.columns = batch_columns(batch);
    head.origin = batch_origin(batch);
    head.host = batch_public(batch)->host;
    head.is_rejects =
        batch_rows(batch) > 0 && batch_reject_of(batch, 0) != NULL;
    if (batch_block(batch) != NULL) {
        compact_block(batch_block(batch), batch_selection(batch), head.rows,
                      &copy);
        head.has_block = true;
        head.raw_is_text = copy.raw == copy.text;
        head.block = copy;
    }
    if (put(file, &head, sizeof(head), err) != 0 ||
        put_columns(file, batch, err) != 0)
        return -1;
    if (head.has_block ? put_block(file, &copy, err) != 0
                       : put_sources(file, batch, head.is_rejects, err) != 0)
        return -1;
    return put_rejects(file, rejects, head.reject_count, err);
}

int
frame_write(FILE *file, struct batch *batch, struct fb_error *err)
{
    struct batch *rejects = batch_take_rejects(batch);
    int result = put_frame(file, batch, rejects, err);

    batch_free(rejects);
    return result;
}

/* --- reading --- */

static int
get(FILE *file, void *bytes, size_t size, struct fb_error *err)
{
    if (size > 0 && fread(bytes, 1, size, file) != size)
        return fb_fail(err, FB_E_FAILED,
                       "cannot read rows back from a temporary file: %s",
                       ferror(file) ? strerror(errno) : "it ends early");
    return 0;
}

/* What is being put together. */
struct reading {
    FILE *file;
    struct head head;
    struct arena *arena; /* cells, rejects, lines: goes to the batch */
    struct block block;  /* its pointers are ours until block_new */
    uint32_t *from;
    const struct fb_cell **cells;
    uint64_t *lines;
    struct reject *sources;
    struct reject *rejects;
};

static void
reading_release(struct reading *r)
{
    arena_free(r->arena);
    compact_release(&r->block);
}

static int
get_new(FILE *file, const void **bytes, size_t count, size_t size,
        struct fb_error *err)
{
    void *made = mem_array(count, size);

    *bytes = made;
    return get(file, made, count * size, err);
}

static int
get_grid(struct reading *r, struct fb_error *err)
{
    const struct block *like = &r->head.block;
    struct block *b = &r->block;
    const void *ends = NULL, *raw_ends = NULL, *lines = NULL;
    size_t count = (size_t)r->head.rows * like->column_count;
    bool failed =
        get_new(r->file, &ends, count, sizeof(*b->ends), err) != 0 ||
        (like->raw_ends != NULL && get_new(r->file, &raw_ends, r->head.rows,
                                           sizeof(*b->raw_ends), err) != 0) ||
        (like->lines != NULL &&
         get_new(r->file, &lines, r->head.rows, sizeof(*b->lines), err) != 0);

    b->ends = ends;
    b->raw_ends = raw_ends;
    b->lines = lines;
    return failed ? -1 : 0;
}

static int
get_list(struct reading *r, struct fb_error *err)
{
    const struct block *like = &r->head.block;
    struct block *b = &r->block;
    const void *side = NULL, *cells = NULL, *records = NULL;
    size_t count = (size_t)r->head.rows * like->column_count;
    bool failed =
        get_new(r->file, &side, like->side_size, 1, err) != 0 ||
        get_new(r->file, &cells, count, sizeof(*b->cells), err) != 0 ||
        get_new(r->file, &records, r->head.rows, sizeof(*b->records), err) != 0;

    b->side = side;
    b->cells = cells;
    b->records = records;
    return failed ? -1 : 0;
}

/* Room for one byte more than the text, which may be read (block.h). */
static int
get_text_of_block(struct reading *r, struct fb_error *err)
{
    unsigned char *text = mem_alloc(r->head.block.text_size + 1);

    text[r->head.block.text_size] = '\0';
    r->block.text = r->block.raw = text;
    return get(r->file, text, r->head.block.text_size, err);
}

static int
get_block(struct reading *r, struct fb_error *err)
{
    const struct block *like = &r->head.block;
    struct block *b = &r->block;
    const void *raw = NULL;
    int status;

    *b = *like;
    b->text = b->raw = b->side = NULL;
    b->cells = NULL;
    b->records = NULL;
    b->ends = b->raw_ends = b->lines = NULL;
    if (get_text_of_block(r, err) != 0 ||
        (like->ends != NULL ? get_grid(r, err) : get_list(r, err)) != 0)
        return -1;
    if (r->head.raw_is_text)
        return 0;
    status = get_new(r->file, &raw, like->raw_size, 1, err);
    b->raw = raw;
    return status;
}

static int
get_cells(struct reading *r, const struct fb_cell **cells, struct fb_error *err)
{
    struct fb_cell *made = arena_array(r->arena, r->head.rows, sizeof(*made));
    unsigned char *bytes;
    uint64_t size, used = 0;

    *cells = made;
    if (get(r->file, &size, sizeof(size), err) != 0)
        return -1;
    bytes = arena_alloc(r->arena, size);
    for (uint32_t i = 0; i < r->head.rows; i++) {
        struct cell_entry entry;

        if (get(r->file, &entry, sizeof(entry), err) != 0)
            return -1;
        assert(used + entry.length <= size);
        if (get(r->file, bytes + used, entry.length, err) != 0)
            return -1;
        made[i] = (struct fb_cell){bytes + used, entry.length, entry.flags};
        used += entry.length;
    }
    return 0;
}

static int
get_columns(struct reading *r, struct fb_error *err)
{
    uint32_t count = r->head.columns->count;

    r->from = arena_array(r->arena, count, sizeof(*r->from));
    r->cells = arena_array(r->arena, count, sizeof(*r->cells));
    for (uint32_t i = 0; i < count; i++) {
        if (get(r->file, &r->from[i], sizeof(r->from[i]), err) != 0)
            return -1;
        if (r->from[i] == FB_NEW && get_cells(r, &r->cells[i], err) != 0)
            return -1;
    }
    return 0;
}

static int
get_text(struct reading *r, uint32_t length, char **text, struct fb_error *err)
{
    *text = arena_alloc(r->arena, (size_t)length + 1);
    (*text)[length] = '\0';
    return get(r->file, *text, length, err);
}

static int
get_reject(struct reading *r, struct reject *reject, struct fb_error *err)
{
    struct reject_entry entry;
    char *column, *code, *message, *text, *raw;

    if (get(r->file, &entry, sizeof(entry), err) != 0 ||
        get_text(r, entry.column, &column, err) != 0 ||
        get_text(r, entry.code, &code, err) != 0 ||
        get_text(r, entry.message, &message, err) != 0 ||
        get_text(r, entry.text, &text, err) != 0 ||
        get_text(r, entry.raw, &raw, err) != 0)
        return -1;
    *reject = (struct reject){
        .line = entry.line,
        .column = entry.has_column ? column : NULL,
        .code = code,
        .message = message,
        .text = (unsigned char *)text,
        .text_length = entry.text,
        .raw = entry.has_raw ? (unsigned char *)raw : NULL,
        .raw_length = entry.raw,
        .broken = entry.broken,
        .has_raw = entry.has_raw,
    };
    return 0;
}

static int
get_sources(struct reading *r, struct fb_error *err)
{
    uint32_t rows = r->head.rows;

    r->lines = arena_array(r->arena, rows, sizeof(*r->lines));
    if (r->head.is_rejects)
        r->sources = arena_array(r->arena, rows, sizeof(*r->sources));
    for (uint32_t i = 0; i < rows; i++) {
        if (get(r->file, &r->lines[i], sizeof(r->lines[i]), err) != 0)
            return -1;
        if (r->head.is_rejects && get_reject(r, &r->sources[i], err) != 0)
            return -1;
    }
    return 0;
}

static int
get_rejects(struct reading *r, struct fb_error *err)
{
    uint32_t count = r->head.reject_count;

    r->rejects = arena_array(r->arena, count, sizeof(*r->rejects));
    for (uint32_t i = 0; i < count; i++)
        if (get_reject(r, &r->rejects[i], err) != 0)
            return -1;
    return 0;
}

/* The block has columns of its own only until the batch has its shape. */
static int
batch_of_frame_block(struct reading *r, struct batch **batch,
                     struct fb_error *err)
{
    uint32_t count = r->block.column_count;
    struct columns before = {.count = count};
    struct arena *arena = r->arena;
    struct batch *made;

    before.items = arena_array(arena, count, sizeof(*before.items));
    made = batch_of_block(block_new(&r->block, arena), &before, r->head.host);
    r->arena = NULL;
    memset(&r->block, 0, sizeof(r->block));
    for (uint32_t i = 0; i < r->head.columns->count; i++)
        if (r->from[i] == FB_NEW)
            batch_set(made, i, r->cells[i]);
    if (batch_reshape(made, r->head.columns, r->from, err) != 0) {
        batch_free(made);
        return -1;
    }
    *batch = made;
    return 0;
}

static int
batch_of_frame(struct reading *r, struct batch **batch, struct fb_error *err)
{
    const struct reject *rejects = r->rejects;

    if (!r->head.has_block) {
        *batch = batch_of_cells(r->head.columns, r->head.rows, r->cells,
                                r->arena, r->head.sequence, r->head.host);
        r->arena = NULL;
        batch_set_sources(*batch, r->lines, r->sources, r->head.origin);
    } else if (batch_of_frame_block(r, batch, err) != 0) {
        return -1;
    }
    for (uint32_t i = 0; i < r->head.reject_count; i++)
        batch_add_reject(*batch, &rejects[i]);
    return 0;
}

int
frame_read(FILE *file, struct batch **batch, struct fb_error *err)
{
    struct reading CLEANUP(reading_release) r = {.file = file};
    int byte = getc(file);

    *batch = NULL;
    if (byte == EOF && !ferror(file))
        return 0;
    ungetc(byte, file);
    r.arena = arena_new();
    if (get(file, &r.head, sizeof(r.head), err) != 0 ||
        get_columns(&r, err) != 0)
        return -1;
    if (r.head.has_block ? get_block(&r, err) != 0 : get_sources(&r, err) != 0)
        return -1;
    if (get_rejects(&r, err) != 0)
        return -1;
    return batch_of_frame(&r, batch, err);
}
