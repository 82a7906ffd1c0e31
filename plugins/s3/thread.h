/*
 * thread.h: threads as this plugin needs them: signals stay with the thread
 * that the host watches.
 */
#ifndef S3_THREAD_H
#define S3_THREAD_H

#include <pthread.h>

#include "forebay/plugin.h"

/* Start up to `wanted` threads; *started says how many run, at least one
 * unless this fails.  Join them with thread_join. */
int thread_start(pthread_t *threads, int wanted, void *(*run)(void *),
                 void *arg, int *started, struct fb_error *err) FB_MUST_CHECK;
void thread_join(const pthread_t *threads, int count);

#endif
