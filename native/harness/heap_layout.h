/* The objects of the story's control, as they lie in memory. Internal to heap*.c. */
#ifndef PD_HEAP_LAYOUT_H
#define PD_HEAP_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum kind { NUMBER, STRING, LIST, MAP, NIL };

struct object {
  uint64_t references;
  uint16_t kind;
  uint16_t shared; /* more than one reference leads here: copies must keep its identity */
  uint32_t size;   /* bytes of a string, elements of a container */
};

struct number {
  struct object head;
  uint64_t bits;
};

struct string {
  struct object head;
  uint64_t hash;
  uint8_t bytes[];
};

struct list {
  struct object head;
  struct object **items;
};

struct entry {
  struct string *key;
  struct object *value;
};

struct map {
  struct object head;
  struct entry *entries;
};

struct pd_heap_private {
  struct object **roots; /* in the arena: the parent's array of records */
  uint64_t *starts;      /* not in it: where each record's objects begin */
  size_t used;
  struct object *nil;
  struct string **keys; /* interned keys, open addressing, a power of two */
  size_t key_slots;
  size_t key_count;
};

#endif
