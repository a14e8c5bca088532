/* Witnesses: independent ways to see that a worker un-shared, or wrote to, a page of a range.
 *
 * One interface for all: `arm_inside` runs in the worker (only what no one else can do for it),
 * `arm`, `collect` and `compare` run in the keeper and look at the worker from outside, so that
 * the worker may be a forked child, a process the keeper did not start, or one that is held at its
 * exit. A witness that cannot work says why; it never passes silently. */
#ifndef PD_WITNESS_H
#define PD_WITNESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "audit_mapping.h"
#include "pageset.h"
#include "smaps.h"

enum pd_witness_id {
  PD_PFN,           /* page frame numbers, worker against keeper */
  PD_SCAN,          /* PAGEMAP_SCAN with asynchronous userfaultfd write-protection */
  PD_EXCLUSIVE,     /* pagemap bit 56 */
  PD_ANON_PAGE,     /* pagemap bit 61 cleared: no longer the file's page */
  PD_PRIVATE_DIRTY, /* smaps */
  PD_PRIVATE,       /* smaps Private_Clean + Private_Dirty */
  PD_ANONYMOUS,     /* smaps */
  PD_DIGEST,        /* content of the source, page by page */
  PD_FAULTS,        /* minor faults of the worker during the work */
  PD_VMFLAGS,       /* `mw`: would the kernel allow a write at all */
  PD_WITNESSES
};

enum pd_unit { PD_UNIT_PAGES, PD_UNIT_KB, PD_UNIT_FAULTS, PD_UNIT_FLAG };

enum { PD_WHY = 160 };

/* The range under audit as the keeper and the worker have it mapped. */
struct pd_target {
  enum pd_mapping_kind kind;
  pid_t keeper;
  pid_t worker;
  uintptr_t keeper_base;
  uintptr_t worker_base;
  size_t pages;
  bool part;        /* either may have more mapped in one piece: sums are of the whole mapping */
  bool forks_known; /* whether the worker forked is known from elsewhere */
};

/* What a worker says about arming a witness; lives in memory shared with the keeper. */
struct pd_arming {
  bool armed;
  uint64_t ns; /* that it took */
  char why[PD_WHY];
};

struct pd_finding {
  bool available;
  char why[PD_WHY]; /* when not available: the reason */
  enum pd_unit unit;
  struct pd_pageset pages; /* PD_UNIT_PAGES: the page numbers */
  uint64_t amount;         /* pages, kB, faults, or the flag */
  uint64_t arm_ns;         /* the keeper's time to arm it, */
  uint64_t ns;             /* and to collect and compare: the first of those that share a reading
                              pays for it */
};

/* Digests of the source, shared by the audits of one range: the content is the same for all. */
struct pd_digests {
  uint64_t *before;
  uint64_t *after;
  size_t pages;
  bool have_before;
  bool have_after;
};

bool pd_digests_init(struct pd_digests *digests, size_t pages);
void pd_digests_free(struct pd_digests *digests);

/* Takes the state found last as the one that the next audit starts from. */
void pd_digests_continue(struct pd_digests *digests);

struct pd_audit {
  struct pd_target target;
  const struct pd_arming *arming; /* one for each witness; NULL when nothing ran inside */
  struct pd_digests *digests;     /* NULL: no digest is taken */
  struct pd_finding findings[PD_WITNESSES];
  struct pd_pageset absent; /* pages that the worker does not have: a third state */
  char conditions[PD_WHY];  /* what puts this worker outside the verdict, or "" */

  /* Gathered once, for all witnesses that read them. */
  uint64_t *keeper_entries;
  uint64_t *worker_entries;
  bool have_entries;
  char entries_why[PD_WHY];
  struct pd_smaps keeper_smaps;
  struct pd_smaps worker_smaps;
  bool have_smaps;
  char smaps_why[PD_WHY];
  uint64_t faults_before;
  bool have_faults_before;
};

struct pd_witness {
  enum pd_witness_id id;
  const char *name;  /* short and stable: report and table use it */
  const char *title; /* for a person */
  enum pd_unit unit;
  /* In the worker, before the work. NULL when there is nothing to do. */
  bool (*arm_inside)(const struct pd_target *target, struct pd_error *error);
  /* In the keeper, when the worker is ready and still. NULL when there is nothing to do. */
  bool (*arm)(struct pd_audit *audit, struct pd_error *error);
  /* In the keeper, when the worker is done and still, or held at its exit. */
  bool (*collect)(struct pd_audit *audit, struct pd_error *error);
  /* Turns what was collected into the finding. */
  bool (*compare)(struct pd_audit *audit, struct pd_finding *finding, struct pd_error *error);
};

/* All witnesses, indexed by id; constant. */
extern const struct pd_witness *const pd_witnesses[PD_WITNESSES];

extern const struct pd_witness pd_witness_pfn;
extern const struct pd_witness pd_witness_scan;
extern const struct pd_witness pd_witness_exclusive;
extern const struct pd_witness pd_witness_anon_page;
extern const struct pd_witness pd_witness_private_dirty;
extern const struct pd_witness pd_witness_private;
extern const struct pd_witness pd_witness_anonymous;
extern const struct pd_witness pd_witness_digest;
extern const struct pd_witness pd_witness_faults;
extern const struct pd_witness pd_witness_vmflags;

/* In the worker: arms what must be armed inside and notes the outcome for each such witness. */
void pd_audit_arm_inside(const struct pd_target *target, struct pd_arming *arming);

/* The same of one witness that must be armed inside. */
void pd_witness_arm_inside(const struct pd_witness *witness, const struct pd_target *target,
                           struct pd_arming *arming);

/* In the keeper. `arming` and `digests` are borrowed until pd_audit_free; both may be NULL. */
bool pd_audit_init(struct pd_audit *audit, const struct pd_target *target,
                   const struct pd_arming *arming, struct pd_digests *digests,
                   struct pd_error *error);
void pd_audit_arm(struct pd_audit *audit);

/* Collects and compares: fills findings, absent and conditions. Never fails as a whole. */
void pd_audit_finish(struct pd_audit *audit);
void pd_audit_free(struct pd_audit *audit);

/* Adds to `out` what any page witness named. */
void pd_audit_unite(const struct pd_audit *audit, struct pd_pageset *out);

/* For witnesses: gathers once what several of them read. */
bool pd_audit_entries(struct pd_audit *audit, struct pd_error *error);
bool pd_audit_smaps(struct pd_audit *audit, struct pd_error *error);

/* True when this process may read page frame numbers: the root tier. */
bool pd_frames_visible(void);

#endif
