/*
 * util/text.h: comparing, folding, escaping and reading small texts.
 */
#include "util/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/main.h"
#include "util/mem.h"

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

START_TEST(compares_ascii_without_case)
{
    ck_assert(text_equal_nocase("OrderID", "orderid"));
    ck_assert(text_equal_nocase("", ""));
    ck_assert(!text_equal_nocase("order", "orders"));
    ck_assert(!text_equal_nocase("orders", "order"));
    ck_assert(!text_equal_nocase("É", "é"));
    ck_assert(!text_equal_nocase("@", "`"));
}
END_TEST

START_TEST(finds_prefixes_and_suffixes)
{
    ck_assert(text_starts_with("s3://bucket", "s3:"));
    ck_assert(!text_starts_with("s3", "s3:"));
    ck_assert(text_ends_with("orders.csv", ".csv"));
    ck_assert(!text_ends_with("csv", ".csv"));
    ck_assert(text_ends_with("x", ""));
}
END_TEST

static const char *const steps[] = {"sources", "transforms", "sinks",
                                    "notifiers", "表"};

static const char *
nearest(const char *word)
{
    return text_nearest(word, steps, ARRAY_SIZE(steps));
}

START_TEST(suggests_what_was_mistyped)
{
    ck_assert_str_eq(nearest("source"), "sources");
    ck_assert_str_eq(nearest("Sinks"), "sinks");
    ck_assert_str_eq(nearest("tranfsorms"), "transforms");
    ck_assert_str_eq(nearest("notifiers"), "notifiers");
}
END_TEST

START_TEST(counts_two_characters_that_changed_places_once)
{
    static const char *const words[] = {"abxx", "ab"};

    /* "ba": "ab" is one edit away, and one is all that two letters allow. */
    ck_assert_str_eq(text_nearest("ba", words, 2), "ab");
}
END_TEST

START_TEST(suggests_nothing_that_is_too_far)
{
    ck_assert_ptr_null(nearest("destinations"));
    ck_assert_ptr_null(nearest("x"));
    ck_assert_ptr_null(nearest(""));
    ck_assert_ptr_null(text_nearest("sinks", NULL, 0));
    /* Five letters allow two edits, not three. */
    ck_assert_str_eq(nearest("sin"), "sinks");
    ck_assert_ptr_null(nearest("sixyz"));
}
END_TEST

START_TEST(suggests_nothing_that_shares_no_character)
{
    static const char *const words[] = {"b"};

    ck_assert_ptr_null(text_nearest("a", words, 1));
    ck_assert_ptr_null(nearest("ソ"));
}
END_TEST

START_TEST(looks_at_the_start_of_very_long_words)
{
    char *word = mem_alloc(100001);
    const char *const words[] = {"sinks", word};

    memset(word, 'x', 100000);
    word[100000] = '\0';
    ck_assert_ptr_eq(text_nearest(word, words, 2), word);
    ck_assert_ptr_null(nearest(word));
    free(word);
}
END_TEST

static bool
utf8(const char *bytes, size_t *bad)
{
    return text_is_utf8((const unsigned char *)bytes, strlen(bytes), bad);
}

START_TEST(accepts_well_formed_utf8)
{
    ck_assert(utf8("", NULL));
    ck_assert(utf8("only ASCII and a little longer", NULL));
    ck_assert(utf8("\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80"
                   "\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
                   NULL));
    ck_assert(text_is_utf8((const unsigned char *)"a\0b", 3, NULL));
}
END_TEST

START_TEST(says_where_utf8_ends)
{
    static const char *const bad_ones[] = {
        "\x80",
        "\xBF",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xFF",
        "\xE3\x81",
        "\xE3\x81x",
        "\xC3",
        "\xF0\x9F\x98",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad_ones); i++) {
        static const char good[] = "12345678 表 ";
        size_t bad = 0, before = sizeof(good) - 1;
        char text[64];

        snprintf(text, sizeof(text), "%s%s", good, bad_ones[i]);
        ck_assert_msg(!utf8(text, &bad), "sequence %zu", i);
        ck_assert_uint_eq(bad, before);
    }
}
END_TEST

static const char *
fold(const char *text)
{
    return text_fold_name(arena, text, strlen(text));
}

START_TEST(folds_width_and_case)
{
    ck_assert_str_eq(fold("ＯｒｄｅｒＩＤ"), "orderid");
    ck_assert_str_eq(fold("ﾃﾞｰﾀ"), "データ");
    ck_assert_str_eq(fold("①"), "1");
    ck_assert_str_eq(fold("Straße"), "strasse");
    ck_assert_str_eq(fold("e\xCC\x81"), "é");
}
END_TEST

START_TEST(squeezes_white_space_of_every_kind)
{
    ck_assert_str_eq(fold("  Order \t\n ID "), "order id");
    ck_assert_str_eq(fold("\u3000注文\u3000番号\u00A0"), "注文 番号");
    ck_assert_str_eq(fold(" \t "), "");
    ck_assert_str_eq(fold(""), "");
}
END_TEST

START_TEST(leaves_a_name_that_is_no_utf8_alone)
{
    ck_assert_str_eq(fold(" \x95\x5C A "), " \x95\x5C A ");
}
END_TEST

START_TEST(reads_no_further_than_the_length)
{
    ck_assert_str_eq(text_fold_name(arena, "ABCDEF", 3), "abc");
}
END_TEST

static const char *
escape(const char *text, size_t max)
{
    return text_escape(arena, text, strlen(text), max);
}

START_TEST(prints_plain_text_as_it_is)
{
    ck_assert_str_eq(escape("注文 'a' \\ \"b\"", 100), "注文 'a' \\ \"b\"");
    ck_assert_str_eq(escape("", 100), "");
}
END_TEST

START_TEST(makes_terminal_controls_visible)
{
    ck_assert_str_eq(escape("a\r\n\tb", 100), "a\\r\\n\\tb");
    ck_assert_str_eq(escape("\x1b[31m\x7f", 100), "\\x1b[31m\\x7f");
    ck_assert_str_eq(escape("\xC2\x9B", 100), "\\u009b");
    ck_assert_str_eq(escape("\xE2\x80\x8E", 100), "\\u200e");
    ck_assert_str_eq(escape("\xE2\x80\xA8", 100), "\\u2028");
    ck_assert_str_eq(escape("\xEF\xBB\xBF", 100), "\\ufeff");
    ck_assert_str_eq(escape("\xF3\xA0\x80\x81", 100), "\\U000e0001");
    ck_assert_str_eq(text_escape(arena, "a\0b", 3, 100), "a\\x00b");
}
END_TEST

START_TEST(makes_bytes_that_are_no_utf8_visible)
{
    ck_assert_str_eq(escape("\x95\x5C!", 100), "\\x95\\!");
    ck_assert_str_eq(escape("\xFF", 100), "\\xff");
}
END_TEST

START_TEST(cuts_what_is_too_long_at_a_character)
{
    ck_assert_str_eq(escape("123456789", 9), "123456789");
    ck_assert_str_eq(escape("1234567890", 9), "123456...");
    ck_assert_str_eq(escape("表表表", 9), "表表表");
    ck_assert_str_eq(escape("表表表表", 10), "表表...");
    ck_assert_str_eq(escape("\xFF\xFF\xFF", 10), "\\xff...");
    ck_assert_str_eq(escape("abcd", 3), "...");
}
END_TEST

START_TEST(never_exceeds_the_maximum)
{
    static const char text[] = "a\xFF表\x1b\xC2\x9B\xF3\xA0\x80\x81z\n";

    for (size_t length = 0; length < sizeof(text); length++) {
        for (size_t max = 3; max < 60; max++)
            ck_assert_uint_le(strlen(text_escape(arena, text, length, max)),
                              max);
    }
}
END_TEST

START_TEST(counts_the_columns_that_a_terminal_gives_to_characters)
{
    ck_assert_uint_eq(text_width(""), 0);
    ck_assert_uint_eq(text_width("abc"), 3);
    ck_assert_uint_eq(text_width("商品"), 4);
    ck_assert_uint_eq(text_width("ｱｲ"), 2);        /* half width */
    ck_assert_uint_eq(text_width("e\xcc\x81"), 1); /* a combining accent */
    ck_assert_uint_eq(text_width("a\xff"), 2);     /* no UTF-8 */
}
END_TEST

START_TEST(groups_digits_by_three)
{
    ck_assert_str_eq(text_grouped(arena, 0), "0");
    ck_assert_str_eq(text_grouped(arena, 999), "999");
    ck_assert_str_eq(text_grouped(arena, 1000), "1,000");
    ck_assert_str_eq(text_grouped(arena, UINT64_MAX),
                     "18,446,744,073,709,551,615");
}
END_TEST

START_TEST(prints_sizes_for_people)
{
    ck_assert_str_eq(text_bytes(arena, 0), "0 bytes");
    ck_assert_str_eq(text_bytes(arena, 1), "1 byte");
    ck_assert_str_eq(text_bytes(arena, 1023), "1023 bytes");
    ck_assert_str_eq(text_bytes(arena, 1024), "1.0 KiB");
    ck_assert_str_eq(text_bytes(arena, 1258291), "1.2 MiB");
    ck_assert_str_eq(text_bytes(arena, 1048575), "1.0 MiB");
    ck_assert_str_eq(text_bytes(arena, UINT64_MAX), "16.0 EiB");
}
END_TEST

START_TEST(matches_shell_patterns_within_a_folder)
{
    ck_assert(text_glob("raw/*.csv", "raw/orders.csv"));
    ck_assert(text_glob("raw/*.csv", "raw/.csv"));
    ck_assert(!text_glob("raw/*.csv", "raw/a/orders.csv"));
    ck_assert(!text_glob("raw/*.csv", "raw/orders.csv.gz"));
    ck_assert(text_glob("?.csv", "表.csv"));
    ck_assert(!text_glob("?.csv", "ab.csv"));
    ck_assert(!text_glob("a?b", "a/b"));
    ck_assert(text_glob("*", ""));
    ck_assert(!text_glob("?", ""));
    ck_assert(text_glob("", ""));
    ck_assert(!text_glob("", "a"));
    ck_assert(text_glob("*a*b*", "xxaxxbxx"));
    ck_assert(!text_glob("*a*b", "xbxa"));
}
END_TEST

START_TEST(matches_sets_of_characters)
{
    ck_assert(text_glob("[a-c]x", "bx"));
    ck_assert(!text_glob("[a-c]x", "dx"));
    ck_assert(text_glob("[!a-c]x", "dx"));
    ck_assert(!text_glob("[!a-c]x", "ax"));
    ck_assert(!text_glob("[!a]", "/"));
    ck_assert(text_glob("[]]", "]"));
    ck_assert(text_glob("[a-]", "-"));
    ck_assert(text_glob("[\\]]", "]"));
    ck_assert(text_glob("[ア-ン]", "カ"));
    ck_assert(text_glob("[x", "[x"));
}
END_TEST

START_TEST(matches_quoted_characters_literally)
{
    ck_assert(text_glob("a\\*b", "a*b"));
    ck_assert(!text_glob("a\\*b", "axb"));
    ck_assert(text_glob("a\\", "a\\"));
}
END_TEST

START_TEST(matches_across_folders_with_two_stars)
{
    ck_assert(text_glob("raw/**.csv", "raw/2025/02/orders.csv"));
    ck_assert(text_glob("raw/**/*.csv", "raw/2025/02/orders.csv"));
    ck_assert(text_glob("raw/**/*.csv", "raw/orders.csv"));
    ck_assert(text_glob("**/x", "x"));
    ck_assert(text_glob("**/x", "a/b/x"));
    ck_assert(!text_glob("**/x", "a/bx"));
    ck_assert(!text_glob("a/**/b", "a/cb"));
    ck_assert(text_glob("**/a*/b?", "q/ax/r/ay/bz"));
    ck_assert(text_glob("**", "any/thing"));
}
END_TEST

START_TEST(takes_no_exponential_time_over_stars)
{
    char name[3001];

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    ck_assert(!text_glob("*a*a*a*a*a*a*a*a*a*a*a*b", name));
    ck_assert(!text_glob("**a**a**a**a**a**a*a*a*b", name));
}
END_TEST

START_TEST(knows_patterns_from_names)
{
    ck_assert(text_has_glob("raw/*.csv"));
    ck_assert(text_has_glob("a?"));
    ck_assert(text_has_glob("[a]"));
    ck_assert(!text_has_glob("raw/orders.csv"));
    ck_assert(!text_has_glob("a\\*\\?\\["));
    ck_assert(text_has_glob("\\\\*"));
    ck_assert(!text_has_glob(""));
}
END_TEST

START_TEST(reads_whole_numbers)
{
    int64_t value = 0;

    ck_assert(text_to_int("0", &value) && value == 0);
    ck_assert(text_to_int("+17", &value) && value == 17);
    ck_assert(text_to_int("-9223372036854775808", &value));
    ck_assert(value == INT64_MIN);
    ck_assert(text_to_int("9223372036854775807", &value));
    ck_assert(value == INT64_MAX);
}
END_TEST

START_TEST(refuses_what_is_no_whole_number)
{
    static const char *const wrong[] = {"",
                                        "-",
                                        "+",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "0x1",
                                        "1e3",
                                        "--1",
                                        "9223372036854775808",
                                        "-9223372036854775809"};

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        int64_t value = 42;

        ck_assert_msg(!text_to_int(wrong[i], &value), "'%s'", wrong[i]);
        ck_assert_int_eq(value, 42);
    }
}
END_TEST

START_TEST(reads_sizes)
{
    int64_t bytes = 0;

    ck_assert(text_to_size("10", &bytes) && bytes == 10);
    ck_assert(text_to_size("64KiB", &bytes) && bytes == 65536);
    ck_assert(text_to_size("8mib", &bytes) && bytes == 8388608);
    ck_assert(text_to_size("1GB", &bytes) && bytes == 1000000000);
    ck_assert(text_to_size("5B", &bytes) && bytes == 5);
}
END_TEST

START_TEST(refuses_what_is_no_size)
{
    static const char *const wrong[] = {"",       "KiB",   "-1",
                                        "1.5GiB", "64 K",  "64K",
                                        "8MiBs",  "1 GiB", "9999999999GiB"};
    int64_t bytes;

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        ck_assert_msg(!text_to_size(wrong[i], &bytes), "'%s'", wrong[i]);
}
END_TEST

START_TEST(reads_durations_and_sums_of_them)
{
    int64_t ms = 0;

    ck_assert(text_to_duration("250ms", &ms) && ms == 250);
    ck_assert(text_to_duration("30s", &ms) && ms == 30000);
    ck_assert(text_to_duration("5m", &ms) && ms == 300000);
    ck_assert(text_to_duration("1h30m", &ms) && ms == 5400000);
    ck_assert(text_to_duration("1d2h3m4s5ms", &ms) && ms == 93784005);
}
END_TEST

START_TEST(refuses_what_is_no_duration)
{
    static const char *const wrong[] = {
        "",     "5",    "m",   "5 m", "30m1h",          "1h1h",
        "1h30", "5min", "-5m", "5M",  "99999999999999d"};
    int64_t ms;

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        ck_assert_msg(!text_to_duration(wrong[i], &ms), "'%s'", wrong[i]);
}
END_TEST

START_TEST(reads_a_byte_written_as_two_digits)
{
    ck_assert_int_eq(text_percent_byte("%2F", 3), '/');
    ck_assert_int_eq(text_percent_byte("%e8x", 4), 0xe8);
    ck_assert_int_eq(text_percent_byte("%00", 3), 0);
    ck_assert_int_eq(text_percent_byte("%2F", 2), -1);
    ck_assert_int_eq(text_percent_byte("%2G", 3), -1);
    ck_assert_int_eq(text_percent_byte("%G2", 3), -1);
    ck_assert_int_eq(text_percent_byte("% 2", 3), -1);
    ck_assert_int_eq(text_percent_byte("2F%", 3), -1);
}
END_TEST

static TCase *
words_case(void)
{
    TCase *tc = tcase_create("words");

    tcase_add_test(tc, compares_ascii_without_case);
    tcase_add_test(tc, finds_prefixes_and_suffixes);
    tcase_add_test(tc, suggests_what_was_mistyped);
    tcase_add_test(tc, counts_two_characters_that_changed_places_once);
    tcase_add_test(tc, suggests_nothing_that_is_too_far);
    tcase_add_test(tc, suggests_nothing_that_shares_no_character);
    tcase_add_test(tc, looks_at_the_start_of_very_long_words);
    tcase_add_test(tc, accepts_well_formed_utf8);
    tcase_add_test(tc, says_where_utf8_ends);
    return tc;
}

static TCase *
forms_case(void)
{
    TCase *tc = tcase_create("forms");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, folds_width_and_case);
    tcase_add_test(tc, squeezes_white_space_of_every_kind);
    tcase_add_test(tc, leaves_a_name_that_is_no_utf8_alone);
    tcase_add_test(tc, reads_no_further_than_the_length);
    tcase_add_test(tc, prints_plain_text_as_it_is);
    tcase_add_test(tc, makes_terminal_controls_visible);
    tcase_add_test(tc, makes_bytes_that_are_no_utf8_visible);
    tcase_add_test(tc, cuts_what_is_too_long_at_a_character);
    tcase_add_test(tc, never_exceeds_the_maximum);
    tcase_add_test(tc, counts_the_columns_that_a_terminal_gives_to_characters);
    tcase_add_test(tc, groups_digits_by_three);
    tcase_add_test(tc, prints_sizes_for_people);
    return tc;
}

static TCase *
patterns_case(void)
{
    TCase *tc = tcase_create("patterns and numbers");

    tcase_add_test(tc, matches_shell_patterns_within_a_folder);
    tcase_add_test(tc, matches_sets_of_characters);
    tcase_add_test(tc, matches_quoted_characters_literally);
    tcase_add_test(tc, matches_across_folders_with_two_stars);
    tcase_add_test(tc, takes_no_exponential_time_over_stars);
    tcase_add_test(tc, knows_patterns_from_names);
    tcase_add_test(tc, reads_whole_numbers);
    tcase_add_test(tc, refuses_what_is_no_whole_number);
    tcase_add_test(tc, reads_sizes);
    tcase_add_test(tc, refuses_what_is_no_size);
    tcase_add_test(tc, reads_durations_and_sums_of_them);
    tcase_add_test(tc, refuses_what_is_no_duration);
    tcase_add_test(tc, reads_a_byte_written_as_two_digits);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("text");

    suite_add_tcase(suite, words_case());
    suite_add_tcase(suite, forms_case());
    suite_add_tcase(suite, patterns_case());
    return suite;
}
