/*
 * aws/endpoint.c: see endpoint.h.
 */
#include "aws/endpoint.h"

#include "aws/bucket.h"
#include "aws/encode.h"
#include "aws/region.h"

#include <curl/curl.h>
#include <stdlib.h>

/* Which part of a URL; NULL when it has none.  Free with curl_free. */
static char *
part_of(CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;

    return curl_url_get(url, part, &text, flags) == CURLUE_OK ? text : NULL;
}

static bool
has_part(CURLU *url, CURLUPart part)
{
    char *text = part_of(url, part, 0);
    bool has = text != NULL;

    curl_free(text);
    return has;
}

/* Host in lower case, and the port unless it is the scheme's own. */
static char *
host_of(CURLU *url)
{
    char *host = part_of(url, CURLUPART_HOST, 0);
    char *port = part_of(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    struct aws_buf made;
    char *copy = NULL;

    aws_buf_init(&made, 512);
    for (const char *p = host; p != NULL && *p != '\0'; p++)
        aws_buf_byte(&made, *p >= 'A' && *p <= 'Z'
                                ? (unsigned char)(*p - 'A' + 'a')
                                : (unsigned char)*p);
    if (port != NULL)
        aws_buf_format(&made, ":%s", port);
    if (aws_buf_ok(&made) && host != NULL && *host != '\0')
        copy = aws_strdup(aws_buf_string(&made));
    aws_buf_release(&made);
    curl_free(host);
    curl_free(port);
    return copy;
}

static const char *
take_custom(struct aws_endpoint *endpoint, CURLU *url)
{
    char *scheme, *path;
    size_t size;

    if (curl_url_set(url, CURLUPART_URL, endpoint->custom, CURLU_PATH_AS_IS) !=
        CURLUE_OK)
        return "it is no URL";
    scheme = part_of(url, CURLUPART_SCHEME, 0);
    endpoint->https = scheme != NULL && strcmp(scheme, "https") == 0;
    if (!endpoint->https && (scheme == NULL || strcmp(scheme, "http") != 0)) {
        curl_free(scheme);
        return "its scheme is not http or https";
    }
    curl_free(scheme);
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
        return "it holds a user or a password";
    if (has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT))
        return "it has a query or a fragment";
    endpoint->host = host_of(url);
    if (endpoint->host == NULL)
        return "it has no host";
    path = part_of(url, CURLUPART_PATH, 0);
    size = path == NULL ? 0 : strlen(path);
    while (size > 0 && path[size - 1] == '/')
        size--;
    endpoint->prefix = aws_strndup(path == NULL ? "" : path, size);
    curl_free(path);
    return NULL;
}

int
aws_endpoint_init(struct aws_endpoint *endpoint,
                  const struct aws_config *config, const char *service,
                  const char *custom, struct fb_error *err)
{
    const char *why = NULL;
    CURLU *url;

    *endpoint = (struct aws_endpoint){
        .service = service,
        .custom = aws_strdup(custom),
        .https = true,
        .use_fips = config->use_fips,
        .use_dualstack = config->use_dualstack,
        .force_path_style = config->force_path_style,
        .force_virtual_host = config->force_virtual_host,
    };
    if (custom == NULL)
        return 0;
    if (config->use_fips || config->use_dualstack) {
        why = "FIPS and dual-stack endpoints are AWS's own";
    } else {
        url = curl_url();
        why = url == NULL ? "no memory" : take_custom(endpoint, url);
        curl_url_cleanup(url);
    }
    if (why == NULL)
        return 0;
    aws_endpoint_release(endpoint);
    /* Not the URL: it may hold a password. */
    return fb_fail(err, FB_E_CONFIG, "cannot use the endpoint for '%s': %s",
                   service, why);
}

void
aws_endpoint_release(struct aws_endpoint *endpoint)
{
    aws_free_secret(endpoint->custom);
    free(endpoint->host);
    free(endpoint->prefix);
    *endpoint = (struct aws_endpoint){.service = NULL};
}

bool
aws_endpoint_is_aws(const struct aws_endpoint *endpoint, const char *region)
{
    const char *suffix = aws_region_partition(region)->suffix;
    size_t tail = strlen(suffix), size;

    if (endpoint->custom == NULL)
        return true;
    size = strcspn(endpoint->host, ":");
    return size > tail && endpoint->host[size - tail - 1] == '.' &&
           strncmp(endpoint->host + size - tail, suffix, tail) == 0;
}

static bool
wants_path_style(const struct aws_endpoint *endpoint, const char *bucket,
                 const char *key)
{
    if (endpoint->force_path_style || !aws_bucket_is_label(bucket) ||
        (strchr(bucket, '.') != NULL && endpoint->https))
        return true;
    /* S3 takes this one name for its old SOAP interface. */
    if (key != NULL && strcmp(key, "soap") == 0)
        return true;
    return endpoint->custom != NULL && !endpoint->force_virtual_host;
}

static void
add_host(const struct aws_endpoint *endpoint, const char *region,
         struct aws_buf *host)
{
    const struct aws_partition *partition = aws_region_partition(region);
    const char *fips = endpoint->use_fips ? "-fips" : "";

    if (endpoint->custom != NULL)
        aws_buf_text(host, endpoint->host);
    else if (strcmp(endpoint->service, "s3") == 0)
        aws_buf_format(host, "s3%s%s.%s.%s", fips,
                       endpoint->use_dualstack ? ".dualstack" : "", region,
                       partition->suffix);
    else
        aws_buf_format(host, "%s%s.%s.%s", endpoint->service, fips, region,
                       endpoint->use_dualstack ? partition->dualstack_suffix
                                               : partition->suffix);
}

int
aws_endpoint_place(const struct aws_endpoint *endpoint, const char *region,
                   const char *bucket, const char *key, const char *path,
                   struct aws_buf *host, struct aws_buf *target,
                   struct fb_error *err)
{
    bool by_path;

    if (!aws_region_is_valid(region))
        return fb_fail(err, FB_E_CONFIG,
                       "cannot use region '%.63s': no such name", region);
    aws_buf_text(target, endpoint->custom == NULL ? "" : endpoint->prefix);
    if (bucket == NULL) {
        add_host(endpoint, region, host);
        aws_buf_text(target, path == NULL ? "/" : path);
    } else {
        by_path = wants_path_style(endpoint, bucket, key);
        if (aws_bucket_check(bucket, by_path, err) != 0 ||
            (key != NULL && aws_key_check(key, err) != 0))
            return -1;
        if (!by_path)
            aws_buf_format(host, "%s.", bucket);
        add_host(endpoint, region, host);
        if (by_path) {
            aws_buf_byte(target, '/');
            aws_percent_encode(target, bucket, strlen(bucket), false);
        }
        if (key != NULL || !by_path)
            aws_buf_byte(target, '/');
        if (key != NULL)
            aws_percent_encode(target, key, strlen(key), true);
    }
    if (aws_buf_check(host, "host name", err) != 0)
        return -1;
    return aws_buf_check(target, "request target", err);
}
