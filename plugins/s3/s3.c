/*
 * s3.c: the plugin `s3`: objects of Amazon S3, and of stores that speak like
 * it, as sources and sinks.  See source.c and sink.c for what they do.
 */
#include "s3.h"

const char *const s3_schemes[] = {"s3", NULL};

FB_PROVIDES("source s3 s3; sink s3 s3");
FB_PLUGINS(&s3_source_plugin, &s3_sink_plugin);
