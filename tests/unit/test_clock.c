/*
 * util/clock.h and, through it, util/zone.h.  Zones are compared with what
 * the C library says for every zone of the system.
 */
#include "util/clock.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/error.h"
#include "util/zone.h"

#define ZONES "/usr/share/zoneinfo"
#define TZIF_HEADER 44 /* bytes; RFC 8536, 3.1 */

static struct fb_error err;

START_TEST(counts_days_from_the_epoch)
{
    ck_assert_int_eq(clock_days_from_civil(1970, 1, 1), 0);
    ck_assert_int_eq(clock_days_from_civil(1969, 12, 31), -1);
    ck_assert_int_eq(clock_days_from_civil(2000, 3, 1), 11017);
    ck_assert_int_eq(clock_days_from_civil(1, 1, 1), -719162);
    ck_assert_int_eq(clock_days_from_civil(9999, 12, 31), 2932896);
}
END_TEST

START_TEST(counts_days_there_and_back_without_a_gap)
{
    int year, month, day, last_day = 0;

    for (int64_t d = -719162; d <= 2932896; d++) {
        clock_civil_from_days(d, &year, &month, &day);
        if (clock_days_from_civil(year, month, day) != d ||
            (day != last_day + 1 && day != 1))
            ck_abort_msg("day %lld", (long long)d);
        last_day = day;
    }
    ck_assert_int_eq(year, 9999);
}
END_TEST

START_TEST(knows_the_day_of_the_week)
{
    ck_assert_int_eq(clock_weekday(0), 4);
    ck_assert_int_eq(clock_weekday(-4), 0);
    ck_assert_int_eq(clock_weekday(-5), 6);
    ck_assert_int_eq(clock_weekday(clock_days_from_civil(2025, 2, 10)), 1);
}
END_TEST

START_TEST(reads_dates_that_exist)
{
    int64_t days = 0;

    ck_assert(clock_parse_date("2025-02-10", 10, &days));
    ck_assert_int_eq(days, clock_days_from_civil(2025, 2, 10));
    ck_assert(clock_parse_date("2024-02-29rest", 10, &days));
    ck_assert(clock_parse_date("0001-01-01", 10, &days));
    ck_assert(clock_parse_date("9999-12-31", 10, &days));
}
END_TEST

START_TEST(refuses_dates_that_do_not_exist)
{
    static const char *const wrong[] = {
        "2025-02-29",  "2025-13-01", "2025-00-01", "2025-01-00", "2025-04-31",
        "0000-01-01",  "2025/01/01", "2025-1-01",  "20250101",   "",
        "2025-01-011", " 2025-1-01", "+025-01-01", "1900-02-29",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int64_t days;

        ck_assert_msg(!clock_parse_date(wrong[i], strlen(wrong[i]), &days),
                      "'%s'", wrong[i]);
    }
}
END_TEST

START_TEST(prints_dates_and_moments)
{
    char text[32];

    clock_format_date(clock_days_from_civil(987, 6, 5), text);
    ck_assert_str_eq(text, "0987-06-05");
    clock_format_utc(INT64_C(1739178300999), text);
    ck_assert_str_eq(text, "2025-02-10T09:05:00Z");
    clock_format_utc(-1, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59Z");
}
END_TEST

START_TEST(reads_moments_with_fractions)
{
    int64_t ms = 0;

    ck_assert(clock_parse_utc("2025-02-10T09:05:00Z", &ms));
    ck_assert_int_eq(ms, INT64_C(1739178300000));
    ck_assert(clock_parse_utc("2025-02-10T09:05:00.5Z", &ms));
    ck_assert_int_eq(ms, INT64_C(1739178300500));
    ck_assert(clock_parse_utc("2025-02-10T09:05:00.123987654Z", &ms));
    ck_assert_int_eq(ms, INT64_C(1739178300123));
}
END_TEST

START_TEST(refuses_moments_that_are_none)
{
    static const char *const wrong[] = {
        "",
        "2025-02-10",
        "2025-02-10T09:05:00",
        "2025-02-10 09:05:00Z",
        "2025-02-10T24:00:00Z",
        "2025-02-10T09:60:00Z",
        "2025-02-10T09:05:60Z",
        "2025-02-30T09:05:00Z",
        "2025-02-10T09:05:00.Z",
        "2025-02-10T09:05:00Zx",
        "2025-02-10T09:05:00+09:00",
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        int64_t ms;

        ck_assert_msg(!clock_parse_utc(wrong[i], &ms), "'%s'", wrong[i]);
    }
}
END_TEST

START_TEST(stands_still_at_the_moment_it_is_told)
{
    setenv("FOREBAY_NOW", "2025-02-10T09:05:00Z", 1);
    ck_assert(clock_now_is_valid());
    ck_assert_int_eq(clock_now_ms(), INT64_C(1739178300000));
}
END_TEST

START_TEST(says_when_it_was_told_no_moment)
{
    int64_t now = (int64_t)time(NULL);

    setenv("FOREBAY_NOW", "yesterday", 1);
    ck_assert(!clock_now_is_valid());
    ck_assert_int_ge(clock_now_ms() / 1000, now);
    unsetenv("FOREBAY_NOW");
    ck_assert(clock_now_is_valid());
    ck_assert_int_ge(clock_now_ms() / 1000, now);
}
END_TEST

START_TEST(never_goes_backwards)
{
    int64_t before = clock_monotonic_ms();

    ck_assert_int_gt(before, 0);
    usleep(3000);
    ck_assert_int_ge(clock_monotonic_ms(), before + 3);
}
END_TEST

/* --- zones --- */

static struct clock_local
local_of(const char *zone, const char *utc)
{
    struct clock_local local;
    int64_t ms;

    ck_assert(clock_parse_utc(utc, &ms));
    ck_assert_msg(clock_to_local(zone, ms, &local, &err) == 0, "%s",
                  err.message);
    return local;
}

/* The moment at which a zone's clock first shows this. */
static const char *
moment_of(const char *zone, int year, int month, int day, int minute)
{
    static char text[32];
    int64_t ms;

    ck_assert_int_eq(clock_from_local(zone,
                                      clock_days_from_civil(year, month, day),
                                      minute, &ms, &err),
                     0);
    clock_format_utc(ms, text);
    return text;
}

START_TEST(shows_the_wall_clock_of_a_zone)
{
    struct clock_local local = local_of("Asia/Tokyo", "2025-02-10T15:05:07Z");

    ck_assert_int_eq(local.days, clock_days_from_civil(2025, 2, 11));
    ck_assert_int_eq(local.minute, 5);
    ck_assert_int_eq(local.second, 7);
    ck_assert_int_eq(local.offset_s, 32400);
    ck_assert_str_eq(local.name, "JST");
}
END_TEST

START_TEST(knows_utc_without_any_zone_file)
{
    struct clock_local local;

    setenv("TZDIR", "/nonexistent", 1);
    local = local_of("UTC", "1969-12-31T23:59:59Z");
    ck_assert_int_eq(local.days, -1);
    ck_assert_int_eq(local.minute, 1439);
    ck_assert_str_eq(local.name, "UTC");
    ck_assert_int_eq(clock_to_local("Asia/Tokyo", 0, &local, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.hint, "tzdata"));
}
END_TEST

START_TEST(takes_local_from_the_process)
{
    setenv("TZ", "America/New_York", 1);
    ck_assert_str_eq(local_of("local", "2025-07-01T12:00:00Z").name, "EDT");
    ck_assert_str_eq(moment_of("local", 2025, 7, 1, 8 * 60),
                     "2025-07-01T12:00:00Z");
}
END_TEST

START_TEST(leaves_the_process_its_own_zone)
{
    setenv("TZ", "America/New_York", 1);
    (void)local_of("Asia/Tokyo", "2025-02-10T00:00:00Z");
    ck_assert_str_eq(getenv("TZ"), "America/New_York");
    ck_assert_str_eq(local_of("local", "2025-02-10T00:00:00Z").name, "EST");
}
END_TEST

START_TEST(follows_the_rule_beyond_the_last_listed_change)
{
    ck_assert_str_eq(local_of("America/New_York", "2100-07-01T00:00:00Z").name,
                     "EDT");
    ck_assert_str_eq(local_of("America/New_York", "2100-01-01T00:00:00Z").name,
                     "EST");
    ck_assert_str_eq(local_of("Asia/Tokyo", "2100-07-01T00:00:00Z").name,
                     "JST");
}
END_TEST

START_TEST(finds_the_moment_of_a_wall_clock_time)
{
    ck_assert_str_eq(moment_of("Asia/Tokyo", 2025, 2, 10, 9 * 60),
                     "2025-02-10T00:00:00Z");
    ck_assert_str_eq(moment_of("Asia/Tokyo", 2025, 2, 10, 1440),
                     "2025-02-10T15:00:00Z");
    ck_assert_str_eq(moment_of("UTC", 1970, 1, 1, 0), "1970-01-01T00:00:00Z");
    ck_assert_str_eq(moment_of("Pacific/Kiritimati", 2025, 1, 1, 0),
                     "2024-12-31T10:00:00Z");
}
END_TEST

START_TEST(takes_the_change_for_a_time_that_it_skips)
{
    /* 02:00 to 03:00 on 2026-03-08 does not exist in New York. */
    ck_assert_str_eq(moment_of("America/New_York", 2026, 3, 8, 2 * 60),
                     "2026-03-08T07:00:00Z");
    ck_assert_str_eq(moment_of("America/New_York", 2026, 3, 8, 2 * 60 + 59),
                     "2026-03-08T07:00:00Z");
    ck_assert_str_eq(moment_of("America/New_York", 2026, 3, 8, 3 * 60),
                     "2026-03-08T07:00:00Z");
    /* Samoa had no 2011-12-30 at all. */
    ck_assert_str_eq(moment_of("Pacific/Apia", 2011, 12, 30, 720),
                     "2011-12-30T10:00:00Z");
}
END_TEST

START_TEST(takes_the_earlier_of_two_moments)
{
    ck_assert_str_eq(moment_of("America/New_York", 2026, 11, 1, 90),
                     "2026-11-01T05:30:00Z");
    ck_assert_str_eq(moment_of("America/New_York", 2026, 11, 1, 120),
                     "2026-11-01T07:00:00Z");
    ck_assert_str_eq(moment_of("Australia/Lord_Howe", 2026, 4, 5, 105),
                     "2026-04-04T14:45:00Z");
}
END_TEST

static void
expect_unknown(const char *zone, const char *hint)
{
    struct clock_local local;

    ck_assert_int_eq(clock_to_local(zone, 0, &local, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_msg(strstr(err.hint, hint) != NULL, "'%s': '%s'", zone, err.hint);
}

START_TEST(suggests_the_zone_that_was_meant)
{
    expect_unknown("Asia/Tokio", "'Asia/Tokyo'");
    expect_unknown("asia/tokyo", "'Asia/Tokyo'");
    expect_unknown("Tokyo", "'Asia/Tokyo'");
    expect_unknown("New_York", "'America/New_York'");
    expect_unknown("JST", "zones are named as in");
}
END_TEST

START_TEST(refuses_names_that_are_no_zones)
{
    int64_t ms;

    expect_unknown("", "");
    expect_unknown("Asia", "");
    expect_unknown("tzdata.zi", "");
    expect_unknown("../zoneinfo/Asia/Tokyo", "");
    expect_unknown("/usr/share/zoneinfo/Asia/Tokyo", "");
    ck_assert_int_eq(clock_from_local("Nowhere/At_All", 0, 0, &ms, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "'Nowhere/At_All'"));
}
END_TEST

/* A folder with one zone of the test's own. */
static void
write_zone(const char *bytes, size_t size)
{
    char folder[] = "/tmp/forebay-zone-XXXXXX", path[64];
    FILE *file;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/Zone", folder);
    file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    setenv("TZDIR", folder, 1);
}

static void
remove_zone(void)
{
    const char *folder = getenv("TZDIR");
    char path[64];

    ck_assert_ptr_nonnull(folder);
    snprintf(path, sizeof(path), "%s/Zone", folder);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* Cut and flipped files: refused or read, never out of bounds. */
START_TEST(survives_every_damaged_zone_file)
{
    static char bytes[8192], damaged[8192];
    FILE *file = fopen(ZONES "/Europe/Dublin", "re");
    struct clock_local local;
    size_t size;

    ck_assert_ptr_nonnull(file);
    size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    for (size_t at = 0; at < size; at += at < 200 ? 1 : 37) {
        write_zone(bytes, at);
        ck_assert_int_eq(clock_to_local("Zone", 0, &local, &err), -1);
        remove_zone();
        memcpy(damaged, bytes, size);
        damaged[at] = (char)~damaged[at];
        write_zone(damaged, size);
        if (clock_to_local("Zone", INT64_C(4102444800000), &local, &err) != 0)
            ck_assert_int_eq(err.code, FB_E_CONFIG);
        remove_zone();
    }
}
END_TEST

static int zones_seen;

static void
compare_at(const struct zone *zone, const char *name, int64_t at)
{
    struct zone_offset offset = zone_at(zone, at);
    time_t moment = (time_t)at;
    struct tm tm;

    ck_assert_ptr_nonnull(localtime_r(&moment, &tm));
    if (offset.seconds != tm.tm_gmtoff || strcmp(offset.name, tm.tm_zone) != 0)
        ck_abort_msg("%s at %lld: %d %s, not %ld %s", name, (long long)at,
                     offset.seconds, offset.name, tm.tm_gmtoff, tm.tm_zone);
}

/* tz: how the C library names it. */
static void
compare_zone(const char *name, const char *tz, int64_t from, int64_t to,
             int64_t step)
{
    struct zone *zone;

    if (zone_open(name, &zone, &err) != 0)
        ck_abort_msg("%s: %s", name, err.message);
    setenv("TZ", tz, 1);
    tzset();
    for (int64_t at = from; at < to; at += step)
        compare_at(zone, name, at);
    zone_close(zone);
}

static bool
is_zone_file(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "re");
    size_t size;

    ck_assert_ptr_nonnull(file);
    size = fread(magic, 1, sizeof(magic), file);
    fclose(file);
    return size == sizeof(magic) && memcmp(magic, "TZif", 4) == 0;
}

static int
compare_file(const char *path, const struct stat *st, int type)
{
    const char *name = path + sizeof(ZONES);

    (void)st;
    /* "right" counts leap seconds; "posix" is the same again. */
    if (type != FTW_F || strncmp(name, "right/", 6) == 0 ||
        strncmp(name, "posix/", 6) == 0 || !is_zone_file(path))
        return 0;
    zones_seen++;
    /* 1901 to 2099, every 31 days and a bit: so at all hours. */
    compare_zone(name, name, -2177000000, 4090000000, 2699993);
    return 0;
}

START_TEST(agrees_with_the_c_library_on_every_zone)
{
    zones_seen = 0;
    ck_assert_int_eq(ftw(ZONES, compare_file, 16), 0);
    ck_assert_int_gt(zones_seen, 100);
}
END_TEST

/* Through a year that no file lists, and one that all do. */
START_TEST(agrees_with_the_c_library_around_every_change)
{
    static const char *const zones[] = {
        "America/New_York", "Europe/Dublin",     "Australia/Lord_Howe",
        "America/Nuuk",     "Africa/Casablanca", "Asia/Gaza",
        "America/Santiago", "Antarctica/Troll",
    };

    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        compare_zone(zones[i], zones[i], 4070908800, 4102444800, 1800);
        compare_zone(zones[i], zones[i], 1735689600, 1767225600, 1800);
    }
}
END_TEST

/* A file without any change: a header for old readers and one for new ones,
 * each with one type, and the rule. */
static void
write_rule(const char *rule)
{
    static const char head[TZIF_HEADER] = {'T', 'Z',      'i',     'f',
                                           '2', [39] = 1, [43] = 4};
    static const char type[6 + 4] = {0, 0, 0, 0, 0, 0, 'U', 'T', 'C', 0};
    char file[256];
    size_t size = 0;

    for (int i = 0; i < 2; i++) {
        memcpy(file + size, head, sizeof(head));
        memcpy(file + size + sizeof(head), type, sizeof(type));
        size += sizeof(head) + sizeof(type);
    }
    size += (size_t)snprintf(file + size, sizeof(file) - size, "\n%s\n", rule);
    write_zone(file, size);
}

START_TEST(agrees_with_the_c_library_on_rules_of_every_form)
{
    static const char *const rules[] = {
        "JST-9",
        "<+0530>-5:30",
        "EST5EDT,M3.2.0,M11.1.0",
        "EST5EDT,J60/2,J300/1:30",
        "EST5EDT,59,300/0",
        "ABC-3DEF-5:30:15,M1.1.1/3,M12.5.6/23",
        "IST-1GMT0,M10.5.0,M3.5.0/1",
        "NZST-12NZDT,M9.5.0,M4.1.0/3",
        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        write_rule(rules[i]);
        /* 2023 to 2029: leap years and others. */
        compare_zone("Zone", rules[i], 1672531200, 1861920000, 1800);
        remove_zone();
    }
}
END_TEST

START_TEST(refuses_rules_that_are_none)
{
    static const char *const rules[] = {
        "JST",
        "JS-9",
        "<JST-9",
        "JST-168",
        "JST-9:60",
        "EST5EDT",
        "EST5ED,M3.2.0,M11.1.0",
        "EST5EDT,M3.2.0",
        "EST5EDT,M3.2.0,M13.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0",
        "EST5EDT,J0,J300",
        "EST5EDT,M3.2.0,M11.1.0/x",
        "EST5EDT,M3.2.0,M11.1.0 ",
    };

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct clock_local local;

        write_rule(rules[i]);
        ck_assert_msg(clock_to_local("Zone", 0, &local, &err) != 0, "%s",
                      rules[i]);
        remove_zone();
    }
}
END_TEST

START_TEST(refuses_zones_that_count_leap_seconds)
{
    if (access(ZONES "/right/Asia/Tokyo", R_OK) == 0)
        expect_unknown("right/Asia/Tokyo", "");
}
END_TEST

static TCase *
calendar_case(void)
{
    TCase *tc = tcase_create("calendar");

    tcase_add_test(tc, counts_days_from_the_epoch);
    tcase_add_test(tc, counts_days_there_and_back_without_a_gap);
    tcase_add_test(tc, knows_the_day_of_the_week);
    tcase_add_test(tc, reads_dates_that_exist);
    tcase_add_test(tc, refuses_dates_that_do_not_exist);
    tcase_add_test(tc, prints_dates_and_moments);
    tcase_add_test(tc, reads_moments_with_fractions);
    tcase_add_test(tc, refuses_moments_that_are_none);
    tcase_add_test(tc, stands_still_at_the_moment_it_is_told);
    tcase_add_test(tc, says_when_it_was_told_no_moment);
    tcase_add_test(tc, never_goes_backwards);
    return tc;
}

static TCase *
zones_case(void)
{
    TCase *tc = tcase_create("zones");

    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, shows_the_wall_clock_of_a_zone);
    tcase_add_test(tc, knows_utc_without_any_zone_file);
    tcase_add_test(tc, takes_local_from_the_process);
    tcase_add_test(tc, leaves_the_process_its_own_zone);
    tcase_add_test(tc, follows_the_rule_beyond_the_last_listed_change);
    tcase_add_test(tc, finds_the_moment_of_a_wall_clock_time);
    tcase_add_test(tc, takes_the_change_for_a_time_that_it_skips);
    tcase_add_test(tc, takes_the_earlier_of_two_moments);
    tcase_add_test(tc, suggests_the_zone_that_was_meant);
    tcase_add_test(tc, refuses_names_that_are_no_zones);
    tcase_add_test(tc, agrees_with_the_c_library_on_rules_of_every_form);
    tcase_add_test(tc, refuses_rules_that_are_none);
    tcase_add_test(tc, refuses_zones_that_count_leap_seconds);
    tcase_add_test(tc, survives_every_damaged_zone_file);
    tcase_add_test(tc, agrees_with_the_c_library_on_every_zone);
    tcase_add_test(tc, agrees_with_the_c_library_around_every_change);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("clock");

    suite_add_tcase(suite, calendar_case());
    suite_add_tcase(suite, zones_case());
    return suite;
}
