#define _GNU_SOURCE /* secure_getenv */
#include "registry/search.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "util/file.h"
#include "util/mem.h"

static int
split_folders(struct arena *arena, const char *list, const char *origin,
              const char *const **folders, size_t *count, struct fb_error *err)
{
    char *rest = arena_strdup(arena, list);
    const char **names;
    size_t most = 1;

    for (const char *c = list; *c != '\0'; c++)
        most += *c == ':';
    names = arena_array(arena, most, sizeof(const char *));
    *count = 0;
    while (rest != NULL) {
        char *name = strsep(&rest, ":");

        if (*name == '\0')
            return fb_fail(err, FB_E_CONFIG,
                           "%s '%s' holds an empty folder name", origin, list);
        names[(*count)++] = name;
    }
    assert(*count == most);
    *folders = names;
    return 0;
}

/* NULL when there is none, or when nobody can tell. */
static const char *
folder_beside_program(struct arena *arena)
{
    AUTO_FREE char *program = realpath("/proc/self/exe", NULL);
    const char *folder;
    struct stat status;

    if (program == NULL)
        return NULL;
    folder = file_join(arena, file_folder(arena, program), "plugins");
    if (stat(folder, &status) != 0 || !S_ISDIR(status.st_mode))
        return NULL;
    return folder;
}

int
search_folders(struct arena *arena, const char *flag,
               const char *const **folders, size_t *count, struct fb_error *err)
{
    const char *variable = secure_getenv("FOREBAY_PLUGINS");
    const char **one;

    if (flag != NULL)
        return split_folders(arena, flag, "--plugins", folders, count, err);
    if (variable != NULL && *variable != '\0')
        return split_folders(arena, variable, "FOREBAY_PLUGINS", folders, count,
                             err);
    one = arena_array(arena, 1, sizeof(const char *));
    one[0] = folder_beside_program(arena);
    if (one[0] == NULL)
        one[0] = FB_PLUGIN_DIR;
    *folders = one;
    *count = 1;
    return 0;
}
