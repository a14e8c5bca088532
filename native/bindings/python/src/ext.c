/* Ext values (format document, section 3.7) as Python values. */
#include "decode.h"

/* Of any width: that is a hint, and not every language can give it. */
static bool is_integer(const ztb_node *ext) {
  return ext->elem >= ZTC_TYPE_I8 && ext->elem <= ZTC_TYPE_I64;
}

/* The payload's node, which must be of this type. */
static bool payload(zt_decoder *d, const ztb_node *ext, uint8_t type, ztb_node *out) {
  return ext->elem == type &&
         ztb_node_child(&d->copy, ext, type, ztb_load64(&d->copy, ext->slots), out);
}

/* Value `i` is a container that others refer to: it may have been met, and wait to be filled. */
static bool may_wait(const zt_decoder *d, const ztb_node *holder, uint32_t i) {
  const uint8_t type = ztb_type_at(holder, i);
  const uint64_t slot = ztb_load64(&d->copy, ztb_slot_at(holder, i));
  ztb_node node;
  return d->waiting > 0 &&
         (type == ZTB_TYPE_REF ||
          (type >= ZTC_TYPE_LIST && type <= ZTC_TYPE_EXT && slot != 0 &&
           ztb_node_child(&d->copy, holder, type, slot, &node) && (node.flags & ZTB_SHARED) != 0));
}

/* The payload as a list of its own, complete. Empty lists have no node. */
static PyObject *list_payload(zt_decoder *d, const ztb_node *ext, int how) {
  if (ext->elem != ZTC_TYPE_LIST && ext->elem != ZTB_TYPE_REF)
    return zt_corrupt(d);
  if (may_wait(d, ext, 0))
    return zt_too_deep(d);
  PyObject *list = zt_value_at(d, ext, 0, how | ZT_NOW);
  if (list == NULL || (PyList_CheckExact(list) && Py_REFCNT(list) == 1))
    return list;
  if (PyList_CheckExact(list) || PyTuple_CheckExact(list)) { /* others see it, or hash it */
    PyObject *again = PySequence_List(list);
    Py_DECREF(list);
    return again;
  }
  Py_DECREF(list);
  return zt_corrupt(d);
}

static PyObject *tuple(zt_decoder *d, const ztb_node *ext, int how) {
  ztb_node list;
  if (ext->elem == ZTC_TYPE_LIST && ztb_load64(&d->copy, ext->slots) == 0)
    return PyTuple_New(0);
  if (!payload(d, ext, ZTC_TYPE_LIST, &list) || list.kind != ZTB_LIST ||
      (list.flags & ZTB_SHARED) != 0) {
    PyObject *values = list_payload(d, ext, how & ~ZT_HASHABLE);
    PyObject *rows = values != NULL ? PyList_AsTuple(values) : NULL;
    Py_XDECREF(values);
    return rows;
  }
  if (!ztb_charge(&d->copy, list.data - list.at))
    return zt_corrupt(d);
  PyObject *out = PyTuple_New(list.count);
  if (out == NULL)
    return NULL;
  /* It may be met again, or hashed, before it is complete. */
  if ((ext->flags & ZTB_SHARED) != 0 || d->alias != ZT_NO_ALIAS) {
    for (uint32_t i = 0; i < list.count; i++)
      PyTuple_SET_ITEM(out, i, Py_NewRef(Py_None));
    if (!zt_remember(d, ext, out))
      goto failed;
  }
  for (uint32_t i = 0; i < list.count; i++) {
    PyObject *item = zt_value_at(d, &list, i, how + 2);
    if (item == NULL)
      goto failed;
    PyObject *before = PyTuple_GET_ITEM(out, i);
    PyTuple_SET_ITEM(out, i, item);
    Py_XDECREF(before);
  }
  return out;
failed:
  Py_DECREF(out);
  return NULL;
}

/* What Python or a class of the caller's says to a value, as an error about the record. */
static PyObject *not_taken(zt_decoder *d, const char *reason) {
  PyObject *const about[] = {PyExc_TypeError, PyExc_AttributeError, PyExc_ValueError,
                             PyExc_LookupError};
  for (size_t i = 0; i < sizeof about / sizeof about[0] && PyErr_Occurred(); i++) {
    if (PyErr_ExceptionMatches(about[i]))
      PyErr_Clear();
  }
  return PyErr_Occurred() ? NULL : zt_fail(d, ZTC_UNSUPPORTED, reason);
}

/* A TypeError about hashing. */
static PyObject *unhashable(zt_decoder *d, const char *reason) {
  return PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_TypeError) ? NULL : not_taken(d, reason);
}

static bool check_set(zt_decoder *d, PyObject *set, PyObject *elements) {
  if (PySet_GET_SIZE(set) == PyList_GET_SIZE(elements))
    return true;
  return zt_fail(d, ZTC_UNSUPPORTED, "it holds a set with elements that are equal in Python") !=
         NULL;
}

static const char NOT_HASHED[] = "it holds a set whose elements Python cannot hash";

static bool fill_set(zt_decoder *d, const ztb_node *ext, PyObject *out, int how) {
  PyObject *elements = list_payload(d, ext, (how + 1) | ZT_HASHABLE);
  bool filled = elements != NULL && zt_can_tell_apart(d, elements);
  for (Py_ssize_t i = 0; filled && i < PyList_GET_SIZE(elements); i++) {
    filled = PySet_Add(out, PyList_GET_ITEM(elements, i)) == 0;
    if (!filled)
      unhashable(d, NOT_HASHED);
  }
  filled = filled && check_set(d, out, elements);
  Py_XDECREF(elements);
  return filled;
}

/* One that has been shown to others cannot be filled, so it comes into being with its elements. */
static PyObject *frozen_set(zt_decoder *d, const ztb_node *ext, int how) {
  PyObject *elements = list_payload(d, ext, how + 1);
  if (elements == NULL)
    return NULL;
  PyObject *out = NULL;
  if (zt_can_tell_apart(d, elements) && (out = PyFrozenSet_New(elements)) == NULL)
    unhashable(d, NOT_HASHED);
  if (out != NULL && !check_set(d, out, elements))
    Py_CLEAR(out);
  Py_DECREF(elements);
  return out;
}

/* A map with other keys: key, value, key, value ... */
static bool fill_map(zt_decoder *d, const ztb_node *ext, PyObject *out, int how) {
  ztb_node list;
  if (ext->elem == ZTC_TYPE_LIST && ztb_load64(&d->copy, ext->slots) == 0)
    return true;
  if (!payload(d, ext, ZTC_TYPE_LIST, &list) || list.kind != ZTB_LIST || list.count % 2 != 0 ||
      !ztb_charge(&d->copy, list.data - list.at)) {
    return zt_corrupt(d) != NULL;
  }
  PyObject *keys = PyList_New(0);
  bool filled = keys != NULL;
  for (uint32_t i = 0; i < list.count && filled; i += 2) {
    PyObject *key = zt_value_at(d, &list, i, (how + 2) | ZT_HASHABLE | ZT_NOW);
    filled = key != NULL && PyList_Append(keys, key) == 0;
    Py_XDECREF(key);
  }
  filled = filled && zt_can_tell_apart(d, keys);
  for (uint32_t i = 0; i < list.count && filled; i += 2) {
    PyObject *item = zt_value_at(d, &list, i + 1, (how + 2) & ~ZT_HASHABLE);
    filled = item != NULL && PyDict_SetItem(out, PyList_GET_ITEM(keys, i / 2), item) == 0;
    if (!filled && item != NULL)
      unhashable(d, "it holds a map whose keys Python cannot hash");
    Py_XDECREF(item);
  }
  Py_XDECREF(keys);
  if (filled && PyDict_GET_SIZE(out) != list.count / 2) {
    zt_fail(d, ZTC_UNSUPPORTED, "it holds a map with keys that are equal in Python");
    filled = false;
  }
  return filled;
}

/* A new value that has others in it, now or later. */
static PyObject *filled(zt_decoder *d, const ztb_node *ext, PyObject *out, int how) {
  if (out == NULL)
    return NULL;
  if (zt_remember(d, ext, out) &&
      (zt_is_later(d, how) ? zt_wait(d, ext, out, how) : zt_ext_fill(d, ext, out, how))) {
    return out;
  }
  Py_DECREF(out);
  return NULL;
}

static PyObject *set(zt_decoder *d, const ztb_node *ext, int how) {
  return (how & ZT_HASHABLE) != 0 ? frozen_set(d, ext, how) : filled(d, ext, PySet_New(NULL), how);
}

/* Code units whose surrogates need not be paired. */
static PyObject *utf16(zt_decoder *d, const ztb_node *ext) {
  ztb_node array;
  int order = -1;
  if (!payload(d, ext, ZTC_TYPE_ARRAY, &array) || array.elem != ZTC_TYPE_I16 ||
      !ztb_charge(&d->copy, 2 * (uint64_t)array.count)) {
    return zt_corrupt(d);
  }
  return PyUnicode_DecodeUTF16((const char *)d->copy.bytes + array.at + ZTB_NODE_HEADER,
                               2 * (Py_ssize_t)array.count, "surrogatepass", &order);
}

static PyObject *big_integer(zt_decoder *d, const ztb_node *ext) {
  const char *bytes;
  uint32_t size;
  if (ext->elem != ZTC_TYPE_BYTES ||
      !ztb_slot_bytes(&d->copy, ext, ztb_load64(&d->copy, ext->slots), &bytes, &size)) {
    return zt_corrupt(d);
  }
  return _PyLong_FromByteArray((const unsigned char *)bytes, size, 0, 1);
}

/* LIST [class name, rest]; *class is NULL unless the region was opened with a class of that name.
 */
static bool named(zt_decoder *d, const ztb_node *ext, ztb_node *list, PyObject **class) {
  ztb_text text;
  *class = NULL;
  if (!payload(d, ext, ZTC_TYPE_LIST, list) || list->kind != ZTB_LIST || list->count != 2 ||
      ztb_type_at(list, 0) != ZTC_TYPE_STRING ||
      !ztb_slot_text(&d->copy, list, ztb_load64(&d->copy, list->slots), list->slots, &text) ||
      !ztb_charge(&d->copy, list->data - list->at)) {
    return zt_corrupt(d) != NULL;
  }
  if (d->region->classes == NULL)
    return true;
  PyObject *name = zt_text(&text);
  if (name == NULL)
    return zt_is_ill_formed() && zt_corrupt(d) != NULL;
  *class = PyDict_GetItemWithError(d->region->classes, name);
  Py_DECREF(name);
  return *class != NULL || !PyErr_Occurred();
}

/* A new instance without a call of __init__. */
static PyObject *instance(zt_decoder *d, const ztb_node *ext, PyObject *class, int how) {
  PyObject *none = PyTuple_New(0);
  PyObject *out = none != NULL && PyType_Check(class)
                      ? ((PyTypeObject *)class)->tp_new((PyTypeObject *)class, none, NULL)
                      : NULL;
  Py_XDECREF(none);
  if (out == NULL && !PyErr_Occurred()) {
    PyErr_Format(PyExc_TypeError, "classes: %R is not a class", class);
  } else if (out == NULL) {
    not_taken(d, "it holds an object whose class makes none without arguments");
  }
  return filled(d, ext, out, how);
}

/* Such as __class__ and __dict__, which are no fields. */
static bool is_special(PyObject *name) {
  const Py_ssize_t length = PyUnicode_GET_LENGTH(name);
  return length > 4 && PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_' &&
         PyUnicode_READ_CHAR(name, length - 1) == '_' &&
         PyUnicode_READ_CHAR(name, length - 2) == '_';
}

/* Its fields are set as they are, also where the class is frozen. */
static bool fill_instance(zt_decoder *d, const ztb_node *ext, PyObject *out, int how) {
  ztb_node list;
  if (!payload(d, ext, ZTC_TYPE_LIST, &list)) /* which is charged already */
    return zt_corrupt(d) != NULL;
  if (may_wait(d, &list, 1))
    return zt_too_deep(d) != NULL;
  PyObject *fields = zt_value_at(d, &list, 1, how + 2);
  if (fields == NULL)
    return false;
  bool set = PyDict_CheckExact(fields);
  if (!set)
    zt_fail(d, ZTC_UNSUPPORTED, "it holds an object whose fields are not a map");
  Py_ssize_t at = 0;
  PyObject *name, *item;
  while (set && PyDict_Next(fields, &at, &name, &item)) {
    Py_INCREF(name);
    Py_INCREF(item);
    set = !is_special(name) && PyObject_GenericSetAttr(out, name, item) == 0;
    Py_DECREF(name);
    Py_DECREF(item);
    if (!set)
      not_taken(d, "it holds an object with a field that its class does not take");
  }
  Py_DECREF(fields);
  return set;
}

static PyObject *object(zt_decoder *d, const ztb_node *ext, int how) {
  ztb_node list;
  PyObject *class;
  if (!named(d, ext, &list, &class))
    return NULL;
  if (class != NULL)
    return instance(d, ext, class, how);
  const uint8_t type = ztb_type_at(&list, 1);
  if ((ext->flags & ZTB_SHARED) != 0 && type == ZTC_TYPE_MAP)
    d->alias = ext->at;
  PyObject *fields = zt_value_at(d, &list, 1, how + 2);
  d->alias = ZT_NO_ALIAS;
  return fields;
}

static PyObject *constant(zt_decoder *d, const ztb_node *ext, int how) {
  ztb_node list;
  PyObject *class;
  if (!named(d, ext, &list, &class))
    return NULL;
  if (ztb_type_at(&list, 1) != ZTC_TYPE_STRING)
    return zt_corrupt(d);
  PyObject *name = zt_value_at(d, &list, 1, how);
  if (name == NULL || class == NULL)
    return name;
  PyObject *member = PyObject_GetItem(class, name);
  Py_DECREF(name);
  const int is_one = member != NULL ? PyObject_IsInstance(member, class) : 0;
  if (is_one > 0)
    return member;
  Py_XDECREF(member);
  return not_taken(d, "it holds an enum constant that its class does not have");
}

/* What the Python part makes of the payload. */
static PyObject *restored(zt_decoder *d, const ztb_node *ext, int how) {
  if (may_wait(d, ext, 0))
    return zt_too_deep(d);
  PyObject *inside = zt_value_at(d, ext, 0, ((how + 1) | ZT_NOW) & ~ZT_HASHABLE);
  if (inside == NULL)
    return NULL;
  PyObject *out = PyObject_CallFunction(zt_name.restore, "IO", ext->arg, inside);
  Py_DECREF(inside);
  /* Whatever the payload was not. */
  if (out == NULL && PyErr_ExceptionMatches(PyExc_Exception) &&
      !PyErr_ExceptionMatches(PyExc_MemoryError)) {
    PyErr_Clear();
    return zt_corrupt(d);
  }
  return out;
}

/* An ext value that Python has no type for. */
static bool fill_unknown(zt_decoder *d, const ztb_node *ext, PyObject *out, int how) {
  PyObject *inside = zt_value_at(d, ext, 0, (how + 1) & ~ZT_HASHABLE);
  const int failed = inside == NULL ? -1 : PyObject_SetAttrString(out, "payload", inside);
  Py_XDECREF(inside);
  return !failed;
}

bool zt_ext_fill(zt_decoder *d, const ztb_node *ext, PyObject *to, int how) {
  switch (ext->arg) {
    case ZTB_EXT_SET:
      return fill_set(d, ext, to, how);
    case ZTB_EXT_MAP:
      return fill_map(d, ext, to, how);
    case ZTB_EXT_OBJECT:
      return fill_instance(d, ext, to, how);
    default:
      return fill_unknown(d, ext, to, how);
  }
}

PyObject *zt_ext_value(zt_decoder *d, const ztb_node *ext, int how) {
  const uint64_t slot = ztb_load64(&d->copy, ext->slots);
  PyObject *inside;
  switch (ext->arg) {
    case ZTB_EXT_UINT64:
      return is_integer(ext) ? PyLong_FromUnsignedLongLong(slot) : zt_corrupt(d);
    case ZTB_EXT_BIG_INTEGER:
      return big_integer(d, ext);
    case ZTB_EXT_CHAR:
      return is_integer(ext) && slot <= 0xffff ? PyUnicode_FromOrdinal((int)slot) : zt_corrupt(d);
    case ZTB_EXT_SET:
      return set(d, ext, how);
    case ZTB_EXT_TUPLE:
      return tuple(d, ext, how);
    case ZTB_EXT_MAP:
      return filled(d, ext, PyDict_New(), how);
    case ZTB_EXT_ENUM:
      return constant(d, ext, how);
    case ZTB_EXT_OBJECT:
      return object(d, ext, how);
    case ZTB_EXT_SYMBOL:
    case ZTB_EXT_URI:
      return ext->elem == ZTC_TYPE_STRING ? zt_value_at(d, ext, 0, how) : zt_corrupt(d);
    case ZTB_EXT_WEAK:
      if ((ext->flags & ZTB_SHARED) != 0 &&
          (ext->elem == ZTC_TYPE_LIST || ext->elem == ZTC_TYPE_MAP)) {
        d->alias = ext->at;
      }
      inside = zt_value_at(d, ext, 0, how + 1);
      d->alias = ZT_NO_ALIAS;
      return inside;
    case ZTB_EXT_UTF16:
      return utf16(d, ext);
    default:
      if (ext->arg == ZTB_EXT_DECIMAL ||
          (ext->arg >= ZTB_EXT_INSTANT && ext->arg <= ZTB_EXT_UUID)) {
        return restored(d, ext, how);
      }
      return filled(d, ext, PyObject_CallFunction(zt_name.ext, "IO", ext->arg, Py_None), how);
  }
}
