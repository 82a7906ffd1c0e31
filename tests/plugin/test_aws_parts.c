/*
 * The small parts of plugins/aws: encodings, checksums, times, XML, buffers,
 * delays.
 */
#include "aws/buf.h"
#include "aws/checksum.h"
#include "aws/crc.h"
#include "aws/digest.h"
#include "aws/encode.h"
#include "aws/json.h"
#include "aws/moment.h"
#include "aws/retry.h"
#include "aws/settings.h"
#include "aws/xml.h"
#include "unit/main.h"

#include <stdlib.h>

static struct fb_error err;

/* ------------------------------------------------------------ checksums --- */

static void
expect_checksum(enum aws_checksum_kind kind, const char *bytes,
                const char *wanted)
{
    struct aws_checksum sum;
    char text[AWS_CHECKSUM_TEXT_MAX];

    aws_checksum_init(&sum, kind);
    aws_checksum_add(&sum, bytes, strlen(bytes));
    aws_checksum_text(&sum, text);
    ck_assert_str_eq(text, wanted);
    aws_checksum_release(&sum);
}

START_TEST(computes_the_checksums_of_s3)
{
    expect_checksum(AWS_CRC32, "", "AAAAAA==");
    expect_checksum(AWS_CRC32, "abc", "NSRBwg==");
    expect_checksum(AWS_CRC32, "123456789", "y/Q5Jg==");
    expect_checksum(AWS_CRC32C, "abc", "Nks/tw==");
    expect_checksum(AWS_CRC32C, "123456789", "4waSgw==");
    expect_checksum(AWS_CRC64NVME, "", "AAAAAAAAAAA=");
    expect_checksum(AWS_CRC64NVME, "abc", "BeXKuz/B+us=");
    expect_checksum(AWS_CRC64NVME, "123456789", "rosUhgp5mIg=");
    expect_checksum(AWS_SHA1, "abc", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    expect_checksum(AWS_SHA256, "abc",
                    "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}
END_TEST

START_TEST(joins_the_checksums_of_parts)
{
    static const enum aws_checksum_kind kinds[] = {AWS_CRC32, AWS_CRC32C,
                                                   AWS_CRC64NVME};
    unsigned char bytes[5000];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * i % 251);
    for (size_t k = 0; k < 3; k++)
        for (size_t cut = 0; cut <= sizeof(bytes); cut += 617) {
            struct aws_checksum all, first, second;

            aws_checksum_init(&all, kinds[k]);
            aws_checksum_init(&first, kinds[k]);
            aws_checksum_init(&second, kinds[k]);
            aws_checksum_add(&all, bytes, sizeof(bytes));
            aws_checksum_add(&first, bytes, cut);
            aws_checksum_add(&second, bytes + cut, sizeof(bytes) - cut);
            aws_checksum_join(&first, &second, sizeof(bytes) - cut);
            ck_assert_uint_eq(first.crc, all.crc);
        }
}
END_TEST

START_TEST(joins_the_published_parts)
{
    struct aws_checksum first, second;
    char text[AWS_CHECKSUM_TEXT_MAX];

    aws_checksum_init(&first, AWS_CRC64NVME);
    aws_checksum_init(&second, AWS_CRC64NVME);
    aws_checksum_add(&first, "abc", 3);
    aws_checksum_add(&second, "123456789", 9);
    aws_checksum_join(&first, &second, 9);
    aws_checksum_text(&first, text);
    ck_assert_str_eq(text, "NjIWeNhEWrs=");
}
END_TEST

START_TEST(agrees_with_the_tables_at_every_length)
{
    unsigned char bytes[777];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * i * 31 + i * 7);
    for (enum aws_crc_kind kind = AWS_CRC_32; kind <= AWS_CRC_64NVME; kind++)
        for (size_t from = 0; from < 17; from++)
            for (size_t size = 0; size + from <= sizeof(bytes); size++)
                ck_assert_uint_eq(aws_crc(kind, 5, bytes + from, size),
                                  aws_crc_table(kind, 5, bytes + from, size));
}
END_TEST

/* ------------------------------------------------------------ encodings --- */

START_TEST(writes_and_reads_base64)
{
    static const char *const texts[][2] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
    };
    char text[16];
    unsigned char bytes[16];
    size_t size;

    for (size_t i = 0; i < 5; i++) {
        aws_base64(text, (const unsigned char *)texts[i][0],
                   strlen(texts[i][0]));
        ck_assert_str_eq(text, texts[i][1]);
        ck_assert_int_eq(aws_base64_decode(text, bytes, sizeof(bytes), &size),
                         0);
        ck_assert_uint_eq(size, strlen(texts[i][0]));
        ck_assert_mem_eq(bytes, texts[i][0], size);
    }
    ck_assert_int_eq(aws_base64_decode("Zg=", bytes, 16, &size), -1);
    ck_assert_int_eq(aws_base64_decode("Z===", bytes, 16, &size), -1);
    ck_assert_int_eq(aws_base64_decode("Zm9v", bytes, 2, &size), -1);
    ck_assert_int_eq(aws_base64_decode("Z*9v", bytes, 16, &size), -1);
}
END_TEST

START_TEST(decodes_a_form_once)
{
    struct aws_buf out;

    aws_buf_init(&out, 64);
    ck_assert_int_eq(aws_form_decode(&out, "a+b%2Bc%252F%c3%A9"), 0);
    ck_assert_str_eq(aws_buf_string(&out), "a b+c%2F\xc3\xa9");
    ck_assert_int_eq(aws_form_decode(&out, "%4"), -1);
    ck_assert_int_eq(aws_form_decode(&out, "%zz"), -1);
    ck_assert_int_eq(aws_form_decode(&out, "%00"), -1);
    aws_buf_release(&out);
}
END_TEST

START_TEST(knows_utf8)
{
    static const char *const good[] = {"", "a", "\xc3\xa9", "\xe8\xa1\xa8",
                                       "\xf0\x9f\x98\x80"};
    static const char *const bad[] = {"\xff",         "\xc3",
                                      "\xc0\xaf",     "\xe0\x80\xaf",
                                      "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                      "\x80"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        ck_assert(aws_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert(!aws_is_utf8(bad[i], strlen(bad[i])));
    ck_assert(!aws_is_utf8("a\0b", 3));
}
END_TEST

START_TEST(hashes_what_sqs_sends)
{
    char hex[AWS_MD5_HEX];

    ck_assert_int_eq(aws_md5_hex("abc", 3, hex), 0);
    ck_assert_str_eq(hex, "900150983cd24fb0d6963f7d28e17f72");
}
END_TEST

/* ---------------------------------------------------------------- times --- */

START_TEST(reads_times_in_every_notation)
{
    int64_t ms;

    ck_assert_int_eq(aws_moment_parse_iso("2026-01-02T03:04:05Z", &ms), 0);
    ck_assert_int_eq(ms, 1767323045000);
    ck_assert_int_eq(aws_moment_parse_iso("2026-01-02T12:04:05.678+09:00", &ms),
                     0);
    ck_assert_int_eq(ms, 1767323045678);
    ck_assert_int_eq(
        aws_moment_parse_http("Fri, 02 Jan 2026 03:04:05 GMT", &ms), 0);
    ck_assert_int_eq(ms, 1767323045000);
    ck_assert_int_eq(aws_moment_parse_basic("20240229T235960Z", &ms), 0);
    ck_assert_int_eq(ms, 1709251200000);
    ck_assert_int_eq(aws_moment_parse_iso("1970-01-01T00:00:00Z", &ms), 0);
    ck_assert_int_eq(ms, 0);
}
END_TEST

START_TEST(refuses_what_is_no_time)
{
    static const char *const texts[] = {
        "",
        "2026-02-29T00:00:00Z",
        "2026-01-02T24:00:00Z",
        "2026-1-2T3:4:5Z",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05Zx",
        "2026-13-02T03:04:05Z",
        "2026-01-02 03:04:05Z",
    };
    int64_t ms;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_int_eq(aws_moment_parse_iso(texts[i], &ms), -1);
    ck_assert_int_eq(aws_moment_parse_http("yesterday", &ms), -1);
    ck_assert_int_eq(aws_moment_parse_http("Fri, 2 Jan 2026", &ms), -1);
}
END_TEST

START_TEST(writes_a_time_with_zeros)
{
    char basic[17], iso[21];

    aws_moment_basic(1767323045999, basic);
    ck_assert_str_eq(basic, "20260102T030405Z");
    aws_moment_iso(1767323045999, iso);
    ck_assert_str_eq(iso, "2026-01-02T03:04:05Z");
}
END_TEST

/* ------------------------------------------------------------ documents --- */

static int
parse(const char *text, struct aws_xml **xml)
{
    return aws_xml_parse((const unsigned char *)text, strlen(text), xml, &err);
}

START_TEST(reads_an_xml_answer)
{
    struct aws_xml *xml;
    const struct aws_xml_node *root, *item;

    ck_assert_int_eq(parse(" \n<?xml version=\"1.0\"?><s:L xmlns:s=\"u\"><K>"
                           "a&amp;b&#13;</K><C><P>1</P></C><K>2</K></s:L>",
                           &xml),
                     0);
    root = aws_xml_root(xml);
    ck_assert_str_eq(root->name, "L");
    item = aws_xml_child(root, "K");
    ck_assert_str_eq(item->text, "a&b\r");
    item = aws_xml_again(item);
    ck_assert_str_eq(item->text, "2");
    ck_assert_ptr_null(aws_xml_again(item));
    ck_assert_str_eq(aws_xml_text(root, "C/P"), "1");
    ck_assert_ptr_null(aws_xml_text(root, "C/Q"));
    ck_assert_ptr_null(aws_xml_child(root, "KK"));
    aws_xml_free(xml);
}
END_TEST

START_TEST(refuses_xml_that_is_dangerous_or_broken)
{
    static const char *const texts[] = {
        "",
        "<a>",
        "<a></b>",
        "x",
        "<a/><b/>",
        "{}",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<a>&undefined;</a>",
        "<a>\x01</a>",
    };
    struct aws_xml *xml;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        ck_assert_msg(parse(texts[i], &xml) == -1, "%s", texts[i]);
}
END_TEST

START_TEST(bounds_the_depth_of_xml)
{
    struct aws_buf text;
    struct aws_xml *xml;

    aws_buf_init(&text, 65536);
    for (int i = 0; i < AWS_XML_DEPTH_MAX + 1; i++)
        aws_buf_text(&text, "<a>");
    ck_assert_int_eq(parse(aws_buf_string(&text), &xml), -1);
    ck_assert(strstr(err.message, "nested too deeply") != NULL);
    aws_buf_release(&text);
}
END_TEST

START_TEST(bounds_the_size_of_xml)
{
    struct aws_buf text;
    struct aws_xml *xml;

    aws_buf_init(&text, 4 << 20);
    aws_buf_text(&text, "<a>");
    for (int i = 0; i < AWS_XML_NODES_MAX; i++)
        aws_buf_text(&text, "<b/>");
    aws_buf_text(&text, "</a>");
    ck_assert_int_eq(parse(aws_buf_string(&text), &xml), -1);
    ck_assert(strstr(err.message, "it is too large") != NULL);
    aws_buf_release(&text);
}
END_TEST

START_TEST(escapes_text_for_xml)
{
    struct aws_buf out;

    aws_buf_init(&out, 256);
    aws_xml_escape(&out, "a<b>&\"c\"\r\n");
    ck_assert_str_eq(aws_buf_string(&out),
                     "a&lt;b&gt;&amp;&quot;c&quot;&#13;&#10;");
    aws_buf_release(&out);
}
END_TEST

START_TEST(does_not_quote_json_that_it_cannot_read)
{
    static const char text[] = "{\"SecretAccessKey\": canary}";
    json_t *json;

    ck_assert_int_eq(
        aws_json_parse((const unsigned char *)text, strlen(text), &json, &err),
        -1);
    ck_assert_ptr_null(strstr(err.message, "canary"));
    ck_assert_int_eq(
        aws_json_parse((const unsigned char *)"[]", 2, &json, &err), -1);
}
END_TEST

START_TEST(remembers_that_something_did_not_fit)
{
    struct aws_buf buf;

    aws_buf_init(&buf, 4);
    aws_buf_text(&buf, "abcd");
    ck_assert(aws_buf_ok(&buf));
    aws_buf_text(&buf, "e");
    aws_buf_clear(&buf);
    ck_assert(aws_buf_ok(&buf));
    aws_buf_format(&buf, "%d", 12345);
    ck_assert_int_eq(aws_buf_check(&buf, "number", &err), -1);
    ck_assert_str_eq(err.message, "cannot hold the number: larger than 4 "
                                  "bytes");
    aws_buf_release(&buf);
}
END_TEST

/* --------------------------------------------------------------- delays --- */

START_TEST(draws_delays_from_zero_to_a_growing_bound)
{
    struct aws_retry_plan plan = aws_retry_plan(false);
    const struct aws_response response = {.status = 500};
    static const int64_t bounds[] = {1000,  2000,  4000, 8000,
                                     16000, 20000, 20000};

    for (int i = 0; i < 7; i++) {
        ck_assert_int_eq(
            aws_retry_delay(&plan, AWS_RETRY_TRANSIENT, i + 2, 0.0, &response),
            0);
        ck_assert_int_eq(
            aws_retry_delay(&plan, AWS_RETRY_TRANSIENT, i + 2, 0.5, &response),
            bounds[i] / 2);
    }
    plan = aws_retry_plan(true);
    ck_assert_int_eq(
        aws_retry_delay(&plan, AWS_RETRY_TRANSIENT, 2, 0.5, &response), 25);
    ck_assert_int_eq(
        aws_retry_delay(&plan, AWS_RETRY_THROTTLED, 2, 0.5, &response), 500);
}
END_TEST

START_TEST(bounds_what_a_service_asks_for)
{
    struct aws_retry_plan plan = aws_retry_plan(false);
    struct aws_response response = {.status = 503};

    aws_fields_add(&response.headers, "x-amz-retry-after", "60000");
    ck_assert_int_eq(
        aws_retry_delay(&plan, AWS_RETRY_THROTTLED, 2, 0.5, &response), 5500);
    aws_fields_set(&response.headers, "x-amz-retry-after", "soon");
    aws_fields_add(&response.headers, "retry-after", "3600");
    ck_assert_int_eq(
        aws_retry_delay(&plan, AWS_RETRY_THROTTLED, 2, 0.5, &response), 20000);
    aws_response_release(&response);
}
END_TEST

START_TEST(has_a_table_of_options_that_compiles)
{
    struct plugin {
        struct aws_settings aws;
    };
    static const struct fb_option options[] = {
        AWS_OPTIONS(struct plugin, aws),
        AWS_S3_OPTIONS(struct plugin, aws),
        {.name = NULL},
    };
    size_t count = 0;

    for (; options[count].name != NULL; count++)
        ck_assert_uint_gt(strlen(options[count].help), 10);
    ck_assert_uint_eq(count, 14);
}
END_TEST

/* ------------------------------------------------------------- settings --- */

static int
refuse(struct fb_step *step, const char *option, size_t index,
       enum fb_code code, const char *text, struct fb_error *error)
{
    (void)step, (void)index;
    return fb_fail(error, code, "%s: %s", option, text);
}

static const struct {
    struct aws_settings settings;
    const char *option;
} mistakes[] = {
    {{.region = "eu_west"}, "region"},
    {{.region = "evil.example"}, "region"},
    {{.endpoint = "store:9000"}, "endpoint"},
    {{.endpoint = "http://store", .use_fips = true}, "endpoint"},
    {{.access_key_id = "a"}, "access_key_id"},
    {{.secret_access_key = "a"}, "secret_access_key"},
    {{.session_token = "a"}, "session_token"},
    {{.force_path_style = true, .force_virtual_host = true},
     "force_virtual_host"},
};

START_TEST(refuses_settings_that_cannot_work)
{
    static const struct fb_host host = {.size = sizeof(host),
                                        .option_error = refuse};
    struct fb_step step = {.host = &host};
    const struct aws_settings good = {.region = "eu-west-1"};

    ck_assert_int_eq(aws_settings_check(&good, &step, &err), 0);
    ck_assert_int_eq(aws_settings_check(&mistakes[_i].settings, &step, &err),
                     -1);
    ck_assert_int_eq(
        strncmp(err.message, mistakes[_i].option, strlen(mistakes[_i].option)),
        0);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("aws_parts");
    TCase *tests = tcase_create("parts");

    tcase_add_test(tests, computes_the_checksums_of_s3);
    tcase_add_test(tests, joins_the_checksums_of_parts);
    tcase_add_test(tests, joins_the_published_parts);
    tcase_add_test(tests, agrees_with_the_tables_at_every_length);
    tcase_add_test(tests, writes_and_reads_base64);
    tcase_add_test(tests, decodes_a_form_once);
    tcase_add_test(tests, knows_utf8);
    tcase_add_test(tests, hashes_what_sqs_sends);
    tcase_add_test(tests, reads_times_in_every_notation);
    tcase_add_test(tests, refuses_what_is_no_time);
    tcase_add_test(tests, writes_a_time_with_zeros);
    tcase_add_test(tests, reads_an_xml_answer);
    tcase_add_test(tests, refuses_xml_that_is_dangerous_or_broken);
    tcase_add_test(tests, bounds_the_depth_of_xml);
    tcase_add_test(tests, bounds_the_size_of_xml);
    tcase_add_test(tests, escapes_text_for_xml);
    tcase_add_test(tests, does_not_quote_json_that_it_cannot_read);
    tcase_add_test(tests, remembers_that_something_did_not_fit);
    tcase_add_test(tests, draws_delays_from_zero_to_a_growing_bound);
    tcase_add_test(tests, bounds_what_a_service_asks_for);
    tcase_add_test(tests, has_a_table_of_options_that_compiles);
    tcase_add_loop_test(tests, refuses_settings_that_cannot_work, 0,
                        sizeof(mistakes) / sizeof(mistakes[0]));
    suite_add_tcase(suite, tests);
    return suite;
}
