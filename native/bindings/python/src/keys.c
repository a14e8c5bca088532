/*
 * What a process makes of its own for a region: the keys of shapes as strings, and a buffer. All of
 * it is in memory from the kernel: free places of the heap are, in a forked child, among what it
 * inherited, and a page that it shares.
 */
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

#include "whole_dict.h"

unsigned zt_generation;

static void on_fork(void) {
  zt_generation++;
}

/* --------------------------------------------------------------------------------- arenas -- */

enum { CHUNK = 16 * 1024 };

typedef struct chunk {
  struct chunk *next;
  size_t size;
  size_t used;
  _Alignas(16) uint8_t bytes[];
} chunk;

struct zt_arena {
  chunk *chunks;
  zt_arena *next; /* of those that wait for others to let go of a key */
  uint32_t key_count;
  PyObject *keys[]; /* of all keys, the ones that lie in here */
};

static void *pages(size_t size) {
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at != MAP_FAILED ? at : PyErr_NoMemory();
}

static chunk *new_chunk(size_t size) {
  size = size + sizeof(chunk) > CHUNK ? (size + sizeof(chunk) + 4095) & ~(size_t)4095 : CHUNK;
  chunk *made = pages(size);
  if (made != NULL)
    *made = (chunk){.size = size, .used = sizeof(chunk)};
  return made;
}

static void *take(chunk **chunks, size_t size) {
  size = (size + 15) & ~(size_t)15;
  if (*chunks == NULL || size > (*chunks)->size - (*chunks)->used) {
    chunk *made = new_chunk(size);
    if (made == NULL)
      return NULL;
    made->next = *chunks;
    *chunks = made;
  }
  uint8_t *at = (uint8_t *)*chunks + (*chunks)->used;
  (*chunks)->used += size;
  return at;
}

void *zt_arena_take(zt_arena *arena, size_t size) {
  return take(&arena->chunks, size);
}

static void unmap(zt_arena *arena) {
  for (chunk *at = arena->chunks; at != NULL;) {
    chunk *const next = at->next;
    munmap(at, at->size);
    at = next;
  }
}

/* A key in an arena is never freed by its reference count, since the arena holds one reference. */
static bool in_use(const zt_arena *arena) {
  for (uint32_t i = 0; i < arena->key_count; i++) {
    PyObject *key = arena->keys[i];
    if (key != NULL && (Py_REFCNT(key) != 1 || PyUnicode_CHECK_INTERNED(key)))
      return true;
  }
  return false;
}

static zt_arena *waiting;

static void let_go(zt_arena *arena) {
  arena->next = waiting;
  waiting = arena;
  for (zt_arena **at = &waiting; *at != NULL;) {
    zt_arena *const one = *at;
    if (in_use(one)) {
      at = &one->next;
    } else {
      *at = one->next;
      unmap(one);
    }
  }
}

/* ---------------------------------------------------------------------------------- keys -- */

/* A string like any other of ASCII, but in an arena. */
static PyObject *ascii_key(zt_arena *arena, uint32_t number, const ztb_text *text) {
  static PyASCIIObject model;
  if (model.length == 0) {
    PyObject *string = PyUnicode_FromString("a string of ASCII");
    if (string == NULL)
      return NULL;
    memcpy(&model, string, sizeof model);
    Py_DECREF(string);
    model.hash = -1;
  }
  PyASCIIObject *key = zt_arena_take(arena, sizeof model + text->size + 1);
  if (key == NULL)
    return NULL;
  *key = model;
  Py_SET_REFCNT((PyObject *)key, 1);
  key->length = text->size;
  memcpy(key + 1, text->data, text->size); /* a zero follows */
  arena->keys[number] = (PyObject *)key;
  return (PyObject *)key;
}

static PyObject *make_key(zt_region *region, uint32_t number) {
  if (region->keys[number] == NULL) {
    const ztb_text text = ztb_schema_key(&region->schema, number);
    bool ascii = text.kind == ZTC_ASCII && text.size > 1;
    for (uint32_t i = 0; i < text.size; i++)
      ascii &= (text.data[i] & 0x80) == 0;
    PyObject *key = ascii ? ascii_key(region->arena, number, &text) : zt_text(&text);
    if (key == NULL && zt_is_ill_formed())
      zt_raise(ZTC_CORRUPT, "a key of the schema is not well formed", 0, region->path);
    if (key == NULL || PyObject_Hash(key) == -1)
      return NULL; /* the hash is kept in the string */
    region->keys[number] = key;
  }
  return region->keys[number];
}

zt_keys *zt_make_shape_keys(zt_region *region, const ztb_shape *shape) {
  if ((region->made_in != zt_generation || region->arena == NULL) && !zt_begin_process(region)) {
    return NULL;
  }
  zt_keys *keys = zt_arena_take(region->arena, sizeof *keys + shape->count * sizeof keys->at[0]);
  if (keys == NULL)
    return NULL;
  for (uint32_t i = 0; i < shape->count; i++) {
    keys->at[i] = make_key(region, ztb_shape_key(shape, i));
    if (keys->at[i] == NULL)
      return NULL;
  }
  if (!zt_whole_make(&keys->whole, region->arena, keys->at, shape->count) && PyErr_Occurred()) {
    return NULL;
  }
  region->shape_keys[shape->number] = keys;
  return keys;
}

/* -------------------------------------------------------------------------- of a process -- */

/* What a parent made stays where it is. */
bool zt_begin_process(zt_region *region) {
  static bool watching;
  if (!watching)
    watching = pthread_atfork(NULL, NULL, on_fork) == 0;
  chunk *chunks = NULL;
  region->arena = NULL;
  const size_t count = region->schema.key_count;
  zt_arena *arena = take(&chunks, sizeof *arena + (count + 1) * sizeof arena->keys[0]);
  if (arena == NULL)
    return false;
  arena->key_count = (uint32_t)count;
  arena->chunks = chunks;
  region->keys = zt_arena_take(arena, (count + 1) * sizeof *region->keys);
  region->shape_keys =
      zt_arena_take(arena, (region->schema.shape_count + 1) * sizeof *region->shape_keys);
  region->buffer = pages(ZT_BUFFER_SIZE);
  if (region->keys == NULL || region->shape_keys == NULL || region->buffer == NULL) {
    unmap(arena);
    return false;
  }
  region->buffer_in_use = false;
  region->arena = arena;
  region->made_in = zt_generation;
  return true;
}

void zt_end_process(zt_region *region) {
  if (region->made_in != zt_generation || region->arena == NULL)
    return; /* a parent's */
  for (uint32_t i = 0; i < region->schema.key_count; i++) {
    if (region->arena->keys[i] == NULL)
      Py_XDECREF(region->keys[i]);
  }
  munmap(region->buffer, ZT_BUFFER_SIZE);
  let_go(region->arena);
  region->arena = NULL;
}
