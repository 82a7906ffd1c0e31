/*
 * batch/column.c: names and types of columns.  Schema files are read
 * elsewhere; what a cell means is value.c's business.
 */
#include "batch/column.h"

#include <assert.h>
#include <stdlib.h>

#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

static const char *const type_names[] = {
    [FB_C_STRING] = "string", [FB_C_INTEGER] = "integer",
    [FB_C_NUMBER] = "number", [FB_C_BOOLEAN] = "boolean",
    [FB_C_DATE] = "date",     [FB_C_DATETIME] = "datetime",
    [FB_C_TIME] = "time",
};

static const char *const missing_default[] = {""};

struct columns *
columns_of_names(struct arena *arena, const char *const *names, uint32_t count)
{
    struct columns *columns = arena_zalloc(arena, sizeof(*columns));
    struct fb_column *items = arena_array(arena, count, sizeof(*items));

    assert(count <= COLUMNS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        items[i].name = arena_strdup(arena, names[i]);
        items[i].type = FB_C_STRING;
        items[i].constraints.min_length = -1;
        items[i].constraints.max_length = -1;
    }
    columns->count = count;
    columns->items = items;
    columns->missing.count = ARRAY_SIZE(missing_default);
    columns->missing.items = missing_default;
    return columns;
}

int64_t
columns_find(const struct columns *columns, const char *name)
{
    int64_t found = -1;
    bool ambiguous = false;

    for (uint32_t i = 0; i < columns->count; i++) {
        if (strcmp(columns->items[i].name, name) == 0)
            return i;
        if (!text_equal_nocase(columns->items[i].name, name))
            continue;
        ambiguous = ambiguous || found >= 0;
        found = i;
    }
    return ambiguous ? -1 : found;
}

const char *
columns_nearest(const struct columns *columns, const char *name)
{
    AUTO_FREE const char **names =
        mem_array(columns->count, sizeof(const char *));

    for (uint32_t i = 0; i < columns->count; i++)
        names[i] = columns->items[i].name;
    return text_nearest(name, names, columns->count);
}

const char *
column_type_name(enum fb_column_type type)
{
    assert(type >= FB_C_STRING && type <= FB_C_TIME);
    return type_names[type];
}

enum fb_column_type
column_type_of_name(const char *name)
{
    if (strcmp(name, "any") == 0)
        return FB_C_STRING;
    for (size_t i = FB_C_STRING; i < ARRAY_SIZE(type_names); i++)
        if (strcmp(name, type_names[i]) == 0)
            return (enum fb_column_type)i;
    return 0;
}
