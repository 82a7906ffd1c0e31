/*
 * config/yaml_error.h: libyaml's complaints in words for people who write
 * pipelines and not parsers.
 */
#ifndef CONFIG_YAML_ERROR_H
#define CONFIG_YAML_ERROR_H

#include "config/yaml.h"

/* What libyaml says; bytes of the source. */
struct yaml_complaint {
    const char *problem; /* never NULL */
    const char *context; /* may be NULL */
    size_t at;           /* where it noticed */
    size_t context_at;   /* where what it was reading begins */
};

/* Adds one problem, at the place that has to be changed. */
void yaml_explain(struct arena *arena, const struct yaml_source *source,
                  const struct yaml_complaint *complaint,
                  struct problems *problems);

#endif
