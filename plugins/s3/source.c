/*
 * source.c: lists objects, reads one as bytes, and settles it when its run is
 * done.  What the bytes mean is the host's business.
 */
#include <assert.h>

#include "aws/settings.h"
#include "fetch.h"
#include "glob.h"
#include "list.h"
#include "object.h"
#include "s3.h"
#include "settle.h"
#include "shared/on_success.h"
#include "store.h"
#include "uri.h"

struct s3_source {
    struct aws_settings aws;
    const char *owner; /* expected_bucket_owner */
    int64_t part_size; /* bytes */
    int64_t parallel;
    struct on_success after;

    struct s3_uri uri; /* or pattern */
    struct s3_uri target;
    struct store store;
    struct object object;
    char generation[OBJECT_GENERATION_MAX];
    struct fetch *fetch;
    bool began; /* to read */
};

static int
check_move_to(struct s3_source *source, struct fb_step *step,
              struct fb_error *err)
{
    char prefix[S3_KEY_MAX + 1];
    size_t length;

    if (on_success_check(&source->after, step, ": s3://BUCKET/FOLDER", err) !=
        0)
        return -1;
    if (source->after.what != ON_SUCCESS_MOVE)
        return 0;
    if (uri_parse(step, "move_to", source->after.move_to, &source->target,
                  err) != 0)
        return -1;
    length = strlen(source->target.key);
    while (length > 0 && source->target.key[length - 1] == '/')
        length--;
    memcpy(prefix, source->target.key, length);
    prefix[length] = '\0';
    if (strcmp(source->target.bucket, source->uri.bucket) != 0 ||
        !glob_reaches(source->uri.key, prefix))
        return 0;
    return on_success_watched(&source->after, step, err);
}

static int
source_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct s3_source *source = self;
    const char *uri = fb_uri(step);

    if (uri_parse(step, "uri", uri, &source->uri, err) != 0 ||
        uri_check_object(step, "uri", uri, &source->uri, err) != 0 ||
        uri_check_owner(step, source->owner, err) != 0 ||
        aws_settings_check(&source->aws, step, err) != 0)
        return -1;
    return check_move_to(source, step, err);
}

static int
source_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct s3_source *source = self;

    return on_success_bind(&source->after, step, err);
}

static int
connect(struct s3_source *source, struct fb_step *step, struct store *store,
        struct fb_error *err)
{
    assert(source->uri.bucket != NULL);
    return store_open(store, &source->aws, step, source->uri.bucket,
                      source->owner, err);
}

/* ---------------------------------------------------------- discovery --- */

struct search {
    const struct s3_source *source;
    struct fb_step *step;
    fb_found_fn found;
    void *arg;
    size_t matches;
    struct aws_buf uri;
};

static int
take_listed(void *arg, const struct listed *listed)
{
    struct search *search = arg;
    char generation[OBJECT_GENERATION_MAX];
    struct fb_object object;

    if (fb_cancelled(search->step))
        return 1;
    if (!glob_match(search->source->uri.key, listed->key))
        return 0;
    aws_buf_clear(&search->uri);
    aws_buf_format(&search->uri, "s3://%s/%s", search->source->uri.bucket,
                   listed->key);
    object_generation(listed->etag, listed->size, listed->modified, generation);
    object = (struct fb_object){
        .uri = aws_buf_string(&search->uri),
        .generation = generation,
        .size = listed->size,
        .modified_ms = listed->modified * 1000,
    };
    search->matches++;
    return search->found(search->arg, &object);
}

/* What can match lies below the part before the first wildcard; and of an
 * object without any, nothing but itself begins with its key and is first. */
static int
list_matches(struct search *search, const struct store *store, int max_pages,
             struct fb_error *err)
{
    const char *pattern = search->source->uri.key;
    char prefix[S3_KEY_MAX + 1];
    struct listing listing = {
        .prefix = prefix,
        .flat = glob_is_flat(pattern),
        .max_pages = max_pages,
    };
    size_t length = glob_literal(pattern);
    int status;

    assert(length < sizeof(prefix));
    memcpy(prefix, pattern, length);
    prefix[length] = '\0';
    if (!glob_is_wild(pattern)) {
        listing.max_keys = 1;
        listing.max_pages = 1;
    }
    aws_buf_init(&search->uri, sizeof("s3:///") + 64 + (size_t)4 * S3_KEY_MAX);
    status = list_keys(store, &listing, take_listed, search, err);
    aws_buf_release(&search->uri);
    if (status == 0 && fb_cancelled(search->step))
        return fb_fail(err, FB_E_CANCELLED, "the listing was told to stop");
    return status;
}

static int
source_discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
                struct fb_error *err)
{
    struct s3_source *source = self;
    struct search search = {
        .source = source, .step = step, .found = found, .arg = arg};
    struct store store = {0};
    int status;

    if (connect(source, step, &store, err) != 0)
        return -1;
    status = list_matches(&search, &store, 0, err);
    store_close(&store);
    return status;
}

/* ------------------------------------------------------------ reading --- */

static int
look(struct s3_source *source, struct fb_error *err)
{
    const char *uri = source->store.uri;

    if (object_head(&source->store, source->uri.key, &source->object, err) !=
        0) {
        if (err->code == FB_E_MISSING && glob_is_wild(source->uri.key))
            fb_hint(err, "a source reads one object; a pattern belongs to the "
                         "trigger, whose object is ${trigger.uri}");
        return -1;
    }
    if (source->object.archived) {
        fb_fail(err, FB_E_INPUT, "cannot read '%s': it is archived", uri);
        return fb_hint(err, "restore it, or write uploads with another storage "
                            "class");
    }
    object_generation(source->object.etag, source->object.size,
                      source->object.modified, source->generation);
    return 0;
}

static int
source_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct s3_source *source = self;

    source->began = false;
    if (connect(source, step, &source->store, err) != 0)
        return -1;
    if (look(source, err) == 0 &&
        fetch_open(&source->store, source->uri.key, &source->object,
                   (size_t)source->part_size, (int)source->parallel,
                   &source->fetch, err) == 0)
        return 0;
    store_close(&source->store);
    return -1;
}

static int
source_read_bytes(void *self, struct fb_step *step, unsigned char *bytes,
                  size_t size, size_t *got, struct fb_error *err)
{
    struct s3_source *source = self;

    (void)step;
    source->began = true;
    return fetch_read(source->fetch, bytes, size, got, err);
}

/*
 * Every byte came from the content that open found, or the reading failed.
 * But a new one under the same key is what the uploader means now, unless the
 * bucket keeps versions: then each upload gets its own run.  An object that
 * is gone was read whole.
 */
static int
look_again(struct s3_source *source, struct fb_error *err)
{
    char generation[OBJECT_GENERATION_MAX];
    struct object now;

    if (object_head(&source->store, source->uri.key, &now, err) != 0) {
        if (err->code != FB_E_MISSING)
            return -1;
        store_forget(err);
        return 0;
    }
    object_generation(now.etag, now.size, now.modified, generation);
    if (strcmp(generation, source->generation) == 0)
        return 0;
    return fb_fail(err, FB_E_CHANGED, "'%s' was replaced while it was read",
                   source->store.uri);
}

static int
source_stat(void *self, struct fb_step *step, struct fb_object *object,
            struct fb_error *err)
{
    struct s3_source *source = self;

    if (source->began && source->object.version[0] == '\0' &&
        look_again(source, err) != 0)
        return -1;
    *object = (struct fb_object){
        .uri = fb_uri(step),
        .generation = source->generation,
        .size = source->object.size,
        .modified_ms = source->object.modified * 1000,
    };
    return 0;
}

static void
source_close(void *self, struct fb_step *step)
{
    struct s3_source *source = self;

    (void)step;
    fetch_close(source->fetch);
    source->fetch = NULL;
    store_close(&source->store);
}

/* ----------------------------------------------------- settling, probing */

/* What failed stays for people to look at: its generation is on record, so
 * it is not tried again until it changes. */
static int
source_settle(void *self, struct fb_step *step, const struct fb_object *object,
              bool success, struct fb_error *err)
{
    struct s3_source *source = self;
    struct store store = {0};
    struct s3_uri uri;
    int status;

    if (!success || source->after.what == ON_SUCCESS_KEEP)
        return 0;
    if (uri_parse(step, "uri", object->uri, &uri, err) != 0 ||
        connect(source, step, &store, err) != 0)
        return -1;
    store.uri = object->uri;
    status = source->after.what == ON_SUCCESS_DELETE
                 ? settle_delete(&store, uri.key, object->generation, err)
                 : settle_move(&store, uri.key, object->generation,
                               &source->target, err);
    store_close(&store);
    return status;
}

struct first {
    char key[S3_KEY_MAX + 1];
};

static int
keep_first(void *arg, const struct fb_object *object)
{
    struct first *first = arg;
    const char *key = strchr(object->uri + strlen("s3://"), '/');

    assert(key != NULL);
    snprintf(first->key, sizeof(first->key), "%s", key + 1);
    return 1;
}

/* Of a pattern: may its objects be listed, and may the first be read? */
static int
probe_store(struct s3_source *source, struct fb_step *step,
            const struct store *store, struct fb_error *err)
{
    struct first first = {.key = ""};
    struct search search = {
        .source = source, .step = step, .found = keep_first, .arg = &first};
    struct object object;

    if (!glob_is_wild(source->uri.key))
        return object_head(store, source->uri.key, &object, err);
    if (list_matches(&search, store, 1, err) != 0)
        return -1;
    if (search.matches == 0 || object_head(store, first.key, &object, err) == 0)
        return 0;
    if (err->code != FB_E_MISSING)
        return -1;
    store_forget(err);
    return 0;
}

static int
source_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct s3_source *source = self;
    struct store store = {0};
    int status;

    if (connect(source, step, &store, err) != 0)
        return -1;
    status = probe_store(source, step, &store, err);
    store_close(&store);
    if (status == 0 && source->after.what > ON_SUCCESS_KEEP)
        fb_log(step, FB_INFO,
               "'on_success: %s' will need %ss3:DeleteObject for '%s'; only "
               "doing it can show whether that is allowed",
               source->after.what == ON_SUCCESS_MOVE ? "move" : "delete",
               source->after.what == ON_SUCCESS_MOVE ? "s3:PutObject and " : "",
               fb_uri(step));
    return status;
}

/* ---------------------------------------------------------- descriptor --- */

static const struct fb_option source_options[] = {
    ON_SUCCESS_OPTIONS(struct s3_source, after, "object",
                       " for 'on_success: move', as s3://BUCKET/FOLDER"),
    {.name = "part_size",
     FB_SIZE(struct s3_source, part_size),
     .def = "4MiB",
     .min = 65536,
     .max = S3_GIB,
     .help = "How much one request asks for."},
    {.name = "parallel",
     FB_INT(struct s3_source, parallel),
     .def = "4",
     .min = 1,
     .max = 64,
     .help = "Requests at a time; each takes part_size of memory."},
    {.name = "expected_bucket_owner",
     FB_STRING(struct s3_source, owner),
     .help = "Account that must own the bucket; a bucket of another one is "
             "refused."},
    AWS_OPTIONS(struct s3_source, aws),
    AWS_S3_OPTIONS(struct s3_source, aws),
    {.name = NULL},
};

const struct fb_plugin s3_source_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "s3",
    .summary = "Reads objects of S3, and lists those that a pattern names.",
    .schemes = s3_schemes,
    .options = source_options,
    .instance_size = sizeof(struct s3_source),
    .check = source_check,
    .bind = source_bind,
    .open = source_open,
    .close = source_close,
    .discover = source_discover,
    .stat = source_stat,
    .read_bytes = source_read_bytes,
    .settle = source_settle,
    .probe = source_probe,
};
