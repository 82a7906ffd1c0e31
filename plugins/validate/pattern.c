#include "pattern.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "plain.h"

#define MATCH_STEPS_MAX 1000000 /* about 10 ms */
#define MATCH_HEAP_MAX 8192     /* KiB */

struct pattern {
    pcre2_code *code;
    bool compiled; /* to machine code, too */
    struct plain plain;
};

struct pattern_room {
    pcre2_match_data *data;
    pcre2_match_context *limits;
};

int
pattern_compile(const char *text, struct pattern **pattern,
                struct fb_error *err)
{
    PCRE2_UCHAR why[128];
    PCRE2_SIZE at;
    int number;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                                     PCRE2_ANCHORED | PCRE2_ENDANCHORED |
                                         PCRE2_DOLLAR_ENDONLY | PCRE2_UTF |
                                         PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C,
                                     &number, &at, NULL);

    if (code == NULL) {
        pcre2_get_error_message(number, why, sizeof(why));
        return fb_fail(err, FB_E_CONFIG,
                       "the pattern '%s' is wrong at byte "
                       "%zu: %s",
                       text, at + 1, (const char *)why);
    }
    *pattern = malloc(sizeof(**pattern));
    if (*pattern == NULL) {
        pcre2_code_free(code);
        return fb_fail(err, FB_E_FAILED, "cannot compile '%s': out of memory",
                       text);
    }
    /* Where the system forbids memory that is written and then executed, this
     * fails, and matching is interpreted: slower, with the same result. */
    (*pattern)->compiled = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    (*pattern)->code = code;
    plain_compile(&(*pattern)->plain, text);
    return 0;
}

void
pattern_free(struct pattern *pattern)
{
    if (pattern == NULL)
        return;
    pcre2_code_free(pattern->code);
    free(pattern);
}

struct pattern_room *
pattern_room_new(void)
{
    struct pattern_room *room = calloc(1, sizeof(*room));

    if (room == NULL)
        return NULL;
    room->data = pcre2_match_data_create(1, NULL);
    room->limits = pcre2_match_context_create(NULL);
    if (room->data == NULL || room->limits == NULL) {
        pattern_room_free(room);
        return NULL;
    }
    pcre2_set_match_limit(room->limits, MATCH_STEPS_MAX);
    pcre2_set_heap_limit(room->limits, MATCH_HEAP_MAX);
    return room;
}

void
pattern_room_free(struct pattern_room *room)
{
    if (room == NULL)
        return;
    pcre2_match_data_free(room->data);
    pcre2_match_context_free(room->limits);
    free(room);
}

static bool
is_ascii(const unsigned char *bytes, size_t length)
{
    uint64_t word, all = 0;
    size_t i = 0;

    for (; i + sizeof(word) <= length; i += sizeof(word)) {
        memcpy(&word, bytes + i, sizeof(word));
        all |= word;
    }
    for (; i < length; i++)
        all |= bytes[i];
    return (all & UINT64_C(0x8080808080808080)) == 0;
}

/* Whether a text is UTF-8 need not be asked of what is ASCII. */
static int
match(const struct pattern *pattern, struct pattern_room *room, PCRE2_SPTR text,
      size_t length)
{
    uint32_t options = is_ascii(text, length) ? PCRE2_NO_UTF_CHECK : 0;
    int result;

    if (!pattern->compiled)
        return pcre2_match(pattern->code, text, length, 0, options, room->data,
                           room->limits);
    /* pcre2_match comes to the same, by a longer way. */
    if (options != 0)
        result = pcre2_jit_match(pattern->code, text, length, 0, options,
                                 room->data, room->limits);
    else
        result = pcre2_match(pattern->code, text, length, 0, 0, room->data,
                             room->limits);
    /* The compiled form has a small stack; the interpreter has the heap. */
    if (result == PCRE2_ERROR_JIT_STACKLIMIT)
        result = pcre2_match(pattern->code, text, length, 0,
                             options | PCRE2_NO_JIT, room->data, room->limits);
    return result;
}

enum pattern_verdict
pattern_match(const struct pattern *pattern, struct pattern_room *room,
              const unsigned char *bytes, size_t length)
{
    /* An empty cell has no text to point at. */
    int result =
        match(pattern, room, length > 0 ? bytes : (PCRE2_SPTR) "", length);

    if (result >= 0)
        return PATTERN_MATCHES;
    return result == PCRE2_ERROR_NOMATCH ? PATTERN_DIFFERS : PATTERN_GAVE_UP;
}

bool
pattern_surely_matches(const struct pattern *pattern,
                       const unsigned char *bytes, size_t length)
{
    return plain_matches(&pattern->plain, bytes, length);
}
