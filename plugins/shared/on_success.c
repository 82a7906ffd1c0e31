/*
 * shared/on_success.c: see on_success.h.
 */
#include "shared/on_success.h"

const char *const on_success_choices[] = {"keep", "delete", "move", NULL};

int
on_success_check(const struct on_success *options, struct fb_step *step,
                 const char *folder, struct fb_error *err)
{
    if ((options->what == ON_SUCCESS_MOVE) == (options->move_to != NULL))
        return 0;
    if (options->move_to != NULL)
        return fb_bad_option(step, err, "move_to", 0,
                             "'move_to' needs 'on_success: move'");
    return fb_bad_option(step, err, "on_success", 0,
                         "'on_success: move' needs 'move_to', the folder to "
                         "move to%s",
                         folder);
}

int
on_success_watched(const struct on_success *options, struct fb_step *step,
                   struct fb_error *err)
{
    return fb_bad_option(step, err, "move_to", 0,
                         "'%s' is watched itself: what is moved there would "
                         "be found again",
                         options->move_to);
}

int
on_success_bind(const struct on_success *options, struct fb_step *step,
                struct fb_error *err)
{
    if (options->what == ON_SUCCESS_KEEP)
        return 0;
    return fb_bad_option(step, err, "on_success", 0,
                         "'on_success' belongs to the trigger: a source only "
                         "reads");
}

const char *
on_success_name(struct fb_step *step, const char *name)
{
    const char *dot = strrchr(name, '.'), *run = fb_run_id(step);
    size_t size = strlen(name) + strlen(run) + 2;
    char *text = fb_alloc(step, size);

    if (dot == NULL || dot == name)
        dot = name + strlen(name);
    snprintf(text, size, "%.*s.%s%s", (int)(dot - name), name, run, dot);
    return text;
}
