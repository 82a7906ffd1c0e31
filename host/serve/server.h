/*
 * serve/server.h: HTTP over libmicrohttpd, around a site.
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include <signal.h>

#include "serve/address.h"
#include "serve/gate.h"
#include "serve/site.h"

struct server_options {
    const struct site *site;
    struct gate *gate; /* NULL: nobody is asked for a token */
    const struct address *address;
    int fd;           /* that listens there; not the caller's any more */
    const char *host; /* one more name of this server; or NULL */
    const char *tls_cert, *tls_key; /* PEM texts; NULL: no TLS */
    /* Called once, when whoever connects is answered. */
    void (*started)(void *arg);
    void *started_arg;
};

/* Serve until one of these signals comes, which every thread blocks;
 * then answer what is under way, and return 0. */
int server_run(const struct server_options *options, const sigset_t *signals,
               struct fb_error *err) FB_MUST_CHECK;

#endif
