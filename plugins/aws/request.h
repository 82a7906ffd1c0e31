/*
 * aws/request.h: one call to a service, and its answer, as plugins see them.
 * How it travels is no business of theirs: see client.h.
 */
#ifndef AWS_REQUEST_H
#define AWS_REQUEST_H

#include "aws/buf.h"
#include "aws/fields.h"
#include "aws/xml.h"
#include "forebay/plugin.h"

#include <jansson.h>

#define AWS_BODY_MAX ((size_t)16 << 20) /* of an answer that is kept */
#define AWS_STATUS_MAX 6

/* What a good answer must look like; anything else counts as a 500. */
enum aws_answer {
    AWS_ANSWER_ANY = 0, /* nothing, or bytes; an S3 <Error> is found anyway */
    AWS_ANSWER_XML,     /* an XML document: response->xml */
    AWS_ANSWER_JSON,    /* a JSON object: response->json; may be {} */
};

/*
 * A body that is produced piece by piece.  It is read once for every attempt
 * (and once more to hash it, when the payload must be signed), each time
 * after rewind.  Both return 0, or -1 which ends the call with FB_E_FAILED.
 * read fills at most size bytes; *got 0 is the end.
 */
struct aws_body_source {
    int (*rewind)(void *arg);
    int (*read)(void *arg, unsigned char *bytes, size_t size, size_t *got);
    void *arg;
    uint64_t size; /* bytes, exactly */
};

struct aws_response;

/*
 * Where the body of a good answer goes instead of response->body.  begin (may
 * be NULL) is called when status and headers are there, before the first
 * byte; again for each new attempt.  write gets the bytes.  Either returning
 * non-zero ends the call with FB_E_FAILED, unless it has filled *err.
 * restart (may be NULL) makes the receiver forget what it got, so that the
 * call can be tried again after some bytes arrived; without it, a body that
 * breaks off ends the call with FB_E_UNAVAILABLE and response->received says
 * how many bytes were delivered.
 */
struct aws_sink {
    int (*begin)(void *arg, const struct aws_response *response,
                 struct fb_error *err);
    int (*write)(void *arg, const unsigned char *bytes, size_t size,
                 struct fb_error *err);
    int (*restart)(void *arg);
    void *arg;
};

/*
 * All zero but for a method is a valid request.  Nothing is owned; all that
 * is pointed at must live and stay the same until aws_call returns.
 * The client adds: host, x-amz-date, x-amz-content-sha256 (S3), the token,
 * authorization, content-length, user-agent, amz-sdk-*.
 */
struct aws_request {
    const char *method; /* "GET", "PUT", "POST", "HEAD", "DELETE" */

    /* S3: bucket and key, not encoded.  Otherwise path, "/" when NULL. */
    const char *bucket;
    const char *key; /* UTF-8, 1 to 1024 bytes; NULL: the bucket itself */
    const char *path;

    struct aws_fields query;   /* not encoded; "" as value sends `name=` */
    struct aws_fields headers; /* no CR, LF: refused with FB_E_INPUT */

    /* The body: bytes, or else source, or else none. */
    const unsigned char *bytes;
    size_t size;
    const struct aws_body_source *source;
    const char *content_type; /* NULL: none */
    /* SHA-256 of the body in hex, when the caller has it; NULL: computed.
     * Over https, an S3 body that carries an x-amz-checksum-* header is sent
     * as UNSIGNED-PAYLOAD instead, unless this is given. */
    const char *payload_sha256;

    /* The statuses that are an answer, not an error; none: any 2xx. */
    int expect[AWS_STATUS_MAX];
    enum aws_answer answer;
    const char *xml_root;  /* required name of the root; NULL: any */
    const char *xml_needs; /* path below it with non-empty text; NULL */
    const struct aws_sink *sink;

    /* The same request twice has the effect of one: it may be repeated after
     * an answer was lost.  When false it is repeated only if it certainly had
     * no effect (not sent, throttled, refused).  See aws_request_init. */
    bool idempotent;
    bool unsigned_call; /* AssumeRoleWithWebIdentity: no Authorization */
    bool long_poll;     /* waits its backoff even when retries are used up */
    int max_attempts;   /* 0: the client's */
    int64_t read_timeout_ms; /* 0: the client's; long polls need more */
    int64_t deadline_ms;     /* for all attempts; 0: no bound but theirs */

    /* For messages: "cannot Publish 'sns arn:...'".  NULL: the method, and
     * bucket/key or path. */
    const char *operation;
    const char *subject;
    const char *action; /* IAM action to name on 403: "s3:GetObject" */
};

/* A request with this method, idempotent unless it is a POST. */
void aws_request_init(struct aws_request *request, const char *method);
/* Frees query and headers (the only things a request can own). */
void aws_request_release(struct aws_request *request);

/* What came back.  Filled as far as known also when the call failed. */
struct aws_response {
    int status;                /* of the last attempt; 0: no answer */
    struct aws_fields headers; /* as sent, names in lower case */
    struct aws_buf body;       /* of an answer without a sink, or an error */
    struct aws_xml *xml;       /* AWS_ANSWER_XML */
    json_t *json;              /* AWS_ANSWER_JSON */
    uint64_t received;         /* bytes given to the sink in all */
    int attempts;              /* made */

    /* Of an error answer; "" when there is none. */
    char code[128];        /* "NoSuchKey", as section 5 of the rules finds it */
    char message[512];     /* without secrets; response->body is as it came */
    char condition[64];    /* S3 412: which condition did not hold */
    char request_id[128];  /* x-amz-request-id or x-amzn-requestid */
    char extended_id[256]; /* x-amz-id-2 */
    char region[64];       /* the bucket's own, as a redirect names it */

    /* An attempt may have taken effect although no good answer came: it broke
     * off after sending began, or the answer was a 5xx.  With a commit this
     * means: look, before you believe a 412 or give up. */
    bool maybe_done;
};

/* All zero is an empty response; release may be called twice. */
void aws_response_release(struct aws_response *response);

/* A header of the answer, in any case; NULL when it was not sent. */
const char *aws_response_header(const struct aws_response *response,
                                const char *name);

#endif
