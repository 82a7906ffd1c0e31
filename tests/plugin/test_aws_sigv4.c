/*
 * Signature Version 4, step by step: canonical request, string to sign,
 * signature, against worked examples, and against the classic suite of
 * botocore when it is there.
 */
#include "aws/canonical.h"
#include "aws/encode.h"
#include "aws/moment.h"
#include "aws/signature.h"
#include "aws/signer.h"
#include "unit/corpora.h"
#include "unit/main.h"

#include <dirent.h>
#include <sys/stat.h>

#define KEY "AKIAIOSFODNN7EXAMPLE"
#define TEMPORARY_KEY "ASIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define TOKEN "TOKEN/with+special=="
#define NOW_MS INT64_C(1767323045000) /* 2026-01-02T03:04:05Z */

/* One worked example. */
struct example {
    const char *method, *path, *region, *service, *payload;
    const char *query[10], *headers[16]; /* name, value, ...; NULL */
    const char *canonical;               /* NULL: only its hash is known */
    const char *hash, *signature;
};

static void
fill(struct aws_fields *fields, const char *const *pairs)
{
    for (; *pairs != NULL; pairs += 2)
        aws_fields_add(fields, pairs[0], pairs[1]);
}

static void
verify(const struct example *example)
{
    struct aws_fields query = {.count = 0}, headers = {.count = 0};
    const struct aws_canonical parts = {
        .method = example->method,
        .path = example->path,
        .path_as_is = strcmp(example->service, "s3") == 0,
        .query = &query,
        .headers = &headers,
        .payload_hash = example->payload,
    };
    struct aws_buf canonical, names, sts;
    struct aws_scope scope;
    unsigned char key[AWS_SHA256_SIZE];
    char hash[AWS_SHA256_HEX], signature[AWS_SIGNATURE_HEX], wanted[512];

    aws_buf_init(&canonical, AWS_CANONICAL_MAX);
    aws_buf_init(&names, AWS_CANONICAL_MAX);
    aws_buf_init(&sts, AWS_CANONICAL_MAX);
    fill(&query, example->query);
    fill(&headers, example->headers);

    aws_canonical_request(&canonical, &names, &parts);
    if (example->canonical != NULL)
        ck_assert_str_eq(aws_buf_string(&canonical), example->canonical);
    aws_sha256_hex(canonical.bytes, canonical.len, hash);
    ck_assert_str_eq(hash, example->hash);

    aws_scope_init(&scope, example->region, example->service, NOW_MS);
    aws_string_to_sign(&sts, &scope, &canonical);
    snprintf(wanted, sizeof(wanted),
             "AWS4-HMAC-SHA256\n20260102T030405Z\n"
             "20260102/%s/%s/aws4_request\n%s",
             example->region, example->service, example->hash);
    ck_assert_str_eq(aws_buf_string(&sts), wanted);

    aws_signing_key(SECRET, &scope, key);
    aws_signature(key, &sts, signature);
    ck_assert_str_eq(signature, example->signature);
    aws_buf_release(&canonical);
    aws_buf_release(&names);
    aws_buf_release(&sts);
    aws_fields_release(&query);
    aws_fields_release(&headers);
}

START_TEST(signs_an_s3_get_of_a_key_with_everything_in_it)
{
    const struct example example = {
        .method = "GET",
        .path = "/in//a%20b/../%C3%A9%2B%3D~.csv",
        .region = "eu-west-1",
        .service = "s3",
        .payload = AWS_SHA256_EMPTY,
        .headers = {"Host", "my-bucket.s3.eu-west-1.amazonaws.com", "Range",
                    "bytes=0-8388607", "x-amz-checksum-mode", "ENABLED",
                    "x-amz-content-sha256", AWS_SHA256_EMPTY, "X-Amz-Date",
                    "20260102T030405Z"},
        .canonical = "GET\n/in//a%20b/../%C3%A9%2B%3D~.csv\n\n"
                     "host:my-bucket.s3.eu-west-1.amazonaws.com\n"
                     "range:bytes=0-8388607\nx-amz-checksum-mode:ENABLED\n"
                     "x-amz-content-sha256:" AWS_SHA256_EMPTY "\n"
                     "x-amz-date:20260102T030405Z\n\n"
                     "host;range;x-amz-checksum-mode;x-amz-content-sha256;x-"
                     "amz-date\n" AWS_SHA256_EMPTY,
        .hash = "d1ecb2b9e9d59cb29a480e80c41c4e37117bbf6c8d483ee3436eff00be1c1"
                "dee",
        .signature = "8734c74afe74cda34241620fcad4e65d3ade23e34b80a672cba4b81f"
                     "e3492ae6",
    };

    verify(&example);
}
END_TEST

START_TEST(signs_a_listing_with_a_session_token)
{
    const struct example example = {
        .method = "GET",
        .path = "/",
        .region = "eu-west-1",
        .service = "s3",
        .payload = AWS_SHA256_EMPTY,
        .query = {"list-type", "2", "prefix", "in/a b", "encoding-type", "url",
                  "continuation-token", "1/abc=="},
        .headers = {"host", "my-bucket.s3.eu-west-1.amazonaws.com",
                    "x-amz-content-sha256", AWS_SHA256_EMPTY, "x-amz-date",
                    "20260102T030405Z", "x-amz-security-token", TOKEN},
        .hash = "63b72c9e1a5de4e547492f7e66e7cf0b6c4b2bcae9ecfabba64ae51620e46"
                "f21",
        .signature = "f24d11cec4ff055e23e49d457988705d330e003d3fc8432aeabc33b0"
                     "2ffdb198",
    };

    verify(&example);
}
END_TEST

START_TEST(signs_a_parameter_without_a_value)
{
    const struct example example = {
        .method = "POST",
        .path = "/out/x.csv",
        .region = "us-east-1",
        .service = "s3",
        .payload = AWS_SHA256_EMPTY,
        .query = {"uploads", ""},
        .headers = {"host", "my-bucket.s3.us-east-1.amazonaws.com",
                    "x-amz-checksum-algorithm", "CRC32", "x-amz-content-sha256",
                    AWS_SHA256_EMPTY, "x-amz-date", "20260102T030405Z"},
        .hash = "d04ef8f41b3e7621e7d468e0b528015de4d8b4e92b6d87b124368364d8ede"
                "0bd",
        .signature = "0903e0a999261f415fdff2c642ef68015e84b7d10eb1ad925c96483e"
                     "c704cf5f",
    };

    verify(&example);
}
END_TEST

START_TEST(signs_a_put_with_an_unsigned_payload)
{
    const struct example example = {
        .method = "PUT",
        .path = "/out/x.csv",
        .region = "us-east-1",
        .service = "s3",
        .payload = AWS_UNSIGNED_PAYLOAD,
        .headers = {"content-length", "3", "host",
                    "my-bucket.s3.us-east-1.amazonaws.com", "if-none-match",
                    "*", "x-amz-checksum-crc32",
                    "NSRBwg==", "x-amz-content-sha256", AWS_UNSIGNED_PAYLOAD,
                    "x-amz-date", "20260102T030405Z",
                    "x-amz-sdk-checksum-algorithm", "CRC32"},
        .hash = "148667f338a5d8e589d241179109d75aac49e26a538791a651764afa46630"
                "7db",
        .signature = "634fe8a73bcc5cf68dce12b9c41cd2ff4d2498f8378bc5340c4e129d"
                     "dd214b33",
    };

    verify(&example);
}
END_TEST

#define ABC_SHA256 \
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

START_TEST(signs_a_put_by_path_with_a_port_in_the_host)
{
    const struct example example = {
        .method = "PUT",
        .path = "/my-bucket/out/x.csv",
        .region = "us-east-1",
        .service = "s3",
        .payload = ABC_SHA256,
        .headers = {"content-length", "3", "host", "127.0.0.1:9000",
                    "x-amz-content-sha256", ABC_SHA256, "x-amz-date",
                    "20260102T030405Z"},
        .hash = "52648c7ce702a4a6dcf157eceb270e422955c91c3c2f58b4f50d2c305e0b8"
                "61a",
        .signature = "86859bf7c9bae342569bc8f3e5d97d858d1c1d3d85c240b7393bf110"
                     "009de287",
    };

    verify(&example);
}
END_TEST

START_TEST(signs_a_form_for_sns)
{
    const struct example example = {
        .method = "POST",
        .path = "/",
        .region = "us-east-1",
        .service = "sns",
        .payload = "114e0266b1fe2e53696745e46128211a47ac4e3d573f09ad3996867bd6"
                   "c50ab3",
        .headers = {"content-type",
                    "application/x-www-form-urlencoded; charset=utf-8", "host",
                    "sns.us-east-1.amazonaws.com", "x-amz-date",
                    "20260102T030405Z"},
        .hash = "db65453580cb42d244bd052307649465d0a441d1e283aab7ee7ae3bae4ae7"
                "4ec",
        .signature = "5535dd30f9e9262148a9a40e779d5602aab8f377ec26dc1cba1c6502"
                     "90fd1451",
    };

    verify(&example);
}
END_TEST

START_TEST(signs_json_for_athena_with_a_session_token)
{
    const struct example example = {
        .method = "POST",
        .path = "/",
        .region = "us-east-1",
        .service = "athena",
        .payload = "d7ee408e51b9f18c1de297822ecfca577e9ad07b7c0db18b798fa95a7a"
                   "78f65e",
        .headers = {"content-type", "application/x-amz-json-1.1", "host",
                    "athena.us-east-1.amazonaws.com", "x-amz-date",
                    "20260102T030405Z", "x-amz-security-token", TOKEN,
                    "x-amz-target", "AmazonAthena.GetQueryExecution"},
        .hash = "d12a961bfbcc819790ee3ca3ef50469b1f4c8898918853f5c4fe1c7548b08"
                "ffd",
        .signature = "5f5cf8882e5b2043223274f81efc6075254261e294f2163bc3e48cce"
                     "3847f2ed",
    };

    verify(&example);
}
END_TEST

START_TEST(derives_the_signing_keys)
{
    static const struct {
        const char *region, *service, *key;
    } known[] = {
        {"us-east-1", "s3",
         "49f1b307aab83b5abd326975d5ae2e1919490bb5151384545276f0b32e2c4012"},
        {"eu-west-1", "s3",
         "60bb2a5d477a6953387c166ecc27f0e79b247bc7b6ad51d3bcf25b745cd3e4e8"},
        {"us-east-1", "athena",
         "b4001e495ae526bdc8d8e220d34741197eb9e743deff87db49991380ef826393"},
        {"us-east-1", "sns",
         "ce3123716267e64b027763077f92e6f7c7f9ada3be01e641957eed412059794a"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        struct aws_scope scope;
        unsigned char key[AWS_SHA256_SIZE];
        char hex[AWS_SHA256_HEX];

        aws_scope_init(&scope, known[i].region, known[i].service, NOW_MS);
        aws_signing_key(SECRET, &scope, key);
        aws_hex(hex, key, sizeof(key));
        ck_assert_str_eq(hex, known[i].key);
    }
}
END_TEST

START_TEST(reuses_a_signing_key_within_a_day)
{
    struct aws_keys keys;
    struct aws_scope today, tomorrow;
    unsigned char first[AWS_SHA256_SIZE], second[AWS_SHA256_SIZE];

    aws_keys_init(&keys);
    aws_scope_init(&today, "us-east-1", "s3", NOW_MS);
    aws_scope_init(&tomorrow, "us-east-1", "s3", NOW_MS + 86400000);
    aws_keys_get(&keys, SECRET, &today, first);
    aws_keys_get(&keys, SECRET, &today, second);
    ck_assert_uint_eq(keys.derived, 1);
    ck_assert_mem_eq(first, second, sizeof(first));
    aws_keys_get(&keys, SECRET, &tomorrow, second);
    ck_assert_uint_eq(keys.derived, 2);
    ck_assert_mem_ne(first, second, sizeof(first));
    aws_keys_get(&keys, "another secret", &today, second);
    ck_assert_uint_eq(keys.derived, 3);
    aws_keys_release(&keys);
}
END_TEST

/* What aws_sign makes of a GET, into headers. */
static void
sign_get(struct aws_fields *headers, const char *token, int64_t now_ms)
{
    struct aws_credentials credentials = {.access_key = NULL};
    struct aws_fields query = {.count = 0};
    struct aws_signing signing = {
        .method = "GET",
        .path = "/",
        .query = &query,
        .payload_hash = AWS_SHA256_EMPTY,
        .s3 = true,
        .region = "us-east-1",
        .service = "s3",
        .now_ms = now_ms,
        .credentials = &credentials,
    };
    struct fb_error err;

    ck_assert_int_eq(
        aws_credentials_set(&credentials, KEY, SECRET, token, "a test", &err),
        0);
    ck_assert_int_eq(aws_sign(&signing, headers, &err), 0);
    aws_credentials_release(&credentials);
}

START_TEST(replaces_what_an_earlier_attempt_signed)
{
    struct aws_fields headers = {.count = 0};
    size_t count;

    aws_fields_add(&headers, "host", "b.s3.us-east-1.amazonaws.com");
    sign_get(&headers, TOKEN, NOW_MS);
    count = headers.count;
    ck_assert_str_eq(aws_fields_get(&headers, "x-amz-security-token"), TOKEN);
    sign_get(&headers, NULL, NOW_MS + 1000);
    ck_assert_uint_eq(headers.count, count - 1);
    ck_assert_ptr_null(aws_fields_get(&headers, "x-amz-security-token"));
    ck_assert_str_eq(aws_fields_get(&headers, "x-amz-date"),
                     "20260102T030406Z");
    aws_fields_release(&headers);
}
END_TEST

START_TEST(leaves_headers_unsigned_that_proxies_change)
{
    struct aws_fields headers = {.count = 0};
    struct aws_buf lines, names;

    aws_buf_init(&lines, 4096);
    aws_buf_init(&names, 4096);
    aws_fields_add(&headers, "User-Agent", "x");
    aws_fields_add(&headers, "Expect", "100-continue");
    aws_fields_add(&headers, "X-Amzn-Trace-Id", "x");
    aws_fields_add(&headers, "Host", "h");
    aws_fields_add(&headers, "Authorization", "x");
    aws_canonical_headers(&lines, &names, &headers);
    ck_assert_str_eq(aws_buf_string(&names), "host");
    ck_assert_str_eq(aws_buf_string(&lines), "host:h\n");
    aws_buf_release(&lines);
    aws_buf_release(&names);
    aws_fields_release(&headers);
}
END_TEST

START_TEST(normalizes_a_path_that_is_not_of_s3)
{
    static const char *const paths[][2] = {
        {"/", "/"},        {"//", "/"},
        {"/a/../b", "/b"}, {"/./a", "/a"},
        {"/a/", "/a/"},    {"/a//b/", "/a/b/"},
        {"/a/..", "/"},    {"/a%20b", "/a%2520b"},
        {"/a/.", "/a/"},
    };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct aws_buf out;

        aws_buf_init(&out, 256);
        aws_canonical_path(&out, paths[i][0], false);
        ck_assert_str_eq(aws_buf_string(&out), paths[i][1]);
        aws_buf_clear(&out);
        aws_canonical_path(&out, paths[i][0], true);
        ck_assert_str_eq(aws_buf_string(&out), paths[i][0]);
        aws_buf_release(&out);
    }
}
END_TEST

/* -------------------------------------------- the suite of botocore --- */

/* "METHOD target HTTP/1.1", headers, an empty line, a body. */
struct request {
    char method[16];
    char path[512];
    struct aws_fields query, headers;
    const char *body;
};

static void
read_target(struct request *request, char *target)
{
    char *query = strchr(target, '?'), *pair;

    if (query != NULL)
        *query++ = '\0';
    snprintf(request->path, sizeof(request->path), "%s", target);
    while (query != NULL && (pair = strsep(&query, "&")) != NULL) {
        char *value = strchr(pair, '=');
        struct aws_buf name, decoded;

        if (value != NULL)
            *value++ = '\0';
        aws_buf_init(&name, 1024);
        aws_buf_init(&decoded, 1024);
        ck_assert_int_eq(aws_form_decode(&name, pair), 0);
        ck_assert_int_eq(aws_form_decode(&decoded, value == NULL ? "" : value),
                         0);
        aws_fields_add(&request->query, aws_buf_string(&name),
                       aws_buf_string(&decoded));
        aws_buf_release(&name);
        aws_buf_release(&decoded);
    }
}

/* A folded line goes on with the value before it. */
static void
unfold(struct aws_fields *headers, const char *line)
{
    struct aws_field *last = &headers->items[headers->count - 1];
    struct aws_buf value;

    aws_buf_init(&value, 1024);
    aws_buf_format(&value, "%s %s", last->value, line);
    free(last->value);
    last->value = aws_strdup(aws_buf_string(&value));
    aws_buf_release(&value);
}

static void
read_request(struct request *request, char *text)
{
    char *line = strsep(&text, "\n"), *end, *colon;

    line[strcspn(line, "\r")] = '\0';
    end = strrchr(line, ' ');
    *end = '\0';
    snprintf(request->method, sizeof(request->method), "%s",
             strsep(&line, " "));
    read_target(request, line);
    while ((line = strsep(&text, "\n")) != NULL) {
        line[strcspn(line, "\r")] = '\0';
        if (*line == '\0')
            break;
        colon = strchr(line, ':');
        if (*line == ' ' || colon == NULL) {
            unfold(&request->headers, line);
        } else {
            *colon++ = '\0';
            aws_fields_add(&request->headers, line, colon);
        }
    }
    request->body = text == NULL ? "" : text;
}

/* A file without carriage returns and without a line end at its end. */
static char *
slurp(const char *folder, const char *name, const char *ending)
{
    char path[256];
    struct buf bytes;
    char *text;
    size_t size = 0;

    snprintf(path, sizeof(path), "%s.%s", name, ending);
    bytes = corpora_read(folder, path);
    text = aws_alloc(bytes.size + 1);
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.data[i] != '\r')
            text[size++] = (char)bytes.data[i];
    buf_release(&bytes);
    return text;
}

static void
replay(const char *folder, const char *name)
{
    char *creq = slurp(folder, name, "creq");
    /* Of a signed token only the signed form of the request knows. */
    bool has_token = strstr(creq, "x-amz-security-token") != NULL;
    char *req = slurp(folder, name, has_token ? "sreq" : "req");
    char *sts = slurp(folder, name, "sts");
    char *authz = slurp(folder, name, "authz");
    struct request request = {.body = ""};
    struct aws_buf canonical, names, string;
    struct aws_scope scope;
    unsigned char key[AWS_SHA256_SIZE];
    char hash[AWS_SHA256_HEX], signature[AWS_SIGNATURE_HEX];
    struct aws_canonical parts;
    int64_t now_ms;

    aws_buf_init(&canonical, AWS_CANONICAL_MAX);
    aws_buf_init(&names, AWS_CANONICAL_MAX);
    aws_buf_init(&string, AWS_CANONICAL_MAX);
    read_request(&request, req);
    aws_sha256_hex(request.body, strlen(request.body), hash);
    parts = (struct aws_canonical){
        .method = request.method,
        .path = request.path,
        .query = &request.query,
        .headers = &request.headers,
        .payload_hash = hash,
    };
    aws_canonical_request(&canonical, &names, &parts);
    ck_assert_msg(strcmp(aws_buf_string(&canonical), creq) == 0,
                  "%s: canonical request is\n%s\nnot\n%s", name,
                  aws_buf_string(&canonical), creq);
    ck_assert_int_eq(aws_moment_parse_basic("20150830T123600Z", &now_ms), 0);
    aws_scope_init(&scope, "us-east-1", "service", now_ms);
    aws_string_to_sign(&string, &scope, &canonical);
    ck_assert_msg(strcmp(aws_buf_string(&string), sts) == 0,
                  "%s: string to sign", name);
    aws_signing_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", &scope, key);
    aws_signature(key, &string, signature);
    ck_assert_msg(strstr(authz, signature) != NULL, "%s: signature", name);
    aws_buf_release(&canonical);
    aws_buf_release(&names);
    aws_buf_release(&string);
    aws_fields_release(&request.query);
    aws_fields_release(&request.headers);
    free(req);
    free(creq);
    free(sts);
    free(authz);
}

/* Every folder that holds a case; normalize-path holds more folders. */
static int
replay_all(const char *folder)
{
    DIR *all = opendir(folder);
    struct dirent *entry;
    struct stat found;
    int count = 0;

    ck_assert_ptr_nonnull(all);
    while ((entry = readdir(all)) != NULL) {
        char below[2048], file[4096];

        snprintf(below, sizeof(below), "%s/%s", folder, entry->d_name);
        snprintf(file, sizeof(file), "%s/%s.req", below, entry->d_name);
        if (entry->d_name[0] == '.' || stat(below, &found) != 0 ||
            !S_ISDIR(found.st_mode))
            continue;
        if (stat(file, &found) == 0) {
            replay(below, entry->d_name);
            count++;
        } else {
            count += replay_all(below);
        }
    }
    closedir(all);
    return count;
}

START_TEST(agrees_with_the_suite_of_botocore)
{
    const char *folder = corpora_folder();
    char path[1024];

    if (folder == NULL)
        return;
    snprintf(path, sizeof(path), "%s/sigv4-botocore-classic", folder);
    ck_assert_int_ge(replay_all(path), 30);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("aws_sigv4");
    TCase *tests = tcase_create("sigv4");

    tcase_add_test(tests, signs_an_s3_get_of_a_key_with_everything_in_it);
    tcase_add_test(tests, signs_a_listing_with_a_session_token);
    tcase_add_test(tests, signs_a_parameter_without_a_value);
    tcase_add_test(tests, signs_a_put_with_an_unsigned_payload);
    tcase_add_test(tests, signs_a_put_by_path_with_a_port_in_the_host);
    tcase_add_test(tests, signs_a_form_for_sns);
    tcase_add_test(tests, signs_json_for_athena_with_a_session_token);
    tcase_add_test(tests, derives_the_signing_keys);
    tcase_add_test(tests, reuses_a_signing_key_within_a_day);
    tcase_add_test(tests, replaces_what_an_earlier_attempt_signed);
    tcase_add_test(tests, leaves_headers_unsigned_that_proxies_change);
    tcase_add_test(tests, normalizes_a_path_that_is_not_of_s3);
    tcase_add_test(tests, agrees_with_the_suite_of_botocore);
    suite_add_tcase(suite, tests);
    return suite;
}
