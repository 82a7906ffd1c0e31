/*
 * commit.h: making an object visible, once, and knowing whether that worked.
 *
 * The answer to the request that commits may be lost, and then trying again
 * may see its own success as a refusal.  So whatever is not clear is resolved
 * by looking at what lies under the key: metadata that only this run (and
 * earlier attempts at it) writes, the size and the checksum tell whose it is.
 */
#ifndef S3_COMMIT_H
#define S3_COMMIT_H

#include "forebay/plugin.h"
#include "target.h"

/* How to ask for it: PutObject or CompleteMultipartUpload.  Not idempotent: a
 * request that may have had its effect is repeated only after a look, or the
 * object would get a second generation. */
struct commit_way {
    int (*send)(void *arg, const struct content *content,
                struct aws_response *response, struct fb_error *err);
    void *arg;
    /* It may be sent again after the store said that nothing landed. */
    bool repeatable;
};

struct commit {
    char etag[OBJECT_ETAG_MAX];
    char version[OBJECT_VERSION_MAX];
    /* It was found there: an earlier attempt may have made it, so an upload of
     * this one may be left. */
    bool found;
    /* Failed, and nobody knows whether it takes effect yet: nothing may be
     * cleaned up, the next attempt will look. */
    bool unknown;
};

/*
 * 0: the object is there, and it is ours.  FB_E_OUTPUT: somebody else's is,
 * and must not be replaced.  FB_E_UNAVAILABLE, FB_E_BUSY: try again later.
 */
int commit_object(const struct target *target, const struct content *content,
                  const struct commit_way *way, struct commit *commit,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
