#include "primary.h"

#include <assert.h>
#include <inttypes.h>

#include "show.h"

#define CODE "primary-key" /* Frictionless's */
#define MORE ", ..."
#define KEY_MAX (FB_MESSAGE_MAX - 128) /* bytes of a key in a message */

void
primary_prepare(struct primary *primary, struct fb_step *step, size_t memory)
{
    uint32_t count = fb_column_count(step), size = 0, used = 0;
    uint32_t *columns = fb_alloc(step, (count + 1) * sizeof(*columns));

    for (uint32_t i = 0; i < count; i++) {
        const struct fb_constraints *c = &fb_column(step, i)->constraints;

        if (c->primary_key == 0)
            continue;
        columns[used++] = i;
        size = c->primary_key;
    }
    *primary = (struct primary){
        .tuple = {.columns = columns, .count = used, .max = memory},
        .whole = used > 0 && used >= size};
}

/* Whether `unique` says already of the only column what the key says. */
static bool
is_unique_anyway(const struct primary *primary, struct fb_step *step)
{
    return primary->tuple.count == 1 &&
           fb_column(step, primary->tuple.columns[0])->constraints.unique;
}

int
primary_open(struct primary *primary, struct fb_step *step, uint64_t *room,
             struct fb_error *err)
{
    assert(primary->seen == NULL);
    if (!primary->whole || is_unique_anyway(primary, step))
        return 0;
    primary->seen = keys_new(room);
    if (primary->seen != NULL)
        return 0;
    return fb_fail(err, FB_E_FAILED,
                   "cannot remember the primary keys: out of memory");
}

void
primary_close(struct primary *primary)
{
    keys_free(primary->seen);
    primary->seen = NULL;
    tuple_release(&primary->tuple);
}

/* OrderID "O1", Line "2": as many columns as fit, and that there are more. */
static void
show_key(const struct primary *primary, struct fb_step *step,
         const struct tuple_view *view, uint32_t row, char text[KEY_MAX])
{
    const size_t size = KEY_MAX - sizeof(MORE);
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < primary->tuple.count; i++) {
        const char *name = fb_column(step, primary->tuple.columns[i])->name;
        const struct fb_cell *cell = &view->cells[i][row];
        char shown[SHOW_SIZE];

        show(cell->ptr, cell->len, shown);
        if (strlen(name) + strlen(shown) + sizeof(",  ") > size - used) {
            memcpy(text + used, MORE, sizeof(MORE));
            return;
        }
        used += (size_t)snprintf(text + used, size - used, "%s%s %s",
                                 i > 0 ? ", " : "", name, shown);
    }
}

int
primary_judge(struct primary *primary, struct fb_step *step,
              struct fb_batch *batch, const struct tuple_view *view,
              uint32_t row, struct fb_error *err)
{
    const struct tuple *tuple = &primary->tuple;
    char text[KEY_MAX];
    const uint64_t *line;

    for (size_t i = 0; i < tuple->count; i++) {
        if (view->values[i][row].state != FB_V_NULL)
            continue;
        fb_batch_reject(batch, row, tuple->columns[i], CODE,
                        "a value is required in a column of the primary key");
        return 1;
    }
    if (primary->seen == NULL)
        return 0;
    if (tuple_make(&primary->tuple, view, row, err) != 0)
        return -1;
    line = keys_find(primary->seen, tuple->bytes, tuple->length);
    if (line == NULL)
        return 0;
    show_key(primary, step, view, row, text);
    fb_batch_reject(
        batch, row, tuple->count == 1 ? tuple->columns[0] : FB_NEW, CODE,
        "the primary key (%s) already stands on line %" PRIu64, text, *line);
    return 1;
}

int
primary_remember(struct primary *primary, uint64_t line)
{
    if (primary->seen == NULL)
        return 0;
    return keys_add(primary->seen, primary->tuple.bytes, primary->tuple.length,
                    line);
}
