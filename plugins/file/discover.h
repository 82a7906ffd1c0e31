/*
 * discover.h: the regular files that a pattern names, each with its
 * generation.  Folders are walked from the part before the first wildcard.
 */
#ifndef FILE_DISCOVER_H
#define FILE_DISCOVER_H

#include "forebay/plugin.h"

/*
 * Call found for each match, in no order, with a uri written the way the
 * pattern is.  Hidden files, our temporary files, FIFOs and devices never
 * match; nor do symbolic links, unless follow_links says so:
 * who may make a link in a watched folder could have any file read (`**`
 * never follows links to folders).  A file changed less than min_age_ms ago
 * is not listed yet.
 * FB_E_MISSING when the folder before the first wildcard does not exist.
 */
struct discover_rules {
    int64_t min_age_ms;
    bool follow_links;
};

int discover(struct fb_step *step, const char *pattern_uri,
             const struct discover_rules *rules, fb_found_fn found, void *arg,
             struct fb_error *err) FB_MUST_CHECK;

/* The folder before the first wildcard ("." when that is the first segment),
 * lives as the step; NULL when the path has no wildcard. */
char *discover_root(struct fb_step *step, const char *pattern);

#endif
