/*
 * Random expressions that are well typed, for comparing with DuckDB. They are
 * made of what both understand; what is left out because the two differ for
 * a reason is said where it is left out, and in docs/expressions.md.
 */
#ifndef UNIT_TEST_EXPR_GENERATOR_H
#define UNIT_TEST_EXPR_GENERATOR_H

#include <stdint.h>
#include <string.h>

#include "util/arena.h"
#include "util/mem.h"

struct generator {
    uint64_t state;
    struct arena *arena;
};

/* splitmix64: https://prng.di.unimi.it/splitmix64.c describes it */
static inline uint64_t
gen_next(struct generator *g)
{
    uint64_t z = g->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint32_t
gen_below(struct generator *g, uint32_t bound)
{
    return (uint32_t)(gen_next(g) % bound);
}

static inline const char *
gen_pick(struct generator *g, const char *const *from, size_t count)
{
    return from[gen_below(g, (uint32_t)count)];
}
#define GEN_PICK(g_, ...)                            \
    gen_pick(g_, (const char *const[]){__VA_ARGS__}, \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* Formats into the arena. */
#define GEN(...) arena_printf(g->arena, __VA_ARGS__)

/* No 'inf': DuckDB has infinite dates. */
static const char *const gen_strings[] = {
    "",
    "a",
    "A",
    "abc",
    "ABC",
    "aXbX",
    " a ",
    "  ",
    "a%b",
    "a_b",
    "pending",
    "Cancelled",
    "12",
    " 12 ",
    "-7",
    "+5",
    "3.5",
    "-0.5",
    "2.49",
    "1e3",
    "15e-1",
    ".5",
    "5.",
    "0.1",
    "nan",
    "99999999999999999999",
    "2147483648",
    "true",
    "f",
    "2025-02-10",
    "2025-02-30",
    "2024-2-9",
    "1969/12/31",
    "2025-02-10 09:05:00",
    "2025-02-10T23:59:59.5Z",
    "09:30:00",
    "24:00:00",
    "\xe8\xa1\xa8",                         /* U+8868 */
    "\xef\xbd\xb6\xef\xbe\x9e x",           /* half-width kana */
    "\xc3\xa4\xc3\x96\xc3\x9f",             /* umlauts, sharp s */
    "\xf0\x9f\x98\x80!",                    /* an emoji */
    "\xe3\x80\x80\xe9\xab\x99\xe3\x80\x80", /* in full-width spaces */
    "e\xcc\x81t\xc3\xa9",                   /* combining accent */
};

enum gen_type {
    GEN_BOOL,
    GEN_INT,
    GEN_NUM,
    GEN_DEC,
    GEN_TEXT,
    GEN_DATE,
    GEN_STAMP,
    GEN_TIME,
    GEN_TYPES,
};

static inline const char *gen(struct generator *g, enum gen_type type,
                              int depth);

static inline const char *
gen_quote(struct generator *g, const char *text)
{
    char *quoted = arena_alloc(g->arena, 2 * strlen(text) + 3), *to = quoted;

    *to++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            *to++ = '\'';
        *to++ = *text;
    }
    *to++ = '\'';
    *to = '\0';
    return quoted;
}

static inline const char *
gen_interval(struct generator *g)
{
    static const char *const units[] = {"YEAR", "MONTH",  "WEEK",  "DAY",
                                        "HOUR", "MINUTE", "SECOND"};

    return GEN("INTERVAL '%d' %s", (int)gen_below(g, 60) - 20,
               gen_pick(g, units, ARRAY_SIZE(units)));
}

static inline const char *
gen_leaf(struct generator *g, enum gen_type type)
{
    switch (type) {
    case GEN_BOOL:
        return GEN_PICK(g, "b1", "b1", "b2", "TRUE", "FALSE");
    case GEN_INT:
        return GEN_PICK(g, "i1", "i2", "i1", "i2", "0", "1", "7", "-3",
                        "100000", "3000000000");
    case GEN_NUM:
        return GEN_PICK(g, "n1", "n2", "n1", "1e0", "2.5e0", "0e0", "-1e3",
                        "1e-3");
    case GEN_DEC:
        return GEN_PICK(g, "0.1", "1.5", "2.50", "100.0", ".5", "0.05",
                        "12345.678", "99.99", "7.");
    case GEN_TEXT:
        if (gen_below(g, 3) > 0)
            return GEN_PICK(g, "s1", "s2");
        return gen_quote(g, gen_pick(g, gen_strings, ARRAY_SIZE(gen_strings)));
    case GEN_DATE:
        return GEN_PICK(g, "d1", "d2", "d1", "DATE '2025-02-01'",
                        "DATE '1999-12-31'", "DATE '2024-02-29'");
    case GEN_STAMP:
        return GEN_PICK(g, "t1", "t2", "TIMESTAMP '2025-02-10 09:05:00'",
                        "TIMESTAMP '1969-12-31 23:59:59.5'");
    case GEN_TIME:
        return GEN_PICK(g, "m1", "m1", "TIME '09:30:00'", "TIME '23:59:59.5'");
    case GEN_TYPES:
        break;
    }
    return "NULL";
}

/* What any type can be made of. */
static inline const char *
gen_mixed(struct generator *g, enum gen_type type, int depth)
{
    const char *a = gen(g, type, depth - 1), *b = gen(g, type, depth - 1);

    switch (gen_below(g, 6)) {
    case 0:
        return GEN("CASE WHEN %s THEN %s ELSE %s END",
                   gen(g, GEN_BOOL, depth - 1), a, b);
    case 1:
        return GEN("CASE %s WHEN %s THEN %s WHEN %s THEN %s END", a, b, a,
                   gen(g, type, depth - 1), b);
    case 2:
        return GEN("COALESCE(%s, %s)", a, b);
    case 3:
        return GEN("NULLIF(%s, %s)", a, b);
    case 4:
        return GEN("greatest(%s, %s)", a, b);
    default:
        return GEN("least(%s, %s, %s)", a, b, gen(g, type, depth - 1));
    }
}

static inline const char *
gen_comparison(struct generator *g, int depth)
{
    static const char *const ops[] = {"=",
                                      "<>",
                                      "<",
                                      "<=",
                                      ">",
                                      ">=",
                                      "IS DISTINCT FROM",
                                      "IS NOT DISTINCT FROM"};
    const char *op = gen_pick(g, ops, ARRAY_SIZE(ops));
    enum gen_type a = (enum gen_type)gen_below(g, GEN_TYPES), b = a;

    /* Those of different type that compare. */
    if (a >= GEN_INT && a <= GEN_DEC && gen_below(g, 2) == 0)
        b = (enum gen_type)(GEN_INT + gen_below(g, 3));
    if ((a == GEN_DATE || a == GEN_STAMP) && gen_below(g, 2) == 0)
        b = a == GEN_DATE ? GEN_STAMP : GEN_DATE;
    /* A string literal takes the other's type. */
    if (a == GEN_DATE && gen_below(g, 3) == 0)
        return GEN("(%s %s '2025-02-10')", gen(g, a, depth - 1), op);
    if (a == GEN_STAMP && gen_below(g, 3) == 0)
        return GEN("('2025-02-10 09:05' %s %s)", op, gen(g, a, depth - 1));
    if (a == GEN_INT && gen_below(g, 4) == 0)
        return GEN("(%s %s '7')", gen(g, a, depth - 1), op);
    return GEN("(%s %s %s)", gen(g, a, depth - 1), op, gen(g, b, depth - 1));
}

static inline const char *
gen_list(struct generator *g, enum gen_type type, int depth)
{
    const char *list = gen(g, type, depth - 1);

    for (uint32_t i = gen_below(g, 4); i > 0; i--)
        list = GEN("%s, %s", list,
                   gen_below(g, 8) == 0 ? "NULL" : gen(g, type, depth - 1));
    return list;
}

static inline const char *
gen_pattern(struct generator *g)
{
    return GEN_PICK(g, "'%'", "'a%'", "'%b%'", "'_'", "'__'", "'%a_b%'",
                    "'a!%b' ESCAPE '!'", "'%!_%' ESCAPE '!'", "''", "s2",
                    "'%\xe8%'", "'%X%X'", "lower(s2)", "'A' || '%'");
}

static inline const char *
gen_bool(struct generator *g, int depth)
{
    enum gen_type type = (enum gen_type)gen_below(g, GEN_TYPES);
    const char *not = gen_below(g, 2) == 0 ? "NOT " : "";

    switch (gen_below(g, 13)) {
    case 0:
    case 1:
        return GEN("(%s AND %s)", gen(g, GEN_BOOL, depth - 1),
                   gen(g, GEN_BOOL, depth - 1));
    case 2:
        return GEN("(%s OR %s OR %s)", gen(g, GEN_BOOL, depth - 1),
                   gen(g, GEN_BOOL, depth - 1), gen(g, GEN_BOOL, depth - 1));
    case 3:
        return GEN("(NOT %s)", gen(g, GEN_BOOL, depth - 1));
    case 4:
        return GEN("(%s %sIN (%s))", gen(g, type, depth - 1), not,
                   gen_list(g, type, depth));
    case 5:
        return GEN("(%s %sBETWEEN %s AND %s)", gen(g, type, depth - 1), not,
                   gen(g, type, depth - 1), gen(g, type, depth - 1));
    case 6:
        return GEN("(%s %sLIKE %s)", gen(g, GEN_TEXT, depth - 1), not,
                   gen_pattern(g));
    case 7:
        return GEN("(%s IS %sNULL)", gen(g, type, depth - 1), not );
    case 8:
        return GEN("(%s IS %s%s)", gen(g, GEN_BOOL, depth - 1), not,
                   GEN_PICK(g, "TRUE", "FALSE"));
    case 9:
        return GEN("starts_with(%s, %s)", gen(g, GEN_TEXT, depth - 1),
                   gen(g, GEN_TEXT, depth - 1));
    case 10:
        return GEN(
            "CAST(%s AS BOOLEAN)",
            gen(g, (enum gen_type)(GEN_INT + gen_below(g, 3)), depth - 1));
    case 11:
        return GEN("TRY_CAST(%s AS BOOLEAN)", gen_leaf(g, GEN_TEXT));
    default:
        return gen_comparison(g, depth);
    }
}

static inline const char *
gen_part(struct generator *g, int depth)
{
    const char *date =
        gen(g, gen_below(g, 2) == 0 ? GEN_DATE : GEN_STAMP, depth - 1);

    switch (gen_below(g, 4)) {
    case 0:
        return GEN("extract(%s FROM %s)",
                   GEN_PICK(g, "year", "quarter", "month", "week", "day",
                            "hour", "minute", "second", "dow", "isodow", "doy"),
                   date);
    case 1:
        return GEN("%s(%s)",
                   GEN_PICK(g, "year", "quarter", "month", "week", "day",
                            "hour", "minute", "second"),
                   date);
    case 2:
        return GEN("date_diff('%s', %s, %s)",
                   GEN_PICK(g, "year", "quarter", "month", "week", "day",
                            "hour", "minute", "second"),
                   date, gen(g, GEN_STAMP, depth - 1));
    default:
        return GEN("%s(%s)", GEN_PICK(g, "hour", "minute", "second"),
                   gen(g, GEN_TIME, depth - 1));
    }
}

static inline const char *
gen_int(struct generator *g, int depth)
{
    const char *a = gen(g, GEN_INT, depth - 1);

    switch (gen_below(g, 12)) {
    case 0:
    case 1:
        return GEN("(%s %s %s)", a, GEN_PICK(g, "+", "-", "*", "%"),
                   gen(g, GEN_INT, depth - 1));
    case 2:
        /* Without parentheses: precedence must be the same, too. */
        return GEN("%s %s %s", gen_leaf(g, GEN_INT), GEN_PICK(g, "+", "*"),
                   gen_leaf(g, GEN_INT));
    case 3:
        return GEN("(- (%s))", a);
    case 4:
        return GEN("abs(%s)", a);
    case 5:
        return GEN("length(%s)", gen(g, GEN_TEXT, depth - 1));
    case 6:
        return GEN("strpos(%s, %s)", gen(g, GEN_TEXT, depth - 1),
                   gen(g, GEN_TEXT, depth - 1));
    case 7:
        return GEN("(%s - %s)", gen(g, GEN_DATE, depth - 1),
                   gen(g, GEN_DATE, depth - 1));
    case 8:
        return GEN("CAST(%s AS %s)",
                   gen(g, (enum gen_type)gen_below(g, GEN_TEXT), depth - 1),
                   GEN_PICK(g, "BIGINT", "INTEGER"));
    case 9:
        return GEN("TRY_CAST(%s AS %s)", gen_leaf(g, GEN_TEXT),
                   GEN_PICK(g, "BIGINT", "INTEGER"));
    case 10:
        /* Not of large ones: DuckDB 1.5 rounds them beyond the last and
         * around to the first. */
        return gen_below(g, 2) == 0
                   ? GEN("round(%s, 1)", a)
                   : GEN("round(%s %% 1000000, %s)", gen_leaf(g, GEN_INT),
                         GEN_PICK(g, "0", "-1", "-3"));
    default:
        return gen_part(g, depth);
    }
}

static inline const char *
gen_num(struct generator *g, int depth)
{
    enum gen_type other = (enum gen_type)(GEN_INT + gen_below(g, 3));
    const char *a = gen(g, GEN_NUM, depth - 1);

    switch (gen_below(g, 8)) {
    case 0:
    case 1:
        return GEN("(%s %s %s)", a, GEN_PICK(g, "+", "-", "*", "/", "%"),
                   gen(g, other, depth - 1));
    case 2:
        return GEN("(%s / %s)", gen(g, other, depth - 1),
                   gen(g, GEN_INT, depth - 1));
    case 3:
        return GEN("%s(%s)", GEN_PICK(g, "abs", "ceil", "floor", "round", "-"),
                   a);
    case 4:
        return GEN("round(%s, %s)", a, GEN_PICK(g, "0", "1", "2", "-1"));
    case 5:
        return GEN("CAST(%s AS DOUBLE)", gen(g, other, depth - 1));
    case 6:
        return GEN("TRY_CAST(%s AS DOUBLE)",
                   gen_below(g, 4) ? gen_leaf(g, GEN_TEXT)
                                   : GEN_PICK(g, "'inf'", "'-Infinity'"));
    default:
        return GEN("%s(%s)", GEN_PICK(g, "ceil", "floor"),
                   gen(g, GEN_INT, depth - 1));
    }
}

static inline const char *
gen_dec(struct generator *g, int depth)
{
    const char *a = gen(g, GEN_DEC, depth - 1);
    /* No booleans: DuckDB 1.5 makes TRUE a DECIMAL(3,3) of .001. */
    enum gen_type other = (enum gen_type)(GEN_INT + gen_below(g, 3));

    switch (gen_below(g, 7)) {
    case 0:
    case 1:
        return GEN("(%s %s %s)", a, GEN_PICK(g, "+", "-", "*", "%"),
                   gen(g, gen_below(g, 2) ? GEN_DEC : GEN_INT, depth - 1));
    case 2:
        return GEN("%s(%s)", GEN_PICK(g, "abs", "ceil", "floor", "round", "-"),
                   a);
    case 3:
        return GEN("round(%s, %s)", a, GEN_PICK(g, "0", "1", "2", "-1"));
    case 4:
        return GEN("CAST(%s AS DECIMAL(%s))", gen(g, other, depth - 1),
                   GEN_PICK(g, "18,3", "9,2", "4,1", "3,3", "12,0"));
    case 5:
        return GEN("TRY_CAST(%s AS DECIMAL(9,2))", gen_leaf(g, GEN_TEXT));
    default:
        return GEN("TRY_CAST(%s AS DECIMAL(5,1))", gen(g, other, depth - 1));
    }
}

static inline const char *
gen_text(struct generator *g, int depth)
{
    const char *a = gen(g, GEN_TEXT, depth - 1);
    const char *b = gen(g, GEN_TEXT, depth - 1);
    enum gen_type any = (enum gen_type)gen_below(g, GEN_TYPES);

    switch (gen_below(g, 9)) {
    case 0:
        return GEN("%s(%s)", GEN_PICK(g, "lower", "upper", "trim"), a);
    case 1:
        return GEN("%s(%s)", GEN_PICK(g, "ltrim", "rtrim"), a);
    case 2:
        return GEN("%s(%s, %s)", GEN_PICK(g, "trim", "ltrim", "rtrim"), a, b);
    case 3:
        return GEN("substr(%s, %d)", a, (int)gen_below(g, 9) - 4);
    case 4:
        return GEN("substr(%s, %d, %d)", a, (int)gen_below(g, 9) - 4,
                   (int)gen_below(g, 7) - 2);
    case 5:
        return GEN("replace(%s, %s, %s)", a, b, gen_leaf(g, GEN_TEXT));
    case 6:
        return GEN("(%s || %s)", a, gen(g, any, depth - 1));
    case 7:
        return GEN("concat(%s, %s, %s)", a, gen(g, any, depth - 1), b);
    default:
        return GEN("CAST(%s AS VARCHAR)", gen(g, any, depth - 1));
    }
}

static inline const char *
gen_date(struct generator *g, int depth)
{
    switch (gen_below(g, 4)) {
    case 0:
        return GEN("CAST(%s AS DATE)", gen(g, GEN_STAMP, depth - 1));
    case 1:
        return GEN("(%s %s %d)", gen(g, GEN_DATE, depth - 1),
                   GEN_PICK(g, "+", "-"), (int)gen_below(g, 400));
    case 2:
        return GEN("TRY_CAST(%s AS DATE)", gen_leaf(g, GEN_TEXT));
    default:
        return GEN("(%s + %s)", GEN_PICK(g, "CAST(i1 % 100 AS INTEGER)", "7"),
                   gen(g, GEN_DATE, depth - 1));
    }
}

static inline const char *
gen_stamp(struct generator *g, int depth)
{
    enum gen_type from = gen_below(g, 2) == 0 ? GEN_DATE : GEN_STAMP;

    switch (gen_below(g, 5)) {
    case 0:
    case 1:
        return GEN("(%s %s %s)", gen(g, from, depth - 1), GEN_PICK(g, "+", "-"),
                   gen_interval(g));
    case 2:
        return GEN("date_trunc('%s', %s)",
                   GEN_PICK(g, "year", "quarter", "month", "week", "day",
                            "hour", "minute", "second"),
                   gen(g, from, depth - 1));
    case 3:
        return GEN("CAST(%s AS TIMESTAMP)", gen(g, GEN_DATE, depth - 1));
    default:
        return GEN("TRY_CAST(%s AS TIMESTAMP)", gen_leaf(g, GEN_TEXT));
    }
}

static inline const char *
gen(struct generator *g, enum gen_type type, int depth)
{
    if (depth <= 0 || gen_below(g, 6) == 0)
        return gen_leaf(g, type);
    if (gen_below(g, 7) == 0)
        return gen_mixed(g, type, depth);
    switch (type) {
    case GEN_BOOL:
        return gen_bool(g, depth);
    case GEN_INT:
        return gen_int(g, depth);
    case GEN_NUM:
        return gen_num(g, depth);
    case GEN_DEC:
        return gen_dec(g, depth);
    case GEN_TEXT:
        return gen_text(g, depth);
    case GEN_DATE:
        return gen_date(g, depth);
    case GEN_STAMP:
        return gen_stamp(g, depth);
    case GEN_TIME:
        return GEN("CAST(%s AS TIME)", gen(g, GEN_STAMP, depth - 1));
    case GEN_TYPES:
        break;
    }
    return "NULL";
}

#endif
