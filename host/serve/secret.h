/*
 * serve/secret.h: tokens and passwords, kept as hashes of crypt(3): yescrypt
 * by libcrypt, which Debian uses for its own passwords, so that a file that
 * gets lost is no key.
 */
#ifndef SERVE_SECRET_H
#define SERVE_SECRET_H

#include "util/arena.h"

#include "forebay/plugin.h"

struct secrets;

/*
 * One hash a line, as secret_hash makes it or passwd(1) does; empty lines and
 * lines that begin with # are skipped.  Refuses a file that others may write
 * to, one without a hash, and what is no strong hash: a token in clear above
 * all.  The text of the file is never part of an error.
 */
int secrets_read(const char *path, struct secrets **secrets,
                 struct fb_error *err) FB_MUST_CHECK;
void secrets_free(struct secrets *secrets); /* NULL is fine */

/* Slow by intention (tens of milliseconds for each hash of the file), always
 * over all of them.  By one thread at a time. */
bool secrets_match(struct secrets *secrets, const char *secret);

/* The line for the file.  Refuses what is too short to be one, or too long.
 * The line lives in the arena. */
int secret_hash(struct arena *arena, const char *secret, const char **line,
                struct fb_error *err) FB_MUST_CHECK;

/* Whether two blocks of bytes are equal, in a time that does not tell where
 * they differ. */
bool secret_equal(const void *a, const void *b, size_t size);

#endif
