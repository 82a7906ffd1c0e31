/*
 * number.h: numbers as texts: which texts are numbers, and how they are
 * written for people.  A number of the data is grouped and never rounded: all
 * of its own digits are shown.
 */
#ifndef DASHBOARD_NUMBER_H
#define DASHBOARD_NUMBER_H

#include <stdio.h>

#include "forebay/plugin.h"

#define NUMBER_SIZE 64 /* bytes of what number_format writes, at most */

/*
 * Whether a text is a number as programs write it: -1234.5, 1e+20.  A zero
 * before other digits makes it a name (00123), not a number.  *decimals:
 * digits behind the point; -1 with an exponent.
 */
bool number_parse(const unsigned char *text, size_t len, double *value,
                  int *decimals);

/* A text that number_parse took, its digits in groups of three. */
void number_group(FILE *page, const unsigned char *text, size_t len);

/* A count, grouped. */
void number_count(FILE *page, uint64_t count);

/* A number for an axis whose largest is given: all in one unit (M, B, T) when
 * that is long, else rounded to the decimals and grouped. */
void number_format(double value, double largest, int decimals,
                   char text[NUMBER_SIZE]);

#endif
