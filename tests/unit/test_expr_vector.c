/*
 * Expressions over many rows at once give what they give row by row: random
 * well-typed expressions are run as they are and with every vector form taken
 * out of them, over batches around the size of a chunk, with missing values,
 * texts of any script, cells that are not of their type and rows that are not
 * selected. What the results should be is test_expr_duckdb.c's business.
 *
 * The seed is fixed; FOREBAY_SEED overrides it and FOREBAY_ROUNDS the number
 * of expressions.
 */
#include "unit/main.h"

#include <inttypes.h>
#include <stdlib.h>

#include "batch/batch.h"
#include "expr/expr.h"
#include "expr/node.h"
#include "expr/text_set.h"
#include "expr/words.h"
#include "unit/test_expr_generator.h"
#include "util/error.h"

#define ROUNDS 600
#define DEPTH 4

static const struct fb_column items[] = {
    {.name = "s1", .type = FB_C_STRING},
    {.name = "s2", .type = FB_C_STRING},
    {.name = "i1", .type = FB_C_INTEGER},
    {.name = "i2", .type = FB_C_INTEGER},
    {.name = "n1", .type = FB_C_NUMBER},
    {.name = "n2", .type = FB_C_NUMBER},
    {.name = "b1", .type = FB_C_BOOLEAN},
    {.name = "b2", .type = FB_C_BOOLEAN},
    {.name = "d1", .type = FB_C_DATE},
    {.name = "d2", .type = FB_C_DATE},
    {.name = "t1", .type = FB_C_DATETIME},
    {.name = "t2", .type = FB_C_DATETIME},
    {.name = "m1", .type = FB_C_TIME},
};
#define COLUMNS ((uint32_t)ARRAY_SIZE(items))

static const char *const missing[] = {""};
static const struct columns columns = {COLUMNS, items, {1, missing}};

static uint64_t
number_from(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 0) : fallback;
}

static const char *
random_text(struct generator *g)
{
    switch (gen_below(g, 5)) {
    case 0:
        return GEN("%s%s", gen_pick(g, gen_strings, ARRAY_SIZE(gen_strings)),
                   gen_pick(g, gen_strings, ARRAY_SIZE(gen_strings)));
    case 1:
        return GEN("%.*s", (int)gen_below(g, 27), "abcdefghijklmnOPQRSTUVWXYZ");
    case 2:
        return GEN("%*s%*s", (int)gen_below(g, 4), "", (int)gen_below(g, 20),
                   "aB");
    default:
        return gen_pick(g, gen_strings, ARRAY_SIZE(gen_strings));
    }
}

/* `bad`: one in this many cells is not of its type. */
static const char *
random_cell(struct generator *g, enum fb_column_type type, uint32_t bad)
{
    if (gen_below(g, 7) == 0)
        return "";
    if (type != FB_C_STRING && bad > 0 && gen_below(g, bad) == 0)
        return GEN_PICK(g, "x", "\xe8\xa1\xa8", "2025-02-30", "1.5.", " ");
    switch (type) {
    case FB_C_STRING:
        return random_text(g);
    case FB_C_INTEGER:
        if (gen_below(g, 200) == 0)
            return GEN_PICK(g, "9223372036854775807", "-9223372036854775808",
                            "2147483648");
        return GEN("%d", (int)gen_below(g, 201) - 100);
    case FB_C_NUMBER:
        return gen_below(g, 20) == 0
                   ? GEN_PICK(g, "NaN", "INF", "-INF", "-0", "1e308")
                   : GEN("%.6g", ((double)gen_below(g, 200001) - 100000) /
                                     (double)(1 + gen_below(g, 1000)));
    case FB_C_BOOLEAN:
        return GEN_PICK(g, "true", "false");
    case FB_C_DATE:
        return GEN("20%02u-%02u-%02u", 20 + gen_below(g, 10),
                   1 + gen_below(g, 12), 1 + gen_below(g, 28));
    case FB_C_DATETIME:
        return GEN("20%02u-%02u-%02uT%02u:00:%02u.5Z", 20 + gen_below(g, 10),
                   1 + gen_below(g, 12), 1 + gen_below(g, 28), gen_below(g, 24),
                   gen_below(g, 60));
    case FB_C_TIME:
        return GEN("%02u:%02u:59", gen_below(g, 24), gen_below(g, 60));
    }
    return "";
}

static struct batch *
random_batch(struct generator *g, uint32_t rows, uint32_t bad)
{
    static const struct fb_host host = {.size = sizeof(host)};
    const struct fb_cell *cells[COLUMNS];
    struct arena *arena = arena_new();
    struct generator of_cells = {g->state, arena};

    for (uint32_t c = 0; c < COLUMNS; c++) {
        struct fb_cell *column = arena_array(arena, rows, sizeof(*column));

        for (uint32_t r = 0; r < rows; r++) {
            const char *text = random_cell(&of_cells, items[c].type, bad);

            column[r] = (struct fb_cell){(const unsigned char *)text,
                                         (uint32_t)strlen(text), 0};
        }
        cells[c] = column;
    }
    g->state = of_cells.state;
    return batch_of_cells(&columns, rows, cells, arena, 0, &host);
}

/* Some rows, or long runs of rows, are gone. */
static void
thin_out(struct generator *g, struct batch *batch)
{
    size_t words = FB_WORDS(batch_rows(batch));
    uint64_t *keep = batch_alloc(batch, words * sizeof(*keep));

    for (size_t w = 0; w < words; w++)
        keep[w] = gen_below(g, 3) == 0   ? 0
                  : gen_below(g, 2) == 0 ? UINT64_MAX
                                         : gen_next(g);
    batch_filter(batch, keep);
}

/* Every node works row by row from now on. */
static void
take_vectors_out(struct node *node)
{
    node->vector = NULL;
    node->plan = NULL;
    for (uint32_t i = 0; i < node->count; i++)
        take_vectors_out(node->args[i]);
}

static struct fb_expr *
bound(struct arena *arena, const char *text, enum fb_column_type *type)
{
    static const struct expr_clock clock = {20218, 1746835200000000};
    struct fb_error err = FB_ERROR_INIT;
    struct expr_place place;
    struct fb_expr *expr;

    /* Some of the generator's patterns are no UTF-8, and a constant that fails
     * is found here: nothing is left to compare. */
    if (expr_parse(arena, text, &expr, &place, &err) != 0 ||
        expr_bind(expr, &columns, &clock, type, &place, &err) != 0)
        return NULL;
    return expr;
}

static struct fb_expr *
bound_by_rows(struct arena *arena, const char *text)
{
    enum fb_column_type type;
    struct fb_expr *expr = bound(arena, text, &type);
    struct node *root;

    ck_assert_ptr_nonnull(expr);
    memcpy(&root, &expr->root, sizeof(root));
    take_vectors_out(root);
    return expr;
}

static void
same_cells(const char *text, const struct fb_cell *a, const struct fb_cell *b,
           uint32_t rows)
{
    for (uint32_t r = 0; r < rows; r++)
        ck_assert_msg(
            a[r].flags == b[r].flags && a[r].len == b[r].len &&
                (a[r].len == 0 || memcmp(a[r].ptr, b[r].ptr, a[r].len) == 0),
            "%s: row %u is '%.*s' (%u), by rows '%.*s' (%u)", text, r,
            (int)a[r].len, (const char *)a[r].ptr, a[r].flags, (int)b[r].len,
            (const char *)b[r].ptr, b[r].flags);
}

/* Both must fail in the same words, or neither. */
static bool
same_end(const char *text, int a, int b, const struct fb_error *a_err,
         const struct fb_error *b_err)
{
    ck_assert_msg(a == b, "%s: '%s', by rows '%s'", text, a_err->message,
                  b_err->message);
    ck_assert_msg(a == 0 || strcmp(a_err->message, b_err->message) == 0,
                  "%s: '%s', by rows '%s'", text, a_err->message,
                  b_err->message);
    return a == 0;
}

/* false: it was refused, with nothing to compare. */
static bool
same_both_ways(const char *text, struct batch *batch)
{
    struct arena *arena = arena_new();
    struct fb_error a_err = FB_ERROR_INIT, b_err = FB_ERROR_INIT;
    enum fb_column_type type;
    struct fb_expr *expr = bound(arena, text, &type);
    struct batch *a = batch_clone(batch), *b = batch_clone(batch);
    size_t words = FB_WORDS(batch_rows(batch));
    uint64_t *a_truth = arena_array(arena, words, sizeof(*a_truth));
    uint64_t *b_truth = arena_array(arena, words, sizeof(*b_truth));
    const struct fb_cell *a_cells, *b_cells;

    if (expr != NULL) {
        struct fb_expr *by_rows = bound_by_rows(arena, text);

        if (same_end(text, expr_cells(expr, a, &a_cells, &a_err),
                     expr_cells(by_rows, b, &b_cells, &b_err), &a_err, &b_err))
            same_cells(text, a_cells, b_cells, batch_rows(batch));
        error_clear(&a_err);
        error_clear(&b_err);
        if (type == FB_C_BOOLEAN &&
            same_end(text, expr_test(expr, a, a_truth, &a_err),
                     expr_test(by_rows, b, b_truth, &b_err), &a_err, &b_err))
            ck_assert_msg(memcmp(a_truth, b_truth, words * sizeof(*a_truth)) ==
                              0,
                          "%s", text);
    }
    batch_free(a);
    batch_free(b);
    arena_free(arena);
    return expr != NULL;
}

static void
compare_random(uint64_t seed, uint64_t rounds, bool sparse, uint32_t bad)
{
    static const uint32_t sizes[] = {1, 63, 1023, 1024, 1025, 2100};
    struct generator g = {number_from("FOREBAY_SEED", seed), arena_new()};

    rounds = number_from("FOREBAY_ROUNDS", rounds);
    for (uint64_t round = 0; round < rounds;) {
        uint32_t rows = sizes[gen_below(&g, ARRAY_SIZE(sizes))];
        struct batch *batch = random_batch(&g, rows, bad);

        if (sparse)
            thin_out(&g, batch);
        for (uint32_t i = 0; i < 25 && round < rounds; i++, round++)
            (void)same_both_ways(
                gen(&g, (enum gen_type)gen_below(&g, GEN_TYPES), DEPTH), batch);
        batch_free(batch);
    }
    arena_free(g.arena);
}

START_TEST(random_expressions_give_the_same_in_both_ways)
{
    compare_random(20251122, ROUNDS, false, 0);
}
END_TEST

START_TEST(random_expressions_give_the_same_over_some_rows)
{
    compare_random(4, ROUNDS / 3, true, 0);
}
END_TEST

START_TEST(the_same_cell_is_found_to_be_bad)
{
    compare_random(7, ROUNDS / 3, true, 400);
}
END_TEST

/* What is used most, whatever the generator happens to make. */
START_TEST(common_conditions_give_the_same_in_both_ways)
{
    static const char *const texts[] = {
        "lower(trim(s1)) NOT IN ('pending', 'a') OR d1 > DATE '2025-01-01'",
        "d1 > CURRENT_DATE - INTERVAL '30' DAY AND trim(s1) <> 'A'",
        "upper(s1) IN ('ABC', 'ABCDEFGHIJKLMNOPQ', '\xc3\x84\xc3\x96SS', '')",
        "upper(s1) IN ('A', 'ABCDEFGHIJKLMNOPQRSTU', 'ABCDEFGHIJKLMNOPQRSTUV')",
        "lower(s1) IN ('abc', 'abcdefgh', 'abcdefghi', 'abcdefghijklmnop')",
        "lower(s1) IN ('abcdefghijklmnopq', 'abcdefghijklmnopqrstuvwx', NULL)",
        "lower(s1) NOT IN ('abc', s2, 'a')",
        "s1 IN ('abc', 'ABC', 'abcdefghijklmnOPQRSTUVWX', '')",
        "s1 <> 'abc' AND 'aB' = trim(s1)",
        "s1 LIKE 'a%' OR s1 LIKE '%B' OR s1 LIKE '%defg%' OR s1 LIKE 'abc'",
        "s1 LIKE 'a%c%k%' OR s1 NOT LIKE '%\xe8\xa1\xa8%'",
        "s1 LIKE '%' OR s1 LIKE '%%'",
        "s1 LIKE 'abcdefghijklmnOPQRSTUVWXYZ%'",
        "i1 IN (1, 2, 3) OR i2 NOT IN (4, 5, 6, 7, 8, 9, 10, 11, 12, NULL)",
        "n1 BETWEEN -5 AND 5.5 OR d1 NOT BETWEEN '2021-01-01' AND '2025-01-01'",
        "s1 BETWEEN 'a' AND 'b'",
        "i1 BETWEEN 1 AND NULL",
        "CASE WHEN i1 > 0 THEN s1 WHEN b1 THEN upper(s2) END",
        "CASE s1 WHEN 'abc' THEN 1 WHEN s2 THEN 2 ELSE length(s1) END",
        "COALESCE(s1, lower(s2), 'none')",
        "substr(s1, 2) || substr(s1, 1, 3) || substr(s1, 3, 0)",
        "concat(s1, ' ', i1, NULL, s2)",
        "CAST(n1 AS DECIMAL(12,2)) * i1 + 1.25",
        "i1 * 1.08",
        "CAST(i1 * i2 AS INTEGER) * 100000",
        "t1 - INTERVAL '90' MINUTE > d1",
        "d1 + INTERVAL '1' MONTH",
        "d1 - CAST(i1 % 100 AS INTEGER)",
        "b1 IS NOT TRUE AND NOT (b2 AND s1 IS NULL)",
        "TRY_CAST(s1 AS DATE)",
        "TRY_CAST(s1 AS TIMESTAMP)",
        "TRY_CAST(s1 AS DOUBLE)",
        "TRY_CAST(s1 AS DECIMAL(5,1))",
        "TRY_CAST(trim(s1) AS DECIMAL(18,3)) + TRY_CAST(s2 AS DECIMAL(3,3))",
        "starts_with(s1, 'abc') OR starts_with(s1, '')",
    };
    struct generator g = {11, arena_new()};
    struct batch *batch = random_batch(&g, 3000, 0);

    thin_out(&g, batch);
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        ck_assert_msg(same_both_ways(texts[i], batch), "%s", texts[i]);
    batch_free(batch);
    arena_free(g.arena);
}
END_TEST

/* A date that no row depends on may be bad, whoever else reads the column. */
START_TEST(a_cell_that_no_row_asks_for_may_be_bad)
{
    struct generator g = {3, arena_new()};
    struct batch *batch = random_batch(&g, 1500, 2);
    struct arena *arena = arena_new();
    struct fb_error err = FB_ERROR_INIT;
    enum fb_column_type type;
    struct fb_expr *expr = bound(
        arena, "s1 IS NOT NULL OR s1 IS NULL OR d1 > '2025-01-01'", &type);
    uint64_t truth[FB_WORDS(1500)];

    ck_assert_ptr_nonnull(expr);
    ck_assert_int_eq(expr_test(expr, batch, truth, &err), 0);
    ck_assert_ptr_null(batch_values_made(batch, 8));
    for (uint32_t r = 0; r < 1500; r++)
        ck_assert(fb_bit(truth, r));
    batch_free(batch);
    arena_free(arena);
    arena_free(g.arena);
}
END_TEST

START_TEST(a_set_of_texts_knows_its_own)
{
    struct arena *arena = arena_new();
    union datum texts[300];
    const struct text_set *set;

    for (uint32_t i = 0; i < ARRAY_SIZE(texts); i++) {
        const char *text =
            arena_printf(arena, "%.*s%u", (int)(i % 30),
                         "the same long begin of all of them", i);

        texts[i].s = (struct span){(const unsigned char *)text, strlen(text)};
    }
    set = text_set_new(arena, texts, 150, FOLD_NONE);
    for (uint32_t i = 0; i < ARRAY_SIZE(texts); i++)
        ck_assert_int_eq(text_set_has(set, &texts[i].s), i < 150);
    arena_free(arena);
}
END_TEST

/* So many that some stand in each other's places. */
START_TEST(a_set_of_long_texts_looks_at_their_middle)
{
    struct arena *arena = arena_new();
    union datum texts[4000];
    const struct text_set *set;

    for (uint32_t i = 0; i < ARRAY_SIZE(texts); i++) {
        const char *text = arena_printf(arena, "begin of%08uend of a", i);

        texts[i].s = (struct span){(const unsigned char *)text, strlen(text)};
    }
    set = text_set_new(arena, texts, 1000, FOLD_NONE);
    for (uint32_t i = 0; i < ARRAY_SIZE(texts); i++)
        ck_assert_int_eq(text_set_has(set, &texts[i].s), i < 1000);
    arena_free(arena);
}
END_TEST

START_TEST(texts_of_one_length_differ_in_their_words)
{
    for (size_t length = 1; length <= 8; length++)
        for (size_t i = 0; i < length; i++) {
            unsigned char *text = calloc(1, length);
            uint64_t word;

            ck_assert_ptr_nonnull(text);
            word = word_gather(text, length);
            ck_assert_uint_eq(word, 0);
            for (text[i] = 1; text[i] != 0;
                 text[i] = (unsigned char)(text[i] << 1)) {
                ck_assert_uint_ne(word_gather(text, length), word);
                word = word_gather(text, length);
            }
            free(text);
        }
}
END_TEST

/* Behind each text stands memory that must not be read. */
START_TEST(words_are_loaded_from_inside_of_the_text)
{
    for (size_t length = 0; length <= 24; length++) {
        unsigned char *text = malloc(length > 0 ? length : 1);
        uint64_t first = 0;

        ck_assert_ptr_nonnull(text);
        for (size_t i = 0; i < length; i++) {
            text[i] = (unsigned char)(0x61 + i);
            if (i < 8)
                first |= (uint64_t)text[i] << (8 * i);
        }
        if (length < 8)
            ck_assert_uint_eq(word_load_short(text, length), first);
        else
            ck_assert_uint_eq(word_gather(text, length), first);
        ck_assert_uint_eq(word_load_last(text, length) >> 56,
                          length >= 8 ? text[length - 1] : 0);
        ck_assert(text_is_ascii(text, length));
        for (size_t i = 0; i < length; i++) {
            text[i] |= 0x80;
            ck_assert(!text_is_ascii(text, length));
            text[i] &= 0x7f;
        }
        free(text);
    }
}
END_TEST

START_TEST(letters_change_their_case_and_nothing_else_does)
{
    for (unsigned c = 0; c < 0x80; c++) {
        uint64_t word = c * WORD_ONES;
        bool big = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z';

        ck_assert_uint_eq(word_swap_case(word, 'A'),
                          big ? (c + 32) * WORD_ONES : word);
        ck_assert_uint_eq(word_swap_case(word, 'a'),
                          small ? (c - 32) * WORD_ONES : word);
    }
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("expr_vector");
    TCase *tcase = tcase_create("expr_vector");

    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, random_expressions_give_the_same_in_both_ways);
    tcase_add_test(tcase, random_expressions_give_the_same_over_some_rows);
    tcase_add_test(tcase, the_same_cell_is_found_to_be_bad);
    tcase_add_test(tcase, common_conditions_give_the_same_in_both_ways);
    tcase_add_test(tcase, a_cell_that_no_row_asks_for_may_be_bad);
    tcase_add_test(tcase, a_set_of_texts_knows_its_own);
    tcase_add_test(tcase, a_set_of_long_texts_looks_at_their_middle);
    tcase_add_test(tcase, texts_of_one_length_differ_in_their_words);
    tcase_add_test(tcase, words_are_loaded_from_inside_of_the_text);
    tcase_add_test(tcase, letters_change_their_case_and_nothing_else_does);
    suite_add_tcase(suite, tcase);
    return suite;
}
