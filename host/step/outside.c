/*
 * step/outside.c: the services that reach beyond the step itself: what it
 * reads, the pipeline's tables, and what is kept of a run.  The work is done by
 * the rooms above, through step_context.
 */
#include <assert.h>
#include <stdlib.h>

#include "step/internal.h"
#include "util/file.h"
#include "util/mem.h"

/* --- inputs --------------------------------------------------------------- */

void
step_set_inputs(struct step *step, const struct fb_input *inputs,
                uint32_t count)
{
    step->inputs = inputs;
    step->input_count = count;
    step->input_index = 0;
}

void
step_set_input(struct step *step, uint32_t index)
{
    assert(step->input_count == 0 || index < step->input_count);
    step->input_index = index;
}

uint32_t
outside_input_count(struct fb_step *pub)
{
    return step_of(pub)->input_count;
}

const struct fb_input *
outside_input_at(struct fb_step *pub, uint32_t index)
{
    const struct step *step = step_of(pub);

    return index < step->input_count ? &step->inputs[index] : NULL;
}

uint32_t
outside_input(struct fb_step *pub)
{
    return step_of(pub)->input_index;
}

/* --- targets -------------------------------------------------------------- */

void
step_set_targets(struct step *step, const struct fb_target *targets,
                 uint32_t count)
{
    step->targets = targets;
    step->target_count = count;
}

uint32_t
outside_target_count(struct fb_step *pub)
{
    return step_of(pub)->target_count;
}

const struct fb_target *
outside_target_at(struct fb_step *pub, uint32_t index)
{
    const struct step *step = step_of(pub);

    return index < step->target_count ? &step->targets[index] : NULL;
}

/* --- tables --------------------------------------------------------------- */

uint32_t
outside_table_count(struct fb_step *pub)
{
    const struct step_tables *tables = step_of(pub)->context->tables;

    return tables != NULL ? tables->count : 0;
}

/* The tables, once it is sure that there is one of this index. */
static const struct step_tables *
tables_of(struct fb_step *pub, uint32_t index, struct fb_error *err)
{
    struct step *step = step_of(pub);
    uint32_t count = outside_table_count(pub);

    if (!step_may_call(step, "asks for tables", err))
        return NULL;
    if (index < count)
        return step->context->tables;
    fb_fail(err, FB_E_BUG, "plugin '%s' asked for table %u of %u",
            step->plugin->name, index, count);
    return NULL;
}

int
outside_table_at(struct fb_step *pub, uint32_t index,
                 const struct fb_table **table, struct fb_error *err)
{
    const struct step_tables *tables = tables_of(pub, index, err);

    return tables != NULL
               ? tables->at(tables->arg, index, !step_of(pub)->pure, table, err)
               : -1;
}

int
outside_table_objects(struct fb_step *pub, uint32_t index, fb_found_fn found,
                      void *arg, struct fb_error *err)
{
    const struct step_tables *tables = tables_of(pub, index, err);

    return tables != NULL ? tables->objects(tables->arg, index, found, arg, err)
                          : -1;
}

/* Rows of a table as the plugin holds them: the room above made them, and
 * must be asked again. */
struct outside_rows {
    struct fb_rows pub; /* first */
    const struct step_tables *tables;
    struct fb_rows *rows;
};

int
outside_table_open(struct fb_step *pub, uint32_t index, struct fb_rows **rows,
                   struct fb_error *err)
{
    const struct step_tables *tables = tables_of(pub, index, err);
    struct outside_rows *made;
    struct fb_rows *inner;

    if (tables == NULL || tables->open(tables->arg, index, &inner, err) != 0)
        return -1;
    made = mem_zalloc(sizeof(*made));
    made->pub.host = &step_services;
    made->tables = tables;
    made->rows = inner;
    *rows = &made->pub;
    return 0;
}

int
outside_table_next(struct fb_rows *rows, struct fb_batch **batch,
                   struct fb_error *err)
{
    struct outside_rows *outer = (struct outside_rows *)rows;

    *batch = NULL;
    return outer->tables->next(outer->rows, batch, err);
}

void
outside_table_close(struct fb_rows *rows)
{
    struct outside_rows *outer = (struct outside_rows *)rows;

    outer->tables->close(outer->rows);
    free(outer);
}

/* --- what is kept of a run ------------------------------------------------ */

int
outside_note_put(struct fb_step *pub, const char *key, const char *text,
                 struct fb_error *err)
{
    struct step *step = step_of(pub);
    const struct step_notes *notes = step->context->notes;

    if (!step_may_call(step, "calls fb_note_put", err))
        return -1;
    if (notes == NULL)
        return 0; /* nobody will try again what nobody records */
    return notes->put(notes->arg, step->id, key, text, err);
}

int
outside_note_get(struct fb_step *pub, const char *key, const char **text,
                 struct fb_error *err)
{
    struct step *step = step_of(pub);
    const struct step_notes *notes = step->context->notes;
    char *found = NULL;

    *text = NULL;
    if (!step_may_call(step, "calls fb_note_get", err))
        return -1;
    if (notes == NULL)
        return 0;
    if (notes->get(notes->arg, step->id, key, &found, err) != 0)
        return -1;
    if (found != NULL)
        *text = arena_strdup(step->arena, found);
    free(found);
    return 0;
}

/* --- facts ---------------------------------------------------------------- */

void
outside_fact(struct fb_step *pub, const char *name, const char *text)
{
    struct step *step = step_of(pub);
    struct fb_error told_by_process = {.code = FB_E_NONE};
    uint32_t i = 0;

    if (!step_may_call(step, "calls fb_fact", &told_by_process))
        return;
    while (i < step->fact_count && strcmp(step->facts[i].name, name) != 0)
        i++;
    if (i == step->fact_count) {
        step->facts = mem_regrow(step->facts, (size_t)step->fact_count + 1,
                                 sizeof(*step->facts));
        step->facts[step->fact_count++].name = arena_strdup(step->arena, name);
    }
    step->facts[i].text = arena_strdup(step->arena, text);
}

uint32_t
step_fact_count(const struct step *step)
{
    return step->fact_count;
}

const struct step_fact *
step_fact_at(const struct step *step, uint32_t index)
{
    assert(index < step->fact_count);
    return &step->facts[index];
}

/* --- the run -------------------------------------------------------------- */

int
step_temp_folder(const struct step_context *context, const char **folder,
                 struct fb_error *err)
{
    *folder = context->temp_folder;
    if (*folder == NULL)
        return fb_fail(err, FB_E_BUG,
                       "there are no temporary files outside of a run");
    return file_make_folders(*folder, err);
}

/* Without the folder, the plugin fails at what it makes in it. */
const char *
outside_temp_folder(struct fb_step *pub)
{
    struct fb_error err = {.code = FB_E_NONE};
    const char *folder;

    if (step_temp_folder(step_of(pub)->context, &folder, &err) != 0)
        fb_log(pub, FB_WARN, "%s", err.message);
    return folder;
}

const char *
outside_pipeline(struct fb_step *pub)
{
    return step_of(pub)->context->pipeline;
}
