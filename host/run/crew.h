/*
 * run/crew.h: threads that work on tasks, and the queue that gives the tasks
 * back in the order in which they came, whoever was done first.
 *
 * Everything but the work itself is for one thread, the run's: it fills
 * tasks, takes them back, and works on one itself when it has nothing better
 * to do.  So a crew of one makes no thread.
 */
#ifndef RUN_CREW_H
#define RUN_CREW_H

#include "run/task.h"

struct crew;

/*
 * jobs: threads in all, the caller's among them; at least 1.  The others are
 * made when there is a second task, with all signals blocked; when the system
 * has no room for them, there are fewer.
 */
struct crew *crew_new(struct graph *graph, uint32_t jobs);
/* Tasks that nobody has begun are dropped; waits for those that somebody
 * has.  NULL is fine. */
void crew_free(struct crew *crew);

/* An empty task to fill and give; NULL when there are enough in flight, or
 * when one has failed: what comes after it will not be needed. */
struct task *crew_room(struct crew *crew);
void crew_give(struct crew *crew, struct task *task);

/* The oldest task, when it is done (or has failed); else NULL. */
struct task *crew_done(struct crew *crew);
/* The task that crew_done gave is no longer needed. */
void crew_drop(struct crew *crew, struct task *task);

/* Work on the oldest task that nobody has begun, or wait for one to be done
 * when there is none.  There must be tasks in flight. */
void crew_help(struct crew *crew);
bool crew_is_idle(const struct crew *crew); /* nothing is in flight */

/* Jobs for a run that was not told how many: the processors that this process
 * may use, up to JOBS_DEFAULT_MAX. */
uint32_t crew_default_jobs(void);
/* The most tasks that are ever in flight. */
uint32_t crew_in_flight_max(uint32_t jobs);

#endif
