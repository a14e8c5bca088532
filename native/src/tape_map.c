/* Maps on a tape: their keys one by one, and at their end the shape or the sorted order. */
#include "tape.h"

/* Whether a key may come now; the reason why not is what check_key says. */
static inline bool key_may_come(const ztc__tape *tape) {
  if (tape->status != ZTC_OK || tape->has_label || tape->depth == 0)
    return false;
  const ztc__frame *frame = &tape->frames[tape->depth - 1];
  return frame->type == ZTC_TYPE_MAP && !frame->key_given && frame->listed == 0;
}

void ztc__tape_leave_list(ztc__tape *tape) {
  ztc__frame *frame = &tape->frames[tape->depth - 1];
  if (frame->count < frame->listed)
    frame->shape = ZTC__NONE;
  for (uint32_t i = frame->count; i < frame->listed; i++)
    tape->bound -= ztc__tape_key_bound(tape->keys.at[frame->key_base + i].size);
  tape->keys.count = frame->key_base + frame->count;
  frame->listed = 0;
  frame->key_given = false;
}

/* Whether a key may come now; then no listed keys are left. */
static ztc_status check_key(ztc__tape *tape) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (tape->has_label)
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a label before a key");
  if (tape->depth == 0 || tape->frames[tape->depth - 1].type != ZTC_TYPE_MAP) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a key outside a map");
  }
  ztc__frame *frame = &tape->frames[tape->depth - 1];
  if (frame->listed != 0) {
    ztc__tape_leave_list(tape);
    frame->shape = ZTC__NONE;
  }
  if (frame->key_given) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a second key without a value between");
  }
  return ZTC_OK;
}

/* Where the prediction of the next key is kept; NULL if there is no place for one. */
static uint32_t *hint_here(ztc__tape *tape, const ztc__frame *frame) {
  const bool first = tape->keys.count == frame->key_base;
  const uint32_t at = first ? frame->context : tape->keys.at[tape->keys.count - 1].number + 1;
  if (at >= tape->hints.count) {
    const uint32_t needed = tape->interner->keys.count + 1;
    if (at >= needed || !ztc__hints_reserve(&tape->hints, needed - tape->hints.count))
      return NULL;
    memset(tape->hints.at + tape->hints.count, 0,
           (needed - tape->hints.count) * sizeof *tape->hints.at);
    tape->hints.count = needed;
  }
  return first ? &tape->hints.at[at].below : &tape->hints.at[at].after;
}

static inline ztc_status add_key(ztc__tape *tape, ztc__frame *frame, uint32_t number, uint32_t size,
                                 uint8_t kind) {
  ztc__map_key *key = ztc__map_keys_push(&tape->keys);
  if (key == NULL)
    return ztc__tape_no_memory(tape);
  *key = (ztc__map_key){.place = tape->text.size, .number = number, .size = size, .kind = kind};
  frame->key_given = true;
  tape->bound += ztc__tape_key_bound(size);
  if (number == ZTC__NONE) {
    frame->unknown = true;
    tape->text.size += size;
  }
  return ZTC_OK;
}

/* Keys are short: this beats a call. The last block overlaps the one before. */
static inline bool same_bytes(const uint8_t *a, const uint8_t *b, size_t size) {
  uint64_t x, y;
  uint32_t s, t;
  if (size >= 8) {
    for (size_t at = 0; at < size - 8; at += 8) {
      memcpy(&x, a + at, 8);
      memcpy(&y, b + at, 8);
      if (x != y)
        return false;
    }
    memcpy(&x, a + size - 8, 8);
    memcpy(&y, b + size - 8, 8);
    return x == y;
  }
  if (size >= 4) {
    memcpy(&s, a, 4);
    memcpy(&t, b, 4);
    if (s != t)
      return false;
    memcpy(&s, a + size - 4, 4);
    memcpy(&t, b + size - 4, 4);
    return s == t;
  }
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

ztc_status ztc__tape_key(ztc__tape *tape, const void *text, uint64_t size, uint32_t encoding) {
  ztc_status status = check_key(tape);
  if (status != ZTC_OK)
    return status;
  ztc__frame *frame = &tape->frames[tape->depth - 1];
  uint32_t *hint = hint_here(tape, frame);
  if (hint != NULL && *hint != 0 && encoding <= ZTC_UTF8 && text != NULL) {
    const ztc__text key = ztc__intern_key(tape->interner, *hint - 1);
    if (key.size == size && (key.kind == ZTC_ASCII || key.kind == encoding) &&
        same_bytes(key.data, text, size)) {
      return add_key(tape, frame, *hint - 1, key.size, key.kind);
    }
  }
  ztc__text key;
  status = ztc__tape_narrow(tape, &tape->text, text, size, encoding, &key);
  if (status != ZTC_OK)
    return status;
  const uint32_t number = ztc__intern_find_key(tape->interner, &key);
  if (hint != NULL && number != ZTC__NONE)
    *hint = number + 1;
  return add_key(tape, frame, number, key.size, key.kind);
}

ztc_status ztc__tape_known_key(ztc__tape *tape, uint32_t number, uint32_t size, uint8_t kind) {
  const ztc_status status = key_may_come(tape) ? ZTC_OK : check_key(tape);
  if (status != ZTC_OK)
    return status;
  return add_key(tape, &tape->frames[tape->depth - 1], number, size, kind);
}

ztc_status ztc__tape_narrow_key(ztc__tape *tape, const ztc__text *text, uint32_t number) {
  const ztc_status status = check_key(tape);
  if (status != ZTC_OK)
    return status;
  if (number == ZTC__NONE) {
    if (!ztc__buffer_reserve(&tape->text, text->size + 1)) /* an address also for an empty key */
      return ztc__tape_no_memory(tape);
    if (text->size > 0)
      memcpy(tape->text.data + tape->text.size, text->data, text->size);
  }
  return add_key(tape, &tape->frames[tape->depth - 1], number, text->size, text->kind);
}

/* Puts the text of a listed key without a number on the tape, as if it were given now. */
static ztc_status copy_text(ztc__tape *tape, ztc__map_key *key, const uint8_t *texts) {
  if (!ztc__buffer_reserve(&tape->text,
                           (uint64_t)key->size + 1)) /* an address also for an empty key */
    return ztc__tape_no_memory(tape);
  if (key->size > 0)
    memcpy(tape->text.data + tape->text.size, texts + key->place, key->size);
  key->place = tape->text.size;
  tape->text.size += key->size;
  return ZTC_OK;
}

ztc_status ztc__tape_begin_listed(ztc__tape *tape, const ztc__map_key *keys, uint32_t count,
                                  uint32_t shape, uint64_t bound, const uint8_t *texts) {
  ztc_status status = ztc__tape_begin(tape, ZTC_TYPE_MAP, 0);
  if (status != ZTC_OK)
    return status;
  ztc__frame *frame = &tape->frames[tape->depth - 1];
  if (!ztc__map_keys_reserve(&tape->keys, count))
    return ztc__tape_no_memory(tape);
  ztc__map_key *own = tape->keys.at + frame->key_base;
  memcpy(own, keys, count * sizeof *own);
  for (uint32_t i = 0; i < count && shape == ZTC__NONE; i++) {
    if (own[i].number != ZTC__NONE)
      continue;
    status = copy_text(tape, &own[i], texts);
    if (status != ZTC_OK)
      return status;
    frame->unknown = true;
  }
  tape->keys.count += count;
  tape->bound += bound;
  frame->listed = count;
  frame->shape = shape;
  frame->key_given = true;
  return ZTC_OK;
}

ztc__text ztc__tape_key_text(const ztc__tape *tape, const ztc__map_key *key) {
  if (key->number != ZTC__NONE)
    return ztc__intern_key(tape->interner, key->number);
  return (ztc__text){.data = tape->text.data + key->place, .size = key->size, .kind = key->kind};
}

static int compare(const ztc__tape *tape, const ztc__map_key *keys, uint32_t a, uint32_t b) {
  const ztc__text x = ztc__tape_key_text(tape, &keys[a]);
  const ztc__text y = ztc__tape_key_text(tape, &keys[b]);
  return ztc__text_compare(&x, &y);
}

/* Merge sort of 0 .. count - 1 by key, bottom up; `order` has room for twice as many. */
static void sort(const ztc__tape *tape, const ztc__map_key *keys, uint32_t *order, uint32_t count) {
  uint32_t *from = order, *to = order + count;
  for (uint32_t i = 0; i < count; i++)
    from[i] = i;
  for (uint64_t width = 1; width < count; width *= 2) {
    for (uint64_t start = 0; start < count; start += 2 * width) {
      const uint64_t middle = start + width < count ? start + width : count;
      const uint64_t end = start + 2 * width < count ? start + 2 * width : count;
      uint64_t a = start, b = middle;
      for (uint64_t out = start; out < end; out++) {
        const bool left = b == end || (a < middle && compare(tape, keys, from[a], from[b]) <= 0);
        to[out] = left ? from[a++] : from[b++];
      }
    }
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != order)
    memcpy(order, from, (size_t)count * sizeof *order);
}

static ztc_status add_dict(ztc__tape *tape, const ztc__frame *frame) {
  const uint32_t count = frame->count;
  if (count > UINT32_MAX / 2 || !ztc__map_keys_reserve(&tape->dict_keys, count) ||
      !ztc__numbers_reserve(&tape->dict_order, 2 * count)) {
    return ztc__tape_no_memory(tape);
  }
  ztc__dict *dict = ztc__dicts_push(&tape->dicts);
  if (dict == NULL)
    return ztc__tape_no_memory(tape);
  *dict = (ztc__dict){.item = frame->item,
                      .keys = tape->dict_keys.count,
                      .order = tape->dict_order.count,
                      .count = count};
  if (count == 0)
    return ZTC_OK;
  ztc__map_key *keys = tape->dict_keys.at + dict->keys;
  uint32_t *order = tape->dict_order.at + dict->order;
  memcpy(keys, tape->keys.at + frame->key_base, count * sizeof *keys);
  tape->dict_keys.count += count;
  tape->dict_order.count += count;
  sort(tape, keys, order, count);
  for (uint32_t i = 1; i < count; i++) {
    if (compare(tape, keys, order[i - 1], order[i]) != 0)
      continue;
    /* The place to name is the later entry. */
    tape->keys.at[tape->keys.count - 1] = keys[order[i]];
    tape->frames[tape->depth - 1].key_given = true;
    tape->frames[tape->depth - 1].count--;
    return ztc__tape_fail(tape, ZTC_DUPLICATE_KEY, "entries %u and %u of the map have this key",
                          order[i - 1], order[i]);
  }
  return ZTC_OK;
}

static void set_shape(ztc__tape *tape, ztc__item *item, uint32_t shape, const ztc__map_key *keys) {
  item->value = shape;
  item->kind = 0;
  item->flags = ztc__intern_default_types(tape->interner, shape, keys) ? 0 : ZTC__ITEM_TYPES;
}

ztc_status ztc__tape_end_map(ztc__tape *tape, const ztc__frame *frame) {
  ztc__item *item = &tape->items.at[frame->item];
  if (!frame->unknown && frame->count > 0 && frame->count <= ZTC__SHAPE_KEYS_MAX) {
    const ztc__map_key *keys = tape->keys.at + frame->key_base;
    const uint32_t shape = frame->shape != ZTC__NONE
                               ? frame->shape
                               : ztc__intern_find_shape(tape->interner, keys, frame->count);
    if (shape != ZTC__NONE) {
      set_shape(tape, item, shape, keys);
      tape->keys.count = frame->key_base;
      return ZTC_OK;
    }
  }
  item->value = tape->dicts.count;
  item->flags |= ZTC__ITEM_DICT;
  const ztc_status status = add_dict(tape, frame);
  tape->keys.count = frame->key_base;
  return status;
}

ztc_status ztc__tape_admit(ztc__tape *tape, ztc__interner *interner) {
  for (uint32_t i = 0; i < tape->dicts.count; i++) {
    const ztc__dict *dict = &tape->dicts.at[i];
    ztc__map_key *keys = dict->count > 0 ? tape->dict_keys.at + dict->keys : NULL;
    uint32_t shape;
    const ztc_status status =
        ztc__intern_admit(interner, keys, dict->count, tape->text.data, &shape);
    if (status != ZTC_OK)
      return ztc__tape_no_memory(tape);
    if (shape != ZTC__NONE)
      set_shape(tape, &tape->items.at[dict->item], shape, keys);
  }
  return ZTC_OK;
}
