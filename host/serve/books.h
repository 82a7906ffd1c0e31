/*
 * serve/books.h: the ledger, for one request at a time.  Opened to be looked
 * at when it is first asked, and again when it went wrong or was replaced, so
 * that serving may begin before the first run and survives a restored backup.
 */
#ifndef SERVE_BOOKS_H
#define SERVE_BOOKS_H

#include "ledger/ledger.h"

struct books;

struct books *books_new(const char *folder);
void books_free(struct books *books); /* NULL is fine */

/* Wait for the ledger, then hold it until books_give.  NULL after an error:
 * nothing is held. */
struct ledger *books_take(struct books *books, struct fb_error *err);
/* good: nothing that was asked failed. */
void books_give(struct books *books, bool good);

#endif
