/*
 * config/host_options.c: the tables.
 */
#include "config/host_options.h"

#include "config/options.h"
#include "config/pipeline.h"
#include "util/mem.h"

#define SECTION(struct_) FB_MAP(struct_, section), .flags = OPTION_SECTION

static const struct fb_option pipeline_table[] = {
    {.name = "pipeline",
     FB_STRING(struct pipeline_options, pipeline),
     .flags = FB_REQUIRED,
     .help = "The name of the pipeline: letters, digits, _ and -."},
    {.name = "description",
     FB_STRING(struct pipeline_options, description),
     .def = "",
     .help = "What it is for, in a sentence."},
    {.name = "vars",
     SECTION(struct pipeline_options),
     .help = "Variables for ${NAME}; --set and the environment override "
             "them."},
    {.name = "settings",
     SECTION(struct pipeline_options),
     .help = "For each plugin, defaults of its options in all steps."},
    {.name = "window",
     SECTION(struct pipeline_options),
     .help = "When runs may start."},
    {.name = "trigger",
     SECTION(struct pipeline_options),
     .help = "What starts a run; without it there is one per invocation."},
    {.name = "tables",
     SECTION(struct pipeline_options),
     .help = "What queries may read, by name: database.table or table."},
    {.name = "sources",
     SECTION(struct pipeline_options),
     .help = "Where rows come from, by step id."},
    {.name = "transforms",
     SECTION(struct pipeline_options),
     .help = "What happens to rows, by step id."},
    {.name = "sinks",
     SECTION(struct pipeline_options),
     .help = "Where rows go, by step id."},
    {.name = "notifiers",
     SECTION(struct pipeline_options),
     .help = "Who is told how a run ended, by step id."},
    {.name = NULL},
};

static const struct fb_option window_table[] = {
    {.name = "days",
     FB_LIST(struct window_config, days),
     .help = "Days of the week: mon-fri, sat, ...; left out: every day."},
    {.name = "hours",
     FB_LIST(struct window_config, hours),
     .help = "Hours of these days: \"09:00-18:00\", ...; left out: all."},
    {.name = "timezone",
     FB_STRING(struct window_config, timezone),
     .def = "local",
     .help = "The IANA name of the time zone of days and hours."},
    {.name = "holidays",
     FB_STRING(struct window_config, holidays),
     .help = "A file with a date at the begin of each line, relative to the "
             "pipeline file; the window is closed on these."},
    {.name = NULL},
};

static const char *const name_choices[] = {"any", "portable", NULL};

static const struct fb_option trigger_table[] = {
    {.name = "uri",
     FB_URI(struct trigger_options, uri),
     .help = "A pattern; every new generation of a matching object starts "
             "one run."},
    {.name = "match",
     FB_URI(struct trigger_options, match),
     .help = "When the uri announces objects instead of listing them: the "
             "pattern of those that may start a run."},
    {.name = "after",
     FB_STRING(struct trigger_options, after),
     .help = "The name of a pipeline; each of its successes starts one run."},
    {.name = "names",
     FB_ENUM(struct trigger_options, names),
     .choices = name_choices,
     .def = "any",
     .help = "portable: refuse names with anything but A-Z a-z 0-9 . _ -"},
    {.name = "wait",
     FB_DURATION(struct trigger_options, wait_ms),
     .def = "1h",
     .help = "How long a trigger may wait for its data, and data for its "
             "trigger, before somebody is told."},
    {.name = "attempts",
     FB_INT(struct trigger_options, attempts),
     .def = "5",
     .min = 1,
     .max = 1000,
     .help = "Runs that may be tried while the failure may pass."},
    {.name = NULL},
};

static const char *const reject_choices[] = {"fail", "drop", NULL};
static const char *const layout_choices[] = {"table", "return", NULL};
static const char *const empty_choices[] = {"write", "skip", NULL};
static const char *const outcome_choices[] = {"success", "failure", NULL};

#define TITLE                                                            \
    {                                                                    \
        .name = "title", FB_STRING(struct step_options, title),          \
        .help = "What people call the rows of this step; left out, its " \
                "id."                                                    \
    }
#define TYPE_HELP "The plugin by name; left out, the uri picks it."
#define ON_REJECT                                                           \
    {                                                                       \
        .name = "on_reject", FB_ENUM(struct step_options, on_reject),       \
        .choices = reject_choices,                                          \
        .help = "What a rejected row does when no step reads the rejected " \
                "output: fail the run, or be counted and dropped."          \
    }
#define DIALECT                                                             \
    {                                                                       \
        .name = "dialect", SECTION(struct step_options),                    \
        .help = "How the text is laid out: delimiter, quoteChar, ...; for " \
                "steps of bytes."                                           \
    }

static const struct fb_option source_table[] = {
    {.name = "type", FB_STRING(struct step_options, type), .help = TYPE_HELP},
    {.name = "uri",
     FB_URI(struct step_options, uri),
     .help = "What to read; a plain path is relative to the working "
             "directory."},
    {.name = "schema",
     FB_STRING(struct step_options, schema),
     .help = "A Table Schema file, relative to the pipeline file."},
    TITLE,
    ON_REJECT,
    DIALECT,
    {.name = NULL},
};

static const struct fb_option transform_table[] = {
    {.name = "type",
     FB_STRING(struct step_options, type),
     .flags = FB_REQUIRED,
     .help = "The plugin by name."},
    {.name = "inputs",
     FB_LIST(struct step_options, inputs),
     .help = "The steps to read: step or step.rejected; left out: the step "
             "written before it."},
    TITLE,
    ON_REJECT,
    {.name = NULL},
};

static const struct fb_option sink_table[] = {
    {.name = "type", FB_STRING(struct step_options, type), .help = TYPE_HELP},
    {.name = "uri",
     FB_URI(struct step_options, uri),
     .help = "What to write; with ${step.input} one object for each input."},
    {.name = "inputs",
     FB_LIST(struct step_options, inputs),
     .help = "The steps to read: step or step.rejected; left out: the last "
             "transform, or the source."},
    {.name = "layout",
     FB_ENUM(struct step_options, layout),
     .choices = layout_choices,
     .def = "table",
     .help = "return: rejected rows as they came, with the reasons."},
    {.name = "when_empty",
     FB_ENUM(struct step_options, when_empty),
     .choices = empty_choices,
     .help = "What happens when no row arrives: write the header alone, or "
             "skip; by default write, and skip with layout: return."},
    DIALECT,
    {.name = NULL},
};

static const struct fb_option notifier_table[] = {
    {.name = "type", FB_STRING(struct step_options, type), .help = TYPE_HELP},
    {.name = "uri",
     FB_URI(struct step_options, uri),
     .help = "Who is told: log:, arn:aws:sns:..., https:, mailto:"},
    {.name = "on",
     FB_LIST(struct step_options, on),
     .choices = outcome_choices,
     .def = "[success, failure]",
     .help = "After which outcomes."},
    {.name = NULL},
};

static const struct fb_option table_table[] = {
    {.name = "location",
     FB_URI(struct table_options, location),
     .flags = FB_REQUIRED,
     .help = "The folder whose files are the table, with all folders below "
             "it; names that begin with _ or . are no part of it."},
    {.name = "schema",
     FB_STRING(struct table_options, schema),
     .def = "infer",
     .help = "A Table Schema file, relative to the pipeline file; infer: the "
             "types are decided by the data."},
    {.name = "infer_rows",
     FB_INT(struct table_options, infer_rows),
     .def = "100000",
     .min = 0,
     .max = INT64_MAX,
     .help = "With schema: infer, how many rows are looked at; 0: all."},
    {.name = "partitions",
     FB_MAP(struct table_options, partitions),
     .help = "The keys of the folders (dt=2025-02-01/), outermost first, and "
             "the type of each: {dt: date}."},
    {.name = "dialect",
     SECTION(struct table_options),
     .help = "How the text is laid out: delimiter, quoteChar, ..."},
    {.name = NULL},
};

const char *const host_groups[] = {"pipeline", "window",    "trigger",
                                   "source",   "transform", "sink",
                                   "notifier", "table",     NULL};

const struct fb_option *
host_options(const char *group)
{
    static const struct fb_option *const tables[] = {
        pipeline_table,  window_table, trigger_table,  source_table,
        transform_table, sink_table,   notifier_table, table_table};

    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        if (strcmp(group, host_groups[i]) == 0)
            return tables[i];
    }
    return NULL;
}
