#include "abort.h"

#include <assert.h>

#include "aws/encode.h"
#include "aws/moment.h"
#include "s3.h"

#define TRIES_MAX 5
#define ABORT_DEADLINE_MS 10000
#define PAGES_MAX 10 /* of 1000 uploads each */

/* 0: it was there; 1: it is no more; -1: cannot tell. */
static int
abort_once(const struct store *store, const char *key, const char *upload_id,
           struct fb_error *err)
{
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    store_request(store, &request, "DELETE", key, "s3:AbortMultipartUpload");
    request.operation = "abort writing";
    request.deadline_ms = ABORT_DEADLINE_MS;
    aws_fields_add(&request.query, "uploadId", upload_id);
    status = store_call(store, &request, &response, err);
    if (status != 0 && err->code == FB_E_MISSING)
        status = 1;
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

void
abort_upload(const struct store *store, const char *key, const char *upload_id)
{
    struct fb_error err = {.code = FB_E_NONE};

    assert(upload_id != NULL);
    for (int i = 0; i < TRIES_MAX; i++) {
        int status = abort_once(store, key, upload_id, &err);

        if (status > 0)
            return;
        if (status < 0) {
            fb_log(store->step, FB_WARN, "upload '%s' of '%s' is left over: %s",
                   upload_id, store->uri, err.message);
            return;
        }
    }
}

struct search {
    const struct store *store;
    const char *key;
    int64_t before_ms; /* since the epoch */
    bool encoded;
    char key_marker[4 * S3_KEY_MAX];
    char id_marker[2048];
};

static bool
is_same_key(const struct search *search, const char *text)
{
    struct aws_buf key;
    bool same;

    if (text == NULL || !search->encoded)
        return text != NULL && strcmp(text, search->key) == 0;
    aws_buf_init(&key, (size_t)4 * S3_KEY_MAX);
    same = aws_form_decode(&key, text) == 0 &&
           strcmp(aws_buf_string(&key), search->key) == 0;
    aws_buf_release(&key);
    return same;
}

static void
judge(const struct search *search, const struct aws_xml_node *upload)
{
    const char *id = aws_xml_text(upload, "UploadId");
    const char *initiated = aws_xml_text(upload, "Initiated");
    int64_t when_ms;

    if (!is_same_key(search, aws_xml_text(upload, "Key")) || id == NULL ||
        *id == '\0' || initiated == NULL ||
        aws_moment_parse_iso(initiated, &when_ms) != 0)
        return;
    if (when_ms >= search->before_ms) {
        fb_log(search->store->step, FB_INFO,
               "upload '%s' of '%s', begun %s, is not finished: left alone, it "
               "may belong to another run",
               id, search->store->uri, initiated);
        return;
    }
    fb_log(search->store->step, FB_INFO,
           "aborting upload '%s' of '%s', abandoned since %s", id,
           search->store->uri, initiated);
    abort_upload(search->store, search->key, id);
}

static bool
take_marker(const struct aws_xml_node *root, const char *name, char *marker,
            size_t size)
{
    const char *text = aws_xml_text(root, name);

    if (text == NULL || *text == '\0' || strlen(text) >= size)
        return false;
    snprintf(marker, size, "%s", text);
    return true;
}

/* Markers are keys, and so encoded as keys are. */
static bool
decode_marker(struct search *search)
{
    struct aws_buf key;
    bool good;

    if (!search->encoded)
        return true;
    aws_buf_init(&key, sizeof(search->key_marker) - 1);
    good = aws_form_decode(&key, search->key_marker) == 0 && aws_buf_ok(&key);
    snprintf(search->key_marker, sizeof(search->key_marker), "%s",
             aws_buf_string(&key));
    aws_buf_release(&key);
    return good;
}

/* False: that was the last page. */
static bool
take_page(struct search *search, const struct aws_xml_node *root)
{
    const char *encoding = aws_xml_text(root, "EncodingType");
    const char *truncated = aws_xml_text(root, "IsTruncated");
    const struct aws_xml_node *node;

    search->encoded = encoding != NULL && strcmp(encoding, "url") == 0;
    for (node = aws_xml_child(root, "Upload"); node != NULL;
         node = aws_xml_again(node))
        judge(search, node);
    return truncated != NULL && strcmp(truncated, "true") == 0 &&
           take_marker(root, "NextKeyMarker", search->key_marker,
                       sizeof(search->key_marker)) &&
           take_marker(root, "NextUploadIdMarker", search->id_marker,
                       sizeof(search->id_marker)) &&
           decode_marker(search);
}

static int
next_page(struct search *search, bool *more, struct fb_error *err)
{
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    *more = false;
    store_request(search->store, &request, "GET", NULL,
                  "s3:ListBucketMultipartUploads");
    request.operation = "list uploads of";
    aws_fields_add(&request.query, "uploads", "");
    aws_fields_add(&request.query, "encoding-type", "url");
    aws_fields_add(&request.query, "prefix", search->key);
    if (search->key_marker[0] != '\0') {
        aws_fields_add(&request.query, "key-marker", search->key_marker);
        aws_fields_add(&request.query, "upload-id-marker", search->id_marker);
    }
    request.expect[0] = 200;
    request.answer = AWS_ANSWER_XML;
    request.xml_root = "ListMultipartUploadsResult";
    status = store_call(search->store, &request, &response, err);
    if (status == 0)
        *more = take_page(search, aws_xml_root(response.xml));
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

void
abort_abandoned(const struct store *store, const char *key, int64_t age_ms)
{
    struct search search = {
        .store = store,
        .key = key,
        .before_ms = aws_client_now_ms(store->client) - age_ms,
    };
    struct fb_error err = {.code = FB_E_NONE};
    bool more = true;

    for (int i = 0; i < PAGES_MAX && more; i++) {
        if (next_page(&search, &more, &err) == 0)
            continue;
        fb_log(store->step, FB_INFO,
               "cannot look for abandoned uploads, going on: %s", err.message);
        return;
    }
}
