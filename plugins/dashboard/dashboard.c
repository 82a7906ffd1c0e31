/*
 * dashboard.c: writes what several steps give as one page that people read in
 * a browser.  It is the codec of the format "dashboard": the host names a
 * file on this machine, and the sink of the step's uri takes it over.
 */
#include <errno.h>
#include <stdlib.h>

#include "assets.h"
#include "page.h"

struct dashboard {
    const char *title;    /* options */
    struct fb_map charts; /* step: line, bar, none */
    struct fb_map units;  /* column: unit */
    int64_t rows;
    int64_t page_rows;

    FILE *file;
    struct result *results; /* one for each input */
    uint32_t count;
};

static int
dashboard_check(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct dashboard *dashboard = self;
    const struct fb_map *charts = &dashboard->charts;

    for (size_t i = 0; i < charts->count; i++)
        if (chart_kind_named(charts->pairs[i].value) == CHART_AUTO) {
            fb_bad_option(step, err, "charts", i, "there is no chart '%s'",
                          charts->pairs[i].value);
            return fb_hint(err, "the charts are line, bar, none");
        }
    return 0;
}

static bool
is_input(struct fb_step *step, const char *name)
{
    for (uint32_t i = 0; i < fb_input_count(step); i++)
        if (strcmp(fb_input_at(step, i)->step, name) == 0)
            return true;
    return false;
}

/* Whether an input has a column; true also while columns are not known. */
static bool
may_have_column(struct fb_step *step, const char *name)
{
    for (uint32_t i = 0; i < fb_input_count(step); i++) {
        const struct fb_input *input = fb_input_at(step, i);

        if (input->columns == NULL)
            return true;
        for (uint32_t c = 0; c < input->column_count; c++)
            if (strcmp(input->columns[c].name, name) == 0)
                return true;
    }
    return false;
}

static int
dashboard_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct dashboard *dashboard = self;

    for (size_t i = 0; i < dashboard->charts.count; i++)
        if (!is_input(step, dashboard->charts.pairs[i].key)) {
            fb_bad_option(step, err, "charts", i,
                          "'%s' is none of the steps that this page shows",
                          dashboard->charts.pairs[i].key);
            return fb_hint(err, "charts has a line for a step that stands in "
                                "inputs");
        }
    for (size_t i = 0; i < dashboard->units.count; i++)
        if (!may_have_column(step, dashboard->units.pairs[i].key))
            return fb_bad_option(step, err, "units", i,
                                 "no input has a column '%s'",
                                 dashboard->units.pairs[i].key);
    return 0;
}

static int
cannot_write(struct fb_step *step, struct fb_error *err)
{
    return fb_fail(err, FB_E_OUTPUT, "cannot write '%s': %s", fb_uri(step),
                   strerror(errno));
}

static int
dashboard_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct dashboard *dashboard = self;

    dashboard->count = fb_input_count(step);
    dashboard->results =
        fb_alloc(step, dashboard->count * sizeof(*dashboard->results));
    dashboard->file = fopen(fb_uri(step), "wbe");
    return dashboard->file != NULL ? 0 : cannot_write(step, err);
}

static int
dashboard_write(void *self, struct fb_step *step, struct fb_batch *batch,
                struct fb_error *err)
{
    struct dashboard *dashboard = self;
    uint32_t index = fb_input(step);

    return result_add(&dashboard->results[index], fb_input_at(step, index),
                      batch, (uint32_t)dashboard->rows, err);
}

static const char *
find(const struct fb_map *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->pairs[i].key, key) == 0)
            return map->pairs[i].value;
    return NULL;
}

static void
make_section(struct dashboard *dashboard, struct fb_step *step, uint32_t index,
             struct page_section *section)
{
    const struct fb_input *input = fb_input_at(step, index);
    struct result *result = &dashboard->results[index];
    struct column *columns =
        fb_alloc(step, input->column_count * sizeof(*columns));
    const char *wish = find(&dashboard->charts, input->step);
    struct chart_data data = {
        .result = result, .columns = columns, .title = input->title};

    result->columns = input->column_count; /* no batch may have come */
    for (uint32_t c = 0; c < input->column_count; c++) {
        column_read(&columns[c], &input->columns[c], result, c);
        columns[c].unit = find(&dashboard->units, input->columns[c].name);
    }
    *section = (struct page_section){
        .input = input, .result = result, .columns = columns};
    chart_choose(&section->chart, &data,
                 wish != NULL ? chart_kind_named(wish) : CHART_AUTO);
    if (wish != NULL && section->chart.kind == CHART_NONE &&
        chart_kind_named(wish) != CHART_NONE && result->rows > 0)
        fb_log(step, FB_WARN,
               "cannot draw '%s' as a %s chart: no column has numbers",
               input->step, wish);
}

static int
dashboard_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    struct dashboard *dashboard = self;
    struct page_section *sections =
        fb_alloc(step, dashboard->count * sizeof(*sections));
    struct page page = {
        .title =
            dashboard->title != NULL ? dashboard->title : fb_pipeline(step),
        .pipeline = fb_pipeline(step),
        .run_id = fb_run_id(step),
        .run_date = fb_run_date(step),
        .now_ms = fb_now_ms(step),
        .page_rows = (uint32_t)dashboard->page_rows,
        .section_count = dashboard->count,
        .sections = sections,
    };
    FILE *file = dashboard->file;

    for (uint32_t i = 0; i < dashboard->count; i++)
        make_section(dashboard, step, i, &sections[i]);
    if (page_write(file, &page, err) != 0)
        return -1;
    if (fflush(file) != 0 || ferror(file))
        return cannot_write(step, err);
    dashboard->file = NULL;
    return fclose(file) == 0 ? 0 : cannot_write(step, err);
}

static void
dashboard_close(void *self, struct fb_step *step)
{
    struct dashboard *dashboard = self;

    (void)step;
    if (dashboard->file != NULL)
        fclose(dashboard->file);
    for (uint32_t i = 0; i < dashboard->count; i++)
        result_release(&dashboard->results[i]);
}

static const struct fb_option dashboard_options[] = {
    {.name = "title",
     FB_STRING(struct dashboard, title),
     .help = "The page's heading; left out, the pipeline's name."},
    {.name = "charts",
     FB_MAP(struct dashboard, charts),
     .help = "A chart for a step: line, bar or none; left out, its columns "
             "choose."},
    {.name = "units",
     FB_MAP(struct dashboard, units),
     .help = "What the numbers of a column are, as JPY or kg; written beside "
             "its name."},
    {.name = "rows",
     FB_INT(struct dashboard, rows),
     .def = "1000",
     .min = 1,
     .max = 20000,
     .help = "How many rows of each input the page holds; what comes after "
             "them is counted."},
    {.name = "page_rows",
     FB_INT(struct dashboard, page_rows),
     .def = "25",
     .min = 5,
     .max = 1000,
     .help = "How many rows of a table are seen at once."},
    {.name = NULL},
};

static int
dashboard_scripts(char *sources, size_t size, struct fb_error *err)
{
    char hash[ASSET_HASH_SIZE];

    if (asset_hash(asset_script(), hash, err) != 0)
        return -1;
    if (strlen(hash) >= size)
        return fb_fail(err, FB_E_FAILED, "there is no room for a hash");
    memcpy(sources, hash, strlen(hash) + 1);
    return 0;
}

static const char *const dashboard_formats[] = {"dashboard", NULL};

static const struct fb_plugin dashboard_plugin = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "dashboard",
    .summary = "Writes one HTML page with a chart and a table for each input.",
    .flags = FB_MANY_INPUTS,
    .options = dashboard_options,
    .instance_size = sizeof(struct dashboard),
    .check = dashboard_check,
    .bind = dashboard_bind,
    .open = dashboard_open,
    .finish = dashboard_finish,
    .close = dashboard_close,
    .write = dashboard_write,
    .formats = dashboard_formats,
    .page_scripts = dashboard_scripts,
};

FB_PROVIDES("sink dashboard .dashboard");
FB_PLUGINS(&dashboard_plugin);
