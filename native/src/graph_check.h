/* Checking that what a record says about its copy is true: the strict reading of format 3.8. */
#ifndef ZTC_GRAPH_CHECK_H
#define ZTC_GRAPH_CHECK_H

#include "graph.h"
#include "strict.h"

typedef struct ztc__graph_checker ztc__graph_checker;

/* NULL: out of memory, of which it takes a constant for each shared extent. */
ztc__graph_checker *ztc__graph_checker_create(const ztc_region *region);
void ztc__graph_checker_free(ztc__graph_checker *checker);

/*
 * Checks a record that is not closed: `bytes` are private and have passed ztc__checker_extent,
 * which found its `count` references at `refs`; shared extents have passed as well. On failure *at
 * is the offset in the record and *what says why. O(references of the copy x log of its extents).
 */
ztc_status ztc__graph_check(ztc__graph_checker *checker, const ztc__extent *record,
                            const uint8_t *bytes, const ztc__outgoing *refs, size_t count,
                            uint32_t *at, const char **what);

#endif
