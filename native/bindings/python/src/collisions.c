/*
 * What hashing may cost. Elements and keys with one hash are compared each with each; and a tuple
 * is hashed with all that is in it, as often as that is met, where a copy holds it once.
 */
#include <stdlib.h>

#include "decode.h"

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

static bool charge(zt_decoder *d, PyObject *value) {
  const size_t steps = steps_of(value);
  if (steps > d->hashes)
    return false;
  d->hashes -= steps;
  bool fine = true;
  if (PyTuple_CheckExact(value)) {
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value) && fine; i++)
      fine = charge(d, PyTuple_GET_ITEM(value, i));
  } else if ((PyObject *)Py_TYPE(value) == zt_name.ext) {
    PyObject *payload = PyObject_GetAttrString(value, "payload");
    if (payload == NULL)
      PyErr_Clear();
    fine = payload == NULL || charge(d, payload);
    Py_XDECREF(payload);
  }
  return fine;
}

bool zt_can_tell_apart(zt_decoder *d, PyObject *list) {
  const Py_ssize_t count = PyList_GET_SIZE(list);
  for (Py_ssize_t i = 0; i < count; i++) {
    if (!charge(d, PyList_GET_ITEM(list, i))) {
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
