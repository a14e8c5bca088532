/* Closed records: single copies and batches against memcpy of the same extents. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

typedef struct context {
  bench_region *r;
  const uint64_t *order;
  uint64_t *sequence; /* the order, if it is the context's own */
  size_t mask;        /* order_count - 1, or the few hot records */
  uint8_t *dst;
  uint64_t capacity;
  const uint8_t *base;
  const uint64_t *index; /* the region's index: place and length, two words an entry */
  size_t batch;
  uint64_t *offsets;
} context;

static inline uint64_t at(const context *c, size_t i) {
  return c->order[i % c->mask];
}

static void single(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++) {
    uint64_t size;
    if (ztc_copy(c->r->region, at(c, i), c->dst, c->capacity, &size, NULL) != ZTC_OK)
      abort();
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

/* The floor: load the index line, copy the bytes, trust everything. */
static void plain_memcpy(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++) {
    const uint64_t *entry = c->index + 2 * at(c, i);
    memcpy(c->dst, c->base + (entry[0] & UINT64_C(0xffffffffffff)), (uint32_t)entry[1]);
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

/* 0, but only known when the last of the `size` bytes of the copy are there: text, or padding. */
static inline size_t wait_for(const context *c, uint64_t size) {
  return c->dst[size - 1] >> 7;
}

/* Which record comes next depends on the bytes of the last one, so that no cache misses overlap. */
static void dependent(void *context_, size_t from, size_t count) {
  context *c = context_;
  uint64_t size;
  for (size_t i = from, end = from + count; i < end; i += 1 + wait_for(c, size)) {
    if (ztc_copy(c->r->region, at(c, i), c->dst, c->capacity, &size, NULL) != ZTC_OK)
      abort();
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

static void dependent_memcpy(void *context_, size_t from, size_t count) {
  context *c = context_;
  uint32_t size;
  for (size_t i = from, end = from + count; i < end; i += 1 + wait_for(c, size)) {
    const uint64_t *entry = c->index + 2 * at(c, i);
    size = (uint32_t)entry[1];
    memcpy(c->dst, c->base + (entry[0] & UINT64_C(0xffffffffffff)), size);
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

static void batch(void *context_, size_t from, size_t count) {
  context *c = context_;
  uint64_t indices[1024];
  for (size_t i = from; i < from + count; i += c->batch) {
    size_t done;
    for (size_t k = 0; k < c->batch; k++)
      indices[k] = at(c, i + k);
    if (ztc_copy_batch(c->r->region, indices, c->batch, c->dst, c->capacity, c->offsets, &done,
                       NULL) != ZTC_OK ||
        done != c->batch) {
      abort();
    }
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

/* The same batch by hand: index entries 16 ahead, the first lines of the records 8 ahead. */
static void prefetched_memcpy(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t start = from; start < from + count; start += c->batch) {
    uint64_t used = 0;
    for (size_t k = 0; k < c->batch; k++) {
      const size_t i = start + k;
      __builtin_prefetch(c->index + 2 * at(c, i + 16));
      const uint64_t *ahead = c->index + 2 * at(c, i + 8);
      const uint8_t *head = c->base + (ahead[0] & UINT64_C(0xffffffffffff));
      for (int line = 0; line < 4; line++)
        __builtin_prefetch(head + 64 * line);
      const uint64_t *entry = c->index + 2 * at(c, i);
      memcpy(c->dst + used, c->base + (entry[0] & UINT64_C(0xffffffffffff)), (uint32_t)entry[1]);
      used += (uint32_t)entry[1];
    }
    __asm__ volatile("" ::"r"(c->dst) : "memory");
  }
}

/* Finds the record index through the directory, as the format document says. */
static const uint64_t *index_of(const uint8_t *base) {
  uint32_t count;
  memcpy(&count, base + 40, 4);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t type;
    uint64_t offset;
    memcpy(&type, base + 64 + 32 * i, 4);
    memcpy(&offset, base + 64 + 32 * i + 8, 8);
    if (type == 2)
      return (const uint64_t *)(const void *)(base + offset);
  }
  return NULL;
}

typedef enum where { IN_CACHE, RANDOM, SEQUENTIAL } where;
static const char *const wheres[] = {"in cache", "random, far", "sequential, far"};

static context context_of(bench_region *r, where w) {
  context c = {.r = r,
               .order = r->order,
               .mask = w == IN_CACHE ? 8 : r->order_count,
               .capacity = UINT64_C(64) << 20,
               .base = ztc_region_base(r->region)};
  c.index = index_of(c.base);
  c.dst = malloc(c.capacity);
  c.offsets = malloc(1025 * sizeof *c.offsets);
  if (c.dst == NULL || c.offsets == NULL)
    must(ZTC_NO_MEMORY, "buffers");
  memset(c.dst, 1, c.capacity);
  if (w == SEQUENTIAL) {
    uint64_t *indices = malloc(r->count * sizeof *indices);
    if (indices == NULL)
      must(ZTC_NO_MEMORY, "order");
    for (uint64_t i = 0; i < r->count; i++)
      indices[i] = i;
    c.order = c.sequence = indices;
    c.mask = r->count;
  }
  return c;
}

static void free_context(context *c) {
  free(c->dst);
  free(c->offsets);
  free(c->sequence);
}

static const uint64_t sizes[] = {64, 600, 32768, 0};

static uint64_t far_count(const settings *s, uint64_t size) {
  return s->far_bytes / (size != 0 ? size : 4400);
}

static void run_singles(const settings *s, where w, work copy, work floor) {
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    bench_region r = closed_region(s->directory, sizes[i], far_count(s, sizes[i]));
    context c = context_of(&r, w);
    const size_t units = r.record_size > 8192 ? 4000 : w == IN_CACHE ? 100000 : 40000;
    const slices parts = {.units = units, .order = w == IN_CACHE ? 0 : c.mask};
    const result x = compare(copy, floor, &c, parts, s->rounds);
    char what[128];
    snprintf(what, sizeof what, "%s, %s", wheres[w], r.name);
    print_line(what, &x, r.record_size);
    free_context(&c);
    release(&r);
  }
}

void run_single(const settings *s) {
  print_heading("single copy of a closed record", "memcpy of the extent");
  run_singles(s, IN_CACHE, single, plain_memcpy);
  run_singles(s, RANDOM, single, plain_memcpy);
  run_singles(s, SEQUENTIAL, single, plain_memcpy);
  print_heading("single copy that waits for the last one",
                "memcpy of the extent behind its index entry, each waiting for the last");
  run_singles(s, RANDOM, dependent, dependent_memcpy);
}

void run_batch(const settings *s) {
  static const size_t batches[] = {16, 64, 256, 1024};
  for (int floor = 0; floor < 2; floor++) {
    print_heading("batch, random, far",
                  floor == 0 ? "single copies" : "hand-prefetched memcpy of the same extents");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      bench_region r = closed_region(s->directory, sizes[i], far_count(s, sizes[i]));
      for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        context c = context_of(&r, RANDOM);
        c.batch = batches[b];
        const size_t units = r.record_size > 8192 ? 2048 : 32768;
        const slices parts = {.units = units, .order = c.mask, .batch = c.batch};
        const result x =
            compare(batch, floor == 0 ? single : prefetched_memcpy, &c, parts, s->rounds);
        char what[128];
        snprintf(what, sizeof what, "%zu of %s", c.batch, r.name);
        print_line(what, &x, r.record_size);
        free_context(&c);
      }
      release(&r);
    }
  }
}
