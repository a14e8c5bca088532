#include "verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *pd_outcome_name(enum pd_outcome outcome) {
  static const char *const names[] = {
      [PD_ZERO] = "zero", [PD_UNSHARED] = "unshared", [PD_INCONCLUSIVE] = "inconclusive"};
  return names[outcome];
}

const char *pd_grouped(uint64_t value, char out[32]) {
  char digits[24];
  int n = snprintf(digits, sizeof digits, "%" PRIu64, value);
  int at = 0;
  for (int i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0)
      out[at++] = ',';
    out[at++] = digits[i];
  }
  out[at] = '\0';
  return out;
}

void pd_verdict_add(struct pd_verdict *verdict, const char *format, ...) {
  size_t used = strlen(verdict->sentence);
  va_list args;
  va_start(args, format);
  vsnprintf(verdict->sentence + used, sizeof verdict->sentence - used, format, args);
  va_end(args);
}

void pd_verdict_choose(struct pd_verdict *verdict, const struct pd_audit *const *audits,
                       size_t count, const struct pd_control_matrix *matrix) {
  for (int w = 0; w < PD_VMFLAGS; w++) {
    bool relied = w != PD_FAULTS && pd_claims(matrix->tier, matrix->mapping, (enum pd_witness_id)w);
    bool caught = false;
    for (size_t i = 0; i < count; i++)
      relied = relied && audits[i]->findings[w].available;
    for (int c = 0; c < PD_CONTROLS; c++) {
      caught = caught || matrix->results[c].observed[w] == PD_CELL_CAUGHT;
    }
    verdict->relied_on[w] = relied && caught;
  }
  verdict->root_tier = count > 0 && audits[0]->findings[PD_PFN].available;
}

unsigned pd_verdict_naming_pages(const struct pd_verdict *verdict) {
  unsigned n = 0;
  for (int w = 0; w < PD_VMFLAGS; w++)
    n += verdict->relied_on[w] && pd_witnesses[w]->unit == PD_UNIT_PAGES ? 1 : 0;
  return n;
}

static bool sees_silent_store(const struct pd_verdict *verdict,
                              const struct pd_control_matrix *matrix) {
  for (int w = 0; w < PD_VMFLAGS; w++) {
    if (verdict->relied_on[w] && pd_witnesses[w]->unit == PD_UNIT_PAGES &&
        matrix->results[PD_SILENT_STORE].observed[w] == PD_CELL_CAUGHT) {
      return true;
    }
  }
  return false;
}

bool pd_verdict_enough(struct pd_verdict *verdict, const struct pd_control_matrix *matrix) {
  unsigned naming_pages = pd_verdict_naming_pages(verdict);
  if (naming_pages >= 2 && sees_silent_store(verdict, matrix))
    return true;
  pd_verdict_add(verdict, "No verdict: too few witnesses work here (%u that name pages, 2 needed)",
                 naming_pages);
  return false;
}

bool pd_verdict_found(const struct pd_verdict *verdict, const struct pd_audit *audit) {
  for (int w = 0; w < PD_VMFLAGS; w++) {
    if (verdict->relied_on[w] && audit->findings[w].amount != 0)
      return true;
  }
  return false;
}

/* Why no verdict is possible, or false. */
static bool doubt(const struct pd_fleet *fleet, const struct pd_control_matrix *matrix,
                  const struct pd_fleet *heap, struct pd_verdict *verdict) {
  if (matrix->wrong > 0) {
    pd_verdict_add(verdict, "No verdict: %u of %u control answers differ from the expected table",
                   matrix->wrong, matrix->cells);
    return true;
  }
  if (!pd_verdict_enough(verdict, matrix))
    return true;
  if (matrix->results[PD_REFCOUNT].observed[PD_EXCLUSIVE] != PD_CELL_CAUGHT &&
      matrix->results[PD_REFCOUNT].observed[PD_SCAN] != PD_CELL_CAUGHT) {
    pd_verdict_add(verdict, "No verdict: the reference-count control was not caught");
    return true;
  }
  for (size_t i = 0; i < fleet->count; i++) {
    const struct pd_audit *audit = &fleet->workers[i].audit;
    if (audit->conditions[0] != '\0') {
      pd_verdict_add(verdict, "No verdict: worker %zu is outside it (%s)", i + 1,
                     audit->conditions);
      return true;
    }
    if (!audit->findings[PD_VMFLAGS].available || audit->findings[PD_VMFLAGS].amount == 0) {
      pd_verdict_add(verdict, "No verdict: the kernel would have refused a write to this mapping, "
                              "so a zero says nothing about the code");
      return true;
    }
  }
  if (heap != NULL && pd_fleet_most_unshared(heap) == 0) {
    pd_verdict_add(verdict, "No verdict: the heap control un-shared no page");
    return true;
  }
  return false;
}

void pd_verdict_add_basis(struct pd_verdict *verdict, const struct pd_control_matrix *matrix) {
  unsigned listed = 0;
  unsigned last = 0;
  for (int w = 0; w < PD_VMFLAGS; w++)
    last += verdict->relied_on[w] ? 1 : 0;
  pd_verdict_add(verdict, " (%s tier; witnesses ", verdict->root_tier ? "root" : "user");
  for (int w = 0; w < PD_VMFLAGS; w++) {
    if (!verdict->relied_on[w])
      continue;
    listed++;
    pd_verdict_add(verdict, "%s%s",
                   listed == 1      ? ""
                   : listed == last ? " and "
                                    : ", ",
                   pd_witnesses[w]->name);
  }
  pd_verdict_add(verdict, "; %u of %u control answers as expected", matrix->cells - matrix->wrong,
                 matrix->cells);
  if (matrix->unavailable > 0)
    pd_verdict_add(verdict, ", %u not available here", matrix->unavailable);
  pd_verdict_add(verdict, ").");
}

/* kB witnesses count as well: a worker with private kB but no page named is not at zero. */
static size_t unsharing_workers(const struct pd_fleet *fleet, const struct pd_verdict *verdict) {
  size_t n = 0;
  for (size_t i = 0; i < fleet->count; i++) {
    bool zero = fleet->workers[i].unshared.count == 0;
    n += zero && !pd_verdict_found(verdict, &fleet->workers[i].audit) ? 0 : 1;
  }
  return n;
}

static size_t absent_pages(const struct pd_fleet *fleet) {
  size_t absent = 0;
  for (size_t i = 0; i < fleet->count; i++)
    absent += fleet->workers[i].audit.absent.count;
  return absent;
}

/* What a worker had when its work began and does not have after it. */
static size_t pages_given_back(const struct pd_fleet *fleet) {
  size_t pages = 0;
  for (size_t i = 0; i < fleet->count; i++) {
    const struct pd_worker_result *worker = &fleet->workers[i];
    for (size_t page = 0; page < worker->had.pages; page++) {
      bool gone = pd_pageset_has(&worker->audit.absent, page);
      pages += gone && pd_pageset_has(&worker->had, page) ? 1 : 0;
    }
  }
  return pages;
}

/* Only the scan tells whether what was given back was written before. Forked workers have every
 * page from the start, a process of its own those that it had read by then. */
static bool doubt_absent(const struct pd_fleet *fleet, struct pd_verdict *verdict) {
  char pages[32];
  if (verdict->relied_on[PD_SCAN] || pages_given_back(fleet) == 0)
    return false;
  pd_verdict_add(verdict,
                 "No verdict: %s pages were not present in workers any more, and no witness here "
                 "sees what was done to them before",
                 pd_grouped(pages_given_back(fleet), pages));
  return true;
}

/* Reading nothing proves nothing about reading. */
static bool doubt_idle(const struct pd_fleet *fleet, struct pd_verdict *verdict) {
  for (size_t i = 0; i < fleet->count; i++) {
    if (fleet->workers[i].records == 0) {
      pd_verdict_add(verdict, "No verdict: worker %zu copied no record", i + 1);
      return true;
    }
  }
  return false;
}

void pd_verdict_reach(const struct pd_fleet *fleet, const struct pd_control_matrix *matrix,
                      const struct pd_fleet *heap, struct pd_verdict *verdict) {
  const struct pd_audit **audits = calloc(fleet->count + 1, sizeof *audits);
  memset(verdict, 0, sizeof *verdict);
  if (audits == NULL) {
    verdict->outcome = PD_INCONCLUSIVE;
    pd_verdict_add(verdict, "No verdict: no memory for one");
    return;
  }
  for (size_t i = 0; i < fleet->count; i++)
    audits[i] = &fleet->workers[i].audit;
  pd_verdict_choose(verdict, audits, fleet->count, matrix);
  free(audits);
  size_t dirty = unsharing_workers(fleet, verdict);
  char most[32];
  char of[32];
  size_t pages = fleet->count == 0 ? 0 : fleet->workers[0].unshared.pages;
  if (doubt(fleet, matrix, heap, verdict)) {
    verdict->outcome = PD_INCONCLUSIVE;
  } else if (dirty > 0) {
    verdict->outcome = PD_UNSHARED;
    pd_verdict_add(verdict, "%zu of %zu workers un-shared source pages, up to %zu of %zu", dirty,
                   fleet->count, pd_fleet_most_unshared(fleet), pages);
  } else if (doubt_idle(fleet, verdict) || doubt_absent(fleet, verdict)) {
    verdict->outcome = PD_INCONCLUSIVE;
  } else {
    verdict->outcome = PD_ZERO;
    pd_verdict_add(verdict, "None of the %zu workers un-shared or wrote any of the %s source pages",
                   fleet->count, pd_grouped(pages, of));
    if (absent_pages(fleet) > 0)
      pd_verdict_add(verdict, "; not present, and so neither: %s in all",
                     pd_grouped(absent_pages(fleet), of));
  }
  if (heap != NULL && heap->count > 0 && verdict->outcome != PD_INCONCLUSIVE) {
    size_t heap_pages = heap->workers[0].unshared.pages;
    pd_verdict_add(verdict, ", while the heap control un-shared %s of %s",
                   pd_grouped(pd_fleet_most_unshared(heap), most), pd_grouped(heap_pages, of));
  }
  pd_verdict_add_basis(verdict, matrix);
}
