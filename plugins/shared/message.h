/*
 * shared/message.h: a report as a message that any channel can carry.  File
 * names, cells and the answers of services stand in a report; what comes out
 * of here is valid UTF-8 without control characters, of a bounded size.  How
 * a channel wraps it (MIME, JSON, a form) is its own business.
 *
 * What is returned lives as long as the step.
 */
#ifndef SHARED_MESSAGE_H
#define SHARED_MESSAGE_H

#include "forebay/plugin.h"

#define MESSAGE_MIN ((size_t)2048) /* the least bound, bytes */
#define MESSAGE_ID_MAX 128         /* bytes, without the NUL */

/*
 * What tells this message from all others: run, step and attempt, as
 * "RUN.STEP.1" of letters, digits, '.', '_' and '-'.  Every attempt to
 * deliver the same message gives the same, so that who receives it twice
 * can know.  Of a very long step only the begin is taken.
 */
const char *message_id(struct fb_step *step, const struct fb_report *report);

/* The report in lines that end with '\n', and a last line with the id.  What
 * is beyond max bytes (MESSAGE_MIN at least, the NUL not counted) is cut off
 * after a whole line where there is one, and a line says how much that was. */
const char *message_text(struct fb_step *step, const struct fb_report *report,
                         size_t max);

/* The report's one line, behind a prefix that may be NULL, within max bytes;
 * when cut, it ends with "...". */
const char *message_subject(struct fb_step *step,
                            const struct fb_report *report, const char *prefix,
                            size_t max);

/* Any text made safe in the same way, as one line: a line end is a space. */
const char *message_line(struct fb_step *step, const char *text, size_t max);

#endif
