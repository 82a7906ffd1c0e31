/*
 * aws/http.h: one HTTP exchange on libcurl, with the rules that hold for all
 * of ours: TLS 1.2 or newer and verified, no redirects, only http and https,
 * the path as it is, bodies as they are, bounds on everything.  It knows no
 * AWS: no signatures, no retries.
 */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include "aws/fields.h"
#include "aws/request.h"
#include "forebay/plugin.h"

#define AWS_HEADERS_MAX ((size_t)64 << 10)  /* bytes of an answer's head */
#define AWS_EXPECT_FROM ((uint64_t)1 << 20) /* bodies that ask first */

struct aws_http; /* connections and how to make them; for several threads */

/* ca_bundle NULL: the system's.  Copied.  FB_E_FAILED without libcurl. */
int aws_http_new(const char *ca_bundle, struct aws_http **http,
                 struct fb_error *err) FB_MUST_CHECK;
void aws_http_free(struct aws_http *http);

/* How an exchange ended. */
enum aws_http_end {
    AWS_HTTP_DONE = 1,  /* an answer came, whatever its status */
    AWS_HTTP_NOT_SENT,  /* no connection: it had no effect */
    AWS_HTTP_BROKEN,    /* sent, in part at least, but no whole answer */
    AWS_HTTP_REFUSED,   /* trying again is no use: certificate, URL, ... */
    AWS_HTTP_STOPPED,   /* by a callback of the caller, *err is its own */
    AWS_HTTP_CANCELLED, /* by the step */
};

/* Receives the answer.  head comes once, when all headers are there.  Both
 * return 0, or -1 with *err filled. */
struct aws_http_receiver {
    int (*head)(void *arg, int status, const struct aws_fields *headers,
                struct fb_error *err);
    int (*body)(void *arg, const unsigned char *bytes, size_t size,
                struct fb_error *err);
    void *arg;
};

struct aws_exchange {
    /* What is sent. */
    const char *method;
    const char *url;
    const struct aws_fields *headers; /* all but content-length */
    const unsigned char *bytes;
    size_t size;
    const struct aws_body_source *source; /* instead of bytes; rewound */
    bool has_body; /* send Content-Length even when it is 0 */

    int64_t connect_timeout_ms;
    int64_t read_timeout_ms; /* without progress; 0: none */
    int64_t total_ms;        /* 0: none */
    bool no_proxy;           /* metadata */
    bool fresh; /* on a connection of its own: it must not be sent twice */
    /* Asked for the address of the peer, before the request goes there. */
    bool (*admits)(const char *address);
    struct fb_step *step; /* NULL */
    struct aws_http_receiver receiver;

    /* What came. */
    enum aws_http_end end;
    int status;
    struct aws_fields headers_in; /* the caller releases it */
    uint64_t received;            /* bytes of body */
};

/* 0 when an answer came; else -1 and *err says why, in the words "cannot
 * connect to 'host': ..." or the like, with FB_E_UNAVAILABLE for what may
 * pass.  exchange->end is set in any case. */
int aws_http_send(struct aws_http *http, struct aws_exchange *exchange,
                  struct fb_error *err) FB_MUST_CHECK;

#endif
