/*
 * shared/catalog.h: the calls to the AWS Glue Data Catalog that make what a
 * pipeline declares be there.  Databases and tables are made and brought up
 * to date (partitions.h: and what they consist of); nothing is ever deleted.
 * https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-catalog.html
 */
#ifndef SHARED_CATALOG_H
#define SHARED_CATALOG_H

#include "aws/client.h"
#include "forebay/plugin.h"
#include "shared/jsoncall.h"

#include <jansson.h>

#define CATALOG_DEADLINE_MS 120000 /* all attempts at one call */
#define CATALOG_TRIES 8            /* at what others change, too */

struct catalog {
    struct aws_client *client; /* owned */
    struct fb_step *step;      /* of who calls now */
};

enum catalog_outcome {
    CATALOG_SAME = 1, /* nothing was changed */
    CATALOG_MADE,
    CATALOG_CHANGED,
};

/* Makes no call.  On success close with catalog_close. */
int catalog_open(struct catalog *catalog, const struct aws_settings *settings,
                 struct fb_step *step, struct fb_error *err) FB_MUST_CHECK;
void catalog_close(struct catalog *catalog); /* zeroed is fine */

/* Whether there is such a database. */
int catalog_look(struct catalog *catalog, const char *database, bool *there,
                 struct fb_error *err) FB_MUST_CHECK;

/* The same for a table (a TableInput), which is FB_E_CONFIG when it is of
 * another kind: a view instead of a table is somebody else's. */
int catalog_look_at_table(struct catalog *catalog, const char *database,
                          const json_t *input, bool *there,
                          struct fb_error *err) FB_MUST_CHECK;

int catalog_database(struct catalog *catalog, const char *database,
                     enum catalog_outcome *outcome,
                     struct fb_error *err) FB_MUST_CHECK;

/*
 * Make this table (a TableInput), or compare it with the one that is there
 * and update what differs, by the version that was compared.  What others
 * wrote into it stays.  Changes are logged.  FB_E_CONFIG when what is there is
 * of another kind.
 */
int catalog_table(struct catalog *catalog, const char *database,
                  const json_t *input, enum catalog_outcome *outcome,
                  struct fb_error *err) FB_MUST_CHECK;

/*
 * A call, for partitions.h.  Each of ours may be repeated: after an answer was
 * lost it tells that the thing is there, and then it is compared.  The body is
 * taken over; the caller releases the response.
 */
int catalog_call(struct catalog *catalog, const struct jsoncall *what,
                 const char *subject, json_t *body,
                 struct aws_response *response,
                 struct fb_error *err) FB_MUST_CHECK;

/* Whether the call failed with this code, which then is no failure: *status
 * is 0 and the error empty. */
bool catalog_forgive(const struct aws_response *response, const char *code,
                     int *status, struct fb_error *err);

#endif
