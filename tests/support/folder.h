/*
 * A folder of its own for a test, and what is in it.
 */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#define FOLDER_PATH_MAX 512

struct folder {
    char path[FOLDER_PATH_MAX];
};

/* Make an empty folder, and remove it with all that is in it. */
void folder_make(struct folder *folder);
void folder_remove(struct folder *folder);

/* FOLDER/NAME; one of several buffers, good for eight calls. */
const char *folder_path(const struct folder *folder, const char *name);

/* Write a whole file, making folders. */
void folder_write(const struct folder *folder, const char *name,
                  const char *text);
/* The text of a file, good until the next call; NULL when there is none. */
const char *folder_read(const struct folder *folder, const char *name);
bool folder_has(const struct folder *folder, const char *name);
/* How many entries are in it, hidden ones too. */
size_t folder_count(const struct folder *folder);

#endif
