/* Between decode.c and ext.c. */
#ifndef ZT_DECODE_H
#define ZT_DECODE_H

#include "zt.h"

/* C calls inside each other before the filling of containers is put off. */
enum { ZT_MOST_NESTED = 520 };
enum { ZT_NO_ALIAS = UINT32_MAX };

typedef struct zt_work {
  ztb_node node;
  uint32_t to; /* its place among the remembered values */
  uint32_t depth;
} zt_work;

typedef struct zt_decoder {
  zt_region *region;
  ztb_copy copy;
  ztc_status status;
  const char *reason;
  int state;      /* of an exception */
  uint32_t alias; /* node that the next container stands for as well */
  uint32_t nested;
  ztb_seen shared; /* address in the copy to a place in `values` */
  VALUE values;    /* a hidden array, which the garbage collector sees on the stack; 0: none yet */
  zt_work *work;
  size_t waiting;
  size_t room;
} zt_decoder;

/* All return Qundef, or false, after a failure. */
VALUE zt_fail(zt_decoder *d, ztc_status status, const char *reason);
VALUE zt_corrupt(zt_decoder *d);
VALUE zt_value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot, uint32_t slot_at,
               uint32_t depth);
VALUE zt_value_at(zt_decoder *d, const ztb_node *holder, uint32_t i, uint32_t depth);
/* Remembers what a SHARED node (and the one that it stands for) is. */
bool zt_remember(zt_decoder *d, const ztb_node *node, VALUE value);
VALUE zt_ext_value(zt_decoder *d, const ztb_node *ext, uint32_t depth);

#endif
