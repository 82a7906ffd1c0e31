/*
 * config/subst.h: ${...} in one parsed scalar.
 *
 *     ${NAME}           the value of a name; unset is a problem
 *     ${NAME:-default}  the default when it is unset or empty
 *     ${NAME:?message}  a problem with this message when unset or empty
 *     ${file:/path}     the content of a file without its last line end;
 *                       only for files that not everybody may read
 *     $$                a dollar
 *
 * What is put in is never looked at again, and keys are left alone: a value
 * can change neither the structure nor another value.
 */
#ifndef CONFIG_SUBST_H
#define CONFIG_SUBST_H

#include "config/yaml.h"

enum origin {
    ORIGIN_TEXT = 0,    /* as it stands in the file ($$ is such a piece) */
    ORIGIN_SETTING,     /* --set NAME=VALUE */
    ORIGIN_ENVIRONMENT, /* NAME of the environment */
    ORIGIN_VARS,        /* vars: of the pipeline */
    ORIGIN_RUN,         /* trigger.uri and its like */
    ORIGIN_INLINE,      /* the default behind :- */
    ORIGIN_FILE,        /* ${file:...} */
};

/* A part of a value that did not come from the scalar's own text. */
struct value_piece {
    size_t from, from_length; /* bytes of the scalar */
    size_t to, to_length;     /* bytes of the value */
    enum origin origin;
    const char *name;   /* of the variable, or the path */
    struct place place; /* ORIGIN_VARS: where it is defined */
    bool secret;
};

/* A scalar after substitution. */
struct value {
    const struct yaml_node *node; /* NULL: not written, but a default */
    const char *text;
    size_t length; /* bytes */
    const struct value_piece *pieces;
    size_t piece_count;
    bool secret; /* some piece is */
};

struct names; /* config/names.h */

/* Problems are added at the place of the ${...}; -1 when there were any. */
int substitute(struct names *names, const struct yaml_node *node,
               struct value *value) FB_MUST_CHECK;

/* Where byte `offset` of a written value stands; inside a piece that is the
 * place of its ${. */
struct place value_place(const struct value *value, size_t offset);

/* For messages and listings: the secret pieces as ****. */
const char *value_shown(struct arena *arena, const struct value *value);

/* Call `found` for each name in the scalar, whether it is set or not. */
void subst_names(const char *text,
                 void (*found)(void *arg, const char *name, size_t length),
                 void *arg);
bool subst_mentions(const char *text, const char *name);

#endif
