/*
 * The source of the plugin `s3` as a trigger: listing what a pattern names,
 * and settling an object whose run is done.
 */
#include "plugin/s3_kit.h"
#include "unit/main.h"
#include <inttypes.h>

#define LIST "/bucket?list-type=2&encoding-type=url"
#define FLAT LIST "&prefix=in%2F&delimiter=%2F"
#define OBJECT "/bucket/in/a.csv"

static char found_uris[4096]; /* one on a line */
static char found_generation[256];
static int64_t found_ms;
static uint64_t found_size;

static void
setup(void)
{
    kit_setup(FB_SOURCE);
    fake->uri = "s3://bucket/in/*.csv";
    found_uris[0] = '\0';
}

static int
note(void *arg, const struct fb_object *object)
{
    size_t length = strlen(found_uris);

    (void)arg;
    snprintf(found_uris + length, sizeof(found_uris) - length, "%s\n",
             object->uri);
    snprintf(found_generation, sizeof(found_generation), "%s",
             object->generation);
    found_ms = object->modified_ms;
    found_size = object->size;
    return 0;
}

static int
discover(void)
{
    ck_assert_int_eq(fake_check(fake), 0);
    return fake->plugin->discover(fake->self, &fake->step, note, NULL,
                                  &fake->err);
}

/* A page; keys as they stand in it, separated by blanks. */
static struct http_step *
page(const char *target, const char *keys, bool encoded, const char *next)
{
    struct http_step *step = http_expect(script, "GET", target);
    char text[16384], list[4096], *key, *rest = NULL;
    int length;

    snprintf(list, sizeof(list), "%s", keys);
    length = snprintf(text, sizeof(text),
                      "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/"
                      "2006-03-01/\">%s<IsTruncated>%s</IsTruncated>",
                      encoded ? "<EncodingType>url</EncodingType>" : "",
                      next != NULL ? "true" : "false");
    if (next != NULL)
        length +=
            snprintf(text + length, sizeof(text) - (size_t)length,
                     "<NextContinuationToken>%s</NextContinuationToken>", next);
    for (key = strtok_r(list, " ", &rest); key != NULL;
         key = strtok_r(NULL, " ", &rest))
        length += snprintf(
            text + length, sizeof(text) - (size_t)length,
            "<Contents><Key>%s</Key><LastModified>" KIT_TIME_ISO
            "</LastModified><ETag>&quot;9b2cf535f27731c974343645a3985328"
            "&quot;</ETag><Size>5</Size></Contents>",
            key);
    snprintf(text + length, sizeof(text) - (size_t)length,
             "</ListBucketResult>");
    http_answer(step, 200, text);
    return step;
}

/* What of these keys the pattern matches. */
static void
matches(const char *pattern, const char *target, const char *keys,
        const char *uris)
{
    found_uris[0] = '\0';
    fake->uri = pattern;
    page(target, keys, true, NULL);
    kit_works(discover());
    ck_assert_str_eq(found_uris, uris);
}

START_TEST(finds_what_matches_with_the_generation_that_reading_finds)
{
    page(FLAT, "in/a.csv in/b.txt", true, NULL);
    kit_works(discover());
    ck_assert_str_eq(found_uris, "s3://bucket/in/a.csv\n");
    ck_assert_str_eq(found_generation, KIT_GENERATION("5"));
    ck_assert_int_eq(found_ms, INT64_C(1767323045000));
    ck_assert_uint_eq(found_size, 5);
    fake->uri = "s3://bucket/in/a.csv";
    kit_head(OBJECT, "");
    kit_works(fake_begin(fake));
    fake_close(fake);
}
END_TEST

START_TEST(keys_are_decoded_as_forms)
{
    matches("s3://bucket/in/*.csv", FLAT,
            "in/a+b.csv in/a%20b.csv in/a%2Bb.csv in/%E8%A1%A8.csv "
            "in/%2541.csv",
            "s3://bucket/in/a b.csv\ns3://bucket/in/a b.csv\n"
            "s3://bucket/in/a+b.csv\ns3://bucket/in/表.csv\n"
            "s3://bucket/in/%41.csv\n");
}
END_TEST

START_TEST(keys_are_not_decoded_unless_the_store_encoded_them)
{
    page(FLAT, "in/a+b.csv in/%41.csv", false, NULL);
    kit_works(discover());
    ck_assert_str_eq(found_uris,
                     "s3://bucket/in/a+b.csv\ns3://bucket/in/%41.csv\n");
}
END_TEST

START_TEST(wildcards_match_as_they_do_for_files)
{
    matches("s3://bucket/in/*.csv", FLAT,
            "in/ in/.hidden.csv in/x.csv in/x.csv.gz in/.csv",
            "s3://bucket/in/x.csv\n");
    matches("s3://bucket/in/?.csv", FLAT, "in/x.csv in/xy.csv in/%E8%A1%A8.csv",
            "s3://bucket/in/x.csv\ns3://bucket/in/表.csv\n");
    matches("s3://bucket/in/[a-c]*.csv", FLAT, "in/ax.csv in/dx.csv",
            "s3://bucket/in/ax.csv\n");
    matches("s3://bucket/in/[!a]x.csv", FLAT, "in/ax.csv in/dx.csv",
            "s3://bucket/in/dx.csv\n");
    matches("s3://bucket/in/[x.csv", FLAT, "in/%5Bx.csv in/x.csv",
            "s3://bucket/in/[x.csv\n");
    matches("s3://bucket/in/*a*a.csv", FLAT, "in/aaa.csv in/a.csv in/aba.csv",
            "s3://bucket/in/aaa.csv\ns3://bucket/in/aba.csv\n");
}
END_TEST

START_TEST(two_stars_go_through_folders_but_not_hidden_ones)
{
    matches("s3://bucket/in/**/x.csv", LIST "&prefix=in%2F",
            "in/x.csv in/a/x.csv in/a/b/x.csv in/.git/x.csv in/ax.csv",
            "s3://bucket/in/x.csv\ns3://bucket/in/a/x.csv\n"
            "s3://bucket/in/a/b/x.csv\n");
    matches("s3://bucket/in/**", LIST "&prefix=in%2F",
            "in/x.csv in/a/ in/a/y.csv in/a/.z",
            "s3://bucket/in/x.csv\ns3://bucket/in/a/y.csv\n");
    matches("s3://bucket/**/b/**/d", LIST "&prefix=", "a/b/c/b/d b/d b/c a/d",
            "s3://bucket/a/b/c/b/d\ns3://bucket/b/d\n");
    matches("s3://bucket/in/*/x.csv", LIST "&prefix=in%2F",
            "in/x.csv in/a/x.csv in/a/b/x.csv in//x.csv",
            "s3://bucket/in/a/x.csv\n");
}
END_TEST

START_TEST(only_what_begins_like_the_pattern_is_listed)
{
    matches("s3://bucket/in/2025-*.csv",
            LIST "&prefix=in%2F2025-&delimiter=%2F", "in/2025-01.csv",
            "s3://bucket/in/2025-01.csv\n");
}
END_TEST

START_TEST(without_a_wildcard_one_key_is_asked_for)
{
    matches("s3://bucket/in/a.csv",
            LIST "&prefix=in%2Fa.csv&delimiter=%2F&max-keys=1", "in/a.csv",
            "s3://bucket/in/a.csv\n");
    matches("s3://bucket/in/a.csv",
            LIST "&prefix=in%2Fa.csv&delimiter=%2F&max-keys=1", "in/a.csv2",
            "");
}
END_TEST

START_TEST(an_empty_page_is_not_the_end)
{
    page(FLAT, "in/a.csv", true, "t/1=");
    page(FLAT "&continuation-token=t%2F1%3D", "", true, "t2");
    page(FLAT "&continuation-token=t2", "in/b.csv", true, NULL);
    kit_works(discover());
    ck_assert_str_eq(found_uris,
                     "s3://bucket/in/a.csv\ns3://bucket/in/b.csv\n");
}
END_TEST

START_TEST(a_listing_that_repeats_itself_is_an_error)
{
    page(FLAT, "in/a.csv", true, "t1");
    page(FLAT "&continuation-token=t1", "in/b.csv", true, "t1");
    kit_fails(discover(), FB_E_UNAVAILABLE, "in a circle");
}
END_TEST

START_TEST(a_listing_that_goes_in_a_larger_circle_is_an_error_too)
{
    page(FLAT, "", true, "t1");
    page(FLAT "&continuation-token=t1", "", true, "t2");
    page(FLAT "&continuation-token=t2", "", true, "t3");
    page(FLAT "&continuation-token=t3", "", true, "t2");
    kit_fails(discover(), FB_E_UNAVAILABLE, "in a circle");
}
END_TEST

START_TEST(a_key_with_a_nul_does_not_hide_the_others)
{
    matches("s3://bucket/in/*.csv", FLAT, "in/a%00b.csv in/c.csv",
            "s3://bucket/in/c.csv\n");
    ck_assert_int_eq(fake->log_count, 1);
    ck_assert_int_eq(fake->levels[0], FB_WARN);
}
END_TEST

START_TEST(a_page_of_a_proxy_is_no_listing)
{
    fake_option(fake, "max_attempts", "1");
    http_answer(http_expect(script, "GET", FLAT), 200,
                "<html><body>Please log in</body></html>");
    kit_fails(discover(), FB_E_UNAVAILABLE, "list");
    ck_assert_str_eq(found_uris, "");
}
END_TEST

START_TEST(who_may_not_list_is_told_the_action)
{
    kit_refuse(http_expect(script, "GET", FLAT), 403, "AccessDenied");
    kit_fails(discover(), FB_E_PERMISSION, "AccessDenied");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "s3:ListBucket"));
}
END_TEST

START_TEST(a_bucket_that_is_not_there_is_a_matter_of_configuration)
{
    kit_refuse(http_expect(script, "GET", FLAT), 404, "NoSuchBucket");
    kit_fails(discover(), FB_E_CONFIG, "there is no bucket 'bucket'");
}
END_TEST

/* --- settling --- */

static const struct fb_object done = {.uri = "s3://bucket/in/a.csv",
                                      .generation = KIT_GENERATION("5"),
                                      .size = 5};

static int
settle(bool success)
{
    fake->err.code = FB_E_NONE;
    ck_assert_int_eq(fake_check(fake), 0);
    return fake->plugin->settle(fake->self, &fake->step, &done, success,
                                &fake->err);
}

static struct http_step *
expect_delete(void)
{
    struct http_step *step = http_expect(script, "DELETE", OBJECT);

    http_expect_header(step, "if-match", KIT_ETAG);
    http_answer(step, 204, NULL);
    return step;
}

START_TEST(an_object_is_kept_unless_told)
{
    kit_works(settle(true));
    fake_option(fake, "on_success", "delete");
    kit_works(settle(false));
}
END_TEST

START_TEST(deleting_carries_the_etag_as_its_condition)
{
    fake_option(fake, "on_success", "delete");
    kit_head(OBJECT, "hello");
    expect_delete();
    kit_works(settle(true));
}
END_TEST

START_TEST(another_generation_is_left_alone)
{
    fake_option(fake, "on_success", "delete");
    kit_head(OBJECT, "hello, world");
    kit_works(settle(true));
}
END_TEST

START_TEST(what_is_gone_already_is_no_error)
{
    fake_option(fake, "on_success", "delete");
    kit_head_missing(OBJECT);
    kit_works(settle(true));
}
END_TEST

START_TEST(one_that_comes_between_look_and_delete_stays)
{
    fake_option(fake, "on_success", "delete");
    kit_head(OBJECT, "hello");
    kit_refuse(expect_delete(), 412, "PreconditionFailed");
    kit_works(settle(true));
}
END_TEST

START_TEST(a_store_without_conditions_is_not_asked_to_delete_without)
{
    fake_option(fake, "on_success", "delete");
    kit_head(OBJECT, "hello");
    kit_refuse(expect_delete(), 501, "NotImplemented");
    kit_fails(settle(true), FB_E_FAILED, "NotImplemented");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "on_success: keep"));
}
END_TEST

static struct http_step *
expect_copy(const char *target)
{
    struct http_step *step = http_expect(script, "PUT", target);

    http_expect_header(step, "x-amz-copy-source", "bucket/in/a.csv");
    http_expect_header(step, "x-amz-copy-source-if-match", KIT_ETAG);
    http_answer(step, 200,
                "<CopyObjectResult><ETag>&quot;e&quot;</ETag>"
                "</CopyObjectResult>");
    return step;
}

static void
say_move(void)
{
    fake_option(fake, "on_success", "move");
    fake_option(fake, "move_to", "s3://archive/done/");
}

START_TEST(moving_copies_then_deletes)
{
    say_move();
    kit_head(OBJECT, "hello");
    kit_head_missing("/archive/done/a.csv");
    http_expect_header(expect_copy("/archive/done/a.csv"), "if-none-match",
                       "*");
    expect_delete();
    kit_works(settle(true));
}
END_TEST

/* Of the copy, both buckets must be that account's. */
START_TEST(moving_insists_on_the_owner_of_both_buckets)
{
    struct http_step *step;

    fake_option(fake, "expected_bucket_owner", "012345678901");
    say_move();
    kit_head(OBJECT, "hello");
    kit_head_missing("/archive/done/a.csv");
    step = expect_copy("/archive/done/a.csv");
    http_expect_header(step, "x-amz-expected-bucket-owner", "012345678901");
    http_expect_header(step, "x-amz-source-expected-bucket-owner",
                       "012345678901");
    expect_delete();
    kit_works(settle(true));
}
END_TEST

START_TEST(a_move_that_was_cut_off_is_finished)
{
    say_move();
    kit_head(OBJECT, "hello");
    kit_head("/archive/done/a.csv", "hello");
    expect_delete();
    kit_works(settle(true));
}
END_TEST

START_TEST(a_name_that_is_taken_gets_the_run_into_it)
{
    struct http_step *step;

    say_move();
    kit_head(OBJECT, "hello");
    kit_head("/archive/done/a.csv", "of yesterday");
    step = expect_copy("/archive/done/a.0123456789abcdef0123456789abcdef.csv");
    http_expect_header(step, "if-none-match", NULL);
    expect_delete();
    kit_works(settle(true));
}
END_TEST

START_TEST(an_error_in_a_success_is_no_copy)
{
    struct http_step *step;

    fake_option(fake, "max_attempts", "1");
    say_move();
    kit_head(OBJECT, "hello");
    kit_head_missing("/archive/done/a.csv");
    step = expect_copy("/archive/done/a.csv");
    kit_refuse(step, 200, "InternalError");
    kit_fails(settle(true), FB_E_UNAVAILABLE, "InternalError");
}
END_TEST

/* --- moving more than CopyObject takes --- */

#define LARGE "5368709121" /* 5 GiB and a byte: 11 parts */
#define LARGE_PARTS 11
#define LARGE_SUM "rosUhgp5mIg="

static const struct fb_object large = {.uri = "s3://bucket/in/a.csv",
                                       .generation = KIT_GENERATION(LARGE),
                                       .size = 5368709121};

static int
settle_large(void)
{
    fake->err.code = FB_E_NONE;
    ck_assert_int_eq(fake_check(fake), 0);
    return fake->plugin->settle(fake->self, &fake->step, &large, true,
                                &fake->err);
}

static struct http_step *
head_large(const char *target, const char *etag)
{
    struct http_step *step = http_expect(script, "HEAD", target);

    http_answer(step, 200, NULL);
    http_answer_header(step, "Content-Length", LARGE);
    http_answer_header(step, "ETag", etag);
    http_answer_header(step, "Last-Modified", KIT_TIME);
    return step;
}

static void
answer_sum(struct http_step *step)
{
    http_answer_header(step, "x-amz-checksum-crc64nvme", LARGE_SUM);
    http_answer_header(step, "x-amz-checksum-type", "FULL_OBJECT");
}

static void
expect_no_uploads(const char *target)
{
    struct http_step *step = http_expect(script, "GET", target);

    http_answer(step, 200,
                "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>"
                "</ListMultipartUploadsResult>");
}

static struct http_step *
expect_create(const char *target)
{
    struct http_step *step = http_expect(script, "POST", target);

    http_answer(step, 200,
                "<InitiateMultipartUploadResult><UploadId>up</UploadId>"
                "</InitiateMultipartUploadResult>");
    return step;
}

static struct http_step *
expect_part(int number)
{
    const uint64_t size = UINT64_C(512) << 20;
    uint64_t end = size * (uint64_t)number;
    char target[128], range[96];
    struct http_step *step;

    snprintf(target, sizeof(target),
             "/archive/done/a.csv?partNumber=%d&uploadId=up", number);
    if (number == LARGE_PARTS)
        snprintf(range, sizeof(range), "bytes=5368709120-5368709120");
    else
        snprintf(range, sizeof(range), "bytes=%" PRIu64 "-%" PRIu64, end - size,
                 end - 1);
    step = http_expect(script, "PUT", target);
    http_expect_header(step, "x-amz-copy-source", "bucket/in/a.csv");
    http_expect_header(step, "x-amz-copy-source-if-match", KIT_ETAG);
    http_expect_header(step, "x-amz-copy-source-range", range);
    http_answer(step, 200,
                "<CopyPartResult><ETag>&quot;p&quot;</ETag>"
                "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>"
                "</CopyPartResult>");
    return step;
}

static void
expect_parts(int count)
{
    for (int number = 1; number <= count; number++)
        expect_part(number);
}

static struct http_step *
expect_complete(void)
{
    struct http_step *step =
        http_expect(script, "POST", "/archive/done/a.csv?uploadId=up");

    http_expect_header(step, "x-amz-mp-object-size", LARGE);
    http_answer(step, 200,
                "<CompleteMultipartUploadResult><ETag>&quot;m-11&quot;</ETag>"
                "</CompleteMultipartUploadResult>");
    return step;
}

static void
expect_abort(void)
{
    for (int i = 0; i < 2; i++) {
        struct http_step *step =
            http_expect(script, "DELETE", "/archive/done/a.csv?uploadId=up");

        if (i == 0)
            http_answer(step, 204, NULL);
        else
            kit_refuse(step, 404, "NoSuchUpload");
    }
}

static void
expect_tags(void)
{
    http_answer(http_expect(script, "GET", OBJECT "?tagging="), 200,
                "<Tagging><TagSet><Tag><Key>dep t</Key><Value>a&amp;b</Value>"
                "</Tag><Tag><Key>x</Key><Value/></Tag></TagSet></Tagging>");
}

/* Up to the first part. */
static struct http_step *
begin_large(bool has_sum)
{
    struct http_step *step;

    say_move();
    http_script_any_order(script);
    step = head_large(OBJECT, KIT_ETAG);
    if (has_sum)
        answer_sum(step);
    kit_head_missing("/archive/done/a.csv");
    step = head_large(OBJECT, KIT_ETAG);
    http_expect_header(step, "if-match", KIT_ETAG);
    http_answer_header(step, "Content-Type", "text/csv");
    http_answer_header(step, "Cache-Control", "no-store");
    http_answer_header(step, "x-amz-meta-who", "ann");
    http_answer_header(step, "x-amz-storage-class", "STANDARD_IA");
    http_answer_header(step, "x-amz-tagging-count", "2");
    expect_tags();
    expect_no_uploads(
        "/archive?uploads=&encoding-type=url&prefix=done%2Fa.csv");
    return expect_create("/archive/done/a.csv?uploads=");
}

START_TEST(a_large_object_is_moved_in_parts)
{
    struct http_step *step = begin_large(true);

    http_expect_header(step, "content-type", "text/csv");
    http_expect_header(step, "cache-control", "no-store");
    http_expect_header(step, "x-amz-meta-who", "ann");
    http_expect_header(step, "x-amz-meta-forebay-copied", NULL);
    http_expect_header(step, "x-amz-storage-class", NULL);
    http_expect_header(step, "x-amz-tagging", "dep%20t=a%26b&x=");
    http_expect_header(step, "x-amz-checksum-algorithm", "CRC64NVME");
    http_expect_header(step, "x-amz-checksum-type", "FULL_OBJECT");
    expect_parts(LARGE_PARTS);
    step = expect_complete();
    http_expect_header(step, "if-none-match", "*");
    http_expect_header(step, "x-amz-checksum-crc64nvme", LARGE_SUM);
    http_expect_header(step, "x-amz-checksum-type", "FULL_OBJECT");
    http_expect_in_body(
        step, "<Part><ETag>&quot;p&quot;</ETag><PartNumber>11</PartNumber>"
              "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME></Part>"
              "</CompleteMultipartUpload>");
    expect_delete();
    kit_works(settle_large());
}
END_TEST

START_TEST(a_large_copy_without_a_checksum_says_of_what_it_is_one)
{
    struct http_step *step = begin_large(false);

    http_expect_header(step, "x-amz-checksum-algorithm", NULL);
    http_expect_header(step, "x-amz-meta-forebay-copied",
                       KIT_GENERATION(LARGE));
    expect_parts(LARGE_PARTS);
    http_expect_header(expect_complete(), "x-amz-checksum-type", NULL);
    expect_delete();
    kit_works(settle_large());
}
END_TEST

START_TEST(a_large_move_that_was_cut_off_is_finished)
{
    struct http_step *here, *there;

    say_move();
    here = head_large(OBJECT, KIT_ETAG);
    there = head_large("/archive/done/a.csv", "\"m-11\"");
    if (_i == 0) {
        answer_sum(here);
        answer_sum(there);
    } else {
        http_answer_header(there, "x-amz-meta-forebay-copied",
                           KIT_GENERATION(LARGE));
    }
    expect_delete();
    kit_works(settle_large());
}
END_TEST

START_TEST(an_object_replaced_while_it_is_moved_stays)
{
    begin_large(true);
    expect_parts(LARGE_PARTS - 1);
    kit_refuse(expect_part(LARGE_PARTS), 412, "PreconditionFailed");
    expect_abort();
    /* Is the name taken?  No; so once more under one that is ours alone. */
    kit_head_missing("/archive/done/a.csv");
    http_answer(http_expect(script, "HEAD", OBJECT), 412, NULL);
    kit_works(settle_large());
}
END_TEST

START_TEST(an_upload_that_somebody_aborted_is_not_a_missing_object)
{
    begin_large(true);
    expect_parts(LARGE_PARTS);
    kit_refuse(expect_complete(), 404, "NoSuchUpload");
    kit_refuse(http_expect(script, "DELETE", "/archive/done/a.csv?uploadId=up"),
               404, "NoSuchUpload");
    kit_fails(settle_large(), FB_E_UNAVAILABLE, "aborted by somebody else");
}
END_TEST

START_TEST(a_large_copy_that_came_out_wrong_is_aborted)
{
    fake_option(fake, "max_attempts", "1");
    begin_large(true);
    expect_parts(LARGE_PARTS);
    kit_refuse(expect_complete(), 200, "InternalError");
    expect_abort();
    kit_fails(settle_large(), FB_E_UNAVAILABLE, "InternalError");
}
END_TEST

START_TEST(does_not_move_to_where_it_looks)
{
    fake_option(fake, "on_success", "move");
    fake_option(fake, "move_to", "s3://bucket/in/");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "move_to");
    fake_option(fake, "move_to", "s3://bucket/in/done");
    ck_assert_int_eq(fake_check(fake), 0);
    fake->uri = "s3://bucket/in/**";
    ck_assert_int_eq(fake_check(fake), -1);
    fake->uri = "s3://bucket/*.csv";
    ck_assert_int_eq(fake_check(fake), 0);
    fake_option(fake, "move_to", "s3://bucket/");
    ck_assert_int_eq(fake_check(fake), -1);
    fake_option(fake, "move_to", "s3://other/");
    ck_assert_int_eq(fake_check(fake), 0);
}
END_TEST

START_TEST(move_and_its_folder_need_each_other)
{
    fake_option(fake, "on_success", "move");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "on_success");
    fake_option(fake, "on_success", "keep");
    fake_option(fake, "move_to", "s3://bucket/done");
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, "move_to");
}
END_TEST

START_TEST(settling_belongs_to_the_trigger)
{
    fake_option(fake, "on_success", "delete");
    ck_assert_int_eq(fake_check(fake), 0);
    ck_assert_int_eq(fake_bind(fake), -1);
    ck_assert_str_eq(fake->refused_option, "on_success");
}
END_TEST

/* --- probing --- */

static int
probe(void)
{
    ck_assert_int_eq(fake_check(fake), 0);
    return fake->plugin->probe(fake->self, &fake->step, &fake->err);
}

START_TEST(probe_lists_and_looks_at_the_first)
{
    page(FLAT, "in/ in/a.csv in/b.csv", true, "more");
    kit_head(OBJECT, "hello");
    kit_works(probe());
}
END_TEST

START_TEST(probe_is_content_with_nothing_there_yet)
{
    page(FLAT, "", true, NULL);
    kit_works(probe());
}
END_TEST

START_TEST(probe_says_what_it_cannot_prove)
{
    fake_option(fake, "on_success", "delete");
    page(FLAT, "", true, NULL);
    kit_works(probe());
    ck_assert_int_eq(fake->log_count, 1);
    ck_assert_ptr_nonnull(strstr(fake->logs[0], "s3:DeleteObject"));
}
END_TEST

static TCase *
listing(void)
{
    TCase *tc = tcase_create("listing");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc,
                   finds_what_matches_with_the_generation_that_reading_finds);
    tcase_add_test(tc, keys_are_decoded_as_forms);
    tcase_add_test(tc, keys_are_not_decoded_unless_the_store_encoded_them);
    tcase_add_test(tc, wildcards_match_as_they_do_for_files);
    tcase_add_test(tc, two_stars_go_through_folders_but_not_hidden_ones);
    tcase_add_test(tc, only_what_begins_like_the_pattern_is_listed);
    tcase_add_test(tc, without_a_wildcard_one_key_is_asked_for);
    tcase_add_test(tc, an_empty_page_is_not_the_end);
    tcase_add_test(tc, a_listing_that_repeats_itself_is_an_error);
    tcase_add_test(tc, a_listing_that_goes_in_a_larger_circle_is_an_error_too);
    tcase_add_test(tc, a_key_with_a_nul_does_not_hide_the_others);
    tcase_add_test(tc, a_page_of_a_proxy_is_no_listing);
    tcase_add_test(tc, who_may_not_list_is_told_the_action);
    tcase_add_test(tc, a_bucket_that_is_not_there_is_a_matter_of_configuration);
    return tc;
}

static TCase *
settling(void)
{
    TCase *tc = tcase_create("settling");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, an_object_is_kept_unless_told);
    tcase_add_test(tc, deleting_carries_the_etag_as_its_condition);
    tcase_add_test(tc, another_generation_is_left_alone);
    tcase_add_test(tc, what_is_gone_already_is_no_error);
    tcase_add_test(tc, one_that_comes_between_look_and_delete_stays);
    tcase_add_test(tc,
                   a_store_without_conditions_is_not_asked_to_delete_without);
    tcase_add_test(tc, moving_copies_then_deletes);
    tcase_add_test(tc, moving_insists_on_the_owner_of_both_buckets);
    tcase_add_test(tc, a_move_that_was_cut_off_is_finished);
    tcase_add_test(tc, a_name_that_is_taken_gets_the_run_into_it);
    tcase_add_test(tc, an_error_in_a_success_is_no_copy);
    tcase_add_test(tc, a_large_object_is_moved_in_parts);
    tcase_add_test(tc, a_large_copy_without_a_checksum_says_of_what_it_is_one);
    tcase_add_loop_test(tc, a_large_move_that_was_cut_off_is_finished, 0, 2);
    tcase_add_test(tc, an_object_replaced_while_it_is_moved_stays);
    tcase_add_test(tc, an_upload_that_somebody_aborted_is_not_a_missing_object);
    tcase_add_test(tc, a_large_copy_that_came_out_wrong_is_aborted);
    tcase_add_test(tc, does_not_move_to_where_it_looks);
    tcase_add_test(tc, move_and_its_folder_need_each_other);
    tcase_add_test(tc, settling_belongs_to_the_trigger);
    return tc;
}

static TCase *
probing(void)
{
    TCase *tc = tcase_create("probing");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, probe_lists_and_looks_at_the_first);
    tcase_add_test(tc, probe_is_content_with_nothing_there_yet);
    tcase_add_test(tc, probe_says_what_it_cannot_prove);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("s3 trigger");

    suite_add_tcase(suite, listing());
    suite_add_tcase(suite, settling());
    suite_add_tcase(suite, probing());
    return suite;
}
