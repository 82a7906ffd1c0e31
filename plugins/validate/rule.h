/*
 * rule.h: what a schema says of one column, made ready to judge cells by.  A
 * rule judges one cell alone; what must differ between rows is not its
 * business.
 */
#ifndef VALIDATE_RULE_H
#define VALIDATE_RULE_H

#include "allowed.h"
#include "forebay/plugin.h"
#include "pattern.h"

struct rule {
    uint32_t index; /* of the column */
    const struct fb_column *column;
    bool has_minimum, has_maximum;
    struct fb_value minimum, maximum;
    struct allowed allowed;  /* by enum */
    struct pattern *pattern; /* between rule_open and rule_close */
};

/* Whether the column can be wrong at all. */
bool rule_is_needed(const struct fb_column *column);

/* Parse the constraints; memory lives as the step.  FB_E_CONFIG when the
 * schema contradicts itself. */
int rule_prepare(struct rule *rule, struct fb_step *step, uint32_t index,
                 struct fb_error *err) FB_MUST_CHECK;

int rule_open(struct rule *rule, struct fb_error *err) FB_MUST_CHECK;
void rule_close(struct rule *rule);

/* The value must be FB_V_OK; the key points into it or into the value. */
void rule_key(const struct rule *rule, const struct fb_value *value,
              struct key *key);

/* NULL: the cell is right.  Else the code of the error, and why in text. */
const char *rule_judge(const struct rule *rule, const struct fb_cell *cell,
                       const struct fb_value *value, struct pattern_room *room,
                       char text[FB_MESSAGE_MAX]);

#endif
