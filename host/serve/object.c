/*
 * serve/object.c: the life of one source, without a graph around it.
 */
#include "serve/object.h"

#include <assert.h>
#include <stdlib.h>

#include "step/step.h"
#include "util/clock.h"
#include "util/limits.h"

static int
read_all(struct step *step, struct buf *bytes, struct fb_error *err)
{
    size_t got;

    do {
        if (buf_reserve(bytes, READ_SIZE, err) != 0 ||
            step_read_bytes(step, bytes->data + bytes->size, READ_SIZE, &got,
                            err) != 0)
            return -1;
        bytes->size += got;
        bytes->data[bytes->size] = '\0';
    } while (got > 0);
    return 0;
}

static int
read_by(const struct pipeline_step *config, const char *pipeline,
        const volatile sig_atomic_t *cancelled, struct buf *bytes,
        struct fb_error *err)
{
    const struct step_context context = {
        .pipeline = pipeline,
        .run_id = "serve",
        .clock = {.now_us = clock_now_ms() * 1000},
        .cancelled = cancelled,
    };
    struct step *step = step_new(config, &context);
    struct place place;
    int status = -1;

    if (step_check(step, &place, err) == 0 &&
        step_bind(step, NULL, &place, err) == 0 && step_open(step, err) == 0)
        status = read_all(step, bytes, err);
    step_free(step);
    return status;
}

int
object_read(const struct site *site, const struct site_pipeline *pipeline,
            const char *step, const char *uri,
            const volatile sig_atomic_t *cancelled, struct buf *bytes,
            struct fb_error *err)
{
    const struct pipeline_step *sink = site_sink(pipeline, step);
    struct problems *problems;
    struct pipeline_step object;
    struct arena *arena;
    int status = -1;

    if (sink == NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "the pipeline '%s' has no sink '%s' any more",
                       pipeline->pipeline->name, step);
    arena = arena_new();
    problems = problems_new();
    if (pipeline_object(pipeline->document, &site->scope, site->registry, arena,
                        sink, uri, &object, problems))
        status =
            read_by(&object, pipeline->pipeline->name, cancelled, bytes, err);
    else
        fb_fail(err, FB_E_CONFIG, "cannot read '%s' with the settings of '%s'",
                uri, pipeline->pipeline->path);
    problems_free(problems);
    arena_free(arena);
    return status;
}
