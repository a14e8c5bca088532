/* Between decode.c and ext.c. */
#ifndef ZT_DECODE_H
#define ZT_DECODE_H

#include "zt.h"

/*
 * C calls inside each other before the filling of containers is put off. What is hashed is put off
 * sooner, so that its elements, which have to be complete, may be as deep as any owned data; and
 * what cannot be put off, such as the parts of a date, may be a little deeper.
 */
enum { ZT_MOST_NESTED = 520, ZT_MOST_NESTED_HASH = 64, ZT_MOST_NESTED_NOW = ZT_MOST_NESTED + 64 };
enum { ZT_NO_ALIAS = UINT32_MAX };
/* Steps of hashing: for any record, and beyond that for each of its bytes. */
enum { ZT_HASHES = 1 << 24, ZT_HASHES_A_BYTE = 16 };

typedef struct zt_work {
  ztb_node node;
  uint32_t to; /* its place among the remembered values */
  uint32_t depth;
} zt_work;

/* What is to be filled later. */
typedef struct zt_queue {
  zt_work *work;
  size_t count;
  size_t done; /* of the first ones; only in `late` */
  size_t room;
} zt_queue;

typedef struct zt_decoder {
  zt_region *region;
  ztb_copy copy;
  ztc_status status;
  const char *reason;
  int state;      /* of an exception */
  uint32_t alias; /* node that the next container stands for as well */
  uint32_t nested;
  ztb_seen shared;  /* address in the copy to a place in `values` */
  VALUE values;     /* a hidden array, which the garbage collector sees on the stack; 0: none yet */
  uint32_t now;     /* not 0: what is made has to be complete, since it will be hashed */
  zt_queue waiting; /* containers: the last one first */
  zt_queue late; /* sets and maps with other keys, when no container waits: the first one first */
  uint64_t hashes; /* steps of hashing that it may still cost */
  uint64_t cycles; /* values that were hashed and lie in themselves */
  VALUE again;   /* a hidden array of what was hashed while others were not complete; or 0 */
} zt_decoder;

/* All return Qundef, or false, after a failure. */
VALUE zt_fail(zt_decoder *d, ztc_status status, const char *reason);
VALUE zt_corrupt(zt_decoder *d);
VALUE zt_too_deep(zt_decoder *d);
/* Fills it later. */
bool zt_wait(zt_decoder *d, zt_queue *queue, const ztb_node *node, VALUE to, uint32_t depth);
VALUE zt_value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot, uint32_t slot_at,
               uint32_t depth);
VALUE zt_value_at(zt_decoder *d, const ztb_node *holder, uint32_t i, uint32_t depth);
/* Remembers what a SHARED node (and the one that it stands for) is. */
bool zt_remember(zt_decoder *d, const ztb_node *node, VALUE value);
VALUE zt_ext_value(zt_decoder *d, const ztb_node *ext, uint32_t depth);
/* Fills a value of zt_ext_value that waited. */
bool zt_ext_fill(zt_decoder *d, const ztb_node *ext, VALUE to, uint32_t depth);
/* Takes what hashing a complete element or key will cost, before Ruby does it; false: too much. */
bool zt_can_hash(zt_decoder *d, VALUE value);
/* The same for all elements of a set, or keys of a hash. */
bool zt_can_hash_again(zt_decoder *d, VALUE one);
/* When all is complete: hashes again what was hashed before. */
bool zt_ext_hash_again(zt_decoder *d);

#endif
