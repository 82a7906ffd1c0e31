/*
 * ledger/ledger.h: what was done, durably: runs, their inputs and outputs,
 * and the messages that are still to be delivered.  SQLite in one folder;
 * every change is one transaction.
 *
 * That a run begins and how it ended is on the disk when the call returns.
 * That a message was delivered or a trigger settled is safe against the end
 * of the process at once, and on the disk with the next begin or end:
 * a loss of power in between makes the next invocation deliver the message
 * again, with the same id, and look at the trigger again.
 *
 * The order that makes a crash harmless: ledger_begin -> work -> outputs
 * visible -> ledger_end (done mark and messages together) -> delivery ->
 * clean-up of the trigger.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "forebay/plugin.h"
#include "util/arena.h"

/* Used by one thread at a time.  A child process opens its own: what is open
 * here must not be used, nor closed, after a fork. */
struct ledger;

/* Makes the folder (0700) when missing; refuses one that another user owns
 * or others may write.  FB_E_PERMISSION, FB_E_OUTPUT, FB_E_BUSY. */
int ledger_open(const char *folder, struct ledger **ledger,
                struct fb_error *err) FB_MUST_CHECK;
void ledger_close(struct ledger *ledger); /* NULL is fine */

/* For looking alone (the calls here that do so, and ledger/look.h), while runs
 * go on: makes and changes nothing, and the folder may be another user's. */
int ledger_open_reader(const char *folder, struct ledger **ledger,
                       struct fb_error *err) FB_MUST_CHECK;

/* `flag`: --state or its twin FOREBAY_STATE; else $STATE_DIRECTORY (its first),
 * else $XDG_STATE_HOME/forebay, else ~/.local/state/forebay. */
int ledger_folder(struct arena *arena, const char *flag, const char **folder,
                  struct fb_error *err) FB_MUST_CHECK;

/* Hold a pipeline for the life of the process (flock); FB_E_BUSY names the
 * holder.  *fd is closed to let go. */
int ledger_lock(struct ledger *ledger, const char *pipeline, int *fd,
                struct fb_error *err) FB_MUST_CHECK;

/* A folder for what nobody needs after a run of this pipeline.  It is made and
 * used by who holds the lock, so what stands there when the lock was just taken
 * is left of a run that was killed.  In the arena. */
const char *ledger_temp_folder(const struct ledger *ledger, struct arena *arena,
                               const char *pipeline);

enum run_state {
    RUN_NONE = 0, /* never seen */
    RUN_STARTED,  /* begun, not ended: crashed, unless its lock is held */
    RUN_DONE,     /* took effect */
    RUN_FAILED,   /* will not be tried again for this generation */
    RUN_RETRY,    /* failed, may be tried again */
    RUN_MISTAKE,  /* failed by what the pipeline says: tried again when the
                     pipeline is another (its digest) */
};

const char *run_state_name(enum run_state state); /* "done" */

struct ledger_run {
    const char *run_id;
    const char *pipeline;
    const char *digest;     /* of the pipeline's text */
    const char *trigger;    /* uri; NULL: none */
    const char *generation; /* NULL: none */
    enum run_state state;
    int64_t attempts;
    int64_t started_ms, ended_ms; /* 0: not yet */
    const char *summary;          /* one line; NULL: none */
    const char *report;           /* JSON; NULL: none */
    bool settled;                 /* the trigger was cleaned up */
    int64_t seq; /* given by the ledger: greater when begun later */
};

/* Texts live in the arena; state RUN_NONE when the run is not known. */
int ledger_find(struct ledger *ledger, struct arena *arena, const char *run_id,
                struct ledger_run *run, struct fb_error *err) FB_MUST_CHECK;

/* Record that work begins: a new row, or one more attempt.  Takes run_id,
 * pipeline, digest, trigger, generation and started_ms.  FB_E_BUG when the
 * run is done. */
int ledger_begin(struct ledger *ledger, const struct ledger_run *run,
                 struct fb_error *err) FB_MUST_CHECK;

struct ledger_object { /* an input read or an output made visible */
    const char *step;
    const char *uri;
    const char *generation; /* may be NULL */
    uint64_t rows, bytes;
};

struct ledger_message {
    int64_t id;         /* given by the ledger */
    const char *run_id; /* of the run it tells about */
    const char *pipeline;
    const char *notifier; /* the step's id */
    const char *uri;      /* where to */
    const char *config;   /* pipeline file, to build the notifier again */
    const char *payload;  /* JSON: the report */
    int64_t attempts;
};

/*
 * What a step must remember over all attempts at a run that was begun, also
 * over a crash: on the disk when this returns.  A key that comes again gets
 * the new text.  Notes go when the run is done or failed.
 */
int ledger_note_put(struct ledger *ledger, const char *run_id, const char *step,
                    const char *key, const char *text,
                    struct fb_error *err) FB_MUST_CHECK;
/* *text lives in the arena; NULL: there is no such note. */
int ledger_note_get(struct ledger *ledger, struct arena *arena,
                    const char *run_id, const char *step, const char *key,
                    const char **text, struct fb_error *err) FB_MUST_CHECK;

/*
 * End a run that was begun: its state, report, inputs, outputs and messages
 * in one transaction.  Only now is the run done.  `settled` is taken too, for
 * triggers that nobody cleans up.  The messages' run and pipeline are the
 * run's.
 */
int ledger_end(struct ledger *ledger, const struct ledger_run *run,
               const struct ledger_object *inputs, size_t input_count,
               const struct ledger_object *outputs, size_t output_count,
               const struct ledger_message *messages, size_t message_count,
               struct fb_error *err) FB_MUST_CHECK;

/* The trigger of a done run was kept, deleted or moved: final. */
int ledger_settled(struct ledger *ledger, const char *run_id,
                   struct fb_error *err) FB_MUST_CHECK;

/*
 * Somebody mended what made this run fail: the next invocation tries it again,
 * as if it had been tried once.  FB_E_USAGE when it has not failed for good
 * (RUN_FAILED, RUN_MISTAKE).
 */
int ledger_retry(struct ledger *ledger, const char *run_id,
                 struct fb_error *err) FB_MUST_CHECK;

/* Whether any done or failed run of the pipeline has read this generation
 * of this object. */
int ledger_has_input(struct ledger *ledger, const char *pipeline,
                     const char *uri, const char *generation, bool *found,
                     struct fb_error *err) FB_MUST_CHECK;

/* Messages of a pipeline that are not delivered yet, oldest first. */
int ledger_outbox(struct ledger *ledger, struct arena *arena,
                  const char *pipeline, struct ledger_message **messages,
                  size_t *count, struct fb_error *err) FB_MUST_CHECK;
int ledger_delivered(struct ledger *ledger, int64_t message,
                     struct fb_error *err) FB_MUST_CHECK;
/* Not delivered this time; `why` is kept.  Given up after max_attempts. */
int ledger_undelivered(struct ledger *ledger, int64_t message, const char *why,
                       int64_t max_attempts,
                       struct fb_error *err) FB_MUST_CHECK;

/* Newest first, by the order in which they (last) began; pipeline NULL: all;
 * state 0: all; limit 0: as many as LEDGER_LIST_MAX. */
struct ledger_query {
    const char *pipeline;
    enum run_state state;
    int64_t limit;
    bool brief;       /* leave the reports out */
    int64_t before;   /* only runs with a smaller seq; 0: all */
    int64_t since_ms; /* only those that began then or later; 0: all */
};
int ledger_history(struct ledger *ledger, struct arena *arena,
                   const struct ledger_query *wanted, struct ledger_run **runs,
                   size_t *count, struct fb_error *err) FB_MUST_CHECK;

#endif
