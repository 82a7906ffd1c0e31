/*
 * batch/slot.c: materialising one column.
 */
#include "batch/slot.h"

#include <assert.h>

#include "batch/cells.h"
#include "batch/value_column.h"
#include "util/mem.h"

void
slot_make_cells(struct slot *slot, const struct block *block, uint32_t rows,
                const struct fb_list *missing, struct hold **hold)
{
    struct fb_cell *cells;

    if (slot->cells != NULL)
        return;
    cells = hold_alloc(hold, rows * sizeof(*cells));
    if (slot->from != FB_NEW) {
        assert(block != NULL && slot->from < block->column_count);
        assert(block->rows == rows);
        cells_of_block(cells, block, slot->from, missing, hold);
    } else {
        assert(slot->given != NULL || rows == 0);
        cells_of_given(cells, slot->given, rows, missing);
    }
    slot->cells = cells;
}

void
slot_make_values(struct slot *slot, const struct fb_column *column,
                 uint32_t rows, const uint64_t *selection, struct hold **hold)
{
    struct fb_value *values;

    if (slot->values != NULL)
        return;
    assert(slot->cells != NULL);
    values = hold_alloc(hold, rows * sizeof(*values));
    value_parse_column(column, slot->cells, rows, selection, values);
    slot->values = values;
}

static bool
lists_equal(const struct fb_list *a, const struct fb_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count && a->items != b->items; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

static bool
texts_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
values_equal(const struct fb_column *a, const struct fb_column *b)
{
    return a->type == b->type && texts_equal(a->format, b->format) &&
           texts_equal(a->decimal_char, b->decimal_char) &&
           texts_equal(a->group_char, b->group_char) &&
           lists_equal(&a->true_values, &b->true_values) &&
           lists_equal(&a->false_values, &b->false_values);
}

void
slot_reuse(struct slot *slot, const struct columns *before,
           const struct fb_column *column_before, const struct columns *after,
           const struct fb_column *column_after)
{
    if (!lists_equal(&before->missing, &after->missing)) {
        slot->cells = NULL;
        slot->values = NULL;
    }
    if (!values_equal(column_before, column_after))
        slot->values = NULL;
}
