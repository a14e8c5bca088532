#include "keybook.h"

void ztc__keybook_free(ztc__keybook *book) {
  ztc__defined_keys_free(&book->keys);
  ztc__buffer_free(&book->text);
}

ztc_status ztc__keybook_define(ztc__keybook *book, ztc__tape *tape, const void *text, uint64_t size,
                               uint32_t encoding) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (book->keys.count >= ZTC__DEFINED_KEYS_MAX) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT,
                          "more than %d defined keys; use plain keys where they do not repeat",
                          ZTC__DEFINED_KEYS_MAX);
  }
  ztc__text key;
  ztc_status status = ztc__tape_narrow(tape, &book->text, text, size, encoding, &key);
  if (status != ZTC_OK)
    return status;
  if (!ztc__defined_keys_reserve(&book->keys, 1))
    return ztc__tape_no_memory(tape);
  const uint32_t number = ztc__intern_find_key(tape->interner, &key);
  status = ztc__tape_narrow_key(tape, &key, number);
  if (status != ZTC_OK)
    return status;
  *ztc__defined_keys_push(&book->keys) = (ztc__defined_key){.place = book->text.size,
                                                            .size = key.size,
                                                            .number = number,
                                                            .checked = tape->interner->keys.count,
                                                            .kind = key.kind};
  book->text.size += key.size;
  return ZTC_OK;
}

ztc_status ztc__keybook_use(ztc__keybook *book, ztc__tape *tape, uint32_t number) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (number >= book->keys.count) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "key number %u is not defined; there are %u",
                          number, book->keys.count);
  }
  ztc__defined_key *key = &book->keys.at[number];
  if (key->number != ZTC__NONE)
    return ztc__tape_known_key(tape, key->number, key->size, key->kind);
  const ztc__text text = {
      .data = book->text.data + key->place, .size = key->size, .kind = key->kind};
  if (key->checked != tape->interner->keys.count) {
    key->number = ztc__intern_find_key(tape->interner, &text);
    key->checked = tape->interner->keys.count;
  }
  return ztc__tape_narrow_key(tape, &text, key->number);
}
