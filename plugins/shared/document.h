/*
 * shared/document.h: the report for programs, of a bounded size.  It is the
 * document that `forebay run --report` writes; only what lists something can
 * be long, and only lists are cut.
 */
#ifndef SHARED_DOCUMENT_H
#define SHARED_DOCUMENT_H

#include "forebay/plugin.h"

#include <jansson.h>

/*
 * The report's JSON in at most max bytes: as it is when it fits, else with
 * shorter lists (of steps, inputs, outputs, rejects) and a member "cut" that
 * says how many entries each of them had.  *json lives as long as the step.
 * FB_E_LIMIT when even that is too large.
 */
int document_make(struct fb_step *step, const struct fb_report *report,
                  size_t max, const char **json,
                  struct fb_error *err) FB_MUST_CHECK;

/* A JSON value as one line; lives as long as the step. */
const char *document_text(struct fb_step *step, const json_t *root);

#endif
