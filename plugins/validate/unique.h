/*
 * unique.h: the values seen so far in one column, each with the line it came
 * from.  Exact: the values themselves are kept, up to a bound.
 */
#ifndef VALIDATE_UNIQUE_H
#define VALIDATE_UNIQUE_H

#include "forebay/plugin.h"

struct unique;

/* NULL: no memory. */
struct unique *unique_new(void);
void unique_free(struct unique *set); /* NULL is fine */

/* Whether the value was seen before, and on which line. */
bool unique_find(const struct unique *set, const unsigned char *bytes,
                 size_t length, uint64_t *line);

/*
 * Remember a value that unique_find did not find.  -1 without an error when
 * that would take more than *room bytes, which becomes less by what it took.
 */
int unique_add(struct unique *set, const unsigned char *bytes, size_t length,
               uint64_t line, uint64_t *room) FB_MUST_CHECK;

#endif
