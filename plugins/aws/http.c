/*
 * aws/http.c: see http.h.  A pool of libcurl's handles, each with connections
 * of its own, and what its error codes mean to us.
 */
#include "aws/http.h"

#include "aws/buf.h"
#include "aws/transfer.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define POOL_MAX 64 /* idle handles; more threads make and drop theirs */

struct aws_http {
    char *ca_bundle;
    pthread_mutex_t mutex;
    CURL *idle[POOL_MAX]; /* a stack: the warmest connection goes first */
    size_t count;
};

int
aws_http_new(const char *ca_bundle, struct aws_http **http,
             struct fb_error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return fb_fail(err, FB_E_FAILED, "cannot start libcurl");
    *http = aws_alloc(sizeof(**http));
    (*http)->ca_bundle = aws_strdup(ca_bundle);
    pthread_mutex_init(&(*http)->mutex, NULL);
    return 0;
}

void
aws_http_free(struct aws_http *http)
{
    if (http == NULL)
        return;
    while (http->count > 0)
        curl_easy_cleanup(http->idle[--http->count]);
    pthread_mutex_destroy(&http->mutex);
    free(http->ca_bundle);
    free(http);
    curl_global_cleanup();
}

static CURL *
take(struct aws_http *http)
{
    CURL *easy = NULL;

    pthread_mutex_lock(&http->mutex);
    if (http->count > 0)
        easy = http->idle[--http->count];
    pthread_mutex_unlock(&http->mutex);
    return easy != NULL ? easy : curl_easy_init();
}

static void
give_back(struct aws_http *http, CURL *easy)
{
    /* The handle must forget pointers into the exchange, and its secrets. */
    curl_easy_reset(easy);
    pthread_mutex_lock(&http->mutex);
    assert(http->count <= POOL_MAX);
    if (http->count < POOL_MAX) {
        http->idle[http->count++] = easy;
        easy = NULL;
    }
    pthread_mutex_unlock(&http->mutex);
    if (easy != NULL)
        curl_easy_cleanup(easy);
}

/* Errors that no second attempt can cure.  What was sent already got an
 * answer that is no HTTP: that is not a protocol that the URL names. */
static bool
is_final(CURLcode code, bool sent)
{
    switch ((int)code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
        return !sent;
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
        return true;
    default:
        return false;
    }
}

/* "host:port" of a URL, without what may be secret. */
static int
host_size(const char *url, const char **host)
{
    const char *slashes = strstr(url, "://");

    *host = slashes == NULL ? url : slashes + 3;
    return (int)strcspn(*host, "/?#");
}

static int
explain(struct aws_transfer *transfer, CURLcode code, struct fb_error *err)
{
    struct aws_exchange *exchange = transfer->exchange;
    const char *host, *why = curl_easy_strerror(code);
    int size = host_size(exchange->url, &host);

    if (transfer->stopped) {
        exchange->end = AWS_HTTP_STOPPED;
        return -1;
    }
    if (transfer->cancelled) {
        exchange->end = AWS_HTTP_CANCELLED;
        return fb_fail(err, FB_E_CANCELLED, "cannot go on: told to stop");
    }
    if (is_final(code, transfer->sends > 0)) {
        exchange->end = AWS_HTTP_REFUSED;
        return fb_fail(err, FB_E_CONFIG, "cannot connect to '%.*s': %s", size,
                       host, why);
    }
    if (transfer->sends == 0) {
        exchange->end = AWS_HTTP_NOT_SENT;
        return fb_fail(err, FB_E_UNAVAILABLE, "cannot connect to '%.*s': %s",
                       size, host, why);
    }
    exchange->end = AWS_HTTP_BROKEN;
    if (transfer->repeated)
        why = "the connection was closed without an answer";
    else if (code == CURLE_OPERATION_TIMEDOUT)
        why = "no answer in time";
    else if (code == CURLE_UNSUPPORTED_PROTOCOL)
        why = "it is no HTTP";
    return fb_fail(err, FB_E_UNAVAILABLE,
                   "cannot get an answer from '%.*s': %s", size, host, why);
}

int
aws_http_send(struct aws_http *http, struct aws_exchange *exchange,
              struct fb_error *err)
{
    struct aws_transfer transfer = {.exchange = exchange, .err = err};
    CURL *easy = take(http);
    CURLcode code = CURLE_OUT_OF_MEMORY;

    assert(exchange->method != NULL && exchange->headers != NULL);
    assert(exchange->bytes == NULL || exchange->source == NULL);
    assert(exchange->connect_timeout_ms > 0);
    exchange->status = 0;
    exchange->received = 0;
    aws_fields_release(&exchange->headers_in);
    if (easy != NULL && aws_transfer_setup(&transfer, easy, http->ca_bundle))
        code = curl_easy_perform(easy);
    if (easy != NULL)
        give_back(http, easy);
    aws_transfer_release(&transfer);
    if (code == CURLE_OK && exchange->status >= 200) {
        exchange->end = AWS_HTTP_DONE;
        return 0;
    }
    return explain(&transfer, code == CURLE_OK ? CURLE_GOT_NOTHING : code, err);
}
