#define _GNU_SOURCE /* renameat2 */
#include "settle.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "generation.h"
#include "path.h"
#include "shared/on_success.h"

/* Whether what lies at path is the generation that was handled. */
static bool
is_handled(const char *path, const struct fb_object *object)
{
    char generation[GENERATION_SIZE];
    struct stat st;

    assert(object->generation != NULL);
    if (stat(path, &st) != 0)
        return false;
    generation_of(&st, generation);
    return strcmp(generation, object->generation) == 0;
}

static bool
exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static int
rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    return link(from, to) == 0 ? unlink(from) : -1;
}

/* The file was replaced between the look and the rename: undo the rename.
 * When yet another upload took the place, ours was overwritten anyway. */
static int
put_back(struct fb_step *step, const char *from, const char *path,
         struct fb_error *err)
{
    if (rename_new(from, path) == 0)
        return 0;
    if (errno != EEXIST)
        return path_cannot_write(err, "put back", path);
    fb_log(step, FB_WARN,
           "'%s' was replaced twice while it was settled; the "
           "one between is '%s'",
           path, from);
    return 0;
}

/* "DIR/.NAME.RUNID.settled": hidden, so that no trigger sees it. */
static char *
aside_path(struct fb_step *step, const char *path)
{
    const char *name = path_name(path), *run = fb_run_id(step);
    size_t size = strlen(name) + strlen(run) + sizeof("...settled");
    char *aside = fb_alloc(step, size);

    snprintf(aside, size, ".%.160s.%s.settled", name, run);
    return path_join(step, path_folder(step, path), aside);
}

int
settle_delete(struct fb_step *step, const struct fb_object *object,
              struct fb_error *err)
{
    const char *path = path_of_uri(object->uri);
    char *aside = aside_path(step, path);

    /* An attempt that was cut off may have left it aside. */
    if (is_handled(path, object)) {
        if (rename(path, aside) != 0)
            return errno == ENOENT ? 0 : path_cannot_write(err, "delete", path);
        if (!is_handled(aside, object))
            return put_back(step, aside, path, err);
    } else if (!exists(aside)) {
        return 0;
    }
    if (unlink(aside) != 0 && errno != ENOENT)
        return path_cannot_write(err, "delete", path);
    return path_sync_folder(path_folder(step, path), err);
}

static int
move_to(struct fb_step *step, const char *path, const char *folder,
        char **target, struct fb_error *err)
{
    const char *name = path_name(path);

    *target = path_join(step, folder, name);
    if (rename_new(path, *target) == 0)
        return 0;
    if (errno == EEXIST) {
        *target = path_join(step, folder, on_success_name(step, name));
        if (rename(path, *target) == 0)
            return 0;
    }
    if (errno != EXDEV)
        return path_cannot_write(err, "move", path);
    fb_fail(err, FB_E_CONFIG,
            "cannot move '%s' to '%s': it is on another file system", path,
            folder);
    return fb_hint(err, "name a folder beside the uploads in 'move_to'");
}

int
settle_move(struct fb_step *step, const struct fb_object *object,
            const char *folder, struct fb_error *err)
{
    const char *path = path_of_uri(object->uri);
    char *target;

    if (!is_handled(path, object))
        return 0;
    if (path_make_folders(folder, err) != 0 ||
        move_to(step, path, folder, &target, err) != 0)
        return -1;
    if (!is_handled(target, object))
        return put_back(step, target, path, err);
    if (path_sync_folder(folder, err) != 0)
        return -1;
    return path_sync_folder(path_folder(step, path), err);
}
