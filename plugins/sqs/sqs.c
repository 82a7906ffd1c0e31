/*
 * sqs.c: hears from a queue of SQS that objects were put into S3, keeps their
 * messages to itself while a run works, and deletes them when it is over.  It
 * reads no object: the s3 plugin does.
 */
#include "aws/settings.h"
#include "aws/world.h"
#include "forebay/plugin.h"
#include "notices.h"
#include "queue.h"
#include "uri.h"

enum { DELETE = 1, KEEP };

struct sqs {
    struct aws_settings aws;
    int64_t poll, visibility; /* ms */
    int64_t max_messages;
    int on_failure;

    struct sqs_uri uri;
    bool renewed;
    int64_t renewed_ms; /* monotonic */
};

static int
check_seconds(struct fb_step *step, const char *option, int64_t ms,
              struct fb_error *err)
{
    if (ms % 1000 == 0)
        return 0;
    return fb_bad_option(step, err, option, 0,
                         "'%s' counts in whole seconds here", option);
}

static int
sqs_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sqs *sqs = self;
    const char *region = sqs->aws.region;

    if (uri_parse(step, &sqs->uri, err) != 0 ||
        aws_settings_check(&sqs->aws, step, err) != 0 ||
        check_seconds(step, "poll", sqs->poll, err) != 0 ||
        check_seconds(step, "visibility", sqs->visibility, err) != 0)
        return -1;
    if (region == NULL || sqs->uri.region == NULL ||
        strcmp(region, sqs->uri.region) == 0)
        return 0;
    return fb_bad_option(step, err, "region", 0,
                         "the queue lies in '%s', not in '%s'", sqs->uri.region,
                         region);
}

static int
connect(struct sqs *sqs, struct fb_step *step, struct queue *queue,
        struct fb_error *err)
{
    if (queue_open(queue, &sqs->aws, &sqs->uri, step, err) != 0)
        return -1;
    if (queue_find(queue, &sqs->uri, err) == 0)
        return 0;
    queue_close(queue);
    return -1;
}

/* --- listing --- */

/* What nobody understands stays in the queue: after as many tries as the
 * queue allows, SQS moves it to where somebody can look at it. */
static void
take(void *arg, const struct message *message)
{
    struct notices *notices = arg;
    char why[EVENT_WHY_MAX];

    if (notices_take(notices, message, why) == 0)
        return;
    fb_log(notices->step, FB_WARN,
           "message %.100s of '%s' is left in the queue: %s (received %lld "
           "times)",
           message->id, fb_uri(notices->step), why,
           (long long)message->received);
}

static int
receive(const struct sqs *sqs, struct queue *queue, struct notices *notices,
        struct fb_error *err)
{
    int64_t left = sqs->max_messages;
    size_t got = 1;

    while (left > 0 && got > 0 && notices->count < NOTICES_MAX) {
        int64_t count = left < QUEUE_BATCH ? left : QUEUE_BATCH;

        if (fb_cancelled(notices->step))
            return fb_fail(err, FB_E_CANCELLED, "the listing was told to stop");
        if (queue_receive(queue, count, sqs->poll / 1000,
                          sqs->visibility / 1000, take, notices, &got,
                          err) != 0)
            return -1;
        left -= (int64_t)got;
    }
    return 0;
}

/* That a bucket was connected, that an object was removed: nothing to do. */
static void
delete_empty(struct queue *queue, const struct notices *notices)
{
    struct fb_error err = {.code = FB_E_NONE};
    const char *receipt;
    size_t next = 0;

    while ((receipt = notices_empty(notices, &next)) != NULL) {
        if (queue_delete(queue, receipt, &err) == 0)
            continue;
        fb_log(notices->step, FB_WARN, "%s", err.message);
        return;
    }
}

static int
sqs_discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
             struct fb_error *err)
{
    struct sqs *sqs = self;
    struct notices notices = {.step = step};
    struct queue queue;
    int status;

    if (connect(sqs, step, &queue, err) != 0)
        return -1;
    status = receive(sqs, &queue, &notices, err);
    if (status == 0) {
        delete_empty(&queue, &notices);
        notices_give(&notices, queue.url, found, arg);
    }
    queue_close(&queue);
    return status;
}

/* --- answering for what was listed --- */

/* To all messages of a token, also when one fails; the first failure counts. */
static int
for_each(struct sqs *sqs, struct fb_step *step, const char *token,
         int64_t hide_s, struct fb_error *err)
{
    const char *at = token, *text;
    struct fb_error one = {.code = FB_E_NONE};
    struct queue queue;
    size_t length;
    int status = 0;

    if (queue_open(&queue, &sqs->aws, &sqs->uri, step, err) != 0)
        return -1;
    text = token_next(&at, &length);
    if (text != NULL)
        queue_is(&queue, text, length);
    while ((text = token_next(&at, &length)) != NULL) {
        char *receipt = aws_strndup(text, length);
        int done = hide_s > 0 ? queue_hide(&queue, receipt, hide_s, &one)
                              : queue_delete(&queue, receipt, &one);

        aws_free_secret(receipt);
        if (done != 0 && status == 0)
            *err = one;
        status = done != 0 ? -1 : status;
    }
    queue_close(&queue);
    return status;
}

static int
sqs_settle(void *self, struct fb_step *step, const struct fb_object *object,
           bool success, struct fb_error *err)
{
    struct sqs *sqs = self;

    if (object->token == NULL || (!success && sqs->on_failure == KEEP))
        return 0;
    return for_each(sqs, step, object->token, 0, err);
}

/* Early enough that one failure does not matter. */
static int
sqs_renew(void *self, struct fb_step *step, const struct fb_object *object,
          struct fb_error *err)
{
    struct sqs *sqs = self;
    int64_t now = aws_world.monotonic_ms(aws_world.arg);

    if (object->token == NULL ||
        (sqs->renewed && now - sqs->renewed_ms < sqs->visibility / 3))
        return 0;
    sqs->renewed = true;
    sqs->renewed_ms = now;
    return for_each(sqs, step, object->token, sqs->visibility / 1000, err);
}

static int
sqs_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sqs *sqs = self;
    bool redrives = false;
    struct queue queue;
    int status;

    if (connect(sqs, step, &queue, err) != 0)
        return -1;
    status = queue_look(&queue, &redrives, err);
    queue_close(&queue);
    if (status != 0)
        return -1;
    if (!redrives)
        fb_log(step, FB_WARN,
               "'%s' has no redrive policy: messages that are no events of "
               "S3 come again until they are too old",
               fb_uri(step));
    fb_log(step, FB_INFO,
           "a run will need sqs:ReceiveMessage, sqs:DeleteMessage and "
           "sqs:ChangeMessageVisibility for '%s'; only doing it can show "
           "whether that is allowed",
           fb_uri(step));
    return 0;
}

/* --- descriptor --- */

static const char *const schemes[] = {"sqs", NULL};
static const char *const failure_choices[] = {"delete", "keep", NULL};

static const struct fb_option options[] = {
    {.name = "poll",
     FB_DURATION(struct sqs, poll),
     .def = "1s",
     .min = 0,
     .max = 20000,
     .help = "How long one request waits for messages, in whole seconds."},
    {.name = "visibility",
     FB_DURATION(struct sqs, visibility),
     .def = "5m",
     .min = 30000,
     .max = 43200000,
     .help = "How long a message that was received stays hidden, in whole "
             "seconds: until it comes again when its run could not be done. "
             "While its run works that is prolonged."},
    {.name = "max_messages",
     FB_INT(struct sqs, max_messages),
     .def = "1000",
     .min = 1,
     .max = 10000,
     .help = "Messages to receive at most in one invocation."},
    {.name = "on_failure",
     FB_ENUM(struct sqs, on_failure),
     .def = "delete",
     .choices = failure_choices,
     .help = "What becomes of a message whose run failed for good, which is "
             "on record and told: keep leaves it to the queue's redrive "
             "policy."},
    AWS_OPTIONS(struct sqs, aws),
    {.name = NULL},
};

static const struct fb_plugin sqs_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "sqs",
    .summary = "Starts runs for the objects of S3 that a queue announces.",
    .schemes = schemes,
    .flags = FB_LISTS_OTHERS,
    .options = options,
    .instance_size = sizeof(struct sqs),
    .check = sqs_check,
    .discover = sqs_discover,
    .settle = sqs_settle,
    .probe = sqs_probe,
    .renew = sqs_renew,
};

FB_PROVIDES("source sqs sqs");
FB_PLUGINS(&sqs_plugin);
