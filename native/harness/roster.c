#include "roster.h"

#include <stdlib.h>
#include <string.h>

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

struct pd_process *pd_roster_held_child(const struct pd_roster *roster, pid_t parent) {
  for (size_t i = 0; i < roster->count; i++) {
    if (roster->processes[i].parent == parent && roster->processes[i].presence == PD_HELD)
      return &roster->processes[i];
  }
  return NULL;
}

void pd_roster_free(struct pd_roster *roster) {
  free(roster->processes);
  memset(roster, 0, sizeof *roster);
}
