/*
 * Which keys of live hashes may be shared with them. A hash entry points to its key in perl's table
 * of shared keys, and every further hash with that key counts itself there: one page is un-shared
 * for a key, once. Data whose keys do not repeat would un-share the whole table that way, so only a
 * bounded number of keys is ever shared with the source; a hash with any other key gets keys of its
 * own.
 */
#ifndef ZT_SHARED_KEYS_H
#define ZT_SHARED_KEYS_H

#include "ahead.h"

enum { ZT_KEYS_SLOTS_LOG2 = 12, ZT_KEYS_SLOTS = 1 << ZT_KEYS_SLOTS_LOG2 };

/* The keys that are shared: open addressing, never more than a quarter full. */
typedef struct zt_shared_keys {
  const HEK *slots[ZT_KEYS_SLOTS];
  uint32_t used;
} zt_shared_keys;

extern __thread zt_shared_keys *zt_keys;

/* Once for the process. */
void zt_shared_keys_init(void);
/* The thread's own, empty. Croaks. */
void zt_shared_keys_make(void);
/* Enters a key in its free slot, if it is worth it. */
bool zt_shared_keys_add(const HEK *key, const HEK **slot);

static inline bool zt_may_share(const HEK *key) {
  size_t i = (uintptr_t)key * UINT64_C(0x9E3779B97F4A7C15) >> (64 - ZT_KEYS_SLOTS_LOG2);
  for (;; i = (i + 1) & (ZT_KEYS_SLOTS - 1)) {
    const HEK **slot = &zt_keys->slots[i];
    if (*slot == key)
      return true;
    if (*slot == NULL)
      return zt_shared_keys_add(key, slot);
  }
}

/* May a copy of this hash, which has buckets, share all of its keys? */
static inline bool zt_may_share_all(HV *from) {
  if (!HvSHAREKEYS(from))
    return false;
  if (zt_keys == NULL)
    zt_shared_keys_make();
  HE *const *const buckets = HvARRAY(from);
  for (STRLEN b = 0; b <= HvMAX(from); b++)
    __builtin_prefetch(buckets[b]);
  for (STRLEN b = 0; b <= HvMAX(from); b++) {
    for (HE *he = buckets[b]; he != NULL; he = HeNEXT(he)) {
      fetch_value(HeVAL(he));
      if (!zt_may_share(HeKEY_hek(he)))
        return false;
    }
  }
  return true;
}

#endif
