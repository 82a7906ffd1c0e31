#include "temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

#define SUFFIX ".forebay-tmp"
#define NAME_KEPT 160 /* bytes of the target's name: with the rest, < 255 */
#define TRIES 100

/* ".NAME.": what the names of one target's temporary files begin with. */
#define PREFIX_SIZE (NAME_KEPT + 3)

static size_t
prefix_of(const char *name, char prefix[PREFIX_SIZE])
{
    snprintf(prefix, PREFIX_SIZE, ".%.*s.", NAME_KEPT, name);
    return strlen(prefix);
}

bool
temp_is_ours(const char *name)
{
    size_t length = strlen(name), suffix = strlen(SUFFIX);

    return name[0] == '.' && length > suffix &&
           strcmp(name + length - suffix, SUFFIX) == 0;
}

/*
 * Another run's temp_clean may have found the file before it was locked, and
 * removed it.  It removes under the lock, so after locking one look tells.
 * File systems without locks have no temp_clean either: it locks first.
 */
static bool
lock_new(int fd)
{
    struct stat st;

    while (flock(fd, LOCK_EX) != 0 && errno == EINTR)
        ;
    return fstat(fd, &st) != 0 || st.st_nlink > 0;
}

int
temp_create(struct fb_step *step, const char *folder, const char *name,
            char **path, int *fd, struct fb_error *err)
{
    char prefix[PREFIX_SIZE], temp[PREFIX_SIZE + 96];

    prefix_of(name, prefix);
    for (int i = 0; i < TRIES; i++) {
        snprintf(temp, sizeof(temp), "%s%.32s-%ld-%d" SUFFIX, prefix,
                 fb_run_id(step), (long)getpid(), i);
        *path = path_join(step, folder, temp);
        *fd = open(*path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   0666);
        if (*fd < 0 && errno != EEXIST)
            return path_cannot_write(err, "write", *path);
        if (*fd < 0)
            continue;
        if (lock_new(*fd))
            return 0;
        close(*fd);
    }
    *fd = -1;
    return fb_fail(err, FB_E_BUSY,
                   "cannot write '%s': %d temporary files of "
                   "it are in use",
                   *path, TRIES);
}

static void
remove_if_unused(struct fb_step *step, int folder_fd, const char *name)
{
    struct stat st;
    int fd =
        openat(folder_fd, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        flock(fd, LOCK_EX | LOCK_NB) == 0 && unlinkat(folder_fd, name, 0) == 0)
        fb_log(step, FB_INFO, "removed '%s', left over from a crashed run",
               name);
    close(fd);
}

void
temp_clean(struct fb_step *step, const char *folder, const char *name)
{
    char prefix[PREFIX_SIZE];
    size_t length = prefix_of(name, prefix);
    const struct dirent *entry;
    DIR *dir = opendir(folder);

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL)
        if (temp_is_ours(entry->d_name) &&
            strncmp(entry->d_name, prefix, length) == 0)
            remove_if_unused(step, dirfd(dir), entry->d_name);
    closedir(dir);
}
