/*
 * aws/crc_fold.c: see crc_fold.h.
 */
#include "aws/crc_fold.h"

#include <assert.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define CAN_FOLD __attribute__((target("sse2,pclmul")))

typedef __m128i lane;

bool
aws_crc_can_fold(void)
{
    return __builtin_cpu_supports("pclmul");
}

CAN_FOLD static inline lane
load(const unsigned char *bytes)
{
    return _mm_loadu_si128((const void *)bytes);
}

CAN_FOLD static inline lane
make(uint64_t first, uint64_t second)
{
    return _mm_set_epi64x((long long)second, (long long)first);
}

CAN_FOLD static inline lane
add(lane a, lane b)
{
    return _mm_xor_si128(a, b);
}

CAN_FOLD static inline lane
multiply(lane value, lane by)
{
    return _mm_xor_si128(_mm_clmulepi64_si128(value, by, 0x00),
                         _mm_clmulepi64_si128(value, by, 0x11));
}

CAN_FOLD static inline void
store(unsigned char *bytes, lane value)
{
    _mm_storeu_si128((void *)bytes, value);
}

#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_neon.h>
#include <sys/auxv.h>
#define CAN_FOLD __attribute__((target("+crypto")))

typedef uint64x2_t lane;

bool
aws_crc_can_fold(void)
{
    return (getauxval(AT_HWCAP) & (1 << 4)) != 0; /* HWCAP_PMULL */
}

CAN_FOLD static inline lane
load(const unsigned char *bytes)
{
    return vreinterpretq_u64_u8(vld1q_u8(bytes));
}

CAN_FOLD static inline lane
make(uint64_t first, uint64_t second)
{
    return vcombine_u64(vcreate_u64(first), vcreate_u64(second));
}

CAN_FOLD static inline lane
add(lane a, lane b)
{
    return veorq_u64(a, b);
}

CAN_FOLD static inline lane
multiply(lane value, lane by)
{
    poly128_t first = vmull_p64((poly64_t)vgetq_lane_u64(value, 0),
                                (poly64_t)vgetq_lane_u64(by, 0));
    poly128_t second =
        vmull_high_p64(vreinterpretq_p64_u64(value), vreinterpretq_p64_u64(by));

    return veorq_u64(vreinterpretq_u64_p128(first),
                     vreinterpretq_u64_p128(second));
}

CAN_FOLD static inline void
store(unsigned char *bytes, lane value)
{
    vst1q_u8(bytes, vreinterpretq_u8_u64(value));
}

#endif

#ifdef CAN_FOLD

/* Four lanes, for a multiplication takes some cycles to come out. */
CAN_FOLD void
aws_crc_fold(const struct aws_crc_fold *fold, uint64_t crc,
             const unsigned char *bytes, size_t size,
             unsigned char rest[AWS_CRC_FOLD_REST])
{
    const lane far = make(fold->by_512[0], fold->by_512[1]);
    const lane near = make(fold->by_128[0], fold->by_128[1]);
    lane lanes[4];

    assert(size >= AWS_CRC_FOLD_LEAST && size % 16 == 0);
    for (size_t i = 0; i < 4; i++)
        lanes[i] = load(bytes + 16 * i);
    lanes[0] = add(lanes[0], make(crc, 0));
    for (bytes += 64, size -= 64; size >= 64; bytes += 64, size -= 64)
        for (size_t i = 0; i < 4; i++)
            lanes[i] = add(multiply(lanes[i], far), load(bytes + 16 * i));
    for (size_t i = 1; i < 4; i++)
        lanes[0] = add(multiply(lanes[0], near), lanes[i]);
    for (; size > 0; bytes += 16, size -= 16)
        lanes[0] = add(multiply(lanes[0], near), load(bytes));
    store(rest, lanes[0]);
}

#else

bool
aws_crc_can_fold(void)
{
    return false;
}

void
aws_crc_fold(const struct aws_crc_fold *fold, uint64_t crc,
             const unsigned char *bytes, size_t size,
             unsigned char rest[AWS_CRC_FOLD_REST])
{
    (void)fold, (void)crc, (void)bytes, (void)size, (void)rest;
    assert(!"nobody asked whether it can be done");
}

#endif
