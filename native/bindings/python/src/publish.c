/* Live data into a region: one pass that writes the events of the format document, section 8. */
#include "publish.h"

/* --------------------------------------------------------------------------------- errors -- */

static bool add_steps(PyObject *list, const zt_place *at) {
  if (at->up == NULL)
    return true;
  if (!add_steps(list, at->up))
    return false;
  if (at->key == NULL && at->index < 0)
    return true;
  PyObject *step = at->key != NULL ? Py_NewRef(at->key) : PyLong_FromSsize_t(at->index);
  const bool added = step != NULL && PyList_Append(list, step) == 0;
  Py_XDECREF(step);
  return added;
}

static void raise_error(const zt_publisher *p, const ztc_error *error) {
  PyObject *message = zt_message(error->message);
  PyObject *exception =
      message != NULL
          ? PyObject_CallFunction(zt_name.exception, "sOiOOOO", ztc_status_name(error->status),
                                  message, error->system_errno, p->path, Py_None, Py_None, Py_True)
          : NULL;
  Py_XDECREF(message);
  if (exception != NULL)
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_XDECREF(exception);
}

bool zt_refuse(zt_publisher *p, const zt_place *at, PyObject *reason) {
  PyObject *type = NULL, *exception = NULL, *trace = NULL;
  if (reason == NULL) {
    PyErr_Fetch(&type, &exception, &trace);
    reason = exception != NULL ? PyObject_Str(exception) : PyUnicode_FromString("a value");
  }
  PyObject *steps = PyList_New(0);
  if (reason != NULL && steps != NULL && add_steps(steps, at)) {
    PyObject *refusal = PyObject_CallFunction(zt_name.exception, "sOiOKO", "UNSTORABLE", reason, 0,
                                              p->path, p->records, steps);
    if (refusal != NULL)
      PyErr_SetObject((PyObject *)Py_TYPE(refusal), refusal);
    Py_XDECREF(refusal);
  }
  Py_XDECREF(steps);
  Py_XDECREF(reason);
  Py_XDECREF(type);
  Py_XDECREF(exception);
  Py_XDECREF(trace);
  return false;
}

bool zt_refuse_text(zt_publisher *p, const zt_place *at, const char *reason) {
  PyObject *text = PyUnicode_FromString(reason);
  return text != NULL && zt_refuse(p, at, text);
}

/* -------------------------------------------------------------------------------- records -- */

static bool feed(zt_publisher *p) {
  ztc_error error;
  ztc_status status;
  if (p->events.size == 0)
    return true;
  Py_BEGIN_ALLOW_THREADS status =
      ztc_writer_feed(p->writer, p->events.data, p->events.size, &error);
  Py_END_ALLOW_THREADS p->events.size = 0;
  if (status != ZTC_OK)
    raise_error(p, &error);
  return status == ZTC_OK;
}

static bool put_key_of(zt_publisher *p, const zt_place *at, PyObject *record) {
  if (p->key == NULL)
    return true;
  PyObject *key = PyObject_CallOneArg(p->key, record);
  if (p->field != NULL && key == NULL &&
      (PyErr_ExceptionMatches(PyExc_LookupError) || PyErr_ExceptionMatches(PyExc_TypeError))) {
    PyErr_Clear();
    key = Py_NewRef(Py_None);
  }
  bool put = false;
  if (key == Py_None && p->field != NULL) {
    PyObject *reason = PyUnicode_FromFormat("a record without the key %U", p->field);
    put = reason != NULL && zt_refuse(p, at, reason);
  } else if (key != NULL) {
    put = zt_put_record_key(p, at, key);
  }
  Py_XDECREF(key);
  return put;
}

static bool put_record(zt_publisher *p, PyObject *record) {
  const zt_place root = {.index = -1, .depth = 1};
  ztb_seen_clear(&p->labels);
  if (PyList_GET_SIZE(p->held) > 0 &&
      PyList_SetSlice(p->held, 0, PyList_GET_SIZE(p->held), NULL) < 0) {
    return false;
  }
  if (!zt_put_value(p, &root, record, true) || !put_key_of(p, &root, record) ||
      !zt_ok(ztb_put_op(&p->events, ZTB_EVENT_END_RECORD))) {
    return false;
  }
  p->records++;
  return p->events.size < ZTB_FEED_AT || feed(p);
}

static bool put_all(zt_publisher *p, PyObject *iterator) {
  PyObject *record;
  while ((record = PyIter_Next(iterator)) != NULL) {
    const bool put = put_record(p, record);
    Py_DECREF(record);
    if (!put)
      return false;
  }
  return !PyErr_Occurred() && feed(p);
}

static bool finish(zt_publisher *p) {
  ztc_error error;
  ztc_status status;
  ztc_writer *writer = p->writer;
  p->writer = NULL;
  Py_BEGIN_ALLOW_THREADS status = ztc_writer_publish(writer, &error);
  Py_END_ALLOW_THREADS if (status != ZTC_OK) raise_error(p, &error);
  return status == ZTC_OK;
}

PyObject *zt_publish(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
  zt_publisher p = {.records = 0};
  if (count != 4) {
    PyErr_SetString(PyExc_TypeError, "publish(path, iterable, key, field)");
    return NULL;
  }
  p.path = args[0];
  p.key = args[2] != Py_None ? args[2] : NULL;
  p.field = args[3] != Py_None ? args[3] : NULL;
  ztb_seen_init(&p.labels);
  ztb_seen_init(&p.keys);
  PyObject *iterator = PyObject_GetIter(args[1]);
  PyObject *encoded = NULL;
  if (iterator != NULL && !PyUnicode_FSConverter(p.path, &encoded)) /* refuses a NUL */
    encoded = NULL;
  p.held = PyList_New(0);
  p.held_keys = PyList_New(0);
  bool published = false;
  if (encoded != NULL && p.held != NULL && p.held_keys != NULL) {
    ztc_error error;
    if (ztc_writer_create(PyBytes_AS_STRING(encoded), 0, &p.writer, &error) != ZTC_OK) {
      raise_error(&p, &error);
    } else {
      published = put_all(&p, iterator) && finish(&p);
    }
  }
  ztc_writer_abort(p.writer);
  ztb_events_free(&p.events);
  ztb_seen_free(&p.labels);
  ztb_seen_free(&p.keys);
  Py_XDECREF(p.held);
  Py_XDECREF(p.held_keys);
  Py_XDECREF(encoded);
  Py_XDECREF(iterator);
  return published ? PyLong_FromUnsignedLongLong(p.records) : NULL;
}
