/* Reading the key index (format document, "Key index"). */
#ifndef ZTC_KEY_INDEX_H
#define ZTC_KEY_INDEX_H

#include "header.h"
#include "record_key.h"

/* Fills in region->keys from the section, whose bounds are checked. O(1). Errors: CORRUPT. */
ztc_status ztc__key_index_load(ztc_region *region, const ztc__section *section, const char *name,
                               ztc_error *error);

/* The head of an entry of the key area, loaded once. */
typedef struct ztc__key_entry {
  uint64_t index; /* of the record; not checked */
  uint32_t type;  /* may be 0, which is none */
  uint32_t size;  /* of the canonical bytes, which lie inside the area */
} ztc__key_entry;

static inline ztc__key_entry ztc__key_entry_of(uint64_t head) {
  return (ztc__key_entry){.index = head & ZTC__KEY_INDEX_MASK,
                          .type = (uint32_t)(head >> ZTC__KEY_TYPE_SHIFT) & 3,
                          .size = (uint32_t)(head >> ZTC__KEY_SIZE_SHIFT)};
}
/* What the check of a head is to be: no flipped bit leaves it true. */
static inline uint64_t ztc__key_entry_check(uint64_t head) {
  return 1 + (head & ~ZTC__KEY_CHECK_MASK) % ZTC__KEY_CHECK_DIVISOR;
}
/* `index` is at most ZTC__KEY_INDEX_MASK. */
static inline uint64_t ztc__key_entry_head(uint64_t index, uint32_t type, uint32_t size) {
  const uint64_t head =
      index | (uint64_t)type << ZTC__KEY_TYPE_SHIFT | (uint64_t)size << ZTC__KEY_SIZE_SHIFT;
  return head | ztc__key_entry_check(head) << ZTC__KEY_CHECK_SHIFT;
}
/* 0 is that of a writer who knew of none. */
static inline bool ztc__key_entry_is_sound(uint64_t head) {
  const uint64_t check = (head & ZTC__KEY_CHECK_MASK) >> ZTC__KEY_CHECK_SHIFT;
  return check == 0 || check == ztc__key_entry_check(head);
}
/* Bytes that an entry takes. */
static inline uint64_t ztc__key_entry_size(uint32_t size) {
  return 8 + ztc__align8(size);
}

/* The entry at a place (counted from the section's start). CORRUPT if it leads outside, or if the
   check of its head is not true. */
ztc_status ztc__key_entry_load(const ztc_region *region, uint64_t place, ztc__key_entry *out);
/* NO_SUCH_KEY, or the place and the entry of this key. */
ztc_status ztc__key_find(const ztc_region *region, const ztc__record_key *key, uint64_t *place,
                         ztc__key_entry *entry);

/* Checks every byte of the section behind its bounds and checksum. O(its bytes). */
ztc_status ztc__key_index_check(const ztc_region *region, ztc_error *error);

#endif
