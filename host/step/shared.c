/*
 * step/shared.c: the objects that the steps of one run share (fb_shared).
 * Steps of a run may stand in several threads: those that read the objects of
 * a table are opened by whichever thread of an engine wants rows.
 */
#include <pthread.h>
#include <stdlib.h>

#include "step/internal.h"
#include "util/mem.h"

struct shared_object {
    const struct fb_plugin *plugin; /* keys of two plugins never meet */
    char *key;
    bool made; /* else a thread is making it */
    void *object;
    fb_drop_fn drop;
    struct shared_object *before;
};

struct step_shared {
    pthread_mutex_t lock;
    pthread_cond_t ended; /* the making of an object, well or not */
    struct shared_object *last;
};

struct step_shared *
step_shared_new(void)
{
    struct step_shared *shared = mem_zalloc(sizeof(*shared));

    pthread_mutex_init(&shared->lock, NULL);
    pthread_cond_init(&shared->ended, NULL);
    return shared;
}

static void
free_object(struct shared_object *object)
{
    free(object->key);
    free(object);
}

void
step_shared_free(struct step_shared *shared)
{
    if (shared == NULL)
        return;
    while (shared->last != NULL) {
        struct shared_object *last = shared->last;

        shared->last = last->before;
        if (last->drop != NULL)
            last->drop(last->object);
        free_object(last);
    }
    pthread_cond_destroy(&shared->ended);
    pthread_mutex_destroy(&shared->lock);
    free(shared);
}

/* Plugins of one shared object share too: a source and its transform. */
static bool
is_kin(const struct fb_plugin *a, const struct fb_plugin *b)
{
    return a == b || strcmp(a->name, b->name) == 0;
}

/* Under the lock, as all below but outside_shared. */
static struct shared_object *
find(const struct step_shared *shared, const struct fb_plugin *plugin,
     const char *key)
{
    struct shared_object *object = shared->last;

    while (object != NULL &&
           (!is_kin(object->plugin, plugin) || strcmp(object->key, key) != 0))
        object = object->before;
    return object;
}

static void
put_last(struct step_shared *shared, struct shared_object *object)
{
    object->before = shared->last;
    shared->last = object;
}

static void
take_out(struct step_shared *shared, const struct shared_object *object)
{
    struct shared_object **at = &shared->last;

    while (*at != object)
        at = &(*at)->before;
    *at = object->before;
}

static struct shared_object *
begin(struct step_shared *shared, const struct fb_plugin *plugin,
      const char *key, fb_drop_fn drop)
{
    struct shared_object *object = mem_zalloc(sizeof(*object));

    object->plugin = plugin;
    object->key = mem_strdup(key);
    object->drop = drop;
    put_last(shared, object);
    return object;
}

/* What was made while this one was is older than it, and needed by it. */
static void
end(struct step_shared *shared, struct shared_object *object, bool made)
{
    take_out(shared, object);
    object->made = made;
    if (made)
        put_last(shared, object);
    else
        free_object(object);
    pthread_cond_broadcast(&shared->ended);
}

/* Not under the lock while it is made: that may take long, and may ask for
 * other objects. */
static int
get(struct step_shared *shared, struct fb_step *pub, const char *key,
    fb_make_fn make, fb_drop_fn drop, void **object, struct fb_error *err)
{
    const struct fb_plugin *plugin = step_of(pub)->plugin;
    struct shared_object *found;
    int status = 0;

    pthread_mutex_lock(&shared->lock);
    while ((found = find(shared, plugin, key)) != NULL && !found->made)
        pthread_cond_wait(&shared->ended, &shared->lock);
    if (found != NULL) {
        *object = found->object;
    } else {
        found = begin(shared, plugin, key, drop);
        pthread_mutex_unlock(&shared->lock);
        status = make(pub, object, err);
        pthread_mutex_lock(&shared->lock);
        if (status == 0)
            found->object = *object;
        end(shared, found, status == 0);
    }
    pthread_mutex_unlock(&shared->lock);
    return status == 0 ? 0 : -1;
}

int
outside_shared(struct fb_step *pub, const char *key, fb_make_fn make,
               fb_drop_fn drop, void **object, struct fb_error *err)
{
    struct step *step = step_of(pub);

    if (!step_may_call(step, "calls fb_shared", err))
        return -1;
    if (step->context->shared == NULL)
        return fb_fail(err, FB_E_BUG,
                       "plugin '%s' shares objects outside of a run",
                       step->plugin->name);
    return get(step->context->shared, pub, key, make, drop, object, err);
}
