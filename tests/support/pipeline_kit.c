/*
 * Plugins without a body, and pipelines of them.  That real plugins work is
 * not shown here but in tests/plugin and tests/e2e.
 */
#include "support/pipeline_kit.h"

#include <check.h>
#include <stdlib.h>

#include "util/mem.h"

static int
nothing(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self, (void)step, (void)err;
    return 0;
}

static int
read_no_bytes(void *self, struct fb_step *step, unsigned char *bytes,
              size_t size, size_t *got, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    *got = 0;
    return 0;
}

static int
read_nothing(void *self, struct fb_step *step, struct fb_batch **batch,
             struct fb_error *err)
{
    (void)self, (void)step, (void)err;
    *batch = NULL;
    return 0;
}

static int
write_bytes(void *self, struct fb_step *step, const unsigned char *bytes,
            size_t size, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    return 0;
}

static int
take_batch(void *self, struct fb_step *step, struct fb_batch *batch,
           struct fb_error *err)
{
    (void)self, (void)step, (void)batch, (void)err;
    return 0;
}

static int
find_nothing(void *self, struct fb_step *step, fb_found_fn found, void *arg,
             struct fb_error *err)
{
    (void)self, (void)step, (void)found, (void)arg, (void)err;
    return 0;
}

static int
tell_nobody(void *self, struct fb_step *step, const struct fb_report *report,
            struct fb_error *err)
{
    (void)self, (void)step, (void)report, (void)err;
    return 0;
}

static const char *const file_schemes[] = {"file", NULL};
static const char *const queue_schemes[] = {"queue", NULL};
static const char *const log_schemes[] = {"log", NULL};
static const char *const colours[] = {"red", "green", "blue", NULL};

static const struct fb_option probe_options[] = {
    {.name = "text", FB_STRING(struct probe, text), .help = "A text."},
    {.name = "address", FB_URI(struct probe, uri), .help = "A uri."},
    {.name = "secret", FB_SECRET(struct probe, secret), .help = "A secret."},
    {.name = "count",
     FB_INT(struct probe, count),
     .def = "3",
     .min = 1,
     .max = 10,
     .help = "A number."},
    {.name = "size",
     FB_SIZE(struct probe, size),
     .def = "8MiB",
     .min = 1024,
     .max = INT64_C(1) << 30,
     .help = "A size."},
    {.name = "duration",
     FB_DURATION(struct probe, duration),
     .def = "30s",
     .help = "A duration."},
    {.name = "flag", FB_BOOL(struct probe, flag), .help = "A flag."},
    {.name = "colour",
     FB_ENUM(struct probe, choice),
     .choices = colours,
     .def = "green",
     .help = "A choice."},
    {.name = "where", FB_EXPR(struct probe, where), .help = "A condition."},
    {.name = "list",
     FB_LIST(struct probe, list),
     .def = "[a, b]",
     .help = "A list."},
    {.name = "map", FB_MAP(struct probe, map), .help = "A map."},
    {.name = "set",
     FB_EXPR_MAP(struct probe, set),
     .help = "A map of expressions."},
    {.name = "secret_list",
     FB_LIST(struct probe, secret_list),
     .flags = FB_SECRETS,
     .help = "Secrets."},
    {.name = "secret_map",
     FB_MAP(struct probe, secret_map),
     .flags = FB_SECRETS,
     .help = "Secrets by name."},
    {.name = NULL},
};

static const struct fb_option filter_options[] = {
    {.name = "where",
     FB_EXPR(struct kit_filter, where),
     .flags = FB_REQUIRED,
     .help = "The rows to keep."},
    {.name = NULL},
};

static const struct fb_option db_options[] = {
    {.name = "query",
     FB_STRING(struct kit_db, query),
     .flags = FB_REQUIRED,
     .help = "What to ask."},
    {.name = "password",
     FB_SECRET(struct kit_db, password),
     .help = "The password."},
    {.name = NULL},
};

static const struct fb_plugin file_source = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "file",
    .summary = "Reads nothing.",
    .schemes = file_schemes,
    .instance_size = 8,
    .read_bytes = read_no_bytes,
    .discover = find_nothing,
};

static const struct fb_plugin file_sink = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "file",
    .summary = "Writes nothing.",
    .schemes = file_schemes,
    .instance_size = 8,
    .write_bytes = write_bytes,
    .finish = nothing,
};

static const struct fb_plugin db_source = {
    FB_PLUGIN_HEAD,
    .kind = FB_SOURCE,
    .name = "db",
    .summary = "Asks nobody.",
    .flags = FB_RESHAPES,
    .options = db_options,
    .instance_size = sizeof(struct kit_db),
    .read = read_nothing,
};

static const struct fb_plugin queue_source = {
    FB_PLUGIN_HEAD,           .kind = FB_SOURCE,
    .name = "queue",          .summary = "Hears nothing.",
    .schemes = queue_schemes, .flags = FB_LISTS_OTHERS,
    .instance_size = 8,       .discover = find_nothing,
};

static const struct fb_plugin dash_sink = {
    FB_PLUGIN_HEAD,     .kind = FB_SINK,
    .name = "dash",     .summary = "Shows nothing.",
    .instance_size = 8, .write = take_batch,
    .finish = nothing,
};

static const char *const page_formats[] = {"page", NULL};
static const struct fb_option page_options[] = {
    {.name = "ink", FB_STRING(struct kit_page, ink), .help = "A colour."},
    {.name = NULL},
};

static const struct fb_plugin page_sink = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "page",
    .summary = "Codes nothing.",
    .flags = FB_MANY_INPUTS,
    .options = page_options,
    .instance_size = sizeof(struct kit_page),
    .write = take_batch,
    .finish = nothing,
    .formats = page_formats,
};

static const char *const cells_formats[] = {"cells", NULL};
static const struct fb_option cells_options[] = {
    {.name = "key",
     FB_STRING(struct kit_page, ink),
     .flags = FB_REQUIRED,
     .help = "What opens them."},
    {.name = NULL},
};

static const struct fb_plugin cells_source = {
    FB_PLUGIN_HEAD,           .kind = FB_SOURCE,
    .name = "cells",          .summary = "Decodes nothing.",
    .options = cells_options, .instance_size = sizeof(struct kit_page),
    .read = read_nothing,     .formats = cells_formats,
};

static const struct fb_plugin validate = {
    FB_PLUGIN_HEAD,        .kind = FB_TRANSFORM,
    .name = "validate",    .summary = "Accepts all.",
    .flags = FB_REJECTS,   .instance_size = 8,
    .process = take_batch,
};

static const struct fb_plugin filter = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "filter",
    .summary = "Keeps all.",
    .options = filter_options,
    .instance_size = sizeof(struct kit_filter),
    .process = take_batch,
};

static const struct fb_plugin probe = {
    FB_PLUGIN_HEAD,           .kind = FB_TRANSFORM,
    .name = "probe",          .summary = "Has options.",
    .options = probe_options, .instance_size = sizeof(struct probe),
    .process = take_batch,
};

static const struct fb_plugin log_notifier = {
    FB_PLUGIN_HEAD,         .kind = FB_NOTIFIER,
    .name = "log",          .summary = "Tells nobody.",
    .schemes = log_schemes, .instance_size = 8,
    .notify = tell_nobody,
};

struct registry *
kit_registry(void)
{
    static const struct fb_plugin *const all[] = {
        &file_source, &file_sink, &db_source,    &queue_source,
        &dash_sink,   &page_sink, &cells_source, &validate,
        &filter,      &probe,     &log_notifier};

    return registry_of(all, ARRAY_SIZE(all));
}

struct kit
kit_build_in(const char *text, const struct scope *scope)
{
    struct kit kit = {.registry = kit_registry(), .problems = problems_new()};

    kit.document = document_of_text("p.yaml", text, strlen(text), kit.problems);
    if (kit.document != NULL)
        kit.pipeline =
            pipeline_build(kit.document, scope, kit.registry, kit.problems);
    return kit;
}

struct kit
kit_build(const char *text)
{
    static const struct scope scope;

    return kit_build_in(text, &scope);
}

void
kit_release(struct kit *kit)
{
    pipeline_free(kit->pipeline);
    document_free(kit->document);
    problems_free(kit->problems);
    registry_free(kit->registry);
    *kit = (struct kit){.registry = NULL};
}

const char *
kit_told(struct problems *problems)
{
    static char *told; /* one at a time is enough for a message */

    free(told);
    told = mem_strdup("");
    for (size_t i = 0; i < problems_count(problems); i++) {
        const struct problem *problem = problems_at(problems, i);
        char *more = mem_printf("%s%u:%u %s (%s)\n", told, problem->place.line,
                                problem->place.column, problem->message,
                                problem->hint != NULL ? problem->hint : "");

        free(told);
        told = more;
    }
    return told;
}

void
kit_expect(struct problems *problems, unsigned line, unsigned column,
           const char *message, const char *hint)
{
    const struct problem *problem;

    ck_assert_msg(problems_count(problems) == 1, "not one problem:\n%s",
                  kit_told(problems));
    problem = problems_at(problems, 0);
    ck_assert_msg(problem->place.line == line &&
                      problem->place.column == column,
                  "not at %u:%u: %s", line, column, kit_told(problems));
    ck_assert_msg(strstr(problem->message, message) != NULL, "no '%s' in: %s",
                  message, kit_told(problems));
    ck_assert_msg(problem->hint != NULL && strstr(problem->hint, hint) != NULL,
                  "no hint '%s' in: %s", hint, kit_told(problems));
}

void
kit_right(const char *text)
{
    struct kit kit = kit_build(text);

    ck_assert_msg(kit.pipeline != NULL, "%s", kit_told(kit.problems));
    ck_assert_uint_eq(problems_count(kit.problems), 0);
    kit_release(&kit);
}

void
kit_wrong(const char *text, unsigned line, unsigned column, const char *message,
          const char *hint)
{
    struct kit kit = kit_build(text);

    ck_assert_ptr_null(kit.pipeline);
    kit_expect(kit.problems, line, column, message, hint);
    kit_release(&kit);
}
