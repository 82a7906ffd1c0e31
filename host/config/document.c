/*
 * config/document.c: reading a file of the user.
 */
#include "config/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"

static bool
is_trusted(const char *path, const struct stat *status,
           struct problems *problems)
{
    bool service = getenv("STATE_DIRECTORY") != NULL;
    struct place whole = {.file = path};

    if ((status->st_mode & S_IWOTH) != 0) {
        problems_add(problems, whole, "chmod o-w the file",
                     "everybody may write to this file, so it is not used");
        return false;
    }
    if (service && (status->st_mode & S_IWGRP) != 0) {
        problems_add(problems, whole, "chmod g-w the file",
                     "its group may write to this file, so a service does "
                     "not use it");
        return false;
    }
    if (service && status->st_uid != 0 && status->st_uid != geteuid()) {
        problems_add(problems, whole, "chown root the file",
                     "this file belongs to neither root nor the user of the "
                     "service, so it is not used");
        return false;
    }
    return true;
}

static void
drop_mark(struct buf *bytes)
{
    if (bytes->size >= 3 && memcmp(bytes->data, "\xEF\xBB\xBF", 3) == 0)
        buf_consume(bytes, 3);
}

/* The checks and the reading are of one open file. */
int
document_read(const char *path, struct buf *bytes, struct problems *problems)
{
    struct fb_error err = FB_ERROR_INIT;
    struct place whole = {.file = path};
    char by_number[32];
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0) {
        problems_add(problems, whole,
                     errno == ENOENT ? "check the path"
                                     : "check its permissions",
                     "cannot open the file: %s", strerror(errno));
        return -1;
    }
    if (!S_ISREG(status.st_mode)) {
        problems_add(problems, whole, "name a file", "this is no regular file");
        return -1;
    }
    if (!is_trusted(path, &status, problems))
        return -1;
    if (status.st_size > (off_t)YAML_SIZE_MAX) {
        problems_add(problems, whole, "make it smaller",
                     "the file is larger than %zu MiB", YAML_SIZE_MAX / MIB);
        return -1;
    }
    snprintf(by_number, sizeof(by_number), "/proc/self/fd/%d", fd);
    if (file_read(by_number, bytes, &err) != 0) {
        problems_add(problems, whole, err.hint, "cannot read the file: %s",
                     err.message);
        return -1;
    }
    drop_mark(bytes);
    return 0;
}

static struct document *
document_new(const char *path)
{
    struct document *document = mem_zalloc(sizeof(*document));

    document->arena = arena_new();
    document->path = arena_strdup(document->arena, path);
    document->schemas =
        arena_zalloc(document->arena, sizeof(*document->schemas));
    buf_init(&document->bytes, YAML_SIZE_MAX);
    return document;
}

static struct document *
document_parse(struct document *document, struct problems *problems)
{
    document->source =
        yaml_source_new(document->arena, document->path,
                        buf_text(&document->bytes), document->bytes.size);
    document->root = yaml_parse(document->arena, document->source, problems);
    if (document->root != NULL)
        return document;
    document_free(document);
    return NULL;
}

struct document *
document_open(const char *path, struct problems *problems)
{
    struct document *document = document_new(path);

    if (document_read(document->path, &document->bytes, problems) != 0) {
        document_free(document);
        return NULL;
    }
    return document_parse(document, problems);
}

struct document *
document_of_text(const char *path, const char *text, size_t size,
                 struct problems *problems)
{
    struct document *document = document_new(path);
    struct fb_error err = FB_ERROR_INIT;

    if (buf_append(&document->bytes, text, size, &err) != 0) {
        problems_add_error(problems, (struct place){.file = path}, &err);
        document_free(document);
        return NULL;
    }
    drop_mark(&document->bytes);
    return document_parse(document, problems);
}

void
document_free(struct document *document)
{
    if (document == NULL)
        return;
    arena_free(document->arena);
    buf_release(&document->bytes);
    free(document);
}
