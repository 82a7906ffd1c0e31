/*
 * tests/unit/test_batch.c: what steps see of rows: selection, columns,
 * rejects, and that every view keeps its memory.
 */
#include "batch/batch.h"

#include <pthread.h>

#include "unit/blocks.h"
#include "unit/main.h"
#include "util/error.h"

static struct arena *arena;
static struct fb_error err;
static const char *const missing_items[] = {"", "NA"};
static struct columns columns;

static const char orders[] = "1,Ann,10.5,ok\n"
                             "2,Bob,,NA\n"
                             "3,\"C \"\"x\"\"\",abc,ok\n"
                             "4,Dan,40,bad\n";

/* id integer, name string, amount number, status string; missing "" and NA */
static void
setup(void)
{
    static const char *const names[] = {"id", "name", "amount", "status"};
    struct fb_column *items;

    arena = arena_new();
    err = (struct fb_error)FB_ERROR_INIT;
    columns = *columns_of_names(arena, names, 4);
    items = arena_array(arena, 4, sizeof(*items));
    memcpy(items, columns.items, 4 * sizeof(*items));
    items[0].type = FB_C_INTEGER;
    items[2].type = FB_C_NUMBER;
    columns.items = items;
    columns.missing.count = 2;
    columns.missing.items = missing_items;
}

static void
teardown(void)
{
    arena_free(arena);
}

static struct batch *
batch_of_orders(void)
{
    return batch_of_block(block_of(orders, 4, 2, true), &columns, NULL);
}

static void
is_cell(const struct fb_cell *cell, const char *text, uint32_t flags)
{
    ck_assert_uint_eq(cell->len, strlen(text));
    ck_assert_mem_eq(cell->ptr, text, cell->len);
    ck_assert_uint_eq(cell->flags, flags);
}

static struct fb_cell
cell(const char *text)
{
    return (struct fb_cell){(const unsigned char *)text, (uint32_t)strlen(text),
                            0};
}

START_TEST(shows_the_cells_of_a_grid_as_those_of_a_list)
{
    static const char text[] = "1,Ann,\"\",ok\r\n"
                               ",\"\"\"\",\"a\n\"\"b\"\"\",NA\n"
                               "\"NA\",\",\",,";
    static const struct {
        const char *text;
        uint32_t flags;
    } want[3][4] = {
        {{"1", 0}, {"Ann", 0}, {"", FB_CELL_QUOTED | FB_CELL_NULL}, {"ok", 0}},
        {{"", FB_CELL_NULL},
         {"\"", FB_CELL_QUOTED},
         {"a\n\"b\"", FB_CELL_QUOTED},
         {"NA", FB_CELL_NULL}},
        {{"NA", FB_CELL_QUOTED | FB_CELL_NULL},
         {",", FB_CELL_QUOTED},
         {"", FB_CELL_NULL},
         {"", FB_CELL_NULL}},
    };
    struct batch *b =
        batch_of_block(grid_of(text, 4, 2, false), &columns, NULL);

    ck_assert_uint_eq(batch_rows(b), 3);
    for (uint32_t r = 0; r < 3; r++)
        for (uint32_t c = 0; c < 4; c++)
            is_cell(&batch_cells(b, c)[r], want[r][c].text, want[r][c].flags);
    ck_assert_uint_eq(batch_line(b, 2), 5);
    batch_free(b);
}
END_TEST

START_TEST(tells_the_record_of_a_rejected_row_of_a_grid)
{
    struct batch *b =
        batch_of_block(grid_of(orders, 4, 2, true), &columns, NULL);
    struct batch *rejects;
    const struct reject *r;

    batch_reject(b, 2, 2, "type-error", "no number");
    rejects = batch_take_rejects(b);
    r = batch_reject_of(rejects, 0);
    ck_assert_uint_eq(r->line, 4);
    ck_assert_uint_eq(r->text_length, 18);
    ck_assert_mem_eq(r->text, "3,\"C \"\"x\"\"\",abc,ok", 18);
    ck_assert_uint_eq(r->raw_length, 18);
    ck_assert_mem_eq(r->raw, "3,\"C \"\"X\"\"\",ABC,OK", 18);
    batch_free(rejects);
    batch_free(b);
}
END_TEST

/* Cells "text0", "text1" ... in the batch's memory. */
static const struct fb_cell *
some_cells(struct batch *batch, const char *text)
{
    uint32_t rows = batch_rows(batch);
    struct fb_cell *cells = batch_alloc(batch, rows * sizeof(*cells));

    for (uint32_t r = 0; r < rows; r++) {
        char *copy = batch_alloc(batch, 32);

        snprintf(copy, 32, "%s%u", text, r);
        cells[r] = cell(copy);
    }
    return cells;
}

static void
keep_rows(struct batch *batch, uint64_t rows)
{
    batch_filter(batch, &rows);
}

START_TEST(begins_with_every_row_selected)
{
    struct batch *b = batch_of_orders();

    ck_assert_uint_eq(batch_rows(b), 4);
    ck_assert_uint_eq(batch_selected_count(b), 4);
    ck_assert_uint_eq(batch_selection(b)[0], 0xf);
    ck_assert_uint_eq(batch_line(b, 3), 5);
    ck_assert(batch_untouched(b));
    batch_free(b);
}
END_TEST

START_TEST(selects_whole_words_of_rows)
{
    struct arena *own = arena_new();
    struct fb_cell *cells = arena_array(own, 128, sizeof(*cells));
    const struct columns *one =
        columns_of_names(arena, (const char *const[]){"a"}, 1);
    struct batch *b = batch_of_cells(
        one, 128, (const struct fb_cell *const[]){cells}, own, 0, NULL);

    ck_assert_uint_eq(batch_selection(b)[1], UINT64_MAX);
    batch_filter(b, (const uint64_t[]){1, (uint64_t)1 << 63});
    ck_assert_uint_eq(batch_selected_count(b), 2);
    ck_assert(fb_bit(batch_selection(b), 127));
    ck_assert_uint_eq(batch_filtered_count(b), 126);
    batch_free(b);
}
END_TEST

START_TEST(may_have_no_rows)
{
    struct batch *b = batch_of_block(block_of("", 4, 1, false), &columns, NULL);

    ck_assert_uint_eq(batch_rows(b), 0);
    ck_assert_ptr_nonnull(batch_cells(b, 0));
    ck_assert_ptr_nonnull(batch_values(b, 0));
    ck_assert_ptr_null(batch_take_rejects(b));
    batch_free(b);
    batch_free(NULL);
}
END_TEST

START_TEST(shows_the_cells_of_the_block)
{
    struct batch *b = batch_of_orders();

    is_cell(&batch_cells(b, 1)[0], "Ann", 0);
    is_cell(&batch_cells(b, 1)[2], "C \"x\"", FB_CELL_QUOTED);
    ck_assert_ptr_eq(batch_cells(b, 1), batch_cells(b, 1));
    ck_assert_ptr_eq(batch_cells(b, 0)[0].ptr, batch_block(b)->text);
    batch_free(b);
}
END_TEST

START_TEST(marks_missing_values_by_their_exact_text)
{
    struct batch *b = batch_of_orders();

    is_cell(&batch_cells(b, 2)[1], "", FB_CELL_NULL);
    is_cell(&batch_cells(b, 3)[1], "NA", FB_CELL_NULL);
    batch_free(b);
}
END_TEST

START_TEST(gives_values_by_the_type_of_the_column)
{
    struct batch *b = batch_of_orders();
    const struct fb_value *amounts = batch_values(b, 2);

    ck_assert_int_eq(batch_values(b, 0)[3].as.i, 4);
    ck_assert_uint_eq(amounts[0].state, FB_V_OK);
    ck_assert(amounts[0].as.d == 10.5);
    ck_assert_uint_eq(amounts[1].state, FB_V_NULL);
    ck_assert_uint_eq(amounts[2].state, FB_V_BAD);
    ck_assert_uint_eq(batch_values(b, 1)[2].len, 5);
    batch_free(b);
}
END_TEST

START_TEST(counts_filtered_rows_once)
{
    struct batch *b = batch_of_orders();

    keep_rows(b, 0x5);
    keep_rows(b, 0x6);
    ck_assert_uint_eq(batch_selection(b)[0], 0x4);
    ck_assert_uint_eq(batch_selected_count(b), 1);
    ck_assert_uint_eq(batch_filtered_count(b), 3);
    batch_reset_counts(b);
    ck_assert_uint_eq(batch_filtered_count(b), 0);
    ck_assert(batch_untouched(b));
    batch_free(b);
}
END_TEST

START_TEST(rejects_a_row_once_for_the_first_reason)
{
    struct batch *b = batch_of_orders(), *r;

    batch_reject(b, 2, 2, "type-error", "'abc' is not a number");
    batch_reject(b, 2, FB_NEW, "row-constraint", "second");
    ck_assert_uint_eq(batch_rejected_count(b), 1);
    ck_assert_uint_eq(batch_selected_count(b), 3);
    r = batch_take_rejects(b);
    ck_assert_uint_eq(batch_rows(r), 1);
    ck_assert_str_eq(batch_reject_of(r, 0)->code, "type-error");
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(does_not_reject_a_row_that_was_filtered)
{
    struct batch *b = batch_of_orders();

    keep_rows(b, 0xe);
    batch_reject(b, 0, FB_NEW, "x", "y");
    ck_assert_uint_eq(batch_rejected_count(b), 0);
    ck_assert_ptr_null(batch_take_rejects(b));
    batch_free(b);
}
END_TEST

START_TEST(gives_rejects_as_a_stream_in_the_order_of_lines)
{
    struct batch *b = batch_of_orders(), *r;

    batch_reject(b, 3, 3, "constraint-error", "'bad' is not allowed");
    batch_reject(b, 0, FB_NEW, "row-constraint", "no");
    r = batch_take_rejects(b);
    ck_assert_ptr_eq(batch_columns(r), &reject_columns);
    ck_assert_uint_eq(batch_rows(r), 2);
    ck_assert_uint_eq(batch_line(r, 1), 5);
    is_cell(&batch_cells(r, 0)[0], "2", 0);
    is_cell(&batch_cells(r, 1)[0], "", FB_CELL_NULL);
    is_cell(&batch_cells(r, 1)[1], "status", 0);
    is_cell(&batch_cells(r, 2)[1], "constraint-error", 0);
    is_cell(&batch_cells(r, 3)[1], "'bad' is not allowed", 0);
    is_cell(&batch_cells(r, 4)[1], "4,Dan,40,bad", 0);
    ck_assert_int_eq(batch_values(r, 0)[1].as.i, 5);
    ck_assert(!batch_untouched(r));
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(keeps_the_original_bytes_of_a_reject)
{
    struct batch *b = batch_of_orders(), *r;
    const struct reject *reject;

    batch_reject(b, 1, FB_NEW, "x", "y");
    r = batch_take_rejects(b);
    batch_free(b);
    reject = batch_reject_of(r, 0);
    ck_assert(reject->has_raw && !reject->broken);
    ck_assert_uint_eq(reject->raw_length, 9);
    ck_assert_mem_eq(reject->raw, "2,BOB,,NA", 9);
    ck_assert_mem_eq(reject->text, "2,Bob,,NA", 9);
    ck_assert_ptr_null(reject->column);
    batch_free(r);
}
END_TEST

START_TEST(copies_code_and_message)
{
    struct batch *b = batch_of_orders(), *r;
    char code[] = "code", message[] = "message";

    batch_reject(b, 0, 1, code, message);
    code[0] = message[0] = '?';
    r = batch_take_rejects(b);
    ck_assert_str_eq(batch_reject_of(r, 0)->code, "code");
    ck_assert_str_eq(batch_reject_of(r, 0)->message, "message");
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(gives_rejects_only_once)
{
    struct batch *b = batch_of_orders(), *r;

    batch_reject(b, 0, FB_NEW, "x", "first");
    batch_free(batch_take_rejects(b));
    ck_assert_ptr_null(batch_take_rejects(b));
    batch_reject(b, 1, FB_NEW, "x", "second");
    r = batch_take_rejects(b);
    ck_assert_uint_eq(batch_rows(r), 1);
    ck_assert_str_eq(batch_reject_of(r, 0)->message, "second");
    batch_free(r);
    batch_free(b);
}
END_TEST

/* A block of one row and of one record that its reader rejected. */
static struct block *
block_with_a_reject(uint64_t line)
{
    struct block *b = block_of("1,a,2,b\n", 4, 2, false);
    struct block from = *b;
    struct block_reject *rejects = mem_zalloc(sizeof(*rejects));
    struct block_record *records = mem_zalloc(sizeof(*records));
    struct block_cell *cells = mem_array(4, sizeof(*cells));

    *records = b->records[0];
    memcpy(cells, b->cells, 4 * sizeof(*cells));
    rejects->record = b->records[0];
    rejects->record.line = line;
    rejects->code = "extra-cell";
    rejects->message = "5 cells, not 4";
    rejects->broken = true;
    from.text = from.raw = (unsigned char *)mem_strdup("1,a,2,b\n");
    from.side = NULL;
    from.cells = cells;
    from.records = records;
    from.rejects = rejects;
    from.reject_count = 1;
    block_free(b);
    return block_new(&from, NULL);
}

START_TEST(puts_the_rejects_of_the_reader_among_those_of_steps)
{
    struct batch *b = batch_of_block(block_with_a_reject(1), &columns, NULL);
    struct batch *r;

    batch_reject(b, 0, FB_NEW, "x", "y");
    ck_assert_uint_eq(batch_rejected_count(b), 1);
    r = batch_take_rejects(b);
    ck_assert_uint_eq(batch_rows(r), 2);
    ck_assert_str_eq(batch_reject_of(r, 0)->code, "extra-cell");
    ck_assert(batch_reject_of(r, 0)->broken);
    ck_assert_uint_eq(batch_line(r, 1), 2);
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(merges_rejects_of_several_steps_in_the_order_of_lines)
{
    struct batch *b = batch_of_orders();
    struct batch *parts[2], *merged;
    const struct reject *last;

    batch_reject(b, 2, 1, "late", "second step");
    parts[1] = batch_take_rejects(b);
    batch_reject(b, 0, 1, "early", "first step");
    batch_reject(b, 3, 1, "last", "first step");
    parts[0] = batch_take_rejects(b);
    batch_free(b);
    merged = batch_merge_rejects(parts, 2);
    ck_assert_uint_eq(batch_rows(merged), 3);
    ck_assert_str_eq(batch_reject_of(merged, 0)->code, "early");
    ck_assert_str_eq(batch_reject_of(merged, 1)->code, "late");
    last = batch_reject_of(merged, 2);
    ck_assert_str_eq(last->code, "last");
    ck_assert_str_eq(last->column, "name");
    ck_assert_uint_eq(batch_line(merged, 2), last->line);
    ck_assert_uint_gt(last->raw_length, 0);
    batch_free(merged);
}
END_TEST

START_TEST(leaves_out_of_the_merge_what_was_filtered)
{
    struct batch *b = batch_of_orders();
    struct batch *parts[1], *merged;

    batch_reject(b, 0, FB_NEW, "a", "gone");
    batch_reject(b, 1, FB_NEW, "b", "kept");
    parts[0] = batch_take_rejects(b);
    keep_rows(parts[0], 2);
    merged = batch_merge_rejects(parts, 1);
    ck_assert_uint_eq(batch_rows(merged), 1);
    ck_assert_str_eq(batch_reject_of(merged, 0)->message, "kept");
    batch_free(merged);
    batch_free(b);
}
END_TEST

START_TEST(sorts_many_rejects_and_keeps_equal_lines_in_order)
{
    struct batch *b = batch_of_orders(), *r;

    for (uint32_t i = 0; i < 1000; i++) {
        struct reject reject = {.line = (i * 7919) % 100,
                                .code = "x",
                                .message = "y",
                                .text = (const unsigned char *)"",
                                .raw_length = i};

        batch_add_reject(b, &reject);
    }
    r = batch_take_rejects(b);
    for (uint32_t i = 1; i < 1000; i++) {
        const struct reject *one = batch_reject_of(r, i - 1);
        const struct reject *two = batch_reject_of(r, i);

        ck_assert_uint_le(one->line, two->line);
        ck_assert(one->line < two->line || one->raw_length < two->raw_length);
    }
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(writes_a_record_for_rejected_rows_that_never_were_one)
{
    struct arena *own = arena_new();
    struct fb_cell *cells = arena_array(own, 2, sizeof(*cells));
    const struct fb_cell *const arrays[] = {&cells[0], &cells[1]};
    const struct columns *two =
        columns_of_names(arena, (const char *const[]){"a", "b"}, 2);
    struct batch *b, *r;

    cells[0] = cell("x,\"y\"");
    cells[1] = cell("plain");
    b = batch_of_cells(two, 1, arrays, own, 3, NULL);
    batch_reject(b, 0, 1, "x", "y");
    r = batch_take_rejects(b);
    is_cell(&batch_cells(r, 4)[0], "\"x,\"\"y\"\"\",plain", 0);
    ck_assert(!batch_reject_of(r, 0)->has_raw);
    ck_assert_uint_eq(batch_sequence(r), 3);
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(keeps_the_first_origin_of_a_row_rejected_twice)
{
    struct batch *b = batch_of_orders(), *r, *again;

    batch_reject(b, 1, FB_NEW, "x", "first");
    r = batch_take_rejects(b);
    batch_reject(r, 0, 3, "y", "second");
    again = batch_take_rejects(r);
    batch_free(b);
    batch_free(r);
    ck_assert_mem_eq(batch_reject_of(again, 0)->raw, "2,BOB,,NA", 9);
    ck_assert_str_eq(batch_reject_of(again, 0)->message, "second");
    ck_assert_str_eq(batch_reject_of(again, 0)->column, "_message");
    ck_assert_uint_eq(batch_line(again, 0), 3);
    batch_free(again);
}
END_TEST

START_TEST(merges_rejects_of_which_nothing_is_left)
{
    struct batch *b = batch_of_orders();
    struct batch *parts[1], *merged;

    batch_reject(b, 0, FB_NEW, "a", "gone");
    parts[0] = batch_take_rejects(b);
    keep_rows(parts[0], 0);
    merged = batch_merge_rejects(parts, 1);
    ck_assert_uint_eq(batch_rows(merged), 0);
    batch_free(merged);
    batch_free(b);
}
END_TEST

static const uint32_t same[] = {0, 1, 2, 3};

START_TEST(stays_untouched_when_columns_are_only_renamed)
{
    struct batch *b = batch_of_orders();
    static const char *const names[] = {"A", "B", "C", "D"};

    ck_assert_int_eq(
        batch_reshape(b, columns_of_names(arena, names, 4), same, &err), 0);
    ck_assert(batch_untouched(b));
    ck_assert_str_eq(batch_columns(b)->items[3].name, "D");
    batch_free(b);
}
END_TEST

START_TEST(is_touched_when_columns_move_and_not_when_they_move_back)
{
    struct batch *b = batch_of_orders();
    const uint32_t swap[] = {1, 0, 2, 3};

    ck_assert_int_eq(batch_reshape(b, &columns, swap, &err), 0);
    ck_assert(!batch_untouched(b));
    is_cell(&batch_cells(b, 0)[0], "Ann", 0);
    ck_assert_uint_eq(batch_block_column(b, 0), 1);
    ck_assert_int_eq(batch_reshape(b, &columns, swap, &err), 0);
    ck_assert(batch_untouched(b));
    batch_free(b);
}
END_TEST

START_TEST(is_touched_when_a_column_is_dropped)
{
    struct batch *b = batch_of_orders();
    struct columns three = columns;

    three.count = 3;
    ck_assert_int_eq(batch_reshape(b, &three, same, &err), 0);
    ck_assert(!batch_untouched(b));
    ck_assert_ptr_nonnull(batch_block(b));
    batch_free(b);
}
END_TEST

START_TEST(shows_new_cells_only_after_the_step)
{
    struct batch *b = batch_of_orders();
    const uint32_t from[] = {0, FB_NEW, 2, 3};

    batch_set(b, 1, some_cells(b, "new"));
    is_cell(&batch_cells(b, 1)[0], "Ann", 0);
    ck_assert_int_eq(batch_reshape(b, &columns, from, &err), 0);
    is_cell(&batch_cells(b, 1)[3], "new3", 0);
    ck_assert(!batch_untouched(b));
    ck_assert_uint_eq(batch_block_column(b, 1), FB_NEW);
    batch_free(b);
}
END_TEST

START_TEST(marks_new_cells_that_are_missing)
{
    struct batch *b = batch_of_orders();
    const uint32_t from[] = {0, FB_NEW, 2, 3};
    struct fb_cell *cells = batch_alloc(b, 4 * sizeof(*cells));

    cells[0] = cell("NA");
    cells[1] = (struct fb_cell){NULL, 0, FB_CELL_NULL};
    cells[2] = cell("");
    cells[3] = cell("x");
    batch_set(b, 1, cells);
    ck_assert_int_eq(batch_reshape(b, &columns, from, &err), 0);
    is_cell(&batch_cells(b, 1)[0], "NA", FB_CELL_NULL);
    is_cell(&batch_cells(b, 1)[1], "", FB_CELL_NULL);
    is_cell(&batch_cells(b, 1)[2], "", FB_CELL_NULL);
    is_cell(&batch_cells(b, 1)[3], "x", 0);
    batch_free(b);
}
END_TEST

START_TEST(gives_a_null_the_text_that_means_missing)
{
    struct batch *b = batch_of_orders();
    const uint32_t from[] = {0, FB_NEW, 2, 3};
    struct fb_cell *cells = batch_alloc(b, 4 * sizeof(*cells));
    struct columns after = columns;

    for (int i = 0; i < 4; i++)
        cells[i] = (struct fb_cell){NULL, 0, i == 0 ? FB_CELL_NULL : 0};
    after.missing = (struct fb_list){1, missing_items + 1};
    batch_set(b, 1, cells);
    ck_assert_int_eq(batch_reshape(b, &after, from, &err), 0);
    is_cell(&batch_cells(b, 1)[0], "NA", FB_CELL_NULL);
    is_cell(&batch_cells(b, 1)[1], "", 0);
    batch_free(b);
}
END_TEST

START_TEST(judges_cells_anew_when_the_schema_changes)
{
    struct batch *b = batch_of_orders();
    struct columns after = columns;
    struct fb_column *items = arena_array(arena, 4, sizeof(*items));

    ck_assert_uint_eq(batch_values(b, 2)[2].state, FB_V_BAD);
    memcpy(items, columns.items, 4 * sizeof(*items));
    items[2].type = FB_C_STRING;
    after.items = items;
    after.missing = (struct fb_list){0, NULL};
    ck_assert_int_eq(batch_reshape(b, &after, same, &err), 0);
    ck_assert_uint_eq(batch_values(b, 2)[2].state, FB_V_OK);
    is_cell(&batch_cells(b, 3)[1], "NA", 0);
    batch_free(b);
}
END_TEST

START_TEST(refuses_a_new_column_that_got_no_cells)
{
    struct batch *b = batch_of_orders();
    const uint32_t from[] = {0, FB_NEW, 2, 3};

    ck_assert_int_eq(batch_reshape(b, &columns, from, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    ck_assert_ptr_nonnull(strstr(err.message, "'name'"));
    is_cell(&batch_cells(b, 1)[0], "Ann", 0);
    batch_free(b);
}
END_TEST

START_TEST(refuses_cells_for_a_column_that_is_not_new)
{
    struct batch *b = batch_of_orders();

    batch_set(b, 1, some_cells(b, "x"));
    ck_assert_int_eq(batch_reshape(b, &columns, same, &err), -1);
    ck_assert_int_eq(err.code, FB_E_BUG);
    batch_set(b, 1, NULL);
    batch_set(b, 4, some_cells(b, "x"));
    ck_assert_int_eq(batch_reshape(b, &columns, same, &err), -1);
    batch_free(b);
}
END_TEST

START_TEST(names_a_reject_by_the_current_columns)
{
    struct batch *b = batch_of_orders(), *r;
    static const char *const names[] = {"A", "B", "C", "D"};

    ck_assert_int_eq(
        batch_reshape(b, columns_of_names(arena, names, 4), same, &err), 0);
    batch_reject(b, 0, 1, "x", "y");
    r = batch_take_rejects(b);
    ck_assert_str_eq(batch_reject_of(r, 0)->column, "B");
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(clones_the_rows_but_not_the_counts_and_rejects)
{
    struct batch *b = batch_of_orders(), *c, *r;

    keep_rows(b, 0x7);
    batch_reject(b, 0, FB_NEW, "x", "y");
    c = batch_clone(b);
    ck_assert_uint_eq(batch_selection(c)[0], 0x6);
    ck_assert_uint_eq(batch_selected_count(c), 2);
    ck_assert_uint_eq(batch_filtered_count(c), 0);
    ck_assert_uint_eq(batch_rejected_count(c), 0);
    ck_assert_ptr_null(batch_take_rejects(c));
    ck_assert(batch_untouched(c));
    r = batch_take_rejects(b);
    ck_assert_ptr_nonnull(r);
    batch_free(r);
    batch_free(b);
    batch_free(c);
}
END_TEST

START_TEST(filters_a_clone_without_touching_the_original)
{
    struct batch *b = batch_of_orders(), *c = batch_clone(b);

    keep_rows(c, 0x1);
    ck_assert_uint_eq(batch_selected_count(b), 4);
    ck_assert_uint_eq(batch_selected_count(c), 1);
    batch_free(b);
    is_cell(&batch_cells(c, 1)[0], "Ann", 0);
    batch_free(c);
}
END_TEST

START_TEST(keeps_new_cells_for_clones_that_outlive_the_batch)
{
    struct batch *b = batch_of_orders(), *c, *d;
    const uint32_t from[] = {0, FB_NEW, 2, 3};

    batch_set(b, 1, some_cells(b, "first"));
    ck_assert_int_eq(batch_reshape(b, &columns, from, &err), 0);
    c = batch_clone(b);
    batch_set(c, 1, some_cells(c, "second"));
    ck_assert_int_eq(batch_reshape(c, &columns, from, &err), 0);
    d = batch_clone(c);
    batch_set(b, 1, some_cells(b, "third"));
    ck_assert_int_eq(batch_reshape(b, &columns, from, &err), 0);
    is_cell(&batch_cells(b, 1)[0], "third0", 0);
    batch_free(b);
    batch_free(c);
    is_cell(&batch_cells(d, 1)[0], "second0", 0);
    ck_assert_int_eq(batch_values(d, 0)[0].as.i, 1);
    batch_free(d);
}
END_TEST

START_TEST(gives_clones_memory_of_their_own)
{
    struct batch *b = batch_of_orders(), *c;
    char *before = batch_alloc(b, 16), *one, *two;

    snprintf(before, 16, "before");
    c = batch_clone(b);
    one = batch_alloc(b, 16);
    two = batch_alloc(c, 16);
    snprintf(one, 16, "one");
    batch_free(b);
    snprintf(two, 16, "two");
    ck_assert_str_eq(before, "before");
    batch_free(c);
}
END_TEST

static void *
work_on_clone(void *arg)
{
    static const uint32_t from[] = {0, FB_NEW, 2, 3};
    struct batch *b = arg;
    struct fb_error own = FB_ERROR_INIT;
    intptr_t sum = 0;

    for (int i = 0; i < 200; i++) {
        struct batch *c = batch_clone(b);

        batch_set(c, 1, some_cells(c, "clone"));
        if (batch_reshape(c, &columns, from, &own) != 0)
            sum = INTPTR_MIN;
        sum += batch_values(c, 0)[2].as.i + batch_cells(c, 1)[0].len;
        batch_reject(c, 0, 1, "x", "y");
        batch_free(batch_take_rejects(c));
        batch_free(c);
    }
    batch_free(b);
    return (void *)sum;
}

START_TEST(lets_clones_work_in_threads_of_their_own)
{
    struct batch *b = batch_of_orders();
    pthread_t threads[4];
    void *sum;

    ck_assert_int_eq(batch_values(b, 0)[2].as.i, 3);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, work_on_clone, batch_clone(b)),
            0);
    batch_free(b);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &sum), 0);
        ck_assert_int_eq((intptr_t)sum, INTMAX_C(200) * (3 + 6));
    }
}
END_TEST

START_TEST(numbers_rows_without_a_block_from_one_or_as_told)
{
    struct arena *own = arena_new();
    struct fb_cell *cells = arena_array(own, 2, sizeof(*cells));
    const struct columns *one =
        columns_of_names(arena, (const char *const[]){"a"}, 1);
    struct batch *b = batch_of_cells(
        one, 2, (const struct fb_cell *const[]){cells}, own, 0, NULL);
    const uint64_t lines[] = {7, 9};

    ck_assert_uint_eq(batch_line(b, 1), 2);
    batch_set_sources(b, lines, NULL, NULL);
    ck_assert_uint_eq(batch_line(b, 1), 9);
    ck_assert_ptr_null(batch_block(b));
    ck_assert_ptr_null(batch_reject_of(b, 0));
    ck_assert(!batch_untouched(b));
    is_cell(&batch_cells(b, 0)[0], "", FB_CELL_NULL);
    batch_free(b);
}
END_TEST

START_TEST(shows_the_host_and_the_origin)
{
    static const struct block_origin origin = {.charset = "cp932"};
    struct block *block = block_of(orders, 4, 2, false);
    const struct fb_host *host = (const struct fb_host *)(const void *)"host";
    struct batch *b, *r;

    block->origin = &origin;
    b = batch_of_block(block, &columns, host);
    batch_reject(b, 0, FB_NEW, "x", "y");
    r = batch_take_rejects(b);
    ck_assert_ptr_eq(batch_public(b)->host, host);
    ck_assert_ptr_eq(batch_public(r)->host, host);
    ck_assert_ptr_eq(batch_of(batch_public(b)), b);
    ck_assert_ptr_eq(batch_origin(b), &origin);
    ck_assert_ptr_eq(batch_origin(r), &origin);
    batch_free(r);
    batch_free(b);
}
END_TEST

START_TEST(rejects_by_columns_that_other_tools_can_read)
{
    static const char *const names[] = {"_line", "_column", "_code", "_message",
                                        "_record"};

    ck_assert_uint_eq(reject_columns.count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_str_eq(reject_columns.items[i].name, names[i]);
        ck_assert_int_eq(reject_columns.items[i].type,
                         i == 0 ? FB_C_INTEGER : FB_C_STRING);
    }
}
END_TEST

static TCase *
rows(void)
{
    TCase *tc = tcase_create("rows");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, shows_the_cells_of_a_grid_as_those_of_a_list);
    tcase_add_test(tc, tells_the_record_of_a_rejected_row_of_a_grid);
    tcase_add_test(tc, begins_with_every_row_selected);
    tcase_add_test(tc, selects_whole_words_of_rows);
    tcase_add_test(tc, may_have_no_rows);
    tcase_add_test(tc, shows_the_cells_of_the_block);
    tcase_add_test(tc, marks_missing_values_by_their_exact_text);
    tcase_add_test(tc, gives_values_by_the_type_of_the_column);
    tcase_add_test(tc, counts_filtered_rows_once);
    tcase_add_test(tc, numbers_rows_without_a_block_from_one_or_as_told);
    tcase_add_test(tc, shows_the_host_and_the_origin);
    return tc;
}

static TCase *
rejected(void)
{
    TCase *tc = tcase_create("rejects");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, rejects_by_columns_that_other_tools_can_read);
    tcase_add_test(tc, rejects_a_row_once_for_the_first_reason);
    tcase_add_test(tc, does_not_reject_a_row_that_was_filtered);
    tcase_add_test(tc, gives_rejects_as_a_stream_in_the_order_of_lines);
    tcase_add_test(tc, keeps_the_original_bytes_of_a_reject);
    tcase_add_test(tc, copies_code_and_message);
    tcase_add_test(tc, gives_rejects_only_once);
    tcase_add_test(tc, puts_the_rejects_of_the_reader_among_those_of_steps);
    tcase_add_test(tc, merges_rejects_of_several_steps_in_the_order_of_lines);
    tcase_add_test(tc, leaves_out_of_the_merge_what_was_filtered);
    tcase_add_test(tc, merges_rejects_of_which_nothing_is_left);
    tcase_add_test(tc, sorts_many_rejects_and_keeps_equal_lines_in_order);
    tcase_add_test(tc, writes_a_record_for_rejected_rows_that_never_were_one);
    tcase_add_test(tc, keeps_the_first_origin_of_a_row_rejected_twice);
    tcase_add_test(tc, names_a_reject_by_the_current_columns);
    return tc;
}

static TCase *
shape(void)
{
    TCase *tc = tcase_create("shape");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, stays_untouched_when_columns_are_only_renamed);
    tcase_add_test(tc,
                   is_touched_when_columns_move_and_not_when_they_move_back);
    tcase_add_test(tc, is_touched_when_a_column_is_dropped);
    tcase_add_test(tc, shows_new_cells_only_after_the_step);
    tcase_add_test(tc, marks_new_cells_that_are_missing);
    tcase_add_test(tc, gives_a_null_the_text_that_means_missing);
    tcase_add_test(tc, judges_cells_anew_when_the_schema_changes);
    tcase_add_test(tc, refuses_a_new_column_that_got_no_cells);
    tcase_add_test(tc, refuses_cells_for_a_column_that_is_not_new);
    return tc;
}

static TCase *
clones(void)
{
    TCase *tc = tcase_create("clones");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, clones_the_rows_but_not_the_counts_and_rejects);
    tcase_add_test(tc, filters_a_clone_without_touching_the_original);
    tcase_add_test(tc, keeps_new_cells_for_clones_that_outlive_the_batch);
    tcase_add_test(tc, gives_clones_memory_of_their_own);
    tcase_add_test(tc, lets_clones_work_in_threads_of_their_own);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("batch");

    suite_add_tcase(suite, rows());
    suite_add_tcase(suite, rejected());
    suite_add_tcase(suite, shape());
    suite_add_tcase(suite, clones());
    return suite;
}
