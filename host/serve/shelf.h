/*
 * serve/shelf.h: the dashboards that were fetched a moment ago, and the one
 * thread that fetches them: a slow store keeps nobody waiting who asks for
 * something else, and however many ask for one page, it is fetched once.
 */
#ifndef SERVE_SHELF_H
#define SERVE_SHELF_H

#include "serve/site.h"

struct shelf;
struct shelf_item;

int shelf_new(const struct site *site, struct shelf **shelf,
              struct fb_error *err) FB_MUST_CHECK;
/* What waits is given up and woken, what is being fetched is cancelled;
 * afterwards nothing is fetched. */
void shelf_stop(struct shelf *shelf);
/* After shelf_stop, when every item was released.  NULL is fine. */
void shelf_free(struct shelf *shelf);

/* Puts away what was kept long enough; to be called now and then. */
void shelf_tidy(struct shelf *shelf);

/* Which object is meant: one that the ledger lists as an output of that run. */
struct shelf_key {
    const struct site_pipeline *pipeline;
    const char *run_id, *step, *uri;
    int64_t ended_ms; /* of the run */
};

/* Released with shelf_release; NULL: too many wait. */
struct shelf_item *shelf_take(struct shelf *shelf, const struct shelf_key *key);
void shelf_release(struct shelf_item *item);

/*
 * Whether it was fetched, well or not.  If not, `wake` is called with `arg`
 * once it is, from another thread; that may be before this returns.
 */
bool shelf_is_done(struct shelf_item *item, void (*wake)(void *arg), void *arg);

/* Of an item that is done: its bytes, which stay until it is released; false:
 * it could not be read (which the log has been told). */
bool shelf_bytes(const struct shelf_item *item, const void **bytes,
                 size_t *size);

#endif
