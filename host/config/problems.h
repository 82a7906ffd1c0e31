/*
 * config/problems.h: everything that is wrong with what the user wrote, by
 * place, to be told in one go.
 */
#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include "forebay/plugin.h"

/* A place in a text file; line and column count from 1; column in
 * characters; line 0: the file as a whole. */
struct place {
    const char *file;
    uint32_t line, column;
};

/* For who has one error to give: the place, if it has a line, goes before the
 * message.  Returns -1. */
int place_error(const struct place *place, struct fb_error *err);

struct problem {
    struct place place;
    const char *message;
    const char *hint; /* NULL: none */
};

struct problems;

struct problems *problems_new(void);
void problems_free(struct problems *problems);

/* Texts are copied.  A problem at the same place with the same message is
 * kept once; beyond PROBLEMS_MAX they are only counted. */
void problems_add(struct problems *problems, struct place place,
                  const char *hint, const char *format, ...) FB_PRINTF(4, 5);
/* Add a struct fb_error found at this place. */
void problems_add_error(struct problems *problems, struct place place,
                        const struct fb_error *err);

size_t problems_count(const struct problems *problems);
/* How often one was added, those that were known already among them: whether
 * some work met a problem is seen from this, not from the count. */
size_t problems_added(const struct problems *problems);
/* Sorted by file, line, column. */
const struct problem *problems_at(struct problems *problems, size_t index);

/* "file:line:col: message\n    hint: ...\n" for each, and how many more. */
void problems_print(struct problems *problems, FILE *out);

#endif
