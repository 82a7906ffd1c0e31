/*
 * sink.c: writes a file that appears whole or not at all: a temporary file
 * beside it, fsync, rename, fsync of the folder.
 */
#define _GNU_SOURCE /* renameat2, sync_file_range */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "generation.h"
#include "path.h"
#include "same.h"
#include "temp.h"

enum { REPLACE = 1, FAIL };

#define FLUSH_STEP ((off_t)8 << 20) /* bytes */

struct file_sink {
    int if_exists;

    const char *path; /* of the target */
    const char *folder, *name;
    char *temp; /* NULL: not made yet, or not there any more */
    int fd;
    off_t written, flushed; /* bytes; those that the disk was asked to take */
    struct fb_object object;
    char generation[GENERATION_SIZE];
};

static int
sink_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct file_sink *sink = self;
    const char *uri = fb_uri(step);

    sink->fd = -1;
    if (path_check_uri(step, "uri", uri, err) != 0)
        return -1;
    sink->path = path_of_uri(uri);
    sink->name = path_name(sink->path);
    sink->folder = path_folder(step, sink->path);
    if (sink->name[0] == '\0' || strcmp(sink->name, ".") == 0 ||
        strcmp(sink->name, "..") == 0)
        return fb_bad_option(step, err, "uri", 0,
                             "'%s' names a folder, not a file", uri);
    if (strlen(sink->name) > NAME_MAX || strlen(sink->path) >= PATH_MAX)
        return fb_bad_option(step, err, "uri", 0,
                             "'%s' is too long for the name of a file", uri);
    return 0;
}

/* What a rename would silently take away: a folder, a device, a link. */
static int
check_target(const struct file_sink *sink, struct fb_error *err)
{
    struct stat st;

    if (lstat(sink->path, &st) != 0)
        return errno == ENOENT ? 0
                               : path_cannot_write(err, "write", sink->path);
    if (S_ISREG(st.st_mode))
        return 0;
    return fb_fail(err, FB_E_CONFIG, "cannot write '%s': it is %s", sink->path,
                   S_ISDIR(st.st_mode)   ? "a folder"
                   : S_ISLNK(st.st_mode) ? "a symbolic link"
                                         : "not a regular file");
}

static int
sink_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct file_sink *sink = self;

    sink->object = (struct fb_object){.uri = fb_uri(step)};
    sink->written = 0;
    sink->flushed = 0;
    if (path_make_folders(sink->folder, err) != 0 ||
        check_target(sink, err) != 0)
        return -1;
    temp_clean(step, sink->folder, sink->name);
    if (faccessat(AT_FDCWD, sink->folder, W_OK | X_OK, AT_EACCESS) != 0)
        return path_cannot_write(err, "write", sink->path);
    return 0;
}

/* Made when there is something to write, for most runs refuse no row.  A file
 * that is made and removed is dear: ext4 takes care not to use its number
 * again for a while, and looks at all of these for each new file. */
static int
make_temp(struct file_sink *sink, struct fb_step *step, struct fb_error *err)
{
    if (sink->fd >= 0)
        return 0;
    return temp_create(step, sink->folder, sink->name, &sink->temp, &sink->fd,
                       err);
}

/* The disk may take what is written while more is made: then the fsync at the
 * end finds little to wait for.  It alone decides whether all went well. */
static void
flush_early(struct file_sink *sink, size_t size)
{
    sink->written += (off_t)size;
    if (sink->written - sink->flushed < FLUSH_STEP)
        return;
    (void)sync_file_range(sink->fd, sink->flushed,
                          sink->written - sink->flushed, SYNC_FILE_RANGE_WRITE);
    sink->flushed = sink->written;
}

static int
sink_write_bytes(void *self, struct fb_step *step, const unsigned char *bytes,
                 size_t size, struct fb_error *err)
{
    struct file_sink *sink = self;

    if (make_temp(sink, step, err) != 0)
        return -1;
    while (size > 0) {
        ssize_t n = write(sink->fd, bytes, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = EIO;
        if (n <= 0)
            return path_cannot_write(err, "write", sink->path);
        bytes += n;
        size -= (size_t)n;
        flush_early(sink, (size_t)n);
    }
    return 0;
}

/*
 * A run that was cut off after its rename and is made again finds its own
 * file here: then all is well already.
 */
static int
place_new(struct file_sink *sink, struct fb_error *err)
{
    bool same;

    if (renameat2(AT_FDCWD, sink->temp, AT_FDCWD, sink->path,
                  RENAME_NOREPLACE) == 0)
        return 0;
    /* EINVAL, ENOSYS: link(2) never replaces, on old file systems too. */
    if ((errno == EINVAL || errno == ENOSYS) &&
        link(sink->temp, sink->path) == 0) {
        (void)unlink(sink->temp);
        return 0;
    }
    if (errno != EEXIST)
        return path_cannot_write(err, "write", sink->path);
    if (same_contents(sink->fd, sink->path, &same, err) != 0)
        return -1;
    if (!same)
        return fb_fail(err, FB_E_OUTPUT,
                       "cannot write '%s': it exists, and 'if_exists' is "
                       "'fail'",
                       sink->path);
    (void)unlink(sink->temp);
    return 0;
}

static int
place(struct file_sink *sink, struct fb_error *err)
{
    if (check_target(sink, err) != 0)
        return -1;
    if (sink->if_exists == FAIL)
        return place_new(sink, err);
    if (rename(sink->temp, sink->path) != 0)
        return path_cannot_write(err, "write", sink->path);
    return 0;
}

/*
 * A failed fsync is final.  The kernel may have dropped the pages that could
 * not be written, so that a second fsync would claim what is not so.  The
 * descriptor is closed last, for its lock guards the temporary file until
 * that has its final name.
 */
static int
sink_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    struct file_sink *sink = self;
    struct stat st;

    if (make_temp(sink, step, err) != 0)
        return -1;
    assert(sink->temp != NULL);
    if (fsync(sink->fd) != 0)
        return path_cannot_write(err, "write", sink->path);
    if (place(sink, err) != 0)
        return -1;
    sink->temp = NULL;
    if (stat(sink->path, &st) != 0)
        return path_cannot_write(err, "look at", sink->path);
    generation_object(fb_uri(step), &st, sink->generation, &sink->object);
    return path_sync_folder(sink->folder, err);
}

static int
sink_stat(void *self, struct fb_step *step, struct fb_object *object,
          struct fb_error *err)
{
    const struct file_sink *sink = self;

    (void)step;
    (void)err;
    *object = sink->object;
    return 0;
}

static void
sink_close(void *self, struct fb_step *step)
{
    struct file_sink *sink = self;

    (void)step;
    if (sink->temp != NULL)
        (void)unlink(sink->temp);
    if (sink->fd >= 0)
        close(sink->fd);
    sink->temp = NULL;
    sink->fd = -1;
}

static int
sink_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct file_sink *sink = self;

    (void)step;
    if (check_target(sink, err) != 0)
        return -1;
    return path_probe_writable(sink->folder, err);
}

static const char *const if_exists_choices[] = {"replace", "fail", NULL};

static const struct fb_option sink_options[] = {
    {.name = "if_exists",
     FB_ENUM(struct file_sink, if_exists),
     .def = "replace",
     .choices = if_exists_choices,
     .help = "What to do when the file exists already with other contents."},
    {.name = NULL},
};

const struct fb_plugin file_sink_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "file",
    .summary = "Writes a file that appears whole or not at all.",
    .schemes = file_schemes,
    .options = sink_options,
    .instance_size = sizeof(struct file_sink),
    .check = sink_check,
    .open = sink_open,
    .write_bytes = sink_write_bytes,
    .finish = sink_finish,
    .close = sink_close,
    .stat = sink_stat,
    .probe = sink_probe,
};
