/*
 * Keys and shapes under construction: the writer's side of the schema section.
 *
 * Looking up does not change anything, so that several encoders can share an interner between two
 * admissions. Only ztc__intern_admit adds, and it is called record by record, in order, for the
 * key lists that a record's encoder did not find. The result depends on nothing else.
 *
 * Which key lists become shapes:
 *   - never those of more than ZTC__SHAPE_KEYS_MAX keys, or that would pass a cap of the format;
 *   - at first sight, while there are fewer than ZTC__SHAPES_FREE shapes in less than
 *     ZTC__SCHEMA_FREE bytes;
 *   - later at second sight, if the first is among the last ones remembered (a fixed table).
 * All other maps are stored as DICT. So keys that do not repeat fill neither the section nor
 * memory.
 */
#ifndef ZTC_INTERN_H
#define ZTC_INTERN_H

#include <stdbool.h>

#include "buffer.h"
#include "secret.h"
#include "text.h"

enum {
  ZTC__SHAPE_KEYS_MAX = 1024,
  ZTC__SHAPES_FREE = 256,
  ZTC__SCHEMA_FREE = 64 * 1024,
  ZTC__SIGHTS = 65536
};
#define ZTC__NONE UINT32_MAX

/* A key of a map under construction, and the type of its value. */
typedef struct ztc__map_key {
  uint64_t place;  /* of the key's text, if it has no number */
  uint32_t number; /* in the interner, or ZTC__NONE */
  uint32_t size;
  uint8_t kind;
  uint8_t type;
} ztc__map_key;

typedef struct ztc__key_entry {
  uint32_t place; /* in `bytes` */
  uint32_t size;
  uint32_t hash;
  uint8_t kind;
} ztc__key_entry;

typedef struct ztc__shape_entry {
  uint32_t first; /* in shape_keys and shape_types */
  uint32_t count;
  uint32_t hash;
} ztc__shape_entry;

ZTC__DEFINE_STACK(ztc__key_entries, ztc__key_entry);
ZTC__DEFINE_STACK(ztc__shape_entries, ztc__shape_entry);
ZTC__DEFINE_STACK(ztc__numbers, uint32_t);

/* Open addressing, linear probing: number + 1, or 0. */
typedef struct ztc__hash_table {
  uint32_t *slots;
  uint32_t mask;
} ztc__hash_table;

typedef struct ztc__interner {
  ztc__key_entries keys;
  ztc__shape_entries shapes;
  ztc__numbers shape_keys;
  ztc__buffer shape_types;
  ztc__buffer bytes;
  ztc__hash_table key_table;
  ztc__hash_table shape_table;
  uint64_t bodies_size;
  ztc__secret secret; /* of the two tables, and of the labels of tapes */
  uint64_t *sights;   /* hashes of key lists seen once, by their low bits */
} ztc__interner;

/* False: out of memory. Zeroed by the caller before; ztc__intern_free is due either way. */
bool ztc__intern_init(ztc__interner *interner);
void ztc__intern_free(ztc__interner *interner);

static inline ztc__text ztc__intern_key(const ztc__interner *interner, uint32_t number) {
  const ztc__key_entry *key = &interner->keys.at[number];
  return (ztc__text){
      .data = interner->bytes.data + key->place, .size = key->size, .kind = key->kind};
}
/* The key's number, or ZTC__NONE. */
uint32_t ztc__intern_find_key(const ztc__interner *interner, const ztc__text *text);
/* The shape with these keys, all of which have numbers, or ZTC__NONE. */
uint32_t ztc__intern_find_shape(const ztc__interner *interner, const ztc__map_key *keys,
                                uint32_t count);
/* Whether the values' types are the shape's default types. */
bool ztc__intern_default_types(const ztc__interner *interner, uint32_t shape,
                               const ztc__map_key *keys);

/*
 * The shape of a map whose keys are distinct: found, or added if the rules above admit it, or
 * ZTC__NONE in *shape for a DICT. Fills in the numbers of keys that have none if there is a shape.
 * `texts` is what the keys' places count from. Errors: NO_MEMORY (nothing is half added that a
 * reader could see, but the interner is not to be used further).
 */
ztc_status ztc__intern_admit(ztc__interner *interner, ztc__map_key *keys, uint32_t count,
                             const uint8_t *texts, uint32_t *shape);

/* Size of the schema section as things are, and the section itself, appended to *out. */
uint64_t ztc__intern_section_size(const ztc__interner *interner);
bool ztc__intern_section(const ztc__interner *interner, ztc__buffer *out);

#endif
