/*
 * config/object.c: a source for one object that a step of the pipeline wrote,
 * so that it can be looked at.  Never part of the graph.
 */
#include <assert.h>

#include "config/build.h"
#include "config/choose.h"

/* What the step's own map says, as far as the source knows the option too:
 * where a store is and who asks stands there, or in the settings. */
static const struct yaml_node *
map_of_sink(const struct builder *builder, const char *id)
{
    const struct yaml_node *sinks = yaml_get(builder->document->root, "sinks");
    const struct yaml_node *body =
        sinks != NULL && sinks->kind == YAML_MAP ? yaml_get(sinks, id) : NULL;

    return body != NULL && body->kind == YAML_MAP ? body : NULL;
}

static void
define_names(struct builder *builder, const char *id)
{
    const struct yaml_node *root = builder->document->root;
    const struct yaml_node *vars = yaml_get(root, "vars");
    const struct yaml_node *settings = yaml_get(root, "settings");

    if (vars != NULL && vars->kind == YAML_MAP)
        names_define_vars(builder->names, vars);
    if (settings != NULL && settings->kind == YAML_MAP)
        builder->settings = settings;
    names_set_trigger(builder->names, builder->scope->trigger_uri);
    names_set_step(builder->names, id, NULL);
}

bool
pipeline_object(const struct document *document, const struct scope *scope,
                const struct registry *registry, struct arena *arena,
                const struct pipeline_step *sink, const char *uri,
                struct pipeline_step *object, struct problems *problems)
{
    size_t before = problems_added(problems);
    struct option_places *places = places_new(arena, sink->place);
    const struct choice choice = {.id = sink->id,
                                  .kind = FB_SOURCE,
                                  .uri = uri,
                                  .uri_place = sink->uri_place};
    struct options_reader reader;
    struct builder builder;
    const struct fb_plugin *plugin;

    assert(sink->kind == FB_SINK);
    build_init(&builder, arena, document, scope, registry, problems);
    define_names(&builder, sink->id);
    plugin = choose_plugin(&builder, &choice);
    if (plugin != NULL && plugin->read_bytes == NULL)
        problems_add(problems, sink->uri_place, NULL,
                     "the %s source cannot read objects", plugin->name);
    if (problems_added(problems) > before)
        return false;
    assert(plugin != NULL);
    *object = (struct pipeline_step){
        .id = sink->id,
        .label = sink->label,
        .title = sink->title,
        .kind = FB_SOURCE,
        .place = sink->place,
        .plugin = plugin,
        .uri = uri,
        .uri_place = sink->uri_place,
        .instance = arena_zalloc(arena, plugin->instance_size + 1),
        .places = places,
    };
    reader = build_reader(&builder, "the object");
    (void)options_read(&reader, plugin->options, object->instance,
                       map_of_sink(&builder, sink->id),
                       build_settings(&builder, plugin), places);
    return problems_added(problems) == before;
}
