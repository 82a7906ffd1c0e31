/*
 * docs/expressions.md is run: each row of a table whose head is "expression |
 * result" gives what it says, and each function is in one of them.
 */
#include "unit/test_expr.h"

#include <stdlib.h>

#include "expr/functions.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/text.h"

static const struct fb_column items[] = {
    {.name = "Customer", .type = FB_C_STRING},
    {.name = "Status", .type = FB_C_STRING},
    {.name = "Quantity", .type = FB_C_INTEGER},
    {.name = "Amount", .type = FB_C_NUMBER},
    {.name = "Paid", .type = FB_C_BOOLEAN},
    {.name = "OrderDate", .type = FB_C_DATE},
    {.name = "Seen", .type = FB_C_DATETIME},
    {.name = "Opens", .type = FB_C_TIME},
    {.name = "Note", .type = FB_C_STRING},
};
#define COLUMNS ((uint32_t)ARRAY_SIZE(items))

static const struct columns columns = {COLUMNS, items, {1, test_missing}};

static const char *const row[] = {" Alice ",
                                  "Shipped",
                                  "42",
                                  "478.60",
                                  "true",
                                  "2025-02-10",
                                  "2025-02-10T09:05:00Z",
                                  "09:30:00",
                                  ""};

static const char *
evaluate(struct arena *arena, const char *text)
{
    static const struct fb_host host = {.size = sizeof(host)};
    const struct fb_cell *columns_of_row[COLUMNS], *cells;
    struct arena *owned = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;
    struct batch *batch;
    enum fb_column_type type;
    const char *result;

    for (uint32_t c = 0; c < COLUMNS; c++) {
        struct fb_cell *cell = arena_alloc(owned, sizeof(*cell));

        *cell = (struct fb_cell){(const unsigned char *)row[c],
                                 (uint32_t)strlen(row[c]),
                                 *row[c] == '\0' ? FB_CELL_NULL : 0};
        columns_of_row[c] = cell;
    }
    batch = batch_of_cells(&columns, 1, columns_of_row, owned, 0, &host);
    if (expr_parse(arena, text, &expr, &place, &err) != 0 ||
        expr_bind(expr, &columns, &test_clock, &type, &place, &err) != 0 ||
        expr_cells(expr, batch, &cells, &err) != 0)
        result = arena_printf(arena, "error: %s", err.message);
    else if (cells[0].flags & FB_CELL_NULL)
        result = "NULL";
    else
        result = arena_printf(arena, "`%.*s`", (int)cells[0].len,
                              (const char *)cells[0].ptr);
    batch_free(batch);
    return result;
}

/* The cells of "| a | b |", where \| stands for the character. */
static bool
two_cells(struct arena *arena, const char *line, char *cells[2])
{
    char *at = arena_strdup(arena, line), *to, *start;
    int count = 0;

    if (strncmp(line, "| ", 2) != 0)
        return false;
    for (start = at += 2, to = at; *at != '\0'; at++) {
        if (at[0] == '\\' && at[1] == '|') {
            *to++ = *++at;
        } else if (*at == '|') {
            if (count == 2)
                return false;
            while (to > start && to[-1] == ' ')
                to--;
            *to = '\0';
            cells[count++] = start;
            start = to = at + 2;
            at++;
        } else {
            *to++ = *at;
        }
        if (*at == '\0')
            break;
    }
    return count == 2;
}

static char *
page(struct arena *arena)
{
    struct fb_error err = FB_ERROR_INIT;
    AUTO_BUF struct buf text;

    buf_init(&text, 1 * MIB);
    ck_assert_msg(file_read("docs/expressions.md", &text, &err) == 0, "%s",
                  err.message);
    return arena_strdup(arena, buf_text(&text));
}

static void
check_example(struct arena *arena, char *const cells[2])
{
    size_t length = strlen(cells[0]);
    const char *result;

    ck_assert_msg(cells[0][0] == '`' && cells[0][length - 1] == '`',
                  "%s is not in backquotes", cells[0]);
    cells[0][length - 1] = '\0';
    result = evaluate(arena, cells[0] + 1);
    ck_assert_msg(strcmp(result, cells[1]) == 0, "%s gives %s, not %s",
                  cells[0] + 1, result, cells[1]);
}

START_TEST(every_example_gives_what_it_says)
{
    struct arena *arena = arena_new();
    char *rest = page(arena), *cells[2];
    bool inside = false;
    int count = 0;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        if (!two_cells(arena, line, cells)) {
            inside = false;
        } else if (strcmp(cells[0], "expression") == 0) {
            inside = true;
        } else if (inside && strcmp(cells[0], "---") != 0) {
            check_example(arena, cells);
            count++;
        }
    }
    /* Reading nothing would be easy to overlook. */
    ck_assert_int_ge(count, 100);
    arena_free(arena);
}
END_TEST

START_TEST(every_function_has_an_example)
{
    struct arena *arena = arena_new();
    char *text = page(arena);
    size_t count;
    const char *const *names = function_names(&count);

    for (char *c = text; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c | 0x20);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(strstr(text, arena_printf(arena, "`%s(", names[i])) !=
                          NULL,
                      "docs/expressions.md has no example of %s", names[i]);
    arena_free(arena);
}
END_TEST

START_TEST(every_name_that_is_suggested_can_be_called)
{
    struct arena *arena = arena_new();
    size_t count;
    const char *const *names = function_names(&count);

    for (size_t i = 0; i < count; i++) {
        const char *said =
            evaluate(arena, arena_printf(arena, "%s()", names[i]));

        ck_assert_msg(strstr(said, "there is no function") == NULL, "%s", said);
    }
    arena_free(arena);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("expr_docs");
    TCase *tcase = tcase_create("expr_docs");

    tcase_add_test(tcase, every_example_gives_what_it_says);
    tcase_add_test(tcase, every_function_has_an_example);
    tcase_add_test(tcase, every_name_that_is_suggested_can_be_called);
    suite_add_tcase(suite, tcase);
    return suite;
}
