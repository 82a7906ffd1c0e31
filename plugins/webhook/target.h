/*
 * target.h: where a webhook goes.  Its URL may be a secret as a whole, so no
 * message says more of it than the host.
 */
#ifndef WEBHOOK_TARGET_H
#define WEBHOOK_TARGET_H

#include "forebay/plugin.h"

struct target {
    const char *url;
    const char *shown; /* "https://host/...": for messages */
    bool is_loopback;
};

/*
 * Take a URL apart: https to any host, http to this machine only, no user and
 * no password in it.  Returns NULL, or what is wrong with it; then nothing is
 * set.  The url must live as long as the step.
 */
const char *target_parse(struct target *target, struct fb_step *step,
                         const char *url) FB_MUST_CHECK;

#endif
