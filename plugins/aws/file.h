/*
 * aws/file.h: small files as a whole: profiles and tokens.
 */
#ifndef AWS_FILE_H
#define AWS_FILE_H

#include "aws/buf.h"
#include "forebay/plugin.h"

/* Append a regular file to a buffer.  FB_E_MISSING when there is none (the
 * only case of that code), FB_E_CONFIG when it cannot be read or is larger
 * than the buffer's maximum. */
int aws_file_read(const char *path, struct aws_buf *buf,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
