/*
 * config/yaml_error.c: what people do to YAML, recognised by what libyaml
 * says and by the text around the place.  It guesses: a wrong guess gives a
 * poor hint, never a wrong verdict, for the text is no YAML anyway.
 */
#include "config/yaml_error.h"

#include <assert.h>

#include "util/text.h"

struct explanation {
    struct arena *arena;
    const struct yaml_source *source;
    const struct yaml_complaint *complaint;
    struct problems *problems;
};

static char
char_at(const struct explanation *e, size_t at)
{
    return at < e->source->size ? e->source->text[at] : '\0';
}

static size_t
line_begin(const struct explanation *e, size_t at)
{
    while (at > 0 && e->source->text[at - 1] != '\n')
        at--;
    return at;
}

static size_t
line_end(const struct explanation *e, size_t at)
{
    while (at < e->source->size && strchr("\r\n", e->source->text[at]) == NULL)
        at++;
    return at;
}

static size_t
first_word(const struct explanation *e, size_t at)
{
    at = line_begin(e, at);
    while (char_at(e, at) == ' ' || char_at(e, at) == '\t')
        at++;
    return at;
}

/* The begin of the line above that holds something, or `at` itself. */
static size_t
line_above(const struct explanation *e, size_t at)
{
    size_t line = line_begin(e, at);

    while (line > 0) {
        size_t word;

        line = line_begin(e, line - 1);
        word = first_word(e, line);
        if (strchr("\r\n#", char_at(e, word)) == NULL)
            return line;
    }
    return at;
}

static size_t
indentation(const struct explanation *e, size_t at)
{
    return first_word(e, at) - line_begin(e, at);
}

/* The first ':' of the line from `at` on, with white space behind it (or
 * with none); SIZE_MAX when there is no such one. */
static size_t
find_colon(const struct explanation *e, size_t at, bool with_space)
{
    size_t end = line_end(e, at);

    for (; at < end; at++) {
        bool spaced = at + 1 == end || strchr(" \t", e->source->text[at + 1]);

        if (e->source->text[at] == '#' && at > 0 &&
            strchr(" \t\n", e->source->text[at - 1]) != NULL)
            break;
        if (e->source->text[at] == ':' && spaced == with_space)
            return at;
    }
    return SIZE_MAX;
}

static void FB_PRINTF(4, 5) tell(const struct explanation *e, size_t at,
                                 const char *hint, const char *format, ...)
{
    va_list args;
    const char *message;

    va_start(args, format);
    message = arena_vprintf(e->arena, format, args);
    va_end(args);
    problems_add(e->problems, yaml_source_place(e->source, at), hint, "%s",
                 message);
}

static const char *
line_text(const struct explanation *e, size_t at)
{
    size_t begin = first_word(e, at);
    size_t end = line_end(e, begin);

    return text_escape(e->arena, e->source->text + begin, end - begin, 40);
}

static void
explain_tab(const struct explanation *e)
{
    tell(e, e->complaint->at, "indent with spaces; YAML takes no tabs",
         "a tab stands where only spaces may indent");
}

static void
explain_bad_begin(const struct explanation *e)
{
    char c = char_at(e, e->complaint->at);

    if (c == '\t')
        explain_tab(e);
    else
        tell(e, e->complaint->at, "put the text in quotes",
             "a text cannot begin with '%c'", c);
}

/* A line that should be `key: value` or `key:` but has no colon that YAML
 * takes for one. */
static void
explain_missing_colon(const struct explanation *e, size_t at)
{
    size_t colon = find_colon(e, at, false);

    if (colon != SIZE_MAX)
        tell(e, colon, "write 'key: value', with a space behind the colon",
             "a space is missing behind this ':'");
    else
        tell(e, first_word(e, at),
             "write 'key: value'; if this line continues the value above, "
             "indent it deeper than that value's key",
             "a ':' is missing in '%s'", line_text(e, at));
}

/* Whether a line without a colon is the second or later one of a value:
 * above it, and indented less, stands `key: value`. */
static bool
is_continuation(const struct explanation *e, size_t line)
{
    size_t above = line_above(e, line), colon;

    while (above != line && find_colon(e, above, true) == SIZE_MAX &&
           above != line_above(e, above))
        above = line_above(e, above);
    colon = find_colon(e, above, true);
    if (above == line || colon == SIZE_MAX ||
        indentation(e, above) >= indentation(e, line))
        return false;
    do
        colon++;
    while (char_at(e, colon) == ' ');
    return strchr("\r\n#", char_at(e, colon)) == NULL;
}

/* "mapping values are not allowed": a colon where no key can end. */
static void
explain_colon(const struct explanation *e)
{
    size_t at = e->complaint->at, above = line_above(e, at);
    size_t first = find_colon(e, line_begin(e, at), true);
    size_t own = indentation(e, at), other = indentation(e, above);

    if (first != at || above == at)
        tell(e, at, "put the whole value in quotes",
             "a second ': ' stands in one value");
    else if (own >= other && find_colon(e, above, true) == SIZE_MAX &&
             !is_continuation(e, above))
        explain_missing_colon(e, above);
    else if (own > other)
        tell(e, first_word(e, at),
             "put it under the line above, or quote the value if the ': ' "
             "belongs to it",
             "this line is indented deeper than '%s' above, which already "
             "has a value",
             line_text(e, above));
    else
        tell(e, at, "put the whole value in quotes, or check the indentation",
             "a ': ' stands where no key can end");
}

/* A quote that was closed by the next one, lines later. */
static bool
explain_run_on_quote(const struct explanation *e, size_t at)
{
    size_t close = at, open;

    while (close > 0 && strchr(" \t", e->source->text[close - 1]) != NULL)
        close--;
    if (close == 0 || strchr("'\"", e->source->text[close - 1]) == NULL)
        return false;
    close--;
    for (open = close; open > 0; open--) {
        if (e->source->text[open - 1] == e->source->text[close])
            break;
    }
    if (open == 0 || line_begin(e, open - 1) == line_begin(e, close))
        return false;
    tell(e, open - 1, "close the quote at the end of the value",
         "this quote is not closed before line %u",
         yaml_source_place(e->source, close).line);
    return true;
}

/* "did not find expected key" or "'-'": the line belongs nowhere. */
static void
explain_stray(const struct explanation *e)
{
    size_t at = e->complaint->at;
    char c = char_at(e, at);

    if (c == ']' || c == '}')
        tell(e, at, "take it out, or put the value in quotes",
             "nothing is open that this '%c' could close", c);
    else if (at != first_word(e, at)) {
        if (!explain_run_on_quote(e, at))
            tell(e, at, "put the whole value in one pair of quotes",
                 "something follows a value that has ended");
    } else if (c == '-')
        tell(e, at, "indent the list deeper than its key",
             "a list item stands among keys");
    else
        tell(e, at, "begin it in the same column as its neighbours",
             "the indentation of this line fits none of the lines above");
}

/* "did not find expected ',' or '}'" */
static void
explain_open_bracket(const struct explanation *e)
{
    size_t at = e->complaint->at, open = e->complaint->context_at;
    char c = char_at(e, open);

    if (char_at(e, at) == '{' && at > 0 && char_at(e, at - 1) == '$') {
        tell(e, at - 1, "write \"${NAME}\", in quotes",
             "between { } or [ ] a text with ${...} stands in quotes");
        return;
    }
    if (line_begin(e, at) == line_begin(e, open)) {
        while (at > open + 1 &&
               strchr(" \t,{[", e->source->text[at - 1]) == NULL)
            at--;
        tell(e, at,
             "separate with ', '; put a text that holds one of "
             ", { } [ ] in quotes",
             "a ',' or '%c' is missing before this", c == '[' ? ']' : '}');
        return;
    }
    tell(e, open, "close it, or look for a missing ','",
         "the '%c' opened here is not closed", c);
}

static void
explain_end_of_quote(const struct explanation *e)
{
    tell(e, e->complaint->context_at, "close it with the same quote",
         "this quote is never closed");
}

static void
explain_escape(const struct explanation *e)
{
    size_t at = e->complaint->at;

    tell(e, at,
         "use 'single quotes', where a backslash is just that, or "
         "write it twice",
         "'\\%c' means nothing inside double quotes", char_at(e, at + 1));
}

static void
explain_list_here(const struct explanation *e)
{
    tell(e, e->complaint->at,
         "begin the list on a line of its own, or write [a, b]; a text that "
         "begins with '- ' stands in quotes",
         "a list cannot begin here");
}

static void
explain_anchor_name(const struct explanation *e)
{
    size_t at = e->complaint->context_at;

    tell(e, at, "put the text in quotes", "a text cannot begin with '%c'",
         char_at(e, at));
}

static void
explain_missing_value(const struct explanation *e)
{
    tell(e, e->complaint->at, "put the text in quotes if it begins with that",
         "a value is missing before '%c'", char_at(e, e->complaint->at));
}

static void
explain_block_header(const struct explanation *e)
{
    tell(e, e->complaint->at, "begin the text on the next line",
         "nothing may follow the '%c' that begins a block of text",
         char_at(e, e->complaint->context_at));
}

static void
explain_after_end(const struct explanation *e)
{
    tell(e, e->complaint->at, "one file holds one document",
         "text stands behind the end of the document");
}

static void
explain_control(const struct explanation *e)
{
    tell(e, e->complaint->at, "take it out, or write it as \"\\x..\"",
         "the control character 0x%02x cannot stand in YAML",
         (unsigned char)char_at(e, e->complaint->at));
}

static void
explain_question(const struct explanation *e)
{
    tell(e, e->complaint->at, "put the text in quotes",
         "a text cannot begin with '? '");
}

static void
explain_simple_key(const struct explanation *e)
{
    explain_missing_colon(e, e->complaint->context_at);
}

/* By the begin of libyaml's text (scanner.c, parser.c, reader.c of 0.2). */
static const struct {
    const char *problem;
    void (*explain)(const struct explanation *e);
} explanations[] = {
    {"found character that cannot start any token", explain_bad_begin},
    {"found a tab character", explain_tab},
    {"mapping values are not allowed", explain_colon},
    {"could not find expected ':'", explain_simple_key},
    {"did not find expected key", explain_stray},
    {"did not find expected '-' indicator", explain_stray},
    {"did not find expected ',' or", explain_open_bracket},
    {"found unexpected end of stream", explain_end_of_quote},
    {"found unexpected document indicator", explain_end_of_quote},
    {"found unknown escape character", explain_escape},
    {"block sequence entries are not allowed", explain_list_here},
    {"did not find expected alphabetic", explain_anchor_name},
    {"did not find expected node content", explain_missing_value},
    {"did not find expected comment or line break", explain_block_header},
    {"did not find expected <document start>", explain_after_end},
    {"control characters are not allowed", explain_control},
    {"mapping keys are not allowed", explain_question},
};

void
yaml_explain(struct arena *arena, const struct yaml_source *source,
             const struct yaml_complaint *complaint, struct problems *problems)
{
    struct explanation e = {.arena = arena,
                            .source = source,
                            .complaint = complaint,
                            .problems = problems};

    assert(complaint->at <= source->size);
    assert(complaint->context_at <= source->size);
    for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]);
         i++) {
        if (text_starts_with(complaint->problem, explanations[i].problem)) {
            explanations[i].explain(&e);
            return;
        }
    }
    tell(&e, complaint->at, NULL, "the text is no YAML: %s%s%s",
         complaint->problem, complaint->context != NULL ? ", " : "",
         complaint->context != NULL ? complaint->context : "");
}
