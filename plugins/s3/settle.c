#include "settle.h"

#include <assert.h>

#include "copy.h"
#include "object.h"
#include "shared/on_success.h"

/* Whether what lies there is the generation that was handled. */
static int
look(const struct store *store, const char *key, const char *generation,
     struct object *object, bool *handled, struct fb_error *err)
{
    char now[OBJECT_GENERATION_MAX];

    *handled = false;
    if (object_head(store, key, object, err) != 0) {
        if (err->code != FB_E_MISSING)
            return -1;
        store_forget(err);
        return 0;
    }
    object_generation(object->etag, object->size, object->modified, now);
    *handled = strcmp(now, generation) == 0;
    return 0;
}

/* A store without conditional deletes must not be asked to delete without
 * one: it might be the next upload that goes. */
static int
explain_delete(const struct store *store, const struct aws_response *response,
               struct fb_error *err)
{
    if (err->code == FB_E_CHANGED || err->code == FB_E_MISSING) {
        store_forget(err);
        return 0;
    }
    if (response->status == 501 ||
        strcmp(response->code, "NotImplemented") == 0)
        fb_hint(err,
                "this store cannot delete on a condition (If-Match); "
                "leave '%s' with 'on_success: keep'",
                store->uri);
    return -1;
}

static int
delete_if(const struct store *store, const char *key, const char *etag,
          struct fb_error *err)
{
    struct aws_response response = {0};
    char condition[OBJECT_CONDITION_MAX];
    struct aws_request request;
    int status;

    store_request(store, &request, "DELETE", key, "s3:DeleteObject");
    request.operation = "delete";
    object_condition(etag, condition);
    aws_fields_add(&request.headers, "if-match", condition);
    status = store_call(store, &request, &response, err);
    if (status != 0)
        status = explain_delete(store, &response, err);
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

int
settle_delete(const struct store *store, const char *key,
              const char *generation, struct fb_error *err)
{
    struct object object;
    bool handled;

    if (look(store, key, generation, &object, &handled, err) != 0)
        return -1;
    return handled ? delete_if(store, key, object.etag, err) : 0;
}

/* --- moving --- */

struct move {
    const struct store *store; /* of the source */
    struct store target;       /* borrows its client */
    const char *key;
    const struct object *object;
};

/* Does this (a) hold the bytes of the object that is moved (b)? */
static bool
same_contents(const struct object *a, const struct object *b)
{
    if (a->size != b->size)
        return false;
    if (strcmp(a->etag, b->etag) == 0 || copy_is_marked(a, b))
        return true;
    return a->checksum_kind != 0 && a->checksum_kind == b->checksum_kind &&
           strcmp(a->checksum, b->checksum) == 0;
}

static int
copy(const struct move *move, const char *target, bool replace,
     struct fb_error *err)
{
    const struct copy copy = {.from = move->store,
                              .from_key = move->key,
                              .object = move->object,
                              .to = &move->target,
                              .to_key = target,
                              .replace = replace};

    return copy_object(&copy, err);
}

static char *
target_key(struct fb_step *step, const char *folder, const char *name)
{
    size_t length = strlen(folder), size = length + strlen(name) + 2;
    bool slash = length == 0 || folder[length - 1] == '/';
    char *key = fb_alloc(step, size);

    snprintf(key, size, "%s%s%s", folder, slash ? "" : "/", name);
    return key;
}

/*
 * A move that was cut off between copy and delete finds its own copy here.
 * *taken: something else has the name.
 */
static int
look_at_target(const struct move *move, const char *key, bool *there,
               bool *taken, struct fb_error *err)
{
    struct object found;

    *there = *taken = false;
    if (object_head(&move->target, key, &found, err) == 0) {
        *there = same_contents(&found, move->object);
        *taken = !*there;
        return 0;
    }
    if (err->code != FB_E_MISSING)
        return -1;
    store_forget(err);
    return 0;
}

/* When the answer to a copy was lost, its repetition finds the name taken, by
 * the copy itself. */
static int
copy_new(const struct move *move, const char *key, bool *taken,
         struct fb_error *err)
{
    bool there;

    if (look_at_target(move, key, &there, taken, err) != 0)
        return -1;
    if (there || *taken || copy(move, key, false, err) == 0)
        return 0;
    if (err->code != FB_E_CHANGED)
        return -1;
    store_forget(err);
    if (look_at_target(move, key, &there, taken, err) != 0)
        return -1;
    *taken = !there;
    return 0;
}

static int
copy_aside(const struct move *move, const char *folder, struct fb_error *err)
{
    struct fb_step *step = move->store->step;
    const char *name = uri_name(move->key);
    bool taken;

    if (copy_new(move, target_key(step, folder, name), &taken, err) != 0)
        return -1;
    if (!taken)
        return 0;
    /* Only this run writes that name, so it may be written again. */
    return copy(move, target_key(step, folder, on_success_name(step, name)),
                true, err);
}

int
settle_move(const struct store *store, const char *key, const char *generation,
            const struct s3_uri *folder, struct fb_error *err)
{
    struct object object;
    struct move move = {
        .store = store, .target = *store, .key = key, .object = &object};
    bool handled;

    assert(folder->bucket != NULL);
    move.target.bucket = folder->bucket;
    if (look(store, key, generation, &object, &handled, err) != 0)
        return -1;
    if (!handled)
        return 0;
    if (copy_aside(&move, folder->key, err) == 0)
        return delete_if(store, key, object.etag, err);
    if (err->code != FB_E_CHANGED && err->code != FB_E_MISSING)
        return -1;
    /* The object itself was replaced or taken away meanwhile. */
    store_forget(err);
    return 0;
}
