#include "intern.h"

#include "format.h"

/* Multiplicative mixing of 8 bytes at a time, the same in every process: what it decides,
   admission, is part of what makes files reproducible. */
static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
  return hash ^ hash >> 29;
}

static uint64_t text_hash(const ztc__text *text) {
  uint64_t hash = mix(text->kind, text->size);
  const uint8_t *p = text->data;
  uint32_t left = text->size;
  uint64_t chunk;
  for (; left >= 8; left -= 8, p += 8) {
    memcpy(&chunk, p, 8);
    hash = mix(hash, chunk);
  }
  chunk = 0;
  for (uint32_t i = 0; i < left; i++)
    chunk |= (uint64_t)p[i] << 8 * i;
  hash = mix(hash, chunk);
  return hash ^ hash >> 32;
}

/* Slots of the tables: others choose the keys, so where they come to lie is secret. */
static uint32_t key_slot(const ztc__interner *interner, const ztc__text *text) {
  return (uint32_t)ztc__secret_hash(&interner->secret, text->kind, text->data, text->size);
}

static uint32_t shape_slot(const ztc__interner *interner, const ztc__map_key *keys,
                           uint32_t count) {
  uint64_t hash = interner->secret.low ^ count;
  for (uint32_t i = 0; i < count; i++)
    hash = mix(hash, keys[i].number);
  hash = (hash ^ interner->secret.high) * UINT64_C(0x9E3779B97F4A7C15);
  return (uint32_t)(hash ^ hash >> 32);
}

bool ztc__intern_init(ztc__interner *interner) {
  enum { TABLE = 256 };
  interner->secret = ztc__secret_of_process();
  interner->key_table = (ztc__hash_table){calloc(TABLE, sizeof(uint32_t)), TABLE - 1};
  interner->shape_table = (ztc__hash_table){calloc(TABLE, sizeof(uint32_t)), TABLE - 1};
  return interner->key_table.slots != NULL && interner->shape_table.slots != NULL;
}

void ztc__intern_free(ztc__interner *interner) {
  ztc__key_entries_free(&interner->keys);
  ztc__shape_entries_free(&interner->shapes);
  ztc__numbers_free(&interner->shape_keys);
  ztc__buffer_free(&interner->shape_types);
  ztc__buffer_free(&interner->bytes);
  free(interner->key_table.slots);
  free(interner->shape_table.slots);
  free(interner->sights);
  *interner = (ztc__interner){0};
}

static uint32_t find_key(const ztc__interner *interner, const ztc__text *text, uint32_t hash) {
  const ztc__hash_table *table = &interner->key_table;
  for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
    if (table->slots[i] == 0)
      return ZTC__NONE;
    const uint32_t number = table->slots[i] - 1;
    if (interner->keys.at[number].hash != hash)
      continue;
    const ztc__text key = ztc__intern_key(interner, number);
    if (ztc__text_compare(&key, text) == 0)
      return number;
  }
}

uint32_t ztc__intern_find_key(const ztc__interner *interner, const ztc__text *text) {
  return find_key(interner, text, key_slot(interner, text));
}

static bool same_keys(const ztc__interner *interner, uint32_t shape, const ztc__map_key *keys,
                      uint32_t count) {
  const ztc__shape_entry *entry = &interner->shapes.at[shape];
  if (entry->count != count)
    return false;
  const uint32_t *numbers = interner->shape_keys.at + entry->first;
  for (uint32_t i = 0; i < count; i++) {
    if (numbers[i] != keys[i].number)
      return false;
  }
  return true;
}

uint32_t ztc__intern_find_shape(const ztc__interner *interner, const ztc__map_key *keys,
                                uint32_t count) {
  const uint32_t hash = shape_slot(interner, keys, count);
  const ztc__hash_table *table = &interner->shape_table;
  for (uint32_t i = hash & table->mask;; i = (i + 1) & table->mask) {
    if (table->slots[i] == 0)
      return ZTC__NONE;
    const uint32_t shape = table->slots[i] - 1;
    if (interner->shapes.at[shape].hash == hash && same_keys(interner, shape, keys, count)) {
      return shape;
    }
  }
}

bool ztc__intern_default_types(const ztc__interner *interner, uint32_t shape,
                               const ztc__map_key *keys) {
  const ztc__shape_entry *entry = &interner->shapes.at[shape];
  const uint8_t *types = interner->shape_types.data + entry->first;
  for (uint32_t i = 0; i < entry->count; i++) {
    if (types[i] != keys[i].type)
      return false;
  }
  return true;
}

static void put(ztc__hash_table *table, uint32_t hash, uint32_t number) {
  uint32_t i = hash & table->mask;
  while (table->slots[i] != 0)
    i = (i + 1) & table->mask;
  table->slots[i] = number + 1;
}

/* Room for one more number than `count`, at most half full. */
static bool grow(ztc__hash_table *table, uint32_t count) {
  if (count < table->mask / 2)
    return true;
  const uint32_t mask = table->mask * 2 + 1;
  uint32_t *slots = calloc((size_t)mask + 1, sizeof *slots);
  if (slots == NULL)
    return false;
  free(table->slots);
  *table = (ztc__hash_table){slots, mask};
  return true;
}

static bool grow_keys(ztc__interner *interner) {
  const uint32_t mask = interner->key_table.mask;
  if (!grow(&interner->key_table, interner->keys.count))
    return false;
  if (interner->key_table.mask == mask)
    return true;
  for (uint32_t i = 0; i < interner->keys.count; i++) {
    put(&interner->key_table, interner->keys.at[i].hash, i);
  }
  return true;
}

static bool grow_shapes(ztc__interner *interner) {
  const uint32_t mask = interner->shape_table.mask;
  if (!grow(&interner->shape_table, interner->shapes.count))
    return false;
  if (interner->shape_table.mask == mask)
    return true;
  for (uint32_t i = 0; i < interner->shapes.count; i++) {
    put(&interner->shape_table, interner->shapes.at[i].hash, i);
  }
  return true;
}

static bool add_key(ztc__interner *interner, const ztc__text *text, uint32_t *number) {
  if (!grow_keys(interner) || !ztc__buffer_reserve(&interner->bytes, text->size + UINT64_C(1)))
    return false;
  ztc__key_entry *entry = ztc__key_entries_push(&interner->keys);
  if (entry == NULL)
    return false;
  *entry = (ztc__key_entry){.place = (uint32_t)interner->bytes.size,
                            .size = text->size,
                            .hash = key_slot(interner, text),
                            .kind = text->kind};
  if (text->size > 0)
    memcpy(interner->bytes.data + interner->bytes.size, text->data, text->size);
  interner->bytes.size += text->size;
  *number = interner->keys.count - 1;
  put(&interner->key_table, entry->hash, *number);
  return true;
}

static uint64_t body_size(uint32_t count) {
  return ((uint64_t)count * 5 + 3) & ~UINT64_C(3);
}

static bool add_shape(ztc__interner *interner, const ztc__map_key *keys, uint32_t count) {
  if (!grow_shapes(interner) || !ztc__numbers_reserve(&interner->shape_keys, count) ||
      !ztc__buffer_reserve(&interner->shape_types, count)) {
    return false;
  }
  ztc__shape_entry *entry = ztc__shape_entries_push(&interner->shapes);
  if (entry == NULL)
    return false;
  *entry = (ztc__shape_entry){.first = interner->shape_keys.count,
                              .count = count,
                              .hash = shape_slot(interner, keys, count)};
  for (uint32_t i = 0; i < count; i++) {
    interner->shape_keys.at[interner->shape_keys.count++] = keys[i].number;
    interner->shape_types.data[interner->shape_types.size++] = keys[i].type;
  }
  put(&interner->shape_table, entry->hash, interner->shapes.count - 1);
  interner->bodies_size += body_size(count);
  return true;
}

/* Whether this key list was seen before, as far as is remembered; remembers it. */
static bool seen_before(ztc__interner *interner, uint64_t hash) {
  uint64_t *sight = &interner->sights[hash % ZTC__SIGHTS];
  const bool seen = *sight == hash;
  *sight = hash;
  return seen;
}

static ztc__text text_of(const ztc__interner *interner, const ztc__map_key *key,
                         const uint8_t *texts) {
  if (key->number != ZTC__NONE)
    return ztc__intern_key(interner, key->number);
  return (ztc__text){.data = texts + key->place, .size = key->size, .kind = key->kind};
}

static uint64_t section_size(uint64_t keys, uint64_t shapes, uint64_t bodies, uint64_t bytes) {
  return ztc__align8(ZTC__SCHEMA_HEADER_SIZE + 8 * keys + 8 * shapes + bodies + bytes);
}

uint64_t ztc__intern_section_size(const ztc__interner *interner) {
  return section_size(interner->keys.count, interner->shapes.count, interner->bodies_size,
                      interner->bytes.size);
}

ztc_status ztc__intern_admit(ztc__interner *interner, ztc__map_key *keys, uint32_t count,
                             const uint8_t *texts, uint32_t *shape) {
  *shape = ZTC__NONE;
  if (count == 0 || count > ZTC__SHAPE_KEYS_MAX)
    return ZTC_OK;
  uint64_t hash = count, new_keys = 0, new_bytes = 0;
  for (uint32_t i = 0; i < count; i++) {
    const ztc__text text = text_of(interner, &keys[i], texts);
    if (keys[i].number == ZTC__NONE)
      keys[i].number = ztc__intern_find_key(interner, &text);
    if (keys[i].number == ZTC__NONE) {
      new_keys++;
      new_bytes += text.size;
    }
    hash = mix(hash, text_hash(&text));
  }
  if (new_keys == 0) {
    *shape = ztc__intern_find_shape(interner, keys, count);
    if (*shape != ZTC__NONE)
      return ZTC_OK;
  }
  const uint64_t size =
      section_size(interner->keys.count + new_keys, interner->shapes.count + UINT64_C(1),
                   interner->bodies_size + body_size(count), interner->bytes.size + new_bytes);
  if (interner->shapes.count >= ZTC__MAX_SHAPES || size > ZTC__MAX_SCHEMA_SIZE)
    return ZTC_OK;
  if (interner->shapes.count >= ZTC__SHAPES_FREE || size > ZTC__SCHEMA_FREE) {
    if (interner->sights == NULL)
      interner->sights = calloc(ZTC__SIGHTS, sizeof(uint64_t));
    if (interner->sights == NULL)
      return ZTC_NO_MEMORY;
    if (!seen_before(interner, hash))
      return ZTC_OK;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (keys[i].number != ZTC__NONE)
      continue;
    const ztc__text text = text_of(interner, &keys[i], texts);
    if (!add_key(interner, &text, &keys[i].number))
      return ZTC_NO_MEMORY;
  }
  if (!add_shape(interner, keys, count))
    return ZTC_NO_MEMORY;
  *shape = interner->shapes.count - 1;
  return ZTC_OK;
}

bool ztc__intern_section(const ztc__interner *interner, ztc__buffer *out) {
  const uint64_t size = ztc__intern_section_size(interner);
  if (!ztc__buffer_reserve(out, size))
    return false;
  uint8_t *base = out->data + out->size;
  memset(base, 0, size);
  const uint32_t keys = interner->keys.count, shapes = interner->shapes.count;
  ztc__store32(base, keys);
  ztc__store32(base + 4, shapes);
  uint64_t entry = ZTC__SCHEMA_HEADER_SIZE + UINT64_C(8) * keys;
  uint64_t at = entry + UINT64_C(8) * shapes;
  for (uint32_t s = 0; s < shapes; s++, entry += 8) {
    const ztc__shape_entry *shape = &interner->shapes.at[s];
    ztc__store32(base + entry, (uint32_t)at);
    ztc__store32(base + entry + 4, shape->count);
    const uint64_t numbers = UINT64_C(4) * shape->count;
    memcpy(base + at, interner->shape_keys.at + shape->first, numbers);
    memcpy(base + at + numbers, interner->shape_types.data + shape->first, shape->count);
    at += body_size(shape->count);
  }
  entry = ZTC__SCHEMA_HEADER_SIZE;
  for (uint32_t k = 0; k < keys; k++, entry += 8) {
    const ztc__key_entry *key = &interner->keys.at[k];
    ztc__store32(base + entry, (uint32_t)(at + key->place));
    ztc__store32(base + entry + 4, key->size | (uint32_t)key->kind << 30);
  }
  if (interner->bytes.size > 0)
    memcpy(base + at, interner->bytes.data, interner->bytes.size);
  out->size += size;
  return true;
}
