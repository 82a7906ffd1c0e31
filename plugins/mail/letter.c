/*
 * letter.c: see letter.h.
 */
#include "letter.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Base64 of at most 57 bytes, which is one line of 76. */
static void
write_base64(FILE *out, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)(unsigned char)bytes[i] << 16;

        if (left > 1)
            group |= (uint32_t)(unsigned char)bytes[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char)bytes[i + 2];
        fputc(digits[group >> 18], out);
        fputc(digits[group >> 12 & 63], out);
        fputc(left > 1 ? digits[group >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[group & 63] : '=', out);
    }
}

static bool
is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || (unsigned char)*text >= 0x7f)
            return false;
    return true;
}

/* How many bytes of UTF-8, at most max, end with a whole character. */
static size_t
whole_characters(const char *text, size_t max)
{
    size_t size = strnlen(text, max + 1);

    if (size <= max)
        return size;
    size = max;
    while (size > 1 && (text[size] & 0xc0) == 0x80)
        size--;
    return size;
}

/* RFC 2047: words of at most 75 bytes, each of whole characters, in lines of
 * at most 76; what is left of the first is known by what is used of it. */
static void
write_words(FILE *out, const char *text, size_t used)
{
    const size_t frame = strlen("=?UTF-8?B?") + strlen("?=");

    while (*text != '\0') {
        size_t size = whole_characters(text, (76 - used - frame) / 4 * 3);

        fputs("=?UTF-8?B?", out);
        write_base64(out, text, size);
        fputs("?=", out);
        text += size;
        used = 1;
        if (*text != '\0')
            fputs("\r\n ", out);
    }
}

/* ASCII, folded before a space: what is longer than a line stays whole. */
static void
write_folded(FILE *out, const char *text, size_t used)
{
    const size_t most = 78;

    while (*text != '\0') {
        size_t size = 1 + strcspn(text + 1, " ");

        if (*text == ' ' && used + size > most && text[1] != ' ') {
            fputs("\r\n", out);
            used = 0;
        }
        fwrite(text, 1, size, out);
        used += size;
        text += size;
    }
}

static void
write_text(FILE *out, const char *text, size_t used)
{
    /* What looks like an encoded word would be decoded by who reads it. */
    if (is_plain(text) && strstr(text, "=?") == NULL)
        write_folded(out, text, used);
    else
        write_words(out, text, used);
}

static void
write_from(FILE *out, const struct mailbox *from)
{
    fputs("From: ", out);
    if (*from->name != '\0' && is_plain(from->name) &&
        strpbrk(from->name, "\"\\=") == NULL)
        fprintf(out, "\"%s\"\r\n ", from->name);
    else if (*from->name != '\0') {
        write_words(out, from->name, strlen("From: "));
        fputs("\r\n ", out);
    }
    fprintf(out, "<%s>\r\n", from->address);
}

static void
write_to(FILE *out, const struct fb_list *to)
{
    for (size_t i = 0; i < to->count; i++)
        fprintf(out, "%s%s%s\r\n", i == 0 ? "To: " : " ", to->items[i],
                i + 1 < to->count ? "," : "");
}

/* The names are English in every locale: strftime's are not. */
static void
write_date(FILE *out, int64_t ms)
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed",
                                   "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    fprintf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n",
            days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
            tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
write_head(FILE *out, const struct letter *letter)
{
    write_date(out, letter->date_ms);
    write_from(out, &letter->from);
    write_to(out, &letter->to);
    fputs("Subject: ", out);
    write_text(out, letter->subject, strlen("Subject: "));
    fprintf(out, "\r\nMessage-ID: <%s@%s>\r\n", letter->id,
            strrchr(letter->from.address, '@') + 1);
    fputs("Auto-Submitted: auto-generated\r\n"
          "X-Auto-Response-Suppress: All\r\n" /* Exchange: no holiday notes */
          "MIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: base64\r\n\r\n",
          out);
}

/* MIME wants its lines to end with CR LF inside the base64, too. */
static char *
with_crlf(const char *text, size_t *size)
{
    size_t most = 2 * strlen(text) + 1;
    char *made = malloc(most), *to = made;

    if (made == NULL)
        return NULL;
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            *to++ = '\r';
        *to++ = *text;
    }
    *to = '\0';
    *size = (size_t)(to - made);
    return made;
}

char *
letter_write(const struct letter *letter, size_t *size)
{
    const size_t line = 57;
    char *whole = NULL, *body;
    size_t body_size = 0;
    FILE *out;
    bool failed;

    assert(letter->to.count > 0 && strlen(letter->text) <= LETTER_TEXT_MAX);
    body = with_crlf(letter->text, &body_size);
    out = body == NULL ? NULL : open_memstream(&whole, size);
    if (out == NULL) {
        free(body);
        return NULL;
    }
    write_head(out, letter);
    for (size_t i = 0; i < body_size; i += line) {
        write_base64(out, body + i,
                     body_size - i < line ? body_size - i : line);
        fputs("\r\n", out);
    }
    failed = ferror(out) != 0;
    free(body);
    if (fclose(out) != 0 || failed) {
        free(whole);
        return NULL;
    }
    return whole;
}
