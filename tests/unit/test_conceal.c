/*
 * util/conceal.h: which parts of a text are masked, and that all others stay.
 */
#include "util/conceal.h"

#include "unit/main.h"

static struct arena *arena;

static void
setup(void)
{
    arena = arena_new();
}

static void
teardown(void)
{
    arena_free(arena);
}

static void
shows(const char *text, const char *expected)
{
    ck_assert_str_eq(conceal(arena, text), expected);
}

static void
shows_all_of(const char *text)
{
    ck_assert_ptr_eq(conceal(arena, text), text);
}

START_TEST(masks_the_password_before_a_host)
{
    shows("ftp://shop:hush@host/in.csv", "ftp://shop:****@host/in.csv");
    shows("ftp://shop:hush@host", "ftp://shop:****@host");
    shows("sftp://:hush@[::1]:22/x", "sftp://:****@[::1]:22/x");
}
END_TEST

START_TEST(takes_all_up_to_the_last_at_sign_for_the_password)
{
    shows("ftp://shop:hu:sh@sh@host/x", "ftp://shop:****@host/x");
    shows("ftp://shop:it's@host/x", "ftp://shop:****@host/x");
}
END_TEST

START_TEST(masks_each_password_of_a_message)
{
    shows("cannot move 'ftp://a:hush@h/x' to 'ftp://b:hush@h/y': no room",
          "cannot move 'ftp://a:****@h/x' to 'ftp://b:****@h/y': no room");
}
END_TEST

START_TEST(masks_the_query_of_a_web_address)
{
    shows("https://host/x?token=hush&y#top", "https://host/x?****#top");
    shows("HTTP://host?hush", "HTTP://host?****");
    shows("https://a:hush@host/x?sig=hush", "https://a:****@host/x?****");
}
END_TEST

START_TEST(shows_what_lets_nobody_in)
{
    shows_all_of("");
    shows_all_of("in/a:b@c.csv");
    shows_all_of("https://shop@host/x");
    shows_all_of("https://shop:@host/x");
    shows_all_of("https://host:443/x?");
    shows_all_of("https://host/x#a?b");
    shows_all_of("host:443://");
    shows_all_of("'https://host/x': write to a:b@c");
}
END_TEST

START_TEST(takes_nothing_of_an_object_store_for_a_password_or_query)
{
    shows_all_of("s3://bucket/a:b@c/x?y=z.csv");
    shows_all_of("file:///in/a:b@c?d.csv");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("conceal");
    TCase *tc = tcase_create("texts");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, masks_the_password_before_a_host);
    tcase_add_test(tc, takes_all_up_to_the_last_at_sign_for_the_password);
    tcase_add_test(tc, masks_each_password_of_a_message);
    tcase_add_test(tc, masks_the_query_of_a_web_address);
    tcase_add_test(tc, shows_what_lets_nobody_in);
    tcase_add_test(tc,
                   takes_nothing_of_an_object_store_for_a_password_or_query);
    suite_add_tcase(suite, tc);
    return suite;
}
