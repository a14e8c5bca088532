/*
 * ztc_gate FILE SCENARIO COUNT: does one thing COUNT times, for counting its instructions. `make`
 * writes the region that the other scenarios read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data.h"
#include "feed.h"

static uint8_t dst[1 << 20];

enum { TOGETHER = 0, SCATTERED = 32, CYCLE = 96, NODES = 128 };

/* A record that references `shared` nodes twice each: every `step`th from `first` on. */
static void put_record(ztc_writer *w, int shared, int first, int step) {
  static char text[568];
  memset(text, 'x', sizeof text);
  must(ztc_writer_begin_map(w), "map");
  must(ztc_writer_key(w, "id", 2, ZTC_ASCII), "key");
  must(ztc_writer_int(w, ZTC_TYPE_I64, 1), "int");
  must(ztc_writer_key(w, "body", 4, ZTC_ASCII), "key");
  must(ztc_writer_string(w, text, sizeof text, ZTC_ASCII), "string");
  if (shared > 0) {
    must(ztc_writer_key(w, "refs", 4, ZTC_ASCII), "key");
    must(ztc_writer_begin_list(w), "list");
    for (int i = 0; i < 2 * shared; i++) {
      must(ztc_writer_shared(w, (uint32_t)(first + i % shared * step)), "shared");
    }
    must(ztc_writer_end(w), "end");
  }
  must(ztc_writer_end(w), "end");
  must(ztc_writer_end_record(w, NULL), "record");
}

static const ztc_key keys[] = {
    {.type = ZTC_KEY_STRING, .encoding = ZTC_UTF8, .data = "user:1000042", .size = 12},
    {.type = ZTC_KEY_I64, .number = 42},
    {.type = ZTC_KEY_STRING, .encoding = ZTC_UTF8, .data = "user:1000043", .size = 12}};

/* Record 0 is closed; 1 and 2 have 4 and 32 shared nodes that lie together, 3 and 4 such as do not
   touch each other, and 5 has a cycle of 32. */
static void make(const char *path) {
  ztc_writer *w;
  must(ztc_writer_create(path, 0, &w, NULL), path);
  for (uint32_t i = 0; i < NODES; i++)
    must(ztc_writer_reserve_shared(w, &(uint32_t){0}), "reserve");
  for (uint32_t i = 0; i < NODES; i++) {
    must(ztc_writer_begin_shared(w, i), "shared");
    if (i < CYCLE) {
      must(ztc_writer_array(w, ZTC_TYPE_I64, (int64_t[]){1, 2, 3, 4, 5, 6, 7}, 7), "array");
    } else {
      must(ztc_writer_begin_list(w), "list");
      must(ztc_writer_string(w, "next", 4, ZTC_ASCII), "string");
      must(ztc_writer_shared(w, CYCLE + (i + 1 - CYCLE) % (NODES - CYCLE)), "shared");
      must(ztc_writer_end(w), "end");
    }
    must(ztc_writer_end_shared(w), "shared");
  }
  must(ztc_writer_record_key(w, &keys[0]), "record key");
  put_record(w, 0, 0, 0);
  must(ztc_writer_record_key(w, &keys[1]), "record key");
  put_record(w, 4, TOGETHER, 1);
  must(ztc_writer_record_key(w, &keys[2]), "record key");
  put_record(w, 32, TOGETHER, 1);
  put_record(w, 4, SCATTERED, 2);
  put_record(w, 32, SCATTERED, 2);
  put_record(w, 32, CYCLE, 1);
  must(ztc_writer_publish(w, NULL), path);
}

static uint64_t size; /* of the copy of record 0, which dst holds at first */

static void nothing(const ztc_region *region) {
  (void)region;
}

/* What a caller of ztc_copy pays outside of it: arguments, call, look at the outcome. */
static void call(const ztc_region *region) {
  must(not_copied(region, 0, dst, sizeof dst, &size, NULL), "call");
}

static void copy(const ztc_region *region, uint64_t index) {
  must(ztc_copy(region, index, dst, sizeof dst, &size, NULL), "copy");
}

static void copy_closed(const ztc_region *region) {
  copy(region, 0);
}

static void copy_4_shared(const ztc_region *region) {
  copy(region, 1);
}

static void copy_32_shared(const ztc_region *region) {
  copy(region, 2);
}

static void copy_4_scattered(const ztc_region *region) {
  copy(region, 3);
}

static void copy_32_scattered(const ztc_region *region) {
  copy(region, 4);
}

static void copy_32_cycle(const ztc_region *region) {
  copy(region, 5);
}

static void copy_batch(const ztc_region *region) {
  static const uint64_t indices[64];
  uint64_t offsets[65];
  size_t done;
  must(ztc_copy_batch(region, indices, 64, dst, sizeof dst, offsets, &done, NULL), "batch");
}

static void copy_path(const ztc_region *region) {
  must(ztc_copy_path(region, 0, "body", dst, sizeof dst, &size, NULL, NULL), "path");
}

static void index_of(const ztc_region *region) {
  uint64_t index;
  must(ztc_index_of(region, &keys[0], &index), "index");
}

static void index_of_i64(const ztc_region *region) {
  uint64_t index;
  must(ztc_index_of(region, &keys[1], &index), "index");
}

static void get_field(const ztc_region *region) {
  ztc_value root, value;
  int64_t id;
  must(ztc_value_root(dst, size, ztc_region_schema(region), &root), "root");
  must(ztc_map_get(&root, "id", 2, ZTC_ASCII, &value), "get");
  must(ztc_value_i64(&value, &id), "id");
}

static void validate(const ztc_region *region) {
  must(ztc_region_validate(region, NULL), "validate");
}

static struct {
  ztc_writer *writer;
  uint8_t events[FEED_ROOM], listed[FEED_ROOM];
  size_t size, listed_size;
} fed;

/* Before anything is counted: a writer that knows the keys. */
static void start_feeding(const char *region) {
  char path[512];
  snprintf(path, sizeof path, "%s.fed", region);
  must(ztc_writer_create(path, 0, &fed.writer, NULL), path);
  fed.size = feed_record(fed.events, FEED_DEFINING);
  must(ztc_writer_feed(fed.writer, fed.events, fed.size, NULL), "feed");
  fed.size = feed_record(fed.events, FEED_KEYS);
  fed.listed_size = feed_record(fed.listed, FEED_LISTS);
}

static void feed(const ztc_region *region) {
  (void)region;
  must(ztc_writer_feed(fed.writer, fed.events, fed.size, NULL), "feed");
}

static void feed_listed(const ztc_region *region) {
  (void)region;
  must(ztc_writer_feed(fed.writer, fed.listed, fed.listed_size, NULL), "feed");
}

static const struct scenario {
  const char *name;
  void (*run)(const ztc_region *);
} scenarios[] = {{"nothing", nothing},
                 {"call", call},
                 {"copy", copy_closed},
                 {"copy-4-shared", copy_4_shared},
                 {"copy-32-shared", copy_32_shared},
                 {"copy-4-scattered", copy_4_scattered},
                 {"copy-32-scattered", copy_32_scattered},
                 {"copy-32-cycle", copy_32_cycle},
                 {"batch-64", copy_batch},
                 {"path", copy_path},
                 {"index-of", index_of},
                 {"index-of-i64", index_of_i64},
                 {"field", get_field},
                 {"validate", validate},
                 {"feed", feed},
                 {"feed-listed", feed_listed}};

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: ztc_gate FILE SCENARIO COUNT\n");
    return 2;
  }
  if (strcmp(argv[2], "make") == 0) {
    make(argv[1]);
    return 0;
  }
  const struct scenario *scenario = scenarios,
                        *end = scenarios + sizeof scenarios / sizeof *scenarios;
  while (scenario < end && strcmp(scenario->name, argv[2]) != 0)
    scenario++;
  if (scenario == end) {
    fprintf(stderr, "ztc_gate: no scenario \"%s\"\n", argv[2]);
    return 2;
  }
  ztc_region *region;
  must(ztc_region_open(argv[1], 0, &region, NULL), argv[1]);
  copy_closed(region);
  start_feeding(argv[1]);
  const long count = atol(argv[3]);
  for (long i = 0; i < count; i++)
    scenario->run(region);
  ztc_writer_abort(fed.writer);
  ztc_region_free(region);
  return 0;
}
