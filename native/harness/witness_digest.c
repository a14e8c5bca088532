/* The content of the source before and after. Sees changed bytes only: neither silent stores nor
 * private copies. The keeper's mapping is read, so this needs no access to the worker. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "witness.h"

bool pd_digests_init(struct pd_digests *digests, size_t pages) {
  *digests = (struct pd_digests){.pages = pages};
  digests->before = malloc(pages * sizeof *digests->before);
  digests->after = malloc(pages * sizeof *digests->after);
  if (digests->before != NULL && digests->after != NULL)
    return true;
  pd_digests_free(digests);
  return false;
}

void pd_digests_free(struct pd_digests *digests) {
  free(digests->before);
  free(digests->after);
  memset(digests, 0, sizeof *digests);
}

void pd_digests_continue(struct pd_digests *digests) {
  uint64_t *found = digests->after;
  digests->after = digests->before;
  digests->before = found;
  digests->have_before = digests->have_after;
  digests->have_after = false;
}

static bool usable(const struct pd_audit *audit, struct pd_error *error) {
  if (audit->digests == NULL)
    return pd_fail(error, "no digest was asked for");
  if (audit->target.keeper != getpid())
    return pd_fail(error, "the keeper is another process");
  return true;
}

static bool arm(struct pd_audit *audit, struct pd_error *error) {
  if (!usable(audit, error))
    return false;
  struct pd_digests *digests = audit->digests;
  if (!digests->have_before) {
    pd_digest_pages((const void *)audit->target.keeper_base, digests->pages, digests->before);
    digests->have_before = true;
  }
  return true;
}

static bool collect(struct pd_audit *audit, struct pd_error *error) {
  if (!usable(audit, error))
    return false;
  struct pd_digests *digests = audit->digests;
  if (!digests->have_after) {
    pd_digest_pages((const void *)audit->target.keeper_base, digests->pages, digests->after);
    digests->have_after = true;
  }
  return true;
}

static bool compare(struct pd_audit *audit, struct pd_finding *finding, struct pd_error *error) {
  (void)error;
  const struct pd_digests *digests = audit->digests;
  for (size_t i = 0; i < digests->pages; i++) {
    if (digests->before[i] != digests->after[i])
      pd_pageset_add(&finding->pages, i);
  }
  return true;
}

const struct pd_witness pd_witness_digest = {
    .id = PD_DIGEST,
    .name = "digest",
    .title = "digest of the source, before = after",
    .unit = PD_UNIT_PAGES,
    .arm = arm,
    .collect = collect,
    .compare = compare,
};
