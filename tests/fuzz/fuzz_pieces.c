/*
 * Any bytes through the reader: the first chooses a dialect, the second a
 * charset and how bad bytes are met, the third where the text is cut. What is
 * cut into pieces must read as what libcsv reads line by line.
 */
#include <stdlib.h>

#include "codec/format.h"
#include "fuzz/replay.h"
#include "unit/twin_kit.h"

static const char *const delimiters[] = {",", ";", "\t", "|"};
static const char *const quotes[] = {"\"", "'"};
static const char *const charsets[] = {"utf-8", "cp932", "euc-jp", "shift_jis"};

static struct format
format_of(unsigned char dialect, unsigned char choice)
{
    struct format format;

    format_init(&format);
    format.dialect.delimiter = delimiters[dialect & 3];
    format.dialect.quote_char = quotes[dialect >> 2 & 1];
    format.dialect.comment_char = (dialect & 0x18) == 0x18 ? "#" : NULL;
    format.compression = COMPRESSION_NONE;
    format.charset = charsets[choice & 3];
    format.on_bad_char = BAD_CHAR_FAIL + (choice >> 2) % 3;
    format.header = dialect & 0x20 ? HEADER_NONE : HEADER_REQUIRED;
    return format;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct twin_case of = {.step = 0};
    struct format format;
    struct twin fast, libcsv;

    if (size < 3)
        return 0;
    format = format_of(data[0], data[1]);
    of.format = &format;
    of.bytes = data + 3;
    of.size = size - 3;
    of.piece_size = 1 + data[2] % 64;
    of.step = data[2] / 64;
    fast = twin_of_fastest(&of);
    libcsv = twin_of_libcsv(&of);
    if (!twin_alike(&fast, &libcsv))
        abort(); /* which is what a fuzzer looks for */
    twin_release(&fast);
    twin_release(&libcsv);
    return 0;
}
