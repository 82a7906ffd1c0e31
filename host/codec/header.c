/*
 * codec/header.c: names are looked up in sorted tables, for a header may have
 * thousands of them.
 */
#include "codec/header.h"

#include <assert.h>
#include <stdlib.h>

#include "util/mem.h"
#include "util/text.h"

#define NAME_SHOWN 80 /* bytes of a name in a message */
#define NOBODY UINT32_MAX

/* A name under which a column is known. */
struct entry {
    const char *text;
    uint32_t column;
};

struct binding {
    struct arena *arena;
    const struct schema *schema;
    uint32_t count;     /* of names in the header */
    const char **names; /* as they stand */
    const char **folded;
    uint32_t *bound;            /* per name: the schema's column or NOBODY */
    uint32_t *taken;            /* per schema column: the name or NOBODY */
    struct entry *exact, *fold; /* sorted: names and aliases of the schema */
    size_t entry_count;
    char message[FB_MESSAGE_MAX];
    size_t length;  /* of the message */
    size_t dropped; /* problems that the message has no room for */
};

static int
compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = strcmp(x->text, y->text);

    if (order != 0)
        return order;
    return x->column < y->column ? -1 : x->column > y->column;
}

static void
complain(struct binding *b, const char *text)
{
    size_t size = strlen(text);

    /* Room for the count of those that have none, and for the context. */
    if (b->length + size + 2 > sizeof(b->message) - 300) {
        b->dropped++;
        return;
    }
    b->length +=
        (size_t)snprintf(b->message + b->length, sizeof(b->message) - b->length,
                         "%s%s", b->length > 0 ? "; " : "", text);
}

static const char *
shown(struct binding *b, const char *name)
{
    return text_escape(b->arena, name, strlen(name), NAME_SHOWN);
}

static void
take_names(struct binding *b, const struct fb_cell *cells)
{
    b->names = arena_array(b->arena, b->count, sizeof(*b->names));
    b->folded = arena_array(b->arena, b->count, sizeof(*b->folded));
    b->bound = arena_array(b->arena, b->count, sizeof(*b->bound));
    for (uint32_t i = 0; i < b->count; i++) {
        b->names[i] =
            arena_dup_nul(b->arena, (const char *)cells[i].ptr, cells[i].len);
        b->folded[i] =
            text_fold_name(b->arena, b->names[i], strlen(b->names[i]));
        b->bound[i] = NOBODY;
    }
}

static void
find_empty(struct binding *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        if (b->folded[i][0] == '\0')
            complain(b, arena_printf(b->arena, "column %u has no name", i + 1));
}

/* Names that are equal, or would be to somebody who looks at them. */
static void
find_duplicates(struct binding *b)
{
    struct entry *sorted = arena_array(b->arena, b->count, sizeof(*sorted));

    for (uint32_t i = 0; i < b->count; i++)
        sorted[i] = (struct entry){b->folded[i], i};
    qsort(sorted, b->count, sizeof(*sorted), compare_entries);
    for (uint32_t i = 1; i < b->count; i++) {
        uint32_t first = sorted[i - 1].column, second = sorted[i].column;

        if (sorted[i].text[0] == '\0' ||
            strcmp(sorted[i - 1].text, sorted[i].text) != 0)
            continue;
        complain(b, arena_printf(
                        b->arena, "duplicate column '%s' (columns %u and %u)",
                        shown(b, b->names[second]), first + 1, second + 1));
    }
}

static void
add_entry(struct binding *b, const char *name, uint32_t column)
{
    b->exact[b->entry_count] = (struct entry){name, column};
    b->fold[b->entry_count++] =
        (struct entry){text_fold_name(b->arena, name, strlen(name)), column};
}

static void
make_tables(struct binding *b)
{
    const struct schema *schema = b->schema;
    size_t most = 0;

    for (uint32_t i = 0; i < schema->columns.count; i++)
        most += 1 + (schema->aliases != NULL ? schema->aliases[i].count : 0);
    b->exact = arena_array(b->arena, most, sizeof(*b->exact));
    b->fold = arena_array(b->arena, most, sizeof(*b->fold));
    b->taken = arena_array(b->arena, schema->columns.count, sizeof(*b->taken));
    for (uint32_t i = 0; i < schema->columns.count; i++) {
        b->taken[i] = NOBODY;
        add_entry(b, schema->columns.items[i].name, i);
        for (size_t k = 0;
             schema->aliases != NULL && k < schema->aliases[i].count; k++)
            add_entry(b, schema->aliases[i].items[k], i);
    }
    qsort(b->exact, b->entry_count, sizeof(*b->exact), compare_entries);
    qsort(b->fold, b->entry_count, sizeof(*b->fold), compare_entries);
}

/* The column of this name; *other a second one of the same name. */
static uint32_t
look_up(const struct entry *table, size_t count, const char *name,
        uint32_t *other)
{
    size_t low = 0, high = count;

    *other = NOBODY;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(table[middle].text, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || strcmp(table[low].text, name) != 0)
        return NOBODY;
    for (size_t i = low + 1;
         i < count && strcmp(table[i].text, name) == 0 && *other == NOBODY; i++)
        if (table[i].column != table[low].column)
            *other = table[i].column;
    return table[low].column;
}

static void
bind_name(struct binding *b, uint32_t i, const struct entry *table,
          const char *name)
{
    const struct fb_column *columns = b->schema->columns.items;
    uint32_t other, column = look_up(table, b->entry_count, name, &other);

    if (column == NOBODY || b->bound[i] != NOBODY || name[0] == '\0')
        return;
    b->bound[i] = column;
    if (other != NOBODY) {
        complain(b, arena_printf(b->arena,
                                 "column '%s' may be '%s' or '%s' of the "
                                 "schema",
                                 shown(b, b->names[i]), columns[column].name,
                                 columns[other].name));
        return;
    }
    if (b->taken[column] == NOBODY) {
        b->taken[column] = i;
        return;
    }
    /* Names that look the same are reported as duplicates already. */
    if (strcmp(b->folded[i], b->folded[b->taken[column]]) != 0)
        complain(b, arena_printf(b->arena,
                                 "'%s' and '%s' both name column "
                                 "'%s'",
                                 shown(b, b->names[b->taken[column]]),
                                 shown(b, b->names[i]), columns[column].name));
}

/* The names of the header that are nobody's yet. */
static const char *
nearest_unbound(const struct binding *b, const char *name)
{
    const char **free_names =
        arena_array(b->arena, b->count, sizeof(*free_names));
    size_t count = 0;

    for (uint32_t i = 0; i < b->count; i++)
        if (b->bound[i] == NOBODY && b->names[i][0] != '\0')
            free_names[count++] = b->names[i];
    return text_nearest(name, free_names, count);
}

static void
find_missing(struct binding *b)
{
    const struct columns *columns = &b->schema->columns;

    /* Looking for near names is quadratic: not for a wholly other file. */
    for (uint32_t i = 0, seen = 0; i < columns->count; i++) {
        const char *near = NULL;

        if (b->taken[i] != NOBODY)
            continue;
        if (seen++ < 20)
            near = nearest_unbound(b, columns->items[i].name);
        if (near == NULL)
            complain(b, arena_printf(b->arena, "missing column '%s'",
                                     columns->items[i].name));
        else
            complain(b, arena_printf(b->arena,
                                     "missing column '%s' (the file has '%s')",
                                     columns->items[i].name, shown(b, near)));
    }
}

static void
find_extra(struct binding *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        const char *near;

        if (b->bound[i] != NOBODY || b->folded[i][0] == '\0')
            continue;
        near = columns_nearest(&b->schema->columns, b->names[i]);
        complain(b, near == NULL
                        ? arena_printf(b->arena, "extra column '%s'",
                                       shown(b, b->names[i]))
                        : arena_printf(b->arena,
                                       "extra column '%s' (the schema has "
                                       "'%s')",
                                       shown(b, b->names[i]), near));
    }
}

static void
bind_to_schema(struct binding *b)
{
    make_tables(b);
    for (uint32_t i = 0; i < b->count; i++)
        bind_name(b, i, b->exact, b->names[i]);
    for (uint32_t i = 0; i < b->count; i++)
        bind_name(b, i, b->fold, b->folded[i]);
    find_missing(b);
    find_extra(b);
}

struct fb_list
header_missing(struct arena *arena, struct fb_list missing,
               const char *null_sequence)
{
    const char **items;

    if (null_sequence == NULL)
        return missing;
    items = arena_array(arena, missing.count + 1, sizeof(*items));
    for (size_t i = 0; i < missing.count; i++)
        items[i] = missing.items[i];
    items[missing.count] = null_sequence;
    return (struct fb_list){.count = missing.count + 1, .items = items};
}

/* For "... does not fit X" and "... but X names 3 columns". */
static const char *
who_names_columns(struct arena *arena, const struct schema *schema)
{
    if (schema->path == NULL)
        return "the table's first file, which its other files follow";
    return arena_printf(arena, "the schema '%s'", schema->path);
}

/* When no name is known, the mistake is not in the names. */
static int
hint_at_cause(const struct binding *b, struct fb_error *err)
{
    const char *delimiter;

    for (uint32_t i = 0; i < b->count; i++)
        if (b->bound[i] != NOBODY)
            return -1;
    delimiter = b->count == 1 ? strpbrk(b->names[0], ";\t|,") : NULL;
    if (delimiter == NULL)
        return fb_hint(err, "no name of its first line is in the schema; "
                            "header: none is for files without a header");
    if (*delimiter == '\t')
        return fb_hint(err, "tabs seem to separate its cells: "
                            "dialect: {delimiter: \"\\t\"}");
    return fb_hint(err,
                   "'%c' seems to separate its cells: "
                   "dialect: {delimiter: \"%c\"}",
                   *delimiter, *delimiter);
}

static int
report(struct binding *b, struct fb_error *err)
{
    if (b->dropped > 0)
        snprintf(b->message + b->length, sizeof(b->message) - b->length,
                 "; and %zu more", b->dropped);
    if (b->schema == NULL)
        return fb_fail(err, FB_E_INPUT, "the header cannot be used: %s",
                       b->message);
    fb_fail(err, FB_E_INPUT, "the header does not fit %.210s: %s",
            who_names_columns(b->arena, b->schema), b->message);
    return hint_at_cause(b, err);
}

static const struct columns *
columns_in_order(const struct binding *b, const char *null_sequence)
{
    struct columns *made;
    struct fb_column *items;

    if (b->schema == NULL) {
        made = columns_of_names(b->arena, b->names, b->count);
        made->missing = header_missing(b->arena, made->missing, null_sequence);
        return made;
    }
    made = arena_zalloc(b->arena, sizeof(*made));
    items = arena_array(b->arena, b->count, sizeof(*items));
    for (uint32_t i = 0; i < b->count; i++)
        items[i] = b->schema->columns.items[b->bound[i]];
    made->count = b->count;
    made->items = items;
    made->missing =
        header_missing(b->arena, b->schema->columns.missing, null_sequence);
    return made;
}

int
header_bind(struct arena *arena, const struct fb_cell *names, uint32_t count,
            const struct schema *schema, const char *null_sequence,
            const struct columns **columns, struct fb_error *err)
{
    struct binding b = {.arena = arena, .schema = schema, .count = count};

    assert(count > 0);
    take_names(&b, names);
    find_empty(&b);
    find_duplicates(&b);
    if (schema != NULL)
        bind_to_schema(&b);
    if (b.length > 0 || b.dropped > 0)
        return report(&b, err);
    *columns = columns_in_order(&b, null_sequence);
    return 0;
}

int
header_number(struct arena *arena, uint32_t count, const struct schema *schema,
              const char *null_sequence, const struct columns **columns,
              struct fb_error *err)
{
    struct columns *made;
    const char **names;

    if (schema != NULL && count > 0 && count != schema->columns.count)
        return fb_fail(err, FB_E_INPUT,
                       "the first record has %u cells, but %s names %u "
                       "columns (header: none)",
                       count, who_names_columns(arena, schema),
                       schema->columns.count);
    if (schema != NULL) {
        made = arena_zalloc(arena, sizeof(*made));
        *made = schema->columns;
    } else {
        names = arena_array(arena, count, sizeof(*names));
        for (uint32_t i = 0; i < count; i++)
            names[i] = arena_printf(arena, "column_%u", i + 1);
        made = columns_of_names(arena, names, count);
    }
    made->missing = header_missing(arena, made->missing, null_sequence);
    *columns = made;
    return 0;
}
