#include "sure.h"

#include <assert.h>

#include "show.h"

/* What rule_judge looks up for each cell, looked up once. */
struct look {
    const struct rule *rule;
    const struct fb_cell *cells;
    const struct fb_value *values;
    bool required;
    double from, to;     /* numbers; beyond every bound where there is none */
    int64_t first, last; /* other values that have an order */
    uint64_t min_length, max_length;
};

typedef bool sure_fn(const struct look *look, uint32_t row);

static inline bool
is_present(const struct look *look, uint32_t row)
{
    return !(look->cells[row].flags & FB_CELL_NULL);
}

static inline bool
is_typed(const struct look *look, uint32_t row)
{
    uint32_t state = look->values[row].state;

    return state == FB_V_OK || (state == FB_V_NULL && !look->required);
}

static inline bool
is_number_in_range(const struct look *look, uint32_t row)
{
    const struct fb_value *value = &look->values[row];

    if (value->state != FB_V_OK)
        return is_typed(look, row);
    return value->as.d >= look->from && value->as.d <= look->to;
}

static inline bool
is_in_range(const struct look *look, uint32_t row)
{
    const struct fb_value *value = &look->values[row];

    if (value->state != FB_V_OK)
        return is_typed(look, row);
    return value->as.i >= look->first && value->as.i <= look->last;
}

static inline bool
is_allowed(const struct look *look, uint32_t row)
{
    const struct fb_value *value = &look->values[row];
    struct key key;

    if (value->state != FB_V_OK)
        return is_typed(look, row);
    rule_key(look->rule, value, &key);
    return allowed_has(&look->rule->allowed, key.bytes, key.length);
}

static inline bool
has_right_length(const struct look *look, const struct fb_cell *cell)
{
    uint64_t count;

    /* No text has more characters than bytes. */
    if (cell->len <= look->max_length && look->min_length == 0)
        return true;
    count = show_count_characters(cell->ptr, cell->len);
    return count >= look->min_length && count <= look->max_length;
}

static inline bool
is_right_text(const struct look *look, uint32_t row)
{
    const struct rule *rule = look->rule;
    const struct fb_cell *cell = &look->cells[row];

    if (!is_present(look, row))
        return !look->required;
    return has_right_length(look, cell) &&
           (rule->allowed.count == 0 ||
            allowed_has(&rule->allowed, cell->ptr, cell->len)) &&
           (rule->pattern == NULL ||
            pattern_surely_matches(rule->pattern, cell->ptr, cell->len));
}

/* Inlined with each `sure`, so that none is called through a pointer. */
static inline __attribute__((always_inline)) void
look_at_all(const struct look *look, const struct sure_column *column,
            uint64_t *doubts, sure_fn *sure)
{
    for (uint32_t w = 0; w < FB_WORDS(column->rows); w++) {
        uint64_t doubt = 0;

        for (uint64_t left = column->selection[w]; left != 0;
             left &= left - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(left);

            doubt |= (uint64_t)!sure(look, w * 64 + bit) << bit;
        }
        doubts[w] = doubt;
    }
}

static struct look
look_of(const struct rule *rule, const struct sure_column *column)
{
    const struct fb_constraints *c = &rule->column->constraints;

    return (struct look){
        .rule = rule,
        .cells = column->cells,
        .values = column->values,
        .required = c->required,
        .from =
            rule->has_minimum ? rule->minimum.as.d : -(double)__builtin_inff(),
        .to = rule->has_maximum ? rule->maximum.as.d : (double)__builtin_inff(),
        .first = rule->has_minimum ? rule->minimum.as.i : INT64_MIN,
        .last = rule->has_maximum ? rule->maximum.as.i : INT64_MAX,
        .min_length = c->min_length >= 0 ? (uint64_t)c->min_length : 0,
        .max_length = c->max_length >= 0 ? (uint64_t)c->max_length : UINT64_MAX,
    };
}

/* Rules that the functions above do not know of leave every row in doubt. */
static void
doubt_all(const struct sure_column *column, uint64_t *doubts)
{
    memcpy(doubts, column->selection, FB_WORDS(column->rows) * sizeof(*doubts));
}

static void
look_at_texts(const struct look *look, const struct sure_column *column,
              uint64_t *doubts)
{
    const struct rule *rule = look->rule;

    if (rule->allowed.count > 0 || rule->pattern != NULL ||
        look->min_length > 0 || look->max_length < UINT64_MAX)
        look_at_all(look, column, doubts, is_right_text);
    else if (look->required)
        look_at_all(look, column, doubts, is_present);
    else
        memset(doubts, 0, FB_WORDS(column->rows) * sizeof(*doubts));
}

static void
look_at_values(const struct look *look, const struct sure_column *column,
               uint64_t *doubts)
{
    const struct rule *rule = look->rule;
    bool ordered = rule->has_minimum || rule->has_maximum;

    if (rule->pattern != NULL || look->min_length > 0 ||
        look->max_length < UINT64_MAX || (ordered && rule->allowed.count > 0))
        doubt_all(column, doubts);
    else if (rule->allowed.count > 0)
        look_at_all(look, column, doubts, is_allowed);
    else if (!ordered)
        look_at_all(look, column, doubts, is_typed);
    else if (rule->column->type == FB_C_NUMBER)
        look_at_all(look, column, doubts, is_number_in_range);
    else
        look_at_all(look, column, doubts, is_in_range);
}

void
sure_doubts(const struct rule *rule, const struct sure_column *column,
            uint64_t *doubts)
{
    const struct look look = look_of(rule, column);

    assert((column->values == NULL) == (rule->column->type == FB_C_STRING));
    if (column->values == NULL)
        look_at_texts(&look, column, doubts);
    else
        look_at_values(&look, column, doubts);
}
