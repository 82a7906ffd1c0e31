#define _GNU_SOURCE /* scandirat */
#include "registry/registry.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "registry/authorise.h"
#include "registry/descriptor.h"
#include "registry/library.h"
#include "registry/scheme.h"
#include "util/arena.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

#define FILES_MAX 4096 /* plugin files of one folder */

struct entry {
    struct fb_plugin *plugin;
    const char *path;
    struct library *library; /* NULL: built in */
};

/* What is known, and what is refused, changes while plugins are loaded; what
 * a registry answers does not.  So this lies behind it. */
struct shelf {
    struct library **libraries;
    size_t library_count;
    struct entry *entries;
    size_t count;
    struct registry_refusal **refusals;
    size_t refused;
};

struct registry {
    struct arena *arena; /* holds the texts and the copies */
    struct shelf *shelf;
};

/* --- taking descriptors in --- */

static struct registry *
registry_new(void)
{
    struct registry *registry = mem_zalloc(sizeof(*registry));

    registry->arena = arena_new();
    registry->shelf = mem_zalloc(sizeof(*registry->shelf));
    return registry;
}

void
registry_free(struct registry *registry)
{
    if (registry == NULL)
        return;
    for (size_t i = 0; i < registry->shelf->library_count; i++)
        library_close(registry->shelf->libraries[i]);
    free(registry->shelf->libraries);
    free(registry->shelf->entries);
    free(registry->shelf->refusals);
    free(registry->shelf);
    arena_free(registry->arena);
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
add(struct shelf *shelf, const struct entry *entry, struct fb_error *err)
{
    for (size_t i = 0; i < shelf->count; i++)
        if (check_unlike(entry->plugin, &shelf->entries[i], err) != 0)
            return -1;
    shelf->entries =
        mem_regrow(shelf->entries, shelf->count + 1, sizeof(shelf->entries[0]));
    shelf->entries[shelf->count++] = *entry;
    return 0;
}

/* All of a file's descriptors, or none. */
static int
add_library(struct shelf *shelf, struct library *library, struct fb_error *err)
{
    size_t before = shelf->count;

    for (size_t i = 0; i < library->count; i++) {
        const struct entry entry = {.plugin = &library->plugins[i],
                                    .path = library->path,
                                    .library = library};

        if (add(shelf, &entry, err) != 0) {
            shelf->count = before;
            return -1;
        }
    }
    shelf->libraries = mem_regrow(shelf->libraries, shelf->library_count + 1,
                                  sizeof(struct library *));
    shelf->libraries[shelf->library_count++] = library;
    return 0;
}

/* Those handed out stay where they are. */
static void
refuse(const struct registry *registry, const char *path,
       const struct fb_error *why)
{
    struct shelf *shelf = registry->shelf;
    struct registry_refusal *refusal =
        arena_alloc(registry->arena, sizeof(*refusal));

    assert(why->code != FB_E_NONE);
    refusal->path = path;
    refusal->reason = arena_strdup(registry->arena, why->message);
    if (why->hint[0] != '\0')
        refusal->reason = arena_printf(registry->arena, "%s (hint: %s)",
                                       why->message, why->hint);
    shelf->refusals = mem_regrow(shelf->refusals, shelf->refused + 1,
                                 sizeof(struct registry_refusal *));
    shelf->refusals[shelf->refused++] = refusal;
}

static void
add_file(struct registry *registry, const struct authorised_folder *folder,
         const char *name)
{
    struct library *library = arena_zalloc(registry->arena, sizeof(*library));
    struct fb_error why;

    if (library_open(registry->arena, folder, name, library, &why) == 0 &&
        add_library(registry->shelf, library, &why) == 0)
        return;
    library_close(library);
    refuse(registry, library->path, &why);
}

/* --- loading --- */

static void
remove_library(struct shelf *shelf, const struct library *library)
{
    size_t kept = 0;

    for (size_t i = 0; i < shelf->count; i++)
        if (shelf->entries[i].library != library)
            shelf->entries[kept++] = shelf->entries[i];
    shelf->count = kept;
}

/* False: it was refused, and so is not there any more. */
static bool
load(const struct registry *registry, const struct entry *entry)
{
    struct library *library = entry->library;
    struct fb_error why;

    if (library == NULL || library_load(library, registry->arena, &why) == 0)
        return true;
    remove_library(registry->shelf, library);
    refuse(registry, library->path, &why);
    return false;
}

bool
registry_is_called(const struct registry *registry, size_t index,
                   const char *name)
{
    const char *file = file_name(registry_path(registry, index));
    size_t length = strlen(name);

    return strcmp(registry_at(registry, index)->name, name) == 0 ||
           (strncmp(file, name, length) == 0 &&
            strcmp(file + length, ".so") == 0);
}

void
registry_load(const struct registry *registry, const char *name)
{
    const struct shelf *shelf = registry->shelf;
    size_t i = 0;

    while (i < shelf->count) {
        const struct entry *entry = &shelf->entries[i];

        if ((name == NULL || registry_is_called(registry, i, name)) &&
            !load(registry, entry))
            i = 0;
        else
            i++;
    }
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
    for (int i = 0; i < count; i++)
        add_file(registry, folder, names[i]->d_name);
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

static void
add_built_in(struct registry *registry, const struct fb_plugin *given)
{
    struct entry entry = {.path = "built in"};
    const struct fb_plugin *copy;
    struct fb_error err;
    int added = descriptor_copy(registry->arena, given, &copy, &err);

    assert(added == 0);
    entry.plugin = arena_alloc(registry->arena, sizeof(*entry.plugin));
    *entry.plugin = *copy;
    added = add(registry->shelf, &entry, &err);
    assert(added == 0);
    (void)added;
}

struct registry *
registry_of(const struct fb_plugin *const *plugins, size_t count)
{
    struct registry *registry = registry_new();

    for (size_t i = 0; i < count; i++)
        add_built_in(registry, plugins[i]);
    return registry;
}

/* --- asking --- */

size_t
registry_count(const struct registry *registry)
{
    return registry->shelf->count;
}

const struct fb_plugin *
registry_at(const struct registry *registry, size_t index)
{
    assert(index < registry->shelf->count);
    return registry->shelf->entries[index].plugin;
}

const char *
registry_path(const struct registry *registry, size_t index)
{
    assert(index < registry->shelf->count);
    return registry->shelf->entries[index].path;
}

size_t
registry_refused_count(const struct registry *registry)
{
    return registry->shelf->refused;
}

const struct registry_refusal *
registry_refused(const struct registry *registry, size_t index)
{
    assert(index < registry->shelf->refused);
    return registry->shelf->refusals[index];
}

const struct registry_refusal *
registry_refused_by_name(const struct registry *registry, const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < registry->shelf->refused; i++) {
        const struct registry_refusal *refusal = registry->shelf->refusals[i];
        const char *file = file_name(refusal->path);

        if (strncmp(file, name, length) == 0 &&
            strcmp(file + length, ".so") == 0)
            return refusal;
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
    for (size_t i = 0; i < registry->shelf->count; i++) {
        const struct entry *entry = &registry->shelf->entries[i];
        const struct fb_plugin *plugin = entry->plugin;

        if (plugin->kind == kind && strcmp(plugin->name, name) == 0)
            return load(registry, entry) ? plugin : NULL;
    }
    return NULL;
}

const struct fb_plugin *
registry_by_format(const struct registry *registry, enum fb_kind kind,
                   const char *format)
{
    for (size_t i = 0; i < registry->shelf->count; i++) {
        const struct entry *entry = &registry->shelf->entries[i];
        const struct fb_plugin *plugin = entry->plugin;
        const char *const *name = plugin->formats;

        if (plugin->kind != kind)
            continue;
        for (; name != NULL && *name != NULL; name++)
            if (strcmp(*name, format) == 0)
                return load(registry, entry) ? plugin : NULL;
    }
    return NULL;
}

const char *
registry_nearest(const struct registry *registry, enum fb_kind kind,
                 const char *name)
{
    AUTO_FREE const char **names =
        mem_array(registry->shelf->count + 1, sizeof(const char *));
    size_t count = 0;

    for (size_t i = 0; i < registry->shelf->count; i++)
        if (registry->shelf->entries[i].plugin->kind == kind)
            names[count++] = registry->shelf->entries[i].plugin->name;
    return text_nearest(name, names, count);
}

static const struct entry *
best_by_uri(const struct shelf *shelf, enum fb_kind kind, const char *uri)
{
    const struct entry *best = NULL;
    unsigned best_match = 0;

    for (size_t i = 0; i < shelf->count; i++) {
        const struct fb_plugin *plugin = shelf->entries[i].plugin;
        const char *const *schemes = plugin->schemes;

        for (; plugin->kind == kind && schemes != NULL && *schemes != NULL;
             schemes++) {
            unsigned fit = scheme_match(*schemes, uri);

            if (fit > best_match) {
                best_match = fit;
                best = &shelf->entries[i];
            }
        }
    }
    return best;
}

const struct fb_plugin *
registry_by_uri(const struct registry *registry, enum fb_kind kind,
                const char *uri)
{
    const struct entry *best;

    do
        best = best_by_uri(registry->shelf, kind, uri);
    while (best != NULL && !load(registry, best));
    return best == NULL ? NULL : best->plugin;
}
