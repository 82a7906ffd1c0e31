/*
 * queue.h: the calls to SQS that this plugin makes, in its JSON protocol.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html
 */
#ifndef SQS_QUEUE_H
#define SQS_QUEUE_H

#include "aws/client.h"
#include "forebay/plugin.h"
#include "uri.h"

#define QUEUE_BATCH 10 /* messages in one answer, at most */

struct queue {
    struct aws_client *client; /* owned */
    struct fb_step *step;
    const char *subject; /* for messages: the step's uri */
    char *url;           /* owned; NULL until it is known */
    int64_t read_timeout_ms;
};

struct message {
    const char *id;
    const char *receipt;
    const char *body;
    int64_t sent_ms;  /* since the epoch; 0: not said */
    int64_t received; /* how often, this time included; 0: not said */
};

/* What is pointed at lives until it returns. */
typedef void (*message_fn)(void *arg, const struct message *message);

/* Makes no call.  On success close with queue_close. */
int queue_open(struct queue *queue, const struct aws_settings *settings,
               const struct sqs_uri *uri, struct fb_step *step,
               struct fb_error *err) FB_MUST_CHECK;
/* May be called twice, and on a queue that is all zero. */
void queue_close(struct queue *queue);

/* Ask for the url, by which all other calls name the queue.  FB_E_CONFIG when
 * there is no such queue. */
int queue_find(struct queue *queue, const struct sqs_uri *uri,
               struct fb_error *err) FB_MUST_CHECK;
/* It is known already. */
void queue_is(struct queue *queue, const char *url, size_t length);

/*
 * Up to `count` messages, at most QUEUE_BATCH, waiting wait_s for the first;
 * nobody else gets them for hide_s.  *got says how many came; one whose body
 * is not what its checksum says is counted, told to the operator and kept
 * from `take`.
 */
int queue_receive(struct queue *queue, int64_t count, int64_t wait_s,
                  int64_t hide_s, message_fn take, void *arg, size_t *got,
                  struct fb_error *err) FB_MUST_CHECK;

/* That this receipt is out of date is no error: the message was handed out
 * again, and will be acknowledged then. */
int queue_delete(struct queue *queue, const char *receipt,
                 struct fb_error *err) FB_MUST_CHECK;

/* Keep a message hidden for hide_s from now on. */
int queue_hide(struct queue *queue, const char *receipt, int64_t hide_s,
               struct fb_error *err) FB_MUST_CHECK;

/* Whether messages that nobody understands have somewhere to go. */
int queue_look(struct queue *queue, bool *redrives,
               struct fb_error *err) FB_MUST_CHECK;

#endif
