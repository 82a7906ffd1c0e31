/*
 * config/subst.c: finding ${...} and putting values in.
 */
#include "config/subst.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/names.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/file.h"
#include "util/limits.h"
#include "util/mem.h"
#include "util/text.h"

enum form {
    FORM_NAME = 1, /* ${NAME} */
    FORM_DEFAULT,  /* ${NAME:-rest} */
    FORM_MESSAGE,  /* ${NAME:?rest} */
    FORM_FILE,     /* ${file:rest} */
    FORM_DOLLAR,   /* $$ */
    FORM_BAD,      /* why and hint say what is wrong */
};

/* One $... as written. */
struct reference {
    enum form form;
    size_t length; /* bytes, from the $ to behind the } */
    const char *name;
    size_t name_length;
    const char *rest;
    size_t rest_length;
    const char *why, *hint;
};

static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= '0' && c <= '9') || c == '.';
}

static bool
is_letter(char c)
{
    return is_name_char(c) && c != '.' && (c < '0' || c > '9');
}

static void
spoil(struct reference *reference, const char *why, const char *hint)
{
    reference->form = FORM_BAD;
    reference->why = why;
    reference->hint = hint;
}

/* What stands between the braces. */
static void
parse_braces(const char *inner, size_t length, struct reference *reference)
{
    size_t name = 0;

    while (name < length && is_name_char(inner[name]))
        name++;
    reference->name = inner;
    reference->name_length = name;
    reference->rest = inner + name;
    reference->rest_length = length - name;
    if (name == 4 && length > 4 && strncmp(inner, "file:", 5) == 0) {
        reference->form = FORM_FILE;
        reference->rest++;
        reference->rest_length--;
    } else if (name == 0 || !is_letter(*inner)) {
        spoil(reference, "'${' needs a name", "write ${NAME}");
    } else if (reference->rest_length == 0) {
        reference->form = FORM_NAME;
    } else if (reference->rest_length >= 2 && reference->rest[0] == ':' &&
               strchr("-?", reference->rest[1]) != NULL) {
        reference->form =
            reference->rest[1] == '-' ? FORM_DEFAULT : FORM_MESSAGE;
        reference->rest += 2;
        reference->rest_length -= 2;
    } else {
        spoil(reference, "this ${...} cannot be understood",
              "there are ${NAME}, ${NAME:-default}, ${NAME:?message} and "
              "${file:/path}");
    }
}

/* At the $ of `text`; form 0 when it is an ordinary dollar. */
static struct reference
parse_reference(const char *text)
{
    struct reference reference = {.length = 1};
    const char *end, *nested;

    assert(*text == '$');
    if (text[1] == '$') {
        reference.form = FORM_DOLLAR;
        reference.length = 2;
        return reference;
    }
    if (is_letter(text[1])) {
        spoil(&reference, "a name stands in braces: ${NAME}",
              "for the sign itself write $$");
        return reference;
    }
    if (text[1] != '{')
        return reference;
    end = strchr(text, '}');
    nested = strstr(text + 2, "${");
    if (end == NULL) {
        spoil(&reference, "this '${' is not closed",
              "write ${NAME}; for the signs themselves write $${");
        return reference;
    }
    reference.length = (size_t)(end - text) + 1;
    if (nested != NULL && nested < end) {
        spoil(&reference, "${...} cannot stand inside ${...}",
              "give the inner one a name of its own under vars:");
        return reference;
    }
    parse_braces(text + 2, (size_t)(end - text) - 2, &reference);
    return reference;
}

/* --- what is put in --- */

struct work {
    struct names *names;
    const struct yaml_node *node;
    struct buf out;
    struct value_piece *pieces;
    size_t count;
    bool failed;
};

static void FB_PRINTF(4, 5) complain(struct work *work, size_t at,
                                     const char *hint, const char *format, ...)
{
    va_list args;
    const char *message;

    va_start(args, format);
    message = arena_vprintf(names_arena(work->names), format, args);
    va_end(args);
    work->failed = true;
    problems_add(names_problems(work->names), yaml_place_at(work->node, at),
                 hint, "%s", message);
}

static void
append(struct work *work, size_t at, const char *text, size_t length)
{
    struct fb_error err = FB_ERROR_INIT;

    if (!work->failed && buf_append(&work->out, text, length, &err) != 0)
        complain(work, at, NULL, "the value is longer than %zu bytes",
                 work->out.max);
}

/* Put a piece in; the caller says where from. */
static void
put_piece(struct work *work, struct value_piece piece, const char *text,
          size_t length)
{
    piece.to = work->out.size;
    append(work, piece.from, text, length);
    piece.to_length = work->out.size - piece.to;
    work->pieces[work->count++] = piece;
}

/* A default is text of the file, where $$ is a dollar. */
static void
put_default(struct work *work, struct value_piece piece,
            const struct reference *reference)
{
    char *text = arena_dup_nul(names_arena(work->names), reference->rest,
                               reference->rest_length);
    size_t used = 0;

    for (const char *p = text; *p != '\0'; p++) {
        text[used++] = *p;
        if (p[0] == '$' && p[1] == '$')
            p++;
    }
    piece.origin = ORIGIN_INLINE;
    put_piece(work, piece, text, used);
}

static void
complain_unset(struct work *work, size_t at, const char *name)
{
    const char *message, *hint;

    names_explain_unset(work->names, name, &message, &hint);
    complain(work, at, hint, "%s", message);
}

static void
put_name(struct work *work, size_t at, const struct reference *reference)
{
    struct arena *arena = names_arena(work->names);
    const char *name =
        arena_dup_nul(arena, reference->name, reference->name_length);
    struct name_value found =
        names_find(work->names, name, yaml_place_at(work->node, at));
    struct value_piece piece = {.from = at,
                                .from_length = reference->length,
                                .origin = found.origin,
                                .name = name,
                                .place = found.place,
                                .secret = found.secret};
    bool filled = found.state == NAME_SET && *found.text != '\0';

    if (found.state == NAME_BROKEN)
        work->failed = true;
    else if (reference->form == FORM_DEFAULT && !filled)
        put_default(work, piece, reference);
    else if (reference->form == FORM_MESSAGE && !filled)
        complain(work, at,
                 arena_printf(arena,
                              "give it with --set %s=..., in the environment, "
                              "or under vars:",
                              name),
                 "'%s' is %s: %.*s", name,
                 found.state == NAME_SET ? "empty" : "not set",
                 (int)reference->rest_length, reference->rest);
    else if (found.state == NAME_UNSET)
        complain_unset(work, at, name);
    else
        put_piece(work, piece, found.text, strlen(found.text));
}

static int
cannot_read(struct fb_error *err, const char *path, const char *why)
{
    fb_fail(err, FB_E_CONFIG, "cannot read '%s': %s", path, why);
    return fb_hint(err, "it is a text file that this user, and not "
                        "everybody, may read");
}

/* A secret: refused when everybody may read it.  The file that is checked is
 * the one that is read. */
static int
read_secret(const char *path, struct buf *out, struct fb_error *err)
{
    char by_number[32];
    struct stat status;
    AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t bad;

    if (fd < 0 || fstat(fd, &status) != 0)
        return cannot_read(err, path, strerror(errno));
    if (S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0) {
        fb_fail(err, FB_E_CONFIG,
                "cannot use '%s' as a secret: everybody may read it", path);
        return fb_hint(err, "chmod o-r '%s'", path);
    }
    snprintf(by_number, sizeof(by_number), "/proc/self/fd/%d", fd);
    if (!S_ISREG(status.st_mode) || file_read(by_number, out, err) != 0)
        return cannot_read(err, path, "no regular file of at most 64 KiB");
    if (!text_is_utf8(out->data, out->size, &bad) ||
        strlen(buf_text(out)) != out->size)
        return cannot_read(err, path, "it is no UTF-8 text");
    return 0;
}

static void
put_file(struct work *work, size_t at, const struct reference *reference)
{
    const char *path = arena_dup_nul(names_arena(work->names), reference->rest,
                                     reference->rest_length);
    struct value_piece piece = {.from = at,
                                .from_length = reference->length,
                                .origin = ORIGIN_FILE,
                                .name = path,
                                .secret = true};
    struct fb_error err = FB_ERROR_INIT;
    AUTO_BUF struct buf content;
    size_t size;

    buf_init(&content, SECRET_FILE_MAX);
    if (*path != '/') {
        complain(work, at, "write ${file:/run/secrets/name}",
                 "the path of ${file:...} begins with a /");
        return;
    }
    if (read_secret(path, &content, &err) != 0) {
        complain(work, at, err.hint, "%s", err.message);
        return;
    }
    size = content.size;
    if (size > 0 && content.data[size - 1] == '\n')
        size--;
    if (size > 0 && content.data[size - 1] == '\r' && size < content.size)
        size--;
    if (size == 0)
        complain(work, at, "write the secret into it", "the file '%s' is empty",
                 path);
    else
        put_piece(work, piece, buf_text(&content), size);
    if (content.data != NULL)
        explicit_bzero(content.data, content.size);
}

static void
put_reference(struct work *work, size_t at, const struct reference *reference)
{
    struct value_piece dollar = {.from = at, .from_length = 2};

    switch (reference->form) {
    case FORM_NAME:
    case FORM_DEFAULT:
    case FORM_MESSAGE:
        put_name(work, at, reference);
        break;
    case FORM_FILE:
        put_file(work, at, reference);
        break;
    case FORM_DOLLAR:
        put_piece(work, dollar, "$", 1);
        break;
    case FORM_BAD:
        complain(work, at, reference->hint, "%s", reference->why);
        break;
    }
}

static size_t
count_dollars(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += *text == '$';
    return count;
}

int
substitute(struct names *names, const struct yaml_node *node,
           struct value *value)
{
    struct arena *arena = names_arena(names);
    struct work work = {.names = names, .node = node};
    size_t dollars = count_dollars(node->text), at = 0;

    assert(node->kind == YAML_SCALAR);
    *value = (struct value){
        .node = node, .text = node->text, .length = node->length};
    if (dollars == 0)
        return 0;
    buf_init(&work.out, SUBSTITUTED_MAX);
    work.pieces = arena_array(arena, dollars, sizeof(*work.pieces));
    while (at < node->length) {
        size_t plain = strcspn(node->text + at, "$");
        struct reference reference = {.length = 0};

        append(&work, at, node->text + at, plain);
        at += plain;
        if (at < node->length)
            reference = parse_reference(node->text + at);
        if (reference.form != 0)
            put_reference(&work, at, &reference);
        else
            append(&work, at, "$", reference.length);
        at += reference.length;
    }
    value->text = arena_dup_nul(arena, buf_text(&work.out), work.out.size);
    value->length = work.out.size;
    value->pieces = work.pieces;
    value->piece_count = work.count;
    for (size_t i = 0; i < work.count; i++)
        value->secret = value->secret || work.pieces[i].secret;
    buf_release(&work.out);
    return work.failed ? -1 : 0;
}

/* --- looking at values --- */

struct place
value_place(const struct value *value, size_t offset)
{
    size_t from = 0, to = 0;

    assert(value->node != NULL);
    for (size_t i = 0; i < value->piece_count; i++) {
        const struct value_piece *piece = &value->pieces[i];

        if (offset < piece->to)
            break;
        if (offset < piece->to + piece->to_length)
            return yaml_place_at(value->node, piece->from);
        from = piece->from + piece->from_length;
        to = piece->to + piece->to_length;
    }
    return yaml_place_at(value->node, from + (offset - to));
}

static const char *
mask(struct arena *arena, const struct value *value)
{
    AUTO_BUF struct buf out;
    struct fb_error err = FB_ERROR_INIT;
    size_t at = 0;
    int failed = 0;

    buf_init(&out, 2 * SUBSTITUTED_MAX);
    for (size_t i = 0; i < value->piece_count; i++) {
        const struct value_piece *piece = &value->pieces[i];

        if (!piece->secret)
            continue;
        failed |= buf_append(&out, value->text + at, piece->to - at, &err);
        failed |= buf_puts(&out, "****", &err);
        at = piece->to + piece->to_length;
    }
    failed |= buf_puts(&out, value->text + at, &err);
    return failed != 0 ? "****" : arena_strdup(arena, buf_text(&out));
}

const char *
value_shown(struct arena *arena, const struct value *value)
{
    return value->secret ? mask(arena, value) : value->text;
}

void
subst_names(const char *text,
            void (*found)(void *arg, const char *name, size_t length),
            void *arg)
{
    while ((text = strchr(text, '$')) != NULL) {
        struct reference reference = parse_reference(text);

        if (reference.form == FORM_NAME || reference.form == FORM_DEFAULT ||
            reference.form == FORM_MESSAGE)
            found(arg, reference.name, reference.name_length);
        text += reference.length;
    }
}

struct mention {
    const char *name;
    bool found;
};

static void
compare_name(void *arg, const char *name, size_t length)
{
    struct mention *mention = arg;

    if (strlen(mention->name) == length &&
        strncmp(mention->name, name, length) == 0)
        mention->found = true;
}

bool
subst_mentions(const char *text, const char *name)
{
    struct mention mention = {.name = name};

    subst_names(text, compare_name, &mention);
    return mention.found;
}
