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
 * silent store there, and two that name pages; a mapping that would have let a write through; a
 * record that each worker copied; and nothing that puts a worker outside. `heap` (may be NULL) is
 * the story's control: it must have un-shared pages. */
void pd_verdict_reach(const struct pd_fleet *fleet, const struct pd_control_matrix *matrix,
                      const struct pd_fleet *heap, struct pd_verdict *verdict);

/* For verdicts of other forms, the parts of it. Choose: witnesses that claim to see something
 * there, worked in every audit, and caught a control. */
void pd_verdict_choose(struct pd_verdict *verdict, const struct pd_audit *const *audits,
                       size_t count, const struct pd_control_matrix *matrix);

/* Witnesses relied on that name pages. */
unsigned pd_verdict_naming_pages(const struct pd_verdict *verdict);

/* False, and the sentence says so, when those chosen cannot carry a zero. */
bool pd_verdict_enough(struct pd_verdict *verdict, const struct pd_control_matrix *matrix);

/* True when a witness relied on, of pages or of kB, found something. */
bool pd_verdict_found(const struct pd_verdict *verdict, const struct pd_audit *audit);

/* Adds to the sentence: a text, and what the verdict rests on. */
void pd_verdict_add(struct pd_verdict *verdict, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void pd_verdict_add_basis(struct pd_verdict *verdict, const struct pd_control_matrix *matrix);

#endif
