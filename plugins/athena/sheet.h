/*
 * sheet.h: rows of a result on their way into a batch: their columns, as
 * Athena names and types them, and their values in Arrow's arrays.  A value
 * keeps its type, so a chart or a Parquet file behind it knows numbers and
 * dates for what they are; what has no type here (arrays, maps, moments with a
 * zone) is the text that Athena wrote.
 */
#ifndef ATHENA_SHEET_H
#define ATHENA_SHEET_H

#include "csv.h"
#include "forebay/plugin.h"

#include <jansson.h>

struct sheet;

/* For the columns of a ResultSetMetadata.  FB_E_CONFIG when two have the same
 * name, or one has none. */
int sheet_new(const json_t *metadata, struct fb_step *step,
              struct sheet **result, struct fb_error *err) FB_MUST_CHECK;
void sheet_free(struct sheet *sheet); /* NULL is fine */

size_t sheet_columns(const struct sheet *sheet);

/* Name them as what leaves the step. */
int sheet_announce(const struct sheet *sheet,
                   struct fb_error *err) FB_MUST_CHECK;

/* One row, with a field for each column; what they point at is copied.
 * FB_E_UNAVAILABLE when a text is no value of its column's type. */
int sheet_add(struct sheet *sheet, const struct field *fields,
              struct fb_error *err) FB_MUST_CHECK;
/* Time to take it. */
bool sheet_is_full(const struct sheet *sheet);

/* The rows as a batch, and the sheet is empty again; NULL when it was. */
int sheet_take(struct sheet *sheet, struct fb_batch **batch,
               struct fb_error *err) FB_MUST_CHECK;

#endif
