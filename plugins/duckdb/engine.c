/*
 * duckdb/engine.c: how a database is set up, and what is left of it.
 */
#define _GNU_SOURCE 1 /* mkdtemp, vasprintf */
#include "engine.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "fault.h"

struct setting {
    const char *name;
    const char *value;
};

/* Names of settings as https://duckdb.org/docs/stable/configuration has them.
 * Errors come as JSON, which says where in the query they are.  Whole numbers
 * are divided as standard SQL has it. */
static const struct setting common[] = {
    {"autoinstall_known_extensions", "false"},
    {"autoload_known_extensions", "false"},
    {"allow_community_extensions", "false"},
    {"errors_as_json", "true"},
    {"integer_division", "true"},
};

static int
make_folder(struct fb_step *step, struct engine *engine, struct fb_error *err)
{
    if (asprintf(&engine->folder, "%s/duckdb-XXXXXX", fb_temp_folder(step)) <
        0) {
        engine->folder = NULL;
        return fb_fail(err, FB_E_FAILED, "out of memory");
    }
    if (mkdtemp(engine->folder) != NULL)
        return 0;
    fb_fail(err, FB_E_OUTPUT, "cannot make the folder '%s': %s", engine->folder,
            strerror(errno));
    free(engine->folder);
    engine->folder = NULL;
    return -1;
}

/* DuckDB removes its files; what a crash of it left must not stay either. */
static void
remove_folder(const char *folder)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;

    while (listing != NULL && (entry = readdir(listing)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(listing), entry->d_name, 0);
    if (listing != NULL)
        closedir(listing);
    (void)rmdir(folder);
}

static int
set(struct engine *engine, struct duck_config *config, const char *name,
    const char *value, struct fb_error *err)
{
    if (engine->duck->set_config(config, name, value) == 0)
        return 0;
    return fb_fail(err, FB_E_CONFIG, "DuckDB %s does not know the setting '%s'",
                   engine->duck->library_version(), name);
}

static int
configure(struct engine *engine, struct duck_config *config,
          const struct engine_options *options, enum engine_use use,
          struct fb_error *err)
{
    char limit[32], threads[32];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    engine->threads = options->threads > 0 ? options->threads
                      : processors > 0     ? processors
                                           : 1;
    if (use == ENGINE_CHECK)
        engine->threads = 1;
    snprintf(limit, sizeof(limit), "%" PRId64 "KiB",
             options->memory_limit / 1024);
    snprintf(threads, sizeof(threads), "%" PRId64, engine->threads);
    for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
        if (set(engine, config, common[i].name, common[i].value, err) != 0)
            return -1;
    if (set(engine, config, "memory_limit", limit, err) != 0 ||
        set(engine, config, "threads", threads, err) != 0)
        return -1;
    return set(engine, config, "temp_directory",
               engine->folder != NULL ? engine->folder : "", err);
}

/* What can be set only once the engine stands.  It reaches the files that it
 * puts its own data into, and no others. */
static int
close_doors(const struct engine *engine, enum engine_use use,
            struct fb_error *err)
{
    char *folder;
    int status = 0;

    if (engine_run(engine, err, "SET GLOBAL TimeZone = 'UTC'") != 0)
        return -1;
    if (use == ENGINE_FILES)
        return 0;
    if (engine->folder != NULL) {
        folder = engine_quoted(engine->folder, '\'');
        status =
            engine_run(engine, err, "SET allowed_directories = [%s]", folder);
        free(folder);
    }
    if (status != 0)
        return -1;
    return engine_run(engine, err, "SET enable_external_access = false");
}

/* Signals are for the run's thread: threads inherit what is blocked now. */
static void
block_signals(sigset_t *before)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, before);
}

static int
start(struct engine *engine, struct duck_config *config, struct fb_error *err)
{
    char *why = NULL;
    sigset_t before;
    int status;

    block_signals(&before);
    status = engine->duck->open_ext(NULL, &engine->database, config, &why);
    if (status == 0)
        engine->connection = engine_connect(engine);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status == 0 && engine->connection != NULL)
        return 0;
    fault_fail(why, FB_E_FAILED, "cannot start DuckDB", err);
    if (why != NULL)
        engine->duck->free(why);
    return -1;
}

int
engine_open(struct fb_step *step, const struct engine_options *options,
            enum engine_use use, struct engine **engine, struct fb_error *err)
{
    struct engine *made = calloc(1, sizeof(*made));
    struct duck_config *config = NULL;
    int status = -1;

    if (made == NULL)
        return fb_fail(err, FB_E_FAILED, "out of memory");
    if (duck_load(options->library, &made->duck, err) == 0 &&
        (use == ENGINE_CHECK || make_folder(step, made, err) == 0)) {
        if (made->duck->create_config(&config) != 0)
            fb_fail(err, FB_E_FAILED, "out of memory");
        else if (configure(made, config, options, use, err) == 0)
            status = start(made, config, err);
        made->duck->destroy_config(&config);
    }
    if (status == 0)
        status = close_doors(made, use, err);
    if (status == 0)
        *engine = made;
    else
        engine_close(made);
    return status;
}

void
engine_close(struct engine *engine)
{
    if (engine == NULL)
        return;
    if (engine->connection != NULL)
        engine->duck->disconnect(&engine->connection);
    if (engine->database != NULL)
        engine->duck->close(&engine->database);
    if (engine->folder != NULL)
        remove_folder(engine->folder);
    free(engine->folder);
    free(engine);
}

struct duck_connection *
engine_connect(const struct engine *engine)
{
    struct duck_connection *connection = NULL;

    assert(engine->database != NULL);
    if (engine->duck->connect(engine->database, &connection) != 0)
        return NULL;
    return connection;
}

int
engine_run(const struct engine *engine, struct fb_error *err,
           const char *format, ...)
{
    struct duck_result result = {.counts = {0}};
    char *sql = NULL;
    va_list args;
    int status;

    va_start(args, format);
    status = vasprintf(&sql, format, args);
    va_end(args);
    if (status < 0)
        return fb_fail(err, FB_E_FAILED, "out of memory");
    status = engine->duck->query(engine->connection, sql, &result);
    if (status != 0)
        fault_fail(engine->duck->result_error(&result), FB_E_FAILED, "DuckDB",
                   err);
    engine->duck->destroy_result(&result);
    free(sql);
    return status == 0 ? 0 : -1;
}

int
engine_lock(const struct engine *engine, struct fb_error *err)
{
    return engine_run(engine, err, "SET lock_configuration = true");
}

char *
engine_quoted(const char *text, char quote)
{
    char *quoted = malloc(2 * strlen(text) + 3), *to = quoted;

    if (quoted == NULL)
        abort();
    *to++ = quote;
    for (; *text != '\0'; text++) {
        if (*text == quote)
            *to++ = quote;
        *to++ = *text;
    }
    *to++ = quote;
    *to = '\0';
    return quoted;
}
