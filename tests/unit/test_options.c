/*
 * config/options.c, keys.c and places.c: values of every type, what is said
 * about wrong ones, and where options stand.
 */
#include "config/options.h"

#include "config/host_options.h"
#include "expr/expr.h"
#include "support/pipeline_kit.h"
#include "unit/main.h"
#include "util/arena.h"

#define HEAD                                         \
    "pipeline: p\n"                                  \
    "sources: {a: {uri: in.csv, on_reject: fail}}\n" \
    "transforms:\n"                                  \
    "  b:\n"                                         \
    "    type: probe\n"
#define TAIL "sinks: {c: {uri: out.csv}}\n"

/* A pipeline whose step of the probe plugin has this line, in line 6. */
static struct kit
with(const char *line)
{
    struct arena *arena = arena_new();
    struct kit kit = kit_build(arena_printf(arena, HEAD "    %s\n" TAIL, line));

    arena_free(arena);
    return kit;
}

/* Valid until the kit is released. */
static const struct probe *
probe_of(const struct kit *kit)
{
    ck_assert_msg(kit->pipeline != NULL, "%s", kit_told(kit->problems));
    ck_assert_str_eq(kit->pipeline->steps[1].id, "b");
    return kit->pipeline->steps[1].instance;
}

static struct place
place_in(const struct kit *kit, const char *option, size_t index, size_t offset)
{
    return option_place(kit->pipeline->steps[1].places, option, index, offset);
}

static void
expect(struct place place, unsigned line, unsigned column)
{
    ck_assert_msg(place.line == line && place.column == column,
                  "%u:%u instead of %u:%u", place.line, place.column, line,
                  column);
}

static void
refuses(const char *line, unsigned column, const char *message,
        const char *hint)
{
    struct kit kit = with(line);

    ck_assert_ptr_null(kit.pipeline);
    kit_expect(kit.problems, 6, column, message, hint);
    kit_release(&kit);
}

/* --- values --- */

START_TEST(fills_in_defaults)
{
    struct kit kit = with("text: x");
    const struct probe *probe = probe_of(&kit);

    ck_assert_int_eq(probe->count, 3);
    ck_assert_int_eq(probe->size, 8 << 20);
    ck_assert_int_eq(probe->duration, 30000);
    ck_assert_int_eq(probe->choice, 2);
    ck_assert_uint_eq(probe->list.count, 2);
    ck_assert_str_eq(probe->list.items[1], "b");
    ck_assert_ptr_null(probe->secret);
    ck_assert_ptr_null(probe->where);
    ck_assert_uint_eq(probe->map.count, 0);
    ck_assert(!probe->flag);
    kit_release(&kit);
}
END_TEST

START_TEST(reads_a_value_of_each_type)
{
    struct kit kit = with("{text: on, address: 's3://b/k', secret: s, "
                          "count: 10, size: 64KiB, duration: 1h30m, "
                          "flag: true, colour: blue}");

    ck_assert_ptr_null(kit.pipeline); /* a map is no key: see below */
    kit_release(&kit);
    kit = with("text: on\n    address: s3://b/k\n    secret: s\n"
               "    count: 10\n    size: 64KiB\n    duration: 1h30m\n"
               "    flag: true\n    colour: blue\n    where: x > 1\n"
               "    list: [1, 'two']\n    map: {k: v, l: w}\n"
               "    set: {n: x + 1}");
    ck_assert_str_eq(probe_of(&kit)->text, "on");
    ck_assert_str_eq(probe_of(&kit)->uri, "s3://b/k");
    ck_assert_str_eq(probe_of(&kit)->secret, "s");
    ck_assert_int_eq(probe_of(&kit)->count, 10);
    ck_assert_int_eq(probe_of(&kit)->size, 64 << 10);
    ck_assert_int_eq(probe_of(&kit)->duration, 5400000);
    ck_assert(probe_of(&kit)->flag);
    ck_assert_int_eq(probe_of(&kit)->choice, 3);
    ck_assert_str_eq(expr_text(probe_of(&kit)->where), "x > 1");
    ck_assert_str_eq(probe_of(&kit)->list.items[1], "two");
    ck_assert_uint_eq(probe_of(&kit)->map.count, 2);
    ck_assert_str_eq(probe_of(&kit)->map.pairs[1].key, "l");
    ck_assert_str_eq(probe_of(&kit)->map.pairs[1].value, "w");
    ck_assert_str_eq(probe_of(&kit)->set.pairs[0].value, "x + 1");
    ck_assert_str_eq(expr_text(probe_of(&kit)->set.pairs[0].expr), "x + 1");
    kit_release(&kit);
}
END_TEST

START_TEST(takes_a_single_value_as_a_list_of_one)
{
    struct kit kit = with("list: only");

    ck_assert_uint_eq(probe_of(&kit)->list.count, 1);
    ck_assert_str_eq(probe_of(&kit)->list.items[0], "only");
    kit_release(&kit);
}
END_TEST

START_TEST(takes_an_empty_text_in_quotes)
{
    struct kit kit = with("text: ''");

    ck_assert_str_eq(probe_of(&kit)->text, "");
    kit_release(&kit);
}
END_TEST

START_TEST(takes_numbers_in_quotes)
{
    struct kit kit = with("count: '7'");

    ck_assert_int_eq(probe_of(&kit)->count, 7);
    kit_release(&kit);
}
END_TEST

/* --- wrong values --- */

START_TEST(refuses_values_of_another_type)
{
    refuses("count: lots", 12, "a whole number for 'count', got 'lots'", "5");
    refuses("count: 1e3", 12, "a whole number", "");
    refuses("count: 1.5", 12, "a whole number", "");
    refuses("count: 007", 12, "a whole number", "leading 0");
    refuses("size: lots", 11, "a size such as 64MiB for 'size'", "KiB");
    refuses("size: -1", 11, "a size", "");
    refuses("duration: 30 s", 15, "a duration such as 30s", "no space");
    refuses("duration: 30", 15, "a duration", "");
    refuses("flag: yes", 11, "true or false for 'flag', got 'yes'",
            "write true");
    refuses("flag: Off", 11, "true or false", "write false");
    refuses("flag: maybe", 11, "true or false", "write true or false");
    refuses("colour: gren", 13, "'gren' is none of the values", "'green'");
    refuses("colour: 1", 13, "red, green, blue", "red");
    refuses("address: ''", 14, "'address' is empty", "");
}
END_TEST

START_TEST(refuses_values_out_of_range)
{
    refuses("count: 0", 12, "'count' is at least 1, got '0'", "1 to 10");
    refuses("count: 11", 12, "'count' is at most 10", "1 to 10");
    refuses("size: 10", 11, "'size' is at least 1KiB", "1GiB");
    refuses("size: 2GiB", 11, "'size' is at most 1GiB", "");
}
END_TEST

START_TEST(refuses_nodes_of_another_kind)
{
    refuses("count: [1]", 12, "a single value for 'count', got a list", "[ ]");
    refuses("text: {a: b}", 11, "a single value", "");
    refuses("list: {a: b}", 11, "a list such as", "");
    refuses("map: [a]", 10, "a map such as", "");
    refuses("map: a", 10, "a map such as {name: value} for 'map'", "");
    refuses("list: [[a]]", 12, "got a list", "");
    refuses("map: {a: [b]}", 14, "got a list", "");
    refuses("text:", 5, "'text' has no value", "take it out");
    refuses("map: {a: }", 10, "'map' has no value", "");
}
END_TEST

START_TEST(points_into_expressions)
{
    refuses("where: x = = 1", 16, "", "");
    refuses("where: 'x = = 1'", 17, "", "");
    refuses("set: {n: x, m: x + }", 23, "", "");
}
END_TEST

START_TEST(points_into_expressions_of_several_lines)
{
    struct kit kit = with("where: x = 1\n      AND = 2");

    kit_expect(kit.problems, 7, 11, "", "");
    kit_release(&kit);
}
END_TEST

START_TEST(never_shows_a_secret)
{
    struct kit kit = with("secret: [hush]");

    ck_assert_ptr_null(kit.pipeline);
    ck_assert_ptr_null(strstr(kit_told(kit.problems), "hush"));
    kit_release(&kit);
}
END_TEST

START_TEST(tells_all_wrong_options_in_one_go)
{
    struct kit kit = with("count: x\n    flag: x\n    colour: x");

    ck_assert_uint_eq(problems_count(kit.problems), 3);
    kit_release(&kit);
}
END_TEST

/* --- keys --- */

START_TEST(asks_whether_a_near_key_was_meant)
{
    refuses("coutn: 3", 5, "the probe transform has no option 'coutn'",
            "did you mean 'count'?");
    refuses("Count: 3", 5, "has no option 'Count'", "did you mean 'count'?");
}
END_TEST

START_TEST(lists_the_keys_when_none_is_near)
{
    refuses("qqqqqq: 3", 5, "has no option 'qqqqqq'", "its keys are");
}
END_TEST

START_TEST(says_whose_option_a_key_is)
{
    refuses("query: x", 5, "'query' is an option of the db source",
            "the db source");
    refuses("layout: table", 5, "'layout' is an option of a sink", "a sink");
    refuses("charset: utf-8", 5,
            "'charset' is an option of sources and sinks of bytes", "move");
    refuses("delimiter: x", 5, "'delimiter' is an option of 'dialect'",
            "write dialect: {delimiter: ...}");
    refuses("window: x", 5, "an option of the pipeline itself", "begin");
}
END_TEST

START_TEST(names_a_required_option_at_its_step)
{
    kit_wrong("pipeline: p\n"
              "sources: {a: {uri: in.csv, on_reject: fail}}\n"
              "transforms:\n  f: {type: filter}\n" TAIL,
              4, 3, "the filter transform needs 'where'", "The rows to keep.");
}
END_TEST

START_TEST(tells_a_misspelled_required_option_once)
{
    kit_wrong("pipeline: p\n"
              "sources: {a: {uri: in.csv, on_reject: fail}}\n"
              "transforms:\n  f: {type: filter, wher: x > 1}\n" TAIL,
              4, 21, "has no option 'wher'", "'where'");
}
END_TEST

START_TEST(suspects_no_option_of_a_plugin_that_is_not_known)
{
    kit_wrong("pipeline: p\n"
              "sources: {a: {uri: in.csv, on_reject: fail}}\n"
              "transforms:\n  f: {type: filtre, where: x > 1, foo: 1}\n" TAIL,
              4, 13, "there is no transform 'filtre'", "'filter'");
}
END_TEST

/* --- settings --- */

START_TEST(takes_settings_for_what_a_step_leaves_out)
{
    struct kit kit =
        kit_build("settings: {probe: {count: 5, flag: true}}\n" HEAD
                  "    count: 6\n" TAIL);

    ck_assert_int_eq(probe_of(&kit)->count, 6);
    ck_assert(probe_of(&kit)->flag);
    expect(place_in(&kit, "flag", 0, 0), 1, 36);
    kit_release(&kit);
}
END_TEST

START_TEST(checks_settings_that_no_step_uses)
{
    kit_wrong("settings:\n  db: {qery: x}\n" HEAD TAIL, 2, 8,
              "the db plugin has no option 'qery'", "'query'");
    kit_wrong("settings:\n  probe: {flag: 1}\n" HEAD "    flag: true\n" TAIL, 2,
              17, "true or false", "write true");
    kit_wrong("settings: {probee: {flag: true}}\n" HEAD TAIL, 1, 12,
              "there is no plugin 'probee'", "'probe'");
    kit_wrong("settings: {probe: 3}\n" HEAD TAIL, 1, 19, "are a map", "");
}
END_TEST

/* --- places --- */

START_TEST(places_options_items_and_bytes)
{
    struct kit kit = with("list: [one, 'two']\n    map: {k: value}\n"
                          "    text: some words\n    where: >\n      x\n"
                          "      = 1");

    expect(place_in(&kit, "list", 0, 0), 6, 12);
    expect(place_in(&kit, "list", 1, 0), 6, 17);
    expect(place_in(&kit, "list", 1, 2), 6, 20);
    expect(place_in(&kit, "list", 2, 0), 6, 11);
    expect(place_in(&kit, "map", 0, 1), 7, 15);
    expect(place_in(&kit, "text", 0, 5), 8, 16);
    expect(place_in(&kit, "where", 0, 0), 10, 7);
    expect(place_in(&kit, "where", 0, 2), 11, 7);
    kit_release(&kit);
}
END_TEST

START_TEST(places_what_is_not_written_at_its_step)
{
    struct kit kit = with("text: x");

    expect(place_in(&kit, "count", 0, 0), 4, 3);
    expect(place_in(&kit, "secret", 0, 0), 4, 3);
    expect(place_in(&kit, "no such option", 0, 0), 4, 3);
    kit_release(&kit);
}
END_TEST

/* --- the host's tables --- */

START_TEST(has_a_table_with_help_for_every_group)
{
    for (size_t i = 0; host_groups[i] != NULL; i++) {
        const struct fb_option *option = host_options(host_groups[i]);

        ck_assert_ptr_nonnull(option);
        for (; option->name != NULL; option++) {
            ck_assert_int_ne(option->type, 0);
            ck_assert_ptr_nonnull(option->help);
        }
    }
    ck_assert_ptr_null(host_options("no such group"));
}
END_TEST

static void
add_values(Suite *suite)
{
    TCase *values = tcase_create("values"), *wrong = tcase_create("wrong");

    tcase_add_test(values, fills_in_defaults);
    tcase_add_test(values, reads_a_value_of_each_type);
    tcase_add_test(values, takes_a_single_value_as_a_list_of_one);
    tcase_add_test(values, takes_an_empty_text_in_quotes);
    tcase_add_test(values, takes_numbers_in_quotes);
    suite_add_tcase(suite, values);
    tcase_add_test(wrong, refuses_values_of_another_type);
    tcase_add_test(wrong, refuses_values_out_of_range);
    tcase_add_test(wrong, refuses_nodes_of_another_kind);
    tcase_add_test(wrong, points_into_expressions);
    tcase_add_test(wrong, points_into_expressions_of_several_lines);
    tcase_add_test(wrong, never_shows_a_secret);
    tcase_add_test(wrong, tells_all_wrong_options_in_one_go);
    suite_add_tcase(suite, wrong);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *keys = tcase_create("keys"), *settings = tcase_create("settings"),
          *places = tcase_create("places"), *host = tcase_create("host");

    add_values(suite);
    tcase_add_test(keys, asks_whether_a_near_key_was_meant);
    tcase_add_test(keys, lists_the_keys_when_none_is_near);
    tcase_add_test(keys, says_whose_option_a_key_is);
    tcase_add_test(keys, names_a_required_option_at_its_step);
    tcase_add_test(keys, tells_a_misspelled_required_option_once);
    tcase_add_test(keys, suspects_no_option_of_a_plugin_that_is_not_known);
    suite_add_tcase(suite, keys);
    tcase_add_test(settings, takes_settings_for_what_a_step_leaves_out);
    tcase_add_test(settings, checks_settings_that_no_step_uses);
    suite_add_tcase(suite, settings);
    tcase_add_test(places, places_options_items_and_bytes);
    tcase_add_test(places, places_what_is_not_written_at_its_step);
    suite_add_tcase(suite, places);
    tcase_add_test(host, has_a_table_with_help_for_every_group);
    suite_add_tcase(suite, host);
    return suite;
}
