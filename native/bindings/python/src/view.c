/* Views: a private copy of a record that is decoded only where somebody looks. */
#include "zt.h"

/* ----------------------------------------------------------------------------- the copy -- */

typedef struct zt_copy {
  PyObject_VAR_HEAD zt_region *region; /* its schema lives as long */
  uint64_t size;
  uint64_t bytes[];
} zt_copy;

static void copy_dealloc(zt_copy *self) {
  Py_DECREF(self->region);
  PyObject_Free(self);
}

PyTypeObject zt_copy_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "zerotouch._native.Copy",
    .tp_basicsize = sizeof(zt_copy),
    .tp_itemsize = sizeof(uint64_t),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)copy_dealloc,
};

static ztb_copy reader(const zt_copy *self) {
  return (ztb_copy){.bytes = (const uint8_t *)self->bytes,
                    .size = (uint32_t)self->size,
                    .budget = self->size,
                    .schema = &self->region->schema};
}

static PyObject *corrupt(const zt_copy *self) {
  zt_raise(ZTC_CORRUPT, "the bytes of a record are not well formed", 0, self->region->path);
  return NULL;
}

/* ---------------------------------------------------------------------------- typed array -- */

/* Elements in the copy, for memoryview: read-only, since the copy is what views are read from. */
typedef struct zt_array {
  PyObject_HEAD zt_copy *copy;
  const void *data;
  const char *format;
  Py_ssize_t count;
  Py_ssize_t element_size;
} zt_array;

static void array_dealloc(zt_array *self) {
  Py_DECREF(self->copy);
  PyObject_Free(self);
}

static int array_buffer(zt_array *self, Py_buffer *view, int flags) {
  if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE) {
    view->obj = NULL;
    PyErr_SetString(PyExc_BufferError, "a typed array in a view is read-only");
    return -1;
  }
  *view = (Py_buffer){.obj = Py_NewRef(self),
                      .buf = (void *)(uintptr_t)self->data,
                      .len = self->count * self->element_size,
                      .itemsize = self->element_size,
                      .readonly = 1,
                      .ndim = 1,
                      .format = (char *)(uintptr_t)self->format,
                      .shape = &self->count,
                      .strides = &self->element_size};
  return 0;
}

static PyBufferProcs array_as_buffer = {.bf_getbuffer = (getbufferproc)array_buffer};

PyTypeObject zt_array_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "zerotouch._native.Array",
    .tp_basicsize = sizeof(zt_array),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)array_dealloc,
    .tp_as_buffer = &array_as_buffer,
};

static PyObject *array_view(zt_copy *copy, const ztb_node *node) {
  static const char *const formats[] = {
      [ZTC_TYPE_I8] = "b",  [ZTC_TYPE_I16] = "h", [ZTC_TYPE_I32] = "i",
      [ZTC_TYPE_I64] = "q", [ZTC_TYPE_F32] = "f", [ZTC_TYPE_F64] = "d"};
  zt_array *array = PyObject_New(zt_array, &zt_array_type);
  if (array == NULL)
    return NULL;
  array->copy = (zt_copy *)Py_NewRef(copy);
  array->data = (const uint8_t *)copy->bytes + node->at + ZTB_NODE_HEADER;
  array->format = formats[node->elem];
  array->count = node->count;
  array->element_size = ztb_element_size(node->elem);
  PyObject *view = PyMemoryView_FromObject((PyObject *)array);
  Py_DECREF(array);
  return view;
}

/* ----------------------------------------------------------------------------- containers -- */

typedef struct zt_view {
  PyObject_HEAD zt_copy *copy;
  ztb_node node;
} zt_view;

static PyObject *container_view(zt_copy *copy, const ztb_node *node) {
  const bool map = node->kind == ZTB_MAP || node->kind == ZTB_DICT;
  PyTypeObject *type = map ? zt_name.map_view : zt_name.list_view;
  zt_view *view = (zt_view *)type->tp_alloc(type, 0);
  if (view == NULL)
    return NULL;
  view->copy = (zt_copy *)Py_NewRef(copy);
  view->node = *node;
  return (PyObject *)view;
}

/* What a node is in a view. Boxes and ext values are not seen: they are decoded. */
static PyObject *node_view(zt_copy *copy, const ztb_node *node) {
  switch (node->kind) {
    case ZTB_ARRAY:
      return array_view(copy, node);
    case ZTB_MAP:
    case ZTB_DICT:
    case ZTB_LIST:
    case ZTB_ROWS:
      return container_view(copy, node);
    default:
      return zt_decode_node(copy->region, copy->bytes, copy->size, node);
  }
}

static PyObject *slot_view(zt_copy *copy, const ztb_node *holder, uint32_t i) {
  const ztb_copy c = reader(copy);
  const uint32_t at = ztb_slot_at(holder, i);
  const uint8_t type = ztb_type_at(holder, i);
  const uint64_t slot = ztb_load64(&c, at);
  ztb_node node;
  if (type == ZTB_TYPE_REF) {
    return ztb_node_target(&c, holder, slot, &node) ? node_view(copy, &node) : corrupt(copy);
  }
  if (slot != 0 && (type == ZTC_TYPE_LIST || type == ZTC_TYPE_MAP || type == ZTC_TYPE_ARRAY)) {
    return ztb_node_child(&c, holder, type, slot, &node) ? node_view(copy, &node) : corrupt(copy);
  }
  if (slot == 0 && (type == ZTC_TYPE_LIST || type == ZTC_TYPE_MAP)) {
    const ztb_node empty = {.kind = type == ZTC_TYPE_LIST ? ZTB_LIST : ZTB_DICT};
    return container_view(copy, &empty);
  }
  return zt_decode_slot(copy->region, copy->bytes, copy->size, holder, type, slot, at);
}

static void view_dealloc(zt_view *self) {
  PyTypeObject *type = Py_TYPE(self);
  Py_XDECREF(self->copy);
  type->tp_free((PyObject *)self);
}

static Py_ssize_t view_length(zt_view *self) {
  return self->node.count;
}

static PyObject *view_copy(zt_view *self, PyObject *Py_UNUSED(none)) {
  if (self->node.count == 0) {
    const bool map = self->node.kind == ZTB_MAP || self->node.kind == ZTB_DICT;
    return map ? PyDict_New() : PyList_New(0);
  }
  return zt_decode_node(self->copy->region, self->copy->bytes, self->copy->size, &self->node);
}

/* -------------------------------------------------------------------------------- lists -- */

static PyObject *list_item(zt_view *self, Py_ssize_t i) {
  if (i < 0 || i >= (Py_ssize_t)self->node.count) {
    PyErr_SetString(PyExc_IndexError, "list view index out of range");
    return NULL;
  }
  if (self->node.kind == ZTB_ROWS) {
    ztb_node row;
    ztb_node_row(&self->node, (uint32_t)i, &row);
    return container_view(self->copy, &row);
  }
  return slot_view(self->copy, &self->node, (uint32_t)i);
}

static PyObject *list_subscript(zt_view *self, PyObject *key) {
  if (PySlice_Check(key)) {
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0)
      return NULL;
    const Py_ssize_t count = PySlice_AdjustIndices(self->node.count, &start, &stop, step);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++, start += step) {
      PyObject *item = list_item(self, start);
      if (item == NULL) {
        Py_CLEAR(list);
      } else {
        PyList_SET_ITEM(list, i, item);
      }
    }
    return list;
  }
  Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
  if (i == -1 && PyErr_Occurred())
    return NULL;
  return list_item(self, i < 0 ? i + (Py_ssize_t)self->node.count : i);
}

/* --------------------------------------------------------------------------------- maps -- */

static PyObject *map_key(zt_view *self, uint32_t i) {
  if (self->node.kind == ZTB_MAP) {
    const zt_keys *keys = zt_shape_keys(self->copy->region, self->node.shape);
    return keys != NULL ? Py_NewRef(keys->at[i]) : NULL;
  }
  ztb_copy c = reader(self->copy);
  const uint32_t at = self->node.slots + 2 * i * ZTB_SLOT;
  ztb_text text;
  if (!ztb_slot_text(&c, &self->node, ztb_load64(&c, at), at, &text))
    return corrupt(self->copy);
  PyObject *key = zt_text(&text);
  return key != NULL || !zt_is_ill_formed() ? key : corrupt(self->copy);
}

/* The key's text in its narrowest kind; false if no key can be equal to it. *held keeps it. */
static bool to_text(PyObject *key, ztb_text *text, PyObject **held) {
  *held = NULL;
  if (PyUnicode_KIND(key) == PyUnicode_1BYTE_KIND) {
    text->data = PyUnicode_DATA(key);
    text->size = (uint32_t)PyUnicode_GET_LENGTH(key);
    text->kind = PyUnicode_IS_ASCII(key) ? ZTC_ASCII : ZTC_LATIN1;
    return PyUnicode_GET_LENGTH(key) <= (Py_ssize_t)ZTC_MAX_STRING_SIZE;
  }
  *held = PyUnicode_AsUTF8String(key);
  if (*held == NULL) {
    PyErr_Clear(); /* surrogates */
    return false;
  }
  text->data = PyBytes_AS_STRING(*held);
  text->size = (uint32_t)PyBytes_GET_SIZE(*held);
  text->kind = ZTC_UTF8;
  return PyBytes_GET_SIZE(*held) <= (Py_ssize_t)ZTC_MAX_STRING_SIZE;
}

static int64_t map_find(zt_view *self, PyObject *key) {
  PyObject *held;
  ztb_text text;
  int64_t found = -1;
  if (!PyUnicode_Check(key))
    return -1;
  if (to_text(key, &text, &held)) {
    if (self->node.kind == ZTB_DICT) {
      const ztb_copy c = reader(self->copy);
      found = self->node.count == 0 ? -1 : ztb_dict_find(&c, &self->node, &text);
    }
    for (uint32_t i = 0; self->node.kind == ZTB_MAP && i < self->node.count && found < 0; i++) {
      const ztb_text other =
          ztb_schema_key(&self->copy->region->schema, ztb_shape_key(self->node.shape, i));
      if (other.kind == text.kind && other.size == text.size &&
          memcmp(other.data, text.data, text.size) == 0) {
        found = i;
      }
    }
  }
  Py_XDECREF(held);
  return found;
}

static PyObject *map_subscript(zt_view *self, PyObject *key) {
  const int64_t i = map_find(self, key);
  if (i >= 0)
    return slot_view(self->copy, &self->node, (uint32_t)i);
  PyErr_SetObject(PyExc_KeyError, key);
  return NULL;
}

static int map_contains(zt_view *self, PyObject *key) {
  return map_find(self, key) >= 0;
}

static PyObject *map_iter(zt_view *self) {
  PyObject *keys = PyList_New(self->node.count);
  for (uint32_t i = 0; keys != NULL && i < self->node.count; i++) {
    PyObject *key = map_key(self, i);
    if (key == NULL) {
      Py_CLEAR(keys);
    } else {
      PyList_SET_ITEM(keys, i, key);
    }
  }
  PyObject *iterator = keys != NULL ? PyObject_GetIter(keys) : NULL;
  Py_XDECREF(keys);
  return iterator;
}

static PyMethodDef methods[] = {
    {"copy", (PyCFunction)view_copy, METH_NOARGS,
     "copy()\n--\n\nThe whole of it as fresh dicts and lists."},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods list_as_sequence = {.sq_length = (lenfunc)view_length,
                                             .sq_item = (ssizeargfunc)list_item};
static PyMappingMethods list_as_mapping = {.mp_length = (lenfunc)view_length,
                                           .mp_subscript = (binaryfunc)list_subscript};
static PySequenceMethods map_as_sequence = {.sq_contains = (objobjproc)map_contains};
static PyMappingMethods map_as_mapping = {.mp_length = (lenfunc)view_length,
                                          .mp_subscript = (binaryfunc)map_subscript};

#define VIEW_TYPE                                                                                  \
  .tp_basicsize = sizeof(zt_view), .tp_dealloc = (destructor)view_dealloc,                         \
  .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,        \
  .tp_methods = methods

PyTypeObject zt_map_view_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "zerotouch._native.MapView",
    VIEW_TYPE,
    .tp_iter = (getiterfunc)map_iter,
    .tp_as_sequence = &map_as_sequence,
    .tp_as_mapping = &map_as_mapping,
};

PyTypeObject zt_list_view_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "zerotouch._native.ListView",
    VIEW_TYPE,
    .tp_iter = PySeqIter_New,
    .tp_as_sequence = &list_as_sequence,
    .tp_as_mapping = &list_as_mapping,
};

PyObject *zt_view_open(zt_region *region, uint64_t index) {
  uint64_t size;
  ztc_status status = ztc_copy_size(region->region, index, &size);
  ztc_workspace *workspace = NULL;
  zt_copy *copy = NULL;
  PyObject *view = NULL;
  if (status == ZTC_OK) {
    copy = PyObject_NewVar(zt_copy, &zt_copy_type, (Py_ssize_t)(size + 7) / 8);
    if (copy == NULL)
      return NULL;
    copy->region = (zt_region *)Py_NewRef(region);
    uint64_t needed = 0;
    status = ztc_copy(region->region, index, copy->bytes, size, &needed, NULL);
    if (status == ZTC_NEED_WORKSPACE) {
      status = ztc_workspace_create(needed, &workspace);
      if (status == ZTC_OK) {
        status = ztc_copy(region->region, index, copy->bytes, size, &needed, workspace);
      }
      ztc_workspace_free(workspace);
    }
    copy->size = needed;
  }
  ztb_node root;
  uint32_t row;
  if (status != ZTC_OK) {
    zt_region_fail(region, index, NULL, status, NULL);
  } else {
    const ztb_copy c = reader(copy);
    if (!ztb_node_root(&c, &root, &row)) {
      view = corrupt(copy);
    } else {
      if (row != 0)
        ztb_node_row(&root, row - 1, &root);
      view = node_view(copy, &root);
    }
  }
  Py_XDECREF(copy);
  return view;
}
