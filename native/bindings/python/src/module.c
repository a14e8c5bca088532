/* The module zerotouch._native, behind the package zerotouch. */
#include "settle.h"
#include "whole_dict.h"

zt_names zt_name;

PyObject *zt_message(const char *text) {
  return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

void zt_raise(ztc_status status, const char *message, int system_errno, PyObject *path) {
  PyObject *text = zt_message(message);
  PyObject *exception =
      text != NULL ? PyObject_CallFunction(zt_name.exception, "sOiO", ztc_status_name(status), text,
                                           system_errno, path != NULL ? path : Py_None)
                   : NULL;
  Py_XDECREF(text);
  if (exception == NULL)
    return;
  PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
  Py_DECREF(exception);
}

void zt_raise_error(const ztc_error *error, PyObject *path) {
  zt_raise(error->status, error->message, error->system_errno, path);
}

/* setup(exception, ext, restore, describe, map_view, list_view): what the package gives this
 * module. */
static PyObject *setup(PyObject *Py_UNUSED(module), PyObject *args) {
  PyObject *exception, *ext, *restore, *describe, *map_view, *list_view;
  if (!PyArg_ParseTuple(args, "OOOOO!O!", &exception, &ext, &restore, &describe, &PyType_Type,
                        &map_view, &PyType_Type, &list_view)) {
    return NULL;
  }
  PyObject *module = PyImport_ImportModule("array");
  if (module == NULL)
    return NULL;
  PyObject *array = PyObject_GetAttrString(module, "array");
  Py_DECREF(module);
  if (array == NULL)
    return NULL;
  Py_XSETREF(zt_name.exception, Py_NewRef(exception));
  Py_XSETREF(zt_name.ext, Py_NewRef(ext));
  Py_XSETREF(zt_name.restore, Py_NewRef(restore));
  Py_XSETREF(zt_name.describe, Py_NewRef(describe));
  Py_XSETREF(zt_name.array, array);
  Py_XSETREF(zt_name.map_view, (PyTypeObject *)Py_NewRef(map_view));
  Py_XSETREF(zt_name.list_view, (PyTypeObject *)Py_NewRef(list_view));
  Py_RETURN_NONE;
}

/* Names and types are one for the process; see the README. Before the package extends a type:
 * another interpreter gets the module that the first one made. */
static PyObject *check_interpreter(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
  if (PyInterpreterState_Get() == PyInterpreterState_Main())
    Py_RETURN_NONE;
  PyErr_SetString(PyExc_ImportError, "zerotouch works in the main interpreter only, not in others"
                                     " of the same process; use a process instead");
  return NULL;
}

static PyMethodDef functions[] = {
    {"check_interpreter", check_interpreter, METH_NOARGS, NULL},
    {"setup", setup, METH_VARARGS, NULL},
    {"publish", (PyCFunction)(void (*)(void))zt_publish, METH_FASTCALL, NULL},
    {"before_fork", zt_before_fork, METH_NOARGS, NULL},
    {"after_fork", zt_after_fork, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "zerotouch._native",
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__native(void) {
  if (ztc_abi_version() != ZTC_ABI_VERSION) {
    PyErr_Format(PyExc_ImportError, "zerotouch was built for ABI %d of the C library and found %d",
                 ZTC_ABI_VERSION, (int)ztc_abi_version());
    return NULL;
  }
  if (zt_whole_check() < 0)
    return NULL;
  if (PyType_Ready(&zt_copy_type) < 0 || PyType_Ready(&zt_array_type) < 0)
    return NULL;
  PyObject *module = PyModule_Create(&definition);
  if (module == NULL)
    return NULL;
  if (PyModule_AddType(module, &zt_region_type) < 0 ||
      PyModule_AddType(module, &zt_map_view_type) < 0 ||
      PyModule_AddType(module, &zt_list_view_type) < 0 ||
      PyModule_AddStringConstant(module, "version", ztc_version()) < 0) {
    Py_DECREF(module);
    return NULL;
  }
  return module;
}
