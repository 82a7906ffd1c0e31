/*
 * shared/transfer.h: one transfer on libcurl, with the rules that hold for
 * every one of ours: TLS 1.2 or newer and always verified, no redirects, no
 * .netrc, bounded in time, ended soon after the step is cancelled.  What is
 * sent by which protocol is the caller's business.
 */
#ifndef SHARED_TRANSFER_H
#define SHARED_TRANSFER_H

#include "forebay/plugin.h"

#include <curl/curl.h>

/* Options of each plugin that transfers; see TRANSFER_OPTIONS. */
struct transfer_settings {
    const char *ca_bundle;
    int64_t connect_timeout; /* ms */
    int64_t timeout;         /* ms, for the whole */
};

#define TRANSFER_OPTIONS(struct_, field_)                                      \
    {.name = "ca_bundle",                                                      \
     FB_STRING(struct_, field_.ca_bundle),                                     \
     .help = "File with the certificate authorities to trust instead of the "  \
             "system's."},                                                     \
        {.name = "connect_timeout",                                            \
         FB_DURATION(struct_, field_.connect_timeout),                         \
         .def = "10s",                                                         \
         .min = 100,                                                           \
         .max = 60000,                                                         \
         .help = "How long making a connection may take."},                    \
    {                                                                          \
        .name = "timeout", FB_DURATION(struct_, field_.timeout), .def = "30s", \
        .min = 100, .max = 600000, .help = "How long the whole may take."      \
    }

struct transfer {
    CURL *curl; /* options beyond those of the rules are set on it */
    struct fb_step *step;
    CURLcode result; /* of transfer_run */
    char detail[CURL_ERROR_SIZE];
};

/* protocols as in "https,http".  FB_E_FAILED without libcurl.  Release on
 * success; a transfer that is all zero may be released, too. */
int transfer_init(struct transfer *transfer, struct fb_step *step,
                  const struct transfer_settings *settings,
                  const char *protocols, struct fb_error *err) FB_MUST_CHECK;
void transfer_release(struct transfer *transfer);

/* Do it.  When that fails, the error is "cannot VERB 'SUBJECT': WHY", where
 * subject is not secret, and FB_E_UNAVAILABLE when later may be better. */
int transfer_run(struct transfer *transfer, const char *verb,
                 const char *subject, struct fb_error *err) FB_MUST_CHECK;

/* Whether a host, as a URL names it, is this machine whatever the network:
 * 127.0.0.0/8, ::1 or localhost. */
bool transfer_is_loopback(const char *host);

#endif
