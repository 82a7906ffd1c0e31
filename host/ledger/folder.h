/*
 * ledger/folder.h: the state folder: which one it is, whether it can be
 * trusted, and what it has for each pipeline: a lock file, a folder.
 */
#ifndef LEDGER_FOLDER_H
#define LEDGER_FOLDER_H

#include "forebay/plugin.h"
#include "util/arena.h"

/* As ledger_folder in ledger/ledger.h. */
int folder_choose(struct arena *arena, const char *flag, const char **folder,
                  struct fb_error *err) FB_MUST_CHECK;

/*
 * Make the folder (0700) when it is missing, and refuse one that is not a
 * folder, that another user owns or that others may write to.  *real is its
 * absolute path without symbolic links; the caller frees it.
 */
int folder_prepare(const char *folder, char **real,
                   struct fb_error *err) FB_MUST_CHECK;

/* Lock `<folder>/locks/<name>.lock` as ledger_lock says. */
int folder_lock(const char *folder, const char *name, int *fd,
                struct fb_error *err) FB_MUST_CHECK;

/* `<folder>/tmp/<name>`, as ledger_temp_folder says; the caller frees it. */
char *folder_temp(const char *folder, const char *name);

#endif
