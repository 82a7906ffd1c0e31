/*
 * registry/load.h: from an open file to the descriptors it holds.
 *
 * The bytes are copied to a memory file, which is sealed, then checked
 * (elf.h), then loaded by the name /proc/self/fd/N: whoever changes, replaces
 * or removes the file meanwhile changes nothing.  Nothing of the file runs
 * before its bytes were accepted.  That its ABI is another one is known before
 * that too if the file says it in words (FB_PROVIDES), else only after its
 * constructors ran, for the loader fills the list in.
 *
 * What is loaded stays loaded, and its memory file open, until the process
 * ends.  A library may have threads, destructors and handlers that outlive
 * any use of it; and the loader knows objects by name, so a number used again
 * would give the earlier plugin.
 *
 * Libraries that the plugin links with are found as for every program: in
 * its own DT_RPATH or DT_RUNPATH and in LD_LIBRARY_PATH, whose folders must be
 * trusted as those of plugins are (authorise.h), then in the system's.
 * LD_PRELOAD and LD_AUDIT are obeyed by the loader before this program begins,
 * and what they brought in could undo any check here: who sets the
 * environment is the running user.  A service starts without them, and what
 * this program starts gets none of them.
 */
#ifndef REGISTRY_LOAD_H
#define REGISTRY_LOAD_H

#include "forebay/plugin.h"

struct load_result {
    const struct fb_plugin *const *plugins; /* lives as long as the process */
    size_t count;
};

/*
 * Check the bytes as load_file does, and load nothing: *text gets a copy of
 * what the file says of itself (FB_PROVIDES), for free(3), or NULL when it
 * says nothing.
 */
int load_peek(int fd, char **text, struct fb_error *err) FB_MUST_CHECK;

/* fd: open for reading, stays the caller's; read from its begin.  name: of the
 * file, for messages and for debuggers. */
int load_file(int fd, const char *name, struct load_result *result,
              struct fb_error *err) FB_MUST_CHECK;

#endif
