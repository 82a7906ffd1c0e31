#include "assets.h"

#include <assert.h>
#include <openssl/evp.h>

/* A file of this folder as a constant, as it is: so that it can be read,
 * edited and tested as what it is.  Paths begin at the top of the sources. */
#define TAKE_IN(name_, path_)                                  \
    __asm__(".pushsection .rodata\n" #name_ "_text:\n"         \
            "\t.incbin \"" path_ "\"\n" #name_ "_end:\n"       \
            "\t.balign 8\n" #name_ "_size:\n"                  \
            "\t.quad " #name_ "_end - " #name_ "_text\n"       \
            "\t.popsection\n");                                \
    extern const char name_##_text[] __asm__(#name_ "_text")   \
        __attribute__((visibility("hidden")));                 \
    extern const uint64_t name_##_size __asm__(#name_ "_size") \
        __attribute__((visibility("hidden")))

TAKE_IN(style, "plugins/dashboard/page.css");
TAKE_IN(script, "plugins/dashboard/page.js");

struct asset
asset_style(void)
{
    return (struct asset){style_text, style_size};
}

struct asset
asset_script(void)
{
    return (struct asset){script_text, script_size};
}

int
asset_hash(struct asset asset, char hash[ASSET_HASH_SIZE], struct fb_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned char text[48]; /* 44 of base64 */
    unsigned size = 0;

    if (EVP_Digest(asset.text, asset.len, digest, &size, EVP_sha256(), NULL) !=
        1)
        return fb_fail(err, FB_E_FAILED, "cannot compute a SHA-256");
    assert(size == 32);
    EVP_EncodeBlock(text, digest, (int)size);
    snprintf(hash, ASSET_HASH_SIZE, "'sha256-%s'", (const char *)text);
    return 0;
}
