/*
 * webhook.c: tells a web service how a run ended, by one POST of JSON.  It
 * tries once: whoever calls it keeps the message and calls again.
 */
#include "body.h"
#include "shared/message.h"
#include "shared/transfer.h"
#include "target.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <strings.h>

#define ANSWER_KEPT 64             /* bytes that may be shown */
#define ANSWER_MAX ((size_t)65536) /* beyond this we hang up */
#define HEADER_MAX 8192

struct webhook {
    const char *secret_url;
    int body;
    const char *hmac_secret;
    struct fb_map headers;
    struct transfer_settings settings;

    struct target target;
    struct transfer transfer;
};

/* What came back.  Only its begin is kept, to show. */
struct answer {
    char text[ANSWER_KEPT + 1];
    size_t len;
    size_t received;
};

static const char *
own_headers(const char *name)
{
    static const char *const ours[] = {"host", "content-length", "content-type",
                                       "transfer-encoding", "expect"};

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strcasecmp(name, ours[i]) == 0)
            return "it is set by forebay itself";
    if (strncasecmp(name, "x-forebay-", strlen("x-forebay-")) == 0)
        return "names that begin with X-Forebay- are forebay's own";
    return NULL;
}

/* RFC 9110, sections 5.1 and 5.5: nothing of a value may become another
 * header, or the body. */
static const char *
header_wrong(const struct fb_pair *pair)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    if (*pair->key == '\0' ||
        strlen(pair->key) + strlen(pair->value) > HEADER_MAX)
        return "it is empty or too long";
    for (const char *p = pair->key; *p != '\0'; p++) {
        bool word = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                    (*p >= '0' && *p <= '9');
        if (!word && strchr(marks, *p) == NULL)
            return "its name holds what no name of a header can hold";
    }
    for (const char *p = pair->value; *p != '\0'; p++)
        if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
            return "its value holds a control character";
    return own_headers(pair->key);
}

static int
webhook_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct webhook *webhook = self;
    const bool secret = webhook->secret_url != NULL;
    const char *url = secret ? webhook->secret_url : fb_uri(step);
    const char *wrong;

    if (secret && fb_uri(step) != NULL)
        return fb_bad_option(step, err, "secret_url", 0,
                             "there is a 'uri' already: write one of them");
    if (url == NULL)
        return fb_bad_option(step, err, "uri", 0,
                             "it is missing: write the URL as 'uri', or as "
                             "'secret_url'");
    wrong = target_parse(&webhook->target, step, url);
    if (wrong != NULL)
        return fb_bad_option(step, err, secret ? "secret_url" : "uri", 0, "%s",
                             wrong);
    if (webhook->hmac_secret != NULL && *webhook->hmac_secret == '\0')
        return fb_bad_option(step, err, "hmac_secret", 0, "it is empty");
    for (size_t i = 0; i < webhook->headers.count; i++) {
        wrong = header_wrong(&webhook->headers.pairs[i]);
        if (wrong != NULL)
            return fb_bad_option(step, err, "headers", i,
                                 "header '%s' cannot be sent: %s",
                                 webhook->headers.pairs[i].key, wrong);
    }
    return 0;
}

static int
webhook_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct webhook *webhook = self;
    CURL *curl;

    if (transfer_init(&webhook->transfer, step, &webhook->settings,
                      "https,http", err) != 0)
        return -1;
    curl = webhook->transfer.curl;
    if (curl_easy_setopt(curl, CURLOPT_URL, webhook->target.url) == CURLE_OK &&
        curl_easy_setopt(curl, CURLOPT_NOPROXY,
                         webhook->target.is_loopback ? "*" : NULL) == CURLE_OK)
        return 0;
    transfer_release(&webhook->transfer);
    return fb_fail(err, FB_E_CONFIG, "cannot use the URL of '%s'",
                   webhook->target.shown);
}

static void
webhook_close(void *self, struct fb_step *step)
{
    struct webhook *webhook = self;

    (void)step;
    transfer_release(&webhook->transfer);
}

/* --- the request --- */

/* Headers being put together; one that did not fit in memory spoils all. */
struct headers {
    struct curl_slist *list;
    bool failed;
};

static void FB_PRINTF(2, 3)
    add_header(struct headers *headers, const char *format, ...)
{
    char line[HEADER_MAX + 16];
    struct curl_slist *longer;
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    longer = curl_slist_append(headers->list, line);
    if (longer == NULL)
        headers->failed = true;
    else
        headers->list = longer;
}

/* The time is signed, too: who recorded a message cannot send it again next
 * week. */
static int
add_signature(struct headers *headers, const char *secret, int64_t now_s,
              const char *body)
{
    size_t size = strlen(body) + 24;
    unsigned char mac[EVP_MAX_MD_SIZE];
    char hex[2 * sizeof(mac) + 1] = "";
    unsigned mac_size = 0;
    char *signed_text = malloc(size);

    if (signed_text == NULL)
        return -1;
    snprintf(signed_text, size, "%" PRId64 ".%s", now_s, body);
    if (HMAC(EVP_sha256(), secret, (int)strlen(secret),
             (const unsigned char *)signed_text, strlen(signed_text), mac,
             &mac_size) == NULL)
        mac_size = 0;
    free(signed_text);
    for (size_t i = 0; i < mac_size; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    add_header(headers, "X-Forebay-Timestamp: %" PRId64, now_s);
    add_header(headers, "X-Forebay-Signature: sha256=%s", hex);
    return mac_size > 0 ? 0 : -1;
}

static int
make_headers(const struct webhook *webhook, struct fb_step *step,
             const struct fb_report *report, const char *body,
             struct headers *headers, struct fb_error *err)
{
    add_header(headers, "Content-Type: application/json");
    add_header(headers, "Expect:"); /* none: the body is small */
    add_header(headers, "X-Forebay-Message: %s", message_id(step, report));
    for (size_t i = 0; i < webhook->headers.count; i++) {
        const struct fb_pair *pair = &webhook->headers.pairs[i];

        /* libcurl takes "Name:" for the wish not to send it. */
        if (pair->value[strspn(pair->value, " \t")] == '\0')
            add_header(headers, "%s;", pair->key);
        else
            add_header(headers, "%s: %s", pair->key, pair->value);
    }
    if (webhook->hmac_secret != NULL &&
        add_signature(headers, webhook->hmac_secret, fb_now_ms(step) / 1000,
                      body) != 0)
        headers->failed = true;
    if (headers->failed)
        return fb_fail(err, FB_E_FAILED, "cannot sign the message to '%s'",
                       webhook->target.shown);
    return 0;
}

/* --- the answer --- */

static size_t
on_answer(char *bytes, size_t one, size_t size, void *arg)
{
    struct answer *answer = arg;
    size_t room = ANSWER_KEPT - answer->len;

    (void)one; /* is 1 */
    if (size < room)
        room = size;
    memcpy(answer->text + answer->len, bytes, room);
    answer->len += room;
    answer->received += size;
    return answer->received > ANSWER_MAX ? 0 : size;
}

static bool
is_ours(const struct webhook *webhook, const char *word)
{
    for (size_t i = 0; i < webhook->headers.count; i++)
        if (strstr(webhook->headers.pairs[i].value, word) != NULL)
            return true;
    return strstr(webhook->target.url, word) != NULL ||
           (webhook->hmac_secret != NULL &&
            strstr(webhook->hmac_secret, word) != NULL);
}

/* Slack says in one word what is wrong ("invalid_payload").  Anything longer
 * could be a page that quotes what we sent, and with it a secret. */
static const char *
word_of(const struct webhook *webhook, const struct answer *answer)
{
    size_t size = strspn(answer->text, "abcdefghijklmnopqrstuvwxyz_");

    if (size == 0 || answer->text[size] != '\0' ||
        answer->received > ANSWER_KEPT || is_ours(webhook, answer->text))
        return NULL;
    return answer->text;
}

static const char *
advice(long status)
{
    if (status >= 300 && status < 400)
        return "redirects are not followed: write the URL that it leads to";
    if (status == 401 || status == 403)
        return "the receiver does not know us: look at the URL, 'hmac_secret' "
               "and 'headers'";
    if (status == 404 || status == 410)
        return "the receiver does not know this URL (any more): make a new "
               "one there";
    if (status == 413)
        return "the receiver takes no message of this size";
    return NULL;
}

static int
judge(const struct webhook *webhook, long status, const struct answer *answer,
      struct fb_error *err)
{
    bool later = status == 408 || status == 429 || status >= 500;
    const char *word = word_of(webhook, answer);

    if (status >= 200 && status < 300)
        return 0;
    fb_fail(err, later ? FB_E_UNAVAILABLE : FB_E_FAILED,
            "cannot POST to '%s': the answer is %ld%s%s%s",
            webhook->target.shown, status, word != NULL ? " (" : "",
            word != NULL ? word : "", word != NULL ? ")" : "");
    if (advice(status) != NULL)
        return fb_hint(err, "%s", advice(status));
    return -1;
}

static int
post(struct webhook *webhook, const char *body, struct curl_slist *headers,
     struct fb_error *err)
{
    struct transfer *transfer = &webhook->transfer;
    CURL *curl = transfer->curl;
    struct answer answer = {.len = 0};
    struct fb_error why = {.code = FB_E_NONE};
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     (curl_off_t)strlen(body));
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "forebay");
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    /* A status is an answer, even when what follows it breaks off. */
    if (transfer_run(transfer, "POST to", webhook->target.shown, &why) != 0 &&
        (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
         status < 200)) {
        *err = why;
        return -1;
    }
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return judge(webhook, status, &answer, err);
}

static int
webhook_notify(void *self, struct fb_step *step, const struct fb_report *report,
               struct fb_error *err)
{
    struct webhook *webhook = self;
    struct headers headers = {.list = NULL};
    const char *body;
    int status;

    if (body_make(step, report, (enum body_kind)webhook->body, &body, err) != 0)
        return -1;
    status = make_headers(webhook, step, report, body, &headers, err);
    if (status == 0)
        status = post(webhook, body, headers.list, err);
    curl_slist_free_all(headers.list);
    return status;
}

/* Connects, and looks at the certificate.  What comes after that would be a
 * message already. */
static int
webhook_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct webhook *webhook = self;
    int status;

    if (webhook_open(self, step, err) != 0)
        return -1;
    curl_easy_setopt(webhook->transfer.curl, CURLOPT_CONNECT_ONLY, 1L);
    status = transfer_run(&webhook->transfer, "connect to",
                          webhook->target.shown, err);
    webhook_close(self, step);
    if (status == 0)
        fb_log(step, FB_INFO,
               "connected to '%s'; whether it takes our messages was not "
               "tried: that would be one",
               webhook->target.shown);
    return status;
}

static const char *const webhook_schemes[] = {"https", "http", NULL};
static const char *const bodies[] = {"json", "slack", "teams", NULL};

static const struct fb_option webhook_options[] = {
    {.name = "secret_url",
     FB_SECRET(struct webhook, secret_url),
     .help = "The URL, instead of uri, when the whole of it is a secret, as "
             "Slack's and Teams' are."},
    {.name = "body",
     FB_ENUM(struct webhook, body),
     .choices = bodies,
     .def = "json",
     .help = "What is sent: the report as JSON, or a message for Slack or "
             "Teams."},
    {.name = "hmac_secret",
     FB_SECRET(struct webhook, hmac_secret),
     .help = "Key that the receiver shares: the message is signed with it, in "
             "X-Forebay-Signature."},
    {.name = "headers",
     FB_MAP(struct webhook, headers),
     .flags = FB_SECRETS,
     .help = "Headers to send besides, as Authorization; their values are "
             "never shown."},
    TRANSFER_OPTIONS(struct webhook, settings),
    {.name = NULL},
};

static const struct fb_plugin webhook_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_NOTIFIER,
    .name = "webhook",
    .summary = "Tells a web service how a run ended: Slack, Teams or your own.",
    .schemes = webhook_schemes,
    .options = webhook_options,
    .instance_size = sizeof(struct webhook),
    .check = webhook_check,
    .open = webhook_open,
    .close = webhook_close,
    .notify = webhook_notify,
    .probe = webhook_probe,
};

FB_PROVIDES("notifier webhook https http");
FB_PLUGINS(&webhook_plugin);
