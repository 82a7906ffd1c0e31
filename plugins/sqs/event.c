#include "event.h"

#include <ctype.h>

#include "aws/bucket.h"
#include "aws/encode.h"
#include "aws/json.h"

#define ENVELOPES_MAX 2 /* SNS may carry what SNS carried */

struct reading {
    event_fn found;
    void *arg;
    char *why;
};

static int FB_PRINTF(2, 3)
    refuse(const struct reading *reading, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reading->why, EVENT_WHY_MAX, format, args);
    va_end(args);
    return -1;
}

static const char *
text_at(const json_t *json, const char *path)
{
    const char *text = aws_json_text(json, path);

    return text == NULL ? "" : text;
}

static bool
begins_with(const char *text, const char *begin)
{
    return strncmp(text, begin, strlen(begin)) == 0;
}

/* --- one object --- */

static int
tell(const struct reading *reading, const json_t *object,
     const struct event *event)
{
    json_int_t size = json_integer_value(json_object_get(object, "size"));
    struct fb_error err = {.code = FB_E_NONE};
    struct event whole = *event;

    /* It becomes part of a uri: what is no name could name something else. */
    if (aws_bucket_check(event->bucket, true, &err) != 0 ||
        aws_key_check(event->key, &err) != 0)
        return refuse(reading, "%s", err.message);
    whole.sequencer = text_at(object, "sequencer");
    whole.size = size > 0 ? (uint64_t)size : 0;
    reading->found(reading->arg, &whole);
    return 0;
}

/* --- what S3 sends itself --- */

/* The key is decoded here, and nowhere again. */
static int
read_object(const struct reading *reading, const json_t *record)
{
    const json_t *s3 = json_object_get(record, "s3");
    const json_t *object = json_object_get(s3, "object");
    struct event event = {.bucket = text_at(s3, "bucket.name"),
                          .etag = text_at(object, "eTag")};
    struct aws_buf key;
    int status;

    aws_buf_init(&key, AWS_KEY_MAX + 1);
    if (aws_form_decode(&key, text_at(object, "key")) != 0) {
        status = refuse(reading, "its key cannot be decoded");
    } else if (!aws_buf_ok(&key)) {
        status =
            refuse(reading, "its key is longer than %d bytes", AWS_KEY_MAX);
    } else {
        event.key = aws_buf_string(&key);
        status = tell(reading, object, &event);
    }
    aws_buf_release(&key);
    return status;
}

/* Other stores send the same with a name of their own: minio:s3. */
static int
read_record(const struct reading *reading, const json_t *record)
{
    const char *source = text_at(record, "eventSource");
    const char *version = text_at(record, "eventVersion");
    const char *name = text_at(record, "eventName");
    size_t length = strlen(source);

    if (length < 3 || strcmp(source + length - 3, ":s3") != 0)
        return refuse(reading, "it is no event of S3");
    if (!begins_with(version, "2."))
        return refuse(reading, "its version is '%.20s', not 2", version);
    if (begins_with(name, "s3:"))
        name += strlen("s3:");
    return begins_with(name, "ObjectCreated:") ? read_object(reading, record)
                                               : 0;
}

static int
read_records(const struct reading *reading, const json_t *records)
{
    if (!json_is_array(records))
        return refuse(reading, "its 'Records' are no list");
    for (size_t i = 0; i < json_array_size(records); i++) {
        if (read_record(reading, json_array_get(records, i)) != 0)
            return -1;
    }
    return 0;
}

/* --- what comes by EventBridge: the key stands as it is --- */

static int
read_bridge(const struct reading *reading, const json_t *json)
{
    const json_t *detail = json_object_get(json, "detail");
    const json_t *object = json_object_get(detail, "object");
    const struct event event = {.bucket = text_at(detail, "bucket.name"),
                                .key = text_at(object, "key"),
                                .etag = text_at(object, "etag")};

    if (strcmp(text_at(json, "source"), "aws.s3") != 0)
        return refuse(reading, "it is no event of S3");
    if (strcmp(text_at(json, "detail-type"), "Object Created") != 0)
        return 0;
    return tell(reading, object, &event);
}

/* --- all --- */

static int read_text(const struct reading *reading, const char *text,
                     size_t size, int depth) FB_MUST_CHECK;

static int
read_json(const struct reading *reading, const json_t *json, int depth)
{
    const json_t *records = json_object_get(json, "Records");
    const char *message = aws_json_text(json, "Message");

    if (records != NULL)
        return read_records(reading, records);
    if (json_object_get(json, "detail-type") != NULL)
        return read_bridge(reading, json);
    if (strcmp(text_at(json, "Event"), "s3:TestEvent") == 0)
        return 0;
    if (strcmp(text_at(json, "Type"), "Notification") == 0 && message != NULL &&
        depth < ENVELOPES_MAX)
        return read_text(reading, message, strlen(message), depth + 1);
    return refuse(reading, "it is no event of S3");
}

static int
read_text(const struct reading *reading, const char *text, size_t size,
          int depth)
{
    struct fb_error err = {.code = FB_E_NONE};
    json_t *json;
    int status;

    if (aws_json_parse((const unsigned char *)text, size, &json, &err) != 0)
        return refuse(reading, "%s", err.message);
    status = read_json(reading, json, depth);
    json_decref(json);
    return status;
}

int
event_read(const char *body, size_t size, event_fn found, void *arg,
           char why[EVENT_WHY_MAX])
{
    const struct reading reading = {.found = found, .arg = arg, .why = why};

    why[0] = '\0';
    return read_text(&reading, body, size, 0);
}

/* Hex digits, the shorter one continued with zeros. */
int
event_order(const char *a, const char *b)
{
    if (*a == '\0' || *b == '\0')
        return 0;
    while (*a != '\0' || *b != '\0') {
        int x = *a != '\0' ? toupper((unsigned char)*a++) : '0';
        int y = *b != '\0' ? toupper((unsigned char)*b++) : '0';

        if (x != y)
            return x - y;
    }
    return 0;
}
