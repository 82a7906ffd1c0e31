/*
 * ledger/prune.c: from the oldest run to the newest, a slice at a time.
 *
 * A row that became shorter leaves its page as empty as it is now, and nothing
 * else is ever put there.  So the file is written anew at the end.
 */
#include "ledger/prune.h"

#include "ledger/internal.h"
#include "ledger/statement.h"

#define SLICE 10000 /* runs of one transaction */

struct slice {
    const char *pipeline;
    int64_t before_ms;
    int64_t after, until; /* seq */
};

static int
prune_by(struct ledger *ledger, enum statement statement,
         const struct slice *slice, int64_t *changed, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, (int)statement);

    query_int(&query, slice->after);
    query_int(&query, slice->until);
    query_int(&query, slice->before_ms);
    query_text(&query, slice->pipeline);
    return query_run(&query, changed, err);
}

/* Whole runs first: they take along what belongs to them. */
static int
prune_slice(struct ledger *ledger, const struct slice *slice,
            struct ledger_pruned *pruned, struct fb_error *err)
{
    int64_t runs, reports;

    if (prune_by(ledger, STATEMENT_PRUNE_RUNS, slice, &runs, err) != 0 ||
        prune_by(ledger, STATEMENT_PRUNE_OUTPUTS, slice, NULL, err) != 0 ||
        prune_by(ledger, STATEMENT_PRUNE_REPORTS, slice, &reports, err) != 0 ||
        prune_by(ledger, STATEMENT_PRUNE_MESSAGES, slice, NULL, err) != 0)
        return -1;
    pruned->runs += runs;
    pruned->reports += reports;
    return 0;
}

static int
last_seq(struct ledger *ledger, int64_t *seq, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_LAST_SEQ);
    bool row;

    if (query_row(&query, &row, err) != 0)
        return -1;
    *seq = row ? ledger_int_at(&query, 0) : 0;
    return 0;
}

static int
prune_slices(struct ledger *ledger, struct slice *slice,
             struct ledger_pruned *pruned, struct fb_error *err)
{
    int64_t last;

    if (last_seq(ledger, &last, err) != 0)
        return -1;
    for (; slice->after < last; slice->after = slice->until) {
        slice->until = slice->after + SLICE;
        if (store_begin(&ledger->store, err) != 0)
            return -1;
        if (prune_slice(ledger, slice, pruned, err) != 0) {
            store_rollback(&ledger->store);
            return -1;
        }
        if (store_commit(&ledger->store, err) != 0)
            return -1;
    }
    return 0;
}

int
ledger_prune(struct ledger *ledger, const char *pipeline, int64_t before_ms,
             struct ledger_pruned *pruned, struct fb_error *err)
{
    struct slice slice = {.pipeline = pipeline, .before_ms = before_ms};

    *pruned = (struct ledger_pruned){.runs = 0};
    /* What a loss of power brings back is pruned another time. */
    if (store_lazy(&ledger->store, true, err) != 0 ||
        prune_slices(ledger, &slice, pruned, err) != 0)
        return -1;
    return pruned->reports + pruned->runs > 0
               ? store_compact(&ledger->store, err)
               : 0;
}
