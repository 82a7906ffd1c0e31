/*
 * registry/scheme.h: which plugin's scheme a uri is of.  Of the rest of a uri
 * it knows nothing.
 */
#ifndef REGISTRY_SCHEME_H
#define REGISTRY_SCHEME_H

#include <stdbool.h>

#define SCHEME_MAX 64 /* bytes */

/* What a descriptor may name: "s3", "arn:*:sns".  Lower case; parts between
 * colons, of which any but the first may be a star. */
bool scheme_is_valid(const char *scheme);

/*
 * How well a valid scheme fits a uri, more is better; 0: not at all.  More
 * parts are better, then fewer stars.  A star is one part that is not empty.
 * The first part is without case (RFC 3986, section 3.1), the others are not.
 * What has no scheme is a plain path, and fits "file".
 */
unsigned scheme_match(const char *scheme, const char *uri);

#endif
