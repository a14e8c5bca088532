/* Records that reference shared nodes, against memcpy of as many bytes; and copies by path. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

typedef struct context {
  bench_region *r;
  size_t mask;
  uint8_t *dst, *flat;
  uint64_t flat_size, capacity;
} context;

static void graph_copy(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++) {
    uint64_t size;
    if (ztc_copy(c->r->region, c->r->order[i % c->mask], c->dst, c->capacity, &size, NULL) !=
        ZTC_OK) {
      abort();
    }
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

/* As many bytes from one place: what a record without references would cost. */
static void flat_copy(void *context_, size_t from, size_t count) {
  context *c = context_;
  const uint8_t *base = ztc_region_base(c->r->region);
  const uint64_t span = ztc_region_size(c->r->region) - c->flat_size;
  for (size_t i = from; i < from + count; i++) {
    const uint64_t place = c->mask <= 8 ? (i % c->mask) * c->flat_size
                                        : c->r->order[i % c->mask] * c->flat_size % span;
    memcpy(c->dst, base + (place & ~UINT64_C(7)), c->flat_size);
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

void run_graph(const settings *s) {
  static const struct {
    uint32_t nodes;
    graph_kind kind;
  } kinds[] = {{4, GRAPH_TOGETHER},  {4, GRAPH_SCATTERED},  {4, GRAPH_CYCLE},
               {32, GRAPH_TOGETHER}, {32, GRAPH_SCATTERED}, {32, GRAPH_CYCLE}};
  print_heading("record with shared nodes, each referenced twice", "memcpy of as many bytes");
  for (int hot = 1; hot >= 0; hot--) {
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
      bench_region r =
          graph_region(s->directory, kinds[k].nodes, kinds[k].kind, s->far_bytes / 8 / 700);
      context c = {.r = &r, .mask = hot ? 8 : r.order_count, .capacity = 1 << 20};
      c.dst = malloc(c.capacity);
      if (c.dst == NULL)
        must(ZTC_NO_MEMORY, "buffer");
      memset(c.dst, 1, c.capacity);
      c.flat_size = r.record_size;
      const slices parts = {.units = hot ? 50000 : 20000, .order = hot ? 0 : c.mask};
      const result x = compare(graph_copy, flat_copy, &c, parts, s->rounds);
      char what[128];
      snprintf(what, sizeof what, "%s, %s", hot ? "in cache" : "random", r.name);
      print_line(what, &x, r.record_size);
      free(c.dst);
      release(&r);
    }
  }
}

static void path_copy(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++) {
    uint64_t size;
    if (ztc_copy_path(c->r->region, c->r->order[i % c->mask], "body", c->dst, c->capacity, &size,
                      NULL, NULL) != ZTC_OK) {
      abort();
    }
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

void run_path(const settings *s) {
  print_heading("one field by path", "copy of the whole record");
  for (int hot = 1; hot >= 0; hot--) {
    bench_region r = closed_region(s->directory, 600, s->far_bytes / 600);
    context c = {.r = &r, .mask = hot ? 8 : r.order_count, .capacity = 1 << 20};
    c.dst = malloc(c.capacity);
    if (c.dst == NULL)
      must(ZTC_NO_MEMORY, "buffer");
    const slices parts = {.units = 40000, .order = hot ? 0 : c.mask};
    const result x = compare(path_copy, graph_copy, &c, parts, s->rounds);
    print_line(hot ? "in cache, 600 B" : "random, far, 600 B", &x, r.record_size);
    free(c.dst);
    release(&r);
  }
}
