/*
 * A dict of known keys in one step: the key table of a first dict is copied as a block, and values
 * are written beside its keys, without a hash or a look-up. That is how CPython itself copies a
 * dict, and depends on how it lays dicts out: done for CPython 3.11 alone, after a check at import
 * that dicts made so are like others. Elsewhere, and wherever zt_whole_make returns false, dicts
 * are filled key by key.
 */
#ifndef ZT_WHOLE_DICT_H
#define ZT_WHOLE_DICT_H

#include "zt.h"

#if PY_VERSION_HEX >= 0x030b0000 && PY_VERSION_HEX < 0x030c0000 && !defined(Py_DEBUG) &&           \
    !defined(PYPY_VERSION)
#define ZT_WHOLE_DICT 1
#else
#define ZT_WHOLE_DICT 0
#endif

/* Looks whether this interpreter's dicts are as expected; -1 with an exception set. */
int zt_whole_check(void);

/* Makes the model of dicts with these keys, in the arena or, if that is NULL, in memory to be freed
   by PyMem_Free. False: no such dicts here; or an exception is set. */
bool zt_whole_make(zt_whole *whole, zt_arena *arena, PyObject *const *keys, uint32_t count);

#if ZT_WHOLE_DICT
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif
#include <internal/pycore_dict.h>

typedef struct zt_whole_draft {
  PyDictKeysObject *block;
  PyDictUnicodeEntry *entries;
} zt_whole_draft;

static inline bool zt_whole_begin(const zt_whole *whole, zt_whole_draft *draft) {
  draft->block = PyObject_Malloc(whole->size);
  if (draft->block == NULL) {
    PyErr_NoMemory();
    return false;
  }
  memcpy(draft->block, whole->block, whole->size);
  draft->entries = DK_UNICODE_ENTRIES(draft->block);
  return true;
}

/* Takes over the value. */
static inline void zt_whole_set(zt_whole_draft *draft, uint32_t i, PyObject *value) {
  Py_INCREF(draft->entries[i].me_key);
  draft->entries[i].me_value = value;
}

/* Gives up after `done` values. */
void zt_whole_drop(zt_whole_draft *draft, uint32_t done);
/* The dict, after all values; consumes the draft. `tracked`: a value may be in a cycle. */
PyObject *zt_whole_end(zt_whole_draft *draft, uint32_t count, bool tracked);
#endif

#endif
