/*
 * serve/library.c: dlopen by the names that Debian and all others give these
 * libraries; their numbers stand for the interface in the headers.
 */
#include "serve/library.h"

#include <assert.h>
#include <dlfcn.h>
#include <string.h>

#include "util/mem.h"

static int
load(const char *name, const char *package, void **handle, struct fb_error *err)
{
    *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (*handle != NULL)
        return 0;
    fb_fail(err, FB_E_CONFIG, "cannot serve without %s: %s", name, dlerror());
    return fb_hint(err, "Debian has it in the package '%s'", package);
}

/* ISO C knows no conversion from an object's address to a function's. */
static int
find(void *handle, const char *symbol, void *function, struct fb_error *err)
{
    void *found = dlsym(handle, symbol);

    if (found == NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "the library that was loaded is too old to serve: it "
                       "has no '%s'",
                       symbol);
    static_assert(sizeof(found) == sizeof(void (*)(void)), "same size");
    memcpy(function, &found, sizeof(found));
    return 0;
}

int
library_load_mhd(struct library_mhd *mhd, struct fb_error *err)
{
    if (load("libmicrohttpd.so.12", "libmicrohttpd12", &mhd->handle, err) != 0)
        return -1;
#define LIBRARY_FIND(name_)                                      \
    if (find(mhd->handle, "MHD_" #name_, &mhd->name_, err) != 0) \
        return -1;
    LIBRARY_MHD(LIBRARY_FIND)
#undef LIBRARY_FIND
    return 0;
}

int
library_load_crypt(struct library_crypt *crypt, struct fb_error *err)
{
    if (load("libcrypt.so.1", "libcrypt1", &crypt->handle, err) != 0 ||
        find(crypt->handle, "crypt_r", &crypt->crypt_r, err) != 0)
        return -1;
    return find(crypt->handle, "crypt_gensalt_rn", &crypt->crypt_gensalt_rn,
                err);
}
