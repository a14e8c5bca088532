/* An open region: records by number, and the errors of copying from it. */
#include "zt.h"

#include <structmember.h>

enum { BATCH = 64 };
/* From here on other threads may run while a copy is made. */
enum { LARGE = 512 * 1024 };

/* --------------------------------------------------------------------------------- errors -- */

void zt_region_fail(const zt_region *region, uint64_t index, const char *path, ztc_status status,
                    const char *reason) {
  char text[600];
  const uint64_t count = ztc_region_count(region->region);
  PyOS_snprintf(text, sizeof text, "record %llu%s%.200s: %s", (unsigned long long)index,
                path != NULL ? ", " : "", path != NULL ? path : "",
                reason != NULL ? reason : ztc_status_text(status));
  if (status == ZTC_OUT_OF_RANGE && path == NULL) {
    const size_t used = strlen(text);
    PyOS_snprintf(text + used, sizeof text - used, " (there are %llu records)",
                  (unsigned long long)count);
  }
  zt_raise(status, text, 0, region->path);
}

static bool check_open(const zt_region *self) {
  if (self->region != NULL)
    return true;
  PyErr_SetString(PyExc_ValueError, "the region was never opened");
  return false;
}

/* -------------------------------------------------------------------------------- copying -- */

/* Where a copy is until it is decoded: the region's buffer, or memory of its own. */
typedef struct room {
  uint8_t *bytes;
  uint64_t capacity;
  bool own;
} room;

static bool room_begin(zt_region *self, room *out) {
  if ((self->made_in != zt_generation || self->arena == NULL) && !zt_begin_process(self)) {
    return false;
  }
  /* In use: by another thread, or further up in this one, which was decoding and ran Python code.
   */
  *out = (room){.bytes = NULL, .own = true};
  if (!self->buffer_in_use) {
    self->buffer_in_use = true;
    *out = (room){.bytes = self->buffer, .capacity = ZT_BUFFER_SIZE};
  }
  return true;
}

static void room_end(zt_region *self, room *used) {
  if (used->own) {
    PyMem_RawFree(used->bytes);
  } else if (used->bytes ==
             self->buffer) { /* else it is a parent's: a class of the caller's forked */
    self->buffer_in_use = false;
  }
  *used = (room){.bytes = NULL, .own = true};
}

/* Copies a record, or a part of it; grows the room, which the caller ends. */
static bool copy(zt_region *self, uint64_t index, const char *path, room *to, uint64_t *size) {
  ztc_workspace *workspace = NULL;
  ztc_error error = {.message = ""};
  ztc_status status;
  for (;;) {
    *size = 0;
    PyThreadState *others = to->capacity >= LARGE ? PyEval_SaveThread() : NULL;
    status = path == NULL ? ztc_copy(self->region, index, to->bytes, to->capacity, size, workspace)
                          : ztc_copy_path(self->region, index, path, to->bytes, to->capacity, size,
                                          workspace, &error);
    if (others != NULL)
      PyEval_RestoreThread(others);
    if (status == ZTC_BUFFER_TOO_SMALL && *size > to->capacity) {
      room_end(self, to);
      *to = (room){.bytes = PyMem_RawMalloc(*size), .capacity = *size, .own = true};
      if (to->bytes != NULL)
        continue;
      status = ZTC_NO_MEMORY;
    } else if (status == ZTC_NEED_WORKSPACE) {
      status = workspace == NULL ? ztc_workspace_create(*size, &workspace)
                                 : ztc_workspace_reserve(workspace, *size);
      if (status == ZTC_OK)
        continue;
    }
    break;
  }
  ztc_workspace_free(workspace);
  if (status == ZTC_OK)
    return true;
  zt_region_fail(self, index, path, status, error.message[0] != '\0' ? error.message : NULL);
  return false;
}

static PyObject *record(zt_region *self, uint64_t index, const char *path) {
  room used;
  uint64_t size;
  PyObject *result = NULL;
  if (!room_begin(self, &used))
    return NULL;
  if (copy(self, index, path, &used, &size)) {
    result = zt_decode(self, used.bytes, size, index, path);
  }
  room_end(self, &used);
  return result;
}

PyObject *zt_region_copy(zt_region *region, uint64_t index) {
  return record(region, index, NULL);
}

/* A number from Python as the index of a record; negative ones count from the end. */
static bool to_index(const zt_region *self, PyObject *number, uint64_t *index) {
  Py_ssize_t value;
  if (PyLong_CheckExact(number)) {
    value = PyLong_AsSsize_t(number);
  } else {
    value = PyNumber_AsSsize_t(number, PyExc_IndexError);
  }
  if (value == -1 && PyErr_Occurred()) {
    if (PyUnicode_Check(number) || PyBytes_Check(number)) {
      PyErr_Format(PyExc_TypeError,
                   "records are numbered, and %R is no number; get(key) finds a record by its key",
                   number);
    } else if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
      PyErr_Format(PyExc_IndexError, "%U: there is no record %S", self->path, number);
    }
    return false;
  }
  if (value < 0) {
    const uint64_t back = 0 - (uint64_t)value, count = ztc_region_count(self->region);
    if (back > count) {
      PyErr_Format(PyExc_IndexError, "%U: record %zd: index out of range (there are %llu records)",
                   self->path, value, (unsigned long long)count);
      return false;
    }
    *index = count - back;
    return true;
  }
  *index = (uint64_t)value;
  return true;
}

/* Appends copies of records, BATCH at most; returns how many, or -1. */
static Py_ssize_t append_some(zt_region *self, const uint64_t *indices, Py_ssize_t count,
                              PyObject *list) {
  uint64_t offsets[BATCH + 1];
  size_t done = 0;
  room used;
  if (!room_begin(self, &used))
    return -1;
  const ztc_status status =
      ztc_copy_batch(self->region, indices, count < BATCH ? (size_t)count : BATCH, used.bytes,
                     used.capacity, offsets, &done, NULL);
  PyObject *item = Py_None;
  for (size_t i = 0; i < done && item != NULL; i++) {
    item = zt_decode(self, used.bytes + offsets[i], offsets[i + 1] - offsets[i], indices[i], NULL);
    if (item != NULL && PyList_Append(list, item) < 0)
      Py_CLEAR(item);
    Py_XDECREF(item);
  }
  room_end(self, &used);
  if (item == NULL)
    return -1;
  if (status == ZTC_OK)
    return (Py_ssize_t)done;
  /* The one in the way: alone, with all it needs, or with its error. */
  item = record(self, indices[done], NULL);
  if (item != NULL && PyList_Append(list, item) < 0)
    Py_CLEAR(item);
  Py_XDECREF(item);
  return item != NULL ? (Py_ssize_t)done + 1 : -1;
}

static bool append_batch(zt_region *self, const uint64_t *indices, Py_ssize_t count,
                         PyObject *list) {
  while (count > 0) {
    const Py_ssize_t done = append_some(self, indices, count, list);
    if (done < 0)
      return false;
    indices += done;
    count -= done;
  }
  return true;
}

static PyObject *records(zt_region *self, PyObject *numbers) {
  PyObject *fast = PySequence_Fast(numbers, "the indices must be iterable");
  if (fast == NULL)
    return NULL;
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(fast);
  PyObject *list = NULL;
  uint64_t *indices = PyMem_Calloc((size_t)count + 1, sizeof *indices);
  if (indices == NULL) {
    PyErr_NoMemory();
    goto out;
  }
  for (Py_ssize_t i = 0; i < count; i++) {
    if (PySequence_Fast_GET_SIZE(fast) != count) { /* by an __index__ */
      PyErr_SetString(PyExc_RuntimeError, "the indices change while they are read");
      goto out;
    }
    PyObject *number = Py_NewRef(PySequence_Fast_GET_ITEM(fast, i));
    const bool known = to_index(self, number, &indices[i]);
    Py_DECREF(number);
    if (!known)
      goto out;
  }
  list = PyList_New(0);
  if (list != NULL && !append_batch(self, indices, count, list))
    Py_CLEAR(list);
out:
  PyMem_Free(indices);
  Py_DECREF(fast);
  return list;
}

static PyObject *slice(zt_region *self, PyObject *bounds) {
  Py_ssize_t start, stop, step;
  if (PySlice_Unpack(bounds, &start, &stop, &step) < 0)
    return NULL;
  Py_ssize_t left =
      PySlice_AdjustIndices((Py_ssize_t)ztc_region_count(self->region), &start, &stop, step);
  PyObject *list = PyList_New(0);
  while (list != NULL && left > 0) {
    uint64_t indices[BATCH];
    Py_ssize_t count = 0;
    for (; count < BATCH && count < left; count++, start += step)
      indices[count] = (uint64_t)start;
    if (!append_batch(self, indices, count, list))
      Py_CLEAR(list);
    left -= count;
  }
  return list;
}

/* ------------------------------------------------------------------------------- methods -- */

static PyObject *region_item(zt_region *self, Py_ssize_t index) {
  if (!check_open(self))
    return NULL;
  if (index < 0) {
    PyErr_SetString(PyExc_IndexError, "index out of range");
    return NULL;
  }
  return record(self, (uint64_t)index, NULL);
}

static PyObject *region_subscript(zt_region *self, PyObject *key) {
  uint64_t index;
  if (!check_open(self))
    return NULL;
  if (PySlice_Check(key))
    return slice(self, key);
  return to_index(self, key, &index) ? record(self, index, NULL) : NULL;
}

static Py_ssize_t region_length(zt_region *self) {
  return check_open(self) ? (Py_ssize_t)ztc_region_count(self->region) : -1;
}

static PyObject *region_iter(zt_region *self) {
  return check_open(self) ? PySeqIter_New((PyObject *)self) : NULL;
}

static PyObject *region_getitems(zt_region *self, PyObject *numbers) {
  return check_open(self) ? records(self, numbers) : NULL;
}

static PyObject *region_view(zt_region *self, PyObject *number) {
  uint64_t index;
  if (!check_open(self) || !to_index(self, number, &index))
    return NULL;
  return zt_view_open(self, index);
}

static PyObject *region_copy_path(zt_region *self, PyObject *args) {
  uint64_t index;
  PyObject *number;
  const char *path;
  if (!check_open(self) || !PyArg_ParseTuple(args, "Os:copy_path", &number, &path) ||
      !to_index(self, number, &index)) {
    return NULL;
  }
  return record(self, index, path);
}

static PyObject *region_get(zt_region *self, PyObject *args) {
  return check_open(self) ? zt_region_get(self, args) : NULL;
}

static PyObject *region_index_of(zt_region *self, PyObject *key) {
  return check_open(self) ? zt_region_index_of(self, key) : NULL;
}

static PyObject *region_verify(zt_region *self, PyObject *Py_UNUSED(none)) {
  ztc_error error;
  ztc_status status;
  if (!check_open(self))
    return NULL;
  Py_BEGIN_ALLOW_THREADS status = ztc_region_validate(self->region, &error);
  Py_END_ALLOW_THREADS if (status == ZTC_OK) Py_RETURN_NONE;
  zt_raise_error(&error, self->path);
  return NULL;
}

static PyObject *region_close(zt_region *self, PyObject *Py_UNUSED(none)) {
  ztc_region_close(self->region);
  Py_RETURN_NONE;
}

static PyObject *region_closed(zt_region *self, void *Py_UNUSED(closure)) {
  return PyBool_FromLong(self->region == NULL || ztc_region_state(self->region) != ZTC_OK);
}

/* A region that is cut short is to raise, and not to kill the process. */
static ztc_status guard_regions(ztc_error *error) {
  const ztc_status status = ztc_sigbus_install();
  if (status != ZTC_OK) {
    *error = (ztc_error){.status = status,
                         .offset = ZTC_NO_OFFSET,
                         .message = "the handler of SIGBUS cannot be installed"};
  }
  return status;
}

/* _open(path, flags, classes) of a new object. */
static int region_init(zt_region *self, PyObject *args, PyObject *names) {
  PyObject *path, *classes, *encoded;
  ztc_error error;
  ztc_status status;
  if (names != NULL && PyDict_GET_SIZE(names) > 0) {
    PyErr_SetString(PyExc_TypeError, "Region() is called by zerotouch.open, which takes the names");
    return -1;
  }
  if (!PyArg_ParseTuple(args, "UIO", &path, &self->flags, &classes))
    return -1;
  if (self->region != NULL) {
    PyErr_SetString(PyExc_ValueError, "the region is open");
    return -1;
  }
  if (!PyUnicode_FSConverter(path, &encoded)) /* refuses a NUL */
    return -1;
  ztc_region *opened;
  Py_BEGIN_ALLOW_THREADS status = guard_regions(&error);
  if (status == ZTC_OK)
    status = ztc_region_open(PyBytes_AS_STRING(encoded), self->flags, &opened, &error);
  Py_END_ALLOW_THREADS Py_DECREF(encoded);
  if (status != ZTC_OK) {
    zt_raise_error(&error, path);
    return -1;
  }
  if (!ztb_schema_read(&self->schema, ztc_region_schema(opened))) {
    ztc_region_free(opened);
    PyErr_NoMemory();
    return -1;
  }
  self->region = opened;
  self->path = Py_NewRef(path);
  self->classes = classes == Py_None ? NULL : Py_NewRef(classes);
  return zt_begin_process(self) ? 0 : -1;
}

static void region_dealloc(zt_region *self) {
  PyTypeObject *type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  if (self->region != NULL) {
    zt_end_process(self);
    ztc_region_free(self->region);
    ztb_schema_free(&self->schema);
  }
  Py_XDECREF(self->path);
  Py_XDECREF(self->classes);
  type->tp_free((PyObject *)self);
}

static int region_traverse(zt_region *self, visitproc visit, void *arg) {
  Py_VISIT(self->classes);
  return 0;
}

static PyObject *region_new(PyTypeObject *type, PyObject *Py_UNUSED(args),
                            PyObject *Py_UNUSED(names)) {
  return type->tp_alloc(type, 0);
}

static PyMethodDef methods[] = {
    {"__getitems__", (PyCFunction)region_getitems, METH_O,
     "__getitems__(indices)\n--\n\nCopies of several records, in the order asked for."},
    {"view", (PyCFunction)region_view, METH_O,
     "view(index)\n--\n\nA private copy of a record that is decoded where it is looked at."},
    {"copy_path", (PyCFunction)region_copy_path, METH_VARARGS,
     "copy_path(index, path)\n--\n\nA part of a record, such as 'prefs.lang' or 'items[3].sku'."},
    {"get", (PyCFunction)region_get, METH_VARARGS,
     "get(key, default=None, /)\n--\n\nA copy of the record with this key: a str, an int or "
     "bytes."},
    {"index_of", (PyCFunction)region_index_of, METH_O,
     "index_of(key, /)\n--\n\nThe number of the record with this key; KeyError if there is none."},
    {"verify", (PyCFunction)region_verify, METH_NOARGS,
     "verify()\n--\n\nChecks every byte of the region; raises what is wrong and where."},
    {"close", (PyCFunction)region_close, METH_NOARGS,
     "close()\n--\n\nLets go of the file. Copies and views made before stay."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"closed", (getter)region_closed, NULL, "Whether records can no longer be copied.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"path", T_OBJECT_EX, offsetof(zt_region, path), READONLY, "The file's absolute path."},
    {"_classes", T_OBJECT, offsetof(zt_region, classes), READONLY, NULL},
    {"_flags", T_UINT, offsetof(zt_region, flags), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PySequenceMethods as_sequence = {.sq_length = (lenfunc)region_length,
                                        .sq_item = (ssizeargfunc)region_item};
static PyMappingMethods as_mapping = {.mp_length = (lenfunc)region_length,
                                      .mp_subscript = (binaryfunc)region_subscript};

PyTypeObject zt_region_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "zerotouch._native.Region",
    .tp_basicsize = sizeof(zt_region),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_new = region_new,
    .tp_init = (initproc)region_init,
    .tp_dealloc = (destructor)region_dealloc,
    .tp_traverse = (traverseproc)region_traverse,
    .tp_iter = (getiterfunc)region_iter,
    .tp_methods = methods,
    .tp_members = members,
    .tp_getset = properties,
    .tp_as_sequence = &as_sequence,
    .tp_as_mapping = &as_mapping,
};
