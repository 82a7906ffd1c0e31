/*
 * The plugin `validate` where it takes a short cut: what it lets pass at a
 * glance must be what the whole judgement lets pass.  What the rules mean is
 * test_validate.c's business.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "support/fake_host.h"
#include "unit/main.h"

static struct fake *fake;

static void
setup(void)
{
    fake = fake_new("validate", FB_TRANSFORM);
}

static void
teardown(void)
{
    fake_free(fake);
}

static uint32_t
any_below(uint32_t bound)
{
    static uint64_t seed = 42;

    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % bound);
}

static void
append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);

    snprintf(text + used, size - used, "%s", more);
}

static bool
is_rejected(const struct fake_batch *batch, uint32_t row)
{
    for (uint32_t i = 0; i < batch->reject_count; i++)
        if (batch->rejects[i].row == row)
            return true;
    return false;
}

/* ---------------------------------------------------------- in parallel --- */

START_TEST(rows_that_need_no_others_are_judged_in_parallel)
{
    fake_column(fake, "a", FB_C_INTEGER);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_ne(fake->plugin->flags & FB_PARALLEL, 0);
    ck_assert(!fake->serial);
    fake_close(fake);
}
END_TEST

START_TEST(unique_values_are_judged_in_order)
{
    fake_column(fake, "a", FB_C_STRING);
    fake_column(fake, "b", FB_C_STRING)->constraints.unique = true;
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert(fake->serial);
    fake_close(fake);
}
END_TEST

START_TEST(a_primary_key_is_judged_in_order)
{
    fake_column(fake, "a", FB_C_STRING)->constraints.primary_key = 1;
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert(fake->serial);
    fake_close(fake);
}
END_TEST

START_TEST(a_unique_column_that_is_not_checked_asks_for_no_order)
{
    static const char *const named[] = {"a", NULL};

    fake_column(fake, "a", FB_C_INTEGER);
    fake_column(fake, "b", FB_C_STRING)->constraints.unique = true;
    fake_option_list(fake, "columns", named);
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert(!fake->serial);
    fake_close(fake);
}
END_TEST

/* ------------------------------------------------------------- patterns --- */

#define TEXTS 48
#define TEXT_SIZE 40
#define PATTERN_SIZE 128

/*
 * A pattern beside itself in a group, which no short cut understands: what
 * the first lets pass and the second does not is a mistake of the short cut.
 * What the first rejects it rejects by PCRE2.
 */
static uint32_t
hold_against_group(const char *pattern, char texts[TEXTS][TEXT_SIZE])
{
    char group[256];
    const char *cells[TEXTS * 2];
    struct fake_batch *batch;
    uint32_t passed = TEXTS;

    snprintf(group, sizeof(group), "(?:%s)", pattern);
    setup();
    fake_column(fake, "a", FB_C_STRING)->constraints.pattern = pattern;
    fake_column(fake, "b", FB_C_STRING)->constraints.pattern = group;
    for (size_t i = 0; i < TEXTS; i++)
        cells[2 * i] = cells[2 * i + 1] = texts[i];
    if (fake_begin(fake) == 0) {
        batch = fake_batch(fake, TEXTS, cells);
        ck_assert_int_eq(fake_process(fake, batch), 0);
        for (uint32_t i = 0; i < batch->reject_count; i++)
            if (batch->rejects[i].column != 0)
                ck_abort_msg("/%s/ let '%s' pass", pattern,
                             texts[batch->rejects[i].row]);
        passed -= batch->reject_count;
        fake_close(fake);
    }
    teardown();
    return passed;
}

static const char *
any_of(const char *const *words, size_t count)
{
    return words[any_below((uint32_t)count)];
}
#define ANY(...)                               \
    any_of((const char *const[]){__VA_ARGS__}, \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void
make_pattern(char pattern[PATTERN_SIZE])
{
    pattern[0] = '\0';
    append(pattern, PATTERN_SIZE, ANY("", "", "", "^"));
    for (uint32_t i = 0, items = any_below(5); i <= items; i++) {
        append(pattern, PATTERN_SIZE,
               ANY("a", "b", "O", "-", "_", " ", "\\.", "\\-", "\\d", "\\w",
                   "\\s", "\\D", "\\W", "\\S", "[0-9]", "[a-c]", "[^a-c]",
                   "[ab-]", "[-ab]", "[]a]", "[^]a]", "[a\\d]", "[\\d-z]",
                   "[0-\\s]", "[\\w-]", "[\\w.-]", "[a-c-e]", "[A-Za-z0-9]",
                   "[!--]", "[\\--0]", "[+-\\]]", "[^\\W_]", "]", "{", ".",
                   "\\t", "[\\t]", "é", "[é]", "[[:alpha:]]", "\\x41", "(a)"));
        append(pattern, PATTERN_SIZE,
               ANY("", "", "", "?", "*", "+", "{2}", "{1,}", "{0,2}", "{3,1}",
                   "{0}", "{,2}", "+?", "*+", "{2}?", "{x}"));
    }
    append(pattern, PATTERN_SIZE, ANY("", "", "", "$", "$$"));
}

static void
make_texts(char texts[TEXTS][TEXT_SIZE])
{
    for (int i = 0; i < TEXTS; i++) {
        texts[i][0] = '\0';
        for (uint32_t n = any_below(8); n > 0; n--)
            append(texts[i], sizeof(texts[i]),
                   ANY("a", "b", "c", "O", "1", "0", "-", "_", " ", ".", "]",
                       "aa", "\t", "\n", "{", "é", "٣", "\x1c", "\x7f"));
    }
}

START_TEST(a_glance_at_a_pattern_passes_nothing_that_pcre2_does_not)
{
    static char texts[TEXTS][TEXT_SIZE];
    uint32_t passed = 0;

    for (int i = 0; i < 1500; i++) {
        char pattern[PATTERN_SIZE];

        make_pattern(pattern);
        make_texts(texts);
        passed += hold_against_group(pattern, texts);
    }
    ck_assert_uint_gt(passed, 1500); /* not for lack of texts that match */
}
END_TEST

START_TEST(every_byte_is_in_the_same_sets)
{
    static const char *const sets[] = {"\\d",    "\\D",     "\\w",  "\\W",
                                       "\\s",    "\\S",     "[^a]", "[ -~]",
                                       "[^\\s]", "[\\s\\S]"};
    static char texts[3][TEXTS][TEXT_SIZE];

    for (int c = 1; c < 128; c++)
        texts[c / TEXTS][c % TEXTS][0] = (char)c;
    for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
        for (int t = 0; t < 3; t++)
            hold_against_group(sets[i], texts[t]);
}
END_TEST

/* As MemoryDenyWriteExecute= of systemd does it. */
static void
forbid_code_that_was_written(void)
{
    static struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[2])),
        BPF_STMT(BPF_ALU | BPF_AND | BPF_K, PROT_WRITE | PROT_EXEC),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_WRITE | PROT_EXEC, 4, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mprotect, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                 offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = {.len = sizeof(program) / sizeof(*program),
                                      .filter = program};

    ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
    ck_assert_ptr_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                     MAP_FAILED);
}

START_TEST(patterns_need_no_memory_that_is_written_and_executed)
{
    struct fake_batch *batch;

    forbid_code_that_was_written();
    fake_column(fake, "a", FB_C_STRING)->constraints.pattern = "(?:A|é)\\d+";
    fake_column(fake, "b", FB_C_STRING)->constraints.pattern = "(a+)+[bd]";
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(
        fake, 4,
        (const char *[]){"A12", "ab", "é7", "ab", "A", "ab", "A1",
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 2);
    ck_assert_str_eq(batch->rejects[0].message,
                     "\"A\" does not match the pattern (?:A|é)\\d+");
    ck_assert_ptr_nonnull(
        strstr(batch->rejects[1].message, "cannot be matched in bounded time"));
    fake_close(fake);
}
END_TEST

/* ----------------------------------------------------------- other rules ---
 */

START_TEST(an_enum_of_many_values_finds_each_and_no_other)
{
    static char words[300][24];
    static const char *items[300];
    struct fb_column *column = fake_column(fake, "s", FB_C_STRING);
    const char *cells[64];

    /* Every other word is allowed; neighbours differ in one byte. */
    for (int i = 0; i < 300; i++) {
        int length = snprintf(words[i], sizeof(words[i]), "%.*s%03d", i % 19,
                              "abcdefghijklmnopqrst", i / 2);

        if (i % 2)
            words[i][length / 2] ^= 0x10;
        items[i / 2] = i % 2 ? items[i / 2] : words[i];
    }
    column->constraints.enumeration = (struct fb_list){150, items};
    ck_assert_int_eq(fake_begin(fake), 0);
    for (int begin = 0; begin < 300; begin += 60) {
        struct fake_batch *batch;

        for (int i = 0; i < 60; i++)
            cells[i] = words[begin + i];
        batch = fake_batch(fake, 60, cells);
        ck_assert_int_eq(fake_process(fake, batch), 0);
        for (uint32_t i = 0; i < 60; i++) {
            bool allowed = false;

            for (int n = 0; n < 150; n++)
                allowed |= strcmp(items[n], cells[i]) == 0;
            ck_assert_msg(is_rejected(batch, i) == !allowed, "'%s'", cells[i]);
        }
    }
    fake_close(fake);
}
END_TEST

START_TEST(an_enum_can_hold_the_empty_text)
{
    static const char *const items[] = {"", "x"};
    struct fake_batch *batch;

    fake_column(fake, "s", FB_C_STRING)->constraints.enumeration =
        (struct fb_list){2, items};
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 3, (const char *[]){"", "x", "y"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 1);
    ck_assert_uint_eq(batch->rejects[0].row, 2);
    fake_close(fake);
}
END_TEST

START_TEST(an_enum_and_bounds_hold_together)
{
    static const char *const items[] = {"1", "20"};
    struct fb_column *column = fake_column(fake, "n", FB_C_INTEGER);
    struct fake_batch *batch;

    column->constraints.enumeration = (struct fb_list){2, items};
    column->constraints.maximum = "10";
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 4, (const char *[]){"1", "20", "5", NULL});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 2);
    ck_assert_uint_eq(batch->rejects[0].row, 1);
    ck_assert_uint_eq(batch->rejects[1].row, 2);
    fake_close(fake);
}
END_TEST

START_TEST(bounds_of_integers_dates_and_times_are_allowed_values)
{
    static const struct {
        enum fb_column_type type;
        const char *low, *high, *below, *above;
    } cases[] = {
        {FB_C_INTEGER, "-3", "9223372036854775807", "-4", NULL},
        {FB_C_INTEGER, "-9223372036854775808", "7", NULL, "8"},
        {FB_C_DATE, "2024-02-29", "2025-01-01", "2024-02-28", "2025-01-02"},
        {FB_C_TIME, "00:00:01", "12:00:00", "00:00:00.9", "12:00:00.000001"},
        {FB_C_DATETIME, "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z",
         "2025-01-01T00:00:00+00:01", "2025-01-01T00:00:00-00:01"},
        {FB_C_NUMBER, "-0.5", "1e3", "-0.51", "1000.1"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fb_column *column;
        struct fake_batch *batch;
        uint32_t wrong =
            cases[i].below != NULL && cases[i].above != NULL ? 2 : 1;

        setup();
        column = fake_column(fake, "c", cases[i].type);
        column->constraints.minimum = cases[i].low;
        column->constraints.maximum = cases[i].high;
        ck_assert_int_eq(fake_begin(fake), 0);
        batch = fake_batch(fake, 4,
                           (const char *[]){cases[i].low, cases[i].below,
                                            cases[i].above, cases[i].high});
        ck_assert_int_eq(fake_process(fake, batch), 0);
        ck_assert_uint_eq(batch->reject_count, wrong);
        ck_assert(!is_rejected(batch, 0) && !is_rejected(batch, 3));
        fake_close(fake);
        teardown();
    }
}
END_TEST

START_TEST(not_a_number_is_beyond_a_maximum_too)
{
    struct fake_batch *batch;

    fake_column(fake, "n", FB_C_NUMBER)->constraints.maximum = "9";
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 3, (const char *[]){"NaN", "-INF", "INF"});
    ck_assert_int_eq(fake_process(fake, batch), 0);
    ck_assert_uint_eq(batch->reject_count, 2);
    ck_assert(!is_rejected(batch, 1));
    fake_close(fake);
}
END_TEST

START_TEST(characters_of_long_texts_are_counted_one_by_one)
{
    static const char *const characters[] = {"a", "é", "表", "😀"};
    struct fb_column *column = fake_column(fake, "s", FB_C_STRING);
    static char texts[64][160];
    const char *cells[64];
    struct fake_batch *batch;

    column->constraints.min_length = 9;
    column->constraints.max_length = 31;
    for (int i = 0; i < 64; i++) {
        cells[i] = texts[i];
        for (int n = 0; n < i / 2 + 1; n++)
            append(texts[i], sizeof(texts[i]),
                   i % 2 ? characters[any_below(4)] : "x");
    }
    ck_assert_int_eq(fake_begin(fake), 0);
    batch = fake_batch(fake, 64, cells);
    ck_assert_int_eq(fake_process(fake, batch), 0);
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t count = i / 2 + 1;

        ck_assert(is_rejected(batch, i) == (count < 9 || count > 31));
    }
    fake_close(fake);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("validate, short cuts");
    TCase *parallel = tcase_create("parallel");
    TCase *patterns = tcase_create("patterns"), *alone = tcase_create("alone");
    TCase *rules = tcase_create("rules");

    tcase_add_checked_fixture(parallel, setup, teardown);
    tcase_add_test(parallel, rows_that_need_no_others_are_judged_in_parallel);
    tcase_add_test(parallel, unique_values_are_judged_in_order);
    tcase_add_test(parallel, a_primary_key_is_judged_in_order);
    tcase_add_test(parallel,
                   a_unique_column_that_is_not_checked_asks_for_no_order);
    suite_add_tcase(suite, parallel);
    tcase_set_timeout(patterns, 60);
    tcase_add_test(patterns,
                   a_glance_at_a_pattern_passes_nothing_that_pcre2_does_not);
    tcase_add_test(patterns, every_byte_is_in_the_same_sets);
    tcase_add_test(patterns,
                   bounds_of_integers_dates_and_times_are_allowed_values);
    suite_add_tcase(suite, patterns);
    tcase_add_checked_fixture(rules, setup, teardown);
    tcase_add_test(rules, an_enum_of_many_values_finds_each_and_no_other);
    tcase_add_test(rules, an_enum_can_hold_the_empty_text);
    tcase_add_test(rules, an_enum_and_bounds_hold_together);
    tcase_add_test(rules, not_a_number_is_beyond_a_maximum_too);
    tcase_add_test(rules, characters_of_long_texts_are_counted_one_by_one);
    suite_add_tcase(suite, rules);
    /* Last, for what it forbids stays forbidden where tests do not fork. */
    tcase_add_checked_fixture(alone, setup, teardown);
    tcase_add_test(alone, patterns_need_no_memory_that_is_written_and_executed);
    suite_add_tcase(suite, alone);
    return suite;
}
