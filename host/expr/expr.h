/*
 * expr/expr.h: SQL scalar expressions over the rows of a batch: parse, bind
 * to columns, evaluate column by column.  The dialect is the part that Athena
 * (Trino) and DuckDB share; where they differ, the result is DuckDB's.
 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include "batch/batch.h"

struct fb_expr;

/* Where in the text something is wrong: bytes from its begin. */
struct expr_place {
    size_t offset, length;
};

/*
 * Parse; the text is copied, the expression lives in the arena.  Nothing is
 * known of columns yet.  FB_E_CONFIG with *place on a mistake.
 */
int expr_parse(struct arena *arena, const char *text, struct fb_expr **expr,
               struct expr_place *place, struct fb_error *err) FB_MUST_CHECK;

/* What CURRENT_DATE and CURRENT_TIMESTAMP mean in this run. */
struct expr_clock {
    int64_t date;   /* days since 1970-01-01, in the pipeline's zone */
    int64_t now_us; /* CURRENT_TIMESTAMP, microseconds since the epoch */
};

/*
 * Resolve names against the columns, check types and fold constants.  *type
 * gets the type of the result (a comparison is FB_C_BOOLEAN).  May be called
 * again with other columns.  FB_E_CONFIG with *place: unknown column (with the
 * nearest name), wrong types ("cannot compare number 'Amount' with date"),
 * unknown function, wrong number of arguments.
 */
int expr_bind(struct fb_expr *expr, const struct columns *columns,
              const struct expr_clock *clock, enum fb_column_type *type,
              struct expr_place *place, struct fb_error *err) FB_MUST_CHECK;

/*
 * expr_test: see fb_expr_test; the type must be FB_C_BOOLEAN.  expr_cells: one
 * cell a row, living as long as the batch; NULL results and rows that are not
 * selected have FB_CELL_NULL.
 *
 * The text of a result is DuckDB's CAST(x AS VARCHAR) (numbers: 0.1, 1000.0,
 * 1e+20; decimals with all digits of their type), but for what a schema would
 * not read again, which is value_print's: datetimes (2025-02-01T09:30:00Z),
 * INF, -INF and NaN; and 0.5 is never .5.  Dates and datetimes beyond the years
 * 0001 to 9999 fail the call.
 *
 * Evaluate; the expression must be bound to the batch's columns and is not
 * changed, so that several threads may use it on several batches.  Rows that
 * are not selected are not evaluated.  A row that cannot be evaluated (a cell
 * that is not of its column's type, a CAST that fails, an overflow) fails the
 * call: FB_E_INPUT naming line, column and value.
 */
int expr_test(const struct fb_expr *expr, struct batch *batch, uint64_t *truth,
              struct fb_error *err) FB_MUST_CHECK;
int expr_cells(const struct fb_expr *expr, struct batch *batch,
               const struct fb_cell **cells,
               struct fb_error *err) FB_MUST_CHECK;

/* The text it was parsed from. */
const char *expr_text(const struct fb_expr *expr);

#endif
