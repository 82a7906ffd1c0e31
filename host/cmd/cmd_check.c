/*
 * cmd/cmd_check.c: `forebay check`: would `run` work?  The text, the topology
 * and the types first; then, unless --no-env, the world outside: harmless
 * looks at what the run would read and write.
 */
#include "cmd/command.h"
#include "cmd/plan.h"
#include "step/step.h"
#include "table/around.h"
#include "trigger/announced.h"
#include "util/error.h"

static const volatile sig_atomic_t never;

static int
ignore_found(void *arg, const struct fb_object *object)
{
    (void)object;
    ++*(size_t *)arg;
    return 1; /* one is enough to know that listing works */
}

static int
list_one(struct step *step, struct fb_error *err)
{
    size_t found = 0;

    return step_discover(step, ignore_found, &found, err);
}

/* The step is taken over. */
static int
look_by(struct step *step, int (*look)(struct step *step, struct fb_error *err),
        struct fb_error *err)
{
    struct place place;
    int status = -1;

    if (step_check(step, &place, err) == 0 && look(step, err) == 0)
        status = 0;
    step_free(step);
    return status;
}

/* Listing would take announcements away from the run that is to have them. */
static int
probe_announced(const struct pipeline *pipeline,
                const struct step_context *context, struct fb_error *err)
{
    const struct pipeline_step *store = announced_store(pipeline);

    if (look_by(step_new_trigger(&pipeline->trigger, context), step_probe,
                err) != 0)
        return -1;
    /* A source of the pipeline is looked at with the others. */
    return store == &pipeline->trigger.objects
               ? look_by(step_new(store, context), step_probe, err)
               : 0;
}

static int
probe_trigger(const struct pipeline *pipeline,
              const struct step_context *context, struct fb_error *err)
{
    if (pipeline->trigger.plugin == NULL)
        return 0;
    if (pipeline->trigger.match != NULL)
        return probe_announced(pipeline, context, err);
    return look_by(step_new_trigger(&pipeline->trigger, context), list_one,
                   err);
}

/* Can its objects be listed?  A folder that is not there yet may be what
 * another pipeline will make. */
static int
probe_table(const struct step_tables *tables, uint32_t index,
            struct fb_error *err)
{
    size_t found = 0;

    return tables->objects(tables->arg, index, ignore_found, &found, err) ==
                       0 ||
                   err->code == FB_E_MISSING
               ? 0
               : -1;
}

/* The third stage: problems are added at the places of the steps. */
static void
check_environment(const struct pipeline *pipeline, struct problems *problems)
{
    const struct step_context known = {
        .pipeline = pipeline->name,
        .run_id = "check",
        .cancelled = &never,
    };
    struct fb_error err = FB_ERROR_INIT;
    const struct step_context *context;
    struct around around;

    around_init(&around, &known, pipeline, false);
    context = &around.context;
    if (probe_trigger(pipeline, context, &err) != 0)
        problems_add_error(problems, pipeline->trigger.place, &err);
    for (uint32_t i = 0; i < pipeline->table_count; i++) {
        const struct table_config *table = &pipeline->tables[i];

        error_clear(&err);
        if (probe_table(context->tables, i, &err) != 0)
            problems_add_error(problems, table->source.uri_place, &err);
    }
    for (uint32_t i = 0; i < pipeline->step_count; i++) {
        error_clear(&err);
        if (look_by(step_new(&pipeline->steps[i], context), step_probe, &err) !=
            0)
            problems_add_error(problems, pipeline->steps[i].uri_place, &err);
    }
    around_release(&around);
}

static int
check(const struct session *session, const char *path)
{
    struct problems *problems = problems_new();
    struct plan plan;
    int status = 0;

    if (plan_open(&plan, session, path, problems) == 0 &&
        !session->arguments->no_env)
        check_environment(plan.pipeline, problems);
    if (problems_count(problems) > 0) {
        status = session_problems(problems);
        session_tell_refused(session);
    } else {
        printf("%s: ok\n", path);
    }
    plan_release(&plan);
    problems_free(problems);
    return status;
}

static int
check_all(const struct session *session)
{
    const struct arguments *arguments = session->arguments;
    int status = 0;

    for (int i = 0; i < arguments->operand_count; i++) {
        int one = check(session, arguments->operands[i]);

        if (status == 0)
            status = one;
    }
    return status;
}

static int
run(const struct arguments *arguments)
{
    return session_do(arguments, false, check_all);
}

static const struct flag flags[] = {
    {"no-env", FLAG_BOOL, FLAG_FIELD(no_env), NULL,
     "look at the files alone, not at what they point to", NULL},
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct command cmd_check = {
    .name = "check",
    .operands = "PIPELINE...",
    .summary = "would it run? syntax, topology, types, environment",
    .flags = flags,
    .operands_min = 1,
    .operands_max = -1,
    .run = run,
};
