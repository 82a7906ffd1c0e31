/*
 * What the tests of the plugin `s3` share: a scripted store, a step that
 * points at it, and the answers of S3 in the words of its documentation.  It
 * holds no test.
 */
#ifndef PLUGIN_S3_KIT_H
#define PLUGIN_S3_KIT_H

#include <check.h>

#include "support/fake_host.h"
#include "support/http_script.h"

#define KIT_ETAG "\"9b2cf535f27731c974343645a3985328\""
#define KIT_TIME "Fri, 02 Jan 2026 03:04:05 GMT"
#define KIT_TIME_ISO "2026-01-02T03:04:05.000Z"
#define KIT_GENERATION(size_) \
    "9b2cf535f27731c974343645a3985328-" size_ "-1767323045"
#define KIT_RUN "0123456789abcdef0123456789abcdef-step"

static struct http_script *script;
static struct fake *fake;

static inline void
kit_setup(enum fb_kind kind)
{
    script = http_script_new();
    http_script_start(script);
    fake = fake_new("s3", kind);
    fake->uri = "s3://bucket/in/a.csv";
    fake_option(fake, "endpoint", http_script_url(script));
    fake_option(fake, "region", "us-east-1");
    fake_option(fake, "access_key_id", HTTP_SCRIPT_KEY);
    fake_option(fake, "secret_access_key", HTTP_SCRIPT_SECRET);
}

/* Also checks that the plugin asked for everything that was expected. */
static inline void
kit_teardown(void)
{
    struct http_script *finished = script;

    fake_free(fake);
    script = NULL;
    if (finished != NULL)
        http_script_finish(finished);
}

/* HEAD of an object that holds this text, of which only the length matters
 * for the answer. */
static inline struct http_step *
kit_head(const char *target, const char *text)
{
    struct http_step *step = http_expect(script, "HEAD", target);

    http_answer(step, 200, text);
    http_answer_header(step, "ETag", KIT_ETAG);
    http_answer_header(step, "Last-Modified", KIT_TIME);
    return step;
}

static inline struct http_step *
kit_head_missing(const char *target)
{
    struct http_step *step = http_expect(script, "HEAD", target);

    http_answer(step, 404, NULL);
    return step;
}

/* GET, which must carry the condition. */
static inline struct http_step *
kit_get(const char *target, const char *text)
{
    struct http_step *step = http_expect(script, "GET", target);

    http_expect_header(step, "if-match", KIT_ETAG);
    http_expect_header(step, "range", NULL);
    http_answer(step, 200, text);
    http_answer_header(step, "ETag", KIT_ETAG);
    return step;
}

/* GET of a range: "bytes=2-3", "bytes 2-3/5". */
static inline struct http_step *
kit_get_range(const char *target, const char *range, const char *answered,
              const char *text)
{
    struct http_step *step = http_expect(script, "GET", target);

    http_expect_header(step, "if-match", KIT_ETAG);
    http_expect_header(step, "range", range);
    http_answer(step, 206, text);
    http_answer_header(step, "ETag", KIT_ETAG);
    http_answer_header(step, "Content-Range", answered);
    return step;
}

static inline void
kit_refuse(struct http_step *step, int status, const char *code)
{
    char text[256];

    snprintf(text, sizeof(text),
             "<Error><Code>%s</Code><Message>because</Message><RequestId>R"
             "</RequestId></Error>",
             code);
    http_answer(step, status, text);
}

static inline void
kit_fails(int status, enum fb_code code, const char *part)
{
    ck_assert_int_eq(status, -1);
    ck_assert_msg(fake->err.code == code, "code %d: %s", (int)fake->err.code,
                  fake->err.message);
    ck_assert_msg(strstr(fake->err.message, part) != NULL, "'%s' is not in: %s",
                  part, fake->err.message);
}

static inline void
kit_works(int status)
{
    ck_assert_msg(status == 0, "%s", fake->err.message);
}

#endif
