/*
 * run/graph.h: the steps of one run and what flows between them.  A node is a
 * step come alive, with the codec in front of a byte source or behind a byte
 * sink.  Makes, binds, opens and closes nodes; moving rows is pump.h.
 */
#ifndef RUN_GRAPH_H
#define RUN_GRAPH_H

#include "codec/reader.h"
#include "codec/writer.h"
#include "config/pipeline.h"
#include "step/coded.h"
#include "step/step.h"

struct graph;

/* Where the rows of a node go. */
struct edge {
    uint32_t to;
    uint32_t input; /* which of its inputs this is */
    bool rejected;  /* the `rejected` output */
};

struct node {
    struct graph *graph;
    const struct pipeline_step *config;
    struct step *step;
    struct edge *edges;
    uint32_t edge_count;

    struct fb_input *inputs; /* what it reads, for its plugin */

    /* Of the rows that leave; sinks: that arrive.  NULL while not known, and
     * for sinks whose inputs need not be alike. */
    const struct columns *columns;
    const struct block_origin *origin; /* how the first input was written */
    struct reader *reader;             /* byte sources, once open */
    struct writer *writer;             /* byte sinks, once open */
    struct coded_reader *coded_reader; /* the same of formats that are no */
    struct coded_writer *coded_writer; /* text */
    bool writer_begun;

    struct step_counts rows; /* sources: out and rejected; sinks: in, out */
    uint64_t bytes; /* byte sources: taken from the input for these rows */
    struct fb_object object; /* sources: what is read; sinks: what was made */
    struct batch **pending;  /* rejects waiting to be put in line order */
    uint32_t pending_count;
};

/* Told about every rejected row, once, where it was rejected. */
typedef void (*graph_reject_fn)(void *arg, const struct node *node,
                                const struct reject *reject);

struct graph {
    const struct pipeline *pipeline;
    const struct step_context *context;
    struct arena *arena;
    struct node *nodes; /* parallel to pipeline->steps */
    uint32_t count;
    struct fb_target *targets; /* what sinks make; see targets.h */
    graph_reject_fn on_reject;
    void *on_reject_arg;
};

/* Steps of all kinds but notifiers become nodes with a step; notifiers have
 * a node without.  pipeline and context outlive the graph. */
struct graph *graph_new(const struct pipeline *pipeline,
                        const struct step_context *context);
void graph_free(struct graph *graph); /* closes what is open */

/*
 * Check every step's options, then bind as far as columns are known from
 * schemas.  Problems are added.  Nothing outside the process is touched.
 */
void graph_check(struct graph *graph, struct problems *problems);

/*
 * Open everything: sources and their headers, then bind for real, then
 * transforms and sinks.  Errors carry the place in the pipeline.
 */
int graph_open(struct graph *graph, struct fb_error *err) FB_MUST_CHECK;

/* The same without the sinks: to look at rows and write nothing. */
int graph_open_readers(struct graph *graph, struct fb_error *err) FB_MUST_CHECK;

/* Make the work visible: that of sources and transforms that finish anything,
 * then that of the sinks, each in the order of the graph, and at last of those
 * that act on what the others made. */
int graph_finish(struct graph *graph, struct fb_error *err) FB_MUST_CHECK;

/* Whether every source still is the generation that was opened. */
int graph_verify_inputs(struct graph *graph,
                        struct fb_error *err) FB_MUST_CHECK;

#endif
