#include "inherit_control.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit_mapping.h"
#include "control.h"
#include "inherit.h"
#include "order.h"
#include "pagemap.h"
#include "worker.h"

enum { MOST_PLACES = 32 };

static const char *const KINDS[PD_INHERITED_KINDS] = {
    [PD_INHERITED_MEMORY] = "memory",
    [PD_INHERITED_FILE] = "file",
    [PD_INHERITED_UNTOUCHED] = "untouched file",
};

/* `strike` points into the same object: it stays where it is. */
struct deed {
  enum pd_inherited_kind kind;
  const struct pd_mapping *mapping;
  struct pd_strike strike;
  uint64_t places[MOST_PLACES];
  struct pd_pageset touched;
};

static bool choose(struct deed *deed, enum pd_inherited_kind kind, const struct pd_mapping *mapping,
                   enum pd_control_id id, uint64_t seed) {
  memset(deed, 0, sizeof *deed);
  deed->kind = kind;
  deed->mapping = mapping;
  deed->strike.control = id;
  deed->strike.base = mapping->base;
  deed->strike.places = deed->places;
  if (!pd_pageset_init(&deed->touched, mapping->pages))
    return false;
  while (deed->strike.count < MOST_PLACES && deed->strike.count < mapping->pages / 2) {
    size_t page = (size_t)(pd_random(&seed) % mapping->pages);
    if (pd_pageset_has(&deed->touched, page))
      continue;
    pd_pageset_add(&deed->touched, page);
    deed->places[deed->strike.count] = page * pd_page_size();
    deed->strike.count++;
  }
  if (id == PD_CLEAN)
    pd_pageset_clear(&deed->touched); /* read, not touched */
  return true;
}

static bool prepare(void *context, struct pd_board *board) {
  const struct deed *deed = context;
  (void)board;
  if (deed->kind != PD_INHERITED_UNTOUCHED)
    pd_mapping_sweep(deed->mapping);
  return true;
}

static bool perform(void *context, struct pd_board *board) {
  const struct deed *deed = context;
  return pd_strike(&deed->strike, &board->why);
}

/* What was said of the pages of the mapping. */
static bool cut_out(const struct pd_inheritance *worker, const struct pd_mapping *mapping,
                    enum pd_inherit_answer answer, struct pd_pageset *out) {
  uintptr_t base = (uintptr_t)mapping->base;
  for (size_t m = 0; m < worker->count; m++) {
    const struct pd_inherited_mapping *inherited = &worker->mappings[m];
    const struct pd_pageset *pages =
        answer == PD_SAID_UNSHARED ? &inherited->unshared : &inherited->dropped;
    if (base < inherited->start || base >= inherited->start + inherited->pages * pd_page_size())
      continue;
    size_t first = (base - inherited->start) / pd_page_size();
    for (size_t i = 0; i < mapping->pages; i++) {
      if (pd_pageset_has(pages, first + i))
        pd_pageset_add(out, i);
    }
    return true;
  }
  return false;
}

static enum pd_cell observe(const struct pd_pageset *seen, const struct pd_pageset *touched,
                            enum pd_cell expected) {
  if (seen->count == 0)
    return expected == PD_CELL_NO_EFFECT ? expected : PD_CELL_BLIND;
  return pd_pageset_equal(seen, touched) ? PD_CELL_CAUGHT : PD_CELL_WRONG;
}

static bool compare(const struct pd_inheritance *worker, const struct deed *deed,
                    enum pd_inherit_answer answer, struct pd_inherit_controls *controls,
                    struct pd_error *error) {
  enum pd_cell expected = pd_expected_inherited(deed->kind, deed->strike.control, answer);
  struct pd_pageset seen;
  if (!pd_pageset_init(&seen, deed->mapping->pages))
    return pd_fail(error, "no memory for a control");
  bool found = cut_out(worker, deed->mapping, answer, &seen);
  enum pd_cell observed = observe(&seen, &deed->touched, expected);
  controls->cells++;
  controls->wrong += observed == expected ? 0 : 1;
  if (observed != expected && controls->detail[0] == '\0') {
    char reported[64];
    pd_pageset_format(&seen, reported, sizeof reported);
    snprintf(controls->detail, sizeof controls->detail, "%s, %s: expected %s, observed %s: %s",
             KINDS[deed->kind], pd_control_name(deed->strike.control), pd_cell_name(expected),
             pd_cell_name(observed), reported);
  }
  pd_pageset_free(&seen);
  return found || pd_fail(error, "a control's worker did not inherit the memory");
}

/* A deed that cannot be done here is no failure. */
static bool run_one(bool frames, struct deed *deed, struct pd_inherit_controls *controls,
                    struct pd_error *error) {
  struct pd_worker worker = {0};
  struct pd_inheritance inheritance = {0};
  bool ok = pd_worker_start(&worker, NULL, prepare, perform, deed, error) &&
            pd_worker_await(&worker, error) &&
            pd_inherit_snapshot(&inheritance, getpid(), worker.pid, error) &&
            pd_worker_release(&worker, error);
  if (ok && !pd_worker_await(&worker, error)) {
    ok = worker.pid > 0;
    controls->unavailable += PD_INHERIT_ANSWERS;
  } else if (ok) {
    ok = pd_inherit_measure(&inheritance, frames, error);
    for (int answer = 0; ok && answer < PD_INHERIT_ANSWERS; answer++)
      ok = compare(&inheritance, deed, (enum pd_inherit_answer)answer, controls, error);
  }
  pd_inherit_free(&inheritance);
  pd_worker_end(&worker);
  return ok;
}

/* A file's pages are shared with the file as well: this process may let go of them. */
static bool open_kind(struct pd_mapping *mapping, enum pd_inherited_kind kind, int fd, size_t size,
                      struct pd_error *error) {
  enum pd_mapping_kind of = kind == PD_INHERITED_MEMORY ? PD_ANON : PD_FILE_PRIVATE;
  if (!pd_mapping_open(mapping, of, fd, size, NULL, NULL, error))
    return false;
  if (kind != PD_INHERITED_UNTOUCHED ||
      madvise(mapping->base, mapping->pages * pd_page_size(), MADV_DONTNEED) == 0)
    return true;
  pd_mapping_close(mapping);
  return pd_fail_errno(error, "the pages of a control cannot be given back");
}

bool pd_inherit_controls_run(int fd, size_t size, bool frames, uint64_t seed,
                             struct pd_inherit_controls *controls, struct pd_error *error) {
  bool ok = true;
  memset(controls, 0, sizeof *controls);
  for (int kind = 0; ok && kind < PD_INHERITED_KINDS; kind++) {
    struct pd_mapping mapping;
    ok = open_kind(&mapping, (enum pd_inherited_kind)kind, fd, size, error);
    for (int i = 0; ok && i < PD_CONTROLS; i++) {
      struct deed deed;
      ok = choose(&deed, (enum pd_inherited_kind)kind, &mapping, (enum pd_control_id)i,
                  seed + (uint64_t)i)
               ? run_one(frames, &deed, controls, error)
               : pd_fail(error, "no memory for a control");
      pd_pageset_free(&deed.touched);
    }
    pd_mapping_close(&mapping);
  }
  return ok;
}
