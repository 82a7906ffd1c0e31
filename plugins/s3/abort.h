/*
 * abort.h: uploads that will never be completed.  Their parts are invisible
 * but cost money for as long as they lie there.
 */
#ifndef S3_ABORT_H
#define S3_ABORT_H

#include "forebay/plugin.h"
#include "store.h"

/*
 * Abort until the service says that there is no such upload any more: a part
 * that was under way may arrive after the first time.  What cannot be aborted
 * is logged, and left to abort_abandoned or the bucket's lifecycle rule.
 */
void abort_upload(const struct store *store, const char *key,
                  const char *upload_id);

/*
 * Abort what crashed runs left over of this very key.
 *
 * A listing tells key, id and time of an upload, but not its metadata: so
 * nothing can tell whether an upload is ours, or that of another host that is
 * at work just now.  Only its age can: one older than `age_ms`, which must be
 * longer than any run, is abandoned.  Younger ones are logged.
 */
void abort_abandoned(const struct store *store, const char *key,
                     int64_t age_ms);

#endif
