#include "seen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/* The same for the life of a process. Not the bytes themselves, with which the C library guards its
   stacks. */
static uint64_t secret(void) {
  uint64_t random[2] = {0}; /* AT_RANDOM's 16 bytes */
  const void *given = (const void *)getauxval(AT_RANDOM);
  if (given != NULL)
    memcpy(random, given, sizeof random);
  const uint64_t mixed = random[0] * GOLDEN ^ (random[1] >> 29 ^ random[1]) * (GOLDEN << 1 | 1);
  return mixed ^ mixed >> 32;
}

static ztb_seen_entry *place(const ztb_seen *seen, const void *key) {
  uint64_t hash = ((uintptr_t)key >> 3) * seen->factor;
  hash = (hash ^ hash >> 32) * GOLDEN;
  size_t slot = (size_t)(hash >> 32);
  while (seen->entries[slot & seen->mask].key != NULL &&
         seen->entries[slot & seen->mask].key != key) {
    slot++;
  }
  return &seen->entries[slot & seen->mask];
}

uintptr_t *ztb_seen_find(const ztb_seen *seen, const void *key) {
  if (seen->used == 0)
    return NULL;
  ztb_seen_entry *entry = place(seen, key);
  return entry->key != NULL ? &entry->value : NULL;
}

static bool grow(ztb_seen *seen) {
  ztb_seen_entry *const old = seen->entries;
  const size_t old_size = seen->mask + 1;
  ztb_seen_entry *entries = calloc(old_size * 4, sizeof *entries);
  if (entries == NULL)
    return false;
  seen->entries = entries;
  seen->mask = old_size * 4 - 1;
  seen->factor = secret() | 1;
  for (size_t i = 0; i < old_size; i++) {
    if (old[i].key != NULL)
      *place(seen, old[i].key) = old[i];
  }
  if (old != seen->small)
    free(old);
  return true;
}

bool ztb_seen_add(ztb_seen *seen, const void *key, uintptr_t value) {
  if (seen->entries == NULL) {
    memset(seen->small, 0, sizeof seen->small);
    seen->entries = seen->small;
    seen->mask = ZTB_SEEN_SMALL - 1;
    seen->factor = 1;
  } else if (seen->used >= (seen->mask + 1) / 2 && !grow(seen)) {
    return false;
  }
  *place(seen, key) = (ztb_seen_entry){.key = key, .value = value};
  seen->used++;
  return true;
}

void ztb_seen_clear(ztb_seen *seen) {
  if (seen->used == 0)
    return;
  if (seen->mask >= 4096) {
    ztb_seen_free(seen);
  } else {
    memset(seen->entries, 0, (seen->mask + 1) * sizeof *seen->entries);
  }
  seen->used = 0;
}

void ztb_seen_free(ztb_seen *seen) {
  if (seen->entries != seen->small)
    free(seen->entries);
  ztb_seen_init(seen);
}
