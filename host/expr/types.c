/*
 * expr/types.c: see types.h.  What converts values between them is cast.c.
 */
#include "expr/types.h"

#include <assert.h>

#include "util/mem.h"
#include "util/text.h"

const char *
etype_article(struct etype type)
{
    switch (type.kind) {
    case T_NULL:
        return "NULL";
    case T_BOOL:
        return "a boolean";
    case T_INT:
        return "an integer";
    case T_DECIMAL:
    case T_DOUBLE:
        return "a number";
    case T_TEXT:
        return "a string";
    case T_DATE:
        return "a date";
    case T_TIMESTAMP:
        return "a datetime";
    case T_TIME:
        return "a time";
    case T_INTERVAL:
        return "an interval";
    }
    assert(false && "a type without a name");
    return "";
}

const char *
etype_word(struct etype type)
{
    const char *article = etype_article(type), *space = strchr(article, ' ');

    return space != NULL ? space + 1 : article;
}

const char *
etype_sql(struct etype type, char *text)
{
    static const char *const names[] = {
        [T_NULL] = "NULL",     [T_BOOL] = "BOOLEAN",
        [T_INT] = "BIGINT",    [T_DECIMAL] = "DECIMAL",
        [T_DOUBLE] = "DOUBLE", [T_TEXT] = "VARCHAR",
        [T_DATE] = "DATE",     [T_TIMESTAMP] = "TIMESTAMP",
        [T_TIME] = "TIME",     [T_INTERVAL] = "INTERVAL",
    };

    if (type.kind == T_DECIMAL)
        snprintf(text, 32, "DECIMAL(%d,%d)", type.width, type.scale);
    else
        snprintf(text, 32, "%s",
                 type.kind == T_INT && type.bits == 32 ? "INTEGER"
                                                       : names[type.kind]);
    return text;
}

bool
etype_is_number(struct etype type)
{
    return type.kind == T_INT || type.kind == T_DECIMAL ||
           type.kind == T_DOUBLE;
}

bool
etype_equal(struct etype a, struct etype b)
{
    return a.kind == b.kind && a.bits == b.bits && a.width == b.width &&
           a.scale == b.scale;
}

struct etype
etype_simple(enum etype_kind kind)
{
    assert(kind != T_DECIMAL);
    return (struct etype){.kind = kind, .bits = kind == T_INT ? 64 : 0};
}

struct etype
etype_of_column(enum fb_column_type type)
{
    static const enum etype_kind kinds[] = {
        [FB_C_STRING] = T_TEXT,   [FB_C_INTEGER] = T_INT,
        [FB_C_NUMBER] = T_DOUBLE, [FB_C_BOOLEAN] = T_BOOL,
        [FB_C_DATE] = T_DATE,     [FB_C_DATETIME] = T_TIMESTAMP,
        [FB_C_TIME] = T_TIME,
    };

    assert(type >= FB_C_STRING && type <= FB_C_TIME);
    return etype_simple(kinds[type]);
}

enum fb_column_type
etype_to_column(struct etype type)
{
    static const enum fb_column_type types[] = {
        [T_NULL] = FB_C_STRING,   [T_BOOL] = FB_C_BOOLEAN,
        [T_INT] = FB_C_INTEGER,   [T_DECIMAL] = FB_C_NUMBER,
        [T_DOUBLE] = FB_C_NUMBER, [T_TEXT] = FB_C_STRING,
        [T_DATE] = FB_C_DATE,     [T_TIMESTAMP] = FB_C_DATETIME,
        [T_TIME] = FB_C_TIME,     [T_INTERVAL] = 0,
    };

    return types[type.kind];
}

struct etype
etype_as_decimal(struct etype type)
{
    assert(type.kind == T_INT || type.kind == T_DECIMAL);
    if (type.kind == T_INT)
        return (struct etype){.kind = T_DECIMAL,
                              .width = type.bits == 32 ? 10 : 19};
    return type;
}

static bool
common_number(struct etype a, struct etype b, struct etype *common)
{
    if (a.kind == T_DOUBLE || b.kind == T_DOUBLE) {
        *common = etype_simple(T_DOUBLE);
        return true;
    }
    if (a.kind == T_INT && b.kind == T_INT) {
        *common = a.bits > b.bits ? a : b;
        return true;
    }
    a = etype_as_decimal(a);
    b = etype_as_decimal(b);
    int whole = a.width - a.scale > b.width - b.scale ? a.width - a.scale
                                                      : b.width - b.scale;
    int scale = a.scale > b.scale ? a.scale : b.scale;

    if (whole + scale > DECIMAL_WIDTH_MAX)
        return false;
    *common = (struct etype){.kind = T_DECIMAL,
                             .width = (uint8_t)(whole + scale),
                             .scale = (uint8_t)scale};
    return true;
}

bool
etype_common(struct etype a, struct etype b, struct etype *common)
{
    bool dates = (a.kind == T_DATE || a.kind == T_TIMESTAMP) &&
                 (b.kind == T_DATE || b.kind == T_TIMESTAMP);

    *common = a;
    if (etype_equal(a, b) || b.kind == T_NULL)
        return true;
    *common = b;
    if (a.kind == T_NULL)
        return true;
    if (etype_is_number(a) && etype_is_number(b))
        return common_number(a, b, common);
    *common = etype_simple(T_TIMESTAMP);
    return dates;
}

static const struct type_name {
    const char *name;
    enum etype_kind kind;
    uint8_t bits;
} type_names[] = {
    {"varchar", T_TEXT, 0},       {"text", T_TEXT, 0},
    {"string", T_TEXT, 0},        {"char", T_TEXT, 0},
    {"integer", T_INT, 32},       {"int", T_INT, 32},
    {"int4", T_INT, 32},          {"int8", T_INT, 64},
    {"bigint", T_INT, 64},        {"double", T_DOUBLE, 0},
    {"decimal", T_DECIMAL, 0},    {"numeric", T_DECIMAL, 0},
    {"boolean", T_BOOL, 0},       {"bool", T_BOOL, 0},
    {"date", T_DATE, 0},          {"timestamp", T_TIMESTAMP, 0},
    {"datetime", T_TIMESTAMP, 0}, {"time", T_TIME, 0},
};

/* Types of DuckDB and Trino that have no equal here, and what to take. */
static const struct {
    const char *name, *instead;
} other_names[] = {
    {"smallint", "INTEGER"},  {"tinyint", "INTEGER"},
    {"hugeint", "BIGINT"},    {"real", "DOUBLE"},
    {"float", "DOUBLE"},      {"number", "DOUBLE"},
    {"varbinary", "VARCHAR"}, {"timestamptz", "TIMESTAMP"},
};

static bool
unknown_type(const char *name, const char **nearest)
{
    const char *names[ARRAY_SIZE(type_names)];

    for (size_t i = 0; i < ARRAY_SIZE(other_names); i++)
        if (text_equal_nocase(name, other_names[i].name)) {
            *nearest = other_names[i].instead;
            return false;
        }
    for (size_t i = 0; i < ARRAY_SIZE(type_names); i++)
        names[i] = type_names[i].name;
    *nearest = text_nearest(name, names, ARRAY_SIZE(names));
    return false;
}

bool
etype_of_name(const struct ast *cast, struct etype *type, const char **nearest)
{
    *nearest = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(type_names); i++) {
        if (!text_equal_nocase(cast->text, type_names[i].name))
            continue;
        *type = (struct etype){.kind = type_names[i].kind,
                               .bits = type_names[i].bits};
        if (type->kind != T_DECIMAL)
            return cast->width < 0 || (type->kind == T_TEXT && cast->scale < 0);
        /* DECIMAL alone is DuckDB's DECIMAL(18,3); DECIMAL(9) has no
         * fraction. */
        type->width = (uint8_t)(cast->width < 0 ? 18 : cast->width);
        type->scale = (uint8_t)(cast->width < 0   ? 3
                                : cast->scale < 0 ? 0
                                                  : cast->scale);
        return type->width >= 1 && type->width <= DECIMAL_WIDTH_MAX &&
               type->scale <= type->width;
    }
    return unknown_type(cast->text, nearest);
}
