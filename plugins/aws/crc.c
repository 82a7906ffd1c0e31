/*
 * aws/crc.c: see crc.h.  Eight tables take eight bytes at a time; of many
 * bytes crc_fold.h leaves sixteen, where the processor can.
 */
#include "aws/crc.h"

#include "aws/crc_fold.h"

#include <assert.h>
#include <pthread.h>

#define KINDS 3
#define LANES 8

static const uint64_t polynomials[KINDS] = {0xedb88320u, 0x82f63b78u,
                                            UINT64_C(0x9a6c9329ac4bc9b5)};

/* Filled once, the same for everybody: constants that are too long to read. */
static uint64_t tables[KINDS][LANES][256];
static struct aws_crc_fold folds[KINDS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t
ones(enum aws_crc_kind kind)
{
    return kind == AWS_CRC_64NVME ? UINT64_MAX : UINT32_MAX;
}

/* a times b modulo the polynomial; in reflected order the top bit is x^0. */
static uint64_t
multiply(enum aws_crc_kind kind, uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    uint64_t bit = (ones(kind) >> 1) + 1;

    for (; bit != 0; bit >>= 1) {
        if (a & bit)
            product ^= b;
        b = (b >> 1) ^ ((b & 1) ? polynomials[kind - 1] : 0);
    }
    return product;
}

/* base to the n-th: found by squaring. */
static uint64_t
power(enum aws_crc_kind kind, uint64_t base, uint64_t n)
{
    uint64_t result = (ones(kind) >> 1) + 1; /* one */

    for (; n > 0; n >>= 1) {
        if (n & 1)
            result = multiply(kind, result, base);
        base = multiply(kind, base, base);
    }
    return result;
}

static uint64_t
power_of_x(enum aws_crc_kind kind, uint64_t n)
{
    uint64_t x = (ones(kind) >> 2) + 1;

    return power(kind, x, n);
}

/* Of a CRC of 32 bits, the coefficient of x^31 is the lowest bit. */
static void
fill_folds(void)
{
    for (int i = 0; i < KINDS; i++) {
        enum aws_crc_kind kind = (enum aws_crc_kind)(i + 1);
        int up = ones(kind) == UINT64_MAX ? 0 : 32;

        folds[i] = (struct aws_crc_fold){
            .by_512 = {power_of_x(kind, 512 + 63) << up,
                       power_of_x(kind, 512 - 1) << up},
            .by_128 = {power_of_x(kind, 128 + 63) << up,
                       power_of_x(kind, 128 - 1) << up},
        };
    }
}

static void
fill_tables(void)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        uint64_t(*table)[256] = tables[kind];

        for (uint64_t byte = 0; byte < 256; byte++) {
            uint64_t crc = byte;

            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) ? polynomials[kind] : 0);
            table[0][byte] = crc;
        }
        for (size_t lane = 1; lane < LANES; lane++)
            for (size_t byte = 0; byte < 256; byte++) {
                uint64_t crc = table[lane - 1][byte];

                table[lane][byte] = (crc >> 8) ^ table[0][crc & 255];
            }
    }
    fill_folds();
}

static uint64_t
load_little_endian(const unsigned char *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof(value));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

/* The state, that is without the inversions at both ends. */
static uint64_t
go_on(enum aws_crc_kind kind, uint64_t state, const unsigned char *p,
      size_t size)
{
    uint64_t(*table)[256] = tables[kind - 1];

    for (; size >= LANES; size -= LANES, p += LANES) {
        uint64_t word = load_little_endian(p) ^ state;

        state = 0;
        for (size_t lane = 0; lane < LANES; lane++)
            state ^= table[LANES - 1 - lane][(word >> (8 * lane)) & 255];
    }
    for (; size > 0; size--, p++)
        state = (state >> 8) ^ table[0][(state ^ *p) & 255];
    return state;
}

uint64_t
aws_crc_table(enum aws_crc_kind kind, uint64_t crc, const void *bytes,
              size_t size)
{
    pthread_once(&once, fill_tables);
    return go_on(kind, crc ^ ones(kind), bytes, size) ^ ones(kind);
}

uint64_t
aws_crc(enum aws_crc_kind kind, uint64_t crc, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;
    uint64_t state = crc ^ ones(kind);
    size_t folded = size & ~(size_t)15;

    assert(kind >= AWS_CRC_32 && kind <= AWS_CRC_64NVME);
    pthread_once(&once, fill_tables);
    if (folded >= AWS_CRC_FOLD_LEAST && aws_crc_can_fold()) {
        unsigned char rest[AWS_CRC_FOLD_REST];

        aws_crc_fold(&folds[kind - 1], state, p, folded, rest);
        state = go_on(kind, 0, rest, sizeof(rest));
        p += folded;
        size -= folded;
    }
    return go_on(kind, state, p, size) ^ ones(kind);
}

/* Appending n bytes multiplies the first CRC by x^(8n).  The inversions at
 * both ends cancel out. */
uint64_t
aws_crc_join(enum aws_crc_kind kind, uint64_t first, uint64_t second,
             uint64_t second_size)
{
    uint64_t x8 = (ones(kind) >> 9) + 1;

    assert(kind >= AWS_CRC_32 && kind <= AWS_CRC_64NVME);
    assert((first | second) <= ones(kind));
    return multiply(kind, power(kind, x8, second_size), first) ^ second;
}
