/*
 * serve/page.h: the pages, each made of what was read from the ledger.
 */
#ifndef SERVE_PAGE_H
#define SERVE_PAGE_H

#include "serve/html.h"
#include "serve/status.h"

extern const char page_style[]; /* CSS */

void page_begin(struct html *html, const char *title);
void page_end(struct html *html);

/* A heading and a sentence. */
void page_message(struct html *html, const char *title, const char *text);

/* One status for each pipeline of the site. */
void page_pipelines(struct html *html, const struct site *site,
                    const struct status *statuses, int64_t now_ms);

/* `more`: there are older ones. */
void page_runs(struct html *html, const struct site *site,
               const struct route *route, const struct ledger_run *runs,
               size_t count, bool more);

void page_run(struct html *html, const struct ledger_run *run,
              const struct ledger_delivery *deliveries, size_t count);

/* What an outcome is called on a page, with its mark. */
void page_outcome(struct html *html, enum run_state state);

#endif
