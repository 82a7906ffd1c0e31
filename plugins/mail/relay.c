/*
 * relay.c: see relay.h.
 */
#include "relay.h"

#include <strings.h>

/* What a URL of a server may be made of besides scheme, host and port. */
static bool
has_more(CURLU *handle)
{
    static const CURLUPart parts[] = {CURLUPART_USER, CURLUPART_PASSWORD,
                                      CURLUPART_OPTIONS, CURLUPART_QUERY,
                                      CURLUPART_FRAGMENT};
    char *text = NULL;
    bool more = false;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (curl_url_get(handle, parts[i], &text, 0) == CURLUE_OK) {
            curl_free(text);
            more = true;
        }
    }
    if (curl_url_get(handle, CURLUPART_PATH, &text, 0) == CURLUE_OK) {
        more = more || strcmp(text, "/") != 0;
        curl_free(text);
    }
    return more;
}

/* NULL, or what is wrong with the URL. */
static const char *
server_wrong(const char *server, bool *loopback, bool *smtps)
{
    char *scheme = NULL, *host = NULL;
    const char *wrong = "it is no URL: write smtp://host:587 or smtps://host";
    CURLU *handle = curl_url();

    if (handle == NULL)
        return "there is no memory to read it";
    if (curl_url_set(handle, CURLUPART_URL, server, CURLU_NON_SUPPORT_SCHEME) ==
            CURLUE_OK &&
        curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(handle, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        *smtps = strcmp(scheme, "smtps") == 0;
        *loopback = transfer_is_loopback(host);
        wrong = NULL;
        if (!*smtps && strcmp(scheme, "smtp") != 0)
            wrong = "it begins neither with smtp:// nor with smtps://";
        else if (has_more(handle))
            wrong = "nothing but host and port can stand in it: 'user' and "
                    "'password' are options";
    }
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(handle);
    return wrong;
}

static bool
is_given(const char *text)
{
    return text != NULL && *text != '\0';
}

int
relay_check(const struct relay_settings *settings, struct fb_step *step,
            struct fb_error *err)
{
    bool loopback = false, smtps = false;
    const char *wrong = server_wrong(settings->server, &loopback, &smtps);

    if (wrong != NULL)
        return fb_bad_option(step, err, "server", 0, "%s", wrong);
    if (settings->tls == RELAY_NONE && smtps)
        return fb_bad_option(step, err, "tls", 0,
                             "smtps:// is encrypted from the begin");
    if (settings->tls == RELAY_NONE && !loopback)
        return fb_bad_option(step, err, "tls", 0,
                             "without encryption mail goes to this machine "
                             "only (127.0.0.1, ::1, localhost)");
    if (is_given(settings->user) != is_given(settings->password))
        return fb_bad_option(step, err,
                             is_given(settings->user) ? "user" : "password", 0,
                             "a login needs both, 'user' and 'password'");
    if (is_given(settings->user) && settings->tls == RELAY_OPPORTUNISTIC &&
        !smtps && !loopback)
        return fb_bad_option(step, err, "tls", 0,
                             "a password needs 'required': who stands between "
                             "could have it sent in the clear");
    return 0;
}

/* Keeps the refusals.  An answer of several lines ends with its last one. */
static size_t
on_line(char *bytes, size_t one, size_t size, void *arg)
{
    struct relay *relay = arg;
    size_t len = 0;

    (void)one; /* is 1 */
    if (size < 4 || (bytes[0] != '4' && bytes[0] != '5'))
        return size;
    for (size_t i = 0; i < size && len < RELAY_ANSWER_MAX; i++)
        if ((unsigned char)bytes[i] >= 0x20 && (unsigned char)bytes[i] < 0x7f)
            relay->refusal[len++] = bytes[i];
    relay->refusal[len] = '\0';
    return size;
}

static bool
set_options(struct relay *relay, const struct relay_settings *settings)
{
    static const long levels[] = {[RELAY_REQUIRED] = CURLUSESSL_ALL,
                                  [RELAY_OPPORTUNISTIC] = CURLUSESSL_TRY,
                                  [RELAY_NONE] = CURLUSESSL_NONE};
    CURL *curl = relay->transfer.curl;

    if (curl_easy_setopt(curl, CURLOPT_URL, settings->server) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_USE_SSL, levels[settings->tls]) !=
            CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_PROXY, "") != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_line) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, relay) != CURLE_OK)
        return false;
    return !is_given(settings->user) ||
           (curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user) ==
                CURLE_OK &&
            curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password) ==
                CURLE_OK);
}

int
relay_open(struct relay *relay, const struct relay_settings *settings,
           struct fb_step *step, struct fb_error *err)
{
    *relay = (struct relay){.shown = settings->server};
    if (transfer_init(&relay->transfer, step, &settings->transfer, "smtp,smtps",
                      err) != 0)
        return -1;
    if (set_options(relay, settings))
        return 0;
    relay_close(relay);
    return fb_fail(err, FB_E_FAILED, "cannot set up mail by '%s'",
                   settings->server);
}

void
relay_close(struct relay *relay)
{
    transfer_release(&relay->transfer);
}

static int
advise(CURLcode result, struct fb_error *err)
{
    if (result == CURLE_LOGIN_DENIED)
        return fb_hint(err, "look at 'user' and 'password'");
    if (result == CURLE_USE_SSL_FAILED)
        return fb_hint(err, "the server offers no STARTTLS: use smtps:// if "
                            "it has that, or 'tls: none' for a relay on this "
                            "machine");
    return -1;
}

int
relay_run(struct relay *relay, const char *verb, struct fb_error *err)
{
    struct transfer *transfer = &relay->transfer;
    long code = 0;

    relay->refusal[0] = '\0';
    if (transfer_run(transfer, verb, relay->shown, err) == 0)
        return 0;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &code);
    if (err->code == FB_E_CANCELLED || code < 400 || code > 599)
        return advise(transfer->result, err);
    /* What a server says to a login may hold what it was given. */
    if (transfer->result == CURLE_LOGIN_DENIED)
        fb_fail(err, code < 500 ? FB_E_UNAVAILABLE : FB_E_PERMISSION,
                "cannot %s '%s': the login is refused (%ld)", verb,
                relay->shown, code);
    else
        fb_fail(err, code < 500 ? FB_E_UNAVAILABLE : FB_E_FAILED,
                "cannot %s '%s': the server says \"%s\"", verb, relay->shown,
                relay->refusal);
    return advise(transfer->result, err);
}
