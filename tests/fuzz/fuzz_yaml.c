/*
 * Any bytes as a pipeline file and as a schema: no crash, no leak, every
 * problem at a place inside the file, and what is built is shown.  Expressions
 * have a target of their own.
 */
#include <assert.h>
#include <stdlib.h>

#include "config/document.h"
#include "config/schema.h"
#include "fuzz/replay.h"
#include "util/limits.h"
#include "util/mem.h"

struct options {
    const char *text, *secret;
    int64_t count, size, duration;
    bool flag;
    int choice;
    struct fb_expr *where;
    struct fb_list list;
    struct fb_map map, set;
};

static const char *const choices[] = {"one", "two", NULL};
static const char *const schemes[] = {"file", NULL};

static const struct fb_option table[] = {
    {.name = "text", FB_STRING(struct options, text), .help = "."},
    {.name = "secret", FB_SECRET(struct options, secret), .help = "."},
    {.name = "count",
     FB_INT(struct options, count),
     .min = 1,
     .max = 9,
     .help = "."},
    {.name = "size", FB_SIZE(struct options, size), .help = "."},
    {.name = "duration", FB_DURATION(struct options, duration), .help = "."},
    {.name = "flag", FB_BOOL(struct options, flag), .help = "."},
    {.name = "choice",
     FB_ENUM(struct options, choice),
     .choices = choices,
     .help = "."},
    {.name = "where", FB_EXPR(struct options, where), .help = "."},
    {.name = "list", FB_LIST(struct options, list), .help = "."},
    {.name = "map", FB_MAP(struct options, map), .help = "."},
    {.name = "set", FB_EXPR_MAP(struct options, set), .help = "."},
    {.name = NULL},
};

static int
finish(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self, (void)step, (void)err;
    return 0;
}

static int
read_bytes(void *self, struct fb_step *step, unsigned char *bytes, size_t size,
           size_t *got, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    *got = 0;
    return 0;
}

static int
discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
         struct fb_error *err)
{
    (void)self, (void)step, (void)found, (void)arg, (void)err;
    return 0;
}

static int
process(void *self, struct fb_step *step, struct fb_batch *batch,
        struct fb_error *err)
{
    (void)self, (void)step, (void)batch, (void)err;
    return 0;
}

static int
write_bytes(void *self, struct fb_step *step, const unsigned char *bytes,
            size_t size, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    return 0;
}

static const struct fb_plugin source = {
    FB_PLUGIN_HEAD,           .kind = FB_SOURCE,    .name = "file",
    .summary = ".",           .schemes = schemes,   .instance_size = 8,
    .read_bytes = read_bytes, .discover = discover,
};

static const struct fb_plugin transform = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "probe",
    .summary = ".",
    .flags = FB_REJECTS,
    .options = table,
    .instance_size = sizeof(struct options),
    .process = process,
};

static const struct fb_plugin sink = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "file",
    .summary = ".",
    .schemes = schemes,
    .instance_size = 8,
    .write_bytes = write_bytes,
    .finish = finish,
};

static void
check_places(struct problems *problems, uint32_t lines)
{
    size_t count = problems_count(problems);

    for (size_t i = 0; i < count && i < PROBLEMS_MAX; i++) {
        const struct problem *problem = problems_at(problems, i);

        assert(problem->place.line <= lines);
        assert(problem->place.line == 0 || problem->place.column > 0);
        assert(problem->message[0] != '\0');
    }
}

static void
build(const struct document *document, struct problems *problems)
{
    static const struct fb_plugin *const plugins[] = {&source, &transform,
                                                      &sink};
    static const struct setting settings[] = {{"A", "a"}, {"B", ""}};
    static const struct scope scope = {.settings = settings,
                                       .setting_count = 2};
    struct registry *registry = registry_of(plugins, ARRAY_SIZE(plugins));
    struct arena *arena = arena_new();
    FILE *out = fopen("/dev/null", "w");

    assert(out != NULL);
    pipeline_free(pipeline_build(document, &scope, registry, problems));
    if (pipeline_show(document, &scope, registry, out, problems) != 0)
        assert(problems_count(problems) > 0);
    (void)schema_of(arena, document->root, problems);
    fclose(out);
    arena_free(arena);
    registry_free(registry);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems *problems = problems_new();
    uint32_t lines = 1;
    struct document *document =
        document_of_text("fuzz.yaml", (const char *)data, size, problems);

    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n' || data[i] == '\r';
    if (document != NULL)
        build(document, problems);
    check_places(problems, lines);
    document_free(document);
    problems_free(problems);
    return 0;
}
