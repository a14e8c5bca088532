/*
 * A table from addresses to numbers or pointers. Free of allocation until `small` is full. Where
 * addresses meet in a large one depends on the process: the bytes of a file choose how far its
 * shared nodes lie from each other, and may not choose what looking them up costs.
 */
#ifndef ZTB_SEEN_H
#define ZTB_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ztb_seen_entry {
  const void *key;
  uintptr_t value;
} ztb_seen_entry;

enum { ZTB_SEEN_SMALL = 32 };

typedef struct ztb_seen {
  ztb_seen_entry *entries; /* NULL while nothing was ever added */
  size_t mask;
  size_t used;
  uint64_t factor; /* odd, and secret once `small` was full */
  ztb_seen_entry small[ZTB_SEEN_SMALL];
} ztb_seen;

static inline void ztb_seen_init(ztb_seen *seen) {
  seen->entries = NULL;
  seen->used = 0;
}
/* The value of `key`, or NULL if it was never added. Valid until the next call. */
uintptr_t *ztb_seen_find(const ztb_seen *seen, const void *key);
/* Adds a key, not NULL, that is not there. False: out of memory. */
bool ztb_seen_add(ztb_seen *seen, const void *key, uintptr_t value);
/* Forgets all keys. */
void ztb_seen_clear(ztb_seen *seen);
void ztb_seen_free(ztb_seen *seen);

#endif
