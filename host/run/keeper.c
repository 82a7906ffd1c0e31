/*
 * run/keeper.c: one instance of the trigger's plugin for all of this, because
 * each may have to find out first whom it talks to.
 */
#include "run/keeper.h"

#include <stdlib.h>

#include "util/clock.h"
#include "util/error.h"
#include "util/log.h"
#include "util/mem.h"

#define PERIOD_MS 10000

struct keeper {
    struct step *step;
    const struct fb_object *object;
    bool checked; /* the step is */
    bool renews;
    int64_t told_ms; /* monotonic */
};

static int
check(struct keeper *keeper, struct fb_error *err)
{
    struct place place;

    if (!keeper->checked && step_check(keeper->step, &place, err) != 0)
        return -1;
    keeper->checked = true;
    return 0;
}

static void
tell(struct keeper *keeper)
{
    struct fb_error err = FB_ERROR_INIT;

    if (check(keeper, &err) != 0 ||
        step_renew(keeper->step, keeper->object, &err) != 0)
        log_event(FB_WARN, "trigger-not-renewed",
                  (const char *[]){"trigger", keeper->object->uri, NULL}, "%s",
                  err.message);
    keeper->told_ms = clock_monotonic_ms();
}

struct keeper *
keeper_new(const struct trigger_config *trigger,
           const struct step_context *context, const struct fb_object *object)
{
    struct keeper *keeper;

    if (trigger->plugin == NULL)
        return NULL;
    keeper = mem_zalloc(sizeof(*keeper));
    keeper->step = step_new_trigger(trigger, context);
    keeper->object = object;
    return keeper;
}

void
keeper_free(struct keeper *keeper)
{
    if (keeper == NULL)
        return;
    step_free(keeper->step);
    free(keeper);
}

void
keeper_begin(struct keeper *keeper)
{
    if (keeper == NULL || keeper->object->token == NULL ||
        step_plugin(keeper->step)->renew == NULL)
        return;
    keeper->renews = true;
    tell(keeper);
}

void
keeper_update(struct keeper *keeper)
{
    if (keeper != NULL && keeper->renews &&
        clock_monotonic_ms() - keeper->told_ms >= PERIOD_MS)
        tell(keeper);
}

int
keeper_settle(struct keeper *keeper, bool success, struct fb_error *err)
{
    if (check(keeper, err) != 0)
        return -1;
    return step_settle(keeper->step, keeper->object, success, err);
}
