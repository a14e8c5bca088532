/* Before a fork: see common/holes.h. What fills the holes stays until the next time. */
#include "common/holes.h"
#include "zt.h"

static ztb_filling *filling;

static VALUE fill_heap(VALUE self) {
  ztb_holes_free(filling);
  filling = ztb_holes_fill(SIZE_MAX);
  return Qnil;
}

void zt_fill_init(void) {
  rb_define_private_method(rb_singleton_class(zt_module), "_fill_heap", fill_heap, 0);
}
