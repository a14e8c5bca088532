#include "data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(ztc_status status, const char *what) {
  if (status == ZTC_OK)
    return;
  fprintf(stderr, "ztc_bench: %s: %s\n", what, ztc_status_text(status));
  exit(3);
}

ztc_status not_copied(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                      uint64_t *size, ztc_workspace *workspace) {
  (void)region, (void)index, (void)dst, (void)capacity, (void)size, (void)workspace;
  return ZTC_OK;
}

static uint64_t next(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

static bench_region open_region(const char *path, const char *name) {
  bench_region r = {0};
  must(ztc_region_open(path, ZTC_OPEN_PRELOAD, &r.region, NULL), path);
  snprintf(r.name, sizeof r.name, "%s", name);
  r.count = ztc_region_count(r.region);
  r.order_count = r.count < 1 << 16 ? 1 << 16 : r.count;
  r.order = malloc(r.order_count * sizeof *r.order);
  if (r.order == NULL)
    must(ZTC_NO_MEMORY, "order");
  for (size_t i = 0; i < r.order_count; i++)
    r.order[i] = i % r.count;
  uint64_t seed = 42;
  for (size_t i = r.order_count - 1; i > 0; i--) {
    const size_t j = next(&seed) % (i + 1);
    const uint64_t swap = r.order[i];
    r.order[i] = r.order[j];
    r.order[j] = swap;
  }
  must(ztc_copy_size(r.region, r.count / 2, &r.record_size), "size");
  return r;
}

static void put_text(ztc_writer *w, const char *key, const char *text, uint64_t size) {
  must(ztc_writer_key(w, key, strlen(key), ZTC_ASCII), "key");
  must(ztc_writer_string(w, text, size, ZTC_ASCII), "string");
}

/* A map {id, body} that takes `size` bytes: header, two slots, and the text. */
static void put_closed(ztc_writer *w, uint64_t i, uint64_t size) {
  static char text[1 << 16];
  const uint64_t head = 8 + 2 * 8;
  if (text[0] == 0)
    memset(text, 'x', sizeof text);
  must(ztc_writer_begin_map(w), "map");
  must(ztc_writer_key(w, "id", 2, ZTC_ASCII), "key");
  must(ztc_writer_int(w, ZTC_TYPE_I64, (int64_t)i), "int");
  put_text(w, "body", text, size > head ? size - head : 1);
  must(ztc_writer_end(w), "end");
  must(ztc_writer_end_record(w, NULL), "record");
}

bench_region closed_region(const char *directory, uint64_t record_size, uint64_t count) {
  char path[512], name[64];
  if (record_size == 0) {
    snprintf(name, sizeof name, "mix");
  } else {
    snprintf(name, sizeof name, "%llu B", (unsigned long long)record_size);
  }
  snprintf(path, sizeof path, "%s/closed-%llu-%llu.ztc", directory, (unsigned long long)record_size,
           (unsigned long long)count);
  ztc_region *old;
  if (ztc_region_open(path, 0, &old, NULL) == ZTC_OK) {
    ztc_region_free(old);
    return open_region(path, name);
  }
  ztc_writer *w;
  must(ztc_writer_create(path, 0, &w, NULL), path);
  static const uint64_t mix[] = {64, 600, 64, 600, 64, 600, 64, 32768};
  for (uint64_t i = 0; i < count; i++)
    put_closed(w, i, record_size != 0 ? record_size : mix[i % 8]);
  must(ztc_writer_publish(w, NULL), path);
  return open_region(path, name);
}

ztc_key bench_key(uint64_t i, int numbers, char room[BENCH_KEY_SIZE]) {
  if (numbers)
    return (ztc_key){.type = ZTC_KEY_I64, .number = (int64_t)i};
  const int size = snprintf(room, BENCH_KEY_SIZE, "user:%llu", (unsigned long long)i);
  return (ztc_key){
      .type = ZTC_KEY_STRING, .encoding = ZTC_UTF8, .data = room, .size = (uint64_t)size};
}

bench_region keyed_region(const char *directory, int numbers, uint64_t count) {
  char path[512], room[BENCH_KEY_SIZE];
  const char *name = numbers ? "i64 keys" : "string keys";
  snprintf(path, sizeof path, "%s/keyed-%d-%llu.ztc", directory, numbers,
           (unsigned long long)count);
  ztc_region *old;
  if (ztc_region_open(path, 0, &old, NULL) == ZTC_OK) {
    ztc_region_free(old);
    return open_region(path, name);
  }
  ztc_writer *w;
  must(ztc_writer_create(path, 0, &w, NULL), path);
  for (uint64_t i = 0; i < count; i++) {
    const ztc_key key = bench_key(i, numbers, room);
    must(ztc_writer_record_key(w, &key), "record key");
    put_closed(w, i, 600);
  }
  must(ztc_writer_publish(w, NULL), path);
  return open_region(path, name);
}

static void define_node(ztc_writer *w, uint32_t id, uint32_t other, int cycles) {
  must(ztc_writer_begin_shared(w, id), "shared");
  must(ztc_writer_begin_map(w), "map");
  must(ztc_writer_key(w, "n", 1, ZTC_ASCII), "key");
  must(ztc_writer_int(w, ZTC_TYPE_I64, id), "int");
  put_text(w, "text", "some thirty bytes of shared text", 32);
  if (cycles) {
    must(ztc_writer_key(w, "next", 4, ZTC_ASCII), "key");
    must(ztc_writer_shared(w, other), "ref");
  }
  must(ztc_writer_end(w), "end");
  must(ztc_writer_end_shared(w), "shared");
}

bench_region graph_region(const char *directory, uint32_t nodes, graph_kind kind, uint64_t count) {
  static const char *const names[] = {"", ", scattered", ", cycles"};
  const uint32_t groups = 20000;
  char path[512], name[64];
  snprintf(name, sizeof name, "%u shared%s", nodes, names[kind]);
  snprintf(path, sizeof path, "%s/graph-%u-%d-%llu.ztc", directory, nodes, (int)kind,
           (unsigned long long)count);
  ztc_region *old;
  if (ztc_region_open(path, 0, &old, NULL) == ZTC_OK) {
    ztc_region_free(old);
    return open_region(path, name);
  }
  ztc_writer *w;
  must(ztc_writer_create(path, 0, &w, NULL), path);
  for (uint32_t i = 0; i < groups * nodes; i++)
    must(ztc_writer_reserve_shared(w, &(uint32_t){0}), "reserve");
  for (uint32_t i = 0; i < groups * nodes; i++)
    define_node(w, i, i - i % nodes + (i + 1) % nodes, kind == GRAPH_CYCLE);
  static char text[600];
  memset(text, 'y', sizeof text);
  uint64_t seed = 7;
  for (uint64_t i = 0; i < count; i++) {
    const uint32_t group = (uint32_t)(next(&seed) % groups);
    must(ztc_writer_begin_map(w), "map");
    put_text(w, "body", text, 512);
    must(ztc_writer_key(w, "refs", 4, ZTC_ASCII), "key");
    must(ztc_writer_begin_list(w), "list");
    for (uint32_t r = 0; r < 2 * nodes; r++) {
      const uint32_t n = r % nodes;
      must(ztc_writer_shared(w, kind == GRAPH_SCATTERED ? n * groups + group : group * nodes + n),
           "ref");
    }
    must(ztc_writer_end(w), "end");
    must(ztc_writer_end(w), "end");
    must(ztc_writer_end_record(w, NULL), "record");
  }
  must(ztc_writer_publish(w, NULL), path);
  return open_region(path, name);
}

void release(bench_region *r) {
  ztc_region_free(r->region);
  free(r->order);
}
