/*
 * tests/unit/test_block.c: the life of a block.  Leaks and double frees are
 * for the sanitizers to see.
 */
#include "batch/block.h"

#include <pthread.h>

#include "batch/hold.h"
#include "unit/blocks.h"
#include "unit/main.h"

START_TEST(keeps_what_it_was_made_of)
{
    struct block *b = block_of("a,b\n1,2\n", 2, 5, false);

    ck_assert_uint_eq(b->rows, 2);
    ck_assert_uint_eq(b->column_count, 2);
    ck_assert_uint_eq(b->records[1].line, 6);
    ck_assert_ptr_eq(b->raw, b->text);
    block_free(b);
}
END_TEST

START_TEST(finds_the_text_of_a_cell_in_the_text_or_beside_it)
{
    struct block *b = block_of("a,\"b\"\"c\"\n", 2, 1, false);

    ck_assert_mem_eq(block_cell_text(b, &b->cells[0]), "a", 1);
    ck_assert_uint_eq(b->cells[1].length & BLOCK_LENGTH, 3);
    ck_assert_mem_eq(block_cell_text(b, &b->cells[1]), "b\"c", 3);
    block_free(b);
}
END_TEST

static void
same_records(const struct block *a, const struct block *b)
{
    ck_assert_uint_eq(a->rows, b->rows);
    for (uint32_t r = 0; r < a->rows; r++) {
        const struct block_record x = block_record(a, r);
        const struct block_record y = block_record(b, r);

        ck_assert_uint_eq(x.line, y.line);
        ck_assert_uint_eq(x.line, block_line(b, r));
        ck_assert_uint_eq(x.text_offset, y.text_offset);
        ck_assert_uint_eq(x.text_length, y.text_length);
        ck_assert_uint_eq(x.end_length, y.end_length);
        ck_assert_uint_eq(x.raw_offset, y.raw_offset);
        ck_assert_uint_eq(x.raw_length, y.raw_length);
    }
}

START_TEST(finds_the_same_records_in_a_list_and_in_a_grid)
{
    static const char text[] = "a,b\n1,\"2\"\n,\n";

    for (int recoded = 0; recoded < 2; recoded++) {
        struct block *list = block_of(text, 2, 5, recoded);
        struct block *grid = grid_of(text, 2, 5, recoded);

        same_records(list, grid);
        block_free(list);
        block_free(grid);
    }
}
END_TEST

START_TEST(finds_the_records_of_a_grid_behind_any_line_end)
{
    struct block *b = grid_of("a,b\r\n1,\"x\n\"\n3,4", 2, 5, true);
    struct block_record r = block_record(b, 1);

    ck_assert_uint_eq(block_record(b, 0).end_length, 2);
    ck_assert_uint_eq(r.text_offset, 5);
    ck_assert_uint_eq(r.text_length, 6);
    ck_assert_uint_eq(r.raw_offset, 5);
    ck_assert_uint_eq(r.raw_length, 6);
    ck_assert_uint_eq(r.end_length, 1);
    ck_assert_uint_eq(r.line, 6);
    r = block_record(b, 2);
    ck_assert_uint_eq(r.text_offset, 12);
    ck_assert_uint_eq(r.raw_length, 3);
    ck_assert_uint_eq(r.end_length, 0);
    ck_assert_uint_eq(r.line, 8);
    block_free(b);
}
END_TEST

START_TEST(lives_until_the_last_reference_of_its_hold_goes)
{
    struct block *b = block_of("a\n", 1, 1, true);
    struct hold *hold = hold_new(NULL, b), *again = hold_ref(hold);

    ck_assert_ptr_eq(hold, again);
    hold_unref(hold);
    ck_assert_mem_eq(b->text, "a\n", 2);
    ck_assert_mem_eq(b->raw, "A\n", 2);
    hold_unref(again);
}
END_TEST

START_TEST(takes_over_the_arena_of_its_rejects)
{
    struct arena *arena = arena_new();
    struct block_reject *rejects = mem_zalloc(sizeof(*rejects));
    struct block from = {.reject_count = 1, .rejects = rejects};
    struct block *b;

    rejects->message = arena_strdup(arena, "2 cells, not 3");
    b = block_new(&from, arena);
    ck_assert_str_eq(b->rejects[0].message, "2 cells, not 3");
    block_free(b);
}
END_TEST

START_TEST(is_fine_without_anything_in_it)
{
    struct block *b = block_new(&(struct block){.sequence = 7}, NULL);

    ck_assert_uint_eq(b->sequence, 7);
    block_free(b);
    block_free(NULL);
}
END_TEST

static void *
ref_and_unref(void *arg)
{
    struct hold *hold = arg;

    for (int i = 0; i < 10000; i++)
        hold_unref(hold_ref(hold));
    hold_unref(hold);
    return NULL;
}

START_TEST(is_held_by_several_threads)
{
    struct block *b = block_of("a\n", 1, 1, false);
    struct hold *hold = hold_new(NULL, b);
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, ref_and_unref, hold_ref(hold)),
            0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_mem_eq(b->text, "a\n", 2);
    hold_unref(hold);
}
END_TEST

START_TEST(a_hold_that_is_shared_gets_no_more_memory)
{
    struct hold *hold = hold_new(NULL, NULL), *mine = hold, *again = hold;

    (void)hold_alloc(&mine, 8);
    ck_assert_ptr_eq(mine, hold);
    mine = hold_ref(hold);
    memset(hold_alloc(&mine, 8), 1, 8);
    ck_assert_ptr_ne(mine, hold);
    hold_unref(mine);
    (void)hold_alloc(&again, 8);
    ck_assert_ptr_eq(again, hold); /* nobody else has it any more */
    hold_unref(hold);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("block");
    TCase *tc = tcase_create("block");

    tcase_add_test(tc, finds_the_same_records_in_a_list_and_in_a_grid);
    tcase_add_test(tc, finds_the_records_of_a_grid_behind_any_line_end);
    tcase_add_test(tc, keeps_what_it_was_made_of);
    tcase_add_test(tc, finds_the_text_of_a_cell_in_the_text_or_beside_it);
    tcase_add_test(tc, lives_until_the_last_reference_of_its_hold_goes);
    tcase_add_test(tc, takes_over_the_arena_of_its_rejects);
    tcase_add_test(tc, is_fine_without_anything_in_it);
    tcase_add_test(tc, is_held_by_several_threads);
    tcase_add_test(tc, a_hold_that_is_shared_gets_no_more_memory);
    suite_add_tcase(suite, tc);
    return suite;
}
