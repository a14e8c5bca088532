/*
 * Before a fork: the holes of malloc's heap are filled, so that a child's strings come to lie in
 * memory that it does not share. What fills them was free, and stays allocated; nothing grows.
 */
#include <malloc.h>
#include <stdlib.h>

#include "zt.h"

enum { LARGEST = 64 * 1024, STEP = 16, EXACT = 2048 };

/* Takes blocks of this size as long as they lie below `top`, where memory was never used. */
static void fill(size_t size, uintptr_t top) {
  for (;;) {
    void *block = malloc(size);
    if (block == NULL)
      return;
    if ((uintptr_t)block >= top) {
      free(block);
      return;
    }
  }
}

static VALUE fill_heap(VALUE self) {
  malloc_trim(0);
  /* More than any hole: the end of the heap. */
  void *last = malloc(LARGEST + STEP);
  const uintptr_t top = (uintptr_t)last;
  free(last);
  for (size_t size = LARGEST; size > EXACT; size /= 2)
    fill(size, top);
  for (size_t size = EXACT; size >= STEP; size -= STEP)
    fill(size - 8, top);
  return Qnil;
}

void zt_fill_init(void) {
  rb_define_private_method(rb_singleton_class(zt_module), "_fill_heap", fill_heap, 0);
}
