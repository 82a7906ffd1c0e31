/*
 * publication.c: see publication.h.
 */
#include "publication.h"

#include "aws/digest.h"
#include "shared/document.h"
#include "shared/message.h"

#include <assert.h>
#include <jansson.h>

/* Who gets the report itself; people (email, sms) get text. */
static const char *const programs[] = {"sqs", "lambda", "http", "https",
                                       "firehose"};
enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

#define TYPE "String"
#define JSON_PART_MAX ((size_t)64 << 10) /* bytes of one text, at first */

/* Printable ASCII, whatever the name of the file is: one '?' a character. */
static const char *
make_subject(struct fb_step *step, const struct fb_report *report)
{
    const char *line = message_line(step, report->subject, 1024);
    char *subject = fb_alloc(step, PUBLICATION_SUBJECT_MAX + 1);
    size_t size = 0;

    while (*line == ' ')
        line++;
    for (; *line != '\0' && size < PUBLICATION_SUBJECT_MAX; line++) {
        unsigned char c = (unsigned char)*line;

        if (c < 0x80)
            subject[size++] = (char)c;
        else if ((c & 0xc0) != 0x80)
            subject[size++] = '?';
    }
    while ((*line & 0xc0) == 0x80)
        line++;
    if (*line != '\0')
        memcpy(subject + PUBLICATION_SUBJECT_MAX - 3, "...", 3);
    return size > 0 ? subject : "forebay";
}

/* Attributes count as name, type and value. */
static size_t
add_attribute(struct aws_fields *form, int number, const char *name,
              const char *value)
{
    static const char format[] = "MessageAttributes.entry.%d.%s";
    const char *const pairs[][2] = {
        {"Name", name}, {"Value.DataType", TYPE}, {"Value.StringValue", value}};
    char field[64];

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        snprintf(field, sizeof(field), format, number, pairs[i][0]);
        aws_fields_add(form, field, pairs[i][1]);
    }
    return strlen(name) + strlen(TYPE) + strlen(value);
}

/* For the filter policies of subscriptions, and to know a duplicate by. */
static size_t
add_attributes(struct fb_step *step, const struct fb_report *report,
               struct aws_fields *form)
{
    const char *const attributes[][2] = {
        {"pipeline", report->pipeline},
        {"outcome", report->outcome},
        {"run_id", report->run_id},
        {"message_id", message_id(step, report)},
    };
    size_t size = 0;
    int number = 0;

    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        const char *value = message_line(step, attributes[i][1], 1024);

        if (*value != '\0') /* SNS refuses an empty one */
            size += add_attribute(form, ++number, attributes[i][0], value);
    }
    return size;
}

/* As it is where it can be, else its digest: what is equal stays so. */
static const char *
fit_id(struct fb_step *step, const char *id)
{
    size_t size = strlen(id);
    char *hex;

    for (size_t i = 0; i < size; i++)
        if (id[i] <= 0x20 || id[i] >= 0x7f)
            size = 0;
    if (size > 0 && size <= PUBLICATION_ID_MAX)
        return id;
    hex = fb_alloc(step, AWS_SHA256_HEX);
    aws_sha256_hex(id, strlen(id), hex);
    return hex;
}

static const char *
make_structure(struct fb_step *step, const char *subject, const char *text,
               const char *document)
{
    json_t *root = json_pack("{s:s, s:s}", "default", text, "sms", subject);
    const char *made;

    for (size_t i = 0; i < PROGRAMS; i++)
        json_object_set_new(root, programs[i], json_string(document));
    made = document_text(step, root);
    json_decref(root);
    return made;
}

/* One text for each protocol, all of them within max.  How much the quoting
 * adds depends on the text: try, and cut more. */
static int
make_json(struct fb_step *step, const struct fb_report *report,
          const char *subject, size_t max, const char **message,
          struct fb_error *err)
{
    for (size_t part = JSON_PART_MAX; part >= MESSAGE_MIN; part /= 2) {
        const char *document;

        if (document_make(step, report, part, &document, err) != 0)
            return -1;
        /* What XML cannot hold SNS refuses: not for ever, for one name. */
        document = message_line(step, document, 3 * strlen(document));
        *message = make_structure(step, subject,
                                  message_text(step, report, part), document);
        if (strlen(*message) <= max)
            return 0;
    }
    return fb_fail(err, FB_E_LIMIT,
                   "cannot make the report small enough for SNS");
}

int
publication_make(struct fb_step *step, const struct fb_report *report,
                 const struct topic *topic, enum publication_kind kind,
                 struct aws_fields *form, struct fb_error *err)
{
    const char *subject = make_subject(step, report), *message;
    size_t max = PUBLICATION_MAX - add_attributes(step, report, form);

    if (kind == PUBLICATION_JSON) {
        if (make_json(step, report, subject, max, &message, err) != 0)
            return -1;
        aws_fields_add(form, "MessageStructure", "json");
    } else {
        message = message_text(step, report, max);
    }
    assert(strlen(message) <= max);
    aws_fields_add(form, "TopicArn", topic->arn);
    aws_fields_add(form, "Subject", subject);
    aws_fields_add(form, "Message", message);
    if (topic->is_fifo) {
        aws_fields_add(form, "MessageGroupId", fit_id(step, report->pipeline));
        aws_fields_add(form, "MessageDeduplicationId",
                       fit_id(step, message_id(step, report)));
    }
    return 0;
}
