/* Values as events. */
#include "publish.h"

bool zt_put_label(zt_publisher *p, PyObject *value, bool shared, bool *known) {
  *known = false;
  if (!shared)
    return true;
  const uintptr_t *label = ztb_seen_find(&p->labels, value);
  if (label != NULL) {
    *known = true;
    return zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_REF, (uint32_t)*label));
  }
  const uint32_t next = (uint32_t)p->labels.used;
  return zt_ok(ztb_seen_add(&p->labels, value, next)) && PyList_Append(p->held, value) == 0 &&
         zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_LABEL, next));
}

/* A value below another one, which keeps it as long as nobody interferes. */
static bool put_inside(zt_publisher *p, const zt_place *at, PyObject *value) {
  const bool shared = Py_REFCNT(value) > 1;
  Py_INCREF(value);
  const bool put = zt_put_value(p, at, value, shared);
  Py_DECREF(value);
  return put;
}

static bool put_integer(zt_publisher *p, PyObject *value, bool *fits) {
  int overflow;
  const int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
  *fits = overflow == 0;
  if (*fits)
    return zt_ok(ztb_put_op64(&p->events, ZTB_EVENT_I64, &number));
  const uint64_t large = overflow > 0 ? PyLong_AsUnsignedLongLong(value) : (uint64_t)-1;
  if (overflow < 0 || (large == (uint64_t)-1 && PyErr_Occurred())) {
    PyErr_Clear();
    return true; /* somebody else's */
  }
  *fits = true;
  return zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_UINT64) &&
               ztb_put_op64(&p->events, ZTB_EVENT_I64, &large) &&
               ztb_put_op(&p->events, ZTB_EVENT_END));
}

/* ------------------------------------------------------------------------------- containers -- */

static bool put_elements(zt_publisher *p, const zt_place *at, PyObject *list) {
  if (!zt_ok(ztb_put_op(&p->events, ZTB_EVENT_LIST)))
    return false;
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(list);
  for (Py_ssize_t i = 0; i < count; i++) {
    if (PySequence_Fast_GET_SIZE(list) != count) {
      return zt_refuse_text(p, at, "a list that changes meanwhile");
    }
    const zt_place inside = {.up = at, .index = i, .depth = at->depth + 1};
    if (!put_inside(p, &inside, PySequence_Fast_GET_ITEM(list, i)))
      return false;
  }
  return zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END));
}

static bool put_key(zt_publisher *p, const zt_place *at, PyObject *key) {
  if (!PyUnicode_CheckExact(key))
    return zt_refuse_text(p, at, "a dict that changes meanwhile");
  const uintptr_t *known = ztb_seen_find(&p->keys, key);
  if (known != NULL)
    return zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_USE_KEY, (uint32_t)*known));
  if (!zt_is_text(key))
    return zt_refuse_text(p, at, "a name that is no text");
  if (p->keys.used >= ZTB_MOST_KEYS)
    return zt_put_string(p, at, ZTB_EVENT_KEY, key);
  const size_t before = p->events.size;
  /* As a key by value, to have its bytes; then the head of a definition in front of them. */
  if (!zt_put_string(p, at, ZTB_EVENT_KEY, key) || !zt_ok(ztb_events_room(&p->events, 1) != NULL)) {
    return false;
  }
  uint8_t *event = p->events.data + before;
  memmove(event + 2, event + 1, p->events.size - before - 2);
  event[1] = (uint8_t)(event[0] - ZTB_EVENT_KEY);
  event[0] = ZTB_EVENT_DEFINE_KEY;
  return zt_ok(ztb_seen_add(&p->keys, key, p->keys.used)) && PyList_Append(p->held_keys, key) == 0;
}

static bool has_plain_keys(PyObject *dict) {
  Py_ssize_t next = 0;
  PyObject *key, *value;
  while (PyDict_Next(dict, &next, &key, &value)) {
    if (!PyUnicode_CheckExact(key) || !zt_is_text(key))
      return false;
  }
  return true;
}

/* `other`: as a list of keys and values. */
static bool put_entries(zt_publisher *p, const zt_place *at, PyObject *dict, bool other) {
  if (!zt_ok(ztb_put_op(&p->events, other ? ZTB_EVENT_LIST : ZTB_EVENT_MAP)))
    return false;
  const Py_ssize_t count = PyDict_GET_SIZE(dict);
  Py_ssize_t next = 0, done = 0;
  PyObject *key, *value;
  while (PyDict_Next(dict, &next, &key, &value)) {
    const bool key_shared = Py_REFCNT(key) > 1;
    const zt_place inside = {.up = at, .key = key, .index = -1, .depth = at->depth + 1 + other};
    Py_INCREF(key);
    Py_INCREF(value); /* describing the key may run code that takes it out */
    const bool value_shared = Py_REFCNT(value) > 2;
    const bool put =
        (other ? zt_put_value(p, &inside, key, key_shared) : put_key(p, &inside, key)) &&
        zt_put_value(p, &inside, value, value_shared);
    Py_DECREF(value);
    Py_DECREF(key);
    if (!put)
      return false;
    if (++done > count || PyDict_GET_SIZE(dict) != count) {
      return zt_refuse_text(p, at, "a dict that changes meanwhile");
    }
  }
  return zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END));
}

static bool put_dict(zt_publisher *p, const zt_place *at, PyObject *dict) {
  if (has_plain_keys(dict))
    return put_entries(p, at, dict, false);
  return zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_MAP)) &&
         put_entries(p, at, dict, true) && zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END));
}

/* Sorted, if the elements can be: so the same data gives the same file. */
static bool put_set(zt_publisher *p, const zt_place *at, PyObject *set) {
  PyObject *list = PySequence_List(set);
  if (list == NULL)
    return false;
  if (PyList_Sort(list) < 0) {
    PyErr_Clear();
    Py_SETREF(list, PySequence_List(set));
    if (list == NULL)
      return false;
  }
  const zt_place inside = {.up = at, .index = -1, .depth = at->depth + 1};
  const bool put = zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_SET)) &&
                   put_elements(p, &inside, list) && zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END));
  Py_DECREF(list);
  return put;
}

static bool put_tuple(zt_publisher *p, const zt_place *at, PyObject *tuple) {
  const zt_place inside = {.up = at, .index = -1, .depth = at->depth + 1};
  return zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_TUPLE)) &&
         put_elements(p, &inside, tuple) && zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END));
}

static bool put_ext(zt_publisher *p, const zt_place *at, PyObject *value) {
  PyObject *id = PyObject_GetAttrString(value, "id");
  const unsigned long number = id != NULL ? PyLong_AsUnsignedLong(id) : (unsigned long)-1;
  Py_XDECREF(id);
  if (PyErr_Occurred())
    return false;
  PyObject *payload = PyObject_GetAttrString(value, "payload");
  if (payload == NULL)
    return false;
  const zt_place inside = {.up = at, .index = -1, .depth = at->depth + 1};
  const bool put = zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_EXT, (uint32_t)number)) &&
                   zt_put_value(p, &inside, payload, Py_REFCNT(payload) > 2) &&
                   zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END));
  Py_DECREF(payload);
  return put;
}

/* A value that the Python part describes: its events, [another value], or (class name, fields). */
static bool put_described(zt_publisher *p, const zt_place *at, PyObject *value, bool shared) {
  bool known = false, put = false;
  PyObject *is = PyObject_CallOneArg(zt_name.describe, value);
  if (is == NULL) {
    return PyErr_ExceptionMatches(PyExc_TypeError) || PyErr_ExceptionMatches(PyExc_ValueError)
               ? zt_refuse(p, at, NULL)
               : false;
  }
  if (PyBytes_CheckExact(is)) {
    put = zt_ok(ztb_put_raw(&p->events, PyBytes_AS_STRING(is), (size_t)PyBytes_GET_SIZE(is)));
  } else if (PyList_CheckExact(is) && PyList_GET_SIZE(is) == 1) {
    PyObject *plain = PyList_GET_ITEM(is, 0);
    const bool container = PyDict_CheckExact(plain) || PyList_CheckExact(plain) ||
                           PyTuple_CheckExact(plain) || PyAnySet_CheckExact(plain);
    put = !container || zt_put_label(p, value, shared, &known);
    put = put && (known || zt_put_value(p, at, plain, false));
  } else if (zt_put_label(p, value, shared, &known)) {
    const zt_place inside = {.up = at, .index = -1, .depth = at->depth + 2};
    put = known ||
          (zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_OBJECT) &&
                 ztb_put_op(&p->events, ZTB_EVENT_LIST)) &&
           zt_put_string(p, at, ZTB_EVENT_STRING, PyTuple_GET_ITEM(is, 0)) &&
           put_entries(p, &inside, PyTuple_GET_ITEM(is, 1), false) &&
           zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END) && ztb_put_op(&p->events, ZTB_EVENT_END)));
  }
  Py_DECREF(is);
  return put;
}

static bool put_container(zt_publisher *p, const zt_place *at, PyObject *value, bool shared) {
  bool known;
  if (at->depth > ZTC_MAX_DEPTH) {
    return zt_refuse_text(p, at, "data nested more than 512 levels deep");
  }
  if (!zt_put_label(p, value, shared, &known))
    return false;
  if (known)
    return true;
  if (PyDict_CheckExact(value))
    return put_dict(p, at, value);
  if (PyList_CheckExact(value))
    return put_elements(p, at, value);
  if (PyTuple_CheckExact(value))
    return put_tuple(p, at, value);
  return PyAnySet_CheckExact(value) ? put_set(p, at, value) : put_ext(p, at, value);
}

static bool put_view(zt_publisher *p, const zt_place *at, PyObject *view) {
  PyObject *copy = PyObject_CallMethod(view, "copy", NULL);
  const bool put = copy != NULL && zt_put_value(p, at, copy, false);
  Py_XDECREF(copy);
  return put;
}

bool zt_put_value(zt_publisher *p, const zt_place *at, PyObject *value, bool shared) {
  PyTypeObject *const type = Py_TYPE(value);
  if (type == &PyUnicode_Type)
    return zt_put_string(p, at, ZTB_EVENT_STRING, value);
  if (type == &PyLong_Type) {
    bool fits;
    if (!put_integer(p, value, &fits))
      return false;
    return fits || put_described(p, at, value, false);
  }
  if (type == &PyDict_Type || type == &PyList_Type || type == &PyTuple_Type ||
      type == &PySet_Type || type == &PyFrozenSet_Type || (PyObject *)type == zt_name.ext) {
    return put_container(p, at, value, shared);
  }
  if (value == Py_None)
    return zt_ok(ztb_put_op(&p->events, ZTB_EVENT_NULL));
  if (type == &PyBool_Type) {
    return zt_ok(ztb_put_op(&p->events, value == Py_True ? ZTB_EVENT_TRUE : ZTB_EVENT_FALSE));
  }
  if (type == &PyFloat_Type) {
    const double number = PyFloat_AS_DOUBLE(value);
    return zt_ok(ztb_put_op64(&p->events, ZTB_EVENT_F64, &number));
  }
  if (type == &PyBytes_Type) {
    if (PyBytes_GET_SIZE(value) > (Py_ssize_t)ZTC_MAX_RECORD_SIZE) {
      return zt_refuse_text(p, at, "a byte string of 2 GiB or more");
    }
    return zt_ok(ztb_put_sized(&p->events, ZTB_EVENT_BYTES, PyBytes_AS_STRING(value),
                               (uint32_t)PyBytes_GET_SIZE(value)));
  }
  if (PyObject_CheckBuffer(value) && !PyUnicode_Check(value) && !PyBytes_Check(value)) {
    return zt_put_buffer(p, at, value, shared);
  }
  if (PyObject_TypeCheck(value, &zt_map_view_type) ||
      PyObject_TypeCheck(value, &zt_list_view_type)) {
    return put_view(p, at, value);
  }
  if (at->depth > ZTC_MAX_DEPTH) {
    return zt_refuse_text(p, at, "data nested more than 512 levels deep");
  }
  return put_described(p, at, value, shared);
}
