/*
 * shared/message.c: see message.h.
 */
#include "shared/message.h"

#include <assert.h>
#include <inttypes.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Text being written; what does not fit is left out as a whole character. */
struct writer {
    char *text; /* max + 1 bytes */
    size_t len, max;
    bool full;
};

static void
put(struct writer *writer, const char *bytes, size_t size)
{
    if (writer->full || size > writer->max - writer->len) {
        writer->full = true;
        return;
    }
    memcpy(writer->text + writer->len, bytes, size);
    writer->len += size;
}

/* How long the character at the begin of a text that ends with a NUL is, 0
 * when it is no valid UTF-8 (RFC 3629: shortest form, no surrogates). */
static size_t
decode(const unsigned char *p, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = *p < 0x80             ? 1
                  : (*p & 0xe0) == 0xc0 ? 2
                  : (*p & 0xf0) == 0xe0 ? 3
                  : (*p & 0xf8) == 0xf0 ? 4
                                        : 0;

    if (size <= 1) {
        *code = *p;
        return size;
    }
    *code = *p & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (p[i] & 0x3f);
    }
    if (*code < least[size] || *code > 0x10ffff ||
        (*code >= 0xd800 && *code <= 0xdfff))
        return 0;
    return size;
}

/* C0, C1, the separators that end a line for some, and what turns the
 * direction of the text around: a name could pass for another with these. */
static bool
is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
           code == 0x2029 || (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

/* Not allowed in XML, which some channels are made of. */
static bool
is_noncharacter(uint32_t code)
{
    return (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code <= 0xfdef);
}

static void
put_safe(struct writer *writer, const char *text, bool lines)
{
    const unsigned char *p = (const unsigned char *)text;

    while (*p != '\0' && !writer->full) {
        uint32_t code;
        size_t size = decode(p, &code);

        if (size == 0 || is_noncharacter(code))
            put(writer, REPLACEMENT, strlen(REPLACEMENT));
        else if (code == '\n' && lines)
            put(writer, "\n", 1);
        else if (code == '\n' || code == '\t')
            put(writer, " ", 1);
        else if (!is_control(code))
            put(writer, (const char *)p, size);
        p += size == 0 ? 1 : size;
    }
}

/* Each byte becomes at most three (the replacement). */
static size_t
safe_size(const char *text, size_t max)
{
    size_t size = strlen(text);

    return size > max / 3 ? max : 3 * size;
}

static struct writer
writer_for(struct fb_step *step, size_t max)
{
    return (struct writer){.text = fb_alloc(step, max + 1), .max = max};
}

const char *
message_line(struct fb_step *step, const char *text, size_t max)
{
    struct writer writer = writer_for(step, safe_size(text, max));

    put_safe(&writer, text, false);
    if (!writer.full || max < 3)
        return writer.text;
    if (writer.len > writer.max - 3)
        writer.len = writer.max - 3;
    while (writer.len > 0 && (writer.text[writer.len] & 0xc0) == 0x80)
        writer.len--;
    memcpy(writer.text + writer.len, "...", 4);
    return writer.text;
}

const char *
message_subject(struct fb_step *step, const struct fb_report *report,
                const char *prefix, size_t max)
{
    size_t size;
    char *both;

    if (prefix == NULL || *prefix == '\0')
        return message_line(step, report->subject, max);
    size = strlen(prefix) + 1 + strlen(report->subject) + 1;
    both = fb_alloc(step, size);
    snprintf(both, size, "%s %s", prefix, report->subject);
    return message_line(step, both, max);
}

const char *
message_id(struct fb_step *step, const struct fb_report *report)
{
    char *id = fb_alloc(step, MESSAGE_ID_MAX + 1);

    snprintf(id, MESSAGE_ID_MAX + 1, "%.40s.%.64s.%" PRId64, report->run_id,
             fb_step_id(step), report->attempt);
    for (char *p = id; *p != '\0'; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '.' || *p == '_';
        if (!plain)
            *p = '-';
    }
    return id;
}

/* Leave room for two more lines: go back to the end of a line, or of a
 * character when the whole is one long line. */
static void
cut_back(struct writer *writer, size_t room)
{
    size_t most = writer->max - room, len = most;

    assert(writer->len >= most);
    while (len > 0 && writer->text[len - 1] != '\n')
        len--;
    if (len == 0) {
        len = most;
        while (len > 0 && (writer->text[len] & 0xc0) == 0x80)
            len--;
    }
    writer->len = len;
    writer->full = false;
}

const char *
message_text(struct fb_step *step, const struct fb_report *report, size_t max)
{
    const char *id = message_id(step, report);
    const size_t tail = strlen(id) + 160; /* the last two lines */
    struct writer writer;
    char line[128];

    assert(max >= MESSAGE_MIN);
    writer = writer_for(step, safe_size(report->text, max - tail) + tail);
    put_safe(&writer, report->text, true);
    if (writer.full || writer.len > writer.max - tail) {
        cut_back(&writer, tail);
        snprintf(line, sizeof(line),
                 "%s  ...       cut here: the whole report has %zu bytes\n",
                 writer.len > 0 && writer.text[writer.len - 1] == '\n' ? ""
                                                                       : "\n",
                 strlen(report->text));
        put(&writer, line, strlen(line));
    } else if (writer.len > 0 && writer.text[writer.len - 1] != '\n') {
        put(&writer, "\n", 1);
    }
    put(&writer, "  message   ", strlen("  message   "));
    put(&writer, id, strlen(id));
    put(&writer, "\n", 1);
    writer.text[writer.len] = '\0'; /* behind it may be what was cut off */
    return writer.text;
}
