/*
 * list.h: the keys that begin with a prefix, page by page.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
#ifndef S3_LIST_H
#define S3_LIST_H

#include "forebay/plugin.h"
#include "store.h"

struct listed {
    const char *key;  /* decoded */
    const char *etag; /* without quotes */
    uint64_t size;
    int64_t modified; /* seconds since the epoch */
};

/* All that is pointed at lives until it returns; non-zero ends the listing. */
typedef int (*list_fn)(void *arg, const struct listed *listed);

struct listing {
    const char *prefix; /* "": all keys */
    bool flat;          /* no keys with a slash after the prefix */
    int max_keys;       /* in a page; 0: as the service likes */
    int max_pages;      /* 0: all */
};

int list_keys(const struct store *store, const struct listing *listing,
              list_fn found, void *arg, struct fb_error *err) FB_MUST_CHECK;

#endif
