#include "match.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "aws/buf.h"
#include "shared/order.h"

static uint32_t
own_columns(const struct fb_table *table)
{
    return table->column_count - table->partition_count;
}

static bool
is_of_path(const struct fb_table *table, const char *name)
{
    for (uint32_t i = own_columns(table); i < table->column_count; i++)
        if (strcasecmp(table->columns[i].name, name) == 0)
            return true;
    return false;
}

static int
refuse_extra(const struct fb_table *table, const struct fb_input *input,
             const char *name, struct fb_error *err)
{
    if (is_of_path(table, name)) {
        fb_fail(err, FB_E_CONFIG,
                "the column '%s' of '%s' stands in the path of the table's "
                "files, and so must not stand in them too",
                name, input->step);
        return fb_hint(err, "leave it out with a 'select' before the sinks");
    }
    fb_fail(err, FB_E_CONFIG,
            "'%s' gives a column '%s' that the table '%s' does not have",
            input->step, name, table->name);
    return fb_hint(err, "add it to the table's schema, or leave it out with a "
                        "'select' before the sinks");
}

static const char *
type_name(enum fb_column_type type)
{
    static const char *const names[] = {
        [FB_C_STRING] = "string", [FB_C_INTEGER] = "integer",
        [FB_C_NUMBER] = "number", [FB_C_BOOLEAN] = "boolean",
        [FB_C_DATE] = "date",     [FB_C_DATETIME] = "datetime",
        [FB_C_TIME] = "time",
    };

    assert(type >= FB_C_STRING && type <= FB_C_TIME);
    return names[type];
}

/* A text is read by the table's schema, whatever it was to us. */
static int
check_type(const struct fb_table *table, const struct fb_input *input,
           const struct fb_column *theirs, const struct fb_column *ours,
           struct fb_error *err)
{
    if (strcmp(table->format, "parquet") != 0 || theirs->type == ours->type)
        return 0;
    fb_fail(err, FB_E_CONFIG,
            "'%s' gives the column '%s' as %s, and the table '%s' has it as "
            "%s",
            input->step, ours->name, type_name(ours->type), table->name,
            type_name(theirs->type));
    return fb_hint(err,
                   "%s files keep the types of their columns: say one in "
                   "both schemas",
                   table->format);
}

static int
check_missing(const struct fb_table *table, const struct fb_input *input,
              const bool *given, struct fb_error *err)
{
    for (uint32_t i = 0; i < own_columns(table); i++) {
        if (given[i])
            continue;
        fb_fail(err, FB_E_CONFIG,
                "the table '%s' has a column '%s' that '%s' does not give",
                table->name, table->columns[i].name, input->step);
        return fb_hint(err, "take it out of the table's schema, or make it "
                            "with a 'derive'");
    }
    return 0;
}

static int
check_given(const struct fb_table *table, const struct fb_input *input,
            bool *given, struct fb_error *err)
{
    for (uint32_t i = 0; i < input->column_count; i++) {
        const struct fb_column *column = &input->columns[i];
        uint32_t at = order_find_column(table, column->name);

        if (at == UINT32_MAX)
            return refuse_extra(table, input, column->name, err);
        if (given[at])
            return fb_fail(err, FB_E_CONFIG,
                           "'%s' gives the column '%s' of the table '%s' "
                           "twice",
                           input->step, table->columns[at].name, table->name);
        given[at] = true;
        if (check_type(table, input, &table->columns[at], column, err) != 0)
            return -1;
    }
    return 0;
}

int
match_columns(const struct fb_table *table, const struct fb_input *input,
              struct fb_error *err)
{
    bool *given = aws_alloc(sizeof(*given) * (own_columns(table) + 1));
    int status;

    assert(table->columns != NULL && input->columns != NULL);
    status = check_given(table, input, given, err);
    if (status == 0)
        status = check_missing(table, input, given, err);
    free(given);
    return status;
}

uint32_t *
match_order(const struct fb_table *table, const struct fb_input *input)
{
    uint32_t *order = aws_alloc(sizeof(*order) * (own_columns(table) + 1));

    assert(input->column_count == own_columns(table));
    for (uint32_t i = 0; i < input->column_count; i++)
        order[i] = order_find_column(table, input->columns[i].name);
    return order;
}

bool
match_is_declared(const uint32_t *order, const struct fb_table *table)
{
    for (uint32_t i = 0; i < own_columns(table); i++)
        if (order[i] != i)
            return false;
    return true;
}
