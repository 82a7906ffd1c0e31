/*
 * registry/describe.h: the option tables in words: for the terminal, as the
 * plugin's Markdown page, as JSON Schema for editors.  All of it comes from
 * the descriptors; a test compares the pages with what this prints.
 *
 * Whether writing worked is the caller's to ask: ferror(out).
 */
#ifndef REGISTRY_DESCRIBE_H
#define REGISTRY_DESCRIBE_H

#include "registry/registry.h"

/*
 * The keys that the host itself gives a meaning, as option tables: those of
 * the file, of its window and trigger, of the steps of each kind, of steps
 * that move bytes, and of their dialect.  A table of steps that has `type` or
 * `dialect` gets what the registry knows of them.  The registry stands below
 * the rooms that have these tables, so they come from the caller.  NULL: no
 * such keys.
 */
struct describe_host {
    const struct fb_option *pipeline, *window, *trigger;
    const struct fb_option *source, *transform, *sink, *notifier, *table;
    const struct fb_option *format, *dialect;
};

/* One line each: name, kind, schemes, summary; then what was refused. */
void describe_list(const struct registry *registry, FILE *out);

/* All descriptors of this name, and all of the file <name>.so; false when
 * there is none. */
bool describe_text(const struct registry *registry, const char *name,
                   FILE *out);
/* The generated part of plugins/<name>/<name>.md: a table of options for
 * each kind. */
bool describe_markdown(const struct registry *registry, const char *name,
                       FILE *out);
/*
 * A JSON Schema (draft 2020-12) of a whole pipeline file; with a name only
 * the schema of that plugin's steps.  It accepts all that the host accepts:
 * where a substitution decides which plugin a step is of, the options of
 * every plugin are taken.
 */
bool describe_jsonschema(const struct registry *registry, const char *name,
                         const struct describe_host *host, FILE *out);

#endif
