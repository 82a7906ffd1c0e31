/*
 * config/places.c: remembering options, and finding their places again.
 */
#include "config/places.h"

#include <assert.h>

struct option_places *
places_new(struct arena *arena, struct place owner)
{
    struct option_places *places = arena_zalloc(arena, sizeof(*places));

    assert(owner.file != NULL);
    places->owner = owner;
    return places;
}

struct option_entry *
places_add(struct arena *arena, struct option_places *places,
           const struct fb_option *option, enum option_from from)
{
    struct option_entry *entry = arena_zalloc(arena, sizeof(*entry));

    entry->name = option->name;
    entry->type = option->type;
    entry->secret =
        option->type == FB_T_SECRET || (option->flags & FB_SECRETS) != 0;
    entry->from = from;
    if (places->last != NULL)
        places->last->next = entry;
    else
        places->first = entry;
    places->last = entry;
    return entry;
}

const struct option_entry *
places_find(const struct option_places *places, const char *option)
{
    const struct option_entry *entry = places->first;

    while (entry != NULL && strcmp(entry->name, option) != 0)
        entry = entry->next;
    return entry;
}

/* The begin of a text is where it is written, with its quote; but a block
 * begins on the line behind its | or >. */
static struct place
place_in(const struct value *value, size_t offset)
{
    if (offset == 0 && value->node->style != YAML_LITERAL &&
        value->node->style != YAML_FOLDED)
        return yaml_place(value->node);
    return value_place(value, offset);
}

struct place
option_place(const struct option_places *places, const char *option,
             size_t index, size_t offset)
{
    const struct option_entry *entry = places_find(places, option);

    if (entry == NULL || entry->node == NULL)
        return places->owner;
    if (index < entry->count && entry->items[index].value.node != NULL)
        return place_in(&entry->items[index].value, offset);
    return yaml_place(entry->node);
}
