/*
 * What the tests of config/ share: pipelines from texts, over plugins that do
 * nothing but have options.
 */
#ifndef SUPPORT_PIPELINE_KIT_H
#define SUPPORT_PIPELINE_KIT_H

#include "config/document.h"
#include "config/pipeline.h"

/* The options of the "probe" transform: one of each type. */
struct probe {
    const char *text, *uri, *secret;
    int64_t count, size, duration;
    bool flag;
    int choice;
    struct fb_expr *where;
    struct fb_list list, secret_list;
    struct fb_map map, set, secret_map;
};

/* The options of the "filter" transform and of the "db" source. */
struct kit_filter {
    struct fb_expr *where;
};

struct kit_db {
    const char *query, *password;
};

/* The option of the "page" sink. */
struct kit_page {
    const char *ink;
};

/* file (source and sink of bytes), db (source of batches), queue (source that
 * announces objects of others), dash (sink of batches, no uri), page (codec
 * of the format of that name), cells (the same, a source), validate,
 * filter, probe, log (notifier). */
struct registry *kit_registry(void);

/* A pipeline that was built, or not, from a text called "p.yaml". */
struct kit {
    struct registry *registry;
    struct problems *problems;
    struct document *document; /* NULL when the text is no YAML */
    struct pipeline *pipeline; /* NULL after problems */
};

struct kit kit_build(const char *text);
struct kit kit_build_in(const char *text, const struct scope *scope);
void kit_release(struct kit *kit);

/* Every problem as "line:column message (hint)\n"; lives as long as the
 * process. */
const char *kit_told(struct problems *problems);

/* That there is one problem, at this place, with these words in message and
 * hint ("": any). */
void kit_expect(struct problems *problems, unsigned line, unsigned column,
                const char *message, const char *hint);

/* The text must be such a pipeline, or give this one problem. */
void kit_right(const char *text);
void kit_wrong(const char *text, unsigned line, unsigned column,
               const char *message, const char *hint);

#endif
