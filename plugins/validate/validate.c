/*
 * validate.c: rejects the rows that the schema does not allow.  A row leaves
 * once, with what is wrong in the first of its columns that is wrong.
 *
 * Rows are judged one by one, but for `unique` and the primary key, which look
 * back over all of them.  With these the step is serial: which of two equal
 * rows is the first must not depend on who is faster.
 */
#include "forebay/plugin.h"
#include "pattern.h"
#include "primary.h"
#include "rule.h"
#include "shared/keys.h"
#include "show.h"
#include "sure.h"

struct validate {
    struct fb_list columns;
    int64_t unique_memory;

    struct rule *rules;
    struct keys **seen; /* one a rule; NULL where values may repeat */
    size_t rule_count;
    struct primary primary;
    uint64_t room; /* bytes left of unique_memory */
};

/* What the rows of one batch must not repeat. */
struct view {
    const struct fb_value **unique; /* one a rule; NULL: may repeat */
    struct tuple_view primary;      /* when there is such a key */
};

static int
add_rule(struct validate *validate, struct fb_step *step, uint32_t index,
         struct fb_error *err)
{
    if (!rule_is_needed(fb_column(step, index)))
        return 0;
    return rule_prepare(&validate->rules[validate->rule_count++], step, index,
                        err);
}

static int
nothing_to_check(const struct validate *validate, struct fb_step *step,
                 struct fb_error *err)
{
    static const char text[] = "validate has nothing to check: these columns "
                               "are all plain text without constraints";

    if (validate->columns.count > 0)
        fb_bad_option(step, err, "columns", 0, "%s", text);
    else
        fb_fail(err, FB_E_CONFIG, "%s", text);
    return fb_hint(err, "give the source a schema with types or constraints");
}

static bool
looks_back(const struct validate *validate)
{
    bool unique = false;

    for (size_t i = 0; i < validate->rule_count; i++)
        unique |= validate->rules[i].column->constraints.unique;
    return unique || validate->primary.tuple.count > 0;
}

/* A key is judged as a whole, as soon as one of its columns is to be checked;
 * half a key would find repetitions where there are none. */
static int
validate_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct validate *validate = self;
    const struct fb_list *named = &validate->columns;
    uint32_t index, count = fb_column_count(step);
    size_t room = count > named->count ? count : named->count;
    bool key = named->count == 0;

    validate->rule_count = 0;
    validate->rules = fb_alloc(step, (room + 1) * sizeof(struct rule));
    validate->seen = fb_alloc(step, (room + 1) * sizeof(struct keys *));
    for (size_t i = 0; i < named->count; i++) {
        if (fb_column_find(step, "columns", i, named->items[i], &index, err) !=
                0 ||
            add_rule(validate, step, index, err) != 0)
            return -1;
        key |= fb_column(step, index)->constraints.primary_key > 0;
    }
    for (index = 0; named->count == 0 && index < count; index++)
        if (add_rule(validate, step, index, err) != 0)
            return -1;
    validate->primary = (struct primary){.whole = false};
    if (key)
        primary_prepare(&validate->primary, step,
                        (size_t)validate->unique_memory);
    if (looks_back(validate))
        fb_serial(step);
    return validate->rule_count + validate->primary.tuple.count > 0
               ? 0
               : nothing_to_check(validate, step, err);
}

static void
validate_close(void *self, struct fb_step *step)
{
    struct validate *validate = self;

    (void)step;
    primary_close(&validate->primary);
    for (size_t i = 0; i < validate->rule_count; i++) {
        rule_close(&validate->rules[i]);
        keys_free(validate->seen[i]);
        validate->seen[i] = NULL;
    }
}

static int
open_rule(struct validate *validate, size_t i, struct fb_error *err)
{
    struct rule *rule = &validate->rules[i];

    if (rule_open(rule, err) != 0)
        return -1;
    if (!rule->column->constraints.unique)
        return 0;
    validate->seen[i] = keys_new(&validate->room);
    if (validate->seen[i] == NULL)
        return fb_fail(err, FB_E_FAILED,
                       "cannot remember the values of column '%s': out of "
                       "memory",
                       rule->column->name);
    return 0;
}

static int
validate_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct validate *validate = self;

    int status;

    validate->room = (uint64_t)validate->unique_memory;
    status = primary_open(&validate->primary, step, &validate->room, err);
    for (size_t i = 0; status == 0 && i < validate->rule_count; i++)
        status = open_rule(validate, i, err);
    if (status != 0)
        validate_close(validate, step);
    return status;
}

/* Step over the rows that are still in, as they were when this began. */
static bool
next_row(const uint64_t *selection, uint32_t rows, uint32_t *row)
{
    for (; *row < rows; ++*row)
        if (fb_bit(selection, *row))
            return true;
    return false;
}

static int
view_column(const struct rule *rule, struct fb_batch *batch,
            struct sure_column *column, struct fb_error *err)
{
    *column = (struct sure_column){.selection = fb_batch_selection(batch),
                                   .rows = fb_batch_rows(batch)};
    if (fb_batch_cells(batch, rule->index, &column->cells, err) != 0)
        return -1;
    if (rule->column->type == FB_C_STRING) /* the text is the value */
        return 0;
    return fb_batch_values(batch, rule->index, &column->values, err);
}

static struct fb_value
value_of(const struct sure_column *column, uint32_t row)
{
    const struct fb_cell *cell = &column->cells[row];

    if (column->values != NULL)
        return column->values[row];
    if (cell->flags & FB_CELL_NULL)
        return (struct fb_value){.state = FB_V_NULL};
    return (struct fb_value){
        .state = FB_V_OK, .len = cell->len, .as.s = cell->ptr};
}

static void
judge_row(const struct rule *rule, struct fb_batch *batch,
          const struct sure_column *column, uint32_t row,
          struct pattern_room *room)
{
    const struct fb_value value = value_of(column, row);
    char text[FB_MESSAGE_MAX];
    const char *code =
        rule_judge(rule, &column->cells[row], &value, room, text);

    if (code != NULL)
        fb_batch_reject(batch, row, rule->index, code, "%s", text);
}

/* `doubts` has room for a bit a row. */
static int
judge_column(const struct rule *rule, struct fb_batch *batch, uint64_t *doubts,
             struct pattern_room *room, struct fb_error *err)
{
    struct sure_column column;

    if (view_column(rule, batch, &column, err) != 0)
        return -1;
    sure_doubts(rule, &column, doubts);
    for (uint32_t w = 0; w < FB_WORDS(column.rows); w++)
        for (uint64_t left = doubts[w]; left != 0; left &= left - 1)
            judge_row(rule, batch, &column,
                      w * 64 + (uint32_t)__builtin_ctzll(left), room);
    return 0;
}

/* True when the row repeats a value; it is then rejected. */
static bool
reject_repeated(const struct validate *validate, struct fb_batch *batch,
                const struct fb_value *const *values, uint32_t row)
{
    for (size_t i = 0; i < validate->rule_count; i++) {
        const struct rule *rule = &validate->rules[i];
        char shown[SHOW_SIZE];
        struct key key;
        const uint64_t *line;

        if (values[i] == NULL || values[i][row].state != FB_V_OK)
            continue;
        rule_key(rule, &values[i][row], &key);
        line = keys_find(validate->seen[i], key.bytes, key.length);
        if (line == NULL)
            continue;
        if (rule->column->type == FB_C_STRING)
            show(key.bytes, key.length, shown);
        else
            snprintf(shown, sizeof(shown), "the value");
        fb_batch_reject(batch, row, rule->index, "unique-error",
                        "%s already stands on line %llu", shown,
                        (unsigned long long)*line);
        return true;
    }
    return false;
}

static int
out_of_memory(const struct validate *validate, uint64_t line, const char *what,
              const char *constraint, struct fb_error *err)
{
    fb_fail(err, FB_E_LIMIT,
            "at line %llu: the values of %s do not fit into %lld bytes of "
            "memory",
            (unsigned long long)line, what, (long long)validate->unique_memory);
    return fb_hint(err, "raise 'unique_memory', or take '%s' out of the schema",
                   constraint);
}

static int
remember_row(struct validate *validate, struct fb_batch *batch,
             const struct fb_value *const *values, uint32_t row,
             struct fb_error *err)
{
    uint64_t line = fb_batch_line(batch, row);

    for (size_t i = 0; i < validate->rule_count; i++) {
        struct key key;
        char what[FB_MESSAGE_MAX / 2];

        if (values[i] == NULL || values[i][row].state != FB_V_OK)
            continue;
        rule_key(&validate->rules[i], &values[i][row], &key);
        if (keys_add(validate->seen[i], key.bytes, key.length, line) == 0)
            continue;
        snprintf(what, sizeof(what), "the unique columns ('%s')",
                 validate->rules[i].column->name);
        return out_of_memory(validate, line, what, "unique", err);
    }
    if (primary_remember(&validate->primary, line) != 0)
        return out_of_memory(validate, line, "the primary key", "primaryKey",
                             err);
    return 0;
}

/* The columns whose values must not repeat.  *any: there are some. */
static int
view_batch(struct validate *validate, struct fb_step *step,
           struct fb_batch *batch, struct view *view, bool *any,
           struct fb_error *err)
{
    view->unique = fb_batch_alloc(batch, (validate->rule_count + 1) *
                                             sizeof(*view->unique));
    *any = validate->primary.tuple.count > 0;
    if (*any && tuple_view(&validate->primary.tuple, step, batch,
                           &view->primary, err) != 0)
        return -1;
    for (size_t i = 0; i < validate->rule_count; i++) {
        view->unique[i] = NULL;
        if (validate->seen[i] == NULL)
            continue;
        *any = true;
        if (fb_batch_values(batch, validate->rules[i].index, &view->unique[i],
                            err) != 0)
            return -1;
    }
    return 0;
}

/* After everything else, so that a row rejected for another reason does not
 * take a value away from a good one. */
static int
judge_repeats(struct validate *validate, struct fb_step *step,
              struct fb_batch *batch, struct fb_error *err)
{
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);
    struct view view;
    bool any;

    if (view_batch(validate, step, batch, &view, &any, err) != 0)
        return -1;
    for (uint32_t row = 0; any && next_row(selection, rows, &row); row++) {
        int status = 1;

        if (!reject_repeated(validate, batch, view.unique, row))
            status = primary_judge(&validate->primary, step, batch,
                                   &view.primary, row, err);
        if (status < 0 ||
            (status == 0 &&
             remember_row(validate, batch, view.unique, row, err) != 0))
            return -1;
    }
    return 0;
}

static int
validate_process(void *self, struct fb_step *step, struct fb_batch *batch,
                 struct fb_error *err)
{
    struct validate *validate = self;
    struct pattern_room *room = pattern_room_new();
    uint64_t *doubts =
        fb_batch_alloc(batch, FB_WORDS(fb_batch_rows(batch)) * sizeof(*doubts));
    int status = 0;

    if (room == NULL)
        return fb_fail(err, FB_E_FAILED,
                       "cannot match patterns: out of "
                       "memory");
    for (size_t i = 0; status == 0 && i < validate->rule_count; i++)
        status = judge_column(&validate->rules[i], batch, doubts, room, err);
    pattern_room_free(room);
    return status == 0 ? judge_repeats(validate, step, batch, err) : -1;
}

static const struct fb_option validate_options[] = {
    {.name = "columns",
     FB_LIST(struct validate, columns),
     .help = "The columns to check; all of them when left out."},
    {.name = "unique_memory",
     FB_SIZE(struct validate, unique_memory),
     .def = "64MiB",
     .min = 65536,
     .max = INT64_C(1) << 40,
     .help = "How much memory the values of columns with a unique constraint "
             "and of the primary key may take; beyond it the run fails."},
    {.name = NULL},
};

static const struct fb_plugin validate_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "validate",
    .summary = "Rejects the rows that the schema does not allow.",
    .flags = FB_REJECTS | FB_PARALLEL,
    .options = validate_options,
    .instance_size = sizeof(struct validate),
    .bind = validate_bind,
    .open = validate_open,
    .process = validate_process,
    .close = validate_close,
};

FB_PROVIDES("transform validate");
FB_PLUGINS(&validate_plugin);
