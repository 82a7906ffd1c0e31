/*
 * shared/transfer.c: see transfer.h.
 */
#include "shared/transfer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <strings.h>

static int
on_progress(void *arg, curl_off_t down_total, curl_off_t down,
            curl_off_t up_total, curl_off_t up)
{
    const struct transfer *transfer = arg;

    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return fb_cancelled(transfer->step) ? 1 : 0;
}

/* Each option must take: one that this libcurl does not know is a rule that
 * does not hold. */
static bool
set_rules(struct transfer *transfer, const struct transfer_settings *settings,
          const char *protocols)
{
    CURL *curl = transfer->curl;
    const char *ca = settings->ca_bundle;

    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION,
                            (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                            (long)settings->connect_timeout) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                            (long)settings->timeout) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, transfer->detail) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer) == CURLE_OK &&
           (ca == NULL || *ca == '\0' ||
            curl_easy_setopt(curl, CURLOPT_CAINFO, ca) == CURLE_OK);
}

int
transfer_init(struct transfer *transfer, struct fb_step *step,
              const struct transfer_settings *settings, const char *protocols,
              struct fb_error *err)
{
    assert(settings->timeout > 0 && settings->connect_timeout > 0);
    *transfer = (struct transfer){.curl = curl_easy_init(), .step = step};
    if (transfer->curl == NULL)
        return fb_fail(err, FB_E_FAILED, "cannot set up libcurl");
    if (set_rules(transfer, settings, protocols))
        return 0;
    transfer_release(transfer);
    return fb_fail(err, FB_E_FAILED,
                   "cannot set up libcurl: version %s lacks a rule that "
                   "transfers must keep",
                   curl_version_info(CURLVERSION_NOW)->version);
}

void
transfer_release(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->curl);
    transfer->curl = NULL;
}

static enum fb_code
code_of(CURLcode result)
{
    if (result == CURLE_COULDNT_RESOLVE_HOST ||
        result == CURLE_COULDNT_RESOLVE_PROXY ||
        result == CURLE_COULDNT_CONNECT || result == CURLE_PROXY ||
        result == CURLE_OPERATION_TIMEDOUT || result == CURLE_GOT_NOTHING ||
        result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR ||
        result == CURLE_PARTIAL_FILE || result == CURLE_SSL_CONNECT_ERROR ||
        result == CURLE_HTTP2 || result == CURLE_HTTP2_STREAM)
        return FB_E_UNAVAILABLE;
    if (result == CURLE_ABORTED_BY_CALLBACK)
        return FB_E_CANCELLED;
    if (result == CURLE_SSL_CACERT_BADFILE || result == CURLE_URL_MALFORMAT)
        return FB_E_CONFIG;
    return FB_E_FAILED;
}

/* libcurl's own words say more about certificates and name resolution; those
 * about URLs and answers could quote what is secret. */
static const char *
words_of(struct transfer *transfer)
{
    bool own = transfer->result == CURLE_PEER_FAILED_VERIFICATION ||
               transfer->result == CURLE_SSL_CONNECT_ERROR ||
               transfer->result == CURLE_COULDNT_RESOLVE_HOST;

    if (transfer->result == CURLE_ABORTED_BY_CALLBACK)
        return "the run was told to stop";
    if (!own || transfer->detail[0] == '\0')
        return curl_easy_strerror(transfer->result);
    for (char *p = transfer->detail; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
    return transfer->detail;
}

int
transfer_run(struct transfer *transfer, const char *verb, const char *subject,
             struct fb_error *err)
{
    transfer->detail[0] = '\0';
    transfer->result = curl_easy_perform(transfer->curl);
    if (transfer->result == CURLE_OK)
        return 0;
    fb_fail(err, code_of(transfer->result), "cannot %s '%s': %s", verb, subject,
            words_of(transfer));
    if (transfer->result == CURLE_PEER_FAILED_VERIFICATION ||
        transfer->result == CURLE_SSL_CACERT_BADFILE)
        return fb_hint(err, "certificates are always verified; 'ca_bundle' "
                            "names a file with those that are to be trusted");
    return -1;
}

bool
transfer_is_loopback(const char *host)
{
    char bare[64];
    struct in6_addr six;
    struct in_addr four;
    size_t size = strlen(host);

    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (size > 2 && size < sizeof(bare) && *host == '[' &&
        host[size - 1] == ']') {
        memcpy(bare, host + 1, size - 2);
        bare[size - 2] = '\0';
        return inet_pton(AF_INET6, bare, &six) == 1 &&
               IN6_IS_ADDR_LOOPBACK(&six);
    }
    return inet_pton(AF_INET, host, &four) == 1 &&
           ntohl(four.s_addr) >> 24 == 127;
}
