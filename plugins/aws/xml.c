/*
 * aws/xml.c: see xml.h.  expat reads, we keep.  A DTD is refused as soon as it
 * begins, so there are no entities but the five of XML itself.
 */
#include "aws/xml.h"

#include "aws/buf.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>

#define CHUNK_SIZE ((size_t)16 << 10)

/* Names, texts and nodes lie in chunks that are freed together. */
struct chunk {
    struct chunk *next;
    size_t used, size;
    max_align_t memory[];
};

struct aws_xml {
    struct chunk *chunks;
    size_t bytes, nodes;
    struct aws_xml_node *root;
};

/* An element that is still open. */
struct level {
    struct aws_xml_node *node, *last;
    struct aws_buf text;
};

struct reader {
    XML_Parser parser;
    struct aws_xml *xml;
    struct level levels[AWS_XML_DEPTH_MAX];
    size_t depth;
    const char *refused; /* why we stopped it; NULL: we did not */
};

static void
refuse(struct reader *reader, const char *why)
{
    if (reader->refused == NULL)
        reader->refused = why;
    XML_StopParser(reader->parser, XML_FALSE);
}

/* Memory of the document; NULL beyond the bound. */
static void *
take(struct aws_xml *xml, size_t size)
{
    struct chunk *chunk = xml->chunks;
    void *memory;

    size = (size + sizeof(max_align_t) - 1) & ~(sizeof(max_align_t) - 1);
    if (size > AWS_XML_TEXT_MAX - xml->bytes)
        return NULL;
    if (chunk == NULL || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;

        chunk = aws_alloc(sizeof(*chunk) + room);
        *chunk = (struct chunk){.next = xml->chunks, .size = room};
        xml->chunks = chunk;
        xml->bytes += room - size;
        if (xml->bytes > AWS_XML_TEXT_MAX - size)
            return NULL;
    }
    memory = (char *)chunk->memory + chunk->used;
    chunk->used += size;
    xml->bytes += size;
    return memory;
}

static const char *
keep(struct aws_xml *xml, const char *text, size_t size)
{
    char *copy = size == 0 ? NULL : take(xml, size + 1);

    if (copy == NULL)
        return size == 0 ? "" : NULL;
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

static void XMLCALL
on_start(void *arg, const char *name, const char **attributes)
{
    struct reader *reader = arg;
    struct aws_xml *xml = reader->xml;
    struct aws_xml_node *node;
    const char *colon = strrchr(name, ':');

    (void)attributes;
    if (reader->depth == AWS_XML_DEPTH_MAX) {
        refuse(reader, "it is nested too deeply");
        return;
    }
    node = ++xml->nodes > AWS_XML_NODES_MAX ? NULL : take(xml, sizeof(*node));
    name = colon == NULL ? name : colon + 1;
    if (node != NULL)
        *node = (struct aws_xml_node){.name = keep(xml, name, strlen(name)),
                                      .text = ""};
    if (node == NULL || node->name == NULL) {
        refuse(reader, "it is too large");
        return;
    }
    if (reader->depth == 0) {
        xml->root = node;
    } else {
        struct level *parent = &reader->levels[reader->depth - 1];

        if (parent->last == NULL)
            parent->node->child = node;
        else
            parent->last->next = node;
        parent->last = node;
    }
    reader->levels[reader->depth].node = node;
    reader->levels[reader->depth].last = NULL;
    aws_buf_clear(&reader->levels[reader->depth].text);
    reader->depth++;
}

static void XMLCALL
on_end(void *arg, const char *name)
{
    struct reader *reader = arg;
    struct level *level;
    const char *text;

    (void)name;
    if (reader->refused != NULL)
        return;
    assert(reader->depth > 0);
    level = &reader->levels[--reader->depth];
    text = keep(reader->xml, aws_buf_string(&level->text), level->text.len);
    if (text == NULL || !aws_buf_ok(&level->text))
        refuse(reader, "it is too large");
    else
        level->node->text = text;
}

static void XMLCALL
on_text(void *arg, const char *text, int size)
{
    struct reader *reader = arg;

    if (reader->depth > 0 && reader->refused == NULL)
        aws_buf_add(&reader->levels[reader->depth - 1].text, text,
                    (size_t)size);
}

static void XMLCALL
on_doctype(void *arg, const char *name, const char *system, const char *public,
           int has_subset)
{
    (void)name, (void)system, (void)public, (void)has_subset;
    refuse(arg, "it has a document type");
}

static int
run(struct reader *reader, const unsigned char *bytes, size_t size,
    struct fb_error *err)
{
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
    if (size > AWS_XML_TEXT_MAX)
        return fb_fail(err, FB_E_LIMIT,
                       "cannot read the XML: larger than %zu bytes",
                       AWS_XML_TEXT_MAX);
    if (XML_Parse(reader->parser, (const char *)bytes, (int)size, 1) ==
            XML_STATUS_OK &&
        reader->refused == NULL)
        return 0;
    return fb_fail(err, FB_E_FAILED, "cannot read the XML, line %lu: %s",
                   XML_GetCurrentLineNumber(reader->parser),
                   reader->refused != NULL
                       ? reader->refused
                       : XML_ErrorString(XML_GetErrorCode(reader->parser)));
}

int
aws_xml_parse(const unsigned char *bytes, size_t size, struct aws_xml **xml,
              struct fb_error *err)
{
    struct reader reader = {.parser = XML_ParserCreate(NULL)};
    int failed;

    /* S3 sends blanks to keep a connection alive, even before the XML
     * declaration, where expat does not allow them. */
    while (size > 0 && strchr(" \t\r\n", *bytes) != NULL && *bytes != '\0') {
        bytes++;
        size--;
    }
    if (reader.parser == NULL)
        return fb_fail(err, FB_E_FAILED, "cannot read the XML: no memory");
    reader.xml = aws_alloc(sizeof(*reader.xml));
    for (size_t i = 0; i < AWS_XML_DEPTH_MAX; i++)
        aws_buf_init(&reader.levels[i].text, AWS_XML_TEXT_MAX);
    failed = run(&reader, bytes, size, err);
    for (size_t i = 0; i < AWS_XML_DEPTH_MAX; i++)
        aws_buf_release(&reader.levels[i].text);
    XML_ParserFree(reader.parser);
    if (failed != 0) {
        aws_xml_free(reader.xml);
        return -1;
    }
    assert(reader.xml->root != NULL);
    *xml = reader.xml;
    return 0;
}

void
aws_xml_free(struct aws_xml *xml)
{
    if (xml == NULL)
        return;
    while (xml->chunks != NULL) {
        struct chunk *chunk = xml->chunks;

        xml->chunks = chunk->next;
        aws_wipe(chunk->memory, chunk->used);
        free(chunk);
    }
    free(xml);
}

const struct aws_xml_node *
aws_xml_root(const struct aws_xml *xml)
{
    return xml->root;
}

static const struct aws_xml_node *
find(const struct aws_xml_node *node, const char *name, size_t size)
{
    while (node != NULL &&
           (strncmp(node->name, name, size) != 0 || node->name[size] != '\0'))
        node = node->next;
    return node;
}

const struct aws_xml_node *
aws_xml_child(const struct aws_xml_node *node, const char *name)
{
    return find(node->child, name, strlen(name));
}

const struct aws_xml_node *
aws_xml_again(const struct aws_xml_node *node)
{
    return find(node->next, node->name, strlen(node->name));
}

const char *
aws_xml_text(const struct aws_xml_node *node, const char *path)
{
    while (node != NULL && *path != '\0') {
        size_t size = strcspn(path, "/");

        node = find(node->child, path, size);
        path += size + (path[size] == '/');
    }
    return node == NULL ? NULL : node->text;
}

void
aws_xml_escape(struct aws_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            aws_buf_text(out, "&amp;");
            break;
        case '<':
            aws_buf_text(out, "&lt;");
            break;
        case '>':
            aws_buf_text(out, "&gt;");
            break;
        case '"':
            aws_buf_text(out, "&quot;");
            break;
        case '\r':
            aws_buf_text(out, "&#13;");
            break;
        case '\n':
            aws_buf_text(out, "&#10;");
            break;
        default:
            aws_buf_byte(out, (unsigned char)*text);
        }
    }
}
