/*
 * The slots of the key index, made from all keys at once, in memory that does not grow with their
 * number: keys are spread over buckets by the top bits of their hash, and each bucket is sorted.
 */
#ifndef ZTC_KEY_BUILD_H
#define ZTC_KEY_BUILD_H

#include "key_log.h"

typedef struct ztc__key_slots {
  ztc__spill file; /* the slots; flushed */
  uint64_t seed;
  uint64_t homes;
  uint32_t distance; /* the greatest */
} ztc__key_slots;

/*
 * Flushes the log and makes the slots; takes another seed, up to a few times, if a key would be
 * more than `most` slots away from its home. ztc__key_slots_free is due in any case. Errors:
 * DUPLICATE_KEY (the message names the key and both records), TOO_LARGE, NO_MEMORY, IO.
 */
ztc_status ztc__key_slots_build(ztc__key_slots *out, ztc__key_log *log, uint32_t most,
                                const ztc__staging *staging, ztc_error *error);
void ztc__key_slots_free(ztc__key_slots *slots);

#endif
