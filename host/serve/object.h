/*
 * serve/object.h: an output of a run, read back through the source plugin of
 * its uri, with the settings of its pipeline: so that a store need not be open
 * to those who look.
 */
#ifndef SERVE_OBJECT_H
#define SERVE_OBJECT_H

#include <signal.h>

#include "serve/site.h"

/*
 * Add the bytes of what `step` of the pipeline wrote as `uri`.  By one thread
 * at a time, always the same one while others serve: plugins are loaded and
 * documents read here.  What is wrong is for the log: it names stores.
 */
int object_read(const struct site *site, const struct site_pipeline *pipeline,
                const char *step, const char *uri,
                const volatile sig_atomic_t *cancelled, struct buf *bytes,
                struct fb_error *err) FB_MUST_CHECK;

#endif
