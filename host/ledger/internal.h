/*
 * ledger/internal.h: what the files of this room share to read rows; nobody
 * else includes it.
 */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H

#include <stdlib.h>

#include "ledger/ledger.h"
#include "ledger/store.h"
#include "util/mem.h"

struct ledger {
    char *folder; /* absolute, no symbolic links */
    struct store store;
};

static inline const char *
ledger_text_at(const struct query *query, struct arena *arena, int column)
{
    const unsigned char *text = sqlite3_column_text(query->statement, column);

    return text != NULL ? arena_strdup(arena, (const char *)text) : NULL;
}

static inline int64_t
ledger_int_at(const struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

/* Room for one item more, doubling. */
static inline void *
ledger_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    return mem_regrow(items, *capacity, size);
}

static inline void *
ledger_keep(struct arena *arena, const void *items, size_t count, size_t size)
{
    void *kept = arena_array(arena, count, size);

    if (count > 0)
        memcpy(kept, items, count * size);
    return kept;
}

#endif
