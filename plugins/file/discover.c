#include "discover.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "generation.h"
#include "path.h"
#include "pattern.h"
#include "shared/wildcard.h"
#include "temp.h"

#define DEPTH_MAX 64 /* folders below each other */

struct walk {
    struct fb_step *step;
    int64_t now_ms;
    const struct discover_rules *rules;
    fb_found_fn found;
    void *arg;
    bool stopped;     /* found wants no more */
    bool below;       /* a wildcard was passed: what is not there is no error */
    const char *deep; /* pattern from `**` on; NULL: none */
    size_t deep_start; /* of the part of the path that it must match */
    int depth;
    size_t path_start; /* in uri: after "file://" */
    size_t length;     /* of uri */
    char uri[PATH_MAX + 32];
};

static const char *
walk_path(const struct walk *walk)
{
    return walk->uri + walk->path_start;
}

static int
append(struct walk *walk, const char *text, size_t size, struct fb_error *err)
{
    if (size >= PATH_MAX - (walk->length - walk->path_start)) {
        errno = ENAMETOOLONG;
        return path_cannot_read(err, "list", walk_path(walk));
    }
    memcpy(walk->uri + walk->length, text, size);
    walk->length += size;
    walk->uri[walk->length] = '\0';
    return 0;
}

static void
cut(struct walk *walk, size_t length)
{
    assert(length <= walk->length && length >= walk->path_start);
    walk->length = length;
    walk->uri[length] = '\0';
}

/* By ctime, which cp -p and touch cannot set: how long nobody wrote. */
static bool
is_young(const struct walk *walk, const struct stat *st)
{
    int64_t changed_ms =
        (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;
    int64_t age_ms = walk->now_ms - changed_ms;

    return age_ms >= 0 && age_ms < walk->rules->min_age_ms;
}

/* A file may go away between listing it and looking at it. */
static bool
is_gone(int why)
{
    return why == ENOENT || why == ENOTDIR || why == ELOOP;
}

/* A link below the wildcard was made by whoever may write there. */
static bool
is_unwanted_link(const struct walk *walk)
{
    struct stat st;

    if (walk->rules->follow_links || !walk->below)
        return false;
    if (lstat(walk_path(walk), &st) != 0 || !S_ISLNK(st.st_mode))
        return false;
    fb_log(walk->step, FB_WARN,
           "'%s' is a symbolic link, and 'links: refuse' holds",
           walk_path(walk));
    return true;
}

static int
visit(struct walk *walk, struct fb_error *err)
{
    char generation[GENERATION_SIZE];
    struct fb_object object;
    struct stat st;

    if (stat(walk_path(walk), &st) != 0) {
        if (is_gone(errno))
            return 0;
        return path_cannot_read(err, "look at", walk_path(walk));
    }
    if (S_ISDIR(st.st_mode) && !walk->below) {
        fb_fail(err, FB_E_CONFIG, "cannot list '%s': it is a folder",
                walk_path(walk));
        return fb_hint(err, "'%s/*' names the files in it", walk->uri);
    }
    if (!S_ISREG(st.st_mode) || is_young(walk, &st))
        return 0;
    generation_object(walk->uri, &st, generation, &object);
    walk->stopped = walk->found(walk->arg, &object) != 0;
    return 0;
}

static int walk_segments(struct walk *walk, const char *pattern,
                         struct fb_error *err) FB_MUST_CHECK;
static int walk_folder(struct walk *walk, const char *pattern, size_t length,
                       struct fb_error *err) FB_MUST_CHECK;

/* Below `**`: folders are entered, files matched by their whole path. */
static int
walk_deep_entry(struct walk *walk, const char *name, struct fb_error *err)
{
    const char *rest = walk->uri + walk->deep_start;
    struct stat st;

    if (lstat(walk_path(walk), &st) != 0)
        return is_gone(errno)
                   ? 0
                   : path_cannot_read(err, "look at", walk_path(walk));
    if (S_ISDIR(st.st_mode))
        return name[0] == '.' ? 0 : walk_folder(walk, NULL, 0, err);
    rest += strspn(rest, "/");
    return pattern_match_path(walk->deep, rest) ? visit(walk, err) : 0;
}

static int
walk_entry(struct walk *walk, const char *name, const char *pattern,
           size_t length, struct fb_error *err)
{
    size_t before = walk->length;
    int status;

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || temp_is_ours(name))
        return 0;
    if (pattern != NULL && !pattern_match_name(pattern, length, name))
        return 0;
    if (append(walk, name, strlen(name), err) != 0)
        return -1;
    if (is_unwanted_link(walk)) {
        cut(walk, before);
        return 0;
    }
    status = pattern == NULL ? walk_deep_entry(walk, name, err)
                             : walk_segments(walk, pattern + length, err);
    cut(walk, before);
    return status;
}

static int
read_entries(struct walk *walk, DIR *dir, const char *pattern, size_t length,
             struct fb_error *err)
{
    while (!walk->stopped) {
        const struct dirent *entry;

        if (fb_cancelled(walk->step))
            return fb_fail(err, FB_E_CANCELLED,
                           "the listing was told to "
                           "stop");
        errno = 0;
        entry = readdir(dir);
        if (entry == NULL && errno != 0)
            return path_cannot_read(err, "list", walk_path(walk));
        if (entry == NULL)
            return 0;
        if (walk_entry(walk, entry->d_name, pattern, length, err) != 0)
            return -1;
    }
    return 0;
}

/* Every entry of the folder at hand: against one segment of the pattern, or
 * (pattern NULL) against all that follows `**`. */
static int
walk_folder(struct walk *walk, const char *pattern, size_t length,
            struct fb_error *err)
{
    size_t before = walk->length;
    bool below = walk->below;
    DIR *dir;
    int status;

    if (walk->depth == DEPTH_MAX)
        return fb_fail(err, FB_E_LIMIT,
                       "cannot list '%s': more than %d folders deep",
                       walk_path(walk), DEPTH_MAX);
    dir = opendir(before > walk->path_start ? walk_path(walk) : ".");
    if (dir == NULL)
        return below && is_gone(errno)
                   ? 0
                   : path_cannot_list(err, before > walk->path_start
                                               ? walk_path(walk)
                                               : ".");
    walk->depth++;
    walk->below = true;
    status = 0;
    if (before > walk->path_start && walk->uri[before - 1] != '/')
        status = append(walk, "/", 1, err);
    if (status == 0)
        status = read_entries(walk, dir, pattern, length, err);
    closedir(dir);
    cut(walk, before);
    walk->below = below;
    walk->depth--;
    return status;
}

static int
walk_deep(struct walk *walk, const char *pattern, struct fb_error *err)
{
    int status;

    assert(walk->deep == NULL);
    walk->deep = pattern;
    walk->deep_start = walk->length;
    status = walk_folder(walk, NULL, 0, err);
    walk->deep = NULL;
    return status;
}

/* What is left of the pattern, from the path at hand on. */
static int
walk_segments(struct walk *walk, const char *pattern, struct fb_error *err)
{
    size_t before = walk->length, slashes = strspn(pattern, "/");
    size_t length = strcspn(pattern + slashes, "/");
    int status;

    if (pattern[0] == '\0')
        return visit(walk, err);
    if (pattern_is_wild(pattern + slashes, length)) {
        pattern += slashes;
        if (slashes > 0 && before == walk->path_start &&
            append(walk, "/", 1, err) != 0)
            return -1;
        status = wildcard_is_deep(pattern)
                     ? walk_deep(walk, pattern, err)
                     : walk_folder(walk, pattern, length, err);
    } else {
        status = append(walk, pattern, slashes + length, err);
        if (status == 0)
            status = walk_segments(walk, pattern + slashes + length, err);
    }
    cut(walk, before);
    return status;
}

int
discover(struct fb_step *step, const char *pattern_uri,
         const struct discover_rules *rules, fb_found_fn found, void *arg,
         struct fb_error *err)
{
    const char *pattern = path_of_uri(pattern_uri);
    size_t scheme = (size_t)(pattern - pattern_uri);
    struct walk *walk = malloc(sizeof(*walk));
    int status;

    if (walk == NULL)
        return fb_fail(err, FB_E_FAILED, "cannot list '%s': out of memory",
                       pattern_uri);
    *walk = (struct walk){
        .step = step,
        .now_ms = fb_now_ms(step),
        .rules = rules,
        .found = found,
        .arg = arg,
        .path_start = scheme,
        .length = scheme,
    };
    memcpy(walk->uri, pattern_uri, scheme);
    status = walk_segments(walk, pattern, err);
    free(walk);
    return status;
}

char *
discover_root(struct fb_step *step, const char *pattern)
{
    size_t end = 0, length;
    char *root;

    while (length = strcspn(pattern + end, "/"),
           !pattern_is_wild(pattern + end, length)) {
        end += length;
        if (pattern[end] == '\0')
            return NULL;
        end += strspn(pattern + end, "/");
    }
    while (end > 1 && pattern[end - 1] == '/')
        end--;
    root = fb_alloc(step, end + 2);
    memcpy(root, end > 0 ? pattern : ".", end > 0 ? end : 1);
    return root;
}
