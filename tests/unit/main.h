/*
 * What a test file owes tests/unit/main.c: its suite.
 */
#ifndef UNIT_MAIN_H
#define UNIT_MAIN_H

#include <check.h>

/* Defined once by each test program; the runner takes and frees the suite. */
Suite *make_suite(void);

#endif
