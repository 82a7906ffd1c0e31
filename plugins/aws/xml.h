/*
 * aws/xml.h: reads an XML answer into a small tree.  Made for documents of
 * bounded size that a service sends, not for XML in general: attributes,
 * comments and namespaces are dropped, a DTD is refused.
 */
#ifndef AWS_XML_H
#define AWS_XML_H

#include "forebay/plugin.h"

#define AWS_XML_DEPTH_MAX 32
#define AWS_XML_NODES_MAX 200000
#define AWS_XML_TEXT_MAX ((size_t)32 << 20) /* names and texts, all of them */

struct aws_xml; /* a document */

struct aws_xml_node {
    const char *name; /* without its namespace prefix */
    const char *text; /* all character data directly in it; "" for none */
    const struct aws_xml_node *child; /* the first; NULL: none */
    const struct aws_xml_node *next;  /* the next sibling */
};

/* Parse a whole document; blanks may stand before it.  FB_E_FAILED when it is
 * none, holds a DTD, or is deeper or larger than the bounds.  The document owns
 * all its nodes. */
int aws_xml_parse(const unsigned char *bytes, size_t size, struct aws_xml **xml,
                  struct fb_error *err) FB_MUST_CHECK;
void aws_xml_free(struct aws_xml *xml); /* wipes it: it may hold secrets */

const struct aws_xml_node *aws_xml_root(const struct aws_xml *xml);

/* The first child of that name, and the next sibling with the same name as
 * this one: for (n = aws_xml_child(r, "Contents"); n; n = aws_xml_again(n)) */
const struct aws_xml_node *aws_xml_child(const struct aws_xml_node *node,
                                         const char *name);
const struct aws_xml_node *aws_xml_again(const struct aws_xml_node *node);

/* The text at a path of names below node, "PublishResult/MessageId"; NULL
 * when there is no such element, "" when it is empty. */
const char *aws_xml_text(const struct aws_xml_node *node, const char *path);

/* Add text to a document being written: & < > " and CR, LF escaped. */
struct aws_buf;
void aws_xml_escape(struct aws_buf *out, const char *text);

#endif
