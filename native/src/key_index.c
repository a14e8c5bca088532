#include "key_index.h"

#include "error.h"

ztc_status ztc__key_index_load(ztc_region *region, const ztc__section *section, const char *name,
                               ztc_error *error) {
  const ztc__src s = region->source;
  if (section->length < ZTC__KEYS_HEADER_SIZE) {
    return ztc__fail(error, ZTC_CORRUPT, section->offset, "%s: the key index has no header", name);
  }
  const uint64_t count = ztc__load64(s, section->offset + ZTC__KEYS_COUNT);
  const uint64_t homes = ztc__load64(s, section->offset + ZTC__KEYS_HOMES);
  const uint64_t size = ztc__load64(s, section->offset + ZTC__KEYS_SIZE);
  const uint32_t distance = ztc__load32(s, section->offset + ZTC__KEYS_DISTANCE);
  const uint64_t slots = section->length / 8;
  /* No sum here wraps: each part is at most the section's length, which lies inside the file. */
  if (count == 0 || count > region->records.count || count > homes || homes > slots ||
      size > section->length || size % 8 != 0 || distance > ZTC__KEYS_MAX_DISTANCE ||
      ztc__align64(ZTC__KEYS_HEADER_SIZE + size) + 8 * (homes + distance) != section->length) {
    return ztc__fail(error, ZTC_CORRUPT, section->offset,
                     "%s: the sizes in the key index do not agree", name);
  }
  region->keys =
      (ztc__key_table){.section = section->offset,
                       .end = ZTC__KEYS_HEADER_SIZE + size,
                       .slots = section->offset + ztc__align64(ZTC__KEYS_HEADER_SIZE + size),
                       .homes = homes,
                       .count = count,
                       .seed = ztc__load64(s, ZTC__HEADER_HASH_SEED),
                       .distance = distance};
  return ZTC_OK;
}

ztc_status ztc__key_entry_load(const ztc_region *region, uint64_t place, ztc__key_entry *out) {
  const ztc__key_table *keys = &region->keys;
  if (place < ZTC__KEYS_HEADER_SIZE || place >= keys->end || place % 8 != 0)
    return ZTC_CORRUPT;
  const uint64_t head = ztc__load64(region->source, keys->section + place);
  *out = ztc__key_entry_of(head);
  return ztc__key_entry_is_sound(head) && ztc__key_entry_size(out->size) <= keys->end - place
             ? ZTC_OK
             : ZTC_CORRUPT;
}

static bool holds_converted(ztc__src stored, const ztc__record_key *key) {
  ztc__key_cursor cursor = {0};
  for (uint32_t at = 0; at < key->canonical_size; at += 8) {
    if (ztc__load64(stored, at) != ztc__key_word_converted(key, &cursor))
      return false;
  }
  return true;
}

/* Is this the entry of the key? */
static inline bool holds(const ztc_region *region, uint64_t place, const ztc__key_entry *entry,
                         const ztc__record_key *key) {
  if (entry->type != key->type || entry->size != key->canonical_size)
    return false;
  const ztc__src stored = ztc__src_at(region->source, region->keys.section + place + 8);
  if (__builtin_expect(key->encoding != ZTC_UTF8, 0))
    return holds_converted(stored, key);
  uint32_t at = 0;
  for (; key->size - at >= 8; at += 8) {
    uint64_t word;
    memcpy(&word, key->data + at, 8);
    if (ztc__load64(stored, at) != word)
      return false;
  }
  return at == key->size || ztc__load64(stored, at) == ztc__key_tail(key->data, key->size);
}

ztc_status ztc__key_find(const ztc_region *region, const ztc__record_key *key, uint64_t *place,
                         ztc__key_entry *entry) {
  const ztc__key_table *keys = &region->keys;
  if (keys->homes == 0)
    return ZTC_NO_SUCH_KEY;
  const uint64_t position = ztc__key_position(ztc__record_key_hash(key, keys->seed), keys->homes);
  uint64_t at = keys->slots + 8 * (position >> ZTC__KEYS_TAG_BITS);
  const uint64_t tag = position & ZTC__KEYS_TAG_MASK;
  for (uint64_t distance = 0; distance <= keys->distance; distance++, at += 8) {
    const uint64_t slot = ztc__load64(region->source, at);
    const uint64_t found = slot >> ZTC__KEYS_DISTANCE_SHIFT & ZTC__KEYS_MAX_DISTANCE;
    /* Homes ascend: an entry that is nearer to its own home than this has a later one. */
    if (slot == 0 || found < distance)
      return ZTC_NO_SUCH_KEY;
    if (slot >> ZTC__KEYS_DISTANCE_SHIFT != (tag << ZTC__KEYS_DISTANCE_BITS | distance))
      continue;
    *place = (slot & ZTC__KEYS_PLACE_MASK) << 3;
    const ztc_status status = ztc__key_entry_load(region, *place, entry);
    if (status != ZTC_OK)
      return status;
    if (holds(region, *place, entry, key))
      return ZTC_OK;
  }
  return ZTC_NO_SUCH_KEY;
}

uint64_t ztc_region_key_count(const ztc_region *region) {
  return region->keys.count;
}

static ztc_status find_index(const ztc_region *region, const ztc_key *key, uint64_t *index) {
  ztc__record_key wanted;
  ztc__key_entry entry;
  uint64_t place, bad;
  ztc_status status = ztc__record_key_init(&wanted, key, &bad);
  if (status == ZTC_INVALID_ARGUMENT)
    return status;
  if (status == ZTC_OK)
    status = ztc__key_find(region, &wanted, &place, &entry);
  else
    status = ZTC_NO_SUCH_KEY; /* nor can any record have it */
  if (status != ZTC_OK)
    return status;
  if (entry.index >= region->records.count)
    return ZTC_CORRUPT;
  *index = entry.index;
  return ZTC_OK;
}

ztc_status ztc_index_of(const ztc_region *region, const ztc_key *key, uint64_t *index) {
  ztc_status state = ztc__region_state(region);
  if (__builtin_expect(state != ZTC_OK, 0))
    return state;
  uint64_t found = 0;
  const ztc_status status = find_index(region, key, &found);
  /* A region that failed meanwhile explains any other outcome. */
  state = ztc__region_state_after_reading(region);
  if (__builtin_expect(state != ZTC_OK, 0))
    return state;
  if (status == ZTC_OK)
    *index = found;
  return status;
}

static ztc_status next_key(const ztc_region *region, uint64_t *cursor, ztc_key *key,
                           uint64_t *index, void *buffer, uint64_t capacity) {
  const uint64_t place = *cursor == 0 ? ZTC__KEYS_HEADER_SIZE : *cursor;
  if (place >= region->keys.end)
    return ZTC_NO_SUCH_KEY;
  ztc__key_entry entry;
  const ztc_status status = ztc__key_entry_load(region, place, &entry);
  if (status != ZTC_OK)
    return status;
  if (entry.type == 0 || (entry.type == ZTC_KEY_I64 && entry.size != 8) ||
      entry.index >= region->records.count) {
    return ZTC_CORRUPT;
  }
  *key = (ztc_key){
      .type = (ztc_key_type)entry.type, .encoding = ZTC_UTF8, .data = buffer, .size = entry.size};
  if (entry.type == ZTC_KEY_I64) {
    ztc__fetch(&key->number, region->source, region->keys.section + place + 8, 8);
    key->data = NULL;
    key->size = 0;
  } else if (entry.size > capacity) {
    return ZTC_BUFFER_TOO_SMALL;
  } else if (entry.size > 0) {
    ztc__fetch(buffer, region->source, region->keys.section + place + 8, entry.size);
  }
  *index = entry.index;
  *cursor = place + ztc__key_entry_size(entry.size);
  return ZTC_OK;
}

ztc_status ztc_region_key_next(const ztc_region *region, uint64_t *cursor, ztc_key *key,
                               uint64_t *index, void *buffer, uint64_t capacity) {
  ztc_status state = ztc__region_state(region);
  if (state != ZTC_OK)
    return state;
  const ztc_status status = next_key(region, cursor, key, index, buffer, capacity);
  state = ztc__region_state_after_reading(region);
  return state != ZTC_OK ? state : status;
}
