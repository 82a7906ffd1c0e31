/*
 * log.c: tells the operator's log how a run ended: one line that says it all,
 * and one for each of the first errors.  Where the log goes is the host's
 * business.
 */
#include <strings.h>

#include "forebay/plugin.h"

static int
log_check(void *self, struct fb_step *step, struct fb_error *err)
{
    const char *uri = fb_uri(step);

    (void)self;
    if (uri == NULL || strcasecmp(uri, "log:") == 0)
        return 0;
    fb_bad_option(step, err, "uri", 0,
                  "'%s' names something after 'log:', where nothing can stand",
                  uri);
    return fb_hint(err, "the log goes where --log-format and the service "
                        "manager send it");
}

static void
log_error(struct fb_step *step, enum fb_level level,
          const struct fb_report_error *error)
{
    if (error->line == 0)
        fb_log(step, level, "%s", error->message);
    else
        fb_log(step, level, "line %llu%s%s: %s",
               (unsigned long long)error->line,
               error->column != NULL ? ", column " : "",
               error->column != NULL ? error->column : "", error->message);
}

static int
log_notify(void *self, struct fb_step *step, const struct fb_report *report,
           struct fb_error *err)
{
    bool failed = strcmp(report->outcome, "failure") == 0;

    (void)self;
    (void)err;
    fb_log(step, failed ? FB_ERROR : FB_INFO, "%s", report->subject);
    for (size_t i = 0; i < report->error_count; i++)
        log_error(step, failed ? FB_ERROR : FB_WARN, &report->errors[i]);
    return 0;
}

static const char *const log_schemes[] = {"log", NULL};

static const struct fb_plugin log_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_NOTIFIER,
    .name = "log",
    .summary = "Tells the operator's log how a run ended.",
    .schemes = log_schemes,
    .check = log_check,
    .notify = log_notify,
};

FB_PROVIDES("notifier log log");
FB_PLUGINS(&log_plugin);
