/*
 * util/sha256.h against the examples that NIST publishes for FIPS 180-4.
 */
#include "util/sha256.h"

#include <stdio.h>
#include <string.h>

#include "unit/main.h"

static const char *
hash(const void *bytes, size_t size)
{
    static char hex[65];
    unsigned char digest[32];
    struct sha256 sha;

    sha256_init(&sha);
    sha256_update(&sha, bytes, size);
    sha256_final(&sha, digest);
    sha256_hex(digest, sizeof(digest), hex);
    return hex;
}

START_TEST(hashes_the_empty_message)
{
    ck_assert_str_eq(hash("", 0), "e3b0c44298fc1c149afbf4c8996fb924"
                                  "27ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(hashes_a_message_of_one_block)
{
    ck_assert_str_eq(hash("abc", 3), "ba7816bf8f01cfea414140de5dae2223"
                                     "b00361a396177a9cb410ff61f20015ad");
}
END_TEST

START_TEST(hashes_a_message_whose_padding_needs_a_second_block)
{
    const char *text =
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    ck_assert_str_eq(hash(text, strlen(text)),
                     "248d6a61d20638b8e5c026930c3e6039"
                     "a33ce45964ff2167f6ecedd419db06c1");
}
END_TEST

START_TEST(hashes_a_million_bytes)
{
    static unsigned char bytes[1000000];

    memset(bytes, 'a', sizeof(bytes));
    ck_assert_str_eq(hash(bytes, sizeof(bytes)),
                     "cdc76e5c9914fb9281a1c7e284d73e67"
                     "f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* Every length around the block's, cut at every place. */
START_TEST(does_not_depend_on_how_the_message_is_cut)
{
    unsigned char bytes[200], digest[32];
    char whole[65], parts[65];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        snprintf(whole, sizeof(whole), "%s", hash(bytes, size));
        for (size_t cut = 0; cut <= size; cut++) {
            struct sha256 sha;

            sha256_init(&sha);
            sha256_update(&sha, bytes, cut);
            sha256_update(&sha, bytes + cut, size - cut);
            sha256_final(&sha, digest);
            sha256_hex(digest, sizeof(digest), parts);
            ck_assert_str_eq(parts, whole);
        }
    }
}
END_TEST

START_TEST(writes_lower_case_hex)
{
    char hex[7];

    sha256_hex((const unsigned char *)"\x00\xAB\x9F", 3, hex);
    ck_assert_str_eq(hex, "00ab9f");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("sha256");
    TCase *tc = tcase_create("sha256");

    tcase_add_test(tc, hashes_the_empty_message);
    tcase_add_test(tc, hashes_a_message_of_one_block);
    tcase_add_test(tc, hashes_a_message_whose_padding_needs_a_second_block);
    tcase_add_test(tc, hashes_a_million_bytes);
    tcase_add_test(tc, does_not_depend_on_how_the_message_is_cut);
    tcase_add_test(tc, writes_lower_case_hex);
    suite_add_tcase(suite, tc);
    return suite;
}
