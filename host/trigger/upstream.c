/*
 * trigger/upstream.c: successes are followed in the order in which they ran,
 * so whatever is older than the newest followed one was followed too, unless
 * its own run waits for another attempt.  That keeps the search short however
 * long the history is.
 */
#include "trigger/upstream.h"

#include <assert.h>
#include <stdlib.h>

#include "trigger/due.h"
#include "util/limits.h"
#include "util/mem.h"

#define FIRST_LOOK 16 /* successes; doubled until a followed one is seen */

struct search {
    struct ledger *ledger;
    struct arena *arena; /* of the caller */
    const char *pipeline, *upstream, *uri;
    struct fb_object *objects;
    size_t count, capacity;
};

static bool
has(const struct search *s, const char *run_id)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->objects[i].generation, run_id) == 0)
            return true;
    }
    return false;
}

static void
add(struct search *s, const char *run_id, int64_t ended_ms)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 16 : s->capacity * 2;
        s->objects = mem_regrow(s->objects, s->capacity, sizeof(*s->objects));
    }
    s->objects[s->count++] =
        (struct fb_object){.uri = s->uri,
                           .generation = arena_strdup(s->arena, run_id),
                           .modified_ms = ended_ms};
}

/* Runs of ours that were begun for a success and are not final. */
static int
add_unfinished(struct search *s, struct arena *scratch, enum run_state state,
               struct fb_error *err)
{
    const struct ledger_query query = {
        .pipeline = s->pipeline, .state = state, .brief = true};
    struct ledger_run *runs, upstream;
    size_t count;

    if (ledger_history(s->ledger, scratch, &query, &runs, &count, err) != 0)
        return -1;
    for (size_t i = count; i > 0; i--) {
        const struct ledger_run *run = &runs[i - 1];

        if (run->trigger == NULL || strcmp(run->trigger, s->uri) != 0 ||
            run->generation == NULL)
            continue;
        if (ledger_find(s->ledger, scratch, run->generation, &upstream, err) !=
            0)
            return -1;
        add(s, run->generation, upstream.ended_ms);
    }
    return 0;
}

static int
was_followed(struct search *s, struct arena *scratch, const char *run_id,
             bool *followed, struct fb_error *err)
{
    struct ledger_run ours;
    char id[33];

    due_run_id(s->pipeline, s->uri, run_id, id);
    if (ledger_find(s->ledger, scratch, id, &ours, err) != 0)
        return -1;
    *followed = ours.state != RUN_NONE;
    return 0;
}

/* Look at the newest `limit`; *enough: one of them was followed, or there are
 * no more.  *pending: how many of runs, from the newest, are to be given. */
static int
look(struct search *s, struct arena *scratch, int64_t limit,
     struct ledger_run **runs, size_t *pending, bool *enough,
     struct fb_error *err)
{
    const struct ledger_query query = {.pipeline = s->upstream,
                                       .state = RUN_DONE,
                                       .limit = limit,
                                       .brief = true};
    size_t count;

    if (ledger_history(s->ledger, scratch, &query, runs, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        bool followed;

        if (was_followed(s, scratch, (*runs)[i].run_id, &followed, err) != 0)
            return -1;
        if (followed) {
            *pending = i + 1;
            *enough = true;
            return 0;
        }
    }
    *pending = count < 1 ? count : 1;
    *enough = count < (size_t)limit || limit >= LEDGER_LIST_MAX;
    return 0;
}

static int
add_newer(struct search *s, struct arena *scratch, struct fb_error *err)
{
    struct ledger_run *runs = NULL;
    size_t pending = 0;
    bool enough = false;

    for (int64_t limit = FIRST_LOOK; !enough; limit *= 2) {
        if (look(s, scratch, limit, &runs, &pending, &enough, err) != 0)
            return -1;
    }
    /* Only the oldest of them can be one that was followed. */
    if (pending > 0 && has(s, runs[pending - 1].run_id))
        pending--;
    for (size_t i = pending; i > 0; i--)
        add(s, runs[i - 1].run_id, runs[i - 1].ended_ms);
    return 0;
}

int
upstream_list(struct ledger *ledger, struct arena *arena, const char *pipeline,
              const char *upstream, struct fb_object **objects, size_t *count,
              struct fb_error *err)
{
    struct arena *scratch = arena_new();
    struct search s = {.ledger = ledger,
                       .arena = arena,
                       .pipeline = pipeline,
                       .upstream = upstream,
                       .uri = arena_printf(arena, "pipeline:%s", upstream)};
    int rc = 0;

    /* What crashed was the last to be tried. */
    if (add_unfinished(&s, scratch, RUN_RETRY, err) != 0 ||
        add_unfinished(&s, scratch, RUN_STARTED, err) != 0 ||
        add_newer(&s, scratch, err) != 0)
        rc = -1;
    *count = rc == 0 ? s.count : 0;
    *objects = arena_array(arena, s.count, sizeof(*s.objects));
    if (s.count > 0)
        memcpy(*objects, s.objects, s.count * sizeof(*s.objects));
    free(s.objects);
    arena_free(scratch);
    return rc;
}
