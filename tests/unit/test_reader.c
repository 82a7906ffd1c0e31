/*
 * codec/reader.h: bytes in, batches out.
 */
#include "codec/reader.h"

#include "unit/codec_kit.h"
#include "util/limits.h"
#include "util/mem.h"

static void
expect(const char *bytes, const struct format *format, const char *shown)
{
    struct fb_error err = FB_ERROR_INIT;
    char *text = kit_read(bytes, strlen(bytes), 0, format, NULL, &err);

    ck_assert_msg(text != NULL, "%s", err.message);
    ck_assert_str_eq(text, shown);
    free(text);
}

static void
expect_failure(const void *bytes, size_t size, const struct format *format,
               enum fb_code code, const char *message)
{
    struct fb_error err = FB_ERROR_INIT;
    char *text = kit_read(bytes, size, 0, format, NULL, &err);

    ck_assert_msg(text == NULL, "read as: %s", text);
    ck_assert_str_eq(err.message, message);
    ck_assert_int_eq(err.code, code);
}

START_TEST(reads_rows_with_their_lines)
{
    struct format f = kit_format();

    expect("a,b\n1,2\n3,4\n", &f, "(a)(b)\n2:[1][2]\n3:[3][4]\n");
}
END_TEST

START_TEST(takes_any_line_end_and_none_at_the_end)
{
    struct format f = kit_format();

    expect("a,b\r\n1,2\r3,4\n5,6", &f,
           "(a)(b)\n2:[1][2]\n3:[3][4]\n4:[5][6]\n");
}
END_TEST

START_TEST(keeps_spaces_quotes_and_line_ends_inside_cells)
{
    struct format f = kit_format();

    expect("a,b\n x ,\"1\r\n2\"\n\"\"\"q\"\"\",\"\"\n", &f,
           "(a)(b)\n2:[ x ][\"1\r\n2\"]\n4:[\"\"q\"\"][\"\"]\n");
}
END_TEST

START_TEST(skips_blank_lines)
{
    struct format f = kit_format();

    expect("\n\na,b\n\n1,2\n\n", &f, "(a)(b)\n5:[1][2]\n");
}
END_TEST

START_TEST(rejects_rows_with_too_few_or_too_many_cells)
{
    struct format f = kit_format();

    expect("id,Status\n1\n2,x\n3,y,z\n", &f,
           "(id)(Status)\n3:[2][x]\n"
           "2!missing-cell Status: row has 1 of 2 cells; first missing is "
           "'Status'\n"
           "4!extra-cell -: row has 3 cells for 2 columns\n");
}
END_TEST

START_TEST(loses_one_row_to_a_stray_quote)
{
    struct format f = kit_format();

    expect("a,b\n1,x\"y\n2,\"x\"y\n3,4\n", &f,
           "(a)(b)\n4:[3][4]\n"
           "2!!quote-error b: a quote stands inside an unquoted cell on line "
           "2\n"
           "3!!quote-error b: text follows a closing quote on line 3\n");
}
END_TEST

START_TEST(loses_one_row_to_a_quote_that_is_never_closed)
{
    struct format f = kit_format();

    expect("a,b\n1,2\n3,\"4\n5,6\n7,8\n", &f,
           "(a)(b)\n2:[1][2]\n4:[5][6]\n5:[7][8]\n"
           "3!!quote-error b: a quote opened on line 3 is not closed\n");
}
END_TEST

START_TEST(rejects_control_characters_by_name)
{
    struct format f = kit_format();
    struct fb_error err;
    static const char bytes[] = "a,b\n1,x\0y\n2,\"\"\"\x01\"\n3,\t\n";
    char *text = kit_read(bytes, sizeof(bytes) - 1, 0, &f, NULL, &err);

    ck_assert_str_eq(text,
                     "(a)(b)\n4:[3][\t]\n"
                     "2!control-character b: column 'b' holds the control "
                     "character U+0000 (NUL)\n"
                     "3!control-character b: column 'b' holds the control "
                     "character U+0001\n");
    free(text);
}
END_TEST

START_TEST(refuses_an_input_without_a_header)
{
    struct format f = kit_format();

    expect_failure("", 0, &f, FB_E_INPUT,
                   "'in.csv': has no header: there is no record in it");
    expect_failure("\xef\xbb\xbf\n\n", 5, &f, FB_E_INPUT,
                   "'in.csv': has no header: there is no record in it");
}
END_TEST

START_TEST(has_no_rows_behind_a_lone_header)
{
    struct format f = kit_format();

    expect("a,b", &f, "(a)(b)\n");
}
END_TEST

START_TEST(strips_a_byte_order_mark_from_the_first_name)
{
    struct format f = kit_format();

    expect("\xef\xbb\xbf\"a\",b\n1,2\n", &f, "(a)(b)\n2:[1][2]\n");
}
END_TEST

START_TEST(refuses_a_byte_order_mark_of_another_charset)
{
    struct format f = kit_format();

    expect_failure("\xff\xfe\x61\x00", 4, &f, FB_E_INPUT,
                   "'in.csv': begins with the byte order mark of UTF-16LE, "
                   "but charset 'utf-8' was declared");
    f.charset = "cp932";
    expect_failure("\xef\xbb\xbf"
                   "a\n1\n",
                   7, &f, FB_E_INPUT,
                   "'in.csv': begins with the byte order mark of UTF-8, but "
                   "charset 'cp932' was declared");
}
END_TEST

START_TEST(reads_utf_16_of_either_order)
{
    struct format f = kit_format();
    struct fb_error err;
    static const char little[] = "\xff\xfe"
                                 "a\0,\0b\0\r\0\n\0"
                                 "1\0,\0\x42\x30\n\0";
    static const char big[] = "\xfe\xff"
                              "\0a\0,\0b\0\n"
                              "\0"
                              "1\0,\x30\x42";
    char *text;

    f.charset = "utf-16";
    text = kit_read(little, sizeof(little) - 1, 1, &f, NULL, &err);
    ck_assert_msg(text != NULL, "%s", err.message);
    ck_assert_str_eq(text, "(a)(b)\n2:[1][あ]\n");
    free(text);
    text = kit_read(big, sizeof(big) - 1, 3, &f, NULL, &err);
    ck_assert_msg(text != NULL, "%s", err.message);
    ck_assert_str_eq(text, "(a)(b)\n2:[1][あ]\n");
    free(text);
}
END_TEST

START_TEST(reads_cp932_whose_second_bytes_look_like_ascii)
{
    struct format f = kit_format();

    f.charset = "cp932";
    /* 表 95 5C, ソ 83 5C, 能 94 5C, ｱ B1, ① 87 40, 髙 FB FC */
    expect("a,b\n\x95\x5c,\x83\x5c\n\"\x94\x5c\",\xb1\x87\x40\xfb\xfc\n", &f,
           "(a)(b)\n2:[表][ソ]\n3:[\"能\"][ｱ①髙]\n");
}
END_TEST

START_TEST(fails_on_bad_bytes_with_line_column_offset_and_cause)
{
    struct format f = kit_format();
    struct fb_error err = FB_ERROR_INIT;
    static const char bytes[] = "id,name\n1,ok\n2,\x95\x5c\x82\xa0\n";

    ck_assert_ptr_null(kit_read(bytes, sizeof(bytes) - 1, 0, &f, NULL, &err));
    ck_assert_str_eq(err.message,
                     "'in.csv': line 3, column 'name', byte 15: byte 95 is no "
                     "character of charset 'utf-8'");
    ck_assert_str_eq(err.hint, "the line looks like Shift-JIS from Windows "
                               "(charset: cp932)");
}
END_TEST

START_TEST(rejects_rows_with_bad_bytes_when_told_so)
{
    struct format f = kit_format();

    f.on_bad_char = BAD_CHAR_REJECT_ROW;
    expect("a,b\nx,\xff\ny,z\n", &f,
           "(a)(b)\n3:[y][z]\n"
           "2!encoding-error b: byte FF at byte 6 is no character of charset "
           "'utf-8': looks like a single-byte charset (charset: windows-1252 "
           "or its kin)\n");
}
END_TEST

START_TEST(replaces_bad_bytes_when_told_so)
{
    struct format f = kit_format();

    f.on_bad_char = BAD_CHAR_REPLACE;
    expect("a,b\nx,\xff\ny,z\n", &f, "(a)(b)\n2:[x][\xef\xbf\xbd]\n3:[y][z]\n");
}
END_TEST

START_TEST(gives_the_same_for_every_size_of_reads)
{
    static const char bytes[] =
        "a,b\r\n\"x\r\ny\",\"\"\"\"\r\r\n\xe3\x81\x82,2\r\n\"open\n3,4\r\n5,6";
    struct format f = kit_format();
    struct fb_error err;
    char *whole = kit_read(bytes, sizeof(bytes) - 1, 0, &f, NULL, &err);

    ck_assert_ptr_nonnull(whole);
    for (size_t step = 1; step < 40; step++) {
        char *text = kit_read(bytes, sizeof(bytes) - 1, step, &f, NULL, &err);

        ck_assert_str_eq(text, whole);
        free(text);
    }
    free(whole);
}
END_TEST

START_TEST(reads_records_over_many_batches)
{
    struct format f = kit_format();
    struct fb_error err = FB_ERROR_INIT;
    struct buf in, want;
    char *text;

    buf_init(&in, (size_t)1 << 24);
    buf_init(&want, (size_t)1 << 24);
    ck_assert_int_eq(buf_puts(&in, "a,b\n", &err), 0);
    ck_assert_int_eq(buf_puts(&want, "(a)(b)\n", &err), 0);
    for (int i = 0; i < 150000; i++) {
        ck_assert_int_eq(buf_printf(&in, &err, "%d,\"line\n%d\"\r\n", i, i), 0);
        ck_assert_int_eq(
            buf_printf(&want, &err, "%d:[%d][\"line\n%d\"]\n", 2 + 2 * i, i, i),
            0);
    }
    text = kit_read(in.data, in.size, 0, &f, NULL, &err);
    ck_assert_msg(text != NULL, "%s", err.message);
    ck_assert(strcmp(text, buf_text(&want)) == 0);
    free(text);
    buf_release(&in);
    buf_release(&want);
}
END_TEST

START_TEST(makes_a_batch_of_a_piece_with_any_tools)
{
    struct kit_bytes input = {(const unsigned char *)"a\n1\n2\n", 6, 0, 0};
    struct reader_options options = {.name = "in.csv",
                                     .input = {kit_read_bytes, &input},
                                     .format = kit_format()};
    struct fb_error err = FB_ERROR_INIT;
    struct reader *reader;
    struct reader_tools *tools[2];
    struct piece *piece, *last;
    struct batch *batch;

    ck_assert_int_eq(reader_open(&options, &reader, &err), 0);
    tools[0] = reader_tools_new(reader);
    tools[1] = reader_tools_new(reader);
    ck_assert_int_eq(reader_cut(reader, &piece, &err), 0);
    ck_assert_ptr_nonnull(piece);
    ck_assert_int_eq(reader_cut(reader, &last, &err), 0);
    ck_assert_ptr_null(last);
    ck_assert_int_eq(reader_make(reader, tools[1], piece, &batch, &err), 0);
    ck_assert_uint_eq(batch_rows(batch), 2);
    batch_free(batch);
    reader_tools_free(tools[0]);
    reader_tools_free(tools[1]);
    reader_free(reader);
}
END_TEST

START_TEST(numbers_columns_without_a_header)
{
    struct format f = kit_format();

    f.header = HEADER_NONE;
    expect("1,2\n3,4\n", &f, "(column_1)(column_2)\n1:[1][2]\n2:[3][4]\n");
    expect("", &f, "\n");
}
END_TEST

START_TEST(skips_comment_lines_at_the_start_of_records_only)
{
    struct format f = kit_format();

    f.dialect.comment_char = "#";
    expect("# made by hand\na,b\n#,\"\n\"1\n#2\",3\n", &f,
           "(a)(b)\n4:[\"1\n#2\"][3]\n");
}
END_TEST

START_TEST(reads_tabs)
{
    struct format f = kit_format();

    f.format = "tsv";
    expect("a\tb\n1,1\t2\n", &f, "(a)(b)\n2:[1,1][2]\n");
}
END_TEST

START_TEST(binds_columns_to_a_schema)
{
    static const struct fb_column items[] = {
        {.name = "id", .type = FB_C_INTEGER},
        {.name = "名前", .type = FB_C_STRING}};
    static const struct schema schema = {
        .path = "s.yaml", .columns = {.count = 2, .items = items}};
    struct format f = kit_format();
    struct fb_error err = FB_ERROR_INIT;
    char *text = kit_read("名前,ＩＤ\nx,1\n", strlen("名前,ＩＤ\nx,1\n"), 0, &f,
                          &schema, &err);

    ck_assert_msg(text != NULL, "%s", err.message);
    ck_assert_str_eq(text, "(名前)(id)\n2:[x][1]\n");
    free(text);
    ck_assert_ptr_null(kit_read("id\n", 3, 0, &f, &schema, &err));
    ck_assert_str_eq(err.message, "'in.csv': the header does not fit the "
                                  "schema 's.yaml': missing column '名前'");
}
END_TEST

START_TEST(reads_dialects_that_libcsv_does_not_know)
{
    struct format f = kit_format();

    f.dialect.escape_char = "\\";
    f.dialect.line_terminator = "|";
    f.dialect.delimiter = ";";
    expect("a;b|1\\;2;\"x|y\"|3|", &f,
           "(a)(b)\n2:[1;2][\"x|y\"]\n"
           "4!missing-cell b: row has 1 of 2 cells; first missing is 'b'\n");
}
END_TEST

START_TEST(counts_bytes_before_decompression)
{
    static const char bytes[] = "a\n1\n";
    struct kit_bytes input = {(const unsigned char *)bytes, 4, 0, 0};
    struct reader_options options = {.name = "in.csv",
                                     .input = {kit_read_bytes, &input},
                                     .format = kit_format()};
    struct fb_error err = FB_ERROR_INIT;
    struct reader *reader;

    ck_assert_int_eq(reader_open(&options, &reader, &err), 0);
    ck_assert_uint_eq(reader_bytes(reader), 4);
    reader_free(reader);
}
END_TEST

static char *
filled(size_t size, const char *start, char with)
{
    char *text = malloc(size + 1);

    ck_assert_ptr_nonnull(text);
    memset(text, with, size);
    memcpy(text, start, strlen(start));
    text[size] = '\0';
    return text;
}

START_TEST(refuses_a_line_longer_than_any_record)
{
    struct format f = kit_format();
    char *text = filled(RECORD_MAX + 10, "a\n", 'x');

    expect_failure(text, RECORD_MAX + 10, &f, FB_E_LIMIT,
                   "'in.csv': line 2 is longer than 8388608 bytes");
    free(text);
}
END_TEST

START_TEST(refuses_a_header_too_long_or_too_wide)
{
    struct format f = kit_format();
    char *text = filled(HEADER_MAX + 1, "a", 'x');

    expect_failure(text, HEADER_MAX + 1, &f, FB_E_LIMIT,
                   "'in.csv': the header is longer than 1048576 bytes");
    free(text);
    text = filled(COLUMNS_MAX, "", ',');
    expect_failure(text, COLUMNS_MAX, &f, FB_E_LIMIT,
                   "'in.csv': has more than 16384 columns");
    free(text);
}
END_TEST

START_TEST(refuses_a_header_that_cannot_be_read)
{
    struct format f = kit_format();

    expect_failure("a,\"b\n1,2\n", 9, &f, FB_E_INPUT,
                   "'in.csv': the header cannot be read: a quote opened on "
                   "line 1 is not closed");
    expect_failure("a,b\x01\n", 5, &f, FB_E_INPUT,
                   "'in.csv': the header cannot be used: the name of column "
                   "2 holds the control character U+0001");
    expect_failure("a,\xff\n", 4, &f, FB_E_INPUT,
                   "'in.csv': line 1, header, byte 2: byte FF is no "
                   "character of charset 'utf-8'");
}
END_TEST

static int
read_silently(const char *bytes, size_t size, const struct format *format,
              struct fb_error *err)
{
    struct kit_bytes input = {(const unsigned char *)bytes, size, 0, 0};
    struct reader_options options = {
        .name = "in.csv", .input = {kit_read_bytes, &input}, .format = *format};
    struct reader *reader = NULL;
    struct batch *batch = NULL;
    int status = reader_open(&options, &reader, err);

    while (status == 0 && (status = reader_next(reader, &batch, err)) == 0 &&
           batch != NULL)
        batch_free(batch);
    reader_free(reader);
    return status;
}

START_TEST(survives_every_allocation_that_fails)
{
    static const char bytes[] = "a,b\n1,\"x\"\"y\"\n\x95\x5c,2\n3\n\"";
    struct format f = kit_format();
    unsigned long n = 0;
    int status = -1;

    f.charset = "cp932";
    while (status != 0) {
        struct fb_error err = FB_ERROR_INIT;

        mem_fail_at(++n);
        status = read_silently(bytes, sizeof(bytes) - 1, &f, &err);
        mem_fail_at(0);
        ck_assert(status == 0 || err.code == FB_E_LIMIT);
        ck_assert_uint_lt(n, 1000);
    }
    ck_assert_uint_gt(n, 5);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("reader");
    TCase *rows = tcase_create("rows");
    TCase *chars = tcase_create("characters");

    tcase_set_timeout(rows, 60);
    tcase_add_test(rows, reads_rows_with_their_lines);
    tcase_add_test(rows, takes_any_line_end_and_none_at_the_end);
    tcase_add_test(rows, keeps_spaces_quotes_and_line_ends_inside_cells);
    tcase_add_test(rows, skips_blank_lines);
    tcase_add_test(rows, rejects_rows_with_too_few_or_too_many_cells);
    tcase_add_test(rows, loses_one_row_to_a_stray_quote);
    tcase_add_test(rows, loses_one_row_to_a_quote_that_is_never_closed);
    tcase_add_test(rows, rejects_control_characters_by_name);
    tcase_add_test(rows, refuses_an_input_without_a_header);
    tcase_add_test(rows, has_no_rows_behind_a_lone_header);
    tcase_add_test(rows, gives_the_same_for_every_size_of_reads);
    tcase_add_test(rows, reads_records_over_many_batches);
    tcase_add_test(rows, makes_a_batch_of_a_piece_with_any_tools);
    tcase_add_test(rows, numbers_columns_without_a_header);
    tcase_add_test(rows, skips_comment_lines_at_the_start_of_records_only);
    tcase_add_test(rows, reads_tabs);
    tcase_add_test(rows, binds_columns_to_a_schema);
    tcase_add_test(rows, reads_dialects_that_libcsv_does_not_know);
    tcase_add_test(rows, counts_bytes_before_decompression);
    tcase_add_test(rows, refuses_a_line_longer_than_any_record);
    tcase_add_test(rows, refuses_a_header_too_long_or_too_wide);
    tcase_add_test(rows, refuses_a_header_that_cannot_be_read);
    tcase_add_test(rows, survives_every_allocation_that_fails);
    suite_add_tcase(suite, rows);
    tcase_add_test(chars, strips_a_byte_order_mark_from_the_first_name);
    tcase_add_test(chars, refuses_a_byte_order_mark_of_another_charset);
    tcase_add_test(chars, reads_utf_16_of_either_order);
    tcase_add_test(chars, reads_cp932_whose_second_bytes_look_like_ascii);
    tcase_add_test(chars, fails_on_bad_bytes_with_line_column_offset_and_cause);
    tcase_add_test(chars, rejects_rows_with_bad_bytes_when_told_so);
    tcase_add_test(chars, replaces_bad_bytes_when_told_so);
    suite_add_tcase(suite, chars);
    return suite;
}
