/*
 * registry/authorise.h: who could have put a file there.
 */
#include "registry/authorise.h"

#include "unit/main.h"
#include "unit/plugin_files.h"

#define NOBODY 65534

static struct arena *arena;
static struct authorised_folder folder;

static void
setup(void)
{
    arena = arena_new();
    folder.fd = -1;
    make_test_folder();
    make_folder("above");
    make_folder("above/plugins");
    write_file("above/plugins/a.so", "x", 1);
}

static void
teardown(void)
{
    authorise_folder_close(&folder);
    remove_test_folder();
    arena_free(arena);
}

/* Only root can give files away. */
static bool
give_away(const char *name)
{
    char *path = in_test_folder(name);
    bool given = geteuid() == 0 && lchown(path, NOBODY, NOBODY) == 0;

    free(path);
    return given;
}

static int
try_file_of(const char *folder_name, const char *name, struct fb_error *err)
{
    char *path = in_test_folder(folder_name);
    int fd = -1, result;

    ck_assert_int_eq(authorise_folder_open(arena, path, &folder, err), 0);
    result = authorise_file_open(&folder, name, &fd, err);
    ck_assert_int_eq(result == 0, fd >= 0);
    mem_close_fd(&fd);
    free(path);
    return result;
}

static void
accepts(const char *name)
{
    struct fb_error err;

    ck_assert_msg(try_file_of("above/plugins", name, &err) == 0, "%s",
                  err.message);
}

static void
refuses(const char *name, const char *reason, const char *hint)
{
    struct fb_error err;

    ck_assert_int_eq(try_file_of("above/plugins", name, &err), -1);
    ck_assert_int_eq(err.code, FB_E_PERMISSION);
    ck_assert_msg(strstr(err.message, reason) != NULL, "'%s' not in '%s'",
                  reason, err.message);
    ck_assert_msg(strstr(err.hint, hint) != NULL, "'%s' not in '%s'", hint,
                  err.hint);
}

START_TEST(opens_a_file_that_only_we_can_write)
{
    accepts("a.so");
}
END_TEST

START_TEST(opens_the_file_that_was_checked)
{
    char *path = in_test_folder("above/plugins");
    struct fb_error err;
    char byte = 0;
    int fd;

    ck_assert_int_eq(authorise_folder_open(arena, path, &folder, &err), 0);
    ck_assert_int_eq(authorise_file_open(&folder, "a.so", &fd, &err), 0);
    ck_assert_int_eq(read(fd, &byte, 1), 1);
    ck_assert_int_eq(byte, 'x');
    (void)close(fd);
    free(path);
}
END_TEST

START_TEST(refuses_a_file_that_its_group_can_write)
{
    set_mode("above/plugins/a.so", 0664);
    refuses("a.so", "is writable by its group", "chmod g-w '");
}
END_TEST

START_TEST(refuses_a_file_that_everyone_can_write)
{
    set_mode("above/plugins/a.so", 0646);
    refuses("a.so", "is writable by everyone", "chmod o-w '");
}
END_TEST

START_TEST(names_the_one_command_that_mends_both)
{
    set_mode("above/plugins/a.so", 0666);
    refuses("a.so", "its group and everyone", "chmod go-w '");
}
END_TEST

START_TEST(refuses_a_file_of_somebody_else)
{
    if (give_away("above/plugins/a.so"))
        refuses("a.so", "belongs to user 65534", "chown 0 '");
}
END_TEST

START_TEST(refuses_a_symbolic_link)
{
    char *path = in_test_folder("above/plugins/link.so");

    ck_assert_int_eq(symlink("a.so", path), 0);
    free(path);
    refuses("link.so", "is a symbolic link", "");
}
END_TEST

START_TEST(refuses_a_second_name_of_a_file)
{
    char *path = in_test_folder("above/plugins/a.so");
    char *other = in_test_folder("above/plugins/b.so");

    ck_assert_int_eq(link(path, other), 0);
    free(other);
    free(path);
    refuses("b.so", "has 2 names", "install a copy");
}
END_TEST

START_TEST(refuses_a_fifo_without_waiting_for_a_writer)
{
    char *path = in_test_folder("above/plugins/fifo.so");

    ck_assert_int_eq(mkfifo(path, 0644), 0);
    free(path);
    refuses("fifo.so", "is not a regular file", "");
}
END_TEST

START_TEST(refuses_a_folder_in_place_of_a_file)
{
    make_folder("above/plugins/folder.so");
    refuses("folder.so", "is not a regular file", "");
}
END_TEST

START_TEST(refuses_all_of_a_folder_that_its_group_can_write)
{
    set_mode("above/plugins", 0775);
    refuses("a.so", "/above/plugins' is writable by its group", "chmod g-w");
}
END_TEST

START_TEST(refuses_all_below_a_folder_that_everyone_can_write)
{
    set_mode("above", 0777);
    refuses("a.so", "/above' is writable by its group and everyone",
            "chmod go-w '");
}
END_TEST

START_TEST(refuses_all_below_a_folder_of_somebody_else)
{
    if (give_away("above"))
        refuses("a.so", "/above' belongs to user 65534", "chown");
}
END_TEST

START_TEST(accepts_a_sticky_folder_above)
{
    set_mode("above", 01777);
    accepts("a.so");
}
END_TEST

START_TEST(refuses_a_sticky_folder_of_somebody_else)
{
    set_mode("above", 01777);
    if (give_away("above"))
        refuses("a.so", "/above' belongs to user 65534", "chown");
}
END_TEST

/* Others could add names there, if not take any away. */
START_TEST(refuses_the_plugins_own_folder_although_it_is_sticky)
{
    set_mode("above/plugins", 01777);
    refuses("a.so", "/above/plugins' is writable", "chmod go-w '");
}
END_TEST

START_TEST(checks_the_folder_that_a_symbolic_link_leads_to)
{
    char *link_path = in_test_folder("link");
    struct fb_error err;

    ck_assert_int_eq(symlink("above/plugins", link_path), 0);
    ck_assert_int_eq(try_file_of("link", "a.so", &err), 0);
    ck_assert(strstr(folder.path, "/above/plugins") != NULL);
    authorise_folder_close(&folder);

    set_mode("above", 0777);
    ck_assert_int_eq(try_file_of("link", "a.so", &err), -1);
    ck_assert_int_eq(err.code, FB_E_PERMISSION);
    free(link_path);
}
END_TEST

START_TEST(says_which_folder_is_missing)
{
    char *path = in_test_folder("nothing");
    struct fb_error err;

    ck_assert_int_eq(authorise_folder_open(arena, path, &folder, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert(strstr(err.message, path) != NULL);
    free(path);
}
END_TEST

START_TEST(takes_no_file_for_a_folder)
{
    char *path = in_test_folder("above/plugins/a.so");
    struct fb_error err;

    ck_assert_int_eq(authorise_folder_open(arena, path, &folder, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    free(path);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("authorise");
    TCase *tc = tcase_create("authorise");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, opens_a_file_that_only_we_can_write);
    tcase_add_test(tc, opens_the_file_that_was_checked);
    tcase_add_test(tc, refuses_a_file_that_its_group_can_write);
    tcase_add_test(tc, refuses_a_file_that_everyone_can_write);
    tcase_add_test(tc, names_the_one_command_that_mends_both);
    tcase_add_test(tc, refuses_a_file_of_somebody_else);
    tcase_add_test(tc, refuses_a_symbolic_link);
    tcase_add_test(tc, refuses_a_second_name_of_a_file);
    tcase_add_test(tc, refuses_a_fifo_without_waiting_for_a_writer);
    tcase_add_test(tc, refuses_a_folder_in_place_of_a_file);
    tcase_add_test(tc, refuses_all_of_a_folder_that_its_group_can_write);
    tcase_add_test(tc, refuses_all_below_a_folder_that_everyone_can_write);
    tcase_add_test(tc, refuses_all_below_a_folder_of_somebody_else);
    tcase_add_test(tc, accepts_a_sticky_folder_above);
    tcase_add_test(tc, refuses_a_sticky_folder_of_somebody_else);
    tcase_add_test(tc, refuses_the_plugins_own_folder_although_it_is_sticky);
    tcase_add_test(tc, checks_the_folder_that_a_symbolic_link_leads_to);
    tcase_add_test(tc, says_which_folder_is_missing);
    tcase_add_test(tc, takes_no_file_for_a_folder);
    suite_add_tcase(suite, tc);
    return suite;
}
