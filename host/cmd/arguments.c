/*
 * cmd/arguments.c: --flag VALUE, --flag=VALUE, -- ends the flags.  getopt_long
 * is not used: it abbreviates, and it cannot suggest.
 */
#include "cmd/arguments.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

static const char *const log_formats[] = {"text", "json", NULL};

const struct flag common_flags[] = {
    {"state", FLAG_TEXT, FLAG_FIELD(state), "DIR",
     "where the ledger lives (default: $STATE_DIRECTORY, then the user's "
     "state folder)",
     NULL},
    {"plugins", FLAG_TEXT, FLAG_FIELD(plugins), "DIR[:DIR]",
     "where plugins are (default: beside the program)", NULL},
    {"set", FLAG_SETTING, 0, "NAME=VALUE",
     "give ${NAME} a value, over the environment and vars; may be repeated",
     NULL},
    {"log-format", FLAG_TEXT, FLAG_FIELD(log_format), "text|json",
     "how events are written to stderr", log_formats},
    {"help", FLAG_BOOL, FLAG_FIELD(help), NULL, "say this", NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

static int
add_setting(struct arguments *arguments, const char *text, struct fb_error *err)
{
    const char *equals = strchr(text, '=');
    struct setting *s;

    if (equals == NULL || equals == text)
        return fb_fail(err, FB_E_USAGE, "--set takes NAME=VALUE, not '%s'",
                       text);
    arguments->settings =
        mem_regrow(arguments->settings, arguments->setting_count + 1,
                   sizeof(*arguments->settings));
    s = &arguments->settings[arguments->setting_count++];
    s->name = mem_dup_nul(text, (size_t)(equals - text));
    s->value = mem_strdup(equals + 1);
    return 0;
}

static int
check_choice(const struct flag *flag, const char *value, struct fb_error *err)
{
    if (flag->choices == NULL)
        return 0;
    for (const char *const *c = flag->choices; *c != NULL; c++)
        if (strcmp(*c, value) == 0)
            return 0;
    return fb_fail(err, FB_E_USAGE, "--%s takes %s, not '%s'", flag->name,
                   flag->value, value);
}

static int
apply(struct arguments *arguments, const struct flag *flag, const char *value,
      struct fb_error *err)
{
    unsigned char *base = (unsigned char *)arguments;
    int64_t number;

    switch (flag->type) {
    case FLAG_BOOL:
        *(bool *)(void *)(base + flag->offset) = true;
        return 0;
    case FLAG_TEXT:
        if (check_choice(flag, value, err) != 0)
            return -1;
        memcpy(base + flag->offset, &value, sizeof(value));
        return 0;
    case FLAG_NUMBER:
        if (!text_to_int(value, &number) || number < 0)
            return fb_fail(err, FB_E_USAGE, "--%s takes a number, not '%s'",
                           flag->name, value);
        memcpy(base + flag->offset, &number, sizeof(number));
        return 0;
    case FLAG_SETTING:
        return add_setting(arguments, value, err);
    }
    assert(!"no such type of flag");
    return -1;
}

/* "as-of" -> "FOREBAY_AS_OF" */
static void
twin_name(const char *flag, char *name, size_t size)
{
    snprintf(name, size, "FOREBAY_%s", flag);
    for (char *p = name; *p != '\0'; p++)
        *p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
}

/* FOREBAY_SET holds one NAME=VALUE a line. */
static int
apply_settings(struct arguments *arguments, const char *lines,
               struct fb_error *err)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        AUTO_FREE char *line = mem_dup_nul(lines, length);

        if (length > 0 && add_setting(arguments, line, err) != 0)
            return -1;
        lines += length + (lines[length] == '\n');
    }
    return 0;
}

static int
apply_twin(struct arguments *arguments, const struct flag *flag,
           struct fb_error *err)
{
    char name[64];
    const char *value;

    twin_name(flag->name, name, sizeof(name));
    value = getenv(name);
    if (value == NULL || *value == '\0')
        return 0;
    if (flag->type == FLAG_SETTING)
        return apply_settings(arguments, value, err);
    if (flag->type == FLAG_BOOL) {
        if (strcmp(value, "0") == 0 || strcmp(value, "false") == 0)
            return 0;
        if (strcmp(value, "1") != 0 && strcmp(value, "true") != 0)
            return fb_fail(err, FB_E_USAGE, "%s takes 1 or 0, not '%s'", name,
                           value);
    }
    if (apply(arguments, flag, value, err) != 0)
        return error_context(err, "%s", name);
    return 0;
}

static const struct flag *
find_flag(const struct flag *flags, const char *name, size_t length)
{
    const struct flag *const tables[] = {flags, common_flags};

    for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
        for (const struct flag *f = tables[t]; f->name != NULL; f++)
            if (strlen(f->name) == length &&
                strncmp(f->name, name, length) == 0)
                return f;
    return NULL;
}

static int
unknown_flag(const struct flag *flags, const char *name, struct fb_error *err)
{
    const struct flag *const tables[] = {flags, common_flags};
    const char *names[64], *nearest;
    size_t count = 0;

    for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
        for (const struct flag *f = tables[t]; f->name != NULL; f++) {
            assert(count < ARRAY_SIZE(names));
            names[count++] = f->name;
        }
    fb_fail(err, FB_E_USAGE, "there is no flag '--%s'", name);
    nearest = text_nearest(name, names, count);
    if (nearest != NULL)
        fb_hint(err, "did you mean '--%s'?", nearest);
    return -1;
}

/* One argument that begins with "--"; *next is its value, if it takes one
 * and holds none itself.  *used_next tells whether it did. */
static int
parse_flag(struct arguments *arguments, const struct flag *flags,
           const char *text, const char *next, bool *used_next,
           struct fb_error *err)
{
    size_t length = strcspn(text, "=");
    const struct flag *flag = find_flag(flags, text, length);
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    AUTO_FREE char *name = mem_dup_nul(text, length);

    *used_next = false;
    if (flag == NULL)
        return unknown_flag(flags, name, err);
    if (flag->type == FLAG_BOOL && value != NULL)
        return fb_fail(err, FB_E_USAGE, "--%s takes no value", flag->name);
    if (flag->type != FLAG_BOOL && value == NULL) {
        if (next == NULL)
            return fb_fail(err, FB_E_USAGE, "--%s needs a value: --%s %s",
                           flag->name, flag->name, flag->value);
        value = next;
        *used_next = true;
    }
    return apply(arguments, flag, value, err);
}

static int
parse_line(struct arguments *arguments, const struct flag *flags, int argc,
           char **argv, const char **operands, struct fb_error *err)
{
    bool flags_over = false;

    for (int i = 0; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        bool used_next;

        if (flags_over || argv[i][0] != '-' || argv[i][1] == '\0') {
            operands[arguments->operand_count++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            flags_over = true;
        } else if (strcmp(argv[i], "-h") == 0) {
            arguments->help = true;
        } else if (argv[i][1] != '-') {
            return fb_fail(err, FB_E_USAGE,
                           "flags begin with two dashes; there is no '%s'",
                           argv[i]);
        } else {
            if (parse_flag(arguments, flags, argv[i] + 2, next, &used_next,
                           err) != 0)
                return -1;
            i += used_next;
        }
    }
    return 0;
}

int
arguments_parse(struct arguments *arguments, const struct flag *flags, int argc,
                char **argv, struct fb_error *err)
{
    const struct flag *const tables[] = {flags, common_flags};
    const char **operands = mem_array((size_t)argc + 1, sizeof(*operands));

    *arguments = (struct arguments){.operands = operands,
                                    .jobs = JOBS_NOT_SAID,
                                    .rows = ROWS_NOT_SAID,
                                    .prune = PRUNE_NOT_SAID};
    for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
        for (const struct flag *f = tables[t]; f->name != NULL; f++)
            if (strcmp(f->name, "help") != 0 &&
                apply_twin(arguments, f, err) != 0)
                return -1;
    return parse_line(arguments, flags, argc, argv, operands, err);
}

void
arguments_release(struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->setting_count; i++) {
        free((void *)(uintptr_t)arguments->settings[i].name);
        free((void *)(uintptr_t)arguments->settings[i].value);
    }
    free(arguments->settings);
    free((void *)(uintptr_t)arguments->operands);
    *arguments = (struct arguments){.operands = NULL};
}

void
arguments_print(const struct flag *flags, FILE *out)
{
    for (const struct flag *f = flags; f->name != NULL; f++) {
        int width = fprintf(out, "  --%s%s%s", f->name, f->value ? " " : "",
                            f->value ? f->value : "");
        fprintf(out, "%*s%s\n", width < 26 ? 26 - width : 2, "", f->help);
    }
}
