/*
 * config/document.h: one YAML file of the user, read once: its text, its
 * tree, and whether it may be trusted.  A pipeline or a schema.
 */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include "config/pipeline.h"
#include "config/yaml.h"
#include "util/buf.h"

/* A schema file that a pipeline named, without a problem: read once, however
 * often the pipeline is built. */
struct kept_schema {
    const char *path, *text;
    size_t size;
    const struct schema *schema;
    struct kept_schema *next;
};

struct document {
    struct arena *arena;
    const char *path;
    struct buf bytes;
    const struct yaml_source *source;
    const struct yaml_node *root;
    struct kept_schema **schemas; /* the first; in the arena */
};

/*
 * document_open() and document_free() stand in config/pipeline.h.  A file is
 * refused when everybody may write to it: plugins, programs and targets are
 * named there.  A service (STATE_DIRECTORY is set, systemd.exec(5)) also
 * refuses what its group may write to, and what belongs to neither root nor
 * the running user.
 */

/* Read a file that may be trusted into an initialised buffer; a byte order mark
 * is left out.  -1 with problems added. */
int document_read(const char *path, struct buf *bytes,
                  struct problems *problems) FB_MUST_CHECK;

/* document_open() for text that is in memory; it is copied.  For tests and for
 * the host's own texts. */
struct document *document_of_text(const char *path, const char *text,
                                  size_t size, struct problems *problems);

#endif
