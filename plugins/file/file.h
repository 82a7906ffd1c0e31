/*
 * file.h: what source.c and sink.c share and file.c puts together.
 */
#ifndef FILE_FILE_H
#define FILE_FILE_H

#include "forebay/plugin.h"

extern const char *const file_schemes[];
extern const struct fb_plugin file_source_plugin, file_sink_plugin;

#endif
