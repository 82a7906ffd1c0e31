/*
 * expr/lexer.h: the words of an expression.  It knows the shape of tokens and
 * nothing of their grammar.
 */
#ifndef EXPR_LEXER_H
#define EXPR_LEXER_H

#include "expr/expr.h"

enum token_kind {
    TOKEN_END = 1,
    TOKEN_NUMBER,
    TOKEN_STRING, /* '...' */
    TOKEN_NAME,   /* also every keyword */
    TOKEN_QUOTED, /* "..." */
    TOKEN_OP,     /* text is the operator: "<=" */
};

struct token {
    enum token_kind kind;
    struct expr_place place;
    const char *text; /* strings and quoted names: their content */
    size_t length;    /* bytes of text */
};

struct lexer {
    const char *text;
    size_t length, at; /* bytes */
    struct arena *arena;
};

/*
 * The next token; TOKEN_END again and again at the end.  Contents of strings
 * and all texts are copied to the arena, NUL at their end.  FB_E_CONFIG with
 * *place: a string without its end, a character that is no part of SQL (with
 * a hint when it is one of another language or a full-width one).
 */
int lexer_next(struct lexer *lexer, struct token *token,
               struct expr_place *place, struct fb_error *err) FB_MUST_CHECK;

/* Whether the token is this keyword (ASCII case ignored, not quoted). */
bool token_is(const struct token *token, const char *keyword);
/* Whether the token is this operator. */
bool token_is_op(const struct token *token, const char *op);

#endif
