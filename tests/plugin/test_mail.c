/*
 * The plugin `mail`: which options it takes.  What a relay gets is shown by
 * the end-to-end tests.
 */
#include "support/fake_host.h"
#include "unit/main.h"

static struct fake *fake;

static void
setup(void)
{
    fake = fake_new("mail", FB_NOTIFIER);
    fake->uri = "mailto:ops@example.com";
    fake_option(fake, "server", "smtp://relay.example.com:587");
    fake_option(fake, "from", "forebay@example.com");
}

static void
teardown(void)
{
    fake_free(fake);
}

static void
accepted(void)
{
    ck_assert_msg(fake_check(fake) == 0, "%s", fake->err.message);
}

static void
refused(const char *option, const char *why)
{
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, option);
    ck_assert_msg(strstr(fake->err.message, why) != NULL, "%s",
                  fake->err.message);
}

START_TEST(addresses_are_separated_by_commas)
{
    fake->uri = "MAILTO:ops@example.com, o'hara+x@a-b.example.co.jp";
    accepted();
}
END_TEST

START_TEST(a_uri_that_is_not_mailto_names_nobody)
{
    fake->uri = NULL;
    refused("uri", "mailto:");
}
END_TEST

START_TEST(an_address_cannot_end_a_line_or_a_command)
{
    static const char *const hostile[] = {
        "mailto:ops@example.com%0D%0ABcc%3Aevil@example.com",
        "mailto:ops@example.com%3E%20NOTIFY=NEVER",
        "mailto:%3Cops@example.com%3E",
        "mailto:ops@example.com%00",
        "mailto:\"ops\"@example.com",
        "mailto:ops@[127.0.0.1]",
        "mailto:ops@example.com\nBcc: evil@example.com",
        "mailto:ops@exam ple.com",
    };

    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
        fake->uri = hostile[i];
        ck_assert_msg(fake_check(fake) == -1, "%s", hostile[i]);
        ck_assert_str_eq(fake->refused_option, "uri");
    }
}
END_TEST

START_TEST(an_address_needs_both_of_its_sides)
{
    fake->uri = "mailto:ops";
    refused("uri", "no @");
    fake->uri = "mailto:@example.com";
    refused("uri", "before the @");
    fake->uri = "mailto:ops@";
    refused("uri", "behind the @");
    fake->uri = "mailto:a..b@example.com";
    refused("uri", "before the @");
    fake->uri = "mailto:.a@example.com";
    refused("uri", "before the @");
    fake->uri = "mailto:a@example.com,,b@example.com";
    refused("uri", "missing");
    fake->uri = "mailto:";
    refused("uri", "missing");
}
END_TEST

START_TEST(a_percent_needs_two_digits)
{
    fake->uri = "mailto:ops%2@example.com";
    refused("uri", "%");
    fake->uri = "mailto:ops@example.com%";
    refused("uri", "%");
}
END_TEST

START_TEST(a_mailto_uri_holds_nothing_but_addresses)
{
    fake->uri = "mailto:ops@example.com?subject=x";
    refused("uri", "subject_prefix");
}
END_TEST

START_TEST(there_are_at_most_a_hundred_addresses)
{
    static const char one[] = ",a@b.example";
    const size_t size = strlen(one);
    char uri[4096] = "mailto:a@b.example";
    char *end = uri + strlen(uri);

    for (size_t i = 1; i < 100; i++, end += size)
        memcpy(end, one, size);
    fake->uri = uri;
    accepted();
    memcpy(end, one, size);
    refused("uri", "100");
}
END_TEST

START_TEST(the_writer_may_have_a_name)
{
    fake_option(fake, "from", "受付 \"desk\" <forebay@example.com>");
    accepted();
    fake_option(fake, "from", "Forebay <forebay@example.com");
    refused("from", ">");
    fake_option(fake, "from", "Forebay\r\nBcc: a@b.example <f@example.com>");
    refused("from", "control");
    fake_option(fake, "from", "forebay@example.com,b@example.com");
    refused("from", "@");
}
END_TEST

START_TEST(a_server_is_a_url_of_smtp)
{
    fake_option(fake, "server", "smtps://relay.example.com");
    accepted();
    fake_option(fake, "server", "relay.example.com");
    refused("server", "smtp://");
    fake_option(fake, "server", "https://relay.example.com");
    refused("server", "smtp://");
}
END_TEST

START_TEST(a_password_does_not_stand_in_the_server)
{
    fake_option(fake, "server", "smtp://me:hunter2@relay.example.com");
    refused("server", "options");
    ck_assert_ptr_null(strstr(fake->err.message, "hunter2"));
    fake_option(fake, "server", "smtp://relay.example.com/path");
    refused("server", "host and port");
}
END_TEST

START_TEST(mail_in_the_clear_stays_on_this_machine)
{
    fake_option(fake, "tls", "none");
    refused("tls", "this machine");
    fake_option(fake, "server", "smtp://127.0.0.1.example.com");
    refused("tls", "this machine");
    fake_option(fake, "server", "smtp://127.0.0.1");
    accepted();
    fake_option(fake, "server", "smtp://[::1]:2525");
    accepted();
    fake_option(fake, "server", "smtp://localhost:25");
    accepted();
}
END_TEST

START_TEST(what_is_encrypted_from_the_begin_cannot_be_in_the_clear)
{
    fake_option(fake, "server", "smtps://127.0.0.1");
    fake_option(fake, "tls", "none");
    refused("tls", "smtps://");
}
END_TEST

START_TEST(a_password_never_goes_where_encryption_is_optional)
{
    fake_option(fake, "user", "forebay");
    fake_option(fake, "password", "x");
    accepted();
    fake_option(fake, "tls", "opportunistic");
    refused("tls", "required");
}
END_TEST

START_TEST(a_login_needs_user_and_password)
{
    fake_option(fake, "user", "forebay");
    refused("user", "both");
    fake_option(fake, "user", "");
    fake_option(fake, "password", "x");
    refused("password", "both");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("mail");
    TCase *tc = tcase_create("all");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, addresses_are_separated_by_commas);
    tcase_add_test(tc, a_uri_that_is_not_mailto_names_nobody);
    tcase_add_test(tc, an_address_cannot_end_a_line_or_a_command);
    tcase_add_test(tc, an_address_needs_both_of_its_sides);
    tcase_add_test(tc, a_percent_needs_two_digits);
    tcase_add_test(tc, a_mailto_uri_holds_nothing_but_addresses);
    tcase_add_test(tc, there_are_at_most_a_hundred_addresses);
    tcase_add_test(tc, the_writer_may_have_a_name);
    tcase_add_test(tc, a_server_is_a_url_of_smtp);
    tcase_add_test(tc, a_password_does_not_stand_in_the_server);
    tcase_add_test(tc, mail_in_the_clear_stays_on_this_machine);
    tcase_add_test(tc, what_is_encrypted_from_the_begin_cannot_be_in_the_clear);
    tcase_add_test(tc, a_password_never_goes_where_encryption_is_optional);
    tcase_add_test(tc, a_login_needs_user_and_password);
    suite_add_tcase(suite, tc);
    return suite;
}
