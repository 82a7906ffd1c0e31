/*
 * serve/books.c: one handle and a lock.  Questions take a fraction of a
 * millisecond; answers are made of what was read when the lock is free again.
 */
#include "serve/books.h"

#include <pthread.h>
#include <stdlib.h>

#include "ledger/look.h"
#include "util/mem.h"

struct books {
    char *folder;
    pthread_mutex_t lock;
    struct ledger *ledger; /* NULL: not open */
};

struct books *
books_new(const char *folder)
{
    struct books *books = mem_zalloc(sizeof(*books));

    books->folder = mem_strdup(folder);
    pthread_mutex_init(&books->lock, NULL);
    return books;
}

void
books_free(struct books *books)
{
    if (books == NULL)
        return;
    ledger_close(books->ledger);
    pthread_mutex_destroy(&books->lock);
    free(books->folder);
    free(books);
}

struct ledger *
books_take(struct books *books, struct fb_error *err)
{
    pthread_mutex_lock(&books->lock);
    if (books->ledger != NULL && !ledger_is_current(books->ledger)) {
        ledger_close(books->ledger);
        books->ledger = NULL;
    }
    if (books->ledger == NULL &&
        ledger_open_reader(books->folder, &books->ledger, err) != 0) {
        pthread_mutex_unlock(&books->lock);
        return NULL;
    }
    return books->ledger;
}

void
books_give(struct books *books, bool good)
{
    if (!good) {
        ledger_close(books->ledger);
        books->ledger = NULL;
    }
    pthread_mutex_unlock(&books->lock);
}
