/*
 * aws/error.c: see error.h.  Here an error answer is told; error_read.c takes
 * it apart.
 */
#include "aws/error.h"

#include "aws/retry.h"

#define STATUS_OF_PROXY 407 /* no service answers that */

static bool
is_permission(const struct aws_response *response)
{
    static const char *const codes[] = {"AccessDenied",
                                        "AccessDeniedException",
                                        "AllAccessDisabled",
                                        "AuthorizationError",
                                        "AuthorizationErrorException",
                                        "ExpiredToken",
                                        "ExpiredTokenException",
                                        "IncompleteSignature",
                                        "IncompleteSignatureException",
                                        "InvalidAccessKeyId",
                                        "InvalidClientTokenId",
                                        "InvalidIdentityToken",
                                        "InvalidSecurity",
                                        "InvalidSignatureException",
                                        "InvalidToken",
                                        "KMS.AccessDeniedException",
                                        "KMSAccessDenied",
                                        "MissingAuthenticationToken",
                                        "SignatureDoesNotMatch",
                                        "UnrecognizedClientException",
                                        NULL};

    return response->status == 401 || response->status == 403 ||
           aws_code_is_in(response->code, codes);
}

static bool
is_missing(const struct aws_response *response)
{
    static const char *const codes[] = {
        "AWS.SimpleQueueService.NonExistentQueue",
        "EntityNotFoundException",
        "NotFound",
        "NotFoundException",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        NULL};

    return response->status == 404 || aws_code_is_in(response->code, codes);
}

static enum fb_code
code_of(const struct aws_response *response)
{
    if ((response->status >= 300 && response->status < 400) ||
        response->status == STATUS_OF_PROXY)
        return FB_E_CONFIG;
    if (aws_code_is_clock(response->code))
        return FB_E_CONFIG;
    if (strcmp(response->code, "ConditionalRequestConflict") == 0 ||
        strcmp(response->code, "OperationAborted") == 0)
        return FB_E_BUSY;
    if (response->status == 412)
        return FB_E_CHANGED;
    switch (aws_retry_class(response, true)) {
    case AWS_RETRY_TRANSIENT:
    case AWS_RETRY_THROTTLED:
        return FB_E_UNAVAILABLE;
    case AWS_RETRY_NEVER:
    case AWS_RETRY_CLOCK:
    case AWS_RETRY_MAYBE_CLOCK:
    case AWS_RETRY_CREDENTIALS:
    case AWS_RETRY_DAMAGED:
        break;
    }
    if (is_permission(response))
        return FB_E_PERMISSION;
    return is_missing(response) ? FB_E_MISSING : FB_E_FAILED;
}

static const char *
reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {301, "moved"},
        {307, "moved for now"},
        {400, "bad request"},
        {401, "not authenticated"},
        {403, "forbidden"},
        {404, "not found"},
        {405, "not allowed"},
        {STATUS_OF_PROXY, "the proxy wants a name and a password"},
        {409, "conflict"},
        {412, "changed"},
        {416, "no such range"},
        {429, "too many requests"},
        {500, "internal error"},
        {501, "not implemented"},
        {502, "bad gateway"},
        {503, "not available"},
        {504, "gateway timeout"},
    };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return "not what was asked for";
}

/* A copy that fits, ends at a whole character, and shows control characters
 * as '?': keys may hold line ends, and logs have lines. */
static void
harmless(char *out, size_t room, const char *text)
{
    size_t size = 0;

    for (; *text != '\0' && size + 1 < room; text++) {
        unsigned char c = (unsigned char)*text;

        out[size++] = c < ' ' || c == 0x7f ? '?' : (char)c;
    }
    if (*text != '\0')
        while (size > 0 && ((unsigned char)*text & 0xc0) == 0x80) {
            size--;
            text--;
        }
    out[size] = '\0';
}

void
aws_error_subject(const struct aws_request *request, const char *service,
                  char subject[AWS_SUBJECT_MAX])
{
    char name[300], given[AWS_SUBJECT_MAX];

    if (request->subject != NULL)
        snprintf(given, sizeof(given), "%s", request->subject);
    else if (request->bucket != NULL)
        snprintf(given, sizeof(given), "%.255s%s%.130s", request->bucket,
                 request->key == NULL ? "" : "/",
                 request->key == NULL ? "" : request->key);
    else
        snprintf(given, sizeof(given), "%.300s",
                 request->path == NULL ? "" : request->path);
    harmless(name, sizeof(name), given);
    snprintf(subject, AWS_SUBJECT_MAX, "%.60s '%s%s%s'",
             request->operation != NULL ? request->operation : request->method,
             service, *name == '\0' ? "" : " ", name);
}

#define SECRET_MIN 8 /* shorter is no secret, and would strike out words */

/* The beginning of a secret at the end of a text that was cut. */
static void
strike_out_tail(char *text, const char *secret, size_t size)
{
    size_t length = strlen(text);

    for (size_t part = size - 1; part >= SECRET_MIN; part--)
        if (part <= length && memcmp(text + length - part, secret, part) == 0) {
            memcpy(text + length - part, "***", 4);
            return;
        }
}

/* Every place where `secret` stands, in place. */
static void
strike_out(char *text, const char *secret)
{
    size_t size = secret == NULL ? 0 : strlen(secret);

    if (size < SECRET_MIN)
        return;
    strike_out_tail(text, secret, size);
    while ((text = strstr(text, secret)) != NULL) {
        memset(text, '*', 3);
        memmove(text + 3, text + size, strlen(text + size) + 1);
        text += 3;
    }
}

void
aws_error_scrub(char *text, const struct aws_credentials *used)
{
    if (used == NULL)
        return;
    strike_out(text, used->token);
    strike_out(text, used->secret);
}

static void
add_hint(const struct aws_request *request, const struct aws_response *response,
         const struct aws_credentials *used, struct fb_error *err)
{
    const char *source = used == NULL ? "" : used->source;

    if (response->status == STATUS_OF_PROXY)
        fb_hint(err, "put them into the URL of 'http_proxy', or name the host "
                     "in 'no_proxy'");
    else if (aws_code_is_clock(response->code))
        fb_hint(err, "this machine's clock differs from the service's");
    else if (err->code == FB_E_CONFIG && response->region[0] != '\0')
        fb_hint(err, "the bucket lies in region '%s'", response->region);
    else if (err->code == FB_E_PERMISSION && request->unsigned_call)
        fb_hint(err,
                "the trust policy of the role must admit the token to "
                "'%s'",
                request->action);
    else if (err->code == FB_E_PERMISSION &&
             (strcmp(response->code, "SignatureDoesNotMatch") == 0 ||
              strncmp(response->code, "Invalid", 7) == 0 ||
              strncmp(response->code, "Expired", 7) == 0 ||
              strcmp(response->code, "UnrecognizedClientException") == 0))
        fb_hint(err, "the keys came from %s", source);
    else if (err->code == FB_E_PERMISSION && request->action != NULL)
        fb_hint(err,
                "allow '%s' in the IAM policy of the role or user whose keys "
                "came from %s",
                request->action, source);
    else if (response->status == 501)
        fb_hint(err, "this store lacks something that was asked for");
}

int
aws_error_tell(const struct aws_request *request,
               const struct aws_response *response, const char *service,
               const char *host, const struct aws_credentials *used,
               struct fb_error *err)
{
    char subject[AWS_SUBJECT_MAX], message[320], ids[200] = "";

    aws_error_subject(request, service, subject);
    harmless(message, sizeof(message), response->message);
    if (response->request_id[0] != '\0')
        snprintf(ids, sizeof(ids), "request id %s, ", response->request_id);
    fb_fail(err, code_of(response), "cannot %s: %d %.100s%s%s (%shost %.150s)",
            subject, response->status,
            response->code[0] != '\0' ? response->code
                                      : reason(response->status),
            *message == '\0' ? "" : ": ", message, ids, host);
    aws_error_scrub(err->message, used);
    add_hint(request, response, used, err);
    return -1;
}

int
aws_error_no_answer(const struct aws_request *request, const char *service,
                    int attempts, struct fb_error *err)
{
    char subject[AWS_SUBJECT_MAX], why[600], hint[FB_HINT_MAX];
    enum fb_code code = err->code;

    aws_error_subject(request, service, subject);
    snprintf(why, sizeof(why), "%.*s", (int)sizeof(why) - 1, err->message);
    snprintf(hint, sizeof(hint), "%s", err->hint);
    if (attempts > 1)
        fb_fail(err, code, "cannot %s: %s (after %d attempts)", subject, why,
                attempts);
    else
        fb_fail(err, code, "cannot %s: %s", subject, why);
    return fb_hint(err, "%s", hint);
}
