/*
 * util/error.h: what the host does with a struct fb_error beyond filling it
 * (fb_fail and fb_hint stand in forebay/plugin.h, for plugins use them too).
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include "forebay/plugin.h"

/* An error that holds nothing yet. */
#define FB_ERROR_INIT                                \
    {                                                \
        .code = FB_E_NONE, .message = "", .hint = "" \
    }

/* Put "context: " before the message, once on the way up.  Returns -1. */
int error_context(struct fb_error *err, const char *format, ...)
    FB_PRINTF(2, 3);

/* Forget the error, to use the structure again. */
void error_clear(struct fb_error *err);

/* The exit status of the program for a code; 0 for FB_E_NONE. */
int error_exit_status(enum fb_code code);

/* Whether the same work may succeed when tried again later. */
bool error_is_transient(enum fb_code code);

/* A word for reports: "input-refused". */
const char *error_word(enum fb_code code);

/* The code of an errno of a file operation, for reading or for writing. */
enum fb_code error_code_of_errno(int error_number, bool writing);

#endif
