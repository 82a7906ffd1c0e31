/*
 * table/around.c: made in order, released in reverse.
 */
#include "table/around.h"

#include "table/table.h"

void
around_init(struct around *around, const struct step_context *known,
            const struct pipeline *pipeline, bool may_look)
{
    around->context = *known;
    around->context.shared = step_shared_new();
    around->tables = tables_new(pipeline, &around->context, may_look);
    around->context.tables = tables_services(around->tables);
}

/* A shared engine may still hold rows of a table. */
void
around_release(struct around *around)
{
    step_shared_free(around->context.shared);
    tables_free(around->tables);
}
