/*
 * csv.h: the CSV that Athena writes, cut into records.  A value stands in
 * quotes, with quotes in it doubled, and may hold line breaks; a NULL is an
 * empty field without quotes.  Not a reader for any other CSV: the
 * difference of NULL and "" is what it is there for.
 */
#ifndef ATHENA_CSV_H
#define ATHENA_CSV_H

#include "forebay/plugin.h"

/* One field; ptr NULL: a NULL. */
struct field {
    const unsigned char *ptr;
    size_t len;
};

enum csv_cut {
    CSV_RECORD = 1, /* one was cut */
    CSV_MORE,       /* it does not end in these bytes */
    CSV_BAD,        /* there is something behind a closing quote */
};

/*
 * Cut the record that begins at bytes, which are changed: doubled quotes
 * become one.  At most `max` fields are kept, *count says how many there are;
 * *used is the size of the record with its line break.  `last`: no bytes come
 * after these.  With CSV_MORE nothing is changed.
 */
enum csv_cut csv_record(unsigned char *bytes, size_t size, bool last,
                        struct field *fields, size_t max, size_t *count,
                        size_t *used);

#endif
