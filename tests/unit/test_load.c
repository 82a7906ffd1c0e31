/*
 * registry/load.h and elf.h, as the registry uses them: plugins are compiled
 * here, with one thing wrong at a time.
 */
#define _GNU_SOURCE /* F_GET_SEALS */
#include "registry/load.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>

#include "registry/describe.h"
#include "registry/elf.h"
#include "registry/registry.h"
#include "unit/main.h"
#include "unit/plugin_files.h"

/* A notifier whose answer is 42, and whose constructor leaves a trace. */
static const char plugin_text[] =
    "#include <forebay/plugin.h>\n"
    "#ifndef NAME\n"
    "#define NAME \"probe\"\n"
    "#endif\n"
    "#ifndef SCHEME\n"
    "#define SCHEME \"probe\"\n"
    "#endif\n"
    "#ifndef HEAD\n"
    "#define HEAD FB_PLUGIN_HEAD\n"
    "#endif\n"
    "__attribute__((constructor)) static void begin(void)\n"
    "{\n"
    "    FILE *file = fopen(TRACE, \"w\");\n"
    "    if (file != NULL)\n"
    "        fclose(file);\n"
    "}\n"
    "#ifdef UNRESOLVED\n"
    "int no_such_function(void);\n"
    "#else\n"
    "#define no_such_function() 42\n"
    "#endif\n"
    "static int answer(void *self, struct fb_step *step,\n"
    "                  const struct fb_report *report, struct fb_error *err)\n"
    "{\n"
    "    return no_such_function();\n"
    "}\n"
    "static const struct fb_plugin probe = {\n"
    "    HEAD, .kind = FB_NOTIFIER, .name = NAME, .summary = \"Probes.\",\n"
    "    .schemes = (const char *const[]){SCHEME, NULL},\n"
    "#ifndef NO_NOTIFY\n"
    "    .notify = answer,\n"
    "#endif\n"
    "};\n"
    "#ifdef PROVIDES\n"
    "FB_PROVIDES(PROVIDES);\n"
    "#endif\n"
    "#if defined(ENTRY)\n"
    "ENTRY;\n"
    "#elif !defined(NO_ENTRY)\n"
    "FB_PLUGINS(&probe);\n"
    "#endif\n";

static struct registry *registry;

static void
setup(void)
{
    make_test_folder();
    registry = NULL;
}

static void
teardown(void)
{
    registry_free(registry);
    remove_test_folder();
}

static void
compile(const char *name, const char *flags)
{
    char *all = mem_printf("-DTRACE='\"%s/trace\"' %s", test_folder, flags);

    compile_plugin(name, plugin_text, all);
    free(all);
}

static bool
constructor_ran(void)
{
    char *path = in_test_folder("trace");
    bool ran = access(path, F_OK) == 0;

    free(path);
    return ran;
}

static void
open_folder(const char *folder)
{
    struct fb_error err;

    registry_free(registry);
    ck_assert_msg(registry_open(&folder, 1, &registry, &err) == 0, "%s",
                  err.message);
}

static void
open_registry(void)
{
    open_folder(test_folder);
}

static void
accepts(size_t count)
{
    open_registry();
    if (registry_refused_count(registry) > 0)
        ck_abort_msg("%s", registry_refused(registry, 0)->reason);
    ck_assert_uint_eq(registry_count(registry), count);
}

/* The only file there is. */
static void
refuses(const char *reason)
{
    const struct registry_refusal *refusal;

    open_registry();
    ck_assert_uint_eq(registry_count(registry), 0);
    ck_assert_uint_eq(registry_refused_count(registry), 1);
    refusal = registry_refused(registry, 0);
    ck_assert(strncmp(refusal->path, test_folder, strlen(test_folder)) == 0);
    ck_assert_msg(strstr(refusal->reason, reason) != NULL, "'%s' not in '%s'",
                  reason, refusal->reason);
}

static void
refuses_unseen(const char *reason)
{
    refuses(reason);
    ck_assert(!constructor_ran());
}

/* Compile it right, then change `size` bytes at `offset`. */
static void
compile_and_patch(size_t offset, const void *bytes, size_t size)
{
    unsigned char *content;
    size_t length;

    compile("a.so", "");
    content = read_whole("a.so", &length);
    ck_assert_uint_le(offset + size, length);
    memcpy(content + offset, bytes, size);
    write_file("a.so", content, length);
    free(content);
}

/* --- what is loaded --- */

START_TEST(loads_the_plugins_of_a_folder_in_order_of_name)
{
    compile("b.so", "-DNAME='\"one\"' -DSCHEME='\"one\"'");
    compile("a.so", "-DNAME='\"two\"' -DSCHEME='\"two\"'");
    accepts(2);
    ck_assert_str_eq(registry_at(registry, 0)->name, "two");
    ck_assert_str_eq(registry_at(registry, 1)->name, "one");
    ck_assert_str_eq(registry_path(registry, 1) + strlen(test_folder), "/b.so");
    ck_assert(constructor_ran());
}
END_TEST

START_TEST(ignores_hidden_files_and_other_names)
{
    write_file(".a.so", "x", 1);
    write_file("a.so.1", "x", 1);
    write_file("readme", "x", 1);
    accepts(0);
}
END_TEST

START_TEST(reads_a_folder_once_that_is_named_twice)
{
    char *again = in_test_folder(".");
    const char *folders[] = {test_folder, again};
    struct fb_error err;

    compile("a.so", "");
    ck_assert_int_eq(registry_open(folders, 2, &registry, &err), 0);
    ck_assert_uint_eq(registry_count(registry), 1);
    ck_assert_uint_eq(registry_refused_count(registry), 0);
    free(again);
}
END_TEST

START_TEST(fails_when_a_folder_is_missing)
{
    char *missing = in_test_folder("missing");
    const char *folders[] = {test_folder, missing};
    struct fb_error err;

    ck_assert_int_eq(registry_open(folders, 2, &registry, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert(strstr(err.message, missing) != NULL);
    ck_assert_ptr_null(registry);
    free(missing);
}
END_TEST

START_TEST(finds_the_entry_by_the_old_kind_of_hash_table)
{
    compile("a.so", "-Wl,--hash-style=sysv");
    accepts(1);
}
END_TEST

static int
ask(void)
{
    const struct fb_plugin *plugin = registry_at(registry, 0);

    return plugin->notify(NULL, NULL, NULL, NULL);
}

START_TEST(runs_what_was_checked_although_the_file_changes)
{
    char *path = in_test_folder("a.so");

    compile("a.so", "");
    accepts(1);
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_int_eq(ask(), 42);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(ask(), 42);
    free(path);
}
END_TEST

/* The seals of the memory file that the plugin was loaded from. */
static int
seals_of_loaded(void)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    int seals = -1;

    ck_assert_ptr_nonnull(folder);
    while ((entry = readdir(folder)) != NULL) {
        char target[256] = "";

        if (readlinkat(dirfd(folder), entry->d_name, target,
                       sizeof(target) - 1) < 0)
            continue;
        if (strstr(target, "memfd:forebay:a.so") != NULL)
            seals = fcntl((int)strtol(entry->d_name, NULL, 10), F_GET_SEALS);
    }
    (void)closedir(folder);
    return seals;
}

START_TEST(seals_the_bytes_that_it_loads)
{
    const int wanted = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

    compile("a.so", "");
    accepts(1);
    ck_assert_int_eq(seals_of_loaded() & wanted, wanted);
}
END_TEST

/* The loader would give the earlier one for the same file number. */
START_TEST(gives_a_second_registry_its_own_plugins)
{
    char *first = in_test_folder("first"), *second = in_test_folder("second");

    make_folder("first");
    make_folder("second");
    compile("first/a.so", "-DNAME='\"one\"'");
    compile("second/a.so", "-DNAME='\"two\"'");
    open_folder(first);
    ck_assert_str_eq(registry_at(registry, 0)->name, "one");
    open_folder(second);
    ck_assert_str_eq(registry_at(registry, 0)->name, "two");
    free(second);
    free(first);
}
END_TEST

/* --- what is refused unseen --- */

START_TEST(refuses_a_file_without_the_entry_symbol)
{
    compile("a.so", "-DNO_ENTRY");
    refuses_unseen("does not export 'forebay_plugins'");
}
END_TEST

START_TEST(refuses_an_entry_symbol_that_is_hidden)
{
    compile("a.so", "-DENTRY='const struct fb_plugin *const "
                    "forebay_plugins[] = {&probe, NULL}'");
    refuses_unseen("does not export 'forebay_plugins'");
}
END_TEST

START_TEST(refuses_an_entry_symbol_that_is_a_function)
{
    compile("a.so", "-DENTRY='FB_EXPORT void forebay_plugins(void) {}'");
    refuses_unseen("does not export 'forebay_plugins'");
}
END_TEST

START_TEST(refuses_what_is_no_elf_object)
{
    write_file("a.so", "#!/bin/sh\n", 10);
    refuses("is no ELF object");
}
END_TEST

START_TEST(refuses_an_empty_file)
{
    write_file("a.so", "", 0);
    refuses("is empty");
}
END_TEST

START_TEST(refuses_a_file_that_was_cut_off)
{
    unsigned char *content;
    size_t length;

    compile("whole", "");
    content = read_whole("whole", &length);
    for (size_t size = 4; size < length / 2; size += 97) {
        write_file("a.so", content, size);
        refuses_unseen("is cut off or damaged");
    }
    free(content);
}
END_TEST

START_TEST(refuses_a_file_of_another_machine)
{
    const uint16_t machine = EM_S390;

    compile_and_patch(offsetof(ElfW(Ehdr), e_machine), &machine,
                      sizeof(machine));
    refuses_unseen("is for s390 (machine 22), this program is for ");
}
END_TEST

START_TEST(refuses_a_file_of_another_word_size)
{
    const unsigned char class = sizeof(void *) == 8 ? ELFCLASS32 : ELFCLASS64;

    compile_and_patch(EI_CLASS, &class, 1);
    refuses_unseen("another word size");
}
END_TEST

START_TEST(refuses_a_program)
{
    const uint16_t type = ET_EXEC;

    compile_and_patch(offsetof(ElfW(Ehdr), e_type), &type, sizeof(type));
    refuses_unseen("is no shared object");
}
END_TEST

START_TEST(refuses_a_file_that_wants_to_execute_its_stack)
{
    compile("a.so", "-Wl,-z,execstack");
    refuses_unseen("executable stack (hint: link with -Wl,-z,noexecstack)");
}
END_TEST

/* Where the list of dynamic entries ends, with room for one more. */
static size_t
end_of_dynamic(const unsigned char *bytes)
{
    ElfW(Ehdr) head;
    ElfW(Phdr) segment = {0};
    ElfW(Dyn) entry = {.d_tag = DT_DEBUG};
    size_t at;

    memcpy(&head, bytes, sizeof(head));
    for (unsigned i = 0; i < head.e_phnum && segment.p_type != PT_DYNAMIC; i++)
        memcpy(&segment, bytes + head.e_phoff + i * sizeof(segment),
               sizeof(segment));
    ck_assert_uint_eq(segment.p_type, PT_DYNAMIC);
    for (at = segment.p_offset; entry.d_tag != DT_NULL; at += sizeof(entry))
        memcpy(&entry, bytes + at, sizeof(entry));
    ck_assert_uint_le(at + sizeof(entry), segment.p_offset + segment.p_filesz);
    return at - sizeof(entry);
}

START_TEST(refuses_a_file_that_writes_to_its_own_code)
{
    const ElfW(Dyn) entry = {.d_tag = DT_TEXTREL};
    unsigned char *content;
    size_t length;

    compile("a.so", "");
    content = read_whole("a.so", &length);
    memcpy(content + end_of_dynamic(content), &entry, sizeof(entry));
    write_file("a.so", content, length);
    free(content);
    refuses_unseen("text relocations) (hint: compile it with -fPIC)");
}
END_TEST

START_TEST(refuses_a_file_with_an_unresolved_symbol)
{
    compile("a.so", "-DUNRESOLVED");
    refuses_unseen("cannot load the file: undefined symbol: "
                   "no_such_function");
}
END_TEST

START_TEST(refuses_a_file_that_others_can_write_and_says_the_remedy)
{
    compile("a.so", "");
    set_mode("a.so", 0777);
    refuses_unseen("(hint: chmod go-w '");
}
END_TEST

START_TEST(refuses_every_file_of_a_folder_that_others_can_write)
{
    compile("a.so", "");
    write_file("b.so", "x", 1);
    ck_assert_int_eq(chmod(test_folder, 0777), 0);
    open_registry();
    ck_assert_uint_eq(registry_count(registry), 0);
    ck_assert_uint_eq(registry_refused_count(registry), 2);
    ck_assert(!constructor_ran());
}
END_TEST

START_TEST(refuses_a_symbolic_link)
{
    char *path = in_test_folder("a.so");

    compile("real", "");
    ck_assert_int_eq(symlink("real", path), 0);
    free(path);
    refuses_unseen("is a symbolic link");
}
END_TEST

START_TEST(refuses_to_search_libraries_beside_the_file)
{
    compile("a.so", "-Wl,-rpath,'$ORIGIN/lib'");
    refuses_unseen("'$ORIGIN/lib' (RPATH), which is no absolute path");
}
END_TEST

START_TEST(refuses_to_search_libraries_where_others_can_write)
{
    char *flags =
        mem_printf("-Wl,-rpath,'%s/lib' -Wl,--disable-new-dtags", test_folder);

    make_folder("lib");
    set_mode("lib", 0777);
    compile("a.so", flags);
    free(flags);
    refuses_unseen("/lib' is writable by");
}
END_TEST

START_TEST(searches_libraries_where_only_we_can_write)
{
    char *flags = mem_printf("-Wl,-rpath,'%s/lib'", test_folder);

    make_folder("lib");
    compile("a.so", flags);
    free(flags);
    accepts(1);
}
END_TEST

START_TEST(refuses_when_the_environment_names_libraries_that_others_can_write)
{
    char *lib = in_test_folder("lib"), *list = mem_printf("/nowhere:%s", lib);

    make_folder("lib");
    compile("a.so", "");
    setenv("LD_LIBRARY_PATH", list, 1);
    accepts(1);
    set_mode("lib", 0777);
    refuses("/lib' is writable by");
    /* An empty name is the working directory. */
    setenv("LD_LIBRARY_PATH", "/nowhere:", 1);
    refuses("in '' (LD_LIBRARY_PATH), which is no absolute path");
    setenv("LD_LIBRARY_PATH", "", 1);
    accepts(1);
    free(list);
    free(lib);
}
END_TEST

START_TEST(refuses_a_library_that_is_named_by_its_path)
{
    char *flags = mem_printf("-Wl,--no-as-needed '%s/library'", test_folder);

    compile_plugin("library", "int library;\n", "");
    compile("a.so", flags);
    free(flags);
    refuses_unseen("names a library by its path: '");
}
END_TEST

/* Read with a sanitizer, this finds any step outside the bytes. */
START_TEST(reads_no_byte_outside_a_damaged_file)
{
    struct fb_error err;
    struct elf_facts facts;
    unsigned char *content;
    size_t length, refused = 0;

    compile("a.so", "-DPROVIDES='\"notifier probe probe\"'");
    content = read_whole("a.so", &length);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = content[i];

        content[i] = (unsigned char)~byte;
        refused += elf_check(content, length, FB_ENTRY, &facts, &err) != 0;
        (void)elf_text(content, length, FB_PROVIDES_ENTRY);
        (void)elf_loaded_size(content, length);
        content[i] = byte;
    }
    ck_assert_str_eq(elf_text(content, length, FB_PROVIDES_ENTRY),
                     "abi 1; notifier probe probe");
    ck_assert_uint_gt(refused, 0);
    ck_assert_int_eq(elf_check(content, length, FB_ENTRY, &facts, &err), 0);
    ck_assert_uint_eq(facts.entry_size, 2 * sizeof(void *));
    free(content);
}
END_TEST

/* --- what is refused once seen --- */

START_TEST(refuses_another_abi_and_names_both)
{
    compile("a.so", "-DHEAD='.abi = 7, .size = sizeof(struct fb_plugin), "
                    ".option_size = sizeof(struct fb_option)'");
    refuses("the plugin has ABI 7, this program has ABI 1");
}
END_TEST

START_TEST(refuses_a_plugin_without_the_callback_of_its_kind)
{
    compile("a.so", "-DNO_NOTIFY");
    refuses("plugin 'probe' is a notifier without notify");
}
END_TEST

START_TEST(refuses_an_empty_list)
{
    compile("a.so", "-DENTRY='FB_EXPORT const struct fb_plugin *const "
                    "forebay_plugins[] = {NULL}'");
    refuses("is empty");
}
END_TEST

START_TEST(refuses_a_list_without_an_end)
{
    compile("a.so", "-DENTRY='FB_EXPORT const struct fb_plugin *const "
                    "forebay_plugins[] = {&probe, &probe}'");
    refuses("does not end with NULL");
}
END_TEST

START_TEST(takes_all_plugins_of_a_file_or_none)
{
    compile("a.so",
            "-DENTRY='static const struct fb_plugin bad = {FB_PLUGIN_HEAD, "
            ".kind = FB_SINK, .name = \"bad\", .summary = \"Bad.\"}; "
            "FB_PLUGINS(&probe, &bad)'");
    refuses("plugin 'bad' is a sink without write_bytes or write");
}
END_TEST

START_TEST(refuses_a_second_plugin_of_a_name_and_says_where_the_first_is)
{
    compile("a.so", "");
    compile("b.so", "-DSCHEME='\"other\"'");
    open_registry();
    ck_assert_uint_eq(registry_count(registry), 1);
    ck_assert_uint_eq(registry_refused_count(registry), 1);
    ck_assert(strstr(registry_refused(registry, 0)->reason,
                     "there is a notifier 'probe' already, from '") != NULL);
    ck_assert(strstr(registry_refused(registry, 0)->reason, "/a.so'") != NULL);
}
END_TEST

START_TEST(refuses_a_second_plugin_of_a_scheme)
{
    compile("a.so", "");
    compile("b.so", "-DNAME='\"other\"'");
    open_registry();
    ck_assert_uint_eq(registry_refused_count(registry), 1);
    ck_assert(strstr(registry_refused(registry, 0)->reason,
                     "both have the scheme 'probe'") != NULL);
}
END_TEST

START_TEST(finds_why_a_plugin_is_not_there)
{
    write_file("probe.so", "x", 1);
    open_registry();
    ck_assert_ptr_nonnull(registry_refused_by_name(registry, "probe"));
    ck_assert_ptr_null(registry_refused_by_name(registry, "prob"));
    ck_assert_ptr_null(registry_refused_by_name(registry, "probes"));
}
END_TEST

/* Whoever names a file must not reach the terminal of whoever lists it. */
START_TEST(lists_what_was_refused_and_why)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(out);
    write_file("\x1b[2J.so", "x", 1);
    open_registry();
    describe_list(registry, out);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert(strncmp(text, "refused:\n  ", 11) == 0);
    ck_assert(strstr(text, "\\x1b[2J.so\n    the file is no ELF object\n") !=
              NULL);
    ck_assert_ptr_null(strchr(text, '\x1b'));
    free(text);
}
END_TEST

/* --- what a file says of itself --- */

START_TEST(loads_a_file_that_says_what_it_holds_when_it_is_asked_for)
{
    const struct fb_plugin *plugin;

    compile("a.so", "-DPROVIDES='\"notifier probe probe\"'");
    accepts(1);
    plugin = registry_at(registry, 0);
    ck_assert_str_eq(plugin->name, "probe");
    ck_assert_int_eq(plugin->kind, FB_NOTIFIER);
    ck_assert_str_eq(plugin->schemes[0], "probe");
    ck_assert_ptr_null(plugin->schemes[1]);
    ck_assert_ptr_null(plugin->summary);
    ck_assert(!constructor_ran());
    ck_assert_ptr_eq(registry_by_name(registry, FB_NOTIFIER, "probe"), plugin);
    ck_assert(constructor_ran());
    ck_assert_str_eq(plugin->summary, "Probes.");
    ck_assert_int_eq(plugin->notify(NULL, NULL, NULL, NULL), 42);
}
END_TEST

START_TEST(loads_by_the_scheme_of_a_uri)
{
    compile("a.so", "-DPROVIDES='\"notifier probe probe\"'");
    accepts(1);
    ck_assert_ptr_null(registry_by_uri(registry, FB_NOTIFIER, "other:x"));
    ck_assert(!constructor_ran());
    ck_assert_ptr_nonnull(registry_by_uri(registry, FB_NOTIFIER, "probe:x"));
    ck_assert(constructor_ran());
}
END_TEST

START_TEST(loads_nothing_for_names_that_are_not_asked_for)
{
    compile("a.so", "-DPROVIDES='\"notifier probe probe\"'");
    accepts(1);
    ck_assert_ptr_null(registry_by_name(registry, FB_NOTIFIER, "prob"));
    ck_assert_ptr_null(registry_by_name(registry, FB_SINK, "probe"));
    ck_assert_str_eq(registry_nearest(registry, FB_NOTIFIER, "prob"), "probe");
    registry_load(registry, "other");
    ck_assert(!constructor_ran());
    registry_load(registry, NULL);
    ck_assert(constructor_ran());
}
END_TEST

/* The only plugin is accepted, and refused when it is loaded. */
static void
refuses_loaded(const char *flags, const char *reason)
{
    compile("a.so", flags);
    accepts(1);
    registry_load(registry, NULL);
    ck_assert_uint_eq(registry_count(registry), 0);
    ck_assert_uint_eq(registry_refused_count(registry), 1);
    ck_assert_msg(strstr(registry_refused(registry, 0)->reason, reason) != NULL,
                  "'%s' not in '%s'", reason,
                  registry_refused(registry, 0)->reason);
}

START_TEST(refuses_a_plugin_of_another_name_than_its_file_says)
{
    refuses_loaded("-DPROVIDES='\"notifier other probe\"'",
                   "plugin 'probe': FB_PROVIDES says 'notifier other probe', "
                   "its descriptor says 'notifier probe probe' (hint: ");
    ck_assert_ptr_null(registry_by_name(registry, FB_NOTIFIER, "other"));
    ck_assert_ptr_null(registry_by_name(registry, FB_NOTIFIER, "probe"));
}
END_TEST

START_TEST(refuses_a_plugin_of_another_kind_than_its_file_says)
{
    refuses_loaded("-DPROVIDES='\"sink probe probe\"'",
                   "FB_PROVIDES says 'sink probe probe'");
}
END_TEST

START_TEST(refuses_a_plugin_with_a_scheme_less_than_its_file_says)
{
    refuses_loaded("-DPROVIDES='\"notifier probe probe more\"'",
                   "FB_PROVIDES says 'notifier probe probe more'");
}
END_TEST

START_TEST(refuses_a_plugin_with_a_scheme_more_than_its_file_says)
{
    refuses_loaded("-DPROVIDES='\"notifier probe\"'",
                   "FB_PROVIDES says 'notifier probe', its descriptor says "
                   "'notifier probe probe'");
}
END_TEST

/* A notifier cannot have one, but a file may say so. */
START_TEST(knows_formats_and_loads_for_them)
{
    compile("a.so", "-DPROVIDES='\"notifier probe probe .one .two\"'");
    accepts(1);
    ck_assert_str_eq(registry_at(registry, 0)->formats[0], "one");
    ck_assert_str_eq(registry_at(registry, 0)->formats[1], "two");
    ck_assert_ptr_null(registry_at(registry, 0)->formats[2]);
    ck_assert_ptr_null(registry_by_format(registry, FB_NOTIFIER, "three"));
    ck_assert(!constructor_ran());
    ck_assert_ptr_null(registry_by_format(registry, FB_NOTIFIER, "two"));
    ck_assert(constructor_ran());
    ck_assert(strstr(registry_refused(registry, 0)->reason,
                     "FB_PROVIDES says 'notifier probe probe .one .two', its "
                     "descriptor says 'notifier probe probe'") != NULL);
}
END_TEST

START_TEST(refuses_a_file_with_fewer_plugins_than_it_says)
{
    compile("a.so", "-DPROVIDES='\"notifier probe probe; sink s\"'");
    accepts(2);
    ck_assert_ptr_null(registry_by_name(registry, FB_SINK, "s"));
    ck_assert_uint_eq(registry_count(registry), 0);
    ck_assert(strstr(registry_refused(registry, 0)->reason,
                     "FB_PROVIDES names 2 plugins, FB_PLUGINS 1") != NULL);
}
END_TEST

START_TEST(refuses_what_cannot_be_linked_when_it_is_asked_for)
{
    refuses_loaded("-DUNRESOLVED -DPROVIDES='\"notifier probe probe\"'",
                   "no_such_function");
    ck_assert(!constructor_ran());
}
END_TEST

START_TEST(asks_the_next_plugin_when_the_best_is_refused)
{
    const struct fb_plugin *plugin;

    compile("a.so", "-DNAME='\"one\"' -DSCHEME='\"x\"' "
                    "-DPROVIDES='\"notifier one x\"'");
    compile("b.so", "-DNAME='\"two\"' -DSCHEME='\"z\"' "
                    "-DPROVIDES='\"notifier two x:y\"'");
    accepts(2);
    plugin = registry_by_uri(registry, FB_NOTIFIER, "x:y:z");
    ck_assert_ptr_nonnull(plugin);
    ck_assert_str_eq(plugin->name, "one");
    ck_assert_uint_eq(registry_refused_count(registry), 1);
}
END_TEST

static const char *const misunderstood[] = {
    "",
    "transform",
    "notifier probe probe;",
    ";notifier probe",
    "other probe probe",
    "notifier Probe",
    "notifier probe Probe",
    "notifier probe probe; ; ",
    "notifier probe a\tb",
    "notifier probe .",
    "notifier probe .A",
};

START_TEST(refuses_words_that_it_does_not_understand)
{
    char *flags = mem_printf("-DPROVIDES='\"%s\"'", misunderstood[_i]);

    compile("a.so", flags);
    free(flags);
    refuses_unseen("FB_PROVIDES says 'abi 1; ");
}
END_TEST

/* What FB_PROVIDES makes, with this text. */
#define SAYS(text_)                                                       \
    "-DENTRY='FB_EXPORT extern const char forebay_provides[]; FB_EXPORT " \
    "const char forebay_provides[] = \"" text_ "\"; FB_PLUGINS(&probe)'"

START_TEST(refuses_another_abi_before_its_constructors_run)
{
    compile("a.so", SAYS("abi 7; notifier probe probe"));
    refuses_unseen("the plugin has ABI 7, this program has ABI 1");
}
END_TEST

START_TEST(refuses_words_without_an_abi)
{
    compile("a.so", SAYS("notifier probe probe"));
    refuses_unseen("it does not begin with its ABI");
}
END_TEST

START_TEST(refuses_the_second_of_a_name_unseen)
{
    compile("a.so", "-DPROVIDES='\"notifier probe probe\"'");
    compile("b.so", "-DPROVIDES='\"notifier probe other\"'");
    open_registry();
    ck_assert_uint_eq(registry_count(registry), 1);
    ck_assert_uint_eq(registry_refused_count(registry), 1);
    ck_assert(strstr(registry_refused(registry, 0)->reason,
                     "there is a notifier 'probe' already, from '") != NULL);
    ck_assert(!constructor_ran());
}
END_TEST

START_TEST(loads_the_file_that_was_authorised_although_another_took_its_name)
{
    char *from = in_test_folder("new"), *to = in_test_folder("a.so");

    compile("a.so", "-DPROVIDES='\"notifier probe probe\"'");
    accepts(1);
    write_file("new", "x", 1);
    ck_assert_int_eq(rename(from, to), 0);
    ck_assert_ptr_nonnull(registry_by_name(registry, FB_NOTIFIER, "probe"));
    free(from);
    free(to);
}
END_TEST

START_TEST(checks_again_a_file_that_was_written_to_before_it_was_loaded)
{
    compile("a.so", "-DPROVIDES='\"notifier probe probe\"'");
    accepts(1);
    write_file("a.so", "x", 1);
    ck_assert_ptr_null(registry_by_name(registry, FB_NOTIFIER, "probe"));
    ck_assert(strstr(registry_refused(registry, 0)->reason,
                     "the file is no ELF object") != NULL);
    ck_assert(!constructor_ran());
}
END_TEST

static TCase *
files_case(const char *name)
{
    TCase *tc = tcase_create(name);

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120); /* compilers run, many at a time */
    return tc;
}

static TCase *
loading_case(void)
{
    TCase *tc = files_case("loading");

    tcase_add_test(tc, loads_the_plugins_of_a_folder_in_order_of_name);
    tcase_add_test(tc, ignores_hidden_files_and_other_names);
    tcase_add_test(tc, reads_a_folder_once_that_is_named_twice);
    tcase_add_test(tc, fails_when_a_folder_is_missing);
    tcase_add_test(tc, finds_the_entry_by_the_old_kind_of_hash_table);
    tcase_add_test(tc, runs_what_was_checked_although_the_file_changes);
    tcase_add_test(tc, seals_the_bytes_that_it_loads);
    tcase_add_test(tc, gives_a_second_registry_its_own_plugins);
    return tc;
}

static TCase *
unseen_case(void)
{
    TCase *tc = files_case("refused unseen");

    tcase_add_test(tc, refuses_a_file_without_the_entry_symbol);
    tcase_add_test(tc, refuses_an_entry_symbol_that_is_hidden);
    tcase_add_test(tc, refuses_an_entry_symbol_that_is_a_function);
    tcase_add_test(tc, refuses_what_is_no_elf_object);
    tcase_add_test(tc, refuses_an_empty_file);
    tcase_add_test(tc, refuses_a_file_that_was_cut_off);
    tcase_add_test(tc, refuses_a_file_of_another_machine);
    tcase_add_test(tc, refuses_a_file_of_another_word_size);
    tcase_add_test(tc, refuses_a_program);
    tcase_add_test(tc, refuses_a_file_that_wants_to_execute_its_stack);
    tcase_add_test(tc, refuses_a_file_that_writes_to_its_own_code);
    tcase_add_test(tc, refuses_a_file_with_an_unresolved_symbol);
    tcase_add_test(tc,
                   refuses_a_file_that_others_can_write_and_says_the_remedy);
    tcase_add_test(tc, refuses_every_file_of_a_folder_that_others_can_write);
    tcase_add_test(tc, refuses_a_symbolic_link);
    tcase_add_test(tc, refuses_to_search_libraries_beside_the_file);
    tcase_add_test(tc, refuses_to_search_libraries_where_others_can_write);
    tcase_add_test(tc, searches_libraries_where_only_we_can_write);
    tcase_add_test(
        tc, refuses_when_the_environment_names_libraries_that_others_can_write);
    tcase_add_test(tc, refuses_a_library_that_is_named_by_its_path);
    tcase_add_test(tc, reads_no_byte_outside_a_damaged_file);
    return tc;
}

static TCase *
seen_case(void)
{
    TCase *tc = files_case("refused once seen");

    tcase_add_test(tc, refuses_another_abi_and_names_both);
    tcase_add_test(tc, refuses_a_plugin_without_the_callback_of_its_kind);
    tcase_add_test(tc, refuses_an_empty_list);
    tcase_add_test(tc, refuses_a_list_without_an_end);
    tcase_add_test(tc, takes_all_plugins_of_a_file_or_none);
    tcase_add_test(
        tc, refuses_a_second_plugin_of_a_name_and_says_where_the_first_is);
    tcase_add_test(tc, refuses_a_second_plugin_of_a_scheme);
    tcase_add_test(tc, finds_why_a_plugin_is_not_there);
    tcase_add_test(tc, lists_what_was_refused_and_why);
    return tc;
}

static TCase *
provides_case(void)
{
    TCase *tc = files_case("what a file says of itself");

    tcase_add_test(tc,
                   loads_a_file_that_says_what_it_holds_when_it_is_asked_for);
    tcase_add_test(tc, loads_by_the_scheme_of_a_uri);
    tcase_add_test(tc, loads_nothing_for_names_that_are_not_asked_for);
    tcase_add_test(tc, refuses_a_plugin_of_another_name_than_its_file_says);
    tcase_add_test(tc, refuses_a_plugin_of_another_kind_than_its_file_says);
    tcase_add_test(tc, refuses_a_plugin_with_a_scheme_less_than_its_file_says);
    tcase_add_test(tc, refuses_a_plugin_with_a_scheme_more_than_its_file_says);
    tcase_add_test(tc, knows_formats_and_loads_for_them);
    tcase_add_test(tc, refuses_a_file_with_fewer_plugins_than_it_says);
    tcase_add_test(tc, refuses_what_cannot_be_linked_when_it_is_asked_for);
    tcase_add_test(tc, asks_the_next_plugin_when_the_best_is_refused);
    tcase_add_loop_test(tc, refuses_words_that_it_does_not_understand, 0,
                        ARRAY_SIZE(misunderstood));
    tcase_add_test(tc, refuses_another_abi_before_its_constructors_run);
    tcase_add_test(tc, refuses_words_without_an_abi);
    tcase_add_test(tc, refuses_the_second_of_a_name_unseen);
    tcase_add_test(
        tc, loads_the_file_that_was_authorised_although_another_took_its_name);
    tcase_add_test(
        tc, checks_again_a_file_that_was_written_to_before_it_was_loaded);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("load");

    suite_add_tcase(suite, loading_case());
    suite_add_tcase(suite, unseen_case());
    suite_add_tcase(suite, seen_case());
    suite_add_tcase(suite, provides_case());
    return suite;
}
