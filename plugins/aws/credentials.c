/*
 * aws/credentials.c: see credentials.h.
 */
#include "aws/credentials.h"

#include "aws/buf.h"

void
aws_credentials_release(struct aws_credentials *credentials)
{
    aws_free_secret(credentials->access_key);
    aws_free_secret(credentials->secret);
    aws_free_secret(credentials->token);
    *credentials = (struct aws_credentials){.expires_ms = 0};
}

void
aws_credentials_copy(struct aws_credentials *to,
                     const struct aws_credentials *from)
{
    *to = *from;
    to->access_key = aws_strdup(from->access_key);
    to->secret = aws_strdup(from->secret);
    to->token = aws_strdup(from->token);
}

/* A copy without blanks at its ends; NULL when that leaves nothing. */
static char *
trimmed(const char *text)
{
    size_t size;

    if (text == NULL)
        return NULL;
    text += strspn(text, " \t\r\n");
    size = strlen(text);
    while (size > 0 && strchr(" \t\r\n", text[size - 1]) != NULL)
        size--;
    return size == 0 ? NULL : aws_strndup(text, size);
}

static bool
is_printable(const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
            return false;
    return true;
}

int
aws_credentials_set(struct aws_credentials *credentials, const char *key,
                    const char *secret, const char *token, const char *source,
                    struct fb_error *err)
{
    struct aws_credentials made = {
        .access_key = trimmed(key),
        .secret = trimmed(secret),
        .token = trimmed(token),
        .expires_ms = AWS_NEVER,
    };
    const char *why = NULL;

    snprintf(made.source, sizeof(made.source), "%s", source);
    if (made.access_key == NULL)
        why = "the access key id is missing";
    else if (made.secret == NULL)
        why = "the secret access key is missing";
    else if (!is_printable(made.access_key) || !is_printable(made.secret) ||
             !is_printable(made.token))
        why = "a key holds a blank or a character that is not ASCII";
    if (why != NULL) {
        aws_credentials_release(&made);
        return fb_fail(err, FB_E_CONFIG, "cannot use the credentials of %s: %s",
                       source, why);
    }
    aws_credentials_release(credentials);
    *credentials = made;
    return 0;
}
