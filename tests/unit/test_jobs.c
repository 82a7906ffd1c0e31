/*
 * Several threads on one run: whatever the number, all that can be seen from
 * outside happens in the order of the input, just as with one.
 */
#include "unit/main.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "config/pipeline.h"
#include "run/crew.h"
#include "run/pump.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/limits.h"
#include "util/mem.h"

#define BATCHES 120
#define ROWS 10

/* What the plugins are told to do; which batch they do it at. */
struct orders {
    uint64_t fail_at;   /* process or write fails; 0: never */
    uint64_t cancel_at; /* the sink asks for an end */
    bool meet;          /* wait until two threads are at work */
    bool hold;          /* break the promise of FB_PARALLEL */
    int misuse;         /* break it in another way: an index of misuses */
    bool emit;          /* pass the batch on before returning */
    bool one_thread;    /* nobody but the run's thread may come */
};

static struct orders work_orders, order_orders, out_orders;
static uint64_t given, taken, most_in_flight;
static struct buf seen; /* by everybody who is called in order */
static pthread_t run_thread;
static atomic_uint at_work, together;
static atomic_bool signals_come;
static volatile sig_atomic_t cancelled;

static void FB_PRINTF(1, 2) note(const char *format, ...)
{
    struct fb_error err;
    char text[200];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ck_assert(pthread_equal(pthread_self(), run_thread));
    ck_assert_int_eq(buf_puts(&seen, text, &err), 0);
}

/* --- plugins ------------------------------------------------------------- */

static const struct fb_column one_column[] = {
    {.name = "n", .type = FB_C_STRING}};
static const struct columns columns = {.count = 1, .items = one_column};

static int
source_bind(void *self, struct fb_step *step, struct fb_error *error)
{
    (void)self;
    return fb_output_column(step, "n", FB_C_STRING, FB_NEW, NULL, error);
}

/* Rows "0", "1", ... on lines that count from 1. */
static int
source_read(void *self, struct fb_step *step, struct fb_batch **batch,
            struct fb_error *error)
{
    struct arena *arena;
    struct fb_cell *cells;
    struct batch *made;
    uint64_t *lines;

    (void)self, (void)step, (void)error;
    *batch = NULL;
    if (given == BATCHES)
        return 0;
    arena = arena_new();
    cells = arena_array(arena, ROWS, sizeof(*cells));
    lines = arena_array(arena, ROWS, sizeof(*lines));
    for (uint32_t i = 0; i < ROWS; i++) {
        uint64_t number = given * ROWS + i;
        const char *text =
            arena_printf(arena, "%llu", (unsigned long long)number);

        cells[i] = (struct fb_cell){(const unsigned char *)text,
                                    (uint32_t)strlen(text), 0};
        lines[i] = number + 1;
    }
    made = batch_of_cells(&columns, ROWS, (const struct fb_cell *[]){cells},
                          arena, given, &step_services);
    batch_set_sources(made, lines, NULL, NULL);
    *batch = batch_public(made);
    given++;
    if (given - taken > most_in_flight)
        most_in_flight = given - taken;
    return 0;
}

static const struct fb_plugin source = {
    FB_PLUGIN_HEAD,     .kind = FB_SOURCE,   .name = "numbers",
    .instance_size = 1, .bind = source_bind, .read = source_read,
};

static uint64_t
batch_number(const struct fb_batch *batch)
{
    return (fb_batch_line(batch, 0) - 1) / ROWS + 1; /* 1 is the first */
}

/* Until somebody else is in here too, or it is clear that nobody comes. */
static void
meet_another(void)
{
    unsigned now = atomic_fetch_add(&at_work, 1) + 1;

    if (now > atomic_load(&together))
        atomic_store(&together, now);
    for (int i = 0; i < 2000 && atomic_load(&together) < 2; i++)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    atomic_fetch_sub(&at_work, 1);
}

static void
look_around(const struct orders *orders)
{
    bool other = !pthread_equal(pthread_self(), run_thread);
    sigset_t blocked;

    ck_assert(!(orders->one_thread && other));
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    if (other && sigismember(&blocked, SIGTERM) != 1)
        atomic_store(&signals_come, true);
    if (orders->meet)
        meet_another();
}

/* Some batches take longer, so that later ones are done before them. */
static void
dawdle(uint64_t number)
{
    if (number % 7 == 3)
        nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
}

static int
make_nothing(struct fb_step *step, void **object, struct fb_error *error)
{
    (void)step, (void)error;
    *object = NULL;
    return 0;
}

/* Plugins that do not look at what comes back are found out all the same. */
static int
misuse_spool(struct fb_step *step, struct fb_batch *batch,
             struct fb_error *error)
{
    return fb_spool_put(step, batch, error) == 0 ? -1 : FB_HOLD;
}

static int
misuse_shared(struct fb_step *step, struct fb_batch *batch,
              struct fb_error *error)
{
    void *object;

    (void)batch;
    return fb_shared(step, "x", make_nothing, NULL, &object, error);
}

static int
misuse_note(struct fb_step *step, struct fb_batch *batch,
            struct fb_error *error)
{
    (void)batch;
    return fb_note_put(step, "x", "y", error) == 0 ? -1 : 0;
}

static int
misuse_fact(struct fb_step *step, struct fb_batch *batch,
            struct fb_error *error)
{
    (void)batch, (void)error;
    fb_fact(step, "x", "y");
    return 0;
}

static int
misuse_column(struct fb_step *step, struct fb_batch *batch,
              struct fb_error *error)
{
    (void)batch;
    return fb_output_column(step, "n", FB_C_STRING, FB_NEW, NULL, error);
}

static const struct misuse {
    int (*call)(struct fb_step *step, struct fb_batch *batch,
                struct fb_error *error);
    const char *told;
} misuses[] = {
    {NULL, NULL},
    {misuse_spool, "calls fb_spool_put\n"},
    {misuse_shared, "calls fb_shared\n"},
    {misuse_note, "calls fb_note_put\n"},
    {misuse_fact, "calls fb_fact\n"},
    {misuse_column, "calls fb_output_column\n"},
};

static int
work_process(void *self, struct fb_step *step, struct fb_batch *batch,
             struct fb_error *error)
{
    const struct orders *orders = self;
    uint64_t number = batch_number(batch), even = 0x5555555555555555u;

    look_around(orders);
    dawdle(number);
    if (orders->fail_at == number)
        return fb_fail(error, FB_E_INPUT, "batch %llu is bad",
                       (unsigned long long)number);
    if (number % 5 == 0)
        fb_batch_reject(batch, 1 + (uint32_t)number % 3, 0, "odd", "row of %d",
                        (int)number);
    fb_batch_filter(batch, &even);
    if (orders->hold) {
        fb_batch_free(batch); /* at some later time, as far as anybody knows */
        return FB_HOLD;
    }
    if (orders->misuse > 0)
        return misuses[orders->misuse].call(step, batch, error);
    if (orders->emit)
        return fb_emit(step, batch, error) == 0 ? FB_HOLD : -1;
    return 0;
}

static const struct fb_plugin work = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .flags = FB_REJECTS | FB_PARALLEL,
    .name = "work",
    .instance_size = sizeof(struct orders),
    .process = work_process,
};

static int
order_process(void *self, struct fb_step *step, struct fb_batch *batch,
              struct fb_error *error)
{
    const struct orders *orders = self;
    uint64_t number = batch_number(batch);

    (void)step;
    note("order %llu\n", (unsigned long long)number);
    if (orders->fail_at == number)
        return fb_fail(error, FB_E_INPUT, "batch %llu is late",
                       (unsigned long long)number);
    if (number % 4 == 0)
        fb_batch_reject(batch, 0, FB_NEW, "four", "batch %d", (int)number);
    return 0;
}

static const struct fb_plugin order = {
    FB_PLUGIN_HEAD,
    .kind = FB_TRANSFORM,
    .flags = FB_REJECTS,
    .name = "order",
    .instance_size = sizeof(struct orders),
    .process = order_process,
};

static int
sink_write(void *self, struct fb_step *step, struct fb_batch *batch,
           struct fb_error *error)
{
    const struct orders *orders = self;
    const struct fb_cell *cells;

    if (fb_batch_cells(batch, 0, &cells, error) != 0)
        return -1;
    if (strcmp(fb_step_id(step), "out") == 0)
        taken = batch_number(batch);
    note("%s", fb_step_id(step));
    for (uint32_t row = 0; row < fb_batch_rows(batch); row++)
        if (fb_bit(fb_batch_selection(batch), row))
            note(" %.*s", (int)cells[row].len, (const char *)cells[row].ptr);
    note("\n");
    if (orders->cancel_at == batch_number(batch))
        cancelled = SIGTERM;
    if (orders->fail_at == batch_number(batch))
        return fb_fail(error, FB_E_OUTPUT, "disk is full");
    return 0;
}

static int
sink_finish(void *self, struct fb_step *step, struct fb_error *error)
{
    (void)self, (void)step, (void)error;
    return 0;
}

static const struct fb_plugin sink = {
    FB_PLUGIN_HEAD,      .kind = FB_SINK,
    .name = "tell",      .instance_size = sizeof(struct orders),
    .write = sink_write, .finish = sink_finish,
};

/* --- the graph ------------------------------------------------------------ */

/*
 * in -> work (parallel) -> order (serial) -> out
 *            |                 +-> also (fan-out)
 *            +-> early
 * back gets the rejects of work and order, in line order.
 */
enum { IN, WORK, ORDER, EARLY, OUT, ALSO, BACK, STEPS };

static unsigned char nothing[1];
static struct orders no_orders;
static struct step_input of_in = {.step = IN};
static struct step_input of_work = {.step = WORK};
static struct step_input of_order = {.step = ORDER};
static struct step_input of_rejects[] = {{.step = WORK, .rejected = true},
                                         {.step = ORDER, .rejected = true}};
static struct pipeline_step steps[STEPS];

static void
put_step(int at, const char *id, const struct fb_plugin *plugin, void *instance,
         struct step_input *inputs, uint32_t input_count)
{
    steps[at] = (struct pipeline_step){
        .id = id,
        .label = id,
        .kind = plugin->kind,
        .plugin = plugin,
        .instance = instance,
        .inputs = inputs,
        .input_count = input_count,
        .when_empty = EMPTY_WRITE,
    };
}

static void
tell(void *arg, const struct node *node, const struct reject *reject)
{
    (void)arg;
    note("reject %s %llu %s\n", node->config->id,
         (unsigned long long)reject->line, reject->message);
}

/* What a run did, as a text: everything in its order, the counts, the error. */
static char *
run(uint32_t jobs)
{
    struct pipeline pipeline = {
        .name = "test", .steps = steps, .step_count = STEPS};
    const struct step_context context = {
        .pipeline = "test", .run_id = "0", .cancelled = &cancelled};
    struct fb_error err = FB_ERROR_INIT;
    struct graph *graph = graph_new(&pipeline, &context);
    const struct pump pump = {
        .graph = graph, .cancelled = &cancelled, .jobs = jobs};
    char *text;

    given = taken = most_in_flight = 0;
    cancelled = 0;
    buf_init(&seen, (size_t)1 << 24);
    graph->on_reject = tell;
    ck_assert_int_eq(graph_open(graph, &err), 0);
    if (pump_run(&pump, &err) == 0)
        ck_assert_int_eq(pump_check_balance(graph, &err), 0);
    for (int i = 0; i < STEPS; i++) {
        const struct step_counts *c = &graph->nodes[i].rows;

        note("%s: %d %d %d %d\n", steps[i].id, (int)c->in, (int)c->out,
             (int)c->filtered, (int)c->rejected);
    }
    note("%d %s\n", (int)err.code, err.message);
    graph_free(graph);
    text = strdup(buf_text(&seen));
    buf_release(&seen);
    return text;
}

static void
setup(void)
{
    work_orders = order_orders = out_orders = (struct orders){0};
    cancelled = 0;
    atomic_store(&at_work, 0);
    atomic_store(&together, 0);
    atomic_store(&signals_come, false);
    run_thread = pthread_self();
    put_step(IN, "in", &source, nothing, NULL, 0);
    put_step(WORK, "work", &work, &work_orders, &of_in, 1);
    put_step(ORDER, "order", &order, &order_orders, &of_work, 1);
    put_step(EARLY, "early", &sink, &no_orders, &of_work, 1);
    put_step(OUT, "out", &sink, &out_orders, &of_order, 1);
    put_step(ALSO, "also", &sink, &no_orders, &of_order, 1);
    put_step(BACK, "back", &sink, &no_orders, of_rejects, 2);
}

/* Where the two begin to differ; whole texts are too long to print. */
static void
expect_equal(const char *got, const char *want, uint32_t jobs)
{
    size_t at = 0;

    if (strcmp(got, want) == 0)
        return;
    while (got[at] == want[at])
        at++;
    at = at > 100 ? at - 100 : 0;
    ck_abort_msg("with %u jobs:\n%.300s\nwith one:\n%.300s", jobs, got + at,
                 want + at);
}

/* One thread's way is the right one; `has` is part of it. */
static void
expect_same(const char *has)
{
    static const uint32_t jobs[] = {2, 3, 8};
    AUTO_FREE char *want = run(1);

    if (strstr(want, has) == NULL)
        ck_abort_msg("no '%s' in: ...%s", has,
                     want + (strlen(want) > 500 ? strlen(want) - 500 : 0));
    for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
        for (int again = 0; again < 3; again++) {
            AUTO_FREE char *got = run(jobs[i]);

            expect_equal(got, want, jobs[i]);
        }
}

START_TEST(does_everything_in_the_order_of_the_input)
{
    expect_same("early 1190 1192 1194 1196 1198\n");
    expect_same("reject work 44 row of 5\n");
    expect_same("0 \n");
}
END_TEST

START_TEST(takes_what_a_parallel_step_emits_in_order_too)
{
    work_orders.emit = true;
    expect_same("early 1190 1192 1194 1196 1198\n");
}
END_TEST

START_TEST(fails_where_a_parallel_step_does)
{
    work_orders.fail_at = 57;
    expect_same("step 'work': batch 57 is bad\n");
}
END_TEST

START_TEST(fails_at_the_first_batch_already)
{
    work_orders.fail_at = 1;
    expect_same("work: 10 0 0 0\n");
}
END_TEST

START_TEST(fails_where_a_serial_step_does)
{
    order_orders.fail_at = 31;
    expect_same("step 'order': batch 31 is late\n");
}
END_TEST

START_TEST(tells_the_first_of_two_failures)
{
    work_orders.fail_at = 41;
    order_orders.fail_at = 40;
    expect_same("step 'order': batch 40 is late\n");
    order_orders.fail_at = 41;
    expect_same("step 'work': batch 41 is bad\n");
}
END_TEST

START_TEST(fails_where_a_sink_does)
{
    out_orders.fail_at = 99;
    expect_same("step 'out': disk is full\n");
}
END_TEST

START_TEST(fails_at_a_reject_when_told_to)
{
    steps[WORK].on_reject = ON_REJECT_FAIL;
    steps[BACK].inputs = &of_rejects[1];
    steps[BACK].input_count = 1;
    expect_same("line 44 and says on_reject: fail: column 'n': row of 5\n");
}
END_TEST

START_TEST(stops_before_the_next_batch_when_cancelled)
{
    out_orders.cancel_at = 10;
    expect_same("the run was told to stop\n");
    ck_assert_uint_eq(taken, 10);
    ck_assert_uint_le(given, 10 + crew_in_flight_max(8));
}
END_TEST

START_TEST(has_few_batches_in_flight)
{
    for (uint32_t jobs = 1; jobs <= 4; jobs++) {
        free(run(jobs));
        ck_assert_uint_eq(given, BATCHES);
        ck_assert_uint_le(most_in_flight, crew_in_flight_max(jobs));
    }
}
END_TEST

START_TEST(works_on_several_batches_at_once)
{
    work_orders.meet = true;
    free(run(2));
    ck_assert_uint_ge(atomic_load(&together), 2);
}
END_TEST

START_TEST(makes_no_thread_for_one_job)
{
    work_orders.one_thread = true;
    free(run(1));
    ck_assert_uint_eq(given, BATCHES);
}
END_TEST

START_TEST(keeps_signals_from_its_threads)
{
    work_orders.meet = true;
    free(run(3));
    ck_assert(!atomic_load(&signals_come));
}
END_TEST

START_TEST(names_a_parallel_plugin_that_holds_a_batch)
{
    work_orders.hold = true;
    expect_same("step 'work': plugin 'work' says FB_PARALLEL and holds a "
                "batch\n");
}
END_TEST

START_TEST(names_a_parallel_plugin_that_calls_what_is_for_one_thread)
{
    const char *told = misuses[_i].told;

    work_orders.misuse = _i;
    expect_same("step 'work': plugin 'work' says FB_PARALLEL and calls ");
    expect_same(told);
}
END_TEST

START_TEST(takes_as_many_jobs_as_processors_but_not_too_many)
{
    ck_assert_uint_ge(crew_default_jobs(), 1);
    ck_assert_uint_le(crew_default_jobs(), JOBS_DEFAULT_MAX);
}
END_TEST

Suite *
make_suite(void)
{
    Suite *suite = suite_create("jobs");
    TCase *tests = tcase_create("jobs");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, does_everything_in_the_order_of_the_input);
    tcase_add_test(tests, takes_what_a_parallel_step_emits_in_order_too);
    tcase_add_test(tests, fails_where_a_parallel_step_does);
    tcase_add_test(tests, fails_at_the_first_batch_already);
    tcase_add_test(tests, fails_where_a_serial_step_does);
    tcase_add_test(tests, tells_the_first_of_two_failures);
    tcase_add_test(tests, fails_where_a_sink_does);
    tcase_add_test(tests, fails_at_a_reject_when_told_to);
    tcase_add_test(tests, stops_before_the_next_batch_when_cancelled);
    tcase_add_test(tests, has_few_batches_in_flight);
    tcase_add_test(tests, works_on_several_batches_at_once);
    tcase_add_test(tests, makes_no_thread_for_one_job);
    tcase_add_test(tests, keeps_signals_from_its_threads);
    tcase_add_test(tests, names_a_parallel_plugin_that_holds_a_batch);
    tcase_add_loop_test(
        tests, names_a_parallel_plugin_that_calls_what_is_for_one_thread, 1,
        (int)ARRAY_SIZE(misuses));
    tcase_add_test(tests, takes_as_many_jobs_as_processors_but_not_too_many);
    suite_add_tcase(suite, tests);
    return suite;
}
