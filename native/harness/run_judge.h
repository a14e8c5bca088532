/* What the verdicts about a region and about all that was inherited share. */
#ifndef PD_RUN_JUDGE_H
#define PD_RUN_JUDGE_H

#include "run.h"

/* A process that was killed before it came to the stop at its exit, or NULL. */
const struct pd_inheritance *pd_pool_unseen_end(const struct pd_pool *pool);

void pd_pool_doubt_end(const struct pd_inheritance *unseen, struct pd_verdict *verdict);

/* Of a pool with a region, whose controls were answered as they must be. */
void pd_pool_judge_region(const struct pd_pool *pool, struct pd_verdict *verdict);

#endif
