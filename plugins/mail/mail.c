/*
 * mail.c: tells people how a run ended by mail, through a relay that speaks
 * SMTP.  It tries once: whoever calls it keeps the message and calls again.
 */
#include "address.h"
#include "letter.h"
#include "relay.h"
#include "shared/message.h"

#include <stdlib.h>
#include <strings.h>

#define SUBJECT_MAX 200 /* bytes */

struct mail {
    const char *from_text;
    const char *subject_prefix;
    struct relay_settings settings;

    struct mailbox from;
    struct fb_list to;
    struct relay relay;
};

static int
mail_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct mail *mail = self;
    const char *uri = fb_uri(step);
    const char *wrong;

    if (uri == NULL || strncasecmp(uri, "mailto:", strlen("mailto:")) != 0)
        return fb_bad_option(
            step, err, "uri", 0,
            "it must name who is told: mailto:ops@example.com");
    wrong = recipients_parse(&mail->to, step, uri);
    if (wrong != NULL)
        return fb_bad_option(step, err, "uri", 0, "%s", wrong);
    wrong = mailbox_parse(&mail->from, step, mail->from_text);
    if (wrong != NULL)
        return fb_bad_option(step, err, "from", 0, "%s", wrong);
    return relay_check(&mail->settings, step, err);
}

static int
mail_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct mail *mail = self;

    return relay_open(&mail->relay, &mail->settings, step, err);
}

static void
mail_close(void *self, struct fb_step *step)
{
    struct mail *mail = self;

    (void)step;
    relay_close(&mail->relay);
}

/* What libcurl has still to send of a letter. */
struct reader {
    const char *bytes;
    size_t size;
};

static size_t
on_read(char *to, size_t one, size_t size, void *arg)
{
    struct reader *reader = arg;
    size_t part = size * one < reader->size ? size * one : reader->size;

    memcpy(to, reader->bytes, part);
    reader->bytes += part;
    reader->size -= part;
    return part;
}

static int
send_letter(struct mail *mail, const char *bytes, size_t size,
            struct curl_slist *to, struct fb_error *err)
{
    CURL *curl = mail->relay.transfer.curl;
    struct reader reader = {.bytes = bytes, .size = size};
    char from[ADDRESS_MAX + 3];

    snprintf(from, sizeof(from), "<%s>", mail->from.address);
    if (curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size) !=
            CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_READDATA, &reader) != CURLE_OK)
        return fb_fail(err, FB_E_FAILED, "cannot set up a letter");
    return relay_run(&mail->relay, "send mail by", err);
}

static struct curl_slist *
envelope(const struct fb_list *to)
{
    struct curl_slist *list = NULL;
    char text[ADDRESS_MAX + 3];

    for (size_t i = 0; i < to->count; i++) {
        struct curl_slist *longer;

        snprintf(text, sizeof(text), "<%s>", to->items[i]);
        longer = curl_slist_append(list, text);
        if (longer == NULL) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static int
mail_notify(void *self, struct fb_step *step, const struct fb_report *report,
            struct fb_error *err)
{
    struct mail *mail = self;
    const struct letter letter = {
        .from = mail->from,
        .to = mail->to,
        .subject =
            message_subject(step, report, mail->subject_prefix, SUBJECT_MAX),
        .text = message_text(step, report, LETTER_TEXT_MAX),
        .id = message_id(step, report),
        .date_ms = fb_now_ms(step),
    };
    struct curl_slist *to = envelope(&mail->to);
    size_t size = 0;
    char *bytes = letter_write(&letter, &size);
    int status;

    if (to == NULL || bytes == NULL)
        status = fb_fail(err, FB_E_FAILED,
                         "cannot write a letter: there is no memory");
    else
        status = send_letter(mail, bytes, size, to, err);
    curl_slist_free_all(to);
    free(bytes);
    return status;
}

/* Connects, encrypts and logs in; sends nothing. */
static int
mail_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct mail *mail = self;
    int status;

    if (mail_open(self, step, err) != 0)
        return -1;
    curl_easy_setopt(mail->relay.transfer.curl, CURLOPT_CONNECT_ONLY, 1L);
    status = relay_run(&mail->relay, "connect to", err);
    mail_close(self, step);
    if (status == 0)
        fb_log(step, FB_INFO,
               "connected to '%s'; whether it takes mail for these addresses "
               "was not tried: that would be mail",
               mail->settings.server);
    return status;
}

static const char *const mail_schemes[] = {"mailto", NULL};
static const char *const levels[] = {"required", "opportunistic", "none", NULL};

static const struct fb_option mail_options[] = {
    {.name = "server",
     FB_STRING(struct mail, settings.server),
     .flags = FB_REQUIRED,
     .help =
         "The relay: smtp://host:port, or smtps:// for TLS from the begin."},
    {.name = "from",
     FB_STRING(struct mail, from_text),
     .flags = FB_REQUIRED,
     .help = "Who writes, as an address or as 'Name <address>'; what cannot be "
             "delivered returns there."},
    {.name = "user",
     FB_STRING(struct mail, settings.user),
     .help = "Name to log in with."},
    {.name = "password",
     FB_SECRET(struct mail, settings.password),
     .help = "Password of user."},
    {.name = "tls",
     FB_ENUM(struct mail, settings.tls),
     .choices = levels,
     .def = "required",
     .help = "Whether smtp:// must be encrypted (by STARTTLS); none is for a "
             "relay on this machine."},
    {.name = "subject_prefix",
     FB_STRING(struct mail, subject_prefix),
     .help = "What stands before each subject, such as '[orders]'."},
    TRANSFER_OPTIONS(struct mail, settings.transfer),
    {.name = NULL},
};

static const struct fb_plugin mail_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_NOTIFIER,
    .name = "mail",
    .summary = "Tells people how a run ended, by mail.",
    .schemes = mail_schemes,
    .options = mail_options,
    .instance_size = sizeof(struct mail),
    .check = mail_check,
    .open = mail_open,
    .close = mail_close,
    .notify = mail_notify,
    .probe = mail_probe,
};

FB_PROVIDES("notifier mail mailto");
FB_PLUGINS(&mail_plugin);
