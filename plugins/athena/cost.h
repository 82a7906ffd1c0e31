/*
 * cost.h: what a query cost, in bytes, time and money, for the report.
 */
#ifndef ATHENA_COST_H
#define ATHENA_COST_H

#include "forebay/plugin.h"

#include <jansson.h>

#define COST_BYTES_MAX 32

/* "1.2 GiB" */
void cost_bytes(int64_t bytes, char text[COST_BYTES_MAX]);

/* Decimal digits with a point: what 1 TiB scanned costs; -1: no such text. */
int cost_price(const char *text, double *price) FB_MUST_CHECK;

/* Bytes scanned are billed in whole MiB, 10 of them at least; a result that
 * was used again costs nothing.
 * https://aws.amazon.com/athena/pricing/ */
double cost_of(int64_t scanned, bool reused, double price);

/* The facts of a QueryExecution. */
void cost_tell(struct fb_step *step, const json_t *execution, double price);

/* Statistics.DataScannedInBytes */
int64_t cost_scanned(const json_t *execution);

#endif
