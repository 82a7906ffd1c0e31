/*
 * statement.h: whether a text is one statement that only reads.  Athena
 * itself judges the SQL; this keeps out what would write: CREATE TABLE AS,
 * INSERT and UNLOAD leave files behind when they fail half way.
 */
#ifndef ATHENA_STATEMENT_H
#define ATHENA_STATEMENT_H

#define STATEMENT_MAX 262144 /* bytes that Athena takes */

/* What is wrong with it, for people; NULL: nothing. */
const char *statement_objection(const char *text);

#endif
