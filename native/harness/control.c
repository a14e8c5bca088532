/* Runs the controls, each in a worker of its own, and holds the answers against the table. */
#include "control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "java.h"
#include "order.h"
#include "pagemap.h"
#include "worker.h"

enum {
  MOST_PLACES = 64,
  FEWEST_FAULTS = 16 /* fewer cannot be told from the faults that any worker has */
};

static const struct {
  const char *name;
  const char *title;
} CONTROLS[PD_CONTROLS] = {
    [PD_CLEAN] = {"clean", "reads only"},
    [PD_REFCOUNT] = {"refcount", "reference-count increment per record"},
    [PD_SILENT_STORE] = {"silent_store", "store of the same value"},
    [PD_FAILED_CAS] = {"failed_cas", "failed compare-and-swap"},
    [PD_READ_INTO] = {"read_into", "read(2) into the region"},
    [PD_DONTNEED] = {"dontneed", "write, then MADV_DONTNEED"},
    [PD_VM_READV] = {"vm_readv", "process_vm_readv of the region"},
};

const char *pd_control_name(enum pd_control_id id) {
  return CONTROLS[id].name;
}

const char *pd_control_title(enum pd_control_id id) {
  return CONTROLS[id].title;
}

/* The places that one control touches, and the pages they lie in. */
struct plan {
  struct pd_strike strike;
  uint64_t places[MOST_PLACES];
  struct pd_pageset *pages;
};

static bool add_place(struct plan *plan, uint64_t offset) {
  size_t page = (size_t)(offset / pd_page_size());
  if (pd_pageset_has(plan->pages, page))
    return false;
  pd_pageset_add(plan->pages, page);
  plan->places[plan->strike.count] = offset;
  plan->strike.count++;
  return true;
}

/* Chooses up to MOST_PLACES pages: by the records visited for the reference counts, else any page
 * but never more than half of a small region. */
static bool choose(struct plan *plan, const struct pd_mapping *mapping,
                   const struct pd_source *source, uint64_t seed) {
  size_t limit = mapping->pages < 2 * MOST_PLACES ? (mapping->pages + 1) / 2 : MOST_PLACES;
  bool by_record = plan->strike.control <= PD_REFCOUNT && source != NULL && source->count > 0;
  for (int attempt = 0; attempt < 16 * MOST_PLACES && plan->strike.count < limit; attempt++) {
    uint64_t offset = 0;
    uint64_t size = 0;
    if (by_record) {
      if (!source->extent(source, pd_random(&seed) % source->count, &offset, &size))
        return false;
      offset = (offset + 7) / 8 * 8;
    } else {
      size_t page = (size_t)(pd_random(&seed) % mapping->pages);
      offset = page * pd_page_size() + pd_random(&seed) % (pd_page_size() / 8) * 8;
    }
    if (offset + 8 <= mapping->pages * pd_page_size())
      add_place(plan, offset);
  }
  plan->strike.base = mapping->base;
  plan->strike.places = plan->places;
  return true;
}

/* The same deed once on the worker's own memory, so that its first use faults nothing in during
 * the measurement. */
static bool rehearse(void *context, struct pd_board *board) {
  static _Alignas(4096) uint8_t own[4096];
  static const uint64_t start[1] = {0};
  const struct plan *plan = context;
  struct pd_strike strike = plan->strike;
  own[0] = 1;
  strike.base = own;
  strike.places = start;
  strike.count = strike.count == 0 ? 0 : 1;
  return pd_strike(&strike, &board->why);
}

static bool perform(void *context, struct pd_board *board) {
  const struct plan *plan = context;
  return pd_strike(&plan->strike, &board->why);
}

/* `noise` is what the clean run faulted: faults corroborate, they do not name pages. */
static enum pd_cell observe(const struct pd_finding *finding, const struct pd_pageset *touched,
                            uint64_t noise) {
  uint64_t k = touched->count;
  if (!finding->available)
    return PD_CELL_UNAVAILABLE;
  switch (finding->unit) {
    case PD_UNIT_PAGES:
      if (finding->pages.count == 0)
        return PD_CELL_BLIND;
      return pd_pageset_equal(&finding->pages, touched) ? PD_CELL_CAUGHT : PD_CELL_WRONG;
    case PD_UNIT_KB:
      if (finding->amount == 0)
        return PD_CELL_BLIND;
      return finding->amount == k * pd_page_size() / 1024 ? PD_CELL_CAUGHT : PD_CELL_WRONG;
    case PD_UNIT_FAULTS:
      return finding->amount >= noise + (k + 1) / 2 ? PD_CELL_CAUGHT : PD_CELL_BLIND;
    default:
      return PD_CELL_BLIND;
  }
}

static void explain(struct pd_control_result *result, int i, const struct pd_finding *finding) {
  char seen[64];
  if (result->observed[i] == PD_CELL_UNAVAILABLE) {
    snprintf(result->detail[i], sizeof result->detail[i], "%.*s", PD_WHY - 1, finding->why);
    return;
  }
  if (finding->unit == PD_UNIT_PAGES) {
    char touched[64];
    pd_pageset_format(&finding->pages, seen, sizeof seen);
    pd_pageset_format(&result->touched, touched, sizeof touched);
    snprintf(result->detail[i], sizeof result->detail[i], "touched %s; reported %s", touched,
             seen[0] == '\0' ? "none" : seen);
  } else {
    snprintf(result->detail[i], sizeof result->detail[i], "touched %zu pages; reported %llu%s",
             result->touched.count, (unsigned long long)finding->amount,
             finding->unit == PD_UNIT_KB ? " kB" : " faults");
  }
}

/* Faults corroborate where there are enough of them. */
static void too_few_faults(struct pd_control_matrix *matrix, struct pd_control_result *result) {
  result->observed[PD_FAULTS] = PD_CELL_UNAVAILABLE;
  matrix->unavailable++;
  snprintf(result->detail[PD_FAULTS], sizeof result->detail[PD_FAULTS],
           "%zu pages are too few to tell their faults from others", result->touched.count);
}

/* A cell that the table does not ask for: it may see something, but nothing that names a deed. */
static const char *why_not_asked(const struct pd_control_matrix *matrix,
                                 const struct pd_finding *finding) {
  return !finding->available            ? finding->why
         : matrix->tier == PD_TIER_FORK ? "the faults of the other deeds are held against these"
                                        : "a JVM's own faults drown them";
}

/* "Blind" and "no effect" look the same from a witness; the table tells them apart. */
static void judge(struct pd_control_matrix *matrix, struct pd_control_result *result,
                  const struct pd_audit *audit) {
  for (int i = 0; i < PD_VMFLAGS; i++) {
    const struct pd_finding *finding = &audit->findings[i];
    enum pd_cell expected =
        pd_expected(matrix->tier, matrix->mapping, result->id, (enum pd_witness_id)i);
    result->expected[i] = expected;
    result->amount[i] = finding->amount;
    if (expected == PD_CELL_UNAVAILABLE) {
      result->observed[i] = expected;
      snprintf(result->detail[i], sizeof result->detail[i], "%s", why_not_asked(matrix, finding));
      continue;
    }
    if (finding->unit == PD_UNIT_FAULTS && result->touched.count < FEWEST_FAULTS) {
      too_few_faults(matrix, result);
      continue;
    }
    enum pd_cell observed =
        observe(finding, &result->touched, matrix->results[PD_CLEAN].amount[PD_FAULTS]);
    if (observed == PD_CELL_BLIND && expected == PD_CELL_NO_EFFECT)
      observed = PD_CELL_NO_EFFECT;
    result->observed[i] = observed;
    if (observed == PD_CELL_UNAVAILABLE) {
      matrix->unavailable++;
    } else {
      matrix->cells++;
      if (observed != expected)
        matrix->wrong++;
    }
    if (observed != expected)
      explain(result, i, finding);
  }
}

struct originals {
  uint8_t *bytes;
};

/* A shared mapping keeps what a control does to it; the next control needs the old content. */
static bool save(struct originals *originals, const struct pd_mapping *mapping,
                 const struct plan *plan) {
  size_t page = pd_page_size();
  originals->bytes = NULL;
  if (!pd_mapping_is_shared(mapping->kind))
    return true;
  originals->bytes = malloc(plan->strike.count * page + 1);
  if (originals->bytes == NULL)
    return false;
  for (size_t i = 0; i < plan->strike.count; i++) {
    memcpy(originals->bytes + i * page, mapping->base + plan->places[i] / page * page, page);
  }
  return true;
}

static void restore(struct originals *originals, const struct pd_mapping *mapping,
                    const struct plan *plan) {
  size_t page = pd_page_size();
  for (size_t i = 0; originals->bytes != NULL && i < plan->strike.count; i++) {
    memcpy(mapping->base + plan->places[i] / page * page, originals->bytes + i * page, page);
  }
  free(originals->bytes);
}

static bool start_worker(const struct pd_host *host, struct pd_worker *worker,
                         const struct pd_mapping *mapping, struct plan *plan,
                         struct pd_java_task *task, struct pd_error *error) {
  if (host->tier == PD_TIER_FORK)
    return pd_worker_start(worker, mapping, rehearse, perform, plan, error);
  if (!pd_java_task_strike(task, host->java, host->tier, mapping, &plan->strike))
    return pd_fail(error, "no memory for a worker");
  return pd_java_start(worker, mapping, task, error);
}

/* Takes a started worker to the end of its deed; a deed that cannot be done here is a finding of
 * its own and no failure. */
static bool run_worker(struct pd_worker *worker, const struct pd_mapping *mapping,
                       struct pd_digests *digests, struct pd_audit *audit,
                       struct pd_control_result *result, struct pd_error *error) {
  struct pd_target target;
  if (!pd_worker_await(worker, error)) {
    if (worker->pid <= 0 || worker->program) /* which rehearses nothing */
      return false;
    result->available = false;
    snprintf(result->why, sizeof result->why, "%.*s", PD_WHY - 1, error->text);
    return true;
  }
  if (!pd_worker_target(worker, mapping, &target, error) ||
      !pd_audit_init(audit, &target, pd_worker_arming(worker, mapping), digests, error)) {
    return false;
  }
  pd_audit_arm(audit);
  if (!pd_worker_release(worker, error) || !pd_worker_await(worker, error))
    return false;
  pd_audit_finish(audit);
  return true;
}

static bool run_one(const struct pd_host *host, const struct pd_mapping *mapping,
                    const struct pd_source *source, struct pd_digests *digests, uint64_t seed,
                    struct pd_control_matrix *matrix, struct pd_control_result *result,
                    struct pd_error *error) {
  struct plan plan = {.strike = {.control = result->id}, .pages = &result->touched};
  struct pd_worker worker = {0};
  struct pd_audit audit = {0};
  struct originals originals = {NULL};
  struct pd_java_task task = {NULL};
  result->available = true;
  if (!pd_pageset_init(&result->touched, mapping->pages) || !choose(&plan, mapping, source, seed) ||
      !save(&originals, mapping, &plan)) {
    return pd_fail(error, "control %s cannot be prepared", pd_control_name(result->id));
  }
  /* The source is as it was at the end of the control before. */
  if (digests != NULL)
    digests->have_after = false;
  bool ok = start_worker(host, &worker, mapping, &plan, &task, error) &&
            run_worker(&worker, mapping, digests, &audit, result, error);
  if (result->id == PD_CLEAN)
    pd_pageset_clear(&result->touched); /* visited, not touched */
  if (ok && result->available)
    judge(matrix, result, &audit);
  if (ok && !result->available)
    matrix->unavailable += PD_VMFLAGS;
  pd_audit_free(&audit);
  pd_worker_end(&worker);
  pd_java_task_free(&task);
  restore(&originals, mapping, &plan);
  return ok;
}

/* As much of the table as can be filled in where there can be no such worker. */
static void none_here(struct pd_control_matrix *matrix) {
  for (int i = 0; i < PD_CONTROLS; i++) {
    snprintf(matrix->results[i].why, sizeof matrix->results[i].why,
             "a program of its own inherits no memory");
  }
}

bool pd_controls_run(const struct pd_host *host, const struct pd_mapping *mapping,
                     const struct pd_source *source, struct pd_digests *digests, uint64_t seed,
                     struct pd_control_matrix *matrix, struct pd_error *error) {
  memset(matrix, 0, sizeof *matrix);
  matrix->tier = host->tier;
  matrix->mapping = mapping->kind;
  /* What workers left behind in a shared mapping is not the controls' doing. */
  if (digests != NULL && digests->have_after)
    pd_digests_continue(digests);
  for (int i = 0; i < PD_CONTROLS; i++) {
    matrix->results[i].id = (enum pd_control_id)i;
    if (pd_tier_has(host->tier, mapping->kind) &&
        !run_one(host, mapping, source, digests, seed + (uint64_t)i, matrix, &matrix->results[i],
                 error)) {
      return false;
    }
  }
  if (!pd_tier_has(host->tier, mapping->kind))
    none_here(matrix);
  return true;
}

void pd_controls_free(struct pd_control_matrix *matrix) {
  for (int i = 0; i < PD_CONTROLS; i++)
    pd_pageset_free(&matrix->results[i].touched);
}
