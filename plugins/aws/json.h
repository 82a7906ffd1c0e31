/*
 * aws/json.h: the AWS JSON protocol on top of jansson: a bounded parser, and
 * texts out of a tree.
 */
#ifndef AWS_JSON_H
#define AWS_JSON_H

#include "forebay/plugin.h"

#include <jansson.h>

/* Parse a document whose top is an object; duplicate keys are refused.
 * FB_E_FAILED; the error never quotes the document, which may hold secrets.
 * Release with json_decref. */
int aws_json_parse(const unsigned char *bytes, size_t size, json_t **json,
                   struct fb_error *err) FB_MUST_CHECK;

/* The text at a path of keys, "Status.State"; NULL when there is none or it
 * is no string.  Lives as long as the tree. */
const char *aws_json_text(const json_t *json, const char *path);

/* Make a request of the AWS JSON protocol: POST / with X-Amz-Target
 * "AmazonSQS.ReceiveMessage" and this text as body; version "1.0" or "1.1".
 * The texts must live until the call is over. */
struct aws_request;
void aws_json_request(struct aws_request *request, const char *target,
                      const char *version, const char *text);

#endif
