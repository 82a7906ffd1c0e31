/*
 * forebay/plugin.h: the public ABI between the Forebay host and its plugins.
 *
 * This is the only header a plugin may include, and a plugin links with
 * nothing of the host: every service is reached through the function table
 * that arrives with the step (struct fb_host), behind the inline functions
 * below.  So a plugin links with -Wl,-z,defs, and a unit test can pass a fake
 * host.
 *
 * A plugin is one shared object.  FB_PLUGINS(&a, &b) at its end exports a
 * list of descriptors (struct fb_plugin); each describes one kind of step.
 * The life of a step is
 *
 *     check -> bind -> open -> ready -> read | process | write | notify *
 *           -> finish -> close
 *
 * check   looks at the options alone; it touches nothing outside the process.
 * bind    looks at the columns that will arrive and says which will leave; it
 *         touches nothing outside either, for `forebay check` calls it too.
 * open    acquires: connects, opens, makes temporary files.
 * ready   of sources, after all of them are open: waits for what open began.
 * finish  makes the work visible.  Nothing is visible before it.  It comes
 *         when all rows have gone their way and balance: to the sources and
 *         transforms that have one, then to the sinks, in the order of the
 *         graph, those with FB_LAST after all others.  A source that reads
 *         a declared table or is the codec of a format is only closed.
 * close   is called exactly once after a successful open; without a finish
 *         before it, it discards.
 *
 * State lives in the instance (instance_size bytes, zeroed, options filled in
 * by the host), never in globals: one pipeline may hold two steps of a kind.
 *
 * Threads.  A step is called by one thread at a time: that of the run.  There
 * are two exceptions.  process of an FB_PARALLEL transform is called by several
 * at once.  And a source that reads the objects of a declared table is checked,
 * bound, opened, read and closed by whichever thread wants rows (an engine has
 * many): one at a time for an instance, several for several.  So what steps
 * share (fb_shared) must bear several threads.
 *
 * A plugin may have threads of its own.  From open until close returns they may
 * call fb_log, fb_cancelled, fb_shared, fb_temp_folder, fb_table_*,
 * fb_batch_import, what only tells (fb_uri, fb_step_id, fb_run_id, fb_pipeline,
 * fb_now_ms, fb_run_date, fb_column*, fb_input_*, fb_value_parse), and
 * fb_batch_* for a batch that no other thread has.  All else is for the thread
 * that the host called, during the call: fb_alloc, fb_emit, fb_spool_*,
 * fb_note_*, fb_fact, fb_bad_option, fb_input, and what belongs to bind.
 *
 * Compatibility: FB_ABI changes only when old plugins can no longer work.
 * Structures grow at their end only, and each says its size, so that a plugin
 * built against an older header works with a newer host.
 *
 * Unless it says otherwise, a function that can fail returns 0, or -1 with
 * the error filled in; text is UTF-8 and ends with a NUL; a pointer that the
 * host gives lives as long as the step.
 */
#ifndef FOREBAY_PLUGIN_H
#define FOREBAY_PLUGIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FB_ABI 1

#define FB_EXPORT __attribute__((visibility("default")))
#define FB_MUST_CHECK __attribute__((warn_unused_result))
#define FB_PRINTF(format_, first_) \
    __attribute__((format(printf, format_, first_)))

/* ------------------------------------------------------------- errors --- */

/*
 * What can go wrong, by who must act.  Columns: name, exit status of the
 * program, whether trying again later can help, and a word for reports.
 * The plugin classifies; the host decides whether and when to try again.
 */
#define FB_ERROR_CODES(X)                                                     \
    X(FB_E_FAILED, 1, 0, "failed")            /* none of those below */       \
    X(FB_E_USAGE, 2, 0, "usage")              /* the command line */          \
    X(FB_E_INPUT, 65, 0, "input-refused")     /* the data itself */           \
    X(FB_E_MISSING, 65, 0, "input-missing")   /* an object is not there */    \
    X(FB_E_CHANGED, 75, 1, "input-changed")   /* replaced while read */       \
    X(FB_E_UNAVAILABLE, 69, 1, "unavailable") /* a service does not answer */ \
    X(FB_E_BUG, 70, 0, "internal-error")      /* a broken promise in code */  \
    X(FB_E_OUTPUT, 73, 1, "cannot-write")     /* the target cannot be made */ \
    X(FB_E_BUSY, 75, 1, "busy")               /* somebody else holds it */    \
    X(FB_E_CANCELLED, 75, 1, "cancelled")     /* we were told to stop */      \
    X(FB_E_PERMISSION, 77, 0, "permission")   /* not allowed */               \
    X(FB_E_CONFIG, 78, 0, "configuration")    /* what the user wrote */       \
    X(FB_E_LIMIT, 65, 0, "limit")             /* larger than a stated bound */

enum fb_code {
    FB_E_NONE = 0,
#define FB_X(name_, exit_, retry_, word_) name_,
    FB_ERROR_CODES(FB_X)
#undef FB_X
};

#define FB_MESSAGE_MAX 1024 /* bytes, with the NUL */
#define FB_HINT_MAX 512

/* The first failure, filled once where it happens. */
struct fb_error {
    enum fb_code code; /* FB_E_NONE while nothing failed */
    char message[FB_MESSAGE_MAX];
    char hint[FB_HINT_MAX]; /* what to do; may be empty */
};

/*
 * Fill the error and return -1, for `return fb_fail(err, ...)`.  The text is
 * lower case, says what failed first, names the subject in single quotes and
 * the cause last: "cannot open '/x/y': permission denied".
 */
static inline int FB_PRINTF(3, 4)
    fb_fail(struct fb_error *err, enum fb_code code, const char *format, ...)
{
    va_list args;

    err->code = code;
    err->hint[0] = '\0';
    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    return -1;
}

/* Say what the reader can do about it; returns -1 like fb_fail. */
static inline int FB_PRINTF(2, 3)
    fb_hint(struct fb_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(err->hint, sizeof(err->hint), format, args);
    va_end(args);
    return -1;
}

/* ------------------------------------------------------------ options --- */

enum fb_type {
    FB_T_STRING = 1, /* const char *                                     */
    FB_T_INT,        /* int64_t                                          */
    FB_T_SIZE,       /* int64_t, bytes: 64KiB, 8MiB, 1GB                 */
    FB_T_DURATION,   /* int64_t, milliseconds: 250ms, 30s, 5m, 2h, 1d    */
    FB_T_BOOL,       /* bool: true or false                              */
    FB_T_ENUM,       /* int: 1 + the index in choices; 0 when not given  */
    FB_T_URI,        /* const char *                                     */
    FB_T_EXPR,       /* struct fb_expr *, NULL when not given            */
    FB_T_LIST,       /* struct fb_list of text                           */
    FB_T_MAP,        /* struct fb_map of text to text                    */
    FB_T_EXPR_MAP,   /* struct fb_map of text to expressions             */
    FB_T_SECRET,     /* const char *; masked wherever it is shown        */
};

struct fb_expr; /* an expression, parsed; see fb_expr_bind */

struct fb_list {
    size_t count;
    const char *const *items;
};

struct fb_pair {
    const char *key;
    const char *value;    /* as written */
    struct fb_expr *expr; /* FB_T_EXPR_MAP only */
};

struct fb_map {
    size_t count;
    const struct fb_pair *pairs; /* in the order written */
};

/* Flags of an option. */
enum {
    FB_REQUIRED = 1,
    FB_SECRETS = 2, /* FB_T_LIST, FB_T_MAP: each value is masked wherever it
                       is shown; the keys are not */
};

/*
 * The one place where an option exists.  Parsing, errors, `forebay plugins`,
 * the plugin's page and the editors' JSON Schema all come from this table.
 * It ends with an entry without a name.
 */
struct fb_option {
    const char *name;
    enum fb_type type;
    uint32_t flags;
    size_t offset;              /* in the instance; use FB_FIELD */
    const char *def;            /* default, written as in YAML; NULL: none */
    const char *const *choices; /* FB_T_ENUM: NULL-terminated */
    int64_t min, max;           /* numbers; both 0: any */
    const char *help;           /* one sentence */
};

/* The offset of a field, checked at compile time to be of the right type. */
#if defined(__cplusplus)
#define FB_FIELD(struct_, field_, ctype_) offsetof(struct_, field_)
#else
#define FB_FIELD(struct_, field_, ctype_) \
    (offsetof(struct_, field_) +          \
     0 * sizeof(_Generic(((struct_ *)0)->field_, ctype_ : 1)))
#endif

#define FB_STRING(struct_, field_) \
    .type = FB_T_STRING, .offset = FB_FIELD(struct_, field_, const char *)
#define FB_URI(struct_, field_) \
    .type = FB_T_URI, .offset = FB_FIELD(struct_, field_, const char *)
#define FB_SECRET(struct_, field_) \
    .type = FB_T_SECRET, .offset = FB_FIELD(struct_, field_, const char *)
#define FB_INT(struct_, field_) \
    .type = FB_T_INT, .offset = FB_FIELD(struct_, field_, int64_t)
#define FB_SIZE(struct_, field_) \
    .type = FB_T_SIZE, .offset = FB_FIELD(struct_, field_, int64_t)
#define FB_DURATION(struct_, field_) \
    .type = FB_T_DURATION, .offset = FB_FIELD(struct_, field_, int64_t)
#define FB_BOOL(struct_, field_) \
    .type = FB_T_BOOL, .offset = FB_FIELD(struct_, field_, bool)
#define FB_ENUM(struct_, field_) \
    .type = FB_T_ENUM, .offset = FB_FIELD(struct_, field_, int)
#define FB_EXPR(struct_, field_) \
    .type = FB_T_EXPR, .offset = FB_FIELD(struct_, field_, struct fb_expr *)
#define FB_LIST(struct_, field_) \
    .type = FB_T_LIST, .offset = FB_FIELD(struct_, field_, struct fb_list)
#define FB_MAP(struct_, field_) \
    .type = FB_T_MAP, .offset = FB_FIELD(struct_, field_, struct fb_map)
#define FB_EXPR_MAP(struct_, field_) \
    .type = FB_T_EXPR_MAP, .offset = FB_FIELD(struct_, field_, struct fb_map)

/* --------------------------------------------------- columns and cells --- */

/* Logical types of Frictionless Table Schema that Forebay gives meaning. */
enum fb_column_type {
    FB_C_STRING = 1, /* also the type of every column without a schema */
    FB_C_INTEGER,    /* int64_t                                          */
    FB_C_NUMBER,     /* double                                           */
    FB_C_BOOLEAN,    /* bool                                             */
    FB_C_DATE,       /* int64_t, days since 1970-01-01, proleptic        */
    FB_C_DATETIME,   /* int64_t, microseconds since 1970-01-01T00:00Z    */
    FB_C_TIME,       /* int64_t, microseconds since midnight             */
};

/* Constraints as the schema wrote them; NULL, 0 or -1: not given.  It stands
 * inside fb_column and so never grows: new rules go to the end of that. */
struct fb_constraints {
    bool required;
    bool unique;
    uint32_t primary_key; /* columns of the schema's primary key, when this is
                             one of them; else 0 */
    const char *pattern;  /* PCRE2, matches the whole cell */
    const char *minimum;  /* in the column's own notation */
    const char *maximum;
    int64_t min_length; /* characters; -1 when not given */
    int64_t max_length;
    struct fb_list enumeration;
};

struct fb_column {
    const char *name;
    enum fb_column_type type;
    const char *format; /* NULL: the type's default */
    struct fb_constraints constraints;
    const char *decimal_char;                 /* numbers; NULL: "." */
    const char *group_char;                   /* numbers; NULL: none */
    struct fb_list true_values, false_values; /* booleans; empty: default */
};

#define FB_NEW UINT32_MAX /* no column of the input */

enum {
    FB_CELL_NULL = 1,   /* a missing value; the text still stands there */
    FB_CELL_QUOTED = 2, /* stood in quotes in the input */
};

/* The text of one cell: UTF-8, no NUL at its end, not owned. */
struct fb_cell {
    const unsigned char *ptr;
    uint32_t len; /* bytes */
    uint32_t flags;
};

enum fb_value_state {
    FB_V_NULL = 0, /* a missing value */
    FB_V_OK = 1,
    FB_V_BAD = 2, /* the text is not of the column's type */
};

/* One cell with the meaning that the column's type gives it. */
struct fb_value {
    uint32_t state; /* enum fb_value_state */
    uint32_t len;   /* FB_C_STRING: bytes */
    union {
        int64_t i;
        double d;
        bool b;
        const unsigned char *s;
    } as;
};

/* ------------------------------------------------------ what is moved --- */

/* An object in a store, at one generation. */
struct fb_object {
    const char *uri;
    const char *generation; /* version id, etag, or mtime+size: opaque */
    uint64_t size;          /* bytes */
    int64_t modified_ms;    /* since the epoch; 0: unknown */
    /* What settle and renew need besides, never recorded; NULL: nothing.
     * Objects of one listing with the same token are settled as one: once,
     * when the last of them is handled, with success only if all had it. */
    const char *token;
};

/* Called by discover for each match; non-zero stops the listing. */
typedef int (*fb_found_fn)(void *arg, const struct fb_object *object);

struct fb_host;

/* A step in a run.  Only the first field is the plugin's business. */
struct fb_step {
    const struct fb_host *host;
};

/* A run of consecutive records.  See fb_batch_*. */
struct fb_batch {
    const struct fb_host *host;
};

struct fb_report_output {
    const char *step;
    const char *uri;
    uint64_t rows;
    uint64_t bytes;
};

struct fb_report_error {
    const char *step;
    const char *message;
    uint64_t line;      /* in the input; 0: not about a line */
    const char *column; /* NULL: not about a column */
};

/* The end of a run, as every notifier and the operator see it. */
struct fb_report {
    size_t size;
    const char *pipeline;
    const char *run_id;
    const char *outcome; /* success, failure */
    const char *subject; /* one line */
    const char *text;    /* the whole report for people, several lines */
    const char *json;    /* the same for programs */
    const char *trigger; /* uri; NULL: none */
    uint64_t rows_read, rows_written, rows_filtered, rows_rejected;
    uint64_t bytes_read, bytes_written;
    double seconds;
    size_t output_count;
    const struct fb_report_output *outputs;
    size_t error_count; /* the first few */
    const struct fb_report_error *errors;
    const char *uploader_file; /* trigger's last path segment; NULL: none */
    int64_t attempt; /* 1 is the first; run_id is the same for all of them */
};

/* --------------------------------------------------------- descriptor --- */

enum fb_kind {
    FB_SOURCE = 1,
    FB_TRANSFORM,
    FB_SINK,
    FB_NOTIFIER,
};

/* Flags of a descriptor. */
enum {
    /* A transform whose process may run in several threads at once, each with
     * a batch of its own, on this one instance; unless bind says fb_serial.
     * It changes nothing of the instance, holds no batch (FB_HOLD only after
     * fb_emit, in the same call), and calls none of fb_spool_*, fb_shared,
     * fb_note_*, fb_fact, fb_table_* and what belongs to bind: that is
     * FB_E_BUG. */
    FB_PARALLEL = 1,
    FB_REJECTS = 2,  /* the step may reject rows: has a `rejected` output */
    FB_RESHAPES = 4, /* rows out are not rows in: aggregation, a query */
    /* A source that hears of objects and cannot read them: for triggers only.
     * The plugin that their uris name is asked for their generations. */
    FB_LISTS_OTHERS = 8,
    /* A transform or sink whose inputs need not have the same columns: it asks
     * fb_input whose batch it was given. */
    FB_MANY_INPUTS = 16,
    /* A sink that acts on what the other sinks made visible: it finishes after
     * all those without this flag, and fb_target_at tells it of them. */
    FB_LAST = 32,
};

enum { FB_HOLD = 1 }; /* process keeps the batch; fb_emit passes it on */

/*
 * Which callbacks a kind needs: a source read_bytes or read, but with
 * FB_LISTS_OTHERS discover; a transform process; a sink write_bytes or write,
 * and finish; a notifier notify.
 * All others may be NULL.
 */
struct fb_plugin {
    uint32_t abi;         /* FB_ABI */
    uint32_t size;        /* of this structure */
    uint32_t option_size; /* of struct fb_option */
    enum fb_kind kind;
    const char *name;           /* what `type:` names */
    const char *summary;        /* one sentence */
    const char *const *schemes; /* what `uri:` names: "file", "arn:*:sns" */
    uint32_t flags;
    uint32_t reserved;
    const struct fb_option *options; /* NULL: none */
    size_t instance_size;            /* bytes */

    int (*check)(void *self, struct fb_step *step, struct fb_error *err);
    int (*bind)(void *self, struct fb_step *step, struct fb_error *err);
    int (*open)(void *self, struct fb_step *step, struct fb_error *err);
    int (*finish)(void *self, struct fb_step *step, struct fb_error *err);
    void (*close)(void *self, struct fb_step *step);

    /* Sources.  discover works on a checked, unopened instance: fb_uri is
     * the pattern.  With FB_LISTS_OTHERS it names each object once; what it
     * says of generation, size and time is of the announcement, and counts
     * only when there is no such object.  stat, after open, says which
     * generation is being read; for a sink, after finish, what has become
     * visible. */
    int (*discover)(void *self, struct fb_step *step, fb_found_fn found,
                    void *arg, struct fb_error *err);
    int (*stat)(void *self, struct fb_step *step, struct fb_object *object,
                struct fb_error *err);
    /* At most size bytes; *got 0 is the end. */
    int (*read_bytes)(void *self, struct fb_step *step, unsigned char *bytes,
                      size_t size, size_t *got, struct fb_error *err);
    /* The next batch, given over to the caller; NULL is the end. */
    int (*read)(void *self, struct fb_step *step, struct fb_batch **batch,
                struct fb_error *err);
    /* A trigger was handled and that is on record: keep, delete or move it,
     * but only if it still is this generation.  Safe to repeat.  Works on a
     * checked, unopened instance, as discover and renew do. */
    int (*settle)(void *self, struct fb_step *step,
                  const struct fb_object *object, bool success,
                  struct fb_error *err);

    /* Transforms.  Change the batch in place; it goes on when process
     * returns 0.  With FB_HOLD the plugin has it until fb_emit.  flush comes
     * once, after the last batch.  With FB_PARALLEL, `step` is the thread's
     * own: use it during the call alone. */
    int (*process)(void *self, struct fb_step *step, struct fb_batch *batch,
                   struct fb_error *err);
    int (*flush)(void *self, struct fb_step *step, struct fb_error *err);

    /* Sinks. */
    int (*write_bytes)(void *self, struct fb_step *step,
                       const unsigned char *bytes, size_t size,
                       struct fb_error *err);
    int (*write)(void *self, struct fb_step *step, struct fb_batch *batch,
                 struct fb_error *err);

    /* Notifiers: returning 0 means that the message is delivered. */
    int (*notify)(void *self, struct fb_step *step,
                  const struct fb_report *report, struct fb_error *err);

    /* `forebay check`: would open succeed?  Looks at the world outside, but
     * changes nothing there.  The uri may hold a pattern (*). */
    int (*probe)(void *self, struct fb_step *step, struct fb_error *err);

    /* Sources.  The run of this object goes on: tell whoever might hand it
     * out again.  Called before the run begins and every few seconds while
     * it works; the run goes on also when this fails. */
    int (*renew)(void *self, struct fb_step *step,
                 const struct fb_object *object, struct fb_error *err);

    /* What `format:` names, in NULL-terminated order: this source (with read)
     * or sink (with write) is the codec of these formats.  The host gives it
     * a path on this machine as fb_uri: a source reads that file, which it
     * may seek in; a sink makes it whole by finish.  How the bytes travel is
     * the business of the step's own plugin. */
    const char *const *formats;

    /* Sources with read.  Every source of the run is open now: wait for what
     * open began, such as a query at a service, and name the columns if only
     * its end tells them (fb_output_column).  So what several sources wait
     * for is under way together. */
    int (*ready)(void *self, struct fb_step *step, struct fb_error *err);

    /* Sinks that make web pages.  Which scripts these run, as the sources of
     * a content security policy ("'sha256-...'"), for `forebay serve`: it
     * lets no page run anything else, however it came to its place.  Any
     * thread may ask. */
    int (*page_scripts)(char *sources, size_t size, struct fb_error *err);
};

/* What every descriptor begins with. */
#define FB_PLUGIN_HEAD                               \
    .abi = FB_ABI, .size = sizeof(struct fb_plugin), \
    .option_size = sizeof(struct fb_option)

#define FB_ENTRY "forebay_plugins" /* the exported symbol */

/* At the end of the plugin: what this shared object holds. */
#define FB_PLUGINS(...)                                                       \
    FB_EXPORT extern const struct fb_plugin *const forebay_plugins[];         \
    FB_EXPORT const struct fb_plugin *const forebay_plugins[] = {__VA_ARGS__, \
                                                                 NULL}

#define FB_PROVIDES_ENTRY "forebay_provides" /* the exported text */

/*
 * Optional, beside FB_PLUGINS: the same list in words, for a host that reads
 * it out of the file without loading it, and that loads the file only for a
 * pipeline that uses it.  For each descriptor, in the same order, its kind,
 * name, schemes, and formats with a dot before each:
 *
 *     FB_PROVIDES("source file file; sink file file");
 *     FB_PLUGINS(&file_source, &file_sink);
 *
 * A plugin whose descriptors say anything else is refused.  One without it
 * is loaded at every start.
 */
#define FB_PROVIDES(text_)                          \
    FB_EXPORT extern const char forebay_provides[]; \
    FB_EXPORT const char forebay_provides[] =       \
        "abi " FB_TEXT_OF(FB_ABI) "; " text_

#define FB_TEXT_OF(macro_) FB_TEXT_(macro_)
#define FB_TEXT_(text_) #text_

/* ----------------------------------------------------- host services --- */

enum fb_level { FB_DEBUG = 1, FB_INFO, FB_WARN, FB_ERROR };

/* The Arrow C Data Interface, word for word, with the guard that others have
 * around it: https://arrow.apache.org/docs/format/CDataInterface.html */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

/* What a step reads; see fb_input_at. */
struct fb_input {
    size_t size;
    const char *step;  /* its id */
    const char *title; /* as the pipeline says; its id when it does not */
    uint32_t column_count;
    const struct fb_column *columns; /* NULL while not known */
};

/* A table that the pipeline declares (`tables:`); see fb_table_at. */
struct fb_table {
    size_t size;
    const char *name;        /* as declared: "orders_db.processed" */
    const char *database;    /* "orders_db"; "default" when none was written */
    const char *table;       /* "processed" */
    const char *location;    /* a uri that ends with a slash */
    const char *format;      /* "csv", "tsv", "parquet" */
    const char *charset;     /* of text formats: "utf-8", "cp932" */
    const char *compression; /* "auto", "none", "gzip", "zstd" */
    unsigned char delimiter, quote, escape, comment; /* 0: none */
    bool header;               /* each file begins with a header record */
    const char *null_sequence; /* NULL: none */
    struct fb_list missing;    /* texts that mean a missing value */
    /* The columns of the files, then those of the path (dt=.../).  With
     * `schema: infer` the data is looked at when they are first asked for,
     * and `inferred` says so. */
    uint32_t column_count;
    const struct fb_column *columns;
    uint32_t partition_count; /* how many of them, at the end */
    bool inferred;
};

/* What another sink of the run makes; see fb_target_at. */
struct fb_target {
    size_t size;
    const char *step; /* its id */
    const char *uri;  /* in check it may hold a pattern (*) */
    bool visible;     /* it is there now; uri is then where */
};

/* Rows of a declared table, being read; see fb_table_open. */
struct fb_rows {
    const struct fb_host *host;
};

/* Makes what fb_shared keeps. */
typedef int (*fb_make_fn)(struct fb_step *step, void **object,
                          struct fb_error *err);
typedef void (*fb_drop_fn)(void *object);

/* The host's function table.  Call it through the functions below. */
struct fb_host {
    size_t size;
    /* the step */
    void *(*alloc)(struct fb_step *, size_t size);
    void (*log)(struct fb_step *, enum fb_level, const char *text);
    const char *(*uri)(struct fb_step *);
    const char *(*step_id)(struct fb_step *);
    const char *(*run_id)(struct fb_step *);
    int64_t (*now_ms)(struct fb_step *);
    int64_t (*run_date)(struct fb_step *);
    bool (*cancelled)(struct fb_step *);
    int (*option_error)(struct fb_step *, const char *option, size_t index,
                        enum fb_code, const char *text, struct fb_error *);
    /* columns */
    uint32_t (*column_count)(struct fb_step *);
    const struct fb_column *(*column)(struct fb_step *, uint32_t index);
    int (*column_find)(struct fb_step *, const char *option, size_t item,
                       const char *name, uint32_t *index, struct fb_error *);
    int (*output_column)(struct fb_step *, const char *name,
                         enum fb_column_type, uint32_t from, uint32_t *index,
                         struct fb_error *);
    int (*value_parse)(struct fb_step *, const struct fb_column *,
                       const struct fb_cell *, struct fb_value *);
    /* expressions */
    int (*expr_bind)(struct fb_step *, struct fb_expr *,
                     enum fb_column_type *type, struct fb_error *);
    int (*expr_test)(struct fb_batch *, struct fb_expr *, uint64_t *truth,
                     struct fb_error *);
    int (*expr_cells)(struct fb_batch *, struct fb_expr *,
                      const struct fb_cell **cells, struct fb_error *);
    /* batches */
    uint32_t (*batch_rows)(const struct fb_batch *);
    const uint64_t *(*batch_selection)(const struct fb_batch *);
    uint64_t (*batch_line)(const struct fb_batch *, uint32_t row);
    void *(*batch_alloc)(struct fb_batch *, size_t size);
    int (*batch_cells)(struct fb_batch *, uint32_t column,
                       const struct fb_cell **cells, struct fb_error *);
    int (*batch_values)(struct fb_batch *, uint32_t column,
                        const struct fb_value **values, struct fb_error *);
    void (*batch_filter)(struct fb_batch *, const uint64_t *keep);
    void (*batch_reject)(struct fb_batch *, uint32_t row, uint32_t column,
                         const char *code, const char *message);
    void (*batch_set)(struct fb_batch *, uint32_t output_column,
                      const struct fb_cell *cells);
    int (*batch_export)(struct fb_batch *, struct ArrowArray *,
                        struct ArrowSchema *, struct fb_error *);
    int (*batch_import)(struct fb_step *, struct ArrowArray *,
                        struct ArrowSchema *, struct fb_batch **,
                        struct fb_error *);
    void (*batch_free)(struct fb_batch *);
    int (*emit)(struct fb_step *, struct fb_batch *, struct fb_error *);
    /* batches kept on disk until flush */
    int (*spool_put)(struct fb_step *, struct fb_batch *, struct fb_error *);
    int (*spool_next)(struct fb_step *, struct fb_batch **, struct fb_error *);
    /* inputs of transforms and sinks */
    uint32_t (*input_count)(struct fb_step *);
    const struct fb_input *(*input_at)(struct fb_step *, uint32_t index);
    uint32_t (*input)(struct fb_step *);
    /* declared tables */
    uint32_t (*table_count)(struct fb_step *);
    int (*table_at)(struct fb_step *, uint32_t index, const struct fb_table **,
                    struct fb_error *);
    int (*table_objects)(struct fb_step *, uint32_t index, fb_found_fn found,
                         void *arg, struct fb_error *);
    int (*table_open)(struct fb_step *, uint32_t index, struct fb_rows **,
                      struct fb_error *);
    int (*table_next)(struct fb_rows *, struct fb_batch **, struct fb_error *);
    void (*table_close)(struct fb_rows *);
    /* the run */
    int (*shared)(struct fb_step *, const char *key, fb_make_fn, fb_drop_fn,
                  void **object, struct fb_error *);
    int (*note_put)(struct fb_step *, const char *key, const char *text,
                    struct fb_error *);
    int (*note_get)(struct fb_step *, const char *key, const char **text,
                    struct fb_error *);
    void (*fact)(struct fb_step *, const char *name, const char *text);
    const char *(*temp_folder)(struct fb_step *);
    const char *(*pipeline)(struct fb_step *);
    /* the step */
    void (*serial)(struct fb_step *);
    /* batches, once more */
    const char *(*batch_name)(const struct fb_batch *);
    /* what the run's other sinks make */
    uint32_t (*target_count)(struct fb_step *);
    const struct fb_target *(*target_at)(struct fb_step *, uint32_t index);
};

/* Zeroed memory that lives as long as the step.  Never NULL. */
static inline void *
fb_alloc(struct fb_step *step, size_t size)
{
    return step->host->alloc(step, size);
}

/* Tell the operator.  One line; the host adds time, run and step. */
static inline void FB_PRINTF(3, 4)
    fb_log(struct fb_step *step, enum fb_level level, const char *format, ...)
{
    char text[FB_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    step->host->log(step, level, text);
}

/* The step's uri as substituted; a pattern for discover; NULL: none. */
static inline const char *
fb_uri(struct fb_step *step)
{
    return step->host->uri(step);
}

static inline const char *
fb_step_id(struct fb_step *step)
{
    return step->host->step_id(step);
}

/* Hex digits; the same for every attempt at the same trigger generation. */
static inline const char *
fb_run_id(struct fb_step *step)
{
    return step->host->run_id(step);
}

/* The wall clock, milliseconds since the epoch. */
static inline int64_t
fb_now_ms(struct fb_step *step)
{
    return step->host->now_ms(step);
}

/* CURRENT_DATE of this run (--as-of), in days since 1970-01-01. */
static inline int64_t
fb_run_date(struct fb_step *step)
{
    return step->host->run_date(step);
}

/* True once the run should stop: long loops ask and return an error. */
static inline bool
fb_cancelled(struct fb_step *step)
{
    return step->host->cancelled(step);
}

/*
 * Refuse an option in check, bind or open: the host adds file, line and
 * column of the option (of item `index` of a list or map).  Returns -1.
 */
static inline int FB_PRINTF(5, 6)
    fb_bad_option(struct fb_step *step, struct fb_error *err,
                  const char *option, size_t index, const char *format, ...)
{
    char text[FB_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return step->host->option_error(step, option, index, FB_E_CONFIG, text,
                                    err);
}

/* In bind and later: the columns that arrive, in the order of the input. */
static inline uint32_t
fb_column_count(struct fb_step *step)
{
    return step->host->column_count(step);
}

static inline const struct fb_column *
fb_column(struct fb_step *step, uint32_t index)
{
    return step->host->column(step, index);
}

/*
 * The column that item `item` of option `option` names.  When there is none,
 * the error names the nearest column and the place in the pipeline.
 */
static inline int FB_MUST_CHECK
fb_column_find(struct fb_step *step, const char *option, size_t item,
               const char *name, uint32_t *index, struct fb_error *err)
{
    return step->host->column_find(step, option, item, name, index, err);
}

/*
 * In bind: name the next column that leaves this step.  A step that names
 * none passes its input's columns on.  `from` is an input column, whose cells
 * go on untouched, or FB_NEW, which process fills by fb_batch_set; type 0
 * means that of `from`.  index may be NULL.  A source with read that learns
 * its columns only when it opens names them (FB_NEW) in open, or in ready.
 */
static inline int FB_MUST_CHECK
fb_output_column(struct fb_step *step, const char *name,
                 enum fb_column_type type, uint32_t from, uint32_t *index,
                 struct fb_error *err)
{
    return step->host->output_column(step, name, type, from, index, err);
}

/*
 * In bind: this step needs its batches one at a time and in their order, as
 * if the descriptor did not say FB_PARALLEL.  For plugins where that depends
 * on the options or columns.
 */
static inline void
fb_serial(struct fb_step *step)
{
    /* A host that is too old to know the word does nothing at once. */
    if (step->host->size > offsetof(struct fb_host, serial))
        step->host->serial(step);
}

/* Give a text the meaning of a column; value->state tells how it went. */
static inline void
fb_value_parse(struct fb_step *step, const struct fb_column *column,
               const struct fb_cell *cell, struct fb_value *value)
{
    (void)step->host->value_parse(step, column, cell, value);
}

/* In bind: resolve names and types against the columns that arrive. */
static inline int FB_MUST_CHECK
fb_expr_bind(struct fb_step *step, struct fb_expr *expr,
             enum fb_column_type *type, struct fb_error *err)
{
    return step->host->expr_bind(step, expr, type, err);
}

/* Bitmaps of rows: row r is bit r % 64 of word r / 64. */
#define FB_WORDS(rows_) (((size_t)(rows_) + 63) / 64)

static inline bool
fb_bit(const uint64_t *bits, uint32_t row)
{
    return (bits[row / 64] >> (row % 64)) & 1;
}

static inline void
fb_bit_set(uint64_t *bits, uint32_t row)
{
    bits[row / 64] |= (uint64_t)1 << (row % 64);
}

static inline void
fb_bit_clear(uint64_t *bits, uint32_t row)
{
    bits[row / 64] &= ~((uint64_t)1 << (row % 64));
}

/*
 * Evaluate a condition over the selected rows: truth (FB_WORDS words) gets a
 * 1 where it is TRUE, a 0 where it is FALSE, NULL, or the row is not selected.
 */
static inline int FB_MUST_CHECK
fb_expr_test(struct fb_batch *batch, struct fb_expr *expr, uint64_t *truth,
             struct fb_error *err)
{
    return batch->host->expr_test(batch, expr, truth, err);
}

/* Evaluate to text: one cell a row, living as long as the batch. */
static inline int FB_MUST_CHECK
fb_expr_cells(struct fb_batch *batch, struct fb_expr *expr,
              const struct fb_cell **cells, struct fb_error *err)
{
    return batch->host->expr_cells(batch, expr, cells, err);
}

/* Rows in the batch, those no longer selected among them. */
static inline uint32_t
fb_batch_rows(const struct fb_batch *batch)
{
    return batch->host->batch_rows(batch);
}

/* Which rows are still in.  Work only on these. */
static inline const uint64_t *
fb_batch_selection(const struct fb_batch *batch)
{
    return batch->host->batch_selection(batch);
}

/* The line of the input on which the row begins; 1 is the first. */
static inline uint64_t
fb_batch_line(const struct fb_batch *batch, uint32_t row)
{
    return batch->host->batch_line(batch, row);
}

/* The uri of the object that the rows of a table come from (fb_table_next),
 * for errors about them; lives as long as the rows.  NULL: not known. */
static inline const char *
fb_batch_name(const struct fb_batch *batch)
{
    if (batch->host->size <= offsetof(struct fb_host, batch_name))
        return NULL;
    return batch->host->batch_name(batch);
}

/* Memory that lives as long as the batch; not zeroed.  Never NULL. */
static inline void *
fb_batch_alloc(struct fb_batch *batch, size_t size)
{
    return batch->host->batch_alloc(batch, size);
}

/* The text of a column: one cell a row.  Made when first asked for. */
static inline int FB_MUST_CHECK
fb_batch_cells(struct fb_batch *batch, uint32_t column,
               const struct fb_cell **cells, struct fb_error *err)
{
    return batch->host->batch_cells(batch, column, cells, err);
}

/* The values of a column by its type: one a row. */
static inline int FB_MUST_CHECK
fb_batch_values(struct fb_batch *batch, uint32_t column,
                const struct fb_value **values, struct fb_error *err)
{
    return batch->host->batch_values(batch, column, values, err);
}

/* Drop the selected rows whose bit in keep is 0; they count as filtered. */
static inline void
fb_batch_filter(struct fb_batch *batch, const uint64_t *keep)
{
    batch->host->batch_filter(batch, keep);
}

/*
 * Reject a selected row: it leaves by the `rejected` output with its line
 * and its original bytes.  column: an input column or FB_NEW for none; code:
 * Frictionless's, such as "type-error"; the text is copied.
 */
static inline void FB_PRINTF(5, 6)
    fb_batch_reject(struct fb_batch *batch, uint32_t row, uint32_t column,
                    const char *code, const char *format, ...)
{
    char text[FB_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    batch->host->batch_reject(batch, row, column, code, text);
}

/* Fill an output column made with FB_NEW: one cell a row, which must live as
 * long as the batch (fb_batch_alloc, or cells of the same batch). */
static inline void
fb_batch_set(struct fb_batch *batch, uint32_t output_column,
             const struct fb_cell *cells)
{
    batch->host->batch_set(batch, output_column, cells);
}

/*
 * The selected rows by the Arrow C Data Interface
 * (https://arrow.apache.org/docs/format/CDataInterface.html), a struct array
 * with one child a column: utf8, int64, float64, bool, date32, timestamp[us].
 * A cell that is not of its column's type fails the call.  The caller
 * releases both; they do not depend on the batch.
 */
static inline int FB_MUST_CHECK
fb_batch_export(struct fb_batch *batch, struct ArrowArray *array,
                struct ArrowSchema *schema, struct fb_error *err)
{
    return batch->host->batch_export(batch, array, schema, err);
}

/* A batch of such a struct array, which is taken over and released. */
static inline int FB_MUST_CHECK
fb_batch_import(struct fb_step *step, struct ArrowArray *array,
                struct ArrowSchema *schema, struct fb_batch **batch,
                struct fb_error *err)
{
    return step->host->batch_import(step, array, schema, batch, err);
}

static inline void
fb_batch_free(struct fb_batch *batch)
{
    batch->host->batch_free(batch);
}

/* Pass a held or new batch on; it is given over, even when this fails. */
static inline int FB_MUST_CHECK
fb_emit(struct fb_step *step, struct fb_batch *batch, struct fb_error *err)
{
    return step->host->emit(step, batch, err);
}

/*
 * Keep a batch on disk: bounded memory for steps that must see every row
 * before they can let one go.  The batch is given over (return FB_HOLD from
 * process).  In flush, fb_spool_next gives them back in order, then NULL.
 */
static inline int FB_MUST_CHECK
fb_spool_put(struct fb_step *step, struct fb_batch *batch, struct fb_error *err)
{
    return step->host->spool_put(step, batch, err);
}

static inline int FB_MUST_CHECK
fb_spool_next(struct fb_step *step, struct fb_batch **batch,
              struct fb_error *err)
{
    return step->host->spool_next(step, batch, err);
}

/*
 * What the step reads.  The columns of an input are known from bind on.  NULL
 * when there is no such input.
 */
static inline uint32_t
fb_input_count(struct fb_step *step)
{
    return step->host->input_count(step);
}

static inline const struct fb_input *
fb_input_at(struct fb_step *step, uint32_t index)
{
    return step->host->input_at(step, index);
}

/* In process and write: the input that the batch comes from. */
static inline uint32_t
fb_input(struct fb_step *step)
{
    return step->host->input(step);
}

/* The tables that the pipeline declares, in the order written. */
static inline uint32_t
fb_table_count(struct fb_step *step)
{
    return step->host->table_count(step);
}

/* With `schema: infer` this reads data, but in check and bind, where columns
 * that only the data can tell are NULL. */
static inline int FB_MUST_CHECK
fb_table_at(struct fb_step *step, uint32_t index, const struct fb_table **table,
            struct fb_error *err)
{
    return step->host->table_at(step, index, table, err);
}

/* From open on: what lies below the table's location now.  Objects whose last
 * path segment begins with a dot or an underscore are none of it. */
static inline int FB_MUST_CHECK
fb_table_objects(struct fb_step *step, uint32_t index, fb_found_fn found,
                 void *arg, struct fb_error *err)
{
    return step->host->table_objects(step, index, found, arg, err);
}

/*
 * Read a table's rows through the host's readers, in whatever store, charset
 * and format it is.  fb_table_next gives the batches of all objects, one
 * object after the other, with the columns of fb_table_at (the first error
 * stays), then NULL; several threads may call it at once, and then batches
 * come in no order.  The batch is given over.  Close it when nobody is in
 * fb_table_next any more.
 */
static inline int FB_MUST_CHECK
fb_table_open(struct fb_step *step, uint32_t index, struct fb_rows **rows,
              struct fb_error *err)
{
    return step->host->table_open(step, index, rows, err);
}

static inline int FB_MUST_CHECK
fb_table_next(struct fb_rows *rows, struct fb_batch **batch,
              struct fb_error *err)
{
    return rows->host->table_next(rows, batch, err);
}

static inline void
fb_table_close(struct fb_rows *rows)
{
    if (rows != NULL)
        rows->host->table_close(rows);
}

/*
 * Of a sink with FB_LAST, from bind on: what the sinks without this flag make,
 * in the order of the pipeline.  An output that is left out because no row
 * came is never visible.  Others, and hosts that are too old, count none.
 */
static inline uint32_t
fb_target_count(struct fb_step *step)
{
    if (step->host->size <= offsetof(struct fb_host, target_at))
        return 0;
    return step->host->target_count(step);
}

static inline const struct fb_target *
fb_target_at(struct fb_step *step, uint32_t index)
{
    return step->host->target_at(step, index);
}

/*
 * One object for all steps of this plugin in this run, by key: made by the
 * step that asks first, while others that ask wait, and dropped when all steps
 * of the run are closed.  What fails to be made is made by who asks next.  In
 * check and bind too, then for as long as the pipeline is checked.  Never from
 * process of an FB_PARALLEL plugin.
 */
static inline int FB_MUST_CHECK
fb_shared(struct fb_step *step, const char *key, fb_make_fn make,
          fb_drop_fn drop, void **object, struct fb_error *err)
{
    return step->host->shared(step, key, make, drop, object, err);
}

/*
 * Notes of this step that every attempt at the same run sees, also after a
 * crash: on record when fb_note_put returns.  *text is NULL when there is no
 * such note, and lives as long as the step.  In check and bind there are
 * none.
 */
static inline int FB_MUST_CHECK
fb_note_put(struct fb_step *step, const char *key, const char *text,
            struct fb_error *err)
{
    return step->host->note_put(step, key, text, err);
}

static inline int FB_MUST_CHECK
fb_note_get(struct fb_step *step, const char *key, const char **text,
            struct fb_error *err)
{
    return step->host->note_get(step, key, text, err);
}

/* Something for the report of the run: "scanned", "1.2 MiB".  Both are
 * copied; a name that comes again replaces what it had. */
static inline void FB_PRINTF(3, 4)
    fb_fact(struct fb_step *step, const char *name, const char *format, ...)
{
    char text[FB_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    step->host->fact(step, name, text);
}

/* From open on: a folder of this machine for files that nobody needs after the
 * run: what a killed run leaves there goes before the pipeline's next one
 * begins.  It is the pipeline's, not the step's: names in it are mkdtemp's, or
 * mkstemp's. */
static inline const char *
fb_temp_folder(struct fb_step *step)
{
    return step->host->temp_folder(step);
}

/* The name of the pipeline. */
static inline const char *
fb_pipeline(struct fb_step *step)
{
    return step->host->pipeline(step);
}

#ifdef __cplusplus
}
#endif

#endif
