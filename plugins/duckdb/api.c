/*
 * duckdb/api.c: finding libduckdb.so, and its functions in it.
 */
#define _GNU_SOURCE 1 /* secure_getenv */
#include "api.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "libduckdb.so"

#ifndef DUCKDB_FOLDER
#define DUCKDB_FOLDER "" /* where `make install` puts the library */
#endif

static int
hint(struct fb_error *err)
{
    return fb_hint(err, "put libduckdb.so of DuckDB 1.4 or newer where the "
                        "library path finds it, or name it: settings: "
                        "{duckdb: {library: /path/libduckdb.so}}; `make "
                        "check` in the sources fetches one");
}

/*
 * A library that is not there, or not fit to be used, is FB_E_UNAVAILABLE and
 * no mistake of the pipeline: it is mended on this machine, and then the run is
 * tried again although the pipeline's text is what it was.
 */

/* What is loaded runs with our rights. */
static int
check_owner(const char *path, struct fb_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        fb_fail(err, FB_E_UNAVAILABLE, "cannot load DuckDB from '%s': %s", path,
                strerror(errno));
        return hint(err);
    }
    if ((st.st_uid != 0 && st.st_uid != geteuid()) ||
        (st.st_mode & (S_IWGRP | S_IWOTH)))
        return fb_fail(err, FB_E_UNAVAILABLE,
                       "cannot load DuckDB from '%s': the file is not ours "
                       "alone: it must belong to root or to us, and nobody "
                       "else may write to it",
                       path);
    return 0;
}

/* <folder>/<below>libduckdb.so, when it is there. */
static bool
is_there(const char *folder, const char *below, char path[PATH_MAX])
{
    int length = snprintf(path, PATH_MAX, "%s%s" NAME, folder, below);

    return *folder != '\0' && length > 0 && length < PATH_MAX &&
           access(path, R_OK) == 0;
}

/* Beside the plugins of a build tree. */
static bool
is_beside_program(char path[PATH_MAX])
{
    char folder[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
    char *slash;

    if (length < 0)
        return false;
    folder[length] = '\0';
    slash = strrchr(folder, '/');
    if (slash == NULL)
        return false;
    slash[0] = '\0';
    return is_there(folder, "/plugins/lib/", path);
}

/* The first place that has one; else the bare name, for the loader. */
static void
find(char path[PATH_MAX])
{
    const char *deps = secure_getenv("FOREBAY_DEPS");

    if (is_beside_program(path) || is_there(DUCKDB_FOLDER, "/", path) ||
        (deps != NULL && is_there(deps, "/", path)))
        return;
    memcpy(path, NAME, sizeof(NAME));
}

static int
take_functions(struct duck *duck, void *library, const char *path,
               struct fb_error *err)
{
    const char *missing = NULL;

#define X(type_, name_, arguments_)                         \
    {                                                       \
        void *symbol = dlsym(library, "duckdb_" #name_);    \
                                                            \
        if (symbol == NULL)                                 \
            missing = "duckdb_" #name_;                     \
        memcpy(&duck->name_, &symbol, sizeof(duck->name_)); \
    }
    DUCK_FUNCTIONS(X)
#undef X
    if (missing == NULL)
        return 0;
    fb_fail(err, FB_E_UNAVAILABLE, "cannot use DuckDB from '%s': it has no %s",
            path, missing);
    return hint(err);
}

static int
check_version(const struct duck *duck, const char *path, struct fb_error *err)
{
    const char *version = duck->library_version();

    if (strncmp(version, "v1.", 3) == 0 && duck->vector_size() == DUCK_ROWS)
        return 0;
    fb_fail(err, FB_E_UNAVAILABLE,
            "cannot use DuckDB from '%s': it is version %s", path, version);
    return hint(err);
}

static int
load(struct duck *duck, const char *path, struct fb_error *err)
{
    void *library;

    if (strchr(path, '/') != NULL && check_owner(path, err) != 0)
        return -1;
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL) {
        fb_fail(err, FB_E_UNAVAILABLE, "cannot load DuckDB: %s", dlerror());
        return hint(err);
    }
    if (take_functions(duck, library, path, err) != 0)
        return -1;
    return check_version(duck, path, err);
}

/* Addresses of code, written once, under the lock. */
static struct {
    pthread_mutex_t lock;
    atomic_bool is_loaded;
    char path[PATH_MAX];
    struct duck duck;
} process = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int
load_once(const char *path, struct fb_error *err)
{
    char found[PATH_MAX];

    if (path == NULL && process.is_loaded)
        return 0;
    if (path == NULL)
        find(found);
    else if (strlen(path) < sizeof(found))
        memcpy(found, path, strlen(path) + 1);
    else
        return fb_fail(err, FB_E_CONFIG, "the path of the library is too long");
    if (process.is_loaded && strcmp(process.path, found) != 0)
        return fb_fail(err, FB_E_CONFIG,
                       "cannot load DuckDB from '%s': it is loaded from '%s' "
                       "already",
                       found, process.path);
    if (process.is_loaded)
        return 0;
    if (load(&process.duck, found, err) != 0)
        return -1;
    memcpy(process.path, found, strlen(found) + 1);
    process.is_loaded = true;
    return 0;
}

int
duck_load(const char *path, const struct duck **duck, struct fb_error *err)
{
    int status;

    pthread_mutex_lock(&process.lock);
    status = load_once(path, err);
    pthread_mutex_unlock(&process.lock);
    *duck = status == 0 ? &process.duck : NULL;
    return status;
}

const struct duck *
duck_loaded(void)
{
    assert(process.is_loaded);
    return &process.duck;
}
