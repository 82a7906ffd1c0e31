/*
 * aws/world.c: see world.h.
 */
#include "aws/world.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <time.h>

#define SLICE_MS 100 /* how often a pause asks whether it is cancelled */

static int64_t
read_clock(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
now_ms(void *arg)
{
    (void)arg;
    return read_clock(CLOCK_REALTIME);
}

static int64_t
monotonic_ms(void *arg)
{
    (void)arg;
    return read_clock(CLOCK_MONOTONIC);
}

static void
pause_ms(void *arg, int64_t ms, struct fb_step *step)
{
    int64_t end = monotonic_ms(arg) + ms;

    while (!aws_cancelled(step)) {
        int64_t left = end - monotonic_ms(arg);
        struct timespec slice;

        if (left <= 0)
            return;
        if (left > SLICE_MS)
            left = SLICE_MS;
        slice = (struct timespec){.tv_nsec = left * 1000000};
        nanosleep(&slice, NULL);
    }
}

/* Hosts that were started by the same timer must not draw the same numbers,
 * so no seed of the time. */
static double
random_fraction(void *arg)
{
    uint32_t number = 0;

    (void)arg;
    if (RAND_bytes((unsigned char *)&number, sizeof(number)) != 1)
        return 0.5;
    return number / 4294967296.0;
}

const struct aws_world aws_world = {
    .now_ms = now_ms,
    .monotonic_ms = monotonic_ms,
    .pause = pause_ms,
    .random = random_fraction,
};

bool
aws_cancelled(struct fb_step *step)
{
    return step != NULL && fb_cancelled(step);
}

void
aws_log(struct fb_step *step, enum fb_level level, const char *format, ...)
{
    char text[FB_MESSAGE_MAX];
    va_list args;

    if (step == NULL)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    fb_log(step, level, "%s", text);
}

const char *
aws_env(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || *value == '\0' ? NULL : value;
}
