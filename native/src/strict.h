/* Checking one extent's bytes down to the last bit: the strict reading of the format. */
#ifndef ZTC_STRICT_H
#define ZTC_STRICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema.h"
#include "ztc/ztc.h"

typedef struct ztc__checker ztc__checker;

/* A slot that references another extent; all offsets from the extent's start. */
typedef struct ztc__outgoing {
  uint32_t node;
  uint32_t slot;
  uint32_t target; /* in a record: the node in its copy and the bytes to its end */
  uint32_t extent;
} ztc__outgoing;

ztc__checker *ztc__checker_create(const ztc_schema *schema, uint64_t shared_count);
void ztc__checker_free(ztc__checker *checker);

/*
 * Checks the `size` private bytes of an extent that the index calls closed or not, a record or a
 * shared one. On failure *at is the offset in the extent and *what says why. O(size), no recursion.
 */
ztc_status ztc__checker_extent(ztc__checker *checker, const uint8_t *bytes, uint32_t size,
                               bool closed, bool is_record, uint32_t *at, const char **what);
/* The references out of the extent that was checked last, depth first. They have no further than
   their form checked where the extent is a record. */
const ztc__outgoing *ztc__checker_outgoing(const ztc__checker *checker, size_t *count);

#endif
