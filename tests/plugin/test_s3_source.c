/*
 * The source of the plugin `s3`: reading one object whatever happens on the
 * way.  Listing and settling have files of their own.
 */
#include <unistd.h>

#include "plugin/s3_kit.h"
#include "unit/main.h"

#define TARGET "/bucket/in/a.csv"

static void
setup(void)
{
    kit_setup(FB_SOURCE);
}

static int
read_all(char *text, size_t room)
{
    unsigned char bytes[3];
    size_t got = 1;

    text[0] = '\0';
    while (got > 0) {
        if (fake->plugin->read_bytes(fake->self, &fake->step, bytes,
                                     sizeof(bytes), &got, &fake->err) != 0)
            return -1;
        ck_assert_uint_lt(strlen(text) + got, room);
        strncat(text, (const char *)bytes, got);
    }
    return 0;
}

static int
begin_and_read(char *text, size_t room)
{
    int status = fake_begin(fake);

    text[0] = '\0';
    return status == 0 ? read_all(text, room) : status;
}

/* The generation at hand, or "" when stat fails. */
static const char *
generation(void)
{
    static char text[256];
    struct fb_object object = {0};

    text[0] = '\0';
    fake->err.code = FB_E_NONE;
    if (fake->plugin->stat(fake->self, &fake->step, &object, &fake->err) == 0)
        snprintf(text, sizeof(text), "%s", object.generation);
    return text;
}

START_TEST(a_small_object_takes_one_look_and_one_request)
{
    char text[64];

    kit_head(TARGET, "hello");
    kit_get(TARGET, "hello");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "hello");
    fake_close(fake);
}
END_TEST

START_TEST(an_empty_object_takes_no_request_for_its_bytes)
{
    char text[64];

    kit_head(TARGET, "");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "");
    fake_close(fake);
}
END_TEST

START_TEST(a_large_object_comes_in_ranges_and_in_order)
{
    char text[64];

    fake_option(fake, "part_size", "4");
    fake_option(fake, "parallel", "1");
    kit_head(TARGET, "0123456789");
    kit_get_range(TARGET, "bytes=0-3", "bytes 0-3/10", "0123");
    kit_get_range(TARGET, "bytes=4-7", "bytes 4-7/10", "4567");
    kit_get_range(TARGET, "bytes=8-9", "bytes 8-9/10", "89");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "0123456789");
    fake_close(fake);
}
END_TEST

START_TEST(a_body_that_breaks_off_is_gone_on_with)
{
    struct http_step *step;
    char text[64];

    kit_head(TARGET, "0123456789");
    step = kit_get(TARGET, "0123456789");
    http_answer_cut(step, HTTP_CUT_BODY);
    kit_get_range(TARGET, "bytes=5-9", "bytes 5-9/10", "56789");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "0123456789");
    fake_close(fake);
}
END_TEST

START_TEST(a_range_that_breaks_off_is_gone_on_with_too)
{
    struct http_step *step;
    char text[64];

    fake_option(fake, "part_size", "8");
    fake_option(fake, "parallel", "1");
    kit_head(TARGET, "0123456789");
    step = kit_get_range(TARGET, "bytes=0-7", "bytes 0-7/10", "01234567");
    http_answer_cut(step, HTTP_CUT_BODY);
    kit_get_range(TARGET, "bytes=4-7", "bytes 4-7/10", "4567");
    kit_get_range(TARGET, "bytes=8-9", "bytes 8-9/10", "89");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "0123456789");
    fake_close(fake);
}
END_TEST

START_TEST(a_body_without_a_length_that_ends_early_is_not_the_end)
{
    struct http_step *step;
    char text[64];

    kit_head(TARGET, "0123456789");
    step = kit_get(TARGET, NULL);
    http_answer_raw(step, "HTTP/1.1 200 OK\r\nETag: " KIT_ETAG
                          "\r\nConnection: close\r\n\r\n0123");
    kit_get_range(TARGET, "bytes=4-9", "bytes 4-9/10", "456789");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "0123456789");
    fake_close(fake);
}
END_TEST

START_TEST(other_bytes_than_those_asked_for_are_refused)
{
    char text[64];

    fake_option(fake, "part_size", "8");
    fake_option(fake, "parallel", "1");
    kit_head(TARGET, "0123456789");
    kit_get_range(TARGET, "bytes=0-7", "bytes 1-8/10", "12345678");
    kit_fails(begin_and_read(text, sizeof(text)), FB_E_UNAVAILABLE,
              "bytes 1-8/10");
    ck_assert_str_eq(text, "");
    fake_close(fake);
}
END_TEST

START_TEST(another_size_in_the_range_is_refused)
{
    char text[64];

    fake_option(fake, "part_size", "8");
    fake_option(fake, "parallel", "1");
    kit_head(TARGET, "0123456789");
    kit_get_range(TARGET, "bytes=0-7", "bytes 0-7/11", "01234567");
    kit_fails(begin_and_read(text, sizeof(text)), FB_E_UNAVAILABLE,
              "bytes 0-7/11");
    fake_close(fake);
}
END_TEST

START_TEST(the_whole_object_is_no_answer_to_a_range)
{
    struct http_step *step;
    char text[64];

    fake_option(fake, "part_size", "5");
    fake_option(fake, "parallel", "1");
    kit_head(TARGET, "0123456789");
    step = kit_get_range(TARGET, "bytes=0-4", "", NULL);
    http_answer(step, 200, "01234");
    kit_fails(begin_and_read(text, sizeof(text)), FB_E_UNAVAILABLE,
              "not a range of it");
    fake_close(fake);
}
END_TEST

START_TEST(an_object_replaced_between_two_ranges_is_changed)
{
    struct http_step *step;
    char text[64];

    fake_option(fake, "part_size", "8");
    fake_option(fake, "parallel", "1");
    kit_head(TARGET, "0123456789");
    kit_get_range(TARGET, "bytes=0-7", "bytes 0-7/10", "01234567");
    step = kit_get_range(TARGET, "bytes=8-9", "", NULL);
    kit_refuse(step, 412, "PreconditionFailed");
    kit_fails(begin_and_read(text, sizeof(text)), FB_E_CHANGED,
              "'s3://bucket/in/a.csv' was replaced while it was read");
    fake_close(fake);
}
END_TEST

START_TEST(an_object_removed_while_it_is_read_is_changed)
{
    struct http_step *step;
    char text[64];

    kit_head(TARGET, "hello");
    step = kit_get(TARGET, NULL);
    kit_refuse(step, 404, "NoSuchKey");
    kit_fails(begin_and_read(text, sizeof(text)), FB_E_CHANGED,
              "was removed while it was read");
    fake_close(fake);
}
END_TEST

START_TEST(an_answer_of_another_object_is_changed)
{
    struct http_step *step;
    char text[64];

    kit_head(TARGET, "hello");
    step = http_expect(script, "GET", TARGET);
    http_answer(step, 200, "hallo");
    http_answer_header(step, "ETag", "\"other\"");
    kit_fails(begin_and_read(text, sizeof(text)), FB_E_CHANGED,
              "replaced while it was read");
    fake_close(fake);
}
END_TEST

START_TEST(a_page_of_a_proxy_is_no_object)
{
    struct http_step *step = http_expect(script, "HEAD", TARGET);

    http_answer(step, 200, "<html>Please log in</html>");
    kit_fails(fake_begin(fake), FB_E_UNAVAILABLE, "the answer has not an ETag");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "proxy"));
}
END_TEST

START_TEST(damage_on_the_way_is_told_with_both_checksums)
{
    struct http_step *step = kit_head(TARGET, "123456789");
    char text[64];

    http_expect_header(step, "x-amz-checksum-mode", "ENABLED");
    http_answer_header(step, "x-amz-checksum-crc32c", "4waSgw==");
    http_answer_header(step, "x-amz-checksum-type", "FULL_OBJECT");
    kit_get(TARGET, "123456780");
    kit_fails(begin_and_read(text, sizeof(text)), FB_E_UNAVAILABLE,
              "the store has 4waSgw==");
    ck_assert_ptr_nonnull(strstr(fake->err.message, "CRC32C"));
    fake_close(fake);
}
END_TEST

START_TEST(the_right_checksum_lets_the_end_be_the_end)
{
    struct http_step *step = kit_head(TARGET, "123456789");
    char text[64];

    http_answer_header(step, "x-amz-checksum-crc64nvme", "rosUhgp5mIg=");
    http_answer_header(step, "x-amz-checksum-type", "FULL_OBJECT");
    kit_get(TARGET, "123456789");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "123456789");
    fake_close(fake);
}
END_TEST

START_TEST(a_checksum_of_parts_cannot_be_compared)
{
    struct http_step *step = kit_head(TARGET, "123456789");
    char text[64];

    http_answer_header(step, "x-amz-checksum-crc32c", "AAAAAA==-2");
    http_answer_header(step, "x-amz-checksum-type", "COMPOSITE");
    kit_get(TARGET, "123456789");
    kit_works(begin_and_read(text, sizeof(text)));
    fake_close(fake);
}
END_TEST

START_TEST(a_version_is_read_by_its_id_and_cannot_change)
{
    struct http_step *step = kit_head(TARGET, "hello");
    char text[64];

    http_answer_header(step, "x-amz-version-id", "v+1");
    kit_get(TARGET "?versionId=v%2B1", "hello");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(generation(), KIT_GENERATION("5"));
    fake_close(fake);
}
END_TEST

START_TEST(the_generation_is_looked_at_again_after_reading)
{
    struct http_step *step;
    char text[64];

    kit_head(TARGET, "hello");
    kit_get(TARGET, "hello");
    kit_works(fake_begin(fake));
    ck_assert_str_eq(generation(), KIT_GENERATION("5"));
    kit_works(read_all(text, sizeof(text)));
    kit_head(TARGET, "hello");
    ck_assert_str_eq(generation(), KIT_GENERATION("5"));
    step = http_expect(script, "HEAD", TARGET);
    http_answer(step, 200, "hello");
    http_answer_header(step, "ETag", KIT_ETAG);
    http_answer_header(step, "Last-Modified", "Fri, 02 Jan 2026 03:04:06 GMT");
    ck_assert_str_eq(generation(), "");
    ck_assert_int_eq(fake->err.code, FB_E_CHANGED);
    kit_head_missing(TARGET);
    ck_assert_str_eq(generation(), KIT_GENERATION("5"));
    fake_close(fake);
}
END_TEST

START_TEST(a_busy_store_is_asked_again)
{
    struct http_step *step = kit_head(TARGET, "hello");
    char text[64];

    (void)step;
    step = kit_get(TARGET, NULL);
    kit_refuse(step, 503, "SlowDown");
    kit_get(TARGET, "hello");
    kit_works(begin_and_read(text, sizeof(text)));
    ck_assert_str_eq(text, "hello");
    fake_close(fake);
}
END_TEST

START_TEST(a_missing_object_is_missing)
{
    kit_head_missing(TARGET);
    kit_fails(fake_begin(fake), FB_E_MISSING, "in/a.csv");
    ck_assert_str_eq(fake->err.hint, "");
}
END_TEST

START_TEST(a_pattern_is_no_object_and_the_hint_says_so)
{
    fake->uri = "s3://bucket/in/*.csv";
    kit_head_missing("/bucket/in/%2A.csv");
    kit_fails(fake_begin(fake), FB_E_MISSING, "in/*.csv");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "${trigger.uri}"));
}
END_TEST

START_TEST(who_may_not_read_is_told_the_action)
{
    struct http_step *step = http_expect(script, "HEAD", TARGET);

    http_answer(step, 403, NULL);
    kit_fails(fake_begin(fake), FB_E_PERMISSION, "in/a.csv");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "s3:GetObject"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "s3:ListBucket"));
}
END_TEST

START_TEST(an_archived_object_is_refused)
{
    struct http_step *step = kit_head(TARGET, "hello");

    http_answer_header(step, "x-amz-storage-class", "DEEP_ARCHIVE");
    kit_fails(fake_begin(fake), FB_E_INPUT, "it is archived");
}
END_TEST

START_TEST(a_restored_object_is_read)
{
    struct http_step *step = kit_head(TARGET, "");

    http_answer_header(step, "x-amz-storage-class", "GLACIER");
    http_answer_header(step, "x-amz-restore", "ongoing-request=\"false\"");
    kit_works(fake_begin(fake));
    fake_close(fake);
}
END_TEST

START_TEST(the_owner_is_named_in_every_request)
{
    struct http_step *step = kit_head(TARGET, "hello");
    char text[64];

    fake_option(fake, "expected_bucket_owner", "012345678901");
    http_expect_header(step, "x-amz-expected-bucket-owner", "012345678901");
    step = kit_get(TARGET, "hello");
    http_expect_header(step, "x-amz-expected-bucket-owner", "012345678901");
    kit_works(begin_and_read(text, sizeof(text)));
    fake_close(fake);
}
END_TEST

START_TEST(closing_early_stops_what_is_under_way)
{
    kit_head(TARGET, "hello");
    http_answer_delay(kit_get(TARGET, "hello"), 50);
    kit_works(fake_begin(fake));
    while (http_script_count(script) < 2)
        usleep(1000);
    fake_close(fake);
}
END_TEST

static void
refuse(const char *uri, const char *part)
{
    fake->uri = uri;
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "uri");
    ck_assert_msg(strstr(fake->err.message, part) != NULL, "%s",
                  fake->err.message);
}

START_TEST(names_that_no_bucket_can_have_are_refused)
{
    refuse("s3://", "no bucket");
    refuse("s3://ab/x", "3 to 63");
    refuse("s3://Bucket/x", "a-z");
    refuse("s3://my_bucket/x", "a-z");
    refuse("s3://-bucket/x", "begins and ends");
    refuse("s3://a..b/x", "two dots");
    refuse("s3://192.168.0.1/x", "IP address");
    refuse("s3://bucket--x-s3/x", "directory buckets");
    refuse("s3://arn:aws:s3:::b/x", "a-z");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "-s3alias"));
}
END_TEST

START_TEST(a_bucket_or_a_folder_is_no_object)
{
    refuse("s3://bucket", "names a bucket");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "'s3://bucket/*'"));
    refuse("s3://bucket/", "names a bucket");
    refuse("s3://bucket/in/", "names a folder");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "'s3://bucket/in/*'"));
}
END_TEST

START_TEST(an_owner_has_twelve_digits)
{
    fake_option(fake, "expected_bucket_owner", "12345");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "expected_bucket_owner");
}
END_TEST

static TCase *
reading(void)
{
    TCase *tc = tcase_create("reading");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, a_small_object_takes_one_look_and_one_request);
    tcase_add_test(tc, an_empty_object_takes_no_request_for_its_bytes);
    tcase_add_test(tc, a_large_object_comes_in_ranges_and_in_order);
    tcase_add_test(tc, a_version_is_read_by_its_id_and_cannot_change);
    tcase_add_test(tc, the_generation_is_looked_at_again_after_reading);
    tcase_add_test(tc, a_restored_object_is_read);
    tcase_add_test(tc, the_owner_is_named_in_every_request);
    tcase_add_test(tc, closing_early_stops_what_is_under_way);
    return tc;
}

static TCase *
trouble(void)
{
    TCase *tc = tcase_create("trouble");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, a_body_that_breaks_off_is_gone_on_with);
    tcase_add_test(tc, a_range_that_breaks_off_is_gone_on_with_too);
    tcase_add_test(tc, a_body_without_a_length_that_ends_early_is_not_the_end);
    tcase_add_test(tc, other_bytes_than_those_asked_for_are_refused);
    tcase_add_test(tc, another_size_in_the_range_is_refused);
    tcase_add_test(tc, the_whole_object_is_no_answer_to_a_range);
    tcase_add_test(tc, an_object_replaced_between_two_ranges_is_changed);
    tcase_add_test(tc, an_object_removed_while_it_is_read_is_changed);
    tcase_add_test(tc, an_answer_of_another_object_is_changed);
    tcase_add_test(tc, a_page_of_a_proxy_is_no_object);
    tcase_add_test(tc, damage_on_the_way_is_told_with_both_checksums);
    tcase_add_test(tc, the_right_checksum_lets_the_end_be_the_end);
    tcase_add_test(tc, a_checksum_of_parts_cannot_be_compared);
    tcase_add_test(tc, a_busy_store_is_asked_again);
    tcase_add_test(tc, a_missing_object_is_missing);
    tcase_add_test(tc, a_pattern_is_no_object_and_the_hint_says_so);
    tcase_add_test(tc, who_may_not_read_is_told_the_action);
    tcase_add_test(tc, an_archived_object_is_refused);
    return tc;
}

static TCase *
checking(void)
{
    TCase *tc = tcase_create("checking");

    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, names_that_no_bucket_can_have_are_refused);
    tcase_add_test(tc, a_bucket_or_a_folder_is_no_object);
    tcase_add_test(tc, an_owner_has_twelve_digits);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("s3 source");

    suite_add_tcase(suite, reading());
    suite_add_tcase(suite, trouble());
    suite_add_tcase(suite, checking());
    return suite;
}
