/*
 * registry/elf.h: whether bytes are a shared object that this program may
 * load, found by reading them: before the loader sees them, and so before
 * any of their constructors runs.  It is no linker: symbols that are missing
 * elsewhere are the loader's to report.
 *
 * The rules of the format: https://refspecs.linuxfoundation.org/elf/gabi4+/
 * and, for DT_GNU_HASH, the GNU linker.
 */
#ifndef REGISTRY_ELF_H
#define REGISTRY_ELF_H

#include "forebay/plugin.h"

/* Pointers are into the bytes. */
struct elf_facts {
    size_t entry_size;   /* bytes of the object that the symbol names */
    const char *rpath;   /* folders searched for its libraries; NULL: none */
    const char *runpath; /* the same, of the newer kind */
};

/*
 * Fails with FB_E_CONFIG unless the bytes are a whole shared object of the
 * program's own class, byte order and machine, which exports the data object
 * `symbol`, needs no writable code and no executable stack, and names its
 * libraries without folders.
 */
int elf_check(const unsigned char *bytes, size_t size, const char *symbol,
              struct elf_facts *facts, struct fb_error *err) FB_MUST_CHECK;

/*
 * The text that the data object `symbol` holds, with its NUL within it, in
 * bytes that elf_check accepted; NULL when there is no such object or no
 * text.  It is read as it lies in the file: an array of char, not a pointer.
 */
const char *elf_text(const unsigned char *bytes, size_t size,
                     const char *symbol);

/*
 * How much of a file the loader maps and elf_check looks at; what follows is
 * for debuggers.  `bytes` are the first ones, ELF_HEAD_SIZE if there are so
 * many.  SIZE_MAX when they do not tell: then it is the whole file.
 */
#define ELF_HEAD_SIZE 4096
size_t elf_loaded_size(const unsigned char *bytes, size_t size);

#endif
