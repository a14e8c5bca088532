/* Records that reference shared nodes: their lists, true and false. */
#include <stdio.h>

#include "crc32c.h"
#include "format.h"
#include "main.h"
#include "support.h"

/*
 * Defined in another order than that of their ids, and node 3 is used by other records only, so
 * that record 0 takes in the runs {4} and {2, 1, 0}.
 */
static const char *const nodes[] = {"[\"zero\",shared(1)]",
                                    "[\"one\"]",
                                    "{\"self\":shared(2),\"to\":shared(0)}",
                                    "\"a string of some length\"",
                                    "i32[1,2,3]",
                                    "[\"five\"]",
                                    "[\"six!\"]"};
static const char *const records[] = {"[shared(2),shared(4)]",
                                      "{\"x\":shared(5),\"y\":shared(3),\"z\":[shared(0)]}",
                                      "[shared(5),shared(6)]", "[shared(0)]", NULL};
static const char *const expected[] = {
    "[&1{\"self\":*1,\"to\":[\"zero\",[\"one\"]]},i32[1,2,3]]",
    "{\"x\":[\"five\"],\"y\":\"a string of some length\",\"z\":[[\"zero\",[\"one\"]]]}",
    "[[\"five\"],[\"six!\"]]", "[[\"zero\",[\"one\"]]]"};

static image original;

static void publish(void) {
  static const uint32_t order[] = {4, 3, 2, 1, 0, 5, 6};
  ztc_writer *w;
  ztc_error error;
  uint32_t id;
  ck_assert_ztc(ztc_writer_create(test_path("graph.ztc"), 0, &w, NULL));
  for (int i = 0; i < 7; i++)
    ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  for (int i = 0; i < 7; i++)
    define_shared(w, order[i], nodes[order[i]]);
  for (int i = 0; records[i] != NULL; i++)
    ck_assert_ztc(add_text(w, records[i]));
  ck_assert_msg(ztc_writer_publish(w, &error) == ZTC_OK, "%s", error.message);
  original = image_read(test_path("graph.ztc"));
}

static void release(void) {
  image_free(&original);
}

static uint32_t get32(const image *i, uint64_t at) {
  uint32_t value;
  memcpy(&value, i->bytes + at, 4);
  return value;
}

static uint64_t get64(const image *i, uint64_t at) {
  uint64_t value;
  memcpy(&value, i->bytes + at, 8);
  return value;
}

static void put32(image *i, uint64_t at, uint32_t value) {
  memcpy(i->bytes + at, &value, 4);
}

static void put64(image *i, uint64_t at, uint64_t value) {
  memcpy(i->bytes + at, &value, 8);
}

/* The directory entry of the section of this type. */
static uint64_t section(const image *i, uint32_t type) {
  uint64_t at = ZTC__HEADER_SIZE;
  while (get32(i, at) != type)
    at += ZTC__ENTRY_SIZE;
  return at;
}

/* The place of a record, or of a shared extent. */
static uint64_t extent_of(const image *i, uint32_t type, uint64_t index) {
  const uint64_t table = get64(i, section(i, type) + ZTC__ENTRY_OFFSET);
  return get64(i, table + 16 * index) & ZTC__PLACE_OFFSET_MASK;
}

/* Makes the checksums of all extents in this table, and those above, true again. */
static void repair(image *i, uint32_t type) {
  const uint64_t entry = section(i, type);
  const uint64_t table = get64(i, entry + ZTC__ENTRY_OFFSET);
  const uint64_t length = get64(i, entry + ZTC__ENTRY_LENGTH);
  for (uint64_t at = table; at < table + length; at += 16) {
    const uint64_t place = get64(i, at) & ZTC__PLACE_OFFSET_MASK;
    put32(i, at + 12, ztc__crc32c(0, i->bytes + place, get32(i, at + 8)));
  }
  put32(i, entry + ZTC__ENTRY_CHECKSUM, ztc__crc32c(0, i->bytes + table, length));
  image_fix_header(i);
}

static ztc_status validate(const image *i, ztc_error *error) {
  ztc_region *region = NULL;
  const ztc_status status =
      ztc_region_open_memory(i->bytes, i->size, ZTC_OPEN_VERIFY_ALL, &region, error);
  ztc_region_free(region);
  return status;
}

/* What validation says once `size` bytes at `at` are `value` and all checksums fit. */
static void check_refused(uint64_t at, uint64_t value, int size, ztc_status status,
                          const char *message) {
  image i = image_copy(&original);
  memcpy(i.bytes + at, &value, (size_t)size);
  repair(&i, ZTC__SECTION_RECORD_INDEX);
  ztc_error error = {.message = ""};
  ck_assert_msg(validate(&i, &error) == status && strstr(error.message, message) != NULL,
                "%s instead of %s", error.message, message);
  image_free(&i);
}

START_TEST(runs_in_another_order_than_ids_keep_values_and_identity) {
  ztc_region *region;
  ck_assert_ztc(
      ztc_region_open_memory(original.bytes, original.size, ZTC_OPEN_VERIFY_ALL, &region, NULL));
  for (uint64_t i = 0; records[i] != NULL; i++) {
    char *text = text_of_record(region, i);
    ck_assert_str_eq(text, expected[i]);
    free(text);
  }
  ztc_region_free(region);
}
END_TEST

START_TEST(paths_lead_through_lists_to_the_same_values) {
  static const struct {
    uint64_t record;
    const char *path, *text;
  } paths[] = {{0, "[0]", "&1{\"self\":*1,\"to\":[\"zero\",[\"one\"]]}"},
               {0, "[0].self.to[1][0]", "\"one\""},
               {0, "[0].self", "&1{\"self\":*1,\"to\":[\"zero\",[\"one\"]]}"},
               {0, "[0].to", "[\"zero\",[\"one\"]]"},
               {0, "[1]", "i32[1,2,3]"},
               {1, "y", "\"a string of some length\""},
               {1, "z", "[[\"zero\",[\"one\"]]]"},
               {1, "z[0][1]", "[\"one\"]"},
               {3, "$", "[[\"zero\",[\"one\"]]]"}};
  ztc_region *region;
  ck_assert_ztc(
      ztc_region_open_memory(original.bytes, original.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL));
  for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
    uint8_t copy[4096];
    uint64_t size;
    ztc_value root;
    ck_assert_ztc(ztc_copy_path(region, paths[p].record, paths[p].path, copy, sizeof copy, &size,
                                NULL, NULL));
    ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(region), &root));
    char *text = text_of(&root);
    ck_assert_str_eq(text, paths[p].text);
    free(text);
  }
  ztc_region_free(region);
}
END_TEST

/* Record 0: ids at 24, slots of others at 40, what they hold at 56, runs at 80, root at 96. */
START_TEST(validation_refuses_every_word_of_a_list_that_is_not_true) {
  const uint64_t r = extent_of(&original, ZTC__SECTION_RECORD_INDEX, 0);
  const uint32_t flat = get32(&original, r + 8);
  ck_assert_uint_eq(get64(&original, r + 4) & 0xffffffff, 4);
  ck_assert_uint_eq(get32(&original, r + 12), 96);
  ck_assert_uint_eq(get32(&original, r + 16), 3);
  check_refused(r + 8, flat - 8, 4, ZTC_BUDGET, "more bytes than the graph head says");
  check_refused(r + 8, flat + 8, 4, ZTC_BUDGET, "fewer bytes than the graph head says");
  check_refused(r + 8, UINT32_C(0x80000000), 4, ZTC_CORRUPT, "larger than a record can be");
  check_refused(r + 12, 104, 4, ZTC_CORRUPT, "");
  check_refused(r + 16, 2, 4, ZTC_CORRUPT, "");
  check_refused(r + 20, 1, 4, ZTC_CORRUPT, "graph head is ill-formed");
  check_refused(r + 24, 7, 4, ZTC_CORRUPT, "unknown shared extent");
  check_refused(r + 24, 2 | UINT64_C(4) << 32, 8, ZTC_CORRUPT, "order of the shared extents");
  check_refused(r + 28, 4, 4, ZTC_CORRUPT, "order of the shared extents");
  for (uint64_t at = r + 40; at < r + 52; at += 4)
    check_refused(at, get32(&original, at) + 8, 4, ZTC_CORRUPT, "slot of a shared extent lies");
  check_refused(r + 52, 1, 4, ZTC_CORRUPT, "padding is not zero");
  for (uint64_t at = r + 56; at < r + 80; at += 4)
    check_refused(at, get32(&original, at) + 8, 4, ZTC_CORRUPT, "slot of a shared extent leads");
  for (uint64_t at = r + 80; at < r + 96; at += 8) {
    const uint64_t run = get64(&original, at);
    check_refused(at, run + 1, 8, ZTC_CORRUPT, "runs are not those");
    check_refused(at, run + (UINT64_C(1) << 28), 8, ZTC_CORRUPT, "runs are not those");
  }
  for (uint64_t at = r + 104; at < r + 120; at += 8) {
    const uint64_t ref = get64(&original, at);
    check_refused(at, ref + 8, 8, ZTC_CORRUPT, "root of a listed extent");
    check_refused(at, ref - (UINT64_C(8) << 32), 8, ZTC_CORRUPT, "root of a listed extent");
    check_refused(at, 2, 8, ZTC_CORRUPT, "not of the form");
  }
}
END_TEST

START_TEST(validation_refuses_an_extent_that_is_listed_and_not_referenced) {
  const uint64_t slots = extent_of(&original, ZTC__SECTION_RECORD_INDEX, 2) +
                         get32(&original, extent_of(&original, ZTC__SECTION_RECORD_INDEX, 2) + 12) +
                         8;
  check_refused(slots + 8, get64(&original, slots), 8, ZTC_CORRUPT, "no reference leads");
}
END_TEST

/* Record 3 lists 1, which references nothing, and 0, which references 1; both lie in one run. */
START_TEST(validation_refuses_another_number_of_slots_than_shared_extents_need) {
  const uint64_t count = extent_of(&original, ZTC__SECTION_RECORD_INDEX, 3) + ZTC__GRAPH_REF_COUNT;
  ck_assert_uint_eq(get32(&original, count), 1);
  check_refused(count, 0, 4, ZTC_CORRUPT, "lacks slots for its shared extents");
  check_refused(count, 2, 4, ZTC_CORRUPT, "unused slots");
}
END_TEST

/* Record 3 is [shared(0)], and 0 references 1; the list names 5 instead, which is as long. */
START_TEST(validation_refuses_a_list_that_lacks_what_a_shared_extent_references) {
  const uint64_t r = extent_of(&original, ZTC__SECTION_RECORD_INDEX, 3);
  ck_assert_uint_eq(get64(&original, r + 24), 1); /* and 0 */
  image i = image_copy(&original);
  put64(&i, r + 24, UINT64_C(5) << 32);
  /* 0 and 5 touch as 1 and 0 did, but 5 lies behind, so that 0 moves to the front. */
  const uint32_t record =
      get32(&i, get64(&i, section(&i, ZTC__SECTION_RECORD_INDEX) + ZTC__ENTRY_OFFSET) + 16 * 3 + 8);
  const uint64_t shared = get64(&i, section(&i, ZTC__SECTION_SHARED) + ZTC__ENTRY_OFFSET);
  const uint64_t zero = extent_of(&i, ZTC__SECTION_SHARED_INDEX, 0) - shared;
  const uint64_t run = get64(&i, r + 48);
  put64(&i, r + 48, (run & 0xfffffff) | zero / 8 << 28);
  const uint64_t slot = r + get32(&i, r + 12) + 8;
  put64(&i, slot, get64(&i, slot) - 16); /* 0 has lost what lay before it */
  ck_assert_uint_gt(record, 0);
  repair(&i, ZTC__SECTION_RECORD_INDEX);
  ztc_error error;
  ck_assert_status(validate(&i, &error), ZTC_CORRUPT);
  ck_assert_ptr_nonnull(strstr(error.message, "the copy needs is not listed"));
  image_free(&i);
}
END_TEST

/* Shared extent 0: one reference, of the root at 32, in the slot at 48. */
START_TEST(validation_refuses_a_shared_extent_whose_list_is_not_true) {
  const uint64_t e = extent_of(&original, ZTC__SECTION_SHARED_INDEX, 0);
  const uint64_t self = UINT64_C(40) << 32;
  const uint64_t own[] = {ZTC__KIND_GRAPH,
                          UINT64_C(24) << 32,
                          0,
                          ZTC__KIND_LIST | 3 << 8 | ZTC__TYPE_REF << 16 | UINT64_C(4) << 32,
                          self,
                          self,
                          self,
                          self};
  const struct {
    const void *bytes;
    uint64_t at, size;
    const char *message;
  } changes[] = {{&(uint32_t){1}, 4, 4, "reserved field"},
                 {&(uint32_t){8}, 8, 4, "reserved field"},
                 {&(uint32_t){0}, 16, 4, "does not list the references"},
                 {&(uint32_t){24}, 24, 4, "does not list the references"},
                 {&(uint32_t){40}, 28, 4, "does not list the references"},
                 {own, 0, sizeof own, "references no other and is not closed"}};
  for (size_t c = 0; c < sizeof changes / sizeof *changes; c++) {
    image i = image_copy(&original);
    memcpy(i.bytes + e + changes[c].at, changes[c].bytes, changes[c].size);
    repair(&i, ZTC__SECTION_SHARED_INDEX);
    ztc_error error = {.message = ""};
    ck_assert_status(validate(&i, &error), ZTC_CORRUPT);
    ck_assert_msg(strstr(error.message, changes[c].message) != NULL, "%s instead of %s",
                  error.message, changes[c].message);
    image_free(&i);
  }
}
END_TEST

/* Readers take a reference to a node that is SHARED only. */
START_TEST(validation_refuses_a_shared_extent_whose_root_is_not_shared) {
  for (uint64_t id = 0; id < 7; id++) {
    image i = image_copy(&original);
    const uint64_t e = extent_of(&i, ZTC__SECTION_SHARED_INDEX, id);
    const uint64_t root = e + (i.bytes[e] == ZTC__KIND_GRAPH ? get32(&i, e + 12) : 0);
    ck_assert_uint_ne(i.bytes[root + 1] & ZTC__NODE_SHARED, 0);
    i.bytes[root + 1] &= (uint8_t)~ZTC__NODE_SHARED;
    repair(&i, ZTC__SECTION_SHARED_INDEX);
    ztc_error error = {.message = ""};
    ck_assert_status(validate(&i, &error), ZTC_CORRUPT);
    ck_assert_msg(strstr(error.message, "root of a shared extent is not SHARED") != NULL, "%s",
                  error.message);
    image_free(&i);
  }
}
END_TEST

/* [&1["a"],[[*1]]], CLOSED as a whole: the lists around *1 are not. */
START_TEST(validation_knows_of_each_list_around_a_reference_whether_it_is_closed) {
  const char *const text[] = {"[&1[\"a\"],[[*1]],[[\"b\"]]]", NULL};
  publish_texts(test_path("around.ztc"), text);
  image around = image_read(test_path("around.ztc"));
  const uint64_t r = extent_of(&around, ZTC__SECTION_RECORD_INDEX, 0);
  const uint64_t end = get64(&around, section(&around, ZTC__SECTION_RECORDS) + ZTC__ENTRY_LENGTH);
  ck_assert_int_eq(around.bytes[r + 1] & ZTC__NODE_CLOSED, ZTC__NODE_CLOSED);
  ztc_error error;
  ck_assert_ztc(validate(&around, &error));
  int lists = 0, open_lists = 0;
  for (uint64_t at = r + 8; at + 8 <= r + end; at += 8) {
    if (around.bytes[at] != ZTC__KIND_LIST || get32(&around, at + 4) != 1)
      continue;
    image i = image_copy(&around);
    lists++;
    open_lists += (i.bytes[at + 1] & ZTC__NODE_CLOSED) == 0;
    i.bytes[at + 1] ^= ZTC__NODE_CLOSED;
    repair(&i, ZTC__SECTION_RECORD_INDEX);
    ck_assert_status(validate(&i, &error), ZTC_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.message, "CLOSED does not tell the truth"));
    image_free(&i);
  }
  ck_assert_int_eq(lists, 5);
  ck_assert_int_eq(open_lists, 2);
  image_free(&around);
}
END_TEST

START_TEST(validation_refuses_a_record_that_is_nothing_but_a_reference_to_itself) {
  const char *const number[] = {"1i32", NULL};
  publish_texts(test_path("box.ztc"), number);
  image i = image_read(test_path("box.ztc"));
  const uint64_t r = extent_of(&i, ZTC__SECTION_RECORD_INDEX, 0);
  ck_assert_uint_eq(i.bytes[r], ZTC__KIND_BOX);
  i.bytes[r + 1] = ZTC__NODE_CLOSED | ZTC__NODE_SHARED;
  i.bytes[r + 2] = ZTC__TYPE_REF;
  put64(&i, r + 8, UINT64_C(16) << 32);
  repair(&i, ZTC__SECTION_RECORD_INDEX);
  ztc_error error;
  ck_assert_status(validate(&i, &error), ZTC_CORRUPT);
  ck_assert_ptr_nonnull(strstr(error.message, "elem is not what the kind wants"));
  image_free(&i);
}
END_TEST

START_TEST(a_path_goes_only_through_references_to_roots_of_listed_extents) {
  const uint64_t r = extent_of(&original, ZTC__SECTION_RECORD_INDEX, 0);
  const uint64_t slot = r + get32(&original, r + 12) + 8;
  const uint64_t ref = get64(&original, slot);
  const uint64_t refs[] = {ref + 8, ref + (UINT64_C(8) << 32), 2, 0x7ffffff8 | UINT64_C(8) << 32};
  for (size_t n = 0; n < sizeof refs / sizeof *refs; n++) {
    image i = image_copy(&original);
    put64(&i, slot, refs[n]);
    ztc_region *region;
    uint8_t copy[4096];
    uint64_t size;
    ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
    ck_assert_status(ztc_copy_path(region, 0, "[0]", copy, sizeof copy, &size, NULL, NULL),
                     ZTC_CORRUPT);
    ck_assert_ztc(ztc_copy_path(region, 0, "[1]", copy, sizeof copy, &size, NULL, NULL));
    ztc_region_free(region);
    image_free(&i);
  }
}
END_TEST

/* A copier that trusted the lists would read or write outside; the sanitizer build watches. */
START_TEST(lists_that_lead_outside_cost_an_error) {
  const uint64_t r = extent_of(&original, ZTC__SECTION_RECORD_INDEX, 0);
  const uint64_t run = get64(&original, r + 80);
  const uint64_t section_size =
      get64(&original, section(&original, ZTC__SECTION_SHARED) + ZTC__ENTRY_LENGTH);
  const struct {
    uint64_t at, value;
    ztc_status status;
  } words[] = {
      {80, run | ~UINT64_C(0) << 28, ZTC_CORRUPT}, /* behind the section */
      {80, (section_size / 8 - 1) << 28 | (run & 0xfffffff), ZTC_CORRUPT},
      {80, run + 1, ZTC_BUDGET},
      {80, run | 0xfffffff, ZTC_CORRUPT},
      {88, get64(&original, r + 88) - 1, ZTC_BUDGET},
      {40, 0, ZTC_CORRUPT}, /* slots in the record, behind the copy, not aligned */
      {40, get32(&original, r + 8), ZTC_CORRUPT},
      {40, get64(&original, r + 40) + 4, ZTC_CORRUPT},
      {40, UINT32_MAX - 7, ZTC_CORRUPT},
      {4, 1 | (uint64_t)get32(&original, r + 8) << 32, ZTC_BUDGET} /* fewer extents than runs */
  };
  for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
    image i = image_copy(&original);
    put64(&i, r + words[w].at, words[w].value);
    ztc_region *region;
    ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
    uint64_t size;
    ck_assert_ztc(ztc_copy_size(region, 0, &size));
    uint8_t *copy = malloc(size); /* exact, for sanitizers */
    static uint8_t fenced[4096];
    memset(fenced, 0x5a, sizeof fenced);
    const uint64_t fence = size;
    ck_assert_msg(ztc_copy(region, 0, fenced, fence, &size, NULL) == words[w].status, "word %zu",
                  w);
    for (uint64_t at = fence; at < sizeof fenced; at++)
      ck_assert_msg(fenced[at] == 0x5a, "word %zu: byte %lu", w, (unsigned long)at);
    ck_assert_status(ztc_copy_path(region, 0, "$", copy, fence, &size, NULL, NULL),
                     words[w].status);
    free(copy);
    ztc_region_free(region);
    image_free(&i);
  }
}
END_TEST

/* The root lies behind all lists; else a list would be read from behind the record. */
START_TEST(lists_that_reach_into_the_root_cost_an_error) {
  const uint64_t r = extent_of(&original, ZTC__SECTION_RECORD_INDEX, 0);
  const struct {
    uint64_t at;
    uint32_t value;
  } words[] = {{12, 72}, {12, 24}, {16, 5}, {16, 100}}; /* the root; how many slots of others */
  for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
    image i = image_copy(&original);
    put32(&i, r + words[w].at, words[w].value);
    ztc_region *region;
    uint64_t size;
    uint8_t copy[4096];
    ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
    ck_assert_status(ztc_copy_size(region, 0, &size), ZTC_CORRUPT);
    ck_assert_status(ztc_copy(region, 0, copy, sizeof copy, &size, NULL), ZTC_CORRUPT);
    ck_assert_status(ztc_copy_path(region, 0, "$", copy, sizeof copy, &size, NULL, NULL),
                     ZTC_CORRUPT);
    ztc_region_free(region);
    image_free(&i);
  }
}
END_TEST

START_TEST(checksums_catch_a_change_in_any_shared_extent_of_a_copy) {
  for (uint64_t id = 0; id < 5; id++) {
    image i = image_copy(&original);
    i.bytes[extent_of(&i, ZTC__SECTION_SHARED_INDEX, id) + 12] ^= 1;
    ztc_region *region;
    uint8_t copy[4096];
    uint64_t size;
    ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL));
    ck_assert_status(ztc_copy(region, 0, copy, sizeof copy, &size, NULL),
                     id == 3 ? ZTC_OK : ZTC_CHECKSUM);
    ztc_region_free(region);
    image_free(&i);
  }
}
END_TEST

/* Shared extents lie in the order of their definition, but every byte belongs to one of them. */
START_TEST(validation_refuses_shared_extents_that_overlap) {
  image i = image_copy(&original);
  const uint64_t table = get64(&i, section(&i, ZTC__SECTION_SHARED_INDEX) + ZTC__ENTRY_OFFSET);
  put64(&i, table + 16 * 5, get64(&i, table + 16 * 6)); /* 5 and 6 have one place */
  repair(&i, ZTC__SECTION_SHARED_INDEX);
  ztc_error error;
  ck_assert_status(validate(&i, &error), ZTC_CORRUPT);
  ck_assert_ptr_nonnull(strstr(error.message, "does not begin where the one before it ends"));
  image_free(&i);
}
END_TEST

/* Many lines that lead to one large extent would have it read as often. */
START_TEST(validation_reads_no_more_bytes_than_all_shared_extents_have) {
  image i = image_copy(&original);
  const uint64_t entry = section(&i, ZTC__SECTION_SHARED_INDEX);
  const uint64_t table = get64(&i, entry + ZTC__ENTRY_OFFSET);
  const uint64_t length = get64(&i, entry + ZTC__ENTRY_LENGTH);
  uint64_t largest = table;
  for (uint64_t at = table; at < table + length; at += ZTC__INDEX_ENTRY_SIZE) {
    if (get32(&i, at + 8) > get32(&i, largest + 8))
      largest = at;
  }
  uint8_t line[ZTC__INDEX_ENTRY_SIZE];
  memcpy(line, i.bytes + largest, sizeof line);
  for (uint64_t at = table; at < table + length; at += ZTC__INDEX_ENTRY_SIZE)
    memcpy(i.bytes + at, line, sizeof line);
  i.bytes[table + length - 1] ^= 1; /* the last extent's checksum: who comes that far will tell */
  put32(&i, entry + ZTC__ENTRY_CHECKSUM, ztc__crc32c(0, i.bytes + table, length));
  image_fix_header(&i);
  ztc_error error;
  ck_assert_status(validate(&i, &error), ZTC_CORRUPT);
  ck_assert_ptr_nonnull(strstr(error.message, "overlaps"));
  image_free(&i);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_checked_fixture(tests, publish, release);
  tcase_add_test(tests, runs_in_another_order_than_ids_keep_values_and_identity);
  tcase_add_test(tests, paths_lead_through_lists_to_the_same_values);
  tcase_add_test(tests, validation_refuses_every_word_of_a_list_that_is_not_true);
  tcase_add_test(tests, validation_refuses_an_extent_that_is_listed_and_not_referenced);
  tcase_add_test(tests, validation_refuses_another_number_of_slots_than_shared_extents_need);
  tcase_add_test(tests, validation_refuses_a_list_that_lacks_what_a_shared_extent_references);
  tcase_add_test(tests, validation_refuses_a_shared_extent_whose_list_is_not_true);
  tcase_add_test(tests, validation_refuses_a_shared_extent_whose_root_is_not_shared);
  tcase_add_test(tests, validation_knows_of_each_list_around_a_reference_whether_it_is_closed);
  tcase_add_test(tests, validation_refuses_a_record_that_is_nothing_but_a_reference_to_itself);
  tcase_add_test(tests, a_path_goes_only_through_references_to_roots_of_listed_extents);
  tcase_add_test(tests, lists_that_lead_outside_cost_an_error);
  tcase_add_test(tests, lists_that_reach_into_the_root_cost_an_error);
  tcase_add_test(tests, checksums_catch_a_change_in_any_shared_extent_of_a_copy);
  tcase_add_test(tests, validation_refuses_shared_extents_that_overlap);
  tcase_add_test(tests, validation_reads_no_more_bytes_than_all_shared_extents_have);
}

ZTC_TEST_MAIN("graph", fill)
