/*
 * util/zone.h: the offset of a time zone at a moment, for clock.c.
 *
 * Read from the system's compiled zones (TZif, RFC 8536) and not asked from
 * the C library, because localtime() knows one zone a process: to use another
 * means to change the environment under every other thread.
 */
#ifndef UTIL_ZONE_H
#define UTIL_ZONE_H

#include "forebay/plugin.h"

struct zone;

/*
 * name: as for clock_to_local.  "local" is the zone of the process (TZ, else
 * the system's).  FB_E_CONFIG, with the nearest name as its hint, when there
 * is no such zone.  The caller closes it.
 */
int zone_open(const char *name, struct zone **zone,
              struct fb_error *err) FB_MUST_CHECK;
void zone_close(struct zone *zone); /* NULL is fine */

struct zone_offset {
    int seconds;   /* east of UTC */
    char name[16]; /* abbreviation */
};

/* at: seconds since 1970-01-01T00:00:00Z */
struct zone_offset zone_at(const struct zone *zone, int64_t at);

#endif
