/*
 * serve/address.h: where to listen, and who may be meant by a Host.
 */
#ifndef SERVE_ADDRESS_H
#define SERVE_ADDRESS_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "forebay/plugin.h"

struct address {
    struct sockaddr_storage storage;
    socklen_t length;
    bool loopback; /* nobody but this machine reaches it */
};

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "8080" (on loopback); port
 * 0: any free one.  Names but localhost are refused: what they mean may
 * change. */
int address_parse(const char *text, struct address *address,
                  struct fb_error *err) FB_MUST_CHECK;

/* A socket that listens there, non-blocking; the port that it got is filled
 * in. */
int address_listen(struct address *address, int *fd,
                   struct fb_error *err) FB_MUST_CHECK;

/* "127.0.0.1:8080", "[::1]:8080"; room for ADDRESS_TEXT bytes. */
#define ADDRESS_TEXT 64
void address_format(const struct sockaddr_storage *address, char *text);

/*
 * Whether the Host of a request names this machine's loopback: a page from
 * elsewhere whose name was made to lead here (DNS rebinding) does not.  host
 * NULL: none was sent.  `also`: one more name that is fine; may be NULL.
 */
bool address_is_local_host(const char *host, const char *also);

/* Sixteen bytes that stand for a peer when attempts are counted: an IPv4
 * address, or the 64 bits of an IPv6 network. */
void address_peer(const struct sockaddr *peer, unsigned char key[16]);

#endif
