/*
 * A private copy as Python data. Shared nodes are remembered, so that identity and cycles are kept;
 * where references lead deeper and deeper, containers wait in a list until they are filled.
 */
#include "decode.h"

#include "whole_dict.h"

PyObject *zt_fail(zt_decoder *d, ztc_status status, const char *reason) {
  if (d->status == ZTC_OK && !PyErr_Occurred()) {
    d->status = status;
    d->reason = reason;
  }
  return NULL;
}

PyObject *zt_corrupt(zt_decoder *d) {
  return zt_fail(d, ZTC_CORRUPT, "its bytes are not well formed");
}

PyObject *zt_too_deep(zt_decoder *d) {
  return zt_fail(d, ZTC_TOO_DEEP, "it is nested too deeply");
}

/* -------------------------------------------------------------------------------- shared -- */

bool zt_remember_at(zt_decoder *d, uint32_t at, PyObject *value) {
  if (ztb_seen_find(&d->shared, d->copy.bytes + at) != NULL)
    return true;
  if (!ztb_seen_add(&d->shared, d->copy.bytes + at, (uintptr_t)value)) {
    PyErr_NoMemory();
    return false;
  }
  Py_INCREF(value);
  return true;
}

bool zt_remember(zt_decoder *d, const ztb_node *node, PyObject *value) {
  const uint32_t alias = d->alias;
  d->alias = ZT_NO_ALIAS;
  if (alias != ZT_NO_ALIAS && !zt_remember_at(d, alias, value))
    return false;
  return (node->flags & ZTB_SHARED) == 0 || zt_remember_at(d, node->at, value);
}

static bool to_be_met_again(const zt_decoder *d, const ztb_node *node) {
  return (node->flags & ZTB_SHARED) != 0 || d->alias != ZT_NO_ALIAS;
}

/* After a failure containers are emptied, since they may be in cycles that are nobody's. */
static void forget(zt_decoder *d, bool failed) {
  if (d->shared.used == 0)
    return;
  PyObject *type, *exception, *trace;
  PyErr_Fetch(&type, &exception, &trace);
  for (size_t i = 0; i <= d->shared.mask; i++) {
    if (d->shared.entries[i].key == NULL)
      continue;
    PyObject *value = (PyObject *)d->shared.entries[i].value;
    if (failed && PyDict_CheckExact(value))
      PyDict_Clear(value);
    if (failed && PyList_CheckExact(value))
      PyList_SetSlice(value, 0, PyList_GET_SIZE(value), NULL);
    if (failed && PyAnySet_CheckExact(value) && !PyFrozenSet_CheckExact(value))
      PySet_Clear(value);
    Py_DECREF(value);
  }
  ztb_seen_free(&d->shared);
  PyErr_Restore(type, exception, trace);
}

/* ------------------------------------------------------------------------------- scalars -- */

PyObject *zt_text(const ztb_text *text) {
  if (text->kind == ZTC_UTF8)
    return PyUnicode_DecodeUTF8(text->data, text->size, NULL);
  return PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, text->data, text->size);
}

/* Bytes above 0x7f in an ASCII string are Latin-1: the string is then another one, but sound. */
static inline PyObject *ascii(const ztb_text *text) {
  uint8_t high = 0;
  for (uint32_t i = 0; i < text->size; i++)
    high |= (uint8_t)text->data[i];
  if (high >= 0x80 || text->size < 2)
    return zt_text(text);
  PyObject *string = PyUnicode_New(text->size, 0x7f);
  if (string != NULL)
    memcpy(PyUnicode_1BYTE_DATA(string), text->data, text->size);
  return string;
}

static PyObject *array_value(zt_decoder *d, const ztb_node *node) {
  static const char codes[] = {[ZTC_TYPE_I8] = 'b',  [ZTC_TYPE_I16] = 'h', [ZTC_TYPE_I32] = 'i',
                               [ZTC_TYPE_I64] = 'q', [ZTC_TYPE_F32] = 'f', [ZTC_TYPE_F64] = 'd'};
  const Py_ssize_t size = (Py_ssize_t)node->count * ztb_element_size(node->elem);
  PyObject *array =
      PyObject_CallFunction(zt_name.array, "Cy#", (int)codes[node->elem],
                            (const char *)d->copy.bytes + node->at + ZTB_NODE_HEADER, size);
  if (array != NULL && !zt_remember(d, node, array))
    Py_CLEAR(array);
  return array;
}

/* ------------------------------------------------------------------------------- filling -- */

static PyObject *value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                       uint32_t slot_at, int how);

/* A MAP, or a row. */
static bool fill_map(zt_decoder *d, const ztb_node *node, PyObject *dict, int how) {
  const zt_keys *const keys = zt_shape_keys(d->region, node->shape);
  if (keys == NULL)
    return false;
  uint32_t at = node->slots;
  for (uint32_t i = 0; i < node->count; i++, at += ZTB_SLOT) {
    PyObject *item = value(d, node, node->types[i], ztb_load64(&d->copy, at), at, how);
    if (item == NULL)
      return false;
    const int failed = PyDict_SetItem(dict, keys->at[i], item);
    Py_DECREF(item);
    if (failed)
      return false;
  }
  return true;
}

/* A map that nobody refers to, filled before there is a dict; NULL without an error if that is not
   to be done here. */
static PyObject *whole_map(zt_decoder *d, const ztb_node *node, int how) {
#if ZT_WHOLE_DICT
  const zt_keys *const keys = zt_shape_keys(d->region, node->shape);
  zt_whole_draft draft;
  if (keys == NULL || keys->whole.block == NULL || !zt_whole_begin(&keys->whole, &draft)) {
    return NULL;
  }
  bool tracked = false;
  uint32_t at = node->slots;
  for (uint32_t i = 0; i < node->count; i++, at += ZTB_SLOT) {
    const uint8_t type = node->types[i];
    PyObject *item = value(d, node, type, ztb_load64(&d->copy, at), at, how);
    if (item == NULL) {
      zt_whole_drop(&draft, i);
      return NULL;
    }
    tracked |= type >= ZTC_TYPE_LIST;
    zt_whole_set(&draft, i, item);
  }
  return zt_whole_end(&draft, node->count, tracked);
#else
  (void)d, (void)node, (void)how;
  return NULL;
#endif
}

static bool failed(const zt_decoder *d) {
  return d->status != ZTC_OK || PyErr_Occurred();
}

static bool fill_dict(zt_decoder *d, const ztb_node *node, PyObject *dict, int how) {
  for (uint32_t i = 0; i < node->count; i++) {
    const uint32_t at = node->slots + 2 * i * ZTB_SLOT;
    ztb_text text;
    if (!ztb_slot_text(&d->copy, node, ztb_load64(&d->copy, at), at, &text)) {
      return zt_corrupt(d) != NULL;
    }
    PyObject *key = zt_text(&text);
    if (key == NULL && zt_is_ill_formed())
      return zt_corrupt(d) != NULL;
    PyObject *item = key != NULL ? zt_value_at(d, node, i, how) : NULL;
    int failed = item == NULL ? -1 : PyDict_SetItem(dict, key, item);
    Py_XDECREF(key);
    Py_XDECREF(item);
    if (failed)
      return false;
    if (PyDict_GET_SIZE(dict) != (Py_ssize_t)i + 1)
      return zt_corrupt(d) != NULL;
  }
  return true;
}

static const char MADE_SHORTER[] = "it holds a list that a class made shorter while it was filled";

/* Takes the reference to `item`. A class of the caller's may have met the list, and changed it. */
static bool put_at(zt_decoder *d, PyObject *list, Py_ssize_t i, PyObject *item) {
  if (i >= PyList_GET_SIZE(list)) {
    Py_DECREF(item);
    return zt_fail(d, ZTC_UNSUPPORTED, MADE_SHORTER) != NULL;
  }
  PyObject *before = PyList_GET_ITEM(list, i);
  PyList_SET_ITEM(list, i, item);
  Py_XDECREF(before);
  return true;
}

static bool fill_list(zt_decoder *d, const ztb_node *node, PyObject *list, int how) {
  uint32_t at = node->slots;
  for (uint32_t i = 0; i < node->count; i++, at += ZTB_SLOT) {
    PyObject *item = value(d, node, ztb_type_at(node, i), ztb_load64(&d->copy, at), at, how);
    if (item == NULL || !put_at(d, list, i, item))
      return false;
  }
  return true;
}

static bool fill_rows(zt_decoder *d, const ztb_node *node, PyObject *list, int how) {
  if (((how + 1) & ZT_DEPTH) > ZTC_MAX_DEPTH) {
    return zt_too_deep(d) != NULL;
  }
  for (uint32_t i = 0; i < node->count; i++) {
    ztb_node row;
    ztb_node_row(node, i, &row);
    PyObject *dict = whole_map(d, &row, how + 1);
    const bool filled = dict != NULL;
    if (!filled && !failed(d))
      dict = PyDict_New();
    if (dict == NULL)
      return false;
    const bool fine =
        put_at(d, list, i, Py_NewRef(dict)) && (filled || fill_map(d, &row, dict, how + 1));
    Py_DECREF(dict);
    if (!fine)
      return false;
  }
  return true;
}

static bool fill(zt_decoder *d, const ztb_node *node, PyObject *to, int how) {
  if (node->kind == ZTB_EXT)
    return zt_ext_fill(d, node, to, how);
  how++;
  switch (node->kind) {
    case ZTB_MAP:
      return fill_map(d, node, to, how);
    case ZTB_DICT:
      return fill_dict(d, node, to, how);
    case ZTB_LIST:
      return fill_list(d, node, to, how);
    default:
      return fill_rows(d, node, to, how);
  }
}

bool zt_wait(zt_decoder *d, const ztb_node *node, PyObject *to, int how) {
  if (d->waiting == d->room) {
    const size_t room = d->room * 2 + 64;
    zt_work *work = PyMem_Realloc(d->work, room * sizeof *work);
    if (work == NULL) {
      PyErr_NoMemory();
      return false;
    }
    d->work = work;
    d->room = room;
  }
  d->work[d->waiting++] = (zt_work){.node = *node, .to = Py_NewRef(to), .how = how};
  return true;
}

/* --------------------------------------------------------------------------------- nodes -- */

static PyObject *container(zt_decoder *d, const ztb_node *node, int how) {
  const bool map = node->kind == ZTB_MAP || node->kind == ZTB_DICT;
  if (node->kind == ZTB_MAP && d->nested < ZT_MOST_NESTED && !to_be_met_again(d, node)) {
    d->nested++;
    PyObject *whole = whole_map(d, node, how + 1);
    d->nested--;
    if (whole != NULL || failed(d))
      return whole;
  }
  PyObject *to = map ? PyDict_New() : PyList_New(node->count);
  if (to == NULL)
    return NULL;
  const bool later = zt_is_later(d, how);
  if (!map && (later || to_be_met_again(d, node))) {
    /* Whoever meets it before it is filled finds values in it. */
    for (uint32_t i = 0; i < node->count; i++)
      PyList_SET_ITEM(to, i, Py_NewRef(Py_None));
  }
  if (to_be_met_again(d, node) && !zt_remember(d, node, to))
    goto failed;
  if (node->count == 0)
    return to;
  if (d->nested >= ZT_MOST_NESTED_NOW) {
    zt_too_deep(d);
    goto failed;
  }
  if (later) {
    if (!zt_wait(d, node, to, how))
      goto failed;
    return to;
  }
  d->nested++;
  const bool filled = fill(d, node, to, how);
  d->nested--;
  if (filled)
    return to;
failed:
  Py_DECREF(to);
  return NULL;
}

/* To be hashed: a list as a tuple. */
static PyObject *as_tuple(PyObject *list) {
  if (list == NULL)
    return NULL;
  PyObject *tuple = PyList_AsTuple(list);
  Py_DECREF(list);
  return tuple;
}

static PyObject *fresh(zt_decoder *d, const ztb_node *node, int how) {
  if (!ztb_charge(&d->copy, node->data - node->at))
    return zt_corrupt(d);
  switch (node->kind) {
    case ZTB_MAP:
    case ZTB_DICT:
      return container(d, node, how);
    case ZTB_LIST:
    case ZTB_ROWS:
      return (how & ZT_HASHABLE) != 0 && !to_be_met_again(d, node)
                 ? as_tuple(container(d, node, how))
                 : container(d, node, how);
    case ZTB_ARRAY:
      return array_value(d, node);
    default: {
      if (d->nested >= ZT_MOST_NESTED * 2) {
        return zt_too_deep(d);
      }
      d->nested++;
      PyObject *inside =
          node->kind == ZTB_EXT ? zt_ext_value(d, node, how) : zt_value_at(d, node, 0, how);
      d->nested--;
      if (inside != NULL && !zt_remember(d, node, inside))
        Py_CLEAR(inside);
      return inside;
    }
  }
}

static PyObject *of_node(zt_decoder *d, const ztb_node *node, int how) {
  if ((how & ZT_DEPTH) > ZTC_MAX_DEPTH) {
    return zt_too_deep(d);
  }
  if ((node->flags & ZTB_SHARED) != 0) {
    const uintptr_t *known = ztb_seen_find(&d->shared, d->copy.bytes + node->at);
    if (known != NULL) {
      PyObject *met = (PyObject *)*known;
      if (d->alias != ZT_NO_ALIAS && !zt_remember(d, node, met))
        return NULL;
      return Py_NewRef(met);
    }
  }
  return fresh(d, node, how);
}

static PyObject *target(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                        int how) {
  ztb_node node;
  if (type == ZTB_TYPE_REF) {
    if (!ztb_node_target(&d->copy, holder, slot, &node))
      return zt_corrupt(d);
    return of_node(d, &node, (how & ~ZT_DEPTH) | 1);
  }
  if (slot == 0 && type == ZTC_TYPE_LIST) {
    return (how & ZT_HASHABLE) != 0 ? PyTuple_New(0) : PyList_New(0);
  }
  if (slot == 0 && type == ZTC_TYPE_MAP)
    return PyDict_New();
  if (type < ZTC_TYPE_LIST || type > ZTC_TYPE_EXT ||
      !ztb_node_child(&d->copy, holder, type, slot, &node)) {
    return zt_corrupt(d);
  }
  return of_node(d, &node, how);
}

static inline PyObject *value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                              uint32_t slot_at, int how) {
  ztb_text text;
  const char *bytes;
  uint32_t size;
  PyObject *string;
  switch (type) {
    case ZTC_TYPE_STRING:
      if (!ztb_slot_text(&d->copy, holder, slot, slot_at, &text))
        return zt_corrupt(d);
      if (text.kind == ZTC_ASCII)
        return ascii(&text);
      if (text.kind == ZTC_LATIN1)
        return zt_text(&text);
      string = PyUnicode_DecodeUTF8(text.data, text.size, NULL);
      return string != NULL || !zt_is_ill_formed() ? string : zt_corrupt(d);
    case ZTC_TYPE_I8:
    case ZTC_TYPE_I16:
    case ZTC_TYPE_I32:
    case ZTC_TYPE_I64:
      return PyLong_FromLongLong((int64_t)slot);
    case ZTC_TYPE_F64:
      return PyFloat_FromDouble(ztb_f64(slot));
    case ZTC_TYPE_NULL:
      return Py_NewRef(Py_None);
    case ZTC_TYPE_BOOL:
      return PyBool_FromLong(slot != 0);
    case ZTC_TYPE_F32:
      return PyFloat_FromDouble(ztb_f32(slot));
    case ZTC_TYPE_BYTES:
      if (!ztb_slot_bytes(&d->copy, holder, slot, &bytes, &size))
        return zt_corrupt(d);
      return PyBytes_FromStringAndSize(bytes, size);
    default:
      return target(d, holder, type, slot, how);
  }
}

PyObject *zt_value(zt_decoder *d, const ztb_node *holder, uint8_t type, uint64_t slot,
                   uint32_t slot_at, int how) {
  return value(d, holder, type, slot, slot_at, how);
}

PyObject *zt_value_at(zt_decoder *d, const ztb_node *holder, uint32_t i, int how) {
  const uint32_t at = ztb_slot_at(holder, i);
  return value(d, holder, ztb_type_at(holder, i), ztb_load64(&d->copy, at), at, how);
}

/* --------------------------------------------------------------------------------- public -- */

static void begin(zt_decoder *d, zt_region *region, const void *copy, uint64_t size) {
  d->region = region;
  d->copy =
      (ztb_copy){.bytes = copy, .size = (uint32_t)size, .budget = size, .schema = &region->schema};
  d->status = ZTC_OK;
  d->reason = NULL;
  d->alias = ZT_NO_ALIAS;
  d->nested = 0;
  d->hashes = 64 * size;
  ztb_seen_init(&d->shared);
  d->work = NULL;
  d->waiting = d->room = 0;
}

/* Fills what waits; the value, or NULL with an exception or a status. */
static PyObject *end(zt_decoder *d, PyObject *result) {
  while (d->waiting > 0) {
    const zt_work work = d->work[--d->waiting];
    if (result != NULL && !fill(d, &work.node, work.to, work.how))
      Py_CLEAR(result);
    Py_DECREF(work.to);
  }
  PyMem_Free(d->work);
  forget(d, result == NULL);
  return result;
}

static PyObject *root_value(zt_decoder *d) {
  ztb_node root, row_node;
  uint32_t row;
  if (!ztb_node_root(&d->copy, &root, &row))
    return zt_corrupt(d);
  if (row == 0)
    return of_node(d, &root, 1);
  ztb_node_row(&root, row - 1, &row_node);
  if ((root.flags & ZTB_SHARED) == 0)
    return container(d, &row_node, 2);
  PyObject *list = of_node(d, &root, 1);
  if (list == NULL)
    return NULL;
  PyObject *item = row <= PyList_GET_SIZE(list) ? Py_NewRef(PyList_GET_ITEM(list, row - 1))
                                                : zt_fail(d, ZTC_UNSUPPORTED, MADE_SHORTER);
  Py_DECREF(list);
  return item;
}

PyObject *zt_decode(zt_region *region, const void *copy, uint64_t size, uint64_t index,
                    const char *path) {
  zt_decoder d;
  begin(&d, region, copy, size);
  PyObject *result = end(&d, root_value(&d));
  if (result == NULL && d.status != ZTC_OK) {
    zt_region_fail(region, index, path, d.status, d.reason);
  }
  return result;
}

static PyObject *finish_part(zt_decoder *d, PyObject *part) {
  PyObject *result = end(d, part);
  if (result == NULL && d->status != ZTC_OK) {
    zt_raise(d->status, d->reason, 0, d->region->path);
  }
  return result;
}

PyObject *zt_decode_slot(zt_region *region, const void *copy, uint64_t size, const ztb_node *holder,
                         uint8_t type, uint64_t slot, uint32_t slot_at) {
  zt_decoder d;
  begin(&d, region, copy, size);
  return finish_part(&d, value(&d, holder, type, slot, slot_at, 2));
}

PyObject *zt_decode_node(zt_region *region, const void *copy, uint64_t size, const ztb_node *node) {
  zt_decoder d;
  begin(&d, region, copy, size);
  return finish_part(&d, node->kind == ZTB_MAP ? container(&d, node, 1) : of_node(&d, node, 1));
}
