/* Damaged regions: found by validation whatever the bit, and never more than an error otherwise. */
#include <stdio.h>

#include "main.h"
#include "support.h"

static image sample(void) {
  publish_sample(test_path("sample.ztc"));
  return image_read(test_path("sample.ztc"));
}

static bool discard(void *context, const char *text, size_t size) {
  uint64_t *budget = context;
  (void)text;
  *budget -= size < *budget ? size : *budget;
  return *budget > 0;
}

/* Copies and prints everything that still lets itself be read; the sanitizer build watches. */
static void read_everything(const image *i, uint32_t flags) {
  ztc_region *region;
  if (ztc_region_open_memory(i->bytes, i->size, flags, &region, NULL) != ZTC_OK)
    return;
  for (int k = 0; k < SAMPLE_KEYS; k++) {
    uint64_t index;
    if (ztc_index_of(region, &sample_keys[k], &index) == ZTC_OK)
      ck_assert_uint_lt(index, ztc_region_count(region));
  }
  for (uint64_t r = 0; r < ztc_region_count(region); r++) {
    uint64_t size = 0;
    if (ztc_copy_size(region, r, &size) != ZTC_OK || size > 1 << 20)
      continue;
    uint8_t *copy = malloc(size); /* exact, so that one byte too many is seen */
    ztc_value root;
    if (ztc_copy(region, r, copy, size, &size, NULL) == ZTC_OK &&
        ztc_value_root(copy, size, ztc_region_schema(region), &root) == ZTC_OK) {
      uint64_t budget = 1 << 16;
      ztc_value_text(&root, discard, &budget, NULL);
      ztc_value child;
      ztc_map_get(&root, "prefs", 5, ZTC_ASCII, &child);
      ztc_list_at(&root, 0, &child);
    }
    uint8_t small[512];
    ztc_copy_path(region, r, "prefs.lang", small, sizeof small, &size, NULL, NULL);
    ztc_copy_path(region, r, "[1][0]", small, sizeof small, &size, NULL, NULL);
    free(copy);
  }
  ztc_region_free(region);
}

START_TEST(validation_reports_every_flipped_bit_with_a_place) {
  image i = sample();
  for (uint64_t bit = 0; bit < 8 * i.size; bit++) {
    i.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    ztc_region *region;
    ztc_error error = {.offset = 12345678};
    const ztc_status status =
        ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_ALL, &region, &error);
    ck_assert_msg(status != ZTC_OK, "bit %lu of byte %lu went unnoticed", (unsigned long)(bit % 8),
                  (unsigned long)(bit / 8));
    ck_assert_msg(error.offset <= i.size, "byte %lu: %s has no place", (unsigned long)(bit / 8),
                  error.message);
    i.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  image_free(&i);
}
END_TEST

START_TEST(every_changed_byte_costs_at_most_an_error) {
  image i = sample();
  const uint8_t values[] = {0x00, 0xff, 0x80, 0x7f, 0x01};
  for (uint64_t at = 0; at < i.size; at++) {
    const uint8_t was = i.bytes[at];
    for (size_t v = 0; v < sizeof values; v++) {
      i.bytes[at] = values[v];
      read_everything(&i, ZTC_OPEN_VERIFY_NONE);
    }
    i.bytes[at] = was;
  }
  image_free(&i);
}
END_TEST

START_TEST(random_damage_costs_at_most_an_error) {
  image original = sample();
  uint64_t seed = 20240701;
  printf("seed %lu\n", (unsigned long)seed);
  for (int round = 0; round < 3000; round++) {
    image i = image_copy(&original);
    const uint64_t changes = 1 + next_random(&seed) % 20;
    for (uint64_t c = 0; c < changes; c++) {
      const uint64_t at = 64 + next_random(&seed) % (i.size - 64);
      i.bytes[at] = (uint8_t)next_random(&seed);
    }
    read_everything(&i, ZTC_OPEN_VERIFY_NONE);
    image_free(&i);
  }
  image_free(&original);
}
END_TEST

START_TEST(with_record_checksums_a_copy_is_never_another_value) {
  image i = sample();
  ztc_region *region;
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
  const uint64_t count = ztc_region_count(region);
  char **texts = calloc(count, sizeof *texts);
  for (uint64_t r = 0; r < count; r++)
    texts[r] = text_of_record(region, r);
  ztc_region_free(region);
  for (uint64_t at = 0; at < i.size; at++) {
    i.bytes[at] ^= 0x10;
    if (ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL) == ZTC_OK) {
      for (uint64_t r = 0; r < ztc_region_count(region); r++) {
        uint8_t copy[4096];
        uint64_t size;
        ztc_value root;
        if (ztc_copy(region, r, copy, sizeof copy, &size, NULL) != ZTC_OK)
          continue;
        ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(region), &root));
        char *text = text_of(&root);
        /* An index entry that leads to another record's bytes, checksum and all, is not found. */
        ck_assert_msg(strcmp(text, texts[r]) == 0, "byte %lu makes record %lu %s",
                      (unsigned long)at, (unsigned long)r, text);
        free(text);
      }
      ztc_region_free(region);
    }
    i.bytes[at] ^= 0x10;
  }
  for (uint64_t r = 0; r < count; r++)
    free(texts[r]);
  free(texts);
  image_free(&i);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, validation_reports_every_flipped_bit_with_a_place);
  tcase_add_test(tests, every_changed_byte_costs_at_most_an_error);
  tcase_add_test(tests, random_damage_costs_at_most_an_error);
  tcase_add_test(tests, with_record_checksums_a_copy_is_never_another_value);
}

ZTC_TEST_MAIN("damage", fill)
