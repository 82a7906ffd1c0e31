/*
 * page.h: the whole page: what stands in its head, where its results come
 * from, and a section for each.
 */
#ifndef DASHBOARD_PAGE_H
#define DASHBOARD_PAGE_H

#include "chart.h"

struct page_section {
    const struct fb_input *input;
    const struct result *result;
    const struct column *columns;
    struct chart chart;
};

struct page {
    const char *title;
    const char *pipeline;
    const char *run_id;
    int64_t run_date; /* days since 1970-01-01 */
    int64_t now_ms;
    uint32_t page_rows;
    uint32_t section_count;
    const struct page_section *sections;
};

/* Write the page; the caller asks the file whether that worked. */
int page_write(FILE *file, const struct page *page,
               struct fb_error *err) FB_MUST_CHECK;

#endif
