/*
 * The CSV files that other projects test themselves with, against what these
 * projects (or, where they do not say, python's csv module) read in them.
 * Where we differ, the file stands in a table here with the reason; a file
 * that no longer differs must leave the table.
 *
 * All are read without a header, so that every record counts.  Rows that are
 * as wide as the first must have the same cells; others must be rejected as
 * ragged.  Blank lines are no records to us: [] and [""] are left out.
 */
#define _GNU_SOURCE 1 /* asprintf */
#include "codec/reader.h"

#include <jansson.h>

#include "unit/codec_kit.h"
#include "unit/corpora.h"

/* --- what we read -------------------------------------------------------- */

static bool
is_blank(const json_t *row)
{
    return json_is_array(row) &&
           (json_array_size(row) == 0 ||
            (json_array_size(row) == 1 &&
             json_string_length(json_array_get(row, 0)) == 0));
}

static json_t *
row_of(struct batch *batch, uint32_t row)
{
    json_t *cells = json_array();

    for (uint32_t c = 0; c < batch_columns(batch)->count; c++) {
        const struct fb_cell *cell = &batch_cells(batch, c)[row];

        json_array_append_new(cells,
                              json_stringn((const char *)cell->ptr, cell->len));
    }
    return cells;
}

/* Rows as arrays and rejects as their codes, in line order. */
static void
take_batch(json_t *records, struct batch *batch)
{
    struct batch *rejects = batch_take_rejects(batch);
    uint32_t row = 0, r = 0, count = rejects ? batch_rows(rejects) : 0;
    json_t *record;

    while (row < batch_rows(batch) || r < count) {
        if (r < count &&
            (row == batch_rows(batch) ||
             batch_reject_of(rejects, r)->line < batch_line(batch, row)))
            record = json_string(batch_reject_of(rejects, r++)->code);
        else
            record = row_of(batch, row++);
        if (is_blank(record))
            json_decref(record);
        else
            json_array_append_new(records, record);
    }
    batch_free(rejects);
}

static json_t *
read_records(const void *bytes, size_t size, const struct format *format)
{
    struct kit_bytes input = {bytes, size, 0, 0};
    struct reader_options options = {
        .name = "-", .input = {kit_read_bytes, &input}, .format = *format};
    struct fb_error err = FB_ERROR_INIT;
    json_t *records = json_array();
    struct reader *reader = NULL;
    struct batch *batch = NULL;
    int status = reader_open(&options, &reader, &err);

    while (status == 0 && (status = reader_next(reader, &batch, &err)) == 0 &&
           batch != NULL) {
        take_batch(records, batch);
        batch_free(batch);
    }
    if (status != 0)
        json_array_append_new(records, json_string("failed"));
    reader_free(reader);
    return records;
}

/* --- comparing ------------------------------------------------------------ */

static bool
is_refused(const json_t *records)
{
    size_t i;
    json_t *record;

    json_array_foreach(records, i, record)
    {
        if (json_is_string(record))
            return true;
    }
    return false;
}

static bool
same_record(const json_t *got, const json_t *want, size_t width)
{
    const char *code = json_string_value(got);

    if (json_array_size(want) < width)
        return code != NULL && strcmp(code, "missing-cell") == 0;
    if (json_array_size(want) > width)
        return code != NULL && strcmp(code, "extra-cell") == 0;
    return json_equal(got, want) == 1;
}

static json_t *
without_blanks(const json_t *rows)
{
    json_t *kept = json_array(), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        if (!is_blank(row))
            json_array_append(kept, row);
    }
    return kept;
}

/* NULL, or what differs (to be freed). */
static char *
difference(const json_t *got, const json_t *rows)
{
    json_t *want = without_blanks(rows);
    size_t width = json_array_size(json_array_get(want, 0));
    char *text = NULL, *a, *b;

    for (size_t i = 0; i < json_array_size(got) || i < json_array_size(want);
         i++) {
        const json_t *x = json_array_get(got, i), *y = json_array_get(want, i);

        if (x != NULL && y != NULL && same_record(x, y, width))
            continue;
        a = x ? json_dumps(x, JSON_ENCODE_ANY) : strdup("nothing");
        b = y ? json_dumps(y, JSON_ENCODE_ANY) : strdup("nothing");
        ck_assert_int_gt(
            asprintf(&text, "record %zu is %.300s, not %.300s", i + 1, a, b),
            0);
        free(a);
        free(b);
        break;
    }
    json_decref(want);
    return text;
}

/* --- reasoned differences ------------------------------------------------- */

struct reason {
    const char *name;
    const char *why;
};

#define OTHER_ANSWER                                                       \
    "the answer is no list and has another phone number; and a bare cell " \
    "holds a quote"
#define BARE_QUOTE                                                          \
    "a quote inside a bare cell: libcsv in strict mode refuses it, for it " \
    "may as well be the rest of a damaged record"
#define BEHIND_QUOTE "RFC 4180 has nothing between closing quote and delimiter"
#define MIXED_ENDS "PapaParse takes the first kind of line end for the only one"
#define GUESSED "PapaParse guesses the delimiter; we are told it"
#define LAX_ESCAPE \
    "an escape character escapes whatever follows, as in python's csv"
#define GREEDY "a line of delimiters is a record to us, with empty cells"
#define SPACE_FIRST \
    "a quote behind a space needs skipInitialSpace, which is off by default"
#define NUL_BYTE "control characters are rejected"

static const struct reason reasons[] = {
    {"location_coordinates", OTHER_ANSWER},
    {"papa core 12: Unquoted field with quotes at end of field", BARE_QUOTE},
    {"papa core 17: Quoted field with whitespace around quotes", BARE_QUOTE},
    {"papa core 18: Misplaced quotes in data, not as opening quotes",
     BARE_QUOTE},
    {"papa parse 5: Quoted fields with spaces between closing quote and next "
     "delimiter",
     BEHIND_QUOTE},
    {"papa parse 6: Quoted fields with spaces between closing quote and next "
     "new line",
     BEHIND_QUOTE},
    {"papa parse 7: Quoted fields with spaces after closing quote",
     BEHIND_QUOTE},
    {"papa parse 8: Misplaced quotes in data twice, not as opening quotes",
     BARE_QUOTE},
    {"papa parse 9: Mixed slash n and slash r should choose first as precident",
     MIXED_ENDS},
    {"papa parse 67: Pipe delimiter is guessed correctly when mixed with comas",
     GUESSED},
    {"papa parse 69: Pipe delimiter is guessed correctly when first field are "
     "enclosed in quotes and contain delimiter characters",
     GUESSED},
    {"papa parse 70: Pipe delimiter is guessed correctly when some fields are "
     "enclosed in quotes and contain delimiter characters and escaoped quotes",
     GUESSED},
    {"papa parse 74: Custom escape character not used for escaping",
     LAX_ESCAPE},
    {"papa parse 88: Parsing with skipEmptyLines set to 'greedy'", GREEDY},
    {"papa parse 89: Parsing with skipEmptyLines set to 'greedy' with quotes "
     "and delimiters as content",
     GREEDY},
    {"papa parse 90: Quoted fields with spaces between closing quote and next "
     "delimiter and contains delimiter",
     BEHIND_QUOTE},
    {"papa parse 91: Quoted fields with spaces between closing quote and "
     "newline and contains newline",
     BEHIND_QUOTE},
    {"csv-frictionless/issue-1109.csv", SPACE_FIRST},
    {"csv-frictionless/issue-833.csv", BARE_QUOTE},
    {"csv-frictionless/escaping.csv", SPACE_FIRST},
    {"csv-readr/tests/testthat/fixtures/raw.csv", NUL_BYTE},
};

/* Counts what has no reason, or a reason and no difference. */
static unsigned
judge(const char *name, const char *differs)
{
    const struct reason *reason = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
        if (strcmp(reasons[i].name, name) == 0)
            reason = &reasons[i];
    if (differs != NULL && reason == NULL)
        printf("%s: %s\n", name, differs);
    if (differs == NULL && reason != NULL)
        printf("%s: does not differ any more (%s)\n", name, reason->why);
    return (differs != NULL) != (reason != NULL);
}

static unsigned
judge_and_free(const char *name, char *differs)
{
    unsigned wrong = judge(name, differs);

    free(differs);
    return wrong;
}

/* --- corpora with answers of their own ------------------------------------ */

static json_t *
load(const char *folder, const char *format, const char *name)
{
    char path[1000];
    json_error_t error;
    json_t *json;
    struct buf bytes;

    snprintf(path, sizeof(path), "%s/%s", folder, format);
    snprintf(path, sizeof(path), "%s/%s.json", format, name);
    bytes = corpora_read(folder, path);
    json = json_loadb((const char *)bytes.data, bytes.size, JSON_ALLOW_NUL,
                      &error);
    ck_assert_msg(json != NULL, "%s: %s", path, error.text);
    buf_release(&bytes);
    return json;
}

/* Objects in the order of these names, as rows; arrays as they are. */
static json_t *
rows_of(const json_t *objects, const json_t *names)
{
    json_t *rows = json_array(), *object, *row, *name;
    size_t i, k;

    if (names != NULL)
        json_array_append(rows, (json_t *)(uintptr_t)names);
    json_array_foreach(objects, i, object)
    {
        if (json_is_array(object)) {
            json_array_append(rows, object);
            continue;
        }
        row = json_array();
        json_array_foreach(names, k, name)
        {
            json_array_append(row,
                              json_object_get(object, json_string_value(name)));
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

static char *
compare_with_answer(const char *folder, const char *corpus, const char *name,
                    bool has_header)
{
    char path[1000];
    struct format format = kit_format();
    struct buf bytes;
    json_t *got, *answer, *want;
    char *text;

    snprintf(path, sizeof(path), "%s/%s.csv", corpus, name);
    bytes = corpora_read(folder, path);
    format.header = HEADER_NONE;
    got = read_records(bytes.data, bytes.size, &format);
    snprintf(path, sizeof(path), "%.*s/json",
             (int)(strchr(corpus, '/') - corpus), corpus);
    answer = load(folder, path, name);
    want = rows_of(answer, has_header ? json_array_get(got, 0) : NULL);
    text = difference(got, want);
    json_decref(got);
    json_decref(answer);
    json_decref(want);
    buf_release(&bytes);
    return text;
}

START_TEST(reads_csv_spectrum)
{
    static const char *const names[] = {
        "comma_in_quotes", "empty",         "empty_crlf",
        "escaped_quotes",  "json",          "location_coordinates",
        "newlines",        "newlines_crlf", "quotes_and_newlines",
        "simple",          "simple_crlf",   "utf8"};
    const char *folder = corpora_folder();
    unsigned wrong = 0;

    for (size_t i = 0; folder != NULL && i < ARRAY_SIZE(names); i++)
        wrong += judge_and_free(
            names[i],
            compare_with_answer(folder, "csv-spectrum/csvs", names[i], true));
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(reads_csv_test_data)
{
    static const char *const names[] = {
        "all-empty",           "empty-field",
        "empty-one-column",    "leading-space",
        "one-column",          "quotes-empty",
        "quotes-with-comma",   "quotes-with-escaped-quote",
        "quotes-with-newline", "quotes-with-space",
        "simple-crlf",         "simple-lf",
        "trailing-newline",    "trailing-newline-one-field",
        "trailing-space",      "utf8",
        "header-no-rows",      "header-simple"};
    const char *folder = corpora_folder();
    unsigned wrong = 0;

    for (size_t i = 0; folder != NULL && i < ARRAY_SIZE(names); i++)
        wrong += judge_and_free(
            names[i], compare_with_answer(folder, "csv-test-data/csv", names[i],
                                          strncmp(names[i], "header", 6) == 0));
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(refuses_what_csv_test_data_calls_bad)
{
    static const char *const names[] = {
        "bad-missing-quote",      "bad-quotes-with-unescaped-quote",
        "bad-unescaped-quote",    "bad-header-less-fields",
        "bad-header-more-fields", "bad-header-no-header",
        "bad-header-wrong-header"};
    static const struct fb_column items[] = {
        {.name = "foo", .type = FB_C_STRING},
        {.name = "bar", .type = FB_C_STRING},
        {.name = "baz", .type = FB_C_STRING}};
    static const struct schema schema = {
        .path = "foo-bar-baz", .columns = {.count = 3, .items = items}};
    const char *folder = corpora_folder();

    for (size_t i = 0; folder != NULL && i < ARRAY_SIZE(names); i++) {
        bool with_header = strncmp(names[i], "bad-header", 10) == 0;
        struct format format = kit_format();
        struct fb_error err = FB_ERROR_INIT;
        char path[200], *shown;
        struct buf bytes;

        format.header = with_header ? HEADER_REQUIRED : HEADER_NONE;
        snprintf(path, sizeof(path), "csv-test-data/csv/%s.csv", names[i]);
        bytes = corpora_read(folder, path);
        shown = kit_read(bytes.data, bytes.size, 0, &format,
                         with_header ? &schema : NULL, &err);
        /* A reject has a ! behind its line. */
        ck_assert_msg(shown == NULL || strchr(shown, '!') != NULL, "%s: %s",
                      names[i], shown);
        free(shown);
        buf_release(&bytes);
    }
}
END_TEST

/* --- PapaParse -------------------------------------------------------------
 */

static const char *
string_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Whether the settings are such as we have; they are put into the format. */
static bool
take_config(const json_t *config, struct format *format)
{
    const json_t *comments = json_object_get(config, "comments");
    const char *newline = string_at(config, "newline"), *key;
    static const char *const known[] = {
        "delimiter", "quoteChar", "escapeChar",    "comments",
        "newline",   "fastMode",  "skipEmptyLines"};
    json_t *value;
    const char *option;
    struct fb_error err;

    json_object_foreach((json_t *)(uintptr_t)config, key, value)
    {
        size_t i = 0;

        while (i < ARRAY_SIZE(known) && strcmp(key, known[i]) != 0)
            i++;
        if (i == ARRAY_SIZE(known) && !json_is_false(value) &&
            !json_is_null(value) &&
            !(json_is_integer(value) && json_integer_value(value) == 0))
            return false;
    }
    format->dialect.delimiter = string_at(config, "delimiter");
    if (format->dialect.delimiter != NULL &&
        format->dialect.delimiter[0] == '\0')
        format->dialect.delimiter = NULL;
    format->dialect.quote_char = string_at(config, "quoteChar");
    format->dialect.escape_char = string_at(config, "escapeChar");
    format->dialect.comment_char =
        json_is_true(comments) ? "#" : json_string_value(comments);
    format->dialect.line_terminator = newline;
    if (format->dialect.escape_char != NULL &&
        strcmp(format->dialect.escape_char, format->dialect.quote_char
                                                ? format->dialect.quote_char
                                                : "\"") == 0)
        format->dialect.escape_char = NULL; /* that is doubleQuote */
    return format_check(format, &option, &err) == 0;
}

/* Whether it finds fault with the input, and not with its own guessing. */
static bool
has_errors(const json_t *errors)
{
    json_t *error;
    size_t i;

    json_array_foreach(errors, i, error)
    {
        if (strcmp(string_at(error, "type"), "Delimiter") != 0)
            return true;
    }
    return false;
}

static char *
compare_papa(const json_t *test)
{
    const json_t *input = json_object_get(test, "input");
    const json_t *expected = json_object_get(test, "expected");
    struct format format = kit_format();
    bool bad = has_errors(json_object_get(expected, "errors"));
    json_t *got;
    char *text = NULL;

    format.header = HEADER_NONE;
    if (!take_config(json_object_get(test, "config"), &format))
        return strdup("config");
    got = read_records(json_string_value(input), json_string_length(input),
                       &format);
    if (bad && !is_refused(got))
        text = strdup("nothing is refused");
    else if (!bad)
        text = difference(got, json_object_get(expected, "data"));
    json_decref(got);
    return text;
}

static unsigned
papa_group(const json_t *tests, const char *group, unsigned *compared)
{
    json_t *test;
    unsigned wrong = 0;
    size_t i;

    json_array_foreach(tests, i, test)
    {
        char name[300], *differs = compare_papa(test);

        snprintf(name, sizeof(name), "papa %s %zu: %s", group, i,
                 string_at(test, "description"));
        if (differs != NULL && strcmp(differs, "config") == 0) {
            free(differs);
            continue;
        }
        ++*compared;
        wrong += judge_and_free(name, differs);
    }
    return wrong;
}

START_TEST(reads_what_papaparse_reads)
{
    const char *folder = corpora_folder();
    unsigned wrong, compared = 0;
    json_t *cases;

    if (folder == NULL)
        return;
    cases = load(folder, "csv-papaparse", "test-cases");
    wrong = papa_group(json_object_get(cases, "CORE_PARSER_TESTS"), "core",
                       &compared);
    wrong +=
        papa_group(json_object_get(cases, "PARSE_TESTS"), "parse", &compared);
    json_decref(cases);
    ck_assert_uint_eq(wrong, 0);
    /* The others ask for what is no business of a reader: previews, types,
     * transformations. */
    ck_assert_uint_eq(compared, 112);
}
END_TEST

/* The rows of a test as cells for a writer; false when they are objects. */
static bool
cells_of(const json_t *rows, struct arena *arena, uint32_t width,
         const struct fb_cell **columns)
{
    size_t count = json_array_size(rows);

    for (uint32_t c = 0; c < width; c++) {
        struct fb_cell *cells = arena_array(arena, count, sizeof(*cells));

        for (size_t r = 0; r < count; r++) {
            const json_t *row = json_array_get(rows, r);
            const json_t *value = json_array_get(row, c);

            if (!json_is_array(row) || json_array_size(row) != width ||
                !json_is_string(value))
                return false;
            cells[r].ptr = (const unsigned char *)json_string_value(value);
            cells[r].len = (uint32_t)json_string_length(value);
        }
        columns[c] = cells;
    }
    return true;
}

/* What we write for the rows, without a last line end. */
static char *
write_rows(struct arena *arena, const struct fb_cell *const *cells,
           uint32_t width, size_t rows, const struct format *format)
{
    const char **names = arena_array(arena, width, sizeof(*names));
    struct fb_error err = FB_ERROR_INIT;
    const struct columns *columns;
    struct writer *writer = NULL;
    struct batch *batch;
    struct buf out;
    struct writer_options options = {.name = "out.csv",
                                     .output = {kit_write_bytes, &out},
                                     .format = *format,
                                     .layout = LAYOUT_TABLE};
    size_t end = strlen(format->dialect.line_terminator);
    char *text = NULL;

    for (uint32_t c = 0; c < width; c++)
        names[c] = arena_printf(arena, "c%u", c);
    columns = columns_of_names(arena, names, width);
    buf_init(&out, (size_t)1 << 24);
    batch = batch_of_cells(columns, (uint32_t)rows, cells, arena, 0, NULL);
    if (writer_open(&options, &writer, &err) == 0 &&
        writer_begin(writer, columns, NULL, &err) == 0 &&
        writer_write(writer, batch, &err) == 0 &&
        writer_finish(writer, &err) == 0)
        text = strndup(buf_text(&out), out.size - (out.size >= end ? end : 0));
    else
        text = strdup(err.message);
    writer_free(writer);
    batch_free(batch);
    buf_release(&out);
    return text;
}

static char *
compare_unparse(const json_t *test)
{
    const json_t *input = json_object_get(test, "input");
    const char *want = string_at(test, "expected");
    uint32_t width = (uint32_t)json_array_size(json_array_get(input, 0));
    struct format format = kit_format();
    struct arena *arena = arena_new();
    const struct fb_cell **cells = arena_array(arena, width, sizeof(*cells));
    char *wrote, *text = NULL;

    format.header = HEADER_NONE;
    if (width == 0 || !json_is_array(input) || want == NULL ||
        !take_config(json_object_get(test, "config"), &format) ||
        !cells_of(input, arena, width, cells)) {
        arena_free(arena);
        return strdup("config");
    }
    if (format.dialect.line_terminator == NULL)
        format.dialect.line_terminator = "\r\n"; /* PapaParse's default */
    wrote = write_rows(arena, cells, width, json_array_size(input), &format);
    if (strcmp(wrote, want) != 0)
        ck_assert_int_gt(asprintf(&text, "writes '%s', not '%s'", wrote, want),
                         0);
    free(wrote);
    return text;
}

START_TEST(writes_what_papaparse_writes)
{
    const char *folder = corpora_folder();
    unsigned wrong = 0, compared = 0;
    json_t *cases, *test;
    size_t i;

    if (folder == NULL)
        return;
    cases = load(folder, "csv-papaparse", "test-cases");
    json_array_foreach(json_object_get(cases, "UNPARSE_TESTS"), i, test)
    {
        char name[300], *differs = compare_unparse(test);

        snprintf(name, sizeof(name), "papa unparse %zu: %s", i,
                 string_at(test, "description"));
        if (differs != NULL && strcmp(differs, "config") == 0) {
            free(differs);
            continue;
        }
        compared++;
        wrong += judge_and_free(name, differs);
    }
    json_decref(cases);
    ck_assert_uint_eq(wrong, 0);
    ck_assert_uint_eq(compared, 13);
}
END_TEST

/* --- files that python reads for us ----------------------------------------
 */

/* How a file is written, when not in UTF-8 with commas and double quotes. */
struct manner {
    const char *path;
    const char *charset, *delimiter, *quote;
};

static const struct manner manners[] = {
    {"csv-frictionless/latin1.csv", "latin1", ",", "\""},
    {"csv-frictionless/table-infer-iso-8859-7.csv", "iso-8859-7", ",", "\""},
    {"csv-frictionless/table-with-accents.csv", "latin1", ",", "\""},
    {"csv-frictionless/issue-1009-semicolon.csv", "utf-8", ";", "\""},
    {"csv-frictionless/delimiter.csv", "utf-8", ";", "\""},
    {"csv-frictionless/table-delimiter.csv", "utf-8", ";", "\""},
    {"csv-readr/tests/testthat/fixtures/enc-iso-8859-1.txt", "latin1", ",",
     "\""},
    {"csv-readr/tests/testthat/fixtures/basic-df-singlequote.csv", "utf-8", ",",
     "'"},
    {"csv-rust-csv/uspop-latin1.csv", "latin1", ",", "\""},
    {"csv-rust-csv/smallpop-colon.csv", "utf-8", ":", "\""},
    {"sjis-holidays/syukujitsu_1955-2027.csv", "cp932", ",", "\""},
    {"sjis-holidays/syukujitsu_2019_snapshot_LF.csv", "cp932", ",", "\""},
    {"sjis-misc/duckdb_shift_jis.csv", "cp932", ",", "\""},
    {"sjis-misc/estat_c01_census.csv", "cp932", ",", "\""},
    {"sjis-misc/jmastats_dl_data.csv", "cp932", ",", "\""},
    {"sjis-misc/zip2addr_KEN_ALL.CSV", "cp932", ",", "\""},
    {"sjis-misc/zip2addr_KEN_ALL_ROME.csv", "cp932", ",", "\""},
};

/* Reads every file of the folders named; what strict csv refuses is null. */
static const char script[] =
    "import csv, gzip, io, json, os, sys\n"
    "csv.field_size_limit(1 << 30)\n"
    "manners = dict((p, (c, d, q)) for p, c, d, q in\n"
    "               json.loads(os.environ['CSV_MANNERS']))\n"
    "def rows(path, name):\n"
    "    charset, delimiter, quote = manners.get(name,\n"
    "                                            ('utf-8-sig', ',', '\"'))\n"
    "    data = open(path, 'rb').read()\n"
    "    if data[:2] == b'\\x1f\\x8b':\n"
    "        data = gzip.decompress(data)\n"
    "    try:\n"
    "        return list(csv.reader(\n"
    "            io.StringIO(data.decode(charset), newline=''), strict=True,\n"
    "            delimiter=delimiter, quotechar=quote))\n"
    "    except (csv.Error, UnicodeDecodeError):\n"
    "        return None\n"
    "found = {}\n"
    "os.chdir(sys.argv[1])\n"
    "for folder in sys.argv[2:]:\n"
    "    for parent, _, names in os.walk(folder):\n"
    "        for name in names:\n"
    "            path = os.path.join(parent, name)\n"
    "            if not name.endswith(('.md', '.json', 'SOURCE.txt')):\n"
    "                found[path] = rows(path, path)\n"
    "json.dump(found, sys.stdout)\n";

static json_t *
ask_python(const char *folder)
{
    json_t *list = json_array(), *answers;
    char *manners_text, *command = NULL;
    json_error_t error;
    FILE *pipe;

    for (size_t i = 0; i < ARRAY_SIZE(manners); i++)
        json_array_append_new(
            list, json_pack("[ssss]", manners[i].path, manners[i].charset,
                            manners[i].delimiter, manners[i].quote));
    manners_text = json_dumps(list, 0);
    setenv("CSV_MANNERS", manners_text, 1);
    setenv("CSV_SCRIPT", script, 1);
    setenv("CSV_FOLDER", folder, 1);
    ck_assert_int_gt(asprintf(&command,
                              "exec /usr/bin/python3 -c \"$CSV_SCRIPT\" "
                              "\"$CSV_FOLDER\" csv-frictionless csv-readr "
                              "csv-rust-csv csv-papaparse orders-itcs6190 "
                              "sjis-holidays sjis-misc"),
                     0);
    /* NOLINTNEXTLINE(cert-env33-c): nothing foreign is in the command. */
    pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    answers = json_loadf(pipe, JSON_ALLOW_NUL, &error);
    ck_assert_msg(answers != NULL, "python says: %s", error.text);
    ck_assert_int_eq(pclose(pipe), 0);
    free(command);
    free(manners_text);
    json_decref(list);
    return answers;
}

static struct format
format_for(const char *path)
{
    struct format format = kit_format();

    format.header = HEADER_NONE;
    for (size_t i = 0; i < ARRAY_SIZE(manners); i++)
        if (strcmp(manners[i].path, path) == 0) {
            format.charset = manners[i].charset;
            format.dialect.delimiter = manners[i].delimiter;
            format.dialect.quote_char = manners[i].quote;
        }
    return format;
}

START_TEST(reads_files_as_python_does)
{
    const char *folder = corpora_folder(), *path;
    unsigned wrong = 0;
    json_t *answers, *rows;

    if (folder == NULL)
        return;
    answers = ask_python(folder);
    ck_assert_uint_gt(json_object_size(answers), 140);
    json_object_foreach(answers, path, rows)
    {
        struct format format = format_for(path);
        struct buf bytes = corpora_read(folder, path);
        json_t *got = read_records(bytes.data, bytes.size, &format);
        char *differs = NULL;

        if (json_is_null(rows) && !is_refused(got))
            differs = strdup("nothing is refused");
        else if (!json_is_null(rows))
            differs = difference(got, rows);
        wrong += judge_and_free(path, differs);
        json_decref(got);
        buf_release(&bytes);
    }
    json_decref(answers);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("csv corpora");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 120);
    tcase_add_test(all, reads_csv_spectrum);
    tcase_add_test(all, reads_csv_test_data);
    tcase_add_test(all, refuses_what_csv_test_data_calls_bad);
    tcase_add_test(all, reads_what_papaparse_reads);
    tcase_add_test(all, writes_what_papaparse_writes);
    tcase_add_test(all, reads_files_as_python_does);
    suite_add_tcase(suite, all);
    return suite;
}
