/* Page frame numbers: the worker's page is the keeper's page, or it is not. */
#include <unistd.h>

#include "pagemap.h"
#include "witness.h"

static bool collect(struct pd_audit *audit, struct pd_error *error) {
  if (!pd_frames_visible()) {
    return pd_fail(error, "page frame numbers are hidden from this user (CAP_SYS_ADMIN)");
  }
  return pd_audit_entries(audit, error);
}

/* Two reads of one page each, as long as compaction may be moving it between them. */
static bool really_differs(const struct pd_target *target, size_t page) {
  size_t offset = page * pd_page_size();
  for (int attempt = 0; attempt < 3; attempt++) {
    uint64_t keeper = 0;
    uint64_t worker = 0;
    if (!pd_pagemap_read(target->keeper, target->keeper_base + offset, 1, &keeper, NULL) ||
        !pd_pagemap_read(target->worker, target->worker_base + offset, 1, &worker, NULL)) {
      return true;
    }
    if (pd_entry_frame(keeper) == pd_entry_frame(worker))
      return false;
  }
  return true;
}

static bool compare(struct pd_audit *audit, struct pd_finding *finding, struct pd_error *error) {
  const size_t recheck_limit = 4096; /* beyond that a moved page cannot change the picture */
  size_t rechecked = 0;
  for (size_t i = 0; i < audit->target.pages; i++) {
    uint64_t keeper = audit->keeper_entries[i];
    uint64_t worker = audit->worker_entries[i];
    if (!pd_entry_present(keeper)) {
      return pd_fail(error, "the keeper lost page %zu (memory pressure?)", i);
    }
    if (!pd_entry_present(worker))
      continue;
    if (pd_entry_frame(keeper) == pd_entry_frame(worker))
      continue;
    if (rechecked < recheck_limit && !really_differs(&audit->target, i))
      continue;
    rechecked++;
    pd_pageset_add(&finding->pages, i);
  }
  return true;
}

const struct pd_witness pd_witness_pfn = {
    .id = PD_PFN,
    .name = "pfn",
    .title = "page frame numbers, worker = keeper",
    .unit = PD_UNIT_PAGES,
    .collect = collect,
    .compare = compare,
};
