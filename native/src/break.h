/*
 * Test only, and nothing unless asked for: breaks invariant 1 on purpose, so that a test can show
 * that the suite and page diff notice. ZTC_BREAK_INVARIANT_1=1 counts copies in the handle,
 * ZTC_BREAK_INVARIANT_1=2 "caches" a word of each record where the record lies.
 */
#ifndef ZTC_BREAK_H
#define ZTC_BREAK_H

#include "region.h"

#ifndef ZTC_BREAK_INVARIANT_1
#define ZTC_BREAK_INVARIANT_1 0
#endif

static inline void ztc__break_invariant(const ztc_region *region, uint64_t offset) {
#if ZTC_BREAK_INVARIANT_1 == 1
  (void)offset;
  ++((ztc_region *)(uintptr_t)region)->hits;
#elif ZTC_BREAK_INVARIANT_1 == 2
  volatile uint64_t *cache = (volatile uint64_t *)(uintptr_t)ztc__address(region->source, offset);
  *cache = ztc__load64(region->source, offset);
#else
  (void)region;
  (void)offset;
#endif
}

#endif
