/*
 * util/log.c: one event becomes one line in one write(2), so that lines of
 * several threads and processes do not mix.
 */
#include "util/log.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/buf.h"
#include "util/clock.h"
#include "util/conceal.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

/* A line that reaches this is dropped: some hundred values of full size. */
#define LINE_MAX_BYTES (4 * MIB)

/* Set once before threads; the one setting that has no better owner, for
 * whoever logs would have to carry it. */
static struct log_options current = {.format = LOG_TEXT, .level = FB_INFO};

void
log_configure(struct log_options options)
{
    assert(options.format == LOG_TEXT || options.format == LOG_JSON);
    assert(options.level >= FB_DEBUG && options.level <= FB_ERROR);
    current = options;
}

bool
log_wants(enum fb_level level)
{
    return level >= current.level;
}

static const char *
level_word(enum fb_level level)
{
    switch (level) {
    case FB_DEBUG:
        return "debug";
    case FB_INFO:
        return "info";
    case FB_WARN:
        return "warn";
    case FB_ERROR:
        return "error";
    }
    return "error"; /* a plugin may pass anything */
}

struct event {
    struct arena *arena;
    const char *level, *name, *message;
    const char *const *fields;
    char time[32];
};

/* A value in quotes when a reader could not tell where it ends. */
static int
put_value(struct buf *line, struct arena *arena, const char *value,
          struct fb_error *err)
{
    const char *text;

    value = conceal(arena, value);
    text = text_escape(arena, value, strlen(value), LOG_VALUE_MAX);
    if (*text != '\0' && strpbrk(text, " \"=") == NULL)
        return buf_puts(line, text, err);
    if (buf_puts(line, "\"", err) != 0)
        return -1;
    for (; *text != '\0'; text++) {
        if (*text == '"' && buf_puts(line, "\\", err) != 0)
            return -1;
        if (buf_append(line, text, 1, err) != 0)
            return -1;
    }
    return buf_puts(line, "\"", err);
}

static int
put_text(struct buf *line, const struct event *event, struct fb_error *err)
{
    const char *separator = "  ";

    if (buf_printf(line, err, "%s %-5s %s", event->time, event->level,
                   event->name) != 0)
        return -1;
    for (const char *const *f = event->fields; f[0] != NULL; f += 2) {
        if (f[1] == NULL)
            continue;
        if (buf_printf(line, err, "%s%s=", separator, f[0]) != 0 ||
            put_value(line, event->arena, f[1], err) != 0)
            return -1;
        separator = " ";
    }
    if (*event->message == '\0')
        return buf_puts(line, "\n", err);
    return buf_printf(line, err, " : %s\n",
                      text_escape(event->arena, event->message,
                                  strlen(event->message), LOG_VALUE_MAX));
}

/* JSON has escapes of its own; only bytes that are no UTF-8 need ours. */
static void
set_json(json_t *object, struct arena *arena, const char *key,
         const char *value)
{
    size_t length;

    value = conceal(arena, value);
    length = strlen(value);
    if (length > LOG_VALUE_MAX ||
        !text_is_utf8((const unsigned char *)value, length, NULL))
        value = text_escape(arena, value, length, LOG_VALUE_MAX);
    if (json_object_set_new(object, key, json_string(value)) != 0)
        abort();
}

static int
put_json(struct buf *line, const struct event *event, struct fb_error *err)
{
    json_t *object = json_object();
    char *text;
    int rc;

    set_json(object, event->arena, "time", event->time);
    set_json(object, event->arena, "level", event->level);
    set_json(object, event->arena, "event", event->name);
    for (const char *const *f = event->fields; f[0] != NULL; f += 2) {
        if (f[1] != NULL)
            set_json(object, event->arena, f[0], f[1]);
    }
    if (*event->message != '\0')
        set_json(object, event->arena, "message", event->message);
    /* Only ASCII: C1 controls would reach the terminal otherwise. */
    text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
    json_decref(object);
    if (text == NULL)
        return fb_fail(err, FB_E_LIMIT, "cannot get memory for a log line");
    rc = buf_printf(line, err, "%s\n", text);
    free(text);
    return rc;
}

static void
write_event(const struct event *event)
{
    struct fb_error err = FB_ERROR_INIT;
    AUTO_BUF struct buf line;
    int rc;

    buf_init(&line, LINE_MAX_BYTES);
    rc = current.format == LOG_JSON ? put_json(&line, event, &err)
                                    : put_text(&line, event, &err);
    /* Whom could a failure to log be told? */
    if (rc == 0 && file_write_all(STDERR_FILENO, line.data, line.size, &err))
        error_clear(&err);
}

void
log_event(enum fb_level level, const char *event, const char *const *fields,
          const char *format, ...)
{
    static const char *const none[] = {NULL};
    struct event e = {.level = level_word(level),
                      .name = event,
                      .fields = fields != NULL ? fields : none};
    int saved = errno;
    va_list args;

    if (!log_wants(level))
        return;
    assert(event != NULL && format != NULL);
    e.arena = arena_new();
    clock_format_utc(clock_now_ms(), e.time);
    va_start(args, format);
    e.message = conceal(e.arena, arena_vprintf(e.arena, format, args));
    va_end(args);
    write_event(&e);
    arena_free(e.arena);
    errno = saved;
}
