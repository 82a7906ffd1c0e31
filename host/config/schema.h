/*
 * config/schema.h: Table Schema files, in YAML or JSON.
 * https://specs.frictionlessdata.io/table-schema/ with `aliases` for a field's
 * other names.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "batch/column.h"
#include "config/document.h"

struct schema_text {
    const char *bytes; /* NULL: none */
    size_t size;
};

/*
 * Read a schema; it lives in the arena.  Problems are added at their places in
 * the schema file; NULL when there were any.  `named` is where the path is
 * written: that no such file exists is told there.  `read` (may be NULL) gets
 * what was read, in the arena; no text when nothing could be.
 */
const struct schema *schema_read(struct arena *arena, const char *path,
                                 struct place named, struct schema_text *read,
                                 struct problems *problems);

/* The same of a parsed text, which must live as long as the arena. */
const struct schema *schema_of(struct arena *arena,
                               const struct yaml_node *root,
                               struct problems *problems);

#endif
