/*
 * util/utf8.h: every kernel against the rule of RFC 3629, written here once
 * more and slowly.
 */
#include "util/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/main.h"
#include "util/mem.h"
#include "util/text.h"

#define MANY 1024

/* ck_assert tells its runner of every success, which here takes minutes. */
static void
require(bool truth, const char *what, const unsigned char *bytes, size_t size)
{
    char hex[3 * 80 + 1] = "";

    if (truth)
        return;
    for (size_t i = 0; i < size && i < 80; i++)
        snprintf(hex + 3 * i, 4, "%02X ", bytes[i]);
    ck_abort_msg("%s: %zu bytes: %s", what, size, hex);
}

/* RFC 3629, section 4, as the grammar there has it. */
static size_t
character_length(const unsigned char *p, size_t size)
{
    static const struct {
        unsigned char from, to, second_from, second_to, length;
    } rules[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
        if (p[0] < rules[i].from || p[0] > rules[i].to)
            continue;
        if (size < rules[i].length ||
            (rules[i].length > 1 &&
             (p[1] < rules[i].second_from || p[1] > rules[i].second_to)))
            return 0;
        for (size_t k = 2; k < rules[i].length; k++)
            if (p[k] < 0x80 || p[k] > 0xbf)
                return 0;
        return rules[i].length;
    }
    return 0;
}

/* Bytes at the start that are whole characters. */
static size_t
valid_prefix(const unsigned char *bytes, size_t size)
{
    size_t at = 0, length;

    while (at < size && (length = character_length(bytes + at, size - at)) > 0)
        at += length;
    return at;
}

/* Bytes that end where a page does that nobody may read would be best; this
 * is as good under the address sanitizer. */
static void
expect_right(const unsigned char *text, size_t size)
{
    AUTO_FREE unsigned char *bytes = mem_alloc(size > 0 ? size : 1);
    const struct utf8_kernel *kernel;
    size_t valid, prefix, bad = SIZE_MAX;

    memcpy(bytes, text, size);
    valid = valid_prefix(bytes, size);
    for (size_t i = 0; (kernel = utf8_kernel_at(i)) != NULL; i++) {
        prefix = kernel->prefix(bytes, size);
        require(prefix <= valid, kernel->name, bytes, size);
        require(valid_prefix(bytes, prefix) == prefix, kernel->name, bytes,
                size);
        if (strcmp(kernel->name, "scalar") != 0) /* which says nothing */
            require(prefix + 128 > valid, kernel->name, bytes, size);
    }
    require(text_is_utf8(bytes, size, &bad) == (valid == size), "text", bytes,
            size);
    require(valid == size || bad == valid, "offset", bytes, size);
}

/* The same bytes at many places of a longer text, of ASCII or of others. */
static void
expect_right_anywhere(const unsigned char *bytes, size_t size, size_t step)
{
    static const char *const around[] = {"a", "\xe3\x81\x82"};
    unsigned char text[192];

    for (size_t i = 0; i < ARRAY_SIZE(around); i++) {
        size_t length = strlen(around[i]);

        for (size_t at = 0; at + size <= 140; at += step) {
            size_t start = at - at % length;

            for (size_t k = 0; k < sizeof(text); k++)
                text[k] = (unsigned char)around[i][k % length];
            memcpy(text + start, bytes, size);
            /* Whole characters behind them, too. */
            for (size_t k = start + size; k < sizeof(text); k++)
                text[k] = (unsigned char)around[i][(k - start - size) % length];
            expect_right(text, sizeof(text) - (start + size) % length);
        }
    }
}

START_TEST(takes_every_pair_of_bytes_for_what_it_is)
{
    for (unsigned code = 0; code < 0x10000; code++) {
        unsigned char bytes[2] = {(unsigned char)(code >> 8),
                                  (unsigned char)code};

        expect_right_anywhere(bytes, 2, 31);
    }
}
END_TEST

START_TEST(takes_sequences_at_every_border_for_what_they_are)
{
    static const unsigned char firsts[] = {0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
                                           0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
                                           0xf3, 0xf4, 0xf5, 0xff};
    static const unsigned char others[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                                           0xa0, 0xbf, 0xc0, 0xe3, 0xf4, 0xff};
    unsigned char bytes[4];

    for (size_t a = 0; a < ARRAY_SIZE(firsts); a++)
        for (size_t b = 0; b < ARRAY_SIZE(others); b++)
            for (size_t c = 0; c < ARRAY_SIZE(others); c++)
                for (size_t d = 0; d < ARRAY_SIZE(others); d++) {
                    bytes[0] = firsts[a];
                    bytes[1] = others[b];
                    bytes[2] = others[c];
                    bytes[3] = others[d];
                    expect_right_anywhere(bytes, 4, 19);
                }
}
END_TEST

START_TEST(finds_one_bad_byte_wherever_it_stands)
{
    static const unsigned char bad[] = {0x80, 0xc2, 0xe3, 0xf0, 0xff};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        expect_right_anywhere(bad + i, 1, 1);
    expect_right_anywhere((const unsigned char *)"\xe3\x81", 2, 1);
    expect_right_anywhere((const unsigned char *)"\xf0\x9f\x98", 3, 1);
    expect_right_anywhere((const unsigned char *)"\xf0\x9f\x98\x80", 4, 1);
}
END_TEST

static const char kinds[] = "plain ASCII, 表示ソフト,Größe €5,😀𠀋,שלום,"
                            "ｱｲｳ,naïve\r\n";

static void
fill(unsigned char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        text[i] = (unsigned char)kinds[i % (sizeof(kinds) - 1)];
}

START_TEST(looks_at_texts_of_every_length_and_alignment)
{
    unsigned char text[264];

    fill(text, sizeof(text));
    for (size_t from = 0; from < 64; from++)
        for (size_t size = 0; size <= 200; size++)
            expect_right(text + from, size);
}
END_TEST

START_TEST(agrees_on_texts_changed_at_random)
{
    unsigned char text[MANY];
    unsigned seed = 20261122;

    for (unsigned round = 0; round < 60000; round++) {
        size_t size = 1 + (size_t)rand_r(&seed) % 300;
        int changes = rand_r(&seed) % 4;

        fill(text, size);
        size = valid_prefix(text, size);
        for (int i = 0; i < changes && size > 0; i++)
            text[(size_t)rand_r(&seed) % size] =
                (unsigned char)(rand_r(&seed) % 2 ? rand_r(&seed)
                                                  : 0x80 + rand_r(&seed) % 64);
        expect_right(text, size);
    }
}
END_TEST

START_TEST(has_a_kernel_on_every_processor)
{
    size_t count = 0;

    while (utf8_kernel_at(count) != NULL)
        count++;
    ck_assert_uint_ge(count, 1);
    ck_assert_str_eq(utf8_kernel_at(count - 1)->name, "scalar");
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("utf8");
    TCase *all = tcase_create("all");

    tcase_set_timeout(all, 60);
    tcase_add_test(all, takes_every_pair_of_bytes_for_what_it_is);
    tcase_add_test(all, takes_sequences_at_every_border_for_what_they_are);
    tcase_add_test(all, finds_one_bad_byte_wherever_it_stands);
    tcase_add_test(all, looks_at_texts_of_every_length_and_alignment);
    tcase_add_test(all, agrees_on_texts_changed_at_random);
    tcase_add_test(all, has_a_kernel_on_every_processor);
    suite_add_tcase(suite, all);
    return suite;
}
