/*
 * run/targets.h: what the sinks of a run make, told to those sinks that act
 * on it once it is visible (FB_LAST).
 */
#ifndef RUN_TARGETS_H
#define RUN_TARGETS_H

#include "run/graph.h"

/* Whether a node is a sink that finishes after the others. */
bool targets_is_last(const struct node *node);

/* Once, when every node has its step. */
void targets_tell(struct graph *graph);

/* What this sink made is visible now: node->object says where. */
void targets_made(const struct node *node);

#endif
