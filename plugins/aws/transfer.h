/*
 * aws/transfer.h: what libcurl calls while an exchange runs, and the options
 * that an exchange sets on a handle.
 */
#ifndef AWS_TRANSFER_H
#define AWS_TRANSFER_H

#include "aws/http.h"

#include <curl/curl.h>

/* An exchange while it runs. */
struct aws_transfer {
    struct aws_exchange *exchange;
    struct fb_error *err;
    struct curl_slist *lines; /* headers; wiped at the end */
    size_t head_bytes;
    bool in_body;   /* headers are complete */
    bool stopped;   /* a callback filled *err */
    bool cancelled; /* the step was */
    bool repeated;  /* libcurl wanted to send the request once more */
    int sends;      /* times that the request was about to be sent */
};

/* Set every option; false without memory.  Release in any case. */
bool aws_transfer_setup(struct aws_transfer *transfer, CURL *easy,
                        const char *ca_bundle);
void aws_transfer_release(struct aws_transfer *transfer);

#endif
