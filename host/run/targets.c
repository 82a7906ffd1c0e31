/*
 * run/targets.c: a list of what will be made, shared by all who want it.
 */
#include "run/targets.h"

#include <assert.h>

#include "util/arena.h"

bool
targets_is_last(const struct node *node)
{
    const struct pipeline_step *config = node->config;

    return config->kind == FB_SINK &&
           (pipeline_step_worker(config)->flags & FB_LAST) != 0;
}

static bool
is_target(const struct node *node)
{
    return node->config->kind == FB_SINK && node->config->uri != NULL &&
           !targets_is_last(node);
}

void
targets_tell(struct graph *graph)
{
    uint32_t count = 0;

    graph->targets =
        arena_array(graph->arena, graph->count, sizeof(*graph->targets));
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct node *node = &graph->nodes[i];

        if (is_target(node))
            graph->targets[count++] =
                (struct fb_target){.size = sizeof(struct fb_target),
                                   .step = node->config->label,
                                   .uri = node->config->uri};
    }
    for (uint32_t i = 0; i < graph->count; i++)
        if (targets_is_last(&graph->nodes[i]))
            step_set_targets(graph->nodes[i].step, graph->targets, count);
}

void
targets_made(const struct node *node)
{
    struct fb_target *target = node->graph->targets;

    if (!is_target(node))
        return;
    /* Labels are unique, and this one was told. */
    while (target->step != node->config->label)
        target++;
    assert(!target->visible);
    if (node->object.uri != NULL)
        target->uri = node->object.uri;
    target->visible = true;
}
