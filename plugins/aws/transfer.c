/*
 * aws/transfer.c: see transfer.h.
 */
#include "aws/transfer.h"

#include "aws/buf.h"
#include "aws/world.h"

#define SLOW_BYTES_PER_S 1024L /* less than this is no progress */
#define CONNECTION_AGE_S 300L  /* then DNS is asked anew */
#define BUFFER_SIZE (256L * 1024)
#define EXPECT_WAIT_MS 1000L

static int
stop(struct aws_transfer *transfer)
{
    transfer->stopped = true;
    return -1;
}

/* A status line: 1xx answers and those of proxies are followed by others. */
static void
begin_head(struct aws_transfer *transfer, const char *line, size_t size)
{
    struct aws_exchange *exchange = transfer->exchange;
    const char *blank = memchr(line, ' ', size);

    aws_fields_release(&exchange->headers_in);
    exchange->status = 0;
    transfer->in_body = false;
    for (const char *p = blank == NULL ? line + size : blank + 1;
         p < line + size && *p >= '0' && *p <= '9' && exchange->status < 1000;
         p++)
        exchange->status = exchange->status * 10 + (*p - '0');
}

static void
keep_header(struct aws_transfer *transfer, const char *line, size_t size)
{
    const char *colon = memchr(line, ':', size), *value, *end = line + size;
    char *name, *text;

    /* A name without a value, or a folded line: nothing that we need. */
    if (colon == NULL || colon == line || memchr(line, '\0', size) != NULL)
        return;
    for (value = colon + 1; value < end && strchr(" \t", *value) != NULL;)
        value++;
    while (end > value && strchr(" \t\r\n", end[-1]) != NULL)
        end--;
    name = aws_strndup(line, (size_t)(colon - line));
    for (char *p = name; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p - 'A' + 'a');
    text = aws_strndup(value, (size_t)(end - value));
    aws_fields_add(&transfer->exchange->headers_in, name, text);
    aws_free_secret(name);
    aws_free_secret(text);
}

static int
end_head(struct aws_transfer *transfer)
{
    struct aws_exchange *exchange = transfer->exchange;

    if (exchange->status < 200)
        return 0;
    transfer->in_body = true;
    if (exchange->receiver.head != NULL &&
        exchange->receiver.head(exchange->receiver.arg, exchange->status,
                                &exchange->headers_in, transfer->err) != 0)
        return stop(transfer);
    return 0;
}

static size_t
on_header(char *line, size_t one, size_t size, void *arg)
{
    struct aws_transfer *transfer = arg;
    int failed = 0;

    (void)one;
    transfer->head_bytes += size;
    if (transfer->head_bytes > AWS_HEADERS_MAX) {
        fb_fail(transfer->err, FB_E_LIMIT,
                "cannot take the answer: its head is larger than %zu bytes",
                AWS_HEADERS_MAX);
        failed = stop(transfer);
    } else if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        begin_head(transfer, line, size);
    } else if (!transfer->in_body) { /* else a trailer */
        if (*line == '\r' || *line == '\n')
            failed = end_head(transfer);
        else
            keep_header(transfer, line, size);
    }
    return failed == 0 ? size : 0;
}

static size_t
on_body(char *bytes, size_t one, size_t size, void *arg)
{
    struct aws_transfer *transfer = arg;
    struct aws_exchange *exchange = transfer->exchange;

    (void)one;
    exchange->received += size;
    if (exchange->receiver.body != NULL &&
        exchange->receiver.body(exchange->receiver.arg,
                                (const unsigned char *)bytes, size,
                                transfer->err) != 0) {
        stop(transfer);
        return 0;
    }
    return size;
}

static size_t
on_read(char *bytes, size_t one, size_t size, void *arg)
{
    struct aws_transfer *transfer = arg;
    const struct aws_body_source *source = transfer->exchange->source;
    size_t got = 0;

    if (source->read(source->arg, (unsigned char *)bytes, one * size, &got) ==
        0)
        return got;
    fb_fail(transfer->err, FB_E_FAILED, "cannot read what is to be sent");
    stop(transfer);
    return CURL_READFUNC_ABORT;
}

static int
on_seek(void *arg, curl_off_t offset, int origin)
{
    struct aws_transfer *transfer = arg;
    const struct aws_body_source *source = transfer->exchange->source;

    if (offset != 0 || origin != SEEK_SET)
        return CURL_SEEKFUNC_CANTSEEK;
    return source->rewind(source->arg) == 0 ? CURL_SEEKFUNC_OK
                                            : CURL_SEEKFUNC_FAIL;
}

static int
on_progress(void *arg, curl_off_t down_total, curl_off_t down,
            curl_off_t up_total, curl_off_t up)
{
    struct aws_transfer *transfer = arg;

    (void)down_total, (void)down, (void)up_total, (void)up;
    if (!aws_cancelled(transfer->exchange->step))
        return 0;
    transfer->cancelled = true;
    return 1;
}

/*
 * Called on a connection, before the request goes out.  A second time means
 * that libcurl found the connection dead and would send the request again:
 * that is for us to decide, for we must know that it may have had its effect.
 */
static int
on_connected(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct aws_transfer *transfer = arg;
    struct aws_exchange *exchange = transfer->exchange;

    (void)local, (void)peer_port, (void)local_port;
    if (exchange->admits != NULL && !exchange->admits(peer)) {
        fb_fail(transfer->err, FB_E_CONFIG,
                "cannot ask '%s': the address is not allowed here", peer);
        stop(transfer);
        return CURL_PREREQFUNC_ABORT;
    }
    /* After 417 it is sent without Expect; nothing had happened. */
    if (++transfer->sends > 1 && exchange->status != 417) {
        transfer->repeated = true;
        return CURL_PREREQFUNC_ABORT;
    }
    return CURL_PREREQFUNC_OK;
}

static bool
add_line(struct aws_transfer *transfer, const char *line)
{
    struct curl_slist *longer = curl_slist_append(transfer->lines, line);

    if (longer != NULL)
        transfer->lines = longer;
    return longer != NULL;
}

/* A header without a value here keeps libcurl from adding its own. */
static bool
add_headers(struct aws_transfer *transfer, uint64_t size)
{
    const struct aws_exchange *exchange = transfer->exchange;
    struct aws_buf line;
    bool good = true;

    aws_buf_init(&line, AWS_FIELDS_BYTES_MAX);
    for (size_t i = 0; i < exchange->headers->count && good; i++) {
        const struct aws_field *item = &exchange->headers->items[i];

        aws_buf_clear(&line);
        if (*item->value == '\0')
            aws_buf_format(&line, "%s;", item->name);
        else
            aws_buf_format(&line, "%s: %s", item->name, item->value);
        good = aws_buf_ok(&line) && add_line(transfer, aws_buf_string(&line));
    }
    aws_buf_release(&line);
    if (aws_fields_get(exchange->headers, "content-type") == NULL)
        good = good && add_line(transfer, "Content-Type:");
    if (aws_fields_get(exchange->headers, "accept") == NULL)
        good = good && add_line(transfer, "Accept:");
    return good &&
           add_line(transfer, size >= AWS_EXPECT_FROM ? "Expect: 100-continue"
                                                      : "Expect:");
}

static void
set_body(struct aws_transfer *transfer, CURL *easy)
{
    const struct aws_exchange *exchange = transfer->exchange;

    if (strcmp(exchange->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (exchange->source != NULL) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
                         (curl_off_t)exchange->source->size);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
    } else if (exchange->has_body) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)exchange->size);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                         exchange->size == 0 ? ""
                                             : (const char *)exchange->bytes);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, exchange->method);
}

/* libcurl reads HTTPS_PROXY and NO_PROXY, but HTTP_PROXY only in lower case,
 * because a CGI program gets the other from its client. */
static void
set_proxy(const struct aws_exchange *exchange, CURL *easy)
{
    if (exchange->no_proxy) {
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    } else if (strncmp(exchange->url, "http:", 5) == 0 &&
               aws_env("http_proxy") == NULL &&
               aws_env("REQUEST_METHOD") == NULL &&
               aws_env("HTTP_PROXY") != NULL) {
        curl_easy_setopt(easy, CURLOPT_PROXY, aws_env("HTTP_PROXY"));
    }
}

static void
set_limits(const struct aws_exchange *exchange, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     (long)exchange->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)exchange->total_ms);
    curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, EXPECT_WAIT_MS);
    curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, CONNECTION_AGE_S);
    if (exchange->read_timeout_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_PER_S);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                         (long)((exchange->read_timeout_ms + 999) / 1000));
    }
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_SIZE);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_SIZE);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, exchange->fresh ? 1L : 0L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

static void
set_rules(CURL *easy, const char *ca_bundle)
{
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (ca_bundle != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, ca_bundle);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                     (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
}

bool
aws_transfer_setup(struct aws_transfer *transfer, CURL *easy,
                   const char *ca_bundle)
{
    const struct aws_exchange *exchange = transfer->exchange;
    uint64_t size =
        exchange->source != NULL ? exchange->source->size : exchange->size;

    if (!add_headers(transfer, size))
        return false;
    curl_easy_reset(easy);
    set_rules(easy, ca_bundle);
    set_limits(exchange, easy);
    set_proxy(exchange, easy);
    set_body(transfer, easy);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->lines);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    return curl_easy_setopt(easy, CURLOPT_URL, exchange->url) == CURLE_OK;
}

void
aws_transfer_release(struct aws_transfer *transfer)
{
    for (struct curl_slist *line = transfer->lines; line != NULL;
         line = line->next)
        aws_wipe(line->data, strlen(line->data));
    curl_slist_free_all(transfer->lines);
    transfer->lines = NULL;
}
