#include "target.h"

#include "aws/encode.h"

void
target_set_run(struct target *target)
{
    struct fb_step *step = target->store->step;
    const char *id = fb_step_id(step);
    struct aws_buf text;

    /* Metadata is ASCII; what a step may be called is not. */
    aws_buf_init(&text, sizeof(target->run) - 1);
    aws_buf_format(&text, "%s-", fb_run_id(step));
    aws_percent_encode(&text, id, strlen(id), false);
    snprintf(target->run, sizeof(target->run), "%s", aws_buf_string(&text));
    aws_buf_release(&text);
    aws_fields_set(&target->headers, OBJECT_RUN_HEADER, target->run);
}

bool
target_is_ours(const struct target *target, const struct content *content,
               const struct object *object)
{
    if (strcmp(object->run, target->run) != 0 || object->size != content->size)
        return false;
    return target->checksum == 0 || object->checksum_kind != target->checksum ||
           strcmp(object->checksum, content->checksum) == 0;
}

int
target_refused(const struct target *target, const struct aws_response *response,
               struct fb_error *err)
{
    bool unknown = response->status == 501 ||
                   strcmp(response->code, "NotImplemented") == 0;

    if (err->code == FB_E_INPUT || err->code == FB_E_FAILED)
        err->code = FB_E_OUTPUT;
    if (target->checksum != 0 &&
        (unknown || (response->status == 400 &&
                     aws_client_is_custom(target->store->client))))
        fb_hint(err, "a store that knows no checksum headers needs 'checksum: "
                     "none'");
    return -1;
}
