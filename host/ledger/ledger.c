/*
 * ledger/ledger.c: runs, what they read and made, and what is still to be
 * told.  How the database is kept is store.c's business, where it lies
 * folder.c's.
 */
#include "ledger/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "ledger/folder.h"
#include "ledger/internal.h"
#include "ledger/statement.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

static_assert(STATEMENT_COUNT <= STORE_STATEMENTS_MAX, "room for all");
/* The SQL names them by number. */
static_assert(RUN_STARTED == 1 && RUN_DONE == 2 && RUN_FAILED == 3 &&
                  RUN_RETRY == 4 && RUN_MISTAKE == 5,
              "states are stored");

int
ledger_folder(struct arena *arena, const char *flag, const char **folder,
              struct fb_error *err)
{
    return folder_choose(arena, flag, folder, err);
}

int
ledger_open(const char *folder, struct ledger **ledger, struct fb_error *err)
{
    struct ledger *l = mem_zalloc(sizeof(*l));
    AUTO_FREE char *path = NULL;

    *ledger = NULL;
    if (folder_prepare(folder, &l->folder, err) != 0) {
        free(l);
        return -1;
    }
    path = mem_printf("%s/ledger.sqlite", l->folder);
    if (store_open(&l->store, path, statements, err) != 0) {
        free(l->folder);
        free(l);
        return -1;
    }
    *ledger = l;
    return 0;
}

int
ledger_open_reader(const char *folder, struct ledger **ledger,
                   struct fb_error *err)
{
    struct ledger *l = mem_zalloc(sizeof(*l));
    AUTO_FREE char *path = NULL;

    *ledger = NULL;
    l->folder = realpath(folder, NULL);
    if (l->folder == NULL) {
        int number = errno;

        free(l);
        fb_fail(err, error_code_of_errno(number, false),
                "cannot read the state folder '%s': %s", folder,
                strerror(number));
        return number == ENOENT ? fb_hint(err, "the first run makes it") : -1;
    }
    path = mem_printf("%s/ledger.sqlite", l->folder);
    if (store_open_reader(&l->store, path, statements, err) != 0) {
        free(l->folder);
        free(l);
        return -1;
    }
    *ledger = l;
    return 0;
}

void
ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    store_close(&ledger->store);
    free(ledger->folder);
    free(ledger);
}

int
ledger_lock(struct ledger *ledger, const char *pipeline, int *fd,
            struct fb_error *err)
{
    return folder_lock(ledger->folder, pipeline, fd, err);
}

const char *
ledger_temp_folder(const struct ledger *ledger, struct arena *arena,
                   const char *pipeline)
{
    AUTO_FREE char *path = folder_temp(ledger->folder, pipeline);

    return arena_strdup(arena, path);
}

const char *
run_state_name(enum run_state state)
{
    switch (state) {
    case RUN_NONE:
        return "none";
    case RUN_STARTED:
        return "started";
    case RUN_DONE:
        return "done";
    case RUN_FAILED:
        return "failed";
    case RUN_RETRY:
        return "retry";
    case RUN_MISTAKE:
        return "mistake";
    }
    assert(!"no such state");
    return "none";
}

/* The columns that FIND and HISTORY select. */
static struct ledger_run
read_run(const struct query *query, struct arena *arena)
{
    return (struct ledger_run){
        .run_id = ledger_text_at(query, arena, 0),
        .pipeline = ledger_text_at(query, arena, 1),
        .digest = ledger_text_at(query, arena, 2),
        .trigger = ledger_text_at(query, arena, 3),
        .generation = ledger_text_at(query, arena, 4),
        .state = (enum run_state)ledger_int_at(query, 5),
        .attempts = ledger_int_at(query, 6),
        .started_ms = ledger_int_at(query, 7),
        .ended_ms = ledger_int_at(query, 8),
        .summary = ledger_text_at(query, arena, 9),
        .report = ledger_text_at(query, arena, 10),
        .settled = ledger_int_at(query, 11) != 0,
        .seq = ledger_int_at(query, 12),
    };
}

int
ledger_find(struct ledger *ledger, struct arena *arena, const char *run_id,
            struct ledger_run *run, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_FIND);
    bool found;

    assert(run_id != NULL);
    *run = (struct ledger_run){.state = RUN_NONE};
    query_text(&query, run_id);
    if (query_row(&query, &found, err) != 0)
        return -1;
    if (found)
        *run = read_run(&query, arena);
    return 0;
}

int
ledger_begin(struct ledger *ledger, const struct ledger_run *run,
             struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_BEGIN);
    int64_t changed;

    assert(run->run_id != NULL && run->pipeline != NULL);
    if (store_lazy(&ledger->store, false, err) != 0)
        return -1;
    query_text(&query, run->run_id);
    query_text(&query, run->pipeline);
    query_text(&query, run->digest != NULL ? run->digest : "");
    query_text(&query, run->trigger);
    query_text(&query, run->generation);
    query_int(&query, run->started_ms);
    if (query_run(&query, &changed, err) != 0)
        return -1;
    if (changed != 1)
        return fb_fail(err, FB_E_BUG,
                       "cannot begin run '%s' of pipeline '%s': it is done",
                       run->run_id, run->pipeline);
    return 0;
}

static int
forget(struct ledger *ledger, enum statement statement, const char *run_id,
       struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, (int)statement);

    query_text(&query, run_id);
    return query_run(&query, NULL, err);
}

static int
add_object(struct ledger *ledger, enum statement statement, const char *run_id,
           const struct ledger_object *object, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, (int)statement);

    assert(object->step != NULL && object->uri != NULL);
    assert(object->rows <= INT64_MAX && object->bytes <= INT64_MAX);
    query_text(&query, run_id);
    query_text(&query, object->step);
    query_text(&query, object->uri);
    query_text(&query, object->generation);
    query_int(&query, (int64_t)object->rows);
    query_int(&query, (int64_t)object->bytes);
    return query_run(&query, NULL, err);
}

static int
add_message(struct ledger *ledger, const struct ledger_run *run,
            const struct ledger_message *message, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_ADD_MESSAGE);

    assert(message->notifier != NULL && message->payload != NULL);
    query_text(&query, run->run_id);
    query_text(&query, run->pipeline);
    query_text(&query, message->notifier);
    query_text(&query, message->uri != NULL ? message->uri : "");
    query_text(&query, message->config != NULL ? message->config : "");
    query_text(&query, message->payload);
    return query_run(&query, NULL, err);
}

int
ledger_note_put(struct ledger *ledger, const char *run_id, const char *step,
                const char *key, const char *text, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_PUT_NOTE);

    assert(run_id != NULL && step != NULL && key != NULL && text != NULL);
    if (store_lazy(&ledger->store, false, err) != 0)
        return -1;
    query_text(&query, run_id);
    query_text(&query, step);
    query_text(&query, key);
    query_text(&query, text);
    return query_run(&query, NULL, err);
}

int
ledger_note_get(struct ledger *ledger, struct arena *arena, const char *run_id,
                const char *step, const char *key, const char **text,
                struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_GET_NOTE);
    bool found;

    *text = NULL;
    query_text(&query, run_id);
    query_text(&query, step);
    query_text(&query, key);
    if (query_row(&query, &found, err) != 0)
        return -1;
    if (found)
        *text = ledger_text_at(&query, arena, 0);
    return 0;
}

static int
end_run(struct ledger *ledger, const struct ledger_run *run,
        struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_END);
    int64_t changed;

    query_int(&query, run->state);
    query_int(&query, run->ended_ms);
    query_text(&query, run->summary);
    query_text(&query, run->report);
    query_int(&query, run->settled ? 1 : 0);
    query_text(&query, run->run_id);
    if (query_run(&query, &changed, err) != 0)
        return -1;
    if (changed != 1)
        return fb_fail(err, FB_E_BUG,
                       "cannot end run '%s' of pipeline '%s': it was not "
                       "begun",
                       run->run_id, run->pipeline);
    return 0;
}

struct ending { /* what ledger_end is given */
    const struct ledger_run *run;
    const struct ledger_object *inputs, *outputs;
    const struct ledger_message *messages;
    size_t input_count, output_count, message_count;
};

static int
write_ending(struct ledger *ledger, const struct ending *e,
             struct fb_error *err)
{
    const char *id = e->run->run_id;

    if (end_run(ledger, e->run, err) != 0)
        return -1;
    if ((e->run->state == RUN_DONE || e->run->state == RUN_FAILED) &&
        forget(ledger, STATEMENT_FORGET_NOTES, id, err) != 0)
        return -1;
    /* An earlier attempt may have left its own. */
    if (forget(ledger, STATEMENT_FORGET_INPUTS, id, err) != 0 ||
        forget(ledger, STATEMENT_FORGET_OUTPUTS, id, err) != 0)
        return -1;
    for (size_t i = 0; i < e->input_count; i++) {
        if (add_object(ledger, STATEMENT_ADD_INPUT, id, &e->inputs[i], err))
            return -1;
    }
    for (size_t i = 0; i < e->output_count; i++) {
        if (add_object(ledger, STATEMENT_ADD_OUTPUT, id, &e->outputs[i], err))
            return -1;
    }
    for (size_t i = 0; i < e->message_count; i++) {
        if (add_message(ledger, e->run, &e->messages[i], err) != 0)
            return -1;
    }
    return 0;
}

int
ledger_end(struct ledger *ledger, const struct ledger_run *run,
           const struct ledger_object *inputs, size_t input_count,
           const struct ledger_object *outputs, size_t output_count,
           const struct ledger_message *messages, size_t message_count,
           struct fb_error *err)
{
    const struct ending ending = {.run = run,
                                  .inputs = inputs,
                                  .input_count = input_count,
                                  .outputs = outputs,
                                  .output_count = output_count,
                                  .messages = messages,
                                  .message_count = message_count};

    assert(run->state != RUN_NONE && run->state != RUN_STARTED);
    if (store_lazy(&ledger->store, false, err) != 0 ||
        store_begin(&ledger->store, err) != 0)
        return -1;
    if (write_ending(ledger, &ending, err) != 0) {
        store_rollback(&ledger->store);
        return -1;
    }
    return store_commit(&ledger->store, err);
}

int
ledger_settled(struct ledger *ledger, const char *run_id, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_SETTLED);
    int64_t changed;

    if (store_lazy(&ledger->store, true, err) != 0)
        return -1;
    query_text(&query, run_id);
    if (query_run(&query, &changed, err) != 0)
        return -1;
    if (changed != 1)
        return fb_fail(err, FB_E_BUG, "cannot settle run '%s': no such run",
                       run_id);
    return 0;
}

int
ledger_retry(struct ledger *ledger, const char *run_id, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_RETRY);
    int64_t changed;

    if (store_lazy(&ledger->store, false, err) != 0)
        return -1;
    query_text(&query, run_id);
    if (query_run(&query, &changed, err) != 0)
        return -1;
    if (changed != 1)
        return fb_fail(err, FB_E_USAGE,
                       "cannot try run '%s' again: it has not failed", run_id);
    return 0;
}

int
ledger_has_input(struct ledger *ledger, const char *pipeline, const char *uri,
                 const char *generation, bool *found, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_HAS_INPUT);

    query_text(&query, uri);
    query_text(&query, generation);
    query_text(&query, pipeline);
    return query_row(&query, found, err);
}

int
ledger_outbox(struct ledger *ledger, struct arena *arena, const char *pipeline,
              struct ledger_message **messages, size_t *count,
              struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_OUTBOX);
    AUTO_FREE struct ledger_message *list = NULL;
    size_t capacity = 0;
    bool row;

    *messages = NULL;
    *count = 0;
    query_text(&query, pipeline);
    query_int(&query, LEDGER_LIST_MAX);
    while (query_row(&query, &row, err) == 0) {
        if (!row) {
            *messages = ledger_keep(arena, list, *count, sizeof(*list));
            return 0;
        }
        list = ledger_grow(list, *count, &capacity, sizeof(*list));
        list[(*count)++] = (struct ledger_message){
            .id = ledger_int_at(&query, 0),
            .run_id = ledger_text_at(&query, arena, 1),
            .pipeline = ledger_text_at(&query, arena, 2),
            .notifier = ledger_text_at(&query, arena, 3),
            .uri = ledger_text_at(&query, arena, 4),
            .config = ledger_text_at(&query, arena, 5),
            .payload = ledger_text_at(&query, arena, 6),
            .attempts = ledger_int_at(&query, 7),
        };
    }
    *count = 0;
    return -1;
}

static int
change_message(struct query *query, int64_t message, struct fb_error *err)
{
    int64_t changed;

    query_int(query, message);
    if (query_run(query, &changed, err) != 0)
        return -1;
    if (changed != 1)
        return fb_fail(err, FB_E_BUG, "message %lld does not wait for delivery",
                       (long long)message);
    return 0;
}

int
ledger_delivered(struct ledger *ledger, int64_t message, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_DELIVERED);

    if (store_lazy(&ledger->store, true, err) != 0)
        return -1;
    return change_message(&query, message, err);
}

int
ledger_undelivered(struct ledger *ledger, int64_t message, const char *why,
                   int64_t max_attempts, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query = query_start(&ledger->store, STATEMENT_UNDELIVERED);

    if (store_lazy(&ledger->store, true, err) != 0)
        return -1;
    query_text(&query, why);
    query_int(&query, max_attempts);
    return change_message(&query, message, err);
}

static enum statement
history_statement(const struct ledger_query *query)
{
    if (query->pipeline != NULL)
        return query->state != 0 ? STATEMENT_HISTORY_OF_STATE
                                 : STATEMENT_HISTORY_OF;
    return query->state != 0 ? STATEMENT_HISTORY_STATE : STATEMENT_HISTORY;
}

int
ledger_history(struct ledger *ledger, struct arena *arena,
               const struct ledger_query *wanted, struct ledger_run **runs,
               size_t *count, struct fb_error *err)
{
    CLEANUP(query_end)
    struct query query =
        query_start(&ledger->store, (int)history_statement(wanted));
    bool bounded = wanted->limit > 0 && wanted->limit < LEDGER_LIST_MAX;
    AUTO_FREE struct ledger_run *list = NULL;
    size_t capacity = 0;
    bool row;

    *runs = NULL;
    *count = 0;
    query_int(&query, wanted->brief ? 1 : 0);
    if (wanted->pipeline != NULL)
        query_text(&query, wanted->pipeline);
    if (wanted->state != 0)
        query_int(&query, wanted->state);
    query_int(&query, wanted->before > 0 ? wanted->before : INT64_MAX);
    query_int(&query, wanted->since_ms > 0 ? wanted->since_ms : INT64_MIN);
    query_int(&query, bounded ? wanted->limit : LEDGER_LIST_MAX);
    while (query_row(&query, &row, err) == 0) {
        if (!row) {
            *runs = ledger_keep(arena, list, *count, sizeof(*list));
            return 0;
        }
        list = ledger_grow(list, *count, &capacity, sizeof(*list));
        list[(*count)++] = read_run(&query, arena);
    }
    *count = 0;
    return -1;
}
