#include "service.h"

#include "aws/json.h"

#define DEADLINE_MS 60000 /* all attempts at one call */

const struct jsoncall service_start = {"AmazonAthena.StartQueryExecution",
                                       "athena:StartQueryExecution",
                                       DEADLINE_MS};
const struct jsoncall service_look = {"AmazonAthena.GetQueryExecution",
                                      "athena:GetQueryExecution", DEADLINE_MS};
const struct jsoncall service_stop = {"AmazonAthena.StopQueryExecution",
                                      "athena:StopQueryExecution", DEADLINE_MS};
const struct jsoncall service_results = {"AmazonAthena.GetQueryResults",
                                         "athena:GetQueryResults", DEADLINE_MS};
const struct jsoncall service_workgroup = {"AmazonAthena.GetWorkGroup",
                                           "athena:GetWorkGroup", DEADLINE_MS};

int
service_call(struct aws_client *client, const struct jsoncall *operation,
             const char *subject, json_t *body, struct aws_response *response,
             struct fb_error *err)
{
    int status = jsoncall_make(client, operation, subject, body, response, err);

    if (status != 0 && err->code == FB_E_FAILED &&
        jsoncall_refused(response, "InvalidRequestException"))
        err->code = FB_E_CONFIG;
    return status;
}

static int64_t
integer_of(const json_t *value)
{
    return json_is_number(value) ? (int64_t)json_number_value(value) : 0;
}

static void
read_workgroup(const json_t *json, struct workgroup *workgroup)
{
    const json_t *configuration =
        json_object_get(json_object_get(json, "WorkGroup"), "Configuration");
    const char *output =
        aws_json_text(configuration, "ResultConfiguration.OutputLocation");

    workgroup->known = json_is_object(configuration);
    workgroup->has_output = output != NULL && *output != '\0';
    workgroup->enforced = json_is_true(
        json_object_get(configuration, "EnforceWorkGroupConfiguration"));
    workgroup->managed = json_is_true(json_object_get(
        json_object_get(configuration, "ManagedQueryResultsConfiguration"),
        "Enabled"));
    workgroup->cutoff = integer_of(
        json_object_get(configuration, "BytesScannedCutoffPerQuery"));
}

static int
check_state(const json_t *json, const char *name, struct fb_error *err)
{
    const char *state = aws_json_text(json, "WorkGroup.State");

    if (state == NULL || strcmp(state, "DISABLED") != 0)
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "cannot query: the workgroup '%s' is switched off", name);
}

int
service_ask_workgroup(struct aws_client *client, const char *name, bool strict,
                      struct workgroup *workgroup, struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status =
        service_call(client, &service_workgroup, name,
                     json_pack("{s:s}", "WorkGroup", name), &response, err);

    *workgroup = (struct workgroup){.known = false};
    if (status == 0) {
        read_workgroup(response.json, workgroup);
        status = check_state(response.json, name, err);
    } else if (err->code == FB_E_PERMISSION && !strict) {
        *err = (struct fb_error){.code = FB_E_NONE};
        status = 0;
    }
    aws_response_release(&response);
    return status;
}
