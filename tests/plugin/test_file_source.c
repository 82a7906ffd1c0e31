/*
 * The source of the plugin `file`: opening, reading, noticing changes, and
 * settling.  What patterns match is test_file_discover.c's.
 */
#include <fcntl.h>
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
    folder_write(&folder, "in/a.csv", "hello");
    fake = fake_new("file", FB_SOURCE);
    fake->uri = folder_path(&folder, "in/a.csv");
}

static void
teardown(void)
{
    fake_free(fake);
    folder_remove(&folder);
}

/* The generation at hand, or "" when stat fails. */
static const char *
generation(void)
{
    static char text[2][128];
    static int next;
    struct fb_object object = {0};
    char *copy = text[next++ % 2];

    copy[0] = '\0';
    fake->err.code = FB_E_NONE;
    if (fake->plugin->stat(fake->self, &fake->step, &object, &fake->err) == 0)
        snprintf(copy, sizeof(text[0]), "%s", object.generation);
    return copy;
}

static int
keep_object(void *arg, const struct fb_object *object)
{
    struct fb_object *kept = arg;
    static char uri[1024], text[128];

    snprintf(uri, sizeof(uri), "%s", object->uri);
    snprintf(text, sizeof(text), "%s", object->generation);
    *kept = *object;
    kept->uri = uri;
    kept->generation = text;
    return 0;
}

static struct fb_object
found(void)
{
    struct fb_object object = {0};

    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake->plugin->discover(fake->self, &fake->step,
                                            keep_object, &object, &fake->err),
                     0);
    ck_assert_ptr_nonnull(object.uri);
    return object;
}

static int
settle(const struct fb_object *object, bool success)
{
    fake->err.code = FB_E_NONE;
    ck_assert_int_eq(fake_check(fake), 0);
    return fake->plugin->settle(fake->self, &fake->step, object, success,
                                &fake->err);
}

START_TEST(reads_all_bytes_and_then_ends)
{
    unsigned char bytes[3];
    char all[16] = "";
    size_t got;

    ck_assert_int_eq(fake_begin(fake), 0);
    do {
        ck_assert_int_eq(fake->plugin->read_bytes(fake->self, &fake->step,
                                                  bytes, sizeof(bytes), &got,
                                                  &fake->err),
                         0);
        strncat(all, (const char *)bytes, got);
    } while (got > 0);
    ck_assert_str_eq(all, "hello");
    fake_close(fake);
}
END_TEST

START_TEST(a_missing_file_is_missing)
{
    fake->uri = folder_path(&folder, "in/b.csv");
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_MISSING);
    ck_assert_str_eq(fake->err.hint, "");
}
END_TEST

START_TEST(a_pattern_is_no_file_and_the_hint_says_so)
{
    fake->uri = folder_path(&folder, "in/*.csv");
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "${trigger.uri}"));
}
END_TEST

START_TEST(opens_a_file_whose_name_looks_like_a_pattern)
{
    folder_write(&folder, "in/a[1].csv", "x");
    fake->uri = folder_path(&folder, "in/a[1].csv");
    ck_assert_int_eq(fake_begin(fake), 0);
    fake_close(fake);
}
END_TEST

START_TEST(does_not_hang_on_a_fifo)
{
    fake->uri = folder_path(&folder, "fifo");
    ck_assert_int_eq(mkfifo(fake->uri, 0600), 0);
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_INPUT);
}
END_TEST

START_TEST(refuses_a_folder)
{
    fake->uri = folder_path(&folder, "in");
    ck_assert_int_eq(fake_begin(fake), -1);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "it is a folder"));
}
END_TEST

START_TEST(a_file_left_alone_keeps_its_generation)
{
    const char *first;

    ck_assert_int_eq(fake_begin(fake), 0);
    first = generation();
    ck_assert_str_eq(first, generation());
    ck_assert_str_eq(found().generation, first);
    fake_close(fake);
}
END_TEST

START_TEST(a_file_written_to_while_read_gets_another_generation)
{
    const char *first;

    ck_assert_int_eq(fake_begin(fake), 0);
    first = generation();
    folder_write(&folder, "in/a.csv", "hello, world");
    ck_assert_str_ne(first, generation());
    fake_close(fake);
}
END_TEST

START_TEST(a_file_of_the_same_size_and_another_time_is_another_generation)
{
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    const char *first;

    ck_assert_int_eq(fake_begin(fake), 0);
    first = generation();
    ck_assert_int_eq(utimensat(AT_FDCWD, fake->uri, times, 0), 0);
    ck_assert_str_ne(first, generation());
    fake_close(fake);
}
END_TEST

START_TEST(a_file_replaced_while_read_is_changed)
{
    ck_assert_int_eq(fake_begin(fake), 0);
    folder_write(&folder, "new", "hello");
    ck_assert_int_eq(rename(folder_path(&folder, "new"), fake->uri), 0);
    ck_assert_str_eq(generation(), "");
    ck_assert_int_eq(fake->err.code, FB_E_CHANGED);
    fake_close(fake);
}
END_TEST

START_TEST(a_file_removed_while_read_was_read_whole)
{
    const char *first;

    ck_assert_int_eq(fake_begin(fake), 0);
    first = generation();
    ck_assert_int_eq(unlink(fake->uri), 0);
    ck_assert_str_eq(first, generation());
    fake_close(fake);
}
END_TEST

START_TEST(keeps_a_settled_file_unless_told)
{
    struct fb_object object = found();

    ck_assert_int_eq(settle(&object, true), 0);
    ck_assert(folder_has(&folder, "in/a.csv"));
}
END_TEST

START_TEST(deletes_a_settled_file)
{
    struct fb_object object = found();

    fake_option(fake, "on_success", "delete");
    ck_assert_int_eq(settle(&object, true), 0);
    ck_assert(!folder_has(&folder, "in/a.csv"));
    ck_assert_int_eq(settle(&object, true), 0);
    ck_assert_int_eq(rmdir(folder_path(&folder, "in")), 0);
}
END_TEST

START_TEST(finishes_a_delete_that_was_cut_off)
{
    struct fb_object object = found();
    char aside[256];

    fake_option(fake, "on_success", "delete");
    snprintf(aside, sizeof(aside), "in/.a.csv.%s.settled", fake->run_id);
    ck_assert_int_eq(rename(fake->uri, folder_path(&folder, aside)), 0);
    ck_assert_int_eq(settle(&object, true), 0);
    ck_assert(!folder_has(&folder, aside));
}
END_TEST

START_TEST(does_not_delete_a_newer_upload)
{
    struct fb_object object = found();

    fake_option(fake, "on_success", "delete");
    folder_write(&folder, "in/a.csv", "the next one");
    ck_assert_int_eq(settle(&object, true), 0);
    ck_assert_str_eq(folder_read(&folder, "in/a.csv"), "the next one");
}
END_TEST

START_TEST(leaves_the_file_of_a_failed_run)
{
    struct fb_object object = found();

    fake_option(fake, "on_success", "delete");
    ck_assert_int_eq(settle(&object, false), 0);
    ck_assert(folder_has(&folder, "in/a.csv"));
}
END_TEST

START_TEST(moves_a_settled_file_and_makes_the_folder)
{
    struct fb_object object = found();

    fake_option(fake, "on_success", "move");
    fake_option(fake, "move_to", folder_path(&folder, "done/today"));
    ck_assert_int_eq(settle(&object, true), 0);
    ck_assert_str_eq(folder_read(&folder, "done/today/a.csv"), "hello");
    ck_assert(!folder_has(&folder, "in/a.csv"));
    ck_assert_int_eq(settle(&object, true), 0);
}
END_TEST

START_TEST(moving_keeps_what_has_the_name_already)
{
    struct fb_object object = found();
    char second[256];

    folder_write(&folder, "done/a.csv", "of yesterday");
    fake_option(fake, "on_success", "move");
    fake_option(fake, "move_to", folder_path(&folder, "done"));
    ck_assert_int_eq(settle(&object, true), 0);
    ck_assert_str_eq(folder_read(&folder, "done/a.csv"), "of yesterday");
    snprintf(second, sizeof(second), "done/a.%s.csv", fake->run_id);
    ck_assert_str_eq(folder_read(&folder, second), "hello");
}
END_TEST

START_TEST(moving_across_file_systems_is_an_error_that_says_so)
{
    struct fb_object object = found();
    struct stat here, there;

    if (stat(folder.path, &here) != 0 || stat("/dev/shm", &there) != 0 ||
        here.st_dev == there.st_dev)
        return; /* no second file system at hand */
    fake_option(fake, "on_success", "move");
    fake_option(fake, "move_to", "/dev/shm");
    ck_assert_int_eq(settle(&object, true), -1);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "another file system"));
    ck_assert(folder_has(&folder, "in/a.csv"));
}
END_TEST

START_TEST(move_needs_a_folder)
{
    fake_option(fake, "on_success", "move");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "on_success");
}
END_TEST

START_TEST(a_folder_needs_move)
{
    fake_option(fake, "move_to", "done");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "move_to");
}
END_TEST

START_TEST(does_not_move_to_where_it_looks)
{
    fake_option(fake, "on_success", "move");
    fake_option(fake, "move_to", "in/done");
    fake->uri = "./in/**/*.csv";
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "move_to");
    fake->uri = "in/*/a.csv";
    ck_assert_int_eq(fake_check(fake), -1);
    fake->uri = "in/*.csv";
    ck_assert_int_eq(fake_check(fake), 0);
}
END_TEST

START_TEST(settling_belongs_to_the_trigger)
{
    fake_option(fake, "on_success", "delete");
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "on_success");
}
END_TEST

START_TEST(probe_finds_what_open_would)
{
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake->plugin->probe(fake->self, &fake->step, &fake->err),
                     0);
    fake->uri = folder_path(&folder, "in/*.csv");
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake->plugin->probe(fake->self, &fake->step, &fake->err),
                     0);
    fake->uri = folder_path(&folder, "nowhere/*.csv");
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake->plugin->probe(fake->self, &fake->step, &fake->err),
                     -1);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "/nowhere': "));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "/nowhere' makes it"));
}
END_TEST

START_TEST(does_not_open_a_link)
{
    const char *link = folder_path(&folder, "in/link.csv");

    ck_assert_int_eq(symlink("a.csv", link), 0);
    fake->uri = link;
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake_open(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_INPUT);
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "links: follow"));
}
END_TEST

START_TEST(opens_a_link_where_they_are_followed)
{
    const char *link = folder_path(&folder, "in/link.csv");

    ck_assert_int_eq(symlink("a.csv", link), 0);
    fake->uri = link;
    fake_option(fake, "links", "follow");
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake_open(fake), 0);
    fake->plugin->close(fake->self, &fake->step);
}
END_TEST

static TCase *
reading(void)
{
    TCase *tc = tcase_create("reading");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, reads_all_bytes_and_then_ends);
    tcase_add_test(tc, does_not_open_a_link);
    tcase_add_test(tc, opens_a_link_where_they_are_followed);
    tcase_add_test(tc, a_missing_file_is_missing);
    tcase_add_test(tc, a_pattern_is_no_file_and_the_hint_says_so);
    tcase_add_test(tc, opens_a_file_whose_name_looks_like_a_pattern);
    tcase_add_test(tc, does_not_hang_on_a_fifo);
    tcase_add_test(tc, refuses_a_folder);
    tcase_add_test(tc, a_file_left_alone_keeps_its_generation);
    tcase_add_test(tc, a_file_written_to_while_read_gets_another_generation);
    tcase_add_test(
        tc, a_file_of_the_same_size_and_another_time_is_another_generation);
    tcase_add_test(tc, a_file_replaced_while_read_is_changed);
    tcase_add_test(tc, a_file_removed_while_read_was_read_whole);
    tcase_add_test(tc, probe_finds_what_open_would);
    return tc;
}

static TCase *
settling(void)
{
    TCase *tc = tcase_create("settling");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, keeps_a_settled_file_unless_told);
    tcase_add_test(tc, deletes_a_settled_file);
    tcase_add_test(tc, finishes_a_delete_that_was_cut_off);
    tcase_add_test(tc, does_not_delete_a_newer_upload);
    tcase_add_test(tc, leaves_the_file_of_a_failed_run);
    tcase_add_test(tc, moves_a_settled_file_and_makes_the_folder);
    tcase_add_test(tc, moving_keeps_what_has_the_name_already);
    tcase_add_test(tc, moving_across_file_systems_is_an_error_that_says_so);
    tcase_add_test(tc, move_needs_a_folder);
    tcase_add_test(tc, a_folder_needs_move);
    tcase_add_test(tc, does_not_move_to_where_it_looks);
    tcase_add_test(tc, settling_belongs_to_the_trigger);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("file source");

    suite_add_tcase(suite, reading());
    suite_add_tcase(suite, settling());
    return suite;
}
