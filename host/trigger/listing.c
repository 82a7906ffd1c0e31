/*
 * trigger/listing.c: collecting what a source lists.
 */
#include "trigger/listing.h"

#include <assert.h>
#include <stdlib.h>

#include "trigger/names.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

struct collector {
    struct arena *arena, *tokens;
    const char *token; /* the last one */
    struct listed *items;
    size_t count, capacity;
    struct fb_error err; /* why it stopped the listing */
};

static const char *
keep_token(struct collector *c, const char *token)
{
    if (token == NULL)
        return NULL;
    if (c->token == NULL || strcmp(c->token, token) != 0)
        c->token = arena_strdup(c->tokens, token);
    return c->token;
}

static int
collect(void *arg, const struct fb_object *object)
{
    struct collector *c = arg;
    struct listed *item;

    if (object->uri == NULL || object->generation == NULL)
        return fb_fail(&c->err, FB_E_BUG, "an object was listed without a %s",
                       object->uri == NULL ? "uri" : "generation");
    if (c->count == DISCOVER_MAX)
        return fb_fail(&c->err, FB_E_LIMIT,
                       "more than %d objects match; make the pattern "
                       "narrower",
                       DISCOVER_MAX);
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 64 : c->capacity * 2;
        c->items = mem_regrow(c->items, c->capacity, sizeof(*c->items));
    }
    item = &c->items[c->count++];
    *item = (struct listed){.object = *object};
    item->object.uri = arena_strdup(c->arena, object->uri);
    item->object.generation = arena_strdup(c->arena, object->generation);
    item->object.token = keep_token(c, object->token);
    item->normal = names_normal(c->arena, item->object.uri);
    return 0;
}

static int
compare(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    return strcmp(x->normal, y->normal);
}

/* Stores page their listings; what changes meanwhile may come twice. */
static size_t
drop_repeated(struct listed *items, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || compare(&items[kept - 1], &items[i]) != 0)
            items[kept++] = items[i];
        else if (items[i].object.modified_ms >
                 items[kept - 1].object.modified_ms)
            items[kept - 1] = items[i];
    }
    return kept;
}

static int
ask(struct step *step, struct collector *c, struct fb_error *err)
{
    struct place place;

    if (step_check(step, &place, err) != 0)
        return place_error(&place, err);
    /* A plugin may tell our stop as a failure of its own, or as none. */
    if (step_discover(step, collect, c, err) != 0 && c->err.code == FB_E_NONE)
        return -1;
    if (c->err.code == FB_E_NONE)
        return 0;
    *err = c->err;
    return error_context(err, "plugin '%s'", step_plugin(step)->name);
}

int
listing_read(struct step *step, struct arena *arena, struct arena *tokens,
             struct listing *listing, struct fb_error *err)
{
    struct collector c = {.arena = arena, .tokens = tokens};
    int rc = ask(step, &c, err);

    *listing = (struct listing){.count = 0};
    if (rc == 0 && c.count > 0) {
        qsort(c.items, c.count, sizeof(*c.items), compare);
        listing->count = drop_repeated(c.items, c.count);
        listing->items = arena_array(arena, listing->count, sizeof(*c.items));
        memcpy(listing->items, c.items, listing->count * sizeof(*c.items));
    }
    free(c.items);
    step_free(step);
    return rc;
}

struct listed *
listing_find(const struct listing *listing, const char *normal)
{
    struct listed key = {.normal = normal};

    if (listing->count == 0)
        return NULL;
    return bsearch(&key, listing->items, listing->count, sizeof(key), compare);
}
