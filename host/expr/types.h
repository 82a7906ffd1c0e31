/*
 * expr/types.h: the types of expressions: their names, how two of them meet,
 * and how they relate to the types of columns.
 */
#ifndef EXPR_TYPES_H
#define EXPR_TYPES_H

#include "expr/node.h"

/* "a number", "a date": for messages.  A literal text. */
const char *etype_article(struct etype type);
/* "number", "date" */
const char *etype_word(struct etype type);
/* As CAST spells it: "DECIMAL(10,2)"; needs 32 bytes. */
const char *etype_sql(struct etype type, char *text);
bool etype_is_number(struct etype type);
bool etype_equal(struct etype a, struct etype b);

struct etype etype_of_column(enum fb_column_type type);
/* 0 for an interval: no column can hold one. */
enum fb_column_type etype_to_column(struct etype type);

/* An integer as a decimal: wide enough for each of its values. */
struct etype etype_as_decimal(struct etype type);
struct etype etype_simple(enum etype_kind kind);

/*
 * The type that both become before they are compared or mixed in a CASE.
 * false: there is none (or it needs more than 38 digits).
 */
bool etype_common(struct etype a, struct etype b, struct etype *common);

/* The type CAST names; false and the nearest name (or NULL) when unknown. */
bool etype_of_name(const struct ast *cast, struct etype *type,
                   const char **nearest);

#endif
