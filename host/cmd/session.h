/*
 * cmd/session.h: what most verbs open first, and how they all speak of what is
 * wrong.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include "cmd/arguments.h"
#include "config/pipeline.h"
#include "ledger/ledger.h"
#include "util/arena.h"

struct session {
    const struct arguments *arguments;
    struct arena *arena;
    struct registry *registry;
    struct ledger *ledger;
    const char *state_folder;
};

/* The registry, and with `need_ledger` the ledger.  Says what is wrong and
 * returns the exit status, 0 when all is well; release it in any case. */
int session_open(struct session *session, const struct arguments *arguments,
                 bool need_ledger) FB_MUST_CHECK;
void session_release(struct session *session);

/* What most verbs are: opens, does the work, releases; the exit status. */
int session_do(const struct arguments *arguments, bool need_ledger,
               int (*work)(const struct session *session));

/* For files that nobody else is to see: $TMPDIR, else /tmp. */
const char *session_temp_folder(void);

/* The scope that everything can be checked in: no trigger yet. */
struct scope session_scope(const struct session *session);

/* "forebay: message" and the hint, to stderr; returns the exit status. */
int session_fail(const struct fb_error *err);
/* The same for problems: 78. */
int session_problems(struct problems *problems);

/* Refused plugin files are no error until somebody needs them: say which,
 * when a pipeline could not be understood. */
void session_tell_refused(const struct session *session);

#endif
