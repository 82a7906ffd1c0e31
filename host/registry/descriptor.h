/*
 * registry/descriptor.h: from what a plugin says of itself to what the host
 * works with: the sizes of the plugin's header and of ours reconciled, and
 * every field checked once, so that nobody has to later.  It does not know
 * of other plugins, and does not call the plugin.
 */
#ifndef REGISTRY_DESCRIPTOR_H
#define REGISTRY_DESCRIPTOR_H

#include "forebay/plugin.h"
#include "util/arena.h"

/*
 * Bounds, far above what anybody needs: beyond them a number is damage.  The
 * instance's is also what a step may cost before it is opened.
 */
enum {
    DESCRIPTOR_SIZE_MAX = 4096,        /* bytes of struct fb_plugin */
    DESCRIPTOR_OPTION_SIZE_MAX = 1024, /* bytes of struct fb_option */
    DESCRIPTOR_NAME_MAX = 64,
    DESCRIPTOR_SCHEMES_MAX = 32,
    DESCRIPTOR_OPTIONS_MAX = 256,
    DESCRIPTOR_CHOICES_MAX = 256,
    DESCRIPTOR_INSTANCE_MAX = 16 * 1024 * 1024, /* bytes */
};

/*
 * Check `given` and copy it and its options into the arena; the texts and the
 * callbacks stay the plugin's.  Fields that the plugin's header did not have
 * are zero, those that ours does not have are dropped.  FB_E_CONFIG, naming
 * the plugin once its name is known, when
 *   - abi is not FB_ABI, or a size is out of bounds;
 *   - name is not of a-z 0-9 _ -, a text is missing or holds control
 *     characters, a scheme is none, the kind or an option's type is unknown;
 *   - a callback that the kind needs is missing;
 *   - an option lies outside the instance, or on another one, has no help,
 *     a name that is taken, an enum without choices, or is required and has
 *     a default.
 */
int descriptor_copy(struct arena *arena, const struct fb_plugin *given,
                    const struct fb_plugin **copy,
                    struct fb_error *err) FB_MUST_CHECK;

/* FB_E_CONFIG unless it is FB_ABI. */
int descriptor_check_abi(uint32_t abi, struct fb_error *err) FB_MUST_CHECK;

/* Whether a plugin may have this name. */
bool descriptor_is_name(const char *text);

/* "source", ...; NULL for what is no kind. */
const char *descriptor_kind_name(enum fb_kind kind);
/* "string", ..., "expression"; NULL for what is no type. */
const char *descriptor_type_name(enum fb_type type);

#endif
