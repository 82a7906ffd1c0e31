/*
 * tests/faults/io.c: preloaded into the program by tests/e2e/test_faults.py,
 * counts the calls that touch files below one folder, and lets the disk fail
 * or the process die at one of them.  No part of the program: it knows nothing
 * of what it disturbs.
 *
 *   FAULT_BELOW=DIR   only files below this folder count; without it nothing
 *   FAULT_LOG=FILE    takes a line a call: "call offset size path"
 *   FAULT_DATA=1      in the log each written byte follows its line, and calls
 *                     that failed do not come
 *   FAULT_AT=N        the call that is disturbed; 1 is the first
 *   FAULT_KIND=KIND   how: the name of an error; "short": half of it is
 *                     written; "before", "after": killed there; "torn": half of
 *                     it is written, then killed
 *   FAULT_STAYS=1     all later calls fail too, if they may fail so
 *
 * What comes here goes on to the kernel without the C library.  Its own calls
 * (stdio's) do not come here.
 */
#define _GNU_SOURCE /* renameat2's declaration */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { ERROR = 1, SHORT, BEFORE, AFTER, TORN };
enum verdict { PASS = 1, FAIL, HALF, HALF_THEN_DIE, PASS_THEN_DIE };

static struct {
    bool ready;
    const char *below;
    long at, count;
    enum kind kind;
    int number; /* errno */
    bool stays, data;
    int log; /* a descriptor; -1: none */
} plan = {.log = -1};

static const struct {
    const char *name;
    enum kind kind;
    int number;
} kinds[] = {
    {"ENOSPC", ERROR, ENOSPC}, {"EDQUOT", ERROR, EDQUOT}, {"EIO", ERROR, EIO},
    {"EINTR", ERROR, EINTR},   {"EMFILE", ERROR, EMFILE}, {"short", SHORT, 0},
    {"before", BEFORE, 0},     {"after", AFTER, 0},       {"torn", TORN, 0},
};

struct call {
    const char *name;
    char path[PATH_MAX];
    long long offset;
    const void *bytes; /* NULL: no bytes are written */
    size_t size;
    bool counted;
    enum verdict verdict;
};

static void
read_kind(const char *text)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (text != NULL && strcmp(kinds[i].name, text) == 0) {
            plan.kind = kinds[i].kind;
            plan.number = kinds[i].number;
            return;
        }
    abort(); /* the test that asks for it is wrong */
}

static void
read_plan(void)
{
    const char *log = getenv("FAULT_LOG"), *at = getenv("FAULT_AT");

    plan.ready = true;
    plan.below = getenv("FAULT_BELOW");
    plan.stays = getenv("FAULT_STAYS") != NULL;
    plan.data = getenv("FAULT_DATA") != NULL;
    if (at != NULL) {
        plan.at = strtol(at, NULL, 10);
        read_kind(getenv("FAULT_KIND"));
    }
    if (log != NULL)
        plan.log =
            (int)syscall(SYS_openat, AT_FDCWD, log,
                         O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void
die(void)
{
    syscall(SYS_kill, getpid(), SIGKILL);
}

static void
log_raw(const void *bytes, size_t size)
{
    if (syscall(SYS_write, plan.log, bytes, size) != (long)size)
        abort();
}

static void
log_call(const struct call *call)
{
    char line[PATH_MAX + 64];
    int length;

    if (plan.log < 0)
        return;
    length = snprintf(line, sizeof(line), "%s %lld %zu %s\n", call->name,
                      call->offset, call->size, call->path);
    log_raw(line, (size_t)length);
    if (plan.data && call->bytes != NULL)
        log_raw(call->bytes, call->size);
}

/* Whether a call may fail in the way that is asked for: an interrupted fsync
 * or rename is unheard of, and a name has no half. */
static bool
may_fail(const struct call *call)
{
    bool writes = call->bytes != NULL;

    if (plan.kind == SHORT || plan.kind == TORN)
        return writes && call->size > 1;
    if (plan.kind == ERROR && plan.number == EINTR)
        return writes || strncmp(call->name, "open", 4) == 0 ||
               strcmp(call->name, "ftruncate") == 0;
    return true;
}

static enum verdict
judge(const struct call *call)
{
    bool hit = plan.at > 0 &&
               (plan.count == plan.at || (plan.stays && plan.count > plan.at));

    if (!hit || !may_fail(call))
        return PASS;
    switch (plan.kind) {
    case ERROR:
        return FAIL;
    case SHORT:
        return HALF;
    case BEFORE:
        die();
        break;
    case AFTER:
        return PASS_THEN_DIE;
    case TORN:
        return HALF_THEN_DIE;
    }
    return PASS;
}

/* The path is known: decide what happens to the call. */
static void
begin(struct call *call)
{
    size_t length;

    call->verdict = PASS;
    if (plan.below == NULL)
        return;
    length = strlen(plan.below);
    if (strncmp(call->path, plan.below, length) != 0 ||
        (call->path[length] != '/' && call->path[length] != '\0'))
        return;
    call->counted = true;
    plan.count++;
    if (!plan.data)
        log_call(call);
    call->verdict = judge(call);
    if (call->verdict == HALF || call->verdict == HALF_THEN_DIE)
        call->size /= 2;
}

/* What the call gives, after what the kernel gave. */
static long
end(struct call *call, long result)
{
    if (call->verdict == FAIL) {
        errno = plan.number;
        return -1;
    }
    if (call->counted && plan.data && result >= 0)
        log_call(call);
    if (call->verdict == PASS_THEN_DIE || call->verdict == HALF_THEN_DIE)
        die();
    return result;
}

static struct call
call_of_path(const char *name, const char *path)
{
    struct call call = {.name = name};
    int kept = errno;

    if (!plan.ready)
        read_plan();
    snprintf(call.path, sizeof(call.path), "%s", path);
    begin(&call);
    errno = kept;
    return call;
}

static struct call
call_of_fd(const char *name, int fd, const void *bytes, size_t size,
           long long offset)
{
    struct call call = {
        .name = name, .bytes = bytes, .size = size, .offset = offset};
    char link[64];
    int kept = errno;
    long length;

    if (!plan.ready)
        read_plan();
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    length = plan.below == NULL ? 0
                                : syscall(SYS_readlinkat, AT_FDCWD, link,
                                          call.path, sizeof(call.path) - 1);
    call.path[length > 0 ? length : 0] = '\0';
    begin(&call);
    errno = kept;
    return call;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): those of
 * the C library's own headers are reserved names. */

static int
do_open(const char *path, int flags, mode_t mode)
{
    struct call call =
        call_of_path((flags & O_CREAT) != 0 ? "open-make" : "open", path);
    long result = call.verdict == FAIL
                      ? -1
                      : syscall(SYS_openat, AT_FDCWD, path, flags, mode);

    return (int)end(&call, result);
}

static mode_t
mode_of(int flags, va_list more)
{
    return (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = mode_of(flags, more);
    va_end(more);
    return do_open(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;

    va_start(more, flags);
    mode = mode_of(flags, more);
    va_end(more);
    return do_open(path, flags, mode);
}

/* What _FORTIFY_SOURCE makes of open without a mode. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int
__open_2(const char *path, int flags)
{
    return do_open(path, flags, 0);
}

int
__open64_2(const char *path, int flags)
{
    return do_open(path, flags, 0);
}

/* A descriptor is gone whatever close says (Linux, "man 2 close"). */
int
close(int fd)
{
    struct call call = call_of_fd("close", fd, NULL, 0, 0);

    return (int)end(&call, syscall(SYS_close, fd));
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
    long long offset = plan.data ? syscall(SYS_lseek, fd, 0, SEEK_CUR) : 0;
    struct call call = call_of_fd("write", fd, bytes, size, offset);
    long result =
        call.verdict == FAIL ? -1 : syscall(SYS_write, fd, bytes, call.size);

    return end(&call, result);
}

ssize_t
pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    struct call call = call_of_fd("pwrite", fd, bytes, size, offset);
    long result = call.verdict == FAIL
                      ? -1
                      : syscall(SYS_pwrite64, fd, bytes, call.size, offset);

    return end(&call, result);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    return pwrite(fd, bytes, size, offset);
}

int
fsync(int fd)
{
    struct call call = call_of_fd("fsync", fd, NULL, 0, 0);

    return (int)end(&call, call.verdict == FAIL ? -1 : syscall(SYS_fsync, fd));
}

int
fdatasync(int fd)
{
    struct call call = call_of_fd("fdatasync", fd, NULL, 0, 0);

    return (int)end(&call,
                    call.verdict == FAIL ? -1 : syscall(SYS_fdatasync, fd));
}

int
ftruncate(int fd, off_t size)
{
    struct call call = call_of_fd("ftruncate", fd, NULL, 0, size);
    long result = call.verdict == FAIL ? -1 : syscall(SYS_ftruncate, fd, size);

    return (int)end(&call, result);
}

int
ftruncate64(int fd, off64_t size)
{
    return ftruncate(fd, size);
}

static int
do_rename(const char *from, const char *to, unsigned flags)
{
    struct call call = call_of_path("rename", to);
    long result = call.verdict == FAIL ? -1
                                       : syscall(SYS_renameat2, AT_FDCWD, from,
                                                 AT_FDCWD, to, flags);

    return (int)end(&call, result);
}

int
rename(const char *from, const char *to)
{
    return do_rename(from, to, 0);
}

/* The program has no folder open for it. */
int
renameat2(int from_folder, const char *from, int to_folder, const char *to,
          unsigned flags)
{
    if (from_folder != AT_FDCWD || to_folder != AT_FDCWD)
        abort();
    return do_rename(from, to, flags);
}

int
unlink(const char *path)
{
    struct call call = call_of_path("unlink", path);
    long result =
        call.verdict == FAIL ? -1 : syscall(SYS_unlinkat, AT_FDCWD, path, 0);

    return (int)end(&call, result);
}

int
mkdir(const char *path, mode_t mode)
{
    struct call call = call_of_path("mkdir", path);
    long result =
        call.verdict == FAIL ? -1 : syscall(SYS_mkdirat, AT_FDCWD, path, mode);

    return (int)end(&call, result);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
