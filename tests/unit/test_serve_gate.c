/*
 * Who is let in: the file of hashes, what a request brings, and how often it
 * may be wrong.
 */
#include "serve/gate.h"

#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/main.h"
#include "util/limits.h"
#include "util/mem.h"

#define RIGHT "Bearer correct horse"
#define WRONG "Bearer incorrect horse"

static struct arena *arena;
static struct fb_error err;
static char path[] = "/tmp/forebay-gate-XXXXXX";
static struct gate *gate;
static const unsigned char here[16] = {1}, there[16] = {2};

static void
write_file(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void
set_up(void)
{
    const char *line;

    arena = arena_new();
    memset(&err, 0, sizeof(err));
    memcpy(strrchr(path, '-') + 1, "XXXXXX", 6);
    close(mkstemp(path));
    ck_assert_msg(secret_hash(arena, "correct horse", &line, &err) == 0, "%s",
                  err.message);
    write_file(arena_printf(arena, "# ours\n\n%s\r\n", line));
}

static void
open_gate(void)
{
    struct secrets *secrets;

    ck_assert_msg(secrets_read(path, &secrets, &err) == 0, "%s", err.message);
    gate = gate_new(secrets);
}

static void
tear_down(void)
{
    gate_free(gate);
    gate = NULL;
    unlink(path);
    arena_free(arena);
}

static enum fb_code
refusal(void)
{
    struct secrets *secrets;

    memset(&err, 0, sizeof(err));
    ck_assert_int_eq(secrets_read(path, &secrets, &err), -1);
    ck_assert_ptr_null(secrets);
    return err.code;
}

/* --- the file --- */

START_TEST(a_hash_holds_no_secret_and_differs_each_time)
{
    const char *one, *two;

    ck_assert_int_eq(secret_hash(arena, "correct horse", &one, &err), 0);
    ck_assert_int_eq(secret_hash(arena, "correct horse", &two, &err), 0);
    ck_assert_str_ne(one, two);
    ck_assert_ptr_null(strstr(one, "horse"));
    ck_assert_msg(strncmp(one, "$y$", 3) == 0, "%s", one);
}
END_TEST

START_TEST(refuses_a_token_that_is_short_or_long)
{
    char *text = arena_alloc(arena, SERVE_SECRET_MAX + 2);
    const char *line;

    memset(text, 'a', SERVE_SECRET_MAX + 1);
    text[SERVE_SECRET_MAX + 1] = '\0';
    ck_assert_int_eq(secret_hash(arena, "eleven char", &line, &err), -1);
    ck_assert_int_eq(err.code, FB_E_USAGE);
    ck_assert_int_eq(secret_hash(arena, text, &line, &err), -1);
    ck_assert_int_eq(secret_hash(arena, text + 1, &line, &err), 0);
}
END_TEST

START_TEST(refuses_a_token_in_clear_without_repeating_it)
{
    write_file("my-secret-token\n");
    ck_assert_int_eq(refusal(), FB_E_CONFIG);
    ck_assert_ptr_nonnull(strstr(err.message, "line 1"));
    ck_assert_ptr_null(strstr(err.message, "my-secret"));
    ck_assert_ptr_nonnull(strstr(err.hint, "--hash-token"));
}
END_TEST

START_TEST(refuses_weak_hashes)
{
    write_file("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/aaaaaaaaaaaaaaaaaaa\n");
    ck_assert_int_eq(refusal(), FB_E_CONFIG);
}
END_TEST

START_TEST(refuses_a_file_without_a_token)
{
    write_file("# none\n\n");
    ck_assert_int_eq(refusal(), FB_E_CONFIG);
    ck_assert_int_eq(unlink(path), 0);
    (void)refusal();
    ck_assert_ptr_nonnull(strstr(err.message, "No such file"));
}
END_TEST

START_TEST(refuses_a_file_that_others_may_write_to)
{
    ck_assert_int_eq(chmod(path, 0620), 0);
    ck_assert_int_eq(refusal(), FB_E_PERMISSION);
}
END_TEST

START_TEST(any_token_of_the_file_is_right)
{
    const char *one, *two;

    ck_assert_int_eq(secret_hash(arena, "first of them", &one, &err), 0);
    ck_assert_int_eq(secret_hash(arena, "second of them", &two, &err), 0);
    write_file(arena_printf(arena, "%s\n%s", one, two));
    open_gate();
    ck_assert_int_eq(gate_judge(gate, "Bearer first of them", here, 0),
                     GATE_PASS);
    ck_assert_int_eq(gate_judge(gate, "Bearer second of them", here, 0),
                     GATE_PASS);
    ck_assert_int_eq(gate_judge(gate, "Bearer third of them", here, 0),
                     GATE_WRONG);
}
END_TEST

/* --- what is brought --- */

START_TEST(takes_bearer_and_basic)
{
    char secret[SERVE_SECRET_MAX + 1];

    ck_assert(gate_secret_of("Bearer abc", secret));
    ck_assert_str_eq(secret, "abc");
    ck_assert(gate_secret_of("bearer   abc", secret));
    ck_assert_str_eq(secret, "abc");
    ck_assert(gate_secret_of("Basic bWU6YTpi", secret)); /* me:a:b */
    ck_assert_str_eq(secret, "a:b");
    ck_assert(gate_secret_of("Basic OmFi", secret)); /* :ab */
    ck_assert_str_eq(secret, "ab");
    ck_assert(gate_secret_of("Basic bWU6YQ==", secret)); /* me:a */
    ck_assert_str_eq(secret, "a");
}
END_TEST

START_TEST(anything_else_brings_nothing)
{
    static const char *const nothing[] = {
        "",
        "Bearer",
        "Bearer ",
        "abc",
        "Basic",
        "Basic !!!!",
        "Basic bWU=",
        "Basic bWU6",
        "Basic bWU6A",
        "Basic AAA6AA==",
        "Digest a=b",
        "BearerX abc",
        "Basic bWU6YQ===",
    };
    char secret[SERVE_SECRET_MAX + 1];

    for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
        ck_assert_msg(!gate_secret_of(nothing[i], secret), "%s", nothing[i]);
}
END_TEST

START_TEST(what_is_too_long_brings_nothing)
{
    char secret[SERVE_SECRET_MAX + 1];
    char *text = arena_alloc(arena, 8000);

    for (size_t length = 480; length < 7000; length += 7) {
        memset(text, 'A', length);
        text[length] = '\0';
        memcpy(text, "Basic ", 6);
        (void)gate_secret_of(text, secret);
        memcpy(text, "Bearer ", 7);
        ck_assert(gate_secret_of(text, secret) ==
                  (length - 7 <= SERVE_SECRET_MAX));
    }
}
END_TEST

/* --- judging --- */

START_TEST(asks_who_brings_nothing)
{
    open_gate();
    ck_assert_int_eq(gate_judge(gate, NULL, here, 0), GATE_ASK);
    ck_assert_int_eq(gate_judge(gate, "Digest x", here, 0), GATE_ASK);
}
END_TEST

START_TEST(hears_a_few_wrong_ones_and_then_waits)
{
    int heard = 0;

    open_gate();
    while (gate_judge(gate, WRONG, here, 1000) == GATE_WRONG)
        heard++;
    ck_assert_int_eq(heard, 5);
    ck_assert_int_eq(gate_judge(gate, RIGHT, here, 1000), GATE_THROTTLED);
    ck_assert_int_eq(gate_judge(gate, WRONG, there, 1000), GATE_WRONG);
    ck_assert_int_eq(gate_judge(gate, WRONG, here, 7000), GATE_WRONG);
    ck_assert_int_eq(gate_judge(gate, WRONG, here, 7000), GATE_THROTTLED);
    ck_assert_int_eq(gate_judge(gate, RIGHT, here, 13000), GATE_PASS);
}
END_TEST

START_TEST(who_was_right_before_is_let_in_whatever_others_do)
{
    open_gate();
    ck_assert_int_eq(gate_judge(gate, RIGHT, here, 0), GATE_PASS);
    while (gate_judge(gate, WRONG, here, 0) == GATE_WRONG)
        continue;
    ck_assert_int_eq(gate_judge(gate, RIGHT, here, 0), GATE_PASS);
}
END_TEST

START_TEST(many_addresses_together_are_not_heard_without_end)
{
    unsigned char peer[16] = {0};
    int heard = 0;

    open_gate();
    for (int i = 0; i < 60; i++) {
        peer[0] = (unsigned char)(i + 10);
        heard += gate_judge(gate, WRONG, peer, 1000) == GATE_WRONG;
    }
    ck_assert_int_le(heard, 20);
    ck_assert_int_ge(heard, 15);
}
END_TEST

static void *
come_in(void *arg)
{
    enum gate_verdict *verdict = arg;

    *verdict = gate_judge(gate, RIGHT, here, 1000);
    return NULL;
}

START_TEST(many_who_bring_the_right_one_at_once_all_come_in)
{
    pthread_t threads[24];
    enum gate_verdict verdicts[24];

    open_gate();
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, come_in, &verdicts[i]), 0);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(verdicts[i], GATE_PASS);
    }
}
END_TEST

START_TEST(compares_whole_blocks)
{
    ck_assert(secret_equal("abc", "abc", 3));
    ck_assert(!secret_equal("abc", "abd", 3));
    ck_assert(!secret_equal("xbc", "abc", 3));
    ck_assert(secret_equal("abc", "abd", 2));
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("serve_gate");
    TCase *tc = tcase_create("gate");

    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_hash_holds_no_secret_and_differs_each_time);
    tcase_add_test(tc, refuses_a_token_that_is_short_or_long);
    tcase_add_test(tc, refuses_a_token_in_clear_without_repeating_it);
    tcase_add_test(tc, refuses_weak_hashes);
    tcase_add_test(tc, refuses_a_file_without_a_token);
    tcase_add_test(tc, refuses_a_file_that_others_may_write_to);
    tcase_add_test(tc, any_token_of_the_file_is_right);
    tcase_add_test(tc, takes_bearer_and_basic);
    tcase_add_test(tc, anything_else_brings_nothing);
    tcase_add_test(tc, what_is_too_long_brings_nothing);
    tcase_add_test(tc, asks_who_brings_nothing);
    tcase_add_test(tc, hears_a_few_wrong_ones_and_then_waits);
    tcase_add_test(tc, who_was_right_before_is_let_in_whatever_others_do);
    tcase_add_test(tc, many_addresses_together_are_not_heard_without_end);
    tcase_add_test(tc, many_who_bring_the_right_one_at_once_all_come_in);
    tcase_add_test(tc, compares_whole_blocks);
    suite_add_tcase(suite, tc);
    return suite;
}
