/*
 * table/internal.h: the inside of tables, for the files of this room: table.c
 * (what a table is), object.c (one of its objects), rows.c (all its rows),
 * know.c (a schema found in the data), guess.c (all of it found in the data).
 */
#ifndef TABLE_INTERNAL_H
#define TABLE_INTERNAL_H

#include <pthread.h>

#include "codec/reader.h"
#include "step/coded.h"
#include "table/table.h"
#include "util/arena.h"

struct infer;
struct table_object;
struct tables;

struct table {
    struct tables *tables;
    const struct table_config *config;
    struct fb_table info;
    /* Written once, under the lock of the tables, before `known`. */
    const struct columns *columns; /* those of info, with the missing texts */
    const struct schema *schema;   /* of the files; NULL: not inferred yet */
    bool known;                    /* columns and schema are */
};

struct tables {
    const struct step_context *context;
    bool may_look;        /* at data */
    pthread_mutex_t lock; /* held while something becomes known */
    struct arena *arena;  /* of what is known; under the lock */
    struct table *items;
    struct step_tables services;
};

/* An instance whose options are filled in and that no callback has seen: an
 * object at a time can be open on one.  Free it with free(). */
void *table_instance(const struct pipeline_step *config);

/* What lies below the location now, in the order of the uris, which live in
 * the arena. */
int table_list(const struct table *table, struct arena *arena,
               struct fb_list *uris, struct fb_error *err) FB_MUST_CHECK;

/* Take "step 'ID': " off the error's begin: nobody wrote down such a step. */
void table_forget_step(const char *id, struct fb_error *err);

/* The columns are known: those of this schema.  Under the lock. */
int table_take_columns(struct table *table, const struct schema *schema,
                       struct fb_error *err) FB_MUST_CHECK;
/* know.c: find a schema in the data. */
int table_infer(struct table *table, struct fb_error *err) FB_MUST_CHECK;
/* Rows that are still to be looked at, of the table's infer_rows. */
uint32_t table_rows_wanted(const struct table *table,
                           const struct infer *infer);
/* Look at so many rows of an object.  *refused (may be NULL) grows by those
 * that cannot be read. */
int table_look_at(const struct table *table, struct table_object *object,
                  struct infer *infer, uint64_t *refused,
                  struct fb_error *err) FB_MUST_CHECK;

/* The values of the partition keys in a uri: one cell a key, in the arena.
 * FB_E_INPUT when the path does not have them in this order. */
int table_partition_cells(const struct table *table, const char *uri,
                          struct arena *arena, struct fb_cell *cells,
                          struct fb_error *err) FB_MUST_CHECK;

/* object.c: one object of a table, open, with the codec on it. */
struct table_object {
    struct pipeline_step config; /* its uri, and an instance of its own */
    struct step *step;
    struct reader *reader;      /* of a text; or */
    struct coded_reader *coded; /* of another format */
};

/* Its bytes alone; read them by object->step.  Free it with
 * table_object_free, also after a failure; `uri` must outlive it. */
int table_object_open_bytes(const struct table *table, const char *uri,
                            struct table_object *object,
                            struct fb_error *err) FB_MUST_CHECK;
/* schema NULL: as the header has it, all texts.  Else as above. */
int table_object_open(const struct table *table, const char *uri,
                      const struct schema *schema, struct table_object *object,
                      struct fb_error *err) FB_MUST_CHECK;
void table_object_free(struct table_object *object); /* zeroed is fine */
const struct columns *table_object_columns(const struct table_object *object);
int table_object_next(struct table_object *object, struct batch **batch,
                      struct fb_error *err) FB_MUST_CHECK;
/* Where each of these columns stands in the object, by name; FB_E_INPUT when
 * it has not just these. */
int table_object_match(const struct table *table,
                       const struct table_object *object,
                       const struct columns *wanted, uint32_t count,
                       uint32_t *from, struct fb_error *err) FB_MUST_CHECK;

/* rows.c */
int rows_open(struct table *table, struct fb_rows **pub,
              struct fb_error *err) FB_MUST_CHECK;
int rows_next(struct fb_rows *pub, struct fb_batch **batch,
              struct fb_error *err) FB_MUST_CHECK;
void rows_close(struct fb_rows *pub);

#endif
