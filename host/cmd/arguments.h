/*
 * cmd/arguments.h: flags and operands.  A flag exists in one table entry: its
 * parsing, its help and its FOREBAY_* twin in the environment come from there.
 */
#ifndef CMD_ARGUMENTS_H
#define CMD_ARGUMENTS_H

#include "config/pipeline.h"
#include "forebay/plugin.h"

#define JOBS_NOT_SAID (-1) /* 0 is wrong, and must be told from it */
#define ROWS_NOT_SAID (-1) /* 0 is all */
#define PRUNE_NOT_SAID (-1)

/* Everything that a flag of any verb can say. */
struct arguments {
    const char *state, *plugins, *log_format, *format;
    const char *as_of, *trigger, *report, *pipeline;
    const char *listen, *token_file, *host, *tls_cert, *tls_key;
    int64_t limit;
    int64_t jobs, rows, prune /* days */;
    const char *charset, *delimiter, *header;
    bool dry_run, ignore_window, strict, no_env, hash_token, help;
    struct setting *settings; /* --set, later ones win */
    size_t setting_count;
    const char *const *operands;
    int operand_count;
};

enum flag_type { FLAG_BOOL = 1, FLAG_TEXT, FLAG_NUMBER, FLAG_SETTING };

struct flag {
    const char *name; /* "as-of": --as-of and FOREBAY_AS_OF */
    enum flag_type type;
    size_t offset;
    const char *value; /* "DATE"; NULL for FLAG_BOOL */
    const char *help;
    const char *const *choices; /* NULL: any text */
};

#define FLAG_FIELD(field_) offsetof(struct arguments, field_)

/* Flags that every verb has. */
extern const struct flag common_flags[];

/* Environment first, then the command line over it.  FB_E_USAGE with the
 * nearest flag.  Release with arguments_release. */
int arguments_parse(struct arguments *arguments, const struct flag *flags,
                    int argc, char **argv, struct fb_error *err) FB_MUST_CHECK;
void arguments_release(struct arguments *arguments);

/* One line a flag, for --help. */
void arguments_print(const struct flag *flags, FILE *out);

#endif
