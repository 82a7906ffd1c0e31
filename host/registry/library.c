#include "registry/library.h"

#include <assert.h>
#include <stdlib.h>

#include "registry/descriptor.h"
#include "registry/load.h"
#include "registry/provides.h"
#include "util/file.h"
#include "util/mem.h"

/* Without a promise the file's word is taken. */
static int
take_all(struct library *library, struct arena *arena,
         const struct load_result *loaded, bool promised, struct fb_error *err)
{
    if (!promised) {
        library->plugins =
            arena_array(arena, loaded->count, sizeof(*library->plugins));
        library->count = loaded->count;
    }
    if (loaded->count != library->count)
        return fb_fail(err, FB_E_CONFIG,
                       "FB_PROVIDES names %zu plugins, FB_PLUGINS %zu",
                       library->count, loaded->count);
    for (size_t i = 0; i < loaded->count; i++) {
        const struct fb_plugin *copy;

        if (descriptor_copy(arena, loaded->plugins[i], &copy, err) != 0 ||
            (promised &&
             provides_compare(&library->plugins[i], copy, err) != 0))
            return -1;
        library->plugins[i] = *copy;
    }
    return 0;
}

static int
load(struct library *library, struct arena *arena, bool promised,
     struct fb_error *err)
{
    struct load_result loaded;

    assert(library->fd >= 0 && !library->loaded);
    if (load_file(library->fd, file_name(library->path), &loaded, err) != 0 ||
        take_all(library, arena, &loaded, promised, err) != 0) {
        library->count = 0;
        return -1;
    }
    library->loaded = true;
    library_close(library);
    return 0;
}

int
library_load(struct library *library, struct arena *arena, struct fb_error *err)
{
    return library->loaded ? 0 : load(library, arena, true, err);
}

int
library_open(struct arena *arena, const struct authorised_folder *folder,
             const char *name, struct library *library, struct fb_error *err)
{
    AUTO_FREE char *text = NULL;

    *library = (struct library){.path = file_join(arena, folder->path, name),
                                .fd = -1};
    if (authorise_file_open(folder, name, &library->fd, err) != 0 ||
        load_peek(library->fd, &text, err) != 0)
        return -1;
    if (text == NULL)
        return load(library, arena, false, err);
    return provides_parse(arena, text, &library->plugins, &library->count, err);
}

void
library_close(struct library *library)
{
    mem_close_fd(&library->fd);
    library->fd = -1;
}
