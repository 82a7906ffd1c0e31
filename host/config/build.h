/*
 * config/build.h: a pipeline on its way from nodes to struct pipeline.  Only
 * for the files of this room that share the work: pipeline.c begins and ends
 * it, steps.c reads the steps, topology.c their order, show.c prints it.
 */
#ifndef CONFIG_BUILD_H
#define CONFIG_BUILD_H

#include "config/document.h"
#include "config/host_options.h"
#include "config/names.h"
#include "config/options.h"
#include "config/places.h"
#include "util/sha256.h"

/* What a step reads, as written. */
struct draft_input {
    const char *text; /* "valid.rejected" */
    size_t draft;     /* index in drafts */
    bool rejected;
    struct value value; /* node NULL: from the order of the steps */
    struct place place;
};

/* A step as written; a sink may become several steps. */
struct draft {
    const char *id;
    enum fb_kind kind;
    struct place place;
    const struct yaml_node *body; /* a map; NULL after a problem */
    struct draft_input *inputs;
    size_t input_count;
    bool inputs_written, inputs_wrong;
    bool split; /* one step for each input */
    struct pipeline_step *parts;
    size_t part_count;
    size_t index; /* of its first part in the pipeline */
    bool placed;
};

struct known_schema {
    const char *path;
    const struct schema *schema; /* NULL after a problem */
    struct known_schema *next;
};

struct builder {
    struct arena *arena;
    const struct document *document;
    const struct scope *scope;
    const struct registry *registry;
    struct problems *problems;
    struct names *names;
    struct pipeline *pipeline;
    const struct option_places *places; /* of the top level */
    const struct yaml_node *settings;   /* a map, or NULL */
    struct known_schema *schemas;
    struct sha256 sha;
    struct draft *drafts; /* sources, transforms, sinks, notifiers */
    size_t draft_count;
    bool unclear; /* parts of the file are not understood, which has been
                     told: conclude nothing from what is missing */
};

void build_init(struct builder *builder, struct arena *arena,
                const struct document *document, const struct scope *scope,
                const struct registry *registry, struct problems *problems);

/* Read and check everything.  When no problem was added, only the order of
 * the steps is missing (topology_order). */
void build_pipeline(struct builder *builder);

/* Reads options for the pipeline; subject: of its problems, as struct
 * options_reader has it. */
struct options_reader build_reader(const struct builder *builder,
                                   const char *subject);

/* The options of a plugin under settings:, or NULL. */
const struct yaml_node *build_settings(const struct builder *builder,
                                       const struct fb_plugin *plugin);

/* steps.c: read the four maps into drafts; then, with the inputs known, make
 * the steps of each draft. */
void steps_draft(struct builder *builder);
void steps_make(struct builder *builder);

/* tables.c: read what queries may name. */
void tables_read(struct builder *builder);

/* topology.c: find what each draft reads; then, with the steps made, check
 * the graph; then put the steps in order. */
void topology_link(struct builder *builder);
void topology_check(struct builder *builder);
void topology_order(struct builder *builder);

/* overlap.c: sinks that would write over what is read, or over each other. */
void overlap_check(const struct builder *builder);

#endif
