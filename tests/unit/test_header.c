/*
 * codec/header.h: names to columns.
 */
#define _GNU_SOURCE 1 /* strchrnul */
#include "codec/header.h"

#include "unit/main.h"
#include "util/error.h"

static const struct fb_column items[] = {
    {.name = "OrderID", .type = FB_C_INTEGER},
    {.name = "Customer", .type = FB_C_STRING},
    {.name = "Amount", .type = FB_C_NUMBER},
};
static const char *const order_aliases[] = {"注文番号", "Order No"};
static const struct fb_list aliases[] = {
    {.count = 2, .items = order_aliases}, {.count = 0}, {.count = 0}};
static const char *const missing[] = {""};
static const struct schema schema = {
    .path = "orders.yaml",
    .columns = {.count = 3,
                .items = items,
                .missing = {.count = 1, .items = missing}},
    .aliases = aliases};

#define NAMES_MAX 8

struct bound {
    struct arena *arena;
    const struct columns *columns;
    struct fb_error err;
    int status;
};

/* names: separated by '|' */
static struct bound
bind(const char *names, const struct schema *to, const char *null_sequence)
{
    struct bound b = {.arena = arena_new(), .err = FB_ERROR_INIT};
    struct fb_cell cells[NAMES_MAX];
    uint32_t count = 0;

    for (const char *at = names;; at++) {
        const char *end = strchrnul(at, '|');

        cells[count++] = (struct fb_cell){(const unsigned char *)at,
                                          (uint32_t)(end - at), 0};
        at = end;
        if (*at == '\0')
            break;
    }
    b.status = header_bind(b.arena, cells, count, to, null_sequence, &b.columns,
                           &b.err);
    return b;
}

static void
expect_order(const char *names, const char *order)
{
    struct bound b = bind(names, &schema, NULL);
    char got[200] = "";
    size_t at = 0;

    ck_assert_msg(b.status == 0, "%s", b.err.message);
    for (uint32_t i = 0; i < b.columns->count; i++)
        at += (size_t)snprintf(got + at, sizeof(got) - at, "%s%s",
                               i > 0 ? "|" : "", b.columns->items[i].name);
    ck_assert_str_eq(got, order);
    arena_free(b.arena);
}

static void
expect_failure(const char *names, const struct schema *to, const char *message)
{
    struct bound b = bind(names, to, NULL);

    ck_assert_int_eq(b.status, -1);
    ck_assert_int_eq(b.err.code, FB_E_INPUT);
    ck_assert_str_eq(b.err.message, message);
    arena_free(b.arena);
}

START_TEST(binds_by_name_in_any_order)
{
    struct bound b = bind("Amount|OrderID|Customer", &schema, NULL);

    ck_assert_int_eq(b.status, 0);
    ck_assert_str_eq(b.columns->items[0].name, "Amount");
    ck_assert_int_eq(b.columns->items[0].type, FB_C_NUMBER);
    ck_assert_int_eq(b.columns->items[1].type, FB_C_INTEGER);
    arena_free(b.arena);
}
END_TEST

START_TEST(binds_whatever_the_width_the_case_and_the_spaces)
{
    expect_order("ＯｒｄｅｒＩＤ| customer |AMOUNT", "OrderID|Customer|Amount");
}
END_TEST

START_TEST(binds_by_alias)
{
    expect_order("Customer|注文番号|Amount", "Customer|OrderID|Amount");
    expect_order("Customer|ORDER  no|Amount", "Customer|OrderID|Amount");
}
END_TEST

START_TEST(lists_everything_that_is_wrong_at_once)
{
    expect_failure("OrderID|Amuont|Extra||OrderID", &schema,
                   "the header does not fit the schema 'orders.yaml': column "
                   "4 has no name; duplicate column 'OrderID' (columns 1 and "
                   "5); missing column 'Customer'; missing column 'Amount' "
                   "(the file has 'Amuont'); extra column 'Amuont' (the "
                   "schema has 'Amount'); extra column 'Extra'");
}
END_TEST

START_TEST(refuses_a_column_and_its_alias_together)
{
    expect_failure("OrderID|Customer|Amount|注文番号", &schema,
                   "the header does not fit the schema 'orders.yaml': "
                   "'OrderID' and '注文番号' both name column 'OrderID'");
}
END_TEST

START_TEST(takes_names_as_they_stand_without_a_schema)
{
    struct bound b = bind("b| a |日付", NULL, "NA");

    ck_assert_int_eq(b.status, 0);
    ck_assert_str_eq(b.columns->items[1].name, " a ");
    ck_assert_int_eq(b.columns->items[2].type, FB_C_STRING);
    ck_assert_uint_eq(b.columns->missing.count, 2);
    ck_assert_str_eq(b.columns->missing.items[0], "");
    ck_assert_str_eq(b.columns->missing.items[1], "NA");
    arena_free(b.arena);
}
END_TEST

static void
expect_hint(const char *names, const char *hint)
{
    struct bound b = bind(names, &schema, NULL);

    ck_assert_int_eq(b.status, -1);
    ck_assert_str_eq(b.err.hint, hint);
    arena_free(b.arena);
}

START_TEST(guesses_why_no_name_is_known)
{
    expect_hint("OrderID;Customer;Amount",
                "';' seems to separate its cells: dialect: {delimiter: "
                "\";\"}");
    expect_hint("OrderID\tCustomer", "tabs seem to separate its cells: "
                                     "dialect: {delimiter: \"\\t\"}");
    expect_hint("17|Al|1.5", "no name of its first line is in the schema; "
                             "header: none is for files without a header");
}
END_TEST

START_TEST(guesses_nothing_when_one_name_is_known)
{
    expect_hint("OrderID|Custo;mer|x", "");
}
END_TEST

START_TEST(refuses_names_that_look_the_same)
{
    expect_failure("a|b|Ａ", NULL,
                   "the header cannot be used: duplicate column 'Ａ' (columns "
                   "1 and 3)");
    expect_failure(" |b", NULL,
                   "the header cannot be used: column 1 has no name");
}
END_TEST

START_TEST(counts_what_a_message_has_no_room_for)
{
    struct arena *arena = arena_new();
    const struct columns *columns;
    struct fb_error err = FB_ERROR_INIT;
    struct fb_cell *cells = arena_array(arena, 500, sizeof(*cells));
    size_t length;

    for (uint32_t i = 0; i < 500; i++)
        cells[i] = (struct fb_cell){(const unsigned char *)"x", 1, 0};
    ck_assert_int_eq(header_bind(arena, cells, 500, NULL, NULL, &columns, &err),
                     -1);
    length = strlen(err.message);
    ck_assert_str_eq(err.message + length - 5, " more");
    arena_free(arena);
}
END_TEST

START_TEST(numbers_columns_or_takes_the_schemas_by_position)
{
    struct arena *arena = arena_new();
    const struct columns *columns;
    struct fb_error err = FB_ERROR_INIT;

    ck_assert_int_eq(header_number(arena, 2, NULL, NULL, &columns, &err), 0);
    ck_assert_str_eq(columns->items[1].name, "column_2");
    ck_assert_int_eq(header_number(arena, 3, &schema, "-", &columns, &err), 0);
    ck_assert_str_eq(columns->items[2].name, "Amount");
    ck_assert_uint_eq(columns->missing.count, 2);
    ck_assert_int_eq(header_number(arena, 0, &schema, NULL, &columns, &err), 0);
    ck_assert_int_eq(header_number(arena, 4, &schema, NULL, &columns, &err),
                     -1);
    ck_assert_str_eq(err.message,
                     "the first record has 4 cells, but the schema "
                     "'orders.yaml' names 3 columns (header: none)");
    arena_free(arena);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("header");
    TCase *names = tcase_create("names");

    tcase_add_test(names, binds_by_name_in_any_order);
    tcase_add_test(names, binds_whatever_the_width_the_case_and_the_spaces);
    tcase_add_test(names, binds_by_alias);
    tcase_add_test(names, lists_everything_that_is_wrong_at_once);
    tcase_add_test(names, refuses_a_column_and_its_alias_together);
    tcase_add_test(names, takes_names_as_they_stand_without_a_schema);
    tcase_add_test(names, guesses_why_no_name_is_known);
    tcase_add_test(names, guesses_nothing_when_one_name_is_known);
    tcase_add_test(names, refuses_names_that_look_the_same);
    tcase_add_test(names, counts_what_a_message_has_no_room_for);
    tcase_add_test(names, numbers_columns_or_takes_the_schemas_by_position);
    suite_add_tcase(suite, names);
    return suite;
}
