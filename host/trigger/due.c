/*
 * trigger/due.c: what is due.  Looks at the store and at the ledger and
 * changes neither; the run room acts on the verdicts.
 */
#include "trigger/due.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#include "step/step.h"
#include "trigger/announced.h"
#include "trigger/judge.h"
#include "trigger/listing.h"
#include "trigger/names.h"
#include "trigger/upstream.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/sha256.h"

#define RUN_ID_BYTES 16

/* The data that one source step reads beside the triggers. */
struct data {
    const char *pattern; /* the source's uri */
    struct listing listing;
};

struct search {
    const struct due_request *request;
    const struct pipeline *pipeline;
    struct arena *arena;   /* of the caller; has the tokens too, which may be
                              long and common to many */
    struct arena *scratch; /* for the whole search */
    struct step_context context;
    struct listing triggers;
    struct data *data;
    size_t data_count;
    struct due *list;
    size_t count, capacity;
};

void
due_run_id(const char *pipeline, const char *uri, const char *generation,
           char *hex)
{
    unsigned char digest[32];
    struct sha256 sha;

    /* With their NULs: "a" "bc" is not "ab" "c". */
    sha256_init(&sha);
    sha256_update(&sha, pipeline, strlen(pipeline) + 1);
    sha256_update(&sha, uri, strlen(uri) + 1);
    sha256_update(&sha, generation, strlen(generation));
    sha256_final(&sha, digest);
    sha256_hex(digest, RUN_ID_BYTES, hex);
}

static struct due *
add(struct search *s, const struct fb_object *object)
{
    char *run_id = arena_alloc(s->arena, 2 * RUN_ID_BYTES + 1);
    struct due *due;

    if (s->count == s->capacity) {
        s->capacity = s->capacity == 0 ? 64 : s->capacity * 2;
        s->list = mem_regrow(s->list, s->capacity, sizeof(*s->list));
    }
    due_run_id(s->pipeline->name, object->uri, object->generation, run_id);
    due = &s->list[s->count++];
    *due = (struct due){.run_id = run_id, .object = *object};
    due->object.uri = arena_strdup(s->arena, object->uri);
    due->object.generation = arena_strdup(s->arena, object->generation);
    return due;
}

/* --- triggers that announce data --- */

/* Whether somebody has waited long enough; an object that does not say when
 * it came was always there. */
static bool
waited(const struct search *s, const struct fb_object *object)
{
    int64_t wait = s->pipeline->trigger.wait_ms;

    return object->modified_ms == 0 ||
           s->request->now_ms - object->modified_ms >= wait;
}

static const char *
deadline(const struct search *s, const struct fb_object *object)
{
    return judge_utc(s->scratch,
                     object->modified_ms + s->pipeline->trigger.wait_ms);
}

static void
judge_missing(struct search *s, struct due *due, const char *uri)
{
    if (!waited(s, &due->object)) {
        due->verdict = DUE_WAIT;
        due->why = arena_printf(s->arena, "waits for '%s' until %s", uri,
                                deadline(s, &due->object));
    } else {
        due->verdict = DUE_NO_DATA;
        due->why = arena_printf(s->arena, "its data '%s' did not come by %s",
                                uri, deadline(s, &due->object));
    }
}

/* Marks what the trigger announces, whatever becomes of the trigger: its
 * data is not without one. */
static void
look_for_data(struct search *s, struct due *due)
{
    bool wanted = due->verdict == DUE_RUN;
    struct arena *arena = arena_new();

    for (size_t i = 0; i < s->data_count; i++) {
        const char *uri =
            names_announced(arena, trigger_pattern(&s->pipeline->trigger),
                            s->data[i].pattern, due->object.uri);
        struct listed *listed =
            listing_find(&s->data[i].listing, names_normal(arena, uri));

        if (listed != NULL)
            listed->announced = true;
        else if (wanted && due->verdict != DUE_NO_DATA)
            judge_missing(s, due, uri);
    }
    arena_free(arena);
}

static int
add_trigger(struct search *s, const struct fb_object *object,
            struct fb_error *err)
{
    const struct trigger_config *trigger = &s->pipeline->trigger;
    struct due *due = add(s, object);
    const char *objection;

    if (judge(s->request, s->arena, due, err) != 0)
        return -1;
    look_for_data(s, due);
    objection = names_objection(s->arena, trigger_pattern(trigger), object->uri,
                                trigger->portable_names);
    if (objection != NULL && due->verdict != DUE_DONE &&
        due->verdict != DUE_SETTLE && due->verdict != DUE_FAILED) {
        due->verdict = DUE_BAD_NAME;
        due->why = objection;
    }
    return 0;
}

/* --- triggers that are announced --- */

/* Only to be acknowledged. */
static void
add_ignored(struct search *s, const struct fb_object *object, const char *why)
{
    struct due *due = add(s, object);

    due->verdict = DUE_IGNORE;
    due->why = why;
}

/* What was announced is not there: not yet, or not any more. */
static int
add_missing(struct search *s, const struct fb_object *object,
            struct fb_error *err)
{
    struct due *due = add(s, object);

    if (judge(s->request, s->arena, due, err) != 0)
        return -1;
    if (due->verdict != DUE_RUN)
        return 0;
    if (waited(s, object)) {
        due->verdict = DUE_GONE;
        due->why =
            arena_printf(s->arena, "it was announced, but was not there by %s",
                         deadline(s, object));
    } else {
        due->verdict = DUE_WAIT;
        due->why =
            arena_printf(s->arena, "announced, but not there; waits until %s",
                         deadline(s, object));
    }
    return 0;
}

/* Whoever announces hears from here that all is over, again if need be; but
 * not of what waits for the pipeline to be mended. */
static void
acknowledge(struct due *due)
{
    if (due->verdict == DUE_FAILED && due->mistake)
        return;
    due->failed = due->verdict == DUE_FAILED;
    if (due->verdict == DUE_DONE || due->verdict == DUE_FAILED)
        due->verdict = DUE_SETTLE;
}

static int
find_announced(struct search *s, const struct fb_object *object,
               struct fb_error *err)
{
    struct fb_object found;
    enum announced state;
    const char *why;

    if (announced_find(s->pipeline, &s->context, s->scratch, object->uri,
                       &state, &found, &why, err) != 0)
        return -1;
    if (state == ANNOUNCED_NONE) {
        add_ignored(s, object, arena_strdup(s->arena, why));
        return 0;
    }
    if (state == ANNOUNCED_MISSING)
        return add_missing(s, object, err);
    found.token = object->token;
    return add_trigger(s, &found, err);
}

static int
add_announced(struct search *s, const struct fb_object *object,
              struct fb_error *err)
{
    const struct trigger_config *trigger = &s->pipeline->trigger;
    size_t index = s->count;
    int status = 0;

    if (!names_match(s->scratch, trigger->match, object->uri))
        add_ignored(
            s, object,
            arena_printf(s->arena, "does not match '%s'", trigger->match));
    else if (names_objection(s->scratch, trigger->match, object->uri,
                             trigger->portable_names) != NULL)
        status = add_trigger(s, object, err);
    else
        status = find_announced(s, object, err);
    if (status == 0)
        acknowledge(&s->list[index]);
    return status;
}

/* --- data without a trigger --- */

static int
add_orphan(struct search *s, const struct fb_object *object,
           struct fb_error *err)
{
    struct due *due;
    bool found;

    if (!waited(s, object))
        return 0;
    if (ledger_has_input(s->request->ledger, s->pipeline->name, object->uri,
                         object->generation, &found, err) != 0)
        return -1;
    if (found)
        return 0;
    due = add(s, object);
    if (judge(s->request, s->arena, due, err) != 0)
        return -1;
    /* Told before is final; anything else is told (again). */
    if (due->verdict == DUE_RUN) {
        due->verdict = DUE_NO_TRIGGER;
        due->why = arena_printf(s->arena, "no trigger came for it by %s",
                                deadline(s, object));
    }
    return 0;
}

static int
add_orphans(struct search *s, struct fb_error *err)
{
    for (size_t i = 0; i < s->data_count; i++) {
        const struct listing *listing = &s->data[i].listing;

        for (size_t j = 0; j < listing->count; j++) {
            if (!listing->items[j].announced &&
                add_orphan(s, &listing->items[j].object, err) != 0)
                return -1;
        }
    }
    return 0;
}

static bool
is_listed(const struct search *s, size_t count, const char *uri)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(s->list[i].object.uri, uri) == 0)
            return true;
    return false;
}

/* Its announcement may be lost, or handed out to somebody at the moment; the
 * object itself says whether there still is something to do. */
static int
add_unfinished(struct search *s, const struct ledger_run *run, bool *there,
               bool *superseded, struct fb_error *err)
{
    struct fb_object found;
    enum announced state;
    const char *why;

    if (announced_find(s->pipeline, &s->context, s->scratch, run->trigger,
                       &state, &found, &why, err) != 0)
        return -1;
    if (state != ANNOUNCED_THERE)
        return 0;
    *there = strcmp(found.generation, run->generation) == 0;
    *superseded = !*there;
    return *there ? add_trigger(s, &found, err) : 0;
}

static void
add_closed(struct search *s, const struct ledger_run *run, bool superseded)
{
    const struct fb_object object = {.uri = run->trigger,
                                     .generation = run->generation,
                                     .modified_ms = run->started_ms};
    struct due *due = add(s, &object);

    due->verdict = superseded ? DUE_SUPERSEDED : DUE_GONE;
    due->attempts = run->attempts;
    due->why = arena_printf(s->arena, "%s before, and %s",
                            run->state == RUN_STARTED ? "crashed" : "failed",
                            superseded ? "a newer upload took its place"
                                       : "its trigger is gone since");
}

/* A run that crashed or failed, and whose trigger was taken away or replaced
 * before it could be tried again: somebody waits for its end, unless what
 * replaced it is handled in its stead. */
static int
add_vanished(struct search *s, struct fb_error *err)
{
    int64_t before_ms = s->request->now_ms - s->pipeline->trigger.wait_ms;
    size_t listed = s->count, count;
    struct ledger_run *runs;

    if (judge_vanished(s->request, s->scratch, s->list, s->count, before_ms,
                       &runs, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        bool superseded = is_listed(s, listed, runs[i].trigger), there = false;

        if (announced_is(s->pipeline) &&
            add_unfinished(s, &runs[i], &there, &superseded, err) != 0)
            return -1;
        if (!there)
            add_closed(s, &runs[i], superseded);
    }
    return 0;
}

/* A folder that does not exist yet holds no data; the triggers wait. */
static int
list_source(struct search *s, const struct pipeline_step *step,
            struct listing *listing, struct fb_error *err)
{
    if (listing_read(step_new(step, &s->context), s->scratch, s->scratch,
                     listing, err) == 0)
        return 0;
    if (err->code != FB_E_MISSING)
        return -1;
    error_clear(err);
    return 0;
}

/* List what the sources read beside the triggers. */
static int
list_data(struct search *s, struct fb_error *err)
{
    const char *pattern = trigger_pattern(&s->pipeline->trigger);

    s->data =
        arena_array(s->scratch, s->pipeline->step_count, sizeof(*s->data));
    for (uint32_t i = 0; i < s->pipeline->step_count; i++) {
        const struct pipeline_step *step = &s->pipeline->steps[i];
        struct data *data = &s->data[s->data_count];

        /* A source that cannot list will say itself that there is nothing. */
        if (step->kind != FB_SOURCE || step->uri == NULL ||
            step->plugin->discover == NULL ||
            names_announced(s->scratch, pattern, step->uri, pattern) == NULL)
            continue;
        data->pattern = step->uri;
        if (list_source(s, step, &data->listing, err) != 0)
            return -1;
        s->data_count++;
    }
    return 0;
}

/* --- --trigger --- */

static int
fail_not_listed(struct search *s, struct fb_error *err)
{
    const char *only = s->request->only;
    const char *pattern = trigger_pattern(&s->pipeline->trigger);

    if (names_match(s->scratch, pattern, only))
        return fb_fail(err, FB_E_MISSING, "there is no '%s' for pipeline '%s'",
                       only, s->pipeline->name);
    fb_fail(err, FB_E_USAGE, "'%s' is no trigger of pipeline '%s'", only,
            s->pipeline->name);
    return fb_hint(err, "its triggers are '%s'", pattern);
}

static int
add_only(struct search *s, struct fb_error *err)
{
    const char *wanted = names_normal(s->scratch, s->request->only);
    const struct listed *listed = listing_find(&s->triggers, wanted);

    if (listed == NULL)
        return fail_not_listed(s, err);
    return announced_is(s->pipeline) ? add_announced(s, &listed->object, err)
                                     : add_trigger(s, &listed->object, err);
}

/* --- the kinds of trigger --- */

static int
list_triggers(struct search *s, struct fb_error *err)
{
    if (listing_read(step_new_trigger(&s->pipeline->trigger, &s->context),
                     s->scratch, s->arena, &s->triggers, err) == 0)
        return 0;
    if (err->code == FB_E_MISSING && err->hint[0] == '\0')
        fb_hint(err, "make it, or let the trigger's uri name another");
    return error_context(err, "pipeline '%s'", s->pipeline->name);
}

/* What is handed out once says nothing of the triggers that were there
 * before, so data without one cannot be told from data whose turn is over. */
static int
list_announced(struct search *s, struct fb_error *err)
{
    if (announced_check(s->pipeline, &s->context, err) != 0 ||
        list_triggers(s, err) != 0 || list_data(s, err) != 0)
        return -1;
    if (s->request->only != NULL)
        return add_only(s, err);
    for (size_t i = 0; i < s->triggers.count; i++) {
        if (add_announced(s, &s->triggers.items[i].object, err) != 0)
            return -1;
    }
    return add_vanished(s, err);
}

static int
list_objects(struct search *s, struct fb_error *err)
{
    if (list_triggers(s, err) != 0 || list_data(s, err) != 0)
        return -1;
    if (s->request->only != NULL)
        return add_only(s, err);
    for (size_t i = 0; i < s->triggers.count; i++) {
        if (add_trigger(s, &s->triggers.items[i].object, err) != 0)
            return -1;
    }
    if (add_orphans(s, err) != 0)
        return -1;
    return add_vanished(s, err);
}

static int
list_upstream(struct search *s, struct fb_error *err)
{
    struct fb_object *objects;
    size_t count;

    if (upstream_list(s->request->ledger, s->scratch, s->pipeline->name,
                      s->pipeline->trigger.after, &objects, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++) {
        if (judge(s->request, s->arena, add(s, &objects[i]), err) != 0)
            return -1;
    }
    return 0;
}

/* No generation to remember: every invocation is a run of its own. */
static int
list_once(struct search *s, struct fb_error *err)
{
    const struct fb_object here = {.uri = "", .generation = ""};
    struct due *due = add(s, &here);
    char *run_id = arena_alloc(s->arena, 2 * RUN_ID_BYTES + 1);
    unsigned char random[16];
    char unique[96], hex[33];

    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return fb_fail(err, FB_E_FAILED, "cannot get random bytes");
    sha256_hex(random, sizeof(random), hex);
    snprintf(unique, sizeof(unique), "%lld %ld %s",
             (long long)s->request->now_ms, (long)getpid(), hex);
    due_run_id(s->pipeline->name, "", unique, run_id);
    *due =
        (struct due){.verdict = DUE_RUN, .why = "no trigger", .run_id = run_id};
    return 0;
}

static int
search(struct search *s, struct fb_error *err)
{
    const struct trigger_config *trigger = &s->pipeline->trigger;

    if (s->request->only != NULL && (!trigger->given || trigger->uri == NULL))
        return fb_fail(
            err, FB_E_USAGE, "cannot choose trigger '%s': pipeline '%s' %s%s%s",
            s->request->only, s->pipeline->name,
            trigger->given ? "runs after '" : "has no trigger",
            trigger->given ? trigger->after : "", trigger->given ? "'" : "");
    if (!trigger->given)
        return list_once(s, err);
    if (trigger->after != NULL)
        return list_upstream(s, err);
    return announced_is(s->pipeline) ? list_announced(s, err)
                                     : list_objects(s, err);
}

static int
compare_dues(const void *a, const void *b)
{
    const struct fb_object *x = &((const struct due *)a)->object;
    const struct fb_object *y = &((const struct due *)b)->object;

    if (x->modified_ms != y->modified_ms)
        return x->modified_ms < y->modified_ms ? -1 : 1;
    if (strcmp(x->uri, y->uri) != 0)
        return strcmp(x->uri, y->uri);
    return strcmp(x->generation, y->generation);
}

static void
give(struct search *s, struct due **list, size_t *count)
{
    /* Successes of another pipeline come in the order in which they ran,
     * which their times may contradict. */
    if (s->pipeline->trigger.uri != NULL && s->count > 1)
        qsort(s->list, s->count, sizeof(*s->list), compare_dues);
    *list = arena_array(s->arena, s->count, sizeof(**list));
    if (s->count > 0)
        memcpy(*list, s->list, s->count * sizeof(**list));
    *count = s->count;
    if (announced_is(s->pipeline))
        announced_group(s->arena, *list, *count);
}

int
due_list(const struct due_request *request, struct arena *arena,
         struct due **list, size_t *count, struct fb_error *err)
{
    static const volatile sig_atomic_t never = 0;
    const int64_t day_ms = INT64_C(86400000);
    struct search s = {
        .request = request,
        .pipeline = request->pipeline,
        .arena = arena,
        .scratch = arena_new(),
        .context = {.pipeline = request->pipeline->name,
                    .run_id = "",
                    .clock = {.date = request->now_ms / day_ms,
                              .now_us = request->now_ms * 1000},
                    .cancelled = &never},
    };
    int rc;

    assert(request->ledger != NULL);
    *list = NULL;
    *count = 0;
    rc = search(&s, err);
    if (rc == 0)
        give(&s, list, count);
    free(s.list);
    arena_free(s.scratch);
    return rc;
}
