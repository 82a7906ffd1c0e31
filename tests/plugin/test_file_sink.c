/*
 * The sink of the plugin `file`: what a reader of the folder sees, when.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/fake_host.h"
#include "support/folder.h"
#include "unit/main.h"

static struct folder folder;
static struct fake *fake;

static void
setup(void)
{
    folder_make(&folder);
    fake = fake_new("file", FB_SINK);
    fake->uri = folder_path(&folder, "out.csv");
}

static void
teardown(void)
{
    fake_free(fake);
    folder_remove(&folder);
}

static int
write_text(const char *text)
{
    return fake->plugin->write_bytes(fake->self, &fake->step,
                                     (const unsigned char *)text, strlen(text),
                                     &fake->err);
}

/* From check to finish; -1 at the first that fails. */
static int
write_file(const char *text)
{
    int status = -1;

    if (fake_begin(fake) != 0)
        return -1;
    if (write_text(text) == 0 && fake_finish(fake) == 0)
        status = 0;
    fake_close(fake);
    return status;
}

static struct fb_object
stat_file(void)
{
    struct fb_object object = {0};

    ck_assert_int_eq(
        fake->plugin->stat(fake->self, &fake->step, &object, &fake->err), 0);
    return object;
}

START_TEST(shows_nothing_before_finish)
{
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(write_text("a\n"), 0);
    ck_assert(!folder_has(&folder, "out.csv"));
    ck_assert_int_eq(fake_finish(fake), 0);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "a\n");
    fake_close(fake);
    ck_assert_uint_eq(folder_count(&folder), 1);
}
END_TEST

START_TEST(leaves_nothing_when_closed_without_finish)
{
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(write_text("a\n"), 0);
    fake_close(fake);
    ck_assert_uint_eq(folder_count(&folder), 0);
}
END_TEST

START_TEST(keeps_the_old_file_until_finish)
{
    folder_write(&folder, "out.csv", "old");
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(write_text("new"), 0);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "old");
    ck_assert_int_eq(fake_finish(fake), 0);
    fake_close(fake);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "new");
}
END_TEST

START_TEST(can_be_opened_again_after_close)
{
    ck_assert_int_eq(write_file("one"), 0);
    ck_assert_int_eq(write_file("two"), 0);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "two");
}
END_TEST

START_TEST(makes_the_folders_above)
{
    fake->uri = folder_path(&folder, "a/b//c/out.csv");
    ck_assert_int_eq(write_file("x"), 0);
    ck_assert_str_eq(folder_read(&folder, "a/b/c/out.csv"), "x");
}
END_TEST

START_TEST(takes_uris_with_the_scheme)
{
    char uri[1024];

    snprintf(uri, sizeof(uri), "file://%s", fake->uri);
    fake->uri = uri;
    ck_assert_int_eq(write_file("x"), 0);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "x");
    ck_assert_str_eq(stat_file().uri, uri);
}
END_TEST

START_TEST(does_not_decode_percent_signs)
{
    fake->uri = folder_path(&folder, "%2e%2e%2fout.csv");
    ck_assert_int_eq(write_file("x"), 0);
    ck_assert(folder_has(&folder, "%2e%2e%2fout.csv"));
}
END_TEST

START_TEST(refuses_another_host)
{
    fake->uri = "file://host/share/out.csv";
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "uri");
    ck_assert_int_eq(fake->err.code, FB_E_CONFIG);
}
END_TEST

START_TEST(refuses_a_uri_that_names_a_folder)
{
    fake->uri = "out/";
    ck_assert_int_eq(fake_check(fake), -1);
    fake->uri = "out/..";
    ck_assert_int_eq(fake_check(fake), -1);
    fake->uri = "";
    ck_assert_int_eq(fake_check(fake), -1);
}
END_TEST

START_TEST(refuses_a_target_that_is_a_folder)
{
    folder_write(&folder, "out.csv/inside", "x");
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "it is a folder"));
    ck_assert_uint_eq(folder_count(&folder), 1);
}
END_TEST

START_TEST(refuses_a_target_that_is_a_link)
{
    folder_write(&folder, "real.csv", "real");
    ck_assert_int_eq(symlink("real.csv", fake->uri), 0);
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_str_eq(folder_read(&folder, "real.csv"), "real");
}
END_TEST

START_TEST(says_what_it_wrote)
{
    struct fb_object object;

    ck_assert_int_eq(write_file("12345"), 0);
    object = stat_file();
    ck_assert_str_eq(object.uri, fake->uri);
    ck_assert_uint_eq(object.size, 5);
    ck_assert_ptr_nonnull(strstr(object.generation, "-5"));
    ck_assert_int_gt(object.modified_ms, 0);
}
END_TEST

START_TEST(respects_the_umask)
{
    struct stat st;
    mode_t before = umask(027);

    ck_assert_int_eq(write_file("x"), 0);
    umask(before);
    ck_assert_int_eq(stat(fake->uri, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
}
END_TEST

START_TEST(does_not_replace_when_told_to_fail)
{
    folder_write(&folder, "out.csv", "old");
    fake_option(fake, "if_exists", "fail");
    ck_assert_int_eq(write_file("new"), -1);
    ck_assert_int_eq(fake->err.code, FB_E_OUTPUT);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "old");
    ck_assert_uint_eq(folder_count(&folder), 1);
}
END_TEST

START_TEST(takes_its_own_output_of_a_run_cut_off_for_written)
{
    folder_write(&folder, "out.csv", "same");
    fake_option(fake, "if_exists", "fail");
    ck_assert_int_eq(write_file("same"), 0);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "same");
    ck_assert_uint_eq(folder_count(&folder), 1);
}
END_TEST

START_TEST(makes_a_new_file_when_told_to_fail)
{
    fake_option(fake, "if_exists", "fail");
    ck_assert_int_eq(write_file("new"), 0);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "new");
    ck_assert_uint_eq(folder_count(&folder), 1);
}
END_TEST

START_TEST(removes_what_a_crashed_run_left)
{
    folder_write(&folder, ".out.csv.0.forebay-tmp", "half");
    folder_write(&folder, ".other.csv.0.forebay-tmp", "half");
    ck_assert_int_eq(write_file("x"), 0);
    ck_assert(!folder_has(&folder, ".out.csv.0.forebay-tmp"));
    ck_assert(folder_has(&folder, ".other.csv.0.forebay-tmp"));
}
END_TEST

START_TEST(removes_what_several_crashed_writers_left)
{
    folder_write(&folder, ".out.csv.1.forebay-tmp", "half");
    folder_write(&folder, ".out.csv.2.forebay-tmp", "half");
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_eq(folder_count(&folder), 0);
    fake_close(fake);
}
END_TEST

START_TEST(makes_no_file_before_there_is_something_to_write)
{
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_uint_eq(folder_count(&folder), 0);
    ck_assert_int_eq(write_text("a\n"), 0);
    ck_assert_uint_eq(folder_count(&folder), 1);
    fake_close(fake);
}
END_TEST

START_TEST(makes_an_empty_file_when_nothing_was_written)
{
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(fake_finish(fake), 0);
    fake_close(fake);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "");
}
END_TEST

START_TEST(refuses_a_folder_that_it_may_not_write_to_before_anything_is_read)
{
    int status;

    if (getuid() == 0) /* who may write everywhere */
        ck_assert_int_eq(setegid(65534) + seteuid(65534), 0);
    fake->uri = "/usr/out.csv";
    status = fake_begin(fake);
    ck_assert_int_eq(seteuid(getuid()) + setegid(getgid()), 0);
    ck_assert_int_eq(status, -1);
    ck_assert(fake->err.code == FB_E_PERMISSION ||
              fake->err.code == FB_E_OUTPUT);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "'/usr/out.csv'"));
}
END_TEST

START_TEST(leaves_the_temporary_file_of_a_living_writer)
{
    const char *name = ".out.csv.0.forebay-tmp";
    int fd;

    folder_write(&folder, name, "half");
    fd = open(folder_path(&folder, name), O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(flock(fd, LOCK_EX), 0);
    ck_assert_int_eq(write_file("x"), 0);
    ck_assert(folder_has(&folder, name));
    close(fd);
}
END_TEST

START_TEST(two_writers_of_one_target_do_not_disturb_each_other)
{
    struct fake *other = fake_new("file", FB_SINK);

    other->uri = fake->uri;
    ck_assert_int_eq(fake_begin(fake), 0);
    ck_assert_int_eq(fake_begin(other), 0);
    ck_assert_int_eq(write_text("mine"), 0);
    ck_assert_int_eq(fake_finish(fake), 0);
    ck_assert_int_eq(fake_finish(other), 0);
    fake_close(fake);
    fake_close(other);
    ck_assert_str_eq(folder_read(&folder, "out.csv"), "");
    ck_assert_uint_eq(folder_count(&folder), 1);
    fake_free(other);
}
END_TEST

START_TEST(a_full_disk_fails_with_the_path_and_leaves_nothing)
{
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = RLIM_INFINITY};
    char text[8192];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    ck_assert_int_eq(write_file(text), -1);
    ck_assert_int_eq(fake->err.code, FB_E_OUTPUT);
    ck_assert_ptr_nonnull(strstr(fake->err.message, fake->uri));
    ck_assert_uint_eq(folder_count(&folder), 0);
}
END_TEST

START_TEST(writes_names_of_the_longest_length)
{
    char name[256];

    memset(name, 'n', 255);
    name[255] = '\0';
    fake->uri = folder_path(&folder, name);
    ck_assert_int_eq(write_file("x"), 0);
    ck_assert(folder_has(&folder, name));
}
END_TEST

START_TEST(probe_changes_nothing)
{
    fake->uri = folder_path(&folder, "not/there/yet/*.csv");
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake->plugin->probe(fake->self, &fake->step, &fake->err),
                     0);
    ck_assert_uint_eq(folder_count(&folder), 0);
}
END_TEST

START_TEST(probe_refuses_a_file_where_a_folder_must_be)
{
    folder_write(&folder, "plain", "x");
    fake->uri = folder_path(&folder, "plain/out.csv");
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake->plugin->probe(fake->self, &fake->step, &fake->err),
                     -1);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("file sink");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, shows_nothing_before_finish);
    tcase_add_test(tc, leaves_nothing_when_closed_without_finish);
    tcase_add_test(tc, keeps_the_old_file_until_finish);
    tcase_add_test(tc, can_be_opened_again_after_close);
    tcase_add_test(tc, makes_the_folders_above);
    tcase_add_test(tc, takes_uris_with_the_scheme);
    tcase_add_test(tc, does_not_decode_percent_signs);
    tcase_add_test(tc, refuses_another_host);
    tcase_add_test(tc, refuses_a_uri_that_names_a_folder);
    tcase_add_test(tc, refuses_a_target_that_is_a_folder);
    tcase_add_test(tc, refuses_a_target_that_is_a_link);
    tcase_add_test(tc, says_what_it_wrote);
    tcase_add_test(tc, respects_the_umask);
    tcase_add_test(tc, does_not_replace_when_told_to_fail);
    tcase_add_test(tc, takes_its_own_output_of_a_run_cut_off_for_written);
    tcase_add_test(tc, makes_a_new_file_when_told_to_fail);
    tcase_add_test(tc, removes_what_a_crashed_run_left);
    tcase_add_test(tc, removes_what_several_crashed_writers_left);
    tcase_add_test(tc, makes_no_file_before_there_is_something_to_write);
    tcase_add_test(tc, makes_an_empty_file_when_nothing_was_written);
    tcase_add_test(
        tc, refuses_a_folder_that_it_may_not_write_to_before_anything_is_read);
    tcase_add_test(tc, leaves_the_temporary_file_of_a_living_writer);
    tcase_add_test(tc, two_writers_of_one_target_do_not_disturb_each_other);
    tcase_add_test(tc, a_full_disk_fails_with_the_path_and_leaves_nothing);
    tcase_add_test(tc, writes_names_of_the_longest_length);
    tcase_add_test(tc, probe_changes_nothing);
    tcase_add_test(tc, probe_refuses_a_file_where_a_folder_must_be);
    suite_add_tcase(suite, tc);
    return suite;
}
