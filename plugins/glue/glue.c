/*
 * glue.c: the sink `glue`: registers tables in the AWS Glue Data Catalog once
 * the other sinks have written their files.  It writes no rows: it looks at
 * them, so that what Athena would misread is told before anything is there.
 */
#include <assert.h>
#include <stdlib.h>

#include "aws/client.h"
#include "aws/settings.h"
#include "cells.h"
#include "item.h"
#include "shared/tableinput.h"

enum { LINE_BREAKS_REFUSE = 1, LINE_BREAKS_ALLOW };

struct glue {
    struct aws_settings aws;
    struct fb_list tables;
    const char *s3_endpoint;
    int line_breaks;

    struct aws_settings s3;
    struct catalog catalog;
    struct item *items; /* one for each table */
};

/* --- check and bind --- */

static int
check_twice(const struct glue *glue, struct fb_step *step, size_t number,
            struct fb_error *err)
{
    const char *name = glue->tables.items[number];

    for (size_t i = 0; i < number; i++)
        if (strcmp(glue->tables.items[i], name) == 0)
            return fb_bad_option(step, err, "table", number,
                                 "the table '%s' stands here twice", name);
    return 0;
}

static int
glue_check(void *self, struct fb_step *step, struct fb_error *err)
{
    struct glue *glue = self;

    if (fb_uri(step) != NULL)
        return fb_bad_option(step, err, "uri", 0,
                             "what it registers says 'table'; the files are "
                             "written by other sinks");
    if (glue->tables.count == 0)
        return fb_bad_option(step, err, "table", 0, "it names no table");
    glue->items = fb_alloc(step, sizeof(*glue->items) * glue->tables.count);
    for (size_t i = 0; i < glue->tables.count; i++)
        if (check_twice(glue, step, i, err) != 0 ||
            item_check(&glue->items[i], step, glue->tables.items[i], i, err) !=
                0)
            return -1;
    return aws_settings_check(&glue->aws, step, err);
}

/* Whether the rows of an input are those of a table: either there is one of
 * something, or as many of both, in the same order. */
static bool
is_pair(const struct glue *glue, struct fb_step *step, size_t item,
        uint32_t input)
{
    return glue->tables.count == 1 || fb_input_count(step) == 1 ||
           item == input;
}

static int
glue_bind(void *self, struct fb_step *step, struct fb_error *err)
{
    const struct glue *glue = self;
    uint32_t inputs = fb_input_count(step);

    if (glue->tables.count != inputs && glue->tables.count != 1 && inputs != 1)
        return fb_bad_option(step, err, "table", 0,
                             "%zu tables and %u inputs: write as many of "
                             "both, in the same order",
                             glue->tables.count, inputs);
    for (size_t i = 0; i < glue->tables.count; i++)
        for (uint32_t j = 0; j < inputs; j++)
            if (is_pair(glue, step, i, j) &&
                item_bind(&glue->items[i], step, fb_input_at(step, j), i,
                          err) != 0)
                return -1;
    return 0;
}

/* --- open --- */

static bool
registers_any(const struct glue *glue)
{
    for (size_t i = 0; i < glue->tables.count; i++)
        if (glue->items[i].registered)
            return true;
    return false;
}

static int
check_names(const struct glue *glue, struct fb_error *err)
{
    struct declared *all = aws_alloc(sizeof(*all) * (glue->tables.count + 1));
    uint32_t count = 0;
    int status;

    for (size_t i = 0; i < glue->tables.count; i++)
        if (glue->items[i].opened)
            all[count++] = glue->items[i].declared;
    status = declared_check_names(all, count, err);
    free(all);
    return status;
}

static void
glue_close(void *self, struct fb_step *step)
{
    struct glue *glue = self;

    (void)step;
    for (size_t i = 0; i < glue->tables.count; i++)
        item_release(&glue->items[i]);
    catalog_close(&glue->catalog);
}

/* An endpoint of one service is none of another. */
static int
open_catalog(struct glue *glue, struct fb_step *step, struct fb_error *err)
{
    glue->s3 = glue->aws;
    glue->s3.endpoint = glue->s3_endpoint;
    return catalog_open(&glue->catalog, &glue->aws, step, err);
}

static int
open_item(struct glue *glue, struct fb_step *step, size_t number,
          struct fb_error *err)
{
    struct item *item = &glue->items[number];

    if (item_open(item, step, &glue->s3, &glue->catalog, err) != 0)
        return -1;
    for (uint32_t i = 0; i < fb_input_count(step); i++)
        if (is_pair(glue, step, number, i) &&
            item_check_order(item, fb_input_at(step, i), err) != 0)
            return -1;
    return 0;
}

static int
open_items(struct glue *glue, struct fb_step *step, struct fb_error *err)
{
    for (size_t i = 0; i < glue->tables.count; i++)
        if (glue->items[i].registered && open_item(glue, step, i, err) != 0)
            return -1;
    return check_names(glue, err);
}

static int
glue_open(void *self, struct fb_step *step, struct fb_error *err)
{
    struct glue *glue = self;

    if (!registers_any(glue))
        return 0;
    if (open_catalog(glue, step, err) != 0)
        return -1;
    if (open_items(glue, step, err) == 0)
        return 0;
    glue_close(self, step);
    return -1;
}

/* --- write --- */

static int
glue_write(void *self, struct fb_step *step, struct fb_batch *batch,
           struct fb_error *err)
{
    const struct glue *glue = self;
    uint32_t input = fb_input(step);

    if (glue->line_breaks == LINE_BREAKS_ALLOW)
        return 0;
    for (size_t i = 0; i < glue->tables.count; i++) {
        const struct item *item = &glue->items[i];

        if (item->registered && tableinput_is_text(item->table) &&
            is_pair(glue, step, i, input) &&
            cells_check(batch, fb_input_at(step, input), item->table, err) != 0)
            return -1;
    }
    return 0;
}

/* --- finish --- */

/* What is there now, for people; "" when it is nothing. */
static void
name_published(struct fb_step *step, char *text, size_t size)
{
    const char *first = NULL;
    uint32_t more = 0;

    for (uint32_t i = 0; i < fb_target_count(step); i++) {
        const struct fb_target *target = fb_target_at(step, i);

        more += target->visible && first != NULL;
        if (target->visible && first == NULL)
            first = target->uri;
    }
    *text = '\0';
    if (first != NULL && more == 0)
        snprintf(text, size, "published '%.200s', but ", first);
    else if (first != NULL)
        snprintf(text, size, "published '%.200s' and %u more, but ", first,
                 more);
}

/* The files are visible and the table is not up to date: whoever reads the
 * error must know both, and what becomes of it. */
static int
explain(const struct item *item, struct fb_step *step, struct fb_error *err)
{
    struct fb_error why = *err;
    char published[256];

    name_published(step, published, sizeof(published));
    fb_fail(err, why.code, "%sthe table '%.100s' is not registered: %.600s",
            published, item->table->name, why.message);
    return fb_hint(err,
                   "%s%severy run that writes this table registers all of it "
                   "again",
                   why.hint, why.hint[0] != '\0' ? "; " : "");
}

static void
tell_left_out(const struct item *item, struct fb_step *step)
{
    fb_fact(step, item->table->name, "not registered: '%s' lies outside of S3",
            item->table->location);
    fb_log(step, FB_INFO,
           "the table '%s' is not registered: '%s' lies outside of S3",
           item->table->name, item->table->location);
}

/* At all of them, before one is changed. */
static int
look_again(struct glue *glue, struct fb_step *step, struct fb_error *err)
{
    for (size_t i = 0; i < glue->tables.count; i++)
        if (glue->items[i].registered &&
            item_look_again(&glue->items[i], step, &glue->s3, err) != 0)
            return explain(&glue->items[i], step, err);
    if (check_names(glue, err) != 0)
        return explain(&glue->items[0], step, err);
    return 0;
}

static int
glue_finish(void *self, struct fb_step *step, struct fb_error *err)
{
    struct glue *glue = self;

    if (look_again(glue, step, err) != 0)
        return -1;
    for (size_t i = 0; i < glue->tables.count; i++) {
        struct item *item = &glue->items[i];

        if (!item->registered)
            tell_left_out(item, step);
        else if (item_register(item, step, &glue->catalog, err) != 0)
            return explain(item, step, err);
    }
    return 0;
}

/* --- probe --- */

static int
glue_probe(void *self, struct fb_step *step, struct fb_error *err)
{
    struct glue *glue = self;
    int status = 0;

    if (registers_any(glue) && open_catalog(glue, step, err) != 0)
        return -1;
    for (size_t i = 0; status == 0 && i < glue->tables.count; i++)
        status = item_probe(&glue->items[i], step, &glue->catalog, err);
    catalog_close(&glue->catalog);
    return status;
}

/* --- descriptor --- */

static const char *const line_breaks[] = {"refuse", "allow", NULL};

static const struct fb_option glue_options[] = {
    {.name = "table",
     FB_LIST(struct glue, tables),
     .flags = FB_REQUIRED,
     .help = "The declared table that the other sinks write, or a list: one "
             "for each input, in their order."},
    {.name = "line_breaks",
     FB_ENUM(struct glue, line_breaks),
     .def = "refuse",
     .choices = line_breaks,
     .help = "Whether a cell of a text table may hold a line break, at which "
             "Athena would break the row in two."},
    {.name = "s3_endpoint",
     FB_STRING(struct glue, s3_endpoint),
     .help = "URL of S3 instead of AWS's own, as 'endpoint' is for Glue."},
    AWS_OPTIONS(struct glue, aws),
    {.name = NULL},
};

static const struct fb_plugin glue_sink = {
    FB_PLUGIN_HEAD,
    .kind = FB_SINK,
    .name = "glue",
    .summary = "Registers tables in the AWS Glue Data Catalog, once their "
               "files are written.",
    .flags = FB_MANY_INPUTS | FB_LAST,
    .options = glue_options,
    .instance_size = sizeof(struct glue),
    .check = glue_check,
    .bind = glue_bind,
    .open = glue_open,
    .write = glue_write,
    .finish = glue_finish,
    .close = glue_close,
    .probe = glue_probe,
};

FB_PROVIDES("sink glue");
FB_PLUGINS(&glue_sink);
