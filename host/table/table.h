/*
 * table/table.h: the tables that a pipeline declares, read through the same
 * sources and readers as its steps: so every store, charset and dialect works
 * for a query too.  Knows no engine and no catalogue: plugins ask for
 * tables through their services (step_tables in step/step.h).
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "step/step.h"

struct tables;

/*
 * The tables of a pipeline.  Nothing is touched yet.  Both outlive them.  When
 * they must not look at data (a check), the columns of a table whose types the
 * data decides stay unknown, and its rows cannot be read.
 */
struct tables *tables_new(const struct pipeline *pipeline,
                          const struct step_context *context, bool may_look);
/* Every fb_rows is closed before.  NULL is fine. */
void tables_free(struct tables *tables);

/* For step_context.tables; lives as long as the tables.  Any number of threads
 * may call its functions at once, but `close` when nobody is in `next`. */
const struct step_tables *tables_services(const struct tables *tables);

/* Why a column got its type, for people. */
struct infer_reason {
    const char *column;
    const char *type;   /* "integer" */
    const char *reason; /* "1204 of 1204 values are integers, 0 to 9931" */
};

#endif
