/*
 * Where the corpora lie that some tests replay: in $FOREBAY_CORPORA, else in
 * ../shared/corpora beside the checkout.  They are not part of the project;
 * without them these tests say so and pass.
 */
#ifndef UNIT_CORPORA_H
#define UNIT_CORPORA_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/mem.h"

/* The folder; NULL, with a line on stdout, when it is absent. */
static inline const char *
corpora_folder(void)
{
    const char *folder = getenv("FOREBAY_CORPORA");

    if (folder == NULL)
        folder = "../shared/corpora";
    if (access(folder, R_OK) == 0)
        return folder;
    printf("skipped: there are no corpora in '%s'\n", folder);
    return NULL;
}

/* A whole file; the buffer is to be released. */
static inline struct buf
corpora_read(const char *folder, const char *name)
{
    struct fb_error err;
    struct buf bytes;
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    buf_init(&bytes, (size_t)64 << 20);
    ck_assert_msg(file_read(path, &bytes, &err) == 0, "%s", err.message);
    return bytes;
}

#endif
