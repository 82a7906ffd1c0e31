/*
 * util/arena.h: memory given back all at once.
 */
#include "util/arena.h"

#include <stdint.h>
#include <string.h>

#include "unit/main.h"
#include "util/limits.h"

static struct arena *arena;

static void
setup(void)
{
    arena = arena_new();
}

static void
teardown(void)
{
    arena_free(arena);
}

START_TEST(aligns_every_allocation)
{
    for (size_t size = 1; size < 200; size++) {
        uintptr_t p = (uintptr_t)arena_alloc(arena, size);

        ck_assert_uint_eq(p % _Alignof(max_align_t), 0);
    }
}
END_TEST

/* Sizes around the chunk's own, and many small ones between large ones. */
START_TEST(never_gives_the_same_byte_twice)
{
    static const size_t sizes[] = {
        1,           16, ARENA_CHUNK / 4, 100, ARENA_CHUNK / 4 + 1,
        ARENA_CHUNK, 3,  ARENA_CHUNK * 3, 4000};
    enum {
        ROUNDS = 50,
        KINDS = sizeof(sizes) / sizeof(sizes[0]),
        COUNT = ROUNDS * KINDS
    };
    unsigned char *blocks[COUNT];

    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = arena_alloc(arena, sizes[i % KINDS]);
        memset(blocks[i], (int)(i & 0xFF), sizes[i % KINDS]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        size_t same = 0;

        while (same < sizes[i % KINDS] && blocks[i][same] == (i & 0xFF))
            same++;
        ck_assert_uint_eq(same, sizes[i % KINDS]);
    }
}
END_TEST

START_TEST(keeps_filling_its_chunk_after_a_large_block)
{
    unsigned char *a = arena_alloc(arena, 16), *b;

    (void)arena_alloc(arena, ARENA_CHUNK);
    b = arena_alloc(arena, 16);
    ck_assert_ptr_eq(b, a + 16);
}
END_TEST

START_TEST(zeroes_when_asked_to)
{
    unsigned char *bytes;

    memset(arena_alloc(arena, 64), 0xFF, 64);
    bytes = arena_zalloc(arena, 5000);
    for (size_t i = 0; i < 5000; i++)
        ck_assert_int_eq(bytes[i], 0);
    bytes = arena_array(arena, 10, 10);
    for (size_t i = 0; i < 100; i++)
        ck_assert_int_eq(bytes[i], 0);
}
END_TEST

START_TEST(copies_and_prints_texts)
{
    ck_assert_str_eq(arena_strdup(arena, "表"), "表");
    ck_assert_str_eq(arena_dup_nul(arena, "orders.csv", 6), "orders");
    ck_assert_str_eq(arena_dup_nul(arena, NULL, 0), "");
    ck_assert_str_eq(arena_printf(arena, "%s=%d", "rows", 3), "rows=3");
}
END_TEST

START_TEST(counts_what_it_handed_out)
{
    ck_assert_uint_eq(arena_used(arena), 0);
    (void)arena_alloc(arena, 100);
    (void)arena_alloc(arena, ARENA_CHUNK * 2);
    ck_assert_uint_ge(arena_used(arena), 100 + ARENA_CHUNK * 2);
    ck_assert_uint_lt(arena_used(arena), 200 + ARENA_CHUNK * 2);
}
END_TEST

START_TEST(frees_nothing_at_all)
{
    arena_free(NULL);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *tc = tcase_create("arena");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, aligns_every_allocation);
    tcase_add_test(tc, never_gives_the_same_byte_twice);
    tcase_add_test(tc, keeps_filling_its_chunk_after_a_large_block);
    tcase_add_test(tc, zeroes_when_asked_to);
    tcase_add_test(tc, copies_and_prints_texts);
    tcase_add_test(tc, counts_what_it_handed_out);
    tcase_add_test(tc, frees_nothing_at_all);
    suite_add_tcase(suite, tc);
    return suite;
}
