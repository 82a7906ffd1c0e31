/*
 * topic.c: see topic.h.
 */
#include "topic.h"

#include "aws/region.h"

#define NAME_MAX_BYTES 256
#define ACCOUNT_DIGITS 12

static bool
is_account(const char *text, size_t size)
{
    return size == ACCOUNT_DIGITS && strspn(text, "0123456789") >= size;
}

static bool
is_name(const char *name, bool *fifo)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t size = strspn(name, letters);

    *fifo = strcmp(name + size, ".fifo") == 0;
    return size > 0 && strlen(name) <= NAME_MAX_BYTES &&
           (name[size] == '\0' || *fifo);
}

/* The next part up to a colon; NULL when there is none. */
static const char *
next_part(const char **rest, size_t *size)
{
    const char *part = *rest;

    *size = strcspn(part, ":");
    if (part[*size] != ':')
        return NULL;
    *rest = part + *size + 1;
    return part;
}

static bool
copy_part(char *to, size_t room, const char *part, size_t size)
{
    if (size == 0 || size >= room)
        return false;
    memcpy(to, part, size);
    to[size] = '\0';
    return true;
}

const char *
topic_parse(struct topic *topic, const char *arn)
{
    static const char shape[] =
        "a topic is named as arn:aws:sns:REGION:ACCOUNT:NAME";
    const char *rest = arn, *part;
    size_t size;

    *topic = (struct topic){.arn = arn};
    part = next_part(&rest, &size);
    if (part == NULL || size != 3)
        return shape;
    part = next_part(&rest, &size);
    if (part == NULL ||
        !copy_part(topic->partition, sizeof(topic->partition), part, size))
        return shape;
    part = next_part(&rest, &size);
    if (part == NULL || size != 3 || strncmp(part, "sns", 3) != 0)
        return shape;
    part = next_part(&rest, &size);
    if (part == NULL ||
        !copy_part(topic->region, sizeof(topic->region), part, size) ||
        !aws_region_is_valid(topic->region))
        return "its region is none";
    part = next_part(&rest, &size);
    if (part == NULL || !is_account(part, size))
        return "its account is not a number of 12 digits";
    if (strchr(rest, ':') != NULL)
        return "it names a subscription; messages go to its topic, without "
               "the last part";
    if (!is_name(rest, &topic->is_fifo))
        return "its name holds something else than letters, digits, - and _ "
               "(.fifo at its end)";
    if (strcmp(topic->partition, aws_region_partition(topic->region)->name) !=
        0)
        return "its region lies in another partition than the one it begins "
               "with";
    return NULL;
}
