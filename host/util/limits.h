/*
 * util/limits.h: every maximum of the host in one place.  Whoever grows
 * something that input drives takes its bound from here.
 */
#ifndef UTIL_LIMITS_H
#define UTIL_LIMITS_H

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)

/* Rows in memory. */
#define BATCH_TEXT_TARGET (1 * MIB) /* a batch is cut at about this size */
#define BATCH_ROWS_MAX 65536
#define PIECE_SIZE (256 * KIB) /* bytes that are cut from an input at once */
#define RECORD_MAX (8 * MIB)   /* bytes of one record */
#define COLUMNS_MAX 16384
#define HEADER_MAX (1 * MIB)     /* bytes of the header record */
#define GUESS_HEAD_MAX (4 * MIB) /* bytes that a charset is guessed by */
#define READ_SIZE (256 * KIB)
#define WRITE_SIZE (256 * KIB)
#define ENCODED_MAX (512 * MIB) /* one batch on its way out */

/* Compressed input: a bomb is refused beyond this ratio or this size. */
#define INFLATE_RATIO_MAX 1100         /* deflate itself cannot exceed 1032:1 */
#define INFLATE_RATIO_FLOOR (64 * MIB) /* the ratio counts from here on */

/* Pipeline and schema text. */
#define YAML_SIZE_MAX (4 * MIB)
#define YAML_DEPTH_MAX 64
#define YAML_NODES_MAX 100000 /* after alias expansion */
#define STEPS_MAX 1000
#define SUBSTITUTED_MAX (64 * KIB) /* one scalar after substitution */
#define PROBLEMS_MAX 100
#define SECRET_FILE_MAX (64 * KIB)

/* Expressions. */
#define EXPR_TEXT_MAX (64 * KIB)
#define EXPR_DEPTH_MAX 200
#define EXPR_NODES_MAX 20000
#define EXPR_SCRATCH_MAX (64 * MIB) /* texts made for some rows at a time */

/* Threads of a run.  Each one more has two or three pieces in flight. */
#define JOBS_MAX 256       /* that can be asked for */
#define JOBS_DEFAULT_MAX 4 /* that are taken without being asked for */
#define THREAD_STACK (8 * MIB)

/* Runs, logs and the rest. */
#define REPORT_ERRORS_MAX 10   /* the first few errors in a report */
#define DISCOVER_MAX 1000000   /* objects of one listing */
#define LEDGER_LIST_MAX 100000 /* runs or messages of one answer */
#define HOLIDAYS_SIZE_MAX (1 * MIB)
#define ARENA_CHUNK (16 * KIB)
#define PLUGIN_FILE_MAX (256 * MIB)
#define LOG_VALUE_MAX (8 * KIB)   /* one value or message of a log line */
#define ZONE_FILE_MAX (256 * KIB) /* compiled zones, and the list of names */

/* What `forebay serve` keeps in memory and waits for. */
#define SERVE_PAGE_MAX (4 * MIB)       /* a page of its own */
#define SERVE_TEXT_MAX (8 * KIB)       /* one text on it */
#define SERVE_RUNS 100                 /* runs on one page */
#define SERVE_DASHBOARD_MAX (32 * MIB) /* an object that is passed on */
#define SERVE_SHELF_MAX (64 * MIB)     /* such objects that are kept */
#define SERVE_QUEUE_MAX 256            /* requests that wait for objects */
#define SERVE_CONNECTIONS 1024         /* at a time, over all threads */
#define SERVE_CONNECTIONS_EACH 64      /* of one address, but loopback */
#define SERVE_REQUEST_MAX (32 * KIB)   /* head of a request, and its answer's */
#define SERVE_HEAD_MS 10000            /* until the head is there */
#define SERVE_ANSWER_MS 120000         /* until the answer is gone */
#define SERVE_STOP_MS 5000             /* for what is under way at the end */
#define SERVE_SECRET_MAX 500           /* bytes of a token or password */
#define SERVE_HASHES_MAX 4             /* tokens of one file */

#endif
