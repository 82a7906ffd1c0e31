/*
 * expr/vector.c: which kernel has which vector form.
 */
#include "expr/vector.h"

void
vector_choose(struct arena *arena, struct node *node)
{
    node->vector = vector_of_comparison(node);
    if (node->vector == NULL)
        node->vector = vector_of_number(node);
    if (node->vector == NULL)
        node->vector = vector_of_text(arena, node);
    if (node->vector == NULL)
        node->vector = vector_of_cast(node);
}
