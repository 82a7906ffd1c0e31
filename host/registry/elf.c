#include "registry/elf.h"

#include <assert.h>
#include <link.h> /* ElfW */

#include "util/mem.h"

/* Our own header, which the linker puts there: what we are is what a plugin
 * has to be. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

struct image {
    const unsigned char *bytes;
    size_t size;
    ElfW(Ehdr) head;
};

/* What the dynamic section says; addresses are virtual, 0: not given. */
struct dynamic {
    uint64_t strings, strings_size, symbols, hash, gnu_hash;
    uint64_t rpath, runpath; /* offsets in strings; 0: not given */
    bool writes_code;
};

static int
damaged(const char *what, struct fb_error *err)
{
    return fb_fail(err, FB_E_CONFIG,
                   "the file is cut off or damaged: its %s "
                   "is not within it",
                   what);
}

/* Copies, for nothing promises that the bytes are aligned. */
static bool
take(const struct image *image, uint64_t offset, void *out, size_t size)
{
    if (offset > image->size || size > image->size - offset)
        return false;
    memcpy(out, image->bytes + offset, size);
    return true;
}

static bool
take_u32(const struct image *image, uint64_t offset, uint32_t *out)
{
    return take(image, offset, out, sizeof(*out));
}

static const char *
machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {
        {EM_386, "i386"},        {EM_X86_64, "x86-64"}, {EM_ARM, "arm"},
        {EM_AARCH64, "aarch64"}, {EM_RISCV, "riscv"},   {EM_PPC64, "ppc64"},
        {EM_S390, "s390"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (names[i].machine == machine)
            return names[i].name;
    return "another machine";
}

static int
check_head(struct image *image, struct fb_error *err)
{
    const ElfW(Ehdr) *ours = &__ehdr_start;
    ElfW(Ehdr) *head = &image->head;

    if (image->size < SELFMAG || memcmp(image->bytes, ELFMAG, SELFMAG) != 0)
        return fb_fail(err, FB_E_CONFIG, "the file is no ELF object");
    if (!take(image, 0, head, sizeof(*head)))
        return damaged("header", err);
    if (head->e_ident[EI_CLASS] != ours->e_ident[EI_CLASS] ||
        head->e_ident[EI_DATA] != ours->e_ident[EI_DATA])
        return fb_fail(err, FB_E_CONFIG,
                       "the file has another word size or byte order than "
                       "this program");
    if (head->e_machine != ours->e_machine)
        return fb_fail(err, FB_E_CONFIG,
                       "the file is for %s (machine %u), this program is for "
                       "%s (machine %u)",
                       machine_name(head->e_machine), head->e_machine,
                       machine_name(ours->e_machine), ours->e_machine);
    if (head->e_type != ET_DYN || head->e_ident[EI_VERSION] != EV_CURRENT ||
        head->e_phentsize != sizeof(ElfW(Phdr)))
        return fb_fail(err, FB_E_CONFIG, "the file is no shared object");
    return 0;
}

static bool
take_segment(const struct image *image, unsigned index, ElfW(Phdr) * segment)
{
    uint64_t table = image->head.e_phoff;

    assert(index < image->head.e_phnum);
    return table <= image->size &&
           take(image, table + (uint64_t)index * sizeof(*segment), segment,
                sizeof(*segment));
}

static int
check_segment(const struct image *image, const ElfW(Phdr) * segment,
              struct fb_error *err)
{
    const unsigned both = PF_W | PF_X;

    if (segment->p_type == PT_LOAD || segment->p_type == PT_DYNAMIC) {
        if (segment->p_offset > image->size ||
            segment->p_filesz > image->size - segment->p_offset ||
            segment->p_filesz > segment->p_memsz)
            return damaged("content", err);
        if ((segment->p_flags & both) == both)
            return fb_fail(err, FB_E_CONFIG,
                           "the file has memory that is both writable and "
                           "executable");
    }
    if (segment->p_type == PT_GNU_STACK && (segment->p_flags & PF_X) != 0) {
        fb_fail(err, FB_E_CONFIG, "the file asks for an executable stack");
        return fb_hint(err, "link with -Wl,-z,noexecstack");
    }
    return 0;
}

/* Where in the file the byte lies that will be loaded at this address. */
static bool
offset_of(const struct image *image, uint64_t address, uint64_t *offset)
{
    for (unsigned i = 0; i < image->head.e_phnum; i++) {
        ElfW(Phdr) segment;

        if (!take_segment(image, i, &segment))
            return false;
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr ||
            address - segment.p_vaddr >= segment.p_filesz)
            continue;
        *offset = segment.p_offset + (address - segment.p_vaddr);
        return true;
    }
    return false;
}

/* Also finds the dynamic section. */
static int
check_segments(const struct image *image, ElfW(Phdr) * dynamic,
               struct fb_error *err)
{
    bool found = false, stack = false;
    uint64_t offset;

    for (unsigned i = 0; i < image->head.e_phnum; i++) {
        ElfW(Phdr) segment;

        if (!take_segment(image, i, &segment))
            return damaged("table of segments", err);
        if (check_segment(image, &segment, err) != 0)
            return -1;
        stack = stack || segment.p_type == PT_GNU_STACK;
        if (segment.p_type != PT_DYNAMIC)
            continue;
        *dynamic = segment;
        found = true;
    }
    if (!found)
        return fb_fail(err, FB_E_CONFIG, "the file is no shared object");
    /* The loader goes by the address, whatever the offset says. */
    if (!offset_of(image, dynamic->p_vaddr, &offset) ||
        dynamic->p_filesz > image->size - offset)
        return damaged("dynamic section", err);
    dynamic->p_offset = offset;
    /* The loader takes silence for a wish to execute the stack. */
    if (!stack)
        return fb_fail(err, FB_E_CONFIG,
                       "the file does not say that its stack holds no code");
    return 0;
}

/* NULL when it does not lie, with its end, in the table of strings. */
static const char *
string_at(const struct image *image, const struct dynamic *dynamic,
          uint64_t index)
{
    uint64_t start;
    size_t room;

    if (index >= dynamic->strings_size ||
        !offset_of(image, dynamic->strings, &start) ||
        index >= image->size - start)
        return NULL;
    start += index;
    room = image->size - start;
    if (room > dynamic->strings_size - index)
        room = dynamic->strings_size - index;
    if (memchr(image->bytes + start, '\0', room) == NULL)
        return NULL;
    return (const char *)image->bytes + start;
}

static void
note_entry(const ElfW(Dyn) * entry, struct dynamic *dynamic)
{
    uint64_t value = entry->d_un.d_val;

    if (entry->d_tag == DT_STRTAB)
        dynamic->strings = value;
    else if (entry->d_tag == DT_STRSZ)
        dynamic->strings_size = value;
    else if (entry->d_tag == DT_SYMTAB)
        dynamic->symbols = value;
    else if (entry->d_tag == DT_HASH)
        dynamic->hash = value;
    else if (entry->d_tag == DT_GNU_HASH)
        dynamic->gnu_hash = value;
    else if (entry->d_tag == DT_RPATH)
        dynamic->rpath = value;
    else if (entry->d_tag == DT_RUNPATH)
        dynamic->runpath = value;
    else if (entry->d_tag == DT_TEXTREL ||
             (entry->d_tag == DT_FLAGS && (value & DF_TEXTREL) != 0))
        dynamic->writes_code = true;
}

static bool
take_entry(const struct image *image, const ElfW(Phdr) * segment, size_t index,
           ElfW(Dyn) * entry)
{
    return index < segment->p_filesz / sizeof(*entry) &&
           take(image, segment->p_offset + index * sizeof(*entry), entry,
                sizeof(*entry)) &&
           entry->d_tag != DT_NULL;
}

static bool
names_library(const ElfW(Dyn) * entry)
{
    return entry->d_tag == DT_NEEDED || entry->d_tag == DT_AUXILIARY ||
           entry->d_tag == DT_FILTER;
}

static int
check_dynamic(const struct image *image, const ElfW(Phdr) * segment,
              struct dynamic *dynamic, struct fb_error *err)
{
    ElfW(Dyn) entry;

    for (size_t i = 0; take_entry(image, segment, i, &entry); i++)
        note_entry(&entry, dynamic);
    if (dynamic->writes_code) {
        fb_fail(err, FB_E_CONFIG,
                "the file writes to its own code (text relocations)");
        return fb_hint(err, "compile it with -fPIC");
    }
    for (size_t i = 0; take_entry(image, segment, i, &entry); i++) {
        const char *library;

        if (!names_library(&entry))
            continue;
        library = string_at(image, dynamic, entry.d_un.d_val);
        if (library == NULL)
            return damaged("table of strings", err);
        if (strchr(library, '/') != NULL)
            return fb_fail(err, FB_E_CONFIG,
                           "the file names a library by its path: '%s'",
                           library);
    }
    return 0;
}

/* Whether symbol `index` is the one, and an object with data. */
static bool
is_symbol(const struct image *image, const struct dynamic *dynamic,
          uint64_t index, const char *name, ElfW(Sym) * symbol)
{
    const char *found;
    uint64_t table;

    if (!offset_of(image, dynamic->symbols, &table) ||
        index > image->size / sizeof(*symbol) ||
        !take(image, table + index * sizeof(*symbol), symbol, sizeof(*symbol)))
        return false;
    found = string_at(image, dynamic, symbol->st_name);
    return found != NULL && strcmp(found, name) == 0 &&
           symbol->st_shndx != SHN_UNDEF &&
           ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT &&
           ELF64_ST_BIND(symbol->st_info) != STB_LOCAL;
}

/* DT_HASH tells the number of symbols: look at each. */
static bool
find_by_hash(const struct image *image, const struct dynamic *dynamic,
             const char *name, ElfW(Sym) * symbol)
{
    uint32_t count = 0;
    uint64_t table;

    if (!offset_of(image, dynamic->hash, &table) ||
        !take_u32(image, table + sizeof(count), &count) ||
        count > image->size / sizeof(*symbol))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (is_symbol(image, dynamic, i, name, symbol))
            return true;
    return false;
}

static uint32_t
gnu_hash(const char *name)
{
    uint32_t hash = 5381;

    for (; *name != '\0'; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

/* DT_GNU_HASH: four words, a bloom filter, buckets, chains. */
static bool
find_by_gnu_hash(const struct image *image, const struct dynamic *dynamic,
                 const char *name, ElfW(Sym) * symbol)
{
    uint32_t head[4], index = 0, link = 0;
    uint64_t table, buckets, chains;

    if (!offset_of(image, dynamic->gnu_hash, &table) ||
        !take(image, table, head, sizeof(head)) || head[0] == 0)
        return false;
    buckets = table + sizeof(head) + (uint64_t)head[2] * sizeof(ElfW(Addr));
    chains = buckets + (uint64_t)head[0] * sizeof(uint32_t);
    if (!take_u32(image,
                  buckets +
                      (uint64_t)(gnu_hash(name) % head[0]) * sizeof(uint32_t),
                  &index) ||
        index < head[1])
        return false;
    for (; (link & 1) == 0; index++) {
        uint64_t at = chains + (uint64_t)(index - head[1]) * sizeof(link);

        if (!take_u32(image, at, &link))
            return false;
        if (is_symbol(image, dynamic, index, name, symbol))
            return true;
        if (index == UINT32_MAX)
            return false;
    }
    return false;
}

static bool
find_by_name(const struct image *image, const struct dynamic *dynamic,
             const char *name, ElfW(Sym) * symbol)
{
    return (dynamic->gnu_hash != 0 &&
            find_by_gnu_hash(image, dynamic, name, symbol)) ||
           (dynamic->hash != 0 && find_by_hash(image, dynamic, name, symbol));
}

static int
find_symbol(const struct image *image, const struct dynamic *dynamic,
            const char *name, ElfW(Sym) * symbol, struct fb_error *err)
{
    uint64_t first, last;

    if (!find_by_name(image, dynamic, name, symbol)) {
        fb_fail(err, FB_E_CONFIG, "the file does not export '%s'", name);
        return fb_hint(err, "end the plugin with FB_PLUGINS(&descriptor)");
    }
    if (symbol->st_size == 0 ||
        symbol->st_value > UINT64_MAX - symbol->st_size ||
        !offset_of(image, symbol->st_value, &first) ||
        !offset_of(image, symbol->st_value + symbol->st_size - 1, &last))
        return damaged("list of plugins", err);
    return 0;
}

static int
read_path(const struct image *image, const struct dynamic *dynamic,
          uint64_t index, const char **path, struct fb_error *err)
{
    if (index == 0)
        return 0;
    *path = string_at(image, dynamic, index);
    return *path == NULL ? damaged("table of strings", err) : 0;
}

int
elf_check(const unsigned char *bytes, size_t size, const char *symbol,
          struct elf_facts *facts, struct fb_error *err)
{
    struct image image = {.bytes = bytes, .size = size};
    struct dynamic dynamic = {0};
    ElfW(Phdr) segment = {0};
    ElfW(Sym) entry = {0};

    *facts = (struct elf_facts){0};
    if (check_head(&image, err) != 0 ||
        check_segments(&image, &segment, err) != 0 ||
        check_dynamic(&image, &segment, &dynamic, err) != 0 ||
        read_path(&image, &dynamic, dynamic.rpath, &facts->rpath, err) != 0 ||
        read_path(&image, &dynamic, dynamic.runpath, &facts->runpath, err) !=
            0 ||
        find_symbol(&image, &dynamic, symbol, &entry, err) != 0)
        return -1;
    facts->entry_size = entry.st_size;
    return 0;
}

const char *
elf_text(const unsigned char *bytes, size_t size, const char *symbol)
{
    struct image image = {.bytes = bytes, .size = size};
    struct dynamic dynamic = {0};
    ElfW(Phdr) segment = {0};
    ElfW(Sym) entry = {0};
    struct fb_error err;
    uint64_t offset;

    if (check_head(&image, &err) != 0 ||
        check_segments(&image, &segment, &err) != 0 ||
        check_dynamic(&image, &segment, &dynamic, &err) != 0 ||
        !find_by_name(&image, &dynamic, symbol, &entry) ||
        !offset_of(&image, entry.st_value, &offset) ||
        entry.st_size > size - offset ||
        memchr(bytes + offset, '\0', entry.st_size) == NULL)
        return NULL;
    return (const char *)bytes + offset;
}

size_t
elf_loaded_size(const unsigned char *bytes, size_t size)
{
    struct image image = {.bytes = bytes, .size = size};
    struct fb_error err;
    uint64_t end = 0;

    if (check_head(&image, &err) != 0)
        return SIZE_MAX;
    for (unsigned i = 0; i < image.head.e_phnum; i++) {
        ElfW(Phdr) segment;

        if (!take_segment(&image, i, &segment) ||
            segment.p_offset > SIZE_MAX - segment.p_filesz)
            return SIZE_MAX;
        if (segment.p_offset + segment.p_filesz > end)
            end = segment.p_offset + segment.p_filesz;
    }
    return end > size ? (size_t)end : size;
}
