/*
 * serve/secret.c: the file of hashes.
 */
#include "serve/secret.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "serve/library.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define SECRET_MIN 12 /* bytes */

struct secrets {
    struct library_crypt crypt;
    struct crypt_data *work; /* 32 KiB: too much for the stack of a thread */
    char *hashes[SERVE_HASHES_MAX];
    size_t count;
};

bool
secret_equal(const void *a, const void *b, size_t size)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char difference = 0;

    for (size_t i = 0; i < size; i++)
        difference |= x[i] ^ y[i];
    return difference == 0;
}

/* yescrypt, gost-yescrypt, scrypt, bcrypt, SHA-512, SHA-256 (crypt(5)). */
static bool
is_strong(const char *hash)
{
    static const char *const prefixes[] = {"$y$",  "$gy$", "$7$", "$2b$",
                                           "$2y$", "$6$",  "$5$"};

    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
        if (text_starts_with(hash, prefixes[i]))
            return strlen(hash) >= 40 && strlen(hash) < CRYPT_OUTPUT_SIZE;
    return false;
}

static int
check_file(const char *path, struct fb_error *err)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        int number = errno;

        return fb_fail(err, error_code_of_errno(number, false),
                       "cannot read the token file '%s': %s", path,
                       strerror(number));
    }
    if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return 0;
    fb_fail(err, FB_E_PERMISSION,
            "cannot use the token file '%s': others may write to it (mode "
            "%04o)",
            path, (unsigned)st.st_mode & 07777);
    return fb_hint(err, "'chmod go-w' mends it");
}

static int
take_line(struct secrets *secrets, const char *path, unsigned number,
          char *line, struct fb_error *err)
{
    size_t length = strcspn(line, "\r \t");

    line[length] = '\0';
    if (length == 0 || line[0] == '#')
        return 0;
    if (!is_strong(line)) {
        fb_fail(err, FB_E_CONFIG,
                "line %u of the token file '%s' is no hash of a token", number,
                path);
        return fb_hint(err, "write there what 'forebay serve --hash-token' "
                            "prints, never the token itself");
    }
    if (secrets->count == SERVE_HASHES_MAX)
        return fb_fail(err, FB_E_CONFIG,
                       "the token file '%s' has more than %d tokens", path,
                       SERVE_HASHES_MAX);
    secrets->hashes[secrets->count++] = mem_strdup(line);
    return 0;
}

static int
read_lines(struct secrets *secrets, const char *path, struct buf *text,
           struct fb_error *err)
{
    char *rest = (char *)text->data, *line;

    for (unsigned number = 1; (line = strsep(&rest, "\n")) != NULL; number++)
        if (take_line(secrets, path, number, line, err) != 0)
            return -1;
    if (secrets->count > 0)
        return 0;
    fb_fail(err, FB_E_CONFIG, "the token file '%s' holds no token", path);
    return fb_hint(err, "'forebay serve --hash-token' makes a line of it");
}

int
secrets_read(const char *path, struct secrets **secrets, struct fb_error *err)
{
    struct secrets *s = mem_zalloc(sizeof(*s));
    AUTO_BUF struct buf text;

    *secrets = NULL;
    s->work = mem_zalloc(sizeof(*s->work));
    buf_init(&text, SECRET_FILE_MAX);
    if (check_file(path, err) == 0 && file_read(path, &text, err) == 0 &&
        read_lines(s, path, &text, err) == 0 &&
        library_load_crypt(&s->crypt, err) == 0) {
        *secrets = s;
        return 0;
    }
    secrets_free(s);
    return -1;
}

void
secrets_free(struct secrets *secrets)
{
    if (secrets == NULL)
        return;
    for (size_t i = 0; i < secrets->count; i++)
        free(secrets->hashes[i]);
    free(secrets->work);
    free(secrets);
}

bool
secrets_match(struct secrets *secrets, const char *secret)
{
    bool matched = false;

    for (size_t i = 0; i < secrets->count; i++) {
        const char *want = secrets->hashes[i];
        const char *made = secrets->crypt.crypt_r(secret, want, secrets->work);

        if (made != NULL && strlen(made) == strlen(want) &&
            secret_equal(made, want, strlen(want)))
            matched = true;
    }
    explicit_bzero(secrets->work, sizeof(*secrets->work));
    return matched;
}

int
secret_hash(struct arena *arena, const char *secret, const char **line,
            struct fb_error *err)
{
    struct library_crypt crypt;
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    AUTO_FREE struct crypt_data *work = mem_zalloc(sizeof(*work));
    const char *made;

    if (strlen(secret) < SECRET_MIN || strlen(secret) > SERVE_SECRET_MAX)
        return fb_fail(err, FB_E_USAGE, "a token has %d to %d characters",
                       SECRET_MIN, SERVE_SECRET_MAX);
    if (library_load_crypt(&crypt, err) != 0)
        return -1;
    if (crypt.crypt_gensalt_rn("$y$", 0, NULL, 0, setting,
                               (int)sizeof(setting)) == NULL)
        return fb_fail(err, FB_E_FAILED, "cannot make a salt: %s",
                       strerror(errno));
    made = crypt.crypt_r(secret, setting, work);
    if (made == NULL || made[0] == '*')
        return fb_fail(err, FB_E_FAILED, "cannot hash the token: %s",
                       strerror(errno));
    *line = arena_strdup(arena, made);
    return 0;
}
