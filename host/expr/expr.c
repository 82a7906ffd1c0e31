/*
 * expr/expr.c: the door of the room: parse, bind, and run over a batch in
 * chunks.  See expr.h for the contract; nothing is understood here.
 */
#include "expr/expr.h"

#include <assert.h>
#include <math.h>

#include "batch/value.h"
#include "expr/ast.h"
#include "expr/bind.h"
#include "expr/cast.h"
#include "expr/datetime.h"
#include "expr/eval.h"
#include "expr/parser.h"
#include "expr/types.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

int
expr_parse(struct arena *arena, const char *text, struct fb_expr **expr,
           struct expr_place *place, struct fb_error *err)
{
    struct fb_expr *made = arena_zalloc(arena, sizeof(*made));
    size_t bad;

    *place = (struct expr_place){0, 0};
    made->arena = arena;
    made->length = strlen(text);
    if (made->length > EXPR_TEXT_MAX)
        return fb_fail(err, FB_E_CONFIG,
                       "the expression is longer than %zu bytes",
                       EXPR_TEXT_MAX);
    made->text = arena_dup_nul(arena, text, made->length);
    if (!text_is_utf8((const unsigned char *)text, made->length, &bad)) {
        *place = (struct expr_place){bad, 1};
        return fb_fail(err, FB_E_CONFIG, "the expression is not UTF-8");
    }
    if (parser_parse(arena, made->text, made->length, &made->ast, place, err) !=
        0)
        return -1;
    *expr = made;
    return 0;
}

int
expr_bind(struct fb_expr *expr, const struct columns *columns,
          const struct expr_clock *clock, enum fb_column_type *type,
          struct expr_place *place, struct fb_error *err)
{
    const struct node *root;

    *place = (struct expr_place){0, 0};
    if (bind_expression(expr->arena, expr->ast, columns, clock, &root, place,
                        err) != 0)
        return -1;
    expr->root = root;
    expr->columns = columns;
    *type = etype_to_column(root->type);
    assert(*type != 0);
    return 0;
}

const char *
expr_text(const struct fb_expr *expr)
{
    return expr->text;
}

/* The rows of one word of the selection; room for 64. */
static uint32_t
take_word(uint64_t word, uint32_t row, uint32_t *rows)
{
    uint32_t count = 0;

    if (word == UINT64_MAX) {
        for (; count < 64; count++)
            rows[count] = row + count;
        return count;
    }
    for (; word != 0; word &= word - 1)
        rows[count++] = row + (uint32_t)__builtin_ctzll(word);
    return count;
}

/* Which rows come next. */
struct cursor {
    const uint64_t *selection;
    uint32_t word, words;
    uint64_t rest; /* of that word: what is still to come */
};

/* The next rows that are selected: a chunk of them, but at the end. */
static uint32_t
next_rows(struct cursor *cursor, uint32_t *rows)
{
    uint32_t count = 0;

    for (; cursor->word < cursor->words && count < EVAL_CHUNK;) {
        uint32_t room = EVAL_CHUNK - count;

        if (room >= 64 ||
            room >= (uint32_t)__builtin_popcountll(cursor->rest)) {
            count += take_word(cursor->rest, cursor->word * 64, rows + count);
            cursor->word++;
            cursor->rest = cursor->word < cursor->words
                               ? cursor->selection[cursor->word]
                               : 0;
            continue;
        }
        rows[count++] =
            cursor->word * 64 + (uint32_t)__builtin_ctzll(cursor->rest);
        cursor->rest &= cursor->rest - 1;
    }
    return count;
}

/* What becomes of the results of a chunk. */
typedef int (*chunk_fn)(struct eval *eval, const struct node *root,
                        const uint32_t *rows, uint32_t count,
                        const struct vec *vec, void *out);

static int
run(const struct fb_expr *expr, struct batch *batch, chunk_fn chunk, void *out,
    struct fb_error *err)
{
    uint32_t rows[EVAL_CHUNK], count;
    struct cursor cursor = {batch_selection(batch), 0,
                            (uint32_t)FB_WORDS(batch_rows(batch)), 0};
    struct eval eval;
    struct vec vec;
    struct slab *slab;
    int status = 0;

    assert(expr->root != NULL);
    assert(batch_columns(batch)->count == expr->columns->count);
    if (cursor.words > 0)
        cursor.rest = cursor.selection[0];
    eval_init(&eval, batch, expr->columns, err);
    while (status == 0 && (count = next_rows(&cursor, rows)) > 0) {
        status = eval_node(&eval, expr->root, rows, count, &vec, &slab);
        if (status != 0)
            break;
        status = chunk(&eval, expr->root, rows, count, &vec, out);
        eval_done(&eval, slab);
        eval_next_chunk(&eval);
    }
    eval_release(&eval);
    return status;
}

static int
chunk_truth(struct eval *eval, const struct node *root, const uint32_t *rows,
            uint32_t count, const struct vec *vec, void *out)
{
    uint64_t *truth = out;

    /* A NULL's value is false. */
    (void)eval, (void)root;
    for (uint32_t k = 0; k < count; k++)
        truth[rows[k] / 64] |= (uint64_t)vec->at[k & vec->mask].b
                               << rows[k] % 64;
    return 0;
}

int
expr_test(const struct fb_expr *expr, struct batch *batch, uint64_t *truth,
          struct fb_error *err)
{
    memset(truth, 0, FB_WORDS(batch_rows(batch)) * sizeof(truth[0]));
    if (expr->root == NULL || expr->root->type.kind != T_BOOL)
        return fb_fail(err, FB_E_BUG, "'%.200s' is no condition", expr->text);
    return run(expr, batch, chunk_truth, truth, err);
}

/* Columns hold the years 0001 to 9999 (VALUE_DATE_MIN); in between an
 * expression may leave them. */
static bool
fits_column(struct etype type, const union datum *value)
{
    int64_t days =
        type.kind == T_TIMESTAMP ? timestamp_days(value->i) : value->i;

    return (type.kind != T_DATE && type.kind != T_TIMESTAMP) ||
           (days >= VALUE_DATE_MIN && days <= VALUE_DATE_MAX);
}

static int
beyond_calendar(struct eval *eval, uint32_t row)
{
    (void)fb_fail(eval->err, FB_E_INPUT,
                  "the result is beyond the years 0001 to 9999");
    return eval_at_line(eval, row);
}

/* DECIMAL(2,2) has no digit before the point, but schemas want one. */
static size_t
print_decimal(struct etype type, const union datum *value, char *text)
{
    size_t length = cast_print(type, value, text);
    char *point = strchr(text, '.');

    if (point == NULL || (point > text && point[-1] != '-'))
        return length;
    memmove(point + 1, point, strlen(point) + 1);
    *point = '0';
    return length + 1;
}

/* What CAST(x AS VARCHAR) gives, but in the form that schemas read. */
static size_t
print(struct etype type, const union datum *value, char *text)
{
    struct fb_value cell = {.state = FB_V_OK};

    if (type.kind == T_DECIMAL)
        return print_decimal(type, value, text);
    if (type.kind == T_TIMESTAMP) {
        cell.as.i = value->i;
        return value_print(FB_C_DATETIME, &cell, text);
    }
    if (type.kind == T_DOUBLE && !isfinite(value->d)) {
        cell.as.d = value->d;
        return value_print(FB_C_NUMBER, &cell, text);
    }
    return cast_print(type, value, text);
}

/* Room for texts in the batch's memory, taken in pieces: many texts are
 * short, and each piece has a price. */
struct pen {
    struct fb_cell *cells;
    unsigned char *at, *end;
};

#define PIECE ((size_t)4096)
#define VALUE_ROOM ((size_t)NUMBER_TEXT_MAX + VALUE_TEXT_MAX)

static unsigned char *
pen_room(struct pen *pen, struct batch *batch, size_t size)
{
    size_t piece = size < PIECE / 4 ? PIECE : size;

    if (size <= (size_t)(pen->end - pen->at))
        return pen->at;
    pen->at = batch_alloc(batch, piece);
    pen->end = pen->at + piece;
    return pen->at;
}

static void
pen_write(struct pen *pen, uint32_t row, size_t length)
{
    pen->cells[row] = (struct fb_cell){pen->at, (uint32_t)length, 0};
    pen->at += length;
}

static void
texts_to_cells(struct eval *eval, const uint32_t *rows, uint32_t count,
               const struct vec *vec, struct pen *pen)
{
    for (uint32_t k = 0; k < count; k++) {
        const struct span *span = &vec->at[k & vec->mask].s;
        unsigned char *copy;

        if (vec->null[k & vec->mask])
            continue;
        copy = pen_room(pen, eval->batch, span->len);
        if (span->len > 0)
            memcpy(copy, span->ptr, span->len);
        pen_write(pen, rows[k], span->len);
    }
}

static int
chunk_cells(struct eval *eval, const struct node *root, const uint32_t *rows,
            uint32_t count, const struct vec *vec, void *out)
{
    struct pen *pen = out;

    if (root->type.kind == T_TEXT) {
        texts_to_cells(eval, rows, count, vec, pen);
        return 0;
    }
    for (uint32_t k = 0; k < count; k++) {
        const union datum *value = &vec->at[k & vec->mask];
        char *text;

        if (vec->null[k & vec->mask])
            continue;
        if (!fits_column(root->type, value))
            return beyond_calendar(eval, rows[k]);
        text = (char *)pen_room(pen, eval->batch, VALUE_ROOM);
        pen_write(pen, rows[k], print(root->type, value, text));
    }
    return 0;
}

int
expr_cells(const struct fb_expr *expr, struct batch *batch,
           const struct fb_cell **cells, struct fb_error *err)
{
    uint32_t rows = batch_rows(batch);
    struct fb_cell *made;
    struct pen pen = {NULL, NULL, NULL};

    if (expr->root == NULL)
        return fb_fail(err, FB_E_BUG, "'%.200s' is not bound", expr->text);
    if (expr->root->kind == NODE_COLUMN) {
        *cells = batch_cells(batch, expr->root->column);
        return 0;
    }
    made = batch_alloc(batch, rows * sizeof(*made));
    for (uint32_t row = 0; row < rows; row++)
        made[row] =
            (struct fb_cell){(const unsigned char *)"", 0, FB_CELL_NULL};
    *cells = pen.cells = made;
    return run(expr, batch, chunk_cells, &pen, err);
}
