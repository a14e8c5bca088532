#include "whole_dict.h"

#if ZT_WHOLE_DICT

/* The layout that new_keys_object of CPython 3.11 gives a table. */
static size_t block_size(const PyDictKeysObject *keys) {
  const size_t usable = (((size_t)1 << keys->dk_log2_size) << 1) / 3;
  return sizeof *keys + ((size_t)1 << keys->dk_log2_index_bytes) +
         usable * sizeof(PyDictUnicodeEntry);
}

static bool usable = true;

bool zt_whole_make(zt_whole *whole, zt_arena *arena, PyObject *const *keys, uint32_t count) {
  *whole = (zt_whole){.block = NULL};
  if (!usable || count == 0)
    return false;
  PyObject *model = PyDict_New(); /* one that knows that its keys are strings */
  if (model == NULL)
    return false;
  for (uint32_t i = 0; i < count; i++) {
    if (PyDict_SetItem(model, keys[i], Py_None) < 0)
      goto out;
  }
  PyDictObject *const dict = (PyDictObject *)model;
  PyDictKeysObject *const table = dict->ma_keys;
  if (dict->ma_values != NULL || dict->ma_used != (Py_ssize_t)count ||
      table->dk_kind != DICT_KEYS_UNICODE || table->dk_nentries != (Py_ssize_t)count ||
      table->dk_refcnt != 1) {
    goto out; /* a key twice, say */
  }
  whole->size = block_size(table);
  whole->block = arena != NULL ? zt_arena_take(arena, whole->size) : PyMem_Malloc(whole->size);
  if (whole->block == NULL) {
    PyErr_NoMemory();
    goto out;
  }
  memcpy(whole->block, table, whole->size);
  ((PyDictKeysObject *)whole->block)->dk_version = 0;
out:
  Py_DECREF(model);
  return whole->block != NULL;
}

void zt_whole_drop(zt_whole_draft *draft, uint32_t done) {
  for (uint32_t i = 0; i < done; i++) {
    Py_DECREF(draft->entries[i].me_key);
    Py_DECREF(draft->entries[i].me_value);
  }
  PyObject_Free(draft->block);
}

PyObject *zt_whole_end(zt_whole_draft *draft, uint32_t count, bool tracked) {
  PyObject *dict = PyDict_New();
  if (dict == NULL) {
    zt_whole_drop(draft, count);
    return NULL;
  }
  PyDictObject *const made = (PyDictObject *)dict;
  made->ma_keys->dk_refcnt--; /* the one of all empty dicts */
  made->ma_keys = draft->block;
  made->ma_used = count;
  if (tracked)
    PyObject_GC_Track(dict);
  return dict;
}

/* A dict made as a whole, used in all ways that depend on its table. */
static int check(const zt_whole *whole, PyObject *const *keys, uint32_t count) {
  zt_whole_draft draft;
  if (!zt_whole_begin(whole, &draft))
    return -1;
  for (uint32_t i = 0; i < count; i++)
    zt_whole_set(&draft, i, Py_NewRef(keys[count - 1 - i]));
  PyObject *made = zt_whole_end(&draft, count, false);
  PyObject *plain = PyDict_New();
  int alike = made != NULL && plain != NULL;
  for (uint32_t i = 0; alike && i < count; i++) {
    alike = PyDict_SetItem(plain, keys[i], keys[count - 1 - i]) == 0;
  }
  alike = alike && PyObject_RichCompareBool(made, plain, Py_EQ) == 1 &&
          PyDict_DelItem(made, keys[0]) == 0 && PyDict_GET_SIZE(made) == (Py_ssize_t)count - 1 &&
          PyDict_SetItem(made, Py_None, Py_None) == 0 && PyDict_DelItem(made, Py_None) == 0 &&
          PyDict_SetItem(made, keys[0], keys[count - 1]) == 0 &&
          PyObject_RichCompareBool(made, plain, Py_EQ) == 1;
  Py_XDECREF(made);
  Py_XDECREF(plain);
  return PyErr_Occurred() ? -1 : alike;
}

int zt_whole_check(void) {
  enum { MOST = 300 };
  static const uint32_t counts[] = {1, 5, 6, 10, 11, 21, 22, 170, 171, MOST};
  PyObject *keys[MOST] = {NULL};
  int alike = 1;
  for (int i = 0; i < MOST && alike == 1; i++) {
    keys[i] = PyUnicode_FromFormat("key %d", i);
    if (keys[i] == NULL)
      alike = -1;
  }
  for (size_t i = 0; i < Py_ARRAY_LENGTH(counts) && alike == 1; i++) {
    zt_whole whole;
    alike = zt_whole_make(&whole, NULL, keys, counts[i]) ? check(&whole, keys, counts[i])
            : PyErr_Occurred()                           ? -1
                                                         : 0;
    PyMem_Free(whole.block);
  }
  for (int i = 0; i < MOST; i++)
    Py_XDECREF(keys[i]);
  usable = alike == 1;
  return alike < 0 ? -1 : 0;
}

#else

int zt_whole_check(void) {
  return 0;
}

bool zt_whole_make(zt_whole *whole, zt_arena *Py_UNUSED(arena), PyObject *const *Py_UNUSED(keys),
                   uint32_t Py_UNUSED(count)) {
  *whole = (zt_whole){.block = NULL};
  return false;
}

#endif
