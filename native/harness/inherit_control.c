#include "inherit_control.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control.h"
#include "inherit.h"
#include "order.h"
#include "pagemap.h"
#include "worker.h"

enum { MOST_PLACES = 32 };

/* `strike` points into the same object: it stays where it is. */
struct deed {
  struct pd_strike strike;
  uint64_t places[MOST_PLACES];
  struct pd_pageset touched;
};

static bool choose(struct deed *deed, const struct pd_mapping *mapping, enum pd_control_id id,
                   uint64_t seed) {
  memset(deed, 0, sizeof *deed);
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

static bool compare(const struct pd_inheritance *worker, const struct pd_mapping *mapping,
                    const struct deed *deed, enum pd_inherit_answer answer,
                    struct pd_inherit_controls *controls, struct pd_error *error) {
  enum pd_cell expected = pd_expected_inherited(deed->strike.control, answer);
  struct pd_pageset seen;
  if (!pd_pageset_init(&seen, mapping->pages))
    return pd_fail(error, "no memory for a control");
  bool found = cut_out(worker, mapping, answer, &seen);
  enum pd_cell observed = observe(&seen, &deed->touched, expected);
  controls->cells++;
  controls->wrong += observed == expected ? 0 : 1;
  if (observed != expected && controls->detail[0] == '\0') {
    char reported[64];
    pd_pageset_format(&seen, reported, sizeof reported);
    snprintf(controls->detail, sizeof controls->detail, "%s: expected %s, observed %s: %s",
             pd_control_name(deed->strike.control), pd_cell_name(expected), pd_cell_name(observed),
             reported);
  }
  pd_pageset_free(&seen);
  return found || pd_fail(error, "a control's worker did not inherit the memory");
}

/* A deed that cannot be done here is no failure. */
static bool run_one(const struct pd_mapping *mapping, bool frames, struct deed *deed,
                    struct pd_inherit_controls *controls, struct pd_error *error) {
  struct pd_worker worker = {0};
  struct pd_inheritance inheritance = {0};
  bool ok = pd_worker_start(&worker, mapping, NULL, perform, deed, error) &&
            pd_worker_await(&worker, error) &&
            pd_inherit_snapshot(&inheritance, getpid(), worker.pid, error) &&
            pd_worker_release(&worker, error);
  if (ok && !pd_worker_await(&worker, error)) {
    ok = worker.pid > 0;
    controls->unavailable += PD_INHERIT_ANSWERS;
  } else if (ok) {
    ok = pd_inherit_measure(&inheritance, frames, error);
    for (int answer = 0; ok && answer < PD_INHERIT_ANSWERS; answer++) {
      ok = compare(&inheritance, mapping, deed, (enum pd_inherit_answer)answer, controls, error);
    }
  }
  pd_inherit_free(&inheritance);
  pd_worker_end(&worker);
  return ok;
}

bool pd_inherit_controls_run(const struct pd_mapping *mapping, bool frames, uint64_t seed,
                             struct pd_inherit_controls *controls, struct pd_error *error) {
  bool ok = true;
  memset(controls, 0, sizeof *controls);
  for (int i = 0; ok && i < PD_CONTROLS; i++) {
    struct deed deed;
    ok = choose(&deed, mapping, (enum pd_control_id)i, seed + (uint64_t)i)
             ? run_one(mapping, frames, &deed, controls, error)
             : pd_fail(error, "no memory for a control");
    pd_pageset_free(&deed.touched);
  }
  return ok;
}
