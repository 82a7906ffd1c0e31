/*
 * cmd/cmd_plugins.c: `forebay plugins`: what is loaded, and its options.
 */
#include "cmd/command.h"
#include "cmd/session.h"
#include "codec/format.h"
#include "config/host_options.h"
#include "registry/describe.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

static const char *const formats[] = {"text", "markdown", "jsonschema", NULL};

static bool
wants(const struct arguments *arguments, const char *format)
{
    const char *given = arguments->format ? arguments->format : "text";

    return strcmp(given, format) == 0;
}

static struct describe_host
host_tables(void)
{
    return (struct describe_host){
        .pipeline = host_options("pipeline"),
        .window = host_options("window"),
        .trigger = host_options("trigger"),
        .source = host_options("source"),
        .transform = host_options("transform"),
        .sink = host_options("sink"),
        .notifier = host_options("notifier"),
        .table = host_options("table"),
        .format = format_options,
        .dialect = dialect_options,
    };
}

/* What the flags ask for; false: there is no plugin of that name. */
static bool
describe(const struct session *session, const char *name)
{
    const struct describe_host host = host_tables();

    if (wants(session->arguments, "jsonschema"))
        return describe_jsonschema(session->registry, name, &host, stdout);
    if (wants(session->arguments, "markdown"))
        return describe_markdown(session->registry, name, stdout);
    return describe_text(session->registry, name, stdout);
}

static int
unknown_plugin(const struct session *session, const char *name)
{
    size_t count = registry_count(session->registry);
    const char **names = mem_array(count, sizeof(*names)), *nearest;
    struct fb_error err = FB_ERROR_INIT;

    for (size_t i = 0; i < count; i++)
        names[i] = registry_at(session->registry, i)->name;
    fb_fail(&err, FB_E_USAGE, "there is no plugin '%s'", name);
    nearest = text_nearest(name, names, count);
    if (nearest != NULL)
        fb_hint(&err, "did you mean '%s'?", nearest);
    mem_free_ptr(&names);
    session_tell_refused(session);
    return session_fail(&err);
}

/* Without a name: the list, or every plugin one after the other. */
static int
print_plugins(const struct session *session)
{
    const struct arguments *a = session->arguments;
    const char *name = a->operand_count > 0 ? a->operands[0] : NULL;

    if (name == NULL && wants(a, "text")) {
        describe_list(session->registry, stdout);
        return 0;
    }
    if (name == NULL && wants(a, "markdown"))
        return session_fail(&(struct fb_error){
            .code = FB_E_USAGE,
            .message = "--format markdown needs the NAME of a plugin"});
    return describe(session, name) ? 0 : unknown_plugin(session, name);
}

static int
run(const struct arguments *arguments)
{
    return session_do(arguments, false, print_plugins);
}

static const struct flag flags[] = {
    {"format", FLAG_TEXT, FLAG_FIELD(format), "text|markdown|jsonschema",
     "for the terminal, a page, or editors (of a whole pipeline file)",
     formats},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_plugins = {
    .name = "plugins",
    .operands = "[NAME]",
    .summary = "what is loaded, and its options",
    .flags = flags,
    .operands_min = 0,
    .operands_max = 1,
    .run = run,
};
