/*
 * batch/column.h: the columns of a stream of records: their names, types and
 * rules, as a schema states them or as a header names them.
 */
#ifndef BATCH_COLUMN_H
#define BATCH_COLUMN_H

#include "forebay/plugin.h"
#include "util/arena.h"

/* An ordered list of columns.  Lives in an arena; never changes once made. */
struct columns {
    uint32_t count;
    const struct fb_column *items;
    struct fb_list missing; /* texts that mean a missing value */
};

/* Frictionless Table Schema, with aliases.
 * https://specs.frictionlessdata.io/table-schema/ */
struct schema {
    const char *path; /* the file, for messages; NULL: columns were inferred */
    struct columns columns;
    const struct fb_list *aliases; /* one list a column */
    struct fb_list primary_key;    /* column names */
};

/* Untyped columns with these names (all of them strings; missing: "").
 * Names are copied. */
struct columns *columns_of_names(struct arena *arena, const char *const *names,
                                 uint32_t count);

/*
 * The column of this name: exactly, else ignoring ASCII case.  -1 when there
 * is none, or when case alone cannot tell two apart.
 */
int64_t columns_find(const struct columns *columns, const char *name);

/* The name nearest to `name`, or NULL. */
const char *columns_nearest(const struct columns *columns, const char *name);

/* "integer", as schemas write it. */
const char *column_type_name(enum fb_column_type type);
/* The reverse; 0 when no such type is supported ("any" is a string). */
enum fb_column_type column_type_of_name(const char *name);

#endif
