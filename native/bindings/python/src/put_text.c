/* Strings and buffers as events. */
#include "publish.h"

bool zt_is_text(PyObject *string) {
  const Py_ssize_t length = PyUnicode_GET_LENGTH(string);
  const int kind = (int)PyUnicode_KIND(string);
  if (kind == PyUnicode_1BYTE_KIND)
    return true;
  const void *data = PyUnicode_DATA(string);
  for (Py_ssize_t i = 0; i < length; i++) {
    if (Py_UNICODE_IS_SURROGATE(PyUnicode_READ(kind, data, i)))
      return false;
  }
  return true;
}

/* A string with surrogates as its UTF-16 code units. */
static bool put_units(zt_publisher *p, const zt_place *at, PyObject *string) {
  PyObject *units = PyUnicode_AsEncodedString(string, "utf-16-le", "surrogatepass");
  if (units == NULL)
    return false;
  PyObject *again = PyUnicode_Decode(PyBytes_AS_STRING(units), PyBytes_GET_SIZE(units), "utf-16-le",
                                     "surrogatepass");
  bool put = false;
  if (again != NULL && PyUnicode_Compare(string, again) != 0) {
    zt_refuse_text(p, at, "a string with a surrogate pair as two characters");
  } else if (again != NULL && PyBytes_GET_SIZE(units) > (Py_ssize_t)ZTC_MAX_STRING_SIZE) {
    zt_refuse_text(p, at, "a string of 1 GiB or more");
  } else if (again != NULL) {
    put = zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_EXT, ZTB_EXT_UTF16) &&
                ztb_put_array(&p->events, ZTC_TYPE_I16, PyBytes_AS_STRING(units),
                              (uint32_t)(PyBytes_GET_SIZE(units) / 2), 2) &&
                ztb_put_op(&p->events, ZTB_EVENT_END));
  }
  Py_XDECREF(again);
  Py_DECREF(units);
  return put;
}

/* `op` is the event for ASCII; those for other encodings follow it. */
bool zt_put_string(zt_publisher *p, const zt_place *at, uint8_t op, PyObject *string) {
  const int kind = (int)PyUnicode_KIND(string);
  const Py_ssize_t length = PyUnicode_GET_LENGTH(string);
  if (length * kind > (Py_ssize_t)ZTC_MAX_STRING_SIZE) {
    return zt_refuse_text(p, at, "a string of 1 GiB or more");
  }
  if (kind == PyUnicode_1BYTE_KIND) {
    const uint8_t encoding = PyUnicode_IS_ASCII(string) ? ZTC_ASCII : ZTC_LATIN1;
    return zt_ok(ztb_put_sized(&p->events, (uint8_t)(op + encoding), PyUnicode_DATA(string),
                               (uint32_t)length));
  }
  if (!zt_is_text(string))
    return put_units(p, at, string);
  if (kind == PyUnicode_2BYTE_KIND) {
    return zt_ok(ztb_put_sized(&p->events, (uint8_t)(op + ZTC_UTF16), PyUnicode_DATA(string),
                               (uint32_t)(2 * length)));
  }
  PyObject *utf8 = PyUnicode_AsUTF8String(string);
  if (utf8 == NULL)
    return false;
  const bool put = zt_ok(ztb_put_sized(&p->events, (uint8_t)(op + ZTC_UTF8),
                                       PyBytes_AS_STRING(utf8), (uint32_t)PyBytes_GET_SIZE(utf8)));
  Py_DECREF(utf8);
  return put;
}

/* The element type of a buffer's format, 0 if it has none here. */
static uint8_t element_of(const Py_buffer *view) {
  const char *format = view->format != NULL ? view->format : "B";
  if (*format == '@' || *format == '=' || *format == '<')
    format++;
  if (format[0] == '\0' || format[1] != '\0')
    return 0;
  if (*format == 'f' && view->itemsize == 4)
    return ZTC_TYPE_F32;
  if (*format == 'd' && view->itemsize == 8)
    return ZTC_TYPE_F64;
  if (strchr("bhilqn", *format) == NULL)
    return 0;
  return view->itemsize == 1   ? ZTC_TYPE_I8
         : view->itemsize == 2 ? ZTC_TYPE_I16
         : view->itemsize == 4 ? ZTC_TYPE_I32
                               : ZTC_TYPE_I64;
}

/* A number that is a buffer of no dimension, as those of numpy are. */
static bool put_scalar(zt_publisher *p, const zt_place *at, PyObject *value,
                       const Py_buffer *view) {
  const char *format = view->format != NULL ? view->format : "B";
  if (*format == '@' || *format == '=' || *format == '<')
    format++;
  PyObject *plain = NULL;
  if (element_of(view) == ZTC_TYPE_F32) {
    uint32_t bits;
    memcpy(&bits, view->buf, sizeof bits);
    return zt_ok(ztb_put_op32(&p->events, ZTB_EVENT_F32, bits));
  }
  if (element_of(view) == ZTC_TYPE_F64)
    return zt_ok(ztb_put_op64(&p->events, ZTB_EVENT_F64, view->buf));
  if (strcmp(format, "?") == 0) {
    plain = PyBool_FromLong(*(const char *)view->buf != 0);
  } else if (format[0] != '\0' && format[1] == '\0' && strchr("bBhHiIlLqQ", *format) != NULL) {
    plain = PyNumber_Index(value);
  } else {
    return zt_refuse_text(p, at, "a value of a numeric type that has no counterpart here");
  }
  const bool put = plain != NULL && zt_put_value(p, at, plain, false);
  Py_XDECREF(plain);
  return put;
}

bool zt_put_buffer(zt_publisher *p, const zt_place *at, PyObject *value, bool shared) {
  Py_buffer view;
  bool put = false, known = false;
  if (PyObject_GetBuffer(value, &view, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0) {
    PyErr_Clear();
    return zt_refuse_text(p, at, "an array that is not contiguous");
  }
  const uint8_t element = element_of(&view);
  const char *format = view.format != NULL ? view.format : "B";
  if (view.ndim == 0) {
    put = put_scalar(p, at, value, &view);
  } else if (view.ndim != 1) {
    zt_refuse_text(p, at, "an array of more than one dimension");
  } else if (view.len > (Py_ssize_t)ZTC_MAX_RECORD_SIZE) {
    zt_refuse_text(p, at, "an array of 2 GiB or more");
  } else if (strcmp(format, "B") == 0 || strcmp(format, "c") == 0) {
    put = zt_ok(ztb_put_sized(&p->events, ZTB_EVENT_BYTES, view.buf, (uint32_t)view.len));
  } else if (element == 0) {
    PyObject *reason = PyUnicode_FromFormat("an array of format '%s'", format);
    if (reason != NULL)
      zt_refuse(p, at, reason);
  } else if (zt_put_label(p, value, shared, &known)) {
    put = known ||
          zt_ok(ztb_put_array(&p->events, element, view.buf, (uint32_t)(view.len / view.itemsize),
                              (uint32_t)view.itemsize));
  }
  PyBuffer_Release(&view);
  return put;
}
