/*
 * aws/source_process.c: credentials that a program of the user's prints.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
 * No shell reads the command, and neither what it prints nor its complaints
 * are shown: both may hold secrets.
 */
#define _GNU_SOURCE /* pipe2, environ */
#include "aws/source.h"

#include "aws/buf.h"
#include "aws/json.h"
#include "aws/words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT_MAX ((size_t)64 << 10)
#define DEADLINE_MS 60000
#define SLICE_MS 100
#define USING "the credentials of credential_process"

/* What the loader was told for this program (LD_PRELOAD and its kin) is not
 * for another one.  The caller frees the list; NULL: no memory. */
static char **
child_environment(void)
{
    size_t count = 0, kept = 0;
    char **list;

    while (environ[count] != NULL)
        count++;
    list = calloc(count + 1, sizeof(*list));
    for (size_t i = 0; list != NULL && i < count; i++)
        if (strncmp(environ[i], "LD_", 3) != 0)
            list[kept++] = environ[i];
    return list;
}

/* In a process group of its own, so that its children end with it. */
static int
start(struct aws_words *words, int output, pid_t *child)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    char **environment = child_environment();
    sigset_t all, none;
    int problem;

    if (environment == NULL)
        return ENOMEM;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK |
                                              POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    problem = posix_spawnp(child, words->items[0], &files, &attributes,
                           words->items, environment);
    free(environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return problem;
}

/* What it prints, until it closes its output.  Else *why says what was wrong,
 * and the code whether that may pass. */
static enum fb_code
drain(const struct aws_source *source, int input, struct aws_buf *output,
      const char **why)
{
    int64_t end = aws_world.monotonic_ms(NULL) + DEADLINE_MS;
    unsigned char block[4096];

    for (;;) {
        struct pollfd wait = {.fd = input, .events = POLLIN};
        ssize_t got;

        if (aws_cancelled(source->step))
            return *why = "told to stop", FB_E_CANCELLED;
        if (aws_world.monotonic_ms(NULL) >= end)
            return *why = "it does not end", FB_E_UNAVAILABLE;
        if (poll(&wait, 1, SLICE_MS) <= 0)
            continue;
        got = read(input, block, sizeof(block));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            aws_wipe(block, sizeof(block));
            return got == 0 ? FB_E_NONE : (*why = strerror(errno), FB_E_CONFIG);
        }
        aws_buf_add(output, block, (size_t)got);
        if (!aws_buf_ok(output))
            return *why = "it prints too much", FB_E_CONFIG;
    }
}

/* It has closed its output; a little later it should be gone. */
static int
reap(pid_t child, bool at_once)
{
    int status = -1;

    for (int waited = 0; !at_once && waited < 5000; waited += SLICE_MS / 10) {
        pid_t done = waitpid(child, &status, WNOHANG);

        if (done == child || (done < 0 && errno != EINTR))
            return status;
        aws_world.pause(NULL, SLICE_MS / 10, NULL);
    }
    kill(-child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int
run(const struct aws_source *source, struct aws_words *words,
    struct aws_buf *output, struct fb_error *err)
{
    int ends[2], problem, status;
    const char *why = NULL;
    enum fb_code code;
    pid_t child = 0;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return aws_source_broken(err, USING, "%s", strerror(errno));
    problem = start(words, ends[1], &child);
    close(ends[1]);
    if (problem != 0) {
        close(ends[0]);
        return aws_source_broken(err, USING, "cannot start '%.200s': %s",
                                 words->items[0], strerror(problem));
    }
    code = drain(source, ends[0], output, &why);
    close(ends[0]);
    status = reap(child, code != FB_E_NONE);
    if (code != FB_E_NONE) {
        aws_source_broken(err, USING, "'%.200s': %s", words->items[0], why);
        err->code = code;
        return -1;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status))
        return aws_source_broken(err, USING, "'%.200s' ended with status %d",
                                 words->items[0], WEXITSTATUS(status));
    return aws_source_broken(err, USING, "'%.200s' was killed",
                             words->items[0]);
}

static int
take(const struct aws_buf *output, struct aws_credentials *credentials,
     struct fb_error *err)
{
    json_t *json = NULL;
    int failed;

    if (aws_json_parse(output->bytes, output->len, &json, err) != 0)
        return aws_source_broken(err, USING, "it does not print a JSON object");
    if (json_integer_value(json_object_get(json, "Version")) != 1)
        failed =
            aws_source_broken(err, USING, "the Version it prints is not 1");
    else
        failed = aws_source_from_json(json, "SessionToken",
                                      "credential_process", credentials, err);
    json_decref(json);
    return failed;
}

int
aws_source_process(const struct aws_source *source, const char *command,
                   struct aws_credentials *credentials, struct fb_error *err)
{
    struct aws_words words;
    struct aws_buf output;
    int failed;

    if (aws_words_split(&words, command) != 0)
        return aws_source_broken(
            err, USING, "the command is empty or a quote is not closed");
    aws_buf_init(&output, OUTPUT_MAX);
    failed = run(source, &words, &output, err);
    if (failed == 0)
        failed = take(&output, credentials, err);
    aws_buf_release(&output);
    aws_words_release(&words);
    return failed;
}
