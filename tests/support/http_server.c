/*
 * See http_server.h.  One thread polls all connections and answers one request
 * after another; the list of steps is shared under a mutex.  Problems are
 * remembered, because only the test's thread may fail the test.
 */
#define _GNU_SOURCE /* memmem */
#include "support/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void
http_server_complain(struct http_script *script, const char *format, ...)
{
    va_list args;

    if (script->problem[0] != '\0')
        return; /* the first one is the cause */
    va_start(args, format);
    vsnprintf(script->problem, sizeof(script->problem), format, args);
    va_end(args);
}

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

void
http_server_drop(struct http_script *script, size_t place, bool reset)
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
            http_server_complain(
                step->script, "%s %s: header '%s' is '%s', not '%s'",
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
        http_server_complain(step->script, "expected %s %s, but %s %s came",
                             step->method,
                             step->target == NULL ? "*" : step->target,
                             wire->method, wire->target);
    check_headers(step, wire);
    if (step->wanted_body != NULL &&
        (step->wanted_size != wire->body_size ||
         memcmp(step->wanted_body, wire->body, wire->body_size) != 0))
        http_server_complain(
            step->script, "%s %s: the body is '%.300s', not '%.300s'",
            wire->method, wire->target, wire->body, step->wanted_body);
    if (step->wanted_part != NULL &&
        memmem(wire->body, wire->body_size, step->wanted_part,
               strlen(step->wanted_part)) == NULL)
        http_server_complain(
            step->script, "%s %s: the body '%.300s' lacks '%s'", wire->method,
            wire->target, wire->body, step->wanted_part);
    if (step->is_signed && !wire_verify(wire, &signer, problem))
        http_server_complain(step->script, "%s %s: %s", wire->method,
                             wire->target, problem);
    else if (!step->is_signed && wire_header(wire, "x-amz-date") != NULL)
        http_server_complain(step->script, "%s %s: it is signed", wire->method,
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
    bool says_length = step->status == 204 || step->status == 304;
    time_t now = (time_t)(clock_ms(step) / 1000);
    struct tm tm;
    size_t size;

    gmtime_r(&now, &tm);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    size = (size_t)snprintf(head, sizeof(head),
                            "HTTP/1.1 %d Scripted\r\nDate: %s\r\n",
                            step->status, date);
    for (size_t i = 0; i < step->answered_count; i++) {
        const struct pair *pair = &step->answered[i];

        size += (size_t)snprintf(head + size, sizeof(head) - size, "%s: %s\r\n",
                                 pair->name, pair->value);
        says_length |= strcasecmp(pair->name, "Content-Length") == 0;
    }
    if (!says_length)
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
        http_server_complain(script, "unexpected request %s %s", wire->method,
                             wire->target);
        pthread_mutex_unlock(&script->mutex);
        http_server_drop(script, place, false);
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
        http_server_drop(script, place, true);
        return;
    }
    wire_next(wire);
    goes_on = step->raw == NULL && answer(step, socket, is_head);
    if (step->raw != NULL)
        send_all(socket, step->raw, strlen(step->raw));
    if (!goes_on)
        http_server_drop(script, place, false);
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
        http_server_drop(script, place, step != NULL);
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

void *
http_server_run(void *arg)
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
