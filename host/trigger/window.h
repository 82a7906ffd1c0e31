/*
 * trigger/window.h: business hours.  A window is open on certain days, at
 * certain hours of a time zone, except on holidays.
 */
#ifndef TRIGGER_WINDOW_H
#define TRIGGER_WINDOW_H

#include "config/pipeline.h"
#include "util/arena.h"

struct window;

/* Read what the pipeline wrote; problems are added with places and the result
 * is NULL.  A pipeline without a window gives one that is always open. */
struct window *window_new(struct arena *arena,
                          const struct window_config *config,
                          struct problems *problems);

struct window_state {
    bool open;
    int64_t changes_ms; /* when it next closes or opens; 0: never */
    const char *text;   /* "window closed until Mon 2025-05-12 09:00 JST" */
};

/* The text lives in the arena.  An end of 18:00 is exclusive; an end before
 * the begin reaches into the next day (22:00-02:00); 24:00 is midnight. */
int window_at(const struct window *window, struct arena *arena, int64_t now_ms,
              struct window_state *state, struct fb_error *err) FB_MUST_CHECK;

#endif
