/*
 * html.h: texts of others, made harmless for a page that is HTML and, but for
 * style and script, well-formed XML.  It knows no element.
 */
#ifndef DASHBOARD_HTML_H
#define DASHBOARD_HTML_H

#include <stddef.h>
#include <stdio.h>

#include "forebay/plugin.h"

/*
 * A text to be read, in an element or an attribute in double quotes.  What
 * HTML cannot hold or nobody could see stands there as a sign: control
 * characters as their pictures (U+2400 and after), others as U+FFFD.
 */
void html_text(FILE *page, const unsigned char *text, size_t len);
void html_string(FILE *page, const char *text);

/* Whether html_text shows this very text and no signs instead. */
bool html_is_exact(const unsigned char *text, size_t len);

/* The text itself, in an attribute in double quotes: what JSON.parse makes it
 * of when the quotes of a JSON string are put around. */
void html_raw(FILE *page, const unsigned char *text, size_t len);

/*
 * At most `width` columns of a text for a label: when it is longer, its
 * beginning, an ellipsis and its end; wide characters (East Asian) count two.
 * On one line.
 */
void html_label(FILE *page, const unsigned char *text, size_t len,
                unsigned width);

#endif
