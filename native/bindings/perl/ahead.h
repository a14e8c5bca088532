/*
 * Live data is scattered, and each step to it waits for the one before. So what the next elements
 * need is asked for early: first where they are, then what they point to. Hints, never faults.
 */
#ifndef ZT_AHEAD_H
#define ZT_AHEAD_H

#include "zt.h"

static inline void fetch_value(const SV *sv) {
  __builtin_prefetch(sv);
}

static inline void fetch_content(const SV *sv) {
  __builtin_prefetch(SvANY(sv));
  __builtin_prefetch(sv->sv_u.svu_pv);
}

/* What was made together lies together: around the first value there are, as a rule, the other
 * ones. */
enum { LINE = 64, LINES_BELOW = 5, LINES_ABOVE = 5 };

static inline void fetch_around(const SV *sv) {
  const char *const at = (const char *)sv;
  for (int i = -LINES_BELOW; i <= LINES_ABOVE; i++)
    __builtin_prefetch(at + i * LINE);
}

/* The other heads in that page are read before anybody asked for them: what they point to is then
 * on its way together with what the first value points to, and not two misses later. If the page
 * holds anything else there, wrong places are asked for, which does no harm. */
enum { HEADS_BELOW = 13, HEADS_ABOVE = 10, ZT_PAGE = 4096 };

__attribute__((no_sanitize("address"))) static inline void fetch_neighbours(const SV *sv) {
  const uintptr_t page = (uintptr_t)sv & ~(uintptr_t)(ZT_PAGE - 1);
  for (int i = -HEADS_BELOW; i <= HEADS_ABOVE; i++) {
    const SV *const neighbour = sv + i;
    const uintptr_t at = (uintptr_t)neighbour;
    if (at < page || at > page + ZT_PAGE - sizeof *neighbour)
      continue;
    const svtype type = SvTYPE(neighbour);
    if (type == SVt_PV || type == SVt_PVHV || type == SVt_PVAV)
      fetch_content(neighbour);
  }
}

/* Of containers that wait: what their bodies led to, so that the first elements of one arrive while
   another one is filled. */
enum { CONTAINERS_AHEAD = 8, INSIDE_AHEAD = 8, FILLED_AHEAD = 2 };

static inline void fetch_inside(const SV *sv) {
  if (SvTYPE(sv) == SVt_PVAV) {
    SV *const *const elements = AvARRAY((const AV *)sv);
    const SSize_t last = AvFILLp((const AV *)sv);
    for (SSize_t i = 0; i <= last && i < INSIDE_AHEAD; i++)
      fetch_value(elements[i]);
  } else if (SvTYPE(sv) == SVt_PVHV && HvARRAY((const HV *)sv) != NULL) {
    HE *const *const buckets = HvARRAY((const HV *)sv);
    const STRLEN max = HvMAX((const HV *)sv);
    for (STRLEN b = 0; b <= max && b < INSIDE_AHEAD; b++)
      __builtin_prefetch(buckets[b]);
  }
}

#endif
