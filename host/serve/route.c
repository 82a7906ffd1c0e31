/*
 * serve/route.c: targets (RFC 9112, 3.2.1) into routes.
 */
#include "serve/route.h"

#include <string.h>

#include "util/mem.h"
#include "util/text.h"

#define SEGMENTS_MAX 4

/* NULL: an escape is not one, or what comes out is NUL or no UTF-8. */
static const char *
decode(struct arena *arena, const char *text, size_t length, bool plus)
{
    char *decoded = arena_alloc(arena, length + 1), *out = decoded;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (c == '%') {
            int byte = text_percent_byte(text + i, length - i);

            if (byte < 0)
                return NULL;
            c = (char)(unsigned char)byte;
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        *out++ = c;
    }
    *out = '\0';
    return text_is_utf8((const unsigned char *)decoded, (size_t)(out - decoded),
                        NULL)
               ? decoded
               : NULL;
}

/* --- the query --- */

static bool
take_outcome(struct route *route, const char *value)
{
    static const enum run_state states[] = {RUN_STARTED, RUN_DONE, RUN_FAILED,
                                            RUN_RETRY, RUN_MISTAKE};

    for (size_t i = 0; i < ARRAY_SIZE(states); i++)
        if (strcmp(run_state_name(states[i]), value) == 0) {
            route->state = states[i];
            return true;
        }
    return false;
}

static bool
take_number(const char *value, int64_t max, int64_t *number)
{
    return text_to_int(value, number) && *number >= 0 && *number <= max;
}

/* An empty value is a field of the form that was left alone; a name that is
 * not known may be a tracker's, and is nobody's business. */
static bool
take_filter(struct route *route, const char *name, const char *value)
{
    if (*value == '\0')
        return true;
    if (strcmp(name, "pipeline") == 0) {
        route->pipeline = value;
        return true;
    }
    if (strcmp(name, "outcome") == 0)
        return take_outcome(route, value);
    if (strcmp(name, "days") == 0)
        return take_number(value, ROUTE_DAYS_MAX, &route->days);
    if (strcmp(name, "before") == 0)
        return take_number(value, INT64_MAX, &route->before);
    return true;
}

static bool
take_query(struct route *route, struct arena *arena, const char *query)
{
    while (*query != '\0') {
        size_t length = strcspn(query, "&");
        const char *equals = memchr(query, '=', length);
        size_t left = equals != NULL ? (size_t)(equals - query) : length;
        const char *name = decode(arena, query, left, true);
        const char *value =
            equals != NULL ? decode(arena, equals + 1, length - left - 1, true)
                           : "";

        if (name == NULL || value == NULL || !take_filter(route, name, value))
            return false;
        query += length + (query[length] == '&');
    }
    return true;
}

/* --- the path --- */

/* How many segments there are; -1: not understood. */
static int
split(struct arena *arena, const char *path, size_t length,
      const char *segments[SEGMENTS_MAX + 2])
{
    const char *end = path + length;
    int count = 0;

    if (length == 0 || *path != '/')
        return -1;
    for (path++; path < end && count <= SEGMENTS_MAX; path++) {
        const char *slash = memchr(path, '/', (size_t)(end - path));
        const char *stop = slash != NULL ? slash : end;

        segments[count] = decode(arena, path, (size_t)(stop - path), false);
        if (segments[count++] == NULL)
            return -1;
        path = stop;
        if (path + 1 == end) /* ends with a slash: one more, empty */
            segments[count++] = "";
    }
    return count;
}

static enum route_kind
kind_of_one(const char *segment)
{
    static const struct {
        const char *name;
        enum route_kind kind;
    } known[] = {
        {"runs", ROUTE_RUNS},
        {"style.css", ROUTE_STYLE},
        {"healthz", ROUTE_HEALTH},
        {"metrics", ROUTE_METRICS},
    };

    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (strcmp(known[i].name, segment) == 0)
            return known[i].kind;
    return ROUTE_NONE;
}

struct route
route_of(struct arena *arena, const char *target)
{
    size_t length = strcspn(target, "?#");
    const char *segments[SEGMENTS_MAX + 2];
    struct route route = {.kind = ROUTE_NONE};
    int count = split(arena, target, length, segments);

    if (count < 0) {
        route.kind = ROUTE_BAD;
    } else if (count == 0) {
        route.kind = ROUTE_PIPELINES;
    } else if (count == 1) {
        route.kind = kind_of_one(segments[0]);
        if (route.kind == ROUTE_RUNS && target[length] == '?' &&
            !take_query(&route, arena, target + length + 1))
            route.kind = ROUTE_BAD;
    } else if (count == 2 && strcmp(segments[0], "runs") == 0) {
        route.kind = ROUTE_RUN;
        route.run = segments[1];
    } else if (count == 4 && strcmp(segments[0], "dashboards") == 0) {
        route.kind = ROUTE_DASHBOARD;
        route.pipeline = segments[1];
        route.step = segments[2];
        route.name = segments[3];
    }
    return route;
}
