/*
 * same.h: whether two files hold the same bytes.
 */
#ifndef FILE_SAME_H
#define FILE_SAME_H

#include "forebay/plugin.h"

/* Compare all of an open file with the file at path. */
int same_contents(int fd, const char *path, bool *same,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
