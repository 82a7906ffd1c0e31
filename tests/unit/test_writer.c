/*
 * codec/writer.h: batches in, bytes out.
 */
#include "codec/writer.h"

#include "unit/codec_kit.h"

static void
expect_bytes(const void *bytes, size_t size, const struct format *from,
             const struct format *to, enum layout layout, kit_change change,
             const void *want, size_t want_size)
{
    struct fb_error err = FB_ERROR_INIT;
    struct buf out;

    buf_init(&out, (size_t)1 << 26);
    ck_assert_msg(kit_copy(bytes, size, from, to, layout, change, &out, &err) ==
                      0,
                  "%s", err.message);
    if (out.size != want_size || memcmp(buf_text(&out), want, want_size) != 0)
        ck_abort_msg("wrote '%s', not '%s'", buf_text(&out),
                     (const char *)want);
    buf_release(&out);
}

static void
expect(const char *bytes, const struct format *from, const struct format *to,
       kit_change change, const char *want)
{
    expect_bytes(bytes, strlen(bytes), from, to, LAYOUT_TABLE, change, want,
                 strlen(want));
}

static void
expect_return(const char *bytes, const struct format *from, const char *want)
{
    struct format to = kit_format();

    expect_bytes(bytes, strlen(bytes), from, &to, LAYOUT_RETURN, NULL, want,
                 strlen(want));
}

static void
expect_failure(const char *bytes, const struct format *from,
               const struct format *to, const char *message)
{
    struct fb_error err = FB_ERROR_INIT;
    struct buf out;

    buf_init(&out, (size_t)1 << 20);
    ck_assert_int_eq(kit_copy(bytes, strlen(bytes), from, to, LAYOUT_TABLE,
                              NULL, &out, &err),
                     -1);
    ck_assert_str_eq(err.message, message);
    buf_release(&out);
}

/* Keep every second row. */
static void
thin_out(struct batch *batch)
{
    uint64_t keep[1024] = {0};

    for (uint32_t row = 0; row < batch_rows(batch); row += 2)
        fb_bit_set(keep, row);
    batch_filter(batch, keep);
}

/* Say that the first column was given new cells, which are the old ones. */
static void
touch(struct batch *batch)
{
    const struct columns *columns = batch_columns(batch);
    uint32_t *from = calloc(columns->count, sizeof(*from));
    struct fb_error err = FB_ERROR_INIT;

    ck_assert_ptr_nonnull(from);
    for (uint32_t c = 0; c < columns->count; c++)
        from[c] = c;
    from[0] = FB_NEW;
    batch_set(batch, 0, batch_cells(batch, 0));
    ck_assert_int_eq(batch_reshape(batch, columns, from, &err), 0);
    free(from);
}

static const char mixed[] = "a ,\"b\"\r\n 1,\"x\"\"\r\ny\"\n\"\",\r\"3\",4";

START_TEST(leaves_untouched_records_byte_for_byte)
{
    struct format f = kit_format();

    expect(mixed, &f, &f, NULL, mixed);
}
END_TEST

START_TEST(keeps_a_byte_order_mark_before_an_untouched_header)
{
    struct format f = kit_format();

    expect("\xef\xbb\xbf"
           "a\n1\n",
           &f, &f, NULL,
           "\xef\xbb\xbf"
           "a\n1\n");
}
END_TEST

START_TEST(drops_rows_that_are_not_selected)
{
    struct format f = kit_format();

    expect("a,b\n1,2\r\n3,4\n5,6\r7,8", &f, &f, thin_out, "a,b\n1,2\r\n5,6\r");
}
END_TEST

/* The same input twice into one writer: what follows a missing line end. */
START_TEST(ends_a_last_record_without_line_end_when_another_follows)
{
    static const char bytes[] = "a,b\r\n1,2";
    struct kit_bytes input = {(const unsigned char *)bytes, sizeof(bytes) - 1,
                              0, 0};
    struct reader_options in = {.name = "in.csv",
                                .input = {kit_read_bytes, &input},
                                .format = kit_format()};
    struct buf out;
    struct writer_options to = {.name = "out.csv",
                                .output = {kit_write_bytes, &out},
                                .format = kit_format(),
                                .layout = LAYOUT_TABLE};
    struct fb_error err = FB_ERROR_INIT;
    struct reader *reader;
    struct writer *writer;
    struct batch *batch;

    buf_init(&out, 1000);
    ck_assert_int_eq(reader_open(&in, &reader, &err), 0);
    ck_assert_int_eq(reader_next(reader, &batch, &err), 0);
    ck_assert_int_eq(writer_open(&to, &writer, &err), 0);
    ck_assert_int_eq(
        writer_begin(writer, reader_columns(reader), batch_origin(batch), &err),
        0);
    ck_assert_int_eq(writer_write(writer, batch, &err), 0);
    ck_assert_int_eq(writer_write(writer, batch, &err), 0);
    ck_assert_int_eq(writer_finish(writer, &err), 0);
    ck_assert_str_eq(buf_text(&out), "a,b\r\n1,2\r\n1,2");
    ck_assert_uint_eq(writer_rows(writer), 2);
    ck_assert_uint_eq(writer_bytes(writer), out.size);
    writer_free(writer);
    batch_free(batch);
    reader_free(reader);
    buf_release(&out);
}
END_TEST

/* Batches encoded by two threads' tools, the later one first. */
START_TEST(appends_in_order_what_was_encoded_in_any)
{
    static const char bytes[] = "a,b\r\n1,2";
    struct kit_bytes input = {(const unsigned char *)bytes, sizeof(bytes) - 1,
                              0, 0};
    struct reader_options in = {.name = "in.csv",
                                .input = {kit_read_bytes, &input},
                                .format = kit_format()};
    struct buf out;
    struct writer_options to = {.name = "out.csv",
                                .output = {kit_write_bytes, &out},
                                .format = kit_format(),
                                .layout = LAYOUT_TABLE};
    struct fb_error err = FB_ERROR_INIT;
    struct writer_tools *tools[2];
    struct encoded encoded[2];
    struct reader *reader;
    struct writer *writer;
    struct batch *batch;

    to.format.charset = "utf-16le";
    buf_init(&out, 1000);
    ck_assert_int_eq(reader_open(&in, &reader, &err), 0);
    ck_assert_int_eq(reader_next(reader, &batch, &err), 0);
    ck_assert_int_eq(writer_open(&to, &writer, &err), 0);
    ck_assert_int_eq(
        writer_begin(writer, reader_columns(reader), batch_origin(batch), &err),
        0);
    for (int i = 1; i >= 0; i--) {
        encoded_init(&encoded[i]);
        ck_assert_int_eq(writer_tools_new(writer, &tools[i], &err), 0);
        ck_assert_int_eq(
            writer_encode(writer, tools[i], batch, &encoded[i], &err), 0);
        ck_assert(encoded[i].owes_end);
        ck_assert_uint_eq(encoded[i].rows, 1);
    }
    ck_assert_uint_eq(writer_rows(writer), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(writer_append(writer, &encoded[i], &err), 0);
        encoded_release(&encoded[i]);
        writer_tools_free(tools[i]);
    }
    ck_assert_int_eq(writer_finish(writer, &err), 0);
    ck_assert_uint_eq(writer_rows(writer), 2);
    ck_assert_uint_eq(out.size, 2 * strlen("a,b\r\n1,2\r\n1,2"));
    ck_assert_int_eq(memcmp(out.data + 10,
                            "1\0,\0"
                            "2\0\r\0\n\0"
                            "1\0,\0"
                            "2\0",
                            16),
                     0);
    writer_free(writer);
    batch_free(batch);
    reader_free(reader);
    buf_release(&out);
}
END_TEST

/* Rows go to the encoder together, and are told apart when it fails. */
START_TEST(names_the_row_that_cannot_be_encoded_among_many)
{
    struct format from = kit_format(), to = kit_format();
    struct buf in;
    struct fb_error err = FB_ERROR_INIT;

    to.charset = "cp932";
    to.dialect.delimiter = ";";
    buf_init(&in, (size_t)1 << 20);
    ck_assert_int_eq(buf_puts(&in, "a,b\n", &err), 0);
    for (int i = 0; i < 3000; i++)
        ck_assert_int_eq(
            buf_puts(&in, i == 2000 ? "x,\xc3\xa9\n" : "x,y\n", &err), 0);
    expect_failure(buf_text(&in), &from, &to,
                   "'out.csv': line 2002, column 'b': charset 'cp932' has no "
                   "character U+00E9 (\xc3\xa9)");
    to.dialect.delimiter = NULL;
    expect_failure(buf_text(&in), &from, &to,
                   "'out.csv': line 2002, column 'b': charset 'cp932' has no "
                   "character U+00E9 (\xc3\xa9)");
    buf_release(&in);
}
END_TEST

START_TEST(writes_touched_records_from_cells_with_their_quotes)
{
    struct format f = kit_format();

    expect("a,b\r\n\"1\",2\r\n\"x\"\"y\",\" z\"\r\n", &f, &f, touch,
           "a,b\r\n\"1\",2\r\n\"x\"\"y\",\" z\"\r\n");
}
END_TEST

START_TEST(gives_every_record_the_line_end_asked_for)
{
    struct format from = kit_format(), to = kit_format();

    to.dialect.line_terminator = "\r\n";
    expect("a,b\n1,2\r3,\"4\n5\"", &from, &to, NULL,
           "a,b\r\n1,2\r\n3,\"4\n5\"\r\n");
}
END_TEST

START_TEST(rewrites_records_for_another_dialect)
{
    struct format from = kit_format(), to = kit_format();

    to.dialect.delimiter = ";";
    expect("a,b\n1;2,3\n\"4,5\",6\n", &from, &to, NULL,
           "a;b\n\"1;2\";3\n\"4,5\";6\n");
}
END_TEST

START_TEST(quotes_the_only_cell_of_a_row_when_it_is_empty)
{
    struct format from = kit_format(), to = kit_format();

    to.dialect.quote_char = "'";
    expect("a\n\"\"\n1\n", &from, &to, NULL, "a\n''\n1\n");
}
END_TEST

START_TEST(copies_raw_bytes_within_one_charset)
{
    struct format from = kit_format(), to = kit_format();

    from.charset = "cp932";
    to.charset = "windows-31j";
    /* FA 54 and 81 CA are both U+FFE2: encoding again would change one. */
    expect("a\n\xfa\x54\n\x81\xca\n", &from, &to, NULL,
           "a\n\xfa\x54\n\x81\xca\n");
}
END_TEST

START_TEST(encodes_for_another_charset)
{
    struct format from = kit_format(), to = kit_format();

    to.charset = "cp932";
    expect("a,名\n1,表髙\n", &from, &to, NULL,
           "a,\x96\xbc\n1,\x95\x5c\xfb\xfc\n");
    expect("a\n\xe2\x91\xa0\n", &from, &to, touch, "a\n\x87\x40\n");
}
END_TEST

START_TEST(writes_utf_16_with_its_mark)
{
    struct format from = kit_format(), to = kit_format();

    to.charset = "utf-16";
    expect_bytes("a\nb\n", 4, &from, &to, LAYOUT_TABLE, NULL,
                 "\xff\xfe"
                 "a\0\n\0b\0\n\0",
                 10);
}
END_TEST

START_TEST(names_line_column_and_character_that_a_charset_lacks)
{
    struct format from = kit_format(), to = kit_format();

    to.charset = "cp932";
    expect_failure("id,name\n1,x\n2,\xf0\x9f\x98\x80\n", &from, &to,
                   "'out.csv': line 3, column 'name': charset 'cp932' has no "
                   "character U+1F600 (\xf0\x9f\x98\x80)");
    to.on_bad_char = BAD_CHAR_REPLACE;
    expect("id\n\xf0\x9f\x98\x80\n", &from, &to, NULL, "id\n?\n");
}
END_TEST

START_TEST(does_not_let_replaced_bytes_through)
{
    struct format from = kit_format(), to = kit_format();

    from.on_bad_char = BAD_CHAR_REPLACE;
    expect("a\nx\xff\ny\n", &from, &to, NULL, "a\nx\xef\xbf\xbd\ny\n");
    from.charset = to.charset = "cp932";
    to.on_bad_char = BAD_CHAR_REPLACE;
    expect("a\nx\xff\n\x95\x5c\n", &from, &to, NULL, "a\nx?\n\x95\x5c\n");
}
END_TEST

START_TEST(refuses_to_reject_rows_while_writing)
{
    struct format from = kit_format(), to = kit_format();

    to.on_bad_char = BAD_CHAR_REJECT_ROW;
    expect_failure("a\n1\n", &from, &to,
                   "on_bad_char: reject_row is for sources; 'out.csv' is "
                   "written");
}
END_TEST

START_TEST(writes_missing_values_as_the_sink_wants_them)
{
    struct format from = kit_format(), to = kit_format();

    from.dialect.null_sequence = "NA";
    to.dialect.null_sequence = "\\N";
    expect("a,b\nNA,1\n,x\n", &from, &to, NULL, "a,b\n\\N,1\n\\N,x\n");
}
END_TEST

/* Dialects in which any cell can be written. */
static struct format
dialect(unsigned number)
{
    struct format f = kit_format();

    f.header = HEADER_NONE;
    f.dialect.line_terminator = "\n";
    switch (number) {
    case 1:
        f.dialect.escape_char = "\\";
        break;
    case 2:
        f.dialect.escape_char = "\\";
        f.dialect.double_quote = false;
        break;
    case 3:
        f.dialect.escape_char = "\\";
        f.dialect.quote_char = "";
        break;
    case 4:
        f.dialect.skip_initial_space = true;
        f.dialect.comment_char = "#";
        break;
    case 5:
        f.dialect.line_terminator = "|";
        break;
    case 6:
        f.dialect.delimiter = "\t";
        f.dialect.quote_char = "'";
        f.dialect.line_terminator = "\r\n";
        break;
    case 7:
        f.dialect.skip_initial_space = true;
        f.dialect.comment_char = "#";
        f.dialect.quote_char = "";
        f.dialect.escape_char = "^";
        f.dialect.line_terminator = "=>";
        break;
    default:
        break;
    }
    return f;
}
#define DIALECTS 8

#define WIDTH 3
#define HEIGHT 40

/* Cells dense in bytes that mean something somewhere.  Without quotes a \r
 * cannot be written at the end of a record. */
static const struct fb_cell *
random_cells(struct arena *arena, bool may_end_in_cr, uint32_t *state)
{
    static const char alphabet[] = ",\"'\t\\^#|=> \r\nab";
    struct fb_cell *cells = arena_array(arena, HEIGHT, sizeof(*cells));

    for (size_t i = 0; i < HEIGHT; i++) {
        unsigned char text[8];
        uint32_t size = 0;

        *state = *state * 1664525 + 1013904223;
        for (uint32_t r = *state >> 8; r > 0 && size < 6; r >>= 5) {
            unsigned char c = (unsigned char)alphabet[r % 15];

            if (r % 31 == 30)
                break;
            text[size++] = c;
        }
        while (!may_end_in_cr && size > 0 && text[size - 1] == '\r')
            size--;
        cells[i].ptr =
            (unsigned char *)arena_dup_nul(arena, (const char *)text, size);
        cells[i].len = size;
    }
    return cells;
}

static void
write_batch(struct batch *batch, const struct format *format, struct buf *out)
{
    struct writer_options to = {.name = "out.csv",
                                .output = {kit_write_bytes, out},
                                .format = *format,
                                .layout = LAYOUT_TABLE};
    struct fb_error err = FB_ERROR_INIT;
    struct writer *writer;

    ck_assert_int_eq(writer_open(&to, &writer, &err), 0);
    ck_assert_int_eq(writer_begin(writer, batch_columns(batch), NULL, &err), 0);
    ck_assert_msg(writer_write(writer, batch, &err) == 0, "%s", err.message);
    ck_assert_int_eq(writer_finish(writer, &err), 0);
    writer_free(writer);
}

static void
expect_cells(const struct buf *bytes, const struct format *format,
             const struct fb_cell *const *cells)
{
    struct kit_bytes input = {bytes->data, bytes->size, 0, 0};
    struct reader_options in = {
        .name = "in.csv", .input = {kit_read_bytes, &input}, .format = *format};
    struct fb_error err = FB_ERROR_INIT;
    struct reader *reader;
    struct batch *batch;

    ck_assert_msg(reader_open(&in, &reader, &err) == 0, "%s", err.message);
    ck_assert_int_eq(reader_next(reader, &batch, &err), 0);
    ck_assert_uint_eq(batch_rows(batch), HEIGHT);
    for (uint32_t c = 0; c < WIDTH; c++)
        for (uint32_t r = 0; r < HEIGHT; r++) {
            const struct fb_cell *got = &batch_cells(batch, c)[r];

            ck_assert_msg(got->len == cells[c][r].len &&
                              memcmp(got->ptr, cells[c][r].ptr, got->len) == 0,
                          "row %u: '%.*s', not '%.*s', in: %s", r,
                          (int)got->len, (const char *)got->ptr,
                          (int)cells[c][r].len, (const char *)cells[c][r].ptr,
                          buf_text(bytes));
        }
    batch_free(batch);
    reader_free(reader);
}

START_TEST(writes_any_cells_so_that_reading_gives_them_back)
{
    static const char *const names[WIDTH] = {"a", "b", "c"};
    struct format format = dialect((unsigned)_i);
    uint32_t state = 7;

    for (int round = 0; round < 60; round++) {
        struct arena *arena = arena_new();
        const struct fb_cell *cells[WIDTH];
        struct batch *batch;
        struct buf out;

        for (size_t c = 0; c < WIDTH; c++)
            cells[c] = random_cells(
                arena, c + 1 < WIDTH || format_quote(&format) != 0, &state);
        batch = batch_of_cells(columns_of_names(arena, names, WIDTH), HEIGHT,
                               cells, arena, 0, NULL);
        buf_init(&out, (size_t)1 << 20);
        write_batch(batch, &format, &out);
        expect_cells(&out, &format, cells);
        batch_free(batch);
        buf_release(&out);
    }
}
END_TEST

START_TEST(says_when_a_dialect_cannot_write_a_cell)
{
    struct format from = kit_format(), to = kit_format();

    to.dialect.quote_char = "";
    expect_failure("a,b\n1,\"2,3\"\n", &from, &to,
                   "'out.csv': line 2, column 'b': the dialect has no way to "
                   "write this cell (quoteChar is empty and there is no "
                   "escapeChar)");
    to = kit_format();
    to.dialect.double_quote = false;
    expect_failure("a,b\n1,\"2\"\"3\"\n", &from, &to,
                   "'out.csv': line 2, column 'b': the dialect has no way to "
                   "write a quote inside quotes (doubleQuote: false and no "
                   "escapeChar)");
}
END_TEST

START_TEST(compresses_when_told_so)
{
    struct format from = kit_format(), to = kit_format();
    struct fb_error err = FB_ERROR_INIT;
    struct buf out;
    char *shown;

    to.compression = COMPRESSION_GZIP;
    buf_init(&out, 1000);
    ck_assert_int_eq(
        kit_copy("a\n1\n", 4, &from, &to, LAYOUT_TABLE, NULL, &out, &err), 0);
    ck_assert_mem_eq(out.data, "\x1f\x8b", 2);
    shown = kit_read(out.data, out.size, 0, &from, NULL, &err);
    ck_assert_str_eq(shown, "(a)\n2:[1]\n");
    free(shown);
    buf_release(&out);
}
END_TEST

START_TEST(returns_rows_with_their_reasons_before_the_original_bytes)
{
    struct format f = kit_format();

    f.charset = "cp932";
    f.dialect.delimiter = ";";
    expect_return("\x96\xbc;b\r\n1;2\r\n\x95\x5c\r\n3;\"4;\r\n", &f,
                  "_line;_column;_code;_message;\x96\xbc;b\r\n"
                  "3;b;missing-cell;\"row has 1 of 2 cells; first missing is "
                  "'b'\";\x95\x5c\r\n"
                  "4;b;quote-error;a quote opened on line 4 is not closed;"
                  "\"3;\"\"4;\"\r\n");
}
END_TEST

START_TEST(returns_bytes_that_do_not_decode_as_they_came)
{
    struct format f = kit_format();

    f.on_bad_char = BAD_CHAR_REJECT_ROW;
    expect_return("\xef\xbb\xbf"
                  "a\nx\xff\n",
                  &f,
                  "\xef\xbb\xbf"
                  "_line,_column,_code,_message,a\n"
                  "2,a,encoding-error,byte FF at byte 6 is no character of "
                  "charset 'utf-8': looks like a single-byte charset "
                  "(charset: windows-1252 or its kin),x\xff\n");
}
END_TEST

START_TEST(writes_the_header_of_an_input_without_rows)
{
    struct format f = kit_format(), to = kit_format();

    expect("a,\"b\"\r\n", &f, &f, NULL, "a,\"b\"\r\n");
    to.dialect.delimiter = ";";
    expect("a,\"b\"\r\n", &f, &to, NULL, "a;b\r\n");
    expect_return("a,\"b\"\r\n", &f,
                  "_line,_column,_code,_message,a,\"b\"\r\n");
}
END_TEST

START_TEST(returns_utf_16_with_its_quotes_doubled)
{
    struct format from = kit_format(), to = kit_format();
    static const char bytes[] = "\xfe\xff\0a\0\n\0\"\0x";
    static const char text[] = "_line,_column,_code,_message,a\n"
                               "2,a,quote-error,a quote opened on line 2 is "
                               "not closed,\"\"\"x\"\n";
    struct buf want;
    struct fb_error err;

    from.charset = "utf-16";
    buf_init(&want, 1000);
    ck_assert_int_eq(buf_append(&want, "\xfe\xff", 2, &err), 0);
    for (size_t i = 0; i + 1 < sizeof(text); i++)
        ck_assert_int_eq(buf_append(&want, (char[]){0, text[i]}, 2, &err), 0);
    expect_bytes(bytes, sizeof(bytes) - 1, &from, &to, LAYOUT_RETURN, NULL,
                 want.data, want.size);
    buf_release(&want);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("writer");
    TCase *table = tcase_create("table");
    TCase *returned = tcase_create("return");

    tcase_add_test(table, leaves_untouched_records_byte_for_byte);
    tcase_add_test(table, writes_the_header_of_an_input_without_rows);
    tcase_add_test(table, keeps_a_byte_order_mark_before_an_untouched_header);
    tcase_add_test(table, drops_rows_that_are_not_selected);
    tcase_add_test(table,
                   ends_a_last_record_without_line_end_when_another_follows);
    tcase_add_test(table, writes_touched_records_from_cells_with_their_quotes);
    tcase_add_test(table, gives_every_record_the_line_end_asked_for);
    tcase_add_test(table, rewrites_records_for_another_dialect);
    tcase_add_test(table, quotes_the_only_cell_of_a_row_when_it_is_empty);
    tcase_add_test(table, copies_raw_bytes_within_one_charset);
    tcase_add_test(table, encodes_for_another_charset);
    tcase_add_test(table, writes_utf_16_with_its_mark);
    tcase_add_test(table, names_line_column_and_character_that_a_charset_lacks);
    tcase_add_test(table, does_not_let_replaced_bytes_through);
    tcase_add_test(table, refuses_to_reject_rows_while_writing);
    tcase_add_test(table, writes_missing_values_as_the_sink_wants_them);
    tcase_add_loop_test(table, writes_any_cells_so_that_reading_gives_them_back,
                        0, DIALECTS);
    tcase_add_test(table, says_when_a_dialect_cannot_write_a_cell);
    tcase_add_test(table, compresses_when_told_so);
    tcase_add_test(table, appends_in_order_what_was_encoded_in_any);
    tcase_add_test(table, names_the_row_that_cannot_be_encoded_among_many);
    suite_add_tcase(suite, table);
    tcase_add_test(returned,
                   returns_rows_with_their_reasons_before_the_original_bytes);
    tcase_add_test(returned, returns_bytes_that_do_not_decode_as_they_came);
    tcase_add_test(returned, returns_utf_16_with_its_quotes_doubled);
    suite_add_tcase(suite, returned);
    return suite;
}
