/* A shape of the region as a hash: its keys in perl's table, its buckets worked out. */
#ifndef ZT_SHAPE_H
#define ZT_SHAPE_H

#include "zt.h"

struct zt_shape {
  uint32_t count;
  uint32_t max;         /* of the hash that holds it */
  bool utf8;            /* HvHASKFLAGS */
  const uint8_t *types; /* default types, in the schema's image */
  struct {
    HEK *key;
    uint32_t bucket;
  } entries[];
};

/* Number of keys of shape `number`, which is < shape_count. */
uint32_t zt_shape_count(const zt_region *region, uint32_t number);
const zt_shape *zt_shape_make(pTHX_ zt_region *region, uint32_t number);

static inline const zt_shape *zt_shape_get(pTHX_ zt_region *region, uint32_t number) {
  const zt_shape *shape = region->shapes[number];
  return shape != NULL ? shape : zt_shape_make(aTHX_ region, number);
}

#endif
