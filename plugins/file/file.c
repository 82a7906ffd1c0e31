/*
 * file.c: the plugin `file`: files of this machine as sources and sinks.  See
 * source.c and sink.c for what they do.
 */
#include "file.h"

const char *const file_schemes[] = {"file", NULL};

FB_PROVIDES("source file file; sink file file");
FB_PLUGINS(&file_source_plugin, &file_sink_plugin);
