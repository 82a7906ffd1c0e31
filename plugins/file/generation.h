/*
 * generation.h: what tells one content of a file from the next: the time of
 * the last change (nanoseconds) and the size.  The inode and ctime are left
 * out on purpose: a restored or relinked file is the same upload.
 */
#ifndef FILE_GENERATION_H
#define FILE_GENERATION_H

#include <sys/stat.h>

#include "forebay/plugin.h"

#define GENERATION_SIZE 64 /* bytes, with the NUL */

void generation_of(const struct stat *st, char text[GENERATION_SIZE]);

/* Fill the object; `text` must live as long as it is used. */
void generation_object(const char *uri, const struct stat *st,
                       char text[GENERATION_SIZE], struct fb_object *object);

#endif
