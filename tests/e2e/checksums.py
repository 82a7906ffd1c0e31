"""The checksums of S3, in the wording of its headers, for servers of tests.
The two that python lacks are compiled when first asked for: bit by bit they
are plain to read, and in C that is fast enough.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

import base64
import ctypes
import functools
import hashlib
import os
import struct
import tempfile
import zlib

import forebay

SOURCE = """
#include <stddef.h>
#include <stdint.h>

/* Reflected, with all bits set before and after; width: 32 or 64. */
uint64_t crc(uint64_t polynomial, int width, const unsigned char *data,
             size_t size)
{
    const uint64_t ones = UINT64_MAX >> (64 - width);
    uint64_t table[256], value = ones;

    for (int i = 0; i < 256; i++) {
        table[i] = (uint64_t)i;
        for (int bit = 0; bit < 8; bit++)
            table[i] = (table[i] >> 1) ^ (table[i] & 1 ? polynomial : 0);
    }
    while (size-- > 0)
        value = (value >> 8) ^ table[(value ^ *data++) & 0xff];
    return value ^ ones;
}
"""


@functools.cache
def library():
    with tempfile.TemporaryDirectory(prefix="forebay-crc-") as folder:
        source, made = (os.path.join(folder, n) for n in ("crc.c", "crc.so"))
        with open(source, "w", encoding="ascii") as file:
            file.write(SOURCE)
        forebay.output([*forebay.CC, "-O2", "-shared", "-fPIC", "-o", made,
                        source])
        found = ctypes.CDLL(made)
    found.crc.restype = ctypes.c_uint64
    found.crc.argtypes = [ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p,
                          ctypes.c_size_t]
    return found


def crc32c(data):
    return struct.pack(">I", library().crc(0x82F63B78, 32, data, len(data)))


def crc64nvme(data):
    return struct.pack(">Q", library().crc(0x9A6C9329AC4BC9B5, 64, data,
                                           len(data)))


COMPUTE = {
    "crc32": lambda data: struct.pack(">I", zlib.crc32(data)),
    "crc32c": crc32c,
    "crc64nvme": crc64nvme,
    "sha1": lambda data: hashlib.sha1(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
}


def checksum(name, data):
    """The value of the header x-amz-checksum-NAME."""
    return base64.b64encode(COMPUTE[name](data)).decode("ascii")
