#define _GNU_SOURCE /* secure_getenv */
#include "registry/registry.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "registry/authorise.h"
#include "registry/descriptor.h"
#include "registry/load.h"
#include "registry/scheme.h"
#include "util/arena.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

#define FILES_MAX 4096 /* plugin files of one folder */

struct entry {
    const struct fb_plugin *plugin;
    const char *path;
};

struct registry {
    struct arena *arena; /* holds the texts and the copies */
    struct entry *entries;
    size_t count;
    struct registry_refusal *refusals;
    size_t refused;
};

/* --- taking descriptors in --- */

static struct registry *
registry_new(void)
{
    struct registry *registry = mem_zalloc(sizeof(*registry));

    registry->arena = arena_new();
    return registry;
}

void
registry_free(struct registry *registry)
{
    if (registry == NULL)
        return;
    arena_free(registry->arena);
    free(registry->entries);
    free(registry->refusals);
    free(registry);
}

static bool
has_scheme(const struct fb_plugin *plugin, const char *scheme)
{
    const char *const *schemes = plugin->schemes;

    for (size_t i = 0; schemes != NULL && schemes[i] != NULL; i++)
        if (strcmp(schemes[i], scheme) == 0)
            return true;
    return false;
}

/* Whether two of a kind could both be meant. */
static int
check_unlike(const struct fb_plugin *plugin, const struct entry *other,
             struct fb_error *err)
{
    const char *kind = registry_kind_name(plugin->kind);
    const char *const *schemes = plugin->schemes;

    if (plugin->kind != other->plugin->kind)
        return 0;
    if (strcmp(plugin->name, other->plugin->name) == 0)
        return fb_fail(err, FB_E_CONFIG,
                       "there is a %s '%s' already, from '%s'", kind,
                       plugin->name, other->path);
    for (size_t i = 0; schemes != NULL && schemes[i] != NULL; i++)
        if (has_scheme(other->plugin, schemes[i]))
            return fb_fail(err, FB_E_CONFIG,
                           "the %s '%s' and the %s '%s' from '%s' both have "
                           "the scheme '%s'",
                           kind, plugin->name, kind, other->plugin->name,
                           other->path, schemes[i]);
    return 0;
}

static int
add(struct registry *registry, const struct fb_plugin *given, const char *path,
    struct fb_error *err)
{
    const struct fb_plugin *plugin;

    if (descriptor_copy(registry->arena, given, &plugin, err) != 0)
        return -1;
    for (size_t i = 0; i < registry->count; i++)
        if (check_unlike(plugin, &registry->entries[i], err) != 0)
            return -1;
    registry->entries = mem_regrow(registry->entries, registry->count + 1,
                                   sizeof(registry->entries[0]));
    registry->entries[registry->count++] =
        (struct entry){.plugin = plugin, .path = path};
    return 0;
}

/* All of a file's descriptors, or none. */
static int
add_file(struct registry *registry, const struct authorised_folder *folder,
         const char *name, const char *path, struct fb_error *err)
{
    AUTO_CLOSE int fd = -1;
    struct load_result loaded;
    size_t before = registry->count;

    if (authorise_file_open(folder, name, &fd, err) != 0 ||
        load_file(fd, name, &loaded, err) != 0)
        return -1;
    for (size_t i = 0; i < loaded.count; i++) {
        if (add(registry, loaded.plugins[i], path, err) != 0) {
            registry->count = before;
            return -1;
        }
    }
    return 0;
}

static void
refuse(struct registry *registry, const char *path, const struct fb_error *why)
{
    struct registry_refusal *refusal;

    assert(why->code != FB_E_NONE);
    registry->refusals = mem_regrow(registry->refusals, registry->refused + 1,
                                    sizeof(registry->refusals[0]));
    refusal = &registry->refusals[registry->refused++];
    refusal->path = path;
    refusal->reason = arena_strdup(registry->arena, why->message);
    if (why->hint[0] != '\0')
        refusal->reason = arena_printf(registry->arena, "%s (hint: %s)",
                                       why->message, why->hint);
}

/* --- folders --- */

static int
is_plugin_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && text_ends_with(entry->d_name, ".so");
}

/* alphasort() would sort by the locale. */
static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
add_names(struct registry *registry, const struct authorised_folder *folder,
          struct dirent **names, int count, struct fb_error *err)
{
    if (count > FILES_MAX)
        return fb_fail(err, FB_E_LIMIT,
                       "the plugin folder '%s' holds more than %d files",
                       folder->path, FILES_MAX);
    for (int i = 0; i < count; i++) {
        const char *name = names[i]->d_name;
        const char *path = file_join(registry->arena, folder->path, name);
        struct fb_error why;

        if (add_file(registry, folder, name, path, &why) != 0)
            refuse(registry, path, &why);
    }
    return 0;
}

static int
add_folder(struct registry *registry, const struct authorised_folder *folder,
           struct fb_error *err)
{
    struct dirent **names = NULL;
    int count = scandirat(folder->fd, ".", &names, is_plugin_name, by_bytes);
    int result;

    if (count < 0)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot list the plugin folder '%s': %s", folder->path,
                       strerror(errno));
    result = add_names(registry, folder, names, count, err);
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    return result;
}

/* A folder that is named twice is read once. */
static bool
is_among(const char *path, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(path, paths[i]) == 0)
            return true;
    return false;
}

static int
add_folders(struct registry *registry, const char *const *folders, size_t count,
            struct fb_error *err)
{
    const char **seen =
        arena_array(registry->arena, count, sizeof(const char *));

    for (size_t i = 0; i < count; i++) {
        struct authorised_folder folder;
        int result;

        if (authorise_folder_open(registry->arena, folders[i], &folder, err))
            return -1;
        seen[i] = folder.path;
        result = is_among(folder.path, seen, i)
                     ? 0
                     : add_folder(registry, &folder, err);
        authorise_folder_close(&folder);
        if (result != 0)
            return -1;
    }
    return 0;
}

int
registry_open(const char *const *folders, size_t count,
              struct registry **registry, struct fb_error *err)
{
    *registry = registry_new();
    if (add_folders(*registry, folders, count, err) == 0)
        return 0;
    registry_free(*registry);
    *registry = NULL;
    return -1;
}

struct registry *
registry_of(const struct fb_plugin *const *plugins, size_t count)
{
    struct registry *registry = registry_new();

    for (size_t i = 0; i < count; i++) {
        struct fb_error err;
        int added = add(registry, plugins[i], "built in", &err);

        assert(added == 0);
        (void)added;
    }
    return registry;
}

/* --- where to look --- */

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
registry_folders(struct arena *arena, const char *flag,
                 const char *const **folders, size_t *count,
                 struct fb_error *err)
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

/* --- asking --- */

size_t
registry_count(const struct registry *registry)
{
    return registry->count;
}

const struct fb_plugin *
registry_at(const struct registry *registry, size_t index)
{
    assert(index < registry->count);
    return registry->entries[index].plugin;
}

const char *
registry_path(const struct registry *registry, size_t index)
{
    assert(index < registry->count);
    return registry->entries[index].path;
}

size_t
registry_refused_count(const struct registry *registry)
{
    return registry->refused;
}

const struct registry_refusal *
registry_refused(const struct registry *registry, size_t index)
{
    assert(index < registry->refused);
    return &registry->refusals[index];
}

const struct registry_refusal *
registry_refused_by_name(const struct registry *registry, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < registry->refused; i++) {
        const char *file = file_name(registry->refusals[i].path);

        if (strncmp(file, name, length) == 0 &&
            strcmp(file + length, ".so") == 0)
            return &registry->refusals[i];
    }
    return NULL;
}

const char *
registry_kind_name(enum fb_kind kind)
{
    const char *name = descriptor_kind_name(kind);

    assert(name != NULL);
    return name;
}

const struct fb_plugin *
registry_by_name(const struct registry *registry, enum fb_kind kind,
                 const char *name)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct fb_plugin *plugin = registry->entries[i].plugin;

        if (plugin->kind == kind && strcmp(plugin->name, name) == 0)
            return plugin;
    }
    return NULL;
}

const struct fb_plugin *
registry_by_format(const struct registry *registry, enum fb_kind kind,
                   const char *format)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct fb_plugin *plugin = registry->entries[i].plugin;
        const char *const *name = plugin->formats;

        if (plugin->kind != kind)
            continue;
        for (; name != NULL && *name != NULL; name++)
            if (strcmp(*name, format) == 0)
                return plugin;
    }
    return NULL;
}

const char *
registry_nearest(const struct registry *registry, enum fb_kind kind,
                 const char *name)
{
    AUTO_FREE const char **names =
        mem_array(registry->count + 1, sizeof(const char *));
    size_t count = 0;

    for (size_t i = 0; i < registry->count; i++)
        if (registry->entries[i].plugin->kind == kind)
            names[count++] = registry->entries[i].plugin->name;
    return text_nearest(name, names, count);
}

const struct fb_plugin *
registry_by_uri(const struct registry *registry, enum fb_kind kind,
                const char *uri)
{
    const struct fb_plugin *best = NULL;
    unsigned best_match = 0;

    for (size_t i = 0; i < registry->count; i++) {
        const struct fb_plugin *plugin = registry->entries[i].plugin;
        const char *const *schemes = plugin->schemes;

        for (; plugin->kind == kind && schemes != NULL && *schemes != NULL;
             schemes++) {
            unsigned fit = scheme_match(*schemes, uri);

            if (fit > best_match) {
                best_match = fit;
                best = plugin;
            }
        }
    }
    return best;
}
