/*
 * util/arena.c: a chain of chunks; an allocation that does not fit into a
 * chunk gets one of its own.
 */
#include "util/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/limits.h"
#include "util/mem.h"

#define ALIGN _Alignof(max_align_t)

struct chunk {
    struct chunk *next;
    size_t size, used; /* bytes of data */
    _Alignas(ALIGN) unsigned char data[];
};

struct arena {
    struct chunk *first; /* the one being filled */
    size_t used;
};

struct arena *
arena_new(void)
{
    return mem_zalloc(sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct chunk *c = arena->first, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    free(arena);
}

static struct chunk *
chunk_new(size_t size)
{
    struct chunk *c;

    assert(size < SIZE_MAX / 2);
    c = mem_alloc(sizeof(*c) + size);
    c->next = NULL;
    c->size = size;
    c->used = 0;
    return c;
}

/* A large block goes behind the current chunk, whose rest stays usable. */
static void *
alloc_large(struct arena *arena, size_t size)
{
    struct chunk *c = chunk_new(size);

    c->used = size;
    if (arena->first == NULL) {
        arena->first = c;
    } else {
        c->next = arena->first->next;
        arena->first->next = c;
    }
    return c->data;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    struct chunk *c = arena->first;
    void *p;

    assert(size < SIZE_MAX / 2);
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    arena->used += size;
    if (size > ARENA_CHUNK / 4)
        return alloc_large(arena, size);
    if (c == NULL || c->size - c->used < size) {
        c = chunk_new(ARENA_CHUNK);
        c->next = arena->first;
        arena->first = c;
    }
    p = c->data + c->used;
    c->used += size;
    return p;
}

void *
arena_zalloc(struct arena *arena, size_t size)
{
    return memset(arena_alloc(arena, size), 0, size);
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (mem_mul_overflows(count, size, &bytes))
        abort();
    return arena_zalloc(arena, bytes);
}

char *
arena_strdup(struct arena *arena, const char *text)
{
    return arena_dup_nul(arena, text, strlen(text));
}

char *
arena_dup_nul(struct arena *arena, const char *text, size_t length)
{
    char *copy;

    assert(length < SIZE_MAX / 2);
    copy = arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    int length;
    char *text;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(length >= 0);
    text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, args);
    return text;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

size_t
arena_used(const struct arena *arena)
{
    return arena->used;
}
