/*
 * See http_script.h.  One thread polls all connections; the test's thread and
 * it share the list of steps under a mutex.  Problems are remembered and told
 * at the end, because only the test's thread may fail the test.
 */
#define _GNU_SOURCE /* memmem */
#include "support/http_script.h"

#include "support/http_wire.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STEPS_MAX 512
#define PAIRS_MAX 16
#define CONNECTIONS_MAX 64

struct pair {
    char *name, *value; /* value NULL: must be absent */
};

struct http_step {
    struct http_script *script;
    char *method, *target; /* NULL: any */
    struct pair wanted[PAIRS_MAX], answered[PAIRS_MAX];
    size_t wanted_count, answered_count;
    char *wanted_body, *wanted_part;
    size_t wanted_size;
    bool is_signed, any_time;
    char *key, *secret, *token, *region, *service;
    int64_t ahead_ms;
    int status;
    char *body, *raw;
    size_t size;
    int delay_ms;
    enum http_cut cut;
    bool is_done;
    struct wire seen;
};

struct http_script {
    int listener, wake[2];
    char url[64];
    pthread_t thread;
    bool started, any_order;
    pthread_mutex_t mutex; /* of the steps, count and problem */
    struct http_step *steps[STEPS_MAX];
    size_t step_count, next;
    int count;
    char problem[WIRE_PROBLEM_MAX];
    struct http_step now; /* who signs, and the clock, for the next step */
    struct {
        int socket;
        bool stalled;
        struct wire wire;
    } connections[CONNECTIONS_MAX];
};

static char *
copy(const char *text)
{
    return text == NULL ? NULL : strdup(text);
}

static void __attribute__((format(printf, 2, 3)))
complain(struct http_script *script, const char *format, ...)
{
    va_list args;

    if (script->problem[0] != '\0')
        return; /* the first one is the cause */
    va_start(args, format);
    vsnprintf(script->problem, sizeof(script->problem), format, args);
    va_end(args);
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
http_script_count(const struct http_script *script)
{
    return script->count;
}

/* ----------------------------------------------------- the server's side ---
 */

static int64_t
clock_ms(const struct http_step *step)
{
    return (int64_t)time(NULL) * 1000 + step->ahead_ms;
}

static void
send_all(int socket, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);

        if (sent <= 0)
            return; /* the client has gone: it will be told by the test */
        bytes += sent;
        size -= (size_t)sent;
    }
}

static void
drop(struct http_script *script, size_t place, bool reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    if (reset)
        setsockopt(script->connections[place].socket, SOL_SOCKET, SO_LINGER,
                   &linger, sizeof(linger));
    close(script->connections[place].socket);
    wire_release(&script->connections[place].wire);
    script->connections[place].socket = -1;
    script->connections[place].stalled = false;
}

static struct http_step *
next_step(struct http_script *script, const struct wire *wire)
{
    if (!script->any_order || wire == NULL)
        return script->next < script->step_count ? script->steps[script->next]
                                                 : NULL;
    for (size_t i = 0; i < script->step_count; i++) {
        struct http_step *step = script->steps[i];

        if (!step->is_done && strcmp(step->method, wire->method) == 0 &&
            (step->target == NULL || strcmp(step->target, wire->target) == 0))
            return step;
    }
    return NULL;
}

static bool
matches(const char *wanted, const char *value)
{
    size_t size = strlen(wanted);

    if (size > 0 && wanted[size - 1] == '*')
        return strncmp(wanted, value, size - 1) == 0;
    return strcmp(wanted, value) == 0;
}

static void
check_headers(const struct http_step *step, const struct wire *wire)
{
    for (size_t i = 0; i < step->wanted_count; i++) {
        const char *sent = wire_header(wire, step->wanted[i].name);
        const char *wanted = step->wanted[i].value;

        if ((wanted == NULL) != (sent == NULL) ||
            (sent != NULL && !matches(wanted, sent)))
            complain(step->script, "%s %s: header '%s' is '%s', not '%s'",
                     wire->method, wire->target, step->wanted[i].name,
                     sent == NULL ? "(none)" : sent,
                     wanted == NULL ? "(none)" : wanted);
    }
}

static void
check_request(const struct http_step *step, const struct wire *wire)
{
    const struct wire_signer signer = {
        .key = step->key,
        .secret = step->secret,
        .token = step->token,
        .region = step->region,
        .service = step->service,
        .now_ms = clock_ms(step),
        .any_time = step->any_time,
    };
    char problem[WIRE_PROBLEM_MAX];

    if (strcmp(step->method, wire->method) != 0 ||
        (step->target != NULL && strcmp(step->target, wire->target) != 0))
        complain(step->script, "expected %s %s, but %s %s came", step->method,
                 step->target == NULL ? "*" : step->target, wire->method,
                 wire->target);
    check_headers(step, wire);
    if (step->wanted_body != NULL &&
        (step->wanted_size != wire->body_size ||
         memcmp(step->wanted_body, wire->body, wire->body_size) != 0))
        complain(step->script, "%s %s: the body is '%.300s', not '%.300s'",
                 wire->method, wire->target, wire->body, step->wanted_body);
    if (step->wanted_part != NULL &&
        memmem(wire->body, wire->body_size, step->wanted_part,
               strlen(step->wanted_part)) == NULL)
        complain(step->script, "%s %s: the body '%.300s' lacks '%s'",
                 wire->method, wire->target, wire->body, step->wanted_part);
    if (step->is_signed && !wire_verify(wire, &signer, problem))
        complain(step->script, "%s %s: %s", wire->method, wire->target,
                 problem);
    else if (!step->is_signed && wire_header(wire, "x-amz-date") != NULL)
        complain(step->script, "%s %s: it is signed", wire->method,
                 wire->target);
}

static void
keep_seen(struct http_step *step, const struct wire *wire)
{
    wire_add(&step->seen, wire->bytes, wire->size);
    (void)wire_is_whole(&step->seen);
}

/* The answer; true when the connection goes on. */
static bool
answer(const struct http_step *step, int socket, bool is_head)
{
    char head[8192], date[64];
    time_t now = (time_t)(clock_ms(step) / 1000);
    struct tm tm;
    size_t size;

    gmtime_r(&now, &tm);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    size = (size_t)snprintf(head, sizeof(head),
                            "HTTP/1.1 %d Scripted\r\nDate: %s\r\n",
                            step->status, date);
    for (size_t i = 0; i < step->answered_count; i++)
        size +=
            (size_t)snprintf(head + size, sizeof(head) - size, "%s: %s\r\n",
                             step->answered[i].name, step->answered[i].value);
    if (step->status != 204 && step->status != 304)
        size += (size_t)snprintf(head + size, sizeof(head) - size,
                                 "Content-Length: %zu\r\n", step->size);
    size += (size_t)snprintf(head + size, sizeof(head) - size, "\r\n");
    send_all(socket, head, size);
    if (is_head)
        return true;
    send_all(socket, step->body,
             step->cut == HTTP_CUT_BODY ? step->size / 2 : step->size);
    return step->cut == HTTP_WHOLE;
}

/* A whole request came on a connection. */
static void
serve(struct http_script *script, size_t place)
{
    struct wire *wire = &script->connections[place].wire;
    struct http_step *step;
    int socket = script->connections[place].socket;
    bool goes_on, is_head = strcmp(wire->method, "HEAD") == 0;

    pthread_mutex_lock(&script->mutex);
    script->count++;
    step = next_step(script, wire);
    if (step == NULL) {
        complain(script, "unexpected request %s %s", wire->method,
                 wire->target);
        pthread_mutex_unlock(&script->mutex);
        drop(script, place, false);
        return;
    }
    check_request(step, wire);
    keep_seen(step, wire);
    step->is_done = true;
    script->next++;
    pthread_mutex_unlock(&script->mutex);
    if (step->delay_ms > 0)
        usleep((useconds_t)step->delay_ms * 1000);
    if (step->cut == HTTP_STALL) {
        script->connections[place].stalled = true;
        return;
    }
    if (step->cut == HTTP_CUT_ANSWER) {
        drop(script, place, true);
        return;
    }
    wire_next(wire);
    goes_on = step->raw == NULL && answer(step, socket, is_head);
    if (step->raw != NULL)
        send_all(socket, step->raw, strlen(step->raw));
    if (!goes_on)
        drop(script, place, false);
}

/* Something can be read on a connection. */
static void
receive(struct http_script *script, size_t place)
{
    struct wire *wire = &script->connections[place].wire;
    struct http_step *step;
    char block[65536];
    ssize_t got;

    pthread_mutex_lock(&script->mutex);
    step = next_step(script, NULL);
    if (step != NULL && step->cut == HTTP_CUT_AT_ONCE) {
        step->is_done = true;
        script->next++;
    } else {
        step = NULL;
    }
    pthread_mutex_unlock(&script->mutex);
    got = step != NULL ? 0
                       : recv(script->connections[place].socket, block,
                              sizeof(block), 0);
    if (got <= 0) {
        drop(script, place, step != NULL);
        return;
    }
    wire_add(wire, block, (size_t)got);
    while (script->connections[place].socket >= 0 && wire->len > 0 &&
           !script->connections[place].stalled && wire_is_whole(wire))
        serve(script, place);
    if (script->connections[place].socket >= 0 && wire_waits(wire)) {
        wire->told_to_go_on = true;
        send_all(script->connections[place].socket,
                 "HTTP/1.1 100 Continue\r\n\r\n", 25);
    }
}

static void
admit(struct http_script *script)
{
    int one = 1, made = accept(script->listener, NULL, NULL);

    if (made < 0)
        return;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (script->connections[i].socket < 0) {
            script->connections[i].socket = made;
            return;
        }
    close(made);
}

static void *
run(void *arg)
{
    struct http_script *script = arg;

    for (;;) {
        struct pollfd waits[CONNECTIONS_MAX + 2];

        waits[0] = (struct pollfd){.fd = script->wake[0], .events = POLLIN};
        waits[1] = (struct pollfd){.fd = script->listener, .events = POLLIN};
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            waits[i + 2] =
                (struct pollfd){.fd = script->connections[i].stalled
                                          ? -1
                                          : script->connections[i].socket,
                                .events = POLLIN};
        poll(waits, CONNECTIONS_MAX + 2, -1);
        if (waits[0].revents != 0)
            return NULL;
        for (size_t i = 0; i < CONNECTIONS_MAX; i++)
            if (waits[i + 2].revents != 0)
                receive(script, i);
        if (waits[1].revents != 0)
            admit(script);
    }
}

void
http_script_start(struct http_script *script)
{
    ck_assert_int_eq(pthread_create(&script->thread, NULL, run, script), 0);
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
            drop(script, i, false);
    for (size_t i = 0; i < script->step_count; i++)
        if (!script->steps[i]->is_done)
            complain(script, "missing request %zu: %s %s", i + 1,
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
