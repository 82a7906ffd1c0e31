/*
 * cmd/cmd_serve.c: `forebay serve`: show pipelines, runs and dashboards to
 * browsers.
 */
#include <malloc.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/plan.h"
#include "serve/server.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/log.h"
#include "util/mem.h"

#define LISTEN_DEFAULT "127.0.0.1:8080"
#define HEAP_PIECE_MAX (128 * KIB) /* what is larger is mapped */

struct serving {
    struct session session;
    struct plan *plans;
    struct site_pipeline *pipelines;
    size_t count;
    struct site site;
    struct address address;
    struct buf cert, key;
    struct gate *gate;
    const char *folder;
};

/* --- --hash-token ----------------------------------------------------------
 */

/* A line of stdin; what a person types is not shown. */
static char *
read_secret(void)
{
    struct termios before, quiet;
    bool terminal =
        isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    if (terminal) {
        fputs("token: ", stderr);
        quiet = before;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    length = getline(&line, &size, stdin);
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputs("\n", stderr);
    }
    if (length < 0) {
        free(line);
        return mem_strdup("");
    }
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static int
hash_token(void)
{
    struct fb_error err = FB_ERROR_INIT;
    struct arena *arena = arena_new();
    char *secret = read_secret();
    const char *line;
    int status = 0;

    if (secret_hash(arena, secret, &line, &err) == 0)
        printf("%s\n", line);
    else
        status = session_fail(&err);
    explicit_bzero(secret, strlen(secret));
    free(secret);
    arena_free(arena);
    return status;
}

/* --- what is served --------------------------------------------------------
 */

static int
open_plans(struct serving *s)
{
    const struct arguments *a = s->session.arguments;
    struct problems *problems = problems_new();
    int status = 0;

    s->count = (size_t)a->operand_count;
    s->plans = mem_array(s->count, sizeof(*s->plans));
    s->pipelines = mem_array(s->count, sizeof(*s->pipelines));
    for (size_t i = 0; i < s->count; i++) {
        if (plan_open(&s->plans[i], &s->session, a->operands[i], problems) != 0)
            status = -1;
        s->pipelines[i] = (struct site_pipeline){
            .document = s->plans[i].document,
            .pipeline = s->plans[i].pipeline,
            .window = s->plans[i].window,
        };
    }
    if (status != 0) {
        status = session_problems(problems);
        session_tell_refused(&s->session);
    }
    problems_free(problems);
    return status;
}

static int
check_names(const struct serving *s, struct fb_error *err)
{
    for (size_t i = 0; i < s->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(s->pipelines[i].pipeline->name,
                       s->pipelines[j].pipeline->name) == 0)
                return fb_fail(err, FB_E_USAGE,
                               "the pipeline '%s' is named twice: '%s' and "
                               "'%s'",
                               s->pipelines[i].pipeline->name,
                               s->pipelines[j].pipeline->path,
                               s->pipelines[i].pipeline->path);
    return 0;
}

/* A file that a flag names is configuration, not input. */
static int
misconfigured(struct fb_error *err)
{
    if (err->code == FB_E_MISSING || err->code == FB_E_INPUT ||
        err->code == FB_E_LIMIT)
        err->code = FB_E_CONFIG;
    return -1;
}

static int
read_pem(const char *path, struct buf *text, struct fb_error *err)
{
    if (file_read(path, text, err) != 0)
        return misconfigured(err);
    if (strlen(buf_text(text)) == text->size && text->size > 0)
        return 0;
    return fb_fail(err, FB_E_CONFIG, "'%s' is no PEM file", path);
}

static int
read_tls(struct serving *s, struct fb_error *err)
{
    const struct arguments *a = s->session.arguments;

    if (a->tls_cert == NULL && a->tls_key == NULL)
        return 0;
    if (a->tls_cert == NULL || a->tls_key == NULL)
        return fb_fail(err, FB_E_USAGE,
                       "--tls-cert and --tls-key come together");
    if (read_pem(a->tls_cert, &s->cert, err) != 0)
        return -1;
    return read_pem(a->tls_key, &s->key, err);
}

/* Whoever can reach more than this machine's loopback must be asked. */
static int
read_token(struct serving *s, struct fb_error *err)
{
    const char *path = s->session.arguments->token_file;
    struct secrets *secrets;

    if (path == NULL && s->address.loopback)
        return 0;
    if (path == NULL) {
        fb_fail(err, FB_E_USAGE,
                "only a loopback address is served without a token, and '%s' "
                "is none",
                s->session.arguments->listen);
        return fb_hint(err, "make a token with 'forebay serve --hash-token' "
                            "and give its file by --token-file");
    }
    if (secrets_read(path, &secrets, err) != 0)
        return misconfigured(err);
    s->gate = gate_new(secrets);
    return 0;
}

static int
prepare(struct serving *s, struct fb_error *err)
{
    const struct arguments *a = s->session.arguments;

    if (check_names(s, err) != 0 ||
        address_parse(a->listen != NULL ? a->listen : LISTEN_DEFAULT,
                      &s->address, err) != 0 ||
        read_tls(s, err) != 0 || read_token(s, err) != 0)
        return -1;
    return ledger_folder(s->session.arena, a->state, &s->folder, err);
}

/* The line on stdout comes last: who reads it may connect. */
static void
say_where(void *arg)
{
    const struct serving *s = arg;
    char address[ADDRESS_TEXT];
    const char *scheme = s->cert.size > 0 ? "https" : "http";
    const char *who = s->gate != NULL ? "a token is demanded"
                                      : "this machine alone, without a token";

    address_format(&s->address.storage, address);
    log_event(FB_INFO, "serving", (const char *[]){"address", address, NULL},
              "%s", who);
    if (s->cert.size == 0 && !s->address.loopback)
        log_event(FB_WARN, "no-tls", (const char *[]){"address", address, NULL},
                  "tokens and pages can be read on their way: give --tls-cert "
                  "and --tls-key, unless something in front does that");
    printf("serving %s://%s/ (%s)\n", scheme, address, who);
    fflush(stdout);
}

static int
listen_and_serve(struct serving *s, const sigset_t *stop, struct fb_error *err)
{
    struct server_options options = {
        .site = &s->site,
        .gate = s->gate,
        .address = &s->address,
        .host = s->session.arguments->host,
        .tls_cert = s->cert.size > 0 ? buf_text(&s->cert) : NULL,
        .tls_key = s->key.size > 0 ? buf_text(&s->key) : NULL,
        .started = say_where,
        .started_arg = s,
    };

    if (address_listen(&s->address, &options.fd, err) != 0)
        return -1;
    return server_run(&options, stop, err);
}

static int
serve(struct serving *s, const sigset_t *stop)
{
    struct fb_error err = FB_ERROR_INIT;
    int status = open_plans(s);

    if (status != 0)
        return status;
    if (prepare(s, &err) != 0)
        return session_fail(&err);
    s->site = (struct site){
        .pipelines = s->pipelines,
        .pipeline_count = s->count,
        .registry = s->session.registry,
        .scope = session_scope(&s->session),
        .books = books_new(s->folder),
    };
    if (listen_and_serve(s, stop, &err) != 0)
        status = session_fail(&err);
    books_free(s->site.books);
    return status;
}

static void
release(struct serving *s)
{
    for (size_t i = 0; i < s->count; i++)
        plan_release(&s->plans[i]);
    free(s->plans);
    free(s->pipelines);
    gate_free(s->gate);
    buf_release(&s->cert);
    if (s->key.data != NULL)
        explicit_bzero(s->key.data, s->key.size);
    buf_release(&s->key);
    session_release(&s->session);
}

/* Blocked before there are threads, so that none of them gets one. */
static void
block_signals(sigset_t *stop)
{
    sigemptyset(stop);
    sigaddset(stop, SIGTERM);
    sigaddset(stop, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/*
 * One heap for all threads: with one for each, what stays behind is the most
 * that every single one ever had at a time, and grows for hours, as it is
 * chance which thread gets how many connections.  The fixed threshold keeps
 * pages and dashboards out of it: by itself it rises to the largest that was
 * ever freed, up to 32 MiB.
 */
static void
bound_heap(void)
{
#ifdef M_ARENA_MAX
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_MMAP_THRESHOLD, (int)HEAP_PIECE_MAX);
#endif
}

static int
run(const struct arguments *arguments)
{
    struct serving s = {.count = 0};
    struct fb_error err = FB_ERROR_INIT;
    sigset_t stop;
    int status;

    if (arguments->hash_token)
        return hash_token();
    if (arguments->operand_count == 0) {
        fb_fail(&err, FB_E_USAGE, "forebay serve needs PIPELINE...");
        return session_fail(&err);
    }
    buf_init(&s.cert, SECRET_FILE_MAX);
    buf_init(&s.key, SECRET_FILE_MAX);
    block_signals(&stop);
    bound_heap();
    status = session_open(&s.session, arguments, false);
    if (status == 0)
        status = serve(&s, &stop);
    release(&s);
    return status;
}

static const struct flag flags[] = {
    {"listen", FLAG_TEXT, FLAG_FIELD(listen), "ADDRESS:PORT",
     "where to listen (default: " LISTEN_DEFAULT ")", NULL},
    {"token-file", FLAG_TEXT, FLAG_FIELD(token_file), "FILE",
     "hashes of the tokens that let in; needed on any address but loopback",
     NULL},
    {"hash-token", FLAG_BOOL, FLAG_FIELD(hash_token), NULL,
     "read a token from stdin and print its line for that file; serve nothing",
     NULL},
    {"host", FLAG_TEXT, FLAG_FIELD(host), "NAME",
     "a name besides localhost that requests on loopback may name as their "
     "Host",
     NULL},
    {"tls-cert", FLAG_TEXT, FLAG_FIELD(tls_cert), "FILE",
     "speak TLS with this certificate chain (PEM)", NULL},
    {"tls-key", FLAG_TEXT, FLAG_FIELD(tls_key), "FILE",
     "the key of the certificate (PEM)", NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_serve = {
    .name = "serve",
    .operands = "PIPELINE...",
    .summary = "show pipelines, runs and dashboards to browsers",
    .flags = flags,
    .operands_min = 0,
    .operands_max = -1,
    .run = run,
};
