/*
 * batch/spool.h: batches kept on disk until a step has seen them all.  The
 * file has no name (O_TMPFILE or unlinked) and goes with the process.
 */
#ifndef BATCH_SPOOL_H
#define BATCH_SPOOL_H

#include "batch/batch.h"

struct spool;

/* In this folder; nothing is opened before the first put. */
struct spool *spool_new(const char *folder);
void spool_free(struct spool *spool);

/* Write the batch (selected rows, columns, lines, raw bytes, rejects) and
 * free it, also on failure. */
int spool_put(struct spool *spool, struct batch *batch,
              struct fb_error *err) FB_MUST_CHECK;
/* The batches in the order they were put, then NULL.  After the first get no
 * put may follow.  columns and origin are those of the batch put. */
int spool_next(struct spool *spool, struct batch **batch,
               struct fb_error *err) FB_MUST_CHECK;

#endif
