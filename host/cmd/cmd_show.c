/*
 * cmd/cmd_show.c: `forebay show`: the pipeline as understood.
 */
#include "cmd/command.h"
#include "cmd/session.h"
#include "util/error.h"

static int
show(const struct session *session)
{
    const char *path = session->arguments->operands[0];
    const struct scope scope = session_scope(session);
    struct problems *problems = problems_new();
    struct document *document = document_open(path, problems);
    int status = 0;

    if (document == NULL || pipeline_show(document, &scope, session->registry,
                                          stdout, problems) != 0)
        status = session_problems(problems);
    if (ferror(stdout))
        status = error_exit_status(FB_E_OUTPUT);
    document_free(document);
    problems_free(problems);
    return status;
}

static int
run(const struct arguments *arguments)
{
    return session_do(arguments, false, show);
}

static const struct flag flags[] = {{NULL, 0, 0, NULL, NULL, NULL}};

const struct command cmd_show = {
    .name = "show",
    .operands = "PIPELINE",
    .summary = "the pipeline as understood: every value with its origin",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
