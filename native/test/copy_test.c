#include <stdio.h>

#include "main.h"
#include "support.h"

static ztc_region *region;
static uint64_t trees; /* records before those with shared nodes */

static void open_sample(void) {
  publish_sample(test_path("sample.ztc"));
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_VERIFY_ALL, &region, NULL));
  for (trees = 0; sample_texts[trees] != NULL;)
    trees++;
}

static void close_sample(void) {
  ztc_region_free(region);
}

START_TEST(every_value_comes_back_as_it_was_written) {
  for (uint64_t i = 0; i < trees; i++) {
    char *text = text_of_record(region, i);
    ck_assert_str_eq(text, sample_texts[i]);
    free(text);
  }
}
END_TEST

START_TEST(shared_nodes_keep_identity_and_cycles_inside_a_copy) {
  for (uint64_t i = 0; sample_expected[i] != NULL; i++) {
    char *text = text_of_record(region, trees + i);
    ck_assert_str_eq(text, sample_expected[i]);
    free(text);
  }
}
END_TEST

START_TEST(a_copy_outlives_its_region) {
  uint64_t size;
  uint8_t copy[4096];
  ztc_schema *schema;
  ck_assert_ztc(ztc_schema_clone(ztc_region_schema(region), &schema));
  ck_assert_ztc(ztc_copy(region, 29, copy, sizeof copy, &size, NULL));
  ztc_region_free(region);
  region = NULL;
  ztc_value root;
  ck_assert_ztc(ztc_value_root(copy, size, schema, &root));
  char *text = text_of(&root);
  ck_assert_str_eq(text, sample_texts[29]);
  free(text);
  ztc_schema_free(schema);
}
END_TEST

START_TEST(a_small_buffer_learns_the_size_it_needs) {
  for (uint64_t i = 0; i < ztc_region_count(region); i++) {
    uint64_t needed, size = 0;
    uint8_t copy[4096];
    ck_assert_ztc(ztc_copy_size(region, i, &needed));
    ck_assert_status(ztc_copy(region, i, NULL, 0, &size, NULL), ZTC_BUFFER_TOO_SMALL);
    ck_assert_uint_eq(size, needed);
    memset(copy, 0x5a, sizeof copy);
    ck_assert_status(ztc_copy(region, i, copy, needed - 1, &size, NULL), ZTC_BUFFER_TOO_SMALL);
    ck_assert_ztc(ztc_copy(region, i, copy, needed, &size, NULL));
    ck_assert_uint_eq(size, needed);
    ck_assert_uint_eq(copy[needed], 0x5a); /* not a byte more than that */
  }
}
END_TEST

START_TEST(an_index_past_the_end_is_refused) {
  uint64_t size;
  uint8_t copy[64];
  const uint64_t count = ztc_region_count(region);
  ck_assert_status(ztc_copy(region, count, copy, 64, &size, NULL), ZTC_OUT_OF_RANGE);
  ck_assert_status(ztc_copy(region, UINT64_MAX, copy, 64, &size, NULL), ZTC_OUT_OF_RANGE);
  ck_assert_status(ztc_copy_size(region, count, &size), ZTC_OUT_OF_RANGE);
  ztc_prefetch(region, count);
  ztc_prefetch(region, UINT64_MAX);
  ztc_prefetch_batch(region, (const uint64_t[]){count, UINT64_MAX, 0}, 3);
  ztc_prefetch_batch(region, NULL, 0);
}
END_TEST

START_TEST(a_batch_holds_the_same_copies) {
  const uint64_t count = ztc_region_count(region);
  uint64_t indices[300], offsets[301];
  uint64_t seed = 7;
  for (int i = 0; i < 300; i++)
    indices[i] = next_random(&seed) % count;
  static uint8_t slab[1 << 20];
  size_t done;
  ck_assert_ztc(ztc_copy_batch(region, indices, 300, slab, sizeof slab, offsets, &done, NULL));
  ck_assert_uint_eq(done, 300);
  for (int i = 0; i < 300; i++) {
    uint8_t copy[4096];
    uint64_t size;
    ck_assert_ztc(ztc_copy(region, indices[i], copy, sizeof copy, &size, NULL));
    ck_assert_uint_eq(offsets[i + 1] - offsets[i], size);
    ck_assert_mem_eq(slab + offsets[i], copy, size);
  }
}
END_TEST

START_TEST(a_batch_stops_before_the_first_record_that_does_not_fit_or_fails) {
  const uint64_t count = ztc_region_count(region);
  uint64_t indices[] = {0, 1, 2, count, 3}, offsets[6], size;
  uint8_t slab[4096];
  size_t done;
  ck_assert_status(ztc_copy_batch(region, indices, 5, slab, sizeof slab, offsets, &done, NULL),
                   ZTC_OUT_OF_RANGE);
  ck_assert_uint_eq(done, 3);
  ck_assert_ztc(ztc_copy_size(region, 0, &size));
  ck_assert_ztc(ztc_copy_batch(region, indices, 3, slab, size, offsets, &done, NULL));
  ck_assert_uint_eq(done, 1);
  ck_assert_status(ztc_copy_batch(region, indices, 3, slab, size - 1, offsets, &done, NULL),
                   ZTC_BUFFER_TOO_SMALL);
  ck_assert_uint_eq(done, 0);
  ck_assert_uint_eq(offsets[1], size);
  ck_assert_ztc(ztc_copy_batch(region, NULL, 0, NULL, 0, offsets, &done, NULL));
  ck_assert_uint_eq(done, 0);
}
END_TEST

START_TEST(many_shared_nodes_are_copied_without_further_memory) {
  enum { NODES = 1000 };
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path("many.ztc"), 0, &w, NULL));
  for (uint32_t i = 0; i < NODES; i++) {
    uint32_t id;
    ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
    ck_assert_ztc(ztc_writer_begin_shared(w, id));
    ck_assert_ztc(ztc_writer_begin_list(w));
    ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I32, (int32_t)i));
    ck_assert_ztc(ztc_writer_end(w));
    ck_assert_ztc(ztc_writer_end_shared(w));
  }
  ck_assert_ztc(ztc_writer_begin_list(w));
  for (uint32_t i = 0; i < 2 * NODES; i++)
    ck_assert_ztc(ztc_writer_shared(w, i % NODES));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  ztc_region *many;
  ck_assert_ztc(ztc_region_open(test_path("many.ztc"), ZTC_OPEN_VERIFY_ALL, &many, NULL));
  static uint8_t copy[1 << 20];
  uint64_t size;
  ck_assert_ztc(ztc_copy(many, 0, copy, sizeof copy, &size, NULL));
  ztc_value root, first, again;
  ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(many), &root));
  for (uint64_t i = 0; i < NODES; i++) {
    int64_t n;
    bool shared;
    ck_assert_ztc(ztc_list_at(&root, i, &first));
    ck_assert_ztc(ztc_list_at(&root, NODES + i, &again));
    ck_assert_uint_eq(ztc_value_identity(&first, &shared), ztc_value_identity(&again, NULL));
    ck_assert(shared);
    ck_assert_ztc(ztc_list_at(&first, 0, &first));
    ck_assert_ztc(ztc_value_i64(&first, &n));
    ck_assert_int_eq(n, (int64_t)i);
  }
  ztc_region_free(many);
}
END_TEST

START_TEST(record_checksums_catch_a_changed_value) {
  image i = image_read(test_path("sample.ztc"));
  uint64_t offset, size;
  ck_assert_ztc(ztc_region_extent(region, 5, &offset, &size));
  i.bytes[offset + 8] ^= 1;
  uint8_t copy[4096];
  ztc_region *damaged;
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &damaged, NULL));
  ck_assert_ztc(ztc_copy(damaged, 5, copy, sizeof copy, &size, NULL)); /* off by default */
  ztc_region_free(damaged);
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &damaged, NULL));
  ck_assert_status(ztc_copy(damaged, 5, copy, sizeof copy, &size, NULL), ZTC_CHECKSUM);
  ck_assert_status(ztc_copy_path(damaged, 5, "$", copy, sizeof copy, &size, NULL, NULL),
                   ZTC_CHECKSUM);
  ck_assert_ztc(ztc_copy(damaged, 4, copy, sizeof copy, &size, NULL));
  ztc_region_free(damaged);
  image_free(&i);
}
END_TEST

/* Nobody looks for a node behind the slot of a box. */
START_TEST(a_root_box_that_claims_a_container_is_corrupt) {
  const uint8_t types[] = {10, ZTC_TYPE_LIST, ZTC_TYPE_MAP, ZTC_TYPE_ARRAY, ZTC_TYPE_EXT, 20, 200};
  image i = image_read(test_path("sample.ztc"));
  uint64_t offset, size;
  ck_assert_ztc(ztc_region_extent(region, 5, &offset, &size));
  memset(i.bytes + offset + 8, 0, 8); /* the slot of an empty list or map */
  ztc_region *damaged;
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &damaged, NULL));
  for (size_t t = 0; t < sizeof types; t++) {
    i.bytes[offset + 2] = types[t];
    uint8_t copy[4096];
    ztc_value root;
    ck_assert_ztc(ztc_copy(damaged, 5, copy, sizeof copy, &size, NULL));
    ck_assert_status(ztc_value_root(copy, size, ztc_region_schema(damaged), &root), ZTC_CORRUPT);
    ck_assert_status(ztc_copy_path(damaged, 5, "$", copy, sizeof copy, &size, NULL, NULL),
                     ZTC_CORRUPT);
  }
  ztc_region_free(damaged);
  image_free(&i);
}
END_TEST

START_TEST(a_typed_array_inside_as_many_containers_as_there_may_be_is_fine) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path("deep.ztc"), 0, &w, NULL));
  for (int i = 0; i < ZTC_MAX_DEPTH; i++)
    ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_array(w, ZTC_TYPE_I8, "x", 1));
  for (int i = 0; i < ZTC_MAX_DEPTH; i++)
    ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ztc_error error = {.message = ""};
  ck_assert_msg(ztc_writer_publish(w, &error) == ZTC_OK, "%s", error.message);
  ztc_region *deep;
  ck_assert_ztc(ztc_region_open(test_path("deep.ztc"), ZTC_OPEN_VERIFY_ALL, &deep, NULL));
  char *text = text_of_record(deep, 0);
  ck_assert_uint_eq(strlen(text), 2 * ZTC_MAX_DEPTH + strlen("i8[120]"));
  free(text);
  ztc_region_free(deep);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_checked_fixture(tests, open_sample, close_sample);
  tcase_add_test(tests, every_value_comes_back_as_it_was_written);
  tcase_add_test(tests, shared_nodes_keep_identity_and_cycles_inside_a_copy);
  tcase_add_test(tests, a_copy_outlives_its_region);
  tcase_add_test(tests, a_small_buffer_learns_the_size_it_needs);
  tcase_add_test(tests, an_index_past_the_end_is_refused);
  tcase_add_test(tests, a_batch_holds_the_same_copies);
  tcase_add_test(tests, a_batch_stops_before_the_first_record_that_does_not_fit_or_fails);
  tcase_add_test(tests, many_shared_nodes_are_copied_without_further_memory);
  tcase_add_test(tests, a_typed_array_inside_as_many_containers_as_there_may_be_is_fine);
  tcase_add_test(tests, record_checksums_catch_a_changed_value);
  tcase_add_test(tests, a_root_box_that_claims_a_container_is_corrupt);
}

ZTC_TEST_MAIN("copy", fill)
