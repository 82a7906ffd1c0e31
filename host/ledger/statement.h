/*
 * ledger/statement.h: everything that is asked of the ledger's tables, as
 * SQL.  Tables stand in schema.c; who asks, in ledger.c.
 */
#ifndef LEDGER_STATEMENT_H
#define LEDGER_STATEMENT_H

enum statement {
    STATEMENT_FIND = 0,
    STATEMENT_BEGIN,
    STATEMENT_END,
    STATEMENT_SETTLED,
    STATEMENT_FORGET_INPUTS,
    STATEMENT_FORGET_OUTPUTS,
    STATEMENT_ADD_INPUT,
    STATEMENT_ADD_OUTPUT,
    STATEMENT_ADD_MESSAGE,
    STATEMENT_HAS_INPUT,
    STATEMENT_OUTBOX,
    STATEMENT_DELIVERED,
    STATEMENT_UNDELIVERED,
    STATEMENT_HISTORY,
    STATEMENT_HISTORY_OF,
    STATEMENT_HISTORY_STATE,
    STATEMENT_HISTORY_OF_STATE,
    STATEMENT_COUNT
};

/* STATEMENT_COUNT texts. */
extern const char *const statements[];

#endif
