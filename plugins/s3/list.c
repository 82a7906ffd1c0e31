#include "list.h"

#include <assert.h>

#include "aws/encode.h"
#include "aws/moment.h"
#include "object.h"
#include "s3.h"

/* In a listing each byte may stand as %XX. */
#define DECODED_MAX ((size_t)4 * S3_KEY_MAX)

struct page {
    const struct store *store;
    const struct aws_xml_node *root;
    bool encoded; /* the store did as encoding-type asked */
    list_fn found;
    void *arg;
    bool stopped;
    struct aws_buf key;
};

static int
bad_answer(const struct store *store, const char *what, struct fb_error *err)
{
    return fb_fail(err, FB_E_UNAVAILABLE, "cannot list '%s': %s", store->uri,
                   what);
}

/* S3 lets a NUL into a key, nothing else does.  Such an object must not keep
 * all others from being found. */
static int
take_key(struct page *page, const char *text, bool *skip, struct fb_error *err)
{
    *skip = false;
    aws_buf_clear(&page->key);
    if (!page->encoded) {
        aws_buf_text(&page->key, text);
    } else if (aws_form_decode(&page->key, text) != 0) {
        if (strstr(text, "%00") == NULL)
            return bad_answer(page->store, "a key is badly encoded", err);
        fb_log(page->store->step, FB_WARN,
               "an object whose key holds a NUL is left out: '%s'", text);
        *skip = true;
    }
    return aws_buf_check(&page->key, "a key in a listing", err);
}

static int
take_entry(struct page *page, const struct aws_xml_node *node,
           struct fb_error *err)
{
    const char *key = aws_xml_text(node, "Key");
    const char *modified = aws_xml_text(node, "LastModified");
    char etag[OBJECT_ETAG_MAX];
    struct listed listed = {.etag = etag};
    int64_t modified_ms;
    bool skip;

    if (key == NULL || object_etag(aws_xml_text(node, "ETag"), etag) != 0 ||
        store_number(aws_xml_text(node, "Size"), &listed.size) != 0 ||
        modified == NULL || aws_moment_parse_iso(modified, &modified_ms) != 0)
        return bad_answer(page->store,
                          "an entry lacks its key, ETag, size or time", err);
    if (take_key(page, key, &skip, err) != 0)
        return -1;
    listed.key = aws_buf_string(&page->key);
    listed.modified = modified_ms / 1000; /* HEAD gives whole seconds */
    page->stopped = !skip && page->found(page->arg, &listed) != 0;
    return 0;
}

static int
take_page(struct page *page, struct fb_error *err)
{
    const char *encoding = aws_xml_text(page->root, "EncodingType");
    const struct aws_xml_node *node;

    page->encoded = encoding != NULL && strcmp(encoding, "url") == 0;
    for (node = aws_xml_child(page->root, "Contents");
         node != NULL && !page->stopped; node = aws_xml_again(node))
        if (take_entry(page, node, err) != 0)
            return -1;
    return 0;
}

/*
 * Where the listing goes on.  Tokens are opaque and some stores have them go
 * in circles: each is compared with one before it, which is renewed after 1,
 * 2, 4, ... pages (Brent's way to find a circle of any length).
 */
struct trail {
    struct aws_buf token, mark;
    uint64_t pages, renew_at;
};

static int
follow(struct trail *trail, const struct page *page, const char *next,
       struct fb_error *err)
{
    if (strcmp(next, aws_buf_string(&trail->token)) == 0 ||
        strcmp(next, aws_buf_string(&trail->mark)) == 0)
        return bad_answer(page->store, "its pages go in a circle", err);
    aws_buf_clear(&trail->token);
    aws_buf_text(&trail->token, next);
    if (++trail->pages == trail->renew_at) {
        trail->renew_at *= 2;
        aws_buf_clear(&trail->mark);
        aws_buf_text(&trail->mark, next);
    }
    return aws_buf_check(&trail->token, "a continuation token", err);
}

/* A page may be empty and yet not be the last: only IsTruncated tells. */
static int
take_token(const struct page *page, struct trail *trail, bool *more,
           struct fb_error *err)
{
    const char *truncated = aws_xml_text(page->root, "IsTruncated");
    const char *next = aws_xml_text(page->root, "NextContinuationToken");

    *more = truncated != NULL && strcmp(truncated, "true") == 0;
    if (!*more)
        return 0;
    if (next == NULL || *next == '\0')
        return bad_answer(page->store,
                          "a page says that there are more, but "
                          "not where",
                          err);
    return follow(trail, page, next, err);
}

static void
make_request(const struct store *store, const struct listing *listing,
             const char *token, struct aws_request *request)
{
    store_request(store, request, "GET", NULL, "s3:ListBucket");
    aws_fields_add(&request->query, "list-type", "2");
    aws_fields_add(&request->query, "encoding-type", "url");
    aws_fields_add(&request->query, "prefix", listing->prefix);
    if (listing->flat)
        aws_fields_add(&request->query, "delimiter", "/");
    if (listing->max_keys > 0)
        aws_fields_format(&request->query, "max-keys", "%d", listing->max_keys);
    if (*token != '\0')
        aws_fields_add(&request->query, "continuation-token", token);
    request->operation = "list";
    request->expect[0] = 200;
    request->answer = AWS_ANSWER_XML;
    request->xml_root = "ListBucketResult";
}

static int
next_page(struct page *page, const struct listing *listing, struct trail *trail,
          bool *more, struct fb_error *err)
{
    struct aws_response response = {0};
    struct aws_request request;
    int status;

    make_request(page->store, listing, aws_buf_string(&trail->token), &request);
    status = store_call(page->store, &request, &response, err);
    if (status == 0) {
        assert(response.xml != NULL);
        page->root = aws_xml_root(response.xml);
        status = take_page(page, err);
    }
    if (status == 0)
        status = take_token(page, trail, more, err);
    aws_response_release(&response);
    aws_request_release(&request);
    return status;
}

int
list_keys(const struct store *store, const struct listing *listing,
          list_fn found, void *arg, struct fb_error *err)
{
    struct page page = {.store = store, .found = found, .arg = arg};
    struct trail trail = {.renew_at = 1};
    bool more = true;
    int status = 0;

    assert(listing->prefix != NULL);
    aws_buf_init(&page.key, DECODED_MAX);
    aws_buf_init(&trail.token, DECODED_MAX);
    aws_buf_init(&trail.mark, DECODED_MAX);
    for (int i = 0; status == 0 && more && !page.stopped &&
                    (listing->max_pages == 0 || i < listing->max_pages);
         i++)
        status = next_page(&page, listing, &trail, &more, err);
    aws_buf_release(&page.key);
    aws_buf_release(&trail.token);
    aws_buf_release(&trail.mark);
    return status;
}
