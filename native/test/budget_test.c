/*
 * What a hostile region may cost: time, memory and output stay in proportion to its size. Without
 * their budgets some of these cases do not fail, they do not end, and run into Check's timeout.
 */
#include <stdio.h>

#include "format.h"
#include "main.h"
#include "schema.h"
#include "secret.h"
#include "seen.h"
#include "support.h"
#include "writer.h"

/* ------------------------------------------------------------------------ records by hand -- */

static void put64(uint8_t *at, uint64_t value) {
  memcpy(at, &value, sizeof value);
}

static uint64_t header(uint8_t kind, uint8_t flags, uint8_t elem, uint32_t arg) {
  return (uint64_t)arg << 32 | (uint64_t)elem << 16 | (uint64_t)flags << 8 | kind;
}

static uint64_t string_slot(uint32_t offset, uint32_t size) {
  return (uint64_t)size << 32 | offset;
}

static ztc_schema *empty_schema(void) {
  static const uint64_t image[2];
  ztc_schema *schema;
  ck_assert_ztc(ztc_schema_parse(image, sizeof image, &schema, NULL));
  return schema;
}

typedef struct sink {
  uint64_t size;
  uint64_t most;
} sink;

static bool swallow(void *context, const char *text, size_t size) {
  sink *s = context;
  (void)text;
  s->size += size;
  return s->size <= s->most;
}

static ztc_status print(const uint8_t *copy, uint64_t size, sink *s) {
  ztc_schema *schema = empty_schema();
  ztc_value root;
  ck_assert_ztc(ztc_value_root(copy, size, schema, &root));
  const ztc_status status = ztc_value_text(&root, swallow, s, NULL);
  ztc_schema_free(schema);
  return status;
}

enum { MANY = 200000, BIG = 1 << 20 };

/* References to lists that lie inside each other: each header is an integer of the list before. */
START_TEST(lists_that_overlap_are_not_printed) {
  const uint32_t lists_at = ZTC__NODE_HEADER_SIZE + 8 * MANY, size = lists_at + 2 * 8 * MANY;
  uint8_t *copy = calloc(size, 1);
  put64(copy, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, ZTC__TYPE_REF, MANY));
  for (uint32_t i = 0; i < MANY; i++) {
    const uint32_t at = lists_at + 8 * i;
    put64(copy + 8 + 8 * i, (uint64_t)(size - at) << 32 | at);
    put64(copy + at, header(ZTC__KIND_LIST, ZTC__NODE_SHARED, ZTC_TYPE_I64, (size - at) / 8 - 1));
  }
  sink s = {.most = UINT64_MAX};
  ck_assert_status(print(copy, size, &s), ZTC_CORRUPT);
  ck_assert_uint_lt(s.size, 100 * (uint64_t)size);
  free(copy);
}
END_TEST

/* Each of them could be paid for, as most of the copy is nobody's; but no writer makes such. */
START_TEST(children_that_overlap_are_not_printed) {
  enum { SIZE = 1024, CHILD = ZTC__NODE_HEADER_SIZE + 2 * 8 };
  const uint64_t child = (uint64_t)16 << 32 | CHILD;
  uint8_t *copy = calloc(SIZE, 1);
  put64(copy, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, ZTC_TYPE_LIST, 2));
  put64(copy + CHILD, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, ZTC_TYPE_I8, 1));
  put64(copy + CHILD + 16, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, ZTC_TYPE_I8, 1));
  put64(copy + 8, child);
  put64(copy + 16, child + 16);
  sink s = {.most = UINT64_MAX};
  ck_assert_ztc(print(copy, SIZE, &s));
  put64(copy + 16, child);
  ck_assert_status(print(copy, SIZE, &s), ZTC_CORRUPT);
  free(copy);
}
END_TEST

START_TEST(arrays_that_overlap_are_not_printed) {
  const uint32_t arrays_at = ZTC__NODE_HEADER_SIZE + 8 * MANY, size = arrays_at + 2 * 8 * MANY;
  uint8_t *copy = calloc(size, 1);
  put64(copy, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, ZTC__TYPE_REF, MANY));
  for (uint32_t i = 0; i < MANY; i++) {
    const uint32_t at = arrays_at + 8 * i;
    put64(copy + 8 + 8 * i, (uint64_t)(size - at) << 32 | at);
    put64(copy + at, header(ZTC__KIND_ARRAY, ZTC__NODE_SHARED, ZTC_TYPE_I8, size - at - 8));
  }
  sink s = {.most = UINT64_MAX};
  ck_assert_status(print(copy, size, &s), ZTC_CORRUPT);
  ck_assert_uint_lt(s.size, 100 * (uint64_t)size);
  free(copy);
}
END_TEST

/* Slots of one node that all have the same bytes. */
static void print_overlapping(uint8_t type) {
  const uint32_t text_at = ZTC__NODE_HEADER_SIZE + 8 * MANY, size = text_at + BIG;
  uint8_t *copy = calloc(size, 1);
  put64(copy, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, type, MANY));
  for (uint32_t i = 0; i < MANY; i++)
    put64(copy + 8 + 8 * i, string_slot(text_at, BIG));
  sink s = {.most = UINT64_MAX};
  ck_assert_status(print(copy, size, &s), ZTC_CORRUPT);
  ck_assert_uint_lt(s.size, 100 * (uint64_t)size);
  free(copy);
}

START_TEST(strings_that_overlap_are_not_printed) {
  print_overlapping(ZTC_TYPE_STRING);
}
END_TEST

START_TEST(bytes_that_overlap_are_not_printed) {
  print_overlapping(ZTC_TYPE_BYTES);
}
END_TEST

START_TEST(keys_that_overlap_are_not_printed) {
  const uint32_t text_at = ZTC__NODE_HEADER_SIZE + 20 * MANY, size = text_at + BIG;
  uint8_t *copy = calloc(size, 1);
  put64(copy, header(ZTC__KIND_DICT, ZTC__NODE_CLOSED, ZTC_TYPE_NULL, MANY));
  for (uint32_t i = 0; i < MANY; i++)
    put64(copy + 8 + 16 * i, string_slot(text_at, BIG));
  sink s = {.most = UINT64_MAX};
  ck_assert_status(print(copy, size, &s), ZTC_CORRUPT);
  ck_assert_uint_lt(s.size, 100 * (uint64_t)size);
  free(copy);
}
END_TEST

/* One shared string may be the value of many slots: `most` is what the sink takes. */
static ztc_status print_shared_string(sink *s) {
  const uint32_t box_at = ZTC__NODE_HEADER_SIZE + 8 * MANY, size = box_at + 16 + BIG;
  uint8_t *copy = calloc(size, 1);
  put64(copy, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, ZTC__TYPE_REF, MANY));
  for (uint32_t i = 0; i < MANY; i++)
    put64(copy + 8 + 8 * i, (uint64_t)(16 + BIG) << 32 | box_at);
  put64(copy + box_at,
        header(ZTC__KIND_BOX, ZTC__NODE_SHARED | ZTC__NODE_CLOSED, ZTC_TYPE_STRING, 0));
  put64(copy + box_at + 8, string_slot(16, BIG));
  memset(copy + box_at + 16, 's', BIG);
  const ztc_status status = print(copy, size, s);
  free(copy);
  return status;
}

START_TEST(a_shared_string_is_not_printed_without_end) {
  sink s = {.most = UINT64_MAX};
  ck_assert_status(print_shared_string(&s), ZTC_TOO_LARGE);
  ck_assert_uint_le(s.size, 32 * (UINT64_C(8) * MANY + BIG) + (UINT64_C(64) << 20));
}
END_TEST

START_TEST(printing_ends_as_soon_as_the_sink_refuses) {
  sink s = {.most = 1000};
  ck_assert_ztc(print_shared_string(&s));
  ck_assert_uint_lt(s.size, 1100);
}
END_TEST

/* A list of `rows` maps of one key of `key_size` bytes, and what it prints. */
static ztc_status print_rows(uint32_t rows, uint32_t key_size, sink *s) {
  enum { KEY_AT = 16 + 8 + 8 + 8 };
  const uint32_t schema_size = (KEY_AT + key_size + 7) & ~UINT32_C(7);
  const uint32_t counts[] = {1, 1}, shape[] = {KEY_AT - 8, 1}, numbers[] = {0, ZTC_TYPE_NULL};
  uint8_t *image = calloc(schema_size, 1);
  memcpy(image, counts, sizeof counts);
  put64(image + 16, string_slot(KEY_AT, key_size));
  memcpy(image + 24, shape, sizeof shape);
  memcpy(image + 32, numbers, sizeof numbers);
  memset(image + KEY_AT, 'k', key_size);
  ztc_schema *schema;
  ck_assert_ztc(ztc_schema_parse(image, schema_size, &schema, NULL));
  free(image);
  const uint32_t size = ZTC__NODE_HEADER_SIZE + 8 + 8 * rows;
  uint8_t *copy = calloc(size, 1);
  put64(copy, header(ZTC__KIND_ROWS, ZTC__NODE_CLOSED, 0, rows));
  ztc_value root;
  ck_assert_ztc(ztc_value_root(copy, size, schema, &root));
  const ztc_status status = ztc_value_text(&root, swallow, s, NULL);
  free(copy);
  ztc_schema_free(schema);
  return status;
}

/* A hundred megabytes of text, from 40 KB of rows and a key of 20 KB. */
START_TEST(a_long_key_is_not_printed_without_end) {
  enum { ROWS = 5000, KEY = 20000 };
  sink s = {.most = UINT64_MAX};
  ck_assert_status(print_rows(ROWS, KEY, &s), ZTC_TOO_LARGE);
  ck_assert_uint_le(s.size, (UINT64_C(64) << 20) + BIG);
}
END_TEST

START_TEST(longish_keys_of_many_tiny_maps_are_printed) {
  enum { ROWS = 300000, KEY = 250 };
  sink s = {.most = UINT64_MAX};
  ck_assert_ztc(print_rows(ROWS, KEY, &s));
  ck_assert_uint_eq(s.size, (strlen("{\"\":null},") + KEY) * (uint64_t)ROWS + 1);
}
END_TEST

/* Shared lists at places that would all meet in one part of a table whose hash is known. */
START_TEST(shared_lists_at_chosen_places_are_printed_in_time) {
  enum { LISTS = 300000, SLOTS = 1 << 20, WINDOW = SLOTS / 26 };
  const uint32_t size = 64 << 20;
  uint8_t *copy = calloc(size, 1);
  uint32_t count = 0;
  for (uint32_t at = ZTC__NODE_HEADER_SIZE + 8 * LISTS; at < size && count < LISTS; at += 8) {
    const uint32_t identity = at + ZTC__NODE_HEADER_SIZE;
    if ((identity * UINT32_C(2654435769) >> 7 & (SLOTS - 1)) >= WINDOW)
      continue;
    put64(copy + at, header(ZTC__KIND_LIST, ZTC__NODE_SHARED | ZTC__NODE_CLOSED, 0, 0));
    put64(copy + 8 + 8 * count++, UINT64_C(8) << 32 | at);
  }
  ck_assert_uint_eq(count, LISTS);
  put64(copy, header(ZTC__KIND_LIST, ZTC__NODE_CLOSED, ZTC__TYPE_REF, LISTS));
  sink s = {.most = UINT64_MAX};
  ck_assert_ztc(print(copy, size, &s));
  ck_assert_uint_eq(s.size, 3 * LISTS + 1);
  free(copy);
}
END_TEST

/* How long a search in a table of linear probing may take: the most slots in a row that are taken. */
static uint64_t longest_run(const void *table, uint64_t slots,
                            bool (*is_taken)(const void *table, uint64_t slot)) {
  uint64_t longest = 0, run = 0;
  for (uint64_t at = 0; at < 2 * slots; at++) { /* a run may go around the end */
    run = is_taken(table, at % slots) ? run + 1 : 0;
    if (run > longest)
      longest = run;
  }
  return longest;
}

/* A half full table of a million has one of about 100 if it is filled by chance. */
enum { RUN_MAX = 1000 };

static bool number_is_taken(const void *table, uint64_t slot) {
  return ((const uint32_t *)table)[slot] != 0;
}

static bool entry_is_taken(const void *table, uint64_t slot) {
  return ((const ztb_seen_entry *)table)[slot].key != NULL;
}

static bool label_is_taken(const void *tape, uint64_t slot) {
  const ztc__tape *t = tape;
  return t->label_table[slot].stamp == t->label_stamp;
}

static uint64_t slot_without_secret(uint64_t address, uint64_t slots) {
  const uint64_t x = address >> 3;
  return ((x ^ x >> 32) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (slots - 1);
}

/* The same for the table in which the hosts of other languages keep what they have met. */
START_TEST(shared_nodes_at_chosen_places_are_kept_apart_in_time) {
  enum { NODES = 300000, SLOTS = 1 << 20, WINDOW = SLOTS / 26 };
  const uint64_t base = UINT64_C(0x7f3a12345010);
  ztb_seen seen;
  ztb_seen_init(&seen);
  uint64_t count = 0;
  for (uint64_t address = base; count < NODES; address += 8) {
    if (slot_without_secret(address, SLOTS) < WINDOW)
      ck_assert(ztb_seen_add(&seen, (const void *)(uintptr_t)address, ++count));
  }
  ck_assert_uint_le(longest_run(seen.entries, seen.mask + 1, entry_is_taken), RUN_MAX);
  count = 0;
  for (uint64_t address = base; count < NODES; address += 8) {
    if (slot_without_secret(address, SLOTS) >= WINDOW)
      continue;
    const uintptr_t *number = ztb_seen_find(&seen, (const void *)(uintptr_t)address);
    ck_assert(number != NULL && *number == ++count);
  }
  ztb_seen_free(&seen);
}
END_TEST

/* ------------------------------------------------------------------- what a writer is given -- */

START_TEST(labels_that_are_chosen_cost_no_more_than_others) {
  enum { LABELS = 400000, SLOTS = 1 << 20, WINDOW = SLOTS / 128 };
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path("labels.ztc"), 0, &w, NULL));
  ck_assert_ztc(ztc_writer_begin_list(w));
  uint32_t count = 0;
  for (uint32_t label = 0; count < LABELS; label++) {
    if ((label * UINT64_C(0x9E3779B97F4A7C15) >> 32 & (SLOTS - 1)) >= WINDOW)
      continue;
    ck_assert_ztc(ztc_writer_label(w, label));
    ck_assert_ztc(ztc_writer_begin_list(w));
    ck_assert_ztc(ztc_writer_end(w));
    count++;
  }
  ck_assert_uint_eq(w->tape.labels.count, LABELS);
  ck_assert_uint_le(longest_run(&w->tape, w->tape.label_mask + 1, label_is_taken), RUN_MAX);
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ztc_writer_abort(w);
}
END_TEST

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15);
  return hash ^ hash >> 29;
}

/* A Latin-1 key of 16 bytes; those of all numbers have one hash, as the admission of shapes takes
   it. */
static void chosen_key(uint32_t number, uint64_t key[2]) {
  key[0] = UINT64_C(0x80) << 56 | (number * UINT64_C(0x9E3779B97F4A7C15)) >> 8;
  key[1] = mix(mix(ZTC_LATIN1, 16), key[0]) ^ UINT64_C(0x1234567812345678);
}

/* Keys that the writer has in its table. */
START_TEST(keys_that_are_chosen_cost_no_more_than_others) {
  enum { MAPS = 12, KEYS = 1024 };
  ztc_writer *w;
  uint64_t key[2];
  ck_assert_ztc(ztc_writer_create(test_path("keys.ztc"), 0, &w, NULL));
  for (uint32_t map = 0; map < MAPS; map++) {
    ck_assert_ztc(ztc_writer_begin_map(w));
    for (uint32_t i = 0; i < KEYS; i++) {
      chosen_key(map * KEYS + i, key);
      ck_assert_ztc(ztc_writer_key(w, (const char *)key, sizeof key, ZTC_LATIN1));
      ck_assert_ztc(ztc_writer_null(w));
    }
    ck_assert_ztc(ztc_writer_end(w));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
  }
  const ztc__interner *interner = &w->interner;
  ck_assert_uint_ge(interner->keys.count, (MAPS - 1) * KEYS);
  const ztc__hash_table *table = &interner->key_table;
  ck_assert_uint_le(longest_run(table->slots, table->mask + 1, number_is_taken), RUN_MAX);
  ztc_writer_abort(w);
}
END_TEST

/* --------------------------------------------------------------------------------- schema -- */

START_TEST(keys_that_share_their_bytes_make_no_schema) {
  enum { KEYS = 65536, TEXT = (1 << 20) - 16 - 8 * KEYS };
  uint8_t *image = calloc(1 << 20, 1);
  const uint32_t counts[] = {KEYS, 0};
  memcpy(image, counts, sizeof counts);
  for (uint32_t i = 0; i < KEYS; i++)
    put64(image + 16 + 8 * i, string_slot(16 + 8 * KEYS, TEXT - i));
  ztc_schema *schema;
  ztc_error error;
  ck_assert_status(ztc_schema_parse(image, 1 << 20, &schema, &error), ZTC_CORRUPT);
  free(image);
}
END_TEST

/* FNV-1a, which a schema's table once used, from what the process keeps to itself: who makes a file
   cannot know as much. */
static uint64_t fnv(uint64_t key, uint64_t seed) {
  uint64_t hash = seed;
  for (int i = 0; i < 8; i++)
    hash = (hash ^ (key >> 8 * i & 0xFF)) * UINT64_C(0x100000001B3);
  return hash ^ hash >> 32;
}

/* Keys that would all meet in one part of the table. */
START_TEST(keys_of_a_schema_that_are_chosen_cost_no_more_than_others) {
  enum { KEYS = 65000, SLOTS = 1 << 17, WINDOW = SLOTS / 64, SIZE = 16 + 16 * KEYS };
  const ztc__secret secret = ztc__secret_of_process();
  uint8_t *image = calloc(SIZE, 1);
  const uint32_t counts[] = {KEYS, 0};
  memcpy(image, counts, sizeof counts);
  uint32_t count = 0;
  for (uint32_t number = 0; count < KEYS; number++) {
    char text[9];
    uint64_t key;
    snprintf(text, sizeof text, "%08x", number);
    memcpy(&key, text, sizeof key);
    if ((fnv(key, secret.low) & (SLOTS - 1)) >= WINDOW)
      continue;
    const uint32_t at = 16 + 8 * KEYS + 8 * count;
    put64(image + at, key);
    put64(image + 16 + 8 * count++, string_slot(at, sizeof key));
  }
  ztc_schema *schema;
  ck_assert_ztc(ztc_schema_parse(image, SIZE, &schema, NULL));
  ck_assert_uint_eq(schema->mask, SLOTS - 1);
  ck_assert_uint_le(longest_run(schema->key_table, SLOTS, number_is_taken), RUN_MAX);
  ztc_schema_free(schema);
  free(image);
}
END_TEST

/* --------------------------------------------------------------------------------- claims -- */

static uint64_t section_offset(const image *i, uint32_t type) {
  for (uint64_t at = ZTC__HEADER_SIZE;; at += ZTC__ENTRY_SIZE) {
    uint32_t found;
    uint64_t offset;
    memcpy(&found, i->bytes + at, 4);
    memcpy(&offset, i->bytes + at + ZTC__ENTRY_OFFSET, 8);
    if (found == type)
      return offset;
  }
}

/* A caller allocates what ztc_copy_size says. */
START_TEST(a_record_cannot_claim_more_than_its_region_holds) {
  publish_sample(test_path("sample.ztc"));
  image i = image_read(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
  const uint64_t index = ztc_region_count(region) - 1; /* references shared nodes */
  uint64_t offset, size;
  ck_assert_ztc(ztc_region_extent(region, index, &offset, &size));
  ck_assert_uint_lt(section_offset(&i, ZTC__SECTION_SHARED), i.size);
  const uint32_t claims[][2] = {
      {1, 0x7fffffc0},         {1, (uint32_t)i.size + 8}, {0xffffff, 0x7fffffc0},  {1, 0xfffffff8},
      {1, (uint32_t)size - 8}, {6, (uint32_t)size + 48},  {1, (uint32_t)size + 36}};
  for (size_t c = 0; c < sizeof claims / sizeof *claims; c++) {
    memcpy(i.bytes + offset + ZTC__GRAPH_SHARED_COUNT, claims[c], sizeof claims[c]);
    uint64_t needed = 0;
    uint8_t copy[8];
    ck_assert_status(ztc_copy_size(region, index, &needed), ZTC_CORRUPT);
    ck_assert_status(ztc_copy(region, index, copy, sizeof copy, &needed, NULL), ZTC_CORRUPT);
  }
  ztc_region_free(region);
  image_free(&i);
}
END_TEST

/* What the flat size allows is what a copy may take, no more and no less. */
START_TEST(a_record_that_takes_more_or_less_than_it_claims_exceeds_its_budget) {
  publish_sample(test_path("sample.ztc"));
  image i = image_read(test_path("sample.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
  const uint64_t index = ztc_region_count(region) - 3; /* takes in two shared nodes */
  uint64_t offset, extent, size;
  ck_assert_ztc(ztc_region_extent(region, index, &offset, &extent));
  uint32_t true_claims[2];
  memcpy(true_claims, i.bytes + offset + ZTC__GRAPH_SHARED_COUNT, sizeof true_claims);
  ck_assert_uint_eq(true_claims[0], 2);
  const uint32_t flat = true_claims[1];
  const uint32_t claims[] = {flat - 8, flat + 8};
  for (size_t c = 0; c < sizeof claims / sizeof *claims; c++) {
    uint8_t copy[4096];
    memcpy(i.bytes + offset + ZTC__GRAPH_FLAT_SIZE, &claims[c], sizeof claims[c]);
    ck_assert_status(ztc_copy(region, index, copy, sizeof copy, &size, NULL), ZTC_BUDGET);
    ck_assert_status(ztc_copy_path(region, index, "b", copy, sizeof copy, &size, NULL, NULL),
                     ZTC_BUDGET);
  }
  ztc_region_free(region);
  image_free(&i);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, lists_that_overlap_are_not_printed);
  tcase_add_test(tests, children_that_overlap_are_not_printed);
  tcase_add_test(tests, arrays_that_overlap_are_not_printed);
  tcase_add_test(tests, strings_that_overlap_are_not_printed);
  tcase_add_test(tests, bytes_that_overlap_are_not_printed);
  tcase_add_test(tests, keys_that_overlap_are_not_printed);
  tcase_add_test(tests, a_shared_string_is_not_printed_without_end);
  tcase_add_test(tests, printing_ends_as_soon_as_the_sink_refuses);
  tcase_add_test(tests, a_long_key_is_not_printed_without_end);
  tcase_add_test(tests, longish_keys_of_many_tiny_maps_are_printed);
  tcase_add_test(tests, shared_lists_at_chosen_places_are_printed_in_time);
  tcase_add_test(tests, shared_nodes_at_chosen_places_are_kept_apart_in_time);
  tcase_add_test(tests, labels_that_are_chosen_cost_no_more_than_others);
  tcase_add_test(tests, keys_that_are_chosen_cost_no_more_than_others);
  tcase_add_test(tests, keys_that_share_their_bytes_make_no_schema);
  tcase_add_test(tests, keys_of_a_schema_that_are_chosen_cost_no_more_than_others);
  tcase_add_test(tests, a_record_cannot_claim_more_than_its_region_holds);
  tcase_add_test(tests, a_record_that_takes_more_or_less_than_it_claims_exceeds_its_budget);
}

ZTC_TEST_MAIN("budget", fill)
