/*
 * aws/error_read.c: takes an error answer apart (aws_error_read of error.h).
 * Only code, message, condition, region and request ids are looked at: the
 * rest of an answer may repeat tokens and strings that were signed.
 */
#include "aws/error.h"

#include "aws/json.h"
#include "aws/region.h"
#include "aws/xml.h"

#define BODY_SHOWN 160 /* bytes of a body that is no error document */

static void
copy(char *out, size_t room, const char *text)
{
    if (text != NULL && *text != '\0')
        snprintf(out, room, "%s", text);
}

/* Codes and ids are words; whatever else stands there is no code, and has no
 * business in a message. */
static void
copy_word(char *out, size_t room, const char *text)
{
    size_t size = 0;

    if (text == NULL || *text == '\0')
        return;
    while (size + 1 < room &&
           ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
            (*text >= '0' && *text <= '9') ||
            (*text != '\0' && strchr("._-/+", *text))))
        out[size++] = *text++;
    out[size] = '\0';
}

/* Blanks at both ends and control characters go. */
static void
copy_message(struct aws_response *response, const char *text)
{
    /* Such messages quote the signature's texts. */
    static const char *const quoted[] = {
        "The Canonical String", "The String-to-Sign",
        "Authorization=", "Credential=", "Authorization header"};
    char *out = response->message;
    size_t size = 0;

    if (text == NULL)
        return;
    while (*text != '\0' && (unsigned char)*text <= ' ')
        text++;
    for (; *text != '\0' && size + 1 < sizeof(response->message); text++)
        out[size++] = (unsigned char)*text < ' ' ? ' ' : *text;
    while (size > 0 && out[size - 1] == ' ')
        size--;
    out[size] = '\0';
    for (size_t i = 0; i < sizeof(quoted) / sizeof(quoted[0]); i++) {
        char *found = strstr(out, quoted[i]);

        if (found != NULL)
            *found = '\0';
    }
}

void
aws_error_read_ids(struct aws_response *response)
{
    const char *id = aws_response_header(response, "x-amz-request-id");
    const char *region = aws_response_header(response, "x-amz-bucket-region");

    if (id == NULL)
        id = aws_response_header(response, "x-amzn-requestid");
    copy_word(response->request_id, sizeof(response->request_id), id);
    copy(response->extended_id, sizeof(response->extended_id),
         aws_response_header(response, "x-amz-id-2"));
    if (region != NULL && aws_region_is_valid(region))
        copy(response->region, sizeof(response->region), region);
}

/* <Error>, or <ErrorResponse><Error>. */
static bool
read_xml_error(struct aws_response *response, const struct aws_xml_node *root)
{
    const struct aws_xml_node *error = root;
    const char *id, *region;

    if (strcmp(root->name, "Error") != 0)
        error = aws_xml_child(root, "Error");
    if (error == NULL)
        return false;
    copy_word(response->code, sizeof(response->code),
              aws_xml_text(error, "Code"));
    copy_message(response, aws_xml_text(error, "Message"));
    copy(response->condition, sizeof(response->condition),
         aws_xml_text(error, "Condition"));
    id = aws_xml_text(root, "RequestId");
    if (response->request_id[0] == '\0')
        copy_word(response->request_id, sizeof(response->request_id), id);
    region = aws_xml_text(error, "Region");
    if (response->region[0] == '\0' && region != NULL &&
        aws_region_is_valid(region))
        copy(response->region, sizeof(response->region), region);
    return response->code[0] != '\0';
}

/* Everything up to '#' is decoration, and from ':', which ends a word. */
static void
copy_type(struct aws_response *response, const char *type)
{
    const char *hash = type == NULL ? NULL : strrchr(type, '#');

    copy_word(response->code, sizeof(response->code),
              hash == NULL ? type : hash + 1);
}

static void
read_json_error(struct aws_response *response, const json_t *json)
{
    static const char *const keys[] = {"message", "Message", "errorMessage"};
    const char *type = aws_json_text(json, "__type");

    copy_type(response, type != NULL ? type : aws_json_text(json, "code"));
    for (size_t i = 0; i < 3 && response->message[0] == '\0'; i++)
        copy_message(response, aws_json_text(json, keys[i]));
}

static bool
looks_like(const struct aws_response *response, char first)
{
    const char *text = aws_buf_string(&response->body);

    text += strspn(text, " \t\r\n");
    return *text == first;
}

static bool
read_body(struct aws_response *response)
{
    struct fb_error ignored;
    struct aws_xml *xml;
    json_t *json;
    bool good = false;

    if (looks_like(response, '<') &&
        aws_xml_parse(response->body.bytes, response->body.len, &xml,
                      &ignored) == 0) {
        good = read_xml_error(response, aws_xml_root(xml));
        aws_xml_free(xml);
    } else if (looks_like(response, '{') &&
               aws_json_parse(response->body.bytes, response->body.len, &json,
                              &ignored) == 0) {
        read_json_error(response, json);
        json_decref(json);
        good = true;
    }
    return good;
}

void
aws_error_read(struct aws_response *response)
{
    const char *type = aws_response_header(response, "x-amzn-errortype");
    const char *legacy = aws_response_header(response, "x-amzn-query-error");
    char shown[BODY_SHOWN];

    response->code[0] = response->message[0] = response->condition[0] = '\0';
    aws_error_read_ids(response);
    if (!read_body(response) && response->body.len > 0) {
        snprintf(shown, sizeof(shown), "%s", aws_buf_string(&response->body));
        copy_message(response, shown);
    }
    if (type != NULL)
        copy_type(response, type);
    if (legacy != NULL)
        copy_word(response->code, sizeof(response->code), legacy);
}

bool
aws_error_in_success(struct aws_response *response)
{
    struct fb_error ignored;
    struct aws_xml *xml;
    bool is_error;

    if (response->xml != NULL) {
        is_error = strcmp(aws_xml_root(response->xml)->name, "Error") == 0;
    } else {
        if (!looks_like(response, '<') ||
            aws_xml_parse(response->body.bytes, response->body.len, &xml,
                          &ignored) != 0)
            return false;
        is_error = strcmp(aws_xml_root(xml)->name, "Error") == 0;
        aws_xml_free(xml);
    }
    if (is_error)
        aws_error_read(response);
    return is_error;
}
