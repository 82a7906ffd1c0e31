/*
 * cmd/cmd_preview.c: `forebay preview`: the first rows at every step.  Sinks
 * are not opened, nobody is told, and nothing is recorded.
 */
#include <stdlib.h>

#include "cmd/command.h"
#include "cmd/plan.h"
#include "run/job.h"
#include "run/look.h"
#include "table/around.h"
#include "trigger/listing.h"
#include "util/clock.h"
#include "util/conceal.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/text.h"

#define ROWS_DEFAULT 10
#define ROWS_MAX 1000
#define READ_MAX 100000 /* rows of a source, to find some for every step */
#define CELL_COLUMNS_MAX 40
#define MISSING "NULL"

static const volatile sig_atomic_t never;

/* --- printing ------------------------------------------------------------- */

/* A cell as wide as it may be; the rest is cut off. */
static const char *
shown(struct arena *arena, const char *text)
{
    char *cut;

    if (text == NULL)
        return MISSING;
    if (text_width(text) <= CELL_COLUMNS_MAX)
        return text;
    cut = arena_strdup(arena, text);
    while (text_width(cut) > CELL_COLUMNS_MAX - 3) {
        size_t end = strlen(cut) - 1;

        while (end > 0 && ((unsigned char)cut[end] & 0xC0) == 0x80)
            end--;
        cut[end] = '\0';
    }
    return arena_printf(arena, "%s...", cut);
}

static void
print_line(struct arena *arena, const char *const *texts, const size_t *widths,
           uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *text = shown(arena, texts[i]);
        size_t width = text_width(text);
        bool last = i + 1 == count;

        printf("  %s%*s", text, last ? 0 : (int)(widths[i] - width), "");
    }
    printf("\n");
}

static void
print_rows(struct arena *arena, const struct look_step *seen)
{
    size_t *widths = arena_array(arena, seen->column_count, sizeof(*widths));

    for (uint32_t i = 0; i < seen->column_count; i++) {
        widths[i] = text_width(shown(arena, seen->names[i]));
        for (uint32_t row = 0; row < seen->row_count; row++) {
            size_t width = text_width(shown(arena, seen->rows[row][i]));

            if (width > widths[i])
                widths[i] = width;
        }
    }
    print_line(arena, seen->names, widths, seen->column_count);
    for (uint32_t row = 0; row < seen->row_count; row++)
        print_line(arena, seen->rows[row], widths, seen->column_count);
    if (seen->total > seen->row_count)
        printf("  ...\n");
}

static void
print_step(struct arena *arena, const struct pipeline_step *step,
           const struct look_step *seen)
{
    printf("%s (%s): %s%s row%s\n", step->label,
           pipeline_step_worker(step)->name, seen->partly ? "the first " : "",
           text_grouped(arena, seen->total), seen->total == 1 ? "" : "s");
    if (seen->names != NULL)
        print_rows(arena, seen);
    for (uint32_t i = 0; i < seen->reject_count; i++)
        printf("  rejected  %s\n", seen->rejects[i]);
    if (seen->rejected > seen->reject_count)
        printf("  rejected  ... and %s more\n",
               text_grouped(arena, seen->rejected - seen->reject_count));
    printf("\n");
}

static void
print_look(const struct look *look)
{
    for (uint32_t i = 0; look->steps != NULL && i < look->graph->count; i++) {
        const struct pipeline_step *step = look->graph->nodes[i].config;

        if (step->kind == FB_SOURCE || step->kind == FB_TRANSFORM)
            print_step(look->arena, step, &look->steps[i]);
    }
}

/* --- what is looked at ---------------------------------------------------- */

/* The newest object that the trigger matches. */
static int
find_newest(const struct pipeline *pipeline, const struct step_context *context,
            struct arena *arena, const char **uri, struct fb_error *err)
{
    struct listing listing;

    if (pipeline->trigger.match != NULL) {
        fb_fail(err, FB_E_USAGE,
                "the trigger of '%s' is announced, and listening would take "
                "it from a run",
                pipeline->name);
        return fb_hint(err, "name an object: --trigger URI");
    }
    if (listing_read(step_new_trigger(&pipeline->trigger, context), arena,
                     arena, &listing, err) != 0)
        return -1;
    if (listing.count == 0) {
        fb_fail(err, FB_E_MISSING, "nothing matches '%s' yet",
                pipeline->trigger.uri);
        return fb_hint(err, "--trigger URI names any other object");
    }
    *uri = listing.items[0].object.uri;
    for (size_t i = 1, newest = 0; i < listing.count; i++)
        if (listing.items[i].object.modified_ms >
            listing.items[newest].object.modified_ms) {
            newest = i;
            *uri = listing.items[i].object.uri;
        }
    return 0;
}

static int
find_trigger(const struct session *session, const struct pipeline *pipeline,
             const struct step_context *context, const char **uri,
             struct fb_error *err)
{
    *uri = NULL;
    if (!pipeline->trigger.given || pipeline->trigger.uri == NULL)
        return 0;
    *uri = session->arguments->trigger;
    if (*uri != NULL)
        return 0;
    return find_newest(pipeline, context, session->arena, uri, err);
}

static int
look_at_pipeline(const struct session *session, const struct pipeline *pipeline,
                 const struct step_context *context, struct fb_error *err)
{
    int64_t rows = session->arguments->rows;
    struct around around;
    struct look look = {
        .read_max = READ_MAX, .cancelled = &never, .arena = session->arena};
    int status;

    look.rows_max = rows == ROWS_NOT_SAID ? ROWS_DEFAULT : (uint32_t)rows;
    around_init(&around, context, pipeline, true);
    look.graph = graph_new(pipeline, &around.context);
    status = graph_open_readers(look.graph, err);
    if (status == 0)
        status = look_at_rows(&look, err);
    print_look(&look);
    graph_free(look.graph);
    around_release(&around);
    return status;
}

static int
preview_trigger(const struct session *session, const struct plan *plan,
                struct fb_error *err)
{
    const char *uri;
    const struct job job = plan_job(session, plan);
    int64_t now = clock_now_ms();
    struct step_context context = {
        .pipeline = plan->pipeline->name,
        .run_id = "preview",
        .temp_folder = session_temp_folder(),
        .cancelled = &never,
    };
    struct pipeline *pipeline;
    int status;

    if (job_clock(&job, now, &context.clock, err) != 0 ||
        find_trigger(session, plan->pipeline, &context, &uri, err) != 0)
        return -1;
    pipeline = job_build(&job, uri, "preview", now, context.clock.date, err);
    if (pipeline == NULL)
        return -1;
    if (uri != NULL) {
        uri = conceal(session->arena, uri);
        printf("trigger: %s\n\n",
               text_escape(session->arena, uri, strlen(uri), FB_MESSAGE_MAX));
    }
    status = look_at_pipeline(session, pipeline, &context, err);
    pipeline_free(pipeline);
    return status;
}

static int
preview_plan(const struct session *session, const struct plan *plan)
{
    struct fb_error err = FB_ERROR_INIT;

    if (preview_trigger(session, plan, &err) == 0)
        return 0;
    fflush(stdout);
    return session_fail(&err);
}

static int
preview(const struct session *session)
{
    return plan_do(session, session->arguments->operands[0], preview_plan);
}

static int
check_rows(const struct arguments *arguments)
{
    struct fb_error err = FB_ERROR_INIT;

    if (arguments->rows == ROWS_NOT_SAID ||
        (arguments->rows >= 1 && arguments->rows <= ROWS_MAX))
        return 0;
    fb_fail(&err, FB_E_USAGE, "--rows takes a number from 1 to %d, not '%lld'",
            ROWS_MAX, (long long)arguments->rows);
    return session_fail(&err);
}

static int
run(const struct arguments *arguments)
{
    int status = check_rows(arguments);

    return status != 0 ? status : session_do(arguments, false, preview);
}

static const struct flag flags[] = {
    {"rows", FLAG_NUMBER, FLAG_FIELD(rows), "N",
     "so many rows of every step (default 10)", NULL},
    {"trigger", FLAG_TEXT, FLAG_FIELD(trigger), "URI",
     "the object to look at (default: the newest that matches)", NULL},
    {"as-of", FLAG_TEXT, FLAG_FIELD(as_of), "DATE",
     "what CURRENT_DATE means, so that a run can be repeated", NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_preview = {
    .name = "preview",
    .operands = "PIPELINE",
    .summary = "the first rows at every step; writes nothing",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
