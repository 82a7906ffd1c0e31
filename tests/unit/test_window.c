/*
 * Business hours: when a window is open, when it changes, and what is said
 * about mistakes.  All moments are written as UTC.
 */
#include "trigger/window.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "trigger/holidays.h"
#include "unit/main.h"
#include "util/clock.h"
#include "util/mem.h"

static struct arena *arena;
static struct problems *problems;
static struct fb_error err;
static char folder[] = "/tmp/forebay-window-XXXXXX";

static void
set_up(void)
{
    arena = arena_new();
    problems = problems_new();
    memcpy(strstr(folder, "window-") + 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
tear_down(void)
{
    unlink(arena_printf(arena, "%s/holidays.csv", folder));
    rmdir(folder);
    problems_free(problems);
    arena_free(arena);
}

/* One item each; NULL: not written. */
static struct window_config
config(const char *days, const char *hours, const char *zone)
{
    struct window_config c = {.given = true, .timezone = zone};
    const char **items = arena_array(arena, 2, sizeof(*items));

    items[0] = days;
    items[1] = hours;
    if (days != NULL)
        c.days = (struct fb_list){.count = 1, .items = &items[0]};
    if (hours != NULL)
        c.hours = (struct fb_list){.count = 1, .items = &items[1]};
    c.place = (struct place){.file = arena_printf(arena, "%s/p.yaml", folder),
                             .line = 7};
    return c;
}

static struct window *
make(struct window_config c)
{
    struct window *window = window_new(arena, &c, problems);

    ck_assert_msg(window != NULL, "%s",
                  problems_count(problems) > 0
                      ? problems_at(problems, 0)->message
                      : "no problem told");
    ck_assert_uint_eq(problems_count(problems), 0);
    return window;
}

static int64_t
at(const char *utc)
{
    int64_t ms;

    ck_assert_msg(clock_parse_utc(utc, &ms), "%s", utc);
    return ms;
}

static const char *
utc(int64_t ms)
{
    char *text = arena_alloc(arena, 32);

    clock_format_utc(ms, text);
    return text;
}

static struct window_state
look(const struct window *window, const char *when)
{
    struct window_state state;

    ck_assert_msg(window_at(window, arena, at(when), &state, &err) == 0, "%s",
                  err.message);
    return state;
}

static void
expect(const struct window *window, const char *when, bool open,
       const char *until)
{
    struct window_state state = look(window, when);

    ck_assert_msg(state.open == open, "at %s: %s", when, state.text);
    ck_assert_str_eq(state.changes_ms != 0 ? utc(state.changes_ms) : "never",
                     until);
}

static void
expect_problem(struct window_config c, const char *message)
{
    ck_assert_ptr_null(window_new(arena, &c, problems));
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_str_eq(problems_at(problems, 0)->message, message);
}

static void
write_holidays(const char *text, size_t size)
{
    FILE *file = fopen(arena_printf(arena, "%s/holidays.csv", folder), "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static struct window *
with_holidays(const char *text)
{
    struct window_config c = config("mon-fri", "09:00-18:00", "Asia/Tokyo");

    write_holidays(text, strlen(text));
    c.holidays = arena_printf(arena, "%s/holidays.csv", folder);
    return make(c);
}

/* --- days and hours --- */

START_TEST(is_always_open_without_a_window)
{
    struct window *window = make((struct window_config){.given = false});

    expect(window, "2025-05-10T03:00:00Z", true, "never");
    ck_assert_str_eq(look(window, "2025-05-10T03:00:00Z").text, "window open");
}
END_TEST

START_TEST(opens_at_its_begin_and_closes_at_its_end)
{
    struct window *window =
        make(config("mon-fri", "09:00-18:00", "Asia/Tokyo"));

    expect(window, "2025-05-08T23:59:59.999Z", false, "2025-05-09T00:00:00Z");
    expect(window, "2025-05-09T00:00:00Z", true, "2025-05-09T09:00:00Z");
    expect(window, "2025-05-09T08:59:59.999Z", true, "2025-05-09T09:00:00Z");
    expect(window, "2025-05-09T09:00:00Z", false, "2025-05-12T00:00:00Z");
}
END_TEST

START_TEST(says_until_when_in_its_own_zone)
{
    struct window *window =
        make(config("mon-fri", "09:00-18:00", "Asia/Tokyo"));

    ck_assert_str_eq(look(window, "2025-05-09T12:00:00Z").text,
                     "window closed until Mon 2025-05-12 09:00 JST");
    ck_assert_str_eq(look(window, "2025-05-09T03:00:00Z").text,
                     "window open until 18:00 JST");
    ck_assert_str_eq(look(window, "2025-05-08T23:00:00Z").text,
                     "window closed until 09:00 JST");
}
END_TEST

START_TEST(reaches_over_midnight_into_a_day_that_is_not_listed)
{
    struct window *window = make(config("fri", "22:00-02:00", "UTC"));

    expect(window, "2025-05-09T21:59:00Z", false, "2025-05-09T22:00:00Z");
    expect(window, "2025-05-10T01:59:00Z", true, "2025-05-10T02:00:00Z");
    expect(window, "2025-05-10T22:30:00Z", false, "2025-05-16T22:00:00Z");
    ck_assert_str_eq(look(window, "2025-05-09T23:00:00Z").text,
                     "window open until Sat 2025-05-10 02:00 UTC");
}
END_TEST

START_TEST(takes_24_00_as_the_end_of_the_day)
{
    struct window *window = make(config("mon", "09:00-24:00", "UTC"));

    expect(window, "2025-05-12T23:59:00Z", true, "2025-05-13T00:00:00Z");
    expect(window, "2025-05-13T00:00:00Z", false, "2025-05-19T09:00:00Z");
}
END_TEST

START_TEST(joins_days_that_touch_at_midnight)
{
    struct window *window = make(config("sat-sun", "00:00-24:00", "UTC"));

    expect(window, "2025-05-10T10:00:00Z", true, "2025-05-12T00:00:00Z");
}
END_TEST

START_TEST(never_changes_when_it_is_open_all_day_every_day)
{
    struct window *window = make(config("daily", "00:00-24:00", "UTC"));

    expect(window, "2025-05-10T10:00:00Z", true, "never");
    ck_assert_str_eq(look(window, "2025-05-10T10:00:00Z").text, "window open");
}
END_TEST

START_TEST(means_every_day_and_all_day_by_what_is_left_out)
{
    expect(make(config(NULL, "09:00-18:00", "UTC")), "2025-05-11T10:00:00Z",
           true, "2025-05-11T18:00:00Z");
    expect(make(config("sun", NULL, "UTC")), "2025-05-11T10:00:00Z", true,
           "2025-05-12T00:00:00Z");
}
END_TEST

START_TEST(wraps_a_range_of_days_around_the_week)
{
    struct window *window = make(config("Friday-mon", "09:00-18:00", "UTC"));

    expect(window, "2025-05-12T10:00:00Z", true, "2025-05-12T18:00:00Z");
    expect(window, "2025-05-13T10:00:00Z", false, "2025-05-16T09:00:00Z");
}
END_TEST

START_TEST(takes_several_days_and_hours_in_one_text)
{
    struct window *window =
        make(config("mon, Wed ,fri", "13:00-17:00, 9:00-12:00", "UTC"));

    expect(window, "2025-05-12T12:30:00Z", false, "2025-05-12T13:00:00Z");
    expect(window, "2025-05-12T10:00:00Z", true, "2025-05-12T12:00:00Z");
    expect(window, "2025-05-13T10:00:00Z", false, "2025-05-14T09:00:00Z");
}
END_TEST

START_TEST(joins_hours_that_overlap)
{
    struct window *window =
        make(config("mon", "09:00-12:00,11:00-13:00,13:00-14:00", "UTC"));

    expect(window, "2025-05-12T09:30:00Z", true, "2025-05-12T14:00:00Z");
}
END_TEST

/* --- changes of the clocks --- */

START_TEST(knows_its_hours_when_the_clock_was_never_set)
{
    const struct window *w = make(config("mon-fri", "09:00-18:00", "UTC"));
    const struct window *night =
        make(config("mon-sun", "22:00-06:00", "America/New_York"));

    /* 1970-01-01 was a Thursday. */
    expect(w, "1970-01-01T00:00:30Z", false, "1970-01-01T09:00:00Z");
    expect(w, "1969-12-31T12:00:00Z", true, "1969-12-31T18:00:00Z");
    expect(night, "1970-01-01T04:00:00Z", true, "1970-01-01T11:00:00Z");
}
END_TEST

START_TEST(keeps_to_the_wall_clock_when_summer_begins)
{
    struct window *window =
        make(config("daily", "09:00-18:00", "Europe/Berlin"));

    /* 2025-03-30: 02:00 CET becomes 03:00 CEST. */
    expect(window, "2025-03-29T20:00:00Z", false, "2025-03-30T07:00:00Z");
    expect(window, "2025-03-30T07:00:00Z", true, "2025-03-30T16:00:00Z");
    ck_assert_str_eq(look(window, "2025-03-30T07:00:00Z").text,
                     "window open until 18:00 CEST");
}
END_TEST

START_TEST(keeps_to_the_wall_clock_when_summer_ends)
{
    struct window *window =
        make(config("daily", "09:00-18:00", "America/New_York"));

    /* 2025-11-02: 02:00 EDT becomes 01:00 EST. */
    expect(window, "2025-11-01T23:00:00Z", false, "2025-11-02T14:00:00Z");
}
END_TEST

START_TEST(opens_at_the_change_when_its_begin_is_skipped)
{
    struct window *window =
        make(config("daily", "02:30-04:00", "Europe/Berlin"));

    expect(window, "2025-03-30T00:59:59Z", false, "2025-03-30T01:00:00Z");
    expect(window, "2025-03-30T01:00:00Z", true, "2025-03-30T02:00:00Z");
}
END_TEST

START_TEST(does_not_open_within_an_hour_that_is_skipped)
{
    struct window *window =
        make(config("daily", "02:15-02:45", "Europe/Berlin"));

    expect(window, "2025-03-29T22:00:00Z", false, "2025-03-31T00:15:00Z");
}
END_TEST

START_TEST(stays_open_through_an_hour_that_comes_twice)
{
    struct window *window =
        make(config("daily", "01:00-04:00", "Europe/Berlin"));

    /* 2025-10-26: 03:00 CEST becomes 02:00 CET. */
    expect(window, "2025-10-25T23:00:00Z", true, "2025-10-26T03:00:00Z");
    expect(window, "2025-10-26T01:30:00Z", true, "2025-10-26T03:00:00Z");
}
END_TEST

START_TEST(closes_once_when_its_end_comes_twice)
{
    struct window *window =
        make(config("daily", "01:00-02:30", "Europe/Berlin"));

    expect(window, "2025-10-26T00:29:59Z", true, "2025-10-26T00:30:00Z");
    expect(window, "2025-10-26T01:15:00Z", false, "2025-10-27T00:00:00Z");
}
END_TEST

START_TEST(knows_a_zone_that_changes_by_half_an_hour)
{
    struct window *window =
        make(config("daily", "09:00-18:00", "Australia/Lord_Howe"));

    /* 2025-10-05: from +10:30 to +11. */
    expect(window, "2025-10-04T10:00:00Z", false, "2025-10-04T22:00:00Z");
    expect(window, "2025-10-03T10:00:00Z", false, "2025-10-03T22:30:00Z");
}
END_TEST

/* What window_at says will happen is what it says when that time comes. */
START_TEST(agrees_with_itself_at_every_change_of_a_year)
{
    static const char *const zones[] = {
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
        "Asia/Tokyo",    "America/Santiago", "Africa/Casablanca"};
    static const char *const hours[] = {"22:00-02:30", "01:30-02:15",
                                        "00:00-24:00", "00:30-01:30"};

    for (size_t z = 0; z < ARRAY_SIZE(zones); z++) {
        for (size_t h = 0; h < ARRAY_SIZE(hours); h++) {
            struct window *window = make(config("sat-mon", hours[h], zones[z]));
            int64_t now = at("2025-01-01T00:00:00Z");
            struct window_state before, after;

            for (int i = 0; i < 250; i++, now = before.changes_ms) {
                ck_assert_int_eq(window_at(window, arena, now, &before, &err),
                                 0);
                ck_assert_int_gt(before.changes_ms, now);
                ck_assert_int_eq(window_at(window, arena, before.changes_ms - 1,
                                           &after, &err),
                                 0);
                ck_assert(after.open == before.open);
                ck_assert_int_eq(after.changes_ms, before.changes_ms);
                ck_assert_int_eq(
                    window_at(window, arena, before.changes_ms, &after, &err),
                    0);
                ck_assert_msg(after.open != before.open, "%s %s at %s",
                              zones[z], hours[h], utc(before.changes_ms));
            }
        }
    }
}
END_TEST

/* --- holidays --- */

START_TEST(stays_closed_on_holidays_in_a_row)
{
    struct window *window = with_holidays("2025-05-05\n2025-05-06\n");

    expect(window, "2025-05-02T10:00:00Z", false, "2025-05-07T00:00:00Z");
    expect(window, "2025-05-05T03:00:00Z", false, "2025-05-07T00:00:00Z");
    ck_assert_str_eq(look(window, "2025-05-05T03:00:00Z").text,
                     "window closed until Wed 2025-05-07 09:00 JST");
}
END_TEST

START_TEST(reads_the_cabinet_offices_file)
{
    /* A header in code page 932, whose second bytes may be a backslash. */
    struct window *window =
        with_holidays("\x8d\x91\x96\xaf\x82\xcc\x8f\x6a\x93\xfa,\x96\xbc\r\n"
                      "2025/5/5,\x82\xb1\x82\xc7\x82\xe0\x95\x5c\r\n"
                      "2025/5/6,\x90\x55\x91\xd6\x8b\x78\x93\xfa");

    expect(window, "2025-05-05T03:00:00Z", false, "2025-05-07T00:00:00Z");
}
END_TEST

START_TEST(skips_comments_empty_lines_and_a_byte_order_mark)
{
    struct window *window = with_holidays(
        "\xEF\xBB\xBF# ours\n\n  \n# more\n\"2025-05-05\";x\n2025-05-06 \n");

    expect(window, "2025-05-05T03:00:00Z", false, "2025-05-07T00:00:00Z");
}
END_TEST

START_TEST(reaches_from_a_working_day_into_a_holiday)
{
    struct window_config c = config("daily", "22:00-02:00", "UTC");
    struct window *window;

    write_holidays("2025-05-05\n", 11);
    c.holidays = arena_printf(arena, "%s/holidays.csv", folder);
    window = make(c);
    expect(window, "2025-05-05T01:00:00Z", true, "2025-05-05T02:00:00Z");
    expect(window, "2025-05-05T23:00:00Z", false, "2025-05-06T22:00:00Z");
}
END_TEST

START_TEST(names_file_and_line_of_each_bad_date)
{
    struct window_config c = config("mon-fri", "09:00-18:00", "Asia/Tokyo");
    static const char text[] = "date\n2025-05-05\n2025-02-30,x\n2025/13/1\n"
                               "soon\n05/05/2025\n";

    write_holidays(text, strlen(text));
    c.holidays = arena_printf(arena, "%s/holidays.csv", folder);
    ck_assert_ptr_null(window_new(arena, &c, problems));
    ck_assert_uint_eq(problems_count(problems), 4);
    ck_assert_str_eq(problems_at(problems, 0)->message,
                     "'2025-02-30' is not a date");
    ck_assert_str_eq(problems_at(problems, 0)->place.file,
                     arena_printf(arena, "%s/holidays.csv", folder));
    ck_assert_uint_eq(problems_at(problems, 0)->place.line, 3);
    ck_assert_uint_eq(problems_at(problems, 3)->place.line, 6);
}
END_TEST

START_TEST(names_a_holidays_file_that_is_missing)
{
    struct window_config c = config("mon-fri", "09:00-18:00", "Asia/Tokyo");

    c.holidays = arena_printf(arena, "%s/holidays.csv", folder);
    ck_assert_ptr_null(window_new(arena, &c, problems));
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(
        strstr(problems_at(problems, 0)->message, "holidays.csv"));
    ck_assert_uint_eq(problems_at(problems, 0)->place.line, 7);
}
END_TEST

START_TEST(says_when_holidays_leave_no_day_open)
{
    AUTO_FREE char *text = mem_alloc(12000);
    int64_t day = clock_days_from_civil(2025, 1, 1);
    size_t size = 0;

    for (int i = 0; i < 1000; i++, day++) {
        clock_format_date(day, text + size);
        size += 10;
        text[size++] = '\n';
    }
    text[size] = '\0';
    expect(with_holidays(text), "2025-05-05T03:00:00Z", false, "never");
}
END_TEST

START_TEST(reads_the_published_lists_of_japan)
{
    static const char *const names[] = {"syukujitsu_1955-2027.csv",
                                        "syukujitsu_2019_snapshot_LF.csv"};
    const char *corpora = getenv("FOREBAY_CORPORA");

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *path = arena_printf(
            arena, "%s/sjis-holidays/%s",
            corpora != NULL ? corpora : "../shared/corpora", names[i]);
        struct holidays holidays;

        if (access(path, R_OK) != 0)
            continue;
        ck_assert(holidays_read(arena, path, (struct place){.line = 1},
                                problems, &holidays));
        ck_assert_uint_gt(holidays.count, 900);
        ck_assert(holidays_has(&holidays, clock_days_from_civil(1955, 1, 1)));
        ck_assert(holidays_has(&holidays, clock_days_from_civil(2019, 5, 1)));
        ck_assert(!holidays_has(&holidays, clock_days_from_civil(2019, 5, 7)));
        if (i == 0) {
            ck_assert_uint_eq(holidays.count, 1067);
            /* The year in which the Olympic games moved them. */
            ck_assert(
                holidays_has(&holidays, clock_days_from_civil(2021, 7, 22)));
            ck_assert(
                !holidays_has(&holidays, clock_days_from_civil(2021, 7, 19)));
        }
    }
}
END_TEST

/* --- mistakes --- */

START_TEST(names_a_day_that_is_none_and_the_nearest)
{
    expect_problem(config("mon-fir", NULL, "UTC"), "'fir' is not a day");
    ck_assert_str_eq(problems_at(problems, 0)->hint, "did you mean 'fri'?");
    ck_assert_uint_eq(problems_at(problems, 0)->place.line, 7);
}
END_TEST

START_TEST(refuses_hours_that_are_no_span)
{
    static const char *const bad[] = {"9-18",
                                      "09:00",
                                      "09:00-25:00",
                                      "09:60-10:00",
                                      "24:00-25:00",
                                      "09:00-18:00x",
                                      "",
                                      "09:00-18:00-20:00",
                                      "24:00-02:00",
                                      "-09:00",
                                      "24:01-02:00",
                                      "009:00-10:00"};
    struct window_config c = config(NULL, bad[_i], "UTC");

    ck_assert_int_lt(_i, (int)ARRAY_SIZE(bad));
    expect_problem(c,
                   arena_printf(arena, "'%s' is not a span of hours", bad[_i]));
}
END_TEST

START_TEST(refuses_hours_that_begin_and_end_together)
{
    expect_problem(config(NULL, "09:00-09:00", "UTC"),
                   "'09:00-09:00' begins and ends at the same time");
}
END_TEST

START_TEST(refuses_a_window_without_days_that_never_opens)
{
    static const char *const none[] = {NULL};
    struct window_config c = config(NULL, NULL, "UTC");

    c.days = (struct fb_list){.count = 0, .items = none};
    expect_problem(c, "the window is always closed: days is empty");
}
END_TEST

START_TEST(refuses_a_zone_that_does_not_exist)
{
    struct window_config c = config(NULL, NULL, "Asia/Tokio");

    ck_assert_ptr_null(window_new(arena, &c, problems));
    ck_assert_uint_eq(problems_count(problems), 1);
    ck_assert_ptr_nonnull(
        strstr(problems_at(problems, 0)->message, "Asia/Tokio"));
    ck_assert_ptr_nonnull(strstr(problems_at(problems, 0)->hint, "Asia/Tokyo"));
}
END_TEST

START_TEST(tells_all_mistakes_in_one_go)
{
    struct window_config c = config("mo", "9-18", "Nowhere/Land");

    ck_assert_ptr_null(window_new(arena, &c, problems));
    ck_assert_uint_eq(problems_count(problems), 3);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("window");
    TCase *hours = tcase_create("hours");
    TCase *holidays = tcase_create("holidays");

    tcase_add_checked_fixture(hours, set_up, tear_down);
    tcase_set_timeout(hours, 60); /* one walks through a year of changes */
    tcase_add_test(hours, is_always_open_without_a_window);
    tcase_add_test(hours, opens_at_its_begin_and_closes_at_its_end);
    tcase_add_test(hours, says_until_when_in_its_own_zone);
    tcase_add_test(hours, reaches_over_midnight_into_a_day_that_is_not_listed);
    tcase_add_test(hours, takes_24_00_as_the_end_of_the_day);
    tcase_add_test(hours, joins_days_that_touch_at_midnight);
    tcase_add_test(hours, never_changes_when_it_is_open_all_day_every_day);
    tcase_add_test(hours, means_every_day_and_all_day_by_what_is_left_out);
    tcase_add_test(hours, wraps_a_range_of_days_around_the_week);
    tcase_add_test(hours, takes_several_days_and_hours_in_one_text);
    tcase_add_test(hours, joins_hours_that_overlap);
    tcase_add_test(hours, knows_its_hours_when_the_clock_was_never_set);
    tcase_add_test(hours, keeps_to_the_wall_clock_when_summer_begins);
    tcase_add_test(hours, keeps_to_the_wall_clock_when_summer_ends);
    tcase_add_test(hours, opens_at_the_change_when_its_begin_is_skipped);
    tcase_add_test(hours, does_not_open_within_an_hour_that_is_skipped);
    tcase_add_test(hours, stays_open_through_an_hour_that_comes_twice);
    tcase_add_test(hours, closes_once_when_its_end_comes_twice);
    tcase_add_test(hours, knows_a_zone_that_changes_by_half_an_hour);
    tcase_add_test(hours, agrees_with_itself_at_every_change_of_a_year);
    tcase_add_test(hours, names_a_day_that_is_none_and_the_nearest);
    tcase_add_loop_test(hours, refuses_hours_that_are_no_span, 0, 12);
    tcase_add_test(hours, refuses_hours_that_begin_and_end_together);
    tcase_add_test(hours, refuses_a_window_without_days_that_never_opens);
    tcase_add_test(hours, refuses_a_zone_that_does_not_exist);
    tcase_add_test(hours, tells_all_mistakes_in_one_go);
    suite_add_tcase(suite, hours);

    tcase_add_checked_fixture(holidays, set_up, tear_down);
    tcase_add_test(holidays, stays_closed_on_holidays_in_a_row);
    tcase_add_test(holidays, reads_the_cabinet_offices_file);
    tcase_add_test(holidays, skips_comments_empty_lines_and_a_byte_order_mark);
    tcase_add_test(holidays, reaches_from_a_working_day_into_a_holiday);
    tcase_add_test(holidays, names_file_and_line_of_each_bad_date);
    tcase_add_test(holidays, names_a_holidays_file_that_is_missing);
    tcase_add_test(holidays, says_when_holidays_leave_no_day_open);
    tcase_add_test(holidays, reads_the_published_lists_of_japan);
    suite_add_tcase(suite, holidays);
    return suite;
}
