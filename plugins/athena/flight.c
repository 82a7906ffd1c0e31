#include "flight.h"

#include <stdlib.h>

#include "aws/buf.h"
#include "aws/world.h"

#define PAUSE_MAX_MS 1000

struct flight {
    struct query *first; /* in the order of joining */
    int64_t limit;
};

static int
make(struct fb_step *step, void **object, struct fb_error *err)
{
    (void)step;
    (void)err;
    *object = aws_alloc(sizeof(struct flight));
    return 0;
}

int
flight_of_run(struct fb_step *step, struct flight **flight,
              struct fb_error *err)
{
    void *object = NULL;

    if (fb_shared(step, "flight", make, free, &object, err) != 0)
        return -1;
    *flight = object;
    return 0;
}

static int64_t
count_running(const struct flight *flight)
{
    int64_t count = 0;

    for (const struct query *q = flight->first; q != NULL; q = q->next)
        count += q->state == QUERY_RUNNING;
    return count;
}

/* Start and look at what is due. */
static void
turn(struct flight *flight)
{
    int64_t running = count_running(flight);

    for (struct query *q = flight->first; q != NULL; q = q->next) {
        if (aws_world.monotonic_ms(NULL) < q->due_ms)
            continue;
        if (q->state == QUERY_RUNNING) {
            query_look(q);
            running -= q->state != QUERY_RUNNING;
        } else if (q->state == QUERY_WAITING && running < flight->limit) {
            query_start(q);
            running += q->state == QUERY_RUNNING;
        }
    }
}

/* How long nothing is to be done. */
static int64_t
pause_ms(const struct flight *flight)
{
    int64_t now = aws_world.monotonic_ms(NULL), shortest = PAUSE_MAX_MS;
    bool full = count_running(flight) >= flight->limit;

    for (const struct query *q = flight->first; q != NULL; q = q->next) {
        if (query_is_over(q) || (q->state == QUERY_WAITING && full))
            continue;
        if (q->due_ms - now < shortest)
            shortest = q->due_ms - now;
    }
    return shortest < 0 ? 0 : shortest;
}

void
flight_join(struct flight *flight, struct query *query, int64_t limit)
{
    struct query **last = &flight->first;

    /* Steps may say different things: the least counts. */
    if (flight->limit == 0 || limit < flight->limit)
        flight->limit = limit;
    while (*last != NULL)
        last = &(*last)->next;
    query->next = NULL;
    *last = query;
    turn(flight);
}

void
flight_leave(struct flight *flight, const struct query *query)
{
    struct query **at = &flight->first;

    while (*at != NULL && *at != query)
        at = &(*at)->next;
    if (*at != NULL)
        *at = query->next;
}

int
flight_wait(struct flight *flight, struct query *query, struct fb_error *err)
{
    while (!query_is_over(query)) {
        if (fb_cancelled(query->step))
            return fb_fail(err, FB_E_CANCELLED,
                           "cannot wait for the query '%s': told to stop",
                           query->id);
        turn(flight);
        if (!query_is_over(query))
            aws_world.pause(NULL, pause_ms(flight), query->step);
    }
    if (query->state == QUERY_DONE)
        return 0;
    *err = query->err;
    return -1;
}
