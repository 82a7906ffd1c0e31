/*
 * aws/fields.h: an ordered list of names and values: headers, the query of a
 * URL, a form.  Names may repeat.  It knows nothing of encodings.
 */
#ifndef AWS_FIELDS_H
#define AWS_FIELDS_H

#include "forebay/plugin.h"

#define AWS_FIELDS_MAX 4096         /* entries */
#define AWS_FIELDS_BYTES_MAX 524288 /* names and values together */

struct aws_field {
    char *name;
    char *value; /* never NULL */
};

struct aws_fields {
    struct aws_field *items; /* owned */
    size_t count, capacity;
    size_t bytes;
    bool failed; /* beyond a maximum; what was added since is lost */
};

/* All zero is an empty list. */
void aws_fields_release(struct aws_fields *fields); /* wipes the values */

/* Both are copied. */
void aws_fields_add(struct aws_fields *fields, const char *name,
                    const char *value);
void FB_PRINTF(3, 4)
    aws_fields_format(struct aws_fields *fields, const char *name,
                      const char *format, ...);
/* Replace every entry of that name (in any case) by one. */
void aws_fields_set(struct aws_fields *fields, const char *name,
                    const char *value);
void aws_fields_remove(struct aws_fields *fields, const char *name);
void aws_fields_copy(struct aws_fields *to, const struct aws_fields *from);

/* The first value of that name, in any case; NULL when there is none. */
const char *aws_fields_get(const struct aws_fields *fields, const char *name);

#endif
