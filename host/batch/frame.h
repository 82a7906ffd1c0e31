/*
 * batch/frame.h: a batch as bytes of a file that this process reads again.
 * Pointers to what outlives every batch (columns, origin, host) are written
 * as they are: frames mean nothing to anybody else.
 */
#ifndef BATCH_FRAME_H
#define BATCH_FRAME_H

#include <stdio.h>

#include "batch/batch.h"

/* The selected rows and the rejects not yet taken, which are taken. */
int frame_write(FILE *file, struct batch *batch,
                struct fb_error *err) FB_MUST_CHECK;
/* The next batch; NULL at the end of the file. */
int frame_read(FILE *file, struct batch **batch,
               struct fb_error *err) FB_MUST_CHECK;

#endif
