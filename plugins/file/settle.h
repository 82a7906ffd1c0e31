/*
 * settle.h: what becomes of a trigger file whose run is done and on record.
 * Only the generation that was handled is touched: the file is first moved
 * out of reach of new uploads, then looked at.
 */
#ifndef FILE_SETTLE_H
#define FILE_SETTLE_H

#include "forebay/plugin.h"

/* Delete it; a file that is gone already, or changed since, is no error. */
int settle_delete(struct fb_step *step, const struct fb_object *object,
                  struct fb_error *err) FB_MUST_CHECK;

/*
 * Move it into a folder, which is made when needed.  A file of that name that
 * is there already stays; the new one then gets the run's id into its name.
 * FB_E_CONFIG when the folder is on another file system.
 */
int settle_move(struct fb_step *step, const struct fb_object *object,
                const char *folder, struct fb_error *err) FB_MUST_CHECK;

#endif
