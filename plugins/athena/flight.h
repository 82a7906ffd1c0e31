/*
 * flight.h: the queries of one run that are under way at the same time, a
 * bounded number of them.  Whoever waits for one looks after all.
 */
#ifndef ATHENA_FLIGHT_H
#define ATHENA_FLIGHT_H

#include "forebay/plugin.h"
#include "query.h"

struct flight;

/* That of this run; it lives as long as the run. */
int flight_of_run(struct fb_step *step, struct flight **flight,
                  struct fb_error *err) FB_MUST_CHECK;

/* Add a query, and start what may start: `limit` may be under way at a time.
 * The query stays the caller's and leaves before it is released. */
void flight_join(struct flight *flight, struct query *query, int64_t limit);
void flight_leave(struct flight *flight, const struct query *query);

/* Until it is over.  -1: it failed, or the run was told to stop. */
int flight_wait(struct flight *flight, struct query *query,
                struct fb_error *err) FB_MUST_CHECK;

#endif
