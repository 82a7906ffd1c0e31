/*
 * sns.c: tells the subscribers of an Amazon SNS topic how a run ended.
 *
 * Every Publish that a standard topic takes is a delivery, and an answer can
 * be lost: so such a call is not repeated here, but the message stays in the
 * outbox, and may be delivered twice, under the same message_id.  A FIFO
 * topic drops the second within five minutes.
 */
#include "aws/client.h"
#include "aws/query.h"
#include "aws/settings.h"
#include "publication.h"
#include "topic.h"

#define VERSION "2010-03-31" /* of the API */
#define DEADLINE_MS 60000    /* all attempts at one call */

struct sns {
    struct aws_settings aws;
    int message; /* enum publication_kind */

    struct topic topic;
    struct aws_client *client;
};

static int
sns_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sns *sns = self;
    const char *uri = fb_uri(step);
    const char *wrong;

    if (uri == NULL)
        return fb_bad_option(step, err, "uri", 0,
                             "it must name the topic: "
                             "arn:aws:sns:REGION:ACCOUNT:NAME");
    wrong = topic_parse(&sns->topic, uri);
    if (wrong != NULL)
        return fb_bad_option(step, err, "uri", 0, "'%s': %s", uri, wrong);
    if (sns->aws.region != NULL && *sns->aws.region != '\0' &&
        strcmp(sns->aws.region, sns->topic.region) != 0)
        return fb_bad_option(step, err, "region", 0,
                             "the topic lies in '%s': leave the option out",
                             sns->topic.region);
    return aws_settings_check(&sns->aws, step, err);
}

static int
sns_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sns *sns = self;
    struct aws_settings settings = sns->aws;

    settings.region = sns->topic.region;
    return aws_client_new(&settings, "sns", step, &sns->client, err);
}

static void
sns_close(void *self, struct fb_step *step)
{
    struct sns *sns = self;

    (void)step;
    aws_client_free(sns->client);
    sns->client = NULL;
}

/* What the codes of SNS mean, beyond what all services have in common.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
 */
static int
explain(const struct aws_response *response, struct fb_error *err)
{
    const char *code = response->code;

    if (strncmp(code, "NotFound", strlen("NotFound")) == 0)
        return fb_hint(err, "there is no such topic: look at the account, the "
                            "region and the name");
    if (strncmp(code, "KMSAccessDenied", strlen("KMSAccessDenied")) == 0)
        return fb_hint(err, "the topic is encrypted: allow "
                            "kms:GenerateDataKey and kms:Decrypt on its key, "
                            "in the role and in the key's policy");
    if (strncmp(code, "KMS", strlen("KMS")) == 0 &&
        err->code != FB_E_UNAVAILABLE)
        return fb_hint(err, "the topic's key is disabled, deleted or in "
                            "another account");
    if (response->maybe_done)
        return fb_hint(err, "it may have been delivered all the same; it is "
                            "sent again, with the same message_id");
    return -1;
}

/* Send a form, released with everything else. */
static int
call(struct sns *sns, struct aws_request *request, struct aws_buf *body,
     struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status;

    request->subject = sns->topic.arn;
    request->deadline_ms = DEADLINE_MS;
    request->expect[0] = 200;
    status = aws_call(sns->client, request, &response, err);
    if (status != 0)
        status = explain(&response, err);
    aws_response_release(&response);
    aws_request_release(request);
    aws_buf_release(body);
    return status;
}

static int
sns_notify(void *self, struct fb_step *step, const struct fb_report *report,
           struct fb_error *err)
{
    struct sns *sns = self;
    struct aws_fields form = {.count = 0};
    struct aws_request request;
    struct aws_buf body;
    int status;

    status = publication_make(step, report, &sns->topic,
                              (enum publication_kind)sns->message, &form, err);
    if (status == 0)
        status =
            aws_query_request(&request, &body, "Publish", VERSION, &form, err);
    aws_fields_release(&form);
    if (status != 0)
        return -1;
    request.idempotent = sns->topic.is_fifo;
    request.xml_root = "PublishResponse";
    request.xml_needs = "PublishResult/MessageId";
    request.action = "sns:Publish";
    return call(sns, &request, &body, err);
}

/* What a refused look at the topic tells: who we are is known to SNS, and
 * that is all that could be tried without publishing. */
static bool
is_known_but_not_allowed(const struct aws_response *response)
{
    return strncmp(response->code, "AuthorizationError",
                   strlen("AuthorizationError")) == 0 ||
           strncmp(response->code, "AccessDenied", strlen("AccessDenied")) == 0;
}

static int
look(struct sns *sns, struct aws_request *request, struct fb_step *step,
     struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status;

    request->idempotent = true;
    request->subject = sns->topic.arn;
    request->deadline_ms = DEADLINE_MS;
    request->expect[0] = 200;
    request->action = "sns:GetTopicAttributes";
    status = aws_call(sns->client, request, &response, err);
    if (status == 0) {
        fb_log(step, FB_INFO,
               "%s: the topic is there; whether sns:Publish is "
               "allowed was not tried: that would be a message",
               sns->topic.arn);
    } else if (is_known_but_not_allowed(&response)) {
        *err = (struct fb_error){.code = FB_E_NONE};
        status = 0;
        fb_log(step, FB_INFO,
               "%s: SNS answers and takes our credentials; whether the topic "
               "is there (sns:GetTopicAttributes) and sns:Publish is allowed "
               "was not tried",
               sns->topic.arn);
    } else {
        status = explain(&response, err);
    }
    aws_response_release(&response);
    return status;
}

static int
sns_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct sns *sns = self;
    struct aws_fields form = {.count = 0};
    struct aws_request request;
    struct aws_buf body;
    int status;

    if (sns_open(self, step, err) != 0)
        return -1;
    aws_fields_add(&form, "TopicArn", sns->topic.arn);
    status = aws_query_request(&request, &body, "GetTopicAttributes", VERSION,
                               &form, err);
    aws_fields_release(&form);
    if (status == 0) {
        status = look(sns, &request, step, err);
        aws_request_release(&request);
        aws_buf_release(&body);
    }
    sns_close(self, step);
    return status;
}

static const char *const sns_schemes[] = {"arn:*:sns", NULL};
static const char *const kinds[] = {"text", "json", NULL};

static const struct fb_option sns_options[] = {
    {.name = "message",
     FB_ENUM(struct sns, message),
     .choices = kinds,
     .def = "text",
     .help = "What is published: text for everybody, or text for people and "
             "the report as JSON for sqs, lambda, http, https and firehose."},
    AWS_OPTIONS(struct sns, aws),
    {.name = NULL},
};

static const struct fb_plugin sns_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_NOTIFIER,
    .name = "sns",
    .summary = "Tells the subscribers of an Amazon SNS topic how a run ended.",
    .schemes = sns_schemes,
    .options = sns_options,
    .instance_size = sizeof(struct sns),
    .check = sns_check,
    .open = sns_open,
    .close = sns_close,
    .notify = sns_notify,
    .probe = sns_probe,
};

FB_PROVIDES("notifier sns arn:*:sns");
FB_PLUGINS(&sns_plugin);
