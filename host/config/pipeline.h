/*
 * config/pipeline.h: a pipeline as understood: parsed, substituted, typed by
 * the option tables, its topology checked.  What columns flow where is found
 * later, by the run room, with the steps' bind callbacks.
 */
#ifndef CONFIG_PIPELINE_H
#define CONFIG_PIPELINE_H

#include "batch/column.h"
#include "codec/format.h"
#include "codec/writer.h"
#include "config/problems.h"
#include "forebay/plugin.h"
#include "registry/registry.h"

/* The text of a pipeline file and its parsed nodes, read once, so that every
 * run of one invocation follows the same text. */
struct document;

/* Problems are added; NULL when the file cannot be used at all. */
struct document *document_open(const char *path, struct problems *problems);
void document_free(struct document *document); /* NULL is fine */

struct setting {
    const char *name, *value; /* --set NAME=VALUE */
};

/*
 * What the names in ${...} mean.  Order: settings, the environment, vars.
 * Without a trigger_uri (NULL) the trigger's pattern stands for it, and
 * name, stem and dir follow from that: enough to check everything.
 */
struct scope {
    const struct setting *settings;
    size_t setting_count;
    const char *trigger_uri;
    const char *run_id;      /* NULL: "RUN" */
    const char *run_date;    /* YYYY-MM-DD; NULL: "1970-01-01" */
    const char *run_started; /* 20250510T093000Z; NULL: a sample */
};

enum on_reject {
    ON_REJECT_READ = 0, /* some step reads the rejected output */
    ON_REJECT_FAIL,     /* one rejected row fails the run */
    ON_REJECT_DROP,     /* rejected rows are counted and forgotten */
};

enum when_empty { EMPTY_WRITE = 1, EMPTY_SKIP };

enum { NOTIFY_SUCCESS = 1, NOTIFY_FAILURE = 2 }; /* bits of notify_on */

struct step_input {
    uint32_t step; /* index in the pipeline's steps */
    bool rejected; /* its `rejected` output rather than its rows */
    struct place place;
};

/* One step.  A sink whose uri names ${step.input} has been split: one step
 * for each input, all with the same id. */
struct pipeline_step {
    const char *id;
    const char *label; /* unique: "enriched" or "enriched[total_sales]" */
    const char *title; /* for people; the id when none is written */
    enum fb_kind kind;
    uint32_t input_count;
    struct place place;             /* of the id */
    const struct fb_plugin *plugin; /* NULL after a problem */
    const char *uri;                /* substituted; NULL: none */
    struct place uri_place;
    void *instance; /* plugin->instance_size bytes, options filled in */
    const struct step_input *inputs; /* input_count of them */
    struct format format;            /* byte sources and byte sinks */
    const struct fb_plugin *codec;   /* of a format that is no text; or NULL */
    void *codec_instance;            /* with its options filled in */
    const struct schema *schema;     /* sources; NULL: none */
    enum on_reject on_reject;
    enum layout layout;         /* sinks */
    enum when_empty when_empty; /* sinks */
    uint32_t notify_on;         /* notifiers */
    const struct option_places *places;
};

/* A table that queries may name (`tables:`). */
struct table_config {
    const char *name;             /* as written: "orders_db.processed" */
    const char *database, *table; /* its parts; "default" without a dot */
    struct place place;           /* of the name */
    /* How its objects are listed and read: a source whose uri is the
     * location, with format, schema (NULL: infer) and the settings of its
     * plugin.  Never part of the graph. */
    struct pipeline_step source;
    const char *location;               /* ends with a slash */
    const struct fb_column *partitions; /* the path's keys, outermost first */
    uint32_t partition_count;
    int64_t infer_rows; /* rows of a sample; 0: all of them */
};

/* Who takes or gives the rows of a step: its codec, else its plugin. */
static inline const struct fb_plugin *
pipeline_step_worker(const struct pipeline_step *step)
{
    return step->codec != NULL ? step->codec : step->plugin;
}

struct trigger_config {
    bool given;
    struct place place;
    const char *after; /* name of another pipeline; NULL: none */
    const char *uri;   /* pattern, or who announces objects; NULL: none */
    const char *match; /* pattern of what may be announced; NULL: the plugin
                          lists its own objects */
    const struct fb_plugin *plugin;
    void *instance; /* of the source plugin, with the trigger's options */
    const struct option_places *places;
    bool portable_names; /* names: portable — only A-Z a-z 0-9 . _ - */
    int64_t wait_ms;     /* how long a trigger may wait for its data, and
                            data for its trigger, before somebody is told */
    int64_t attempts;    /* tries while the failure may pass */
    struct pipeline_step objects; /* with match: asks the store itself for
                                     them, with the settings of its plugin */
};

/* What the uris of trigger objects match; NULL: there are none. */
static inline const char *
trigger_pattern(const struct trigger_config *trigger)
{
    return trigger->match != NULL ? trigger->match : trigger->uri;
}

/* As written; trigger/window.h gives it meaning. */
struct window_config {
    bool given;
    struct place place;
    struct fb_list days;  /* mon-fri, sat; "mon-fri" alone is a list of one */
    struct fb_list hours; /* 09:00-18:00, ... */
    const char *timezone; /* IANA name; default "local" */
    const char *holidays; /* path of a file with one date a line, or a csv
                             whose first column is a date; NULL: none */
    const struct option_places *places;
};

struct pipeline {
    struct arena *arena; /* owns everything below */
    const char *path;    /* of the file */
    const char *name;
    const char *description; /* "" when none */
    const char *digest;      /* hex SHA-256 of the text and its schemas */
    struct window_config window;
    struct trigger_config trigger;
    struct pipeline_step *steps; /* each after all it reads */
    uint32_t step_count;
    const struct table_config *tables; /* in the order written */
    uint32_t table_count;
};

/*
 * Build the pipeline in a scope.  Problems are added, all that can be found;
 * NULL when there were any.  The registry and the document must outlive it.
 * A step's expressions are parsed, not bound.
 */
struct pipeline *pipeline_build(const struct document *document,
                                const struct scope *scope,
                                const struct registry *registry,
                                struct problems *problems);
void pipeline_free(struct pipeline *pipeline); /* NULL is fine */

/*
 * The window alone, of a pipeline that could not be built: so that what is
 * wrong with it can be told in the same go.  False when there is none that
 * can be looked at.  It lives in the arena.
 */
bool pipeline_window(const struct document *document, const struct scope *scope,
                     const struct registry *registry, struct arena *arena,
                     struct window_config *window);

/*
 * A source for `uri`, an object that this sink of the built pipeline wrote,
 * with the options that the source knows as they are written at the sink, else
 * in the settings.  False after problems; what is made lives in the arena.
 */
bool pipeline_object(const struct document *document, const struct scope *scope,
                     const struct registry *registry, struct arena *arena,
                     const struct pipeline_step *sink, const char *uri,
                     struct pipeline_step *object, struct problems *problems);

/*
 * Where an option of a step stands: of item `index` of a list or map, and
 * for text at byte `offset` of its value (folded and substituted scalars
 * too).  Falls back to the nearest place that exists: the item, the option,
 * the step.
 */
struct place option_place(const struct option_places *places,
                          const char *option, size_t index, size_t offset);

/* Print the pipeline as understood: YAML with each value's origin as a
 * comment, secrets masked. */
int pipeline_show(const struct document *document, const struct scope *scope,
                  const struct registry *registry, FILE *out,
                  struct problems *problems) FB_MUST_CHECK;

#endif
