/*
 * What is shown as text is text, whatever it holds.
 */
#include "serve/html.h"

#include <check.h>
#include <stdlib.h>

#include "unit/main.h"
#include "util/limits.h"
#include "util/mem.h"

static struct html html;

static void
set_up(void)
{
    html_init(&html);
}

static void
tear_down(void)
{
    html_release(&html);
}

static const char *
made(void)
{
    return buf_text(&html.buf);
}

START_TEST(escapes_mark_up)
{
    html_text(&html, "<script>alert(\"a&b\")</script>'");
    ck_assert_str_eq(made(), "&lt;script&gt;alert(&quot;a&amp;b&quot;)"
                             "&lt;/script&gt;&#39;");
}
END_TEST

START_TEST(shows_control_characters_and_bad_bytes)
{
    html_text(&html, "a\x01"
                     "b\x1b[31m\xFF");
    ck_assert_str_eq(made(), "a\\x01b\\x1b[31m\\xff");
}
END_TEST

START_TEST(leaves_text_of_any_script)
{
    html_text(&html, "\xE5\xA3\xB2\xE4\xB8\x8A \xD7\xA9");
    ck_assert_str_eq(made(), "\xE5\xA3\xB2\xE4\xB8\x8A \xD7\xA9");
}
END_TEST

START_TEST(cuts_what_is_long)
{
    char *text = mem_zalloc(100000);

    memset(text, '<', 99999);
    html_text(&html, text);
    ck_assert_uint_lt(html.buf.size, 5 * SERVE_TEXT_MAX);
    ck_assert(!html.failed);
    free(text);
}
END_TEST

START_TEST(encodes_a_segment_of_a_path)
{
    html_path(&html, "a/b?c&d\"'<>%#\xE5");
    ck_assert_str_eq(made(), "a%2Fb%3Fc%26d%22%27%3C%3E%25%23%E5");
}
END_TEST

START_TEST(a_page_that_is_too_long_fails_once_and_stays_so)
{
    char *text = mem_zalloc(SERVE_PAGE_MAX + 1);

    memset(text, 'a', SERVE_PAGE_MAX);
    html_raw(&html, "x");
    html_raw(&html, text);
    ck_assert(html.failed);
    html_raw(&html, "y");
    ck_assert_str_eq(made(), "x");
    free(text);
}
END_TEST

START_TEST(says_how_long)
{
    static const struct {
        int64_t ms;
        const char *text;
    } spans[] = {
        {-5, "0 s"},           {59999, "59 s"},
        {60000, "1 min"},      {3600000, "1 h 0 min"},
        {90000000, "1 d 1 h"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(spans); i++) {
        buf_clear(&html.buf);
        html_span(&html, spans[i].ms);
        ck_assert_str_eq(made(), spans[i].text);
    }
}
END_TEST

START_TEST(says_when)
{
    html_time(&html, 0);
    html_time(&html, 1746867900000);
    ck_assert_str_eq(made(), "&#8211;<time datetime=\"2025-05-10T09:05:00Z\">"
                             "2025-05-10 09:05:00 UTC</time>");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("serve_html");
    TCase *tc = tcase_create("html");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, escapes_mark_up);
    tcase_add_test(tc, shows_control_characters_and_bad_bytes);
    tcase_add_test(tc, leaves_text_of_any_script);
    tcase_add_test(tc, cuts_what_is_long);
    tcase_add_test(tc, encodes_a_segment_of_a_path);
    tcase_add_test(tc, a_page_that_is_too_long_fails_once_and_stays_so);
    tcase_add_test(tc, says_how_long);
    tcase_add_test(tc, says_when);
    suite_add_tcase(suite, tc);
    return suite;
}
