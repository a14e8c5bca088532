/* What the parts of the Python binding share. Functions return NULL or -1 with an exception set. */
#ifndef ZT_H
#define ZT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "../common/copy.h"
#include "../common/events.h"
#include "../common/seen.h"

/* ---------------------------------------------------------- what zerotouch's Python part is -- */

/* Objects of the package that C code uses, held for good. */
typedef struct zt_names {
  PyObject *exception; /* _errors.exception(status, message, errno, path) */
  PyObject *ext;       /* Ext, the class */
  PyObject *restore;   /* _convert.restore(id, payload) */
  PyObject *describe;  /* _convert.describe(value): its events, or (class name, fields) */
  PyObject *array;     /* array.array */
  PyTypeObject *map_view;
  PyTypeObject *list_view;
} zt_names;
extern zt_names zt_name;

/* Text of the C library: UTF-8, but for names of files and what was cut off. */
PyObject *zt_message(const char *text);
/* Sets the exception for a status of the C library. `path` may be NULL. */
void zt_raise(ztc_status status, const char *message, int system_errno, PyObject *path);
void zt_raise_error(const ztc_error *error, PyObject *path);

/* --------------------------------------------------------------------------------- region -- */

/* Memory outside the heap, where nothing shares a page with what a parent made; see keys.c. */
typedef struct zt_arena zt_arena;

/* What dicts of one shape have in common, see whole_dict.h. */
typedef struct zt_whole {
  void *block; /* NULL: there is nothing */
  size_t size;
} zt_whole;

/* The keys of a shape as strings, borrowed from its region. */
typedef struct zt_keys {
  zt_whole whole;
  PyObject *at[];
} zt_keys;

typedef struct zt_region {
  PyObject_HEAD ztc_region *region; /* NULL only before __init__ */
  ztb_schema schema;
  PyObject *path;    /* absolute, of type str */
  PyObject *classes; /* a dict from class names to classes, or NULL */
  uint32_t flags;
  /* Keys of shapes as strings, made when a shape is first met in this process. What was made before
     a fork is left alone in the child: a reference to it would be a write to an inherited page. */
  unsigned made_in;
  zt_keys **shape_keys; /* of each shape; NULL: not made */
  PyObject **keys;
  zt_arena *arena; /* where all of those are */
  uint8_t *buffer; /* there too, for one copy at a time */
  bool buffer_in_use;
} zt_region;

extern PyTypeObject zt_region_type;
/* Counts the forks between the first process and this one. */
extern unsigned zt_generation;

/* Begins with no keys, and a buffer of zt_buffer_size, in this process. */
bool zt_begin_process(zt_region *region);
void zt_end_process(zt_region *region);
enum { ZT_BUFFER_SIZE = 64 * 1024 };
void *zt_arena_take(zt_arena *arena, size_t size);
/* The keys of a shape in this process. */
zt_keys *zt_make_shape_keys(zt_region *region, const ztb_shape *shape);
static inline zt_keys *zt_shape_keys(zt_region *region, const ztb_shape *shape) {
  if (region->made_in == zt_generation) {
    zt_keys *keys = region->shape_keys[shape->number];
    if (keys != NULL)
      return keys;
  }
  return zt_make_shape_keys(region, shape);
}
/* A fresh copy of a record. */
PyObject *zt_region_copy(zt_region *region, uint64_t index);
/* Methods, in record_key.c; the region is open. */
PyObject *zt_region_index_of(zt_region *region, PyObject *key);
PyObject *zt_region_get(zt_region *region, PyObject *args);
/* Raises what a failed copy of record `index` (at `path`, or NULL) was about. */
void zt_region_fail(const zt_region *region, uint64_t index, const char *path, ztc_status status,
                    const char *reason);

/* --------------------------------------------------------------------------------- decode -- */

/* A fresh value from a copy of record `index`. */
PyObject *zt_decode(zt_region *region, const void *copy, uint64_t size, uint64_t index,
                    const char *path);
/* A fresh value from one slot of a copy that views look at. */
PyObject *zt_decode_slot(zt_region *region, const void *copy, uint64_t size, const ztb_node *holder,
                         uint8_t type, uint64_t slot, uint32_t slot_at);
/* The same for a container (a row is a MAP, see ztb_node_row). */
PyObject *zt_decode_node(zt_region *region, const void *copy, uint64_t size, const ztb_node *node);
PyObject *zt_text(const ztb_text *text);
/* After a failure: whether it was about bytes that are no UTF-8. Then the exception is gone. */
static inline bool zt_is_ill_formed(void) {
  if (!PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
    return false;
  PyErr_Clear();
  return true;
}

/* ----------------------------------------------------------------------------------- view -- */

extern PyTypeObject zt_copy_type, zt_array_type, zt_map_view_type, zt_list_view_type;
/* A view of a record; a plain value where the record is one. */
PyObject *zt_view_open(zt_region *region, uint64_t index);

/* -------------------------------------------------------------------------------- publish -- */

/* publish(path, iterable, key) */
PyObject *zt_publish(PyObject *module, PyObject *const *args, Py_ssize_t count);

#endif
