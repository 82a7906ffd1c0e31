/*
 * query.h: one query and its life at Athena: started once, watched, started
 * anew when Athena itself failed, stopped when nobody waits for it any more.
 * What is under way stands in the run's notes before it begins, so a run that
 * was killed goes on with the very same query.  It never sleeps: flight.h
 * does.
 */
#ifndef ATHENA_QUERY_H
#define ATHENA_QUERY_H

#include "aws/digest.h"
#include "aws/settings.h"
#include "forebay/plugin.h"
#include "service.h"

#include <jansson.h>

#define QUERY_ID_MAX 129

/* What is asked for; set by the plugin, outlives the query. */
struct question {
    const struct aws_settings *aws;
    const char *text;
    const char *workgroup;
    const char *catalog;
    const char *database;  /* NULL: none */
    const char *output;    /* s3://...; NULL: as the workgroup says */
    const char *owner;     /* of the bucket of results; NULL: any */
    int64_t reuse_minutes; /* of an older result; 0: never */
    int64_t poll_ms, poll_max_ms;
    int64_t deadline_ms;
    int64_t attempts;
};

enum query_state {
    QUERY_WAITING = 1, /* to be started from due_ms on */
    QUERY_RUNNING,     /* to be looked at from due_ms on */
    QUERY_DONE,        /* execution says how */
    QUERY_FAILED,      /* err says why */
};

struct query {
    const struct question *question;
    struct fb_step *step;
    struct aws_client *client; /* owned */
    struct workgroup workgroup;
    enum query_state state;
    int64_t due_ms;              /* monotonic */
    int64_t interval_ms;         /* until the next look */
    int64_t deadline_ms;         /* monotonic; of the execution under way */
    int64_t attempt;             /* 1 is the first of this run */
    int64_t failures;            /* of executions that this process saw */
    int tries;                   /* to start this attempt */
    bool ended;                  /* the execution `id` is under way no more */
    bool resumed;                /* another process started it */
    bool told;                   /* that it cannot be looked at just now */
    char digest[AWS_SHA256_HEX]; /* of the request without its token */
    char token[AWS_SHA256_HEX];
    char id[QUERY_ID_MAX]; /* "": not started */
    json_t *execution;     /* owned; QueryExecution, when done */
    struct fb_error err;
    struct query *next; /* of flight.h */
};

/* Takes up what the notes say is under way, or gets ready to start.  Makes no
 * call but to ask for the workgroup.  On success release. */
int query_init(struct query *query, const struct question *question,
               struct fb_step *step, struct fb_error *err) FB_MUST_CHECK;
/* Stops what is still under way.  Zeroed is fine. */
void query_release(struct query *query);

/* Waiting, and due: start it.  Running, and due: look at it. */
void query_start(struct query *query);
void query_look(struct query *query);

/* Its result is gone: begin again, as a new attempt. */
void query_again(struct query *query);

static inline bool
query_is_over(const struct query *query)
{
    return query->state == QUERY_DONE || query->state == QUERY_FAILED;
}

#endif
