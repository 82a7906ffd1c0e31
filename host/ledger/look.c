/*
 * ledger/look.c: lists for those who look.
 */
#include "ledger/look.h"

#include <assert.h>
#include <sys/stat.h>

#include "ledger/internal.h"
#include "ledger/statement.h"
#include "util/limits.h"

/* A list that grows row by row; `add` fills the item of the row. */
struct list {
    void *items; /* freed by read_list, or kept in the arena */
    size_t count, capacity, size;
    void (*add)(const struct query *query, struct arena *arena, void *item);
};

static int
read_list(struct query *query, struct arena *arena, struct list *list,
          struct fb_error *err)
{
    void *items = NULL;
    bool row = false;
    int status;

    while ((status = query_row(query, &row, err)) == 0 && row &&
           list->count < LEDGER_LIST_MAX) {
        items = ledger_grow(items, list->count, &list->capacity, list->size);
        list->add(query, arena,
                  (unsigned char *)items + list->count * list->size);
        list->count++;
    }
    if (status != 0)
        list->count = 0;
    list->items = ledger_keep(arena, items, list->count, list->size);
    free(items);
    return status;
}

static int
read_only_one(const struct ledger *ledger, struct query *query,
              struct arena *arena, const char *beginning, const char **run_id,
              struct fb_error *err)
{
    bool row;

    if (query_row(query, &row, err) != 0)
        return -1;
    if (!row)
        return fb_fail(err, FB_E_USAGE, "there is no run '%s' in '%s'",
                       beginning, ledger->folder);
    *run_id = ledger_text_at(query, arena, 0);
    if (strcmp(*run_id, beginning) == 0)
        return 0;
    if (query_row(query, &row, err) != 0)
        return -1;
    if (!row)
        return 0;
    fb_fail(err, FB_E_USAGE, "several runs begin with '%s'", beginning);
    return fb_hint(err, "more of its letters tell which");
}

int
ledger_find_short(struct ledger *ledger, struct arena *arena,
                  const char *beginning, const char **run_id,
                  struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_FIND_SHORT);

    query_text(&query, beginning);
    *run_id = NULL;
    return read_only_one(ledger, &query, arena, beginning, run_id, err);
}

static void
add_output(const struct query *query, struct arena *arena, void *item)
{
    *(struct ledger_object *)item = (struct ledger_object){
        .step = ledger_text_at(query, arena, 0),
        .uri = ledger_text_at(query, arena, 1),
        .generation = ledger_text_at(query, arena, 2),
        .rows = (uint64_t)ledger_int_at(query, 3),
        .bytes = (uint64_t)ledger_int_at(query, 4),
    };
}

int
ledger_outputs(struct ledger *ledger, struct arena *arena, const char *run_id,
               struct ledger_object **outputs, size_t *count,
               struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_OUTPUTS);
    struct list list = {.size = sizeof(**outputs), .add = add_output};
    int status;

    query_text(&query, run_id);
    status = read_list(&query, arena, &list, err);
    *outputs = list.items;
    *count = list.count;
    return status;
}

static void
add_delivery(const struct query *query, struct arena *arena, void *item)
{
    *(struct ledger_delivery *)item = (struct ledger_delivery){
        .notifier = ledger_text_at(query, arena, 0),
        .state = (enum delivery_state)ledger_int_at(query, 1),
        .attempts = ledger_int_at(query, 2),
        .why = ledger_text_at(query, arena, 3),
    };
}

int
ledger_deliveries(struct ledger *ledger, struct arena *arena,
                  const char *run_id, struct ledger_delivery **deliveries,
                  size_t *count, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_DELIVERIES);
    struct list list = {.size = sizeof(**deliveries), .add = add_delivery};
    int status;

    query_text(&query, run_id);
    query_int(&query, LEDGER_LIST_MAX);
    status = read_list(&query, arena, &list, err);
    *deliveries = list.items;
    *count = list.count;
    return status;
}

static void
add_tally(const struct query *query, struct arena *arena, void *item)
{
    *(struct ledger_tally *)item = (struct ledger_tally){
        .pipeline = ledger_text_at(query, arena, 0),
        .state = (enum run_state)ledger_int_at(query, 1),
        .count = ledger_int_at(query, 2),
    };
}

static int
tally(struct ledger *ledger, enum statement statement, struct arena *arena,
      struct ledger_tally **tallies, size_t *count, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, (int)statement);
    struct list list = {.size = sizeof(**tallies), .add = add_tally};
    int status = read_list(&query, arena, &list, err);

    *tallies = list.items;
    *count = list.count;
    return status;
}

int
ledger_tally(struct ledger *ledger, struct arena *arena,
             struct ledger_tally **tallies, size_t *count, struct fb_error *err)
{
    return tally(ledger, STATEMENT_TALLY, arena, tallies, count, err);
}

int
ledger_waiting(struct ledger *ledger, struct arena *arena,
               struct ledger_tally **tallies, size_t *count,
               struct fb_error *err)
{
    return tally(ledger, STATEMENT_WAITING, arena, tallies, count, err);
}

int
ledger_open_since(struct ledger *ledger, const char *pipeline,
                  int64_t *started_ms, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_OPEN_SINCE);
    bool row;

    *started_ms = 0;
    query_text(&query, pipeline);
    if (query_row(&query, &row, err) != 0)
        return -1;
    assert(row);
    *started_ms = ledger_int_at(&query, 0);
    return 0;
}

bool
ledger_is_current(const struct ledger *ledger)
{
    int moved = 0;

    return sqlite3_file_control(ledger->store.db, "main",
                                SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved == 0;
}
