/*
 * aws/crc.c: see crc.h.  Eight tables take eight bytes at a time; CRC32C is
 * left to the processor where it has an instruction for it.
 */
#include "aws/crc.h"

#include <assert.h>
#include <pthread.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

#define KINDS 3
#define LANES 8

static const uint64_t polynomials[KINDS] = {0xedb88320u, 0x82f63b78u,
                                            UINT64_C(0x9a6c9329ac4bc9b5)};

/* Filled once, the same for everybody: constants that are too long to read. */
static uint64_t tables[KINDS][LANES][256];
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;

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
}

static uint64_t
ones(enum aws_crc_kind kind)
{
    return kind == AWS_CRC_64NVME ? UINT64_MAX : UINT32_MAX;
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

uint64_t
aws_crc_table(enum aws_crc_kind kind, uint64_t crc, const void *bytes,
              size_t size)
{
    const unsigned char *p = bytes;
    uint64_t(*table)[256] = tables[kind - 1];

    pthread_once(&tables_once, fill_tables);
    crc ^= ones(kind);
    for (; size >= LANES; size -= LANES, p += LANES) {
        uint64_t word = load_little_endian(p) ^ crc;

        crc = 0;
        for (size_t lane = 0; lane < LANES; lane++)
            crc ^= table[LANES - 1 - lane][(word >> (8 * lane)) & 255];
    }
    for (; size > 0; size--, p++)
        crc = (crc >> 8) ^ table[0][(crc ^ *p) & 255];
    return crc ^ ones(kind);
}

#if defined(__x86_64__)
static bool
has_crc32c(void)
{
    return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) static uint64_t
crc32c_by_instruction(uint64_t crc, const unsigned char *p, size_t size)
{
    crc ^= UINT32_MAX;
    for (; size >= 8; size -= 8, p += 8)
        crc = _mm_crc32_u64(crc, load_little_endian(p));
    for (; size > 0; size--, p++)
        crc = _mm_crc32_u8((uint32_t)crc, *p);
    return crc ^ UINT32_MAX;
}
#elif defined(__aarch64__)
static bool
has_crc32c(void)
{
    return (getauxval(AT_HWCAP) & (1 << 7)) != 0; /* HWCAP_CRC32 */
}

__attribute__((target("+crc"))) static uint64_t
crc32c_by_instruction(uint64_t crc, const unsigned char *p, size_t size)
{
    uint32_t sum = (uint32_t)crc ^ UINT32_MAX;

    for (; size >= 8; size -= 8, p += 8)
        sum = __crc32cd(sum, load_little_endian(p));
    for (; size > 0; size--, p++)
        sum = __crc32cb(sum, *p);
    return sum ^ UINT32_MAX;
}
#else
static bool
has_crc32c(void)
{
    return false;
}

static uint64_t
crc32c_by_instruction(uint64_t crc, const unsigned char *p, size_t size)
{
    return aws_crc_table(AWS_CRC_32C, crc, p, size);
}
#endif

uint64_t
aws_crc(enum aws_crc_kind kind, uint64_t crc, const void *bytes, size_t size)
{
    assert(kind >= AWS_CRC_32 && kind <= AWS_CRC_64NVME);
    if (kind == AWS_CRC_32C && has_crc32c())
        return crc32c_by_instruction(crc, bytes, size);
    return aws_crc_table(kind, crc, bytes, size);
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

/* Appending n bytes multiplies the first CRC by x^(8n); the power is found by
 * squaring.  The inversions at both ends cancel out. */
uint64_t
aws_crc_join(enum aws_crc_kind kind, uint64_t first, uint64_t second,
             uint64_t second_size)
{
    uint64_t one = (ones(kind) >> 1) + 1;
    uint64_t power = one, square = one >> 8;

    assert(kind >= AWS_CRC_32 && kind <= AWS_CRC_64NVME);
    assert((first | second) <= ones(kind));
    for (uint64_t n = second_size; n > 0; n >>= 1) {
        if (n & 1)
            power = multiply(kind, power, square);
        square = multiply(kind, square, square);
    }
    return multiply(kind, power, first) ^ second;
}
