#include "keybook.h"

void ztc__keybook_free(ztc__keybook *book) {
  ztc__defined_keys_free(&book->keys);
  ztc__buffer_free(&book->text);
  ztc__key_lists_free(&book->lists);
  ztc__map_keys_free(&book->listed);
  ztc__numbers_free(&book->numbers);
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

/* The text of a key without a number, which it gets if the interner knows it by now. */
static ztc__text look_up(const ztc__keybook *book, const ztc__interner *interner,
                         ztc__defined_key *key) {
  const ztc__text text = {
      .data = book->text.data + key->place, .size = key->size, .kind = key->kind};
  if (key->checked != interner->keys.count) {
    key->number = ztc__intern_find_key(interner, &text);
    key->checked = interner->keys.count;
  }
  return text;
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
  const ztc__text text = look_up(book, tape->interner, key);
  return ztc__tape_narrow_key(tape, &text, key->number);
}

ztc_status ztc__keybook_define_list(ztc__keybook *book, ztc__tape *tape, const uint8_t *numbers,
                                    uint32_t count) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (count == 0 || count > ZTC__SHAPE_KEYS_MAX) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT, "a list of %u keys; 1 to %d are possible",
                          count, ZTC__SHAPE_KEYS_MAX);
  }
  if (book->lists.count >= ZTC__LISTS_MAX ||
      book->listed.count > (uint32_t)ZTC__LISTED_KEYS_MAX - count) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT,
                          "more than %d lists of keys, or %d keys in them; use plain keys where "
                          "they do not repeat",
                          ZTC__LISTS_MAX, ZTC__LISTED_KEYS_MAX);
  }
  if (!ztc__key_lists_reserve(&book->lists, 1) || !ztc__map_keys_reserve(&book->listed, count) ||
      !ztc__numbers_reserve(&book->numbers, count)) {
    return ztc__tape_no_memory(tape);
  }
  ztc__key_list list = {.first = book->listed.count,
                        .count = count,
                        .shape = ZTC__NONE,
                        .checked = UINT32_MAX}; /* not yet */
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t number;
    memcpy(&number, numbers + (size_t)i * sizeof number, sizeof number);
    if (number >= book->keys.count) {
      return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT,
                            "key number %u of a list is not defined; there are %u", number,
                            book->keys.count);
    }
    const ztc__defined_key *key = &book->keys.at[number];
    book->numbers.at[list.first + i] = number;
    book->listed.at[list.first + i] = (ztc__map_key){
        .place = key->place, .number = key->number, .size = key->size, .kind = key->kind};
    list.bound += ztc__tape_key_bound(key->size);
    bytes += key->size;
  }
  if (bytes > ZTC__LIST_BYTES_MAX) {
    return ztc__tape_fail(tape, ZTC_TOO_LARGE,
                          "the keys of a list have %llu bytes; the limit is %d",
                          (unsigned long long)bytes, ZTC__LIST_BYTES_MAX);
  }
  book->listed.count += count;
  book->numbers.count += count;
  *ztc__key_lists_push(&book->lists) = list;
  return ZTC_OK;
}

/* Numbers and shape of a list without shape, as far as the interner knows them by now. */
static void resolve(ztc__keybook *book, const ztc__interner *interner, ztc__key_list *list) {
  ztc__map_key *keys = book->listed.at + list->first;
  bool known = true;
  for (uint32_t i = 0; i < list->count; i++) {
    if (keys[i].number == ZTC__NONE) {
      ztc__defined_key *key = &book->keys.at[book->numbers.at[list->first + i]];
      if (key->number == ZTC__NONE)
        look_up(book, interner, key);
      keys[i].number = key->number;
    }
    known &= keys[i].number != ZTC__NONE;
  }
  if (known)
    list->shape = ztc__intern_find_shape(interner, keys, list->count);
  list->checked = interner->shapes.count;
}

ztc_status ztc__keybook_begin_map(ztc__keybook *book, ztc__tape *tape, uint32_t number) {
  if (tape->status != ZTC_OK)
    return tape->status;
  if (number >= book->lists.count) {
    return ztc__tape_fail(tape, ZTC_INVALID_ARGUMENT,
                          "list of keys number %u is not defined; there are %u", number,
                          book->lists.count);
  }
  ztc__key_list *list = &book->lists.at[number];
  if (list->shape == ZTC__NONE && list->checked != tape->interner->shapes.count)
    resolve(book, tape->interner, list); /* keys come with shapes only */
  return ztc__tape_begin_listed(tape, book->listed.at + list->first, list->count, list->shape,
                                list->bound, book->text.data);
}
