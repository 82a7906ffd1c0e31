/*
 * Runs a fuzz target once over every file of the folders or files named on
 * the command line, so that what the fuzzer found stays found in the normal
 * tests. It makes no input of its own: `make fuzz` does, with libFuzzer.
 */
#include "fuzz/replay.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* libFuzzer's own default for -max_len grows with the corpus; a seed larger
 * than this would make every later run slow. */
#define SEED_MAX ((size_t)1 << 20)

static int
replay_file(const char *path)
{
    unsigned char *data = malloc(SEED_MAX);
    FILE *file = fopen(path, "rb");
    size_t size;

    if (data == NULL || file == NULL) {
        fprintf(stderr, "cannot read '%s': %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    size = fread(data, 1, SEED_MAX, file);
    if (ferror(file) || fgetc(file) != EOF) {
        fprintf(stderr, "cannot replay '%s': %s\n", path,
                ferror(file) ? "read error" : "larger than 1 MiB");
        exit(EXIT_FAILURE);
    }
    fclose(file);

    /* The exact size on the heap, so that the sanitizers see its end. */
    unsigned char *exact = malloc(size > 0 ? size : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, data, size);
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 1;
}

static int
replay(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    int count = 0;

    if (folder == NULL && errno == ENOTDIR)
        return replay_file(path);
    if (folder == NULL) {
        fprintf(stderr, "cannot open '%s': %s\n", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    while ((entry = readdir(folder)) != NULL) {
        char child[4096];

        if (entry->d_name[0] == '.')
            continue;
        if (snprintf(child, sizeof child, "%s/%s", path, entry->d_name) >=
            (int)sizeof child) {
            fprintf(stderr, "cannot replay below '%s': name too long\n", path);
            exit(EXIT_FAILURE);
        }
        count += replay(child);
    }
    closedir(folder);
    return count;
}

int
main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("%d inputs replayed\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
