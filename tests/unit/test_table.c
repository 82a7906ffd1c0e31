/*
 * Tables over a source that keeps its objects in memory: which objects they
 * are made of, their columns, their rows, and what is wrong with them.
 */
#include "unit/main.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "config/document.h"
#include "table/table.h"
#include "util/error.h"
#include "util/mem.h"

/* --- a store in memory -----------------------------------------------------
 */

struct memory_object {
    const char *uri, *text;
};

#define OBJECTS_MAX 8
static struct memory_object store[OBJECTS_MAX + 1];

struct memory {
    const char *text;
    size_t at;
};

static const char *const schemes[] = {"mem", NULL};

static int
discover(void *self, struct fb_step *step, fb_found_fn found, void *arg,
         struct fb_error *err)
{
    const char *pattern = fb_uri(step);
    size_t length = strlen(pattern);

    (void)self, (void)err;
    ck_assert(length > 2 && strcmp(pattern + length - 2, "**") == 0);
    for (const struct memory_object *o = store; o->uri != NULL; o++) {
        const struct fb_object object = {.uri = o->uri,
                                         .size = strlen(o->text)};

        if (strncmp(o->uri, pattern, length - 2) == 0 &&
            found(arg, &object) != 0)
            break;
    }
    return 0;
}

/* A client that all objects share, as a store behind a network has. */
static int
make_client(struct fb_step *step, void **object, struct fb_error *err)
{
    (void)step, (void)err;
    *object = mem_zalloc(1);
    return 0;
}

static int
open_object(void *self, struct fb_step *step, struct fb_error *err)
{
    struct memory *memory = self;
    void *client;

    if (fb_shared(step, "client", make_client, free, &client, err) != 0)
        return -1;

    ck_assert_ptr_null(memory->text); /* the instance is a new one */
    for (const struct memory_object *o = store; o->uri != NULL; o++)
        if (strcmp(o->uri, fb_uri(step)) == 0)
            memory->text = o->text;
    if (memory->text == NULL)
        return fb_fail(err, FB_E_MISSING, "no '%s'", fb_uri(step));
    return 0;
}

static int
read_bytes(void *self, struct fb_step *step, unsigned char *bytes, size_t size,
           size_t *got, struct fb_error *err)
{
    struct memory *memory = self;
    size_t left = strlen(memory->text) - memory->at;

    (void)step, (void)err;
    *got = left < size ? left : size;
    memcpy(bytes, memory->text + memory->at, *got);
    memory->at += *got;
    return 0;
}

static int
notify(void *self, struct fb_step *step, const struct fb_report *report,
       struct fb_error *err)
{
    (void)self, (void)step, (void)report, (void)err;
    return 0;
}

static int
write_bytes(void *self, struct fb_step *step, const unsigned char *bytes,
            size_t size, struct fb_error *err)
{
    (void)self, (void)step, (void)bytes, (void)size, (void)err;
    return 0;
}

static int
finish(void *self, struct fb_step *step, struct fb_error *err)
{
    (void)self, (void)step, (void)err;
    return 0;
}

static const struct fb_plugin memory_source = {
    FB_PLUGIN_HEAD,           .kind = FB_SOURCE,
    .name = "memory",         .summary = "Objects in memory.",
    .schemes = schemes,       .instance_size = sizeof(struct memory),
    .discover = discover,     .open = open_object,
    .read_bytes = read_bytes,
};
static const struct fb_plugin memory_sink = {
    FB_PLUGIN_HEAD,     .kind = FB_SINK,
    .name = "memory",   .summary = "Takes everything.",
    .schemes = schemes, .instance_size = 1,
    .finish = finish,   .write_bytes = write_bytes,
};
static const struct fb_plugin silent = {
    FB_PLUGIN_HEAD,    .kind = FB_NOTIFIER, .name = "silent",
    .summary = "Mum.", .instance_size = 1,  .notify = notify,
};

/* --- the tables of a pipeline ------------------------------------------------
 */

struct tables_kit {
    struct registry *registry;
    struct problems *problems;
    struct document *document;
    struct pipeline *pipeline;
    struct step_context context;
    struct tables *tables;
    const struct step_tables *services;
    struct fb_error err;
};

static const volatile sig_atomic_t never = 0;

static struct tables_kit
begin(const char *table)
{
    static const struct fb_plugin *const plugins[] = {&memory_source,
                                                      &memory_sink, &silent};
    struct tables_kit kit = {.err = FB_ERROR_INIT};
    const struct scope scope = {.settings = NULL};
    char *text = mem_printf("pipeline: p\n"
                            "tables: {%s}\n"
                            "sources: {a: {uri: \"mem:in\", on_reject: fail}}\n"
                            "sinks: {z: {uri: \"mem:out\"}}\n",
                            table);

    kit.registry = registry_of(plugins, ARRAY_SIZE(plugins));
    kit.problems = problems_new();
    kit.document = document_of_text("p.yaml", text, strlen(text), kit.problems);
    free(text);
    ck_assert_ptr_nonnull(kit.document);
    kit.pipeline =
        pipeline_build(kit.document, &scope, kit.registry, kit.problems);
    ck_assert_ptr_nonnull(kit.pipeline);
    kit.context = (struct step_context){.pipeline = "p",
                                        .run_id = "1",
                                        .temp_folder = ".",
                                        .cancelled = &never,
                                        .shared = step_shared_new()};
    return kit;
}

/* Once the kit stands where it will stay. */
static void
start(struct tables_kit *kit)
{
    kit->tables = tables_new(kit->pipeline, &kit->context, true);
    kit->services = tables_services(kit->tables);
}

static void
end(struct tables_kit *kit)
{
    tables_free(kit->tables);
    step_shared_free(kit->context.shared);
    pipeline_free(kit->pipeline);
    document_free(kit->document);
    problems_free(kit->problems);
    registry_free(kit->registry);
    memset(store, 0, sizeof(store));
}

static void
put(const char *uri, const char *text)
{
    size_t i = 0;

    while (store[i].uri != NULL)
        i++;
    ck_assert_uint_lt(i, OBJECTS_MAX);
    store[i] = (struct memory_object){uri, text};
}

static const struct fb_table *
info_of(struct tables_kit *kit)
{
    const struct fb_table *info;

    ck_assert_msg(
        kit->services->at(kit->services->arg, 0, true, &info, &kit->err) == 0,
        "%s", kit->err.message);
    return info;
}

/* All rows as "cell|cell\n...", NULL as "-". */
static char *
rows_of(struct tables_kit *kit)
{
    char *all = mem_strdup("");
    struct fb_rows *rows;
    struct fb_batch *pub;

    if (kit->services->open(kit->services->arg, 0, &rows, &kit->err) != 0)
        return all;
    while (kit->services->next(rows, &pub, &kit->err) == 0 && pub != NULL) {
        struct batch *batch = batch_of(pub);

        for (uint32_t r = 0; r < batch_rows(batch); r++)
            for (uint32_t c = 0; c < batch_columns(batch)->count; c++) {
                const struct fb_cell *cell = &batch_cells(batch, c)[r];
                bool last = c + 1 == batch_columns(batch)->count;
                char *more = mem_printf(
                    "%s%.*s%s", all,
                    cell->flags & FB_CELL_NULL ? 1 : (int)cell->len,
                    cell->flags & FB_CELL_NULL ? "-" : (const char *)cell->ptr,
                    last ? "\n" : "|");

                free(all);
                all = more;
            }
        batch_free(batch);
    }
    kit->services->close(rows);
    return all;
}

static void
expect_rows(struct tables_kit *kit, const char *rows)
{
    char *got = rows_of(kit);

    ck_assert_msg(kit->err.code == FB_E_NONE, "%s", kit->err.message);
    ck_assert_str_eq(got, rows);
    free(got);
}

static void
expect_failure(struct tables_kit *kit, enum fb_code code, const char *words)
{
    free(rows_of(kit));
    ck_assert_int_eq(kit->err.code, code);
    ck_assert_msg(strstr(kit->err.message, words) != NULL, "%s",
                  kit->err.message);
}

/* --- objects ---------------------------------------------------------------
 */

START_TEST(reads_all_objects_in_the_order_of_their_uris)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");

    put("mem:x/b.csv", "id,name\n3,c\n");
    put("mem:x/a.csv", "id,name\n1,a\n2,b\n");
    put("mem:y/c.csv", "id,name\n9,z\n");
    start(&kit);
    expect_rows(&kit, "1|a\n2|b\n3|c\n");
    end(&kit);
}
END_TEST

START_TEST(names_the_object_that_rows_come_from)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    static const char *const names[] = {"mem:x/a.csv", "mem:x/b.csv"};
    struct fb_rows *rows;
    struct fb_batch *batch;

    put("mem:x/a.csv", "n\n1\n");
    put("mem:x/b.csv", "n\n2\n");
    start(&kit);
    ck_assert_int_eq(kit.services->open(kit.services->arg, 0, &rows, &kit.err),
                     0);
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        ck_assert_int_eq(kit.services->next(rows, &batch, &kit.err), 0);
        ck_assert_ptr_nonnull(batch);
        ck_assert_str_eq(fb_batch_name(batch), names[i]);
        fb_batch_free(batch);
    }
    kit.services->close(rows);
    end(&kit);
}
END_TEST

/* The object's reader may be gone before they are. */
START_TEST(gives_rows_that_outlive_their_object)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    struct fb_rows *rows;
    struct fb_batch *batch;

    put("mem:x/a.csv", "n\n1\n");
    start(&kit);
    ck_assert_int_eq(kit.services->open(kit.services->arg, 0, &rows, &kit.err),
                     0);
    ck_assert_int_eq(kit.services->next(rows, &batch, &kit.err), 0);
    ck_assert_ptr_nonnull(batch);
    kit.services->close(rows);
    ck_assert_ptr_null(batch_origin(batch_of(batch)));
    ck_assert_uint_eq(batch_cells(batch_of(batch), 0)[0].len, 1);
    fb_batch_free(batch);
    end(&kit);
}
END_TEST

START_TEST(fails_again_with_the_first_failure)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\", infer_rows: 1}");
    struct fb_rows *rows;
    struct fb_batch *batch;

    put("mem:x/a.csv", "id,name\n1,a\n");
    put("mem:x/b.csv", "id\n2\n");
    put("mem:x/c.csv", "id,name\n3,c\n");
    start(&kit);
    ck_assert_int_eq(kit.services->open(kit.services->arg, 0, &rows, &kit.err),
                     0);
    ck_assert_int_eq(kit.services->next(rows, &batch, &kit.err), 0);
    fb_batch_free(batch);
    for (int i = 0; i < 3; i++) {
        error_clear(&kit.err);
        ck_assert_int_eq(kit.services->next(rows, &batch, &kit.err), -1);
        ck_assert_ptr_null(batch);
        ck_assert_ptr_nonnull(
            strstr(kit.err.message, "table 't': 'mem:x/b.csv'"));
        ck_assert_ptr_nonnull(strstr(kit.err.message, "table's first file"));
        ck_assert_ptr_nonnull(strstr(kit.err.message, "missing column 'name'"));
    }
    kit.services->close(rows);
    end(&kit);
}
END_TEST

START_TEST(leaves_out_hidden_and_empty_objects)
{
    struct tables_kit kit = begin("t: {location: \"mem:x\"}");

    put("mem:x/a.csv", "id\n1\n");
    put("mem:x/_tmp.csv", "id\n2\n");
    put("mem:x/.b.csv", "id\n3\n");
    put("mem:x/c.csv", "");
    put("mem:x/", "folder");
    start(&kit);
    expect_rows(&kit, "1\n");
    end(&kit);
}
END_TEST

START_TEST(binds_columns_by_name_in_every_object)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");

    put("mem:x/a.csv", "id,name\n1,a\n");
    put("mem:x/b.csv", "name,id\nb,2\n");
    start(&kit);
    expect_rows(&kit, "1|a\n2|b\n");
    end(&kit);
}
END_TEST

START_TEST(refuses_an_object_with_other_columns)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");

    put("mem:x/a.csv", "id,name\n1,a\n");
    put("mem:x/b.csv", "id,nam\n2,b\n");
    start(&kit);
    expect_failure(&kit, FB_E_INPUT, "'mem:x/b.csv' lacks the column 'name'");
    end(&kit);
}
END_TEST

START_TEST(refuses_a_row_that_cannot_be_read)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");

    put("mem:x/a.csv", "id,name\n1,a\n2\n");
    start(&kit);
    expect_failure(&kit, FB_E_INPUT,
                   "'mem:x/a.csv': line 3: row has 1 of 2 cells");
    ck_assert_ptr_nonnull(strstr(kit.err.message, "table 't'"));
    end(&kit);
}
END_TEST

/* --- partitions --------------------------------------------------------------
 */

START_TEST(takes_columns_from_the_path)
{
    struct tables_kit kit = begin(
        "t: {location: \"mem:x/\", partitions: {dt: date, shop: string}}");

    put("mem:x/dt=2025-01-31/shop=a%2Fb/1.csv", "id\n1\n");
    put("mem:x/dt=2025-02-01/shop=__HIVE_DEFAULT_PARTITION__/1.csv", "id\n2\n");
    start(&kit);
    ck_assert_uint_eq(info_of(&kit)->column_count, 3);
    ck_assert_uint_eq(info_of(&kit)->partition_count, 2);
    ck_assert_int_eq(info_of(&kit)->columns[1].type, FB_C_DATE);
    expect_rows(&kit, "1|2025-01-31|a/b\n2|2025-02-01|-\n");
    end(&kit);
}
END_TEST

START_TEST(refuses_an_object_outside_of_the_partitions)
{
    struct tables_kit kit =
        begin("t: {location: \"mem:x/\", partitions: {dt: date}}");

    put("mem:x/1.csv", "id\n1\n");
    start(&kit);
    expect_failure(&kit, FB_E_INPUT, "is not in a folder 'dt=...'");
    end(&kit);
}
END_TEST

/* --- types
 * -------------------------------------------------------------------- */

static enum fb_column_type
type_of(const char *values)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    char *text = mem_printf("v,w\n%s", values);
    enum fb_column_type type;

    put("mem:x/a.csv", text);
    start(&kit);
    type = info_of(&kit)->columns[0].type;
    ck_assert(info_of(&kit)->inferred);
    end(&kit);
    free(text);
    return type;
}

START_TEST(decides_types_by_every_value)
{
    ck_assert_int_eq(type_of("1,\n-2,\n,\n"), FB_C_INTEGER);
    ck_assert_int_eq(type_of("1,\n2.5,\n"), FB_C_NUMBER);
    ck_assert_int_eq(type_of("true,\nFALSE,\n"), FB_C_BOOLEAN);
    ck_assert_int_eq(type_of("0,\n1,\n"), FB_C_INTEGER);
    ck_assert_int_eq(type_of("2025-02-28,\n"), FB_C_DATE);
    ck_assert_int_eq(type_of("2025/02/28,\n2025-01-01,\n"), FB_C_DATE);
    ck_assert_int_eq(type_of("2025-02-29,\n"), FB_C_STRING);
    ck_assert_int_eq(type_of("2025-02-28T10:00:00Z,\n"), FB_C_DATETIME);
    ck_assert_int_eq(type_of("1,\nx,\n"), FB_C_STRING);
    ck_assert_int_eq(type_of(",\n,\n"), FB_C_STRING);
}
END_TEST

START_TEST(keeps_numbers_that_are_names_as_texts)
{
    ck_assert_int_eq(type_of("007,\n12,\n"), FB_C_STRING);
    ck_assert_int_eq(type_of("12345678901234567890,\n"), FB_C_STRING);
    ck_assert_int_eq(type_of("1234567890123456789,\n"), FB_C_STRING);
    ck_assert_int_eq(type_of("123456789012345678,\n"), FB_C_INTEGER);
    ck_assert_int_eq(type_of("0,\n0.5,\n"), FB_C_NUMBER);
}
END_TEST

START_TEST(looks_at_as_many_rows_as_it_is_told)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\", infer_rows: 2}");

    put("mem:x/a.csv", "v\n1\n2\nx\n");
    start(&kit);
    ck_assert_int_eq(info_of(&kit)->columns[0].type, FB_C_INTEGER);
    end(&kit);
    kit = begin("t: {location: \"mem:x/\", infer_rows: 0}");
    put("mem:x/a.csv", "v\n1\n2\nx\n");
    start(&kit);
    ck_assert_int_eq(info_of(&kit)->columns[0].type, FB_C_STRING);
    end(&kit);
}
END_TEST

START_TEST(needs_data_to_infer_from)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    const struct fb_table *info;

    start(&kit);
    ck_assert_int_eq(
        kit.services->at(kit.services->arg, 0, true, &info, &kit.err), -1);
    ck_assert_int_eq(kit.err.code, FB_E_MISSING);
    ck_assert_ptr_nonnull(strstr(kit.err.hint, "schema: FILE"));
    end(&kit);
}
END_TEST

START_TEST(looks_at_no_data_while_only_checked)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    const struct fb_table *info;
    struct fb_rows *rows;

    kit.tables = tables_new(kit.pipeline, &kit.context, false);
    kit.services = tables_services(kit.tables);
    ck_assert_int_eq(
        kit.services->at(kit.services->arg, 0, true, &info, &kit.err), 0);
    ck_assert_ptr_null(info->columns);
    ck_assert_int_eq(kit.services->open(kit.services->arg, 0, &rows, &kit.err),
                     -1);
    ck_assert_int_eq(kit.err.code, FB_E_BUG);
    end(&kit);
}
END_TEST

START_TEST(looks_at_no_data_for_who_must_not)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    const struct fb_table *info;

    start(&kit);
    ck_assert_int_eq(
        kit.services->at(kit.services->arg, 0, false, &info, &kit.err), 0);
    ck_assert(info->inferred);
    ck_assert_ptr_null(info->columns);
    end(&kit);
}
END_TEST

START_TEST(says_how_the_files_are_written)
{
    struct tables_kit kit = begin(
        "db.t: {location: \"mem:x/\", charset: cp932, format: tsv, dialect: "
        "{nullSequence: NA}}");
    const struct fb_table *info;

    put("mem:x/a.csv", "v\tw\n1\tNA\n");
    start(&kit);
    info = info_of(&kit);
    ck_assert_str_eq(info->database, "db");
    ck_assert_str_eq(info->table, "t");
    ck_assert_str_eq(info->location, "mem:x/");
    ck_assert_str_eq(info->format, "tsv");
    ck_assert_str_eq(info->charset, "cp932");
    ck_assert_str_eq(info->null_sequence, "NA");
    ck_assert_int_eq(info->delimiter, '\t');
    ck_assert(info->header);
    expect_rows(&kit, "1|-\n");
    end(&kit);
}
END_TEST

/* --- several threads
 * ------------------------------------------------------------ */

struct crowd {
    const struct step_tables *services;
    struct fb_rows *rows;
    atomic_uint_fast64_t sum, count;
};

static void *
read_some(void *arg)
{
    struct crowd *crowd = arg;
    struct fb_error err = FB_ERROR_INIT;
    struct fb_batch *pub;

    while (crowd->services->next(crowd->rows, &pub, &err) == 0 && pub != NULL) {
        struct batch *batch = batch_of(pub);
        const struct fb_value *values = batch_values(batch, 0);

        for (uint32_t r = 0; r < batch_rows(batch); r++)
            atomic_fetch_add(&crowd->sum, (uint64_t)values[r].as.i);
        atomic_fetch_add(&crowd->count, batch_rows(batch));
        batch_free(batch);
    }
    return NULL;
}

START_TEST(gives_every_row_once_to_many_threads)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    struct crowd crowd = {.services = NULL};
    size_t rows = 200000, size = 0;
    char *text = mem_alloc(rows * 8 + 8);
    pthread_t threads[4];

    size += (size_t)sprintf(text, "v\n");
    for (size_t i = 0; i < rows; i++)
        size += (size_t)sprintf(text + size, "%zu\n", i);
    put("mem:x/a.csv", text);
    put("mem:x/b.csv", text);
    start(&kit);
    crowd.services = kit.services;
    ck_assert_int_eq(
        kit.services->open(kit.services->arg, 0, &crowd.rows, &kit.err), 0);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        pthread_create(&threads[i], NULL, read_some, &crowd);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        pthread_join(threads[i], NULL);
    kit.services->close(crowd.rows);
    ck_assert_uint_eq(crowd.count, 2 * rows);
    ck_assert_uint_eq(crowd.sum, rows * (rows - 1));
    end(&kit);
    free(text);
}
END_TEST

/* As an engine does: it has not asked for columns, and its threads begin with
 * the rows of a table each. */
static void *
open_and_read(void *arg)
{
    struct tables_kit *kit = arg;
    struct fb_error error = FB_ERROR_INIT;
    struct fb_batch *batch;
    struct fb_rows *rows;
    uintptr_t count = 0;

    if (kit->services->open(kit->services->arg, 0, &rows, &error) != 0)
        return NULL;
    while (kit->services->next(rows, &batch, &error) == 0 && batch != NULL) {
        count += batch_rows(batch_of(batch));
        fb_batch_free(batch);
    }
    kit->services->close(rows);
    return (void *)count;
}

START_TEST(is_opened_by_many_threads_at_once)
{
    struct tables_kit kit = begin("t: {location: \"mem:x/\"}");
    pthread_t threads[4];

    put("mem:x/a.csv", "id,name\n1,a\n2,b\n");
    put("mem:x/b.csv", "name,id\nc,3\n");
    start(&kit);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
        pthread_create(&threads[i], NULL, open_and_read, &kit);
    for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
        void *count;

        pthread_join(threads[i], &count);
        ck_assert_uint_eq((uintptr_t)count, 3);
    }
    end(&kit);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("table");
    TCase *objects = tcase_create("objects");
    TCase *types = tcase_create("types");

    tcase_add_test(objects, reads_all_objects_in_the_order_of_their_uris);
    tcase_add_test(objects, names_the_object_that_rows_come_from);
    tcase_add_test(objects, gives_rows_that_outlive_their_object);
    tcase_add_test(objects, fails_again_with_the_first_failure);
    tcase_add_test(objects, leaves_out_hidden_and_empty_objects);
    tcase_add_test(objects, binds_columns_by_name_in_every_object);
    tcase_add_test(objects, refuses_an_object_with_other_columns);
    tcase_add_test(objects, refuses_a_row_that_cannot_be_read);
    tcase_add_test(objects, takes_columns_from_the_path);
    tcase_add_test(objects, refuses_an_object_outside_of_the_partitions);
    tcase_add_test(objects, gives_every_row_once_to_many_threads);
    tcase_add_test(objects, is_opened_by_many_threads_at_once);
    suite_add_tcase(suite, objects);
    tcase_add_test(types, decides_types_by_every_value);
    tcase_add_test(types, keeps_numbers_that_are_names_as_texts);
    tcase_add_test(types, looks_at_as_many_rows_as_it_is_told);
    tcase_add_test(types, needs_data_to_infer_from);
    tcase_add_test(types, looks_at_no_data_while_only_checked);
    tcase_add_test(types, looks_at_no_data_for_who_must_not);
    tcase_add_test(types, says_how_the_files_are_written);
    suite_add_tcase(suite, types);
    return suite;
}
