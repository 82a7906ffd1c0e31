/*
 * notices.h: what many messages say, put together: each object once, and for
 * each the messages that can only be deleted with it.
 *
 * Several messages may name one object, and one message several objects.  So
 * messages and objects form groups, and all objects of a group carry one
 * token: the url of the queue and the receipts of all messages of the group.
 */
#ifndef SQS_NOTICES_H
#define SQS_NOTICES_H

#include "event.h"
#include "forebay/plugin.h"
#include "queue.h"

#define NOTICES_MAX 100000 /* objects: enough for one turn */

struct notice;
struct letter;

/* All lives as the step. */
struct notices {
    struct fb_step *step;
    struct notice *items;
    size_t count, capacity;
    struct letter *letters; /* messages */
    size_t letter_count, letter_capacity;
};

/* Take a message.  -1 when it cannot be understood: then it is forgotten, and
 * `why` says what is wrong with it. */
int notices_take(struct notices *notices, const struct message *message,
                 char why[EVENT_WHY_MAX]) FB_MUST_CHECK;

/* The receipts of messages that name no object, one by one; NULL: no more.
 * *next begins at 0. */
const char *notices_empty(const struct notices *notices, size_t *next);

/* Give every object to the host, those of a group one after another.  The
 * generation is the announcement's.  Ends early when the host says so. */
void notices_give(struct notices *notices, const char *url, fb_found_fn found,
                  void *arg);

/* Walk the receipts of a token: the next one, of *length bytes, or NULL.
 * *at begins as the token, and first gives the url. */
const char *token_next(const char **at, size_t *length);

#endif
