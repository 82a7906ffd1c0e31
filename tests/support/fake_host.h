/*
 * The host as a plugin sees it, without a host: a plugin is loaded from the
 * build folder, its options are set as a pipeline would, and what it does is
 * recorded.  Rows are plain texts; types are judged by the host's own rules.
 * It is not a second host: no pipelines, no expressions but ready answers.
 */
#ifndef SUPPORT_FAKE_HOST_H
#define SUPPORT_FAKE_HOST_H

#include "forebay/plugin.h"

#define FAKE_ROWS_MAX 64
#define FAKE_COLUMNS_MAX 8
#define FAKE_LOGS_MAX 64
#define FAKE_INPUTS_MAX 8

struct fake_reject {
    uint32_t row, column;
    char code[64];
    char message[FB_MESSAGE_MAX];
};

/* One batch of rows: cells[column][row]; NULL is a missing value. */
struct fake_batch {
    struct fb_batch pub; /* first */
    struct fake *fake;
    uint32_t rows;
    struct fb_cell cells[FAKE_COLUMNS_MAX][FAKE_ROWS_MAX];
    struct fb_value values[FAKE_COLUMNS_MAX][FAKE_ROWS_MAX];
    uint64_t selection[FB_WORDS(FAKE_ROWS_MAX)];
    struct fake_reject rejects[FAKE_ROWS_MAX];
    uint32_t reject_count;
    uint64_t first_line;
    const struct fb_cell *set[FAKE_COLUMNS_MAX]; /* by fb_batch_set */
    bool emitted;
};

struct fake_output {
    char name[64];
    enum fb_column_type type;
    uint32_t from;
};

struct fake {
    struct fb_step step; /* what the plugin gets */
    struct fb_host host;
    const struct fb_plugin *plugin;
    void *self;
    struct fb_error err; /* of the last call through a macro below */

    /* what the test says */
    const char *uri, *run_id;
    int64_t now_ms;
    bool cancelled;
    struct fb_column columns[FAKE_COLUMNS_MAX];
    uint32_t column_count;
    struct fb_input inputs[FAKE_INPUTS_MAX]; /* by fake_input */
    uint32_t input_count, input;
    enum fb_column_type expr_type; /* what fb_expr_bind answers */
    uint64_t expr_truth;           /* what fb_expr_test answers */

    /* what the plugin did */
    char refused_option[64]; /* by fb_bad_option or fb_column_find */
    size_t refused_index;
    struct fake_output outputs[FAKE_COLUMNS_MAX];
    uint32_t output_count;
    bool serial; /* by fb_serial */
    enum fb_level levels[FAKE_LOGS_MAX];
    char logs[FAKE_LOGS_MAX][FB_MESSAGE_MAX];
    int log_count;
    struct fake_batch *spool[FAKE_ROWS_MAX];
    uint32_t spool_count, spool_next;
    void **blocks; /* what fb_alloc and fb_batch_alloc gave */
    size_t block_count;
};

/* Load $FOREBAY_BUILD/plugins/NAME.so and make an instance of its descriptor
 * of that kind, with every default.  Free with fake_free. */
struct fake *fake_new(const char *name, enum fb_kind kind);
void fake_free(struct fake *fake);

/* Set an option of any single value, written as in YAML. */
void fake_option(struct fake *fake, const char *name, const char *value);
/* A list; the items end with NULL and must outlive the fake. */
void fake_option_list(struct fake *fake, const char *name,
                      const char *const *items);
/* A map of pairs that must outlive the fake. */
void fake_option_map(struct fake *fake, const char *name,
                     const struct fb_pair *pairs, size_t count);
/* An expression that answers fake->expr_type and fake->expr_truth. */
void fake_option_expr(struct fake *fake, const char *name);

/* A column without constraints; the caller may change it. */
struct fb_column *fake_column(struct fake *fake, const char *name,
                              enum fb_column_type type);

/* What a step with inputs reads: the columns declared since the last input.
 * fake_use_input makes their columns those of the batches that follow. */
void fake_input(struct fake *fake, const char *step, const char *title);
void fake_use_input(struct fake *fake, uint32_t index);

/* A batch of rows times columns texts, row by row; lives as the fake. */
struct fake_batch *fake_batch(struct fake *fake, uint32_t rows,
                              const char *const *texts);

/* Call a callback; FB_E_NONE becomes fake->err.code when it returns 0, and
 * the call returns what the callback returned.  fake_begin is check, bind and
 * open, each when there is one, until one fails. */
int fake_begin(struct fake *fake);
int fake_check(struct fake *fake);
int fake_bind(struct fake *fake);
int fake_open(struct fake *fake);
int fake_finish(struct fake *fake);
void fake_close(struct fake *fake);
int fake_process(struct fake *fake, struct fake_batch *batch);
int fake_write(struct fake *fake, struct fake_batch *batch);

#endif
