/*
 * Names of triggers: which are refused, which mean the same object, and what
 * data a trigger file announces.
 */
#include "trigger/names.h"

#include <check.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/mem.h"

static struct arena *arena;

static void
set_up(void)
{
    arena = arena_new();
}

static void
tear_down(void)
{
    arena_free(arena);
}

static void
announces(const char *pattern, const char *source, const char *trigger,
          const char *data)
{
    const char *uri = names_announced(arena, pattern, source, trigger);

    ck_assert_ptr_nonnull(uri);
    ck_assert_str_eq(uri, data);
}

static void
announces_nothing(const char *pattern, const char *source, const char *trigger)
{
    ck_assert_ptr_null(names_announced(arena, pattern, source, trigger));
}

START_TEST(finds_the_data_beside_its_trigger)
{
    /* ${trigger.dir}/${trigger.stem}.csv */
    announces("in/*.trg", "in/*.csv", "in/a.trg", "in/a.csv");
}
END_TEST

START_TEST(finds_the_data_in_another_folder)
{
    announces("s3://b/in/*.trg", "s3://b/data/*.csv.gz", "s3://b/in/a.trg",
              "s3://b/data/a.csv.gz");
}
END_TEST

START_TEST(finds_data_named_after_the_whole_trigger)
{
    announces("in/*.trg", "in/*.trg.csv", "in/a.trg", "in/a.trg.csv");
}
END_TEST

START_TEST(finds_data_in_the_folder_of_a_trigger_in_any_folder)
{
    announces("in/*/*.trg", "in/*/*.csv", "in/x/a.trg", "in/x/a.csv");
    announces("in/**/*.trg", "in/**/*.csv", "in/x/y/a.trg", "in/x/y/a.csv");
    announces("*/*.trg", "*/*.csv", "x/a.trg", "x/a.csv");
    announces("*/*.trg", "all/*.csv", "x/a.trg", "all/a.csv");
}
END_TEST

START_TEST(finds_data_whose_uri_holds_the_stem_twice)
{
    announces("in/*.trg", "in/*/*.csv", "in/a.trg", "in/a/a.csv");
}
END_TEST

START_TEST(finds_data_by_a_stem_with_letters_beside_the_wildcard)
{
    announces("in/ord-*.trg", "in/ord-*.csv", "in/ord-7.trg", "in/ord-7.csv");
    announces("in/[ab]?.trg", "in/[ab]?.csv", "in/a1.trg", "in/a1.csv");
}
END_TEST

START_TEST(takes_wildcards_in_a_triggers_name_for_letters)
{
    announces("in/*.trg", "in/*.csv", "in/a[1]*.trg", "in/a[1]*.csv");
}
END_TEST

START_TEST(knows_a_source_that_reads_the_trigger_itself)
{
    announces_nothing("raw/*.csv", "raw/*.csv", "raw/a.csv");
    announces_nothing("raw/*.csv", "./raw//*.csv", "raw/a.csv");
}
END_TEST

START_TEST(knows_a_table_that_is_the_same_for_every_trigger)
{
    announces_nothing("in/*.trg", "ref/customers.csv", "in/a.trg");
}
END_TEST

START_TEST(finds_the_data_of_the_one_trigger_of_a_plain_uri)
{
    announces("in/orders.trg", "in/orders.csv", "in/orders.trg",
              "in/orders.csv");
    announces_nothing("in/orders.trg", "ref/customers.csv", "in/orders.trg");
    announces_nothing("in/orders.trg", "in/orders.trg", "in/orders.trg");
}
END_TEST

START_TEST(knows_one_file_by_all_its_spellings)
{
    char here[4096];

    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    ck_assert_str_eq(names_normal(arena, "./in//a.csv"),
                     arena_printf(arena, "%s/in/a.csv", here));
    ck_assert_str_eq(names_normal(arena, "file:in/a.csv"),
                     names_normal(arena, "in/a.csv"));
    ck_assert_str_eq(names_normal(arena, "file:///x/a.csv"), "/x/a.csv");
    ck_assert_str_eq(names_normal(arena, "file://localhost/x/./a.csv"),
                     "/x/a.csv");
    ck_assert_str_eq(names_normal(arena, "s3://b//a/./b"), "s3://b//a/./b");
    ck_assert_str_eq(names_normal(arena, "/"), "");
}
END_TEST

START_TEST(matches_names_however_they_are_spelled)
{
    char here[4096];

    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    ck_assert(names_match(arena, "in/*.csv", "./in/a.csv"));
    ck_assert(names_match(arena, "file:in/*.csv",
                          arena_printf(arena, "%s/in/a.csv", here)));
    ck_assert(names_match(arena, "s3://b/in/*.csv", "s3://b/in/a.csv"));
    ck_assert(!names_match(arena, "in/*.csv", "in/a.txt"));
    ck_assert(!names_match(arena, "in/*.csv", "/elsewhere/in/a.csv"));
}
END_TEST

START_TEST(matches_in_a_folder_whose_name_looks_like_a_pattern)
{
    char folder[] = "/tmp/forebay-names-XXXXXX", *odd;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    odd = arena_printf(arena, "%s/[a]*", folder);
    ck_assert_int_eq(mkdir(odd, 0700), 0);
    ck_assert_int_eq(chdir(odd), 0);
    ck_assert(names_match(arena, "in/*.csv", "in/a.csv"));
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(odd);
    rmdir(folder);
}
END_TEST

static const char *
objection(const char *uri, bool portable)
{
    return names_objection(arena, "in/*.csv", uri, portable);
}

START_TEST(accepts_names_in_any_script)
{
    ck_assert_ptr_null(objection("in/売上 2025 (1).csv", false));
    ck_assert_ptr_null(objection("in/a+b%2e%2e.csv", false));
}
END_TEST

START_TEST(refuses_what_is_not_portable_when_asked)
{
    ck_assert_ptr_null(objection("in/Orders-2025_05.v2.csv", true));
    ck_assert_ptr_nonnull(objection("in/a b.csv", true));
    ck_assert_ptr_nonnull(objection("in/a+b.csv", true));
    ck_assert_ptr_nonnull(objection("in/", true));
    ck_assert_str_eq(objection("in/表.csv", true),
                     "its name '表.csv' holds something else than A-Z a-z 0-9 "
                     ". _ -");
}
END_TEST

START_TEST(asks_portability_of_the_name_only)
{
    ck_assert_ptr_null(
        names_objection(arena, "in put/*.csv", "in put/a.csv", true));
}
END_TEST

START_TEST(refuses_names_that_could_break_a_line_or_a_terminal)
{
    ck_assert_str_eq(objection("in/a\nb.csv", false),
                     "its name holds a control character");
    ck_assert_ptr_nonnull(objection("in/a\x1b[2J.csv", false));
    ck_assert_ptr_nonnull(objection("in/a\x7f.csv", false));
    ck_assert_ptr_nonnull(objection("in/a\xc2\x9b.csv", false));
}
END_TEST

START_TEST(refuses_names_that_are_no_utf8)
{
    ck_assert_str_eq(objection("in/\x94\x84\x8f\xe3.csv", false),
                     "its name is not UTF-8");
}
END_TEST

START_TEST(refuses_segments_that_lead_elsewhere)
{
    ck_assert_ptr_nonnull(objection("in/../../etc/x.csv", false));
    ck_assert_ptr_nonnull(objection("in/..", false));
    ck_assert_ptr_null(objection("in/..a.csv", false));
    ck_assert_ptr_null(
        names_objection(arena, "../in/*.csv", "../in/a.csv", false));
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("trigger_names");
    TCase *names = tcase_create("names");

    tcase_add_checked_fixture(names, set_up, tear_down);
    tcase_add_test(names, finds_the_data_beside_its_trigger);
    tcase_add_test(names, finds_the_data_in_another_folder);
    tcase_add_test(names, finds_data_named_after_the_whole_trigger);
    tcase_add_test(names, finds_data_in_the_folder_of_a_trigger_in_any_folder);
    tcase_add_test(names, finds_data_whose_uri_holds_the_stem_twice);
    tcase_add_test(names,
                   finds_data_by_a_stem_with_letters_beside_the_wildcard);
    tcase_add_test(names, takes_wildcards_in_a_triggers_name_for_letters);
    tcase_add_test(names, knows_a_source_that_reads_the_trigger_itself);
    tcase_add_test(names, knows_a_table_that_is_the_same_for_every_trigger);
    tcase_add_test(names, finds_the_data_of_the_one_trigger_of_a_plain_uri);
    tcase_add_test(names, knows_one_file_by_all_its_spellings);
    tcase_add_test(names, matches_names_however_they_are_spelled);
    tcase_add_test(names, matches_in_a_folder_whose_name_looks_like_a_pattern);
    tcase_add_test(names, accepts_names_in_any_script);
    tcase_add_test(names, refuses_what_is_not_portable_when_asked);
    tcase_add_test(names, asks_portability_of_the_name_only);
    tcase_add_test(names, refuses_names_that_could_break_a_line_or_a_terminal);
    tcase_add_test(names, refuses_names_that_are_no_utf8);
    tcase_add_test(names, refuses_segments_that_lead_elsewhere);
    suite_add_tcase(suite, names);
    return suite;
}
