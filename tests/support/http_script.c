/*
 * See http_script.h.  Here the script is written; http_server.c plays it.
 */
#include "support/http_script.h"

#include "support/http_server.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char *
copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

struct http_script *
http_script_new(void)
{
    struct http_script *script = calloc(1, sizeof(*script));
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    ck_assert_ptr_nonnull(script);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    script->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(script->listener, 0);
    ck_assert_int_eq(
        bind(script->listener, (struct sockaddr *)&address, sizeof(address)),
        0);
    ck_assert_int_eq(listen(script->listener, CONNECTIONS_MAX), 0);
    ck_assert_int_eq(
        getsockname(script->listener, (struct sockaddr *)&address, &size), 0);
    ck_assert_int_eq(pipe(script->wake), 0);
    snprintf(script->url, sizeof(script->url), "http://127.0.0.1:%d",
             ntohs(address.sin_port));
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        script->connections[i].socket = -1;
    pthread_mutex_init(&script->mutex, NULL);
    script->now.is_signed = true;
    http_script_signer(script, HTTP_SCRIPT_KEY, HTTP_SCRIPT_SECRET, NULL);
    http_script_scope(script, "us-east-1", "s3");
    return script;
}

const char *
http_script_url(const struct http_script *script)
{
    return script->url;
}

const char *
http_script_host(const struct http_script *script)
{
    return script->url + strlen("http://");
}

static void
replace(char **place, const char *text)
{
    free(*place);
    *place = copy(text);
}

void
http_script_signer(struct http_script *script, const char *key,
                   const char *secret, const char *token)
{
    replace(&script->now.key, key);
    replace(&script->now.secret, secret);
    replace(&script->now.token, token);
    script->now.is_signed = true;
}

void
http_script_scope(struct http_script *script, const char *region,
                  const char *service)
{
    replace(&script->now.region, region);
    replace(&script->now.service, service);
    script->now.is_signed = true;
}

void
http_script_unsigned(struct http_script *script)
{
    script->now.is_signed = false;
}

void
http_script_clock(struct http_script *script, int64_t ahead_s)
{
    script->now.ahead_ms = ahead_s * 1000;
}

void
http_script_any_order(struct http_script *script)
{
    script->any_order = true;
}

struct http_step *
http_expect(struct http_script *script, const char *method, const char *target)
{
    struct http_step *step = calloc(1, sizeof(*step));

    ck_assert_ptr_nonnull(step);
    step->script = script;
    step->method = copy(method);
    step->target = copy(target);
    step->is_signed = script->now.is_signed;
    step->key = copy(script->now.key);
    step->secret = copy(script->now.secret);
    step->token = copy(script->now.token);
    step->region = copy(script->now.region);
    step->service = copy(script->now.service);
    step->ahead_ms = script->now.ahead_ms;
    step->status = 200;
    pthread_mutex_lock(&script->mutex);
    ck_assert_uint_lt(script->step_count, STEPS_MAX);
    script->steps[script->step_count++] = step;
    pthread_mutex_unlock(&script->mutex);
    return step;
}

void
http_expect_header(struct http_step *step, const char *name, const char *value)
{
    ck_assert_uint_lt(step->wanted_count, PAIRS_MAX);
    step->wanted[step->wanted_count++] = (struct pair){copy(name), copy(value)};
}

static char *
copy_bytes(const void *bytes, size_t size)
{
    char *made = calloc(1, size + 1);

    ck_assert_ptr_nonnull(made);
    if (size > 0)
        memcpy(made, bytes, size);
    return made;
}

void
http_expect_body(struct http_step *step, const void *bytes, size_t size)
{
    step->wanted_body = copy_bytes(bytes, size);
    step->wanted_size = size;
}

void
http_expect_in_body(struct http_step *step, const char *text)
{
    replace(&step->wanted_part, text);
}

void
http_expect_skewed(struct http_step *step)
{
    step->any_time = true;
}

void
http_answer(struct http_step *step, int status, const char *text)
{
    http_answer_bytes(step, status, text, text == NULL ? 0 : strlen(text));
}

void
http_answer_bytes(struct http_step *step, int status, const void *bytes,
                  size_t size)
{
    step->status = status;
    free(step->body);
    step->body = copy_bytes(bytes, size);
    step->size = size;
}

void
http_answer_header(struct http_step *step, const char *name, const char *value)
{
    ck_assert_uint_lt(step->answered_count, PAIRS_MAX);
    step->answered[step->answered_count++] =
        (struct pair){copy(name), copy(value)};
}

void
http_answer_raw(struct http_step *step, const char *bytes)
{
    replace(&step->raw, bytes);
}

void
http_answer_delay(struct http_step *step, int ms)
{
    step->delay_ms = ms;
}

void
http_answer_cut(struct http_step *step, enum http_cut cut)
{
    step->cut = cut;
}

const char *
http_seen_header(const struct http_step *step, const char *name)
{
    const char *value = wire_header(&step->seen, name);

    return value == NULL ? "" : value;
}

const char *
http_seen_body(const struct http_step *step, size_t *size)
{
    if (size != NULL)
        *size = step->seen.body_size;
    return step->seen.body == NULL ? "" : step->seen.body;
}

const char *
http_seen_target(const struct http_step *step)
{
    return step->seen.target == NULL ? "" : step->seen.target;
}

int
http_script_count(struct http_script *script)
{
    int count;

    pthread_mutex_lock(&script->mutex);
    count = script->count;
    pthread_mutex_unlock(&script->mutex);
    return count;
}

void
http_script_start(struct http_script *script)
{
    ck_assert_int_eq(
        pthread_create(&script->thread, NULL, http_server_run, script), 0);
    script->started = true;
}

static void
free_pairs(struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }
}

static void
free_step(struct http_step *step)
{
    free_pairs(step->wanted, step->wanted_count);
    free_pairs(step->answered, step->answered_count);
    wire_release(&step->seen);
    free(step->method);
    free(step->target);
    free(step->wanted_body);
    free(step->wanted_part);
    free(step->key);
    free(step->secret);
    free(step->token);
    free(step->region);
    free(step->service);
    free(step->body);
    free(step->raw);
}

void
http_script_finish(struct http_script *script)
{
    char problem[WIRE_PROBLEM_MAX];

    if (script->started) {
        ck_assert_int_eq(write(script->wake[1], "x", 1), 1);
        pthread_join(script->thread, NULL);
    }
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (script->connections[i].socket >= 0)
            http_server_drop(script, i, false);
    for (size_t i = 0; i < script->step_count; i++)
        if (!script->steps[i]->is_done)
            http_server_complain(script, "missing request %zu: %s %s", i + 1,
                                 script->steps[i]->method,
                                 script->steps[i]->target == NULL
                                     ? "*"
                                     : script->steps[i]->target);
    memcpy(problem, script->problem, sizeof(problem));
    for (size_t i = 0; i < script->step_count; i++) {
        free_step(script->steps[i]);
        free(script->steps[i]);
    }
    free_step(&script->now);
    close(script->listener);
    close(script->wake[0]);
    close(script->wake[1]);
    pthread_mutex_destroy(&script->mutex);
    free(script);
    ck_assert_msg(problem[0] == '\0', "%s", problem);
}
