#include "generation.h"

void
generation_of(const struct stat *st, char text[GENERATION_SIZE])
{
    snprintf(text, GENERATION_SIZE, "%lld.%09ld-%lld",
             (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
             (long long)st->st_size);
}

static int64_t
in_ms(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

/* When it came here: cp -p and rsync -t set an old mtime, never the ctime. */
static int64_t
arrival_ms(const struct stat *st)
{
    int64_t modified = in_ms(&st->st_mtim), changed = in_ms(&st->st_ctim);

    return modified > changed ? modified : changed;
}

void
generation_object(const char *uri, const struct stat *st,
                  char text[GENERATION_SIZE], struct fb_object *object)
{
    generation_of(st, text);
    *object = (struct fb_object){
        .uri = uri,
        .generation = text,
        .size = (uint64_t)st->st_size,
        .modified_ms = arrival_ms(st),
    };
}
