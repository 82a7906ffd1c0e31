/*
 * trigger/names.h: the names of trigger objects, as text: which are refused,
 * when two mean the same object, and which data a trigger file announces.
 */
#ifndef TRIGGER_NAMES_H
#define TRIGGER_NAMES_H

#include <stdbool.h>

#include "util/arena.h"

/*
 * Why an object's name cannot be used, or NULL.  Always refused, for nothing
 * could log, report or build a name from it safely: control characters,
 * bytes that are no UTF-8, and segments "." or ".." that the pattern does not
 * have itself.  portable: the last segment may hold A-Z a-z 0-9 . _ - only.
 */
const char *names_objection(struct arena *arena, const char *pattern,
                            const char *uri, bool portable);

/*
 * One text for all spellings of a plain path or file: uri: absolute, without
 * empty and "." segments.  Other uris are returned as they are.
 */
const char *names_normal(struct arena *arena, const char *uri);

/* Whether the uri is one that the pattern means, however it is spelled. */
bool names_match(struct arena *arena, const char *pattern, const char *uri);

/*
 * `source` is the uri of a source step in which the trigger's pattern stands
 * for the trigger (struct scope in config/pipeline.h): with in/X.trg and
 * ${trigger.dir}/${trigger.stem}.csv it is in/X.csv, where X is the pattern's
 * "*".  The result is the uri of the data that `trigger` announces, or NULL
 * when the source is not derived from the trigger: it reads the trigger
 * itself, or always the same object.
 *
 * Found by looking for the parts of the pattern (uri, dir, name, stem) that
 * hold a wildcard; a source has no other reason to hold one.  When the
 * pattern has no wildcard, its data is what has the trigger's stem.
 */
const char *names_announced(struct arena *arena, const char *pattern,
                            const char *source, const char *trigger);

#endif
