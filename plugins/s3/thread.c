#include "thread.h"

#include <assert.h>
#include <signal.h>

int
thread_start(pthread_t *threads, int wanted, void *(*run)(void *), void *arg,
             int *started, struct fb_error *err)
{
    sigset_t all, before;
    int why = 0;

    assert(wanted > 0);
    *started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (*started < wanted && why == 0) {
        why = pthread_create(&threads[*started], NULL, run, arg);
        *started += why == 0 ? 1 : 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (*started > 0)
        return 0;
    return fb_fail(err, FB_E_FAILED, "cannot start a thread: %s",
                   strerror(why));
}

void
thread_join(const pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}
