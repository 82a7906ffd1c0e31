/*
 * object.h: what identifies one content of one key, and what HEAD says of it.
 */
#ifndef S3_OBJECT_H
#define S3_OBJECT_H

#include "aws/checksum.h"
#include "forebay/plugin.h"
#include "store.h"

#define OBJECT_ETAG_MAX 256       /* bytes, with the NUL */
#define OBJECT_GENERATION_MAX 320 /* bytes, with the NUL */
#define OBJECT_VERSION_MAX 1088   /* S3: 1024 bytes */
#define OBJECT_RUN_MAX 512        /* bytes, with the NUL */

struct object {
    char etag[OBJECT_ETAG_MAX];         /* without quotes */
    uint64_t size;                      /* bytes */
    int64_t modified;                   /* seconds since the epoch */
    char version[OBJECT_VERSION_MAX];   /* "": the bucket keeps none */
    char run[OBJECT_RUN_MAX];           /* OBJECT_RUN_HEADER; "": none */
    char copied[OBJECT_GENERATION_MAX]; /* OBJECT_COPIED_HEADER; "": none */
    /* Of the whole object; kind 0: the store gave none. */
    enum aws_checksum_kind checksum_kind;
    char checksum[AWS_CHECKSUM_TEXT_MAX];
    bool archived; /* must be restored before it can be read */
};

/* Which run, and which of its steps, wrote an object. */
#define OBJECT_RUN_HEADER "x-amz-meta-forebay-run"

/* Which generation of another object this is a copy of, where nothing else
 * could tell. */
#define OBJECT_COPIED_HEADER "x-amz-meta-forebay-copied"

/* What `If-Match` takes: the etag in quotes. */
#define OBJECT_CONDITION_MAX (OBJECT_ETAG_MAX + 2)
void object_condition(const char *etag, char text[OBJECT_CONDITION_MAX]);

/* An etag as a store wrote it, without quotes and W/.  -1 (no error text)
 * when it is empty or longer than any that is known. */
int object_etag(const char *text, char etag[OBJECT_ETAG_MAX]) FB_MUST_CHECK;

/* Whether a store told (NULL: it did not) another checksum of that kind (0:
 * none was sent) than what it was given has. */
bool object_has_other(const char *told, enum aws_checksum_kind kind,
                      const char *checksum);

/*
 * The same text from a listing and from HEAD, which share no version id.  The
 * time is part of it, so that the same bytes put there again are something
 * new: uploading a file twice asks for two runs.
 */
void object_generation(const char *etag, uint64_t size, int64_t modified,
                       char text[OBJECT_GENERATION_MAX]);

/* Ask the store.  FB_E_MISSING when there is none; FB_E_UNAVAILABLE when the
 * answer cannot be S3's, as of a proxy that wants somebody to log in. */
int object_head(const struct store *store, const char *key,
                struct object *object, struct fb_error *err) FB_MUST_CHECK;

#endif
