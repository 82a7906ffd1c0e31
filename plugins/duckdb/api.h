/*
 * duckdb/api.h: the functions of DuckDB's C API that are used here, found in
 * a libduckdb.so when it is needed.  https://duckdb.org/docs/stable/clients/c
 *
 * The plugin links nothing of DuckDB: whoever runs no query needs no engine.
 * Handles are DuckDB's own structures, known by their tags alone.
 */
#ifndef DUCKDB_API_H
#define DUCKDB_API_H

#include "forebay/plugin.h"

struct duck_config;
struct duck_database;
struct duck_connection;
struct duck_statements;
struct duck_statement;
struct duck_chunk;
struct duck_vector;
struct duck_type;
struct duck_arrow_options;
struct duck_error;
struct duck_function;
struct duck_bind;
struct duck_init;
struct duck_call;
struct duck_appender;

/* duckdb_result, which callers hold by value. */
struct duck_result {
    uint64_t counts[3];
    void *pointers[3];
};

/* duckdb_string_t: up to 12 bytes stand in it. */
#define DUCK_INLINE_MAX 12
struct duck_string {
    uint32_t length;
    char bytes[DUCK_INLINE_MAX];
};

/* duckdb_type, as far as it has a meaning here. */
enum {
    DUCK_BOOLEAN = 1,
    DUCK_TINYINT,
    DUCK_SMALLINT,
    DUCK_INTEGER,
    DUCK_BIGINT,
    DUCK_UTINYINT,
    DUCK_USMALLINT,
    DUCK_UINTEGER,
    DUCK_UBIGINT,
    DUCK_FLOAT,
    DUCK_DOUBLE,
    DUCK_TIMESTAMP,
    DUCK_DATE,
    DUCK_TIME,
    DUCK_HUGEINT = 16,
    DUCK_VARCHAR = 17,
    DUCK_DECIMAL = 19,
    DUCK_TIMESTAMP_S = 20,
    DUCK_TIMESTAMP_MS = 21,
    DUCK_TIMESTAMP_NS = 22,
    DUCK_TIMESTAMP_TZ = 31,
    DUCK_NULL = 36,
};

enum { DUCK_SELECT = 1 };  /* duckdb_statement_type */
enum { DUCK_ROWS = 2048 }; /* of a chunk; duckdb_vector_size() is held to it */

typedef void (*duck_free_fn)(void *);
typedef void (*duck_bind_fn)(struct duck_bind *);
typedef void (*duck_init_fn)(struct duck_init *);
typedef void (*duck_call_fn)(struct duck_call *, struct duck_chunk *);

/* X(what it returns, name after duckdb_, what it takes); those that return
 * int return 0 when they succeed. */
#define DUCK_FUNCTIONS(X)                                                      \
    X(const char *, library_version, (void))                                   \
    X(uint64_t, vector_size, (void))                                           \
    X(void, free, (void *))                                                    \
    X(int, create_config, (struct duck_config **))                             \
    X(int, set_config, (struct duck_config *, const char *, const char *))     \
    X(void, destroy_config, (struct duck_config **))                           \
    X(int, open_ext,                                                           \
      (const char *, struct duck_database **, struct duck_config *, char **))  \
    X(void, close, (struct duck_database **))                                  \
    X(int, connect, (struct duck_database *, struct duck_connection **))       \
    X(void, disconnect, (struct duck_connection **))                           \
    X(void, interrupt, (struct duck_connection *))                             \
    X(int, query,                                                              \
      (struct duck_connection *, const char *, struct duck_result *))          \
    X(const char *, result_error, (struct duck_result *))                      \
    X(void, destroy_result, (struct duck_result *))                            \
    X(uint64_t, extract_statements,                                            \
      (struct duck_connection *, const char *, struct duck_statements **))     \
    X(const char *, extract_statements_error, (struct duck_statements *))      \
    X(void, destroy_extracted, (struct duck_statements **))                    \
    X(int, prepare_extracted_statement,                                        \
      (struct duck_connection *, struct duck_statements *, uint64_t,           \
       struct duck_statement **))                                              \
    X(const char *, prepare_error, (struct duck_statement *))                  \
    X(int, prepared_statement_type, (struct duck_statement *))                 \
    X(uint64_t, nparams, (struct duck_statement *))                            \
    X(uint64_t, prepared_statement_column_count, (struct duck_statement *))    \
    X(const char *, prepared_statement_column_name,                            \
      (struct duck_statement *, uint64_t))                                     \
    X(struct duck_type *, prepared_statement_column_logical_type,              \
      (struct duck_statement *, uint64_t))                                     \
    X(int, execute_prepared_streaming,                                         \
      (struct duck_statement *, struct duck_result *))                         \
    X(void, destroy_prepare, (struct duck_statement **))                       \
    X(struct duck_chunk *, fetch_chunk, (struct duck_result))                  \
    X(struct duck_chunk *, create_data_chunk, (struct duck_type **, uint64_t)) \
    X(void, data_chunk_reset, (struct duck_chunk *))                           \
    X(uint64_t, data_chunk_get_size, (struct duck_chunk *))                    \
    X(void, data_chunk_set_size, (struct duck_chunk *, uint64_t))              \
    X(struct duck_vector *, data_chunk_get_vector,                             \
      (struct duck_chunk *, uint64_t))                                         \
    X(void, destroy_data_chunk, (struct duck_chunk **))                        \
    X(void *, vector_get_data, (struct duck_vector *))                         \
    X(void, vector_ensure_validity_writable, (struct duck_vector *))           \
    X(uint64_t *, vector_get_validity, (struct duck_vector *))                 \
    X(void, unsafe_vector_assign_string_element_len,                           \
      (struct duck_vector *, uint64_t, const char *, uint64_t))                \
    X(struct duck_type *, create_logical_type, (int))                          \
    X(int, get_type_id, (struct duck_type *))                                  \
    X(uint8_t, decimal_scale, (struct duck_type *))                            \
    X(void, destroy_logical_type, (struct duck_type **))                       \
    X(struct duck_arrow_options *, result_get_arrow_options,                   \
      (struct duck_result *))                                                  \
    X(void, destroy_arrow_options, (struct duck_arrow_options **))             \
    X(struct duck_error *, to_arrow_schema,                                    \
      (struct duck_arrow_options *, struct duck_type **, const char **,        \
       uint64_t, struct ArrowSchema *))                                        \
    X(struct duck_error *, data_chunk_to_arrow,                                \
      (struct duck_arrow_options *, struct duck_chunk *, struct ArrowArray *)) \
    X(const char *, error_data_message, (struct duck_error *))                 \
    X(void, destroy_error_data, (struct duck_error **))                        \
    X(struct duck_function *, create_table_function, (void))                   \
    X(void, destroy_table_function, (struct duck_function **))                 \
    X(void, table_function_set_name, (struct duck_function *, const char *))   \
    X(void, table_function_set_extra_info,                                     \
      (struct duck_function *, void *, duck_free_fn))                          \
    X(void, table_function_set_bind, (struct duck_function *, duck_bind_fn))   \
    X(void, table_function_set_init, (struct duck_function *, duck_init_fn))   \
    X(void, table_function_set_local_init,                                     \
      (struct duck_function *, duck_init_fn))                                  \
    X(void, table_function_set_function,                                       \
      (struct duck_function *, duck_call_fn))                                  \
    X(void, table_function_supports_projection_pushdown,                       \
      (struct duck_function *, bool))                                          \
    X(int, register_table_function,                                            \
      (struct duck_connection *, struct duck_function *))                      \
    X(void *, bind_get_extra_info, (struct duck_bind *))                       \
    X(void, bind_add_result_column,                                            \
      (struct duck_bind *, const char *, struct duck_type *))                  \
    X(void *, init_get_extra_info, (struct duck_init *))                       \
    X(uint64_t, init_get_column_count, (struct duck_init *))                   \
    X(uint64_t, init_get_column_index, (struct duck_init *, uint64_t))         \
    X(void, init_set_init_data, (struct duck_init *, void *, duck_free_fn))    \
    X(void, init_set_max_threads, (struct duck_init *, uint64_t))              \
    X(void, init_set_error, (struct duck_init *, const char *))                \
    X(void *, function_get_init_data, (struct duck_call *))                    \
    X(void *, function_get_local_init_data, (struct duck_call *))              \
    X(void, function_set_error, (struct duck_call *, const char *))            \
    X(int, appender_create,                                                    \
      (struct duck_connection *, const char *, const char *,                   \
       struct duck_appender **))                                               \
    X(int, append_data_chunk, (struct duck_appender *, struct duck_chunk *))   \
    X(struct duck_error *, appender_error_data, (struct duck_appender *))      \
    X(int, appender_close, (struct duck_appender *))                           \
    X(int, appender_destroy, (struct duck_appender **))

/* A loaded library. */
struct duck {
#define X(type_, name_, arguments_) type_(*name_) arguments_;
    DUCK_FUNCTIONS(X)
#undef X
};

/*
 * The library of this process: loaded by the first who asks, from `path`, or
 * with NULL from beside the plugins, then $FOREBAY_DEPS, then wherever the
 * system's loader finds one.  It stays loaded, for its threads may outlive
 * whoever closes it, and never changes: two cannot live in one process.
 *
 * FB_E_CONFIG, with a hint how to get one, when there is none, when others
 * than root or us could have written it, when it is too old or too new, and
 * when another path was loaded before.
 */
int duck_load(const char *path, const struct duck **duck,
              struct fb_error *err) FB_MUST_CHECK;

/* The same once it is loaded: for the engine's callbacks, which bring no
 * pointer of ours that could be had without it. */
const struct duck *duck_loaded(void);

#endif
