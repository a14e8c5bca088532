/* The inside of a ztc_value. */
#ifndef ZTC_VALUE_H
#define ZTC_VALUE_H

#include "node.h"

/*
 * For a container: [at, end) is its node, or at == end for an empty one without a node; slot is the
 * number + 1 if it is a row of that node, else 0. For a scalar: [at, end) is the node that holds
 * its slot.
 */
typedef struct ztc__value {
  ztc__image image;
  uint64_t slot;
  uint32_t at;
  uint32_t end;
  uint32_t slot_at;
  uint8_t type;
  bool shared;
} ztc__value;

_Static_assert(sizeof(ztc__value) <= sizeof(ztc_value), "a value fits its public form");

static inline const ztc__value *ztc__value_in(const ztc_value *value) {
  return (const ztc__value *)(const void *)value;
}
static inline ztc__value *ztc__value_out(ztc_value *value) {
  return (ztc__value *)(void *)value;
}

/* Is the slot's payload one that its type can have? Not asked of strings and bytes. */
static inline bool ztc__scalar_is_valid(uint8_t type, uint64_t slot) {
  const int64_t n = (int64_t)slot;
  switch (type) {
    case ZTC_TYPE_NULL:
      return slot == 0;
    case ZTC_TYPE_BOOL:
      return slot <= 1;
    case ZTC_TYPE_I8:
      return n == (int8_t)n;
    case ZTC_TYPE_I16:
      return n == (int16_t)n;
    case ZTC_TYPE_I32:
      return n == (int32_t)n;
    case ZTC_TYPE_F32:
      return slot >> 32 == 0;
    default:
      return true;
  }
}

/* The value that a slot of `node` stands for, with local references followed. */
ztc_status ztc__value_of_entry(const ztc__image *image, const ztc__node *node,
                               const ztc__entry *entry, ztc__value *out);
/* The value stored as this node: a container, or what a BOX holds. */
ztc_status ztc__value_of_node(const ztc__image *image, const ztc__node *node, ztc__value *out);
/* The node of a container value; *empty if it has none. TYPE_MISMATCH if the value is a scalar. */
ztc_status ztc__value_node(const ztc__value *value, ztc__node *out, bool *empty);

#endif
