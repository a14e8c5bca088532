/* Keys that an event stream defines once and then uses by number. One thread. */
#ifndef ZTC_KEYBOOK_H
#define ZTC_KEYBOOK_H

#include "tape.h"

enum {
  ZTC__DEFINED_KEYS_MAX = 1 << 20,
  ZTC__LISTS_MAX = 1 << 16,
  ZTC__LISTED_KEYS_MAX = 1 << 20, /* in all lists */
  ZTC__LIST_BYTES_MAX = 1 << 16   /* of the keys of one */
};

typedef struct ztc__defined_key {
  uint64_t place;
  uint32_t size;
  uint32_t number;  /* in the interner, or ZTC__NONE */
  uint32_t checked; /* keys that the interner had when it did not know this one */
  uint8_t kind;
} ztc__defined_key;

/* The keys of a map in their order. */
typedef struct ztc__key_list {
  uint32_t first; /* in `listed` */
  uint32_t count;
  uint32_t shape;   /* of all of them, or ZTC__NONE */
  uint32_t checked; /* shapes that the interner had when there was none */
  uint64_t bound;   /* what the keys take in a record at most */
} ztc__key_list;

ZTC__DEFINE_STACK(ztc__defined_keys, ztc__defined_key);
ZTC__DEFINE_STACK(ztc__key_lists, ztc__key_list);

typedef struct ztc__keybook {
  ztc__defined_keys keys;
  ztc__buffer text;
  ztc__key_lists lists;
  ztc__map_keys listed; /* of all lists; places count from `text` */
  ztc__numbers numbers; /* which defined keys they are */
} ztc__keybook;

void ztc__keybook_free(ztc__keybook *book);
/* Puts the key on the tape; if that may be, it gets the next number. Errors go to the tape. */
ztc_status ztc__keybook_define(ztc__keybook *book, ztc__tape *tape, const void *text, uint64_t size,
                               uint32_t encoding);
/* Puts the key with this number on the tape. */
ztc_status ztc__keybook_use(ztc__keybook *book, ztc__tape *tape, uint32_t number);
/* Gives a list of `count` defined keys (u32, unaligned) the next number. Errors go to the tape. */
ztc_status ztc__keybook_define_list(ztc__keybook *book, ztc__tape *tape, const uint8_t *numbers,
                                    uint32_t count);
/* Begins a map with the keys of the list with this number. */
ztc_status ztc__keybook_begin_map(ztc__keybook *book, ztc__tape *tape, uint32_t number);

#endif
