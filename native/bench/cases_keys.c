/* Records by key: the look-up, and a copy by key against a copy by index. */
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"

enum { MOST_KEYS = 1 << 21 };

typedef struct context {
  bench_region *r;
  int numbers;
  size_t count; /* records and keys in use: the few hot ones, or more than fit a cache */
  uint8_t dst[4096];
  /* The keys in the order of their use, made beforehand. */
  ztc_key *keys;
  char (*rooms)[BENCH_KEY_SIZE];
} context;

static void copy_index(context *c, uint64_t index) {
  uint64_t size;
  if (ztc_copy(c->r->region, index, c->dst, sizeof c->dst, &size, NULL) != ZTC_OK)
    abort();
  __asm__ volatile("" ::"r"(c->dst) : "memory");
}

static uint64_t look_up(context *c, size_t i) {
  uint64_t index;
  if (ztc_index_of(c->r->region, &c->keys[i % c->count], &index) != ZTC_OK)
    abort();
  return index;
}

static void by_key(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++)
    copy_index(c, look_up(c, i));
}

static void by_index(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++)
    copy_index(c, c->r->order[i % c->count]);
}

static void only_index(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++) {
    const uint64_t index = look_up(c, i);
    __asm__ volatile("" ::"r"(index));
  }
}

static void only_absent(void *context_, size_t from, size_t count) {
  context *c = context_;
  for (size_t i = from; i < from + count; i++) {
    const ztc_key key = {.type = ZTC_KEY_I64, .number = -1 - (int64_t)c->r->order[i % c->count]};
    uint64_t index;
    if (ztc_index_of(c->r->region, &key, &index) != ZTC_NO_SUCH_KEY)
      abort();
  }
}

static context *context_of(bench_region *r, int numbers, size_t hot) {
  context *c = calloc(1, sizeof *c);
  if (c == NULL)
    must(ZTC_NO_MEMORY, "context");
  c->r = r;
  c->numbers = numbers;
  const size_t far = r->order_count < MOST_KEYS ? r->order_count : MOST_KEYS;
  c->count = hot != 0 ? hot : far;
  c->keys = malloc(c->count * sizeof *c->keys);
  c->rooms = malloc(c->count * sizeof *c->rooms);
  if (c->keys == NULL || c->rooms == NULL)
    must(ZTC_NO_MEMORY, "keys");
  for (size_t i = 0; i < c->count; i++)
    c->keys[i] = bench_key(r->order[i], numbers, c->rooms[i]);
  return c;
}

void run_keys(const settings *s) {
  print_heading("by key, records of 600 bytes", "a copy by index");
  for (int hot = 1; hot >= 0; hot--) {
    for (int numbers = 0; numbers < 2; numbers++) {
      bench_region r = keyed_region(s->directory, numbers, s->far_bytes / 600);
      context *c = context_of(&r, numbers, hot ? 8 : 0);
      const size_t units = hot ? 100000 : 40000;
      static const struct {
        const char *what;
        void (*run)(void *, size_t, size_t);
      } cases[] = {{"look-up and copy", by_key},
                   {"look-up alone", only_index},
                   {"look-up of an absent key", only_absent}};
      for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char what[128];
        const slices parts = {.units = units, .order = hot ? 0 : c->count};
        const result x = compare(cases[i].run, by_index, c, parts, s->rounds);
        snprintf(what, sizeof what, "%s, %s, %s", hot ? "in cache" : "random, far", cases[i].what,
                 r.name);
        print_line(what, &x, r.record_size);
      }
      free(c->keys);
      free(c->rooms);
      free(c);
      release(&r);
    }
  }
}
