/*
 * trigger/window.c: business hours.  Hours are the wall clock's: a span is
 * turned into moments with the zone's rules of that day, so that a day of 23
 * or 25 hours opens and closes when people's clocks say so.
 */
#include "trigger/window.h"

#include <assert.h>
#include <stdlib.h>

#include "trigger/holidays.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

#define DAY_MINUTES 1440
#define HORIZON_DAYS 400 /* what does not change within is "never" */
#define SPANS_MAX 48

/* Minutes after the midnight that begins the day; end > begin, and beyond
 * DAY_MINUTES when it reaches into the next day. */
struct span {
    int begin, end;
};

struct window {
    bool always; /* the pipeline has none */
    bool weekdays[7];
    struct span spans[SPANS_MAX]; /* by begin */
    size_t span_count;
    const char *zone;
    struct holidays holidays;
};

/* A part of one item of a list, being read. */
struct item {
    const struct window_config *config;
    struct problems *problems;
    struct arena *arena;
    const char *option;
    size_t index, offset; /* which item, and where in it */
    const char *text;     /* trimmed */
};

static struct place
place_of(const struct window_config *config, const char *option, size_t index,
         size_t offset)
{
    if (config->places == NULL)
        return config->place;
    return option_place(config->places, option, index, offset);
}

static struct place
place_of_item(const struct item *item)
{
    return place_of(item->config, item->option, item->index, item->offset);
}

/* --- days --- */

static const char *const day_names[] = {
    "sun",       "mon",      "tue",    "wed",      "thu",
    "fri",       "sat",      "sunday", "monday",   "tuesday",
    "wednesday", "thursday", "friday", "saturday", "daily",
};

static int
weekday_of(const char *name)
{
    for (size_t i = 0; i < 14; i++) {
        if (text_equal_nocase(name, day_names[i]))
            return (int)(i % 7);
    }
    return -1;
}

static bool
bad_day(const struct item *item, const char *word)
{
    const char *nearest = text_nearest(word, day_names, ARRAY_SIZE(day_names));
    char hint[FB_HINT_MAX];

    if (nearest != NULL)
        snprintf(hint, sizeof(hint), "did you mean '%s'?", nearest);
    else
        snprintf(hint, sizeof(hint), "write mon, mon-fri or daily");
    problems_add(item->problems, place_of_item(item), hint, "'%s' is not a day",
                 word);
    return false;
}

/* "mon", "mon-fri", "fri-mon" (over the week's end), "daily", "*" */
static bool
parse_days(struct window *window, const struct item *item)
{
    char *first = arena_strdup(item->arena, item->text), *last;
    int from, to;

    if (strcmp(first, "*") == 0 || text_equal_nocase(first, "daily")) {
        for (int i = 0; i < 7; i++)
            window->weekdays[i] = true;
        return true;
    }
    last = strchr(first, '-');
    if (last != NULL)
        *last++ = '\0';
    else
        last = first;
    from = weekday_of(first);
    if (from < 0)
        return bad_day(item, first);
    to = weekday_of(last);
    if (to < 0)
        return bad_day(item, last);
    for (int day = from;; day = (day + 1) % 7) {
        window->weekdays[day] = true;
        if (day == to)
            return true;
    }
}

/* --- hours --- */

/* "9:00", "09:00", up to "24:00"; moves past it. */
static bool
take_time(const char **text, int *minute)
{
    const char *p = *text;
    int hour = 0, of_hour;

    for (; *p >= '0' && *p <= '9' && p - *text < 2; p++)
        hour = hour * 10 + (*p - '0');
    if (p == *text || p[0] != ':' || p[1] < '0' || p[1] > '5' || p[2] < '0' ||
        p[2] > '9')
        return false;
    of_hour = (p[1] - '0') * 10 + (p[2] - '0');
    *minute = hour * 60 + of_hour;
    *text = p + 3;
    return *minute <= DAY_MINUTES;
}

static void
skip_spaces(const char **text)
{
    while (**text == ' ')
        ++*text;
}

static bool
parse_span(const char *text, struct span *span)
{
    if (!take_time(&text, &span->begin))
        return false;
    skip_spaces(&text);
    if (*text++ != '-')
        return false;
    skip_spaces(&text);
    return take_time(&text, &span->end) && *text == '\0' &&
           span->begin < DAY_MINUTES;
}

static bool
parse_hours(struct window *window, const struct item *item)
{
    struct span span;

    if (!parse_span(item->text, &span)) {
        problems_add(item->problems, place_of_item(item),
                     "write 09:00-18:00, or 22:00-02:00 over midnight",
                     "'%s' is not a span of hours", item->text);
        return false;
    }
    if (span.begin == span.end) {
        problems_add(item->problems, place_of_item(item),
                     "write 00:00-24:00 for the whole day",
                     "'%s' begins and ends at the same time", item->text);
        return false;
    }
    if (window->span_count == SPANS_MAX) {
        problems_add(item->problems, place_of_item(item), NULL,
                     "more than %d spans of hours", SPANS_MAX);
        return false;
    }
    if (span.end < span.begin)
        span.end += DAY_MINUTES;
    window->spans[window->span_count++] = span;
    return true;
}

/* --- both --- */

/* `days: mon,wed` is one text to YAML; people mean two. */
static bool
parse_list(struct window *window, struct item *item, const struct fb_list *list,
           bool (*parse)(struct window *, const struct item *))
{
    bool good = true;

    for (item->index = 0; item->index < list->count; item->index++) {
        const char *text = list->items[item->index], *p = text;

        for (;;) {
            size_t length = strcspn(p, ",");
            bool last = p[length] == '\0';

            while (length > 0 && *p == ' ')
                p++, length--;
            item->offset = (size_t)(p - text);
            while (length > 0 && p[length - 1] == ' ')
                length--;
            item->text = arena_dup_nul(item->arena, p, length);
            good = parse(window, item) && good;
            if (last)
                break;
            p += strcspn(p, ",") + 1;
        }
    }
    return good;
}

/* An empty list is written; a list that is not written has no items. */
static bool
is_written(const struct fb_list *list)
{
    return list->count > 0 || list->items != NULL;
}

static int
compare_spans(const void *a, const void *b)
{
    const struct span *x = a, *y = b;

    return x->begin != y->begin ? x->begin - y->begin : x->end - y->end;
}

static bool
read_days(struct window *window, struct item *item)
{
    const struct fb_list *list = &item->config->days;

    item->option = "days";
    if (is_written(list) && list->count == 0) {
        problems_add(item->problems, place_of_item(item),
                     "write mon-fri, or leave days out for every day",
                     "the window is always closed: days is empty");
        return false;
    }
    if (list->count == 0) {
        for (int i = 0; i < 7; i++)
            window->weekdays[i] = true;
    }
    return parse_list(window, item, list, parse_days);
}

static bool
read_hours(struct window *window, struct item *item)
{
    const struct fb_list *list = &item->config->hours;

    item->option = "hours";
    item->index = 0;
    item->offset = 0;
    if (is_written(list) && list->count == 0) {
        problems_add(item->problems, place_of_item(item),
                     "write 09:00-18:00, or leave hours out for all day",
                     "the window is always closed: hours is empty");
        return false;
    }
    if (list->count == 0)
        window->spans[window->span_count++] = (struct span){0, DAY_MINUTES};
    if (!parse_list(window, item, list, parse_hours))
        return false;
    qsort(window->spans, window->span_count, sizeof(window->spans[0]),
          compare_spans);
    return true;
}

static bool
read_zone(struct window *window, const struct item *item)
{
    const struct window_config *config = item->config;
    struct fb_error err = {.code = FB_E_NONE};
    struct clock_local local;

    window->zone = config->timezone != NULL ? config->timezone : "local";
    if (clock_to_local(window->zone, 0, &local, &err) == 0)
        return true;
    problems_add_error(item->problems, place_of(config, "timezone", 0, 0),
                       &err);
    return false;
}

static bool
read_holidays(struct window *window, const struct item *item)
{
    const struct window_config *config = item->config;

    if (config->holidays == NULL)
        return true;
    return holidays_read(item->arena, config->holidays,
                         place_of(config, "holidays", 0, 0), item->problems,
                         &window->holidays);
}

struct window *
window_new(struct arena *arena, const struct window_config *config,
           struct problems *problems)
{
    struct window *window = arena_zalloc(arena, sizeof(*window));
    struct item item = {.config = config, .problems = problems, .arena = arena};
    bool good;

    if (!config->given) {
        window->always = true;
        return window;
    }
    good = read_days(window, &item);
    good = read_hours(window, &item) && good;
    good = read_zone(window, &item) && good;
    good = read_holidays(window, &item) && good;
    return good ? window : NULL;
}

/* --- asking --- */

static bool
opens_on(const struct window *window, int64_t day)
{
    return window->weekdays[clock_weekday(day)] &&
           !holidays_has(&window->holidays, day);
}

static int
moment_of(const struct window *window, int64_t wall, int64_t *ms,
          struct fb_error *err)
{
    int64_t day = wall / DAY_MINUTES, minute = wall % DAY_MINUTES;

    /* A machine without a clock wakes up in 1970, and we look back from
     * there. */
    if (minute < 0) {
        day--;
        minute += DAY_MINUTES;
    }
    return clock_from_local(window->zone, day, (int)minute, ms, err);
}

/* What is known after looking at some spans, in the order of their begins;
 * wall: minutes of the wall clock since 1970-01-01. */
struct search {
    const struct window *window;
    int64_t now_ms;
    bool open;
    int64_t wall; /* open: the end so far; else of the opening, when found */
    bool found;   /* no later span can change the answer */
};

static int
look_at(struct search *s, int64_t begin, int64_t end, struct fb_error *err)
{
    int64_t begin_ms, end_ms;

    if (s->open) {
        /* Overlapping or touching: one opening for the people outside. */
        if (begin > s->wall)
            s->found = true;
        else if (end > s->wall)
            s->wall = end;
        return 0;
    }
    if (moment_of(s->window, begin, &begin_ms, err) != 0 ||
        moment_of(s->window, end, &end_ms, err) != 0)
        return -1;
    /* A span within the hour that a change of the clocks skips is empty. */
    if (end_ms <= s->now_ms || begin_ms == end_ms)
        return 0;
    s->open = begin_ms <= s->now_ms;
    s->found = !s->open;
    s->wall = s->open ? end : begin;
    return 0;
}

static int
search(struct search *s, int64_t today, struct fb_error *err)
{
    /* From two days ago: a span over midnight, and clocks put back. */
    for (int64_t day = today - 2; day <= today + HORIZON_DAYS; day++) {
        if (!opens_on(s->window, day))
            continue;
        for (size_t i = 0; i < s->window->span_count && !s->found; i++) {
            const struct span *span = &s->window->spans[i];

            if (look_at(s, day * DAY_MINUTES + span->begin,
                        day * DAY_MINUTES + span->end, err) != 0)
                return -1;
        }
        if (s->found)
            break;
        /* Closed again before the next day begins: nothing can touch. */
        if (s->open && s->wall < (day + 1) * DAY_MINUTES) {
            s->found = true;
            break;
        }
    }
    return 0;
}

static const char *
describe(struct arena *arena, bool open, const struct clock_local *now,
         const struct clock_local *then)
{
    static const char *const names[] = {"Sun", "Mon", "Tue", "Wed",
                                        "Thu", "Fri", "Sat"};
    const char *word = open ? "open" : "closed";
    char date[16];

    if (then->days == now->days)
        return arena_printf(arena, "window %s until %02d:%02d %s", word,
                            then->minute / 60, then->minute % 60, then->name);
    clock_format_date(then->days, date);
    return arena_printf(arena, "window %s until %s %s %02d:%02d %s", word,
                        names[clock_weekday(then->days)], date,
                        then->minute / 60, then->minute % 60, then->name);
}

int
window_at(const struct window *window, struct arena *arena, int64_t now_ms,
          struct window_state *state, struct fb_error *err)
{
    struct search s = {.window = window, .now_ms = now_ms};
    struct clock_local now, then;

    *state = (struct window_state){.open = true, .text = "window open"};
    if (window->always)
        return 0;
    if (clock_to_local(window->zone, now_ms, &now, err) != 0 ||
        search(&s, now.days, err) != 0)
        return -1;
    state->open = s.open;
    if (!s.found) {
        if (!s.open)
            state->text = arena_printf(
                arena, "window closed: it does not open within %d days",
                HORIZON_DAYS);
        return 0;
    }
    if (moment_of(window, s.wall, &state->changes_ms, err) != 0 ||
        clock_to_local(window->zone, state->changes_ms, &then, err) != 0)
        return -1;
    state->text = describe(arena, s.open, &now, &then);
    return 0;
}
