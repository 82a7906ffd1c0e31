/*
 * config/names.h: what the names in ${...} mean, in one run of one pipeline.
 * Order: --set, the environment, vars.  Names with a dot come from the run.
 */
#ifndef CONFIG_NAMES_H
#define CONFIG_NAMES_H

#include "config/pipeline.h"
#include "config/subst.h"

struct names;

/* All of it lives in the arena; scope and problems must live as long. */
struct names *names_new(struct arena *arena, const struct scope *scope,
                        const struct yaml_node *root,
                        struct problems *problems);

/* Read the `vars:` map.  A variable may use those above it. */
void names_define_vars(struct names *names, const struct yaml_node *vars);

/* From now on trigger.uri and its parts have a meaning; NULL: they have one,
 * but a problem with it has been told already. */
void names_set_trigger(struct names *names, const char *uri);
/* The step that is read now; input NULL: step.input means nothing there. */
void names_set_step(struct names *names, const char *id, const char *input);

/* Declared variables and --set names that no ${...} of the file uses. */
void names_report_unused(struct names *names);

struct arena *names_arena(struct names *names);
struct problems *names_problems(struct names *names);

enum name_state {
    NAME_UNSET = 0,
    NAME_SET,
    NAME_BROKEN, /* it has no value, and why has been told */
};

struct name_value {
    enum name_state state;
    const char *text;
    enum origin origin;
    struct place place; /* ORIGIN_VARS */
    bool secret;
};

/* `place` is where it is used, for what is wrong with the value itself. */
struct name_value names_find(struct names *names, const char *name,
                             struct place place);

/* Why a name is unset and what to do: for a problem's message and hint. */
void names_explain_unset(struct names *names, const char *name,
                         const char **message, const char **hint);

#endif
