#define _GNU_SOURCE /* nftw's FTW_ flags */
#include "support/folder.h"

#include <check.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
folder_make(struct folder *folder)
{
    const char *temp = getenv("TMPDIR");

    *folder = (struct folder){.path = ""};
    snprintf(folder->path, sizeof(folder->path), "%s/forebay-test-XXXXXX",
             temp != NULL ? temp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder->path));
}

static int
remove_entry(const char *path, const struct stat *st, int type,
             struct FTW *place)
{
    (void)st;
    (void)type;
    (void)place;
    return remove(path);
}

void
folder_remove(struct folder *folder)
{
    (void)nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
folder_path(const struct folder *folder, const char *name)
{
    static char paths[8][2 * FOLDER_PATH_MAX];
    static int next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof(paths[0]), "%s/%s", folder->path, name);
    return path;
}

static void
make_folders(const char *path)
{
    char part[2 * FOLDER_PATH_MAX];

    snprintf(part, sizeof(part), "%s", path);
    for (char *p = strchr(part + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
        *p = '\0';
        (void)mkdir(part, 0777);
        *p = '/';
    }
}

void
folder_write(const struct folder *folder, const char *name, const char *text)
{
    const char *path = folder_path(folder, name);
    FILE *file;

    make_folders(path);
    file = fopen(path, "we");
    ck_assert_msg(file != NULL, "cannot write '%s'", path);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

const char *
folder_read(const struct folder *folder, const char *name)
{
    static char text[65536];
    FILE *file = fopen(folder_path(folder, name), "re");
    size_t size;

    if (file == NULL)
        return NULL;
    size = fread(text, 1, sizeof(text) - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

bool
folder_has(const struct folder *folder, const char *name)
{
    struct stat st;

    return lstat(folder_path(folder, name), &st) == 0;
}

size_t
folder_count(const struct folder *folder)
{
    DIR *dir = opendir(folder->path);
    size_t count = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2; /* "." and ".." */
}
