/*
 * serve/deadline.h: every connection, whose it is, and since when it is at
 * what: so that a peer who sends or takes a byte now and then cannot stay for
 * ever, which an idle timeout alone lets it, and that one address does not take
 * the places of all.
 */
#ifndef SERVE_DEADLINE_H
#define SERVE_DEADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct deadlines;
struct connection;

struct deadlines *deadlines_new(void);
void deadlines_free(struct deadlines *deadlines); /* NULL is fine */

/*
 * A connection on this socket, which stays open until deadlines_remove; its
 * first request is awaited.  peer: of address_peer.  each: how many of one peer
 * are served at a time; 0: any number.
 */
struct connection *deadlines_add(struct deadlines *deadlines, int fd,
                                 const unsigned char peer[16], size_t each);
void deadlines_remove(struct deadlines *deadlines,
                      struct connection *connection);

/* The head of a request is there / its answer is gone, and the next request is
 * awaited. */
void deadlines_asked(struct deadlines *deadlines,
                     struct connection *connection);
void deadlines_answered(struct deadlines *deadlines,
                        struct connection *connection);

/* Whether it is one more than `each`: to be told so, and closed. */
bool deadlines_is_extra(const struct connection *connection);
/* How many connections a peer has. */
size_t deadlines_of(struct deadlines *deadlines, const unsigned char peer[16]);

/* Shut the sockets of those who take too long; how many they were. */
size_t deadlines_enforce(struct deadlines *deadlines, int64_t head_ms,
                         int64_t answer_ms);
/* How many requests are being answered. */
size_t deadlines_busy(struct deadlines *deadlines);

#endif
