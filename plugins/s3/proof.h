/*
 * proof.h: whether a store honours the condition that keeps an object from
 * being replaced.  AWS does; of others it must be seen, for one that passes
 * over the header replaces the object and says 200.
 */
#ifndef S3_PROOF_H
#define S3_PROOF_H

#include "forebay/plugin.h"
#include "target.h"

/*
 * Write a small object beside the target, twice, under "If-None-Match: *":
 * the second must be refused.  Then it is deleted.  Its name begins with a
 * dot and holds the run, so that nobody takes it for data, no two runs meet
 * there, and another attempt at the run clears away what a killed one left.
 * Asks nothing of AWS, nor about a target that may be replaced.
 *
 * FB_E_CONFIG when the store does not honour it.  Who may not write that name
 * gets a warning, and success: it cannot be seen then.
 */
int proof_of_conditions(const struct target *target,
                        struct fb_error *err) FB_MUST_CHECK;

#endif
