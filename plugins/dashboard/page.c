#include "page.h"

#include "assets.h"
#include "html.h"
#include "number.h"
#include "table.h"

/* Nothing is fetched from anywhere, and only our own style and script count.
 * What a meta element cannot say (frame-ancestors) is left to a server. */
static int
write_policy(FILE *file, struct fb_error *err)
{
    char style[ASSET_HASH_SIZE], script[ASSET_HASH_SIZE];

    if (asset_hash(asset_style(), style, err) != 0 ||
        asset_hash(asset_script(), script, err) != 0)
        return -1;
    fprintf(file,
            "<meta http-equiv=\"Content-Security-Policy\" content=\""
            "default-src 'none'; style-src %s; script-src %s; img-src data:; "
            "base-uri 'none'; form-action 'none'; "
            "require-trusted-types-for 'script'\"/>\n",
            style, script);
    return 0;
}

static int
write_head(FILE *file, const struct page *page, struct fb_error *err)
{
    struct asset style = asset_style();

    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
          "<meta charset=\"utf-8\"/>\n",
          file);
    if (write_policy(file, err) != 0)
        return -1;
    fputs("<meta name=\"viewport\" content=\"width=device-width, "
          "initial-scale=1\"/>\n"
          "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
          "<meta name=\"referrer\" content=\"no-referrer\"/>\n"
          "<meta name=\"generator\" content=\"Forebay\"/>\n<title>",
          file);
    html_string(file, page->title);
    fputs("</title>\n"
          "<link rel=\"icon\" href=\"data:image/svg+xml,"
          "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
          "%3Cpath fill='%232f6fce' d='M2 9h3v5H2zM6.5 5h3v9h-3zM11 2h3v12h-3z'"
          "/%3E%3C/svg%3E\"/>\n<style>",
          file);
    fwrite(style.text, 1, style.len, file);
    fputs("</style>\n</head>\n", file);
    return 0;
}

static void
write_origin(FILE *file, const struct page *page)
{
    char day[MOMENT_SIZE], made[MOMENT_SIZE];

    moment_format((double)page->run_date * 86400, MOMENT_DAY, day);
    moment_format((double)page->now_ms / 1000, MOMENT_SECOND, made);
    fputs("<dl class=\"origin\">\n<div><dt>Pipeline</dt><dd>", file);
    html_string(file, page->pipeline);
    fprintf(file,
            "</dd></div>\n<div><dt>Data of</dt><dd><time datetime=\"%s\">%s"
            "</time></dd></div>\n<div><dt>Made</dt><dd><time "
            "datetime=\"%.10sT%sZ\">%s UTC</time></dd></div>\n"
            "<div><dt>Run</dt><dd class=\"run\">",
            day, day, made, made + 11, made);
    html_string(file, page->run_id);
    fputs("</dd></div>\n</dl>\n", file);
}

/* The rows that came, and where each of them is. */
static void
write_balance(FILE *file, const struct page *page)
{
    uint64_t arrived = 0, shown = 0;

    for (uint32_t i = 0; i < page->section_count; i++) {
        arrived += page->sections[i].result->arrived;
        shown += page->sections[i].result->rows;
    }
    fputs("<p class=\"balance\">", file);
    number_count(file, arrived);
    fputs(arrived == 1 ? " row arrived = " : " rows arrived = ", file);
    number_count(file, shown);
    fputs(" shown + ", file);
    number_count(file, arrived - shown);
    fputs(" left out</p>\n", file);
}

static void
write_contents(FILE *file, const struct page *page)
{
    fputs("<nav aria-label=\"Results\">\n<ol>\n", file);
    for (uint32_t i = 0; i < page->section_count; i++) {
        fprintf(file, "<li><a href=\"#r%u\">", i + 1);
        html_string(file, page->sections[i].input->title);
        fputs("</a> <span class=\"count\">", file);
        table_count(file, page->sections[i].result);
        fputs("</span></li>\n", file);
    }
    fputs("</ol>\n</nav>\n", file);
}

/* Picture and table beside each other where both have room. */
static bool
is_narrow(const struct page_section *section)
{
    enum { COLUMNS_BESIDE = 4, WIDTH_BESIDE = 64, CELL_MAX = 28 };
    size_t width = 0;

    for (uint32_t c = 0; c < section->input->column_count; c++) {
        size_t widest = strlen(section->columns[c].name) + 2;

        for (uint32_t row = 0; row < section->result->rows; row++) {
            size_t len = result_cell(section->result, row, c)->len;

            widest = len > widest ? len : widest;
        }
        width += widest < CELL_MAX ? widest : CELL_MAX; /* then it wraps */
    }
    return section->input->column_count <= COLUMNS_BESIDE &&
           width <= WIDTH_BESIDE;
}

static const char *
layout_of(const struct page_section *section)
{
    if (section->chart.kind == CHART_NONE)
        return section->result->arrived == 1 ? "result one" : "result";
    return is_narrow(section) ? "result both beside" : "result both";
}

static void
write_section(FILE *file, const struct page *page, uint32_t index)
{
    const struct page_section *section = &page->sections[index];
    const struct chart_data data = {.result = section->result,
                                    .columns = section->columns,
                                    .title = section->input->title,
                                    .number = index + 1};
    const struct table table = {.result = section->result,
                                .columns = section->columns,
                                .input = section->input,
                                .number = index + 1,
                                .page_rows = page->page_rows};

    fprintf(file,
            "<section id=\"r%u\" class=\"%s\" aria-labelledby=\"h%u\">\n"
            "<h2 id=\"h%u\">",
            index + 1, layout_of(section), index + 1, index + 1);
    html_string(file, section->input->title);
    fputs("</h2>\n", file);
    chart_draw(file, &section->chart, &data);
    fputs("<div class=\"data\">\n", file);
    table_draw(file, &table);
    fputs("</div>\n</section>\n", file);
}

int
page_write(FILE *file, const struct page *page, struct fb_error *err)
{
    struct asset script = asset_script();

    if (write_head(file, page, err) != 0)
        return -1;
    fputs("<body>\n<a class=\"skip\" href=\"#results\">Skip to the results"
          "</a>\n<header>\n<h1>",
          file);
    html_string(file, page->title);
    fputs("</h1>\n", file);
    write_origin(file, page);
    write_contents(file, page);
    write_balance(file, page);
    fputs("</header>\n<main id=\"results\" tabindex=\"-1\">\n", file);
    for (uint32_t i = 0; i < page->section_count; i++)
        write_section(file, page, i);
    fputs("</main>\n<footer><p>Made by Forebay. This page is one file; it asks "
          "nothing of any network.</p></footer>\n<script>",
          file);
    fwrite(script.text, 1, script.len, file);
    fputs("</script>\n</body>\n</html>\n", file);
    return 0;
}
