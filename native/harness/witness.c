#include "witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "forks.h"
#include "pagemap.h"

const struct pd_witness *const pd_witnesses[PD_WITNESSES] = {
    [PD_PFN] = &pd_witness_pfn,
    [PD_SCAN] = &pd_witness_scan,
    [PD_EXCLUSIVE] = &pd_witness_exclusive,
    [PD_ANON_PAGE] = &pd_witness_anon_page,
    [PD_PRIVATE_DIRTY] = &pd_witness_private_dirty,
    [PD_PRIVATE] = &pd_witness_private,
    [PD_ANONYMOUS] = &pd_witness_anonymous,
    [PD_DIGEST] = &pd_witness_digest,
    [PD_FAULTS] = &pd_witness_faults,
    [PD_VMFLAGS] = &pd_witness_vmflags,
};

bool pd_frames_visible(void) {
  volatile uint8_t here = 1;
  uint64_t entry = 0;
  uintptr_t page = (uintptr_t)&here / pd_page_size() * pd_page_size();
  (void)here;
  return pd_pagemap_read(getpid(), page, 1, &entry, NULL) && pd_entry_present(entry) &&
         pd_entry_frame(entry) != 0;
}

void pd_audit_arm_inside(const struct pd_target *target, struct pd_arming *arming) {
  for (int i = 0; i < PD_WITNESSES; i++) {
    if (pd_witnesses[i]->arm_inside != NULL)
      pd_witness_arm_inside(pd_witnesses[i], target, &arming[i]);
  }
}

bool pd_audit_init(struct pd_audit *audit, const struct pd_target *target,
                   const struct pd_arming *arming, struct pd_digests *digests,
                   struct pd_error *error) {
  memset(audit, 0, sizeof *audit);
  audit->target = *target;
  audit->arming = arming;
  audit->digests = digests;
  bool ok = pd_pageset_init(&audit->absent, target->pages);
  for (int i = 0; i < PD_WITNESSES; i++) {
    struct pd_finding *finding = &audit->findings[i];
    finding->unit = pd_witnesses[i]->unit;
    finding->available = true;
    if (finding->unit == PD_UNIT_PAGES)
      ok &= pd_pageset_init(&finding->pages, target->pages);
  }
  if (ok)
    return true;
  pd_audit_free(audit);
  return pd_fail(error, "no memory to audit %zu pages", target->pages);
}

static void unavailable(struct pd_finding *finding, const char *why) {
  finding->available = false;
  finding->amount = 0;
  pd_pageset_clear(&finding->pages);
  snprintf(finding->why, sizeof finding->why, "%.*s", PD_WHY - 1, why);
}

void pd_audit_arm(struct pd_audit *audit) {
  for (int i = 0; i < PD_WITNESSES; i++) {
    const struct pd_witness *witness = pd_witnesses[i];
    struct pd_error error = {""};
    uint64_t start = pd_now();
    const struct pd_arming *inside = audit->arming == NULL ? NULL : &audit->arming[i];
    if (witness->arm_inside != NULL && (inside == NULL || !inside->armed)) {
      const char *why = inside == NULL ? "" : inside->why;
      unavailable(&audit->findings[i],
                  why[0] == '\0' ? "nothing was armed inside this worker" : why);
    } else if (witness->arm != NULL && !witness->arm(audit, &error)) {
      unavailable(&audit->findings[i], error.text);
    }
    audit->findings[i].arm_ns = pd_now() - start;
  }
}

/* A page that compaction is just moving looks absent, or mapped once, for a moment. */
static bool in_doubt(uint64_t entry) {
  return !pd_entry_present(entry) || pd_entry_exclusive(entry);
}

/* Reads again what is in doubt, until nothing changes: what stays is so. */
static bool settle(pid_t pid, uintptr_t base, size_t pages, uint64_t *entries,
                   struct pd_error *error) {
  const int most_readings = 10;
  const struct timespec moment = {.tv_nsec = 500000};
  size_t doubts = 0;
  size_t changes = 1;
  for (size_t i = 0; i < pages; i++)
    doubts += in_doubt(entries[i]) ? 1 : 0;
  if (doubts == 0)
    return true;
  uint64_t *again = malloc(pages * sizeof *again);
  bool ok = again != NULL || pd_fail(error, "no memory for the page map");
  for (int reading = 0; ok && changes > 0 && reading < most_readings; reading++) {
    if (reading > 0)
      nanosleep(&moment, NULL);
    changes = 0;
    ok = pd_pagemap_read(pid, base, pages, again, error);
    for (size_t i = 0; ok && i < pages; i++) {
      if (!in_doubt(entries[i]))
        continue;
      changes += entries[i] != again[i] || pd_entry_swapped(again[i]) ? 1 : 0;
      entries[i] = again[i];
    }
  }
  free(again);
  return ok;
}

static bool read_settled(pid_t pid, uintptr_t base, size_t pages, uint64_t *entries,
                         struct pd_error *error) {
  return pd_pagemap_read(pid, base, pages, entries, error) &&
         settle(pid, base, pages, entries, error);
}

static bool same_sums(const struct pd_smaps *a, const struct pd_smaps *b) {
  return a->private_clean_kb == b->private_clean_kb && a->private_dirty_kb == b->private_dirty_kb &&
         a->anonymous_kb == b->anonymous_kb && a->swap_kb == b->swap_kb;
}

/* The kernel sums while pages may be moving, which may look private meanwhile: two equal readings
 * in a row count, or one without any private page. */
static bool settled_sums(pid_t pid, uintptr_t base, const struct pd_target *target,
                         struct pd_smaps *out, struct pd_error *error) {
  const int most_readings = 6;
  const size_t size = target->pages * pd_page_size();
  bool (*sum)(pid_t, uintptr_t, size_t, struct pd_smaps *, struct pd_error *) =
      target->part ? pd_smaps_overlapping : pd_smaps_range;
  struct pd_smaps before;
  if (!sum(pid, base, size, out, error))
    return false;
  if (pd_smaps_private_kb(out) + out->swap_kb == 0)
    return true;
  for (int reading = 1; reading < most_readings; reading++) {
    before = *out;
    if (!sum(pid, base, size, out, error))
      return false;
    if (same_sums(&before, out))
      return true;
  }
  return pd_fail(error, "the kernel's sums do not come to rest");
}

/* Two words a page and worker: too much to keep for a report. */
static void drop_entries(struct pd_audit *audit) {
  free(audit->keeper_entries);
  free(audit->worker_entries);
  audit->keeper_entries = NULL;
  audit->worker_entries = NULL;
}

bool pd_audit_entries(struct pd_audit *audit, struct pd_error *error) {
  const struct pd_target *target = &audit->target;
  if (audit->have_entries) {
    return audit->entries_why[0] == '\0' || pd_fail(error, "%s", audit->entries_why);
  }
  audit->have_entries = true;
  struct pd_error why = {""};
  audit->keeper_entries = malloc(target->pages * sizeof(uint64_t));
  audit->worker_entries = malloc(target->pages * sizeof(uint64_t));
  bool ok = audit->keeper_entries != NULL && audit->worker_entries != NULL
                ? read_settled(target->keeper, target->keeper_base, target->pages,
                               audit->keeper_entries, &why) &&
                      read_settled(target->worker, target->worker_base, target->pages,
                                   audit->worker_entries, &why)
                : pd_fail(&why, "no memory for the page map");
  if (ok)
    return true;
  drop_entries(audit);
  snprintf(audit->entries_why, sizeof audit->entries_why, "%.*s", PD_WHY - 1, why.text);
  return pd_fail(error, "%s", why.text);
}

bool pd_audit_smaps(struct pd_audit *audit, struct pd_error *error) {
  const struct pd_target *target = &audit->target;
  if (audit->have_smaps) {
    return audit->smaps_why[0] == '\0' || pd_fail(error, "%s", audit->smaps_why);
  }
  audit->have_smaps = true;
  struct pd_error why = {""};
  if (settled_sums(target->worker, target->worker_base, target, &audit->worker_smaps, &why) &&
      settled_sums(target->keeper, target->keeper_base, target, &audit->keeper_smaps, &why)) {
    return true;
  }
  snprintf(audit->smaps_why, sizeof audit->smaps_why, "%.*s", PD_WHY - 1, why.text);
  return pd_fail(error, "%s", why.text);
}

static void add_condition(struct pd_audit *audit, const char *what) {
  size_t used = strlen(audit->conditions);
  snprintf(audit->conditions + used, sizeof audit->conditions - used, "%s%s", used == 0 ? "" : "; ",
           what);
}

/* Then there is nothing to hold the worker's page against. */
static bool keeper_lost_pages(const struct pd_audit *audit) {
  for (size_t i = 0; audit->keeper_entries != NULL && i < audit->target.pages; i++) {
    if (!pd_entry_present(audit->keeper_entries[i]))
      return true;
  }
  return false;
}

static void note_conditions(struct pd_audit *audit) {
  struct pd_error why = {""};
  if (keeper_lost_pages(audit))
    add_condition(audit, "the keeper lost pages of the range");
  if (!audit->target.forks_known && pd_has_forked(audit->target.worker, &why))
    add_condition(audit, why.text);
  if (!pd_audit_smaps(audit, &why)) {
    add_condition(audit, "huge pages, KSM and swap cannot be told");
    return;
  }
  if (audit->worker_smaps.huge_kb + audit->keeper_smaps.huge_kb != 0) {
    add_condition(audit, "transparent huge pages in the range");
  }
  if (audit->worker_smaps.ksm_kb + audit->keeper_smaps.ksm_kb != 0) {
    add_condition(audit, "pages merged by KSM in the range");
  } else if (audit->worker_smaps.mergeable || audit->keeper_smaps.mergeable) {
    add_condition(audit, "KSM may merge pages of the range");
  }
  if (audit->worker_smaps.swap_kb + audit->keeper_smaps.swap_kb != 0) {
    add_condition(audit, "pages of the range in swap");
  }
}

void pd_audit_finish(struct pd_audit *audit) {
  for (int i = 0; i < PD_WITNESSES; i++) {
    struct pd_finding *finding = &audit->findings[i];
    struct pd_error error = {""};
    if (!finding->available)
      continue;
    uint64_t start = pd_now();
    if (!pd_witnesses[i]->collect(audit, &error))
      unavailable(finding, error.text);
    finding->ns = pd_now() - start;
  }
  for (int i = 0; i < PD_WITNESSES; i++) {
    struct pd_finding *finding = &audit->findings[i];
    struct pd_error error = {""};
    if (!finding->available)
      continue;
    uint64_t start = pd_now();
    if (!pd_witnesses[i]->compare(audit, finding, &error))
      unavailable(finding, error.text);
    if (finding->unit == PD_UNIT_PAGES)
      finding->amount = finding->pages.count;
    finding->ns += pd_now() - start;
  }
  for (size_t i = 0; audit->worker_entries != NULL && i < audit->target.pages; i++) {
    if (!pd_entry_present(audit->worker_entries[i]))
      pd_pageset_add(&audit->absent, i);
  }
  note_conditions(audit);
  drop_entries(audit);
}

void pd_audit_unite(const struct pd_audit *audit, struct pd_pageset *out) {
  for (int i = 0; i < PD_WITNESSES; i++) {
    const struct pd_finding *finding = &audit->findings[i];
    if (finding->available && finding->unit == PD_UNIT_PAGES)
      pd_pageset_add_all(out, &finding->pages);
  }
}

void pd_audit_free(struct pd_audit *audit) {
  for (int i = 0; i < PD_WITNESSES; i++)
    pd_pageset_free(&audit->findings[i].pages);
  pd_pageset_free(&audit->absent);
  drop_entries(audit);
}
