/*
 * tests/unit/test_arrow.c: the buffers of the Arrow C Data Interface, checked
 * and made by hand as the specification draws them.
 */
#include "batch/arrow.h"

#include "unit/blocks.h"
#include "unit/main.h"
#include "util/error.h"

static struct arena *arena;
static struct fb_error err;
static struct columns columns;
static struct ArrowArray array;
static struct ArrowSchema schema;

static void
setup(void)
{
    static const char *const names[] = {"s", "i", "n", "b", "d", "t", "c"};
    struct fb_column *items;

    arena = arena_new();
    err = (struct fb_error)FB_ERROR_INIT;
    columns = *columns_of_names(arena, names, 7);
    items = arena_array(arena, 7, sizeof(*items));
    memcpy(items, columns.items, 7 * sizeof(*items));
    for (int i = 0; i < 7; i++)
        items[i].type = (enum fb_column_type)(FB_C_STRING + i);
    columns.items = items;
}

static void
teardown(void)
{
    arena_free(arena);
}

static const char rows[] =
    "\xe8\xa1\xa8,1,0.5,true,1970-01-02,1970-01-01T00:00:01Z,00:00:02\n"
    "dropped,x,x,x,x,x,x\n"
    ",,,,,,\n"
    "\"a,b\",-9,-1e3,false,1969-12-31,1969-12-31T23:59:59,23:59:59\n";

static struct batch *
batch_of_rows(void)
{
    struct batch *b =
        batch_of_block(block_of(rows, 7, 1, false), &columns, NULL);

    batch_filter(b, (const uint64_t[]){0xd});
    return b;
}

static void
export_rows(void)
{
    struct batch *b = batch_of_rows();

    ck_assert_int_eq(batch_export(b, &array, &schema, &err), 0);
    batch_free(b); /* what was exported does not depend on it */
}

static void
release(void)
{
    array.release(&array);
    schema.release(&schema);
    ck_assert(array.release == NULL);
    ck_assert(schema.release == NULL);
}

static const unsigned char *
bytes_of(int child, int buffer)
{
    return array.children[child]->buffers[buffer];
}

static int64_t
word_of(int child, int row)
{
    return ((const int64_t *)array.children[child]->buffers[1])[row];
}

START_TEST(exports_a_struct_of_the_selected_rows)
{
    export_rows();
    ck_assert_str_eq(schema.format, "+s");
    ck_assert_int_eq(schema.n_children, 7);
    ck_assert_int_eq(array.n_children, 7);
    ck_assert_int_eq(array.length, 3);
    ck_assert_int_eq(array.n_buffers, 1);
    ck_assert_ptr_null(array.buffers[0]);
    ck_assert_int_eq(array.null_count, 0);
    release();
}
END_TEST

START_TEST(exports_each_type_by_its_format)
{
    static const char *const formats[] = {"u",   "l",       "g",  "b",
                                          "tdD", "tsu:UTC", "ttu"};

    export_rows();
    for (int i = 0; i < 7; i++) {
        ck_assert_str_eq(schema.children[i]->format, formats[i]);
        ck_assert_str_eq(schema.children[i]->name, columns.items[i].name);
        ck_assert_int_eq(schema.children[i]->flags, ARROW_FLAG_NULLABLE);
        ck_assert_int_eq(array.children[i]->n_buffers, i == 0 ? 3 : 2);
        ck_assert_int_eq(array.children[i]->length, 3);
        ck_assert_int_eq(array.children[i]->offset, 0);
    }
    release();
}
END_TEST

START_TEST(exports_nulls_by_the_validity_bitmap)
{
    export_rows();
    for (int i = 0; i < 7; i++) {
        ck_assert_int_eq(array.children[i]->null_count, 1);
        ck_assert_uint_eq(bytes_of(i, 0)[0], 0x5);
    }
    release();
}
END_TEST

START_TEST(exports_no_bitmap_when_nothing_is_null)
{
    struct batch *b = batch_of_rows();

    batch_filter(b, (const uint64_t[]){0x9});
    ck_assert_int_eq(batch_export(b, &array, &schema, &err), 0);
    ck_assert_int_eq(array.children[1]->null_count, 0);
    ck_assert_ptr_null(array.children[1]->buffers[0]);
    release();
    batch_free(b);
}
END_TEST

START_TEST(exports_texts_by_offsets)
{
    static const int32_t offsets[] = {0, 3, 3, 6};

    export_rows();
    ck_assert_mem_eq(bytes_of(0, 1), offsets, sizeof(offsets));
    ck_assert_mem_eq(bytes_of(0, 2),
                     "\xe8\xa1\xa8"
                     "a,b",
                     6);
    release();
}
END_TEST

START_TEST(exports_values_in_their_units)
{
    double d;

    export_rows();
    ck_assert_int_eq(word_of(1, 0), 1);
    ck_assert_int_eq(word_of(1, 2), -9);
    memcpy(&d, bytes_of(2, 1) + 16, sizeof(d));
    ck_assert(d == -1000.0);
    ck_assert_uint_eq(bytes_of(3, 1)[0], 0x1);
    ck_assert_int_eq(((const int32_t *)array.children[4]->buffers[1])[0], 1);
    ck_assert_int_eq(((const int32_t *)array.children[4]->buffers[1])[2], -1);
    ck_assert_int_eq(word_of(5, 0), 1000000);
    ck_assert_int_eq(word_of(5, 2), -1000000);
    ck_assert_int_eq(word_of(6, 0), 2000000);
    release();
}
END_TEST

START_TEST(exports_no_rows_at_all)
{
    struct batch *b = batch_of_rows();

    batch_filter(b, (const uint64_t[]){0});
    ck_assert_int_eq(batch_export(b, &array, &schema, &err), 0);
    ck_assert_int_eq(array.length, 0);
    ck_assert_int_eq(((const int32_t *)array.children[0]->buffers[1])[0], 0);
    release();
    batch_free(b);
}
END_TEST

START_TEST(lets_a_consumer_move_a_child_away)
{
    struct ArrowArray moved;

    export_rows();
    moved = *array.children[0];
    array.children[0]->release = NULL;
    release();
    ck_assert_mem_eq(moved.buffers[2], "\xe8\xa1\xa8", 3);
    moved.release(&moved);
}
END_TEST

START_TEST(refuses_to_export_a_cell_that_is_not_of_its_type)
{
    struct batch *b =
        batch_of_block(block_of(rows, 7, 10, false), &columns, NULL);

    ck_assert_int_eq(batch_export(b, &array, &schema, &err), -1);
    ck_assert_int_eq(err.code, FB_E_INPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "line 11, column 'i': 'x'"));
    batch_free(b);
}
END_TEST

START_TEST(imports_what_it_exported)
{
    struct batch *b;

    export_rows();
    ck_assert_int_eq(batch_import(arena, &array, &schema, NULL, &b, &err), 0);
    ck_assert(array.release == NULL);
    ck_assert(schema.release == NULL);
    ck_assert_uint_eq(batch_rows(b), 3);
    for (uint32_t i = 0; i < 7; i++) {
        ck_assert_str_eq(batch_columns(b)->items[i].name,
                         columns.items[i].name);
        ck_assert_int_eq(batch_columns(b)->items[i].type,
                         columns.items[i].type);
        ck_assert_uint_eq(batch_cells(b, i)[1].flags, FB_CELL_NULL);
        ck_assert_uint_eq(batch_values(b, i)[0].state, FB_V_OK);
    }
    ck_assert_mem_eq(batch_cells(b, 5)[2].ptr, "1969-12-31T23:59:59Z", 20);
    ck_assert(!batch_values(b, 3)[2].as.b);
    batch_free(b);
}
END_TEST

/* --- arrays made by hand --- */

static int releases;

static void
count_array_release(struct ArrowArray *a)
{
    releases++;
    a->release = NULL;
}

static void
count_schema_release(struct ArrowSchema *s)
{
    releases++;
    s->release = NULL;
}

static struct ArrowArray child, *children[] = {&child};
static struct ArrowSchema child_schema, *child_schemas[] = {&child_schema};
static const void *buffers[3];
static const void *no_buffers[1];

/* One column 'x' of this format; validity, items and bytes are buffers. */
static void
make(const char *format, int64_t length, const void *validity,
     const void *items, const void *bytes)
{
    int64_t n = strcmp(format, "n") == 0   ? 0
                : strcmp(format, "u") == 0 ? 3
                : strcmp(format, "U") == 0 ? 3
                                           : 2;

    buffers[0] = validity;
    buffers[1] = items;
    buffers[2] = bytes;
    child = (struct ArrowArray){.length = length,
                                .null_count = -1,
                                .n_buffers = n,
                                .buffers = buffers,
                                .release = count_array_release};
    array = (struct ArrowArray){.length = length,
                                .n_buffers = 1,
                                .buffers = no_buffers,
                                .n_children = 1,
                                .children = children,
                                .release = count_array_release};
    child_schema = (struct ArrowSchema){
        .format = format, .name = "x", .release = count_schema_release};
    schema = (struct ArrowSchema){.format = "+s",
                                  .n_children = 1,
                                  .children = child_schemas,
                                  .release = count_schema_release};
    releases = 0;
}

/* The cells of the column, '|' between them, '~' for NULL. */
static const char *
texts(enum fb_column_type type)
{
    static char out[512];
    struct batch *b = NULL;
    size_t at = 0;

    ck_assert_msg(batch_import(NULL, &array, &schema, NULL, &b, &err) == 0,
                  "%s", err.message);
    ck_assert_int_eq(releases, 2);
    ck_assert_int_eq(batch_columns(b)->items[0].type, type);
    for (uint32_t r = 0; r < batch_rows(b); r++) {
        const struct fb_cell *cell = &batch_cells(b, 0)[r];

        at += (size_t)snprintf(
            out + at, sizeof(out) - at, "%s%.*s", r > 0 ? "|" : "",
            cell->flags & FB_CELL_NULL ? 1 : (int)cell->len,
            cell->flags & FB_CELL_NULL ? "~" : (const char *)cell->ptr);
    }
    batch_free(b);
    return out;
}

static const char *
refusal(void)
{
    struct batch *b = NULL;

    ck_assert_int_eq(batch_import(NULL, &array, &schema, NULL, &b, &err), -1);
    ck_assert_int_eq(releases, 2);
    ck_assert_ptr_null(b);
    ck_assert_int_eq(err.code, FB_E_INPUT);
    return err.message;
}

static const unsigned char first_only[] = {0x1};
static const unsigned char all[] = {0xff};

START_TEST(imports_integers_of_every_width)
{
    make("c", 2, all, (const int8_t[]){-128, 127}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "-128|127");
    make("C", 2, all, (const uint8_t[]){0, 255}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "0|255");
    make("s", 2, all, (const int16_t[]){-32768, 7}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "-32768|7");
    make("S", 1, all, (const uint16_t[]){65535}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "65535");
    make("i", 1, all, (const int32_t[]){INT32_MIN}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "-2147483648");
    make("I", 1, all, (const uint32_t[]){UINT32_MAX}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "4294967295");
    make("l", 1, all, (const int64_t[]){INT64_MIN}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "-9223372036854775808");
    make("L", 1, all, (const uint64_t[]){UINT64_MAX}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "18446744073709551615");
}
END_TEST

START_TEST(imports_nulls)
{
    make("l", 3, first_only, (const int64_t[]){1, 2, 3}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "1|~|~");
    make("l", 1, NULL, (const int64_t[]){1}, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER), "1");
    make("n", 2, NULL, NULL, NULL);
    ck_assert_str_eq(texts(FB_C_STRING), "~|~");
}
END_TEST

START_TEST(imports_floats_by_their_shortest_text)
{
    make("f", 3, all, (const float[]){0.1F, 16777216, -2.5F}, NULL);
    ck_assert_str_eq(texts(FB_C_NUMBER), "0.1|16777216|-2.5");
    make("g", 2, all, (const double[]){0.1, 0.1 + 0.2}, NULL);
    ck_assert_str_eq(texts(FB_C_NUMBER), "0.1|0.30000000000000004");
}
END_TEST

START_TEST(imports_booleans)
{
    make("b", 3, all, (const unsigned char[]){0x5}, NULL);
    ck_assert_str_eq(texts(FB_C_BOOLEAN), "true|false|true");
}
END_TEST

START_TEST(imports_texts_with_short_and_long_offsets)
{
    make("u", 3, all, (const int32_t[]){0, 1, 1, 4}, "abcd");
    ck_assert_str_eq(texts(FB_C_STRING), "a|~|bcd");
    make("U", 2, all, (const int64_t[]){1, 2, 4}, "abcd");
    ck_assert_str_eq(texts(FB_C_STRING), "b|cd");
    make("u", 1, all, (const int32_t[]){0, 0}, NULL);
    ck_assert_str_eq(texts(FB_C_STRING), "~");
}
END_TEST

START_TEST(imports_dates_and_moments_of_every_unit)
{
    make("tdD", 2, all, (const int32_t[]){0, -719162}, NULL);
    ck_assert_str_eq(texts(FB_C_DATE), "1970-01-01|0001-01-01");
    make("tdm", 2, all, (const int64_t[]){86400000, -86400000}, NULL);
    ck_assert_str_eq(texts(FB_C_DATE), "1970-01-02|1969-12-31");
    make("tss:", 1, all, (const int64_t[]){-1}, NULL);
    ck_assert_str_eq(texts(FB_C_DATETIME), "1969-12-31T23:59:59Z");
    make("tsm:Asia/Tokyo", 1, all, (const int64_t[]){1500}, NULL);
    ck_assert_str_eq(texts(FB_C_DATETIME), "1970-01-01T00:00:01.500000Z");
    make("tsu:UTC", 1, all, (const int64_t[]){1}, NULL);
    ck_assert_str_eq(texts(FB_C_DATETIME), "1970-01-01T00:00:00.000001Z");
    make("tsn:", 1, all, (const int64_t[]){-1000}, NULL);
    ck_assert_str_eq(texts(FB_C_DATETIME), "1969-12-31T23:59:59.999999Z");
}
END_TEST

START_TEST(imports_times_of_every_unit)
{
    make("tts", 1, all, (const int32_t[]){86399}, NULL);
    ck_assert_str_eq(texts(FB_C_TIME), "23:59:59");
    make("ttm", 1, all, (const int32_t[]){1}, NULL);
    ck_assert_str_eq(texts(FB_C_TIME), "00:00:00.001000");
    make("ttu", 1, all, (const int64_t[]){60000000}, NULL);
    ck_assert_str_eq(texts(FB_C_TIME), "00:01:00");
    make("ttn", 1, all, (const int64_t[]){1000}, NULL);
    ck_assert_str_eq(texts(FB_C_TIME), "00:00:00.000001");
}
END_TEST

START_TEST(imports_decimals_with_all_their_digits)
{
    /* 123.45, -0.05, -2^127 and 0 as 128 bit little endian */
    static const uint64_t words[] = {
        12345, 0, (uint64_t)-5, UINT64_MAX, 0, (uint64_t)1 << 63, 0, 0};

    make("d:10,2", 2, all, words, NULL);
    ck_assert_str_eq(texts(FB_C_NUMBER), "123.45|-0.05");
    make("d:38,0,128", 4, all, words, NULL);
    ck_assert_str_eq(texts(FB_C_INTEGER),
                     "12345|-5|-170141183460469231731687303715884105728|0");
    make("d:38,38", 1, all, words, NULL);
    ck_assert_str_eq(texts(FB_C_NUMBER),
                     "0.00000000000000000000000000000000012345");
}
END_TEST

START_TEST(imports_from_offsets_of_the_struct_and_of_the_column)
{
    static const unsigned char validity[] = {0x2f};

    make("i", 2, validity, (const int32_t[]){0, 1, 2, 3, 4, 5}, NULL);
    array.offset = 1;
    child.offset = 2;
    child.length = 3;
    ck_assert_str_eq(texts(FB_C_INTEGER), "3|~");
}
END_TEST

START_TEST(imports_rows_that_are_null_as_a_whole)
{
    const void *struct_buffers[] = {first_only};

    make("i", 2, all, (const int32_t[]){1, 2}, NULL);
    array.buffers = struct_buffers;
    array.null_count = 1;
    ck_assert_str_eq(texts(FB_C_INTEGER), "1|~");
}
END_TEST

START_TEST(names_columns_that_have_no_name)
{
    struct batch *b;

    make("i", 0, NULL, NULL, NULL);
    child_schema.name = NULL;
    ck_assert_int_eq(batch_import(NULL, &array, &schema, NULL, &b, &err), 0);
    ck_assert_str_eq(batch_columns(b)->items[0].name, "column_1");
    batch_free(b);
}
END_TEST

START_TEST(refuses_formats_it_does_not_know)
{
    static const char *const formats[] = {
        "+l",    "z",  "w:16", "vu",   "d:40,2", "d:10,2,256", "d:5,-1",
        "d:5,6", "ts", "tD",   "tsx:", "",       "uu",         "d:10"};

    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        make(formats[i], 0, NULL, NULL, NULL);
        ck_assert_ptr_nonnull(strstr(refusal(), "column 'x': "));
        ck_assert_ptr_nonnull(strstr(err.message, formats[i]));
        ck_assert_ptr_nonnull(strstr(err.hint, "cast"));
    }
}
END_TEST

START_TEST(refuses_values_that_we_cannot_write)
{
    make("tdD", 2, all, (const int32_t[]){0, 2932897}, NULL);
    ck_assert_ptr_nonnull(strstr(refusal(), "column 'x': row 2 "));
    make("tdm", 1, all, (const int64_t[]){1}, NULL);
    ck_assert_ptr_nonnull(strstr(refusal(), "time of day"));
    make("tss:", 1, all, (const int64_t[]){INT64_MAX}, NULL);
    ck_assert_ptr_nonnull(strstr(refusal(), "9999"));
    make("tsn:", 1, all, (const int64_t[]){1}, NULL);
    ck_assert_ptr_nonnull(strstr(refusal(), "microseconds"));
    make("ttu", 1, all, (const int64_t[]){INT64_C(86400000000)}, NULL);
    ck_assert_ptr_nonnull(strstr(refusal(), "24:00"));
}
END_TEST

START_TEST(ignores_what_stands_behind_a_null)
{
    make("tdD", 2, first_only, (const int32_t[]){0, INT32_MAX}, NULL);
    ck_assert_str_eq(texts(FB_C_DATE), "1970-01-01|~");
}
END_TEST

START_TEST(refuses_texts_that_are_none)
{
    make("u", 1, all, (const int32_t[]){0, 2}, "\x82\xa0");
    ck_assert_ptr_nonnull(strstr(refusal(), "UTF-8"));
    make("u", 1, all, (const int32_t[]){2, 1}, "abc");
    ck_assert_ptr_nonnull(strstr(refusal(), "ends before"));
    make("u", 1, all, (const int32_t[]){-1, 1}, "abc");
    ck_assert_ptr_nonnull(strstr(refusal(), "ends before"));
    make("u", 1, all, (const int32_t[]){0, 1}, NULL);
    ck_assert_ptr_nonnull(strstr(refusal(), "no bytes"));
}
END_TEST

START_TEST(refuses_arrays_that_contradict_themselves)
{
    make("i", 2, all, (const int32_t[]){0, 1}, NULL);
    child.length = 1;
    ck_assert_ptr_nonnull(strstr(refusal(), "too few"));
    make("i", 2, all, (const int32_t[]){0, 1}, NULL);
    child.n_buffers = 3;
    ck_assert_ptr_nonnull(strstr(refusal(), "3 buffers"));
    make("i", 2, all, NULL, NULL);
    ck_assert_ptr_nonnull(strstr(refusal(), "lacks a buffer"));
    make("i", 2, all, (const int32_t[]){0, 1}, NULL);
    schema.n_children = 0;
    ck_assert_ptr_nonnull(strstr(refusal(), "1 columns"));
    make("i", -1, all, (const int32_t[]){0, 1}, NULL);
    (void)refusal();
    make("i", 2, all, (const int32_t[]){0, 1}, NULL);
    child.dictionary = &child;
    ck_assert_ptr_nonnull(strstr(refusal(), "dictionary"));
    make("i", 2, all, (const int32_t[]){0, 1}, NULL);
    schema.format = "i";
    ck_assert_ptr_nonnull(strstr(refusal(), "no struct"));
}
END_TEST

static TCase *
exports(void)
{
    TCase *tc = tcase_create("export");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, exports_a_struct_of_the_selected_rows);
    tcase_add_test(tc, exports_each_type_by_its_format);
    tcase_add_test(tc, exports_nulls_by_the_validity_bitmap);
    tcase_add_test(tc, exports_no_bitmap_when_nothing_is_null);
    tcase_add_test(tc, exports_texts_by_offsets);
    tcase_add_test(tc, exports_values_in_their_units);
    tcase_add_test(tc, exports_no_rows_at_all);
    tcase_add_test(tc, lets_a_consumer_move_a_child_away);
    tcase_add_test(tc, refuses_to_export_a_cell_that_is_not_of_its_type);
    tcase_add_test(tc, imports_what_it_exported);
    return tc;
}

static TCase *
imports(void)
{
    TCase *tc = tcase_create("import");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, imports_integers_of_every_width);
    tcase_add_test(tc, imports_nulls);
    tcase_add_test(tc, imports_floats_by_their_shortest_text);
    tcase_add_test(tc, imports_booleans);
    tcase_add_test(tc, imports_texts_with_short_and_long_offsets);
    tcase_add_test(tc, imports_dates_and_moments_of_every_unit);
    tcase_add_test(tc, imports_times_of_every_unit);
    tcase_add_test(tc, imports_decimals_with_all_their_digits);
    tcase_add_test(tc, imports_from_offsets_of_the_struct_and_of_the_column);
    tcase_add_test(tc, imports_rows_that_are_null_as_a_whole);
    tcase_add_test(tc, names_columns_that_have_no_name);
    tcase_add_test(tc, refuses_formats_it_does_not_know);
    tcase_add_test(tc, refuses_values_that_we_cannot_write);
    tcase_add_test(tc, ignores_what_stands_behind_a_null);
    tcase_add_test(tc, refuses_texts_that_are_none);
    tcase_add_test(tc, refuses_arrays_that_contradict_themselves);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("arrow");

    suite_add_tcase(suite, exports());
    suite_add_tcase(suite, imports());
    return suite;
}
