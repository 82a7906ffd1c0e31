/*
 * registry/library.h: one plugin file.  What it holds is known as soon as it
 * is open, mostly from its FB_PROVIDES; its code is loaded, and so runs, when
 * somebody asks for it.  A file without FB_PROVIDES is loaded at once.
 */
#ifndef REGISTRY_LIBRARY_H
#define REGISTRY_LIBRARY_H

#include "registry/authorise.h"

struct library {
    const char *path;
    /* The host's own copies.  Before library_load they have kind, name,
     * schemes and formats alone; loading fills the same structures. */
    struct fb_plugin *plugins;
    size_t count;
    bool loaded;
    int fd; /* of the file that was authorised; -1 once it is loaded */
};

/*
 * Open `name` in the folder, if it is trusted and its bytes are a plugin's.
 * Everything lives in the arena but the descriptor: close the library in any
 * case.
 */
int library_open(struct arena *arena, const struct authorised_folder *folder,
                 const char *name, struct library *library,
                 struct fb_error *err) FB_MUST_CHECK;

/* Nothing happens when it is loaded already.  When this fails, the library
 * holds no plugin. */
int library_load(struct library *library, struct arena *arena,
                 struct fb_error *err) FB_MUST_CHECK;

/* What was loaded stays loaded. */
void library_close(struct library *library);

#endif
