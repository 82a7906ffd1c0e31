/*
 * path.h: from a uri to a path, and what source and sink say about paths.
 * Nothing in a path is decoded or resolved: a name is opaque bytes.
 */
#ifndef FILE_PATH_H
#define FILE_PATH_H

#include "forebay/plugin.h"

/* "file:///x" and "file:/x" are "/x", "file:x" is "x", all else is a path
 * already.  The result points into the uri. */
const char *path_of_uri(const char *uri);

/*
 * Whether the uri can name a file: not missing, not empty, not on another
 * host.  `option` is what a refusal points at.
 */
int path_check_uri(struct fb_step *step, const char *option, const char *uri,
                   struct fb_error *err) FB_MUST_CHECK;

/* "a/b.csv" -> "b.csv"; empty when the path ends in a slash. */
const char *path_name(const char *path);
/* "a/b.csv" -> "a", "b.csv" -> ".", "/b.csv" -> "/"; lives as the step. */
char *path_folder(struct fb_step *step, const char *path);
/* `folder`/`name`; lives as the step. */
char *path_join(struct fb_step *step, const char *folder, const char *name);

/* "cannot VERB 'PATH': REASON" out of errno, classified for a file that is
 * read or for one that is written; -1. */
int path_cannot_read(struct fb_error *err, const char *verb, const char *path);
/* The same for listing a folder, which may not be there or be something else:
 * says what to do about that. */
int path_cannot_list(struct fb_error *err, const char *folder);
int path_cannot_write(struct fb_error *err, const char *verb, const char *path);

/* Make a folder and those above it, durably (mode 0777 and the umask). */
int path_make_folders(const char *path, struct fb_error *err) FB_MUST_CHECK;
/* Until then a rename in the folder may be lost with the power. */
int path_sync_folder(const char *path, struct fb_error *err) FB_MUST_CHECK;

/* The folder itself, or the nearest above it that exists, can be written. */
int path_probe_writable(const char *folder, struct fb_error *err) FB_MUST_CHECK;

#endif
