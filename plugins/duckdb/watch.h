/*
 * duckdb/watch.h: interrupts the engine when the run is cancelled, while the
 * run's own thread is busy in it.
 */
#ifndef DUCKDB_WATCH_H
#define DUCKDB_WATCH_H

#include <pthread.h>

#include "api.h"

struct watch {
    const struct duck *duck;
    struct duck_connection *connection;
    struct fb_step *step;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended_now;
    bool started, ended;
};

/* From now on; a watch that cannot be started only makes stopping slower. */
void watch_begin(struct watch *watch, const struct duck *duck,
                 struct duck_connection *connection, struct fb_step *step);
void watch_end(struct watch *watch); /* zeroed, or ended already, is fine */

#endif
