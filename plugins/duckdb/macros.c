/*
 * duckdb/macros.c: the macros, each as Trino's documentation has the
 * function.  A macro of a name that DuckDB knows too hides DuckDB's, which is
 * still there as system.main.<name>.
 * https://trino.io/docs/current/functions.html
 */
#include "macros.h"

#include <inttypes.h>

/* The letters of MySQL, which date_format and date_parse have, as those of
 * strftime.  %% steps aside meanwhile, and %M goes before %i takes its place.
 * The engine refuses a format that is no constant, and a macro's parameter is
 * none until it is used: inside a CASE it does not look. */
#define R(from_, to_) ", '" from_ "', '" to_ "')"
#define R15                                                    \
    "replace(replace(replace(replace(replace(replace(replace(" \
    "replace(replace(replace(replace(replace(replace(replace(" \
    "replace("
#define FORMAT                                                       \
    R15 "f, '%%', chr(1))" R("%M", "%B") R("%i", "%M") R("%W", "%A") \
        R("%c", "%-m") R("%e", "%-d") R("%h", "%I") R("%k", "%-H")   \
            R("%l", "%-I") R("%s", "%S") R("%v", "%V") R("%x", "%G") \
                R("%r", "%I:%M:%S %p") R("%T", "%H:%M:%S") ", chr(1), '%%')"

static const char macros[] =
    /* dates */
    "CREATE MACRO date_format(x, f) AS CASE WHEN f IS NOT NULL THEN "
    "strftime(CAST(x AS TIMESTAMP), " FORMAT ") END;"
    "CREATE MACRO date_parse(s, f) AS CASE WHEN f IS NOT NULL THEN "
    "strptime(s, " FORMAT ") END;"
    "CREATE MACRO from_iso8601_timestamp(s) AS CAST(s AS TIMESTAMPTZ);"
    "CREATE MACRO from_iso8601_date(s) AS CAST(s AS DATE);"
    "CREATE MACRO date_diff(u, a, b) AS system.main.date_sub(u, a, b);"
    "CREATE MACRO date_add(u, n, x) AS "
    "cast_to_type(x + n * CAST('1 ' || u AS INTERVAL), x);"
    "CREATE MACRO date_trunc(u, x) AS "
    "cast_to_type(system.main.date_trunc(u, x), x);"
    "CREATE MACRO day_of_week(x) AS isodow(x);"
    "CREATE MACRO dow(x) AS isodow(x);"
    "CREATE MACRO day_of_month(x) AS day(x);"
    "CREATE MACRO day_of_year(x) AS dayofyear(x);"
    "CREATE MACRO doy(x) AS dayofyear(x);"
    "CREATE MACRO week_of_year(x) AS week(x);"
    "CREATE MACRO year_of_week(x) AS isoyear(x);"
    "CREATE MACRO yow(x) AS isoyear(x);"
    "CREATE MACRO last_day_of_month(x) AS last_day(x);"
    "CREATE MACRO to_unixtime(x) AS epoch(x);"
    "CREATE MACRO from_unixtime(x) AS to_timestamp(x);"
    /* texts */
    "CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p);"
    "CREATE MACRO regexp_extract(s, p) AS CASE WHEN regexp_matches(s, p) THEN "
    "system.main.regexp_extract(s, p) END, (s, p, g) AS "
    "CASE WHEN regexp_matches(s, p) THEN "
    "system.main.regexp_extract(s, p, g) END;"
    "CREATE MACRO regexp_replace(s, p) AS "
    "system.main.regexp_replace(s, p, '', 'g'), (s, p, r) AS "
    "system.main.regexp_replace(s, p, system.main.regexp_replace(r, "
    "'\\$(\\d)', '\\\\\\1', 'g'), 'g');"
    "CREATE MACRO regexp_count(s, p) AS len(regexp_extract_all(s, p));"
    "CREATE MACRO split_part(s, d, n) AS CASE WHEN n <= "
    "len(string_split(s, d)) THEN system.main.split_part(s, d, n) END;"
    "CREATE MACRO concat(a, b) AS a || b, (a, b, c) AS a || b || c, "
    "(a, b, c, d) AS a || b || c || d, "
    "(a, b, c, d, e) AS a || b || c || d || e, "
    "(a, b, c, d, e, f) AS a || b || c || d || e || f;"
    "CREATE MACRO levenshtein_distance(a, b) AS levenshtein(a, b);"
    "CREATE MACRO hamming_distance(a, b) AS hamming(a, b);"
    /* numbers */
    "CREATE MACRO truncate(x) AS trunc(x);"
    "CREATE MACRO is_nan(x) AS isnan(x);"
    "CREATE MACRO is_finite(x) AS isfinite(x);"
    "CREATE MACRO is_infinite(x) AS isinf(x);"
    "CREATE MACRO e() AS exp(1);"
    /* aggregates */
    "CREATE MACRO approx_distinct(x) AS approx_count_distinct(x), "
    "(x, e) AS approx_count_distinct(x);"
    "CREATE MACRO approx_percentile(x, p) AS approx_quantile(x, p);"
    "CREATE MACRO every(x) AS bool_and(x);";

int
macros_make(const struct engine *engine, int64_t today, struct fb_error *err)
{
    if (engine_run(engine, err, "%s", macros) != 0)
        return -1;
    return engine_run(engine, err,
                      "CREATE MACRO current_date() AS DATE '1970-01-01' + "
                      "CAST(%" PRId64 " AS INTEGER)",
                      today);
}
