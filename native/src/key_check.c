/* Validating the key index: each key is where a look-up finds it, and nothing else is there. */
#include <inttypes.h>
#include <stdlib.h>

#include "error.h"
#include "key_index.h"
#include "text.h"

typedef struct checker {
  const ztc_region *region;
  const ztc__key_table *keys;
  uint8_t *bytes; /* room for a key and padding */
  ztc_error *error;
} checker;

static ztc_status bad(const checker *c, uint64_t at, const char *what) {
  return ztc__fail(c->error, ZTC_CORRUPT, at, "key index, byte %" PRIu64 ": %s", at, what);
}

/* One entry's bytes: canonical, with zeros behind, and to be found where it is. */
static ztc_status check_key(const checker *c, uint64_t place, const ztc__key_entry *entry) {
  const uint64_t at = c->keys->section + place;
  const uint64_t padded = ztc__align8(entry->size);
  ztc__fetch(c->bytes, c->region->source, at + 8, padded);
  if (entry->type == 0 || (entry->type == ZTC_KEY_I64 && entry->size != 8))
    return bad(c, at, "the head of a key is ill-formed");
  for (uint64_t i = entry->size; i < padded; i++) {
    if (c->bytes[i] != 0)
      return bad(c, at + 8 + i, "padding is not zero");
  }
  if (entry->type == ZTC_KEY_STRING && ztc__utf8_check(c->bytes, entry->size) != ZTC__WELL_FORMED) {
    return bad(c, at + 8, "a string key is not well-formed UTF-8");
  }
  const ztc__record_key key = ztc__record_key_of(entry->type, c->bytes, entry->size);
  ztc__key_entry found;
  uint64_t found_place;
  const ztc_status status = ztc__key_find(c->region, &key, &found_place, &found);
  if (status == ZTC_OK && found_place != place)
    return bad(c, at, "a key occurs twice");
  return status == ZTC_OK ? ZTC_OK : bad(c, at, "a key cannot be found");
}

/* The keys in the order of their records. */
static ztc_status check_keys(const checker *c) {
  uint64_t place = ZTC__KEYS_HEADER_SIZE, count = 0, least = 0;
  for (; place < c->keys->end; count++) {
    const uint64_t at = c->keys->section + place;
    ztc__key_entry entry;
    if (ztc__key_entry_load(c->region, place, &entry) != ZTC_OK)
      return bad(c, at, "the head of a key is not sound, or leads out of the key area");
    if (entry.index < least || entry.index >= c->region->records.count)
      return bad(c, at, "a key's record is out of order or does not exist");
    least = entry.index + 1;
    const ztc_status status = check_key(c, place, &entry);
    if (status != ZTC_OK)
      return status;
    place += ztc__key_entry_size(entry.size);
  }
  return count == c->keys->count ? ZTC_OK
                                 : bad(c, c->keys->section, "the number of keys is not true");
}

/* The slots: as many as keys, ascending by home, tag and place, none further from its home than
   need be. */
static ztc_status check_slots(const checker *c) {
  const ztc__key_table *keys = c->keys;
  const uint64_t slots = keys->homes + keys->distance;
  uint64_t count = 0, most = 0, last = 0, last_home = 0;
  for (uint64_t i = 0; i < slots; i++) {
    const uint64_t at = keys->slots + 8 * i;
    const uint64_t slot = ztc__load64(c->region->source, at);
    if (slot != 0) {
      const uint64_t distance = slot >> ZTC__KEYS_DISTANCE_SHIFT & ZTC__KEYS_MAX_DISTANCE;
      if (distance > i || i - distance >= keys->homes || distance > keys->distance)
        return bad(c, at, "a slot is too far from its home");
      const uint64_t home = i - distance;
      if (distance > 0 && (last == 0 || home < last_home))
        return bad(c, at, "a slot could be nearer to its home");
      const uint64_t rank = slot >> ZTC__KEYS_TAG_SHIFT, place = slot & ZTC__KEYS_PLACE_MASK;
      const uint64_t last_rank = last >> ZTC__KEYS_TAG_SHIFT;
      if (last != 0 && home == last_home &&
          (rank < last_rank || (rank == last_rank && place <= (last & ZTC__KEYS_PLACE_MASK)))) {
        return bad(c, at, "slots are out of order");
      }
      count++;
      most = distance > most ? distance : most;
      last_home = home;
    }
    last = slot;
  }
  if (count != keys->count)
    return bad(c, keys->slots, "there are not as many slots as keys");
  return most == keys->distance
             ? ZTC_OK
             : bad(c, keys->section + ZTC__KEYS_DISTANCE, "the greatest distance is not true");
}

static ztc_status check_padding(const checker *c) {
  const ztc__src s = c->region->source;
  const uint64_t reserved = c->keys->section + ZTC__KEYS_RESERVED;
  if (ztc__load32(s, reserved) != 0)
    return bad(c, reserved, "reserved field is not zero");
  for (uint64_t at = c->keys->section + c->keys->end; at < c->keys->slots; at++) {
    if (ztc__load8(s, at) != 0)
      return bad(c, at, "padding is not zero");
  }
  return ZTC_OK;
}

ztc_status ztc__key_index_check(const ztc_region *region, ztc_error *error) {
  checker c = {.region = region, .keys = &region->keys, .error = error};
  if (region->keys.homes == 0)
    return ZTC_OK;
  c.bytes = malloc(ZTC_MAX_KEY_SIZE + 8);
  if (c.bytes == NULL)
    return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "no memory to validate");
  ztc_status status = check_padding(&c);
  if (status == ZTC_OK)
    status = check_slots(&c);
  if (status == ZTC_OK)
    status = check_keys(&c);
  free(c.bytes);
  return status;
}
