/* Format document, section 2. The image was checked when the region was opened. */
#include "shape.h"

#include "fresh.h"

enum { SCHEMA_HEADER = 16 };

static inline uint32_t load32(const uint8_t *p) {
  uint32_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

static const uint8_t *shape_entry(const zt_region *region, uint32_t number) {
  return region->schema + SCHEMA_HEADER + 8 * ((uint64_t)region->key_count + number);
}

uint32_t zt_shape_count(const zt_region *region, uint32_t number) {
  return load32(shape_entry(region, number) + 4);
}

static HEK *shared_key(pTHX_ zt_region *region, uint32_t number) {
  const uint8_t *entry = region->schema + SCHEMA_HEADER + 8 * (uint64_t)number;
  const uint32_t tagged = load32(entry + 4);
  const I32 size = (I32)(tagged & 0x3fffffff);
  const bool utf8 = tagged >> 30 == ZTC_UTF8;
  const char *text = (const char *)region->schema + load32(entry);
  SV *sv = newSVpvn_share(text, utf8 ? -size : size, 0);
  av_push(region->keys, sv); /* shapes may have keys in common: each holds its own count */
  return SvSHARED_HEK_FROM_PV(SvPVX_const(sv));
}

const zt_shape *zt_shape_make(pTHX_ zt_region *region, uint32_t number) {
  const uint8_t *entry = shape_entry(region, number);
  const uint8_t *body = region->schema + load32(entry);
  const uint32_t count = load32(entry + 4);
  char *block;
  Newxz(block, sizeof(zt_shape) + count * sizeof((zt_shape *)NULL)->entries[0], char);
  zt_shape *shape = (zt_shape *)(void *)block;
  shape->count = count;
  shape->max = (uint32_t)zt_hv_max_for(count);
  shape->types = body + 4ull * count;
  for (uint32_t i = 0; i < count; i++) {
    HEK *key = shared_key(aTHX_ region, load32(body + 4ull * i));
    shape->entries[i].key = key;
    shape->entries[i].bucket = HEK_HASH(key) & shape->max;
    if (HEK_UTF8(key)) shape->utf8 = true;
  }
  region->shapes[number] = shape;
  return shape;
}
