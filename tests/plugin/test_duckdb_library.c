/*
 * The plugin `duckdb` and a library that is not fit to be used: who must act
 * is who keeps this machine, not who wrote the pipeline.  What it does with one
 * that is fit is tested end to end.
 */
#include "support/fake_host.h"
#include "support/folder.h"
#include "unit/main.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct fake *fake;
static struct folder folder;

static void
setup(void)
{
    folder_make(&folder);
    fake = fake_new("duckdb", FB_SOURCE);
    fake_option(fake, "query", "SELECT 1 AS n");
}

static void
teardown(void)
{
    fake_free(fake);
    folder_remove(&folder);
}

/* The library is none that can be used, and a later try may find another. */
static void
expect_unavailable(const char *library, const char *words)
{
    fake_option(fake, "library", library);
    ck_assert_int_eq(fake->plugin->probe(fake->self, &fake->step, &fake->err),
                     -1);
    ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    ck_assert_msg(strstr(fake->err.message, words) != NULL, "%s",
                  fake->err.message);
    ck_assert_msg(strstr(fake->err.message, library) != NULL, "%s",
                  fake->err.message);
}

START_TEST(a_library_that_is_not_there_is_unavailable)
{
    expect_unavailable(folder_path(&folder, "libduckdb.so"),
                       "No such file or directory");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "libduckdb.so"));
}
END_TEST

START_TEST(a_library_that_others_may_write_is_unavailable)
{
    const char *path = folder_path(&folder, "libduckdb.so");

    folder_write(&folder, "libduckdb.so", "");
    ck_assert_int_eq(chmod(path, 0666), 0);
    expect_unavailable(path, "nobody else may write to it");
}
END_TEST

START_TEST(a_file_that_is_no_library_is_unavailable)
{
    const char *path = folder_path(&folder, "libduckdb.so");

    folder_write(&folder, "libduckdb.so", "not a library");
    ck_assert_int_eq(chmod(path, 0600), 0);
    expect_unavailable(path, "cannot load DuckDB");
}
END_TEST

START_TEST(a_library_of_something_else_is_unavailable)
{
    const char *build = getenv("BUILD");
    char path[4096];

    snprintf(path, sizeof(path), "%s/plugins/log.so", build ? build : "build");
    expect_unavailable(path, "it has no duckdb_");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("duckdb_library");
    TCase *tc = tcase_create("library");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_library_that_is_not_there_is_unavailable);
    tcase_add_test(tc, a_library_that_others_may_write_is_unavailable);
    tcase_add_test(tc, a_file_that_is_no_library_is_unavailable);
    tcase_add_test(tc, a_library_of_something_else_is_unavailable);
    suite_add_tcase(suite, tc);
    return suite;
}
