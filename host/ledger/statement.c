/*
 * ledger/statement.c: the SQL of the ledger.  Parameters are bound in the
 * order in which ledger.c names them.
 */
#include "ledger/statement.h"

#define RUN_COLUMNS                                                   \
    "run_id, pipeline, digest, trigger, generation, state, attempts," \
    " started_ms, ended_ms, summary, report, settled, seq "

#define RUN_ROW "(SELECT id FROM runs WHERE run_id = ?)"

/* ?: brief, then what restricts, then seq and moment as bounds, then the
 * limit. */
#define HISTORY(where_)                                              \
    "SELECT run_id, pipeline, digest, trigger, generation, state,"   \
    " attempts, started_ms, ended_ms, summary,"                      \
    " CASE WHEN ? THEN NULL ELSE report END, settled, seq FROM runs" \
    " WHERE " where_ "seq < ? AND started_ms >= ?"                   \
    " ORDER BY seq DESC LIMIT ?"

/* ?1, ?2: seq from behind and up to; ?3: ended before; ?4: pipeline, or NULL
 * for all. */
#define OLD                                                            \
    "seq > ?1 AND seq <= ?2 AND ended_ms < ?3"                         \
    " AND (?4 IS NULL OR pipeline = ?4)"                               \
    " AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = runs.id" \
    " AND outbox.state = 0) "

/* 2 and 3: done and failed; nothing comes after that */
#define OLD_AND_FINAL OLD "AND state IN (2, 3)"

const char *const statements[] = {
    [STATEMENT_FIND] = "SELECT " RUN_COLUMNS "FROM runs WHERE run_id = ?",
    /* What is not less is sought by the index of run_id. */
    [STATEMENT_FIND_SHORT] = "SELECT run_id FROM runs WHERE run_id >= ?1"
                             " AND substr(run_id, 1, length(?1)) = ?1"
                             " ORDER BY run_id LIMIT 2",

    /* One statement for the first attempt and for another; state 2 is done,
     * which nothing may undo. */
    [STATEMENT_BEGIN] =
        "INSERT INTO runs (run_id, seq, pipeline, digest, trigger,"
        " generation, state, attempts, started_ms) VALUES (?,"
        " (SELECT coalesce(max(seq), 0) + 1 FROM runs), ?, ?, ?, ?, 1, 1, ?)"
        " ON CONFLICT (run_id) DO UPDATE SET seq = excluded.seq,"
        " digest = excluded.digest, state = 1, attempts = attempts + 1,"
        " started_ms = excluded.started_ms, ended_ms = 0, summary = NULL,"
        " report = NULL WHERE state <> 2",

    [STATEMENT_END] =
        "UPDATE runs SET state = ?, ended_ms = ?, summary = ?, report = ?,"
        " settled = ? WHERE run_id = ? AND state = 1",
    [STATEMENT_SETTLED] = "UPDATE runs SET settled = 1 WHERE run_id = ?",
    /* 3 and 5: failed and mistake become 4, retry */
    [STATEMENT_RETRY] = "UPDATE runs SET state = 4, attempts = 1, settled = 0"
                        " WHERE run_id = ? AND state IN (3, 5)",

    [STATEMENT_FORGET_INPUTS] = "DELETE FROM inputs WHERE run = " RUN_ROW,
    [STATEMENT_FORGET_OUTPUTS] = "DELETE FROM outputs WHERE run = " RUN_ROW,
    [STATEMENT_ADD_INPUT] =
        "INSERT INTO inputs (run, step, uri, generation, rows, bytes)"
        " VALUES (" RUN_ROW ", ?, ?, ?, ?, ?)",
    [STATEMENT_ADD_OUTPUT] =
        "INSERT INTO outputs (run, step, uri, generation, rows, bytes)"
        " VALUES (" RUN_ROW ", ?, ?, ?, ?, ?)",
    [STATEMENT_ADD_MESSAGE] =
        "INSERT INTO outbox (run, pipeline, notifier, uri, config, payload)"
        " VALUES (" RUN_ROW ", ?, ?, ?, ?, ?)",

    [STATEMENT_PUT_NOTE] =
        "INSERT INTO notes (run, step, key, text) VALUES (" RUN_ROW ", ?, ?, ?)"
        " ON CONFLICT (run, step, key) DO UPDATE SET text = excluded.text",
    [STATEMENT_GET_NOTE] = "SELECT text FROM notes WHERE run = " RUN_ROW
                           " AND step = ? AND key = ?",
    [STATEMENT_FORGET_NOTES] = "DELETE FROM notes WHERE run = " RUN_ROW,

    /* 2 and 3: done and failed */
    [STATEMENT_HAS_INPUT] =
        "SELECT 1 FROM inputs JOIN runs ON runs.id = inputs.run"
        " WHERE inputs.uri = ? AND inputs.generation IS ?"
        " AND runs.pipeline = ? AND runs.state IN (2, 3) LIMIT 1",

    [STATEMENT_OUTBOX] =
        "SELECT outbox.id, runs.run_id, outbox.pipeline, notifier, uri,"
        " config, payload, outbox.attempts FROM outbox"
        " JOIN runs ON runs.id = outbox.run"
        " WHERE outbox.state = 0 AND outbox.pipeline = ?"
        " ORDER BY outbox.id LIMIT ?",
    [STATEMENT_DELIVERED] =
        "UPDATE outbox SET state = 1, attempts = attempts + 1, why = NULL"
        " WHERE id = ? AND state = 0",
    [STATEMENT_UNDELIVERED] =
        "UPDATE outbox SET attempts = attempts + 1, why = ?,"
        " state = CASE WHEN attempts + 1 >= ? THEN 2 ELSE 0 END"
        " WHERE id = ? AND state = 0",

    [STATEMENT_OUTPUTS] =
        "SELECT step, uri, generation, rows, bytes FROM outputs"
        " WHERE run = " RUN_ROW " ORDER BY rowid",
    [STATEMENT_DELIVERIES] = "SELECT notifier, state, attempts, why FROM outbox"
                             " WHERE run = " RUN_ROW " ORDER BY id LIMIT ?",
    [STATEMENT_TALLY] =
        "SELECT pipeline, state, count(*) FROM runs GROUP BY pipeline, state",
    [STATEMENT_WAITING] = "SELECT pipeline, 0, count(*) FROM outbox"
                          " WHERE state = 0 GROUP BY pipeline",
    /* 1 and 4: started and retry */
    [STATEMENT_OPEN_SINCE] = "SELECT coalesce(min(started_ms), 0) FROM runs"
                             " WHERE pipeline = ? AND state IN (1, 4)",

    /* Four texts and not one with OR, which would use no index. */
    [STATEMENT_HISTORY] = HISTORY(""),
    [STATEMENT_HISTORY_OF] = HISTORY("pipeline = ? AND "),
    [STATEMENT_HISTORY_STATE] = HISTORY("state = ? AND "),
    [STATEMENT_HISTORY_OF_STATE] = HISTORY("pipeline = ? AND state = ? AND "),

    [STATEMENT_LAST_SEQ] = "SELECT coalesce(max(seq), 0) FROM runs",
    /* What follows another pipeline has that one's name for a trigger
     * (trigger/upstream.c).  State 1, started, has not ended. */
    [STATEMENT_PRUNE_RUNS] =
        "DELETE FROM runs WHERE trigger IS NULL AND state <> 1 AND " OLD
        " AND pipeline NOT IN (SELECT substr(trigger, 10) FROM runs"
        "  WHERE trigger GLOB 'pipeline:*')"
        " AND id NOT IN (SELECT id FROM (SELECT id, max(seq) FROM runs"
        "  WHERE state = 2 GROUP BY pipeline))",
    [STATEMENT_PRUNE_OUTPUTS] =
        "DELETE FROM outputs WHERE run IN (SELECT id FROM runs"
        " WHERE " OLD_AND_FINAL ")",
    [STATEMENT_PRUNE_REPORTS] = "UPDATE runs SET report = NULL"
                                " WHERE report IS NOT NULL AND " OLD_AND_FINAL,
    [STATEMENT_PRUNE_MESSAGES] =
        "DELETE FROM outbox WHERE run IN (SELECT id FROM runs"
        " WHERE " OLD_AND_FINAL ")",
};
