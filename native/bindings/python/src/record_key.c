/* Keys of records: strings, 64-bit integers, bytes. */
#include "publish.h"

static bool refuse_type(zt_publisher *p, const zt_place *at, PyObject *key) {
  PyObject *reason = PyUnicode_FromFormat("a record key of type %s", Py_TYPE(key)->tp_name);
  return reason != NULL && zt_refuse(p, at, reason);
}

bool zt_put_record_key(zt_publisher *p, const zt_place *at, PyObject *key) {
  if (key == Py_None)
    return true;
  if (PyUnicode_Check(key)) {
    return zt_is_text(key) ? zt_put_string(p, at, ZTB_EVENT_RECORD_KEY, key)
                           : zt_refuse_text(p, at, "a record key with unpaired surrogates");
  }
  if (PyBytes_Check(key)) {
    if (PyBytes_GET_SIZE(key) > (Py_ssize_t)ZTC_MAX_STRING_SIZE) {
      return zt_refuse_text(p, at, "a record key of 1 GiB or more");
    }
    return zt_ok(ztb_put_sized(&p->events, ZTB_EVENT_RECORD_KEY_BYTES, PyBytes_AS_STRING(key),
                               (uint32_t)PyBytes_GET_SIZE(key)));
  }
  if (!PyIndex_Check(key) || PyBool_Check(key))
    return refuse_type(p, at, key);
  PyObject *number = PyNumber_Index(key);
  if (number == NULL)
    return false;
  int overflow;
  const int64_t value = PyLong_AsLongLongAndOverflow(number, &overflow);
  Py_DECREF(number);
  if (overflow != 0)
    return zt_refuse_text(p, at, "a record key of more than 64 bits");
  return zt_ok(ztb_put_op64(&p->events, ZTB_EVENT_RECORD_KEY_I64, &value));
}

/* 1: *index is the key's record; 0: there is none; -1 with an exception set. */
static int find(zt_region *self, PyObject *key, uint64_t *index) {
  ztc_key sought = {.type = ZTC_KEY_STRING};
  PyObject *held = NULL;
  if (PyUnicode_Check(key)) {
    const int kind = (int)PyUnicode_KIND(key);
    sought.data = PyUnicode_DATA(key);
    sought.size = (uint64_t)PyUnicode_GET_LENGTH(key) * (uint64_t)kind;
    sought.encoding = kind == PyUnicode_2BYTE_KIND ? ZTC_UTF16
                      : PyUnicode_IS_ASCII(key)    ? ZTC_ASCII
                                                   : ZTC_LATIN1;
    if (kind == PyUnicode_4BYTE_KIND) {
      held = PyUnicode_AsUTF8String(key);
      if (held == NULL) {
        PyErr_Clear(); /* unpaired surrogates */
        return 0;
      }
      sought.data = PyBytes_AS_STRING(held);
      sought.size = (uint64_t)PyBytes_GET_SIZE(held);
      sought.encoding = ZTC_UTF8;
    }
  } else if (PyBytes_Check(key)) {
    sought = (ztc_key){.type = ZTC_KEY_BYTES,
                       .data = PyBytes_AS_STRING(key),
                       .size = (uint64_t)PyBytes_GET_SIZE(key)};
  } else if (PyIndex_Check(key) && !PyBool_Check(key)) {
    int overflow;
    held = PyNumber_Index(key);
    if (held == NULL)
      return -1;
    sought =
        (ztc_key){.type = ZTC_KEY_I64, .number = PyLong_AsLongLongAndOverflow(held, &overflow)};
    if (overflow != 0) {
      Py_DECREF(held);
      return 0;
    }
  } else {
    PyErr_Format(PyExc_TypeError, "a record key is a str, an int or bytes, not %s",
                 Py_TYPE(key)->tp_name);
    return -1;
  }
  const ztc_status status = ztc_index_of(self->region, &sought, index);
  Py_XDECREF(held);
  if (status == ZTC_OK)
    return 1;
  if (status == ZTC_NO_SUCH_KEY)
    return 0;
  zt_raise(status, ztc_status_text(status), 0, self->path);
  return -1;
}

PyObject *zt_region_index_of(zt_region *self, PyObject *key) {
  uint64_t index;
  const int found = find(self, key, &index);
  if (found > 0)
    return PyLong_FromUnsignedLongLong(index);
  if (found == 0)
    PyErr_SetObject(PyExc_KeyError, key);
  return NULL;
}

PyObject *zt_region_get(zt_region *self, PyObject *args) {
  PyObject *key, *otherwise = Py_None;
  uint64_t index;
  if (!PyArg_ParseTuple(args, "O|O:get", &key, &otherwise))
    return NULL;
  const int found = find(self, key, &index);
  if (found < 0)
    return NULL;
  return found > 0 ? zt_region_copy(self, index) : Py_NewRef(otherwise);
}
