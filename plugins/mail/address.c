/*
 * address.c: see address.h.
 */
#include "address.h"

#include <assert.h>
#include <strings.h>

static bool
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}

/* dot-atom of RFC 5322: no dot at an end, no two together. */
static bool
is_dot_atom(const char *text, size_t size, const char *marks)
{
    if (size == 0 || text[0] == '.' || text[size - 1] == '.')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '.' ? text[i - 1] == '.'
                           : !is_word(text[i]) &&
                                 memchr(marks, text[i], strlen(marks)) == NULL)
            return false;
    }
    return true;
}

static const char *
address_wrong(const char *text)
{
    const char *at = strrchr(text, '@');

    if (at == NULL)
        return "there is no @ in it";
    if (strlen(text) > ADDRESS_MAX)
        return "it is too long";
    if (!is_dot_atom(text, (size_t)(at - text), "!#$%&'*+-/=?^_`{|}~"))
        return "what stands before the @ is no plain name";
    if (!is_dot_atom(at + 1, strlen(at + 1), "-"))
        return "what stands behind the @ is no domain (write one that is not "
               "ASCII as xn--...)";
    return NULL;
}

static char *
copy(struct fb_step *step, const char *text, size_t size)
{
    char *made = fb_alloc(step, size + 1);

    memcpy(made, text, size);
    return made;
}

static char *
trimmed(struct fb_step *step, const char *text, size_t size)
{
    while (size > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        size--;
    }
    while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t'))
        size--;
    return copy(step, text, size);
}

static bool
has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

const char *
mailbox_parse(struct mailbox *mailbox, struct fb_step *step, const char *text)
{
    const char *open = strrchr(text, '<');
    size_t size = strlen(text);

    if (has_control(text))
        return "it holds a control character";
    if (open == NULL) {
        *mailbox =
            (struct mailbox){.name = "", .address = trimmed(step, text, size)};
        return address_wrong(mailbox->address);
    }
    if (text[size - 1] != '>')
        return "there is no > at its end";
    mailbox->name = trimmed(step, text, (size_t)(open - text));
    mailbox->address = copy(step, open + 1, strlen(open + 1) - 1);
    if (strlen(mailbox->name) > ADDRESS_MAX)
        return "the name is too long";
    return address_wrong(mailbox->address);
}

static int
hex_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decode %XX in place; false when it is none, or a NUL. */
static bool
decode(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        int high, low;

        if (*text != '%') {
            *to++ = *text;
            continue;
        }
        high = hex_of(text[1]);
        low = high < 0 ? -1 : hex_of(text[2]);
        if (low < 0 || (high | low) == 0)
            return false;
        *to++ = (char)(high << 4 | low);
        text += 2;
    }
    *to = '\0';
    return true;
}

static size_t
count_commas(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += *text == ',';
    return count;
}

const char *
recipients_parse(struct fb_list *list, struct fb_step *step, const char *uri)
{
    const char *p = uri + strlen("mailto:");
    size_t most = count_commas(uri) + 1;
    const char **items;

    assert(strncasecmp(uri, "mailto:", strlen("mailto:")) == 0);
    *list = (struct fb_list){.count = 0};
    if (strchr(p, '?') != NULL)
        return "nothing but addresses can stand in it: 'subject_prefix' is an "
               "option";
    if (most > RECIPIENTS_MAX)
        return "it names more than 100 addresses: make a mailing list of them";
    items = fb_alloc(step, most * sizeof(*items));
    for (;;) {
        size_t size = strcspn(p, ",");
        char *address = trimmed(step, p, size);
        const char *wrong = decode(address) ? address_wrong(address)
                                            : "a % is not followed by two "
                                              "digits of a byte";
        if (wrong != NULL)
            return *address == '\0' ? "an address is missing in it" : wrong;
        items[list->count++] = address;
        if (p[size] == '\0')
            break;
        p += size + 1;
    }
    list->items = items;
    return NULL;
}
