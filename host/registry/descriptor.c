#include "registry/descriptor.h"

#include <assert.h>
#include <stdalign.h>

#include "registry/scheme.h"
#include "util/mem.h"
#include "util/text.h"

/* What the first header of this ABI had; less cannot be. */
#define PLUGIN_SIZE_MIN offsetof(struct fb_plugin, check)
#define OPTION_SIZE_MIN (offsetof(struct fb_option, help) + sizeof(char *))

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
static const char option_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/* How an option of each type lies in the instance. */
static const struct {
    const char *name;
    size_t size, alignment;
    bool number;
} types[] = {
    [FB_T_STRING] = {"string", sizeof(char *), alignof(char *), false},
    [FB_T_INT] = {"integer", sizeof(int64_t), alignof(int64_t), true},
    [FB_T_SIZE] = {"size", sizeof(int64_t), alignof(int64_t), true},
    [FB_T_DURATION] = {"duration", sizeof(int64_t), alignof(int64_t), true},
    [FB_T_BOOL] = {"boolean", sizeof(bool), alignof(bool), false},
    [FB_T_ENUM] = {"enum", sizeof(int), alignof(int), false},
    [FB_T_URI] = {"uri", sizeof(char *), alignof(char *), false},
    [FB_T_EXPR] = {"expression", sizeof(char *), alignof(char *), false},
    [FB_T_LIST] = {"list", sizeof(struct fb_list), alignof(struct fb_list),
                   false},
    [FB_T_MAP] = {"map", sizeof(struct fb_map), alignof(struct fb_map), false},
    [FB_T_EXPR_MAP] = {"map of expressions", sizeof(struct fb_map),
                       alignof(struct fb_map), false},
    [FB_T_SECRET] = {"secret", sizeof(char *), alignof(char *), false},
};

const char *
descriptor_kind_name(enum fb_kind kind)
{
    switch (kind) {
    case FB_SOURCE:
        return "source";
    case FB_TRANSFORM:
        return "transform";
    case FB_SINK:
        return "sink";
    case FB_NOTIFIER:
        return "notifier";
    }
    return NULL;
}

const char *
descriptor_type_name(enum fb_type type)
{
    size_t index = (size_t)type;

    return index < ARRAY_SIZE(types) ? types[index].name : NULL;
}

/* One line that can be printed as it is. */
static bool
is_line(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;

    if (text == NULL || *text == '\0' ||
        !text_is_utf8(byte, strlen(text), NULL))
        return false;
    for (; *byte != '\0'; byte++)
        if (*byte < ' ' || *byte == 0x7f)
            return false;
    return true;
}

static bool
is_made_of(const char *text, const char *chars)
{
    size_t length = text == NULL ? 0 : strspn(text, chars);

    return length > 0 && length <= DESCRIPTOR_NAME_MAX && text[length] == '\0';
}

bool
descriptor_is_name(const char *text)
{
    return is_made_of(text, name_chars);
}

/* --- sizes --- */

int
descriptor_check_abi(uint32_t abi, struct fb_error *err)
{
    if (abi == FB_ABI)
        return 0;
    fb_fail(err, FB_E_CONFIG, "the plugin has ABI %u, this program has ABI %u",
            abi, (unsigned)FB_ABI);
    return fb_hint(err, "compile it again with this program's "
                        "forebay/plugin.h");
}

static int
check_sizes(const struct fb_plugin *given, struct fb_error *err)
{
    if (descriptor_check_abi(given->abi, err) != 0)
        return -1;
    if (given->size < PLUGIN_SIZE_MIN || given->size > DESCRIPTOR_SIZE_MAX ||
        given->size % alignof(struct fb_plugin) != 0)
        return fb_fail(err, FB_E_CONFIG,
                       "the plugin says that its descriptor has %u bytes, "
                       "which cannot be",
                       given->size);
    if (given->option_size < OPTION_SIZE_MIN ||
        given->option_size > DESCRIPTOR_OPTION_SIZE_MAX ||
        given->option_size % alignof(struct fb_option) != 0)
        return fb_fail(err, FB_E_CONFIG,
                       "the plugin says that an option has %u bytes, which "
                       "cannot be",
                       given->option_size);
    return 0;
}

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The plugin's options in steps of its size, ours in steps of ours. */
static int
copy_options(struct arena *arena, const struct fb_plugin *given,
             struct fb_plugin *plugin, struct fb_error *err)
{
    const unsigned char *from = (const unsigned char *)given->options;
    size_t size = smaller(given->option_size, sizeof(struct fb_option));
    struct fb_option *options;
    size_t count = 0;

    if (from == NULL)
        return 0;
    for (;; count++) {
        const char *name;

        if (count > DESCRIPTOR_OPTIONS_MAX)
            return fb_fail(err, FB_E_CONFIG,
                           "plugin '%s': its options do not end", plugin->name);
        memcpy(&name, from + count * given->option_size, sizeof(name));
        if (name == NULL)
            break;
    }
    options = arena_zalloc(arena, (count + 1) * sizeof(*options));
    for (size_t i = 0; i < count; i++)
        memcpy(&options[i], from + i * given->option_size, size);
    plugin->options = options;
    return 0;
}

/* --- what it says of itself --- */

static int
check_schemes(const struct fb_plugin *plugin, struct fb_error *err)
{
    const char *const *schemes = plugin->schemes;

    for (size_t i = 0; schemes != NULL && schemes[i] != NULL; i++) {
        if (i == DESCRIPTOR_SCHEMES_MAX)
            return fb_fail(err, FB_E_CONFIG,
                           "plugin '%s': its schemes do not end", plugin->name);
        if (!scheme_is_valid(schemes[i]))
            return fb_fail(err, FB_E_CONFIG,
                           "plugin '%s': '%s' is no uri scheme", plugin->name,
                           is_line(schemes[i]) ? schemes[i] : "");
        for (size_t j = 0; j < i; j++)
            if (strcmp(schemes[i], schemes[j]) == 0)
                return fb_fail(err, FB_E_CONFIG,
                               "plugin '%s': the scheme '%s' is given twice",
                               plugin->name, schemes[i]);
    }
    return 0;
}

/* A codec works with batches, and what it codes has a name. */
static int
check_formats(const struct fb_plugin *plugin, struct fb_error *err)
{
    const char *const *formats = plugin->formats;

    if (formats == NULL)
        return 0;
    if ((plugin->kind != FB_SOURCE || plugin->read == NULL) &&
        (plugin->kind != FB_SINK || plugin->write == NULL))
        return fb_fail(err, FB_E_CONFIG,
                       "plugin '%s' names formats, but is no source with read "
                       "or sink with write",
                       plugin->name);
    for (size_t i = 0; formats[i] != NULL; i++) {
        if (i == DESCRIPTOR_SCHEMES_MAX)
            return fb_fail(err, FB_E_CONFIG,
                           "plugin '%s': its formats do not end", plugin->name);
        if (!is_made_of(formats[i], name_chars))
            return fb_fail(err, FB_E_CONFIG,
                           "plugin '%s': '%s' is no name of a format",
                           plugin->name, is_line(formats[i]) ? formats[i] : "");
    }
    return 0;
}

static int
check_texts(const struct fb_plugin *plugin, struct fb_error *err)
{
    if (!descriptor_is_name(plugin->name))
        return fb_fail(err, FB_E_CONFIG,
                       "the plugin's name '%s' is not of a-z, 0-9, _ and -, "
                       "at most %d of them",
                       is_line(plugin->name) ? plugin->name : "",
                       DESCRIPTOR_NAME_MAX);
    if (descriptor_kind_name(plugin->kind) == NULL)
        return fb_fail(err, FB_E_CONFIG,
                       "plugin '%s' is of kind %u, which this program does "
                       "not know",
                       plugin->name, (unsigned)plugin->kind);
    if (!is_line(plugin->summary))
        return fb_fail(err, FB_E_CONFIG,
                       "plugin '%s' has no summary of one line", plugin->name);
    if (plugin->instance_size > DESCRIPTOR_INSTANCE_MAX)
        return fb_fail(err, FB_E_CONFIG,
                       "plugin '%s' wants %zu bytes an instance, at most %d "
                       "are given",
                       plugin->name, plugin->instance_size,
                       (int)DESCRIPTOR_INSTANCE_MAX);
    if (check_schemes(plugin, err) != 0)
        return -1;
    return check_formats(plugin, err);
}

/* The name of the first callback that the kind needs and that is not there. */
static const char *
missing_callback(const struct fb_plugin *plugin)
{
    switch (plugin->kind) {
    case FB_SOURCE:
        if ((plugin->flags & FB_LISTS_OTHERS) != 0)
            return plugin->discover == NULL ? "discover" : NULL;
        return plugin->read_bytes == NULL && plugin->read == NULL
                   ? "read_bytes or read"
                   : NULL;
    case FB_TRANSFORM:
        return plugin->process == NULL ? "process" : NULL;
    case FB_SINK:
        if (plugin->write_bytes == NULL && plugin->write == NULL)
            return "write_bytes or write";
        return plugin->finish == NULL ? "finish" : NULL;
    case FB_NOTIFIER:
        return plugin->notify == NULL ? "notify" : NULL;
    }
    return NULL;
}

/* Whose batch it is would be lost among threads. */
static int
check_many(const struct fb_plugin *plugin, struct fb_error *err)
{
    if ((plugin->flags & FB_MANY_INPUTS) == 0 ||
        (plugin->kind == FB_TRANSFORM && !(plugin->flags & FB_PARALLEL)) ||
        (plugin->kind == FB_SINK && plugin->write != NULL))
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "plugin '%s' says FB_MANY_INPUTS, which is for sinks with "
                   "write and transforms that are not parallel",
                   plugin->name);
}

static int
check_last(const struct fb_plugin *plugin, struct fb_error *err)
{
    if ((plugin->flags & FB_LAST) == 0 || plugin->kind == FB_SINK)
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "plugin '%s' says FB_LAST, which is for sinks",
                   plugin->name);
}

static int
check_callbacks(const struct fb_plugin *plugin, struct fb_error *err)
{
    const char *missing = missing_callback(plugin);

    if (missing != NULL)
        return fb_fail(err, FB_E_CONFIG, "plugin '%s' is a %s without %s",
                       plugin->name, descriptor_kind_name(plugin->kind),
                       missing);
    if (check_last(plugin, err) != 0)
        return -1;
    return check_many(plugin, err);
}

/* --- options --- */

static int FB_PRINTF(4, 5)
    bad_option(const struct fb_plugin *plugin, const struct fb_option *option,
               struct fb_error *err, const char *format, ...)
{
    char text[FB_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return fb_fail(err, FB_E_CONFIG, "plugin '%s': option '%s' %s",
                   plugin->name, is_line(option->name) ? option->name : "",
                   text);
}

static int
check_place(const struct fb_plugin *plugin, const struct fb_option *option,
            struct fb_error *err)
{
    size_t size = types[option->type].size;

    if (option->offset > plugin->instance_size ||
        size > plugin->instance_size - option->offset)
        return bad_option(plugin, option, err,
                          "lies at byte %zu of an instance of %zu",
                          option->offset, plugin->instance_size);
    if (option->offset % types[option->type].alignment != 0)
        return bad_option(plugin, option, err,
                          "lies at byte %zu, where no %s can", option->offset,
                          descriptor_type_name(option->type));
    return 0;
}

static int
check_choices(const struct fb_plugin *plugin, const struct fb_option *option,
              struct fb_error *err)
{
    const char *const *choices = option->choices;
    size_t count = 0;

    if (option->type != FB_T_ENUM &&
        (option->type != FB_T_LIST || choices == NULL))
        return choices == NULL
                   ? 0
                   : bad_option(plugin, option, err,
                                "has choices and is no enum or list");
    for (; choices != NULL && choices[count] != NULL; count++) {
        if (count == DESCRIPTOR_CHOICES_MAX)
            return bad_option(plugin, option, err,
                              "has choices that do not end");
        if (!is_line(choices[count]))
            return bad_option(plugin, option, err, "has an empty choice");
        for (size_t i = 0; i < count; i++)
            if (strcmp(choices[i], choices[count]) == 0)
                return bad_option(plugin, option, err,
                                  "has the choice '%s' twice", choices[i]);
    }
    return count > 0 ? 0 : bad_option(plugin, option, err, "has no choices");
}

static int
check_range(const struct fb_plugin *plugin, const struct fb_option *option,
            struct fb_error *err)
{
    bool given = option->min != 0 || option->max != 0;

    if (given && !types[option->type].number)
        return bad_option(plugin, option, err, "has a range and is no number");
    if (option->min > option->max)
        return bad_option(plugin, option, err, "has a range from %lld to %lld",
                          (long long)option->min, (long long)option->max);
    return 0;
}

static int
check_secrets(const struct fb_plugin *plugin, const struct fb_option *option,
              struct fb_error *err)
{
    if ((option->flags & FB_SECRETS) == 0 || option->type == FB_T_MAP ||
        (option->type == FB_T_LIST && option->choices == NULL))
        return 0;
    return bad_option(plugin, option, err,
                      "says FB_SECRETS, which is for maps, and for lists "
                      "without choices");
}

static int
check_option(const struct fb_plugin *plugin, const struct fb_option *option,
             struct fb_error *err)
{
    if (!is_made_of(option->name, option_chars))
        return bad_option(plugin, option, err,
                          "has a name that is not of letters, digits and _");
    if (descriptor_type_name(option->type) == NULL)
        return bad_option(plugin, option, err,
                          "is of type %u, which this program does not know",
                          (unsigned)option->type);
    if (!is_line(option->help))
        return bad_option(plugin, option, err, "has no help of one line");
    if (option->def != NULL && (option->flags & FB_REQUIRED) != 0)
        return bad_option(plugin, option, err, "is required and has a default");
    if (check_place(plugin, option, err) != 0 ||
        check_choices(plugin, option, err) != 0 ||
        check_secrets(plugin, option, err) != 0)
        return -1;
    return check_range(plugin, option, err);
}

static bool
overlap(const struct fb_option *a, const struct fb_option *b)
{
    return a->offset < b->offset + types[b->type].size &&
           b->offset < a->offset + types[a->type].size;
}

static int
check_options(const struct fb_plugin *plugin, struct fb_error *err)
{
    const struct fb_option *first = plugin->options;

    for (const struct fb_option *option = first;
         option != NULL && option->name != NULL; option++) {
        if (check_option(plugin, option, err) != 0)
            return -1;
        for (const struct fb_option *other = first; other < option; other++) {
            if (strcmp(option->name, other->name) == 0)
                return bad_option(plugin, option, err, "is given twice");
            if (overlap(option, other))
                return bad_option(plugin, option, err,
                                  "lies on the field of '%s'", other->name);
        }
    }
    return 0;
}

int
descriptor_copy(struct arena *arena, const struct fb_plugin *given,
                const struct fb_plugin **copy, struct fb_error *err)
{
    struct fb_plugin *plugin = arena_zalloc(arena, sizeof(*plugin));

    assert(given != NULL);
    if (check_sizes(given, err) != 0)
        return -1;
    memcpy(plugin, given, smaller(given->size, sizeof(*plugin)));
    plugin->size = sizeof(*plugin);
    plugin->option_size = sizeof(struct fb_option);
    if (check_texts(plugin, err) != 0 || check_callbacks(plugin, err) != 0 ||
        copy_options(arena, given, plugin, err) != 0 ||
        check_options(plugin, err) != 0)
        return -1;
    *copy = plugin;
    return 0;
}
