/* The worker's half of an audit, apart from the keeper's: a worker of its own links nothing else.
 */
#include <stdio.h>

#include "clock.h"
#include "witness.h"

void pd_witness_arm_inside(const struct pd_witness *witness, const struct pd_target *target,
                           struct pd_arming *arming) {
  struct pd_error error = {""};
  uint64_t start = pd_now();
  arming->armed = witness->arm_inside(target, &error);
  arming->ns = pd_now() - start;
  snprintf(arming->why, sizeof arming->why, "%.*s", PD_WHY - 1, error.text);
}
