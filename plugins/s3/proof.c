#include "proof.h"

#include "s3.h"
#include "uri.h"

static const unsigned char body[] = "forebay: does this store honour "
                                    "If-None-Match?\n";

struct proof {
    const struct target *target;
    struct store store; /* the target's, but for what messages call it */
    char *key;
    char version[OBJECT_VERSION_MAX]; /* "": none */
    bool unknown; /* the store says that it knows no such header */
};

/* "out/a.csv" -> "out/.forebay-proof-RUN-STEP"; without the folder when that
 * leaves no room. */
static char *
make_key(const struct target *target)
{
    static const char prefix[] = ".forebay-proof-";
    const char *slash = strrchr(target->key, '/');
    int folder = slash == NULL ? 0 : (int)(slash + 1 - target->key);
    size_t size = (size_t)folder + strlen(target->run) + sizeof(prefix);
    char *key = fb_alloc(target->store->step, size);

    if (size > S3_KEY_MAX)
        folder = 0;
    snprintf(key, size, "%.*s%s%s", folder, target->key, prefix, target->run);
    return key;
}

/* As with every other body: there are buckets that refuse those without. */
static void
add_checksum(const struct target *target, struct aws_request *request)
{
    char text[AWS_CHECKSUM_TEXT_MAX];
    struct aws_checksum sum;

    if (target->checksum == 0)
        return;
    aws_checksum_init(&sum, target->checksum);
    aws_checksum_add(&sum, request->bytes, request->size);
    aws_checksum_text(&sum, text);
    aws_checksum_release(&sum);
    aws_fields_add(&request->headers, aws_checksum_header(target->checksum),
                   text);
}

static int
put(struct proof *proof, struct fb_error *err)
{
    const struct store *store = &proof->store;
    struct aws_response response = {0};
    struct aws_request request;
    const char *version;
    int status;

    store_request(store, &request, "PUT", proof->key, "s3:PutObject");
    request.operation = "write";
    aws_fields_add(&request.headers, "if-none-match", "*");
    request.bytes = body;
    request.size = sizeof(body) - 1;
    add_checksum(proof->target, &request);
    request.expect[0] = 200;
    status = store_call(store, &request, &response, err);
    version = aws_response_header(&response, "x-amz-version-id");
    if (status == 0 && version != NULL &&
        strlen(version) < sizeof(proof->version))
        snprintf(proof->version, sizeof(proof->version), "%s", version);
    proof->unknown =
        response.status == 501 || strcmp(response.code, "NotImplemented") == 0;
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

/* With its version, so that a bucket with versions keeps nothing of it.  Who
 * may not delete is told what stays; all else is for another attempt. */
static int
clear_away(const struct proof *proof, struct fb_error *err)
{
    const struct store *store = &proof->store;
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    store_request(store, &request, "DELETE", proof->key, "s3:DeleteObject");
    request.operation = "delete";
    if (proof->version[0] != '\0')
        aws_fields_add(&request.query, "versionId", proof->version);
    status = store_call(store, &request, &response, err);
    if (status != 0 && err->code == FB_E_PERMISSION)
        fb_log(store->step, FB_WARN, "'%s' is left over: %s", store->uri,
               err->message);
    if (status != 0 &&
        (err->code == FB_E_PERMISSION || err->code == FB_E_MISSING)) {
        store_forget(err);
        status = 0;
    }
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

static int
not_honoured(const struct target *target, struct fb_error *err)
{
    fb_fail(err, FB_E_CONFIG,
            "cannot write '%s': this store does not honour 'If-None-Match', so "
            "'if_exists: fail' could replace what others write",
            target->store->uri);
    return fb_hint(err, "leave 'if_exists' out, and give the outputs of this "
                        "pipeline a folder where nobody else writes");
}

/* 1: refused, as it should be; 0: written; -1: neither. */
static int
try_once(struct proof *proof, struct fb_error *err)
{
    if (put(proof, err) == 0)
        return 0;
    if (err->code != FB_E_CHANGED)
        return -1;
    store_forget(err);
    return 1;
}

static int
explain(const struct proof *proof, struct fb_error *err)
{
    if (proof->unknown)
        return not_honoured(proof->target, err);
    if (err->code != FB_E_PERMISSION)
        return -1;
    fb_log(proof->target->store->step, FB_WARN,
           "whether this store honours 'if_exists: fail' cannot be seen: %s",
           err->message);
    store_forget(err);
    return 0;
}

int
proof_of_conditions(const struct target *target, struct fb_error *err)
{
    struct proof proof = {.target = target, .store = *target->store};
    int refused;

    if (!target->must_be_new || aws_client_is_aws(target->store->client))
        return 0;
    proof.key = make_key(target);
    proof.store.uri =
        uri_text(target->store->step, target->store->bucket, proof.key);
    refused = try_once(&proof, err); /* when an attempt before left it there */
    if (refused == 0)
        refused = try_once(&proof, err);
    if (refused < 0)
        return explain(&proof, err);
    if (clear_away(&proof, err) != 0)
        return -1;
    return refused > 0 ? 0 : not_honoured(target, err);
}
