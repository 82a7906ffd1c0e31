/*
 * Any bytes as what a service or a file may say to plugins/aws: an XML
 * document, an error answer of any protocol, a shared config file, times and
 * encodings.  The first byte chooses which.  None may crash, and what is made
 * of them stays within its bounds.
 */
#include <stdlib.h>

#include "aws/encode.h"
#include "aws/error.h"
#include "aws/moment.h"
#include "aws/profile.h"
#include "aws/words.h"
#include "aws/xml.h"
#include "fuzz/replay.h"

static void
require(bool truth)
{
    if (!truth)
        abort(); /* which is what a fuzzer looks for */
}

static void
walk(const struct aws_xml_node *node, int depth)
{
    require(depth <= AWS_XML_DEPTH_MAX);
    for (; node != NULL; node = node->next) {
        require(node->name != NULL && node->text != NULL);
        walk(node->child, depth + 1);
    }
}

static void
read_xml(const uint8_t *data, size_t size)
{
    struct fb_error err = {.code = FB_E_NONE};
    struct aws_xml *xml;

    if (aws_xml_parse(data, size, &xml, &err) != 0) {
        require(err.code != FB_E_NONE);
        return;
    }
    require(aws_xml_root(xml)->next == NULL);
    walk(aws_xml_root(xml), 1);
    aws_xml_free(xml);
}

/* No control character and no signature may reach a message. */
static void
read_error(const uint8_t *data, size_t size)
{
    struct aws_response response = {.status = 403};
    struct aws_request request;
    struct fb_error err;

    aws_request_init(&request, "GET");
    aws_buf_init(&response.body, AWS_BODY_MAX);
    aws_buf_add(&response.body, data, size);
    aws_error_read(&response);
    (void)aws_error_tell(&request, &response, "s3", "host", NULL, &err);
    for (const char *p = err.message; *p != '\0'; p++)
        require((unsigned char)*p >= ' ' && *p != 0x7f);
    require(strstr(err.message, "Credential=") == NULL);
    aws_response_release(&response);
}

static void
read_profile(const char *text, size_t size, bool is_credentials)
{
    struct aws_profiles profiles = {.sections = NULL};
    struct fb_error err = {.code = FB_E_NONE};

    if (aws_profiles_parse(&profiles, text, size, "f", is_credentials, &err) !=
        0)
        require(err.code == FB_E_CONFIG);
    aws_profiles_release(&profiles);
}

static void
read_texts(const char *text)
{
    struct aws_words words;
    struct aws_buf buf;
    unsigned char bytes[64];
    char iso[21];
    int64_t ms, again;
    size_t size;

    if (aws_moment_parse_iso(text, &ms) == 0) {
        ms -= ms % 1000;
        aws_moment_iso(ms, iso);
        require(ms < 0 ||
                (aws_moment_parse_iso(iso, &again) == 0 && again == ms));
    }
    (void)!aws_moment_parse_http(text, &ms);
    (void)!aws_moment_parse_basic(text, &ms);
    if (aws_base64_decode(text, bytes, sizeof(bytes), &size) == 0)
        require(size <= sizeof(bytes));
    aws_buf_init(&buf, 65536);
    (void)!aws_form_decode(&buf, text);
    aws_buf_release(&buf);
    if (aws_words_split(&words, text) == 0)
        aws_words_release(&words);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    text = aws_strndup((const char *)data + 1, size - 1);
    switch (*data) {
    case 'x':
        read_xml(data + 1, size - 1);
        break;
    case 'e':
        read_error(data + 1, size - 1);
        break;
    case 'p':
    case 'c':
        read_profile(text, size - 1, *data == 'c');
        break;
    default:
        read_texts(text);
    }
    free(text);
    return 0;
}
