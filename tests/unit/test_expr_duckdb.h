/*
 * The few functions of DuckDB's C API that the property test needs, found at
 * run time. Source: https://duckdb.org/docs/stable/clients/c/api
 */
#ifndef UNIT_TEST_EXPR_DUCKDB_H
#define UNIT_TEST_EXPR_DUCKDB_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As duckdb.h lays it out. */
struct duck_result {
    uint64_t deprecated[3];
    void *deprecated_columns;
    char *deprecated_error;
    void *internal;
};

struct duck {
    void *library, *database, *connection;
    int (*open)(const char *path, void **database);
    void (*close)(void **database);
    int (*connect)(void *database, void **connection);
    void (*disconnect)(void **connection);
    int (*query)(void *connection, const char *sql, struct duck_result *);
    void (*destroy_result)(struct duck_result *);
    uint64_t (*row_count)(struct duck_result *);
    const char *(*result_error)(struct duck_result *);
    char *(*value_varchar)(struct duck_result *, uint64_t column, uint64_t row);
    void (*free)(void *);
};

static inline bool
duck_symbol(struct duck *duck, const char *name, void *function)
{
    void *symbol = dlsym(duck->library, name);

    memcpy(function, &symbol, sizeof(symbol));
    if (symbol == NULL)
        fprintf(stderr, "libduckdb has no '%s'\n", name);
    return symbol != NULL;
}

static inline bool
duck_open(struct duck *duck)
{
    const char *path = getenv("FOREBAY_DUCKDB");

    *duck = (struct duck){.library = NULL};
    if (path == NULL)
        path = "build/deps/libduckdb.so";
    duck->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (duck->library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return false;
    }
    return duck_symbol(duck, "duckdb_open", &duck->open) &&
           duck_symbol(duck, "duckdb_close", &duck->close) &&
           duck_symbol(duck, "duckdb_connect", &duck->connect) &&
           duck_symbol(duck, "duckdb_disconnect", &duck->disconnect) &&
           duck_symbol(duck, "duckdb_query", &duck->query) &&
           duck_symbol(duck, "duckdb_destroy_result", &duck->destroy_result) &&
           duck_symbol(duck, "duckdb_row_count", &duck->row_count) &&
           duck_symbol(duck, "duckdb_result_error", &duck->result_error) &&
           duck_symbol(duck, "duckdb_value_varchar", &duck->value_varchar) &&
           duck_symbol(duck, "duckdb_free", &duck->free) &&
           duck->open(NULL, &duck->database) == 0 &&
           duck->connect(duck->database, &duck->connection) == 0;
}

static inline void
duck_close(struct duck *duck)
{
    if (duck->connection != NULL)
        duck->disconnect(&duck->connection);
    if (duck->database != NULL)
        duck->close(&duck->database);
}

#endif
