/* Before a fork: see common/holes.h. What fills the holes stays until the next time. */
#include "common/holes.h"
#include "zt.h"

static ztb_filling *filling;

/*
 * jemalloc, where it serves as malloc, does not tell where its holes are. But it has arenas, and
 * what a thread asks for can be had from a new one: there is nothing of the parent's in it.
 */
enum { MOST_ARENAS = 64 };
int mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size)
    __attribute__((weak));

static bool begin_arena(void) {
  static int begun;
  unsigned arena;
  size_t size = sizeof arena;
  if (begun == MOST_ARENAS || mallctl == NULL ||
      mallctl("thread.tcache.flush", NULL, NULL, NULL, 0) != 0)
    return false;
  begun++;
  return mallctl("arenas.create", &arena, &size, NULL, 0) == 0 &&
         mallctl("thread.arena", NULL, NULL, &arena, sizeof arena) == 0;
}

static VALUE fill_heap(VALUE self) {
  if (begin_arena())
    return Qnil;
  ztb_holes_free(filling);
  filling = ztb_holes_fill(SIZE_MAX);
  return Qnil;
}

void zt_fill_init(void) {
  rb_define_private_method(rb_singleton_class(zt_module), "_fill_heap", fill_heap, 0);
}
