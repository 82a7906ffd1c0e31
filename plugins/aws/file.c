/*
 * aws/file.c: see file.h.
 */
#include "aws/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
read_all(int file, struct aws_buf *buf)
{
    unsigned char block[4096];
    ssize_t got;

    while ((got = read(file, block, sizeof(block))) != 0) {
        if (got > 0)
            aws_buf_add(buf, block, (size_t)got);
        else if (errno != EINTR)
            return errno;
        if (!aws_buf_ok(buf))
            return EFBIG;
    }
    aws_wipe(block, sizeof(block));
    return 0;
}

int
aws_file_read(const char *path, struct aws_buf *buf, struct fb_error *err)
{
    /* Not to be stopped by a pipe that nobody writes to. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat found;
    int problem = file < 0 ? errno : 0;

    if (problem == 0 && fstat(file, &found) != 0)
        problem = errno;
    else if (problem == 0 && S_ISDIR(found.st_mode))
        problem = EISDIR;
    else if (problem == 0)
        problem = read_all(file, buf);
    if (file >= 0)
        close(file);
    if (problem == 0)
        return 0;
    return fb_fail(err, problem == ENOENT ? FB_E_MISSING : FB_E_CONFIG,
                   "cannot read '%s': %s", path, strerror(problem));
}
