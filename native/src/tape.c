#include "tape.h"

void ztc__tape_init(ztc__tape *tape, const ztc__interner *interner) {
  tape->interner = interner;
  ztc__tape_reset(tape, 0, false);
}

void ztc__tape_free(ztc__tape *tape) {
  ztc__items_free(&tape->items);
  ztc__buffer_free(&tape->text);
  ztc__uses_free(&tape->uses);
  ztc__labels_free(&tape->labels);
  ztc__dicts_free(&tape->dicts);
  ztc__map_keys_free(&tape->dict_keys);
  ztc__numbers_free(&tape->dict_order);
  ztc__map_keys_free(&tape->keys);
  ztc__hints_free(&tape->hints);
  free(tape->label_table);
  tape->label_table = NULL;
}

void ztc__tape_reset(ztc__tape *tape, uint64_t number, bool shared_node) {
  tape->number = number;
  tape->shared_node = shared_node;
  tape->status = ZTC_OK;
  tape->items.count = 0;
  tape->text.size = 0;
  tape->least = 0;
  tape->bound = 2 * ZTC__NODE_HEADER_SIZE; /* a box around a scalar, and padding */
  tape->max_depth = 0;
  tape->refs = 0;
  tape->maybe_rows = false;
  tape->uses.count = 0;
  tape->labels.count = 0;
  tape->dicts.count = 0;
  tape->dict_keys.count = 0;
  tape->dict_order.count = 0;
  tape->keys.count = 0;
  tape->has_label = false;
  tape->depth = 0;
  if (++tape->label_stamp == 0) {
    tape->label_stamp = 1;
    if (tape->label_table != NULL) {
      memset(tape->label_table, 0, ((size_t)tape->label_mask + 1) * sizeof *tape->label_table);
    }
  }
}

ztc_status ztc__tape_no_memory(ztc__tape *tape) {
  return ztc__tape_fail(tape, ZTC_NO_MEMORY, "out of memory");
}

ztc_status ztc__tape_check_value(ztc__tape *tape) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (tape->depth == 0) {
    if (tape->items.count == 0)
      return ZTC_OK;
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "there is a value already; end the record first");
  }
  const ztc__frame *frame = &tape->frames[tape->depth - 1];
  if (frame->type == ZTC_TYPE_MAP && !frame->key_given) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a key must come before the value");
  }
  if (frame->type == ZTC_TYPE_EXT && frame->count != 0) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "an ext has one payload value, not two");
  }
  return ZTC_OK;
}

ztc_status ztc__tape_check_plain_value(ztc__tape *tape) {
  const ztc_status status = ztc__tape_check_value(tape);
  if (status == ZTC_OK && tape->has_label) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a label names a list, map, array or ext only");
  }
  return status;
}

/* The common case, without a call and without the reasons: a value without a label may come now. */
static inline bool plain_value_may_come(const ztc__tape *tape) {
  if (tape->status != ZTC_OK || tape->has_label)
    return false;
  if (tape->depth == 0)
    return tape->items.count == 0;
  const ztc__frame *frame = &tape->frames[tape->depth - 1];
  return frame->type == ZTC_TYPE_MAP    ? frame->key_given
         : frame->type == ZTC_TYPE_LIST ? true
                                        : frame->count == 0;
}

/* A container at the root has no slot, nor has a map in a list if that turns out to be ROWS. */
static inline bool has_slot(const ztc__tape *tape, uint8_t type) {
  if (tape->depth == 0)
    return type < ZTC_TYPE_LIST;
  return type != ZTC_TYPE_MAP || tape->frames[tape->depth - 1].type != ZTC_TYPE_LIST;
}

__attribute__((always_inline)) static inline ztc_status add(ztc__tape *tape, ztc__item item,
                                                            uint64_t data, uint64_t padding) {
  tape->least += (has_slot(tape, item.type) ? ZTC__SLOT_SIZE : 0) + data;
  tape->bound += ZTC__SLOT_SIZE + 1 + data + padding;
  if (tape->least > ZTC_MAX_RECORD_SIZE) {
    return ztc__tape_fail(tape, ZTC_TOO_LARGE, "the record exceeds %llu bytes here",
                          (unsigned long long)ZTC_MAX_RECORD_SIZE);
  }
  ztc__item *place = ztc__items_push(&tape->items);
  if (place == NULL)
    return ztc__tape_no_memory(tape);
  *place = item;
  if (tape->depth == 0)
    return ZTC_OK;
  ztc__frame *frame = &tape->frames[tape->depth - 1];
  if (frame->count++ == 0) {
    frame->first_type = item.type;
  } else if (frame->first_type != item.type) {
    frame->mixed = true;
  }
  if (frame->type == ZTC_TYPE_MAP) {
    frame->key_given = frame->count < frame->listed;
    tape->keys.at[frame->key_base + frame->count - 1].type = item.type;
  }
  return ZTC_OK;
}

ztc_status ztc__tape_add(ztc__tape *tape, ztc__item item, uint64_t data, uint64_t padding) {
  return add(tape, item, data, padding);
}

ztc_status ztc__tape_scalar(ztc__tape *tape, uint8_t type, uint64_t slot) {
  if (!plain_value_may_come(tape))
    return ztc__tape_check_plain_value(tape);
  return add(tape, (ztc__item){.value = slot, .type = type, .flags = ZTC__ITEM_IMMEDIATE}, 0, 0);
}

ztc_status ztc__tape_int(ztc__tape *tape, uint32_t type, int64_t value) {
  ztc_status status = ztc__tape_check_plain_value(tape);
  if (status != ZTC_OK)
    return status;
  if (type < ZTC_TYPE_I8 || type > ZTC_TYPE_I64) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "%u is not an integer type", type);
  }
  const uint32_t bits = UINT32_C(8) << (type - ZTC_TYPE_I8);
  if (bits < 64 && (value < -(INT64_C(1) << (bits - 1)) || value >= INT64_C(1) << (bits - 1))) {
    return ztc__tape_fail(tape, ZTC_UNSTORABLE, "%lld does not fit %u bits", (long long)value,
                          bits);
  }
  return ztc__tape_add(
      tape,
      (ztc__item){.value = (uint64_t)value, .type = (uint8_t)type, .flags = ZTC__ITEM_IMMEDIATE}, 0,
      0);
}

static const char *encoding_name(uint32_t encoding) {
  static const char *const names[] = {"ASCII", "Latin-1", "UTF-8", "UTF-16"};
  return names[encoding];
}

ztc_status ztc__tape_narrow(ztc__tape *tape, ztc__buffer *to, const void *text, uint64_t size,
                            uint32_t encoding, ztc__text *out) {
  if (encoding > ZTC_UTF16 || (text == NULL && size > 0)) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "bad text: encoding %u, %s", encoding,
                          text == NULL ? "no address" : "which is none of the four");
  }
  if (size > 2 * ZTC_MAX_STRING_SIZE) {
    return ztc__tape_fail(tape, ZTC_TOO_LARGE, "a string of %llu bytes; the limit is %llu",
                          (unsigned long long)size, (unsigned long long)ZTC_MAX_STRING_SIZE);
  }
  /* One more, so that there is an address also for an empty text. */
  if (!ztc__buffer_reserve(to, ztc__text_bound(size, encoding) + 1)) {
    return ztc__tape_no_memory(tape);
  }
  uint8_t *end = to->data + to->size;
  size_t narrow_size = 0;
  uint8_t kind = 0;
  const size_t wrong = ztc__text_narrow(end, text, size, encoding, &kind, &narrow_size);
  if (wrong != ZTC__WELL_FORMED) {
    return ztc__tape_fail(tape, ZTC_UNSTORABLE, "the text is not well-formed %s at its byte %zu",
                          encoding_name(encoding), wrong);
  }
  if (narrow_size > ZTC_MAX_STRING_SIZE) {
    return ztc__tape_fail(tape, ZTC_TOO_LARGE, "a string of %zu bytes; the limit is %llu",
                          narrow_size, (unsigned long long)ZTC_MAX_STRING_SIZE);
  }
  *out = (ztc__text){.data = end, .size = (uint32_t)narrow_size, .kind = kind};
  return ZTC_OK;
}

/* The same for a string that is ASCII, or said to be Latin-1, and of an ordinary size: most are. */
static inline bool narrow_bytes(ztc__tape *tape, const void *text, uint64_t size, uint32_t encoding,
                                ztc__text *out) {
  if (encoding > ZTC_UTF8 || text == NULL || size > ZTC_MAX_STRING_SIZE ||
      !ztc__buffer_reserve(&tape->text, size + 1)) {
    return false;
  }
  uint8_t *end = tape->text.data + tape->text.size;
  const bool ascii = ztc__copy_ascii(end, text, size);
  *out = (ztc__text){
      .data = end, .size = (uint32_t)size, .kind = ascii ? ZTC_ASCII : (uint8_t)ZTC_LATIN1};
  return ascii || encoding == ZTC_LATIN1;
}

ztc_status ztc__tape_string(ztc__tape *tape, const void *text, uint64_t size, uint32_t encoding) {
  if (!plain_value_may_come(tape))
    return ztc__tape_check_plain_value(tape);
  ztc__text narrowed = {0};
  if (!narrow_bytes(tape, text, size, encoding, &narrowed)) {
    const ztc_status status = ztc__tape_narrow(tape, &tape->text, text, size, encoding, &narrowed);
    if (status != ZTC_OK)
      return status;
  }
  if (narrowed.size <= ZTC__STRING_INLINE_MAX) {
    return add(tape,
               (ztc__item){.value = ztc__text_inline_slack(&narrowed),
                           .type = ZTC_TYPE_STRING,
                           .flags = ZTC__ITEM_IMMEDIATE},
               0, 0);
  }
  const ztc__item item = {.value = tape->text.size,
                          .size = narrowed.size,
                          .type = ZTC_TYPE_STRING,
                          .kind = narrowed.kind};
  tape->text.size += narrowed.size;
  return add(tape, item, narrowed.size, 0);
}

/* Copies bytes to the end of `text`. */
static ztc_status keep(ztc__tape *tape, const void *data, uint64_t size) {
  if (data == NULL && size > 0) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "no address for %llu bytes",
                          (unsigned long long)size);
  }
  if (size > ZTC_MAX_RECORD_SIZE) {
    return ztc__tape_fail(tape, ZTC_TOO_LARGE, "%llu bytes; a record has at most %llu",
                          (unsigned long long)size, (unsigned long long)ZTC_MAX_RECORD_SIZE);
  }
  if (!ztc__buffer_reserve(&tape->text, size))
    return ztc__tape_no_memory(tape);
  if (size > 0)
    memcpy(tape->text.data + tape->text.size, data, size);
  tape->text.size += size;
  return ZTC_OK;
}

ztc_status ztc__tape_bytes(ztc__tape *tape, const void *data, uint64_t size) {
  ztc_status status = ztc__tape_check_plain_value(tape);
  if (status != ZTC_OK)
    return status;
  const uint64_t place = tape->text.size;
  status = keep(tape, data, size);
  if (status != ZTC_OK)
    return status;
  const uint8_t flags = size == 0 ? ZTC__ITEM_IMMEDIATE : 0;
  return ztc__tape_add(tape,
                       (ztc__item){.value = size == 0 ? 0 : place,
                                   .size = (uint32_t)size,
                                   .type = ZTC_TYPE_BYTES,
                                   .flags = flags},
                       size, 0);
}

ztc_status ztc__tape_array(ztc__tape *tape, uint32_t element, const void *data, uint64_t count) {
  ztc_status status = ztc__tape_check_value(tape);
  if (status != ZTC_OK)
    return status;
  const uint32_t width = element <= UINT8_MAX ? ztc__element_size((uint8_t)element) : 0;
  if (width == 0) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "%u is not an element type", element);
  }
  if (tape->has_label && (status = ztc__tape_take_label(tape)) != ZTC_OK)
    return status;
  const uint64_t place = tape->text.size;
  const uint64_t size = count > ZTC_MAX_RECORD_SIZE ? count : count * width;
  status = keep(tape, data, size);
  if (status != ZTC_OK)
    return status;
  return ztc__tape_add(tape,
                       (ztc__item){.value = place,
                                   .size = (uint32_t)count,
                                   .type = ZTC_TYPE_ARRAY,
                                   .kind = (uint8_t)element},
                       ZTC__NODE_HEADER_SIZE + size, 14);
}

ztc_status ztc__tape_begin(ztc__tape *tape, uint8_t type, uint32_t id) {
  ztc_status status = ztc__tape_check_value(tape);
  if (status != ZTC_OK)
    return status;
  if (tape->depth == ZTC_MAX_DEPTH) {
    return ztc__tape_fail(tape, ZTC_TOO_DEEP, "more than %d containers inside each other",
                          ZTC_MAX_DEPTH);
  }
  if (tape->has_label && (status = ztc__tape_take_label(tape)) != ZTC_OK)
    return status;
  uint32_t context = 0;
  if (tape->depth > 0) {
    const ztc__frame *parent = &tape->frames[tape->depth - 1];
    context = parent->context;
    if (parent->type == ZTC_TYPE_MAP)
      context = tape->keys.at[parent->key_base + parent->count].number + 1;
  }
  const uint32_t item = tape->items.count;
  status =
      ztc__tape_add(tape, (ztc__item){.value = id, .type = type}, 0, ZTC__NODE_HEADER_SIZE + 14);
  if (status != ZTC_OK)
    return status;
  tape->frames[tape->depth++] = (ztc__frame){.item = item,
                                             .key_base = tape->keys.count,
                                             .context = context,
                                             .shape = ZTC__NONE,
                                             .type = type};
  if (tape->depth > tape->max_depth)
    tape->max_depth = tape->depth;
  return ZTC_OK;
}

ztc_status ztc__tape_end(ztc__tape *tape) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (tape->depth == 0) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "an end without a list, map or ext");
  }
  if (tape->has_label)
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a label before an end");
  ztc__frame *frame = &tape->frames[tape->depth - 1];
  if (frame->listed != 0)
    ztc__tape_leave_list(tape);
  if (frame->key_given) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "the map ends between a key and its value");
  }
  if (frame->type == ZTC_TYPE_EXT && frame->count == 0) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "the ext has no payload");
  }
  ztc__item *item = &tape->items.at[frame->item];
  item->size = frame->count;
  item->kind = frame->mixed ? 0 : frame->first_type;
  item->flags = frame->mixed ? ZTC__ITEM_TYPES : 0;
  if (frame->type == ZTC_TYPE_MAP) {
    const ztc_status status = ztc__tape_end_map(tape, frame);
    if (status != ZTC_OK)
      return status;
  }
  if (frame->type == ZTC_TYPE_LIST && frame->first_type == ZTC_TYPE_MAP && !frame->mixed) {
    tape->maybe_rows = true;
  }
  tape->depth--;
  return ZTC_OK;
}

ztc_status ztc__tape_complete(ztc__tape *tape) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (tape->depth > 0) {
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "%u containers are still open", tape->depth);
  }
  if (tape->has_label)
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "a label without a value");
  if (tape->items.count == 0)
    return ztc__tape_fail(tape, ZTC_WRONG_STATE, "there is no value");
  return ZTC_OK;
}
