/*
 * What the tests of the registry share: a folder of their own that is trusted,
 * and plugin files compiled into it.
 */
#ifndef UNIT_PLUGIN_FILES_H
#define UNIT_PLUGIN_FILES_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"
#include "util/mem.h"

static char *test_folder; /* absolute; what it holds goes in the end */

static inline void
make_test_folder(void)
{
    const char *base = getenv("TMPDIR");
    char *name = mem_printf("%s/forebay-test-XXXXXX",
                            base == NULL || *base == '\0' ? "/tmp" : base);

    umask(022);
    ck_assert_ptr_nonnull(mkdtemp(name));
    test_folder = realpath(name, NULL);
    ck_assert_ptr_nonnull(test_folder);
    ck_assert_int_eq(chmod(test_folder, 0755), 0);
    free(name);
}

static inline void
run_command(const char *command)
{
    /* NOLINTNEXTLINE(cert-env33-c): the compiler is the user's own. */
    ck_assert_msg(system(command) == 0, "failed: %s", command);
}

static inline void
remove_test_folder(void)
{
    char *command = mem_printf("rm -rf '%s'", test_folder);

    run_command(command);
    free(command);
    free(test_folder);
}

/* The caller frees it. */
static inline char *
in_test_folder(const char *name)
{
    return mem_printf("%s/%s", test_folder, name);
}

static inline void
make_folder(const char *name)
{
    char *path = in_test_folder(name);

    ck_assert_int_eq(mkdir(path, 0755), 0);
    free(path);
}

static inline void
set_mode(const char *name, mode_t mode)
{
    char *path = in_test_folder(name);

    ck_assert_int_eq(chmod(path, mode), 0);
    free(path);
}

static inline void
write_file(const char *name, const void *bytes, size_t size)
{
    char *path = in_test_folder(name);
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
    free(path);
}

/* The whole content; the caller frees it. */
static inline unsigned char *
read_whole(const char *name, size_t *size)
{
    char *path = in_test_folder(name);
    FILE *file = fopen(path, "rb");
    unsigned char *bytes;
    struct stat status;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fstat(fileno(file), &status), 0);
    *size = (size_t)status.st_size;
    bytes = mem_alloc(*size);
    ck_assert_uint_eq(fread(bytes, 1, *size, file), *size);
    (void)fclose(file);
    free(path);
    return bytes;
}

/* Compile C text to the shared object `name`; `flags` go to the compiler. */
static inline void
compile_plugin(const char *name, const char *text, const char *flags)
{
    const char *cc = getenv("CC");
    char *source = mem_printf("%s.c", name);
    char *command =
        mem_printf("%s -shared -fPIC -fvisibility=hidden -Ihost/include %s "
                   "-o '%s/%s' '%s/%s'",
                   cc == NULL || *cc == '\0' ? "cc" : cc, flags, test_folder,
                   name, test_folder, source);

    write_file(source, text, strlen(text));
    run_command(command);
    free(command);
    free(source);
}

#endif
