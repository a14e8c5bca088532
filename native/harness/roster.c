#include "roster.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "maps.h"

struct pd_process *pd_roster_add(struct pd_roster *roster, pid_t pid, pid_t parent,
                                 enum pd_presence presence) {
  struct pd_process *grown = realloc(roster->processes, (roster->count + 1) * sizeof *grown);
  if (grown == NULL)
    return NULL;
  roster->processes = grown;
  grown[roster->count] = (struct pd_process){.pid = pid, .parent = parent, .presence = presence};
  return &grown[roster->count++];
}

struct pd_process *pd_roster_find(const struct pd_roster *roster, pid_t pid) {
  for (size_t i = 0; i < roster->count; i++) {
    if (roster->processes[i].pid == pid)
      return &roster->processes[i];
  }
  return NULL;
}

void pd_roster_remove(struct pd_roster *roster, pid_t pid) {
  struct pd_process *process = pd_roster_find(roster, pid);
  if (process != NULL)
    *process = roster->processes[--roster->count];
}

void pd_roster_pass_on(struct pd_roster *roster, pid_t pid, pid_t owner) {
  for (size_t i = 0; i < roster->count; i++) {
    if (roster->processes[i].borrows && roster->processes[i].parent == pid)
      roster->processes[i].parent = owner;
  }
}

struct pd_process *pd_roster_held_child(const struct pd_roster *roster, pid_t parent) {
  for (size_t i = 0; i < roster->count; i++) {
    if (roster->processes[i].parent == parent && roster->processes[i].presence == PD_HELD)
      return &roster->processes[i];
  }
  return NULL;
}

/* Its place, or the end. */
static size_t leaving_at(const struct pd_roster *roster, pid_t thread) {
  size_t i = 0;
  while (i < roster->leaving_count && roster->leaving[i] != thread)
    i++;
  return i;
}

bool pd_roster_leave(struct pd_roster *roster, pid_t thread) {
  size_t n = roster->leaving_count;
  if (leaving_at(roster, thread) < n)
    return true;
  pid_t *grown = realloc(roster->leaving, (n + 1) * sizeof *grown);
  if (grown == NULL)
    return false;
  roster->leaving = grown;
  grown[roster->leaving_count++] = thread;
  return true;
}

void pd_roster_forget(struct pd_roster *roster, pid_t thread) {
  size_t i = leaving_at(roster, thread);
  if (i < roster->leaving_count)
    roster->leaving[i] = roster->leaving[--roster->leaving_count];
}

enum pd_others pd_roster_others(const struct pd_roster *roster, pid_t process, pid_t thread) {
  char path[64];
  enum pd_others others = PD_NO_OTHERS;
  snprintf(path, sizeof path, "/proc/%ld/task", (long)process);
  DIR *threads = opendir(path);
  if (threads == NULL)
    return PD_UNTRACED_OTHERS; /* that cannot be told */
  for (struct dirent *entry = NULL;
       others != PD_TRACED_OTHERS && (entry = readdir(threads)) != NULL;) {
    pid_t other = (pid_t)strtol(entry->d_name, NULL, 10); /* 0: "." and ".." */
    if (other == 0 || other == thread || leaving_at(roster, other) < roster->leaving_count)
      continue;
    others = pd_status_field(other, "TracerPid:") == (long)getpid() ? PD_TRACED_OTHERS
                                                                    : PD_UNTRACED_OTHERS;
  }
  closedir(threads);
  return others;
}

bool pd_roster_misses_any(const struct pd_roster *roster) {
  bool any = false;
  DIR *processes = opendir("/proc");
  if (processes == NULL)
    return true; /* that cannot be told */
  for (struct dirent *entry = NULL; !any && (entry = readdir(processes)) != NULL;) {
    pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10); /* 0: it is no process */
    any = pid > 0 && pd_roster_find(roster, pid) == NULL &&
          pd_status_field(pid, "TracerPid:") == (long)getpid();
  }
  closedir(processes);
  return any;
}

void pd_roster_free(struct pd_roster *roster) {
  free(roster->processes);
  free(roster->leaving);
  memset(roster, 0, sizeof *roster);
}
