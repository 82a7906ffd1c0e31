/*
 * util/log.h: one line an event on stderr, as text or as JSON.
 */
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/limits.h"

#define TIME "2025-02-10T09:05:00Z"

static int ends[2];

/* Each test is a process of its own: stderr need not be given back. */
static void
setup(void)
{
    setenv("FOREBAY_NOW", TIME, 1);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
}

/* What was logged since the last call. */
static const char *
logged(void)
{
    static char text[256 * 1024];
    ssize_t n = read(ends[0], text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

static void
use(enum log_format format)
{
    log_configure((struct log_options){.format = format, .level = FB_INFO});
}

static const char *
logged_value(const char *value)
{
    log_event(FB_INFO, "e", (const char *const[]){"k", value, NULL}, "m");
    return logged();
}

START_TEST(writes_one_line_of_text)
{
    log_event(
        FB_INFO, "run-finished",
        (const char *const[]){"pipeline", "orders-filter", "run", "7f", NULL},
        "wrote %d rows", 3);
    ck_assert_str_eq(logged(), TIME " info  run-finished  "
                                    "pipeline=orders-filter run=7f : "
                                    "wrote 3 rows\n");
}
END_TEST

START_TEST(masks_what_would_let_somebody_in)
{
    static const char *const fields[] = {"trigger", "ftp://a:hush@h/x", NULL};

    log_event(FB_WARN, "e", fields, "'%s' is gone", "ftp://a:hush@h/x");
    ck_assert_str_eq(logged(), TIME " warn  e  trigger=ftp://a:****@h/x : "
                                    "'ftp://a:****@h/x' is gone\n");
    use(LOG_JSON);
    log_event(FB_WARN, "e", fields, "%s", "");
    ck_assert_ptr_nonnull(strstr(logged(), "\"ftp://a:****@h/x\""));
}
END_TEST

START_TEST(leaves_out_fields_without_a_value)
{
    static const char *const fields[] = {"a", NULL, "b", "2", "c", NULL, NULL};

    log_event(FB_ERROR, "e", fields, "m");
    ck_assert_str_eq(logged(), TIME " error e  b=2 : m\n");
}
END_TEST

START_TEST(needs_neither_fields_nor_a_message)
{
    log_event(FB_WARN, "e", NULL, "%s", "");
    ck_assert_str_eq(logged(), TIME " warn  e\n");
}
END_TEST

START_TEST(quotes_values_whose_end_would_be_unclear)
{
    ck_assert_str_eq(logged_value("a b"), TIME " info  e  k=\"a b\" : m\n");
    ck_assert_str_eq(logged_value(""), TIME " info  e  k=\"\" : m\n");
    ck_assert_str_eq(logged_value("x=1"), TIME " info  e  k=\"x=1\" : m\n");
    ck_assert_str_eq(logged_value("a\"b"), TIME " info  e  k=\"a\\\"b\" : m\n");
    ck_assert_str_eq(logged_value("表"), TIME " info  e  k=表 : m\n");
}
END_TEST

START_TEST(lets_no_value_break_the_line_or_the_terminal)
{
    const char *line = logged_value("a\n2025 fake\r\x1b[2J\xC2\x9B\xFF");

    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
    ck_assert_str_eq(line, TIME " info  e  k=\"a\\n2025 fake\\r\\x1b[2J"
                                "\\u009b\\xff\" : m\n");
}
END_TEST

START_TEST(lets_no_message_break_the_line)
{
    log_event(FB_INFO, "e", NULL, "%s", "two\nlines\x1b");
    ck_assert_str_eq(logged(), TIME " info  e : two\\nlines\\x1b\n");
}
END_TEST

START_TEST(cuts_values_of_any_size)
{
    char *value = malloc(1000001);

    ck_assert_ptr_nonnull(value);
    memset(value, 'x', 1000000);
    value[1000000] = '\0';
    ck_assert_uint_lt(strlen(logged_value(value)), LOG_VALUE_MAX + 100);
    use(LOG_JSON);
    ck_assert_uint_lt(strlen(logged_value(value)), LOG_VALUE_MAX + 200);
    free(value);
}
END_TEST

/* The value of a key of the JSON line that was logged. */
static const char *
json_of(const char *line, const char *key)
{
    static char value[1000];
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

    ck_assert_msg(object != NULL, "no JSON: %s", line);
    snprintf(value, sizeof(value), "%s",
             json_string_value(json_object_get(object, key)));
    json_decref(object);
    return value;
}

START_TEST(writes_one_json_object_a_line)
{
    static const char *const fields[] = {"run", "7f", "none", NULL, NULL};

    use(LOG_JSON);
    log_event(FB_INFO, "run-finished", fields, "wrote %d rows", 3);
    ck_assert_str_eq(logged(), "{\"time\":\"" TIME "\",\"level\":\"info\","
                               "\"event\":\"run-finished\",\"run\":\"7f\","
                               "\"message\":\"wrote 3 rows\"}\n");
}
END_TEST

START_TEST(gives_values_back_unchanged_through_json)
{
    const char *value = "a \"b\"\n\\ 表 \x1b \xC2\x9B \xF0\x9F\x98\x80";

    use(LOG_JSON);
    ck_assert_str_eq(json_of(logged_value(value), "k"), value);
}
END_TEST

START_TEST(keeps_json_lines_free_of_controls)
{
    use(LOG_JSON);
    for (const char *p = logged_value("\n\x1b\xC2\x9B"); p[1] != '\0'; p++)
        ck_assert(*p >= ' ' && *p <= '~');
}
END_TEST

START_TEST(escapes_what_is_no_utf8_in_json)
{
    use(LOG_JSON);
    ck_assert_str_eq(json_of(logged_value("a\xFF"), "k"), "a\\xff");
}
END_TEST

START_TEST(writes_nothing_below_the_level)
{
    log_configure((struct log_options){.format = LOG_TEXT, .level = FB_WARN});
    ck_assert(!log_wants(FB_INFO));
    ck_assert(log_wants(FB_WARN));
    log_event(FB_INFO, "e", NULL, "m");
    ck_assert_str_eq(logged(), "");
    log_event(FB_WARN, "e", NULL, "m");
    ck_assert_str_ne(logged(), "");
}
END_TEST

/* Packets keep the borders of writes. */
START_TEST(writes_an_event_in_one_write)
{
    char packet[4096];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
    log_event(FB_INFO, "e", (const char *const[]){"k", "v w", NULL}, "m");
    ck_assert_int_eq(read(ends[0], packet, sizeof(packet)),
                     sizeof(TIME " info  e  k=\"v w\" : m\n") - 1);
}
END_TEST

START_TEST(leaves_errno_alone)
{
    close(STDERR_FILENO);
    errno = ENOSPC;
    log_event(FB_INFO, "e", NULL, "m");
    ck_assert_int_eq(errno, ENOSPC);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *tc = tcase_create("log");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, writes_one_line_of_text);
    tcase_add_test(tc, masks_what_would_let_somebody_in);
    tcase_add_test(tc, leaves_out_fields_without_a_value);
    tcase_add_test(tc, needs_neither_fields_nor_a_message);
    tcase_add_test(tc, quotes_values_whose_end_would_be_unclear);
    tcase_add_test(tc, lets_no_value_break_the_line_or_the_terminal);
    tcase_add_test(tc, lets_no_message_break_the_line);
    tcase_add_test(tc, cuts_values_of_any_size);
    tcase_add_test(tc, writes_one_json_object_a_line);
    tcase_add_test(tc, gives_values_back_unchanged_through_json);
    tcase_add_test(tc, keeps_json_lines_free_of_controls);
    tcase_add_test(tc, escapes_what_is_no_utf8_in_json);
    tcase_add_test(tc, writes_nothing_below_the_level);
    tcase_add_test(tc, writes_an_event_in_one_write);
    tcase_add_test(tc, leaves_errno_alone);
    suite_add_tcase(suite, tc);
    return suite;
}
