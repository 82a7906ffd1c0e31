/*
 * cmd/command.h: what a verb of the command line is.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "cmd/arguments.h"

struct command {
    const char *name;
    const char *operands; /* "PIPELINE..." */
    const char *summary;  /* one line */
    const struct flag *flags;
    int operands_min, operands_max;                /* -1: any number */
    int (*run)(const struct arguments *arguments); /* the exit status */
};

extern const struct command cmd_run, cmd_check, cmd_show, cmd_plugins,
    cmd_history, cmd_retry, cmd_graph, cmd_guess, cmd_preview, cmd_serve;

#endif
