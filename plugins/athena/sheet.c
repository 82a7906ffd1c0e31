#include "sheet.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "aws/buf.h"
#include "aws/json.h"

#define ROWS 4096
#define TEXT_SOFT ((size_t)1 << 20)  /* of all columns: then it is full */
#define TEXT_MAX ((size_t)512 << 20) /* of one column */
#define COLUMNS_MAX 10000

__extension__ typedef __int128 wide;

/* What a type of Athena's is to us. */
struct kind {
    const char *name;
    enum fb_column_type type;
    const char *format; /* Arrow's */
    size_t width;       /* bytes of an item; 0: bits; texts: of an offset */
};

static const struct kind kinds[] = {
    {"boolean", FB_C_BOOLEAN, "b", 0},  {"tinyint", FB_C_INTEGER, "l", 8},
    {"smallint", FB_C_INTEGER, "l", 8}, {"integer", FB_C_INTEGER, "l", 8},
    {"int", FB_C_INTEGER, "l", 8},      {"bigint", FB_C_INTEGER, "l", 8},
    {"double", FB_C_NUMBER, "g", 8},    {"float", FB_C_NUMBER, "g", 8},
    {"real", FB_C_NUMBER, "g", 8},      {"decimal", FB_C_NUMBER, "d", 16},
    {"date", FB_C_DATE, "tdD", 4},      {"timestamp", FB_C_DATETIME, "tsu:", 8},
    {"time", FB_C_TIME, "ttu", 8},
};
static const struct kind text_kind = {"varchar", FB_C_STRING, "u", 4};

struct sheet_column {
    char *name;
    const struct kind *kind;
    struct fb_column parse; /* how its texts are read */
    char format[32];        /* Arrow's, with precision and scale */
    int64_t scale;          /* of decimals */
    unsigned char *valid;   /* bitmap */
    unsigned char *items;
    struct aws_buf texts;
    int64_t nulls;
};

struct sheet {
    struct fb_step *step;
    size_t count;
    struct sheet_column *columns;
    uint32_t rows;
    size_t bytes; /* of texts */
};

/* --- columns --- */

static const struct kind *
kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcasecmp(type, kinds[i].name) == 0)
            return &kinds[i];
    return &text_kind;
}

/* Of decimals, Athena tells both; the whole numbers among them are integers
 * only by chance of the query. */
static void
set_format(struct sheet_column *column, const json_t *info)
{
    int64_t precision = json_integer_value(json_object_get(info, "Precision"));

    column->scale = json_integer_value(json_object_get(info, "Scale"));
    snprintf(column->format, sizeof(column->format), "%s",
             column->kind->format);
    if (strcmp(column->kind->format, "d") != 0)
        return;
    if (precision < 1 || precision > 38 || column->scale < 0 ||
        column->scale > precision) {
        column->kind = &text_kind;
        snprintf(column->format, sizeof(column->format), "u");
        return;
    }
    if (column->scale == 0)
        column->parse.type = FB_C_INTEGER;
    snprintf(column->format, sizeof(column->format), "d:%d,%d", (int)precision,
             (int)column->scale);
}

static void
new_items(struct sheet_column *column)
{
    size_t width = column->kind->width;

    column->valid = aws_alloc(ROWS / 8);
    column->items = aws_alloc(width == 0 ? ROWS / 8 : width * (ROWS + 1));
    aws_buf_init(&column->texts, TEXT_MAX);
    column->nulls = 0;
}

static void
init_column(struct sheet_column *column, const json_t *info)
{
    const char *type = aws_json_text(info, "Type");
    const char *name = aws_json_text(info, "Name");

    column->name = aws_strdup(name != NULL ? name : "");
    column->kind = kind_of(type != NULL ? type : "varchar");
    column->parse.type = column->kind->type;
    column->parse.name = column->name;
    column->parse.format = column->kind->type == FB_C_DATETIME ? "any" : NULL;
    set_format(column, info);
    if (column->kind == &text_kind)
        column->parse.type = FB_C_STRING;
    new_items(column);
}

static int
check_names(const struct sheet *sheet, struct fb_error *err)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const char *name = sheet->columns[i].name;

        if (*name == '\0')
            return fb_fail(err, FB_E_CONFIG,
                           "cannot query: column %zu of the result has no name "
                           "(write AS name)",
                           i + 1);
        for (size_t j = 0; j < i; j++)
            if (strcmp(name, sheet->columns[j].name) == 0)
                return fb_fail(err, FB_E_CONFIG,
                               "cannot query: two columns of the result are "
                               "called '%.100s' (write AS name)",
                               name);
    }
    return 0;
}

int
sheet_new(const json_t *metadata, struct fb_step *step, struct sheet **result,
          struct fb_error *err)
{
    const json_t *infos = json_object_get(metadata, "ColumnInfo");
    size_t count = json_array_size(infos);
    struct sheet *sheet;

    if (count == 0 || count > COLUMNS_MAX)
        return fb_fail(err, FB_E_UNAVAILABLE,
                       "cannot query: Athena names %zu columns of the result",
                       count);
    sheet = aws_alloc(sizeof(*sheet));
    sheet->step = step;
    sheet->count = count;
    sheet->columns = aws_alloc(sizeof(*sheet->columns) * count);
    for (size_t i = 0; i < count; i++)
        init_column(&sheet->columns[i], json_array_get(infos, i));
    if (check_names(sheet, err) != 0) {
        sheet_free(sheet);
        return -1;
    }
    *result = sheet;
    return 0;
}

void
sheet_free(struct sheet *sheet)
{
    if (sheet == NULL)
        return;
    for (size_t i = 0; i < sheet->count; i++) {
        struct sheet_column *column = &sheet->columns[i];

        free(column->name);
        free(column->valid);
        free(column->items);
        aws_buf_release(&column->texts);
    }
    free(sheet->columns);
    free(sheet);
}

size_t
sheet_columns(const struct sheet *sheet)
{
    return sheet->count;
}

int
sheet_announce(const struct sheet *sheet, struct fb_error *err)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_column *column = &sheet->columns[i];

        if (fb_output_column(sheet->step, column->name, column->parse.type,
                             FB_NEW, NULL, err) != 0)
            return -1;
    }
    return 0;
}

/* --- values --- */

static void
put_item(struct sheet_column *column, uint32_t row, const void *item)
{
    size_t width = column->kind->width;

    memcpy(column->items + width * row, item, width);
}

/* Behind those that are there; false when it is the 39th. */
static bool
add_digit(wide *number, int digit)
{
    const wide limit = (wide)1000000000000000000 * 10000000000000000000u;

    if (*number >= limit)
        return false;
    *number = *number * 10 + digit;
    return true;
}

/* "-12.50" with a scale of 2 is -1250.  No zero in front counts: a decimal of
 * 38 digits behind the point has one. */
static bool
put_decimal(struct sheet_column *column, uint32_t row,
            const struct field *field)
{
    wide number = 0;
    int64_t behind = -1; /* digits behind the point */
    bool minus = field->len > 0 && field->ptr[0] == '-', any = false;

    for (size_t i = minus ? 1 : 0; i < field->len; i++) {
        unsigned char c = field->ptr[i];

        if (c == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (c < '0' || c > '9' || !add_digit(&number, c - '0'))
            return false;
        any = true;
        behind += behind >= 0;
    }
    behind = behind < 0 ? 0 : behind;
    if (!any || behind > column->scale)
        return false;
    for (; behind < column->scale; behind++)
        if (!add_digit(&number, 0))
            return false;
    number = minus ? -number : number;
    put_item(column, row, &number);
    return true;
}

/* As the host writes them. */
static void
name_infinity(struct fb_cell *cell)
{
    static const struct {
        const char *theirs, *ours;
    } names[] = {{"Infinity", "INF"}, {"-Infinity", "-INF"}};

    for (size_t i = 0; i < 2; i++)
        if (cell->len == strlen(names[i].theirs) &&
            memcmp(cell->ptr, names[i].theirs, cell->len) == 0) {
            cell->ptr = (const unsigned char *)names[i].ours;
            cell->len = (uint32_t)strlen(names[i].ours);
        }
}

static void
put_value(struct sheet_column *column, uint32_t row,
          const struct fb_value *value)
{
    int32_t days;

    if (column->kind->type == FB_C_BOOLEAN) {
        if (value->as.b)
            column->items[row / 8] |= (unsigned char)(1u << (row % 8));
    } else if (column->kind->type == FB_C_DATE) {
        days = (int32_t)value->as.i;
        put_item(column, row, &days);
    } else if (column->kind->type == FB_C_NUMBER) {
        put_item(column, row, &value->as.d);
    } else {
        put_item(column, row, &value->as.i);
    }
}

static bool
put_parsed(struct sheet *sheet, struct sheet_column *column,
           const struct field *field)
{
    struct fb_cell cell = {.ptr = field->ptr, .len = (uint32_t)field->len};
    struct fb_value value = {.state = FB_V_BAD};

    if (column->kind->type == FB_C_NUMBER)
        name_infinity(&cell);
    fb_value_parse(sheet->step, &column->parse, &cell, &value);
    if (value.state != FB_V_OK)
        return false;
    put_value(column, sheet->rows, &value);
    return true;
}

static bool
put_text(struct sheet *sheet, struct sheet_column *column,
         const struct field *field)
{
    aws_buf_add(&column->texts, field->ptr, field->len);
    sheet->bytes += field->len;
    return aws_buf_ok(&column->texts);
}

static bool
put_field(struct sheet *sheet, struct sheet_column *column,
          const struct field *field)
{
    bool is_text = column->kind == &text_kind, good = true;
    int32_t end;

    if (field->ptr == NULL)
        column->nulls++;
    else {
        column->valid[sheet->rows / 8] |=
            (unsigned char)(1u << (sheet->rows % 8));
        if (is_text)
            good = put_text(sheet, column, field);
        else if (column->kind->width == sizeof(wide))
            good = put_decimal(column, sheet->rows, field);
        else
            good = put_parsed(sheet, column, field);
    }
    if (is_text) {
        end = (int32_t)column->texts.len;
        put_item(column, sheet->rows + 1, &end);
    }
    return good;
}

int
sheet_add(struct sheet *sheet, const struct field *fields, struct fb_error *err)
{
    assert(sheet->rows < ROWS);
    for (size_t i = 0; i < sheet->count; i++) {
        struct sheet_column *column = &sheet->columns[i];

        if (!put_field(sheet, column, &fields[i]))
            return fb_fail(err, FB_E_UNAVAILABLE,
                           "cannot read the result: '%.*s' is no %s (column "
                           "'%.100s')",
                           (int)(fields[i].len < 100 ? fields[i].len : 100),
                           (const char *)fields[i].ptr, column->kind->name,
                           column->name);
    }
    sheet->rows++;
    return 0;
}

bool
sheet_is_full(const struct sheet *sheet)
{
    return sheet->rows == ROWS || sheet->bytes >= TEXT_SOFT;
}

/* --- into a batch --- */

/* What an array of a column owns. */
struct column_memory {
    const void *buffers[3];
    unsigned char *valid, *items;
    struct aws_buf texts;
};

static void
release_column(struct ArrowArray *array)
{
    struct column_memory *memory = array->private_data;

    free(memory->valid);
    free(memory->items);
    aws_buf_release(&memory->texts);
    free(memory);
    array->release = NULL;
}

static void
release_rows(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
        free(array->children[i]);
    }
    free(array->children);
    free(array->private_data);
    array->release = NULL;
}

static void
release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    free(schema->private_data);
    schema->release = NULL;
}

/* The column's memory is given over to the array. */
static void
export_column(struct sheet_column *column, uint32_t rows,
              struct ArrowArray *array)
{
    struct column_memory *memory = aws_alloc(sizeof(*memory));
    bool is_text = column->kind == &text_kind;

    memory->valid = column->valid;
    memory->items = column->items;
    memory->texts = column->texts;
    memory->buffers[0] = memory->valid;
    memory->buffers[1] = memory->items;
    memory->buffers[2] = aws_buf_string(&memory->texts);
    *array = (struct ArrowArray){.length = rows,
                                 .null_count = column->nulls,
                                 .n_buffers = is_text ? 3 : 2,
                                 .buffers = memory->buffers,
                                 .release = release_column,
                                 .private_data = memory};
    new_items(column);
}

/* Names and formats are copied: a batch may outlive the sheet. */
static void
export_schema(const struct sheet_column *column, struct ArrowSchema *schema)
{
    size_t format = strlen(column->format) + 1, name = strlen(column->name) + 1;
    char *texts = aws_alloc(format + name);

    memcpy(texts, column->format, format);
    memcpy(texts + format, column->name, name);
    *schema = (struct ArrowSchema){.format = texts,
                                   .name = texts + format,
                                   .flags = ARROW_FLAG_NULLABLE,
                                   .release = release_schema,
                                   .private_data = texts};
}

int
sheet_take(struct sheet *sheet, struct fb_batch **batch, struct fb_error *err)
{
    struct ArrowArray array = {
        .length = sheet->rows, .n_buffers = 1, .release = release_rows};
    struct ArrowSchema schema = {
        .format = "+s", .name = "", .release = release_schema};

    *batch = NULL;
    if (sheet->rows == 0)
        return 0;
    array.private_data = aws_alloc(sizeof(void *));
    array.buffers = array.private_data;
    array.n_children = schema.n_children = (int64_t)sheet->count;
    array.children = aws_alloc(sizeof(void *) * sheet->count);
    schema.children = aws_alloc(sizeof(void *) * sheet->count);
    for (size_t i = 0; i < sheet->count; i++) {
        array.children[i] = aws_alloc(sizeof(struct ArrowArray));
        schema.children[i] = aws_alloc(sizeof(struct ArrowSchema));
        export_schema(&sheet->columns[i], schema.children[i]);
        export_column(&sheet->columns[i], sheet->rows, array.children[i]);
    }
    sheet->rows = 0;
    sheet->bytes = 0;
    return fb_batch_import(sheet->step, &array, &schema, batch, err);
}
