/*
 * run/notify.h: telling people.  A message is a row of the ledger's outbox
 * from the moment the run ended; it leaves the outbox when its notifier says
 * that it was delivered, in this process or in a later one.
 */
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

#include "ledger/ledger.h"
#include "run/job.h"
#include "run/result.h"

#define NOTIFY_ATTEMPTS_MAX 100

/* The messages that the end of this run makes: one for each notifier that
 * wants this outcome.  Texts live in the arena. */
size_t notify_messages(const struct pipeline *pipeline,
                       const struct result *result, const char *report_json,
                       struct arena *arena, struct ledger_message **messages);

/* The end of a run just now: what its messages say, and the pipeline that was
 * built for it. */
struct notify_run {
    const struct pipeline *pipeline;
    const struct fb_report *report;
};

/*
 * Try every message of the pipeline that is not delivered yet.  A notifier
 * that fails is logged and tried again by the next invocation; *failed counts
 * them.  Messages of `just` (NULL: none) are sent by the notifiers of its
 * pipeline.  -1 only when the ledger itself fails.
 */
int notify_deliver(const struct job *job, const struct notify_run *just,
                   size_t *failed, struct fb_error *err) FB_MUST_CHECK;

#endif
