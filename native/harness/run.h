/* `pagediff run -- CMD`: which inherited pages do the processes that CMD forks un-share? Works on
 * any prefork pool, with no region in it. */
#ifndef PD_RUN_H
#define PD_RUN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "inherit.h"

struct pd_pool {
  struct pd_inheritance *children;
  size_t count;
  bool frames;       /* frame numbers were compared: the root tier */
  int status;        /* wait status of the command */
  char trouble[160]; /* the first child that could not be measured, or "" */
};

/* Runs the command to its end. Free with pd_pool_free in any case. */
bool pd_pool_run(char *const arguments[], struct pd_pool *pool, struct pd_error *error);

void pd_pool_free(struct pd_pool *pool);

/* Children that were measured, and the mean of the pages they un-shared. */
size_t pd_pool_measured(const struct pd_pool *pool);
double pd_pool_mean_unshared(const struct pd_pool *pool);

/* `baseline` (may be NULL) is the pool of the host's empty loop. */
void pd_pool_print(const struct pd_pool *pool, const struct pd_pool *baseline, FILE *out);

/* As report-schema.md describes. */
json_t *pd_pool_json(const struct pd_pool *pool, const struct pd_pool *baseline);

#endif
