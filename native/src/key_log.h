/*
 * The keys of a writer's records on their way into the key index: one entry a key, as in the file,
 * in the order of the records, in a side file that comes with the first one.
 */
#ifndef ZTC_KEY_LOG_H
#define ZTC_KEY_LOG_H

#include "buffer.h"
#include "spill.h"
#include "staging.h"

typedef struct ztc__key_log {
  ztc__spill file; /* fd -1 until there is one */
  uint64_t count;
  uint64_t seed;     /* for the hash: follows from all entries so far */
  ztc__buffer entry; /* of the record that is being built, if `given` */
  uint32_t entry_type;
  uint32_t entry_size;
  bool given;
} ztc__key_log;

/* The key of the record that is being built. Errors: as ztc__record_key_init, and NO_MEMORY. */
ztc_status ztc__key_log_set(ztc__key_log *log, const ztc_key *key, uint64_t *bad);
/* That record is complete and has this index, at most ZTC__KEY_INDEX_MASK. Errors: IO and the like.
 */
ztc_status ztc__key_log_append(ztc__key_log *log, uint64_t index, const ztc__staging *staging,
                               ztc_error *error);
void ztc__key_log_free(ztc__key_log *log);

#endif
