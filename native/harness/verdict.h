/* What the findings of a run amount to, in one word and one sentence. */
#ifndef PD_VERDICT_H
#define PD_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "control.h"
#include "fleet.h"

enum pd_outcome { PD_ZERO, PD_UNSHARED, PD_INCONCLUSIVE };

const char *pd_outcome_name(enum pd_outcome outcome);

struct pd_verdict {
  enum pd_outcome outcome;
  bool root_tier;               /* page frame numbers were compared */
  bool relied_on[PD_WITNESSES]; /* the witnesses it rests on */
  char sentence[1024];
};

/* 1234567 -> "1,234,567", for a person; returns `out`. */
const char *pd_grouped(uint64_t value, char out[32]);

/* A zero needs: every control answered as the table says; at least one witness that catches a
 * silent store there, and two that name pages; a mapping that would have let a write through; and
 * nothing that puts a worker outside. `heap` (may be NULL) is the story's control: it must have
 * un-shared pages. */
void pd_verdict_reach(const struct pd_fleet *fleet, const struct pd_control_matrix *matrix,
                      const struct pd_fleet *heap, struct pd_verdict *verdict);

#endif
