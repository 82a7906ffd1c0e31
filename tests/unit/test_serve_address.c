/*
 * Where to listen, and which Host is this machine.
 */
#include "serve/address.h"

#include <arpa/inet.h>
#include <check.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/mem.h"

static struct address address;
static struct fb_error err;

static void
parse(const char *text)
{
    memset(&err, 0, sizeof(err));
    ck_assert_msg(address_parse(text, &address, &err) == 0, "%s", err.message);
}

static const char *
formatted(void)
{
    static char text[ADDRESS_TEXT];

    address_format(&address.storage, text);
    return text;
}

START_TEST(takes_numeric_addresses_with_a_port)
{
    parse("127.0.0.1:8080");
    ck_assert_str_eq(formatted(), "127.0.0.1:8080");
    parse("[::1]:443");
    ck_assert_str_eq(formatted(), "[::1]:443");
    parse("localhost:1");
    ck_assert_str_eq(formatted(), "127.0.0.1:1");
    parse("9000");
    ck_assert_str_eq(formatted(), "127.0.0.1:9000");
}
END_TEST

START_TEST(knows_what_only_this_machine_reaches)
{
    static const struct {
        const char *text;
        bool loopback;
    } known[] = {
        {"127.0.0.1:1", true}, {"127.8.8.8:1", true}, {"[::1]:1", true},
        {"0.0.0.0:1", false},  {"[::]:1", false},     {"10.0.0.1:1", false},
    };

    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        parse(known[i].text);
        ck_assert_msg(address.loopback == known[i].loopback, "%s",
                      known[i].text);
    }
}
END_TEST

START_TEST(refuses_names_and_what_is_no_port)
{
    static const char *const wrong[] = {
        "",        "example.com:80",  "127.0.0.1:", "127.0.0.1:x",
        ":80",     "127.0.0.1:70000", "::1:80",     "127.0.0.1:-1",
        "[::1:80", "[127.0.0.1",      "1.2.3:80",   "127.0.0.1",
    };

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        memset(&err, 0, sizeof(err));
        ck_assert_msg(address_parse(wrong[i], &address, &err) != 0, "%s",
                      wrong[i]);
        ck_assert_int_eq(err.code, FB_E_USAGE);
    }
}
END_TEST

START_TEST(listens_and_tells_the_port_it_got)
{
    struct address again;
    int fd, other;

    parse("127.0.0.1:0");
    ck_assert_int_eq(address_listen(&address, &fd, &err), 0);
    ck_assert_str_ne(formatted(), "127.0.0.1:0");
    again = address;
    ck_assert_int_eq(address_listen(&again, &other, &err), -1);
    ck_assert_ptr_nonnull(strstr(err.message, "in use"));
    close(fd);
}
END_TEST

START_TEST(a_host_of_loopback_is_local_with_any_port)
{
    ck_assert(address_is_local_host("localhost", NULL));
    ck_assert(address_is_local_host("LOCALHOST:8080", NULL));
    ck_assert(address_is_local_host("127.0.0.1:8080", NULL));
    ck_assert(address_is_local_host("127.1.2.3", NULL));
    ck_assert(address_is_local_host("[::1]:80", NULL));
    ck_assert(address_is_local_host("reports.example:80", "reports.example"));
}
END_TEST

START_TEST(any_other_host_is_not_local)
{
    static const char *const others[] = {
        "",
        "example.com",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "10.0.0.1",
        "[::2]",
        "localhost:80:x",
        "127.0.0.1:80@evil",
    };

    ck_assert(!address_is_local_host(NULL, NULL));
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        ck_assert_msg(!address_is_local_host(others[i], NULL), "%s", others[i]);
}
END_TEST

START_TEST(neighbours_in_a_network_of_ipv6_are_one_peer)
{
    struct sockaddr_in6 a = {.sin6_family = AF_INET6}, b = a, c = a;
    unsigned char ka[16], kb[16], kc[16];

    ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8::1", &a.sin6_addr), 1);
    ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8::2", &b.sin6_addr), 1);
    ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8:0:1::1", &c.sin6_addr), 1);
    address_peer((const struct sockaddr *)&a, ka);
    address_peer((const struct sockaddr *)&b, kb);
    address_peer((const struct sockaddr *)&c, kc);
    ck_assert_mem_eq(ka, kb, 16);
    ck_assert_mem_ne(ka, kc, 16);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("serve_address");
    TCase *tc = tcase_create("address");

    tcase_add_test(tc, takes_numeric_addresses_with_a_port);
    tcase_add_test(tc, knows_what_only_this_machine_reaches);
    tcase_add_test(tc, refuses_names_and_what_is_no_port);
    tcase_add_test(tc, listens_and_tells_the_port_it_got);
    tcase_add_test(tc, a_host_of_loopback_is_local_with_any_port);
    tcase_add_test(tc, any_other_host_is_not_local);
    tcase_add_test(tc, neighbours_in_a_network_of_ipv6_are_one_peer);
    suite_add_tcase(suite, tc);
    return suite;
}
