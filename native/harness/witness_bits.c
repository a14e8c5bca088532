/* Bits of a pagemap entry that any user may read: 56, mapped by this process alone, and 61, a page
 * of a file or of shared memory; with 62, in swap, and the two for entries that are no page. */
#include "pagemap.h"
#include "witness.h"

static bool compare_exclusive(struct pd_audit *audit, struct pd_finding *finding,
                              struct pd_error *error) {
  (void)error;
  for (size_t i = 0; i < audit->target.pages; i++) {
    uint64_t entry = audit->worker_entries[i];
    if (pd_entry_present(entry) && pd_entry_exclusive(entry)) {
      pd_pageset_add(&finding->pages, i);
    }
  }
  return true;
}

/* The keeper's page is the file's and the worker's is not: it was copied. */
static bool compare_anon_page(struct pd_audit *audit, struct pd_finding *finding,
                              struct pd_error *error) {
  (void)error;
  for (size_t i = 0; i < audit->target.pages; i++) {
    if (pd_entry_copied(audit->worker_entries[i]) && pd_entry_file(audit->keeper_entries[i]))
      pd_pageset_add(&finding->pages, i);
  }
  return true;
}

const struct pd_witness pd_witness_exclusive = {
    .id = PD_EXCLUSIVE,
    .name = "bit56",
    .title = "pagemap bit 56, exclusively mapped",
    .unit = PD_UNIT_PAGES,
    .collect = pd_audit_entries,
    .compare = compare_exclusive,
};

const struct pd_witness pd_witness_anon_page = {
    .id = PD_ANON_PAGE,
    .name = "bit61",
    .title = "pagemap bits 61 and 62, still a page of the file",
    .unit = PD_UNIT_PAGES,
    .collect = pd_audit_entries,
    .compare = compare_anon_page,
};
