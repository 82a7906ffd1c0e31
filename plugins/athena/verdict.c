#include "verdict.h"

#include "aws/json.h"

enum { SYSTEM = 1, USER = 2 };

/* One line of it, without control characters. */
static void
copy_reason(struct verdict *verdict, const char *text)
{
    snprintf(verdict->reason, sizeof(verdict->reason), "%s",
             text != NULL && *text != '\0' ? text : "Athena does not say why");
    for (char *c = verdict->reason; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
}

void
verdict_read(struct verdict *verdict, const json_t *execution)
{
    const json_t *status = json_object_get(execution, "Status");
    const json_t *error = json_object_get(status, "AthenaError");
    const char *state = aws_json_text(status, "State");
    const char *reason = aws_json_text(status, "StateChangeReason");

    if (reason == NULL)
        reason = aws_json_text(error, "ErrorMessage");
    copy_reason(verdict, reason);
    verdict->cancelled = state != NULL && strcmp(state, "CANCELLED") == 0;
    verdict->over_limit =
        strstr(verdict->reason, "Bytes scanned limit") != NULL;
    verdict->category =
        (int)json_integer_value(json_object_get(error, "ErrorCategory"));
    verdict->retryable = !verdict->cancelled &&
                         (json_is_true(json_object_get(error, "Retryable")) ||
                          verdict->category == SYSTEM);
}

static enum fb_code
code_of(const struct verdict *verdict)
{
    static const char *const denied[] = {
        "Access Denied", "AccessDenied", "not authorized",
        "Insufficient permissions", "Insufficient Lake Formation"};

    if (verdict->over_limit)
        return FB_E_LIMIT;
    if (verdict->retryable)
        return FB_E_UNAVAILABLE;
    for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
        if (strstr(verdict->reason, denied[i]) != NULL)
            return FB_E_PERMISSION;
    if (strncmp(verdict->reason, "HIVE_BAD_DATA", 13) == 0 ||
        strncmp(verdict->reason, "INVALID_CAST_ARGUMENT", 21) == 0)
        return FB_E_INPUT;
    return verdict->category == USER ? FB_E_CONFIG : FB_E_FAILED;
}

int
verdict_tell(const struct verdict *verdict, const char *id, const char *step,
             struct fb_error *err)
{
    fb_fail(err, code_of(verdict), "cannot query: '%s' (query '%s') %s: %s",
            step, id, verdict->cancelled ? "was cancelled" : "failed",
            verdict->reason);
    if (err->code == FB_E_PERMISSION)
        return fb_hint(err, "Athena reads with our rights: allow s3:GetObject "
                            "and s3:ListBucket on the table's folder, "
                            "s3:PutObject on that of results, glue:GetTable "
                            "and glue:GetPartitions on the table");
    if (err->code == FB_E_LIMIT)
        return fb_hint(err, "the workgroup's limit of bytes scanned was "
                            "reached: ask for less, or raise it");
    if (err->code == FB_E_INPUT)
        return fb_hint(err, "a cell is not of its column's type: let the "
                            "pipeline that wrote it validate it first");
    return -1;
}
