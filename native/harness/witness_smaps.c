/* The kernel's own sums for the mapping, in kB, and its permission flags. */
#include "witness.h"

static bool compare_private_dirty(struct pd_audit *audit, struct pd_finding *finding,
                                  struct pd_error *error) {
  (void)error;
  finding->amount = audit->worker_smaps.private_dirty_kb;
  return true;
}

static bool compare_private(struct pd_audit *audit, struct pd_finding *finding,
                            struct pd_error *error) {
  (void)error;
  finding->amount = pd_smaps_private_kb(&audit->worker_smaps);
  return true;
}

/* Over anonymous memory everything is anonymous; only what exceeds the keeper's share counts. */
static bool compare_anonymous(struct pd_audit *audit, struct pd_finding *finding,
                              struct pd_error *error) {
  uint64_t worker = audit->worker_smaps.anonymous_kb;
  uint64_t keeper = audit->keeper_smaps.anonymous_kb;
  if (audit->target.part && keeper > 0)
    return pd_fail(error, "the keeper's own mapping holds anonymous pages");
  finding->amount = worker > keeper ? worker - keeper : 0;
  return true;
}

static bool compare_vmflags(struct pd_audit *audit, struct pd_finding *finding,
                            struct pd_error *error) {
  (void)error;
  finding->amount = audit->worker_smaps.may_write ? 1 : 0;
  return true;
}

const struct pd_witness pd_witness_private_dirty = {
    .id = PD_PRIVATE_DIRTY,
    .name = "private_dirty",
    .title = "smaps Private_Dirty",
    .unit = PD_UNIT_KB,
    .collect = pd_audit_smaps,
    .compare = compare_private_dirty,
};

const struct pd_witness pd_witness_private = {
    .id = PD_PRIVATE,
    .name = "private",
    .title = "smaps Private_Clean + Private_Dirty",
    .unit = PD_UNIT_KB,
    .collect = pd_audit_smaps,
    .compare = compare_private,
};

const struct pd_witness pd_witness_anonymous = {
    .id = PD_ANONYMOUS,
    .name = "anonymous",
    .title = "smaps Anonymous beyond the keeper's",
    .unit = PD_UNIT_KB,
    .collect = pd_audit_smaps,
    .compare = compare_anonymous,
};

const struct pd_witness pd_witness_vmflags = {
    .id = PD_VMFLAGS,
    .name = "vmflags",
    .title = "VmFlags mw, the kernel would allow a write",
    .unit = PD_UNIT_FLAG,
    .collect = pd_audit_smaps,
    .compare = compare_vmflags,
};
