/*
 * config/yaml_place.c: from a node, or a byte of a scalar's text, to its line
 * and column.  It reads the source again instead of keeping a map of every
 * scalar: places are asked for when something is wrong, which is seldom.
 */
#include "config/yaml.h"

#include <assert.h>

struct yaml_source *
yaml_source_new(struct arena *arena, const char *file, const char *text,
                size_t size)
{
    struct yaml_source *source = arena_zalloc(arena, sizeof(*source));
    size_t count = 1;
    size_t *lines;

    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n' || text[i] == '\r';
    lines = arena_array(arena, count, sizeof(*lines));
    count = 1;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\n' ||
            (text[i] == '\r' && (i + 1 == size || text[i + 1] != '\n')))
            lines[count++] = i + 1;
    }
    *source = (struct yaml_source){.file = arena_strdup(arena, file),
                                   .text = text,
                                   .size = size,
                                   .lines = lines,
                                   .line_count = count};
    return source;
}

struct place
yaml_source_place(const struct yaml_source *source, size_t offset)
{
    size_t low = 0, high = source->line_count;
    struct place place = {.file = source->file, .column = 1};

    assert(offset <= source->size);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (source->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    for (size_t i = source->lines[low]; i < offset; i++)
        place.column += ((unsigned char)source->text[i] & 0xC0) != 0x80;
    place.line = (uint32_t)low + 1;
    return place;
}

struct place
yaml_place(const struct yaml_node *node)
{
    return yaml_source_place(node->source, node->start);
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The bytes of the UTF-8 sequence that begins with this byte. */
static size_t
sequence_length(char first)
{
    unsigned char c = (unsigned char)first;

    return c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

/* A backslash and what belongs to it. */
static size_t
escape_length(const char *source, size_t left)
{
    size_t length = left < 2            ? 1
                    : source[1] == 'x'  ? 4
                    : source[1] == 'u'  ? 6
                    : source[1] == 'U'  ? 10
                    : source[1] == '\r' ? 2
                                        : 1 + sequence_length(source[1]);

    return length < left ? length : left;
}

/* Whether an escape stands for white space, or for nothing (a line end). */
static bool
escape_is_blank(const char *source, size_t left)
{
    static const char *const blanks[] = {"x20", "x09", "x0A",
                                         "x0a", "x0D", "x0d"};

    if (left < 2)
        return false;
    if (strchr(" tnr\t\n\r", source[1]) != NULL)
        return true;
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
        if (left >= 4 && strncmp(source + 1, blanks[i], 3) == 0)
            return true;
    }
    return false;
}

/* Two readers side by side: the scalar as it stands in the source, and its
 * text.  What is not white space comes in the same order in both. */
struct walk {
    const char *source;
    size_t at, end;
    enum yaml_style style;
};

static bool
walk_is_escape(const struct walk *walk)
{
    return walk->style == YAML_DOUBLE && walk->source[walk->at] == '\\';
}

static void
walk_skip_blanks(struct walk *walk)
{
    while (walk->at < walk->end) {
        const char *here = walk->source + walk->at;
        size_t left = walk->end - walk->at;

        if (walk_is_escape(walk) && escape_is_blank(here, left))
            walk->at += escape_length(here, left);
        else if (is_blank(*here))
            walk->at++;
        else
            return;
    }
}

/* Past one character that is no white space. */
static void
walk_step(struct walk *walk)
{
    const char *here = walk->source + walk->at;
    size_t left = walk->end - walk->at, length;

    if (left == 0)
        return;
    if (walk_is_escape(walk))
        length = escape_length(here, left);
    else if (walk->style == YAML_SINGLE && *here == '\'')
        length = 2;
    else
        length = sequence_length(*here);
    walk->at += length < left ? length : left;
}

static struct walk
walk_begin(const struct yaml_node *node)
{
    struct walk walk = {.source = node->source->text,
                        .at = node->start,
                        .end = node->end,
                        .style = node->style};

    switch (node->style) {
    case YAML_PLAIN:
        break;
    case YAML_SINGLE:
    case YAML_DOUBLE:
        if (walk.at < walk.end)
            walk.at++;
        if (walk.at < walk.end)
            walk.end--;
        break;
    case YAML_LITERAL:
    case YAML_FOLDED: /* the header's line is none of the text */
        while (walk.at < walk.end && walk.source[walk.at] != '\n' &&
               walk.source[walk.at] != '\r')
            walk.at++;
        break;
    }
    return walk;
}

struct place
yaml_place_at(const struct yaml_node *node, size_t offset)
{
    struct walk walk;
    size_t at = 0, blanks = 0;

    if (node->kind != YAML_SCALAR || node->length == 0)
        return yaml_place(node);
    if (offset > node->length)
        offset = node->length;
    walk = walk_begin(node);
    while (at < offset) {
        if (is_blank(node->text[at])) {
            blanks++;
            at++;
            continue;
        }
        walk_skip_blanks(&walk);
        walk_step(&walk);
        at += sequence_length(node->text[at]);
        blanks = 0;
    }
    if (at < node->length && !is_blank(node->text[at]))
        walk_skip_blanks(&walk);
    else /* in white space: as far as it stands on this line */
        for (; blanks > 0 && walk.at < walk.end &&
               (walk.source[walk.at] == ' ' || walk.source[walk.at] == '\t');
             blanks--)
            walk.at++;
    return yaml_source_place(node->source, walk.at);
}
