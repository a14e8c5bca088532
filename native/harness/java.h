/* Workers in a JVM: one that a forked child creates in its own process, and one that is a `java`
 * process of its own. Both copy through the public Java API. */
#ifndef PD_JAVA_H
#define PD_JAVA_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit_mapping.h"
#include "control.h"
#include "problem.h"
#include "worker.h"

/* A JDK or JRE, and what it needs to run the worker. Constant once found. */
struct pd_java {
  char home[PATH_MAX];
  char files[1024]; /* the folder with classes and libraries that the build makes */
};

/* `home` NULL: JAVA_HOME, else the `java` on the path. `files` NULL: the build's own folder.
 * False, with the reason, when there is no JVM to work with. */
bool pd_java_find(struct pd_java *java, const char *home, const char *files,
                  struct pd_error *error);

enum {
  PD_JAVA_ARGUMENTS = 8,
  PD_JAVA_ROUNDS = 3 /* that the worker copies all records */
};

/* One worker's task: a pd_job's context. Free with pd_java_task_free. */
struct pd_java_task {
  const struct pd_java *java;
  enum pd_tier tier;
  char *arguments[PD_JAVA_ARGUMENTS]; /* NULL-terminated; the board's comes when it starts */
};

/* Copies `records` records of the mapping through the Java API, several times over. */
bool pd_java_task_copy(struct pd_java_task *task, const struct pd_java *java, enum pd_tier tier,
                       const struct pd_mapping *mapping, uint64_t records, uint64_t seed);

/* The strike of a control. */
bool pd_java_task_strike(struct pd_java_task *task, const struct pd_java *java, enum pd_tier tier,
                         const struct pd_mapping *mapping, const struct pd_strike *strike);

void pd_java_task_free(struct pd_java_task *task);

/* Starts the task's worker in the way of its tier: as pd_worker_start. */
bool pd_java_start(struct pd_worker *worker, const struct pd_mapping *mapping,
                   struct pd_java_task *task, struct pd_error *error);

#endif
