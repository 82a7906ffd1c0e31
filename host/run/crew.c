/*
 * run/crew.c: a ring of tasks.  Tasks are numbered as they come; number n
 * lies in slot n % room.  Three numbers say it all: the oldest in flight, the
 * next to be worked on, and the next to come.
 */
#define _GNU_SOURCE /* sched_getaffinity */
#include "run/crew.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "util/limits.h"
#include "util/mem.h"

struct slot_of_task {
    struct task *task;
    bool done; /* guarded by lock */
};

struct helper {
    struct crew *crew;
    struct desk *desk;
    pthread_t thread;
};

struct crew {
    struct graph *graph;
    struct desk *desk; /* of the run's thread */
    struct helper *helpers;
    uint32_t helper_count; /* wanted, then running */
    bool started;
    struct slot_of_task *slots;
    uint32_t room;
    uint64_t oldest, coming; /* of the run's thread alone */

    pthread_mutex_t lock;
    pthread_cond_t work;     /* there is some, or no more will come */
    pthread_cond_t progress; /* a task is done */
    uint64_t next;           /* to be worked on; guarded by lock */
    uint64_t end;            /* those before it may be begun; guarded by lock */
    uint64_t failed;         /* the first that did; guarded by lock */
    bool stop;               /* guarded by lock */
};

uint32_t
crew_default_jobs(void)
{
    cpu_set_t processors;
    int count = 1;

    /* Fails on machines with more than CPU_SETSIZE of them. */
    if (sched_getaffinity(0, sizeof(processors), &processors) == 0)
        count = CPU_COUNT(&processors);
    else if (errno == EINVAL)
        count = JOBS_DEFAULT_MAX;
    return count > JOBS_DEFAULT_MAX ? JOBS_DEFAULT_MAX
                                    : (uint32_t)(count < 1 ? 1 : count);
}

uint32_t
crew_in_flight_max(uint32_t jobs)
{
    /* Each thread has one at hand and one ahead; two wait for their turn. */
    return jobs == 1 ? 1 : 2 * jobs + 2;
}

struct crew *
crew_new(struct graph *graph, uint32_t jobs)
{
    struct crew *crew = mem_zalloc(sizeof(*crew));

    assert(jobs >= 1 && jobs <= JOBS_MAX);
    crew->graph = graph;
    crew->desk = desk_new(graph);
    crew->helper_count = jobs - 1;
    crew->room = crew_in_flight_max(jobs);
    crew->slots = mem_array(crew->room, sizeof(*crew->slots));
    for (uint32_t i = 0; i < crew->room; i++)
        crew->slots[i].task = task_new();
    crew->failed = UINT64_MAX;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->work, NULL);
    pthread_cond_init(&crew->progress, NULL);
    return crew;
}

/* --- working -------------------------------------------------------------- */

/* With the lock held.  What comes after a failure is never needed. */
static bool
has_work(const struct crew *crew)
{
    return crew->next < crew->end && crew->next < crew->failed;
}

/* With the lock held, which is let go while the work is done. */
static void
work_on_next(struct crew *crew, struct desk *desk)
{
    uint64_t number = crew->next++;
    struct slot_of_task *slot = &crew->slots[number % crew->room];

    pthread_mutex_unlock(&crew->lock);
    task_work(slot->task, desk);
    pthread_mutex_lock(&crew->lock);
    slot->done = true;
    if (task_error(slot->task) != NULL && number < crew->failed)
        crew->failed = number;
    pthread_cond_signal(&crew->progress);
}

static void *
help(void *arg)
{
    struct helper *helper = arg;
    struct crew *crew = helper->crew;

    pthread_mutex_lock(&crew->lock);
    while (!crew->stop) {
        if (has_work(crew))
            work_on_next(crew, helper->desk);
        else
            pthread_cond_wait(&crew->work, &crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Signals are for the run's thread: they interrupt what it waits for. */
static void
start(struct crew *crew)
{
    uint32_t wanted = crew->helper_count;
    pthread_attr_t attributes;
    sigset_t all, before;

    crew->started = true;
    crew->helpers = mem_array(wanted, sizeof(*crew->helpers));
    for (uint32_t i = 0; i < wanted; i++)
        crew->helpers[i] = (struct helper){crew, desk_new(crew->graph), 0};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    for (crew->helper_count = 0; crew->helper_count < wanted;
         crew->helper_count++) {
        struct helper *helper = &crew->helpers[crew->helper_count];

        if (pthread_create(&helper->thread, &attributes, help, helper) != 0)
            break;
    }
    for (uint32_t i = crew->helper_count; i < wanted; i++)
        desk_free(crew->helpers[i].desk);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- of the run's thread -------------------------------------------------- */

struct task *
crew_room(struct crew *crew)
{
    uint32_t ahead = crew->helper_count > 0 ? 2 * crew->helper_count : 1;
    bool enough;

    if (crew->coming - crew->oldest == crew->room)
        return NULL;
    pthread_mutex_lock(&crew->lock);
    enough = crew->failed < UINT64_MAX || crew->end - crew->next >= ahead;
    pthread_mutex_unlock(&crew->lock);
    return enough ? NULL : crew->slots[crew->coming % crew->room].task;
}

void
crew_give(struct crew *crew, struct task *task)
{
    assert(task == crew->slots[crew->coming % crew->room].task);
    (void)task;
    crew->coming++;
    if (crew->coming == 2 && crew->helper_count > 0)
        start(crew);
    pthread_mutex_lock(&crew->lock);
    crew->end = crew->coming;
    pthread_cond_signal(&crew->work);
    pthread_mutex_unlock(&crew->lock);
}

struct task *
crew_done(struct crew *crew)
{
    struct slot_of_task *slot = &crew->slots[crew->oldest % crew->room];
    bool done;

    if (crew_is_idle(crew))
        return NULL;
    pthread_mutex_lock(&crew->lock);
    done = slot->done;
    pthread_mutex_unlock(&crew->lock);
    return done ? slot->task : NULL;
}

void
crew_drop(struct crew *crew, struct task *task)
{
    struct slot_of_task *slot = &crew->slots[crew->oldest % crew->room];

    assert(slot->done && slot->task == task);
    slot->done = false;
    task_clear(task);
    crew->oldest++;
}

void
crew_help(struct crew *crew)
{
    assert(!crew_is_idle(crew));
    pthread_mutex_lock(&crew->lock);
    if (has_work(crew))
        work_on_next(crew, crew->desk);
    else
        while (!crew->slots[crew->oldest % crew->room].done)
            pthread_cond_wait(&crew->progress, &crew->lock);
    pthread_mutex_unlock(&crew->lock);
}

bool
crew_is_idle(const struct crew *crew)
{
    return crew->oldest == crew->coming;
}

void
crew_free(struct crew *crew)
{
    if (crew == NULL)
        return;
    pthread_mutex_lock(&crew->lock);
    crew->stop = true;
    pthread_cond_broadcast(&crew->work);
    pthread_mutex_unlock(&crew->lock);
    for (uint32_t i = 0; crew->started && i < crew->helper_count; i++) {
        pthread_join(crew->helpers[i].thread, NULL);
        desk_free(crew->helpers[i].desk);
    }
    for (uint32_t i = 0; i < crew->room; i++)
        task_free(crew->slots[i].task);
    desk_free(crew->desk);
    pthread_cond_destroy(&crew->progress);
    pthread_cond_destroy(&crew->work);
    pthread_mutex_destroy(&crew->lock);
    free(crew->helpers);
    free(crew->slots);
    free(crew);
}
