/*
 * batch/arrow.h: batches by the Arrow C Data Interface, for engines and for
 * plugins written with Arrow libraries.
 * https://arrow.apache.org/docs/format/CDataInterface.html
 */
#ifndef BATCH_ARROW_H
#define BATCH_ARROW_H

#include "batch/batch.h"

/*
 * See fb_batch_export: a struct of the selected rows, with children u, l, g,
 * b, tdD, tsu:UTC or ttu.  FB_E_INPUT naming line, column and text when a cell
 * is not of its column's type; FB_E_LIMIT when a column's texts exceed 2 GiB.
 * On failure nothing needs release.
 */
int batch_export(struct batch *batch, struct ArrowArray *array,
                 struct ArrowSchema *schema,
                 struct fb_error *err) FB_MUST_CHECK;

/*
 * See fb_batch_import.  Understands the formats b, c C s S i I l L, f g, u U,
 * tdD, tdm, tts..ttn, tss..tsn (any time zone), d:p,s (128 bit) and n; others
 * are FB_E_INPUT naming the column and the format, and so is everything that
 * cannot be one of our values: years beyond 9999, nanoseconds, bytes that are
 * not UTF-8.  Cells hold canonical text (value_print); decimals keep theirs.
 * Columns live in `arena`, or with NULL as long as the batch's memory, which
 * is what who imports many arrays wants.  Both are released, also on failure.
 */
int batch_import(struct arena *arena, struct ArrowArray *array,
                 struct ArrowSchema *schema, const struct fb_host *host,
                 struct batch **batch, struct fb_error *err) FB_MUST_CHECK;

#endif
