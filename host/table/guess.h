/*
 * table/guess.h: what an object, or all objects of a folder, are: charset,
 * delimiter, header, columns.  Only guesses, each with its reason: they are for
 * a person who will write down what is right.
 */
#ifndef TABLE_GUESS_H
#define TABLE_GUESS_H

#include "step/step.h"

struct guess_request {
    const char *uri;                /* of an object; with a slash at its end:
                                       of all below it */
    const struct fb_plugin *plugin; /* the source that reads it */
    const struct fb_plugin *codec;  /* NULL: it is text */
    const struct step_context *context;
    const char *charset;     /* NULL: guess */
    const char *delimiter;   /* NULL: guess */
    enum header_mode header; /* 0: guess */
    int64_t rows_max;        /* to be looked at; 0: all */
};

struct guess_column {
    struct fb_column column;
    const char *why;
};

struct guess {
    struct arena *arena; /* owns all texts */
    const char *uri;     /* of the first object */
    size_t objects;      /* that there are */
    struct format format;
    /* NULL: not guessed */
    const char *charset_why, *delimiter_why, *header_why;
    uint32_t column_count;
    const struct guess_column *columns;
    uint64_t rows;    /* that were looked at */
    uint64_t refused; /* records that are no rows, and were not */
    bool whole;       /* there are no more rows */
};

/*
 * FB_E_INPUT when it is no text, or its charset cannot be told; FB_E_MISSING
 * when there is nothing; and what reading it fails with.  Release the guess
 * in any case.
 */
int guess_make(const struct guess_request *request, struct guess *guess,
               struct fb_error *err) FB_MUST_CHECK;
void guess_release(struct guess *guess);

#endif
