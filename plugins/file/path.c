#include "path.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

const char *
path_of_uri(const char *uri)
{
    if (strncasecmp(uri, "file:", 5) != 0)
        return uri;
    uri += 5;
    if (strncmp(uri, "//", 2) != 0)
        return uri;
    uri += 2;
    if (strncasecmp(uri, "localhost/", 10) == 0)
        uri += 9;
    return uri;
}

int
path_check_uri(struct fb_step *step, const char *option, const char *uri,
               struct fb_error *err)
{
    const char *path;

    if (uri == NULL)
        return fb_bad_option(step, err, option, 0,
                             "'%s' is missing: it names the file", option);
    path = path_of_uri(uri);
    if (path[0] == '\0')
        return fb_bad_option(step, err, option, 0,
                             "'%s' is empty: it names the file", option);
    if (path != uri && path[-1] == '/' && path[0] != '/') {
        fb_bad_option(step, err, option, 0, "'%s' names a file on another host",
                      uri);
        return fb_hint(err, "write three slashes before an absolute path, or "
                            "leave out 'file://'");
    }
    return 0;
}

const char *
path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

char *
path_folder(struct fb_step *step, const char *path)
{
    size_t length = (size_t)(path_name(path) - path);
    char *folder;

    while (length > 1 && path[length - 1] == '/')
        length--;
    folder = fb_alloc(step, length + 2);
    memcpy(folder, path, length);
    if (length == 0)
        folder[0] = '.';
    return folder;
}

char *
path_join(struct fb_step *step, const char *folder, const char *name)
{
    size_t length = strlen(folder), size = length + strlen(name) + 2;
    char *path = fb_alloc(step, size);
    bool slash = length > 0 && folder[length - 1] == '/';

    snprintf(path, size, "%s%s%s", folder, slash ? "" : "/", name);
    return path;
}

int
path_cannot_read(struct fb_error *err, const char *verb, const char *path)
{
    const char *why = strerror(errno);

    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return fb_fail(err, FB_E_MISSING, "cannot %s '%s': %s", verb, path,
                       why);
    case EACCES:
    case EPERM:
        return fb_fail(err, FB_E_PERMISSION, "cannot %s '%s': %s", verb, path,
                       why);
    case ELOOP:
    case ENAMETOOLONG:
        return fb_fail(err, FB_E_INPUT, "cannot %s '%s': %s", verb, path, why);
    default:
        return fb_fail(err, FB_E_UNAVAILABLE, "cannot %s '%s': %s", verb, path,
                       why);
    }
}

/* Whether a shell takes the path for one word, and for no option. */
static bool
is_plain_word(const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789/._-+,:@%=";

    return *path != '-' && path[strspn(path, plain)] == '\0';
}

int
path_cannot_list(struct fb_error *err, const char *folder)
{
    int why = errno;
    struct stat st;

    if (why == ENOTDIR && stat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
        return fb_fail(err, FB_E_CONFIG,
                       "cannot list '%s': it is a file, not a folder", folder);
    errno = why;
    path_cannot_read(err, "list", folder);
    if (why == ENOENT && is_plain_word(folder))
        return fb_hint(err, "'mkdir -p %s' makes it; or name another folder",
                       folder);
    if (why == ENOENT)
        return fb_hint(err, "make the folder, or name another");
    return -1;
}

int
path_cannot_write(struct fb_error *err, const char *verb, const char *path)
{
    bool denied = errno == EACCES || errno == EPERM;

    return fb_fail(err, denied ? FB_E_PERMISSION : FB_E_OUTPUT,
                   "cannot %s '%s': %s", verb, path, strerror(errno));
}

int
path_sync_folder(const char *path, struct fb_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int status = 0;

    if (fd < 0) {
        /* A folder that may be written but not listed cannot be synced. */
        if (errno == EACCES)
            return 0;
        return path_cannot_write(err, "sync folder", path);
    }
    /* EINVAL: a file system that has no such thing as a folder to sync. */
    if (fsync(fd) != 0 && errno != EINVAL)
        status = path_cannot_write(err, "sync folder", path);
    close(fd);
    return status;
}

/* Cut the last segment off; false when nothing is left above. */
static bool
go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (strcmp(path, ".") == 0 || strcmp(path, "/") == 0)
        return false;
    if (slash == NULL)
        memcpy(path, ".", 2);
    else if (slash == path)
        path[1] = '\0';
    else
        *slash = '\0';
    return true;
}

static bool
is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
copy_path(const char *path, char copy[PATH_MAX], struct fb_error *err)
{
    size_t size = strlen(path) + 1;

    assert(size > 1); /* "." is the shortest */
    if (size <= PATH_MAX) {
        memcpy(copy, path, size);
        return 0;
    }
    errno = ENAMETOOLONG;
    return path_cannot_write(err, "make folder", path);
}

static int
make_folder(const char *path, struct fb_error *err)
{
    char above[PATH_MAX];

    if (mkdir(path, 0777) != 0) {
        int why = errno;

        /* Somebody else may have made it a moment ago. */
        if (is_folder(path))
            return 0;
        errno = why == EEXIST ? ENOTDIR : why;
        return path_cannot_write(err, "make folder", path);
    }
    assert(strlen(path) < sizeof(above));
    memcpy(above, path, strlen(path) + 1);
    (void)go_up(above);
    return path_sync_folder(above, err);
}

int
path_make_folders(const char *path, struct fb_error *err)
{
    char part[PATH_MAX];

    if (is_folder(path))
        return 0;
    if (copy_path(path, part, err) != 0)
        return -1;
    for (char *p = strchr(part + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        if (!is_folder(part) && make_folder(part, err) != 0)
            return -1;
        *p = '/';
    }
    return make_folder(part, err);
}

int
path_probe_writable(const char *folder, struct fb_error *err)
{
    char part[PATH_MAX];
    struct stat st;

    if (copy_path(folder, part, err) != 0)
        return -1;
    while (stat(part, &st) != 0) {
        if (errno != ENOENT)
            return path_cannot_write(err, "write to", part);
        if (!go_up(part))
            return path_cannot_write(err, "write to", part);
    }
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return path_cannot_write(err, "write to", part);
    }
    if (faccessat(AT_FDCWD, part, W_OK | X_OK, AT_EACCESS) != 0)
        return path_cannot_write(err, "write to", part);
    return 0;
}
