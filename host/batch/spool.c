/*
 * batch/spool.c: the file behind a spool.  What a batch looks like in it is
 * frame.c's business.
 */
#define _GNU_SOURCE 1 /* O_TMPFILE */
#include "batch/spool.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "batch/frame.h"
#include "util/error.h"
#include "util/mem.h"

struct spool {
    char *folder;
    FILE *file; /* NULL before the first put */
    bool reading;
};

struct spool *
spool_new(const char *folder)
{
    struct spool *spool = mem_zalloc(sizeof(*spool));

    spool->folder = mem_strdup(folder);
    return spool;
}

void
spool_free(struct spool *spool)
{
    if (spool == NULL)
        return;
    /* Nothing is lost with it: what was wanted has been read. */
    if (spool->file != NULL)
        (void)fclose(spool->file);
    free(spool->folder);
    free(spool);
}

/* For file systems that know no O_TMPFILE (NFS, overlayfs of old kernels). */
static int
open_and_unlink(const char *folder)
{
    AUTO_FREE char *path = mem_printf("%s/.forebay-spool-XXXXXX", folder);
    int fd = mkostemp(path, O_CLOEXEC);

    if (fd >= 0)
        unlink(path);
    return fd;
}

static int
spool_open(struct spool *spool, struct fb_error *err)
{
    int fd = open(spool->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        fd = open_and_unlink(spool->folder);
    if (fd >= 0)
        spool->file = fdopen(fd, "w+");
    if (spool->file != NULL)
        return 0;
    (void)fb_fail(err, error_code_of_errno(errno, true),
                  "cannot make a temporary file in '%s': %s", spool->folder,
                  strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

int
spool_put(struct spool *spool, struct batch *batch, struct fb_error *err)
{
    int result = -1;

    assert(!spool->reading);
    if (spool->file != NULL || spool_open(spool, err) == 0)
        result = frame_write(spool->file, batch, err);
    batch_free(batch);
    return result;
}

/* Rows still in the buffer of the stream may fail to get into the file. */
static int
turn_to_reading(struct spool *spool, struct fb_error *err)
{
    spool->reading = true;
    if (fflush(spool->file) != 0 || fseeko(spool->file, 0, SEEK_SET) != 0)
        return fb_fail(err, error_code_of_errno(errno, true),
                       "cannot write to a temporary file in '%s': %s",
                       spool->folder, strerror(errno));
    return 0;
}

int
spool_next(struct spool *spool, struct batch **batch, struct fb_error *err)
{
    *batch = NULL;
    if (spool->file == NULL) {
        spool->reading = true;
        return 0;
    }
    if (!spool->reading && turn_to_reading(spool, err) != 0)
        return -1;
    return frame_read(spool->file, batch, err);
}
