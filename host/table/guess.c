/*
 * table/guess.c: a table that nobody declared.  The first bytes of its first
 * object tell how it is written; then its rows are looked at as those of any
 * table whose schema is inferred.
 */
#include "table/guess.h"

#include <assert.h>

#include "codec/charset.h"
#include "codec/inflate.h"
#include "config/options.h"
#include "table/infer.h"
#include "table/internal.h"
#include "table/sniff.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* The table while it is made up. */
struct guessing {
    const struct guess_request *request;
    struct guess *guess;
    struct tables tables;
    struct table_config config;
    struct table table;
};

/* --- the table ------------------------------------------------------------ */

/* An instance with all options at their defaults. */
static int
make_instance(struct arena *arena, const struct fb_plugin *plugin,
              struct option_places *places, void **instance,
              struct fb_error *err)
{
    struct problems *problems = problems_new();
    const struct options_reader reader = {
        .arena = arena, .problems = problems, .subject = plugin->name};
    size_t failed;

    *instance = arena_zalloc(arena, plugin->instance_size + 1);
    failed =
        options_read(&reader, plugin->options, *instance, NULL, NULL, places);
    problems_free(problems);
    for (const struct fb_option *o = plugin->options;
         o != NULL && o->name != NULL; o++)
        if (o->flags & FB_REQUIRED)
            return fb_fail(err, FB_E_CONFIG,
                           "the %s source cannot be used here: it needs "
                           "'%s'",
                           plugin->name, o->name);
    assert(failed == 0); /* the defaults were judged when it was loaded */
    (void)failed;
    return 0;
}

static int
make_source(struct guessing *g, struct fb_error *err)
{
    const struct guess_request *request = g->request;
    struct arena *arena = g->guess->arena;
    const struct place nowhere = {.file = request->uri, .line = 0};
    struct option_places *places = places_new(arena, nowhere);
    struct pipeline_step *source = &g->config.source;

    *source = (struct pipeline_step){.id = "guess",
                                     .label = "guess",
                                     .title = "guess",
                                     .kind = FB_SOURCE,
                                     .plugin = request->plugin,
                                     .codec = request->codec,
                                     .uri = request->uri,
                                     .places = places};
    format_init(&source->format);
    if (request->codec != NULL) {
        source->format.format = request->codec->formats[0];
        if (make_instance(arena, request->codec, places,
                          &source->codec_instance, err) != 0)
            return -1;
    }
    return make_instance(arena, request->plugin, places, &source->instance,
                         err);
}

static int
make_table(struct guessing *g, struct fb_error *err)
{
    g->config = (struct table_config){.name = g->request->uri,
                                      .location = g->request->uri,
                                      .infer_rows = g->request->rows_max};
    g->tables = (struct tables){.context = g->request->context};
    g->table = (struct table){.tables = &g->tables, .config = &g->config};
    return make_source(g, err);
}

/* The objects to look at; at least one. */
static int
list(struct guessing *g, struct fb_list *uris, struct fb_error *err)
{
    const char *uri = g->request->uri;
    struct arena *arena = g->guess->arena;
    const char **one = arena_array(arena, 1, sizeof(*one));

    *one = uri;
    *uris = (struct fb_list){1, one};
    if (!text_ends_with(uri, "/"))
        return 0;
    if (g->request->plugin->discover == NULL)
        return fb_fail(err, FB_E_USAGE, "the %s source cannot list '%s'",
                       g->request->plugin->name, uri);
    g->config.source.uri = arena_printf(arena, "%s**", uri);
    if (table_list(&g->table, arena, uris, err) != 0)
        return -1;
    if (uris->count > 0)
        return 0;
    return fb_fail(err, FB_E_MISSING, "there is no object below '%s'", uri);
}

/* --- how it is written ---------------------------------------------------- */

static int
fill(struct inflate *inflate, struct buf *head, bool *whole,
     struct fb_error *err)
{
    size_t got = 1;

    while (got > 0 && head->size < GUESS_HEAD_MAX) {
        size_t room = GUESS_HEAD_MAX - head->size;

        if (room > READ_SIZE)
            room = READ_SIZE;
        if (buf_reserve(head, room, err) != 0 ||
            inflate_read(inflate, head->data + head->size, room, &got, err) !=
                0)
            return -1;
        head->size += got;
    }
    *whole = got == 0;
    return 0;
}

static int
read_head(const struct guessing *g, struct buf *head, bool *whole,
          struct fb_error *err)
{
    struct table_object object;
    struct byte_input input;
    struct inflate *inflate = NULL;
    int status =
        table_object_open_bytes(&g->table, g->guess->uri, &object, err);

    input = step_byte_input(object.step);
    if (status == 0)
        status = inflate_open(&input, COMPRESSION_AUTO, &inflate, err);
    if (status == 0)
        status = fill(inflate, head, whole, err);
    inflate_free(inflate);
    table_object_free(&object);
    return status;
}

static int
take_charset(struct guessing *g, const struct sniff_text *text,
             struct fb_error *err)
{
    struct format *format = &g->config.source.format;
    struct guess *guess = g->guess;

    format->charset = g->request->charset;
    if (format->charset == NULL)
        format->charset = charset_guess(text->bytes, text->size, text->whole,
                                        guess->arena, &guess->charset_why);
    if (format->charset != NULL)
        return 0;
    fb_fail(err, FB_E_INPUT, "cannot tell the charset of '%s': %s", guess->uri,
            guess->charset_why);
    return fb_hint(err, "if it is text at all, say which: --charset "
                        "windows-1252");
}

static int
check_format(const struct format *format, struct fb_error *err)
{
    const char *option;

    if (format_check(format, &option, err) == 0)
        return 0;
    err->code = FB_E_USAGE; /* it came from the command line */
    return error_context(err, "--%s", option);
}

static int
learn_format(struct guessing *g, struct fb_error *err)
{
    const struct guess_request *request = g->request;
    struct format *format = &g->config.source.format;
    struct sniff_text text = {.arena = g->guess->arena};
    struct buf head;
    int status;

    buf_init(&head, GUESS_HEAD_MAX + 1);
    format->dialect.delimiter = request->delimiter;
    format->header =
        request->header != 0 ? (int)request->header : HEADER_REQUIRED;
    status = read_head(g, &head, &text.whole, err);
    text.bytes = head.data;
    text.size = head.size;
    if (status == 0 && head.size == 0)
        status = fb_fail(err, FB_E_INPUT, "'%s' is empty", g->guess->uri);
    if (status == 0)
        status = take_charset(g, &text, err);
    if (status == 0)
        status = check_format(format, err);
    if (status == 0 && request->delimiter == NULL)
        g->guess->delimiter_why = sniff_delimiter(&text, format);
    if (status == 0 && request->header == 0)
        g->guess->header_why = sniff_header(&text, format);
    buf_release(&head);
    return status;
}

/* --- columns -------------------------------------------------------------- */

static void
take_typed(struct guess *guess, const struct table_object *object)
{
    const struct columns *have = table_object_columns(object);
    struct guess_column *columns =
        arena_array(guess->arena, have->count, sizeof(*columns));

    for (uint32_t i = 0; i < have->count; i++) {
        columns[i].column = have->items[i];
        columns[i].column.name =
            arena_strdup(guess->arena, have->items[i].name);
        columns[i].why = "its files say so";
    }
    guess->columns = columns;
    guess->column_count = have->count;
}

static void
take_inferred(struct guess *guess, const struct infer *infer)
{
    uint32_t count = infer_columns(infer)->count;
    struct guess_column *columns =
        arena_array(guess->arena, count, sizeof(*columns));

    for (uint32_t i = 0; i < count; i++)
        infer_column(infer, i, guess->arena, &columns[i].column,
                     &columns[i].why);
    guess->columns = columns;
    guess->column_count = count;
    guess->rows = infer_row_count(infer);
}

/* The rows of one object; the first one names the columns. */
static int
look_at(struct guessing *g, const char *uri, struct infer **infer,
        struct fb_error *err)
{
    struct table_object object;
    int status = table_object_open(&g->table, uri, NULL, &object, err);

    if (status == 0 && object.coded != NULL) {
        take_typed(g->guess, &object);
    } else if (status == 0) {
        if (*infer == NULL)
            *infer = infer_new(table_object_columns(&object));
        status =
            table_look_at(&g->table, &object, *infer, &g->guess->refused, err);
    }
    table_object_free(&object);
    return status;
}

static int
learn_columns(struct guessing *g, const struct fb_list *uris,
              struct fb_error *err)
{
    struct infer *infer = NULL;
    int status = 0;

    for (size_t i = 0; i < uris->count && status == 0; i++) {
        status = look_at(g, uris->items[i], &infer, err);
        if (infer == NULL || table_rows_wanted(&g->table, infer) == 0)
            break;
    }
    if (status == 0 && infer != NULL) {
        take_inferred(g->guess, infer);
        g->guess->whole = table_rows_wanted(&g->table, infer) > 0;
    }
    infer_free(infer);
    return status;
}

static int
make_guess(struct guessing *g, struct fb_error *err)
{
    struct fb_list uris;

    if (make_table(g, err) != 0 || list(g, &uris, err) != 0)
        return -1;
    g->guess->uri = uris.items[0];
    g->guess->objects = uris.count;
    if (g->request->codec == NULL && learn_format(g, err) != 0)
        return -1;
    g->guess->format = g->config.source.format;
    return learn_columns(g, &uris, err);
}

int
guess_make(const struct guess_request *request, struct guess *guess,
           struct fb_error *err)
{
    struct guessing g = {.request = request, .guess = guess};

    *guess = (struct guess){.arena = arena_new()};
    if (make_guess(&g, err) == 0)
        return 0;
    table_forget_step(g.config.source.id, err);
    return -1;
}

void
guess_release(struct guess *guess)
{
    arena_free(guess->arena);
    *guess = (struct guess){.arena = NULL};
}
