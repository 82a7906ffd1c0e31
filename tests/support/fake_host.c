#include "support/fake_host.h"

#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>

#include "batch/value.h"

static struct fake *
fake_of(const struct fb_step *step)
{
    return (struct fake *)(uintptr_t)step;
}

static struct fake_batch *
batch_of_fake(const struct fb_batch *batch)
{
    return (struct fake_batch *)(uintptr_t)batch;
}

static void *
keep_block(struct fake *fake, size_t size)
{
    void *block = calloc(1, size + 1);

    ck_assert_ptr_nonnull(block);
    fake->blocks =
        realloc(fake->blocks, (fake->block_count + 1) * sizeof(*fake->blocks));
    ck_assert_ptr_nonnull(fake->blocks);
    fake->blocks[fake->block_count++] = block;
    return block;
}

/* --- the step --- */

static void *
fake_alloc(struct fb_step *step, size_t size)
{
    return keep_block(fake_of(step), size);
}

static void
fake_log(struct fb_step *step, enum fb_level level, const char *text)
{
    struct fake *fake = fake_of(step);

    ck_assert_int_lt(fake->log_count, FAKE_LOGS_MAX);
    fake->levels[fake->log_count] = level;
    snprintf(fake->logs[fake->log_count++], FB_MESSAGE_MAX, "%s", text);
}

static const char *
fake_uri(struct fb_step *step)
{
    return fake_of(step)->uri;
}

static const char *
fake_step_id(struct fb_step *step)
{
    (void)step;
    return "step";
}

static const char *
fake_run_id(struct fb_step *step)
{
    return fake_of(step)->run_id;
}

static int64_t
fake_now_ms(struct fb_step *step)
{
    return fake_of(step)->now_ms;
}

static int64_t
fake_run_date(struct fb_step *step)
{
    (void)step;
    return 0;
}

static bool
fake_cancelled(struct fb_step *step)
{
    return __atomic_load_n(&fake_of(step)->cancelled, __ATOMIC_RELAXED);
}

static void
note_refused(struct fake *fake, const char *option, size_t index)
{
    snprintf(fake->refused_option, sizeof(fake->refused_option), "%s", option);
    fake->refused_index = index;
}

static int
fake_option_error(struct fb_step *step, const char *option, size_t index,
                  enum fb_code code, const char *text, struct fb_error *err)
{
    note_refused(fake_of(step), option, index);
    return fb_fail(err, code, "%s", text);
}

/* --- columns --- */

static uint32_t
fake_column_count(struct fb_step *step)
{
    return fake_of(step)->column_count;
}

static const struct fb_column *
fake_column_at(struct fb_step *step, uint32_t index)
{
    ck_assert_uint_lt(index, fake_of(step)->column_count);
    return &fake_of(step)->columns[index];
}

static int
fake_column_find(struct fb_step *step, const char *option, size_t item,
                 const char *name, uint32_t *index, struct fb_error *err)
{
    struct fake *fake = fake_of(step);

    for (*index = 0; *index < fake->column_count; ++*index)
        if (strcmp(fake->columns[*index].name, name) == 0)
            return 0;
    note_refused(fake, option, item);
    return fb_fail(err, FB_E_CONFIG, "there is no column '%s' here", name);
}

static int
fake_output_column(struct fb_step *step, const char *name,
                   enum fb_column_type type, uint32_t from, uint32_t *index,
                   struct fb_error *err)
{
    struct fake *fake = fake_of(step);
    struct fake_output *output = &fake->outputs[fake->output_count];

    (void)err;
    ck_assert_uint_lt(fake->output_count, FAKE_COLUMNS_MAX);
    snprintf(output->name, sizeof(output->name), "%s", name);
    output->type = type;
    output->from = from;
    if (index != NULL)
        *index = fake->output_count;
    fake->output_count++;
    return 0;
}

static void
fake_serial(struct fb_step *step)
{
    fake_of(step)->serial = true;
}

static int
fake_value_parse(struct fb_step *step, const struct fb_column *column,
                 const struct fb_cell *cell, struct fb_value *value)
{
    (void)step;
    value_parse(column, cell->ptr, cell->len, value);
    return 0;
}

/* --- expressions --- */

static int
fake_expr_bind(struct fb_step *step, struct fb_expr *expr,
               enum fb_column_type *type, struct fb_error *err)
{
    (void)err;
    ck_assert_ptr_nonnull(expr);
    *type = fake_of(step)->expr_type;
    return 0;
}

static int
fake_expr_test(struct fb_batch *batch, struct fb_expr *expr, uint64_t *truth,
               struct fb_error *err)
{
    (void)err;
    ck_assert_ptr_nonnull(expr);
    *truth = batch_of_fake(batch)->fake->expr_truth;
    return 0;
}

/* --- batches --- */

static uint32_t
fake_batch_rows(const struct fb_batch *batch)
{
    return batch_of_fake(batch)->rows;
}

static const uint64_t *
fake_batch_selection(const struct fb_batch *batch)
{
    return batch_of_fake(batch)->selection;
}

static uint64_t
fake_batch_line(const struct fb_batch *batch, uint32_t row)
{
    return batch_of_fake(batch)->first_line + row;
}

static void *
fake_batch_alloc(struct fb_batch *batch, size_t size)
{
    return keep_block(batch_of_fake(batch)->fake, size);
}

static int
fake_batch_cells(struct fb_batch *batch, uint32_t column,
                 const struct fb_cell **cells, struct fb_error *err)
{
    (void)err;
    ck_assert_uint_lt(column, batch_of_fake(batch)->fake->column_count);
    *cells = batch_of_fake(batch)->cells[column];
    return 0;
}

static int
fake_batch_values(struct fb_batch *batch, uint32_t column,
                  const struct fb_value **values, struct fb_error *err)
{
    (void)err;
    ck_assert_uint_lt(column, batch_of_fake(batch)->fake->column_count);
    *values = batch_of_fake(batch)->values[column];
    return 0;
}

static void
fake_batch_filter(struct fb_batch *batch, const uint64_t *keep)
{
    for (size_t i = 0; i < FB_WORDS(batch_of_fake(batch)->rows); i++)
        batch_of_fake(batch)->selection[i] &= keep[i];
}

static void
fake_batch_reject(struct fb_batch *pub, uint32_t row, uint32_t column,
                  const char *code, const char *message)
{
    struct fake_batch *batch = batch_of_fake(pub);
    struct fake_reject *reject = &batch->rejects[batch->reject_count];

    ck_assert_uint_lt(row, batch->rows);
    if (!fb_bit(batch->selection, row))
        return;
    fb_bit_clear(batch->selection, row);
    reject->row = row;
    reject->column = column;
    snprintf(reject->code, sizeof(reject->code), "%s", code);
    snprintf(reject->message, sizeof(reject->message), "%s", message);
    batch->reject_count++;
}

static void
fake_batch_set(struct fb_batch *batch, uint32_t output_column,
               const struct fb_cell *cells)
{
    ck_assert_uint_lt(output_column, FAKE_COLUMNS_MAX);
    batch_of_fake(batch)->set[output_column] = cells;
}

static void
fake_batch_free(struct fb_batch *batch)
{
    (void)batch; /* they live as the fake */
}

static int
fake_emit(struct fb_step *step, struct fb_batch *batch, struct fb_error *err)
{
    (void)step;
    (void)err;
    batch_of_fake(batch)->emitted = true;
    return 0;
}

static int
fake_spool_put(struct fb_step *step, struct fb_batch *batch,
               struct fb_error *err)
{
    struct fake *fake = fake_of(step);

    (void)err;
    ck_assert_uint_lt(fake->spool_count, FAKE_ROWS_MAX);
    fake->spool[fake->spool_count++] = batch_of_fake(batch);
    return 0;
}

static int
fake_spool_next(struct fb_step *step, struct fb_batch **batch,
                struct fb_error *err)
{
    struct fake *fake = fake_of(step);

    (void)err;
    *batch = fake->spool_next < fake->spool_count
                 ? &fake->spool[fake->spool_next++]->pub
                 : NULL;
    return 0;
}

/* --- inputs --- */

static uint32_t
fake_input_count(struct fb_step *step)
{
    return fake_of(step)->input_count;
}

static const struct fb_input *
fake_input_at(struct fb_step *step, uint32_t index)
{
    struct fake *fake = fake_of(step);

    return index < fake->input_count ? &fake->inputs[index] : NULL;
}

static uint32_t
fake_input_now(struct fb_step *step)
{
    return fake_of(step)->input;
}

static const char *
fake_pipeline(struct fb_step *step)
{
    (void)step;
    return "pipeline";
}

static const struct fb_host fake_services = {
    .size = sizeof(struct fb_host),
    .alloc = fake_alloc,
    .log = fake_log,
    .uri = fake_uri,
    .step_id = fake_step_id,
    .run_id = fake_run_id,
    .now_ms = fake_now_ms,
    .run_date = fake_run_date,
    .cancelled = fake_cancelled,
    .option_error = fake_option_error,
    .column_count = fake_column_count,
    .column = fake_column_at,
    .column_find = fake_column_find,
    .output_column = fake_output_column,
    .value_parse = fake_value_parse,
    .expr_bind = fake_expr_bind,
    .expr_test = fake_expr_test,
    .batch_rows = fake_batch_rows,
    .batch_selection = fake_batch_selection,
    .batch_line = fake_batch_line,
    .batch_alloc = fake_batch_alloc,
    .batch_cells = fake_batch_cells,
    .batch_values = fake_batch_values,
    .batch_filter = fake_batch_filter,
    .batch_reject = fake_batch_reject,
    .batch_set = fake_batch_set,
    .batch_free = fake_batch_free,
    .emit = fake_emit,
    .spool_put = fake_spool_put,
    .spool_next = fake_spool_next,
    .input_count = fake_input_count,
    .input_at = fake_input_at,
    .input = fake_input_now,
    .pipeline = fake_pipeline,
    .serial = fake_serial,
};

/* --- what tests call --- */

static const struct fb_plugin *
load(const char *name, enum fb_kind kind)
{
    const char *build = getenv("FOREBAY_BUILD");
    const struct fb_plugin *const *list;
    char path[4096];
    void *handle;

    snprintf(path, sizeof(path), "%s/plugins/%s.so", build ? build : "build",
             name);
    /* Never closed: the sanitizers want to name what is in it. */
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(handle != NULL, "%s", dlerror());
    list = dlsym(handle, FB_ENTRY);
    ck_assert_ptr_nonnull(list);
    for (; *list != NULL; list++)
        if ((*list)->kind == kind)
            return *list;
    ck_abort_msg("'%s' has nothing of kind %d", path, (int)kind);
    return NULL;
}

static const struct fb_option *
option_of(const struct fake *fake, const char *name)
{
    for (const struct fb_option *o = fake->plugin->options; o->name; o++)
        if (strcmp(o->name, name) == 0)
            return o;
    ck_abort_msg("there is no option '%s'", name);
    return NULL;
}

static void
put(struct fake *fake, const struct fb_option *option, const void *value,
    size_t size)
{
    memcpy((unsigned char *)fake->self + option->offset, value, size);
}

static int64_t
number_of(const char *text)
{
    static const struct {
        const char *name;
        int64_t factor;
    } units[] = {{"", 1},     {"KiB", 1024}, {"MiB", 1048576}, {"ms", 1},
                 {"s", 1000}, {"m", 60000},  {"h", 3600000}};
    char *end;
    int64_t number = strtoll(text, &end, 10);

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(end, units[i].name) == 0)
            return number * units[i].factor;
    ck_abort_msg("'%s' is no number that the fake host knows", text);
    return 0;
}

static int
choice_of(const struct fb_option *option, const char *value)
{
    for (int i = 0; option->choices[i] != NULL; i++)
        if (strcmp(option->choices[i], value) == 0)
            return i + 1;
    ck_abort_msg("'%s' is no choice of '%s'", value, option->name);
    return 0;
}

void
fake_option(struct fake *fake, const char *name, const char *value)
{
    const struct fb_option *option = option_of(fake, name);
    bool flag = strcmp(value, "true") == 0;
    int64_t number;
    int choice;

    switch (option->type) {
    case FB_T_STRING:
    case FB_T_URI:
    case FB_T_SECRET:
        put(fake, option, &value, sizeof(value));
        return;
    case FB_T_INT:
    case FB_T_SIZE:
    case FB_T_DURATION:
        number = number_of(value);
        put(fake, option, &number, sizeof(number));
        return;
    case FB_T_BOOL:
        put(fake, option, &flag, sizeof(flag));
        return;
    case FB_T_ENUM:
        choice = choice_of(option, value);
        put(fake, option, &choice, sizeof(choice));
        return;
    case FB_T_EXPR:
    case FB_T_LIST:
    case FB_T_MAP:
    case FB_T_EXPR_MAP:
        break;
    }
    ck_abort_msg("'%s' is not a single value", name);
}

void
fake_option_list(struct fake *fake, const char *name, const char *const *items)
{
    struct fb_list list = {.items = items};

    while (items[list.count] != NULL)
        list.count++;
    put(fake, option_of(fake, name), &list, sizeof(list));
}

void
fake_option_map(struct fake *fake, const char *name,
                const struct fb_pair *pairs, size_t count)
{
    struct fb_map map = {.count = count, .pairs = pairs};

    put(fake, option_of(fake, name), &map, sizeof(map));
}

void
fake_option_expr(struct fake *fake, const char *name)
{
    struct fb_expr *expr = keep_block(fake, 1);

    put(fake, option_of(fake, name), &expr, sizeof(expr));
}

struct fake *
fake_new(const char *name, enum fb_kind kind)
{
    struct fake *fake = calloc(1, sizeof(*fake));

    ck_assert_ptr_nonnull(fake);
    fake->host = fake_services;
    fake->step.host = &fake->host;
    fake->run_id = "0123456789abcdef0123456789abcdef";
    fake->plugin = load(name, kind);
    fake->self = keep_block(fake, fake->plugin->instance_size);
    for (const struct fb_option *o = fake->plugin->options;
         o != NULL && o->name != NULL; o++)
        if (o->def != NULL)
            fake_option(fake, o->name, o->def);
    return fake;
}

void
fake_free(struct fake *fake)
{
    for (size_t i = 0; i < fake->block_count; i++)
        free(fake->blocks[i]);
    free(fake->blocks);
    free(fake);
}

struct fb_column *
fake_column(struct fake *fake, const char *name, enum fb_column_type type)
{
    struct fb_column *column = &fake->columns[fake->column_count];

    ck_assert_uint_lt(fake->column_count, FAKE_COLUMNS_MAX);
    fake->column_count++;
    *column = (struct fb_column){
        .name = name,
        .type = type,
        .constraints = {.min_length = -1, .max_length = -1},
    };
    return column;
}

void
fake_input(struct fake *fake, const char *step, const char *title)
{
    size_t size = fake->column_count * sizeof(*fake->columns);
    struct fb_column *columns = keep_block(fake, size);

    ck_assert_uint_lt(fake->input_count, FAKE_INPUTS_MAX);
    memcpy(columns, fake->columns, size);
    fake->inputs[fake->input_count++] = (struct fb_input){
        .size = sizeof(struct fb_input),
        .step = step,
        .title = title,
        .column_count = fake->column_count,
        .columns = columns,
    };
    fake->column_count = 0;
}

void
fake_use_input(struct fake *fake, uint32_t index)
{
    const struct fb_input *input = &fake->inputs[index];

    ck_assert_uint_lt(index, fake->input_count);
    fake->input = index;
    fake->column_count = input->column_count;
    memcpy(fake->columns, input->columns,
           input->column_count * sizeof(*fake->columns));
}

static void
fill_cell(struct fake_batch *batch, uint32_t column, uint32_t row,
          const char *text)
{
    struct fb_cell *cell = &batch->cells[column][row];
    struct fb_value *value = &batch->values[column][row];

    cell->ptr = (const unsigned char *)(text != NULL ? text : "");
    cell->len = text != NULL ? (uint32_t)strlen(text) : 0;
    cell->flags = text != NULL ? 0 : FB_CELL_NULL;
    value->state = FB_V_NULL;
    if (text != NULL)
        value_parse(&batch->fake->columns[column], cell->ptr, cell->len, value);
}

struct fake_batch *
fake_batch(struct fake *fake, uint32_t rows, const char *const *texts)
{
    struct fake_batch *batch = keep_block(fake, sizeof(*batch));

    ck_assert_uint_le(rows, FAKE_ROWS_MAX);
    batch->pub.host = &fake->host;
    batch->fake = fake;
    batch->rows = rows;
    batch->first_line = 2; /* below a header */
    for (uint32_t row = 0; row < rows; row++) {
        fb_bit_set(batch->selection, row);
        for (uint32_t column = 0; column < fake->column_count; column++)
            fill_cell(batch, column, row,
                      texts[row * fake->column_count + column]);
    }
    return batch;
}

static int
call(struct fake *fake,
     int (*callback)(void *, struct fb_step *, struct fb_error *))
{
    int result;

    fake->err = (struct fb_error){.code = FB_E_NONE};
    if (callback == NULL)
        return 0;
    result = callback(fake->self, &fake->step, &fake->err);
    ck_assert_int_eq(result != 0, fake->err.code != FB_E_NONE);
    return result;
}

int
fake_check(struct fake *fake)
{
    return call(fake, fake->plugin->check);
}

int
fake_bind(struct fake *fake)
{
    fake->output_count = 0;
    return call(fake, fake->plugin->bind);
}

int
fake_open(struct fake *fake)
{
    return call(fake, fake->plugin->open);
}

int
fake_finish(struct fake *fake)
{
    return call(fake, fake->plugin->finish);
}

int
fake_begin(struct fake *fake)
{
    if (fake_check(fake) != 0 || fake_bind(fake) != 0)
        return -1;
    return fake_open(fake);
}

void
fake_close(struct fake *fake)
{
    if (fake->plugin->close != NULL)
        fake->plugin->close(fake->self, &fake->step);
}

int
fake_process(struct fake *fake, struct fake_batch *batch)
{
    fake->err = (struct fb_error){.code = FB_E_NONE};
    return fake->plugin->process(fake->self, &fake->step, &batch->pub,
                                 &fake->err);
}

int
fake_write(struct fake *fake, struct fake_batch *batch)
{
    fake->err = (struct fb_error){.code = FB_E_NONE};
    return fake->plugin->write(fake->self, &fake->step, &batch->pub,
                               &fake->err);
}
