/*
 * A scripted HTTP server on 127.0.0.1: it lists the requests that must come,
 * in order, and the answer to each.  Any other request, a missing one, a
 * wrong signature or an unsigned x-amz-* header fails the test.  It runs on a
 * thread and answers one request after another, on as many connections as
 * there are.  It is not an emulator: it knows no service.
 *
 *     struct http_script *script = http_script_new();
 *     struct http_step *step;
 *
 *     step = http_expect(script, "GET", "/bucket/a.csv");
 *     http_expect_header(step, "range", "bytes=0-99");
 *     http_answer(step, 206, "...");
 *     http_answer_header(step, "etag", "\"e\"");
 *     http_script_start(script);
 *     ... http_script_url(script) ...
 *     http_script_finish(script);   // every request came: frees it
 *
 * Calls come from the test's thread.  http_expect may be called after start,
 * as long as the request has not been sent.
 */
#ifndef SUPPORT_HTTP_SCRIPT_H
#define SUPPORT_HTTP_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_SCRIPT_KEY "AKIAIOSFODNN7EXAMPLE"
#define HTTP_SCRIPT_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

struct http_script;
struct http_step;

/* What is wrong with the answer. */
enum http_cut {
    HTTP_WHOLE = 0,
    HTTP_CUT_AT_ONCE, /* close before the request is read: no effect */
    HTTP_CUT_ANSWER,  /* read the request, then reset without an answer */
    HTTP_CUT_BODY,    /* half of the announced body, then close */
    HTTP_STALL,       /* read the request, never answer */
};

/* A script that answers requests signed by the key pair above, for region
 * "us-east-1" and service "s3"; not yet listening for requests. */
struct http_script *http_script_new(void);
/* Begin to answer.  The port is taken since http_script_new. */
void http_script_start(struct http_script *script);
/* Stop; fail the test unless every request came and none else; free. */
void http_script_finish(struct http_script *script);
/* "http://127.0.0.1:PORT", as long as the script. */
const char *http_script_url(const struct http_script *script);
const char *http_script_host(const struct http_script *script); /* no scheme */

/* Who must have signed what is expected from now on.  token NULL: none. */
void http_script_signer(struct http_script *script, const char *key,
                        const char *secret, const char *token);
void http_script_scope(struct http_script *script, const char *region,
                       const char *service);
/* What is expected from now on may not be signed: metadata, web identity. */
void http_script_unsigned(struct http_script *script);
/* How far, in seconds, this server's clock is ahead: its Date header, and
 * what it thinks of x-amz-date (15 minutes are allowed, else the test fails
 * unless the step's answer is the refusal: see http_expect_skewed). */
void http_script_clock(struct http_script *script, int64_t ahead_s);
/* Let requests come in any order (parallel callers): each is matched with
 * the first open step of its method and target. */
void http_script_any_order(struct http_script *script);

/* The next request: method, and target as on the wire ("/b/k?list-type=2").
 * NULL as target: any.  Answers 200 without a body until told otherwise. */
struct http_step *http_expect(struct http_script *script, const char *method,
                              const char *target);
/* The header must be there with this value; NULL as value: not at all.
 * A value that ends with '*' matches any rest. */
void http_expect_header(struct http_step *step, const char *name,
                        const char *value);
void http_expect_body(struct http_step *step, const void *bytes, size_t size);
/* The body must contain this text. */
void http_expect_in_body(struct http_step *step, const char *text);
/* This request may be dated wrongly. */
void http_expect_skewed(struct http_step *step);

/* Text may be NULL.  Date is added, and Content-Length unless a header says
 * it: an answer to HEAD may speak of more than lies here. */
void http_answer(struct http_step *step, int status, const char *text);
void http_answer_bytes(struct http_step *step, int status, const void *bytes,
                       size_t size);
void http_answer_header(struct http_step *step, const char *name,
                        const char *value);
/* Instead of all that, these very bytes; then the connection is closed. */
void http_answer_raw(struct http_step *step, const char *bytes);
void http_answer_delay(struct http_step *step, int ms);
void http_answer_cut(struct http_step *step, enum http_cut cut);

/* After the request came (the client has its answer): what was in it. "" when
 * there was no such header.  Lives as long as the script. */
const char *http_seen_header(const struct http_step *step, const char *name);
const char *http_seen_body(const struct http_step *step, size_t *size);
const char *http_seen_target(const struct http_step *step);
/* How many requests came so far. */
int http_script_count(struct http_script *script);

#endif
