/*
 * Every allocation that the library makes fails once, in turn: the caller gets NO_MEMORY, nothing
 * leaks, and the file is as it was. The library's allocations go through the __wrap_ functions
 * below.
 */
#include <stdio.h>

#include "main.h"
#include "support.h"

enum { MOST_BLOCKS = 4096 };

static struct {
  bool armed;
  int victim;    /* number of the allocation that fails; all behind it succeed */
  bool for_good; /* or fail, too */
  int count;
  int live;
  void *blocks[MOST_BLOCKS]; /* by hash of the address */
} memory;

static size_t place_of(const void *block) {
  size_t i = ((uintptr_t)block >> 4) * 2654435769u % MOST_BLOCKS;
  while (memory.blocks[i] != NULL && memory.blocks[i] != block)
    i = (i + 1) % MOST_BLOCKS;
  return i;
}

static bool refuse(void) {
  if (!memory.armed)
    return false;
  const int number = memory.count++;
  return number == memory.victim || (memory.for_good && number > memory.victim);
}

static void *born(void *block) {
  if (memory.armed && block != NULL) {
    memory.blocks[place_of(block)] = block;
    memory.live++;
  }
  return block;
}

static void died(const void *block) {
  size_t i = place_of(block);
  if (block == NULL || memory.blocks[i] == NULL)
    return;
  memory.blocks[i] = NULL;
  memory.live--;
  /* Those that had to move on because of it move back. */
  for (i = (i + 1) % MOST_BLOCKS; memory.blocks[i] != NULL; i = (i + 1) % MOST_BLOCKS) {
    void *other = memory.blocks[i];
    memory.blocks[i] = NULL;
    memory.blocks[place_of(other)] = other;
  }
}

#define WRAP(result, name, parameters)                                                             \
  result __real_##name parameters;                                                                 \
  result __wrap_##name parameters;                                                                 \
  result __wrap_##name parameters

WRAP(void *, malloc, (size_t size)) {
  return refuse() ? NULL : born(__real_malloc(size));
}
WRAP(void *, calloc, (size_t n, size_t size)) {
  return refuse() ? NULL : born(__real_calloc(n, size));
}
WRAP(void *, realloc, (void *block, size_t size)) {
  if (refuse())
    return NULL;
  died(block);
  return born(__real_realloc(block, size));
}
WRAP(char *, strdup, (const char *text)) {
  return refuse() ? NULL : born(__real_strdup(text));
}
WRAP(char *, strndup, (const char *text, size_t size)) {
  return refuse() ? NULL : born(__real_strndup(text, size));
}
WRAP(void, free, (void *block)) {
  died(block);
  __real_free(block);
}

/* ------------------------------------------------------------------------------- operations -- */

static char path[256];
static ztc_error error;

#define TRY(call)                                                                                  \
  do {                                                                                             \
    const ztc_status try_status = (call);                                                          \
    if (try_status != ZTC_OK)                                                                      \
      return try_status;                                                                           \
  } while (0)

static ztc_status add_map(ztc_writer *w, int keys, int round) {
  TRY(ztc_writer_begin_map(w));
  for (int i = 0; i < keys; i++) {
    char key[32];
    const int size = snprintf(key, sizeof key, "key %d of round %d", i, round);
    TRY(ztc_writer_key(w, key, (uint64_t)size, ZTC_ASCII));
    TRY(ztc_writer_int(w, ZTC_TYPE_I32, i));
  }
  return ztc_writer_end(w);
}

/* Something of everything that needs memory: texts, shapes and dictionaries in all sizes, labels,
   defined keys, shared nodes, rows, record keys. */
static ztc_status add_records(ztc_writer *w) {
  static const uint8_t events[] = {0x21, 0x2c, 0,    2, 0, 0, 0, 'i',  'd',  0x00, 0x23,
                                   0x3f, 0x21, 0x2d, 0, 0, 0, 0, 0x01, 0x23, 0x3f};
  uint32_t id;
  TRY(ztc_writer_reserve_shared(w, &id));
  TRY(ztc_writer_begin_shared(w, id));
  TRY(ztc_writer_string(w, "a shared string", 15, ZTC_ASCII));
  TRY(ztc_writer_end_shared(w));
  TRY(ztc_writer_feed(w, events, sizeof events, NULL));
  for (int round = 0; round < 40; round++) {
    const ztc_key key = {.type = ZTC_KEY_I64, .number = round};
    TRY(ztc_writer_record_key(w, &key));
    TRY(add_map(w, round * 7, round));
    TRY(ztc_writer_end_record(w, NULL));
  }
  TRY(add_map(w, 5000, 99));
  TRY(ztc_writer_end_record(w, NULL));
  TRY(ztc_writer_begin_list(w));
  for (int i = 0; i < 300; i++) {
    TRY(ztc_writer_label(w, (uint32_t)i));
    TRY(ztc_writer_begin_list(w));
    TRY(ztc_writer_ref(w, (uint32_t)i));
    TRY(ztc_writer_shared(w, id));
    TRY(ztc_writer_end(w));
  }
  TRY(ztc_writer_begin_list(w));
  for (int i = 0; i < 30; i++)
    TRY(add_map(w, 3, 1));
  TRY(ztc_writer_end(w));
  TRY(ztc_writer_end(w));
  return ztc_writer_end_record(w, NULL);
}

static ztc_status write_region(void) {
  ztc_writer *w;
  TRY(ztc_writer_create(path, 0, &w, &error));
  const ztc_status status = add_records(w);
  if (status == ZTC_OK)
    return ztc_writer_publish(w, &error);
  /* What lacked memory once stays failed. */
  ztc_writer_error(w, &error);
  const ztc_status later[] = {ztc_writer_null(w), ztc_writer_discard_record(w),
                              ztc_writer_end_record(w, NULL), ztc_writer_feed(w, "\0?", 2, NULL)};
  ztc_error other;
  const ztc_status last = ztc_writer_publish(w, &other);
  for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
    if (later[i] != status)
      return ZTC_WRONG_STATE;
  }
  return last == status ? status : ZTC_WRONG_STATE;
}

static bool ignore(void *context, const char *text, size_t size) {
  (void)context;
  (void)text;
  (void)size;
  return true;
}

static ztc_status read_record(const ztc_region *region, uint64_t index) {
  static uint8_t copy[1 << 18];
  uint64_t size;
  ztc_workspace *workspace = NULL;
  ztc_value root;
  ztc_status status = ztc_workspace_create(10, &workspace);
  if (status == ZTC_OK)
    status = ztc_workspace_reserve(workspace, 1000);
  if (status == ZTC_OK)
    status = ztc_copy(region, index, copy, sizeof copy, &size, workspace);
  if (status == ZTC_OK)
    status = ztc_value_root(copy, size, ztc_region_schema(region), &root);
  if (status == ZTC_OK)
    status = ztc_value_text(&root, ignore, NULL, &error);
  if (status == ZTC_OK) {
    status = ztc_copy_path(region, index, "$", copy, sizeof copy, &size, workspace, &error);
  }
  ztc_workspace_free(workspace);
  return status;
}

static ztc_status read_region(void) {
  ztc_region *region;
  ztc_schema *schema = NULL;
  TRY(ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error));
  ztc_status status = ztc_region_validate(region, &error);
  if (status == ZTC_OK)
    status = ztc_schema_clone(ztc_region_schema(region), &schema);
  ztc_schema_free(schema);
  for (uint64_t i = 0; i < ztc_region_count(region) && status == ZTC_OK; i += 14) {
    status = read_record(region, i);
  }
  if (status == ZTC_OK)
    status = read_record(region, ztc_region_count(region) - 1);
  ztc_region_free(region);
  return status;
}

/* Another file at the path: of the same bytes, for fail_each_allocation compares them. */
static void replace_file(void) {
  const bool armed = memory.armed;
  memory.armed = false;
  char beside[300];
  snprintf(beside, sizeof beside, "%s.new", path);
  image bytes = image_read(path);
  image_write(&bytes, beside);
  image_free(&bytes);
  rename(beside, path);
  memory.armed = armed;
}

static ztc_status follow_path(void) {
  ztc_live *live;
  TRY(ztc_live_open(path, 0, 0, &live, &error));
  const ztc_region *first = ztc_live_region(live);
  replace_file();
  bool swapped = true;
  ztc_status status = ztc_live_poll(live, &swapped, &error);
  if (status != ZTC_OK && (swapped || ztc_live_region(live) != first))
    status = ZTC_WRONG_STATE;
  /* What lacked memory is tried again, without another file. */
  if (status == ZTC_NO_MEMORY && !memory.for_good) {
    const ztc_status again = ztc_live_poll(live, &swapped, &error);
    if (again != ZTC_OK || !swapped)
      status = ZTC_WRONG_STATE;
  }
  ztc_live_free(live);
  return status;
}

static ztc_status run(ztc_status (*operation)(void), int victim, bool for_good) {
  memory.victim = victim;
  memory.for_good = for_good;
  memory.count = memory.live = 0;
  memset(memory.blocks, 0, sizeof memory.blocks);
  memory.armed = true;
  const ztc_status status = operation();
  memory.armed = false;
  return status;
}

static void fail_each_allocation(ztc_status (*operation)(void), const char *name) {
  snprintf(path, sizeof path, "%s", test_path("memory.ztc"));
  ck_assert_ztc(write_region());
  image before = image_read(path);
  ck_assert_ztc(run(operation, -1, false));
  ck_assert_int_eq(memory.live, 0);
  const int allocations = memory.count;
  int tolerated = 0;
  for (int victim = 0; victim < allocations; victim++) {
    for (int for_good = 0; for_good < 2; for_good++) {
      error.status = ZTC_OK;
      const ztc_status status = run(operation, victim, for_good);
      /* The hints that predict keys can be done without: then all goes well. */
      tolerated += status == ZTC_OK;
      ck_assert_msg(status == ZTC_NO_MEMORY || (status == ZTC_OK && memory.count > victim + 1),
                    "%s, allocation %d: %s", name, victim, ztc_status_name(status));
      ck_assert_msg(memory.live == 0, "%s, allocation %d: %d blocks leak", name, victim,
                    memory.live);
      image after = image_read(path);
      ck_assert(before.size == after.size && memcmp(before.bytes, after.bytes, after.size) == 0);
      image_free(&after);
    }
  }
  printf("%s: %d of %d failures did no harm\n", name, tolerated, 2 * allocations);
  ck_assert_int_lt(tolerated, 10);
  image_free(&before);
}

START_TEST(a_writer_without_memory_says_so_and_leaves_the_file) {
  fail_each_allocation(write_region, "writer");
}
END_TEST

START_TEST(a_reader_without_memory_says_so) {
  fail_each_allocation(read_region, "reader");
}
END_TEST

START_TEST(a_path_is_followed_again_when_there_is_memory) {
  fail_each_allocation(follow_path, "live");
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_path_is_followed_again_when_there_is_memory);
  tcase_add_test(tests, a_writer_without_memory_says_so_and_leaves_the_file);
  tcase_add_test(tests, a_reader_without_memory_says_so);
}

ZTC_TEST_MAIN("fault_memory", fill)
