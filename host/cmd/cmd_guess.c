/*
 * cmd/cmd_guess.c: `forebay guess`: what an object, or all objects of a
 * folder, seem to be, as a schema file to be read, corrected and saved.
 */
#include <signal.h>
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/session.h"
#include "config/yaml_text.h"
#include "table/guess.h"
#include "util/clock.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

#define ROWS_DEFAULT 100000
#define COMMENT_COLUMN 40

static const volatile sig_atomic_t never;

/* --- printing ------------------------------------------------------------- */

static const char *
shown(struct arena *arena, const char *text)
{
    return text_escape(arena, text, strlen(text), 500);
}

static void
print_rows(const struct guess *guess, const char *uri)
{
    const char *rows = text_grouped(guess->arena, guess->rows);

    if (guess->rows == 0 && guess->whole)
        printf("# Rows: there are none yet.\n");
    else if (guess->whole)
        printf("# Rows: all %s.\n", rows);
    else
        printf("# Rows: the first %s; --rows 0 looks at all.\n", rows);
    if (text_ends_with(uri, "/"))
        printf("# Objects: %s; the first is '%s'.\n",
               text_grouped(guess->arena, guess->objects),
               shown(guess->arena, guess->uri));
    if (guess->refused > 0)
        printf("# Refused: %s records that do not read as rows.\n",
               text_grouped(guess->arena, guess->refused));
}

/* One thing that was found out, or that the command line said. */
static void
print_found(const struct guess *guess, const char *what, const char *value,
            const char *why)
{
    printf("# %s: %s (%s)\n", what, shown(guess->arena, value),
           why != NULL ? shown(guess->arena, why) : "as told");
}

static void
print_format(const struct guess *guess)
{
    const struct format *format = &guess->format;
    const char *delimiter = format->dialect.delimiter;
    bool comma = delimiter == NULL || strcmp(delimiter, ",") == 0;
    bool header = format->header == HEADER_REQUIRED;

    print_found(guess, "Charset", format->charset, guess->charset_why);
    print_found(guess, "Delimiter", delimiter != NULL ? delimiter : ",",
                guess->delimiter_why);
    print_found(guess, "Header", header ? "required" : "none",
                guess->header_why);
    if (comma && header && text_equal_nocase(format->charset, "utf-8"))
        return;
    printf("# A source of it needs, beside uri and schema:\n");
    if (!text_equal_nocase(format->charset, "utf-8"))
        printf("#     charset: %s\n", yaml_text(guess->arena, format->charset));
    if (!header)
        printf("#     header: none\n");
    if (!comma)
        printf("#     dialect: {delimiter: %s}\n",
               yaml_text(guess->arena, delimiter));
}

static void
print_column(const struct guess *guess, const struct guess_column *column)
{
    const char *type = column_type_name(column->column.type);
    int used;

    printf("  - name: %s\n", yaml_text(guess->arena, column->column.name));
    used = printf("    type: %s", type);
    printf("%*s# %s\n", used < COMMENT_COLUMN ? COMMENT_COLUMN - used : 1, "",
           column->why);
    if (column->column.format != NULL)
        printf("    format: %s\n",
               yaml_text(guess->arena, column->column.format));
}

static void
print_guess(const struct guess *guess, const char *uri)
{
    printf("# Guessed from '%s': read it before you trust it.\n",
           shown(guess->arena, uri));
    if (format_is_text(&guess->format)) {
        print_rows(guess, uri);
        print_format(guess);
    } else {
        printf("# A source of it needs format: %s, and no schema: its files "
               "have one.\n",
               guess->format.format);
    }
    printf("fields:\n");
    for (uint32_t i = 0; i < guess->column_count; i++)
        print_column(guess, &guess->columns[i]);
}

/* --- what is looked at ---------------------------------------------------- */

/* "data/x.parquet" -> the codec of parquet, if there is one. */
static const struct fb_plugin *
find_codec(const struct session *session, const char *uri)
{
    const char *dot = strrchr(uri, '.');

    if (dot == NULL || strchr(dot, '/') != NULL)
        return NULL;
    return registry_by_format(session->registry, FB_SOURCE, dot + 1);
}

static int
find_source(const struct session *session, const char *uri,
            const struct fb_plugin **plugin, struct fb_error *err)
{
    *plugin = registry_by_uri(session->registry, FB_SOURCE, uri);
    if (*plugin == NULL) {
        fb_fail(err, FB_E_USAGE, "no source plugin knows the scheme of '%s'",
                uri);
        return fb_hint(err, "forebay plugins lists what is loaded");
    }
    if ((*plugin)->read_bytes == NULL)
        return fb_fail(err, FB_E_USAGE, "the %s source reads no bytes",
                       (*plugin)->name);
    return 0;
}

/* Tabs are hard to type. */
static const char *
delimiter_of(const char *text)
{
    if (text != NULL && (strcmp(text, "tab") == 0 || strcmp(text, "\\t") == 0))
        return "\t";
    return text;
}

static enum header_mode
header_of(const char *text)
{
    if (text == NULL)
        return 0;
    return strcmp(text, "none") == 0 ? HEADER_NONE : HEADER_REQUIRED;
}

static int
make_and_print(const struct session *session, const char *uri,
               const struct step_context *context, struct fb_error *err)
{
    const struct arguments *a = session->arguments;
    struct guess_request request = {
        .uri = uri,
        .codec = find_codec(session, uri),
        .context = context,
        .charset = a->charset,
        .delimiter = delimiter_of(a->delimiter),
        .header = header_of(a->header),
        .rows_max = a->rows == ROWS_NOT_SAID ? ROWS_DEFAULT : a->rows,
    };
    struct guess guess;
    int status;

    if (find_source(session, uri, &request.plugin, err) != 0) {
        session_tell_refused(session);
        return -1;
    }
    status = guess_make(&request, &guess, err);
    if (status == 0)
        print_guess(&guess, uri);
    guess_release(&guess);
    return status;
}

static int
guess_uri(const struct session *session)
{
    const struct step_context context = {
        .pipeline = "guess",
        .run_id = "guess",
        .clock = {.now_us = clock_now_ms() * 1000},
        .temp_folder = session_temp_folder(),
        .cancelled = &never,
        .shared = step_shared_new(),
    };
    struct fb_error err = FB_ERROR_INIT;
    int status = 0;

    if (make_and_print(session, session->arguments->operands[0], &context,
                       &err) != 0)
        status = session_fail(&err);
    step_shared_free(context.shared);
    return status;
}

static int
run(const struct arguments *arguments)
{
    return session_do(arguments, false, guess_uri);
}

static const char *const headers[] = {"required", "none", NULL};

static const struct flag flags[] = {
    {"charset", FLAG_TEXT, FLAG_FIELD(charset), "NAME",
     "it is in this charset (default: guess)", NULL},
    {"delimiter", FLAG_TEXT, FLAG_FIELD(delimiter), "CHAR",
     "what stands between cells, or tab (default: guess)", NULL},
    {"header", FLAG_TEXT, FLAG_FIELD(header), "required|none",
     "whether its first record names the columns (default: guess)", headers},
    {"rows", FLAG_NUMBER, FLAG_FIELD(rows), "N",
     "look at so many rows (default 100000; 0: all)", NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_guess = {
    .name = "guess",
    .operands = "URI",
    .summary = "charset, delimiter, header, types -> a schema file",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
