/*
 * body.c: see body.h.  Names of files and columns come from strangers: they
 * go only where the receiver reads no markup (Slack's preformatted rich text,
 * the text runs of a card), so that none of them can be a link or call a
 * channel.
 */
#define _GNU_SOURCE /* strchrnul */
#include "body.h"

#include "shared/document.h"
#include "shared/message.h"

#include <jansson.h>
#include <stdlib.h>

#define JSON_MAX ((size_t)1 << 20) /* bytes */
/* https://docs.slack.dev/reference/block-kit/composition-objects/text-object:
 * 3000 characters a text; all blocks together are refused near 13,000. */
#define SLACK_SUBJECT_MAX 1000
#define SLACK_TEXT_MAX 8000
/* https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/
 * how-to/connectors-using: 28 KB, the whole message. */
#define TEAMS_MAX ((size_t)28 * 1000)
#define TEAMS_TEXT_MAX 12000
#define TEAMS_LINES_MAX 60 /* the others stand together in one more */

static const char *
dump(struct fb_step *step, json_t *root)
{
    const char *text = document_text(step, root);

    json_decref(root);
    return text;
}

/* The line for lists and lock screens is read as markup: <!channel> would
 * call everybody. */
static const char *
slack_escape(struct fb_step *step, const char *text)
{
    char *escaped = fb_alloc(step, 5 * strlen(text) + 1);
    char *to = escaped;

    for (; *text != '\0'; text++) {
        const char *as = *text == '&'   ? "&amp;"
                         : *text == '<' ? "&lt;"
                         : *text == '>' ? "&gt;"
                                        : NULL;
        if (as == NULL)
            *to++ = *text;
        else
            to = stpcpy(to, as);
    }
    *to = '\0';
    return escaped;
}

static const char *
make_slack(struct fb_step *step, const struct fb_report *report)
{
    const char *subject =
        message_subject(step, report, NULL, SLACK_SUBJECT_MAX);
    const char *text = message_text(step, report, SLACK_TEXT_MAX);

    return dump(step,
                json_pack("{s:s, s:[{s:s, s:{s:s, s:s, s:b}},"
                          "         {s:s, s:[{s:s, s:[{s:s, s:s}]}]}]}",
                          "text", slack_escape(step, subject), "blocks", "type",
                          "section", "text", "type", "plain_text", "text",
                          subject, "emoji", 0, "type", "rich_text", "elements",
                          "type", "rich_text_preformatted", "elements", "type",
                          "text", "text", text));
}

/* One line of a card.  A TextBlock would read Markdown; a run does not. */
static json_t *
teams_line(const char *text, size_t size, bool is_title)
{
    return json_pack("{s:s, s:s, s:[{s:s, s:s%, s:s, s:s}]}", "type",
                     "RichTextBlock", "spacing", "none", "inlines", "type",
                     "TextRun", "text", text, size, "fontType",
                     is_title ? "default" : "monospace", "weight",
                     is_title ? "bolder" : "default");
}

static const char *
make_card(struct fb_step *step, const struct fb_report *report, size_t max)
{
    const char *subject = message_subject(step, report, NULL, 1000);
    const char *text = message_text(step, report, max);
    json_t *lines = json_array();
    const char *end;

    json_array_append_new(lines, teams_line(subject, strlen(subject), true));
    for (size_t i = 0; i < TEAMS_LINES_MAX && *text != '\0'; i++) {
        end = strchrnul(text, '\n');
        if (end > text)
            json_array_append_new(
                lines, teams_line(text, (size_t)(end - text), false));
        text = *end == '\0' ? end : end + 1;
    }
    if (*text != '\0') {
        text = message_line(step, text, max);
        json_array_append_new(lines, teams_line(text, strlen(text), false));
    }
    return dump(
        step,
        json_pack("{s:s, s:[{s:s, s:n, s:{s:s, s:s, s:s, s:{s:s}, s:o}}]}",
                  "type", "message", "attachments", "contentType",
                  "application/vnd.microsoft.card.adaptive", "contentUrl",
                  "content", "$schema",
                  "http://adaptivecards.io/schemas/adaptive-card.json", "type",
                  "AdaptiveCard", "version", "1.4", "msteams", "width", "Full",
                  "body", lines));
}

/* How much the quoting adds depends on the text: try, and cut more. */
static int
make_teams(struct fb_step *step, const struct fb_report *report,
           const char **body, struct fb_error *err)
{
    for (size_t max = TEAMS_TEXT_MAX; max >= MESSAGE_MIN; max /= 2) {
        *body = make_card(step, report, max);
        if (strlen(*body) <= TEAMS_MAX)
            return 0;
    }
    return fb_fail(err, FB_E_LIMIT,
                   "cannot make the report small enough for Teams");
}

int
body_make(struct fb_step *step, const struct fb_report *report,
          enum body_kind kind, const char **body, struct fb_error *err)
{
    switch (kind) {
    case BODY_SLACK:
        *body = make_slack(step, report);
        return 0;
    case BODY_TEAMS:
        return make_teams(step, report, body, err);
    case BODY_JSON:
        break;
    }
    return document_make(step, report, JSON_MAX, body, err);
}
