/*
 * ledger/folder.c: the state folder and its lock files.
 *
 * A lock is the kernel's (flock), not the file's existence nor the process id
 * in it: it ends with its holder, however that ends.  What stands in the
 * file is only for the message.  Lock files are never removed: two processes
 * could then hold locks on two files of one name.
 */
#include "ledger/folder.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/error.h"
#include "util/file.h"
#include "util/mem.h"

#define LOCK_TEXT_MAX 64 /* "1234 2025-05-10T09:30:00Z\n" */

static const char *
variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static const char *
home(void)
{
    const char *folder = variable("HOME");
    const struct passwd *user;

    if (folder != NULL)
        return folder;
    user = getpwuid(geteuid());
    return user != NULL && *user->pw_dir == '/' ? user->pw_dir : NULL;
}

int
folder_choose(struct arena *arena, const char *flag, const char **folder,
              struct fb_error *err)
{
    const char *value;

    if (flag != NULL && *flag == '\0')
        return fb_fail(err, FB_E_USAGE, "--state names no folder");
    if (flag != NULL) {
        *folder = arena_strdup(arena, flag);
    } else if ((value = variable("STATE_DIRECTORY")) != NULL) {
        /* systemd gives all of StateDirectory=, separated by colons. */
        *folder = arena_dup_nul(arena, value, strcspn(value, ":"));
    } else if ((value = variable("XDG_STATE_HOME")) != NULL && *value == '/') {
        /* Relative paths are to be ignored, says the XDG specification:
         * https://specifications.freedesktop.org/basedir-spec/ */
        *folder = file_join(arena, value, "forebay");
    } else if ((value = home()) != NULL) {
        *folder = file_join(arena, value, ".local/state/forebay");
    } else {
        fb_fail(err, FB_E_USAGE,
                "cannot tell where to keep state: the running user has no "
                "home folder");
        return fb_hint(err, "give --state DIR or set STATE_DIRECTORY");
    }
    if (**folder == '\0')
        return fb_fail(err, FB_E_USAGE, "STATE_DIRECTORY names no folder");
    return 0;
}

static int
fail_errno(struct fb_error *err, const char *verb, const char *path)
{
    int number = errno;

    return fb_fail(err, error_code_of_errno(number, true), "cannot %s '%s': %s",
                   verb, path, strerror(number));
}

static int
make(const char *path, struct fb_error *err)
{
    struct arena *arena;
    const char *above;
    struct stat st;
    int rc;

    if (stat(path, &st) == 0)
        return 0;
    arena = arena_new();
    above = file_folder(arena, path);
    rc = file_make_folders(above, err);
    if (rc == 0 && mkdir(path, 0700) != 0 && errno != EEXIST)
        rc = fail_errno(err, "make state folder", path);
    if (rc == 0)
        rc = file_fsync_folder(above, err);
    arena_free(arena);
    return rc;
}

static int
check(const char *path, struct fb_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return fail_errno(err, "use state folder", path);
    if (!S_ISDIR(st.st_mode))
        return fb_fail(err, FB_E_OUTPUT,
                       "cannot use state folder '%s': it is not a folder",
                       path);
    if (st.st_uid != geteuid()) {
        fb_fail(err, FB_E_PERMISSION,
                "cannot use state folder '%s': it belongs to user %u, and "
                "this is user %u",
                path, (unsigned)st.st_uid, (unsigned)geteuid());
        return fb_hint(err, "run as its owner, or give another --state");
    }
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        fb_fail(err, FB_E_PERMISSION,
                "cannot use state folder '%s': others may write to it (mode "
                "%04o)",
                path, (unsigned)st.st_mode & 07777);
        return fb_hint(err, "expected mode: 0700; 'chmod go-w' mends it");
    }
    return 0;
}

int
folder_prepare(const char *folder, char **real, struct fb_error *err)
{
    *real = NULL;
    if (make(folder, err) != 0)
        return -1;
    /* systemd's DynamicUser= makes the state folder a link to the real one. */
    *real = realpath(folder, NULL);
    if (*real == NULL)
        return fail_errno(err, "use state folder", folder);
    if (check(*real, err) == 0)
        return 0;
    free(*real);
    *real = NULL;
    return -1;
}

/* Names become file names one to one: what could lead elsewhere or hide the
 * file is written as %2F.  The caller frees it. */
static char *
escape(const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    char *escaped = mem_array(strlen(name) + 1, 3);
    char *out = escaped;

    for (const char *p = name; *p != '\0'; p++) {
        if (strchr(plain, *p) != NULL && (p > name || *p != '.'))
            *out++ = *p;
        else
            out += snprintf(out, 4, "%%%02X", (unsigned char)*p);
    }
    *out = '\0';
    return escaped;
}

static char *
lock_path(const char *folder, const char *name)
{
    AUTO_FREE char *escaped = escape(name);

    return mem_printf("%s/locks/%s.lock", folder, escaped);
}

char *
folder_temp(const char *folder, const char *name)
{
    AUTO_FREE char *escaped = escape(name);

    return mem_printf("%s/tmp/%s", folder, escaped);
}

/* Says who holds it, as far as the file tells; whatever else stands there is
 * not repeated. */
static int
fail_busy(int fd, const char *name, struct fb_error *err)
{
    char text[LOCK_TEXT_MAX] = "", *since;
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    int64_t ms;
    long pid;

    text[n > 0 ? n : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    pid = strtol(text, &since, 10);
    if (pid > 0 && *since == ' ' && clock_parse_utc(since + 1, &ms))
        return fb_fail(err, FB_E_BUSY,
                       "pipeline '%s' is being run by process %ld since %s",
                       name, pid, since + 1);
    return fb_fail(err, FB_E_BUSY,
                   "pipeline '%s' is being run by another process", name);
}

static int
check_lock(int fd, const char *path, struct fb_error *err)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return fail_errno(err, "open lock", path);
    if (!S_ISREG(st.st_mode))
        return fb_fail(err, FB_E_PERMISSION,
                       "cannot lock '%s': it is not a regular file", path);
    if (st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fb_fail(err, FB_E_PERMISSION,
                       "cannot lock '%s': it must belong to the running user "
                       "with mode 0600, but it belongs to user %u with mode "
                       "%04o",
                       path, (unsigned)st.st_uid, (unsigned)st.st_mode & 07777);
    return 0;
}

static void
write_holder(int fd)
{
    char text[LOCK_TEXT_MAX], now[32];
    int length;

    clock_format_utc(clock_now_ms(), now);
    length = snprintf(text, sizeof(text), "%ld %s\n", (long)getpid(), now);
    /* The lock holds without it, on a full disk too. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
        return;
}

static int
take(int fd, const char *name, const char *path, struct fb_error *err)
{
    int rc;

    do
        rc = flock(fd, LOCK_EX | LOCK_NB);
    while (rc != 0 && errno == EINTR);
    if (rc != 0 && errno == EWOULDBLOCK)
        return fail_busy(fd, name, err);
    if (rc != 0)
        return fail_errno(err, "lock", path);
    write_holder(fd);
    return 0;
}

int
folder_lock(const char *folder, const char *name, int *fd, struct fb_error *err)
{
    AUTO_FREE char *locks = mem_printf("%s/locks", folder);
    AUTO_FREE char *path = lock_path(folder, name);
    int lock;

    *fd = -1;
    if (*name == '\0' || strlen(file_name(path)) > NAME_MAX)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot lock pipeline '%s': its name is %s", name,
                       *name == '\0' ? "empty" : "too long for a file");
    if (mkdir(locks, 0700) != 0 && errno != EEXIST)
        return fail_errno(err, "make folder", locks);
    if (check(locks, err) != 0)
        return -1;
    lock = open(
        path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        0600);
    if (lock < 0)
        return fail_errno(err, "open lock", path);
    if (check_lock(lock, path, err) != 0 || take(lock, name, path, err) != 0) {
        close(lock);
        return -1;
    }
    *fd = lock;
    return 0;
}
