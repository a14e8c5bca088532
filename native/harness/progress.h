/* One line that grows on a terminal, and nothing elsewhere. */
#ifndef PD_PROGRESS_H
#define PD_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct pd_progress {
  const char *what; /* the step that is running */
  bool shown;       /* standard error is a terminal */
  bool dirty;       /* the line holds something */
  uint64_t last_ns;
};

void pd_progress_init(struct pd_progress *progress);

/* Begins a step; `what` must outlive it. */
void pd_progress_step(struct pd_progress *progress, const char *what);

/* A pd_mapping_progress: `context` is the progress. */
void pd_progress_update(void *context, uint64_t done, uint64_t total);

/* Clears the line. */
void pd_progress_end(struct pd_progress *progress);

#endif
