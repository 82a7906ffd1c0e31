/*
 * run/keeper.c: a step of the trigger's plugin, told every few seconds.
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
    int64_t told_ms; /* monotonic */
};

static void
warn(const struct keeper *keeper, const struct fb_error *err)
{
    log_event(FB_WARN, "trigger-not-renewed",
              (const char *[]){"trigger", keeper->object->uri, NULL}, "%s",
              err->message);
}

static void
tell(struct keeper *keeper)
{
    struct fb_error err = FB_ERROR_INIT;

    if (step_renew(keeper->step, keeper->object, &err) != 0)
        warn(keeper, &err);
    keeper->told_ms = clock_monotonic_ms();
}

struct keeper *
keeper_new(const struct trigger_config *trigger,
           const struct step_context *context, const struct fb_object *object)
{
    struct fb_error err = FB_ERROR_INIT;
    struct keeper *keeper;
    struct place place;

    if (trigger->plugin == NULL || trigger->plugin->renew == NULL ||
        object->token == NULL)
        return NULL;
    keeper = mem_zalloc(sizeof(*keeper));
    keeper->step = step_new_trigger(trigger, context);
    keeper->object = object;
    if (step_check(keeper->step, &place, &err) == 0) {
        tell(keeper);
        return keeper;
    }
    warn(keeper, &err);
    keeper_free(keeper);
    return NULL;
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
keeper_update(struct keeper *keeper)
{
    if (keeper != NULL && clock_monotonic_ms() - keeper->told_ms >= PERIOD_MS)
        tell(keeper);
}
