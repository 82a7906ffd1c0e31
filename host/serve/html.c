/*
 * serve/html.c: escaping, in one place.
 */
#include "serve/html.h"

#include <assert.h>
#include <stdarg.h>

#include "util/clock.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

void
html_init(struct html *html)
{
    *html = (struct html){.failed = false};
    buf_init(&html->buf, SERVE_PAGE_MAX);
}

void
html_release(struct html *html)
{
    buf_release(&html->buf);
}

static void
add(struct html *html, const char *bytes, size_t size)
{
    struct fb_error err = FB_ERROR_INIT;

    if (!html->failed && buf_append(&html->buf, bytes, size, &err) != 0)
        html->failed = true;
}

void
html_raw(struct html *html, const char *text)
{
    add(html, text, strlen(text));
}

static const char *
entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void
html_text(struct html *html, const char *text)
{
    struct arena *arena;
    const char *rest;

    if (text == NULL)
        return;
    arena = arena_new();
    rest = text_escape(arena, text, strlen(text), SERVE_TEXT_MAX);
    while (*rest != '\0') {
        size_t plain = strcspn(rest, "&<>\"'");

        add(html, rest, plain);
        rest += plain;
        if (*rest != '\0')
            html_raw(html, entity_of(*rest++));
    }
    arena_free(arena);
}

/* RFC 3986, 2.3: what needs no encoding anywhere. */
static bool
is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
           c == '~';
}

void
html_path(struct html *html, const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_unreserved((unsigned char)*text))
            add(html, text, 1);
        else
            html_printf(html, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

void
html_number(struct html *html, uint64_t number)
{
    struct arena *arena = arena_new();

    html_raw(html, text_grouped(arena, number));
    arena_free(arena);
}

void
html_printf(struct html *html, const char *format, ...)
{
    char text[512];
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    assert(length >= 0 && (size_t)length < sizeof(text));
    add(html, text, (size_t)length);
}

void
html_time(struct html *html, int64_t ms)
{
    char text[32];

    if (ms == 0) {
        html_raw(html, "&#8211;");
        return;
    }
    clock_format_utc(ms, text);
    html_printf(html, "<time datetime=\"%s\">%.10s %.8s UTC</time>", text, text,
                text + 11);
}

void
html_span(struct html *html, int64_t ms)
{
    if (ms < 0)
        ms = 0;
    if (ms < MINUTE_MS)
        html_printf(html, "%lld s", (long long)(ms / SECOND_MS));
    else if (ms < HOUR_MS)
        html_printf(html, "%lld min", (long long)(ms / MINUTE_MS));
    else if (ms < DAY_MS)
        html_printf(html, "%lld h %lld min", (long long)(ms / HOUR_MS),
                    (long long)(ms % HOUR_MS / MINUTE_MS));
    else
        html_printf(html, "%lld d %lld h", (long long)(ms / DAY_MS),
                    (long long)(ms % DAY_MS / HOUR_MS));
}
