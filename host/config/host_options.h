/*
 * config/host_options.h: the keys of a pipeline that belong to the host and
 * not to a plugin, as option tables, so that describing a plugin can list
 * them too.
 */
#ifndef CONFIG_HOST_OPTIONS_H
#define CONFIG_HOST_OPTIONS_H

#include "forebay/plugin.h"

/*
 * The table of a group, ended by an entry without a name; NULL when there is
 * no such group: "pipeline" (the top level), "window", "trigger", "source",
 * "transform", "sink", "notifier", "table".  An option with OPTION_SECTION (of
 * config/options.h) is a map with rules of its own: window and trigger are
 * groups, sources and its like hold one map of that group a step, dialect is
 * dialect_options of codec/format.h.  Byte sources and byte sinks also have
 * format_options.
 */
const struct fb_option *host_options(const char *group);

/* The groups in this order; ended by NULL. */
extern const char *const host_groups[];

/* What the tables fill. */
struct pipeline_options {
    const char *pipeline, *description;
    struct fb_map section; /* where sections would go; never filled */
};

struct trigger_options {
    const char *uri, *match, *after;
    int names; /* 1: any, 2: portable */
    int64_t wait_ms, attempts;
};

struct table_options {
    const char *location, *schema;
    struct fb_map partitions;
    int64_t infer_rows;
    struct fb_map section;
};

struct step_options {
    const char *type, *uri, *schema, *title;
    struct fb_list inputs, on;
    int on_reject;  /* enum on_reject; 0: not given */
    int layout;     /* enum layout */
    int when_empty; /* enum when_empty; 0: not given */
    struct fb_map section;
};

#endif
