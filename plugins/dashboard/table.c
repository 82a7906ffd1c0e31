#include "table.h"

#include <math.h>

#include "html.h"
#include "number.h"

enum {
    LONG_TEXT = 240, /* bytes; more gets a box with a scroll bar of its own */
    PAD_MAX = 6,     /* digits behind the point that are lined up */
};

void
table_count(FILE *page, const struct result *result)
{
    if (result->arrived == 0) {
        fputs("No rows", page);
        return;
    }
    if (result->arrived > result->rows) {
        fputs("First ", page);
        number_count(page, result->rows);
        fputs(" of ", page);
    }
    number_count(page, result->arrived);
    fputs(result->arrived == 1 ? " row" : " rows", page);
}

static void
put_raw(FILE *page, const unsigned char *text, size_t len)
{
    fputs(" data-raw=\"", page);
    html_raw(page, text, len);
    fputc('"', page);
}

static void
draw_heading(FILE *page, const struct column *column)
{
    const unsigned char *name = (const unsigned char *)column->name;
    size_t len = strlen(column->name);

    fprintf(page, "<th scope=\"col\"%s",
            column->kind == COLUMN_NUMBER ? " class=\"n\"" : "");
    if (column_label_differs(column) || column->unit != NULL ||
        !html_is_exact(name, len))
        put_raw(page, name, len);
    fputc('>', page);
    column_label(page, column);
    if (column->unit != NULL) {
        fputs(" <span class=\"unit\">", page);
        html_string(page, column->unit);
        fputs("</span>", page);
    }
    fputs("</th>", page);
}

/*
 * Points under points: a cell with fewer digits behind its point than others
 * of its column gets a class that adds room for them: p2 for two digits, q2
 * for the point and two digits.
 */
static void
begin_number(FILE *page, const struct column *column, int decimals)
{
    int missing = decimals < 0 || column->decimals > PAD_MAX
                      ? 0
                      : column->decimals - decimals;

    if (missing > 0)
        fprintf(page, "<td class=\"n %c%d\"", decimals > 0 ? 'p' : 'q',
                missing);
    else
        fputs("<td class=\"n\"", page);
}

static void
draw_number(FILE *page, const struct column *column, const struct cell *cell,
            const unsigned char *text)
{
    int decimals;
    double value;

    if (number_parse(text, cell->len, &value, &decimals)) {
        begin_number(page, column, decimals);
        if (value <= -1000 || value >= 1000)
            put_raw(page, text, cell->len);
        fputc('>', page);
        number_group(page, text, cell->len);
    } else {
        /* In a notation of its own: the script is told what to sort by. */
        fputs("<td class=\"n\"", page);
        if (isfinite(cell->value))
            fprintf(page, " data-n=\"%.17g\"", cell->value);
        if (!html_is_exact(text, cell->len))
            put_raw(page, text, cell->len);
        fputc('>', page);
        html_text(page, text, cell->len);
    }
    fputs("</td>", page);
}

static void
draw_text(FILE *page, const struct column *column, const struct cell *cell,
          const unsigned char *text)
{
    bool is_long = cell->len > LONG_TEXT;

    fprintf(page, "<td%s", column->kind == COLUMN_MOMENT ? " class=\"d\"" : "");
    if (!html_is_exact(text, cell->len))
        put_raw(page, text, cell->len);
    fputs(is_long ? "><div class=\"long\" tabindex=\"0\">" : ">", page);
    html_text(page, text, cell->len);
    fputs(is_long ? "</div></td>" : "</td>", page);
}

static void
draw_row(FILE *page, const struct table *table, uint32_t row)
{
    const struct result *result = table->result;

    fputs("<tr>", page);
    for (uint32_t c = 0; c < result->columns; c++) {
        const struct cell *cell = result_cell(result, row, c);
        const unsigned char *text = result_text(result, cell);

        if (cell->len == 0)
            fputs("<td class=\"e\"></td>", page);
        else if (table->columns[c].kind == COLUMN_NUMBER)
            draw_number(page, &table->columns[c], cell, text);
        else
            draw_text(page, &table->columns[c], cell, text);
    }
    fputs("</tr>\n", page);
}

/* What only a script can do is hidden until there is one. */
static void
draw_tools(FILE *page, const struct table *table)
{
    fputs("<div class=\"tools\" hidden=\"\">\n", page);
    if (table->result->rows > 1)
        fprintf(page,
                "<label for=\"f%u\">Filter <input id=\"f%u\" type=\"search\" "
                "autocomplete=\"off\" spellcheck=\"false\"/></label>\n",
                table->number, table->number);
    fputs("<span class=\"gap\"></span>\n"
          "<button type=\"button\" class=\"csv\">Download CSV</button>\n"
          "<button type=\"button\" class=\"csv safe\" title=\"As above, for "
          "programs that would run a cell that begins with =, +, - or @: such "
          "texts get an apostrophe\">CSV for spreadsheets</button>\n"
          "</div>\n",
          page);
}

static void
draw_pager(FILE *page)
{
    fputs("<div class=\"pager\" hidden=\"\">\n"
          "<p class=\"status\" role=\"status\"></p>\n"
          "<button type=\"button\" class=\"back\">Previous</button>\n"
          "<button type=\"button\" class=\"next\">Next</button>\n"
          "</div>\n",
          page);
}

static void
draw_caption(FILE *page, const struct table *table)
{
    fputs("<caption><span class=\"unseen\">", page);
    html_string(page, table->input->title);
    fputs(": </span>", page);
    table_count(page, table->result);
    if (table->result->arrived > table->result->rows)
        fputs("; the others are not in this page", page);
    fputs("</caption>\n", page);
}

void
table_draw(FILE *page, const struct table *table)
{
    draw_tools(page, table);
    fprintf(page,
            "<div class=\"box\" role=\"region\" aria-labelledby=\"h%u\" "
            "tabindex=\"0\">\n<table data-page=\"%u\" data-name=\"",
            table->number, table->page_rows);
    html_raw(page, (const unsigned char *)table->input->step,
             strlen(table->input->step));
    fputs("\">\n", page);
    draw_caption(page, table);
    fputs("<thead><tr>", page);
    for (uint32_t c = 0; c < table->input->column_count; c++)
        draw_heading(page, &table->columns[c]);
    fputs("</tr></thead>\n<tbody>\n", page);
    for (uint32_t row = 0; row < table->result->rows; row++)
        draw_row(page, table, row);
    fputs("</tbody>\n</table>\n</div>\n", page);
    draw_pager(page);
}
