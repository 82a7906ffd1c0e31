#include "tableinput.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include "aws/buf.h"
#include "aws/encode.h"
#include "viewsql.h"

#define NAME_MAX_LENGTH 255
#define LOCATION_MAX 2056
#define SQL_MAX ((size_t)200 << 10)

#define TEXT_IN "org.apache.hadoop.mapred.TextInputFormat"
#define TEXT_OUT "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
#define QUOTED "org.apache.hadoop.hive.serde2.OpenCSVSerde"
#define PLAIN "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
#define PARQUET_IN \
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
#define PARQUET_OUT \
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
#define PARQUET "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"

/* An escape character that no text holds: without one, OpenCSVSerde takes a
 * backslash for it, and a backslash is an ordinary character to us. */
#define NO_ESCAPE "\x01"

/* --- checks --- */

static int
refuse(const struct fb_table *table, const char *why, const char *what,
       struct fb_error *err)
{
    return fb_fail(err, FB_E_CONFIG,
                   "cannot give the table '%s' to Athena: %s '%s'", table->name,
                   why, what);
}

/* Lower case, as Glue would fold it; NULL when Athena could not name it. */
static char *
fold_name(const char *name)
{
    char *folded = aws_strdup(name);
    size_t length = strlen(name);

    for (char *c = folded; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
        if ((*c < 'a' || *c > 'z') && (*c < '0' || *c > '9') && *c != '_')
            length = 0;
    }
    if (length > 0 && length <= NAME_MAX_LENGTH &&
        (*folded < '0' || *folded > '9'))
        return folded;
    free(folded);
    return NULL;
}

static void
free_names(char **names, uint32_t count)
{
    for (uint32_t i = 0; names != NULL && i < count; i++)
        free(names[i]);
    free(names);
}

static int
fold_columns(const struct fb_table *table, char **names, struct fb_error *err)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        const char *name = table->columns[i].name;

        names[i] = fold_name(name);
        if (names[i] == NULL) {
            refuse(table, "it cannot name the column", name, err);
            return fb_hint(err, "in the schema name it with a-z, 0-9 and '_', "
                                "and put the file's name under 'aliases'");
        }
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return fb_fail(err, FB_E_CONFIG,
                               "cannot give the table '%s' to Athena: the "
                               "columns '%s' and '%s' are one there",
                               table->name, table->columns[j].name, name);
    }
    return 0;
}

static int
check_location(const struct fb_table *table, struct fb_error *err)
{
    const char *location = table->location;
    size_t length = strlen(location);

    if (strncmp(location, "s3://", 5) != 0) {
        refuse(table, "it lies outside of S3:", location, err);
        return fb_hint(err, "Athena reads S3 only; for files of this machine "
                            "there is 'type: duckdb'");
    }
    if (strstr(location + 5, "//") != NULL || length > LOCATION_MAX ||
        location[length - 1] != '/')
        return refuse(table, "no location of a table can be", location, err);
    return 0;
}

static bool
is_utf8(const char *charset)
{
    return charset == NULL || strcasecmp(charset, "utf-8") == 0 ||
           strcasecmp(charset, "utf8") == 0 ||
           strcasecmp(charset, "us-ascii") == 0 ||
           strcasecmp(charset, "ascii") == 0;
}

static int
check_text(const struct fb_table *table, struct fb_error *err)
{
    char one[2] = {(char)table->comment, '\0'};

    if (!is_utf8(table->charset)) {
        refuse(table, "it reads only UTF-8, and this is", table->charset, err);
        return fb_hint(err, "let a pipeline write it as UTF-8 first: its sinks "
                            "do so unless told otherwise");
    }
    if (table->comment != 0)
        return refuse(table, "it would read lines as rows that begin with", one,
                      err);
    return 0;
}

bool
tableinput_is_text(const struct fb_table *table)
{
    return strcmp(table->format, "csv") == 0 ||
           strcmp(table->format, "tsv") == 0;
}

int
tableinput_check(const struct fb_table *table, struct fb_error *err)
{
    bool is_text = tableinput_is_text(table);

    if (!is_text && strcmp(table->format, "parquet") != 0)
        return refuse(table, "we cannot describe the format", table->format,
                      err);
    if (check_location(table, err) != 0)
        return -1;
    return is_text ? check_text(table, err) : 0;
}

static int
check_columns(const struct fb_table *table, struct fb_error *err)
{
    if (table->column_count > table->partition_count)
        return 0;
    return fb_fail(err, FB_E_CONFIG,
                   "cannot give the table '%s' to Athena: it has no columns",
                   table->name);
}

/* --- the table of the files --- */

static json_t *
text_of(unsigned char c)
{
    const char bytes[1] = {(char)c};

    assert(c != 0 && c < 0x80);
    return json_stringn(bytes, 1);
}

static json_t *
serde_of(const struct fb_table *table, bool is_text)
{
    json_t *parameters;

    if (!is_text)
        return json_pack("{s:s,s:{s:s}}", "SerializationLibrary", PARQUET,
                         "Parameters", "serialization.format", "1");
    if (table->quote != 0)
        return json_pack("{s:s,s:{s:o,s:o,s:o}}", "SerializationLibrary",
                         QUOTED, "Parameters", "separatorChar",
                         text_of(table->delimiter), "quoteChar",
                         text_of(table->quote), "escapeChar",
                         table->escape != 0 ? text_of(table->escape)
                                            : json_string(NO_ESCAPE));
    parameters =
        json_pack("{s:o,s:o}", "field.delim", text_of(table->delimiter),
                  "serialization.format", text_of(table->delimiter));
    if (table->escape != 0)
        json_object_set_new(parameters, "escape.delim", text_of(table->escape));
    if (table->null_sequence != NULL)
        json_object_set_new(parameters, "serialization.null.format",
                            json_string(table->null_sequence));
    return json_pack("{s:s,s:o}", "SerializationLibrary", PLAIN, "Parameters",
                     parameters);
}

static json_t *
column_of(const char *name, const char *type)
{
    return json_pack("{s:s,s:s}", "Name", name, "Type", type);
}

/* Of the columns of the files, or of those of the path. */
static json_t *
columns_of(const struct fb_table *table, char *const *names,
           const uint32_t *order, bool of_path, bool is_text)
{
    uint32_t files = table->column_count - table->partition_count;
    json_t *columns = json_array();

    for (uint32_t i = of_path ? files : 0;
         i < (of_path ? table->column_count : files); i++) {
        uint32_t at = order != NULL && !of_path ? order[i] : i;
        enum fb_column_type type = table->columns[at].type;

        assert(at < table->column_count);
        json_array_append_new(
            columns,
            column_of(names[at], is_text ? "string" : viewsql_hive_type(type)));
    }
    return columns;
}

static json_t *
parameters_of(const struct fb_table *table, bool is_text)
{
    json_t *made =
        json_pack("{s:s,s:s,s:s}", "EXTERNAL", "TRUE", "classification",
                  is_text ? "csv" : "parquet", "typeOfData", "file");

    if (!is_text)
        return made;
    json_object_set_new(made, "delimiter", text_of(table->delimiter));
    json_object_set_new(made, "skip.header.line.count",
                        json_string(table->header ? "1" : "0"));
    return made;
}

static json_t *
files_of(const struct tableinput *input, const struct fb_table *table,
         char *const *names, const uint32_t *order, bool is_text)
{
    json_t *made = json_pack(
        "{s:s,s:s,s:o,s:o,s:{s:o,s:s,s:s,s:s,s:b,s:i,s:b,s:o}}", "Name",
        input->stored, "TableType", "EXTERNAL_TABLE", "PartitionKeys",
        columns_of(table, names, NULL, true, is_text), "Parameters",
        parameters_of(table, is_text), "StorageDescriptor", "Columns",
        columns_of(table, names, order, false, is_text), "Location",
        table->location, "InputFormat", is_text ? TEXT_IN : PARQUET_IN,
        "OutputFormat", is_text ? TEXT_OUT : PARQUET_OUT, "Compressed", 0,
        "NumberOfBuckets", -1, "StoredAsSubDirectories", 0, "SerdeInfo",
        serde_of(table, is_text));

    assert(made != NULL);
    return made;
}

/* --- the view --- */

/* A view as Athena keeps its own: base64 of a small document.
 * https://trino.io/docs/current/connector/hive.html#hive-views */
static json_t *
view_text(const struct fb_table *table, char *const *names,
          const struct tableinput *input, const char *sql)
{
    json_t *columns = json_array(), *view, *made;
    char *text, *base64;

    for (uint32_t i = 0; i < table->column_count; i++)
        json_array_append_new(columns,
                              json_pack("{s:s,s:s}", "name", names[i], "type",
                                        viewsql_type(table->columns[i].type)));
    view = json_pack("{s:s,s:s,s:s,s:o}", "originalSql", sql, "catalog",
                     "awsdatacatalog", "schema", input->database, "columns",
                     columns);
    assert(view != NULL);
    text = json_dumps(view, JSON_COMPACT);
    base64 = aws_alloc(AWS_BASE64_SIZE(strlen(text)));
    aws_base64(base64, (const unsigned char *)text, strlen(text));
    made = json_sprintf("/* Presto View: %s */", base64);
    free(base64);
    free(text);
    json_decref(view);
    return made;
}

static json_t *
view_of(const struct fb_table *table, char *const *names,
        const struct tableinput *input, const char *sql)
{
    json_t *columns = json_array(), *made;

    for (uint32_t i = 0; i < table->column_count; i++)
        json_array_append_new(
            columns,
            column_of(names[i], viewsql_hive_type(table->columns[i].type)));
    made = json_pack(
        "{s:s,s:s,s:[],s:{s:s,s:s},s:o,s:s,s:{s:o,s:s,s:b,s:i,s:{}}}", "Name",
        input->table, "TableType", "VIRTUAL_VIEW", "PartitionKeys",
        "Parameters", "presto_view", "true", "comment", "Presto View",
        "ViewOriginalText", view_text(table, names, input, sql),
        "ViewExpandedText", "/* Presto View */", "StorageDescriptor", "Columns",
        columns, "Location", "", "Compressed", 0, "NumberOfBuckets", 0,
        "SerdeInfo");
    assert(made != NULL);
    return made;
}

/* --- both --- */

static int
name_table(const struct fb_table *table, bool is_text, struct tableinput *input,
           struct fb_error *err)
{
    struct aws_buf stored;
    int status;

    input->database = fold_name(table->database);
    input->table = fold_name(table->table);
    if (input->database == NULL || input->table == NULL) {
        refuse(table, "it cannot name", table->name, err);
        return fb_hint(err, "use a-z, 0-9 and '_', and begin with no digit");
    }
    aws_buf_init(&stored, NAME_MAX_LENGTH);
    aws_buf_text(&stored, input->table);
    aws_buf_text(&stored, is_text ? TABLEINPUT_TEXTS : "");
    status = aws_buf_check(&stored, "name of a table", err);
    input->stored = aws_strdup(aws_buf_string(&stored));
    aws_buf_release(&stored);
    return status;
}

static void
take_keys(const struct fb_table *table, struct tableinput *input)
{
    uint32_t files = table->column_count - table->partition_count;

    input->keys = table->partition_count;
    input->key_names = aws_alloc(sizeof(char *) * (input->keys + 1));
    for (uint32_t i = 0; i < input->keys; i++)
        input->key_names[i] = aws_strdup(table->columns[files + i].name);
}

static int
make(const struct fb_table *table, const uint32_t *order, char **names,
     bool is_text, struct tableinput *input, struct fb_error *err)
{
    struct aws_buf sql;
    int status;

    if (name_table(table, is_text, input, err) != 0 ||
        fold_columns(table, names, err) != 0)
        return -1;
    take_keys(table, input);
    input->files = files_of(input, table, names, order, is_text);
    if (!is_text)
        return 0;
    aws_buf_init(&sql, SQL_MAX);
    status =
        viewsql_make(table, names, input->database, input->stored, &sql, err);
    if (status == 0)
        input->view = view_of(table, names, input, aws_buf_string(&sql));
    aws_buf_release(&sql);
    return status;
}

int
tableinput_make(const struct fb_table *table, const uint32_t *order,
                struct tableinput *input, struct fb_error *err)
{
    char **names;
    int status;

    *input = (struct tableinput){.database = NULL};
    if (tableinput_check(table, err) != 0 || check_columns(table, err) != 0)
        return -1;
    names = aws_alloc(sizeof(char *) * table->column_count);
    status = make(table, order, names, tableinput_is_text(table), input, err);
    free_names(names, table->column_count);
    if (status != 0)
        tableinput_release(input);
    return status;
}

void
tableinput_release(struct tableinput *input)
{
    free(input->database);
    free(input->table);
    free(input->stored);
    free_names(input->key_names, input->keys);
    json_decref(input->files);
    json_decref(input->view);
    *input = (struct tableinput){.database = NULL};
}
