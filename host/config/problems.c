/*
 * config/problems.c: collecting, ordering and printing problems.  It decides
 * neither what is a problem nor what happens because of one.
 */
#include "config/problems.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "util/arena.h"
#include "util/conceal.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define PROBLEM_TEXT_MAX ((size_t)2048) /* bytes of a message as shown */

struct entry {
    struct problem problem;
    size_t order; /* of being added: keeps the sort stable */
};

struct problems {
    struct arena *arena;
    struct entry entries[PROBLEMS_MAX];
    size_t kept;
    size_t left_out;
    size_t added;
    bool sorted;
};

int
place_error(const struct place *place, struct fb_error *err)
{
    if (place->line == 0)
        return -1;
    return error_context(err, "%s:%u:%u", place->file, place->line,
                         place->column);
}

struct problems *
problems_new(void)
{
    struct problems *problems = mem_zalloc(sizeof(*problems));

    problems->arena = arena_new();
    return problems;
}

void
problems_free(struct problems *problems)
{
    if (problems == NULL)
        return;
    arena_free(problems->arena);
    free(problems);
}

static bool
same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_known(const struct problems *problems, struct place place,
         const char *message)
{
    for (size_t i = 0; i < problems->kept; i++) {
        const struct problem *known = &problems->entries[i].problem;

        if (known->place.line == place.line &&
            known->place.column == place.column &&
            same_text(known->place.file, place.file) &&
            strcmp(known->message, message) == 0)
            return true;
    }
    return false;
}

/* What people wrote may hold anything; one line that a terminal does not
 * obey is all that leaves here. */
static const char *
printable(struct problems *problems, const char *text)
{
    text = conceal(problems->arena, text);
    return text_escape(problems->arena, text, strlen(text), PROBLEM_TEXT_MAX);
}

static void
add(struct problems *problems, struct place place, const char *hint,
    const char *message)
{
    struct entry *entry;
    const char *text = printable(problems, message);

    assert(place.file != NULL);
    problems->added++;
    if (is_known(problems, place, text))
        return;
    if (problems->kept == PROBLEMS_MAX) {
        problems->left_out++;
        return;
    }
    entry = &problems->entries[problems->kept];
    entry->order = problems->kept++;
    entry->problem.place = place;
    entry->problem.place.file = arena_strdup(problems->arena, place.file);
    entry->problem.message = text;
    if (hint != NULL && *hint != '\0')
        entry->problem.hint = printable(problems, hint);
    problems->sorted = false;
}

void
problems_add(struct problems *problems, struct place place, const char *hint,
             const char *format, ...)
{
    va_list args;
    const char *message;

    va_start(args, format);
    message = arena_vprintf(problems->arena, format, args);
    va_end(args);
    add(problems, place, hint, message);
}

void
problems_add_error(struct problems *problems, struct place place,
                   const struct fb_error *err)
{
    assert(err->code != FB_E_NONE);
    add(problems, place, err->hint, err->message);
}

size_t
problems_count(const struct problems *problems)
{
    return problems->kept + problems->left_out;
}

size_t
problems_added(const struct problems *problems)
{
    return problems->added;
}

static int
compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int files = strcmp(a->problem.place.file, b->problem.place.file);

    if (files != 0)
        return files;
    if (a->problem.place.line != b->problem.place.line)
        return a->problem.place.line < b->problem.place.line ? -1 : 1;
    if (a->problem.place.column != b->problem.place.column)
        return a->problem.place.column < b->problem.place.column ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

const struct problem *
problems_at(struct problems *problems, size_t index)
{
    assert(index < problems->kept);
    if (!problems->sorted)
        qsort(problems->entries, problems->kept, sizeof(problems->entries[0]),
              compare);
    problems->sorted = true;
    return &problems->entries[index].problem;
}

void
problems_print(struct problems *problems, FILE *out)
{
    for (size_t i = 0; i < problems->kept; i++) {
        const struct problem *problem = problems_at(problems, i);

        fprintf(out, "%s:", problem->place.file);
        if (problem->place.line > 0)
            fprintf(out, "%" PRIu32 ":%" PRIu32 ":", problem->place.line,
                    problem->place.column);
        fprintf(out, " %s\n", problem->message);
        if (problem->hint != NULL)
            fprintf(out, "    hint: %s\n", problem->hint);
    }
    if (problems->left_out > 0)
        fprintf(out, "... and %zu more\n", problems->left_out);
}
