/*
 * duckdb/fault.c: DuckDB's errors, classified by their kind and told in one
 * line.
 */
#include "fault.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>

/* exception_type, as ExceptionTypeToString in DuckDB's exception.cpp has it;
 * those that are not here are failures of the engine itself. */
static const struct {
    const char *type;
    enum fb_code code;
} kinds[] = {
    {"Parser", FB_E_CONFIG},
    {"Binder", FB_E_CONFIG},
    {"Catalog", FB_E_CONFIG},
    {"Permission", FB_E_CONFIG},
    {"Not implemented", FB_E_CONFIG},
    {"Missing Extension", FB_E_CONFIG},
    {"Parameter Not Allowed", FB_E_CONFIG},
    {"Conversion", FB_E_INPUT},
    {"Out of Range", FB_E_INPUT},
    {"Invalid Input", FB_E_INPUT},
    {"Invalid type", FB_E_INPUT},
    {"Divide by Zero", FB_E_INPUT},
    {"Out of Memory", FB_E_LIMIT},
    {"INTERRUPT", FB_E_CANCELLED},
    {"IO", FB_E_OUTPUT},
};

static enum fb_code
code_of(const char *type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].code;
    return FB_E_FAILED;
}

static bool
is_gap(char c)
{
    return c == '\n' || c == '\r' || c == '\t' || c == ' ';
}

/* Runs of white space become one space, line ends "; ". */
static void
put_line(char *to, size_t size, const char *text)
{
    size_t length = 0;

    while (is_gap(*text))
        text++;
    while (*text != '\0' && length + 3 < size) {
        bool ends_line = false;

        if (!is_gap(*text)) {
            to[length++] = *text++;
            continue;
        }
        for (; is_gap(*text); text++)
            ends_line = ends_line || *text == '\n';
        if (*text == '\0')
            break;
        if (ends_line && length > 0 && strchr("!.;:", to[length - 1]) == NULL)
            to[length++] = ';';
        to[length++] = ' ';
    }
    to[length] = '\0';
    /* A character that was cut in two leaves with its first bytes. */
    while (length > 0 && *text != '\0' && (to[length - 1] & 0x80) != 0)
        to[--length] = '\0';
    if (isupper((unsigned char)to[0]) && islower((unsigned char)to[1]))
        to[0] = (char)tolower((unsigned char)to[0]);
}

static void
take_json(const json_t *json, struct fault *fault)
{
    const char *type =
        json_string_value(json_object_get(json, "exception_type"));
    const char *message =
        json_string_value(json_object_get(json, "exception_message"));
    const char *position = json_string_value(json_object_get(json, "position"));

    if (type != NULL) {
        fault->code = code_of(type);
        fault->is_syntax = strcmp(type, "Parser") == 0;
    }
    if (message != NULL)
        put_line(fault->text, sizeof(fault->text), message);
    if (position != NULL)
        fault->position = (uint32_t)strtoul(position, NULL, 10) + 1;
}

void
fault_read(const char *text, struct fault *fault)
{
    const char *brace;
    json_t *json = NULL;

    *fault = (struct fault){.code = FB_E_FAILED};
    if (text == NULL)
        text = "no reason was given";
    brace = strchr(text, '{');
    if (brace != NULL)
        json = json_loads(brace, 0, NULL);
    if (json_is_object(json))
        take_json(json, fault);
    json_decref(json);
    if (fault->text[0] == '\0')
        put_line(fault->text, sizeof(fault->text), text);
}

void
fault_place(const char *query, uint32_t position, uint32_t *line,
            uint32_t *column)
{
    *line = 1;
    *column = 1;
    for (uint32_t i = 1; i < position && *query != '\0'; i++, query++) {
        if (*query == '\n') {
            ++*line;
            *column = 1;
        } else if (((unsigned char)query[1] & 0xc0) != 0x80) {
            ++*column;
        }
    }
}

int
fault_fail(const char *text, enum fb_code code, const char *what,
           struct fb_error *err)
{
    struct fault fault;

    fault_read(text, &fault);
    if (fault.code != FB_E_FAILED)
        code = fault.code;
    fb_fail(err, code, "%s: %s", what, fault.text);
    if (code == FB_E_LIMIT)
        fb_hint(err, "raise memory_limit, or ask for less at once");
    return -1;
}
