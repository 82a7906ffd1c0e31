/*
 * validate.c: rejects the rows that the schema does not allow.  A row leaves
 * once, with what is wrong in the first of its columns that is wrong.
 *
 * Rows are judged one by one, but for `unique`, which looks back over all of
 * them.  So this step is not FB_PARALLEL: which of two equal rows is the
 * first must not depend on who is faster.
 */
#include "forebay/plugin.h"
#include "pattern.h"
#include "rule.h"
#include "shared/keys.h"
#include "show.h"

struct validate {
    struct fb_list columns;
    int64_t unique_memory;

    struct rule *rules;
    struct keys **seen; /* one a rule; NULL where values may repeat */
    size_t rule_count;
    uint64_t room; /* bytes left of unique_memory */
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

static int
validate_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    struct validate *validate = self;
    const struct fb_list *named = &validate->columns;
    uint32_t index, count = fb_column_count(step);
    size_t room = count > named->count ? count : named->count;

    validate->rule_count = 0;
    validate->rules = fb_alloc(step, (room + 1) * sizeof(struct rule));
    validate->seen = fb_alloc(step, (room + 1) * sizeof(struct keys *));
    for (size_t i = 0; i < named->count; i++)
        if (fb_column_find(step, "columns", i, named->items[i], &index, err) !=
                0 ||
            add_rule(validate, step, index, err) != 0)
            return -1;
    for (index = 0; named->count == 0 && index < count; index++)
        if (add_rule(validate, step, index, err) != 0)
            return -1;
    return validate->rule_count > 0 ? 0 : nothing_to_check(validate, step, err);
}

static void
validate_close(void *self, struct fb_step *step)
{
    struct validate *validate = self;

    (void)step;
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

    validate->room = (uint64_t)validate->unique_memory;
    for (size_t i = 0; i < validate->rule_count; i++)
        if (open_rule(validate, i, err) != 0) {
            validate_close(validate, step);
            return -1;
        }
    return 0;
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
judge_column(const struct rule *rule, struct fb_batch *batch,
             struct pattern_room *room, struct fb_error *err)
{
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);
    const struct fb_value *values;
    const struct fb_cell *cells;
    char text[FB_MESSAGE_MAX];

    if (fb_batch_cells(batch, rule->index, &cells, err) != 0 ||
        fb_batch_values(batch, rule->index, &values, err) != 0)
        return -1;
    for (uint32_t row = 0; next_row(selection, rows, &row); row++) {
        const char *code =
            rule_judge(rule, &cells[row], &values[row], room, text);

        if (code != NULL)
            fb_batch_reject(batch, row, rule->index, code, "%s", text);
    }
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
remember_row(struct validate *validate, struct fb_batch *batch,
             const struct fb_value *const *values, uint32_t row,
             struct fb_error *err)
{
    for (size_t i = 0; i < validate->rule_count; i++) {
        struct key key;

        if (values[i] == NULL || values[i][row].state != FB_V_OK)
            continue;
        rule_key(&validate->rules[i], &values[i][row], &key);
        if (keys_add(validate->seen[i], key.bytes, key.length,
                     fb_batch_line(batch, row)) == 0)
            continue;
        fb_fail(err, FB_E_LIMIT,
                "at line %llu: the values of the unique columns ('%s') do "
                "not fit into %lld bytes of memory",
                (unsigned long long)fb_batch_line(batch, row),
                validate->rules[i].column->name,
                (long long)validate->unique_memory);
        return fb_hint(err, "raise 'unique_memory', or take 'unique' out of "
                            "the schema");
    }
    return 0;
}

/* After everything else, so that a row rejected for another reason does not
 * take a value away from a good one. */
static int
judge_repeats(struct validate *validate, struct fb_batch *batch,
              struct fb_error *err)
{
    const uint64_t *selection = fb_batch_selection(batch);
    uint32_t rows = fb_batch_rows(batch);
    const struct fb_value **values =
        fb_batch_alloc(batch, validate->rule_count * sizeof(*values));
    bool any = false;

    for (size_t i = 0; i < validate->rule_count; i++) {
        values[i] = NULL;
        if (validate->seen[i] == NULL)
            continue;
        any = true;
        if (fb_batch_values(batch, validate->rules[i].index, &values[i], err) !=
            0)
            return -1;
    }
    for (uint32_t row = 0; any && next_row(selection, rows, &row); row++)
        if (!reject_repeated(validate, batch, values, row) &&
            remember_row(validate, batch, values, row, err) != 0)
            return -1;
    return 0;
}

static int
validate_process(void *self, struct fb_step *step, struct fb_batch *batch,
                 struct fb_error *err)
{
    struct validate *validate = self;
    struct pattern_room *room = pattern_room_new();
    int status = 0;

    (void)step;
    if (room == NULL)
        return fb_fail(err, FB_E_FAILED,
                       "cannot match patterns: out of "
                       "memory");
    for (size_t i = 0; status == 0 && i < validate->rule_count; i++)
        status = judge_column(&validate->rules[i], batch, room, err);
    pattern_room_free(room);
    return status == 0 ? judge_repeats(validate, batch, err) : -1;
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
             "may take; beyond it the run fails."},
    {.name = NULL},
};

static const struct fb_plugin validate_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .name = "validate",
    .summary = "Rejects the rows that the schema does not allow.",
    .flags = FB_REJECTS,
    .options = validate_options,
    .instance_size = sizeof(struct validate),
    .bind = validate_bind,
    .open = validate_open,
    .process = validate_process,
    .close = validate_close,
};

FB_PLUGINS(&validate_plugin);
