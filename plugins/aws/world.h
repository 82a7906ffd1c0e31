/*
 * aws/world.h: what a test replaces: the clocks, the pause, the dice.
 */
#ifndef AWS_WORLD_H
#define AWS_WORLD_H

#include "forebay/plugin.h"

struct aws_world {
    int64_t (*now_ms)(void *arg);       /* wall clock, since the epoch */
    int64_t (*monotonic_ms)(void *arg); /* never goes back */
    /* Pause; step may be NULL.  Comes back early when the step is cancelled. */
    void (*pause)(void *arg, int64_t ms, struct fb_step *step);
    double (*random)(void *arg); /* 0 <= x < 1 */
    void *arg;
};

/* The real one. */
extern const struct aws_world aws_world;

/* Whether the step is cancelled; no step never is. */
bool aws_cancelled(struct fb_step *step);

/* fb_log, or nothing without a step. */
void FB_PRINTF(3, 4)
    aws_log(struct fb_step *step, enum fb_level level, const char *format, ...);

/* An environment variable; NULL when it is not set or empty. */
const char *aws_env(const char *name);

#endif
