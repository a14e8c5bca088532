/* Keys and shapes of a region, parsed into private memory that is never written again. */
#ifndef ZTC_SCHEMA_H
#define ZTC_SCHEMA_H

#include <stdint.h>

#include "key.h"
#include "load.h"
#include "ztc/ztc.h"

typedef struct ztc__shape {
  const uint32_t *keys;  /* key numbers, in slot order */
  const uint8_t *types;  /* default type of each slot */
  const uint64_t *order; /* key << 32 | slot, ascending; NULL for small shapes */
  uint32_t count;
} ztc__shape;

struct ztc_schema {
  uint64_t size; /* of the image */
  uint32_t key_count;
  uint32_t shape_count;
  ztc__secret secret; /* of the key table */
  uint32_t mask;      /* of the key table */
  const uint8_t *image;
  const ztc__shape *shapes;
  const uint32_t *key_table; /* key number + 1, or 0 */
};

#define ZTC__NOT_FOUND UINT32_MAX

/* Parses `size` bytes at `offset` of `source`; error->offset counts from the source's start. */
ztc_status ztc__schema_load(ztc__src source, uint64_t offset, uint64_t size, ztc_schema **out,
                            ztc_error *error);
/* The section's layout down to the last byte, beyond what parsing needs. */
ztc_status ztc__schema_check_layout(const ztc_schema *schema, uint64_t offset, ztc_error *error);

ztc_string ztc__schema_key(const ztc_schema *schema, uint32_t number);
/* The key's number, or ZTC__NOT_FOUND. O(size of the key). */
uint32_t ztc__schema_find(const ztc_schema *schema, const ztc__key *key);
/* The slot of a key, or ZTC__NOT_FOUND. O(1) for small shapes, else O(log keys). */
uint32_t ztc__shape_find(const ztc__shape *shape, uint32_t key);

#endif
