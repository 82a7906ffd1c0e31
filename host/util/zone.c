/*
 * util/zone.c: compiled time zones (TZif, RFC 8536) and, beyond the last
 * change they list, the rule at their end (POSIX.1-2017, 8.3, TZ).  Leap
 * seconds are not counted: "right/..." zones are refused.
 */
#include "util/zone.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ZONE_NAME_MAX 64
#define ZONE_NAMES_MAX 2000
#define TZIF_HEADER 44 /* bytes */
#define DAY_S INT64_C(86400)

enum zone_kind { ZONE_UTC = 1, ZONE_LOCAL, ZONE_TABLE };

/* When in a year the clocks change: "M3.2.0/2". */
struct rule_day {
    char kind; /* 'M': month.week.weekday, 'J': 1..365, '0': 0..365 */
    int month, week, weekday, day;
    int64_t time_s; /* of that day, may lie outside it */
};

/* The rule at the end of the file. */
struct rule {
    struct zone_offset standard, daylight;
    bool has_daylight;
    struct rule_day begin, end; /* of daylight time */
};

struct zone {
    enum zone_kind kind;
    struct buf file;
    const unsigned char *times;   /* 8 bytes each, big-endian, ascending */
    const unsigned char *indexes; /* 1 byte each: the type from then on */
    const unsigned char *types;   /* 6 bytes each */
    const char *names;
    size_t time_count, type_count, name_size;
    bool has_rule;
    struct rule rule;
};

/* --- the rule --- */

static bool
rule_name(const char **text, char name[16])
{
    const char *p = *text, *begin = p;
    size_t length;

    if (*p == '<') {
        begin = ++p;
        while (*p != '>' && *p != '\0')
            p++;
        length = (size_t)(p - begin);
        if (*p++ != '>')
            return false;
    } else {
        while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
            p++;
        length = (size_t)(p - begin);
    }
    if (length < 3 || length > 15)
        return false;
    memcpy(name, begin, length);
    name[length] = '\0';
    *text = p;
    return true;
}

static bool
rule_number(const char **text, int low, int high, int *number)
{
    const char *p = *text;

    *number = 0;
    for (; *p >= '0' && *p <= '9' && *number <= high; p++)
        *number = *number * 10 + (*p - '0');
    if (p == *text || *number < low || *number > high)
        return false;
    *text = p;
    return true;
}

/* [+-]hh[:mm[:ss]]; hours up to 167 by RFC 8536, 3.3.1. */
static bool
rule_seconds(const char **text, int64_t *seconds)
{
    int parts[3] = {0}, sign = **text == '-' ? -1 : 1;

    if (**text == '-' || **text == '+')
        ++*text;
    if (!rule_number(text, 0, 167, &parts[0]))
        return false;
    for (size_t i = 1; i < 3 && **text == ':'; i++) {
        ++*text;
        if (!rule_number(text, 0, 59, &parts[i]))
            return false;
    }
    *seconds =
        sign * (parts[0] * INT64_C(3600) + parts[1] * INT64_C(60) + parts[2]);
    return true;
}

static bool
rule_skip(const char **text, char c)
{
    if (**text != c)
        return false;
    ++*text;
    return true;
}

static bool
rule_day(const char **text, struct rule_day *day)
{
    day->time_s = INT64_C(7200);
    if (!rule_skip(text, ','))
        return false;
    if (rule_skip(text, 'M')) {
        day->kind = 'M';
        if (!rule_number(text, 1, 12, &day->month) || !rule_skip(text, '.') ||
            !rule_number(text, 1, 5, &day->week) || !rule_skip(text, '.') ||
            !rule_number(text, 0, 6, &day->weekday))
            return false;
    } else {
        day->kind = rule_skip(text, 'J') ? 'J' : '0';
        if (!rule_number(text, day->kind == 'J' ? 1 : 0, 365, &day->day))
            return false;
    }
    return !rule_skip(text, '/') || rule_seconds(text, &day->time_s);
}

/* POSIX counts offsets westwards. */
static bool
rule_parse(const char *text, struct rule *rule)
{
    int64_t west;

    if (!rule_name(&text, rule->standard.name) || !rule_seconds(&text, &west))
        return false;
    rule->standard.seconds = (int)-west;
    rule->has_daylight = *text != '\0';
    if (!rule->has_daylight)
        return true;
    if (!rule_name(&text, rule->daylight.name))
        return false;
    west -= 3600;
    if (*text != ',' && !rule_seconds(&text, &west))
        return false;
    rule->daylight.seconds = (int)-west;
    return rule_day(&text, &rule->begin) && rule_day(&text, &rule->end) &&
           *text == '\0';
}

/* The wall-clock second, by the clock in force before it, of a change. */
static int64_t
rule_moment(const struct rule_day *rule, int year)
{
    int64_t first = clock_days_from_civil(year, 1, 1), day = first + rule->day;

    if (rule->kind == 'J') {
        bool leap = clock_days_from_civil(year + 1, 1, 1) - first == 366;

        day = first + rule->day - 1 + (leap && rule->day >= 60 ? 1 : 0);
    } else if (rule->kind == 'M') {
        int64_t next = rule->month == 12
                           ? clock_days_from_civil(year + 1, 1, 1)
                           : clock_days_from_civil(year, rule->month + 1, 1);

        day = clock_days_from_civil(year, rule->month, 1);
        day += (rule->weekday - clock_weekday(day) + 7) % 7;
        day += INT64_C(7) * (rule->week - 1);
        if (day >= next) /* week 5: the last one there is */
            day -= 7;
    }
    return day * DAY_S + rule->time_s;
}

static struct zone_offset
rule_at(const struct rule *rule, int64_t at)
{
    int64_t days, begin, end;
    int year, month, day;
    bool daylight;

    if (!rule->has_daylight)
        return rule->standard;
    days = (at + rule->standard.seconds) / DAY_S;
    days -= (at + rule->standard.seconds) % DAY_S < 0 ? 1 : 0;
    clock_civil_from_days(days, &year, &month, &day);
    begin = rule_moment(&rule->begin, year) - rule->standard.seconds;
    end = rule_moment(&rule->end, year) - rule->daylight.seconds;
    /* South of the equator daylight time spans the new year. */
    daylight = begin < end ? at >= begin && at < end : at >= begin || at < end;
    return daylight ? rule->daylight : rule->standard;
}

/* --- the file --- */

static uint64_t
load_be(const unsigned char *p, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | p[i];
    return value;
}

struct tzif_counts {
    size_t ut, standard, leap, time, type, name;
};

static bool
tzif_counts(const unsigned char *p, size_t left, struct tzif_counts *counts)
{
    if (left < TZIF_HEADER || memcmp(p, "TZif", 4) != 0)
        return false;
    counts->ut = (size_t)load_be(p + 20, 4);
    counts->standard = (size_t)load_be(p + 24, 4);
    counts->leap = (size_t)load_be(p + 28, 4);
    counts->time = (size_t)load_be(p + 32, 4);
    counts->type = (size_t)load_be(p + 36, 4);
    counts->name = (size_t)load_be(p + 40, 4);
    return true;
}

/* The bytes of a block whose times take time_size bytes; counts have 32
 * bits, so 64 suffice for the sum. */
static uint64_t
tzif_size(const struct tzif_counts *c, uint64_t time_size)
{
    return c->time * (time_size + 1) + c->type * UINT64_C(6) + c->name +
           c->leap * (time_size + 4) + c->standard + c->ut;
}

static bool
indexes_are_valid(const struct zone *zone)
{
    for (size_t i = 0; i < zone->time_count; i++) {
        if (zone->indexes[i] >= zone->type_count)
            return false;
    }
    for (size_t i = 0; i < zone->type_count; i++) {
        if (zone->types[6 * i + 5] >= zone->name_size)
            return false;
    }
    return zone->type_count > 0 && zone->name_size > 0 &&
           zone->names[zone->name_size - 1] == '\0';
}

/* "\n" rule "\n"; an empty rule: the last type goes on for ever. */
static bool
parse_footer(struct zone *zone, const unsigned char *p, size_t left)
{
    const unsigned char *end;
    char text[128] = "";

    if (left < 2 || p[0] != '\n')
        return false;
    end = memchr(p + 1, '\n', left - 1);
    if (end == NULL || (size_t)(end - p) > sizeof(text))
        return false;
    memcpy(text, p + 1, (size_t)(end - p - 1));
    zone->has_rule = text[0] != '\0';
    return !zone->has_rule || rule_parse(text, &zone->rule);
}

/* The first block, with 32-bit times, is there for old readers only. */
static bool
parse_file(struct zone *zone)
{
    const unsigned char *p = zone->file.data;
    size_t left = zone->file.size;
    struct tzif_counts counts;

    if (!tzif_counts(p, left, &counts) || p[4] < '2' ||
        tzif_size(&counts, 4) > left - TZIF_HEADER)
        return false;
    p += TZIF_HEADER + tzif_size(&counts, 4);
    left = zone->file.size - (size_t)(p - zone->file.data);
    if (!tzif_counts(p, left, &counts) || counts.leap > 0 ||
        tzif_size(&counts, 8) > left - TZIF_HEADER)
        return false;
    zone->time_count = counts.time;
    zone->type_count = counts.type;
    zone->name_size = counts.name;
    zone->times = p + TZIF_HEADER;
    zone->indexes = zone->times + 8 * counts.time;
    zone->types = zone->indexes + counts.time;
    zone->names = (const char *)(zone->types + 6 * counts.type);
    left -= TZIF_HEADER + (size_t)tzif_size(&counts, 8);
    p += TZIF_HEADER + tzif_size(&counts, 8);
    return indexes_are_valid(zone) && parse_footer(zone, p, left);
}

static struct zone_offset
type_offset(const struct zone *zone, size_t type)
{
    const unsigned char *p = zone->types + 6 * type;
    struct zone_offset offset = {.seconds = (int32_t)load_be(p, 4)};

    assert(type < zone->type_count);
    snprintf(offset.name, sizeof(offset.name), "%s", zone->names + p[5]);
    return offset;
}

static struct zone_offset
table_at(const struct zone *zone, int64_t at)
{
    size_t low = 0, high = zone->time_count;

    /* How many changes lie at or before `at`. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if ((int64_t)load_be(zone->times + 8 * middle, 8) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->time_count && zone->has_rule)
        return rule_at(&zone->rule, at);
    return type_offset(zone, low == 0 ? 0 : zone->indexes[low - 1]);
}

static struct zone_offset
local_at(int64_t at)
{
    struct zone_offset offset = {0};
    time_t moment = (time_t)at;
    struct tm tm;

    if (localtime_r(&moment, &tm) == NULL)
        return (struct zone_offset){.name = "UTC"};
    offset.seconds = (int)tm.tm_gmtoff;
    snprintf(offset.name, sizeof(offset.name), "%s", tm.tm_zone);
    return offset;
}

struct zone_offset
zone_at(const struct zone *zone, int64_t at)
{
    switch (zone->kind) {
    case ZONE_UTC:
        break;
    case ZONE_LOCAL:
        return local_at(at);
    case ZONE_TABLE:
        return table_at(zone, at);
    }
    return (struct zone_offset){.name = "UTC"};
}

/* --- names --- */

static const char *
zone_folder(void)
{
    const char *folder = getenv("TZDIR"); /* as the C library does */

    return folder != NULL && *folder != '\0' ? folder : ZONE_FOLDER;
}

/* The names in tzdata.zi: "Z Asia/Tokyo ..." and "L Asia/Tokyo Japan". */
static size_t
list_names(struct arena *arena, char *text, const char **names)
{
    size_t count = 0;
    char *save = NULL;

    for (char *line = strtok_r(text, "\n", &save);
         line != NULL && count < ZONE_NAMES_MAX;
         line = strtok_r(NULL, "\n", &save)) {
        char *fields = NULL, *kind = strtok_r(line, " ", &fields);
        char *first = strtok_r(NULL, " ", &fields);
        char *second = strtok_r(NULL, " ", &fields);

        if (kind == NULL || first == NULL)
            continue;
        if (strcmp(kind, "L") == 0)
            first = second;
        else if (strcmp(kind, "Z") != 0)
            continue;
        if (first != NULL)
            names[count++] = arena_strdup(arena, first);
    }
    return count;
}

/* People write "Tokyo" and mean "Asia/Tokyo".  Every three letters are near
 * some zone ("JST" is near "EST"), so for those only the same ones count. */
static const char *
nearest_zone(struct arena *arena, const char *name, const char **names,
             size_t count)
{
    const char **cities = arena_array(arena, count, sizeof(*cities));
    bool is_short = strlen(name) < 4;
    const char *near = is_short ? NULL : text_nearest(name, names, count);

    if (near != NULL)
        return near;
    for (size_t i = 0; i < count; i++) {
        cities[i] = file_name(names[i]);
        if (is_short && text_equal_nocase(name, cities[i]))
            return names[i];
    }
    near = is_short ? NULL : text_nearest(name, cities, count);
    for (size_t i = 0; near != NULL && i < count; i++) {
        if (cities[i] == near)
            return names[i];
    }
    return NULL;
}

static int
fail_unknown(struct fb_error *err, const char *name)
{
    struct arena *arena = arena_new();
    const char **names = arena_array(arena, ZONE_NAMES_MAX, sizeof(*names));
    const char *list = file_join(arena, zone_folder(), "tzdata.zi");
    struct fb_error ignored = FB_ERROR_INIT;
    AUTO_BUF struct buf text;
    const char *near = NULL;

    buf_init(&text, ZONE_FILE_MAX);
    fb_fail(err, FB_E_CONFIG, "unknown time zone '%s'",
            text_escape(arena, name, strlen(name), ZONE_NAME_MAX));
    fb_hint(err, "zones are named as in 'Asia/Tokyo' or 'UTC'");
    if (file_read(list, &text, &ignored) != 0 || text.size == 0)
        fb_hint(err, "cannot read '%s': is the package tzdata installed?",
                list);
    else
        near = nearest_zone(arena, name, names,
                            list_names(arena, (char *)text.data, names));
    if (near != NULL)
        fb_hint(err, "did you mean '%s'?", near);
    arena_free(arena);
    return -1;
}

/* Names only: nothing that could lead out of the folder. */
static bool
is_zone_name(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz"
                                 "0123456789_+-/");

    return length > 0 && length <= ZONE_NAME_MAX && name[length] == '\0' &&
           name[0] != '/';
}

static int
read_zone(struct zone *zone, const char *name, struct fb_error *err)
{
    struct arena *arena = arena_new();
    const char *path = file_join(arena, zone_folder(), name);
    bool found = is_zone_name(name) && file_read(path, &zone->file, err) == 0 &&
                 parse_file(zone);

    arena_free(arena);
    return found ? 0 : fail_unknown(err, name);
}

int
zone_open(const char *name, struct zone **zone, struct fb_error *err)
{
    struct zone *new = mem_zalloc(sizeof(*new));

    buf_init(&new->file, ZONE_FILE_MAX);
    new->kind = ZONE_TABLE;
    if (strcmp(name, "UTC") == 0) {
        new->kind = ZONE_UTC; /* also where no zones are installed */
    } else if (strcmp(name, "local") == 0) {
        new->kind = ZONE_LOCAL;
        tzset();
    } else if (read_zone(new, name, err) != 0) {
        zone_close(new);
        return -1;
    }
    *zone = new;
    return 0;
}

void
zone_close(struct zone *zone)
{
    if (zone == NULL)
        return;
    buf_release(&zone->file);
    free(zone);
}
