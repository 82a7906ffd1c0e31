/*
 * tests/unit/test_spool.c: batches come back from disk as they went.
 */
#include "batch/spool.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

#include "unit/blocks.h"
#include "unit/main.h"
#include "util/error.h"

static struct arena *arena;
static struct spool *spool;
static struct fb_error err;
static const struct columns *columns;
static char folder[64];

static void
setup(void)
{
    static const char *const names[] = {"id", "name", "status"};

    arena = arena_new();
    err = (struct fb_error)FB_ERROR_INIT;
    columns = columns_of_names(arena, names, 3);
    snprintf(folder, sizeof(folder), "/tmp/forebay-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    spool = spool_new(folder);
}

static void
teardown(void)
{
    spool_free(spool);
    arena_free(arena);
    ck_assert_int_eq(remove(folder), 0); /* so nothing was left in it */
}

static const char orders[] = "1,Ann,ok\n"
                             "2,\"B \"\"x\"\"\",\n"
                             "3,Cy,bad\n"
                             "4,\"\",ok\n";

static struct batch *
batch_of_orders(bool recoded)
{
    return batch_of_block(block_of(orders, 3, 10, recoded), columns, NULL);
}

/* Through the disk and back. */
static struct batch *
again(struct batch *batch)
{
    struct batch *back, *end;

    ck_assert_int_eq(spool_put(spool, batch, &err), 0);
    ck_assert_int_eq(spool_next(spool, &back, &err), 0);
    ck_assert_ptr_nonnull(back);
    ck_assert_int_eq(spool_next(spool, &end, &err), 0);
    ck_assert_ptr_null(end);
    return back;
}

static void
is_cell(struct batch *batch, uint32_t column, uint32_t row, const char *text,
        uint32_t flags)
{
    const struct fb_cell *cell = &batch_cells(batch, column)[row];

    ck_assert_uint_eq(cell->len, strlen(text));
    ck_assert_mem_eq(cell->ptr, text, cell->len);
    ck_assert_uint_eq(cell->flags, flags);
}

START_TEST(gives_nothing_when_nothing_was_put)
{
    struct batch *batch;

    ck_assert_int_eq(spool_next(spool, &batch, &err), 0);
    ck_assert_ptr_null(batch);
    spool_free(NULL);
}
END_TEST

START_TEST(opens_no_file_before_the_first_put)
{
    struct spool *nowhere = spool_new("/nonexistent/folder");

    ck_assert_int_eq(spool_put(nowhere, batch_of_orders(false), &err), -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "'/nonexistent/folder'"));
    spool_free(nowhere);
}
END_TEST

START_TEST(keeps_cells_lines_and_quotes)
{
    struct batch *b = again(batch_of_orders(false));

    ck_assert_uint_eq(batch_rows(b), 4);
    ck_assert_ptr_eq(batch_columns(b), columns);
    ck_assert_uint_eq(batch_line(b, 2), 12);
    is_cell(b, 1, 0, "Ann", 0);
    is_cell(b, 1, 1, "B \"x\"", FB_CELL_QUOTED);
    is_cell(b, 2, 1, "", FB_CELL_NULL);
    is_cell(b, 1, 3, "", FB_CELL_NULL | FB_CELL_QUOTED);
    batch_free(b);
}
END_TEST

/* Rows 1 and 3 of it, which are the second and the last. */
static struct batch *
part_of_a_grid(bool recoded)
{
    static const char text[] = "1,Ann,ok\r\n2,\"B\n\"\"x\"\"\",\r\n"
                               "3,Cy,bad\n4,\"\",ok";
    static const uint64_t keep[] = {10};
    struct batch *b =
        batch_of_block(grid_of(text, 3, 10, recoded), columns, NULL);

    batch_filter(b, keep);
    return again(b);
}

START_TEST(keeps_the_rows_of_a_grid)
{
    struct batch *b = part_of_a_grid(false);

    ck_assert(batch_untouched(b));
    ck_assert_uint_eq(batch_rows(b), 2);
    is_cell(b, 1, 0, "B\n\"x\"", FB_CELL_QUOTED);
    is_cell(b, 2, 0, "", FB_CELL_NULL);
    is_cell(b, 1, 1, "", FB_CELL_NULL | FB_CELL_QUOTED);
    is_cell(b, 2, 1, "ok", 0);
    ck_assert_uint_eq(batch_line(b, 0), 11);
    ck_assert_uint_eq(batch_line(b, 1), 14);
    batch_free(b);
}
END_TEST

START_TEST(keeps_the_raw_bytes_of_a_grid)
{
    struct batch *b = part_of_a_grid(true);
    const struct block *block = batch_block(b);
    struct block_record r = block_record(block, 0);

    ck_assert_uint_eq(r.raw_length, 12);
    ck_assert_mem_eq(block->raw + r.raw_offset, "2,\"B\n\"\"X\"\"\",\r\n", 14);
    ck_assert_uint_eq(r.end_length, 2);
    r = block_record(block, 1);
    ck_assert_uint_eq(r.raw_length, 7);
    ck_assert_mem_eq(block->raw + r.raw_offset, "4,\"\",OK", 7);
    ck_assert_uint_eq(r.end_length, 0);
    batch_free(b);
}
END_TEST

START_TEST(keeps_untouched_records_byte_for_byte)
{
    struct batch *b = again(batch_of_orders(false));
    const struct block *block = batch_block(b);
    const struct block_record *r = &block->records[1];

    ck_assert(batch_untouched(b));
    ck_assert_ptr_eq(block->raw, block->text);
    ck_assert_uint_eq(block->text_size, strlen(orders));
    ck_assert_mem_eq(block->text, orders, strlen(orders));
    ck_assert_uint_eq(r->text_length, 12);
    ck_assert_uint_eq(r->end_length, 1);
    batch_free(b);
}
END_TEST

START_TEST(keeps_raw_bytes_beside_the_text)
{
    struct batch *b = again(batch_of_orders(true));
    const struct block *block = batch_block(b);

    ck_assert_mem_eq(block->raw + block->records[0].raw_offset, "1,ANN,OK", 8);
    ck_assert_mem_eq(block->raw + block->records[2].raw_offset, "3,CY,BAD", 8);
    ck_assert_mem_eq(block->text + block->records[2].text_offset, "3,Cy,bad\n",
                     9);
    batch_free(b);
}
END_TEST

START_TEST(keeps_selected_rows_alone)
{
    struct batch *b = batch_of_orders(true);

    batch_filter(b, (const uint64_t[]){0xa});
    b = again(b);
    ck_assert_uint_eq(batch_rows(b), 2);
    ck_assert_uint_eq(batch_selected_count(b), 2);
    ck_assert_uint_eq(batch_filtered_count(b), 0);
    ck_assert_uint_eq(batch_line(b, 1), 13);
    is_cell(b, 0, 0, "2", 0);
    is_cell(b, 1, 0, "B \"x\"", FB_CELL_QUOTED);
    is_cell(b, 0, 1, "4", 0);
    ck_assert_mem_eq(batch_block(b)->raw, "2,\"B \"\"X\"\"\",4,\"\",OK", 19);
    batch_free(b);
}
END_TEST

START_TEST(keeps_a_batch_without_rows)
{
    struct batch *b = batch_of_orders(false);

    batch_filter(b, (const uint64_t[]){0});
    b = again(b);
    ck_assert_uint_eq(batch_rows(b), 0);
    batch_free(b);
}
END_TEST

/* Moves status to the front and replaces name. */
static struct batch *
reshaped(void)
{
    static const uint32_t from[] = {2, FB_NEW, 0};
    struct batch *b = batch_of_orders(false);
    struct fb_cell *cells = batch_alloc(b, 4 * sizeof(*cells));

    for (int i = 0; i < 4; i++)
        cells[i] = (struct fb_cell){(const unsigned char *)"new!", 4, 0};
    cells[2] = (struct fb_cell){NULL, 0, FB_CELL_NULL};
    batch_set(b, 1, cells);
    ck_assert_int_eq(batch_reshape(b, columns, from, &err), 0);
    return b;
}

START_TEST(keeps_columns_that_steps_added_and_moved)
{
    struct batch *b = again(reshaped());

    ck_assert(!batch_untouched(b));
    is_cell(b, 0, 2, "bad", 0);
    is_cell(b, 1, 1, "new!", 0);
    is_cell(b, 1, 2, "", FB_CELL_NULL);
    is_cell(b, 2, 3, "4", 0);
    ck_assert_uint_eq(batch_block_column(b, 0), 2);
    ck_assert_uint_eq(batch_line(b, 0), 10);
    batch_free(b);
}
END_TEST

START_TEST(keeps_rejects_that_nobody_took)
{
    struct batch *b = batch_of_orders(true), *r;

    batch_reject(b, 2, 2, "constraint-error", "'bad' is not allowed");
    batch_reject(b, 0, FB_NEW, "x", "y");
    b = again(b);
    ck_assert_uint_eq(batch_rows(b), 2);
    r = batch_take_rejects(b);
    batch_free(b);
    ck_assert_uint_eq(batch_rows(r), 2);
    ck_assert_ptr_null(batch_reject_of(r, 0)->column);
    ck_assert_str_eq(batch_reject_of(r, 1)->column, "status");
    ck_assert_str_eq(batch_reject_of(r, 1)->message, "'bad' is not allowed");
    ck_assert_mem_eq(batch_reject_of(r, 1)->raw, "3,CY,BAD", 8);
    ck_assert(batch_reject_of(r, 1)->has_raw);
    is_cell(r, 4, 1, "3,Cy,bad", 0);
    batch_free(r);
}
END_TEST

START_TEST(keeps_a_stream_of_rejects)
{
    struct batch *b = batch_of_orders(true), *r;

    batch_reject(b, 2, 2, "constraint-error", "no");
    batch_reject(b, 3, FB_NEW, "x", "y");
    r = batch_take_rejects(b);
    batch_free(b);
    batch_filter(r, (const uint64_t[]){0x2});
    r = again(r);
    ck_assert_ptr_eq(batch_columns(r), &reject_columns);
    ck_assert_uint_eq(batch_rows(r), 1);
    ck_assert_uint_eq(batch_line(r, 0), 13);
    is_cell(r, 0, 0, "13", 0);
    is_cell(r, 1, 0, "", FB_CELL_NULL);
    ck_assert_mem_eq(batch_reject_of(r, 0)->raw, "4,\"\",OK", 7);
    batch_free(r);
}
END_TEST

START_TEST(keeps_rows_that_never_were_records)
{
    struct arena *own = arena_new();
    struct fb_cell *cells = arena_array(own, 2, sizeof(*cells));
    const struct fb_cell *const arrays[] = {cells, cells, cells};
    struct batch *b;

    cells[0] = (struct fb_cell){(const unsigned char *)"one", 3, 0};
    cells[1] = (struct fb_cell){(const unsigned char *)"two", 3, 0};
    b = batch_of_cells(columns, 2, arrays, own, 5, NULL);
    batch_filter(b, (const uint64_t[]){0x2});
    b = again(b);
    ck_assert_uint_eq(batch_sequence(b), 5);
    ck_assert_uint_eq(batch_line(b, 0), 2);
    ck_assert_ptr_null(batch_block(b));
    ck_assert_ptr_null(batch_reject_of(b, 0));
    is_cell(b, 2, 0, "two", 0);
    batch_free(b);
}
END_TEST

START_TEST(gives_batches_in_the_order_they_were_put)
{
    struct batch *b;

    for (uint64_t i = 0; i < 100; i++) {
        b = batch_of_block(block_of(orders, 3, i + 1, i % 2), columns, NULL);
        ck_assert_int_eq(spool_put(spool, b, &err), 0);
    }
    for (uint64_t i = 0; i < 100; i++) {
        ck_assert_int_eq(spool_next(spool, &b, &err), 0);
        ck_assert_uint_eq(batch_line(b, 0), i + 1);
        batch_free(b);
    }
    ck_assert_int_eq(spool_next(spool, &b, &err), 0);
    ck_assert_ptr_null(b);
}
END_TEST

START_TEST(leaves_no_name_in_the_folder)
{
    DIR *dir;
    int entries = 0;

    ck_assert_int_eq(spool_put(spool, batch_of_orders(false), &err), 0);
    dir = opendir(folder);
    while (readdir(dir) != NULL)
        entries++;
    closedir(dir);
    ck_assert_int_eq(entries, 2); /* . and .. */
}
END_TEST

START_TEST(reports_a_file_that_cannot_grow)
{
    struct rlimit limit = {16384, RLIM_INFINITY};
    struct batch *b;
    int result = 0;

    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (int i = 0; i < 1000 && result == 0; i++)
        result = spool_put(spool, batch_of_orders(false), &err);
    if (result == 0)
        result = spool_next(spool, &b, &err);
    limit.rlim_cur = RLIM_INFINITY;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(result, -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("spool");
    TCase *tc = tcase_create("spool");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, gives_nothing_when_nothing_was_put);
    tcase_add_test(tc, opens_no_file_before_the_first_put);
    tcase_add_test(tc, keeps_cells_lines_and_quotes);
    tcase_add_test(tc, keeps_the_rows_of_a_grid);
    tcase_add_test(tc, keeps_the_raw_bytes_of_a_grid);
    tcase_add_test(tc, keeps_untouched_records_byte_for_byte);
    tcase_add_test(tc, keeps_raw_bytes_beside_the_text);
    tcase_add_test(tc, keeps_selected_rows_alone);
    tcase_add_test(tc, keeps_a_batch_without_rows);
    tcase_add_test(tc, keeps_columns_that_steps_added_and_moved);
    tcase_add_test(tc, keeps_rejects_that_nobody_took);
    tcase_add_test(tc, keeps_a_stream_of_rejects);
    tcase_add_test(tc, keeps_rows_that_never_were_records);
    tcase_add_test(tc, gives_batches_in_the_order_they_were_put);
    tcase_add_test(tc, leaves_no_name_in_the_folder);
    tcase_add_test(tc, reports_a_file_that_cannot_grow);
    suite_add_tcase(suite, tc);
    return suite;
}
