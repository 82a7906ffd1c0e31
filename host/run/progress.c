/*
 * run/progress.c: drawing with a carriage return and erase-to-end-of-line.
 */
#include "run/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/clock.h"
#include "util/text.h"

#define REDRAW_MS 100

void
progress_begin(struct progress *progress, const char *name,
               uint64_t total_bytes)
{
    *progress = (struct progress){
        .name = name,
        .total_bytes = total_bytes,
        .started_ms = clock_monotonic_ms(),
        .shown_ms = clock_monotonic_ms(),
        .enabled = isatty(STDERR_FILENO) != 0,
    };
}

static void
print_left(uint64_t total, uint64_t bytes, double rate)
{
    if (total > bytes && rate > 0)
        fprintf(stderr, "  %.0f s left", (double)(total - bytes) / rate);
}

void
progress_update(void *arg, uint64_t bytes, uint64_t rows)
{
    struct progress *progress = arg;
    int64_t now = clock_monotonic_ms();
    double seconds = (double)(now - progress->started_ms) / 1000.0;
    double rate = seconds > 0 ? (double)bytes / seconds : 0;
    struct arena *arena;

    if (!progress->enabled || now - progress->shown_ms < REDRAW_MS)
        return;
    progress->shown_ms = now;
    progress->shown = true;
    arena = arena_new();
    fprintf(stderr, "\r%s  %s  %s rows  %s/s", progress->name,
            text_bytes(arena, bytes), text_grouped(arena, rows),
            text_bytes(arena, (uint64_t)rate));
    print_left(progress->total_bytes, bytes, rate);
    fprintf(stderr, "\x1b[K");
    arena_free(arena);
}

void
progress_end(struct progress *progress)
{
    if (progress->shown)
        fprintf(stderr, "\r\x1b[K");
}
