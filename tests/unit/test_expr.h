/*
 * What the tests of expressions share: a few typed columns, rows of them, and
 * evaluating a text in one call. It is no test.
 */
#ifndef UNIT_TEST_EXPR_H
#define UNIT_TEST_EXPR_H

#include "unit/main.h"

#include "batch/batch.h"
#include "batch/value.h"
#include "expr/expr.h"
#include "util/error.h"
#include "util/mem.h"

static const struct fb_column test_columns_items[] = {
    {.name = "Name", .type = FB_C_STRING},
    {.name = "Count", .type = FB_C_INTEGER},
    {.name = "Amount", .type = FB_C_NUMBER},
    {.name = "Paid", .type = FB_C_BOOLEAN},
    {.name = "OrderDate", .type = FB_C_DATE},
    {.name = "Seen", .type = FB_C_DATETIME},
    {.name = "Opens", .type = FB_C_TIME},
    {.name = "\xe6\xb3\xa8\xe6\x96\x87", .type = FB_C_STRING},
};
#define TEST_COLUMNS ((uint32_t)ARRAY_SIZE(test_columns_items))

static const char *const test_missing[] = {""};

static const struct columns test_columns = {
    .count = TEST_COLUMNS,
    .items = test_columns_items,
    .missing = {1, test_missing},
};

/* CURRENT_DATE is 2025-05-10. */
static const struct expr_clock test_clock = {
    .date = 20218,
    .now_us = INT64_C(20218) * 86400 * 1000000 + INT64_C(3723) * 1000000,
};

/* Rows of texts, TEST_COLUMNS a row; "" is a missing value. */
static inline struct batch *
test_rows(const char *const *texts, uint32_t rows)
{
    static const struct fb_host host = {.size = sizeof(host)};
    const struct fb_cell *columns[TEST_COLUMNS];
    struct arena *arena = arena_new();

    for (uint32_t c = 0; c < TEST_COLUMNS; c++) {
        struct fb_cell *cells = arena_array(arena, rows, sizeof(*cells));

        for (uint32_t r = 0; r < rows; r++) {
            const char *text = texts[r * TEST_COLUMNS + c];

            cells[r] = (struct fb_cell){(const unsigned char *)text,
                                        (uint32_t)strlen(text),
                                        *text == '\0' ? FB_CELL_NULL : 0};
        }
        columns[c] = cells;
    }
    return batch_of_cells(&test_columns, rows, columns, arena, 0, &host);
}

/* The row that test_value looks at. */
static const char *const test_row[] = {"Alice",      "42",
                                       "478.60",     "true",
                                       "2025-02-10", "2025-02-10T09:05:00Z",
                                       "09:30:00",   "\xe8\xa1\xa8"};

/*
 * The text of an expression over test_row: "NULL", the value, or the error
 * ("cannot ..."). Lives in the arena. *type may be NULL.
 */
static inline const char *
test_value(struct arena *arena, const char *text, enum fb_column_type *type)
{
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    enum fb_column_type ignored;
    struct batch *batch = test_rows(test_row, 1);
    const struct fb_cell *cells;
    const char *result;

    if (expr_parse(arena, text, &expr, &place, &err) != 0 ||
        expr_bind(expr, &test_columns, &test_clock,
                  type != NULL ? type : &ignored, &place, &err) != 0 ||
        expr_cells(expr, batch, &cells, &err) != 0)
        result = arena_strdup(arena, err.message);
    else if (cells[0].flags & FB_CELL_NULL)
        result = "NULL";
    else
        result = arena_dup_nul(arena, (const char *)cells[0].ptr, cells[0].len);
    batch_free(batch);
    return result;
}

static inline void
test_same(const char *text, const char *expected)
{
    struct arena *arena = arena_new();
    const char *value = test_value(arena, text, NULL);

    ck_assert_msg(strcmp(value, expected) == 0, "%s gives %s, not %s", text,
                  value, expected);
    arena_free(arena);
}

/* Parsing and binding must fail with this message, at the place where
 * `at` stands in the text, with a hint that holds `hint` (NULL: any). */
static inline void
test_refused(const char *text, const char *message, const char *at,
             const char *hint)
{
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place = {0, 0};
    struct fb_expr *expr;
    enum fb_column_type type;
    const char *shown;

    if (expr_parse(arena, text, &expr, &place, &err) == 0 &&
        expr_bind(expr, &test_columns, &test_clock, &type, &place, &err) == 0)
        ck_abort_msg("%s was accepted", text);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_uint_le(place.offset + place.length, strlen(text));
    shown = arena_dup_nul(arena, text + place.offset, place.length);
    ck_assert_msg(strstr(err.message, message) != NULL, "%s: %s, not %s", text,
                  err.message, message);
    ck_assert_msg(strcmp(shown, at) == 0, "%s: at '%s', not '%s' (%s)", text,
                  shown, at, err.message);
    ck_assert_msg(hint == NULL || strstr(err.hint, hint) != NULL,
                  "%s: the hint is '%s', not '%s'", text, err.hint,
                  hint != NULL ? hint : "");
    arena_free(arena);
}

#endif
