/*
 * run/report.h: the end of a run in words and as JSON: what the terminal
 * prints, --report writes, the ledger keeps and notifiers send.
 */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "run/result.h"

/* The JSON keeps everything, so that a message can be delivered by a later
 * process: report_of_json is its reverse.  Texts live in the arena. */
struct fb_report *report_of_result(const struct result *result,
                                   struct arena *arena);
struct fb_report *report_of_json(const char *json, struct arena *arena,
                                 struct fb_error *err);

/* "orders.csv: 200 read = 164 written + 30 filtered + 6 rejected, 2 outputs in
 * 0.03 s", or what went wrong. */
const char *report_summary(const struct result *result, struct arena *arena);

#endif
