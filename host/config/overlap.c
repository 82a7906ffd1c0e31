/*
 * config/overlap.c: outputs that would fall on inputs or on each other.  By
 * name only: that two names are one object (links) is not seen here.
 */
#include "config/build.h"
#include "util/text.h"

/* The same object, the same text: file: and ./ and // do not count. */
static const char *
plain_uri(struct arena *arena, const char *uri)
{
    char *plain, *out;

    if (text_starts_with(uri, "file://"))
        uri += strlen("file://");
    else if (text_starts_with(uri, "file:"))
        uri += strlen("file:");
    else if (strchr(uri, ':') != NULL)
        return uri;
    plain = out = arena_strdup(arena, uri);
    for (const char *p = uri; *p != '\0';) {
        bool at_begin = p == uri || p[-1] == '/';

        if (at_begin && p[0] == '.' && p[1] == '/')
            p += 2;
        else if (at_begin && p != uri && *p == '/')
            p++;
        else
            *out++ = *p++;
    }
    *out = '\0';
    return plain;
}

static bool
falls_on(struct arena *arena, const char *uri, const char *pattern)
{
    const char *name = plain_uri(arena, uri);
    const char *other = plain_uri(arena, pattern);

    return strcmp(name, other) == 0 ||
           (text_has_glob(other) && text_glob(other, name));
}

static const struct pipeline_step *
source_below(const struct builder *builder, const char *uri,
             const struct draft **source)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        const struct draft *draft = &builder->drafts[i];

        if (draft->kind != FB_SOURCE || draft->part_count == 0 ||
            draft->parts[0].uri == NULL ||
            !falls_on(builder->arena, uri, draft->parts[0].uri))
            continue;
        *source = draft;
        return &draft->parts[0];
    }
    return NULL;
}

static void
check_inputs(const struct builder *builder, const struct pipeline_step *sink)
{
    const struct trigger_config *trigger = &builder->pipeline->trigger;
    const struct draft *source;

    if (trigger_pattern(trigger) != NULL &&
        falls_on(builder->arena, sink->uri, trigger_pattern(trigger)))
        problems_add(builder->problems, sink->uri_place,
                     "write to another folder, or narrow the trigger's "
                     "pattern",
                     "what '%s' writes would be a new trigger", sink->id);
    else if (source_below(builder, sink->uri, &source) != NULL)
        problems_add(
            builder->problems, sink->uri_place, "write to another place",
            "'%s' would write over what '%s' reads", sink->id, source->id);
}

static void
check_others(const struct builder *builder, const struct pipeline_step *sink,
             size_t draft)
{
    for (size_t i = draft; i < builder->draft_count; i++) {
        const struct draft *other = &builder->drafts[i];

        for (size_t j = 0; other->kind == FB_SINK && j < other->part_count;
             j++) {
            const struct pipeline_step *step = &other->parts[j];

            if ((i == draft && step <= sink) || step->uri == NULL ||
                strcmp(plain_uri(builder->arena, step->uri),
                       plain_uri(builder->arena, sink->uri)) != 0)
                continue;
            problems_add(builder->problems, step->uri_place,
                         "give each its own uri",
                         "'%s' and '%s' write to the same place", sink->label,
                         step->label);
        }
    }
}

void
overlap_check(const struct builder *builder)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        const struct draft *draft = &builder->drafts[i];

        for (size_t j = 0; draft->kind == FB_SINK && j < draft->part_count;
             j++) {
            const struct pipeline_step *sink = &draft->parts[j];

            if (sink->uri == NULL)
                continue;
            check_inputs(builder, sink);
            check_others(builder, sink, i);
        }
    }
}
