#include "generation.h"

void
generation_of(const struct stat *st, char text[GENERATION_SIZE])
{
    snprintf(text, GENERATION_SIZE, "%lld.%09ld-%lld",
             (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
             (long long)st->st_size);
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
        .modified_ms =
            (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000,
    };
}
