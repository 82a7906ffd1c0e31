/*
 * cmd/session.c: opening in order, releasing in reverse.
 */
#include "cmd/session.h"

#include <stdlib.h>

#include "registry/search.h"
#include "util/conceal.h"
#include "util/error.h"

int
session_fail(const struct fb_error *err)
{
    struct arena *arena = arena_new();

    fprintf(stderr, "forebay: %s\n", conceal(arena, err->message));
    if (err->hint[0] != '\0')
        fprintf(stderr, "    hint: %s\n", conceal(arena, err->hint));
    arena_free(arena);
    return error_exit_status(err->code);
}

int
session_problems(struct problems *problems)
{
    problems_print(problems, stderr);
    return error_exit_status(FB_E_CONFIG);
}

static int
open_registry(struct session *session, struct fb_error *err)
{
    const char *const *folders;
    size_t count;

    if (search_folders(session->arena, session->arguments->plugins, &folders,
                       &count, err) != 0)
        return -1;
    return registry_open(folders, count, &session->registry, err);
}

static int
open_ledger(struct session *session, struct fb_error *err)
{
    if (ledger_folder(session->arena, session->arguments->state,
                      &session->state_folder, err) != 0)
        return -1;
    return ledger_open(session->state_folder, &session->ledger, err);
}

int
session_open(struct session *session, const struct arguments *arguments,
             bool need_ledger)
{
    struct fb_error err = FB_ERROR_INIT;

    *session = (struct session){.arguments = arguments, .arena = arena_new()};
    if (open_registry(session, &err) != 0 ||
        (need_ledger && open_ledger(session, &err) != 0))
        return session_fail(&err);
    return 0;
}

void
session_release(struct session *session)
{
    ledger_close(session->ledger);
    registry_free(session->registry);
    arena_free(session->arena);
    *session = (struct session){.arguments = NULL};
}

int
session_do(const struct arguments *arguments, bool need_ledger,
           int (*work)(const struct session *session))
{
    struct session session;
    int status = session_open(&session, arguments, need_ledger);

    if (status == 0)
        status = work(&session);
    session_release(&session);
    return status;
}

const char *
session_temp_folder(void)
{
    const char *folder = getenv("TMPDIR");

    return folder != NULL && *folder != '\0' ? folder : "/tmp";
}

struct scope
session_scope(const struct session *session)
{
    return (struct scope){
        .settings = session->arguments->settings,
        .setting_count = session->arguments->setting_count,
    };
}

void
session_tell_refused(const struct session *session)
{
    for (size_t i = 0; i < registry_refused_count(session->registry); i++) {
        const struct registry_refusal *r =
            registry_refused(session->registry, i);
        fprintf(stderr, "forebay: plugin '%s' was refused: %s\n", r->path,
                r->reason);
    }
}
