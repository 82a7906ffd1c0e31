#define _GNU_SOURCE /* memfd_create */
#include "registry/load.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "registry/authorise.h"
#include "registry/elf.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U /* Linux 6.3 */
#endif

#define NAME_MAX_MEMFD 200 /* the kernel takes 249 bytes */

static int
make_memory_file(const char *name, struct fb_error *err)
{
    AUTO_FREE char *label = mem_printf("forebay:%.*s", NAME_MAX_MEMFD, name);
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    /* Nobody runs it as a program; where vm.memfd_noexec is 2 it has to say
     * so.  Kernels before 6.3 do not know the flag. */
    int fd = memfd_create(label, flags | MFD_NOEXEC_SEAL);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create(label, flags);
    if (fd < 0)
        fb_fail(err, FB_E_FAILED, "cannot make a memory file: %s",
                strerror(errno));
    return fd;
}

static int
copy(int from, int to, size_t *size, struct fb_error *err)
{
    AUTO_FREE unsigned char *bytes = mem_alloc(READ_SIZE);

    *size = 0;
    for (;;) {
        ssize_t got = pread(from, bytes, READ_SIZE, (off_t)*size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fb_fail(err, FB_E_CONFIG, "cannot read the file: %s",
                           strerror(errno));
        if (got == 0)
            return 0;
        *size += (size_t)got;
        if (*size > PLUGIN_FILE_MAX)
            return fb_fail(err, FB_E_LIMIT, "the file is larger than %zu bytes",
                           PLUGIN_FILE_MAX);
        if (file_write_all(to, bytes, (size_t)got, err) != 0)
            return -1;
    }
}

static int
seal(int fd, struct fb_error *err)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

    if (fcntl(fd, F_ADD_SEALS, seals) != 0)
        return fb_fail(err, FB_E_FAILED, "cannot seal a memory file: %s",
                       strerror(errno));
    assert((fcntl(fd, F_GET_SEALS) & seals) == seals);
    return 0;
}

/* A folder that the loader would search, for libraries that the plugin needs,
 * before the system's. */
static int
check_search_folder(const char *path, const char *origin, struct fb_error *err)
{
    struct arena *arena;
    struct authorised_folder folder;
    int result;

    /* $ORIGIN would be /proc/self/fd, and "" the working directory. */
    if (path[0] != '/' || strchr(path, '$') != NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "the file searches its libraries in '%s' (%s), "
                       "which is no absolute path",
                       path, origin);
    arena = arena_new();
    result = authorise_folder_open(arena, path, &folder, err);
    if (result == 0 && folder.verdict.code != FB_E_NONE) {
        *err = folder.verdict;
        result = -1;
    }
    authorise_folder_close(&folder);
    arena_free(arena);
    return result;
}

/* The loader took it over when this program began, and searches it for what
 * plugins need.  A folder that is not there is not searched. */
static int
check_library_path(struct fb_error *err)
{
    const char *list = getenv("LD_LIBRARY_PATH");
    AUTO_FREE char *folders = mem_strdup(list == NULL ? "" : list);
    char *next = list == NULL || *list == '\0' ? NULL : folders;

    while (next != NULL) {
        const char *folder = strsep(&next, ":;");

        if (folder[0] == '/' && access(folder, F_OK) != 0)
            continue;
        if (check_search_folder(folder, "LD_LIBRARY_PATH", err) != 0)
            return -1;
    }
    return 0;
}

static int
check_search_path(const char *list, struct fb_error *err)
{
    AUTO_FREE char *folders = mem_strdup(list == NULL ? "" : list);
    char *next = list == NULL ? NULL : folders;

    while (next != NULL) {
        const char *folder = strsep(&next, ":");

        if (check_search_folder(folder, "RPATH", err) != 0)
            return -1;
    }
    return 0;
}

static int
check_bytes(const unsigned char *bytes, size_t size, size_t *entry_size,
            struct fb_error *err)
{
    struct elf_facts facts;

    if (size == 0)
        return fb_fail(err, FB_E_CONFIG, "the file is empty");
    if (elf_check(bytes, size, FB_ENTRY, &facts, err) != 0 ||
        check_search_path(facts.rpath, err) != 0 ||
        check_search_path(facts.runpath, err) != 0 ||
        check_library_path(err) != 0)
        return -1;
    *entry_size = facts.entry_size;
    return 0;
}

static int
check_memory_file(int fd, size_t size, size_t *entry_size, struct fb_error *err)
{
    void *bytes;
    int result;

    if (size == 0)
        return check_bytes(NULL, 0, entry_size, err);
    bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return fb_fail(err, FB_E_FAILED, "cannot map a memory file: %s",
                       strerror(errno));
    result = check_bytes(bytes, size, entry_size, err);
    (void)munmap(bytes, size);
    return result;
}

/* Up to `size` bytes of the file, from offset *got on. */
static int
read_up_to(int fd, unsigned char *bytes, size_t size, size_t *got,
           struct fb_error *err)
{
    while (*got < size) {
        ssize_t n = pread(fd, bytes + *got, size - *got, (off_t)*got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fb_fail(err, FB_E_CONFIG, "cannot read the file: %s",
                           strerror(errno));
        if (n == 0)
            return 0;
        *got += (size_t)n;
    }
    return 0;
}

/* What the loader would map of the file.  Read, not mapped: a file that
 * somebody cuts off meanwhile would kill us. */
static int
read_loaded(int fd, unsigned char **bytes, size_t *size, struct fb_error *err)
{
    struct stat status;
    size_t wanted;

    *size = 0;
    *bytes = mem_alloc(ELF_HEAD_SIZE);
    if (read_up_to(fd, *bytes, ELF_HEAD_SIZE, size, err) != 0)
        return -1;
    if (fstat(fd, &status) != 0)
        return fb_fail(err, FB_E_CONFIG, "cannot look at the file: %s",
                       strerror(errno));
    wanted = elf_loaded_size(*bytes, *size);
    if (wanted > (size_t)status.st_size)
        wanted = (size_t)status.st_size;
    if (wanted > PLUGIN_FILE_MAX)
        return fb_fail(err, FB_E_LIMIT, "the file is larger than %zu bytes",
                       PLUGIN_FILE_MAX);
    if (wanted <= *size)
        return 0;
    *bytes = mem_regrow(*bytes, wanted, 1);
    return read_up_to(fd, *bytes, wanted, size, err);
}

int
load_peek(int fd, char **text, struct fb_error *err)
{
    AUTO_FREE unsigned char *bytes = NULL;
    size_t size, entry_size;
    const char *found;

    *text = NULL;
    if (read_loaded(fd, &bytes, &size, err) != 0 ||
        check_bytes(bytes, size, &entry_size, err) != 0)
        return -1;
    found = elf_text(bytes, size, FB_PROVIDES_ENTRY);
    if (found != NULL)
        *text = mem_strdup(found);
    return 0;
}

/* The loader's words begin with our name for the file, which tells nobody
 * anything. */
static int
cannot_load(const char *path, struct fb_error *err)
{
    const char *why = dlerror();
    size_t length = strlen(path);

    if (why == NULL)
        why = "unknown error";
    if (strncmp(why, path, length) == 0 && strncmp(why + length, ": ", 2) == 0)
        why += length + 2;
    return fb_fail(err, FB_E_CONFIG, "cannot load the file: %s", why);
}

static int
link_object(int fd, const struct fb_plugin *const **list, struct fb_error *err)
{
    AUTO_FREE char *path = mem_printf("/proc/self/fd/%d", fd);
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (object == NULL)
        return cannot_load(path, err);
    *list = dlsym(object, FB_ENTRY);
    return *list == NULL ? cannot_load(path, err) : 0;
}

/* The list ends with a NULL, which has to come before the object's end. */
static int
count_list(const struct fb_plugin *const *list, size_t room, size_t *count,
           struct fb_error *err)
{
    *count = 0;
    while (*count < room && list[*count] != NULL)
        (*count)++;
    if (*count == room)
        return fb_fail(err, FB_E_CONFIG,
                       "the list '%s' does not end with "
                       "NULL",
                       FB_ENTRY);
    if (*count == 0)
        return fb_fail(err, FB_E_CONFIG, "the list '%s' is empty", FB_ENTRY);
    return 0;
}

/* The checked and sealed memory file, or -1. */
static int
checked_copy(int fd, const char *name, size_t *entry_size, struct fb_error *err)
{
    int memory = make_memory_file(name, err);
    size_t size;

    if (memory < 0)
        return -1;
    if (copy(fd, memory, &size, err) == 0 && seal(memory, err) == 0 &&
        check_memory_file(memory, size, entry_size, err) == 0)
        return memory;
    (void)close(memory);
    return -1;
}

int
load_file(int fd, const char *name, struct load_result *result,
          struct fb_error *err)
{
    size_t entry_size = 0;
    int memory = checked_copy(fd, name, &entry_size, err);

    if (memory < 0)
        return -1;
    /* It is not closed, loaded or not: the loader knows its number now. */
    if (link_object(memory, &result->plugins, err) != 0)
        return -1;
    return count_list(result->plugins, entry_size / sizeof(result->plugins[0]),
                      &result->count, err);
}
