/*
 * show.h: text of the data in a message: escaped, so that it stays on one
 * line and means what it says, and cut, so that the message stays readable.
 */
#ifndef VALIDATE_SHOW_H
#define VALIDATE_SHOW_H

#include <stddef.h>
#include <stdint.h>

#define SHOW_SIZE 256 /* bytes: every character shown can be an escape */

/* "abc" in double quotes, at most 40 characters of it. */
const char *show(const unsigned char *bytes, size_t length,
                 char text[SHOW_SIZE]);

/* Code points; a byte that is not UTF-8 counts as one. */
uint64_t show_count_characters(const unsigned char *bytes, size_t length);

#endif
