/*
 * registry/authorise.h: whether a file is one that only root or the running
 * user can have put there.  It looks at owners and modes, never at content.
 *
 * Trusted is a regular file that
 *   - belongs to root or the running (effective) user,
 *   - is not writable by its group or by everyone (the group bits also are
 *     the mask of an access control list, so a list cannot hide a writer),
 *   - has one name (a hard link may be an old version, kept by somebody),
 *   - is not reached through a symbolic link as its last part,
 * in a folder for which the first two hold, and for every folder above it up
 * to the root.  A folder above, not the plugins' own, may be writable by
 * others when it has the sticky bit, as /tmp: there others can neither rename
 * nor remove what is not theirs, and what they put there is not trusted.  In
 * the plugins' own folder the sticky bit does not help, for others could add
 * names.
 *
 * Symbolic links in the name of a folder are resolved first; the folders they
 * lead to are the ones checked.  Each is opened relative to the one above it
 * and looked at through its descriptor, so what was checked is what is used.
 */
#ifndef REGISTRY_AUTHORISE_H
#define REGISTRY_AUTHORISE_H

#include "forebay/plugin.h"
#include "util/arena.h"

struct authorised_folder {
    int fd;           /* to list it and to open files in it */
    const char *path; /* absolute, without symbolic links; in the arena */
    struct fb_error verdict; /* FB_E_NONE, or why nothing in it is trusted */
};

/* FB_E_CONFIG when it cannot be opened; not to be trusted is no error but
 * the verdict. */
int authorise_folder_open(struct arena *arena, const char *path,
                          struct authorised_folder *folder,
                          struct fb_error *err) FB_MUST_CHECK;
void authorise_folder_close(struct authorised_folder *folder);

/* Open the file `name` of the folder for reading, if both are trusted; else
 * FB_E_PERMISSION with the command that mends it as the hint.  The caller
 * closes *fd. */
int authorise_file_open(const struct authorised_folder *folder,
                        const char *name, int *fd,
                        struct fb_error *err) FB_MUST_CHECK;

#endif
