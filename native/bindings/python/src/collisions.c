/*
 * What hashing may cost. Elements and keys with one hash are compared each with each; and a tuple
 * is hashed with all that is in it, as often as that is met, where a copy holds it once. CPython
 * hashes tuples in tuples by calls inside each other, of which it does not count how many: what
 * lies deeper than a record may be nested, or in itself, is refused before anything is hashed.
 */
#include <stdlib.h>

#include "decode.h"

#include <structmember.h>

enum { MOST_ALIKE = 256 };

static int compare(const void *one, const void *other) {
  const Py_hash_t a = *(const Py_hash_t *)one, b = *(const Py_hash_t *)other;
  return (a > b) - (a < b);
}

/* Numbers are hashed with all their digits, each time; strings remember their hash. */
static size_t steps_of(PyObject *value) {
  if (PyUnicode_CheckExact(value) || PyBytes_CheckExact(value) || PyTuple_CheckExact(value))
    return 1;
  const size_t bytes = _PySys_GetSizeOf(value);
  if (bytes != (size_t)-1)
    return 1 + bytes / 64;
  PyErr_Clear();
  return 1;
}

static bool charge(zt_decoder *d, PyObject *value, int depth);

/* Whose class may be one of the caller's, says itself how to hash, and is no enum. */
static bool is_hashed_by_fields(const zt_decoder *d, PyObject *value) {
  PyTypeObject *const type = Py_TYPE(value);
  if ((PyObject *)type == zt_name.ext)
    return true;
  return d->region->classes != NULL && (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 &&
         type->tp_hash != PyBaseObject_Type.tp_hash &&
         type->tp_hash != PyObject_HashNotImplemented &&
         !PyObject_HasAttrString((PyObject *)type, "__members__");
}

/* Fields of an object whose class says how to hash it, as a frozen dataclass does: from them. */
static bool charge_fields(zt_decoder *d, PyObject *object, int depth) {
  bool fine = true;
  PyObject *dict = PyObject_GenericGetDict(object, NULL);
  PyObject *values = dict != NULL ? PyDict_Values(dict) : NULL;
  if (values == NULL)
    PyErr_Clear(); /* it has slots only */
  for (Py_ssize_t i = 0; values != NULL && fine && i < PyList_GET_SIZE(values); i++)
    fine = charge(d, PyList_GET_ITEM(values, i), depth);
  Py_XDECREF(values);
  Py_XDECREF(dict);
  for (const PyTypeObject *type = Py_TYPE(object); type != NULL && fine; type = type->tp_base) {
    const PyMemberDef *slot = (type->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0 ? type->tp_members : NULL;
    for (; slot != NULL && slot->name != NULL && fine; slot++) {
      PyObject *item =
          slot->type == T_OBJECT_EX ? *(PyObject **)((char *)object + slot->offset) : NULL;
      Py_XINCREF(item);
      fine = item == NULL || charge(d, item, depth);
      Py_XDECREF(item);
    }
  }
  return fine;
}

static bool charge(zt_decoder *d, PyObject *value, int depth) {
  if (depth > ZTC_MAX_DEPTH) {
    return zt_fail(d, ZTC_TOO_DEEP,
                   "it holds a set or a map with an element or a key that is nested too deeply to"
                   " be hashed") != NULL;
  }
  const size_t steps = steps_of(value);
  if (steps > d->hashes)
    return false;
  d->hashes -= steps;
  bool fine = true;
  if (PyTuple_CheckExact(value)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value) && fine; i++)
      fine = charge(d, PyTuple_GET_ITEM(value, i), depth + 1);
  } else if (is_hashed_by_fields(d, value)) {
    fine = charge_fields(d, value, depth + 1);
  }
  return fine;
}

bool zt_can_tell_apart(zt_decoder *d, PyObject *list) {
  const Py_ssize_t count = PyList_GET_SIZE(list);
  for (Py_ssize_t i = 0; i < count; i++) {
    if (!charge(d, PyList_GET_ITEM(list, i), 1)) {
      return zt_fail(d, ZTC_TOO_LARGE,
                     "it holds a set or a map whose elements or keys would take"
                     " too long to be hashed") != NULL;
    }
  }
  if (count <= MOST_ALIKE)
    return true;
  Py_hash_t *hashes = PyMem_New(Py_hash_t, (size_t)count);
  if (hashes == NULL)
    return PyErr_NoMemory() != NULL;
  bool fine = true;
  for (Py_ssize_t i = 0; i < count && fine; i++) {
    hashes[i] = PyObject_Hash(PyList_GET_ITEM(list, i));
    fine = hashes[i] != -1;
  }
  if (!fine) {
    PyErr_Clear(); /* whoever adds it says why */
    PyMem_Free(hashes);
    return true;
  }
  qsort(hashes, (size_t)count, sizeof *hashes, compare);
  for (Py_ssize_t i = MOST_ALIKE; i < count && fine; i++)
    fine = hashes[i] != hashes[i - MOST_ALIKE];
  PyMem_Free(hashes);
  return fine || zt_fail(d, ZTC_TOO_LARGE,
                         "it holds a set or a map with more than 256 elements or keys of"
                         " one hash, which would take too long to tell apart") != NULL;
}
