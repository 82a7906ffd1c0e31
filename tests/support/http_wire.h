/*
 * One HTTP request as the scripted server reads it, and whether its signature
 * is right.  See http_script.h.
 */
#ifndef SUPPORT_HTTP_WIRE_H
#define SUPPORT_HTTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_HEADERS_MAX 64
#define WIRE_PROBLEM_MAX 1024

struct wire {
    char *bytes; /* owned: all that came on this connection */
    size_t len, capacity;
    bool told_to_go_on; /* 100 Continue was sent */

    /* Of a complete request; they point into text. */
    char *text; /* owned: a copy of the head, cut up */
    const char *method, *target;
    const char *names[WIRE_HEADERS_MAX], *values[WIRE_HEADERS_MAX];
    size_t header_count;
    const char *body;
    size_t body_size;
    size_t size; /* head and body */
};

/* Add what was read. */
void wire_add(struct wire *wire, const char *bytes, size_t size);
/* Whether there is a whole request; then it is taken apart. */
bool wire_is_whole(struct wire *wire);
/* Whether the client waits for 100 Continue. */
bool wire_waits(const struct wire *wire);
/* Drop the request that was taken apart. */
void wire_next(struct wire *wire);
void wire_release(struct wire *wire);

const char *wire_header(const struct wire *wire, const char *name);

/* Who must have signed, and when. */
struct wire_signer {
    const char *key, *secret, *token; /* token NULL: none */
    const char *region, *service;
    int64_t now_ms; /* the server's clock */
    bool any_time;  /* the date may be wrong */
};

/* Verify signature, payload hash, token and date; false with the problem. */
bool wire_verify(const struct wire *wire, const struct wire_signer *signer,
                 char problem[WIRE_PROBLEM_MAX]);

#endif
