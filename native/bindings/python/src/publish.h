/* Between publish.c and put.c. */
#ifndef ZT_PUBLISH_H
#define ZT_PUBLISH_H

#include "zt.h"

typedef struct zt_publisher {
  ztc_writer *writer;
  ztb_events events;
  ztb_seen labels;     /* of this record: address to label */
  PyObject *held;      /* what has a label: no other object gets its address meanwhile */
  ztb_seen keys;       /* address of a str to the number of its key */
  PyObject *held_keys; /* those strings */
  PyObject *path;
  PyObject *key;   /* makes a key of a record, or NULL */
  PyObject *field; /* a str: the key that each record must have, or NULL */
  unsigned long long records;
} zt_publisher;

/* The way to the value being written, for errors. */
typedef struct zt_place {
  const struct zt_place *up;
  PyObject *key;    /* NULL: an element, or no step at all */
  Py_ssize_t index; /* -1: no step */
  uint32_t depth;
} zt_place;

/* All return false with an exception set. */
bool zt_put_value(zt_publisher *p, const zt_place *at, PyObject *value, bool shared);
/* "record 7: $.a[3]: REASON cannot be published"; also from the TypeError that is set, if `reason`
   is NULL. */
bool zt_refuse(zt_publisher *p, const zt_place *at, PyObject *reason);
bool zt_refuse_text(zt_publisher *p, const zt_place *at, const char *reason);
bool zt_put_string(zt_publisher *p, const zt_place *at, uint8_t op, PyObject *string);
bool zt_put_buffer(zt_publisher *p, const zt_place *at, PyObject *value, bool shared);
/* A str whose characters can all be stored as they are. */
bool zt_is_text(PyObject *string);
/* The start of a container: *known when a reference to it is all that was needed. */
bool zt_put_label(zt_publisher *p, PyObject *value, bool shared, bool *known);

/* The key of the record that is being put; None is none. */
bool zt_put_record_key(zt_publisher *p, const zt_place *at, PyObject *key);

/* The result of putting events. */
static inline bool zt_ok(bool put) {
  if (!put)
    PyErr_NoMemory();
  return put;
}

#endif
