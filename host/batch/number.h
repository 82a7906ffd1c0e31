/*
 * batch/number.h: decimal text to numbers and back, the same in every locale.
 * Part of value.h, which states the rules.
 */
#ifndef BATCH_NUMBER_H
#define BATCH_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* group: what may stand between two digits; NULL or "": nothing. */
bool number_parse_integer(const unsigned char *text, uint32_t length,
                          const char *group, int64_t *value);

/* decimal: NULL or "": ".".  The double nearest to the text; false when there
 * is no finite one. */
bool number_parse(const unsigned char *text, uint32_t length,
                  const char *decimal, const char *group, double *value);

/*
 * The same where the separators are single bytes that mean nothing else in a
 * number (group -1: none): for texts of at most 18 digits without an exponent
 * whose value needs no rounding but the last.  What they do not take may be a
 * number or not.
 */
bool number_parse_short_integer(const unsigned char *text, uint32_t length,
                                int group, int64_t *value);
bool number_parse_short(const unsigned char *text, uint32_t length, int point,
                        int group, double *value);

/* The shortest text that number_parse gives the same double for; `size` bytes
 * of room, at least 32.  Returns the length. */
size_t number_print(double value, char *text, size_t size);
/* The same for a float: 0.1f is "0.1". */
size_t number_print_float(float value, char *text, size_t size);

#endif
