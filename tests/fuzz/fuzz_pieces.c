/*
 * Any bytes through the reader: the first chooses a dialect, the second a
 * charset and how bad bytes are met, the third where the text is cut. What is
 * cut into pieces must read as what libcsv reads line by line.
 */
#include <stdlib.h>

#include "codec/format.h"
#include "fuzz/replay.h"
#include "unit/pieces_kit.h"

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
    const struct pieces_way libcsv = {.csv = "libcsv"};
    struct pieces_way way = {.csv = NULL};
    struct format format;
    struct buf want, got;

    if (size < 3)
        return 0;
    format = format_of(data[0], data[1]);
    way.piece_size = 1 + data[2] % 64;
    way.step = data[2] / 64;
    want = pieces_read(&libcsv, data + 3, size - 3, &format);
    got = pieces_read(&way, data + 3, size - 3, &format);
    pieces_check(want.size == got.size &&
                 memcmp(want.data, got.data, got.size) == 0);
    buf_release(&want);
    buf_release(&got);
    return 0;
}
