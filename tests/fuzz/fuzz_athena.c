/*
 * Any bytes as the CSV of a result that Athena wrote, cut and typed as the
 * source `athena` does.  The first byte says how many columns there are, then
 * one for each says of which type.  None may crash; a record is the same
 * however many of its bytes have come; what was read and is written again as
 * Athena writes it reads as the same; and a batch holds what was read.
 */
#include <stdlib.h>

#include "athena/csv.h"
#include "athena/sheet.h"
#include "aws/buf.h"
#include "batch/arrow.h"
#include "batch/value.h"
#include "fuzz/replay.h"
#include "step/step.h"

#define COLUMNS_MAX 6
#define TYPES 9
#define DECIMAL 7

static void
require(bool truth)
{
    if (!truth)
        abort(); /* which is what a fuzzer looks for */
}

/* --- the host that a sheet needs --- */

static int
parse(struct fb_step *step, const struct fb_column *column,
      const struct fb_cell *cell, struct fb_value *value)
{
    (void)step;
    value_parse(column, cell->ptr, cell->len, value);
    return 0;
}

static int
import(struct fb_step *step, struct ArrowArray *array,
       struct ArrowSchema *schema, struct fb_batch **batch,
       struct fb_error *err)
{
    struct batch *made;

    (void)step;
    if (batch_import(NULL, array, schema, &step_services, &made, err) != 0)
        return -1;
    *batch = batch_public(made);
    return 0;
}

static const struct fb_host host = {
    .size = sizeof(host), .value_parse = parse, .batch_import = import};

/* --- what is read --- */

static json_t *
metadata_of(const uint8_t *types, size_t count)
{
    static const char *const names[TYPES] = {
        "varchar", "bigint",    "double",  "boolean",   "date",
        "time",    "timestamp", "decimal", "array(row)"};
    json_t *infos = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            infos, json_pack("{s:s+,s:s,s:i,s:i}", "Name", "c",
                             (const char *[]){"0", "1", "2", "3", "4", "5"}[i],
                             "Type", names[types[i] % TYPES], "Precision", 38,
                             "Scale", types[i] / TYPES * 2 % 39));
    return json_pack("{s:o}", "ColumnInfo", infos);
}

static bool
same_field(const struct field *a, const struct field *b)
{
    return (a->ptr == NULL) == (b->ptr == NULL) && a->len == b->len &&
           (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

/* Before all of a record is there, it is not cut, or cut the same way. */
static void
try_half(const unsigned char *bytes, size_t size, const struct field *fields,
         size_t count, size_t used)
{
    size_t half = size / 2, have, took;
    unsigned char *copy = malloc(half + 1);
    struct field some[COLUMNS_MAX];
    enum csv_cut cut;

    memcpy(copy, bytes, half);
    cut = csv_record(copy, half, false, some, COLUMNS_MAX, &have, &took);
    require(cut == CSV_MORE || cut == CSV_RECORD);
    if (cut == CSV_MORE) {
        require(memcmp(copy, bytes, half) == 0);
    } else {
        require(have == count && took == used);
        for (size_t i = 0; i < count && i < COLUMNS_MAX; i++)
            require(same_field(&some[i], &fields[i]));
    }
    free(copy);
}

/* As Athena does. */
static void
write_field(struct aws_buf *out, const struct field *field)
{
    if (field->ptr == NULL)
        return;
    aws_buf_byte(out, '"');
    for (size_t i = 0; i < field->len; i++) {
        if (field->ptr[i] == '"')
            aws_buf_byte(out, '"');
        aws_buf_byte(out, field->ptr[i]);
    }
    aws_buf_byte(out, '"');
}

static void
try_again(const struct field *fields, size_t count)
{
    struct field again[COLUMNS_MAX];
    size_t have, used;
    struct aws_buf out;

    aws_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            aws_buf_byte(&out, ',');
        write_field(&out, &fields[i]);
    }
    aws_buf_byte(&out, '\n');
    if (aws_buf_ok(&out)) {
        require(csv_record(out.bytes, out.len, true, again, COLUMNS_MAX, &have,
                           &used) == CSV_RECORD);
        require(have == count && used == out.len);
        for (size_t i = 0; i < count; i++)
            require(same_field(&again[i], &fields[i]));
    }
    aws_buf_release(&out);
}

/* A decimal may be larger than any number of ours: then its text stays. */
static void
check_batch(struct sheet *sheet, const uint8_t *types, uint32_t rows)
{
    struct fb_error err = {.code = FB_E_NONE};
    struct fb_batch *made = NULL;
    struct batch *batch;

    if (sheet_take(sheet, &made, &err) != 0) {
        require(err.code != FB_E_NONE); /* texts that are no UTF-8 */
        return;
    }
    require((made == NULL) == (rows == 0));
    if (made == NULL)
        return;
    batch = batch_of(made);
    require(batch_rows(batch) == rows);
    for (uint32_t c = 0; c < sheet_columns(sheet); c++) {
        const struct fb_value *values = batch_values(batch, c);

        for (uint32_t row = 0; row < rows; row++)
            require(types[c] % TYPES == DECIMAL ||
                    values[row].state != FB_V_BAD);
    }
    batch_free(batch);
}

static void
read_all(struct sheet *sheet, const uint8_t *types, unsigned char *bytes,
         size_t size)
{
    struct fb_error err = {.code = FB_E_NONE};
    size_t columns = sheet_columns(sheet), at = 0;
    struct field fields[COLUMNS_MAX];
    uint32_t rows = 0;

    while (at < size && !sheet_is_full(sheet)) {
        size_t count = 0, used = 0, left = size - at;
        unsigned char *before = malloc(left);
        enum csv_cut cut;

        memcpy(before, bytes + at, left);
        cut = csv_record(bytes + at, left, true, fields, COLUMNS_MAX, &count,
                         &used);
        require(cut != CSV_MORE);
        if (cut == CSV_RECORD) {
            require(used > 0 && used <= left && count > 0);
            try_half(before, left, fields, count, used);
            if (count <= COLUMNS_MAX)
                try_again(fields, count);
        }
        free(before);
        at += used;
        if (cut == CSV_BAD || count != columns ||
            sheet_add(sheet, fields, &err) != 0)
            return; /* the source fails here */
        rows++;
    }
    check_batch(sheet, types, rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fb_step step = {.host = &host};
    struct fb_error err = {.code = FB_E_NONE};
    size_t count = size > 0 ? (size_t)data[0] % COLUMNS_MAX + 1 : 0;
    struct sheet *sheet;
    unsigned char *bytes;
    json_t *metadata;

    if (count == 0 || size < 1 + count)
        return 0;
    metadata = metadata_of(data + 1, count);
    require(sheet_new(metadata, &step, &sheet, &err) == 0);
    json_decref(metadata);
    bytes = malloc(size - count); /* one more than there are, never 0 */
    memcpy(bytes, data + 1 + count, size - 1 - count);
    read_all(sheet, data + 1, bytes, size - 1 - count);
    free(bytes);
    sheet_free(sheet);
    return 0;
}
