/*
 * Targets of requests: what they ask for, and that nothing else is understood.
 */
#include "serve/route.h"

#include <check.h>
#include <string.h>

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

static struct route
of(const char *target)
{
    return route_of(arena, target);
}

START_TEST(knows_the_pages)
{
    ck_assert_int_eq(of("/").kind, ROUTE_PIPELINES);
    ck_assert_int_eq(of("/?utm=x").kind, ROUTE_PIPELINES);
    ck_assert_int_eq(of("/runs").kind, ROUTE_RUNS);
    ck_assert_int_eq(of("/style.css").kind, ROUTE_STYLE);
    ck_assert_int_eq(of("/healthz").kind, ROUTE_HEALTH);
    ck_assert_int_eq(of("/metrics").kind, ROUTE_METRICS);
}
END_TEST

START_TEST(takes_a_run_by_its_id)
{
    struct route route = of("/runs/6f74e0");

    ck_assert_int_eq(route.kind, ROUTE_RUN);
    ck_assert_str_eq(route.run, "6f74e0");
}
END_TEST

START_TEST(decodes_each_segment_of_a_dashboard)
{
    struct route route = of("/dashboards/orders/a%5Bb%2Fc%5D/%E5%A3%B2.html");

    ck_assert_int_eq(route.kind, ROUTE_DASHBOARD);
    ck_assert_str_eq(route.pipeline, "orders");
    ck_assert_str_eq(route.step, "a[b/c]");
    ck_assert_str_eq(route.name, "\xE5\xA3\xB2.html");
}
END_TEST

START_TEST(a_plus_in_a_path_is_a_plus)
{
    ck_assert_str_eq(of("/dashboards/p/s/a+b.html").name, "a+b.html");
}
END_TEST

START_TEST(takes_filters)
{
    struct route route =
        of("/runs?pipeline=a+b%26c&outcome=failed&days=7&before=12");

    ck_assert_int_eq(route.kind, ROUTE_RUNS);
    ck_assert_str_eq(route.pipeline, "a b&c");
    ck_assert_int_eq(route.state, RUN_FAILED);
    ck_assert_int_eq(route.days, 7);
    ck_assert_int_eq(route.before, 12);
}
END_TEST

START_TEST(a_filter_left_empty_restricts_nothing)
{
    struct route route = of("/runs?pipeline=&outcome=&days=");

    ck_assert_int_eq(route.kind, ROUTE_RUNS);
    ck_assert_ptr_null(route.pipeline);
    ck_assert_int_eq(route.state, RUN_NONE);
    ck_assert_int_eq(route.days, 0);
}
END_TEST

START_TEST(does_not_guess_at_filters)
{
    static const char *const wrong[] = {
        "/runs?outcome=good", "/runs?days=-1",     "/runs?days=x",
        "/runs?days=99999",   "/runs?before=-2",   "/runs?pipeline=%zz",
        "/runs?pipeline=%C3", "/runs?pipeline=%0", "/runs?pipeline=%00",
    };

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        ck_assert_msg(of(wrong[i]).kind == ROUTE_BAD, "%s", wrong[i]);
}
END_TEST

START_TEST(does_not_understand_what_is_no_path)
{
    static const char *const wrong[] = {
        "", "runs", "*", "http://a/", "/%", "/%4", "/%00", "/runs/%FF", "?",
    };

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        ck_assert_msg(of(wrong[i]).kind == ROUTE_BAD, "%s", wrong[i]);
}
END_TEST

START_TEST(finds_nothing_elsewhere)
{
    static const char *const nothing[] = {
        "/nope",
        "/runs/a/b",
        "/dashboards",
        "/dashboards/p",
        "/dashboards/p/s",
        "/dashboards/p/s/n/x",
        "//",
        "/../etc/passwd",
        "/healthz/",
        "/Runs",
        "/a/b/c/d/e/f/g/h/",
        "/..%2f..%2fetc",
    };

    for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
        ck_assert_msg(of(nothing[i]).kind == ROUTE_NONE, "%s", nothing[i]);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("serve_route");
    TCase *tc = tcase_create("route");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, knows_the_pages);
    tcase_add_test(tc, takes_a_run_by_its_id);
    tcase_add_test(tc, decodes_each_segment_of_a_dashboard);
    tcase_add_test(tc, a_plus_in_a_path_is_a_plus);
    tcase_add_test(tc, takes_filters);
    tcase_add_test(tc, a_filter_left_empty_restricts_nothing);
    tcase_add_test(tc, does_not_guess_at_filters);
    tcase_add_test(tc, does_not_understand_what_is_no_path);
    tcase_add_test(tc, finds_nothing_elsewhere);
    suite_add_tcase(suite, tc);
    return suite;
}
