/*
 * codec/quote.h: the way for cells that need no quotes, against the one for
 * all.
 */
#include "codec/quote.h"

#include "unit/codec_kit.h"

static const struct fb_cell *
cell_of(const unsigned char *bytes, size_t length)
{
    static struct fb_cell cell;

    cell = (struct fb_cell){bytes, (uint32_t)length, 0};
    return &cell;
}

/* What is copied bare must be what quote_cell makes; what is not is its
 * business anyway. */
static bool
agrees(const struct quoting *q, const struct fb_cell *cell, uint32_t index,
       uint32_t count)
{
    struct fb_error err = FB_ERROR_INIT;
    unsigned char room[64];
    bool bare = quote_copy_bare(q, cell, index, count, room);
    struct buf out;

    buf_init(&out, 1000);
    ck_assert_int_eq(quote_cell(q, cell, index, count, &out, &err), 0);
    if (bare) {
        ck_assert_uint_eq(out.size, cell->len + (index > 0));
        ck_assert_int_eq(memcmp(out.data + (index > 0), room, cell->len), 0);
    } else {
        ck_assert_uint_gt(out.size, cell->len + (index > 0));
    }
    buf_release(&out);
    return bare;
}

START_TEST(finds_a_special_byte_wherever_it_stands)
{
    static const unsigned char special[] = {'\n', '\r', ',', '"'};
    unsigned char bytes[40];
    struct format format = kit_format();
    struct quoting q;

    quoting_of_format(&q, &format);
    for (size_t length = 1; length <= sizeof(bytes); length++)
        for (size_t at = 0; at < length; at++) {
            memset(bytes, 'a' + (int)(at % 3), length);
            ck_assert(agrees(&q, cell_of(bytes, length), 1, 2));
            bytes[at] = special[(at + length) % sizeof(special)];
            ck_assert(!agrees(&q, cell_of(bytes, length), 1, 2));
        }
}
END_TEST

START_TEST(takes_no_other_byte_for_a_special_one)
{
    struct format format = kit_format();
    struct quoting q;

    quoting_of_format(&q, &format);
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned char bytes[11];

        memset(bytes, (int)byte, sizeof(bytes));
        ck_assert_int_eq(agrees(&q, cell_of(bytes, sizeof(bytes)), 0, 2),
                         !q.special[byte]);
    }
}
END_TEST

START_TEST(leaves_cells_that_need_more_than_a_look_to_quoting)
{
    static const unsigned char text[] = " #x";
    struct format format = kit_format();
    struct fb_cell cell = {text, 3, 0};
    unsigned char room[8];
    struct quoting q;

    format.dialect.skip_initial_space = true;
    format.dialect.comment_char = "#";
    quoting_of_format(&q, &format);
    ck_assert(!quote_copy_bare(&q, &cell, 1, 2, room)); /* a space is lost */
    cell.ptr++;
    cell.len = 2;
    ck_assert(!quote_copy_bare(&q, &cell, 0, 2, room)); /* a comment */
    ck_assert(quote_copy_bare(&q, &cell, 1, 2, room));
    cell.flags = FB_CELL_QUOTED;
    ck_assert(!quote_copy_bare(&q, &cell, 1, 2, room));
    cell = (struct fb_cell){text, 0, 0};
    ck_assert(!quote_copy_bare(&q, &cell, 0, 1, room)); /* a blank line */
    ck_assert(quote_copy_bare(&q, &cell, 0, 2, room));
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("quote");
    TCase *tests = tcase_create("bare cells");

    tcase_add_test(tests, finds_a_special_byte_wherever_it_stands);
    tcase_add_test(tests, takes_no_other_byte_for_a_special_one);
    tcase_add_test(tests, leaves_cells_that_need_more_than_a_look_to_quoting);
    suite_add_tcase(suite, tests);
    return suite;
}
