#include "service.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/json.h"

#define DEADLINE_MS 60000 /* all attempts at one call */

const struct operation service_start = {"StartQueryExecution",
                                        "athena:StartQueryExecution"};
const struct operation service_look = {"GetQueryExecution",
                                       "athena:GetQueryExecution"};
const struct operation service_stop = {"StopQueryExecution",
                                       "athena:StopQueryExecution"};
const struct operation service_results = {"GetQueryResults",
                                          "athena:GetQueryResults"};
const struct operation service_workgroup = {"GetWorkGroup",
                                            "athena:GetWorkGroup"};

int
service_call(struct aws_client *client, const struct operation *operation,
             const char *subject, json_t *body, struct aws_response *response,
             struct fb_error *err)
{
    char target[64], *text;
    struct aws_request request;
    int status;

    assert(body != NULL);
    text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    assert(text != NULL);
    snprintf(target, sizeof(target), "AmazonAthena.%s", operation->name);
    aws_json_request(&request, target, "1.1", text);
    request.subject = subject;
    request.action = operation->action;
    request.idempotent = true;
    request.deadline_ms = DEADLINE_MS;
    status = aws_call(client, &request, response, err);
    aws_request_release(&request);
    free(text);
    if (status != 0 && err->code == FB_E_FAILED &&
        strcmp(response->code, "InvalidRequestException") == 0)
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
