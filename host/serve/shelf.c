/*
 * serve/shelf.c: a list under a lock, newest first; some dozen items.  An item
 * belongs to those who hold it, the list among them, so that what is put away
 * lives on until its last answer is sent.
 */
#include "serve/shelf.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "serve/object.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/log.h"
#include "util/mem.h"

/* An object of a run does not change, but may be taken out of its store; a
 * store that fails is not asked again at once. */
#define GOOD_MS 60000
#define BAD_MS 5000

struct waiter {
    struct waiter *next;
    void (*wake)(void *arg);
    void *arg;
};

struct shelf_item {
    struct shelf *shelf;
    struct shelf_item *next;
    unsigned holders;
    const struct site_pipeline *pipeline;
    char *run_id, *step, *uri;
    int64_t ended_ms;
    bool done, good;
    int64_t done_ms; /* monotonic */
    struct buf bytes;
    struct waiter *waiters;
};

struct shelf {
    const struct site *site;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct shelf_item *first;
    size_t waiting; /* items that are not done */
    bool stopped;
    volatile sig_atomic_t cancelled;
};

static void
free_item(struct shelf_item *item)
{
    assert(item->waiters == NULL);
    free(item->run_id);
    free(item->step);
    free(item->uri);
    buf_release(&item->bytes);
    free(item);
}

/* The lock is held. */
static void
let_go(struct shelf_item *item)
{
    assert(item->holders > 0);
    if (--item->holders == 0)
        free_item(item);
}

/* --- fetching --------------------------------------------------------------
 */

/* The oldest that is not done; the lock is held. */
static struct shelf_item *
next_item(struct shelf *shelf)
{
    struct shelf_item *next = NULL;

    for (struct shelf_item *i = shelf->first; i != NULL; i = i->next)
        if (!i->done)
            next = i;
    return next;
}

static bool
fetch(struct shelf *shelf, struct shelf_item *item)
{
    struct fb_error err = FB_ERROR_INIT;

    if (object_read(shelf->site, item->pipeline, item->step, item->uri,
                    &shelf->cancelled, &item->bytes, &err) == 0)
        return true;
    log_event(FB_ERROR, "not-fetched",
              (const char *[]){"pipeline", item->pipeline->pipeline->name,
                               "run", item->run_id, NULL},
              "%s%s%s", err.message, err.hint[0] != '\0' ? "; hint: " : "",
              err.hint);
    return false;
}

/* The lock is held, but not while those who wait are woken: they take locks of
 * their own. */
static void
finish(struct shelf *shelf, struct shelf_item *item, bool good)
{
    struct waiter *waiters = item->waiters;

    item->waiters = NULL;
    item->done = true;
    item->good = good;
    item->done_ms = clock_monotonic_ms();
    shelf->waiting--;
    pthread_mutex_unlock(&shelf->lock);
    while (waiters != NULL) {
        struct waiter *waiter = waiters;

        waiters = waiter->next;
        waiter->wake(waiter->arg);
        free(waiter);
    }
    pthread_mutex_lock(&shelf->lock);
}

static void *
fetch_all(void *arg)
{
    struct shelf *shelf = arg;
    struct shelf_item *item;
    bool good;

    pthread_mutex_lock(&shelf->lock);
    for (;;) {
        item = next_item(shelf);
        if (item == NULL && shelf->stopped)
            break;
        if (item == NULL) {
            pthread_cond_wait(&shelf->work, &shelf->lock);
            continue;
        }
        good = false;
        if (!shelf->stopped) {
            pthread_mutex_unlock(&shelf->lock);
            good = fetch(shelf, item);
            pthread_mutex_lock(&shelf->lock);
        }
        finish(shelf, item, good);
    }
    pthread_mutex_unlock(&shelf->lock);
    return NULL;
}

/* --- the life of the shelf -------------------------------------------------
 */

int
shelf_new(const struct site *site, struct shelf **shelf, struct fb_error *err)
{
    struct shelf *s = mem_zalloc(sizeof(*s));
    int number;

    s->site = site;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    number = pthread_create(&s->thread, NULL, fetch_all, s);
    if (number == 0) {
        *shelf = s;
        return 0;
    }
    free(s);
    *shelf = NULL;
    return fb_fail(err, FB_E_UNAVAILABLE, "cannot start a thread: %s",
                   strerror(number));
}

void
shelf_stop(struct shelf *shelf)
{
    pthread_mutex_lock(&shelf->lock);
    shelf->stopped = true;
    __atomic_store_n(&shelf->cancelled, 1, __ATOMIC_RELAXED);
    pthread_cond_signal(&shelf->work);
    pthread_mutex_unlock(&shelf->lock);
    pthread_join(shelf->thread, NULL);
}

void
shelf_free(struct shelf *shelf)
{
    if (shelf == NULL)
        return;
    while (shelf->first != NULL) {
        struct shelf_item *item = shelf->first;

        shelf->first = item->next;
        assert(item->holders == 1);
        let_go(item);
    }
    pthread_mutex_destroy(&shelf->lock);
    pthread_cond_destroy(&shelf->work);
    free(shelf);
}

/* --- asking ----------------------------------------------------------------
 */

static bool
is_item(const struct shelf_item *item, const struct shelf_key *key)
{
    return item->pipeline == key->pipeline && item->ended_ms == key->ended_ms &&
           strcmp(item->run_id, key->run_id) == 0 &&
           strcmp(item->step, key->step) == 0 &&
           strcmp(item->uri, key->uri) == 0;
}

/* Puts away what is old, and the oldest of what is too much; the lock is
 * held. */
static void
tidy(struct shelf *shelf)
{
    int64_t now_ms = clock_monotonic_ms();
    struct shelf_item **link = &shelf->first;
    size_t kept = 0;

    while (*link != NULL) {
        struct shelf_item *item = *link;
        bool old = now_ms - item->done_ms > (item->good ? GOOD_MS : BAD_MS);

        kept += item->done ? item->bytes.capacity : 0;
        if (item->done && (old || kept > SERVE_SHELF_MAX)) {
            kept -= item->bytes.capacity;
            *link = item->next;
            let_go(item);
        } else {
            link = &item->next;
        }
    }
}

void
shelf_tidy(struct shelf *shelf)
{
    pthread_mutex_lock(&shelf->lock);
    tidy(shelf);
    pthread_mutex_unlock(&shelf->lock);
}

static struct shelf_item *
add_item(struct shelf *shelf, const struct shelf_key *key)
{
    struct shelf_item *item = mem_zalloc(sizeof(*item));

    item->shelf = shelf;
    item->holders = 1; /* the list */
    item->pipeline = key->pipeline;
    item->run_id = mem_strdup(key->run_id);
    item->step = mem_strdup(key->step);
    item->uri = mem_strdup(key->uri);
    item->ended_ms = key->ended_ms;
    buf_init(&item->bytes, SERVE_DASHBOARD_MAX);
    item->next = shelf->first;
    shelf->first = item;
    shelf->waiting++;
    pthread_cond_signal(&shelf->work);
    return item;
}

struct shelf_item *
shelf_take(struct shelf *shelf, const struct shelf_key *key)
{
    struct shelf_item *item;

    pthread_mutex_lock(&shelf->lock);
    tidy(shelf);
    item = shelf->first;
    while (item != NULL && !is_item(item, key))
        item = item->next;
    if (item == NULL && !shelf->stopped && shelf->waiting < SERVE_QUEUE_MAX)
        item = add_item(shelf, key);
    if (item != NULL)
        item->holders++;
    pthread_mutex_unlock(&shelf->lock);
    return item;
}

void
shelf_release(struct shelf_item *item)
{
    struct shelf *shelf = item->shelf;

    pthread_mutex_lock(&shelf->lock);
    let_go(item);
    pthread_mutex_unlock(&shelf->lock);
}

bool
shelf_is_done(struct shelf_item *item, void (*wake)(void *arg), void *arg)
{
    struct waiter *waiter;
    bool done;

    pthread_mutex_lock(&item->shelf->lock);
    done = item->done;
    if (!done) {
        waiter = mem_zalloc(sizeof(*waiter));
        *waiter =
            (struct waiter){.next = item->waiters, .wake = wake, .arg = arg};
        item->waiters = waiter;
    }
    pthread_mutex_unlock(&item->shelf->lock);
    return done;
}

bool
shelf_bytes(const struct shelf_item *item, const void **bytes, size_t *size)
{
    assert(item->done);
    *bytes = item->bytes.data;
    *size = item->bytes.size;
    return item->good;
}
