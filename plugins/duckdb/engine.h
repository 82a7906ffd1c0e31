/*
 * duckdb/engine.h: a database in memory that can reach nothing outside: no
 * file, no network, no extension.  What does not fit into its memory limit
 * goes to a folder of its own, which goes with it.
 */
#ifndef DUCKDB_ENGINE_H
#define DUCKDB_ENGINE_H

#include "api.h"

/* Options that every step on an engine has. */
struct engine_options {
    const char *library;
    int64_t memory_limit; /* bytes */
    int64_t threads;      /* 0: as many as there are processors */
};

#define ENGINE_OPTIONS(struct_, field_)                                      \
    {.name = "library",                                                      \
     FB_STRING(struct_, field_.library),                                     \
     .help = "DuckDB's libduckdb.so; else the one beside the plugins, or "   \
             "in the library path."},                                        \
        {.name = "memory_limit",                                             \
         FB_SIZE(struct_, field_.memory_limit),                              \
         .def = "512MiB",                                                    \
         .min = 16777216,                                                    \
         .max = INT64_C(1) << 46,                                            \
         .help = "How much memory the engine may take; the rest goes to "    \
                 "disk."},                                                   \
    {                                                                        \
        .name = "threads", FB_INT(struct_, field_.threads), .def = "0",      \
        .min = 0, .max = 1024,                                               \
        .help = "How many threads the engine uses; 0 means one a processor." \
    }

struct engine {
    const struct duck *duck;
    struct duck_database *database;
    struct duck_connection *connection; /* for statements of our own */
    char *folder;                       /* NULL: nothing goes to disk */
    int64_t threads;
};

enum engine_use {
    ENGINE_QUERIES = 1, /* runs what users wrote */
    ENGINE_FILES,       /* reads and writes files, and never runs such */
    ENGINE_CHECK,       /* only prepares: one thread, nothing on disk */
};

int engine_open(struct fb_step *step, const struct engine_options *options,
                enum engine_use use, struct engine **engine,
                struct fb_error *err) FB_MUST_CHECK;
void engine_close(struct engine *engine); /* NULL is fine */

/* Run a statement of our own, which gives no rows. */
int engine_run(const struct engine *engine, struct fb_error *err,
               const char *format, ...) FB_PRINTF(3, 4) FB_MUST_CHECK;

/* From now on nobody changes a setting. */
int engine_lock(const struct engine *engine,
                struct fb_error *err) FB_MUST_CHECK;

/* Engine threads that are asked for now get no signals. */
struct duck_connection *engine_connect(const struct engine *engine);

/* An identifier in double quotes, or a text in single ones; free() it. */
char *engine_quoted(const char *text, char quote);

#endif
