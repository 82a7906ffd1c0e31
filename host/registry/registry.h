/*
 * registry/registry.h: finding, authorising and loading plugins.
 *
 * A file is refused, by name and reason, when it or a folder above it is not
 * to be trusted (authorise.h says when), when it is no loadable object of
 * this machine or does not export the entry symbol (elf.h), and when what it
 * describes is no plugin of this ABI (descriptor.h).  The bytes that were
 * checked are the bytes that are loaded: a sealed memory file (load.h).  A
 * file is taken whole or not at all.
 */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

#include "forebay/plugin.h"

struct registry;

/* A plugin file that was not accepted. */
struct registry_refusal {
    const char *path;
    const char *reason; /* one line, with "(hint: ...)" at its end if any */
};

/*
 * Take in every *.so of these folders, in order of name; names that begin with
 * a dot are no plugins.  All of them are authorised and their bytes checked
 * now, but the code of a file that says what it holds (FB_PROVIDES) is loaded
 * when it is first asked for.  A file that turns out to be none then is
 * refused then, as if it had been refused now.  A folder that does not exist is
 * FB_E_CONFIG; a refused file is remembered, not an error.  Two plugins of a
 * kind cannot share a name or a scheme: the file that comes second is refused.
 * Open one registry a process: what was loaded stays loaded (load.h).  Used by
 * one thread at a time, also for asking.
 */
int registry_open(const char *const *folders, size_t count,
                  struct registry **registry,
                  struct fb_error *err) FB_MUST_CHECK;

/* A registry of descriptors that are linked in, and that must be valid:
 * anything else is a bug in the caller.  They must outlive the registry. */
struct registry *registry_of(const struct fb_plugin *const *plugins,
                             size_t count);

/* The plugins stay loaded.  NULL is fine. */
void registry_free(struct registry *registry);

/* Whether the plugin has this name, or lies in <name>.so, where it may be one
 * of several. */
bool registry_is_called(const struct registry *registry, size_t index,
                        const char *name);

/* Load whatever is not loaded yet; those called so (NULL: all). */
void registry_load(const struct registry *registry, const char *name);

/* Descriptors are the host's own copies: all fields of this header's
 * version exist; what an older plugin lacks is zero.  A plugin that is not
 * loaded has kind, name, schemes and formats alone: those by index may be such,
 * until registry_load, which may also make their number smaller. */
size_t registry_count(const struct registry *registry);
const struct fb_plugin *registry_at(const struct registry *registry,
                                    size_t index);
/* The file it came from; "built in" for those of registry_of. */
const char *registry_path(const struct registry *registry, size_t index);
size_t registry_refused_count(const struct registry *registry);
const struct registry_refusal *registry_refused(const struct registry *registry,
                                                size_t index);
/* The refused file that would have been <name>.so, to say why a plugin is
 * not there; NULL: none. */
const struct registry_refusal *
registry_refused_by_name(const struct registry *registry, const char *name);

/* Loaded.  NULL: none. */
const struct fb_plugin *registry_by_name(const struct registry *registry,
                                         enum fb_kind kind, const char *name);
/*
 * By the scheme of a uri (RFC 3986, section 3.1, in any case of letters); a
 * plain path is "file", and so is whatever has a slash, or what no scheme may
 * hold, before its first colon.  A scheme of several parts must match as many
 * leading parts of the uri; * stands for one part: "arn:*:sns" matches
 * "arn:aws-cn:sns:...".  The scheme with the most parts wins, then the one
 * with the fewest stars.  Loaded.  NULL: none.
 */
const struct fb_plugin *registry_by_uri(const struct registry *registry,
                                        enum fb_kind kind, const char *uri);
/* The codec of a format, a source or a sink; NULL: none. */
const struct fb_plugin *registry_by_format(const struct registry *registry,
                                           enum fb_kind kind,
                                           const char *format);
/* The nearest name of that kind, or NULL. */
const char *registry_nearest(const struct registry *registry, enum fb_kind kind,
                             const char *name);

/* "source", "transform", "sink", "notifier" */
const char *registry_kind_name(enum fb_kind kind);

#endif
