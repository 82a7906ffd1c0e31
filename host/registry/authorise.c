#define _GNU_SOURCE /* O_PATH */
#include "registry/authorise.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/mem.h"

enum place { PLACE_ABOVE = 1, PLACE_FOLDER, PLACE_FILE };

static const char *
writers(mode_t mode)
{
    if ((mode & S_IWOTH) == 0)
        return "its group";
    return (mode & S_IWGRP) != 0 ? "its group and everyone" : "everyone";
}

static const char *
chmod_argument(mode_t mode)
{
    if ((mode & S_IWOTH) == 0)
        return "g-w";
    return (mode & S_IWGRP) != 0 ? "go-w" : "o-w";
}

/* Owner and mode alone; path is only for the message. */
static int
check_owner_and_mode(const struct stat *status, enum place place,
                     const char *path, struct fb_error *err)
{
    const char *what = place == PLACE_FILE ? "file" : "folder";
    uid_t user = geteuid();

    if (status->st_uid != 0 && status->st_uid != user) {
        fb_fail(err, FB_E_PERMISSION,
                "the %s '%s' belongs to user %ju, who is neither root nor "
                "the running user",
                what, path, (uintmax_t)status->st_uid);
        return fb_hint(err, "chown %ju '%s'", (uintmax_t)user, path);
    }
    if ((status->st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return 0;
    if (place == PLACE_ABOVE && (status->st_mode & S_ISVTX) != 0)
        return 0;
    fb_fail(err, FB_E_PERMISSION, "the %s '%s' is writable by %s", what, path,
            writers(status->st_mode));
    return fb_hint(err, "chmod %s '%s'", chmod_argument(status->st_mode), path);
}

static int
cannot_open_folder(const char *path, int error_number, struct fb_error *err)
{
    return fb_fail(err, FB_E_CONFIG, "cannot open the plugin folder '%s': %s",
                   path, strerror(error_number));
}

/* Keep the first reason, which is the one nearest to the root. */
static int
judge(struct authorised_folder *folder, int fd, const char *path,
      struct fb_error *err)
{
    bool last = strlen(path) == strlen(folder->path);
    struct stat status;

    if (fstat(fd, &status) != 0)
        return cannot_open_folder(path, errno, err);
    if (folder->verdict.code == FB_E_NONE)
        (void)check_owner_and_mode(&status, last ? PLACE_FOLDER : PLACE_ABOVE,
                                   path, &folder->verdict);
    return 0;
}

/* From the root down to folder->path; *fd is the last one, not readable. */
static int
walk(struct authorised_folder *folder, int *fd, struct fb_error *err)
{
    AUTO_FREE char *path = mem_strdup(folder->path);
    const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    char *part = path + 1;

    assert(path[0] == '/');
    *fd = open("/", flags);
    if (*fd < 0 || judge(folder, *fd, "/", err) != 0)
        return *fd < 0 ? cannot_open_folder("/", errno, err) : -1;
    while (*part != '\0') {
        char *end = strchrnul(part, '/');
        char after = *end;
        int next;

        *end = '\0';
        next = openat(*fd, part, flags);
        if (next < 0)
            return cannot_open_folder(path, errno, err);
        (void)close(*fd);
        *fd = next;
        if (judge(folder, next, path, err) != 0)
            return -1;
        *end = after;
        part = after == '\0' ? end : end + 1;
    }
    return 0;
}

int
authorise_folder_open(struct arena *arena, const char *path,
                      struct authorised_folder *folder, struct fb_error *err)
{
    AUTO_FREE char *resolved = realpath(path, NULL);
    AUTO_CLOSE int fd = -1;

    *folder = (struct authorised_folder){.fd = -1};
    if (resolved == NULL)
        return cannot_open_folder(path, errno, err);
    folder->path = arena_strdup(arena, resolved);
    if (walk(folder, &fd, err) != 0)
        return -1;
    folder->fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder->fd < 0 ? cannot_open_folder(path, errno, err) : 0;
}

void
authorise_folder_close(struct authorised_folder *folder)
{
    mem_close_fd(&folder->fd);
    folder->fd = -1;
}

static int
check_file(int fd, const char *path, struct fb_error *err)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return fb_fail(err, FB_E_PERMISSION, "cannot look at '%s': %s", path,
                       strerror(errno));
    if (!S_ISREG(status.st_mode))
        return fb_fail(err, FB_E_PERMISSION, "'%s' is not a regular file",
                       path);
    if (check_owner_and_mode(&status, PLACE_FILE, path, err) != 0)
        return -1;
    if (status.st_nlink > 1) {
        fb_fail(err, FB_E_PERMISSION,
                "the file '%s' has %ju names (hard links)", path,
                (uintmax_t)status.st_nlink);
        return fb_hint(err,
                       "install a copy: cp '%s' '%s.new' && mv '%s.new' "
                       "'%s'",
                       path, path, path, path);
    }
    return 0;
}

int
authorise_file_open(const struct authorised_folder *folder, const char *name,
                    int *fd, struct fb_error *err)
{
    /* A fifo must not make us wait for a writer. */
    const int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    AUTO_FREE char *path = mem_printf("%s/%s", folder->path, name);
    int opened;

    assert(folder->fd >= 0);
    assert(strchr(name, '/') == NULL);
    if (folder->verdict.code != FB_E_NONE) {
        *err = folder->verdict;
        return -1;
    }
    opened = openat(folder->fd, name, flags);
    if (opened < 0 && errno == ELOOP)
        return fb_fail(err, FB_E_PERMISSION, "'%s' is a symbolic link", path);
    if (opened < 0)
        return fb_fail(err, FB_E_PERMISSION, "cannot open '%s': %s", path,
                       strerror(errno));
    if (check_file(opened, path, err) != 0) {
        (void)close(opened);
        return -1;
    }
    *fd = opened;
    return 0;
}
