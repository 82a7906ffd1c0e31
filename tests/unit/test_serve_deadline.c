/*
 * Connections: who takes too long, and who has too many.
 */
#include "serve/deadline.h"

#include <check.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/main.h"

#define LONG INT64_C(1000000)

static const unsigned char one[16] = {1}, other[16] = {2};
static struct deadlines *deadlines;
static struct connection *connection;
static int pair[2];

static void
set_up(void)
{
    deadlines = deadlines_new();
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    connection = deadlines_add(deadlines, pair[0], one, 0);
}

static void
tear_down(void)
{
    deadlines_remove(deadlines, connection);
    deadlines_free(deadlines);
    close(pair[0]);
    close(pair[1]);
}

static bool
is_shut(void)
{
    char byte;

    return recv(pair[1], &byte, 1, MSG_DONTWAIT) == 0;
}

START_TEST(shuts_who_does_not_ask_in_time)
{
    ck_assert_uint_eq(deadlines_enforce(deadlines, LONG, 0), 0);
    ck_assert(!is_shut());
    ck_assert_uint_eq(deadlines_enforce(deadlines, 0, LONG), 1);
    ck_assert(is_shut());
}
END_TEST

START_TEST(shuts_who_does_not_take_the_answer_in_time)
{
    deadlines_asked(deadlines, connection);
    ck_assert_uint_eq(deadlines_enforce(deadlines, 0, LONG), 0);
    ck_assert(!is_shut());
    ck_assert_uint_eq(deadlines_enforce(deadlines, LONG, 0), 1);
    ck_assert(is_shut());
}
END_TEST

START_TEST(shuts_a_socket_once)
{
    ck_assert_uint_eq(deadlines_enforce(deadlines, 0, 0), 1);
    ck_assert_uint_eq(deadlines_enforce(deadlines, 0, 0), 0);
}
END_TEST

START_TEST(awaits_the_next_request_after_an_answer)
{
    deadlines_asked(deadlines, connection);
    ck_assert_uint_eq(deadlines_busy(deadlines), 1);
    deadlines_answered(deadlines, connection);
    ck_assert_uint_eq(deadlines_busy(deadlines), 0);
    ck_assert_uint_eq(deadlines_enforce(deadlines, LONG, 0), 0);
    ck_assert_uint_eq(deadlines_enforce(deadlines, 0, LONG), 1);
}
END_TEST

START_TEST(counts_the_connections_of_each_peer)
{
    struct connection *second = deadlines_add(deadlines, -1, one, 2);
    struct connection *third = deadlines_add(deadlines, -1, one, 2);
    struct connection *foreign = deadlines_add(deadlines, -1, other, 2);

    ck_assert(!deadlines_is_extra(second));
    ck_assert(deadlines_is_extra(third));
    ck_assert(!deadlines_is_extra(foreign));
    ck_assert_uint_eq(deadlines_of(deadlines, one), 3);
    ck_assert_uint_eq(deadlines_of(deadlines, other), 1);
    deadlines_remove(deadlines, second);
    ck_assert_uint_eq(deadlines_of(deadlines, one), 2);
    deadlines_remove(deadlines, third);
    deadlines_remove(deadlines, foreign);
}
END_TEST

START_TEST(lets_one_peer_have_any_number_where_none_is_said)
{
    struct connection *second = deadlines_add(deadlines, -1, one, 0);

    ck_assert(!deadlines_is_extra(second));
    deadlines_remove(deadlines, second);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("deadline");
    TCase *tc = tcase_create("connections");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, shuts_who_does_not_ask_in_time);
    tcase_add_test(tc, shuts_who_does_not_take_the_answer_in_time);
    tcase_add_test(tc, shuts_a_socket_once);
    tcase_add_test(tc, awaits_the_next_request_after_an_answer);
    tcase_add_test(tc, counts_the_connections_of_each_peer);
    tcase_add_test(tc, lets_one_peer_have_any_number_where_none_is_said);
    suite_add_tcase(suite, tc);
    return suite;
}
