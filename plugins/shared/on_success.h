/*
 * shared/on_success.h: the options of a trigger that say what becomes of its
 * object once the run is done and on record, and what they have to do with
 * each other.  Doing it is the plugin's: how safely that can be done differs.
 *
 * Put a struct on_success into the instance and ON_SUCCESS_OPTIONS into the
 * table; on_success_check belongs into check, on_success_bind into bind.
 */
#ifndef SHARED_ON_SUCCESS_H
#define SHARED_ON_SUCCESS_H

#include "forebay/plugin.h"

enum { ON_SUCCESS_KEEP = 1, ON_SUCCESS_DELETE, ON_SUCCESS_MOVE };

struct on_success {
    int what;
    const char *move_to; /* NULL: not given */
};

extern const char *const on_success_choices[];

/* What is an object here ("file"), and how the folder is named. */
#define ON_SUCCESS_OPTIONS(struct_, field_, object_, folder_)            \
    {.name = "on_success",                                               \
     FB_ENUM(struct_, field_.what),                                      \
     .def = "keep",                                                      \
     .choices = on_success_choices,                                      \
     .help = "What becomes of a trigger's " object_ " when its run has " \
             "succeeded."},                                              \
    {                                                                    \
        .name = "move_to", FB_URI(struct_, field_.move_to),              \
        .help = "The folder" folder_ "."                                 \
    }

/* FB_E_CONFIG when one of the options lacks the other; `folder` says more
 * about the one to move to, "" nothing. */
int on_success_check(const struct on_success *options, struct fb_step *step,
                     const char *folder, struct fb_error *err) FB_MUST_CHECK;

/* The trigger watches the folder it moves to: that would go on for ever. */
int on_success_watched(const struct on_success *options, struct fb_step *step,
                       struct fb_error *err);

/* Sources are bound, triggers are not: a source only reads. */
int on_success_bind(const struct on_success *options, struct fb_step *step,
                    struct fb_error *err) FB_MUST_CHECK;

/* What is moved to where its name is taken: "orders.csv" becomes
 * "orders.RUNID.csv".  Lives as long as the step. */
const char *on_success_name(struct fb_step *step, const char *name);

#endif
