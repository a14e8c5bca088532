/* Minor faults of the worker during the work: no page is copied without one. Corroborates only,
 * because first touches of the worker's own memory count as well. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "witness.h"

static bool read_faults(pid_t pid, uint64_t *faults, struct pd_error *error) {
  char path[64];
  char line[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return pd_fail_errno(error, "%s cannot be opened", path);
  bool ok = fgets(line, sizeof line, file) != NULL;
  fclose(file);
  /* The command name may hold anything; the fields after its last ')' may not. */
  const char *rest = ok ? strrchr(line, ')') : NULL;
  if (rest == NULL || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %" SCNu64, faults) != 1) {
    return pd_fail(error, "%s cannot be understood", path);
  }
  return true;
}

static bool arm(struct pd_audit *audit, struct pd_error *error) {
  audit->have_faults_before = read_faults(audit->target.worker, &audit->faults_before, error);
  return audit->have_faults_before;
}

static bool collect(struct pd_audit *audit, struct pd_error *error) {
  uint64_t now = 0;
  if (!read_faults(audit->target.worker, &now, error))
    return false;
  audit->findings[PD_FAULTS].amount = now - audit->faults_before;
  return true;
}

static bool compare(struct pd_audit *audit, struct pd_finding *finding, struct pd_error *error) {
  (void)audit;
  (void)finding;
  (void)error;
  return true;
}

const struct pd_witness pd_witness_faults = {
    .id = PD_FAULTS,
    .name = "faults",
    .title = "minor faults during the work",
    .unit = PD_UNIT_FAULTS,
    .arm = arm,
    .collect = collect,
    .compare = compare,
};
