/*
 * Expressions of any text: parsing, binding and evaluating them must end, in
 * a result or in an error with a place inside of the text. What the result is
 * does not matter here; test_expr_duckdb.c compares those.
 */
#include "fuzz/replay.h"

#include <assert.h>
#include <stdlib.h>

#include "batch/batch.h"
#include "expr/expr.h"
#include "util/error.h"
#include "util/mem.h"

static const struct fb_column items[] = {
    {.name = "s", .type = FB_C_STRING}, {.name = "i", .type = FB_C_INTEGER},
    {.name = "n", .type = FB_C_NUMBER}, {.name = "b", .type = FB_C_BOOLEAN},
    {.name = "d", .type = FB_C_DATE},   {.name = "t", .type = FB_C_DATETIME},
    {.name = "m", .type = FB_C_TIME},
};
#define COLUMNS ((uint32_t)ARRAY_SIZE(items))
#define ROWS 3

/* The second row is missing values, the third is not of the types. */
static const char *const texts[ROWS][COLUMNS] = {
    {"\xe8\xa1\xa8 a%b", "9223372036854775807", "-0.5", "true", "2024-02-29",
     "1969-12-31T23:59:59.5Z", "23:59:59"},
    {"", "", "", "", "", "", ""},
    {"2025-02-10", "x", "x", "x", "x", "x", "x"},
};

static struct batch *
make_batch(const struct columns *columns)
{
    static const struct fb_host host = {.size = sizeof(host)};
    const struct fb_cell *cells[COLUMNS];
    struct arena *arena = arena_new();

    for (uint32_t c = 0; c < COLUMNS; c++) {
        struct fb_cell *column = arena_array(arena, ROWS, sizeof(*column));

        for (uint32_t r = 0; r < ROWS; r++)
            column[r] =
                (struct fb_cell){(const unsigned char *)texts[r][c],
                                 (uint32_t)strlen(texts[r][c]),
                                 *texts[r][c] == '\0' ? FB_CELL_NULL : 0};
        cells[c] = column;
    }
    return batch_of_cells(columns, ROWS, cells, arena, 0, &host);
}

static void
evaluate(const struct fb_expr *expr, const struct columns *columns,
         enum fb_column_type type, uint32_t rows)
{
    struct fb_error err = FB_ERROR_INIT;
    struct batch *batch = make_batch(columns);
    uint64_t keep = ((uint64_t)1 << rows) - 1, truth;
    const struct fb_cell *cells;

    batch_filter(batch, &keep);
    if (expr_cells(expr, batch, &cells, &err) != 0)
        assert(err.code == FB_E_INPUT || err.code == FB_E_LIMIT);
    error_clear(&err);
    if (type == FB_C_BOOLEAN && expr_test(expr, batch, &truth, &err) != 0)
        assert(err.code == FB_E_INPUT || err.code == FB_E_LIMIT);
    batch_free(batch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const missing[] = {""};
    static const struct columns columns = {COLUMNS, items, {1, missing}};
    static const struct expr_clock clock = {20218, 1746835200000000};
    char *text = mem_dup_nul((const char *)data, size);
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    enum fb_column_type type;

    if (expr_parse(arena, text, &expr, &place, &err) != 0 ||
        expr_bind(expr, &columns, &clock, &type, &place, &err) != 0) {
        assert(err.code == FB_E_CONFIG && err.message[0] != '\0');
        assert(place.offset + place.length <= strlen(text));
    } else {
        evaluate(expr, &columns, type, 2);
        evaluate(expr, &columns, type, ROWS);
    }
    arena_free(arena);
    free(text);
    return 0;
}
