/*
 * util/log.h: talk to the operator on stderr: one line an event, as text or
 * as JSON.  stdout is for data and never written here.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include "forebay/plugin.h"

enum log_format { LOG_TEXT = 1, LOG_JSON };

struct log_options {
    enum log_format format;
    enum fb_level level; /* events below are not written */
};

/* Set once by main, before threads. */
void log_configure(struct log_options options);
bool log_wants(enum fb_level level);

/*
 * One event: `event` is a short stable word ("run-finished"), `fields` are
 * NULL-terminated pairs of key and value (values may be NULL: left out), and
 * the message is for people.  Everything is escaped for its format: no
 * value can break the line or the terminal.
 *
 *     log_event(FB_INFO, "run-finished", (const char *[]){
 *               "run", id, "pipeline", name, NULL}, "wrote %s", uri);
 */
void log_event(enum fb_level level, const char *event,
               const char *const *fields, const char *format, ...)
    FB_PRINTF(4, 5);

#endif
