/*
 * expr/lexer.c: cutting the text of an expression into tokens.  Not a
 * complete SQL lexer: no parameters, no dollar quotes, no -- comments.
 */
#include "expr/lexer.h"

#include <assert.h>
#include <stdlib.h>

#include "util/text.h"

static int
fail_at(struct lexer *lexer, size_t offset, size_t length,
        struct expr_place *place)
{
    assert(offset + length <= lexer->length);
    *place = (struct expr_place){offset, length};
    return -1;
}

static unsigned char
peek(const struct lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;

    return at < lexer->length ? (unsigned char)lexer->text[at] : 0;
}

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_name_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c >= 0x80;
}

/* A character of two or three bytes; 0 for any other. */
static unsigned
wide_at(const struct lexer *lexer)
{
    unsigned a = peek(lexer, 0), b = peek(lexer, 1), c = peek(lexer, 2);

    if ((a & 0xe0) == 0xc0)
        return (a & 0x1f) << 6 | (b & 0x3f);
    if ((a & 0xf0) == 0xe0)
        return (a & 0x0f) << 12 | (b & 0x3f) << 6 | (c & 0x3f);
    return 0;
}

/*
 * Input methods and word processors put these where SQL wants the plain
 * ones; letters and digits of full width may be part of a column's name.
 */
static char
plain_for(unsigned wide)
{
    if (wide == 0x3000 || wide == 0xa0)
        return ' ';
    if (wide == 0x2018 || wide == 0x2019)
        return '\'';
    if (wide == 0x201c || wide == 0x201d)
        return '"';
    if (wide < 0xff01 || wide > 0xff5e)
        return 0;
    char plain = (char)(wide - 0xfee0);

    return strchr("'\"()<>=!,;+-*/%|&", plain) != NULL ? plain : 0;
}

/* *skipped tells whether there was anything; the end of a comment missing is
 * an error. */
static int
skip_space(struct lexer *lexer, struct expr_place *place, struct fb_error *err)
{
    for (;;) {
        unsigned char c = peek(lexer, 0);

        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            lexer->at++;
        } else if (c == '/' && peek(lexer, 1) == '*') {
            const char *from = lexer->text + lexer->at;
            const char *end = strstr(from + 2, "*/");

            if (end == NULL) {
                (void)fb_fail(err, FB_E_CONFIG, "a comment does not end");
                (void)fb_hint(err, "comments end with */");
                return fail_at(lexer, lexer->at, 2, place);
            }
            lexer->at += (size_t)(end - from) + 2;
        } else {
            return 0;
        }
    }
}

static int
finish(struct lexer *lexer, enum token_kind kind, size_t start,
       struct token *token)
{
    *token = (struct token){
        .kind = kind,
        .place = {start, lexer->at - start},
        .text =
            arena_dup_nul(lexer->arena, lexer->text + start, lexer->at - start),
        .length = lexer->at - start,
    };
    return 0;
}

static int
quote_does_not_end(struct lexer *lexer, char quote, size_t start,
                   struct expr_place *place, struct fb_error *err)
{
    (void)fb_fail(err, FB_E_CONFIG,
                  quote == '\'' ? "a string does not end"
                                : "a quoted name does not end");
    (void)fb_hint(err, quote == '\''
                           ? "strings end with ', and a quote within is "
                             "written twice: 'O''Brien'"
                           : "quoted names end with \"");
    return fail_at(lexer, start, 1, place);
}

static int
lex_quoted(struct lexer *lexer, char quote, struct token *token,
           struct expr_place *place, struct fb_error *err)
{
    size_t start = lexer->at++, used = 0;
    char *content = arena_alloc(lexer->arena, lexer->length - start);

    for (;;) {
        char c = (char)peek(lexer, 0);

        if (lexer->at >= lexer->length)
            return quote_does_not_end(lexer, quote, start, place, err);
        lexer->at++;
        if (c == quote && (char)peek(lexer, 0) != quote)
            break;
        if (c == quote)
            lexer->at++;
        content[used++] = c;
    }
    content[used] = '\0';
    *token = (struct token){
        .kind = quote == '\'' ? TOKEN_STRING : TOKEN_QUOTED,
        .place = {start, lexer->at - start},
        .text = content,
        .length = used,
    };
    if (quote == '\'' || used > 0)
        return 0;
    (void)fb_fail(err, FB_E_CONFIG, "a name is empty");
    (void)fb_hint(err, "an empty string is written ''");
    return fail_at(lexer, start, 2, place);
}

static int
lex_number(struct lexer *lexer, struct token *token, struct expr_place *place,
           struct fb_error *err)
{
    size_t start = lexer->at;

    while (is_digit(peek(lexer, 0)))
        lexer->at++;
    if (peek(lexer, 0) == '.') {
        lexer->at++;
        while (is_digit(peek(lexer, 0)))
            lexer->at++;
    }
    if (peek(lexer, 0) == 'e' || peek(lexer, 0) == 'E') {
        size_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';

        if (is_digit(peek(lexer, 1 + sign))) {
            lexer->at += 1 + sign;
            while (is_digit(peek(lexer, 0)))
                lexer->at++;
        }
    }
    if (!is_name_start(peek(lexer, 0)) && peek(lexer, 0) != '.' &&
        !is_digit(peek(lexer, 0)))
        return finish(lexer, TOKEN_NUMBER, start, token);
    while (is_name_start(peek(lexer, 0)) || is_digit(peek(lexer, 0)) ||
           peek(lexer, 0) == '.')
        lexer->at++;
    (void)finish(lexer, TOKEN_NUMBER, start, token);
    (void)fb_fail(err, FB_E_CONFIG, "'%.60s' is no number", token->text);
    (void)fb_hint(err, "numbers look like 42, 1.5 or 1e6; a column whose name "
                       "begins with a digit goes in double quotes");
    return fail_at(lexer, start, token->length, place);
}

/* What people bring from other languages. */
static const struct foreign {
    const char *op, *hint;
} foreign[] = {
    {"==", "equality is written ="},
    {"&&", "'and' is written AND"},
    {"||=", "there is no assignment"},
    {"=>", "'greater or equal' is written >="},
    {"=<", "'less or equal' is written <="},
    {"=~", "patterns are matched by LIKE"},
    {"~", "patterns are matched by LIKE"},
    {"!~", "patterns are matched by NOT LIKE"},
    {"::", "a cast is written CAST(x AS type)"},
    {"--", "comments are written /* ... */; minus minus is written - -"},
    {"//", "there is no integer division; use floor(a / b)"},
    {"**", "there is no power operator"},
    {"^@", "use starts_with(a, b)"},
    {"->", "there are no structures here"},
    {"!", "'not' is written NOT, and 'not equal' <>"},
    {"&", "'and' is written AND"},
    {"|", "strings are joined with ||, conditions with OR"},
    {"^", "there is no power operator"},
    {"?", "there are no parameters; use CASE WHEN a THEN b ELSE c END"},
    {"`", "names are quoted with double quotes"},
    {"[", "a list is written in round parentheses"},
    {"]", "a list is written in round parentheses"},
    {"{", "a value is put in by ${NAME}, before the expression is read"},
    {"}", "a value is put in by ${NAME}, before the expression is read"},
    {"$", "a value is put in by ${NAME}, before the expression is read"},
    {"@", "names with unusual characters go in double quotes"},
    {"#", "names with unusual characters go in double quotes"},
    {"\\", "nothing is escaped by a backslash"},
    {":", "a cast is written CAST(x AS type)"},
    {";", "an expression is not a statement: it has no semicolon"},
};

static const char *const operators[] = {"<>", "!=", "<=", ">=", "||", "=",
                                        "<",  ">",  "+",  "-",  "*",  "/",
                                        "%",  "(",  ")",  ",",  "."};

static bool
at_text(const struct lexer *lexer, const char *what)
{
    size_t length = strlen(what);

    return lexer->length - lexer->at >= length &&
           memcmp(lexer->text + lexer->at, what, length) == 0;
}

static int
lex_operator(struct lexer *lexer, struct token *token, struct expr_place *place,
             struct fb_error *err)
{
    size_t start = lexer->at;

    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        bool not_equal = at_text(lexer, "!=") || at_text(lexer, "||");

        if (!at_text(lexer, foreign[i].op) ||
            (not_equal && strlen(foreign[i].op) == 1))
            continue;
        (void)fb_fail(err, FB_E_CONFIG, "'%s' is no operator here",
                      foreign[i].op);
        (void)fb_hint(err, "%s", foreign[i].hint);
        return fail_at(lexer, start, strlen(foreign[i].op), place);
    }
    for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
        if (at_text(lexer, operators[i])) {
            lexer->at += strlen(operators[i]);
            return finish(lexer, TOKEN_OP, start, token);
        }
    }
    (void)fb_fail(err, FB_E_CONFIG,
                  "a character (0x%02x) is no part of an "
                  "expression",
                  peek(lexer, 0));
    return fail_at(lexer, start, 1, place);
}

static int
refuse_wide(struct lexer *lexer, char plain, struct expr_place *place,
            struct fb_error *err)
{
    size_t length = (peek(lexer, 0) & 0xe0) == 0xc0 ? 2 : 3;

    (void)fb_fail(err, FB_E_CONFIG, "'%.*s' is not the plain %s", (int)length,
                  lexer->text + lexer->at,
                  plain == ' ' ? "space" : (char[]){plain, '\0'});
    (void)fb_hint(err, plain == ' '
                           ? "use a plain space (U+0020) between words"
                           : "operators, quotes and parentheses are ASCII "
                             "(half-width) characters");
    return fail_at(lexer, lexer->at, length, place);
}

int
lexer_next(struct lexer *lexer, struct token *token, struct expr_place *place,
           struct fb_error *err)
{
    if (skip_space(lexer, place, err) != 0)
        return -1;
    size_t start = lexer->at;
    unsigned char c = peek(lexer, 0);
    char plain = plain_for(wide_at(lexer));

    if (start >= lexer->length)
        return finish(lexer, TOKEN_END, start, token);
    if (plain != 0)
        return refuse_wide(lexer, plain, place, err);
    if (c == '\'' || c == '"')
        return lex_quoted(lexer, (char)c, token, place, err);
    if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
        return lex_number(lexer, token, place, err);
    if (!is_name_start(c))
        return lex_operator(lexer, token, place, err);
    while ((is_name_start(peek(lexer, 0)) && plain_for(wide_at(lexer)) == 0) ||
           is_digit(peek(lexer, 0)) || peek(lexer, 0) == '$')
        lexer->at++;
    return finish(lexer, TOKEN_NAME, start, token);
}

bool
token_is(const struct token *token, const char *keyword)
{
    return token->kind == TOKEN_NAME && text_equal_nocase(token->text, keyword);
}

bool
token_is_op(const struct token *token, const char *op)
{
    return token->kind == TOKEN_OP && strcmp(token->text, op) == 0;
}
