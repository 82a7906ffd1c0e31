/*
 * serve/gate.h: who may come in: a token or password in the Authorization of a
 * request, as `Bearer TOKEN` or as the password of `Basic` (any name).
 *
 * To verify one is slow by intention, so one that was right is known again by
 * a keyed digest, and those who are wrong too often are refused unheard for a
 * while: an address alone, and all together.
 */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include "serve/secret.h"

struct gate;

/* Takes the secrets over. */
struct gate *gate_new(struct secrets *secrets);
void gate_free(struct gate *gate); /* NULL is fine */

enum gate_verdict {
    GATE_PASS = 1,
    GATE_ASK,       /* nothing that could be verified was sent */
    GATE_WRONG,     /* it was verified, and is wrong */
    GATE_THROTTLED, /* it was not looked at: too many were wrong */
};

/* authorization: NULL when there is none.  peer: of address_peer.  Any thread
 * may ask. */
enum gate_verdict gate_judge(struct gate *gate, const char *authorization,
                             const unsigned char peer[16], int64_t now_ms);

/* The secret in an Authorization; false when there is none.  secret has room
 * for SERVE_SECRET_MAX + 1 bytes. */
bool gate_secret_of(const char *authorization, char *secret);

#endif
