/*
 * serve/deadline.c: a list under a lock; a thousand items at most.
 */
#include "serve/deadline.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/clock.h"
#include "util/mem.h"

struct connection {
    struct connection *next, **link;
    unsigned char peer[16];
    int fd;
    bool extra;
    bool answering;
    bool shut;
    int64_t since_ms; /* monotonic */
};

struct deadlines {
    pthread_mutex_t lock;
    struct connection *first;
};

struct deadlines *
deadlines_new(void)
{
    struct deadlines *deadlines = mem_zalloc(sizeof(*deadlines));

    pthread_mutex_init(&deadlines->lock, NULL);
    return deadlines;
}

void
deadlines_free(struct deadlines *deadlines)
{
    if (deadlines == NULL)
        return;
    assert(deadlines->first == NULL);
    pthread_mutex_destroy(&deadlines->lock);
    free(deadlines);
}

/* The lock is held. */
static size_t
count_of(const struct deadlines *deadlines, const unsigned char peer[16])
{
    size_t count = 0;

    for (const struct connection *c = deadlines->first; c != NULL; c = c->next)
        count += memcmp(c->peer, peer, sizeof(c->peer)) == 0;
    return count;
}

struct connection *
deadlines_add(struct deadlines *deadlines, int fd, const unsigned char peer[16],
              size_t each)
{
    struct connection *c = mem_zalloc(sizeof(*c));

    c->fd = fd;
    c->since_ms = clock_monotonic_ms();
    memcpy(c->peer, peer, sizeof(c->peer));
    pthread_mutex_lock(&deadlines->lock);
    c->extra = each > 0 && count_of(deadlines, peer) >= each;
    c->next = deadlines->first;
    c->link = &deadlines->first;
    if (c->next != NULL)
        c->next->link = &c->next;
    deadlines->first = c;
    pthread_mutex_unlock(&deadlines->lock);
    return c;
}

void
deadlines_remove(struct deadlines *deadlines, struct connection *connection)
{
    pthread_mutex_lock(&deadlines->lock);
    *connection->link = connection->next;
    if (connection->next != NULL)
        connection->next->link = connection->link;
    pthread_mutex_unlock(&deadlines->lock);
    free(connection);
}

bool
deadlines_is_extra(const struct connection *connection)
{
    return connection->extra;
}

size_t
deadlines_of(struct deadlines *deadlines, const unsigned char peer[16])
{
    size_t count;

    pthread_mutex_lock(&deadlines->lock);
    count = count_of(deadlines, peer);
    pthread_mutex_unlock(&deadlines->lock);
    return count;
}

static void
move(struct deadlines *deadlines, struct connection *connection, bool answering)
{
    pthread_mutex_lock(&deadlines->lock);
    connection->answering = answering;
    connection->since_ms = clock_monotonic_ms();
    pthread_mutex_unlock(&deadlines->lock);
}

void
deadlines_asked(struct deadlines *deadlines, struct connection *connection)
{
    move(deadlines, connection, true);
}

void
deadlines_answered(struct deadlines *deadlines, struct connection *connection)
{
    move(deadlines, connection, false);
}

size_t
deadlines_enforce(struct deadlines *deadlines, int64_t head_ms,
                  int64_t answer_ms)
{
    int64_t now_ms = clock_monotonic_ms();
    size_t count = 0;

    pthread_mutex_lock(&deadlines->lock);
    for (struct connection *c = deadlines->first; c != NULL; c = c->next) {
        if (c->shut ||
            now_ms - c->since_ms < (c->answering ? answer_ms : head_ms))
            continue;
        /* The socket is closed only after it was taken off the list. */
        c->shut = true;
        (void)shutdown(c->fd, SHUT_RDWR);
        count++;
    }
    pthread_mutex_unlock(&deadlines->lock);
    return count;
}

size_t
deadlines_busy(struct deadlines *deadlines)
{
    size_t count = 0;

    pthread_mutex_lock(&deadlines->lock);
    for (const struct connection *c = deadlines->first; c != NULL; c = c->next)
        count += c->answering;
    pthread_mutex_unlock(&deadlines->lock);
    return count;
}
