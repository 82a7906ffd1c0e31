/*
 * The inside of a scripted server, shared by the two files it is made of: the
 * script (http_script.c) and the thread that answers (http_server.c).
 */
#ifndef SUPPORT_HTTP_SERVER_H
#define SUPPORT_HTTP_SERVER_H

#include "support/http_script.h"
#include "support/http_wire.h"

#include <pthread.h>
#include <stdatomic.h>

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
    pthread_mutex_t mutex; /* of the steps and the problem */
    struct http_step *steps[STEPS_MAX];
    size_t step_count, next;
    atomic_int count; /* of the requests that came */
    char problem[WIRE_PROBLEM_MAX];
    struct http_step now; /* who signs, and the clock, for the next step */
    struct {
        int socket;
        bool stalled;
        struct wire wire;
    } connections[CONNECTIONS_MAX];
};

/* The thread; arg is the script.  It ends when script->wake can be read. */
void *http_server_run(void *arg);

/* Remember what is wrong, unless something was before. */
void __attribute__((format(printf, 2, 3)))
http_server_complain(struct http_script *script, const char *format, ...);

/* Close a connection; reset: in a way that the client notices as an error. */
void http_server_drop(struct http_script *script, size_t place, bool reset);

#endif
