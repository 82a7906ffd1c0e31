/*
 * util/conceal.h: what may be shown of a text with URIs in it, to people, in a
 * log or in a report.  What came from ${file:...} is masked before, by
 * config/subst.h; this is for what people wrote plainly.
 */
#ifndef UTIL_CONCEAL_H
#define UTIL_CONCEAL_H

#include "util/arena.h"

/*
 * The text with **** for the password of each scheme://user:password@host in
 * it (RFC 3986, 3.2.1), and when it begins as an http or https URI also for
 * its query: what stands behind the ? often is all that one needs to be let
 * in.  The text itself when there is nothing to mask.
 */
const char *conceal(struct arena *arena, const char *text);

#endif
