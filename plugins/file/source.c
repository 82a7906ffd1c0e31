/*
 * source.c: lists files, reads one as bytes, and settles it when its run is
 * done.  What the bytes mean is the host's business.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "discover.h"
#include "file.h"
#include "generation.h"
#include "path.h"
#include "pattern.h"
#include "settle.h"
#include "shared/on_success.h"

enum { LINKS_REFUSE = 1, LINKS_FOLLOW };

struct file_source {
    struct on_success after;
    int64_t min_age_ms;
    int links;

    const char *path; /* or pattern */
    int fd;
    char generation[GENERATION_SIZE];
};

static int
check_move_to(const struct file_source *source, struct fb_step *step,
              struct fb_error *err)
{
    const char *folder = path_folder(step, source->path);

    if (on_success_check(&source->after, step, "", err) != 0)
        return -1;
    if (source->after.what != ON_SUCCESS_MOVE)
        return 0;
    if (path_check_uri(step, "move_to", source->after.move_to, err) != 0)
        return -1;
    if (pattern_match_path(folder, path_of_uri(source->after.move_to)))
        return on_success_watched(&source->after, step, err);
    return 0;
}

static int
source_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct file_source *source = self;
    const char *uri = fb_uri(step);

    source->fd = -1;
    if (path_check_uri(step, "uri", uri, err) != 0)
        return -1;
    source->path = path_of_uri(uri);
    if (path_name(source->path)[0] == '\0') {
        fb_bad_option(step, err, "uri", 0, "'%s' names a folder, not a file",
                      uri);
        return fb_hint(err, "'%s*' names the files in it", uri);
    }
    return check_move_to(source, step, err);
}

static int
source_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct file_source *source = self;

    if (source->min_age_ms > 0)
        return fb_bad_option(step, err, "min_age", 0,
                             "'min_age' belongs to the trigger: a source reads "
                             "at once");
    return on_success_bind(&source->after, step, err);
}

static int
source_discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
                struct fb_error *err)
{
    const struct file_source *source = self;

    const struct discover_rules rules = {
        .min_age_ms = source->min_age_ms,
        .follow_links = source->links == LINKS_FOLLOW,
    };

    return discover(step, fb_uri(step), &rules, found, arg, err);
}

static int
refuse_special(const char *path, const struct stat *st, struct fb_error *err)
{
    return fb_fail(err, FB_E_INPUT, "cannot read '%s': it is %s", path,
                   S_ISDIR(st->st_mode) ? "a folder" : "not a regular file");
}

static int
cannot_open(const char *path, struct fb_error *err)
{
    bool is_link = errno == ELOOP;

    path_cannot_read(err, "open", path);
    if (is_link)
        fb_hint(err, "symbolic links are not followed; where only trusted "
                     "people can make them, say 'links: follow'");
    if (err->code == FB_E_MISSING && pattern_is_wild(path, strlen(path)))
        fb_hint(err, "a source reads one file; a pattern belongs to the "
                     "trigger, whose file is ${trigger.uri}");
    return -1;
}

/* Not blocking: opening a FIFO must not wait for somebody to write to it. */
static int
source_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct file_source *source = self;
    struct stat st;

    (void)step;
    source->fd = open(source->path,
                      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC |
                          (source->links == LINKS_FOLLOW ? 0 : O_NOFOLLOW));
    if (source->fd < 0)
        return cannot_open(source->path, err);
    if (fstat(source->fd, &st) != 0)
        path_cannot_read(err, "open", source->path);
    else if (!S_ISREG(st.st_mode))
        refuse_special(source->path, &st, err);
    else {
        (void)posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
        return 0;
    }
    close(source->fd);
    source->fd = -1;
    return -1;
}

static int
source_read_bytes(void *self, struct fb_step *step, unsigned char *bytes,
                  size_t size, size_t *got, struct fb_error *err)
{
    const struct file_source *source = self;
    ssize_t n;

    (void)step;
    assert(source->fd >= 0);
    do
        n = read(source->fd, bytes, size);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return path_cannot_read(err, "read", source->path);
    *got = (size_t)n;
    return 0;
}

/*
 * The generation at hand is the one of the open file: written to, it shows
 * another.  When another file lies at the path by now, what was read is no
 * longer what the uploader means.  A file that is gone was read whole.
 */
static int
source_stat(void *self, struct fb_step *step, struct fb_object *object,
            struct fb_error *err)
{
    struct file_source *source = self;
    struct stat opened, now;

    assert(source->fd >= 0);
    if (fstat(source->fd, &opened) != 0)
        return path_cannot_read(err, "look at", source->path);
    if (stat(source->path, &now) == 0 &&
        (now.st_ino != opened.st_ino || now.st_dev != opened.st_dev))
        return fb_fail(err, FB_E_CHANGED, "'%s' was replaced while it was read",
                       source->path);
    generation_object(fb_uri(step), &opened, source->generation, object);
    return 0;
}

static void
source_close(void *self, struct fb_step *step)
{
    struct file_source *source = self;

    (void)step;
    close(source->fd);
    source->fd = -1;
}

/* What failed stays for people to look at: its generation is on record, so
 * it is not tried again until it changes. */
static int
source_settle(void *self, struct fb_step *step, const struct fb_object *object,
              bool success, struct fb_error *err)
{
    const struct file_source *source = self;

    if (!success || source->after.what == ON_SUCCESS_KEEP)
        return 0;
    if (source->after.what == ON_SUCCESS_DELETE)
        return settle_delete(step, object, err);
    return settle_move(step, object, path_of_uri(source->after.move_to), err);
}

/* Of a pattern, only the folder before the first wildcard can be judged. */
static int
probe_path(const char *path, bool folder, struct fb_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return folder ? path_cannot_list(err, path)
                      : path_cannot_read(err, "read", path);
    if (folder && !S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return path_cannot_list(err, path);
    }
    if (!folder && !S_ISREG(st.st_mode))
        return refuse_special(path, &st, err);
    if (faccessat(AT_FDCWD, path, folder ? R_OK | X_OK : R_OK, AT_EACCESS) != 0)
        return path_cannot_read(err, folder ? "list" : "read", path);
    return 0;
}

static int
source_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct file_source *source = self;
    const char *root = discover_root(step, source->path);

    if (probe_path(root != NULL ? root : source->path, root != NULL, err) != 0)
        return -1;
    if (source->after.what == ON_SUCCESS_DELETE)
        return path_probe_writable(
            root != NULL ? root : path_folder(step, source->path), err);
    if (source->after.what == ON_SUCCESS_MOVE)
        return path_probe_writable(path_of_uri(source->after.move_to), err);
    return 0;
}

static const char *const links_choices[] = {"refuse", "follow", NULL};

static const struct fb_option source_options[] = {
    ON_SUCCESS_OPTIONS(struct file_source, after, "file",
                       ", on the same file system, for 'on_success: move'"),
    {.name = "min_age",
     FB_DURATION(struct file_source, min_age_ms),
     .def = "0s",
     .min = 0,
     .max = INT64_C(86400000),
     .help = "Leave files alone that were changed less than this ago: they "
             "may still be being written."},
    {.name = "links",
     FB_ENUM(struct file_source, links),
     .def = "refuse",
     .choices = links_choices,
     .help = "Whether files that are symbolic links are read: who may make "
             "one in a watched folder could have any file read."},
    {.name = NULL},
};

const struct fb_plugin file_source_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "file",
    .summary = "Reads files, and lists those that a pattern names.",
    .schemes = file_schemes,
    .options = source_options,
    .instance_size = sizeof(struct file_source),
    .check = source_check,
    .bind = source_bind,
    .open = source_open,
    .close = source_close,
    .discover = source_discover,
    .stat = source_stat,
    .read_bytes = source_read_bytes,
    .settle = source_settle,
    .probe = source_probe,
};
