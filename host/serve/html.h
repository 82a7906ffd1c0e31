/*
 * serve/html.h: a page that grows.  What may come from a file, a store or a
 * network goes through html_text or html_path; html_raw is for what stands in
 * the source of this program.
 */
#ifndef SERVE_HTML_H
#define SERVE_HTML_H

#include "util/buf.h"

/* The first failure (the page is too long) stays; what follows is ignored. */
struct html {
    struct buf buf;
    bool failed;
};

void html_init(struct html *html);
void html_release(struct html *html);

void html_raw(struct html *html, const char *text);
/* Shown as it is: mark-up is escaped, control characters and bytes that are no
 * UTF-8 are made visible, more than some KiB is cut.  NULL: nothing. */
void html_text(struct html *html, const char *text);
/* One segment of a path, or one value of a query, in an attribute. */
void html_path(struct html *html, const char *text);
void html_number(struct html *html, uint64_t number); /* 1,234 */
/* Like html_raw; what the format takes must need no escaping. */
void html_printf(struct html *html, const char *format, ...) FB_PRINTF(2, 3);
/* "2025-02-10 09:05:00 UTC", for machines too; 0: a dash. */
void html_time(struct html *html, int64_t ms);
/* "3 h 12 min"; negative counts as none. */
void html_span(struct html *html, int64_t ms);

#endif
