/*
 * codec/header.h: from the names in a header record to the columns of a
 * stream.  Columns bind by name, never by position: exactly, else ignoring
 * width, case and spaces (text_fold_name), over names and aliases.
 */
#ifndef CODEC_HEADER_H
#define CODEC_HEADER_H

#include "batch/column.h"

/*
 * The columns in the order of the header.  With a schema each gets its name
 * and type from there; one FB_E_INPUT lists every name that is missing, extra,
 * duplicate or empty, with the nearest match.  Without one the names stand as
 * they are and all are text.  null_sequence (may be NULL) joins the missing
 * values.  Everything lives in the arena, or with the schema.
 */
int header_bind(struct arena *arena, const struct fb_cell *names,
                uint32_t count, const struct schema *schema,
                const char *null_sequence, const struct columns **columns,
                struct fb_error *err) FB_MUST_CHECK;

/* What means a missing value in a file: the schema's texts and null_sequence,
 * which may be NULL.  In the arena, or as it was. */
struct fb_list header_missing(struct arena *arena, struct fb_list missing,
                              const char *null_sequence);

/*
 * Without a header: the schema's columns by position, which must be as many
 * as the first record has cells; else column_1, column_2, ...  `count` 0: the
 * input has no records.
 */
int header_number(struct arena *arena, uint32_t count,
                  const struct schema *schema, const char *null_sequence,
                  const struct columns **columns,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
