/*
 * pattern.h: regular expressions that must match a whole text (PCRE2), with
 * bounded work: a pattern that backtracks without end is a verdict, no hang.
 */
#ifndef VALIDATE_PATTERN_H
#define VALIDATE_PATTERN_H

#include "forebay/plugin.h"

struct pattern;      /* compiled; may be used by several threads */
struct pattern_room; /* what one thread needs to match with any pattern */

/* FB_E_CONFIG with the reason and place when it cannot be understood. */
int pattern_compile(const char *text, struct pattern **pattern,
                    struct fb_error *err) FB_MUST_CHECK;
void pattern_free(struct pattern *pattern); /* NULL is fine */

/* NULL: no memory. */
struct pattern_room *pattern_room_new(void);
void pattern_room_free(struct pattern_room *room); /* NULL is fine */

enum pattern_verdict { PATTERN_MATCHES = 1, PATTERN_DIFFERS, PATTERN_GAVE_UP };

enum pattern_verdict pattern_match(const struct pattern *pattern,
                                   struct pattern_room *room,
                                   const unsigned char *bytes, size_t length);

/* True where a glance shows that the text matches; false says nothing. */
bool pattern_surely_matches(const struct pattern *pattern,
                            const unsigned char *bytes, size_t length);

#endif
