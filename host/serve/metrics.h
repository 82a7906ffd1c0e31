/*
 * serve/metrics.h: /metrics, in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "serve/html.h"
#include "serve/status.h"

/* One status with its reports for each pipeline of the site.  `out` is only
 * the text that grows; nothing in it is HTML. */
void metrics_write(struct html *out, const struct site *site,
                   const struct status *statuses,
                   const struct ledger_tally *runs, size_t run_count,
                   const struct ledger_tally *waiting, size_t waiting_count,
                   int64_t now_ms);

#endif
