#include "viewsql.h"

#include <assert.h>

const char *
viewsql_type(enum fb_column_type type)
{
    static const char *const names[] = {
        [FB_C_STRING] = "varchar", [FB_C_INTEGER] = "bigint",
        [FB_C_NUMBER] = "double",  [FB_C_BOOLEAN] = "boolean",
        [FB_C_DATE] = "date",      [FB_C_DATETIME] = "timestamp(3)",
        [FB_C_TIME] = "time(3)",
    };

    assert(type >= FB_C_STRING && type <= FB_C_TIME);
    return names[type];
}

const char *
viewsql_hive_type(enum fb_column_type type)
{
    switch (type) {
    case FB_C_STRING:
    case FB_C_TIME:
        return "string";
    case FB_C_DATETIME:
        return "timestamp";
    case FB_C_INTEGER:
    case FB_C_NUMBER:
    case FB_C_BOOLEAN:
    case FB_C_DATE:
        return viewsql_type(type);
    }
    return "string";
}

/* 'it''s' */
static void
add_literal(struct aws_buf *sql, const char *text)
{
    aws_buf_byte(sql, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            aws_buf_byte(sql, '\'');
        aws_buf_byte(sql, (unsigned char)*text);
    }
    aws_buf_byte(sql, '\'');
}

static void
add_literals(struct aws_buf *sql, const char *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        aws_buf_text(sql, i > 0 ? ", " : "");
        add_literal(sql, items[i]);
    }
}

/* Names are checked before: a-z, 0-9 and _ need no escape in quotes. */
static void
add_name(struct aws_buf *sql, const char *name)
{
    aws_buf_format(sql, "\"%s\"", name);
}

/* The text of a column, or NULL where it means that nothing is there. */
static void
add_text(struct aws_buf *sql, const struct fb_table *table, const char *name)
{
    const struct fb_list *missing = &table->missing;

    if (missing->count == 0) {
        add_name(sql, name);
    } else if (missing->count == 1) {
        aws_buf_text(sql, "nullif(");
        add_name(sql, name);
        aws_buf_text(sql, ", ");
        add_literal(sql, missing->items[0]);
        aws_buf_byte(sql, ')');
    } else {
        aws_buf_text(sql, "CASE WHEN ");
        add_name(sql, name);
        aws_buf_text(sql, " IN (");
        add_literals(sql, missing->items, missing->count);
        aws_buf_text(sql, ") THEN NULL ELSE ");
        add_name(sql, name);
        aws_buf_text(sql, " END");
    }
}

static void
add_number(struct aws_buf *sql, const struct fb_table *table,
           const struct fb_column *column, const char *name)
{
    bool groups = column->group_char != NULL && *column->group_char != '\0';
    bool comma = column->decimal_char != NULL &&
                 *column->decimal_char != '\0' &&
                 strcmp(column->decimal_char, ".") != 0;

    aws_buf_text(sql, comma ? "replace(" : "");
    aws_buf_text(sql, groups ? "replace(" : "");
    add_text(sql, table, name);
    if (groups) {
        aws_buf_text(sql, ", ");
        add_literal(sql, column->group_char);
        aws_buf_text(sql, ", '')");
    }
    if (comma) {
        aws_buf_text(sql, ", ");
        add_literal(sql, column->decimal_char);
        aws_buf_text(sql, ", '.')");
    }
}

/* CAST takes more words for true than the schema does; so a text that is none
 * of those goes into a CAST that must fail, and says which it was. */
static void
add_boolean(struct aws_buf *sql, const struct fb_table *table,
            const struct fb_column *column, const char *name)
{
    static const char *const yes[] = {"true", "True", "TRUE", "1"};
    static const char *const no[] = {"false", "False", "FALSE", "0"};
    const struct fb_list *true_values = &column->true_values;
    const struct fb_list *false_values = &column->false_values;

    aws_buf_text(sql, "CASE WHEN ");
    add_text(sql, table, name);
    aws_buf_text(sql, " IS NULL THEN NULL WHEN ");
    add_name(sql, name);
    aws_buf_text(sql, " IN (");
    add_literals(sql, true_values->count > 0 ? true_values->items : yes,
                 true_values->count > 0 ? true_values->count : 4);
    aws_buf_text(sql, ") THEN true WHEN ");
    add_name(sql, name);
    aws_buf_text(sql, " IN (");
    add_literals(sql, false_values->count > 0 ? false_values->items : no,
                 false_values->count > 0 ? false_values->count : 4);
    aws_buf_text(sql, ") THEN false ELSE CAST('no boolean: ' || ");
    add_name(sql, name);
    aws_buf_text(sql, " AS boolean) END");
}

/* The letters of strptime in those of date_parse, which are MySQL's. */
static int
add_pattern(struct aws_buf *sql, const char *format)
{
    static const char ours[] = "YymdHMSfBbAajpI%";
    static const char theirs[] = "YymdHisfMbWajph%";
    char pattern[128];
    size_t used = 0;

    for (; *format != '\0'; format++) {
        const char *at;

        if (used + 3 > sizeof(pattern))
            return -1;
        pattern[used++] = *format;
        if (*format != '%')
            continue;
        at = *++format == '\0' ? NULL : strchr(ours, *format);
        if (at == NULL)
            return -1;
        pattern[used++] = theirs[at - ours];
    }
    pattern[used] = '\0';
    add_literal(sql, pattern);
    return 0;
}

static bool
is_default(const char *format)
{
    return format == NULL || *format == '\0' || strcmp(format, "any") == 0 ||
           strcmp(format, "default") == 0;
}

/* What ISO 8601 writes, CAST and from_iso8601_timestamp read. */
static int
add_moment(struct aws_buf *sql, const struct fb_table *table,
           const struct fb_column *column, const char *name)
{
    if (!is_default(column->format)) {
        aws_buf_text(sql, "date_parse(");
        add_text(sql, table, name);
        aws_buf_text(sql, ", ");
        if (add_pattern(sql, column->format) != 0)
            return -1;
        aws_buf_byte(sql, ')');
    } else if (column->type == FB_C_DATETIME) {
        aws_buf_text(sql, "from_iso8601_timestamp(replace(");
        add_text(sql, table, name);
        aws_buf_text(sql, ", ' ', 'T')) AT TIME ZONE 'UTC'");
    } else {
        add_text(sql, table, name);
    }
    return 0;
}

static int
add_value(struct aws_buf *sql, const struct fb_table *table,
          const struct fb_column *column, const char *name)
{
    switch (column->type) {
    case FB_C_STRING:
        add_text(sql, table, name);
        return 0;
    case FB_C_BOOLEAN:
        add_boolean(sql, table, column, name);
        return 0;
    case FB_C_INTEGER:
    case FB_C_NUMBER:
        aws_buf_text(sql, "CAST(");
        add_number(sql, table, column, name);
        break;
    case FB_C_DATE:
    case FB_C_DATETIME:
    case FB_C_TIME:
        aws_buf_text(sql, "CAST(");
        if (add_moment(sql, table, column, name) != 0)
            return -1;
        break;
    }
    aws_buf_format(sql, " AS %s)", viewsql_type(column->type));
    return 0;
}

int
viewsql_make(const struct fb_table *table, char *const *names,
             const char *database, const char *texts, struct aws_buf *sql,
             struct fb_error *err)
{
    aws_buf_text(sql, "SELECT");
    for (uint32_t i = 0; i < table->column_count; i++) {
        const struct fb_column *column = &table->columns[i];

        aws_buf_text(sql, i > 0 ? ",\n  " : "\n  ");
        if (add_value(sql, table, column, names[i]) != 0) {
            fb_fail(err, FB_E_CONFIG,
                    "cannot give the table '%s' to Athena: nothing there reads "
                    "the format '%s' of column '%s'",
                    table->name, column->format, column->name);
            return fb_hint(err, "write the column in the default format of "
                                "its type");
        }
        aws_buf_format(sql, " AS \"%s\"", names[i]);
    }
    aws_buf_format(sql, "\nFROM \"%s\".\"%s\"", database, texts);
    return aws_buf_check(sql, "view of a table", err);
}
