/*
 * temp.h: the hidden file that a target is written to until it is whole.  It
 * lies beside the target, for a rename never crosses file systems, and its
 * writer holds a lock on it: a temporary file that nobody holds is left over
 * from a crash, whatever process numbers may say.
 */
#ifndef FILE_TEMP_H
#define FILE_TEMP_H

#include "forebay/plugin.h"

/* Whether a file's name is that of a temporary file of this plugin. */
bool temp_is_ours(const char *name);

/*
 * Make and lock a new temporary file for a target in an existing folder.
 * *path lives as the step; the descriptor is the caller's to close.  The name
 * is free again once the file has its final one, so whoever removes it does
 * so before it closes the descriptor.
 */
int temp_create(struct fb_step *step, const char *folder, const char *name,
                char **path, int *fd, struct fb_error *err) FB_MUST_CHECK;

/* Remove what crashed runs left over of this target.  What cannot be removed
 * stays: it hinders nobody. */
void temp_clean(struct fb_step *step, const char *folder, const char *name);

#endif
