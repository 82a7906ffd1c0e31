/*
 * serve/address.c: parsing with the C library's numeric parsers alone: nothing
 * is ever asked of a name server.
 */
#include "serve/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

#define BACKLOG 1024

static bool
is_loopback(const struct sockaddr_storage *storage)
{
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)storage;

        return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(
        &((const struct sockaddr_in6 *)(const void *)storage)->sin6_addr);
}

static bool
take_host(const char *host, int64_t port, struct address *address)
{
    struct sockaddr_in *v4 = (void *)&address->storage;
    struct sockaddr_in6 *v6 = (void *)&address->storage;

    if (strcmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons((uint16_t)port);
        address->length = sizeof(*v4);
        return true;
    }
    if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        address->length = sizeof(*v6);
        return true;
    }
    return false;
}

static int
fail_listen(const char *text, struct fb_error *err)
{
    fb_fail(err, FB_E_USAGE, "--listen takes ADDRESS:PORT, not '%s'", text);
    return fb_hint(err, "such as 127.0.0.1:8080 or [::1]:8080");
}

int
address_parse(const char *text, struct address *address, struct fb_error *err)
{
    const char *colon = strrchr(text, ':');
    const char *port_text = colon != NULL ? colon + 1 : text;
    size_t length = colon != NULL ? (size_t)(colon - text) : 0;
    AUTO_FREE char *host = NULL;
    int64_t port;

    *address = (struct address){.loopback = false};
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']')
        host = mem_dup_nul(text + 1, length - 2);
    else if (memchr(text, ':', length) != NULL)
        return fail_listen(text, err);
    else
        host = mem_dup_nul(colon != NULL ? text : "localhost",
                           colon != NULL ? length : strlen("localhost"));
    if (!text_to_int(port_text, &port) || port < 0 || port > 65535 ||
        !take_host(host, port, address))
        return fail_listen(text, err);
    address->loopback = is_loopback(&address->storage);
    return 0;
}

int
address_listen(struct address *address, int *fd, struct fb_error *err)
{
    struct sockaddr *addr = (void *)&address->storage;
    int one = 1, s, number;
    char text[ADDRESS_TEXT];

    address_format(&address->storage, text);
    s = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s >= 0 &&
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
        (addr->sa_family != AF_INET6 ||
         setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one)) == 0) &&
        bind(s, addr, address->length) == 0 && listen(s, BACKLOG) == 0 &&
        getsockname(s, addr, &address->length) == 0) {
        *fd = s;
        return 0;
    }
    number = errno;
    if (s >= 0)
        close(s);
    *fd = -1;
    return fb_fail(err, number == EACCES ? FB_E_PERMISSION : FB_E_UNAVAILABLE,
                   "cannot listen on '%s': %s", text, strerror(number));
}

void
address_format(const struct sockaddr_storage *address, char *text)
{
    char host[INET6_ADDRSTRLEN] = "?";

    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const void *)address;

        inet_ntop(AF_INET, &v4->sin_addr, host, sizeof(host));
        snprintf(text, ADDRESS_TEXT, "%s:%u", host, ntohs(v4->sin_port));
    } else {
        const struct sockaddr_in6 *v6 = (const void *)address;

        inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof(host));
        snprintf(text, ADDRESS_TEXT, "[%s]:%u", host, ntohs(v6->sin6_port));
    }
}

/* "name" or "name:port" against a name. */
static bool
host_is(const char *host, const char *name)
{
    size_t length = strlen(name);
    AUTO_FREE char *left = NULL;

    if (strlen(host) < length || (host[length] != '\0' && host[length] != ':'))
        return false;
    left = mem_dup_nul(host, length);
    return text_equal_nocase(left, name) &&
           strspn(host + length, ":0123456789") == strlen(host + length);
}

bool
address_is_local_host(const char *host, const char *also)
{
    size_t length;
    AUTO_FREE char *left = NULL;
    struct in_addr v4;

    if (host == NULL)
        return false;
    if (host_is(host, "localhost") || host_is(host, "[::1]") ||
        (also != NULL && host_is(host, also)))
        return true;
    length = strcspn(host, ":");
    left = mem_dup_nul(host, length);
    return inet_pton(AF_INET, left, &v4) == 1 &&
           ntohl(v4.s_addr) >> 24 == 127 && host_is(host, left);
}

void
address_peer(const struct sockaddr *peer, unsigned char key[16])
{
    memset(key, 0, 16);
    if (peer->sa_family == AF_INET) {
        memcpy(key, &((const struct sockaddr_in *)(const void *)peer)->sin_addr,
               4);
        key[15] = 4; /* no network of IPv6 ends so here */
    } else if (peer->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const void *)peer;

        memcpy(key, &v6->sin6_addr,
               IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? 16 : 8);
    }
}
