/*
 * codec/format.h: the options and which of them go together.
 */
#include "codec/format.h"

#include "unit/main.h"
#include "util/error.h"

static struct format
defaults(void)
{
    struct format format;

    format_init(&format);
    return format;
}

static void
expect_fault(const struct format *format, const char *option,
             const char *message)
{
    struct fb_error err = FB_ERROR_INIT;
    const char *named = NULL;

    ck_assert_int_eq(format_check(format, &named, &err), -1);
    ck_assert_int_eq(err.code, FB_E_CONFIG);
    ck_assert_str_eq(err.message, message);
    ck_assert_str_eq(named, option);
}

static const struct fb_option *
option_named(const struct fb_option *options, const char *name)
{
    for (; options->name != NULL; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    ck_abort_msg("no option '%s'", name);
    return NULL;
}

START_TEST(defaults_are_rfc_4180_in_utf_8)
{
    struct format f = defaults();
    struct fb_error err = FB_ERROR_INIT;
    const char *option;

    ck_assert_int_eq(format_check(&f, &option, &err), 0);
    ck_assert_ptr_null(option);
    ck_assert_int_eq(format_delimiter(&f), ',');
    ck_assert_int_eq(format_quote(&f), '"');
    ck_assert_int_eq(format_escape(&f), 0);
    ck_assert_int_eq(format_comment(&f), 0);
    ck_assert_ptr_null(format_terminator(&f));
    f.format = "tsv";
    ck_assert_int_eq(format_delimiter(&f), '\t');
}
END_TEST

START_TEST(defaults_of_the_tables_are_those_of_the_code)
{
    ck_assert_str_eq(option_named(format_options, "charset")->def,
                     defaults().charset);
    ck_assert_str_eq(option_named(dialect_options, "doubleQuote")->def, "true");
}
END_TEST

START_TEST(choices_stand_in_the_order_of_the_enums)
{
    const struct fb_option *o = option_named(format_options, "compression");

    ck_assert_str_eq(o->choices[COMPRESSION_ZSTD - 1], "zstd");
    ck_assert_ptr_null(o->choices[COMPRESSION_ZSTD]);
    o = option_named(format_options, "on_bad_char");
    ck_assert_str_eq(o->choices[BAD_CHAR_REPLACE - 1], "replace");
    o = option_named(format_options, "header");
    ck_assert_str_eq(o->choices[HEADER_NONE - 1], "none");
}
END_TEST

START_TEST(knows_which_formats_are_text)
{
    struct format f = defaults();

    ck_assert(format_is_text(&f));
    f.format = "tsv";
    ck_assert(format_is_text(&f));
    f.format = "parquet";
    ck_assert(!format_is_text(&f));
}
END_TEST

START_TEST(line_ends_that_everybody_uses_mean_any_of_them)
{
    struct format f = defaults();

    f.dialect.line_terminator = "\r\n";
    ck_assert_ptr_null(format_terminator(&f));
    f.dialect.line_terminator = "|";
    ck_assert_str_eq(format_terminator(&f), "|");
}
END_TEST

START_TEST(refuses_characters_that_are_not_one_ascii_character)
{
    struct format f = defaults();

    f.dialect.delimiter = ";;";
    expect_fault(&f, "delimiter", "delimiter ';;' is not one ASCII character");
    f.dialect.delimiter = "、";
    expect_fault(&f, "delimiter", "delimiter '、' is not one ASCII character");
    f.dialect.delimiter = "";
    expect_fault(&f, "delimiter", "delimiter '' is not one ASCII character");
    f.dialect.delimiter = "\n";
    expect_fault(&f, "delimiter", "delimiter cannot be a line end");
    f = defaults();
    f.dialect.escape_char = "";
    expect_fault(&f, "escapeChar", "escapeChar '' is not one ASCII character");
}
END_TEST

START_TEST(says_how_to_write_a_tab)
{
    struct format f = defaults();
    struct fb_error err = FB_ERROR_INIT;
    const char *option;

    f.dialect.delimiter = "\\t";
    ck_assert_int_eq(format_check(&f, &option, &err), -1);
    ck_assert_str_eq(err.hint, "a tab is written \"\\t\", in double quotes");
}
END_TEST

START_TEST(refuses_two_meanings_for_one_character)
{
    struct format f = defaults();

    f.dialect.quote_char = ",";
    expect_fault(&f, "quoteChar",
                 "delimiter and quoteChar are the same character ','");
    f = defaults();
    f.dialect.escape_char = "\"";
    expect_fault(&f, "escapeChar",
                 "quoteChar and escapeChar are the same character '\"'");
    f = defaults();
    f.dialect.quote_char = "";
    f.dialect.comment_char = ",";
    expect_fault(&f, "commentChar",
                 "delimiter and commentChar are the same character ','");
}
END_TEST

START_TEST(refuses_terminators_that_cannot_be_found)
{
    struct format f = defaults();

    f.dialect.line_terminator = "";
    expect_fault(&f, "lineTerminator",
                 "lineTerminator '' is not 1 to 8 characters");
    f.dialect.line_terminator = "a,b";
    expect_fault(&f, "lineTerminator",
                 "lineTerminator 'a,b' holds ',', which has another meaning "
                 "in this dialect");
    f.dialect.line_terminator = "|";
    f.charset = "cp932";
    expect_fault(&f, "lineTerminator",
                 "lineTerminator '|' cannot be told from parts of longer "
                 "characters in charset 'cp932'");
}
END_TEST

START_TEST(refuses_what_means_nothing)
{
    struct format f = defaults();

    f.charset = "utf-99";
    expect_fault(&f, "charset", "iconv knows no charset 'utf-99'");
    f = defaults();
    f.dialect.null_sequence = "a\nb";
    expect_fault(&f, "nullSequence", "nullSequence cannot hold a line end");
    f = defaults();
    f.dialect.quote_char = "";
    f.dialect.double_quote = false;
    expect_fault(&f, "doubleQuote",
                 "doubleQuote means nothing without a quoteChar");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("format");
    TCase *options = tcase_create("options");

    tcase_add_test(options, defaults_are_rfc_4180_in_utf_8);
    tcase_add_test(options, defaults_of_the_tables_are_those_of_the_code);
    tcase_add_test(options, choices_stand_in_the_order_of_the_enums);
    tcase_add_test(options, knows_which_formats_are_text);
    tcase_add_test(options, line_ends_that_everybody_uses_mean_any_of_them);
    tcase_add_test(options,
                   refuses_characters_that_are_not_one_ascii_character);
    tcase_add_test(options, says_how_to_write_a_tab);
    tcase_add_test(options, refuses_two_meanings_for_one_character);
    tcase_add_test(options, refuses_terminators_that_cannot_be_found);
    tcase_add_test(options, refuses_what_means_nothing);
    suite_add_tcase(suite, options);
    return suite;
}
