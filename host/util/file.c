/*
 * util/file.c: small files read and written whole.  What streams data (the
 * file plugin, spools) does its own I/O; this is for what fits in memory.
 */
#define _GNU_SOURCE 1 /* nftw */
#include "util/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

#define TEMP_NAME_MAX 200 /* bytes of the target's name in a temporary one */
#define TEMP_TRIES 100

static int
fail_errno(struct fb_error *err, bool writing, const char *verb,
           const char *path)
{
    int number = errno;

    return fb_fail(err, error_code_of_errno(number, writing),
                   "cannot %s '%s': %s", verb, path, strerror(number));
}

static ssize_t
read_some(int fd, void *bytes, size_t size)
{
    ssize_t n;

    do
        n = read(fd, bytes, size);
    while (n < 0 && errno == EINTR);
    return n;
}

/* How much to ask for next: what fstat promised and a byte that shows the
 * end, and on from there, for a file may grow. */
static size_t
next_read(const struct buf *out, uint64_t promised)
{
    size_t want = READ_SIZE, room = out->max - out->size;

    if (promised >= out->size && promised - out->size < want)
        want = (size_t)(promised - out->size) + 1;
    return want < room ? want : room;
}

static int
read_to_end(int fd, const char *path, uint64_t promised, struct buf *out,
            struct fb_error *err)
{
    for (;;) {
        size_t want = next_read(out, promised);
        unsigned char beyond;
        ssize_t n;

        if (buf_reserve(out, want, err) != 0)
            return error_context(err, "cannot read '%s'", path);
        n = want > 0 ? read_some(fd, out->data + out->size, want)
                     : read_some(fd, &beyond, 1);
        if (n < 0)
            return fail_errno(err, false, "read", path);
        if (n == 0)
            break;
        if (want == 0)
            return fb_fail(err, FB_E_LIMIT,
                           "cannot read '%s': larger than %zu bytes", path,
                           out->max);
        out->size += (size_t)n;
    }
    out->data[out->size] = '\0';
    return 0;
}

int
file_read(const char *path, struct buf *out, struct fb_error *err)
{
    AUTO_CLOSE int fd = -1;
    struct stat st;

    buf_clear(out);
    /* Not blocking: opening a FIFO must not wait for a writer. */
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return fail_errno(err, false, "open", path);
    if (fstat(fd, &st) != 0)
        return fail_errno(err, false, "read", path);
    if (!S_ISREG(st.st_mode))
        return fb_fail(err, FB_E_INPUT, "cannot read '%s': %s", path,
                       S_ISDIR(st.st_mode) ? "it is a folder"
                                           : "it is not a regular file");
    if ((uint64_t)st.st_size > out->max)
        return fb_fail(err, FB_E_LIMIT,
                       "cannot read '%s': larger than %zu bytes", path,
                       out->max);
    if (read_to_end(fd, path, (uint64_t)st.st_size, out, err) != 0) {
        buf_clear(out);
        return -1;
    }
    return 0;
}

int
file_write(int fd, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;

    while (size > 0) {
        ssize_t n = write(fd, p, size);

        if (n > 0) {
            p += n;
            size -= (size_t)n;
        } else if (n == 0) {
            errno = EIO;
            return -1;
        } else if (errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};

            (void)poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return -1;
        }
    }
    return 0;
}

int
file_write_all(int fd, const void *bytes, size_t size, struct fb_error *err)
{
    if (file_write(fd, bytes, size) == 0)
        return 0;
    return fb_fail(err, error_code_of_errno(errno, true), "cannot write: %s",
                   strerror(errno));
}

static void
random_suffix(char suffix[7])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    unsigned char bytes[6] = {0};
    ssize_t n;

    do
        n = getrandom(bytes, sizeof(bytes), 0);
    while (n < 0 && errno == EINTR);
    for (size_t i = 0; i < sizeof(bytes); i++)
        suffix[i] = letters[bytes[i] % 32];
    suffix[6] = '\0';
}

/* Not mkstemp: that makes 0600, and the umask cannot be read without
 * changing it for every thread.  *temp is the caller's to free. */
static int
open_beside(const char *path, char **temp, struct fb_error *err)
{
    const char *name = file_name(path);

    for (int tries = 0; tries < TEMP_TRIES; tries++) {
        char suffix[7];
        int fd;

        random_suffix(suffix);
        *temp = mem_printf("%.*s.%.*s.%s", (int)(name - path), path,
                           TEMP_NAME_MAX, name, suffix);
        fd = open(*temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                  0666);
        if (fd >= 0)
            return fd;
        free(*temp);
        *temp = NULL;
        if (errno != EEXIST)
            break;
    }
    return fail_errno(err, true, "write", path);
}

/* A failed fsync is final: the kernel may have dropped the dirty pages, so a
 * second one would report a success that did not happen. */
static int
write_durably(int fd, const char *path, const void *bytes, size_t size,
              struct fb_error *err)
{
    if (file_write(fd, bytes, size) != 0 || fsync(fd) != 0) {
        fail_errno(err, true, "write", path);
        close(fd);
        return -1;
    }
    if (close(fd) != 0)
        return fail_errno(err, true, "write", path);
    return 0;
}

static char *
folder_of(const char *path)
{
    size_t length = (size_t)(file_name(path) - path);

    if (length == 0)
        return mem_strdup(".");
    while (length > 1 && path[length - 1] == '/')
        length--;
    return mem_dup_nul(path, length);
}

int
file_replace(const char *path, const void *bytes, size_t size,
             struct fb_error *err)
{
    AUTO_FREE char *temp = NULL;
    AUTO_FREE char *folder = folder_of(path);
    int fd;

    if (*file_name(path) == '\0')
        return fb_fail(err, FB_E_OUTPUT, "cannot write '%s': it names a folder",
                       path);
    fd = open_beside(path, &temp, err);
    if (fd < 0)
        return -1;
    assert(temp != NULL);
    if (write_durably(fd, path, bytes, size, err) != 0) {
        unlink(temp);
        return -1;
    }
    if (rename(temp, path) != 0) {
        fail_errno(err, true, "write", path);
        unlink(temp);
        return -1;
    }
    return file_fsync_folder(folder, err);
}

static bool
is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
make_folder(const char *path, struct fb_error *err)
{
    AUTO_FREE char *above = NULL;

    if (mkdir(path, 0777) != 0) {
        int number = errno;

        if (is_folder(path))
            return 0;
        errno = number == EEXIST ? ENOTDIR : number;
        return fail_errno(err, true, "make folder", path);
    }
    /* What is put inside survives a crash only if this entry does. */
    above = folder_of(path);
    return file_fsync_folder(above, err);
}

int
file_make_folders(const char *path, struct fb_error *err)
{
    AUTO_FREE char *part = mem_strdup(path);

    if (*path == '\0')
        return fb_fail(err, FB_E_OUTPUT, "cannot make folder '': no name");
    for (char *p = part + 1; *p != '\0'; p++) {
        if (*p != '/' || p[-1] == '/')
            continue;
        *p = '\0';
        if (make_folder(part, err) != 0)
            return -1;
        *p = '/';
    }
    for (size_t n = strlen(part); n > 1 && part[n - 1] == '/'; n--)
        part[n - 1] = '\0';
    return make_folder(part, err);
}

static int
remove_entry(const char *path, const struct stat *st, int type,
             struct FTW *where)
{
    (void)st;
    (void)type;
    return where->level == 0 ? 0 : remove(path);
}

int
file_empty_folder(const char *path, struct fb_error *err)
{
    if (nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0 ||
        errno == ENOENT)
        return 0;
    return fail_errno(err, true, "empty folder", path);
}

int
file_fsync_folder(const char *path, struct fb_error *err)
{
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return fail_errno(err, true, "open folder", path);
    /* EINVAL: a file system that cannot, and need not, sync folders. */
    if (fsync(fd) != 0 && errno != EINVAL)
        return fail_errno(err, true, "sync folder", path);
    return 0;
}

const char *
file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

char *
file_stem(struct arena *arena, const char *path)
{
    const char *name = file_name(path);
    const char *dot = strrchr(name, '.');

    if (dot == NULL || dot == name)
        return arena_strdup(arena, name);
    return arena_dup_nul(arena, name, (size_t)(dot - name));
}

char *
file_folder(struct arena *arena, const char *path)
{
    AUTO_FREE char *folder = folder_of(path);

    return arena_strdup(arena, folder);
}

char *
file_join(struct arena *arena, const char *folder, const char *path)
{
    size_t length = strlen(folder);

    if (*path == '/' || length == 0)
        return arena_strdup(arena, path);
    return arena_printf(arena, "%s%s%s", folder,
                        folder[length - 1] == '/' ? "" : "/", path);
}
