#include "result.h"

#include <assert.h>
#include <stdlib.h>

#include "aws/json.h"
#include "shared/object.h"

#define ROW_MAX ((size_t)64 << 20) /* bytes of one row */
#define PAGE_ROWS 1000

struct result {
    const struct query *query;
    struct sheet *sheet;
    struct field *fields;
    bool end;

    /* In S3. */
    struct object object;
    struct aws_buf bytes; /* what came and is not cut yet, from `used` on */
    size_t used;

    /* From Athena. */
    bool paged;
    json_t *rows; /* of the page; owned */
    size_t row;
    char *next; /* owned; NULL: no page after this */
};

/* --- pages --- */

static int
get_page(const struct query *query, const char *next, int rows,
         struct aws_response *response, struct fb_error *err)
{
    json_t *body = json_pack("{s:s,s:i}", "QueryExecutionId", query->id,
                             "MaxResults", rows);

    if (next != NULL)
        json_object_set_new(body, "NextToken", json_string(next));
    return service_call(query->client, &service_results, query->id, body,
                        response, err);
}

static void
take_page(struct result *result, const json_t *page)
{
    const char *next = aws_json_text(page, "NextToken");

    json_decref(result->rows);
    result->rows = json_incref(
        json_object_get(json_object_get(page, "ResultSet"), "Rows"));
    result->row = 0;
    free(result->next);
    result->next = next != NULL && *next != '\0' ? aws_strdup(next) : NULL;
}

static int
next_page(struct result *result, struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status =
        get_page(result->query, result->next, PAGE_ROWS, &response, err);

    if (status == 0)
        take_page(result, response.json);
    aws_response_release(&response);
    return status;
}

static int
wrong_width(const struct result *result, size_t count, struct fb_error *err)
{
    return fb_fail(err, FB_E_UNAVAILABLE,
                   "cannot read the result of '%s': a row has %zu fields, and "
                   "there are %zu columns",
                   result->query->id, count, sheet_columns(result->sheet));
}

static int
take_row(struct result *result, const json_t *row, struct fb_error *err)
{
    const json_t *data = json_object_get(row, "Data");
    size_t count = json_array_size(data);

    if (count != sheet_columns(result->sheet))
        return wrong_width(result, count, err);
    for (size_t i = 0; i < count; i++) {
        const json_t *value =
            json_object_get(json_array_get(data, i), "VarCharValue");

        result->fields[i] = (struct field){
            .ptr = (const unsigned char *)json_string_value(value),
            .len = json_string_length(value)};
    }
    return 0;
}

/* One row of the page; *got false: there are no more. */
static int
next_of_pages(struct result *result, bool *got, struct fb_error *err)
{
    while (result->row == json_array_size(result->rows)) {
        if (result->next == NULL) {
            *got = false;
            return 0;
        }
        if (next_page(result, err) != 0)
            return -1;
    }
    *got = true;
    return take_row(result, json_array_get(result->rows, result->row++), err);
}

/* --- the object --- */

static int
fill(struct result *result, struct fb_error *err)
{
    struct aws_buf *bytes = &result->bytes;

    if (result->used > 0) {
        memmove(bytes->bytes, bytes->bytes + result->used,
                bytes->len - result->used);
        bytes->len -= result->used;
        result->used = 0;
    }
    return object_read(&result->object, bytes, &result->end, err);
}

static int
next_of_object(struct result *result, bool *got, struct fb_error *err)
{
    struct aws_buf *bytes = &result->bytes;

    for (;;) {
        size_t count = 0, used = 0;
        enum csv_cut cut = CSV_MORE;

        if (bytes->len > result->used)
            cut = csv_record(bytes->bytes + result->used,
                             bytes->len - result->used, result->end,
                             result->fields, sheet_columns(result->sheet),
                             &count, &used);

        if (cut == CSV_RECORD) {
            result->used += used;
            *got = true;
            return count == sheet_columns(result->sheet)
                       ? 0
                       : wrong_width(result, count, err);
        }
        if (cut == CSV_BAD)
            return fb_fail(err, FB_E_UNAVAILABLE,
                           "cannot read the result '%s': it is not the CSV "
                           "that Athena writes",
                           result->object.uri);
        if (result->end) {
            *got = false;
            return 0;
        }
        if (fill(result, err) != 0)
            return -1;
    }
}

/* --- both --- */

static int
next_row(struct result *result, bool *got, struct fb_error *err)
{
    return result->paged ? next_of_pages(result, got, err)
                         : next_of_object(result, got, err);
}

/* The first request tells the columns, also of a result without a row. */
static int
learn_columns(struct result *result, struct fb_error *err)
{
    struct aws_response response = {.status = 0};
    int status = get_page(result->query, NULL, result->paged ? PAGE_ROWS : 1,
                          &response, err);

    if (status == 0)
        status = sheet_new(
            json_object_get(json_object_get(response.json, "ResultSet"),
                            "ResultSetMetadata"),
            result->query->step, &result->sheet, err);
    if (status == 0 && result->paged)
        take_page(result, response.json);
    aws_response_release(&response);
    return status;
}

/* The header is a row, and what is in it we know. */
static int
skip_header(struct result *result, struct fb_error *err)
{
    bool got;

    if (!result->paged && fill(result, err) != 0)
        return -1;
    return next_row(result, &got, err);
}

int
result_open(const struct query *query, const struct aws_settings *s3,
            struct result **opened, struct fb_error *err)
{
    const char *location =
        aws_json_text(query->execution, "ResultConfiguration.OutputLocation");
    struct result *result = aws_alloc(sizeof(*result));
    int status;

    result->query = query;
    result->paged = location == NULL || *location == '\0';
    aws_buf_init(&result->bytes, ROW_MAX);
    status = learn_columns(result, err);
    if (status == 0) {
        result->fields =
            aws_alloc(sizeof(*result->fields) * sheet_columns(result->sheet));
        if (!result->paged)
            status = object_open(&result->object, s3, location,
                                 query->question->owner, query->step, err);
    }
    if (status == 0)
        status = skip_header(result, err);
    if (status != 0) {
        result_close(result);
        return -1;
    }
    *opened = result;
    return 0;
}

void
result_close(struct result *result)
{
    if (result == NULL)
        return;
    object_close(&result->object);
    aws_buf_release(&result->bytes);
    sheet_free(result->sheet);
    free(result->fields);
    json_decref(result->rows);
    free(result->next);
    free(result);
}

const struct sheet *
result_sheet(const struct result *result)
{
    return result->sheet;
}

int
result_read(struct result *result, struct fb_batch **batch,
            struct fb_error *err)
{
    bool got = true;

    while (!sheet_is_full(result->sheet)) {
        if (next_row(result, &got, err) != 0)
            return -1;
        if (!got)
            break;
        if (sheet_add(result->sheet, result->fields, err) != 0)
            return -1;
    }
    return sheet_take(result->sheet, batch, err);
}
