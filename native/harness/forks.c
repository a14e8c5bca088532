#include "forks.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -1: cannot be told. */
static int thread_has_children(pid_t pid, const char *thread) {
  char path[96];
  snprintf(path, sizeof path, "/proc/%ld/task/%.20s/children", (long)pid, thread);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return -1;
  int first = fgetc(file);
  fclose(file);
  return first != EOF;
}

/* 1 when any thread has a child. A thread that ended meanwhile has none: they went to another. */
static int has_children(pid_t pid) {
  char path[64];
  int answer = -1;
  snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
  DIR *threads = opendir(path);
  if (threads == NULL)
    return -1;
  for (struct dirent *entry = NULL; answer != 1 && (entry = readdir(threads)) != NULL;) {
    int one = entry->d_name[0] == '.' ? -1 : thread_has_children(pid, entry->d_name);
    answer = one > answer ? one : answer;
  }
  closedir(threads);
  return answer;
}

/* Every child that was waited for has left its minor faults in the eleventh field. */
static int had_children(pid_t pid) {
  char path[64];
  char line[1024];
  uint64_t faults = 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return -1;
  bool ok = fgets(line, sizeof line, file) != NULL;
  fclose(file);
  /* The command name may hold anything; the fields after its last ')' may not. */
  const char *rest = ok ? strrchr(line, ')') : NULL;
  if (rest == NULL || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %" SCNu64, &faults) != 1)
    return -1;
  return faults != 0;
}

/* Ended children that no one has to wait for leave nothing behind. */
static int ignores_children(pid_t pid) {
  char path[64];
  char line[256];
  uint64_t ignored = 0;
  int answer = -1;
  snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return -1;
  while (answer < 0 && fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "SigIgn: %" SCNx64, &ignored) == 1)
      answer = (ignored >> (SIGCHLD - 1) & 1) != 0;
  }
  fclose(file);
  return answer;
}

bool pd_has_forked(pid_t pid, struct pd_error *why) {
  int has = has_children(pid);
  int had = had_children(pid);
  int ignores = ignores_children(pid);
  if (has == 1 || had == 1)
    return !pd_fail(why, "the worker itself forked");
  if (has < 0 || had < 0 || ignores < 0)
    return !pd_fail(why, "whether the worker itself forked cannot be told");
  return ignores == 1 &&
         !pd_fail(why, "the worker ignores SIGCHLD: children that ended left no trace");
}
