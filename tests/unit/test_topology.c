/*
 * config/topology.c and overlap.c: which step reads which, what nobody reads,
 * circles, order, and outputs that fall on inputs.
 */
#include "config/pipeline.h"

#include "support/pipeline_kit.h"
#include "unit/main.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

#define P "pipeline: p\n"
#define A "sources: {a: {uri: in.csv, on_reject: fail}}\n"
#define TWO                                          \
    "sources:\n  a: {uri: a.csv, on_reject: fail}\n" \
    "  b: {uri: b.csv, on_reject: fail}\n"
#define Z "sinks: {z: {uri: out.csv}}\n"

/* Each step as "label<input,input". */
static void
flows(const char *text, const char *expected)
{
    struct kit kit = kit_build(text);
    struct arena *arena = arena_new();
    char *all = arena_strdup(arena, "");

    ck_assert_msg(kit.pipeline != NULL, "%s", kit_told(kit.problems));
    for (uint32_t i = 0; i < kit.pipeline->step_count; i++) {
        const struct pipeline_step *step = &kit.pipeline->steps[i];

        all = arena_printf(arena, "%s%s%s", all, i > 0 ? " " : "", step->label);
        for (uint32_t j = 0; j < step->input_count; j++) {
            ck_assert_uint_lt(step->inputs[j].step, i);
            all = arena_printf(arena, "%s%s%s%s", all, j > 0 ? "," : "<",
                               kit.pipeline->steps[step->inputs[j].step].id,
                               step->inputs[j].rejected ? "!" : "");
        }
    }
    ck_assert_str_eq(all, expected);
    arena_free(arena);
    kit_release(&kit);
}

/* --- who reads whom --- */

START_TEST(reads_the_step_written_before)
{
    flows(P A "transforms: {b: {type: probe}, c: {type: probe}}\n" Z,
          "a b<a c<b z<c");
    flows(P A Z, "a z<a");
    flows(P "sinks: {y: {uri: y.csv}, z: {uri: z.csv}}\n" A, "a y<a z<a");
}
END_TEST

START_TEST(reads_rows_and_not_rejects_of_the_step_before)
{
    flows(P A "transforms:\n  v: {type: validate}\n"
              "  c: {type: probe}\n"
              "sinks: {z: {uri: z.csv}, r: {uri: r.csv, inputs: "
              "v.rejected}}\n",
          "a v<a c<v z<c r<v!");
}
END_TEST

START_TEST(reads_what_inputs_name)
{
    flows(P TWO "transforms: {c: {type: probe, inputs: b}, "
                "d: {type: probe, inputs: [a]}}\n"
                "sinks: {z: {uri: z.csv, inputs: [c, d]}}\n",
          "a b c<b d<a z<c,d");
}
END_TEST

START_TEST(puts_a_step_behind_what_it_reads)
{
    flows(P A "transforms: {b: {type: probe, inputs: c}, "
              "c: {type: probe, inputs: a}}\n"
              "sinks: {z: {uri: z.csv, inputs: b}}\n",
          "a c<a b<c z<b");
}
END_TEST

START_TEST(lets_several_steps_read_one)
{
    flows(P A "transforms: {b: {type: probe}, c: {type: probe, inputs: a}}\n"
              "sinks: {y: {uri: y.csv, inputs: b}, z: {uri: z.csv}}\n",
          "a b<a c<a y<b z<c");
}
END_TEST

START_TEST(splits_a_sink_whose_uri_names_its_input)
{
    struct kit kit = kit_build(
        P TWO "sinks: {z: {uri: \"out/${step.input}-${step.id}.csv\", "
              "inputs: [a, b]}}\n");

    ck_assert_msg(kit.pipeline != NULL, "%s", kit_told(kit.problems));
    ck_assert_uint_eq(kit.pipeline->step_count, 4);
    ck_assert_str_eq(kit.pipeline->steps[2].label, "z[a]");
    ck_assert_str_eq(kit.pipeline->steps[2].id, "z");
    ck_assert_str_eq(kit.pipeline->steps[2].uri, "out/a-z.csv");
    ck_assert_str_eq(kit.pipeline->steps[3].uri, "out/b-z.csv");
    ck_assert_uint_eq(kit.pipeline->steps[3].input_count, 1);
    ck_assert_uint_eq(kit.pipeline->steps[3].inputs[0].step, 1);
    ck_assert_ptr_ne(kit.pipeline->steps[2].instance,
                     kit.pipeline->steps[3].instance);
    kit_release(&kit);
}
END_TEST

START_TEST(does_not_name_the_parts_of_a_sink_with_one_input)
{
    flows(P A "sinks: {z: {uri: \"${step.input}.csv\"}}\n", "a z<a");
}
END_TEST

START_TEST(does_not_split_for_a_dollar_that_is_written)
{
    flows(P TWO "sinks: {z: {uri: \"$${step.input}\", inputs: [a, b]}}\n",
          "a b z<a,b");
}
END_TEST

START_TEST(tells_a_problem_of_a_split_sink_once)
{
    kit_wrong(P TWO "sinks: {z: {uri: \"o/${step.input}\", inputs: [a, b], "
                    "charset: utf-9}}\n",
              5, 62, "utf-9", "");
}
END_TEST

/* --- wrong inputs --- */

START_TEST(asks_which_source_is_meant)
{
    kit_wrong(P TWO "transforms: {c: {type: probe}}\n" Z, 5, 14,
              "'c' does not say which of the 2 sources it reads",
              "write inputs: b");
    kit_wrong(P TWO Z, 5, 9, "'z' does not say", "write inputs");
}
END_TEST

START_TEST(names_the_nearest_step)
{
    kit_wrong(P A "transforms: {valid: {type: probe}}\n"
                  "sinks: {z: {uri: z.csv, inputs: vald}}\n",
              4, 33, "there is no step 'vald'", "'valid'");
    kit_wrong(P A "transforms: {valid: {type: validate}}\n"
                  "sinks: {y: {uri: y.csv}, z: {uri: z.csv, inputs: "
                  "[vald.rejected]}}\n",
              4, 51, "there is no step 'vald'", "'valid.rejected'");
    kit_wrong(P A "transforms: {valid: {type: validate}}\n"
                  "sinks: {y: {uri: y.csv}, z: {uri: z.csv, inputs: "
                  "[valid.rejects]}}\n",
              4, 51, "'valid' has no output 'rejects'", "'valid.rejected'");
    kit_wrong(P A "sinks: {z: {uri: z.csv, inputs: qqqqqqq}}\n", 3, 33,
              "there is no step 'qqqqqqq'", "sources: and transforms:");
}
END_TEST

START_TEST(refuses_inputs_that_give_no_rows)
{
    kit_wrong(P A "sinks: {y: {uri: y.csv}, z: {uri: z.csv, inputs: y}}\n", 3,
              50, "'z' cannot read 'y', which is a sink", "sources");
    kit_wrong(P A Z "transforms: {t: {type: probe, inputs: n}}\n"
                    "notifiers: {n: {type: log}}\n",
              4, 39, "'t' cannot read 'n', which is a notifier", "");
}
END_TEST

START_TEST(refuses_inputs_that_are_named_twice_or_not_at_all)
{
    kit_wrong(P A "sinks: {z: {uri: z.csv, inputs: [a, a]}}\n", 3, 37,
              "'z' reads 'a' twice", "once");
    kit_wrong(P A "sinks: {z: {uri: z.csv, inputs: []}}\n", 3, 33,
              "'z' reads nothing", "name a step");
    kit_wrong(P A "sinks: {z: {uri: z.csv, inputs: }}\n", 3, 25,
              "'inputs' has no value", "");
}
END_TEST

START_TEST(refuses_ids_that_are_taken_or_no_ids)
{
    kit_wrong(P A "sinks: {a: {uri: z.csv}}\n", 3, 9,
              "the id 'a' is taken by a source in line 2", "another name");
    kit_wrong(P "sources: {a.b: {uri: in.csv, on_reject: fail}}\n" Z, 2, 11,
              "'a.b' cannot be the id of a step", "letters");
}
END_TEST

/* --- circles --- */

START_TEST(tells_the_path_of_a_circle_once)
{
    kit_wrong(P A "transforms:\n  b: {type: probe, inputs: [a, d]}\n"
                  "  c: {type: probe}\n  d: {type: probe}\n" Z,
              4, 32, "in a circle: ", "outside of the circle");
    kit_wrong(P A "transforms:\n  b: {type: probe, inputs: c}\n"
                  "  c: {type: probe}\n" Z,
              4, 28, "b -> c -> b", "");
}
END_TEST

START_TEST(tells_that_a_step_reads_itself)
{
    kit_wrong(P A "transforms:\n  b: {type: probe, inputs: b}\n" Z, 4, 28,
              "'b' reads itself", "");
    kit_wrong(P A "transforms:\n  b: {type: validate, inputs: [a, "
                  "b.rejected]}\n" Z,
              4, 35, "'b' reads itself", "");
}
END_TEST

/* --- what nobody reads --- */

START_TEST(tells_steps_that_nobody_reads)
{
    kit_wrong(P A "transforms: {b: {type: probe}}\n"
                  "sinks: {z: {uri: z.csv, inputs: a}}\n",
              3, 14, "nobody reads 'b'", "write inputs: b");
    kit_wrong(P A "transforms: {v: {type: validate}}\n"
                  "sinks: {z: {uri: z.csv, inputs: v.rejected}}\n",
              3, 14, "nobody reads 'v'", "");
}
END_TEST

START_TEST(tells_rejects_that_nobody_reads)
{
    kit_wrong(P "sources: {a: {uri: in.csv}}\n" Z, 2, 11,
              "nobody reads 'a.rejected'", "on_reject: drop");
    kit_wrong(P A "transforms: {v: {type: validate}}\n" Z, 3, 14,
              "nobody reads 'v.rejected'", "on_reject: fail");
    kit_right(P A "transforms: {v: {type: validate, on_reject: drop}}\n" Z);
    kit_right(P "sources: {a: {type: db, query: q}}\n" Z);
}
END_TEST

START_TEST(refuses_on_reject_where_rejects_are_read)
{
    kit_wrong(P A "transforms: {v: {type: validate, on_reject: drop}}\n"
                  "sinks: {z: {uri: z.csv}, r: {uri: r.csv, inputs: "
                  "v.rejected}}\n",
              3, 45, "but 'r' does", "take 'on_reject' out");
}
END_TEST

START_TEST(refuses_rejects_of_steps_that_have_none)
{
    kit_wrong(P A "transforms: {b: {type: probe}}\n"
                  "sinks: {z: {uri: z.csv}, r: {uri: r.csv, inputs: "
                  "b.rejected}}\n",
              4, 50, "'b' rejects no rows", "take it out");
    kit_wrong(P A "transforms: {b: {type: probe, on_reject: drop}}\n" Z, 3, 42,
              "the probe transform rejects no rows", "take it out");
}
END_TEST

START_TEST(refuses_to_return_rows_that_were_not_rejected)
{
    kit_wrong(P A "transforms: {v: {type: validate}}\n"
                  "sinks: {z: {uri: z.csv}, r: {uri: r.csv, inputs: v, "
                  "layout: return}}\n",
              4, 50, "reads the good rows of 'v'", "'v.rejected'");
    kit_wrong(P A "sinks: {z: {uri: z.csv, layout: return}}\n", 3, 33,
              "reads the good rows of 'a'", "");
}
END_TEST

START_TEST(needs_a_source_and_a_sink)
{
    kit_wrong(P Z, 1, 1, "no sources", "sources:");
    kit_wrong(P A "notifiers: {n: {type: log}}\n", 1, 1, "no sinks", "sinks:");
    kit_wrong(P "sources: {}\n" Z, 1, 1, "no sources", "");
}
END_TEST

/* --- outputs on inputs --- */

START_TEST(refuses_sinks_that_write_to_one_place)
{
    kit_wrong(P A "sinks: {y: {uri: o.csv}, z: {uri: o.csv}}\n", 3, 35,
              "'y' and 'z' write to the same place", "its own");
    kit_wrong(P A "sinks: {y: {uri: d/o.csv}, z: {uri: 'file:./d//./o.csv'}}\n",
              3, 37, "the same place", "");
    kit_right(P A "sinks: {y: {uri: 's3://b//o', type: dash}, "
                  "z: {uri: 's3://b/o', type: dash}}\n");
}
END_TEST

START_TEST(refuses_sinks_that_write_what_is_read)
{
    kit_wrong(P A "sinks: {z: {uri: ./in.csv}}\n", 3, 18,
              "'z' would write over what 'a' reads", "another place");
}
END_TEST

START_TEST(refuses_sinks_that_trigger_the_pipeline)
{
    static const char *const uris[] = {"raw/new.csv", "${trigger.uri}",
                                       "raw/x_${trigger.name}",
                                       "${trigger.dir}/${step.id}.csv"};
    struct arena *arena = arena_new();

    for (size_t i = 0; i < ARRAY_SIZE(uris); i++)
        kit_wrong(arena_printf(arena,
                               P
                               "trigger: {uri: raw/*.csv}\n"
                               "sources: {a: {uri: \"${trigger.uri}\", "
                               "on_reject: fail}}\nsinks: {z: {uri: \"%s\"}}\n",
                               uris[i]),
                  4, 18, "what 'z' writes would be a new trigger", "folder");
    kit_right(P "trigger: {uri: raw/*.csv}\n"
                "sources: {a: {uri: \"${trigger.uri}\", on_reject: fail}}\n"
                "sinks: {z: {uri: \"raw/done/${trigger.name}\"}}\n");
    arena_free(arena);
}
END_TEST

/* --- bounds --- */

START_TEST(refuses_more_steps_than_are_allowed)
{
    struct fb_error err = FB_ERROR_INIT;
    struct buf text;

    buf_init(&text, MIB);
    ck_assert_int_eq(buf_puts(&text, P A Z "transforms:\n", &err), 0);
    for (int i = 0; i < STEPS_MAX; i++)
        ck_assert_int_eq(buf_printf(&text, &err, "  t%d: {type: probe}\n", i),
                         0);
    kit_wrong(buf_text(&text), 1, 1, "at most 1000 steps", "");
    buf_release(&text);
}
END_TEST

START_TEST(takes_a_long_chain_of_steps)
{
    struct fb_error err = FB_ERROR_INIT;
    struct buf text;

    buf_init(&text, MIB);
    ck_assert_int_eq(buf_puts(&text, P A Z "transforms:\n", &err), 0);
    for (int i = 0; i < STEPS_MAX - 2; i++)
        ck_assert_int_eq(buf_printf(&text, &err, "  t%d: {type: probe}\n", i),
                         0);
    kit_right(buf_text(&text));
    buf_release(&text);
}
END_TEST

static void
add_links(Suite *suite)
{
    TCase *links = tcase_create("links"), *wrong = tcase_create("wrong");

    tcase_add_test(links, reads_the_step_written_before);
    tcase_add_test(links, reads_rows_and_not_rejects_of_the_step_before);
    tcase_add_test(links, reads_what_inputs_name);
    tcase_add_test(links, puts_a_step_behind_what_it_reads);
    tcase_add_test(links, lets_several_steps_read_one);
    tcase_add_test(links, splits_a_sink_whose_uri_names_its_input);
    tcase_add_test(links, does_not_name_the_parts_of_a_sink_with_one_input);
    tcase_add_test(links, does_not_split_for_a_dollar_that_is_written);
    tcase_add_test(links, tells_a_problem_of_a_split_sink_once);
    suite_add_tcase(suite, links);
    tcase_add_test(wrong, asks_which_source_is_meant);
    tcase_add_test(wrong, names_the_nearest_step);
    tcase_add_test(wrong, refuses_inputs_that_give_no_rows);
    tcase_add_test(wrong, refuses_inputs_that_are_named_twice_or_not_at_all);
    tcase_add_test(wrong, refuses_ids_that_are_taken_or_no_ids);
    tcase_add_test(wrong, tells_the_path_of_a_circle_once);
    tcase_add_test(wrong, tells_that_a_step_reads_itself);
    suite_add_tcase(suite, wrong);
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("topology");
    TCase *unread = tcase_create("unread"), *overlap = tcase_create("overlap"),
          *bounds = tcase_create("bounds");

    add_links(suite);
    tcase_add_test(unread, tells_steps_that_nobody_reads);
    tcase_add_test(unread, tells_rejects_that_nobody_reads);
    tcase_add_test(unread, refuses_on_reject_where_rejects_are_read);
    tcase_add_test(unread, refuses_rejects_of_steps_that_have_none);
    tcase_add_test(unread, refuses_to_return_rows_that_were_not_rejected);
    tcase_add_test(unread, needs_a_source_and_a_sink);
    suite_add_tcase(suite, unread);
    tcase_add_test(overlap, refuses_sinks_that_write_to_one_place);
    tcase_add_test(overlap, refuses_sinks_that_write_what_is_read);
    tcase_add_test(overlap, refuses_sinks_that_trigger_the_pipeline);
    suite_add_tcase(suite, overlap);
    tcase_add_test(bounds, refuses_more_steps_than_are_allowed);
    tcase_add_test(bounds, takes_a_long_chain_of_steps);
    tcase_set_timeout(bounds, 60);
    suite_add_tcase(suite, bounds);
    return suite;
}
