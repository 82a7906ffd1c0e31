/*
 * serve/server.c: some threads, each with the connections that epoll gives it.
 * Who is asked for a token gets nothing before it: not a page, not a 404.
 */
#include "serve/server.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve/deadline.h"
#include "serve/library.h"
#include "serve/shelf.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/log.h"
#include "util/mem.h"

#define TICK_MS 250
/*
 * libmicrohttpd takes events by the 128, and when it got exactly so many, waits
 * for more before it looks at them: up to the deadline of the oldest
 * connection, for requests that are there (0.9.75 to 1.0.1).  So no thread gets
 * that many connections; there are also the socket that listens and a pipe.
 */
#define CONNECTIONS_OF_THREAD 125
#define THREADS \
    ((SERVE_CONNECTIONS + CONNECTIONS_OF_THREAD - 1) / CONNECTIONS_OF_THREAD)
/* Up to 32 KiB would come from the heap, where what one connection leaves is
 * seldom what the next one takes; more is mapped, and goes as it came. */
#define CONNECTION_MEMORY (SERVE_REQUEST_MAX + 4 * KIB)

struct server {
    const struct server_options *options;
    struct library_mhd mhd;
    struct MHD_Daemon *daemon;
    struct deadlines *deadlines;
    struct shelf *shelf;
    bool stopping; /* atomic */
};

/* One request, from its first line until its answer is gone. */
struct visit {
    char *target;
    struct connection *connection;
    bool seen;                     /* its head is there */
    struct shelf_item *item;       /* the dashboard that it waits for */
    char *policy;                  /* of that */
    const struct server *server;   /* to wake it: */
    struct MHD_Connection *handle; /* it is suspended meanwhile */
};

/* --- the answer ------------------------------------------------------------
 */

static void
add_headers(const struct server *server, struct MHD_Response *response,
            const struct answer *answer)
{
    const struct {
        const char *name, *value;
    } headers[] = {
        {"Content-Type", answer->type},
        {"Content-Security-Policy", answer->policy},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        /* To a sandbox it does not apply, and browsers that follow the letter
         * (HTML, "navigate") refuse to show a page that has both. */
        {"Cross-Origin-Opener-Policy",
         answer->is_foreign ? NULL : "same-origin"},
        {"Cache-Control", "no-store"},
        {"Strict-Transport-Security",
         server->options->tls_cert != NULL ? "max-age=31536000" : NULL},
        {"Connection",
         answer->last || __atomic_load_n(&server->stopping, __ATOMIC_RELAXED)
             ? "close"
             : NULL},
        {"Allow", answer->status == 405 ? "GET, HEAD" : NULL},
        {"Retry-After", answer->status == 503 ? "5" : NULL},
        {"WWW-Authenticate", answer->status == 401
                                 ? "Basic realm=\"forebay\", charset=\"UTF-8\""
                                 : NULL},
    };

    for (size_t i = 0; i < ARRAY_SIZE(headers); i++)
        if (headers[i].value != NULL)
            (void)server->mhd.add_response_header(response, headers[i].name,
                                                  headers[i].value);
}

/* Takes the answer's body over. */
static enum MHD_Result
send_answer(const struct server *server, struct MHD_Connection *connection,
            struct answer *answer)
{
    struct MHD_Response *response;
    enum MHD_Result result;

    response = server->mhd.create_response_from_buffer(
        answer->body.size, answer->body.data, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        answer_release(answer);
        return MHD_NO;
    }
    add_headers(server, response, answer);
    result = server->mhd.queue_response(connection, answer->status, response);
    server->mhd.destroy_response(response);
    return result;
}

static enum MHD_Result
refuse(const struct server *server, struct MHD_Connection *connection,
       unsigned status, const char *text)
{
    struct answer answer = {.error = FB_ERROR_INIT};

    site_refuse(&answer, status, text);
    return send_answer(server, connection, &answer);
}

static enum MHD_Result
turn_away(const struct server *server, struct MHD_Connection *connection)
{
    struct answer answer = {.error = FB_ERROR_INIT};

    site_refuse(&answer, 503, "Too many connections from your address.");
    answer.last = true;
    return send_answer(server, connection, &answer);
}

/* 401, and nothing else. */
static enum MHD_Result
ask_for_token(const struct server *server, struct MHD_Connection *connection,
              bool last)
{
    struct answer answer = {
        .status = 401, .last = last, .error = FB_ERROR_INIT};

    return send_answer(server, connection, &answer);
}

/* --- who asks, and for what ------------------------------------------------
 */

static const struct sockaddr *
peer_of(const struct server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = server->mhd.get_connection_info(
        connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

    return info != NULL ? info->client_addr : NULL;
}

static void
log_refusal(const struct server *server, struct MHD_Connection *connection,
            enum gate_verdict verdict)
{
    const struct sockaddr *peer = peer_of(server, connection);
    char text[ADDRESS_TEXT] = "?";

    if (peer != NULL)
        address_format((const void *)peer, text);
    log_event(FB_WARN, "token-refused", (const char *[]){"peer", text, NULL},
              "%s",
              verdict == GATE_WRONG ? "wrong token"
                                    : "too many wrong tokens: not looked at");
}

static void
peer_key(const struct server *server, struct MHD_Connection *connection,
         unsigned char key[16])
{
    const struct sockaddr *peer = peer_of(server, connection);

    memset(key, 0, 16);
    if (peer != NULL)
        address_peer(peer, key);
}

static bool
may_enter(const struct server *server, struct MHD_Connection *connection)
{
    unsigned char key[16];
    enum gate_verdict verdict;

    if (server->options->gate == NULL)
        return true;
    peer_key(server, connection, key);
    verdict = gate_judge(server->options->gate,
                         server->mhd.lookup_connection_value(
                             connection, MHD_HEADER_KIND, "Authorization"),
                         key, clock_monotonic_ms());
    if (verdict == GATE_WRONG || verdict == GATE_THROTTLED)
        log_refusal(server, connection, verdict);
    return verdict == GATE_PASS;
}

/* On loopback without a token, the name is all that tells a person at this
 * machine from a page of elsewhere. */
static bool
is_meant(const struct server *server, struct MHD_Connection *connection)
{
    const struct server_options *options = server->options;

    return options->gate != NULL || !options->address->loopback ||
           address_is_local_host(server->mhd.lookup_connection_value(
                                     connection, MHD_HEADER_KIND, "Host"),
                                 options->host);
}

/* --- dashboards ------------------------------------------------------------
 */

static void
release_item(void *item)
{
    shelf_release(item);
}

static void
wake(void *arg)
{
    const struct visit *visit = arg;

    visit->server->mhd.resume_connection(visit->handle);
}

/* The item belongs to the answer now. */
static enum MHD_Result
send_item(const struct server *server, struct MHD_Connection *connection,
          struct visit *visit)
{
    const struct answer answer = {.status = 200,
                                  .type = "text/html; charset=utf-8",
                                  .policy = visit->policy,
                                  .is_foreign = true};
    struct shelf_item *item = visit->item;
    struct MHD_Response *response;
    enum MHD_Result result;
    const void *bytes;
    size_t size;

    visit->item = NULL;
    if (!shelf_bytes(item, &bytes, &size)) {
        shelf_release(item);
        return refuse(server, connection, 502,
                      "The page cannot be read from its store now.");
    }
    response = server->mhd.create_response_from_buffer_with_free_callback_cls(
        size, (void *)(uintptr_t)bytes, release_item, item);
    if (response == NULL) {
        shelf_release(item);
        return MHD_NO;
    }
    add_headers(server, response, &answer);
    result = server->mhd.queue_response(connection, answer.status, response);
    server->mhd.destroy_response(response);
    return result;
}

static enum MHD_Result
answer_dashboard(const struct server *server, struct MHD_Connection *connection,
                 struct visit *visit, const struct site_dashboard *found)
{
    const struct shelf_key key = {.pipeline = found->pipeline,
                                  .run_id = found->run_id,
                                  .step = found->step,
                                  .uri = found->uri,
                                  .ended_ms = found->ended_ms};
    char policy[SITE_POLICY_MAX];

    visit->item = shelf_take(server->shelf, &key);
    if (visit->item == NULL)
        return refuse(server, connection, 503,
                      "Too many wait for pages from their stores.");
    site_dashboard_policy(found, policy);
    visit->policy = mem_strdup(policy);
    visit->server = server;
    visit->handle = connection;
    /* Suspended first: it may be woken before the next line returns. */
    server->mhd.suspend_connection(connection);
    if (shelf_is_done(visit->item, wake, visit))
        server->mhd.resume_connection(connection);
    return MHD_YES;
}

/* --- routes ----------------------------------------------------------------
 */

static enum MHD_Result
send_logged(const struct server *server, struct MHD_Connection *connection,
            const struct visit *visit, struct answer *answer)
{
    if (answer->error.code != FB_E_NONE)
        log_event(FB_ERROR, "not-answered",
                  (const char *[]){"target", visit->target, NULL}, "%s",
                  answer->error.message);
    return send_answer(server, connection, answer);
}

static enum MHD_Result
answer_route(const struct server *server, struct MHD_Connection *connection,
             struct visit *visit)
{
    const struct site *site = server->options->site;
    struct arena *arena = arena_new();
    const struct route route = route_of(arena, visit->target);
    struct site_dashboard found;
    struct answer answer;
    enum MHD_Result result;

    if (route.kind == ROUTE_DASHBOARD &&
        site_dashboard(site, &route, arena, &found, &answer)) {
        result = answer_dashboard(server, connection, visit, &found);
    } else {
        if (route.kind != ROUTE_DASHBOARD)
            site_answer(site, &route, &answer);
        result = send_logged(server, connection, visit, &answer);
    }
    arena_free(arena);
    return result;
}

static bool
has_body(const struct server *server, struct MHD_Connection *connection)
{
    return server->mhd.lookup_connection_value(connection, MHD_HEADER_KIND,
                                               "Content-Length") != NULL ||
           server->mhd.lookup_connection_value(connection, MHD_HEADER_KIND,
                                               "Transfer-Encoding") != NULL;
}

static enum MHD_Result
answer_visit(const struct server *server, struct MHD_Connection *connection,
             const char *method, struct visit *visit)
{
    bool extra = deadlines_is_extra(visit->connection);

    if (visit->item != NULL)
        return send_item(server, connection, visit);
    if (!may_enter(server, connection))
        return ask_for_token(server, connection, extra);
    if (extra)
        return turn_away(server, connection);
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return refuse(server, connection, 405,
                      "Here one can look, and nothing else.");
    if (!is_meant(server, connection))
        return refuse(server, connection, 421,
                      "This server does not go by that name.");
    return answer_route(server, connection, visit);
}

/* Called when the head is there, and again when all of the request is.  What
 * is answered at the first call ends the connection, its body unread. */
static enum MHD_Result
handle(void *arg, struct MHD_Connection *connection, const char *path,
       const char *method, const char *version, const char *upload,
       size_t *upload_size, void **request)
{
    const struct server *server = arg;
    struct visit *visit = *request;

    (void)path, (void)version, (void)upload, (void)upload_size;
    if (visit == NULL)
        return MHD_NO;
    if (!visit->seen) {
        visit->seen = true;
        deadlines_asked(server->deadlines, visit->connection);
        if (!has_body(server, connection))
            return MHD_YES;
    }
    return answer_visit(server, connection, method, visit);
}

/* --- the life of connections and requests ----------------------------------
 */

static struct connection *
connection_of(const struct server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = server->mhd.get_connection_info(
        connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info != NULL ? info->socket_context : NULL;
}

static void *
begin_visit(void *arg, const char *target, struct MHD_Connection *connection)
{
    const struct server *server = arg;
    struct connection *c = connection_of(server, connection);
    struct visit *visit;

    if (c == NULL)
        return NULL;
    visit = mem_zalloc(sizeof(*visit));
    visit->target = mem_strdup(target);
    visit->connection = c;
    return visit;
}

static void
end_visit(void *arg, struct MHD_Connection *connection, void **request,
          enum MHD_RequestTerminationCode code)
{
    const struct server *server = arg;
    struct visit *visit = *request;

    (void)connection, (void)code;
    if (visit == NULL)
        return;
    deadlines_answered(server->deadlines, visit->connection);
    if (visit->item != NULL)
        shelf_release(visit->item);
    free(visit->policy);
    free(visit->target);
    free(visit);
    *request = NULL;
}

/* How many connections of one address are served; 0: any number. */
static size_t
each_peer(const struct server *server)
{
    return server->options->address->loopback ? 0 : SERVE_CONNECTIONS_EACH;
}

static void
notify_connection(void *arg, struct MHD_Connection *connection, void **context,
                  enum MHD_ConnectionNotificationCode code)
{
    const struct server *server = arg;
    const union MHD_ConnectionInfo *info;
    unsigned char key[16];

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        info = server->mhd.get_connection_info(
            connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        peer_key(server, connection, key);
        *context = info != NULL
                       ? deadlines_add(server->deadlines, info->connect_fd, key,
                                       each_peer(server))
                       : NULL;
    } else if (*context != NULL) {
        deadlines_remove(server->deadlines, *context);
        *context = NULL;
    }
}

/* As many again as are served of one address are told that they are too many;
 * more are closed without a word. */
static enum MHD_Result
may_connect(void *arg, const struct sockaddr *peer, socklen_t length)
{
    const struct server *server = arg;
    size_t each = each_peer(server);
    unsigned char key[16];

    (void)length;
    if (__atomic_load_n(&server->stopping, __ATOMIC_RELAXED))
        return MHD_NO;
    if (each == 0)
        return MHD_YES;
    address_peer(peer, key);
    return deadlines_of(server->deadlines, key) < 2 * each ? MHD_YES : MHD_NO;
}

/* What libmicrohttpd has to say is about single connections: peers who go
 * away, TLS that does not come about. */
static void take_log(void *arg, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void
take_log(void *arg, const char *format, va_list args)
{
    char text[512];

    (void)arg;
    vsnprintf(text, sizeof(text), format, args);
    text[strcspn(text, "\n")] = '\0';
    log_event(FB_DEBUG, "http", NULL, "%s", text);
}

/* Targets are taken as sent: route.c decodes, once. */
static size_t
keep_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg, (void)connection;
    return strlen(text);
}

/* --- the whole -------------------------------------------------------------
 */

/* Who comes when all places are taken waits; for who has a place, there must
 * be a descriptor.  As many as may be are taken. */
static void
allow_descriptors(void)
{
    const rlim_t wanted = (rlim_t)2 * SERVE_CONNECTIONS;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int
start(struct server *server, struct fb_error *err)
{
    const struct server_options *options = server->options;
    bool tls = options->tls_cert != NULL;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
                     MHD_ALLOW_SUSPEND_RESUME | (tls ? MHD_USE_TLS : 0);
    const struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)options->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)options->tls_key},
        {MHD_OPTION_END, 0, NULL},
    };

    if (tls && server->mhd.is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return fb_fail(err, FB_E_CONFIG,
                       "this libmicrohttpd was built without TLS");
    server->daemon = server->mhd.start_daemon(
        flags, 0, may_connect, server, handle, server,
        MHD_OPTION_EXTERNAL_LOGGER, take_log, NULL, MHD_OPTION_LISTEN_SOCKET,
        options->fd, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVE_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(SERVE_HEAD_MS / 1000),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK,
        keep_escapes, NULL, MHD_OPTION_URI_LOG_CALLBACK, begin_visit, server,
        MHD_OPTION_NOTIFY_COMPLETED, end_visit, server,
        MHD_OPTION_NOTIFY_CONNECTION, notify_connection, server,
        tls ? MHD_OPTION_ARRAY : MHD_OPTION_END, secure, MHD_OPTION_END);
    if (server->daemon != NULL)
        return 0;
    fb_fail(err, FB_E_CONFIG, "cannot start the web server%s",
            tls ? ": are certificate and key a pair, in PEM?" : "");
    return -1;
}

static void
wait_for_stop(struct server *server, const sigset_t *stop)
{
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    siginfo_t info;

    while (sigtimedwait(stop, &info, &tick) < 0) {
        (void)deadlines_enforce(server->deadlines, SERVE_HEAD_MS,
                                SERVE_ANSWER_MS);
        shelf_tidy(server->shelf);
    }
    log_event(FB_INFO, "stopping", NULL, "told to stop by signal %d",
              info.si_signo);
}

static void
wait_for_answers(struct server *server, int64_t within_ms)
{
    int64_t until_ms = clock_monotonic_ms() + within_ms;

    while (deadlines_busy(server->deadlines) > 0 &&
           clock_monotonic_ms() < until_ms)
        (void)usleep(10000);
}

/* Nobody new comes in; those inside get their answers, within bounds.  Not by
 * MHD_quiesce_daemon: two of its threads may take the socket out of epoll, and
 * the second ends the process (0.9.75). */
static void
stop(struct server *server)
{
    __atomic_store_n(&server->stopping, true, __ATOMIC_RELAXED);
    wait_for_answers(server, SERVE_STOP_MS);
    /* Wakes all who wait for a store: nobody may be suspended at the end. */
    shelf_stop(server->shelf);
    wait_for_answers(server, SERVE_STOP_MS);
    server->mhd.stop_daemon(server->daemon);
}

int
server_run(const struct server_options *options, const sigset_t *signals,
           struct fb_error *err)
{
    struct server server = {.options = options};
    int status;

    if (library_load_mhd(&server.mhd, err) != 0 ||
        shelf_new(options->site, &server.shelf, err) != 0)
        return -1;
    allow_descriptors();
    server.deadlines = deadlines_new();
    status = start(&server, err);
    if (status == 0) {
        options->started(options->started_arg);
        wait_for_stop(&server, signals);
        stop(&server);
    } else {
        shelf_stop(server.shelf);
    }
    shelf_free(server.shelf);
    deadlines_free(server.deadlines);
    return status;
}
