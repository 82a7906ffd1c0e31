/*
 * ledger/prune.h: forgetting what nobody asks for any more, so that a ledger
 * does not grow with everything that was ever done.
 *
 * Never forgotten is that a generation was handled, and which inputs it read:
 * whoever kept the upload would find it handled again.
 */
#ifndef LEDGER_PRUNE_H
#define LEDGER_PRUNE_H

#include "ledger/ledger.h"

struct ledger_pruned {
    int64_t reports; /* runs that are known in one line from now on */
    int64_t runs;    /* of pipelines without a trigger: gone altogether */
};

/*
 * Of runs that ended before `before_ms` and have no message waiting:
 *
 * - done or failed: the report, the list of outputs, and the messages go;
 * - without a trigger, so that no other run depends on them, whatever they
 *   came to: the whole run goes, but for those that another pipeline follows,
 *   and the newest success of each pipeline, where a new follower begins.
 *
 * pipeline NULL: of all.  In slices, so that others may write meanwhile; then
 * the file is made as small as it can be.
 */
int ledger_prune(struct ledger *ledger, const char *pipeline, int64_t before_ms,
                 struct ledger_pruned *pruned,
                 struct fb_error *err) FB_MUST_CHECK;

#endif
