/*
 * util/file.h: whole files, folders, and making things durable.
 */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include "forebay/plugin.h"
#include "util/arena.h"
#include "util/buf.h"

/* Read a regular file of at most out->max bytes into an initialised buffer.
 * Errors name the path. */
int file_read(const char *path, struct buf *out,
              struct fb_error *err) FB_MUST_CHECK;

/* As write(2) but all of it: short writes and EINTR are handled.  -1 with errno
 * set, for who names the file itself. */
int file_write(int fd, const void *bytes, size_t size) FB_MUST_CHECK;
/* The same with an error, which cannot name the file. */
int file_write_all(int fd, const void *bytes, size_t size,
                   struct fb_error *err) FB_MUST_CHECK;

/* Write a whole file so that a reader sees the old or the new one: a
 * temporary file beside it, fsync, rename, fsync of the folder. */
int file_replace(const char *path, const void *bytes, size_t size,
                 struct fb_error *err) FB_MUST_CHECK;

/* Make a folder and those above it (mode 0777 and the umask). */
int file_make_folders(const char *path, struct fb_error *err) FB_MUST_CHECK;
/* Remove all below a folder: links themselves and not where they lead.  One
 * that is not there is empty. */
int file_empty_folder(const char *path, struct fb_error *err) FB_MUST_CHECK;
int file_fsync_folder(const char *path, struct fb_error *err) FB_MUST_CHECK;

/* "a/b/c.csv" -> "c.csv", "c", "a/b" ("." when there is no slash).
 * The stem of ".x" is ".x". */
const char *file_name(const char *path);
char *file_stem(struct arena *arena, const char *path);
char *file_folder(struct arena *arena, const char *path);
/* Joined by one slash; an absolute `path` is returned alone. */
char *file_join(struct arena *arena, const char *folder, const char *path);

#endif
