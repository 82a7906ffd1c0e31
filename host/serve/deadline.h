/*
 * serve/deadline.h: every connection, and since when it is at what: so that a
 * peer who sends or takes a byte now and then cannot stay for ever, which an
 * idle timeout alone lets it.
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

/* A connection on this socket, which stays open until deadlines_remove; its
 * first request is awaited. */
struct connection *deadlines_add(struct deadlines *deadlines, int fd);
void deadlines_remove(struct deadlines *deadlines,
                      struct connection *connection);

/* The head of a request is there / its answer is gone, and the next request is
 * awaited. */
void deadlines_asked(struct deadlines *deadlines,
                     struct connection *connection);
void deadlines_answered(struct deadlines *deadlines,
                        struct connection *connection);

/* Shut the sockets of those who take too long; how many they were. */
size_t deadlines_enforce(struct deadlines *deadlines, int64_t head_ms,
                         int64_t answer_ms);
/* How many requests are being answered. */
size_t deadlines_busy(struct deadlines *deadlines);

#endif
