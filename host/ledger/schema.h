/*
 * ledger/schema.h: the tables of a ledger and how an older one becomes a
 * newer one.  Only appended to: a migration that was released never changes.
 */
#ifndef LEDGER_SCHEMA_H
#define LEDGER_SCHEMA_H

/* "FBLG": tells our files from any other SQLite database. */
#define SCHEMA_APPLICATION_ID 0x46424c47

/* The version this program writes (PRAGMA user_version). */
#define SCHEMA_VERSION 2

/* The statements that lead from version - 1 to `version` (1 makes the
 * tables); several, separated by semicolons. */
const char *schema_migration(int version);

#endif
