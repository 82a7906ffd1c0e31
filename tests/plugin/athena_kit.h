/*
 * What the tests of the plugins that talk to Athena and Glue share: a fake
 * host with notes, shared objects, facts and tables, and a scripted server
 * that is all of their services.  Header only.
 */
#ifndef PLUGIN_ATHENA_KIT_H
#define PLUGIN_ATHENA_KIT_H

#include "support/aws_kit.h"
#include "support/fake_host.h"
#include "support/http_script.h"
#include "unit/main.h"

#include <stdlib.h>

#include "batch/arrow.h"
#include "step/step.h"
#include "util/mem.h"

#define KIT_MAX 32

static struct http_script *script;

static struct {
    char notes[KIT_MAX][1024]; /* each text that was put, in order */
    int note_count;
    int requests_at_note[KIT_MAX];
    const struct fb_step *without_notes; /* another step than theirs */
    char facts[KIT_MAX][256];            /* "name: text" */
    int fact_count;
    struct {
        const char *key;
        void *object;
        fb_drop_fn drop;
    } shared[KIT_MAX];
    int shared_count;
    const struct fb_table *tables;
    uint32_t table_count;
    const char *const *objects; /* of every table; ends with NULL */
    struct fb_target targets[4];
    uint32_t target_count;
} kit;

/* --- services --- */

static inline int
kit_note_put(struct fb_step *step, const char *key, const char *text,
             struct fb_error *err)
{
    (void)step, (void)err;
    ck_assert_str_eq(key, "query");
    ck_assert_int_lt(kit.note_count, KIT_MAX);
    kit.requests_at_note[kit.note_count] = http_script_count(script);
    snprintf(kit.notes[kit.note_count++], sizeof(kit.notes[0]), "%s", text);
    return 0;
}

static inline int
kit_note_get(struct fb_step *step, const char *key, const char **text,
             struct fb_error *err)
{
    (void)key, (void)err;
    *text = kit.note_count > 0 && step != kit.without_notes
                ? kit.notes[kit.note_count - 1]
                : NULL;
    return 0;
}

static inline void
kit_fact(struct fb_step *step, const char *name, const char *text)
{
    (void)step;
    ck_assert_int_lt(kit.fact_count, KIT_MAX);
    snprintf(kit.facts[kit.fact_count++], sizeof(kit.facts[0]), "%s: %s", name,
             text);
}

static inline int
kit_share(struct fb_step *step, const char *key, fb_make_fn make,
          fb_drop_fn drop, void **object, struct fb_error *err)
{
    for (int i = 0; i < kit.shared_count; i++)
        if (strcmp(kit.shared[i].key, key) == 0) {
            *object = kit.shared[i].object;
            return 0;
        }
    if (make(step, object, err) != 0)
        return -1;
    kit.shared[kit.shared_count].key = key;
    kit.shared[kit.shared_count].object = *object;
    kit.shared[kit.shared_count++].drop = drop;
    return 0;
}

static inline uint32_t
kit_table_count(struct fb_step *step)
{
    (void)step;
    return kit.table_count;
}

static inline int
kit_table_at(struct fb_step *step, uint32_t index,
             const struct fb_table **table, struct fb_error *err)
{
    (void)step, (void)err;
    ck_assert_uint_lt(index, kit.table_count);
    *table = &kit.tables[index];
    return 0;
}

static inline int
kit_table_objects(struct fb_step *step, uint32_t index, fb_found_fn found,
                  void *arg, struct fb_error *err)
{
    (void)step, (void)index, (void)err;
    for (int i = 0; kit.objects != NULL && kit.objects[i] != NULL; i++) {
        const struct fb_object object = {.uri = kit.objects[i], .size = 10};

        if (found(arg, &object) != 0)
            break;
    }
    return 0;
}

static inline uint32_t
kit_target_count(struct fb_step *step)
{
    (void)step;
    return kit.target_count;
}

static inline const struct fb_target *
kit_target_at(struct fb_step *step, uint32_t index)
{
    (void)step;
    return index < kit.target_count ? &kit.targets[index] : NULL;
}

/* What a source reads has its own columns, where no text is missing. */
static inline int
kit_import(struct fb_step *step, struct ArrowArray *array,
           struct ArrowSchema *schema, struct fb_batch **batch,
           struct fb_error *err)
{
    static const uint32_t from[FAKE_COLUMNS_MAX] = {0, 1, 2, 3, 4, 5, 6, 7};
    static struct columns columns;
    struct batch *made;

    (void)step;
    if (batch_import(NULL, array, schema, &step_services, &made, err) != 0)
        return -1;
    columns = *batch_columns(made);
    columns.missing = (struct fb_list){0};
    ck_assert_int_eq(batch_reshape(made, &columns, from, err), 0);
    *batch = batch_public(made);
    return 0;
}

static inline void
kit_services(struct fake *fake)
{
    fake->host.note_put = kit_note_put;
    fake->host.note_get = kit_note_get;
    fake->host.fact = kit_fact;
    fake->host.shared = kit_share;
    fake->host.table_count = kit_table_count;
    fake->host.table_at = kit_table_at;
    fake->host.table_objects = kit_table_objects;
    fake->host.target_count = kit_target_count;
    fake->host.target_at = kit_target_at;
    fake->host.batch_import = kit_import;
}

static inline void
kit_begin(void)
{
    memset(&kit, 0, sizeof(kit));
    aws_kit_environment();
    aws_kit_keys(NULL);
    script = http_script_new();
}

/* As at the end of a run; the notes stay. */
static inline void
kit_end_run(void)
{
    for (int i = 0; i < kit.shared_count; i++)
        kit.shared[i].drop(kit.shared[i].object);
    kit.shared_count = 0;
}

/* --- what is expected --- */

static inline struct http_step *
kit_expect(const char *service, const char *operation)
{
    struct http_step *step;
    char target[80];

    http_script_scope(script, "us-east-1", service);
    step = http_expect(script, "POST", "/");
    snprintf(target, sizeof(target), "%s.%s",
             strcmp(service, "glue") == 0 ? "AWSGlue" : "AmazonAthena",
             operation);
    http_expect_header(step, "x-amz-target", target);
    http_expect_header(step, "content-type", "application/x-amz-json-1.1");
    http_answer(step, 200, "{}");
    return step;
}

static inline void
kit_refuse(struct http_step *step, const char *code)
{
    char text[200];

    snprintf(text, sizeof(text),
             "{\"__type\":\"%s\",\"Message\":\"because of %s\"}", code, code);
    http_answer(step, 400, text);
}

#endif
