/* Keys that an event stream defines once and then uses by number. One thread. */
#ifndef ZTC_KEYBOOK_H
#define ZTC_KEYBOOK_H

#include "tape.h"

enum { ZTC__DEFINED_KEYS_MAX = 1 << 20 };

typedef struct ztc__defined_key {
  uint64_t place;
  uint32_t size;
  uint32_t number;  /* in the interner, or ZTC__NONE */
  uint32_t checked; /* keys that the interner had when it did not know this one */
  uint8_t kind;
} ztc__defined_key;

ZTC__DEFINE_STACK(ztc__defined_keys, ztc__defined_key);

typedef struct ztc__keybook {
  ztc__defined_keys keys;
  ztc__buffer text;
} ztc__keybook;

void ztc__keybook_free(ztc__keybook *book);
/* Puts the key on the tape; if that may be, it gets the next number. Errors go to the tape. */
ztc_status ztc__keybook_define(ztc__keybook *book, ztc__tape *tape, const void *text, uint64_t size,
                               uint32_t encoding);
/* Puts the key with this number on the tape. */
ztc_status ztc__keybook_use(ztc__keybook *book, ztc__tape *tape, uint32_t number);

#endif
