#include "temp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

#define SUFFIX ".forebay-tmp"
#define NAME_KEPT 160 /* bytes of the target's name: with the rest, < 255 */
#define SLOTS 100     /* writers of one target at a time */
#define SLOTS_CLEANED 2

/* ".NAME.0.forebay-tmp": few names, so that finding what a crash left takes no
 * look at the whole folder, which may hold a million outputs. */
static char *
slot_path(struct fb_step *step, const char *folder, const char *name, int slot)
{
    char temp[NAME_KEPT + 32];

    snprintf(temp, sizeof(temp), ".%.*s.%d" SUFFIX, NAME_KEPT, name, slot);
    return path_join(step, folder, temp);
}

bool
temp_is_ours(const char *name)
{
    size_t length = strlen(name), suffix = strlen(SUFFIX);

    return name[0] == '.' && length > suffix &&
           strcmp(name + length - suffix, SUFFIX) == 0;
}

/* Under the lock: nobody else removes or renames it meanwhile. */
static bool
is_at(int fd, const char *path)
{
    struct stat held, named;

    return fstat(fd, &held) == 0 && lstat(path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/*
 * Another run's temp_clean may have found the file before it was locked, and
 * removed it.  It removes under the lock, so after locking one look tells.
 * File systems without locks have no temp_clean either: it locks first.
 */
static bool
lock_new(int fd, const char *path)
{
    while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
    return is_at(fd, path);
}

/* False: there is no such file. */
static bool
remove_if_unused(struct fb_step *step, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return errno != ENOENT;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        flock(fd, LOCK_EX | LOCK_NB) == 0 && is_at(fd, path) &&
        unlink(path) == 0)
        fb_log(step, FB_INFO, "removed '%s', left over from a crashed run",
               path_name(path));
    close(fd);
    return true;
}

void
temp_clean(struct fb_step *step, const char *folder, const char *name)
{
    bool there = true;

    for (int i = 0; i < SLOTS && (there || i < SLOTS_CLEANED); i++)
        there = remove_if_unused(step, slot_path(step, folder, name, i));
}

int
temp_create(struct fb_step *step, const char *folder, const char *name,
            char **path, int *fd, struct fb_error *err)
{
    for (int i = 0; i < SLOTS; i++) {
        *path = slot_path(step, folder, name, i);
        *fd = open(*path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   0666);
        if (*fd < 0 && errno != EEXIST)
            return path_cannot_write(err, "write", *path);
        if (*fd < 0)
            continue;
        if (lock_new(*fd, *path))
            return 0;
        close(*fd);
    }
    *fd = -1;
    return fb_fail(err, FB_E_BUSY,
                   "cannot write '%s': %d temporary files of "
                   "it are in use",
                   *path, SLOTS);
}
