#include "range.h"

#include <assert.h>
#include <inttypes.h>

/* Each must bring new bytes, or it is the last. */
#define RESUMES_MAX 50

struct transfer {
    const struct range_source *source;
    const struct range *range;
    range_fn take;
    void *arg;
    uint64_t got; /* bytes given on, over all answers */
};

/* The caller puts "cannot read ..." before it. */
static int
bad_answer(const char *what, const char *value, struct fb_error *err)
{
    fb_fail(err, FB_E_UNAVAILABLE, "the answer %s: %s", what, value);
    return fb_hint(err, "something else than S3 may answer here: a proxy, or "
                        "a wrong 'endpoint'");
}

/* "bytes 0-99/200" must be what was asked for. */
static int
check_range(const struct transfer *transfer,
            const struct aws_response *response, struct fb_error *err)
{
    const char *value = aws_response_header(response, "content-range");
    uint64_t first = transfer->range->first;
    char expected[96];

    snprintf(expected, sizeof(expected),
             "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first + transfer->got,
             first + transfer->range->length - 1, transfer->range->total);
    if (value != NULL && strcmp(value, expected) == 0)
        return 0;
    return bad_answer("has other bytes than those asked for",
                      value != NULL ? value : "no Content-Range", err);
}

static bool
is_whole(const struct transfer *transfer)
{
    return transfer->got == 0 &&
           transfer->range->length == transfer->range->total;
}

static int
check_answer(void *arg, const struct aws_response *response,
             struct fb_error *err)
{
    const struct transfer *transfer = arg;
    const char *etag = aws_response_header(response, "etag");
    const char *length = aws_response_header(response, "content-length");
    char bare[OBJECT_ETAG_MAX];
    uint64_t size;

    if (object_etag(etag, bare) != 0)
        return bad_answer("has no ETag that makes sense",
                          etag != NULL ? etag : "none", err);
    if (strcmp(bare, transfer->source->object->etag) != 0)
        return fb_fail(err, FB_E_CHANGED, "'%s' was replaced while it was read",
                       transfer->source->store->uri);
    if (length != NULL && (store_number(length, &size) != 0 ||
                           size != transfer->range->length - transfer->got))
        return bad_answer("has another length than asked for", length, err);
    if (response->status == 206)
        return check_range(transfer, response, err);
    if (is_whole(transfer))
        return 0;
    return bad_answer("is the whole object, not a range of it", "status 200",
                      err);
}

static int
pass_on(void *arg, const unsigned char *bytes, size_t size,
        struct fb_error *err)
{
    struct transfer *transfer = arg;

    if (size > transfer->range->length - transfer->got)
        return bad_answer("is longer than it says", "its body", err);
    transfer->got += size;
    return transfer->take(transfer->arg, bytes, size, err);
}

static void
make_request(const struct transfer *transfer, struct aws_request *request)
{
    const struct range_source *source = transfer->source;
    const struct range *range = transfer->range;
    const bool versioned = source->object->version[0] != '\0';
    char condition[OBJECT_CONDITION_MAX];

    store_request(source->store, request, "GET", source->key,
                  versioned ? "s3:GetObjectVersion" : "s3:GetObject");
    request->operation = "read";
    object_condition(source->object->etag, condition);
    aws_fields_add(&request->headers, "if-match", condition);
    if (versioned)
        aws_fields_add(&request->query, "versionId", source->object->version);
    if (!is_whole(transfer))
        aws_fields_format(
            &request->headers, "range", "bytes=%" PRIu64 "-%" PRIu64,
            range->first + transfer->got, range->first + range->length - 1);
    request->expect[0] = is_whole(transfer) ? 200 : 206;
    request->expect[1] = 200;
}

/* The object was there a moment ago. */
static int
explain(const struct transfer *transfer, struct fb_error *err)
{
    const char *uri = transfer->source->store->uri;

    if (err->code == FB_E_CHANGED)
        fb_fail(err, FB_E_CHANGED, "'%s' was replaced while it was read", uri);
    else if (err->code == FB_E_MISSING)
        fb_fail(err, FB_E_CHANGED, "'%s' was removed while it was read", uri);
    return -1;
}

/* One answer; a short one is no success, whoever sent it. */
static int
get_once(struct transfer *transfer, struct fb_error *err)
{
    const struct aws_sink sink = {
        .begin = check_answer, .write = pass_on, .arg = transfer};
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    make_request(transfer, &request);
    request.sink = &sink;
    status = store_call(transfer->source->store, &request, &response, err);
    aws_response_release(&response);
    aws_request_release(&request);
    if (status != 0)
        return explain(transfer, err);
    if (transfer->got == transfer->range->length)
        return 0;
    return fb_fail(err, FB_E_UNAVAILABLE,
                   "cannot read '%s': the body ended after %" PRIu64
                   " of %" PRIu64 " bytes",
                   transfer->source->store->uri, transfer->got,
                   transfer->range->length);
}

int
range_get(const struct range_source *source, const struct range *range,
          range_fn take, void *arg, struct fb_error *err)
{
    struct transfer transfer = {
        .source = source, .range = range, .take = take, .arg = arg};

    assert(range->length > 0 && range->first + range->length <= range->total);
    for (int resumes = 0;; resumes++) {
        uint64_t before = transfer.got;

        if (get_once(&transfer, err) == 0)
            return 0;
        /* All bytes may be here although the answer did not end well: their
         * number is right, and the checksum will tell. */
        if (err->code == FB_E_UNAVAILABLE && transfer.got == range->length)
            break;
        if (err->code != FB_E_UNAVAILABLE || transfer.got == before ||
            resumes == RESUMES_MAX)
            return -1;
        fb_log(source->store->step, FB_INFO,
               "reading '%s' goes on at byte %" PRIu64 ": %s",
               source->store->uri, range->first + transfer.got, err->message);
    }
    store_forget(err);
    return 0;
}
