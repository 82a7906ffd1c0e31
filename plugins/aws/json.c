/*
 * aws/json.c: see json.h.
 */
#include "aws/json.h"

#include "aws/request.h"

int
aws_json_parse(const unsigned char *bytes, size_t size, json_t **json,
               struct fb_error *err)
{
    json_error_t problem;
    json_t *parsed =
        json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &problem);

    /* jansson's own text quotes what it could not read. */
    if (parsed == NULL)
        return fb_fail(err, FB_E_FAILED,
                       "cannot read the JSON: error at line %d, column %d",
                       problem.line, problem.column);
    if (!json_is_object(parsed)) {
        json_decref(parsed);
        return fb_fail(err, FB_E_FAILED,
                       "cannot read the JSON: it is not an object");
    }
    *json = parsed;
    return 0;
}

const char *
aws_json_text(const json_t *json, const char *path)
{
    while (json != NULL && *path != '\0') {
        size_t size = strcspn(path, ".");
        char key[128];

        if (size >= sizeof(key))
            return NULL;
        memcpy(key, path, size);
        key[size] = '\0';
        json = json_object_get(json, key);
        path += size + (path[size] == '.');
    }
    return json_string_value(json);
}

void
aws_json_request(struct aws_request *request, const char *target,
                 const char *version, const char *text)
{
    aws_request_init(request, "POST");
    aws_fields_add(&request->headers, "x-amz-target", target);
    request->content_type = strcmp(version, "1.0") == 0
                                ? "application/x-amz-json-1.0"
                                : "application/x-amz-json-1.1";
    request->bytes = (const unsigned char *)text;
    request->size = strlen(text);
    request->answer = AWS_ANSWER_JSON;
    request->operation =
        strchr(target, '.') == NULL ? target : strchr(target, '.') + 1;
}
