/*
 * trigger/announced.c: asking the store of announced objects, one by one: it
 * holds many more than are announced.
 */
#include "trigger/announced.h"

#include <assert.h>
#include <stdlib.h>

#include "trigger/listing.h"
#include "util/error.h"

bool
announced_is(const struct pipeline *pipeline)
{
    return pipeline->trigger.match != NULL;
}

/* The source asks as it will read: with its region, its account, its
 * endpoint. */
const struct pipeline_step *
announced_store(const struct pipeline *pipeline)
{
    for (uint32_t i = 0; i < pipeline->step_count; i++) {
        const struct pipeline_step *step = &pipeline->steps[i];

        if (step->kind == FB_SOURCE && step->uri != NULL &&
            step->plugin == pipeline->trigger.objects.plugin &&
            strcmp(step->uri, pipeline->trigger.match) == 0)
            return step;
    }
    return &pipeline->trigger.objects;
}

int
announced_check(const struct pipeline *pipeline,
                const struct step_context *context, struct fb_error *err)
{
    struct step *step = step_new(announced_store(pipeline), context);
    struct place place;
    int status = step_check(step, &place, err);

    if (status != 0)
        (void)place_error(&place, err);
    step_free(step);
    return status;
}

/* The pattern that means this name and no other. */
static const char *
literal(struct arena *arena, const char *uri)
{
    char *pattern = arena_alloc(arena, 3 * strlen(uri) + 1), *out = pattern;

    for (; *uri != '\0'; uri++) {
        bool special = strchr("*?[", *uri) != NULL;

        if (special)
            *out++ = '[';
        *out++ = *uri;
        if (special)
            *out++ = ']';
    }
    *out = '\0';
    return pattern;
}

static bool
is_refused(const struct pipeline_step *config,
           const struct step_context *context, struct arena *arena,
           const char **why)
{
    struct step *step = step_new(config, context);
    struct fb_error err = FB_ERROR_INIT;
    struct place place;
    bool refused = step_check(step, &place, &err) != 0;

    if (refused)
        *why = arena_strdup(arena, err.message);
    step_free(step);
    return refused;
}

/* A folder that does not exist holds no object. */
static int
read_one(const struct pipeline_step *config, const struct step_context *context,
         struct arena *arena, struct listing *listing, struct fb_error *err)
{
    if (listing_read(step_new(config, context), arena, arena, listing, err) ==
        0)
        return 0;
    if (err->code != FB_E_MISSING)
        return -1;
    error_clear(err);
    return 0;
}

int
announced_find(const struct pipeline *pipeline,
               const struct step_context *context, struct arena *arena,
               const char *uri, enum announced *state, struct fb_object *found,
               const char **why, struct fb_error *err)
{
    struct pipeline_step config = *announced_store(pipeline);
    struct listing listing;

    assert(announced_is(pipeline));
    config.uri = literal(arena, uri);
    *state = ANNOUNCED_NONE;
    if (is_refused(&config, context, arena, why))
        return 0;
    if (read_one(&config, context, arena, &listing, err) != 0)
        return -1;
    *state = ANNOUNCED_MISSING;
    for (size_t i = 0; i < listing.count; i++) {
        if (strcmp(listing.items[i].object.uri, uri) != 0)
            continue;
        *state = ANNOUNCED_THERE;
        *found = listing.items[i].object;
    }
    return 0;
}

static int
compare_tokens(const void *a, const void *b)
{
    const struct due *x = *(const struct due *const *)a;
    const struct due *y = *(const struct due *const *)b;

    return strcmp(x->object.token, y->object.token);
}

void
announced_group(struct arena *arena, struct due *list, size_t count)
{
    struct due **order = arena_array(arena, count, sizeof(struct due *));
    size_t n = 0;

    for (size_t i = 0; i < count; i++)
        if (list[i].object.token != NULL)
            order[n++] = &list[i];
    if (n > 0)
        qsort(order, n, sizeof(struct due *), compare_tokens);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && compare_tokens(&order[i - 1], &order[i]) == 0)
            order[i]->group = order[i - 1]->group;
        else
            order[i]->group = arena_zalloc(arena, sizeof(struct due_group));
        order[i]->group->open++;
    }
}
