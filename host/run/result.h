/*
 * run/result.h: what one run did, as numbers and names: the raw material of
 * reports, the ledger and the exit status.
 */
#ifndef RUN_RESULT_H
#define RUN_RESULT_H

#include "config/pipeline.h"
#include "step/step.h"
#include "util/arena.h"
#include "util/limits.h"

struct result_step {
    const char *label;
    enum fb_kind kind;
    const char *type; /* the plugin's name */
    struct step_counts rows;
    const struct step_fact *facts; /* what the plugin had to say */
    uint32_t fact_count;
};

struct result_object { /* an input that was read, an output made visible */
    const char *step;
    const char *uri;
    const char *generation; /* NULL: the store has none */
    uint64_t rows, bytes;
};

struct result {
    struct arena *arena; /* owns all texts */
    const char *pipeline;
    const char *run_id;
    const char *trigger;   /* uri; NULL: none */
    struct fb_error error; /* code FB_E_NONE: success */
    const char *next;      /* what to do about it; NULL: nothing */
    int64_t attempt;       /* 1 is the first */
    int64_t started_ms, ended_ms;
    double seconds;
    uint64_t rows_read, rows_written, rows_filtered, rows_rejected;
    uint64_t bytes_read, bytes_written;
    struct result_step *steps;
    size_t step_count;
    struct result_object *inputs, *outputs;
    size_t input_count, output_count;
    struct fb_report_error errors[REPORT_ERRORS_MAX]; /* the first rejects */
    size_t error_count;
    size_t undelivered;     /* messages that nobody got yet */
    enum fb_code unsettled; /* why the trigger could not be cleaned up */
    const struct fb_report *report; /* of all this; NULL: not made yet */
};

static inline bool
result_is_success(const struct result *result)
{
    return result->error.code == FB_E_NONE;
}

#endif
