/*
 * See http_wire.h.  The signature is made again with the signer that the
 * published vectors verify, from what came over the wire.
 */
#define _GNU_SOURCE /* strsep */
#include "support/http_wire.h"

#include "aws/canonical.h"
#include "aws/encode.h"
#include "aws/moment.h"
#include "aws/signature.h"
#include "aws/signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SKEW_MS ((int64_t)15 * 60 * 1000)

void
wire_add(struct wire *wire, const char *bytes, size_t size)
{
    if (wire->capacity < wire->len + size + 1) {
        wire->capacity = (wire->len + size + 1) * 2;
        wire->bytes = realloc(wire->bytes, wire->capacity);
        if (wire->bytes == NULL)
            abort();
    }
    memcpy(wire->bytes + wire->len, bytes, size);
    wire->len += size;
    wire->bytes[wire->len] = '\0';
}

const char *
wire_header(const struct wire *wire, const char *name)
{
    for (size_t i = 0; i < wire->header_count; i++)
        if (strcasecmp(wire->names[i], name) == 0)
            return wire->values[i];
    return NULL;
}

/* Cut the copy of the head into method, target and headers. */
static void
take_apart(struct wire *wire)
{
    char *line = wire->text, *end;

    wire->header_count = 0;
    wire->method = wire->target = "";
    end = strstr(line, "\r\n");
    *end = '\0';
    wire->method = strsep(&line, " ");
    if (line != NULL)
        wire->target = strsep(&line, " ");
    for (line = end + 2; *line != '\0'; line = end + 2) {
        char *colon;

        end = strstr(line, "\r\n");
        *end = '\0';
        colon = strchr(line, ':');
        if (colon == NULL || wire->header_count == WIRE_HEADERS_MAX)
            continue;
        *colon++ = '\0';
        wire->names[wire->header_count] = line;
        wire->values[wire->header_count++] = colon + strspn(colon, " ");
    }
}

static const char *
head_end(const struct wire *wire)
{
    return wire->bytes == NULL ? NULL : strstr(wire->bytes, "\r\n\r\n");
}

bool
wire_is_whole(struct wire *wire)
{
    const char *end = head_end(wire), *length;
    size_t head;

    if (end == NULL)
        return false;
    head = (size_t)(end - wire->bytes) + 4;
    free(wire->text);
    wire->text = strndup(wire->bytes, head - 2);
    if (wire->text == NULL)
        abort();
    take_apart(wire);
    length = wire_header(wire, "content-length");
    wire->body_size = length == NULL ? 0 : strtoull(length, NULL, 10);
    wire->body = wire->bytes + head;
    wire->size = head + wire->body_size;
    return wire->len >= wire->size;
}

bool
wire_waits(const struct wire *wire)
{
    return head_end(wire) != NULL && !wire->told_to_go_on &&
           wire_header(wire, "expect") != NULL;
}

void
wire_next(struct wire *wire)
{
    memmove(wire->bytes, wire->bytes + wire->size, wire->len - wire->size);
    wire->len -= wire->size;
    wire->bytes[wire->len] = '\0';
    wire->told_to_go_on = false;
}

void
wire_release(struct wire *wire)
{
    free(wire->bytes);
    free(wire->text);
    *wire = (struct wire){.len = 0};
}

/* The query of a target, decoded. */
static void
read_query(const char *target, struct aws_fields *query)
{
    const char *question = strchr(target, '?');
    char *copy = strdup(question == NULL ? "" : question + 1), *rest = copy;
    char *pair;
    struct aws_buf name, value;

    aws_buf_init(&name, 65536);
    aws_buf_init(&value, 65536);
    while ((pair = strsep(&rest, "&")) != NULL) {
        char *equals = strchr(pair, '=');

        if (*pair == '\0')
            continue;
        if (equals != NULL)
            *equals++ = '\0';
        aws_buf_clear(&name);
        aws_buf_clear(&value);
        if (aws_form_decode(&name, pair) == 0 &&
            aws_form_decode(&value, equals == NULL ? "" : equals) == 0)
            aws_fields_add(query, aws_buf_string(&name),
                           aws_buf_string(&value));
    }
    aws_buf_release(&name);
    aws_buf_release(&value);
    free(copy);
}

static bool
is_listed(const char *list, const char *name)
{
    size_t size = strlen(name);

    for (const char *p = list; *p != '\0'; p += strcspn(p, ";")) {
        p += *p == ';';
        if (strncasecmp(p, name, size) == 0 && strchr(";", p[size]) != NULL)
            return true;
    }
    return false;
}

/* "Name=value" of an Authorization header, up to the comma. */
static bool
part(const char *authorization, const char *name, char *out, size_t room)
{
    const char *found = strstr(authorization, name);

    if (found == NULL)
        return false;
    found += strlen(name);
    snprintf(out, room, "%.*s", (int)strcspn(found, ","), found);
    return true;
}

static bool __attribute__((format(printf, 2, 3)))
wrong(char problem[WIRE_PROBLEM_MAX], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(problem, WIRE_PROBLEM_MAX, format, args);
    va_end(args);
    return false;
}

static bool
check_payload(const struct wire *wire, const char **payload, char hash[65],
              const struct wire_signer *signer, char *problem)
{
    const char *sent = wire_header(wire, "x-amz-content-sha256");

    aws_sha256_hex(wire->body, wire->body_size, hash);
    *payload = hash;
    if (strcmp(signer->service, "s3") == 0 && sent == NULL)
        return wrong(problem, "x-amz-content-sha256 is missing");
    if (sent != NULL && strcmp(sent, hash) != 0)
        return wrong(problem, "x-amz-content-sha256 is '%s', the body's is %s",
                     sent, hash);
    return true;
}

static bool
check_date(const struct wire *wire, const struct wire_signer *signer,
           int64_t *date, char *problem)
{
    const char *text = wire_header(wire, "x-amz-date");
    int64_t apart;

    if (text == NULL || aws_moment_parse_basic(text, date) != 0)
        return wrong(problem, "x-amz-date is missing or malformed");
    apart = *date > signer->now_ms ? *date - signer->now_ms
                                   : signer->now_ms - *date;
    if (apart > SKEW_MS && !signer->any_time)
        return wrong(problem, "x-amz-date %s is %lld s off", text,
                     (long long)(apart / 1000));
    return true;
}

/* Which headers are signed; those that must be and are not are a problem. */
static bool
collect(const struct wire *wire, const char *list, struct aws_fields *headers,
        char *problem)
{
    for (size_t i = 0; i < wire->header_count; i++) {
        const char *name = wire->names[i];
        bool listed = is_listed(list, name);

        if (!listed && (strncasecmp(name, "x-amz-", 6) == 0 ||
                        strcasecmp(name, "host") == 0 ||
                        strcasecmp(name, "content-type") == 0))
            return wrong(problem, "the header '%s' is not signed", name);
        if (listed)
            aws_fields_add(headers, name, wire->values[i]);
    }
    return true;
}

/* The signature that the request should have. */
static void
sign_again(const struct wire *wire, const struct wire_signer *signer,
           const struct aws_fields *headers, const char *payload, int64_t date,
           char signature[AWS_SIGNATURE_HEX])
{
    struct aws_fields query = {.count = 0};
    struct aws_buf canonical, names, sts;
    struct aws_scope scope;
    unsigned char key[AWS_SHA256_SIZE];
    const char *target = wire->target;
    char path[8192];
    const struct aws_canonical parts = {
        .method = wire->method,
        .path = path,
        .path_as_is = strcmp(signer->service, "s3") == 0,
        .query = &query,
        .headers = headers,
        .payload_hash = payload,
    };

    aws_buf_init(&canonical, AWS_CANONICAL_MAX);
    aws_buf_init(&names, AWS_CANONICAL_MAX);
    aws_buf_init(&sts, AWS_CANONICAL_MAX);
    /* As to a proxy: http://host/path. */
    if (strncmp(target, "http://", 7) == 0)
        target += 7 + strcspn(target + 7, "/");
    snprintf(path, sizeof(path), "%.*s", (int)strcspn(target, "?"), target);
    read_query(target, &query);
    aws_canonical_request(&canonical, &names, &parts);
    aws_scope_init(&scope, signer->region, signer->service, date);
    aws_string_to_sign(&sts, &scope, &canonical);
    aws_signing_key(signer->secret, &scope, key);
    aws_signature(key, &sts, signature);
    aws_buf_release(&canonical);
    aws_buf_release(&names);
    aws_buf_release(&sts);
    aws_fields_release(&query);
}

static bool
check_credential(const char *sent, const struct wire_signer *signer,
                 int64_t date, char *problem)
{
    char wanted[256];
    struct aws_scope scope;

    aws_scope_init(&scope, signer->region, signer->service, date);
    snprintf(wanted, sizeof(wanted), "%s/%s/%s/%s/aws4_request", signer->key,
             scope.date, signer->region, signer->service);
    if (strcmp(sent, wanted) != 0)
        return wrong(problem, "Credential is '%s', not '%s'", sent, wanted);
    return true;
}

bool
wire_verify(const struct wire *wire, const struct wire_signer *signer,
            char problem[WIRE_PROBLEM_MAX])
{
    const char *authorization = wire_header(wire, "authorization");
    const char *token = wire_header(wire, "x-amz-security-token");
    char credential[256], list[2048], signature[128], hash[65] = "", again[65];
    struct aws_fields headers = {.count = 0};
    const char *payload = NULL;
    int64_t date = 0;
    bool good;

    if (authorization == NULL ||
        !part(authorization, "Credential=", credential, sizeof(credential)) ||
        !part(authorization, "SignedHeaders=", list, sizeof(list)) ||
        !part(authorization, "Signature=", signature, sizeof(signature)))
        return wrong(problem, "the request is not signed");
    if ((token == NULL) != (signer->token == NULL) ||
        (token != NULL && strcmp(token, signer->token) != 0))
        return wrong(problem, "x-amz-security-token is not the one expected");
    if (!check_date(wire, signer, &date, problem) ||
        !check_credential(credential, signer, date, problem) ||
        !check_payload(wire, &payload, hash, signer, problem))
        return false;
    good = collect(wire, list, &headers, problem);
    if (good) {
        sign_again(wire, signer, &headers, payload, date, again);
        if (strcmp(again, signature) != 0)
            good = wrong(problem, "the signature of %s %s is wrong",
                         wire->method, wire->target);
    }
    aws_fields_release(&headers);
    return good;
}
