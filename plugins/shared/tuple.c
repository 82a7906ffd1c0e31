#include "shared/tuple.h"

#include <assert.h>
#include <stdlib.h>

int
tuple_view(const struct tuple *tuple, struct fb_step *step,
           struct fb_batch *batch, struct tuple_view *view,
           struct fb_error *err)
{
    size_t count = tuple->count;

    assert(count > 0);
    view->values = fb_batch_alloc(batch, count * sizeof(*view->values));
    view->cells = fb_batch_alloc(batch, count * sizeof(*view->cells));
    view->types = fb_batch_alloc(batch, count * sizeof(*view->types));
    for (size_t i = 0; i < count; i++) {
        uint32_t column = tuple->columns[i];

        view->types[i] = fb_column(step, column)->type;
        if (fb_batch_cells(batch, column, &view->cells[i], err) != 0 ||
            fb_batch_values(batch, column, &view->values[i], err) != 0)
            return -1;
    }
    return 0;
}

static int
append(struct tuple *tuple, const void *bytes, size_t size,
       struct fb_error *err)
{
    assert(tuple->length <= tuple->size);
    if (size > tuple->size - tuple->length) {
        size_t room = (tuple->length + size) * 2;
        unsigned char *grown = NULL;

        if (room <= tuple->max)
            grown = realloc(tuple->bytes, room);
        if (grown == NULL)
            return fb_fail(err, FB_E_LIMIT,
                           "a key does not fit into %zu bytes of memory",
                           tuple->max);
        tuple->bytes = grown;
        tuple->size = room;
    }
    if (size > 0)
        memcpy(tuple->bytes + tuple->length, bytes, size);
    tuple->length += size;
    return 0;
}

/* Its state and length before each part keep ("a", "b") from ("ab", ""). */
static int
append_part(struct tuple *tuple, const struct fb_value *value,
            const struct fb_cell *cell, enum fb_column_type type,
            struct fb_error *err)
{
    const void *bytes = cell->ptr;
    uint32_t head[2] = {value->state, cell->len};
    int64_t number = value->as.i;

    if (value->state == FB_V_NULL) {
        head[1] = 0;
    } else if (value->state == FB_V_OK && type != FB_C_STRING) {
        /* 1 and 1.0 are the same number, 0 and -0 too. */
        if (type == FB_C_BOOLEAN)
            number = value->as.b;
        else if (type == FB_C_NUMBER && value->as.d == 0)
            number = 0;
        bytes = &number;
        head[1] = sizeof(number);
    }
    if (append(tuple, head, sizeof(head), err) != 0)
        return -1;
    return append(tuple, bytes, head[1], err);
}

int
tuple_make(struct tuple *tuple, const struct tuple_view *view, uint32_t row,
           struct fb_error *err)
{
    tuple->length = 0;
    for (size_t i = 0; i < tuple->count; i++)
        if (append_part(tuple, &view->values[i][row], &view->cells[i][row],
                        view->types[i], err) != 0)
            return -1;
    return 0;
}

void
tuple_release(struct tuple *tuple)
{
    free(tuple->bytes);
    tuple->bytes = NULL;
    tuple->length = tuple->size = 0;
}
