/*
 * util/file.h: whole files and folders, in a folder of each test's own.
 */
#include "util/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/error.h"
#include "util/mem.h"

static struct fb_error err;
static struct arena *arena;
static char *folder;

static void
setup(void)
{
    const char *above = getenv("TMPDIR");

    arena = arena_new();
    folder = arena_printf(arena, "%s/forebay-file-XXXXXX",
                          above != NULL ? above : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void
remove_all(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char *below = file_join(arena, path, entry->d_name);

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlink(below) != 0)
            remove_all(below);
    }
    if (dir != NULL)
        closedir(dir);
    rmdir(path);
}

static void
teardown(void)
{
    remove_all(folder);
    arena_free(arena);
}

static void
put(const char *path, const char *text)
{
    ck_assert_msg(file_replace(path, text, strlen(text), &err) == 0, "%s",
                  err.message);
}

static int
count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int count = 0;

    ck_assert_ptr_nonnull(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2; /* . and .. */
}

static void
expect_content(const char *path, const char *text)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1000);
    ck_assert_msg(file_read(path, &buf, &err) == 0, "%s", err.message);
    ck_assert_str_eq(buf_text(&buf), text);
}

START_TEST(reads_what_was_written)
{
    put("a", "one\n");
    expect_content("a", "one\n");
    put("a", "");
    expect_content("a", "");
}
END_TEST

START_TEST(reads_into_a_buffer_that_was_used_before)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1000);
    put("a", "one");
    ck_assert_int_eq(buf_puts(&buf, "something longer", &err), 0);
    ck_assert_int_eq(file_read("a", &buf, &err), 0);
    ck_assert_str_eq(buf_text(&buf), "one");
}
END_TEST

START_TEST(reads_exactly_the_bound_and_no_byte_more)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 10);
    put("a", "0123456789");
    ck_assert_int_eq(file_read("a", &buf, &err), 0);
    ck_assert_uint_eq(buf.size, 10);
    put("a", "0123456789x");
    ck_assert_int_eq(file_read("a", &buf, &err), -1);
    ck_assert_int_eq(err.code, FB_E_LIMIT);
    ck_assert_str_eq(err.message, "cannot read 'a': larger than 10 bytes");
    ck_assert_uint_eq(buf.size, 0);
}
END_TEST

/* Such files say that they are empty. */
START_TEST(bounds_files_that_do_not_tell_their_size)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 10);
    ck_assert_int_eq(file_read("/proc/self/status", &buf, &err), -1);
    ck_assert_int_eq(err.code, FB_E_LIMIT);
}
END_TEST

START_TEST(follows_links_to_files)
{
    put("a", "one");
    ck_assert_int_eq(symlink("a", "link"), 0);
    expect_content("link", "one");
}
END_TEST

START_TEST(refuses_to_read_what_is_no_regular_file)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1000);
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(file_read("fifo", &buf, &err), -1);
    ck_assert_str_eq(err.message,
                     "cannot read 'fifo': it is not a regular file");
    ck_assert_int_eq(file_read(".", &buf, &err), -1);
    ck_assert_str_eq(err.message, "cannot read '.': it is a folder");
}
END_TEST

START_TEST(names_the_file_that_is_missing)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1000);
    ck_assert_int_eq(file_read("no/such", &buf, &err), -1);
    ck_assert_int_eq(err.code, FB_E_MISSING);
    ck_assert_str_eq(err.message,
                     "cannot open 'no/such': No such file or directory");
}
END_TEST

START_TEST(says_when_memory_ends_while_reading)
{
    AUTO_BUF struct buf buf;

    buf_init(&buf, 1000);
    put("a", "one");
    mem_fail_at(1);
    ck_assert_int_eq(file_read("a", &buf, &err), -1);
    mem_fail_at(0);
    ck_assert_int_eq(err.code, FB_E_LIMIT);
    ck_assert_ptr_nonnull(strstr(err.message, "'a'"));
}
END_TEST

struct slow_reader {
    int fd;
    size_t seen;
};

static void *
read_slowly(void *arg)
{
    struct slow_reader *reader = arg;
    char bytes[1000];
    ssize_t n;

    while ((n = read(reader->fd, bytes, sizeof(bytes))) > 0)
        reader->seen += (size_t)n;
    return NULL;
}

START_TEST(writes_all_into_a_pipe_that_takes_little)
{
    static char bytes[1000000];
    struct slow_reader reader = {0};
    pthread_t thread;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    reader.fd = ends[0];
    ck_assert_int_eq(pthread_create(&thread, NULL, read_slowly, &reader), 0);
    ck_assert_int_eq(file_write_all(ends[1], bytes, sizeof(bytes), &err), 0);
    close(ends[1]);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_uint_eq(reader.seen, sizeof(bytes));
}
END_TEST

START_TEST(says_when_nothing_more_can_be_written)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(file_write_all(fd, "x", 1, &err), -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_str_eq(err.message, "cannot write: No space left on device");
    close(fd);
}
END_TEST

START_TEST(gives_new_files_the_mode_of_the_umask)
{
    struct stat st;

    umask(027);
    put("a", "one");
    ck_assert_int_eq(stat("a", &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0640);
}
END_TEST

START_TEST(leaves_no_temporary_file_behind)
{
    put("a", "one");
    put("a", "two");
    ck_assert_int_eq(count_entries("."), 1);
}
END_TEST

START_TEST(empties_a_folder_and_keeps_what_links_lead_to)
{
    put("kept", "one");
    ck_assert_int_eq(file_make_folders("left/deep/er", &err), 0);
    put("left/a", "one");
    put("left/deep/er/.b", "two");
    ck_assert_int_eq(symlink("../kept", "left/link"), 0);
    ck_assert_int_eq(symlink("..", "left/deep/up"), 0);
    ck_assert_int_eq(file_empty_folder("left", &err), 0);
    ck_assert_int_eq(count_entries("left"), 0);
    ck_assert_int_eq(access("kept", F_OK), 0);
}
END_TEST

START_TEST(takes_a_folder_that_is_not_there_for_empty)
{
    ck_assert_int_eq(file_empty_folder("nowhere/at/all", &err), 0);
}
END_TEST

START_TEST(names_the_folder_that_cannot_be_emptied)
{
    put("a", "one");
    ck_assert_int_eq(file_empty_folder("a/b", &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "cannot empty folder 'a/b'"));
}
END_TEST

START_TEST(keeps_the_old_file_when_the_new_one_does_not_fit)
{
    struct rlimit small = {.rlim_cur = 100, .rlim_max = 100};
    static char bytes[1000];

    put("a", "old");
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    ck_assert_int_eq(file_replace("a", bytes, sizeof(bytes), &err), -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_str_eq(err.message, "cannot write 'a': File too large");
    expect_content("a", "old");
    ck_assert_int_eq(count_entries("."), 1);
}
END_TEST

START_TEST(cannot_replace_a_folder)
{
    ck_assert_int_eq(mkdir("d", 0777), 0);
    ck_assert_int_eq(file_replace("d", "x", 1, &err), -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_int_eq(file_replace("d/", "x", 1, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "'d/'"));
    ck_assert_int_eq(count_entries("."), 1);
    ck_assert_int_eq(count_entries("d"), 0);
}
END_TEST

START_TEST(replaces_a_file_whose_name_is_as_long_as_names_get)
{
    char name[256];

    memset(name, 'n', 255);
    name[255] = '\0';
    put(name, "one");
    expect_content(name, "one");
}
END_TEST

START_TEST(names_the_target_when_its_folder_is_missing)
{
    ck_assert_int_eq(file_replace("no/a", "x", 1, &err), -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_str_eq(err.message,
                     "cannot write 'no/a': No such file or directory");
}
END_TEST

START_TEST(makes_all_folders_of_a_path)
{
    struct stat st;

    ck_assert_int_eq(file_make_folders("a//b/c/", &err), 0);
    ck_assert_int_eq(stat("a/b/c", &st), 0);
    ck_assert(S_ISDIR(st.st_mode));
    ck_assert_int_eq(file_make_folders("a/b/c", &err), 0);
    ck_assert_int_eq(file_make_folders(file_join(arena, folder, "x/y"), &err),
                     0);
    ck_assert_int_eq(stat("x/y", &st), 0);
    ck_assert_int_eq(file_make_folders("/", &err), 0);
    ck_assert_int_eq(file_make_folders(".", &err), 0);
}
END_TEST

START_TEST(makes_no_folder_where_a_file_is)
{
    put("a", "one");
    ck_assert_int_eq(file_make_folders("a", &err), -1);
    ck_assert_str_eq(err.message, "cannot make folder 'a': Not a directory");
    ck_assert_int_eq(file_make_folders("a/b", &err), -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_int_eq(file_make_folders("", &err), -1);
}
END_TEST

START_TEST(syncs_only_folders)
{
    put("a", "one");
    ck_assert_int_eq(file_fsync_folder(".", &err), 0);
    ck_assert_int_eq(file_fsync_folder("a", &err), -1);
    ck_assert_int_eq(err.code, FB_E_OUTPUT);
    ck_assert_int_eq(file_fsync_folder("no", &err), -1);
}
END_TEST

START_TEST(takes_paths_apart)
{
    ck_assert_str_eq(file_name("a/b/c.csv"), "c.csv");
    ck_assert_str_eq(file_name("c.csv"), "c.csv");
    ck_assert_str_eq(file_stem(arena, "a.d/b/c.csv"), "c");
    ck_assert_str_eq(file_stem(arena, "c.tar.gz"), "c.tar");
    ck_assert_str_eq(file_stem(arena, "a.d/c"), "c");
    ck_assert_str_eq(file_stem(arena, ".x"), ".x");
    ck_assert_str_eq(file_folder(arena, "a/b/c.csv"), "a/b");
    ck_assert_str_eq(file_folder(arena, "a//c.csv"), "a");
    ck_assert_str_eq(file_folder(arena, "c.csv"), ".");
    ck_assert_str_eq(file_folder(arena, "/c.csv"), "/");
}
END_TEST

START_TEST(puts_paths_together)
{
    ck_assert_str_eq(file_join(arena, "a", "b"), "a/b");
    ck_assert_str_eq(file_join(arena, "a/", "b"), "a/b");
    ck_assert_str_eq(file_join(arena, "/", "b"), "/b");
    ck_assert_str_eq(file_join(arena, "a", "/b"), "/b");
    ck_assert_str_eq(file_join(arena, "", "b"), "b");
}
END_TEST

static TCase *
reading_case(void)
{
    TCase *tc = tcase_create("reading");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, reads_what_was_written);
    tcase_add_test(tc, reads_into_a_buffer_that_was_used_before);
    tcase_add_test(tc, reads_exactly_the_bound_and_no_byte_more);
    tcase_add_test(tc, bounds_files_that_do_not_tell_their_size);
    tcase_add_test(tc, follows_links_to_files);
    tcase_add_test(tc, refuses_to_read_what_is_no_regular_file);
    tcase_add_test(tc, names_the_file_that_is_missing);
    tcase_add_test(tc, says_when_memory_ends_while_reading);
    return tc;
}

static TCase *
writing_case(void)
{
    TCase *tc = tcase_create("writing");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, writes_all_into_a_pipe_that_takes_little);
    tcase_add_test(tc, says_when_nothing_more_can_be_written);
    tcase_add_test(tc, gives_new_files_the_mode_of_the_umask);
    tcase_add_test(tc, leaves_no_temporary_file_behind);
    tcase_add_test(tc, keeps_the_old_file_when_the_new_one_does_not_fit);
    tcase_add_test(tc, cannot_replace_a_folder);
    tcase_add_test(tc, replaces_a_file_whose_name_is_as_long_as_names_get);
    tcase_add_test(tc, names_the_target_when_its_folder_is_missing);
    tcase_add_test(tc, makes_all_folders_of_a_path);
    tcase_add_test(tc, makes_no_folder_where_a_file_is);
    tcase_add_test(tc, syncs_only_folders);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *tc = tcase_create("paths");

    suite_add_tcase(suite, reading_case());
    suite_add_tcase(suite, writing_case());
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, empties_a_folder_and_keeps_what_links_lead_to);
    tcase_add_test(tc, takes_a_folder_that_is_not_there_for_empty);
    tcase_add_test(tc, names_the_folder_that_cannot_be_emptied);
    tcase_add_test(tc, takes_paths_apart);
    tcase_add_test(tc, puts_paths_together);
    suite_add_tcase(suite, tc);
    return suite;
}
