/*
 * duckdb/watch.c: a thread that looks every few milliseconds.
 */
#include "watch.h"

#include <signal.h>
#include <time.h>

#define LOOK_NS 50000000L

static void
wait_a_moment(struct watch *watch)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += LOOK_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    (void)pthread_cond_timedwait(&watch->ended_now, &watch->lock, &until);
}

/* It goes on interrupting: the query may just be about to begin. */
static void *
look(void *arg)
{
    struct watch *watch = arg;

    pthread_mutex_lock(&watch->lock);
    while (!watch->ended) {
        if (fb_cancelled(watch->step))
            watch->duck->interrupt(watch->connection);
        wait_a_moment(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

void
watch_begin(struct watch *watch, const struct duck *duck,
            struct duck_connection *connection, struct fb_step *step)
{
    sigset_t all, before;

    *watch =
        (struct watch){.duck = duck, .connection = connection, .step = step};
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->ended_now, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    watch->started = pthread_create(&watch->thread, NULL, look, watch) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!watch->started)
        fb_log(step, FB_WARN,
               "cannot start a thread: a query will not stop at once");
}

void
watch_end(struct watch *watch)
{
    if (watch->duck == NULL)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->ended = true;
    pthread_cond_signal(&watch->ended_now);
    pthread_mutex_unlock(&watch->lock);
    if (watch->started)
        pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->ended_now);
    pthread_mutex_destroy(&watch->lock);
    *watch = (struct watch){.duck = NULL};
}
