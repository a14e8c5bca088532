/* Between decode.c and ext.c. */
#ifndef ZT_DECODE_H
#define ZT_DECODE_H

#include "zt.h"

/* How a value is wanted: its depth, and flags. */
enum {
  ZT_DEPTH = 0xffff,
  ZT_NOW = 0x10000,     /* complete, when the function returns */
  ZT_HASHABLE = 0x20000 /* to be hashed: tuple and frozenset in the place of list and set */
};
/* C calls inside each other before the filling of containers is put off; what cannot be put off,
   such as the parts of a date, may be a little deeper. */
enum { ZT_MOST_NESTED = 520, ZT_MOST_NESTED_NOW = ZT_MOST_NESTED + 64 };
enum { ZT_NO_ALIAS = UINT32_MAX };

typedef struct zt_work {
  ztb_node node;
  PyObject *to; /* its own reference */
  int how;
} zt_work;

typedef struct zt_decoder {
  zt_region *region;
  ztb_copy copy;
  ztc_status status; /* OK after a failure: an exception is set */
  const char *reason;
  uint32_t alias; /* node that the next container stands for as well */
  uint32_t nested;
  uint64_t hashes; /* values that may still be hashed */
  ztb_seen shared; /* address in the copy to the value, with a reference */
  zt_work *work;
  size_t waiting;
  size_t room;
} zt_decoder;

/* All return NULL, or false, after a failure. Values are new references. */
PyObject *zt_fail(zt_decoder *d, ztc_status status, const char *reason);
PyObject *zt_corrupt(zt_decoder *d);
PyObject *zt_too_deep(zt_decoder *d);
/* Fills it later. */
bool zt_wait(zt_decoder *d, const ztb_node *node, PyObject *to, int how);
/* Whether that is to be done with what is filled by zt_ext_fill. */
static inline bool zt_is_later(const zt_decoder *d, int how) {
  return d->nested >= ZT_MOST_NESTED && (how & ZT_NOW) == 0;
}
PyObject *zt_value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                   uint32_t slot_at, int how);
/* The value of slot `i` of a node. */
PyObject *zt_value_at(zt_decoder *d, const ztb_node *holder, uint32_t i, int how);
/* Remembers what a SHARED node (and the one that it stands for) is. */
bool zt_remember(zt_decoder *d, const ztb_node *node, PyObject *value);
bool zt_remember_at(zt_decoder *d, uint32_t at, PyObject *value);
PyObject *zt_ext_value(zt_decoder *d, const ztb_node *ext, int how);
/* In collisions.c: whether the values of a list may be added to a set, or be keys of a dict. */
bool zt_can_tell_apart(zt_decoder *d, PyObject *list);
/* Fills a value of zt_ext_value that waited. */
bool zt_ext_fill(zt_decoder *d, const ztb_node *ext, PyObject *to, int how);

#endif
