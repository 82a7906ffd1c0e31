/*
 * util/error.c: facts about error codes and context for messages.
 */
#include "util/error.h"

#include <assert.h>
#include <errno.h>

int
error_context(struct fb_error *err, const char *format, ...)
{
    char context[FB_MESSAGE_MAX / 2];
    char text[FB_MESSAGE_MAX + sizeof(context) + 2] = "";
    va_list args;
    int length;

    assert(err->code != FB_E_NONE);
    va_start(args, format);
    length = vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    /* Half of the room at most: a message must still name a cause. */
    if (length >= (int)sizeof(context))
        memcpy(context + sizeof(context) - 4, "...", 4);
    snprintf(text, sizeof(text), "%s: %s", context, err->message);
    memcpy(err->message, text, sizeof(err->message) - 1);
    err->message[sizeof(err->message) - 1] = '\0';
    return -1;
}

void
error_clear(struct fb_error *err)
{
    err->code = FB_E_NONE;
    err->message[0] = '\0';
    err->hint[0] = '\0';
}

struct code_facts {
    int exit_status;
    bool transient;
    const char *word;
};

/* A switch and not an indexed table: a code from a plugin may be anything. */
static struct code_facts
facts_of(enum fb_code code)
{
    switch (code) {
    case FB_E_NONE:
        return (struct code_facts){0, false, "ok"};
#define FB_X(name_, exit_, retry_, word_) \
    case name_:                           \
        return (struct code_facts){exit_, retry_, word_};
        FB_ERROR_CODES(FB_X)
#undef FB_X
    }
    return (struct code_facts){70, false, "internal-error"};
}

int
error_exit_status(enum fb_code code)
{
    return facts_of(code).exit_status;
}

bool
error_is_transient(enum fb_code code)
{
    return facts_of(code).transient;
}

const char *
error_word(enum fb_code code)
{
    return facts_of(code).word;
}

enum fb_code
error_code_of_errno(int error_number, bool writing)
{
    switch (error_number) {
    case EACCES:
    case EPERM:
        return FB_E_PERMISSION;
    case ENOENT:
    case ENOTDIR:
        return writing ? FB_E_OUTPUT : FB_E_MISSING;
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG: /* no later try reads these either */
        return writing ? FB_E_OUTPUT : FB_E_INPUT;
    default:
        return writing ? FB_E_OUTPUT : FB_E_UNAVAILABLE;
    }
}
