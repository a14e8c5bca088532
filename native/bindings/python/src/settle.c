/*
 * What the interpreter has free lies among what it uses: in a forked child each new object takes
 * such a place first, and un-shares the page around it. Nobody needs those places in the child. So
 * they are taken while a fork is under way, and given back in the parent after it; the child goes
 * on in memory of its own.
 */
#include "settle.h"

#include "../common/holes.h"

/* pymalloc exists, and tells when it needs memory for an arena. */
#if !defined(PYPY_VERSION) && !defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030d0000
#define ZT_SETTLE 1
#else
#define ZT_SETTLE 0
#endif

#if ZT_SETTLE

enum { BLOCK_STEP = 16, BLOCK_MOST = 512 };
/* Bounds for a parent with more holes than that: time, and memory that it un-shares afterwards. */
enum { CLASS_MOST = 1024 * 1024, HEAP_MOST = 8 * 1024 * 1024 };
/* What CPython keeps of its own types: PyDict_MAXFREELIST and its likes. */
enum { CONTAINERS = 80, FLOATS = 100 };

typedef struct block {
  struct block *next;
} block;

static struct {
  block *blocks;
  ztb_filling *heap;
  PyObject *objects[2 * CONTAINERS + FLOATS];
  size_t object_count;
} held;

/* Says no to new arenas, and remembers that it was asked. */
static void *no_arena(void *asked, size_t Py_UNUSED(size)) {
  *(bool *)asked = true;
  return NULL;
}

/* Takes the free blocks of a size; the one too many is malloc's, which serves where pymalloc
 * cannot. */
static void take_blocks(size_t size, const bool *asked) {
  for (size_t taken = 0; taken < CLASS_MOST; taken += size) {
    block *made = PyObject_Malloc(size);
    if (made == NULL || *asked) {
      PyObject_Free(made);
      return;
    }
    made->next = held.blocks;
    held.blocks = made;
  }
}

static void hold(PyObject *object) {
  if (object == NULL) {
    PyErr_Clear();
    return;
  }
  if (PyObject_IS_GC(object) && PyObject_GC_IsTracked(object))
    PyObject_GC_UnTrack(object);
  held.objects[held.object_count++] = object;
}

static void take_objects(void) {
  held.object_count = 0;
  for (int i = 0; i < CONTAINERS; i++) {
    hold(PyDict_New());
    hold(PyList_New(0));
  }
  for (int i = 0; i < FLOATS; i++)
    hold(PyFloat_FromDouble(i));
}

PyObject *zt_before_fork(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
  const char *allocator = _PyMem_GetCurrentAllocatorName();
  if (allocator == NULL || strcmp(allocator, "pymalloc") != 0)
    Py_RETURN_NONE; /* a debugger's, or malloc */
  const int collects = PyGC_Disable();
  take_objects();
  held.blocks = NULL;
  bool asked;
  PyObjectArenaAllocator arenas, none;
  PyObject_GetArenaAllocator(&arenas);
  none = arenas;
  none.ctx = &asked;
  none.alloc = no_arena;
  PyObject_SetArenaAllocator(&none);
  for (size_t size = BLOCK_MOST; size > 0; size -= BLOCK_STEP) {
    asked = false;
    take_blocks(size, &asked);
  }
  PyObject_SetArenaAllocator(&arenas);
  held.heap = ztb_holes_fill(HEAP_MOST);
  if (collects)
    PyGC_Enable();
  Py_RETURN_NONE;
}

PyObject *zt_after_fork(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
  ztb_holes_free(held.heap);
  held.heap = NULL;
  while (held.blocks != NULL) {
    block *const next = held.blocks->next;
    PyObject_Free(held.blocks);
    held.blocks = next;
  }
  while (held.object_count > 0)
    Py_DECREF(held.objects[--held.object_count]);
  Py_RETURN_NONE;
}

#else

PyObject *zt_before_fork(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
  Py_RETURN_NONE;
}

PyObject *zt_after_fork(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(none)) {
  Py_RETURN_NONE;
}

#endif
