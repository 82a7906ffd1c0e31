/*
 * ledger/schema.c: the tables of a ledger.  What is asked of them stands in
 * statement.c.
 */
#include "ledger/schema.h"

#include <assert.h>
#include <stddef.h>

/*
 * runs.seq grows with every begin and gives the order of runs: clocks jump.
 * outbox.state: 0 waiting, 1 delivered, 2 given up; only what waits is
 * indexed, so that asking for it stays cheap when the table has grown.
 */
static const char *const migrations[] = {
    "CREATE TABLE runs ("
    "  id INTEGER PRIMARY KEY,"
    "  run_id TEXT NOT NULL UNIQUE,"
    "  seq INTEGER NOT NULL UNIQUE,"
    "  pipeline TEXT NOT NULL,"
    "  digest TEXT NOT NULL,"
    "  trigger TEXT,"
    "  generation TEXT,"
    "  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),"
    "  attempts INTEGER NOT NULL CHECK (attempts >= 1),"
    "  started_ms INTEGER NOT NULL,"
    "  ended_ms INTEGER NOT NULL DEFAULT 0,"
    "  summary TEXT,"
    "  report TEXT,"
    "  settled INTEGER NOT NULL DEFAULT 0 CHECK (settled IN (0, 1))"
    ") STRICT;"
    "CREATE INDEX runs_by_pipeline ON runs (pipeline, seq);"
    "CREATE INDEX runs_by_state ON runs (pipeline, state, seq);"

    "CREATE TABLE inputs ("
    "  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
    "  step TEXT NOT NULL,"
    "  uri TEXT NOT NULL,"
    "  generation TEXT,"
    "  rows INTEGER NOT NULL CHECK (rows >= 0),"
    "  bytes INTEGER NOT NULL CHECK (bytes >= 0)"
    ") STRICT;"
    "CREATE INDEX inputs_by_run ON inputs (run);"
    "CREATE INDEX inputs_by_uri ON inputs (uri, generation);"

    "CREATE TABLE outputs ("
    "  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
    "  step TEXT NOT NULL,"
    "  uri TEXT NOT NULL,"
    "  generation TEXT,"
    "  rows INTEGER NOT NULL CHECK (rows >= 0),"
    "  bytes INTEGER NOT NULL CHECK (bytes >= 0)"
    ") STRICT;"
    "CREATE INDEX outputs_by_run ON outputs (run);"

    "CREATE TABLE outbox ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
    "  pipeline TEXT NOT NULL,"
    "  notifier TEXT NOT NULL,"
    "  uri TEXT NOT NULL,"
    "  config TEXT NOT NULL,"
    "  payload TEXT NOT NULL,"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),"
    "  why TEXT"
    ") STRICT;"
    "CREATE INDEX outbox_by_run ON outbox (run);"
    "CREATE INDEX outbox_waiting ON outbox (pipeline, id) WHERE state = 0;",

    /* What steps must remember over attempts at one run. */
    "CREATE TABLE notes ("
    "  run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,"
    "  step TEXT NOT NULL,"
    "  key TEXT NOT NULL,"
    "  text TEXT NOT NULL,"
    "  PRIMARY KEY (run, step, key)"
    ") STRICT, WITHOUT ROWID;",
};

static_assert(sizeof(migrations) / sizeof(migrations[0]) == SCHEMA_VERSION,
              "one migration for each version");

const char *
schema_migration(int version)
{
    assert(version >= 1 && version <= SCHEMA_VERSION);
    return migrations[version - 1];
}
