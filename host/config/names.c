/*
 * config/names.c: where the value of a name comes from.
 */
#include "config/names.h"

#include <assert.h>
#include <stdlib.h>

#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"

/* A --set or a variable of vars:. */
struct known {
    const char *name;
    struct name_value value;
    struct place place; /* line 0: of the command line */
    bool used;          /* by some ${...} of the file */
    bool suggested;     /* a misspelling of it has been told */
};

enum trigger_state { TRIGGER_NONE = 0, TRIGGER_GIVEN, TRIGGER_BROKEN };

struct names {
    struct arena *arena;
    const struct scope *scope;
    const struct yaml_node *root;
    struct problems *problems;
    const struct yaml_node *vars_node;
    struct known *settings; /* scope->setting_count */
    struct known *vars;
    size_t var_count; /* defined until now */
    enum trigger_state trigger;
    const char *trigger_uri;
    const char *step_id, *step_input;
};

static const char *const run_names[] = {
    "trigger.uri", "trigger.name", "trigger.stem", "trigger.dir", "run.id",
    "run.date",    "run.started",  "step.id",      "step.input",
};

struct names *
names_new(struct arena *arena, const struct scope *scope,
          const struct yaml_node *root, struct problems *problems)
{
    struct names *names = arena_zalloc(arena, sizeof(*names));

    names->arena = arena;
    names->scope = scope;
    names->root = root;
    names->problems = problems;
    names->settings =
        arena_array(arena, scope->setting_count + 1, sizeof(*names->settings));
    for (size_t i = 0; i < scope->setting_count; i++) {
        names->settings[i].name = scope->settings[i].name;
        names->settings[i].value =
            (struct name_value){.state = NAME_SET,
                                .text = scope->settings[i].value,
                                .origin = ORIGIN_SETTING};
        names->settings[i].place.file = root->source->file;
    }
    return names;
}

struct arena *
names_arena(struct names *names)
{
    return names->arena;
}

struct problems *
names_problems(struct names *names)
{
    return names->problems;
}

static bool
is_variable(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && c != '_' && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return length > 0;
}

/* The last one of that name, so that a later --set wins. */
static struct known *
find_known(struct known *known, size_t count, const char *name)
{
    for (size_t i = count; i > 0; i--) {
        if (strcmp(known[i - 1].name, name) == 0)
            return &known[i - 1];
    }
    return NULL;
}

static struct name_value
of_environment(struct names *names, const char *name, struct place place)
{
    const char *text = getenv(name);
    struct name_value value = {.state = NAME_BROKEN,
                               .origin = ORIGIN_ENVIRONMENT};

    if (text == NULL)
        return (struct name_value){.state = NAME_UNSET};
    if (strpbrk(text, "\r\n") != NULL)
        problems_add(names->problems, place,
                     "give it without one, or with --set",
                     "the environment variable '%s' holds a line end", name);
    else if (!text_is_utf8((const unsigned char *)text, strlen(text), NULL))
        problems_add(names->problems, place, "give it as UTF-8",
                     "the environment variable '%s' is no UTF-8 text", name);
    else
        value.state = NAME_SET;
    value.text = text;
    return value;
}

static struct name_value
of_run(const char *text)
{
    return (struct name_value){.state = text != NULL ? NAME_SET : NAME_UNSET,
                               .text = text,
                               .origin = ORIGIN_RUN};
}

static const char *
or_sample(const char *text, const char *sample)
{
    return text != NULL ? text : sample;
}

static struct name_value
of_trigger(const struct names *names, const char *part)
{
    const char *uri = names->trigger_uri;

    if (names->trigger == TRIGGER_BROKEN)
        return (struct name_value){.state = NAME_BROKEN};
    if (names->trigger == TRIGGER_NONE)
        return (struct name_value){.state = NAME_UNSET};
    if (strcmp(part, "uri") == 0)
        return of_run(uri);
    if (strcmp(part, "name") == 0)
        return of_run(file_name(uri));
    if (strcmp(part, "stem") == 0)
        return of_run(file_stem(names->arena, uri));
    if (strcmp(part, "dir") == 0)
        return of_run(file_folder(names->arena, uri));
    return (struct name_value){.state = NAME_UNSET};
}

static struct name_value
of_dotted(const struct names *names, const char *name)
{
    const struct scope *scope = names->scope;

    if (text_starts_with(name, "trigger."))
        return of_trigger(names, name + strlen("trigger."));
    if (strcmp(name, "run.id") == 0)
        return of_run(or_sample(scope->run_id, "RUN"));
    if (strcmp(name, "run.date") == 0)
        return of_run(or_sample(scope->run_date, "1970-01-01"));
    if (strcmp(name, "run.started") == 0)
        return of_run(or_sample(scope->run_started, "19700101T000000Z"));
    if (strcmp(name, "step.id") == 0)
        return of_run(names->step_id);
    if (strcmp(name, "step.input") == 0)
        return of_run(names->step_input);
    return (struct name_value){.state = NAME_UNSET};
}

struct name_value
names_find(struct names *names, const char *name, struct place place)
{
    const struct known *known;
    struct name_value value;

    if (strchr(name, '.') != NULL)
        return of_dotted(names, name);
    known = find_known(names->settings, names->scope->setting_count, name);
    if (known != NULL)
        return known->value;
    value = of_environment(names, name, place);
    if (value.state != NAME_UNSET)
        return value;
    known = find_known(names->vars, names->var_count, name);
    return known != NULL ? known->value : value;
}

void
names_set_trigger(struct names *names, const char *uri)
{
    names->trigger = uri != NULL ? TRIGGER_GIVEN : TRIGGER_BROKEN;
    names->trigger_uri = uri;
}

void
names_set_step(struct names *names, const char *id, const char *input)
{
    names->step_id = id;
    names->step_input = input;
}

static bool
is_overridden(struct names *names, const char *name)
{
    return getenv(name) != NULL ||
           find_known(names->settings, names->scope->setting_count, name) !=
               NULL;
}

static void
define_var(struct names *names, const struct yaml_pair *pair)
{
    struct known *known = &names->vars[names->var_count];
    struct place place = yaml_place(pair->key);
    struct value value = {.text = ""};

    if (!is_variable(pair->key->text, pair->key->length)) {
        problems_add(names->problems, place,
                     "letters, digits and _, not beginning with a digit",
                     "'%s' cannot be the name of a variable", pair->key->text);
        return;
    }
    known->name = pair->key->text;
    known->place = place;
    known->value = (struct name_value){.state = NAME_BROKEN,
                                       .origin = ORIGIN_VARS,
                                       .place = yaml_place(pair->value)};
    if (pair->value->kind != YAML_SCALAR)
        problems_add(names->problems, yaml_place(pair->value),
                     "write one text; in quotes if it holds ': ' or begins "
                     "with [ or {",
                     "the value of a variable is a text, not %s",
                     yaml_kind_name(pair->value));
    else if (is_overridden(names, known->name) ||
             substitute(names, pair->value, &value) == 0)
        known->value.state = NAME_SET;
    known->value.text = value.text;
    known->value.secret = value.secret;
    names->var_count++;
}

void
names_define_vars(struct names *names, const struct yaml_node *vars)
{
    assert(vars->kind == YAML_MAP);
    names->vars_node = vars;
    names->vars =
        arena_array(names->arena, vars->count + 1, sizeof(*names->vars));
    for (size_t i = 0; i < vars->count; i++)
        define_var(names, &vars->pairs[i]);
}

/* --- what is wrong with a name --- */

static const char *
nearest_name(struct names *names, const char *name)
{
    size_t max =
        names->scope->setting_count + names->var_count + ARRAY_SIZE(run_names);
    const char **all = arena_array(names->arena, max, sizeof(*all));
    struct known *known;
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < names->scope->setting_count; i++)
        all[count++] = names->settings[i].name;
    for (size_t i = 0; i < names->var_count; i++)
        all[count++] = names->vars[i].name;
    for (size_t i = 0; i < ARRAY_SIZE(run_names); i++)
        all[count++] = run_names[i];
    nearest = text_nearest(name, all, count);
    if (nearest == NULL)
        return NULL;
    known = find_known(names->vars, names->var_count, nearest);
    if (known != NULL)
        known->suggested = true;
    known = find_known(names->settings, names->scope->setting_count, nearest);
    if (known != NULL)
        known->suggested = true;
    return nearest;
}

static bool
is_run_name(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(run_names); i++) {
        if (strcmp(name, run_names[i]) == 0)
            return true;
    }
    return false;
}

/* A name of the run that has no meaning in this place. */
static void
explain_run_name(const char *name, const char **message, const char **hint)
{
    if (text_starts_with(name, "trigger.")) {
        *message = "names of the trigger need a trigger with a uri, and mean "
                   "nothing in the trigger itself or in vars";
        *hint = "write trigger: {uri: ...}";
    } else if (strcmp(name, "step.input") == 0) {
        *message = "'step.input' means something only in a sink with "
                   "several inputs";
        *hint = "in all other places write the name of the step";
    } else {
        *message = "'step.id' means something only in a step";
        *hint = "in all other places write the name of the step";
    }
}

void
names_explain_unset(struct names *names, const char *name, const char **message,
                    const char **hint)
{
    const struct yaml_pair *later = yaml_pair(names->vars_node, name);
    const char *nearest;

    if (is_run_name(name)) {
        explain_run_name(name, message, hint);
        return;
    }
    *message = arena_printf(names->arena, "the variable '%s' is not set", name);
    nearest = nearest_name(names, name);
    if (later != NULL)
        *hint = arena_printf(names->arena,
                             "'%s' is defined in line %u; a variable uses "
                             "only those above it",
                             name, yaml_place(later->key).line);
    else if (nearest != NULL)
        *hint = arena_printf(names->arena, "did you mean '%s'?", nearest);
    else if (strchr(name, '.') != NULL)
        *hint = "names with a dot are trigger.uri, trigger.name, "
                "trigger.stem, trigger.dir, run.id, run.date, run.started, "
                "step.id and step.input";
    else
        *hint = arena_printf(names->arena,
                             "give it with --set %s=..., in the environment, "
                             "or under vars:",
                             name);
}

/* --- what nobody uses --- */

static void
mark_used(void *arg, const char *name, size_t length)
{
    struct names *names = arg;
    const char *text = arena_dup_nul(names->arena, name, length);
    struct known *known = find_known(names->vars, names->var_count, text);

    if (known != NULL)
        known->used = true;
    for (size_t i = 0; i < names->scope->setting_count; i++) {
        if (strcmp(names->settings[i].name, text) == 0)
            names->settings[i].used = true;
    }
}

static void
mark_names(struct names *names, const struct yaml_node *node)
{
    switch (node->kind) {
    case YAML_SCALAR:
        subst_names(node->text, mark_used, names);
        break;
    case YAML_LIST:
        for (size_t i = 0; i < node->count; i++)
            mark_names(names, node->items[i]);
        break;
    case YAML_MAP:
        for (size_t i = 0; i < node->count; i++)
            mark_names(names, node->pairs[i].value);
        break;
    }
}

static void
report_setting(struct names *names, const struct known *setting)
{
    const char *nearest = NULL;

    if (find_known(names->vars, names->var_count, setting->name) != NULL)
        return; /* then the variable itself is reported */
    for (size_t i = 0; i < names->var_count && nearest == NULL; i++)
        nearest = text_nearest(setting->name, &names->vars[i].name, 1);
    problems_add(names->problems, setting->place,
                 nearest != NULL
                     ? arena_printf(names->arena, "did you mean '%s'?", nearest)
                     : NULL,
                 "--set %s has no effect: no ${%s} stands in this file",
                 setting->name, setting->name);
}

void
names_report_unused(struct names *names)
{
    mark_names(names, names->root);
    for (size_t i = 0; i < names->var_count; i++) {
        const struct known *var = &names->vars[i];

        if (!var->used && !var->suggested)
            problems_add(names->problems, var->place, "use it, or take it out",
                         "the variable '%s' is never used: no ${%s} stands in "
                         "this file",
                         var->name, var->name);
    }
    for (size_t i = 0; i < names->scope->setting_count; i++) {
        if (!names->settings[i].used && !names->settings[i].suggested)
            report_setting(names, &names->settings[i]);
    }
}
