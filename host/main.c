/*
 * main.c: the table of commands.
 */
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/session.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/text.h"

#ifndef FB_VERSION
#define FB_VERSION "unversioned"
#endif

static const struct command *const commands[] = {
    &cmd_run,   &cmd_check, &cmd_show,  &cmd_preview, &cmd_history,
    &cmd_retry, &cmd_graph, &cmd_guess, &cmd_plugins, &cmd_serve,
};

static void
print_commands(FILE *out)
{
    fprintf(out, "forebay %s: runs pipelines over files that people drop\n\n",
            FB_VERSION);
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        fprintf(out, "  forebay %-8s %-12s  %s\n", commands[i]->name,
                commands[i]->operands, commands[i]->summary);
    fprintf(out, "\nforebay COMMAND --help says more.\n");
}

static int
print_help(const struct command *command)
{
    printf("forebay %s [FLAGS] %s\n    %s\n\n", command->name,
           command->operands, command->summary);
    arguments_print(command->flags, stdout);
    arguments_print(common_flags, stdout);
    printf("\nEvery flag has a twin in the environment: --as-of DATE is "
           "FOREBAY_AS_OF=DATE.\n");
    return 0;
}

static int
unknown_command(const char *name)
{
    const char *names[ARRAY_SIZE(commands)], *nearest;
    struct fb_error err = FB_ERROR_INIT;

    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        names[i] = commands[i]->name;
    fb_fail(&err, FB_E_USAGE, "there is no command '%s'", name);
    nearest = text_nearest(name, names, ARRAY_SIZE(commands));
    if (nearest != NULL)
        fb_hint(&err, "did you mean 'forebay %s'?", nearest);
    else
        fb_hint(&err, "'forebay help' lists the commands");
    return session_fail(&err);
}

/* On a terminal the report speaks for itself; in a journal every event does.
 */
static void
configure_log(const struct arguments *arguments)
{
    bool json = arguments->log_format != NULL &&
                strcmp(arguments->log_format, "json") == 0;
    bool terminal = isatty(STDERR_FILENO) != 0;

    log_configure((struct log_options){
        .format = json ? LOG_JSON : LOG_TEXT,
        .level = terminal && !json ? FB_WARN : FB_INFO,
    });
}

static int
check_operands(const struct command *command, const struct arguments *arguments,
               struct fb_error *err)
{
    if (arguments->operand_count < command->operands_min) {
        fb_fail(err, FB_E_USAGE, "'forebay %s' needs %s", command->name,
                command->operands);
        return fb_hint(err, "'forebay %s --help' says more", command->name);
    }
    if (command->operands_max >= 0 &&
        arguments->operand_count > command->operands_max)
        return fb_fail(err, FB_E_USAGE, "'forebay %s' does not take '%s'",
                       command->name,
                       arguments->operands[command->operands_max]);
    if (!clock_now_is_valid())
        return fb_fail(err, FB_E_USAGE,
                       "FOREBAY_NOW takes a time such as "
                       "2025-05-10T09:05:00Z");
    return 0;
}

static bool working; /* a command has not returned yet */

/* A plugin may end the process by exit(0), and a timer would take that for
 * success.  What was begun is on record, and made good by the next run. */
static void
refuse_to_end(void)
{
    static const char text[] =
        "forebay: the program was ended in the midst of its work, perhaps by "
        "a plugin\n";

    if (!working)
        return;
    if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0) {
        /* the status says it too */
    }
    _exit(error_exit_status(FB_E_BUG));
}

static int
run_command(const struct command *command, int argc, char **argv)
{
    struct fb_error err = FB_ERROR_INIT;
    struct arguments arguments;
    int status;

    if (arguments_parse(&arguments, command->flags, argc, argv, &err) != 0 ||
        (!arguments.help && check_operands(command, &arguments, &err) != 0)) {
        status = session_fail(&err);
    } else if (arguments.help) {
        status = print_help(command);
    } else {
        configure_log(&arguments);
        working = true;
        status = command->run(&arguments);
        working = false;
    }
    arguments_release(&arguments);
    /* Data that did not reach its reader was not delivered. */
    if (fflush(stdout) != 0 && status == 0) {
        fprintf(stderr, "forebay: cannot write to stdout\n");
        status = error_exit_status(FB_E_OUTPUT);
    }
    return status;
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "C");
    mem_keep_freed();
    if (atexit(refuse_to_end) != 0)
        return error_exit_status(FB_E_FAILED);
    if (argc < 2) {
        print_commands(stderr);
        return error_exit_status(FB_E_USAGE);
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        print_commands(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("forebay %s\n", FB_VERSION);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        if (strcmp(argv[1], commands[i]->name) == 0)
            return run_command(commands[i], argc - 2, argv + 2);
    return unknown_command(argv[1]);
}
