/*
 * step/step.c: the life of a step and the calls into its plugin.  Plugins are
 * not trusted to keep their promises: what they return is checked here.
 */
#include "step/step.h"

#include <assert.h>
#include <stdlib.h>

#include "step/internal.h"
#include "util/error.h"
#include "util/mem.h"

static struct step *
step_make(const struct fb_plugin *plugin, void *instance,
          const struct step_context *context)
{
    struct step *step = mem_zalloc(sizeof(*step));

    assert(plugin != NULL && instance != NULL && context != NULL);
    step->pub.host = &step_services;
    step->plugin = plugin;
    step->instance = instance;
    step->context = context;
    step->arena = arena_new();
    return step;
}

struct step *
step_new(const struct pipeline_step *config, const struct step_context *context)
{
    struct step *step = step_make(config->plugin, config->instance, context);

    step->config = config;
    step->places = config->places;
    step->place = config->place;
    step->id = config->label;
    step->uri = config->uri;
    return step;
}

struct step *
step_new_trigger(const struct trigger_config *config,
                 const struct step_context *context)
{
    struct step *step = step_make(config->plugin, config->instance, context);

    step->places = config->places;
    step->place = config->place;
    step->id = "trigger";
    step->uri = config->uri;
    return step;
}

void
step_free(struct step *step)
{
    if (step == NULL)
        return;
    step_close(step);
    while (step->views != NULL) {
        struct step *view = step->views;

        step->views = view->next_view;
        step_free(view);
    }
    spool_free(step->spool);
    free(step->collected);
    free(step->facts);
    arena_free(step->arena);
    free(step);
}

const struct fb_plugin *
step_plugin(const struct step *step)
{
    return step->plugin;
}

void
step_on_emit(struct step *step,
             int (*emit)(void *arg, struct batch *batch, struct fb_error *err),
             void *arg)
{
    step->emit = emit;
    step->emit_arg = arg;
}

struct step_counts
step_take_counts(struct step *step)
{
    struct step_counts counts = step->counts;

    step->counts = (struct step_counts){0};
    return counts;
}

/* A view is never open itself: the plugin is closed once. */
struct step *
step_view(struct step *step)
{
    struct step *view = step_make(step->plugin, step->instance, step->context);

    assert(step->opened && step_is_parallel(step));
    view->config = step->config;
    view->places = step->places;
    view->place = step->place;
    view->id = step->id;
    view->uri = step->uri;
    view->input = step->input;
    view->output = step->output;
    view->from = step->from;
    view->inputs = step->inputs;
    view->input_count = step->input_count;
    view->next_view = step->views;
    step->views = view;
    return view;
}

const struct columns *
step_columns(const struct step *step)
{
    return step->output;
}

/* A callback failed: make sure that there is an error that names the step. */
static int
callback_failed(struct step *step, const char *callback, struct fb_error *err)
{
    if (err->code == FB_E_NONE)
        return fb_fail(err, FB_E_BUG,
                       "step '%s': plugin '%s' failed in %s without saying "
                       "why",
                       step->id, step->plugin->name, callback);
    if (step->error_place.line > 0) {
        const struct place *p = &step->error_place;
        return error_context(err, "%s:%u:%u: step '%s'", p->file, p->line,
                             p->column, step->id);
    }
    return error_context(err, "step '%s'", step->id);
}

/* The same for check and bind, where the caller wants the place apart. */
static int
refused(struct step *step, const char *callback, struct place *place,
        struct fb_error *err)
{
    *place = step->error_place.line > 0 ? step->error_place : step->place;
    if (err->code == FB_E_NONE)
        return fb_fail(err, FB_E_BUG,
                       "plugin '%s' failed in %s without saying why",
                       step->plugin->name, callback);
    return -1;
}

int
step_check(struct step *step, struct place *place, struct fb_error *err)
{
    int status;

    *place = (struct place){0};
    step->error_place = (struct place){0};
    if (step->plugin->check == NULL)
        return 0;
    step->pure = true;
    status = step->plugin->check(step->instance, &step->pub, err);
    step->pure = false;
    return status == 0 ? 0 : refused(step, "check", place, err);
}

/* Make the collected output columns into the step's shape. */
static void
settle_shape(struct step *step)
{
    struct columns *columns;
    struct fb_column *items;
    uint32_t *from, count = step->collected_count;

    if (count == 0) {
        step->output = step->input;
        return;
    }
    columns = arena_zalloc(step->arena, sizeof(*columns));
    items = arena_array(step->arena, count, sizeof(*items));
    from = arena_array(step->arena, count, sizeof(*from));
    for (uint32_t i = 0; i < count; i++) {
        items[i] = step->collected[i].column;
        from[i] = step->collected[i].from;
    }
    columns->count = count;
    columns->items = items;
    if (step->input != NULL)
        columns->missing = step->input->missing;
    step->output = columns;
    step->from = step->input != NULL ? from : NULL;
}

int
step_bind(struct step *step, const struct columns *input, struct place *place,
          struct fb_error *err)
{
    int status = 0;

    *place = (struct place){0};
    step->error_place = (struct place){0};
    step->input = input;
    step->output = NULL;
    step->from = NULL;
    step->collected_count = 0;
    step->serial = false;
    step->pure = true;
    if (step->plugin->bind != NULL)
        status = step->plugin->bind(step->instance, &step->pub, err);
    step->pure = false;
    if (status != 0)
        return refused(step, "bind", place, err);
    settle_shape(step);
    return 0;
}

bool
step_is_parallel(const struct step *step)
{
    return (step->plugin->flags & FB_PARALLEL) && !step->serial;
}

int
step_open(struct step *step, struct fb_error *err)
{
    assert(!step->opened);
    if (step->plugin->open != NULL &&
        step->plugin->open(step->instance, &step->pub, err) != 0)
        return callback_failed(step, "open", err);
    step->opened = true;
    /* A query learns its columns when it is prepared. */
    if (step->plugin->kind == FB_SOURCE && step->collected_count > 0)
        settle_shape(step);
    return 0;
}

int
step_ready(struct step *step, struct fb_error *err)
{
    assert(step->opened && step->plugin->kind == FB_SOURCE);
    if (step->plugin->ready == NULL)
        return 0;
    if (step->plugin->ready(step->instance, &step->pub, err) != 0)
        return callback_failed(step, "ready", err);
    if (step->collected_count > 0)
        settle_shape(step);
    return 0;
}

int
step_finish(struct step *step, struct fb_error *err)
{
    assert(step->opened);
    if (step->plugin->finish != NULL &&
        step->plugin->finish(step->instance, &step->pub, err) != 0)
        return callback_failed(step, "finish", err);
    return 0;
}

void
step_close(struct step *step)
{
    if (!step->opened)
        return;
    step->opened = false;
    if (step->plugin->close != NULL)
        step->plugin->close(step->instance, &step->pub);
}

int
step_discover(struct step *step, fb_found_fn found, void *arg,
              struct fb_error *err)
{
    if (step->plugin->discover == NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "plugin '%s' cannot list objects, so it cannot watch "
                       "for triggers",
                       step->plugin->name);
    if (step->plugin->discover(step->instance, &step->pub, found, arg, err) !=
        0)
        return callback_failed(step, "discover", err);
    return 0;
}

int
step_stat(struct step *step, struct fb_object *object, struct fb_error *err)
{
    *object = (struct fb_object){.uri = step->uri};
    if (step->plugin->stat == NULL)
        return 0;
    if (step->plugin->stat(step->instance, &step->pub, object, err) != 0)
        return callback_failed(step, "stat", err);
    return 0;
}

int
step_settle(struct step *step, const struct fb_object *object, bool success,
            struct fb_error *err)
{
    if (step->plugin->settle == NULL)
        return 0;
    if (step->plugin->settle(step->instance, &step->pub, object, success,
                             err) != 0)
        return callback_failed(step, "settle", err);
    return 0;
}

int
step_renew(struct step *step, const struct fb_object *object,
           struct fb_error *err)
{
    if (step->plugin->renew == NULL)
        return 0;
    if (step->plugin->renew(step->instance, &step->pub, object, err) != 0)
        return callback_failed(step, "renew", err);
    return 0;
}

int
step_read_bytes(struct step *step, unsigned char *bytes, size_t size,
                size_t *got, struct fb_error *err)
{
    *got = 0;
    if (step->plugin->read_bytes(step->instance, &step->pub, bytes, size, got,
                                 err) != 0)
        return callback_failed(step, "read_bytes", err);
    if (*got > size)
        return fb_fail(err, FB_E_BUG,
                       "step '%s': plugin '%s' says it read %zu bytes into "
                       "room for %zu",
                       step->id, step->plugin->name, *got, size);
    return 0;
}

static bool
has_types_of(const struct columns *a, const struct columns *b)
{
    bool same = a->count == b->count;

    for (uint32_t i = 0; same && i < a->count; i++)
        same = a->items[i].type == b->items[i].type;
    return same;
}

/* What a source reads has the columns that it named. */
static int
check_shape(struct step *step, struct batch *batch, struct fb_error *err)
{
    const struct columns *output = step->output;
    AUTO_FREE uint32_t *from = NULL;

    if (output == NULL || batch_columns(batch) == output)
        return 0;
    if (!has_types_of(batch_columns(batch), output))
        return fb_fail(err, FB_E_BUG,
                       "step '%s': plugin '%s' read other columns than those "
                       "it named",
                       step->id, step->plugin->name);
    from = mem_array(output->count + 1, sizeof(*from));
    for (uint32_t i = 0; i < output->count; i++)
        from[i] = i;
    return batch_reshape(batch, output, from, err);
}

int
step_read(struct step *step, struct batch **batch, struct fb_error *err)
{
    struct fb_batch *got = NULL;

    *batch = NULL;
    if (step->plugin->read(step->instance, &step->pub, &got, err) != 0)
        return callback_failed(step, "read", err);
    if (got == NULL)
        return 0;
    *batch = batch_of(got);
    if (check_shape(step, *batch, err) == 0)
        return 0;
    batch_free(*batch);
    *batch = NULL;
    return -1;
}

int
step_deliver(struct step *step, struct batch *batch, struct fb_error *err)
{
    step->counts.filtered += batch_filtered_count(batch);
    step->counts.rejected += batch_rejected_count(batch);
    step->counts.out += batch_selected_count(batch);
    batch_reset_counts(batch);
    if ((step->from != NULL &&
         batch_reshape(batch, step->output, step->from, err) != 0) ||
        (step->from == NULL && (step->plugin->flags & FB_RESHAPES) &&
         check_shape(step, batch, err) != 0)) {
        batch_free(batch);
        return callback_failed(step, "process", err);
    }
    assert(step->emit != NULL);
    return step->emit(step->emit_arg, batch, err);
}

static int
broke_promise(const struct step *step, const char *what, struct fb_error *err)
{
    return fb_fail(err, FB_E_BUG, "plugin '%s' says FB_PARALLEL and %s",
                   step->plugin->name, what);
}

bool
step_may_call(struct step *step, const char *calls, struct fb_error *err)
{
    if (!step->sharing)
        return true;
    step->misused = calls;
    broke_promise(step, calls, err);
    return false;
}

/* A plugin that says FB_PARALLEL has no place where it could keep a batch: the
 * order in which batches come would depend on the threads. */
static int
check_shared(struct step *step, int result, struct fb_error *err)
{
    bool shared = step->sharing;

    step->sharing = false;
    if (!shared || result < 0)
        return 0;
    if (step->misused != NULL)
        return broke_promise(step, step->misused, err);
    if (result == FB_HOLD && step->lent != NULL)
        return broke_promise(step, "holds a batch", err);
    return 0;
}

int
step_process(struct step *step, struct batch *batch, struct fb_error *err)
{
    int result;

    step->counts.in += batch_selected_count(batch);
    batch_reset_counts(batch);
    step->lent = batch;
    step->misused = NULL;
    step->sharing = step_is_parallel(step);
    result = step->plugin->process(step->instance, &step->pub,
                                   batch_public(batch), err);
    if (check_shared(step, result, err) != 0 ||
        (result != FB_HOLD && result != 0)) {
        if (result != FB_HOLD)
            batch_free(step->lent);
        return callback_failed(step, "process", err);
    }
    if (result == FB_HOLD)
        return 0;
    if (step->lent == NULL)
        return fb_fail(err, FB_E_BUG,
                       "step '%s': plugin '%s' gave its batch over and did "
                       "not say so (FB_HOLD)",
                       step->id, step->plugin->name);
    return step_deliver(step, batch, err);
}

int
step_flush(struct step *step, struct fb_error *err)
{
    if (step->plugin->flush != NULL &&
        step->plugin->flush(step->instance, &step->pub, err) != 0)
        return callback_failed(step, "flush", err);
    return 0;
}

int
step_write_bytes(struct step *step, const unsigned char *bytes, size_t size,
                 struct fb_error *err)
{
    if (step->plugin->write_bytes(step->instance, &step->pub, bytes, size,
                                  err) != 0)
        return callback_failed(step, "write_bytes", err);
    return 0;
}

static int
read_for_reader(void *arg, unsigned char *bytes, size_t size, size_t *got,
                struct fb_error *err)
{
    return step_read_bytes(arg, bytes, size, got, err);
}

struct byte_input
step_byte_input(struct step *step)
{
    return (struct byte_input){read_for_reader, step};
}

static int
write_for_writer(void *arg, const unsigned char *bytes, size_t size,
                 struct fb_error *err)
{
    return step_write_bytes(arg, bytes, size, err);
}

struct byte_output
step_byte_output(struct step *step)
{
    return (struct byte_output){write_for_writer, step};
}

int
step_write(struct step *step, struct batch *batch, struct fb_error *err)
{
    if (step->plugin->write(step->instance, &step->pub, batch_public(batch),
                            err) != 0)
        return callback_failed(step, "write", err);
    return 0;
}

int
step_probe(struct step *step, struct fb_error *err)
{
    if (step->plugin->probe != NULL &&
        step->plugin->probe(step->instance, &step->pub, err) != 0)
        return callback_failed(step, "probe", err);
    return 0;
}

int
step_notify(struct step *step, const struct fb_report *report,
            struct fb_error *err)
{
    if (step->plugin->notify(step->instance, &step->pub, report, err) != 0)
        return callback_failed(step, "notify", err);
    return 0;
}
