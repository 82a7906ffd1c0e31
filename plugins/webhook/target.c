/*
 * target.c: see target.h.
 */
#include "target.h"

#include "shared/transfer.h"

#define URL_MAX 4096 /* bytes */

static bool
has_part(CURLU *handle, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(handle, part, &text, 0) == CURLUE_OK;

    curl_free(text);
    return has;
}

/* libcurl would send a space or a line end encoded, to a place that nobody
 * wrote down. */
static bool
is_printable(const char *url)
{
    for (const char *p = url; *p != '\0'; p++)
        if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7f)
            return false;
    return true;
}

static const char *
judge(struct target *target, const char *scheme, const char *host)
{
    if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
        return "it does not begin with https://";
    target->is_loopback = transfer_is_loopback(host);
    if (strcmp(scheme, "http") == 0 && !target->is_loopback)
        return "http:// is for this machine only (127.0.0.1, ::1, localhost): "
               "elsewhere everybody on the way could read it";
    return NULL;
}

static void
show(struct target *target, struct fb_step *step, const char *scheme,
     const char *host, const char *port)
{
    size_t size = strlen(scheme) + strlen(host) + strlen(port) + 16;
    char *shown = fb_alloc(step, size);

    snprintf(shown, size, "%s://%s%s%s/...", scheme, host,
             *port != '\0' ? ":" : "", port);
    target->shown = shown;
}

static const char *
take(struct target *target, struct fb_step *step, CURLU *handle,
     const char *url)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    const char *wrong = "it is no URL";

    if (curl_url_set(handle, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) ==
            CURLUE_OK &&
        curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        (void)curl_url_get(handle, CURLUPART_PORT, &port,
                           CURLU_NO_DEFAULT_PORT);
        wrong = judge(target, scheme, host);
        if (wrong == NULL && (has_part(handle, CURLUPART_USER) ||
                              has_part(handle, CURLUPART_PASSWORD)))
            wrong = "a user or password in it would be shown: put an "
                    "Authorization into 'headers'";
        if (wrong == NULL)
            show(target, step, scheme, host, port != NULL ? port : "");
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    return wrong;
}

const char *
target_parse(struct target *target, struct fb_step *step, const char *url)
{
    CURLU *handle;
    const char *wrong;

    if (strlen(url) > URL_MAX)
        return "it is too long";
    if (!is_printable(url))
        return "it holds a space or something else than ASCII: write that as "
               "%XX";
    handle = curl_url();
    if (handle == NULL)
        return "there is no memory to read it";
    wrong = take(target, step, handle, url);
    curl_url_cleanup(handle);
    if (wrong == NULL)
        target->url = url;
    return wrong;
}
