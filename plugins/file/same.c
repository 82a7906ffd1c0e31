#include "same.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

#define CHUNK ((size_t)32 * 1024)

/* Fill as much of the room as the file has from there; -1 with errno. */
static ssize_t
read_at(int fd, unsigned char *bytes, off_t offset)
{
    size_t got = 0;

    while (got < CHUNK) {
        ssize_t n = pread(fd, bytes + got, CHUNK - got, offset + (off_t)got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

static int
compare(int fd, int other, const char *path, bool *same, struct fb_error *err)
{
    unsigned char a[CHUNK], b[CHUNK];
    ssize_t got_a, got_b;
    off_t offset = 0;

    *same = true;
    do {
        got_a = read_at(fd, a, offset);
        got_b = read_at(other, b, offset);
        if (got_a < 0 || got_b < 0)
            return path_cannot_write(err, "compare", path);
        *same = got_a == got_b && memcmp(a, b, (size_t)got_a) == 0;
        offset += got_a;
    } while (*same && got_a == (ssize_t)CHUNK);
    return 0;
}

int
same_contents(int fd, const char *path, bool *same, struct fb_error *err)
{
    int other = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat a, b;
    int status = 0;

    if (other < 0)
        return path_cannot_write(err, "compare", path);
    *same = false;
    if (fstat(fd, &a) != 0 || fstat(other, &b) != 0)
        status = path_cannot_write(err, "compare", path);
    else if (a.st_size == b.st_size)
        status = compare(fd, other, path, same, err);
    close(other);
    return status;
}
