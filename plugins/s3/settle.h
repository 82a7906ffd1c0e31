/*
 * settle.h: what becomes of a trigger's object whose run is done and on
 * record.  Only the generation that was handled is touched: another under the
 * same key stays where it is, for its own run.
 *
 * Whether it still is that generation is asked first (HEAD), and the change
 * itself carries the etag as its condition (If-Match).  One case is left:
 * when the very same bytes are put there again between the two, the new
 * upload counts as the old one, in buckets without versions for good.
 */
#ifndef S3_SETTLE_H
#define S3_SETTLE_H

#include "forebay/plugin.h"
#include "store.h"
#include "uri.h"

/* Delete it; an object that is gone already, or another, is no error. */
int settle_delete(const struct store *store, const char *key,
                  const char *generation, struct fb_error *err) FB_MUST_CHECK;

/*
 * Copy it below the folder, then delete it.  An object of that name with
 * other contents stays; the new one then gets the run's id into its name.
 */
int settle_move(const struct store *store, const char *key,
                const char *generation, const struct s3_uri *folder,
                struct fb_error *err) FB_MUST_CHECK;

#endif
