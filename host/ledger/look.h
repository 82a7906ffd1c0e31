/*
 * ledger/look.h: what only those ask who show what was done.
 * Changes nothing; works on a ledger of ledger_open_reader, too.
 */
#ifndef LEDGER_LOOK_H
#define LEDGER_LOOK_H

#include "ledger/ledger.h"

/* *run_id: the id that begins so, in the arena.  FB_E_USAGE when there is none,
 * or when several begin so. */
int ledger_find_short(struct ledger *ledger, struct arena *arena,
                      const char *beginning, const char **run_id,
                      struct fb_error *err) FB_MUST_CHECK;

/* What a run made visible, in the order in which it did.  Texts live in the
 * arena. */
int ledger_outputs(struct ledger *ledger, struct arena *arena,
                   const char *run_id, struct ledger_object **outputs,
                   size_t *count, struct fb_error *err) FB_MUST_CHECK;

enum delivery_state { DELIVERY_WAITING = 0, DELIVERY_DONE, DELIVERY_GIVEN_UP };

struct ledger_delivery { /* of a message about a run */
    const char *notifier;
    enum delivery_state state;
    int64_t attempts;
    const char *why; /* it was not delivered last time; NULL: it was */
};

int ledger_deliveries(struct ledger *ledger, struct arena *arena,
                      const char *run_id, struct ledger_delivery **deliveries,
                      size_t *count, struct fb_error *err) FB_MUST_CHECK;

struct ledger_tally {
    const char *pipeline;
    enum run_state state; /* RUN_NONE in ledger_waiting */
    int64_t count;
};

/* How many runs of each pipeline are in each state. */
int ledger_tally(struct ledger *ledger, struct arena *arena,
                 struct ledger_tally **tallies, size_t *count,
                 struct fb_error *err) FB_MUST_CHECK;
/* How many messages of each pipeline wait for delivery. */
int ledger_waiting(struct ledger *ledger, struct arena *arena,
                   struct ledger_tally **tallies, size_t *count,
                   struct fb_error *err) FB_MUST_CHECK;

/* When the oldest run of the pipeline that is neither done nor given up last
 * began; 0: there is none. */
int ledger_open_since(struct ledger *ledger, const char *pipeline,
                      int64_t *started_ms, struct fb_error *err) FB_MUST_CHECK;

/* Whether the file that was opened still lies in its folder: a backup may have
 * been put in its place. */
bool ledger_is_current(const struct ledger *ledger);

#endif
