/*
 * The sink of the plugin `s3`: making an object visible once, whatever
 * happens to the requests.
 */
#include <stdlib.h>

#include "plugin/s3_kit.h"
#include "unit/main.h"

#define TARGET "/bucket/in/a.csv"
#define CREATE TARGET "?uploads="
#define UPLOAD "uploadId=u%2F1%3D"
#define PART(n_) TARGET "?partNumber=" n_ "&" UPLOAD
#define COMPLETE TARGET "?" UPLOAD
#define UPLOADS "/bucket?uploads=&encoding-type=url&prefix=in%2Fa.csv"
#define PART_SIZE ((size_t)5 << 20)

#define CREATED                                                \
    "<InitiateMultipartUploadResult><UploadId>u/1=</UploadId>" \
    "</InitiateMultipartUploadResult>"
#define COMPLETED                                                    \
    "<CompleteMultipartUploadResult><ETag>&quot;done-2&quot;</ETag>" \
    "</CompleteMultipartUploadResult>"
#define NO_UPLOADS "<ListMultipartUploadsResult></ListMultipartUploadsResult>"

static void
setup(void)
{
    kit_setup(FB_SINK);
    fake_option(fake, "part_size", "5MiB");
    fake_option(fake, "parallel", "1");
}

static int
write_text(const char *text)
{
    return fake->plugin->write_bytes(fake->self, &fake->step,
                                     (const unsigned char *)text, strlen(text),
                                     &fake->err);
}

/* Six MiB: a part and a bit. */
static int
write_large(void)
{
    size_t size = PART_SIZE + 1024;
    unsigned char *bytes = malloc(size);
    int status;

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, 'x', size);
    status = fake->plugin->write_bytes(fake->self, &fake->step, bytes, size,
                                       &fake->err);
    free(bytes);
    return status;
}

static struct http_step *
expect_put(const char *text)
{
    struct http_step *step = http_expect(script, "PUT", TARGET);

    http_expect_body(step, text, strlen(text));
    http_expect_header(step, "x-amz-meta-forebay-run", KIT_RUN);
    http_answer_header(step, "ETag", KIT_ETAG);
    return step;
}

/* HEAD of what the same run wrote. */
static struct http_step *
ours(const char *text)
{
    struct http_step *step = kit_head(TARGET, text);

    http_answer_header(step, "x-amz-meta-forebay-run", KIT_RUN);
    return step;
}

static int
put_hello(void)
{
    kit_works(fake_begin(fake));
    kit_works(write_text("hello"));
    return fake_finish(fake);
}

static struct http_step *
expect_parts(void)
{
    struct http_step *step;

    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    step = http_expect(script, "PUT", PART("1"));
    http_answer_header(step, "ETag", "\"p1\"");
    step = http_expect(script, "PUT", PART("2"));
    http_answer_header(step, "ETag", "\"p2\"");
    return kit_head_missing(TARGET);
}

static struct http_step *
expect_complete(void)
{
    struct http_step *step = http_expect(script, "POST", COMPLETE);

    http_answer(step, 200, COMPLETED);
    return step;
}

static void
expect_abort(void)
{
    struct http_step *step = http_expect(script, "DELETE", COMPLETE);

    http_answer(step, 204, NULL);
    kit_refuse(http_expect(script, "DELETE", COMPLETE), 404, "NoSuchUpload");
}

static int
put_large(void)
{
    kit_works(fake_begin(fake));
    kit_works(write_large());
    return fake_finish(fake);
}

static struct fb_object
written(void)
{
    struct fb_object object = {0};

    fake->err.code = FB_E_NONE;
    ck_assert_int_eq(
        fake->plugin->stat(fake->self, &fake->step, &object, &fake->err), 0);
    return object;
}

/* --- one request --- */

START_TEST(what_fits_is_put_with_one_request)
{
    struct http_step *step;

    kit_head_missing(TARGET);
    step = expect_put("hello");
    http_expect_header(step, "content-type", "text/csv");
    http_expect_header(step, "x-amz-checksum-crc64nvme", "M3eFcAZSQlc=");
    http_expect_header(step, "if-none-match", NULL);
    kit_works(put_hello());
    ck_assert_str_eq(written().uri, "s3://bucket/in/a.csv");
    ck_assert_uint_eq(written().size, 5);
    ck_assert_str_eq(written().generation, "9b2cf535f27731c974343645a3985328");
    fake_close(fake);
}
END_TEST

START_TEST(nothing_is_an_object_too)
{
    kit_head_missing(TARGET);
    expect_put("");
    kit_works(fake_begin(fake));
    kit_works(fake_finish(fake));
    ck_assert_uint_eq(written().size, 0);
    fake_close(fake);
}
END_TEST

START_TEST(nothing_is_sent_without_a_finish)
{
    kit_works(fake_begin(fake));
    kit_works(write_text("hello"));
    fake_close(fake);
}
END_TEST

START_TEST(attributes_become_headers)
{
    static const struct fb_pair tags[] = {{.key = "team", .value = "a & b"},
                                          {.key = "x", .value = ""}};
    static const struct fb_pair metadata[] = {
        {.key = "origin", .value = "shop 7"}};
    struct http_step *step;

    fake_option_map(fake, "tags", tags, 2);
    fake_option_map(fake, "metadata", metadata, 1);
    fake_option(fake, "sse", "aws:kms");
    fake_option(fake, "kms_key_id", "arn:aws:kms:eu-west-1:1:key/k");
    fake_option(fake, "storage_class", "STANDARD_IA");
    fake_option(fake, "content_type", "text/csv; charset=cp932");
    fake_option(fake, "checksum", "crc32c");
    kit_head_missing(TARGET);
    step = expect_put("hello");
    http_expect_header(step, "x-amz-tagging", "team=a%20%26%20b&x=");
    http_expect_header(step, "x-amz-meta-origin", "shop 7");
    http_expect_header(step, "x-amz-server-side-encryption", "aws:kms");
    http_expect_header(step, "x-amz-server-side-encryption-aws-kms-key-id",
                       "arn:aws:kms:eu-west-1:1:key/k");
    http_expect_header(step, "x-amz-storage-class", "STANDARD_IA");
    http_expect_header(step, "content-type", "text/csv; charset=cp932");
    http_expect_header(step, "x-amz-checksum-crc32c", "mnG7TA==");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(no_checksum_header_goes_to_who_wants_none)
{
    struct http_step *step;

    fake_option(fake, "checksum", "none");
    kit_head_missing(TARGET);
    step = expect_put("hello");
    http_expect_header(step, "x-amz-checksum-crc64nvme", NULL);
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

#define PROOF "/bucket/in/.forebay-proof-" KIT_RUN

static struct http_step *
expect_proof_put(void)
{
    struct http_step *step = http_expect(script, "PUT", PROOF);

    http_expect_header(step, "if-none-match", "*");
    http_answer_header(step, "ETag", KIT_ETAG);
    return step;
}

static int
check_and_open(void)
{
    ck_assert_int_eq(fake_check(fake), 0);
    return fake_open(fake);
}

static void
must_be_new(void)
{
    fake_option(fake, "if_exists", "fail");
    expect_proof_put();
    kit_refuse(expect_proof_put(), 412, "PreconditionFailed");
    http_answer(http_expect(script, "DELETE", PROOF), 204, NULL);
}

START_TEST(what_must_be_new_says_so)
{
    must_be_new();
    kit_head_missing(TARGET);
    http_expect_header(expect_put("hello"), "if-none-match", "*");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(a_store_that_honours_no_condition_is_not_written_to)
{
    struct http_step *step;

    fake_option(fake, "if_exists", "fail");
    expect_proof_put();
    step = expect_proof_put();
    http_answer_header(step, "x-amz-version-id", "v2");
    http_answer(http_expect(script, "DELETE", PROOF "?versionId=v2"), 204,
                NULL);
    kit_fails(check_and_open(), FB_E_CONFIG, "does not honour 'If-None-Match'");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "if_exists"));
}
END_TEST

START_TEST(one_that_knows_none_is_not_written_to_either)
{
    fake_option(fake, "if_exists", "fail");
    kit_refuse(expect_proof_put(), 501, "NotImplemented");
    kit_fails(check_and_open(), FB_E_CONFIG, "does not honour 'If-None-Match'");
}
END_TEST

START_TEST(what_a_killed_attempt_left_is_proof_and_cleared_away)
{
    fake_option(fake, "if_exists", "fail");
    kit_refuse(expect_proof_put(), 412, "PreconditionFailed");
    http_answer(http_expect(script, "DELETE", PROOF), 204, NULL);
    kit_works(check_and_open());
    fake_close(fake);
}
END_TEST

START_TEST(who_may_not_try_conditions_is_warned)
{
    fake_option(fake, "if_exists", "fail");
    kit_refuse(expect_proof_put(), 403, "AccessDenied");
    kit_works(check_and_open());
    ck_assert_ptr_nonnull(strstr(fake->logs[0], "cannot be seen"));
    fake_close(fake);
}
END_TEST

START_TEST(what_cannot_be_cleared_away_is_for_another_attempt)
{
    fake_option(fake, "if_exists", "fail");
    fake_option(fake, "max_attempts", "1");
    expect_proof_put();
    kit_refuse(expect_proof_put(), 412, "PreconditionFailed");
    kit_refuse(http_expect(script, "DELETE", PROOF), 503, "SlowDown");
    kit_fails(check_and_open(), FB_E_UNAVAILABLE, ".forebay-proof-");
}
END_TEST

START_TEST(what_is_there_is_replaced_unless_told)
{
    kit_head(TARGET, "theirs");
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(what_an_earlier_attempt_wrote_is_not_written_again)
{
    ours("hello");
    kit_works(put_hello());
    ck_assert_uint_eq(written().size, 5);
    fake_close(fake);
}
END_TEST

START_TEST(an_earlier_attempt_with_another_result_does_not_count)
{
    ours("hello, world");
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(who_may_not_look_still_writes)
{
    http_answer(http_expect(script, "HEAD", TARGET), 403, NULL);
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(a_version_is_the_generation)
{
    kit_head_missing(TARGET);
    http_answer_header(expect_put("hello"), "x-amz-version-id", "v7");
    kit_works(put_hello());
    ck_assert_str_eq(written().generation, "v7");
    fake_close(fake);
}
END_TEST

/* --- what is not clear --- */

START_TEST(a_lost_answer_is_found_to_be_a_success)
{
    kit_head_missing(TARGET);
    http_answer_cut(expect_put("hello"), HTTP_CUT_ANSWER);
    ours("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(a_lost_request_is_sent_again)
{
    kit_head_missing(TARGET);
    http_answer_cut(expect_put("hello"), HTTP_CUT_ANSWER);
    kit_head_missing(TARGET);
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(an_error_of_the_service_is_looked_into_as_well)
{
    kit_head_missing(TARGET);
    kit_refuse(expect_put("hello"), 500, "InternalError");
    ours("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(an_answer_without_an_etag_proves_nothing)
{
    struct http_step *step;

    kit_head_missing(TARGET);
    step = http_expect(script, "PUT", TARGET);
    http_answer(step, 200, NULL);
    kit_head_missing(TARGET);
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

#define OTHER_SUM "AAAAAAAAAAA=" /* of nothing that is sent here */

/* What lies there is looked at, and written again. */
START_TEST(an_answer_with_another_checksum_proves_nothing)
{
    struct http_step *step;

    kit_head_missing(TARGET);
    http_answer_header(expect_put("hello"), "x-amz-checksum-crc64nvme",
                       OTHER_SUM);
    step = ours("hello");
    http_answer_header(step, "x-amz-checksum-crc64nvme", OTHER_SUM);
    http_answer_header(step, "x-amz-checksum-type", "FULL_OBJECT");
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(an_answer_with_what_is_no_checksum_is_believed)
{
    kit_head_missing(TARGET);
    http_answer_header(expect_put("hello"), "x-amz-checksum-crc64nvme",
                       "NSRBwg==");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(a_refusal_of_our_own_success_is_a_success)
{
    must_be_new();
    kit_head_missing(TARGET);
    kit_refuse(expect_put("hello"), 412, "PreconditionFailed");
    ours("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(an_object_of_somebody_else_is_left_alone)
{
    must_be_new();
    kit_head(TARGET, "hello");
    kit_fails(put_hello(), FB_E_OUTPUT, "'if_exists' is 'fail'");
    fake_close(fake);
}
END_TEST

START_TEST(one_that_comes_at_the_last_moment_too)
{
    must_be_new();
    kit_head_missing(TARGET);
    kit_refuse(expect_put("hello"), 412, "PreconditionFailed");
    kit_head(TARGET, "hello");
    kit_fails(put_hello(), FB_E_OUTPUT, "'if_exists' is 'fail'");
    fake_close(fake);
}
END_TEST

START_TEST(a_conflict_passes)
{
    kit_head_missing(TARGET);
    kit_refuse(expect_put("hello"), 409, "ConditionalRequestConflict");
    kit_head_missing(TARGET);
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(bytes_damaged_on_the_way_are_sent_again)
{
    kit_head_missing(TARGET);
    kit_refuse(expect_put("hello"), 400, "BadDigest");
    expect_put("hello");
    kit_works(put_hello());
    fake_close(fake);
}
END_TEST

START_TEST(what_stays_unknown_is_said_to_be)
{
    fake_option(fake, "max_attempts", "1");
    kit_head_missing(TARGET);
    http_answer_cut(expect_put("hello"), HTTP_CUT_ANSWER);
    kit_refuse(http_expect(script, "HEAD", TARGET), 500, "InternalError");
    kit_fails(put_hello(), FB_E_UNAVAILABLE, "in/a.csv");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "is not known"));
    fake_close(fake);
}
END_TEST

START_TEST(who_may_not_write_is_told_the_actions)
{
    fake_option(fake, "sse", "aws:kms");
    kit_head_missing(TARGET);
    kit_refuse(expect_put("hello"), 403, "AccessDenied");
    kit_fails(put_hello(), FB_E_PERMISSION, "AccessDenied");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "s3:PutObject"));
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "kms:GenerateDataKey"));
    fake_close(fake);
}
END_TEST

START_TEST(a_store_that_knows_no_checksums_gets_a_hint)
{
    kit_head_missing(TARGET);
    kit_refuse(expect_put("hello"), 501, "NotImplemented");
    kit_fails(put_hello(), FB_E_OUTPUT, "NotImplemented");
    ck_assert_ptr_nonnull(strstr(fake->err.hint, "checksum: none"));
    fake_close(fake);
}
END_TEST

/* --- parts --- */

START_TEST(what_does_not_fit_goes_up_in_parts)
{
    struct http_step *step;

    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    step = http_expect(script, "POST", CREATE);
    http_expect_header(step, "x-amz-checksum-algorithm", "CRC64NVME");
    http_expect_header(step, "x-amz-checksum-type", "FULL_OBJECT");
    http_expect_header(step, "x-amz-meta-forebay-run", KIT_RUN);
    http_expect_header(step, "content-type", "text/csv");
    http_answer(step, 200, CREATED);
    step = http_expect(script, "PUT", PART("1"));
    http_expect_header(step, "x-amz-checksum-crc64nvme", "*");
    http_expect_header(step, "content-length", "5242880");
    http_answer_header(step, "ETag", "\"p1\"");
    step = http_expect(script, "PUT", PART("2"));
    http_expect_header(step, "x-amz-checksum-crc64nvme", "*");
    http_expect_header(step, "content-length", "1024");
    http_answer_header(step, "ETag", "\"p2\"");
    kit_head_missing(TARGET);
    step = expect_complete();
    http_expect_header(step, "x-amz-mp-object-size", "5243904");
    http_expect_header(step, "x-amz-checksum-type", "FULL_OBJECT");
    http_expect_header(step, "x-amz-checksum-crc64nvme", "*");
    http_expect_header(step, "content-type", "application/xml");
    http_expect_header(step, "if-none-match", NULL);
    http_expect_in_body(step, "<Part><ETag>&quot;p2&quot;</ETag>"
                              "<PartNumber>2</PartNumber><ChecksumCRC64NVME>");
    kit_works(put_large());
    ck_assert_str_eq(written().generation, "done-2");
    ck_assert_uint_eq(written().size, PART_SIZE + 1024);
    fake_close(fake);
}
END_TEST

START_TEST(exactly_one_part_is_still_put_with_one_request)
{
    unsigned char *bytes = calloc(1, PART_SIZE);
    struct http_step *step;

    kit_head_missing(TARGET);
    step = http_expect(script, "PUT", TARGET);
    http_answer_header(step, "ETag", KIT_ETAG);
    kit_works(fake_begin(fake));
    kit_works(fake->plugin->write_bytes(fake->self, &fake->step, bytes,
                                        PART_SIZE, &fake->err));
    kit_works(fake_finish(fake));
    fake_close(fake);
    free(bytes);
}
END_TEST

START_TEST(a_run_that_fails_aborts_its_upload)
{
    struct http_step *step;

    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    step = http_expect(script, "PUT", PART("1"));
    http_answer_header(step, "ETag", "\"p1\"");
    kit_works(fake_begin(fake));
    kit_works(write_large());
    while (http_script_count(script) < 3)
        ;
    expect_abort();
    fake_close(fake);
}
END_TEST

START_TEST(a_run_that_is_told_to_stop_aborts_its_upload_too)
{
    struct http_step *step;

    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    step = http_expect(script, "PUT", PART("1"));
    http_answer_header(step, "ETag", "\"p1\"");
    kit_works(fake_begin(fake));
    kit_works(write_large());
    while (http_script_count(script) < 3)
        ;
    __atomic_store_n(&fake->cancelled, true, __ATOMIC_RELAXED);
    expect_abort();
    fake_close(fake);
}
END_TEST

START_TEST(a_part_that_cannot_be_sent_fails_the_step)
{
    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    kit_refuse(http_expect(script, "PUT", PART("1")), 403, "AccessDenied");
    expect_abort();
    kit_works(fake_begin(fake));
    if (write_large() == 0)
        ck_assert_int_eq(fake_finish(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_PERMISSION);
    fake_close(fake);
}
END_TEST

START_TEST(a_part_that_arrived_as_another_fails_the_step)
{
    struct http_step *step;

    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    step = http_expect(script, "PUT", PART("1"));
    http_answer_header(step, "ETag", "\"p1\"");
    http_answer_header(step, "x-amz-checksum-crc64nvme", OTHER_SUM);
    expect_abort();
    kit_works(fake_begin(fake));
    if (write_large() == 0)
        ck_assert_int_eq(fake_finish(fake), -1);
    ck_assert_int_eq(fake->err.code, FB_E_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(fake->err.message, "part 1 did not arrive"));
    fake_close(fake);
}
END_TEST

START_TEST(a_completion_with_another_checksum_is_no_success)
{
    struct http_step *step;

    expect_parts();
    step = http_expect(script, "POST", COMPLETE);
    http_answer(step, 200,
                "<CompleteMultipartUploadResult><ETag>e</ETag>"
                "<ChecksumType>FULL_OBJECT</ChecksumType>"
                "<ChecksumCRC64NVME>" OTHER_SUM "</ChecksumCRC64NVME>"
                "</CompleteMultipartUploadResult>");
    kit_head_missing(TARGET);
    expect_complete();
    kit_works(put_large());
    fake_close(fake);
}
END_TEST

START_TEST(a_busy_store_gets_the_part_again)
{
    struct http_step *step;

    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    kit_refuse(http_expect(script, "PUT", PART("1")), 503, "SlowDown");
    step = http_expect(script, "PUT", PART("1"));
    http_answer_header(step, "ETag", "\"p1\"");
    step = http_expect(script, "PUT", PART("2"));
    http_answer_header(step, "ETag", "\"p2\"");
    kit_head_missing(TARGET);
    expect_complete();
    kit_works(put_large());
    fake_close(fake);
}
END_TEST

START_TEST(an_upload_that_somebody_aborted_can_be_tried_later)
{
    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    kit_refuse(http_expect(script, "PUT", PART("1")), 404, "NoSuchUpload");
    kit_refuse(http_expect(script, "DELETE", COMPLETE), 404, "NoSuchUpload");
    kit_works(fake_begin(fake));
    if (write_large() == 0)
        ck_assert_int_eq(fake_finish(fake), -1);
    kit_fails(-1, FB_E_UNAVAILABLE, "aborted by somebody else");
    fake_close(fake);
}
END_TEST

START_TEST(a_lost_completion_is_found_to_be_a_success)
{
    struct http_step *step;
    char *text = calloc(1, PART_SIZE + 1025);

    memset(text, 'x', PART_SIZE + 1024);
    expect_parts();
    http_answer_cut(expect_complete(), HTTP_CUT_ANSWER);
    step = ours(text);
    http_answer_header(step, "x-amz-version-id", "v7");
    kit_works(put_large());
    ck_assert_str_eq(written().generation, "v7");
    kit_refuse(http_expect(script, "DELETE", COMPLETE), 404, "NoSuchUpload");
    fake_close(fake);
    free(text);
}
END_TEST

START_TEST(an_upload_is_aborted_when_an_earlier_attempt_was_done)
{
    struct http_step *step;
    char *text = calloc(1, PART_SIZE + 1025);

    memset(text, 'x', PART_SIZE + 1024);
    http_answer(http_expect(script, "GET", UPLOADS), 200, NO_UPLOADS);
    http_answer(http_expect(script, "POST", CREATE), 200, CREATED);
    step = http_expect(script, "PUT", PART("1"));
    http_answer_header(step, "ETag", "\"p1\"");
    step = http_expect(script, "PUT", PART("2"));
    http_answer_header(step, "ETag", "\"p2\"");
    ours(text);
    kit_works(put_large());
    expect_abort();
    fake_close(fake);
    free(text);
}
END_TEST

START_TEST(an_error_in_a_success_is_none)
{
    expect_parts();
    kit_refuse(expect_complete(), 200, "InternalError");
    kit_head_missing(TARGET);
    expect_complete();
    kit_works(put_large());
    fake_close(fake);
}
END_TEST

START_TEST(white_space_and_then_nothing_is_no_success)
{
    struct http_step *step;

    expect_parts();
    step = http_expect(script, "POST", COMPLETE);
    http_answer_raw(step, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                          "\r\n4\r\n    \r\n");
    kit_head_missing(TARGET);
    expect_complete();
    kit_works(put_large());
    fake_close(fake);
}
END_TEST

START_TEST(a_completion_without_an_etag_is_no_success)
{
    struct http_step *step;

    expect_parts();
    step = http_expect(script, "POST", COMPLETE);
    http_answer(step, 200,
                "<CompleteMultipartUploadResult>"
                "</CompleteMultipartUploadResult>");
    kit_head_missing(TARGET);
    expect_complete();
    kit_works(put_large());
    fake_close(fake);
}
END_TEST

START_TEST(an_upload_that_is_gone_was_completed_or_not)
{
    char *text = calloc(1, PART_SIZE + 1025);

    memset(text, 'x', PART_SIZE + 1024);
    expect_parts();
    kit_refuse(expect_complete(), 404, "NoSuchUpload");
    ours(text);
    kit_works(put_large());
    kit_refuse(http_expect(script, "DELETE", COMPLETE), 404, "NoSuchUpload");
    fake_close(fake);
    free(text);
}
END_TEST

START_TEST(an_upload_that_is_gone_without_an_object_is_for_later)
{
    expect_parts();
    kit_refuse(expect_complete(), 404, "NoSuchUpload");
    kit_head_missing(TARGET);
    kit_refuse(http_expect(script, "DELETE", COMPLETE), 404, "NoSuchUpload");
    kit_fails(put_large(), FB_E_UNAVAILABLE, "gone before it was finished");
    fake_close(fake);
}
END_TEST

START_TEST(parts_that_the_store_refuses_are_aborted)
{
    expect_parts();
    kit_refuse(expect_complete(), 400, "InvalidPart");
    expect_abort();
    kit_fails(put_large(), FB_E_OUTPUT, "InvalidPart");
    fake_close(fake);
}
END_TEST

START_TEST(a_conflict_at_the_end_means_to_begin_anew)
{
    expect_parts();
    kit_refuse(expect_complete(), 409, "ConditionalRequestConflict");
    kit_head_missing(TARGET);
    expect_abort();
    kit_fails(put_large(), FB_E_BUSY, "ConditionalRequestConflict");
    fake_close(fake);
}
END_TEST

START_TEST(an_upload_in_an_unknown_state_is_left_as_it_is)
{
    fake_option(fake, "max_attempts", "1");
    expect_parts();
    http_answer_cut(expect_complete(), HTTP_CUT_ANSWER);
    kit_refuse(http_expect(script, "HEAD", TARGET), 500, "InternalError");
    kit_fails(put_large(), FB_E_UNAVAILABLE, "in/a.csv");
    fake_close(fake);
    ck_assert_ptr_nonnull(
        strstr(fake->logs[fake->log_count - 1], "left as it is"));
}
END_TEST

START_TEST(only_old_uploads_of_the_same_key_are_aborted)
{
    struct http_step *step = http_expect(script, "GET", UPLOADS);
    const char *old = "/bucket/in/a.csv?uploadId=old";

    http_answer(step, 200,
                "<ListMultipartUploadsResult><EncodingType>url</EncodingType>"
                "<Upload><Key>in%2Fa.csv</Key><UploadId>old</UploadId>"
                "<Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>"
                "<Upload><Key>in%2Fa.csv</Key><UploadId>new</UploadId>"
                "<Initiated>2999-01-01T00:00:00.000Z</Initiated></Upload>"
                "<Upload><Key>in%2Fa.csv.gz</Key><UploadId>other</UploadId>"
                "<Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>"
                "</ListMultipartUploadsResult>");
    http_answer(http_expect(script, "DELETE", old), 204, NULL);
    kit_refuse(http_expect(script, "DELETE", old), 404, "NoSuchUpload");
    kit_refuse(http_expect(script, "POST", CREATE), 403, "AccessDenied");
    kit_works(fake_begin(fake));
    kit_fails(write_large(), FB_E_PERMISSION, "AccessDenied");
    fake_close(fake);
    ck_assert_int_eq(fake->log_count, 2);
    ck_assert_ptr_nonnull(strstr(fake->logs[1], "'new'"));
}
END_TEST

START_TEST(who_may_not_look_for_leftovers_goes_on)
{
    kit_refuse(http_expect(script, "GET", UPLOADS), 403, "AccessDenied");
    kit_refuse(http_expect(script, "POST", CREATE), 400, "InvalidRequest");
    kit_works(fake_begin(fake));
    kit_fails(write_large(), FB_E_OUTPUT, "InvalidRequest");
    fake_close(fake);
}
END_TEST

/* --- options, probing --- */

static void
refuse(const char *option)
{
    ck_assert_int_eq(fake_check(fake), -1);
    ck_assert_str_eq(fake->refused_option, option);
}

START_TEST(a_key_needs_its_encryption)
{
    fake_option(fake, "kms_key_id", "arn:aws:kms:eu-west-1:1:key/k");
    refuse("kms_key_id");
    fake_option(fake, "sse", "AES256");
    refuse("kms_key_id");
    fake_option(fake, "sse", "aws:kms");
    ck_assert_int_eq(fake_check(fake), 0);
}
END_TEST

START_TEST(an_object_has_at_most_ten_tags)
{
    struct fb_pair tags[11];

    for (int i = 0; i < 11; i++)
        tags[i] = (struct fb_pair){.key = "key", .value = "value"};
    fake_option_map(fake, "tags", tags, 10);
    ck_assert_int_eq(fake_check(fake), 0);
    fake_option_map(fake, "tags", tags, 11);
    refuse("tags");
    ck_assert_uint_eq(fake->refused_index, 10);
}
END_TEST

static void
refuse_metadata(const char *name, const char *value)
{
    const struct fb_pair pair = {.key = name, .value = value};

    fake_option_map(fake, "metadata", &pair, 1);
    refuse("metadata");
}

START_TEST(metadata_can_be_sent_as_headers)
{
    char large[2000];

    memset(large, 'x', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    refuse_metadata("a b", "x");
    refuse_metadata("a", "x\r\nx-amz-acl: public-read");
    refuse_metadata("a", "表");
    refuse_metadata("a", large);
    refuse_metadata("Forebay-Run", "x");
}
END_TEST

START_TEST(the_name_tells_the_type)
{
    static const char *const names[][2] = {
        {"s3://bucket/a.JSON", "application/json"},
        {"s3://bucket/a.csv.gz", "application/gzip"},
        {"s3://bucket/report.html", "text/html; charset=utf-8"},
        {"s3://bucket/a", "application/octet-stream"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct http_step *step;

        fake->uri = names[i][0];
        http_answer(http_expect(script, "HEAD", NULL), 404, NULL);
        step = http_expect(script, "PUT", NULL);
        http_expect_header(step, "content-type", names[i][1]);
        http_answer_header(step, "ETag", KIT_ETAG);
        kit_works(put_hello());
        fake_close(fake);
    }
}
END_TEST

START_TEST(probe_says_what_only_writing_can_show)
{
    struct http_step *step = http_expect(
        script, "GET",
        "/bucket?list-type=2&encoding-type=url&prefix=in%2Fa.csv&delimiter="
        "%2F&max-keys=1");

    http_answer(step, 200,
                "<ListBucketResult><IsTruncated>false</IsTruncated>"
                "</ListBucketResult>");
    ck_assert_int_eq(fake_check(fake), 0);
    kit_works(fake->plugin->probe(fake->self, &fake->step, &fake->err));
    ck_assert_ptr_nonnull(strstr(fake->logs[0], "s3:PutObject"));
}
END_TEST

static TCase *
one_request(void)
{
    TCase *tc = tcase_create("one request");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, what_fits_is_put_with_one_request);
    tcase_add_test(tc, nothing_is_an_object_too);
    tcase_add_test(tc, nothing_is_sent_without_a_finish);
    tcase_add_test(tc, attributes_become_headers);
    tcase_add_test(tc, no_checksum_header_goes_to_who_wants_none);
    tcase_add_test(tc, what_must_be_new_says_so);
    tcase_add_test(tc, a_store_that_honours_no_condition_is_not_written_to);
    tcase_add_test(tc, one_that_knows_none_is_not_written_to_either);
    tcase_add_test(tc, what_a_killed_attempt_left_is_proof_and_cleared_away);
    tcase_add_test(tc, who_may_not_try_conditions_is_warned);
    tcase_add_test(tc, what_cannot_be_cleared_away_is_for_another_attempt);
    tcase_add_test(tc, what_is_there_is_replaced_unless_told);
    tcase_add_test(tc, what_an_earlier_attempt_wrote_is_not_written_again);
    tcase_add_test(tc, an_earlier_attempt_with_another_result_does_not_count);
    tcase_add_test(tc, who_may_not_look_still_writes);
    tcase_add_test(tc, a_version_is_the_generation);
    tcase_add_test(tc, exactly_one_part_is_still_put_with_one_request);
    tcase_add_test(tc, the_name_tells_the_type);
    return tc;
}

static TCase *
not_clear(void)
{
    TCase *tc = tcase_create("not clear");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, a_lost_answer_is_found_to_be_a_success);
    tcase_add_test(tc, a_lost_request_is_sent_again);
    tcase_add_test(tc, an_error_of_the_service_is_looked_into_as_well);
    tcase_add_test(tc, an_answer_without_an_etag_proves_nothing);
    tcase_add_test(tc, an_answer_with_another_checksum_proves_nothing);
    tcase_add_test(tc, an_answer_with_what_is_no_checksum_is_believed);
    tcase_add_test(tc, a_refusal_of_our_own_success_is_a_success);
    tcase_add_test(tc, an_object_of_somebody_else_is_left_alone);
    tcase_add_test(tc, one_that_comes_at_the_last_moment_too);
    tcase_add_test(tc, a_conflict_passes);
    tcase_add_test(tc, bytes_damaged_on_the_way_are_sent_again);
    tcase_add_test(tc, what_stays_unknown_is_said_to_be);
    tcase_add_test(tc, who_may_not_write_is_told_the_actions);
    tcase_add_test(tc, a_store_that_knows_no_checksums_gets_a_hint);
    return tc;
}

static TCase *
parts(void)
{
    TCase *tc = tcase_create("parts");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, what_does_not_fit_goes_up_in_parts);
    tcase_add_test(tc, a_run_that_fails_aborts_its_upload);
    tcase_add_test(tc, a_run_that_is_told_to_stop_aborts_its_upload_too);
    tcase_add_test(tc, a_part_that_cannot_be_sent_fails_the_step);
    tcase_add_test(tc, a_part_that_arrived_as_another_fails_the_step);
    tcase_add_test(tc, a_completion_with_another_checksum_is_no_success);
    tcase_add_test(tc, a_busy_store_gets_the_part_again);
    tcase_add_test(tc, an_upload_that_somebody_aborted_can_be_tried_later);
    tcase_add_test(tc, a_lost_completion_is_found_to_be_a_success);
    tcase_add_test(tc, an_upload_is_aborted_when_an_earlier_attempt_was_done);
    tcase_add_test(tc, an_error_in_a_success_is_none);
    tcase_add_test(tc, white_space_and_then_nothing_is_no_success);
    tcase_add_test(tc, a_completion_without_an_etag_is_no_success);
    tcase_add_test(tc, an_upload_that_is_gone_was_completed_or_not);
    tcase_add_test(tc, an_upload_that_is_gone_without_an_object_is_for_later);
    tcase_add_test(tc, parts_that_the_store_refuses_are_aborted);
    tcase_add_test(tc, a_conflict_at_the_end_means_to_begin_anew);
    tcase_add_test(tc, an_upload_in_an_unknown_state_is_left_as_it_is);
    tcase_add_test(tc, only_old_uploads_of_the_same_key_are_aborted);
    tcase_add_test(tc, who_may_not_look_for_leftovers_goes_on);
    return tc;
}

static TCase *
checking(void)
{
    TCase *tc = tcase_create("checking");

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, kit_teardown);
    tcase_add_test(tc, a_key_needs_its_encryption);
    tcase_add_test(tc, an_object_has_at_most_ten_tags);
    tcase_add_test(tc, metadata_can_be_sent_as_headers);
    tcase_add_test(tc, probe_says_what_only_writing_can_show);
    return tc;
}

Suite *
make_suite(void)
{
    Suite *suite = suite_create("s3 sink");

    suite_add_tcase(suite, one_request());
    suite_add_tcase(suite, not_clear());
    suite_add_tcase(suite, parts());
    suite_add_tcase(suite, checking());
    return suite;
}
