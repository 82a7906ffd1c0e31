#include "uri.h"

#include <strings.h>

#include "aws/region.h"

#define SCHEME "sqs://"
#define NAME_MAX 80 /* characters */
#define ACCOUNT_DIGITS 12
#define FIFO ".fifo"

static int
refuse(struct fb_step *step, struct fb_error *err)
{
    fb_bad_option(step, err, "uri", 0, "'%s' names no queue", fb_uri(step));
    return fb_hint(err, "write sqs://NAME, sqs://ACCOUNT/NAME or "
                        "sqs://arn:aws:sqs:REGION:ACCOUNT:NAME");
}

static bool
is_name(const char *name)
{
    size_t length = strlen(name), fifo = strlen(FIFO);

    if (length == 0 || length > NAME_MAX)
        return false;
    if (length > fifo && strcmp(name + length - fifo, FIFO) == 0)
        length -= fifo;
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789_-") == length;
}

static bool
is_account(const char *text)
{
    return strlen(text) == ACCOUNT_DIGITS &&
           strspn(text, "0123456789") == ACCOUNT_DIGITS;
}

static char *
copy(struct fb_step *step, const char *text)
{
    size_t size = strlen(text) + 1;

    return memcpy(fb_alloc(step, size), text, size);
}

/* Cut the text at the first `mark`; what follows, or NULL. */
static char *
cut(char *text, char mark)
{
    char *found = text == NULL ? NULL : strchr(text, mark);

    if (found == NULL)
        return NULL;
    *found = '\0';
    return found + 1;
}

/* arn:PARTITION:sqs:REGION:ACCOUNT:NAME */
static bool
parse_arn(char *text, struct sqs_uri *uri)
{
    char *partition = cut(text, ':'), *service = cut(partition, ':');
    char *region = cut(service, ':'), *account = cut(region, ':');
    char *name = cut(account, ':');

    if (name == NULL || strcmp(service, "sqs") != 0 ||
        !aws_region_is_valid(region))
        return false;
    *uri = (struct sqs_uri){.name = name, .account = account, .region = region};
    return strcmp(aws_region_partition(region)->name, partition) == 0;
}

int
uri_parse(struct fb_step *step, struct sqs_uri *uri, struct fb_error *err)
{
    const char *given = fb_uri(step);
    char *text, *name;
    bool good = true;

    if (given == NULL)
        return fb_bad_option(step, err, "uri", 0, "'uri' is missing");
    if (strncasecmp(given, SCHEME, strlen(SCHEME)) != 0)
        return refuse(step, err);
    text = copy(step, given + strlen(SCHEME));
    if (strncmp(text, "arn:", 4) == 0) {
        good = parse_arn(text, uri);
    } else {
        name = cut(text, '/');
        *uri = (struct sqs_uri){.name = name != NULL ? name : text,
                                .account = name != NULL ? text : NULL};
    }
    if (!good || !is_name(uri->name) ||
        (uri->account != NULL && !is_account(uri->account)))
        return refuse(step, err);
    return 0;
}
