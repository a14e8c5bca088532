/* Which key lists become shapes, and what the caps do. */
#include <stdio.h>

#include "format.h"
#include "intern.h"
#include "main.h"
#include "support.h"

enum { MANY = 70000 };

/* A key list of `count` names "prefix-i", with texts of their own. */
typedef struct names {
  ztc__map_key keys[2048];
  uint8_t texts[2048 * 16];
} names;

static uint32_t admit(ztc__interner *interner, const char *prefix, uint32_t count) {
  static names n;
  uint32_t at = 0;
  for (uint32_t i = 0; i < count; i++) {
    const int size = snprintf((char *)n.texts + at, 16, "%s-%u", prefix, i);
    n.keys[i] = (ztc__map_key){.place = at, .number = ZTC__NONE, .size = (uint32_t)size};
    at += (uint32_t)size;
  }
  uint32_t shape;
  ck_assert_ztc(ztc__intern_admit(interner, n.keys, count, n.texts, &shape));
  return shape;
}

static uint32_t admit_numbered(ztc__interner *interner, uint32_t number, uint32_t count) {
  char prefix[12];
  snprintf(prefix, sizeof prefix, "%x", number);
  return admit(interner, prefix, count);
}

static ztc__interner *create(void) {
  ztc__interner *interner = calloc(1, sizeof *interner);
  ck_assert(ztc__intern_init(interner));
  return interner;
}

START_TEST(the_first_key_lists_are_shapes_at_once) {
  ztc__interner *interner = create();
  for (uint32_t i = 0; i < ZTC__SHAPES_FREE; i++) {
    ck_assert_uint_eq(admit_numbered(interner, i, 3), i);
  }
  for (uint32_t i = 0; i < ZTC__SHAPES_FREE; i++) {
    ck_assert_uint_eq(admit_numbered(interner, i, 3), i);
  }
  ztc__intern_free(interner);
}
END_TEST

START_TEST(later_ones_are_shapes_at_second_sight) {
  ztc__interner *interner = create();
  for (uint32_t i = 0; i < ZTC__SHAPES_FREE; i++)
    admit_numbered(interner, i, 2);
  ck_assert_uint_eq(admit(interner, "late", 2), ZTC__NONE);
  ck_assert_uint_eq(admit(interner, "once", 2), ZTC__NONE);
  ck_assert_uint_eq(admit(interner, "late", 2), ZTC__SHAPES_FREE);
  ck_assert_uint_eq(admit(interner, "late", 2), ZTC__SHAPES_FREE);
  ck_assert_uint_eq(admit(interner, "late", 1), ZTC__NONE);
  ztc__intern_free(interner);
}
END_TEST

START_TEST(keys_that_do_not_repeat_leave_room_for_those_that_do) {
  ztc__interner *interner = create();
  for (uint32_t i = 0; i < MANY; i++)
    admit_numbered(interner, i, 20);
  ck_assert_uint_le(ztc__intern_section_size(interner), ZTC__SCHEMA_FREE);
  const uint32_t shapes = interner->shapes.count;
  ck_assert_uint_eq(admit(interner, "record", 20), ZTC__NONE);
  ck_assert_uint_eq(admit(interner, "record", 20), shapes);
  ztc__intern_free(interner);
}
END_TEST

START_TEST(more_keys_than_a_shape_may_have_stay_outside) {
  ztc__interner *interner = create();
  ck_assert_uint_eq(admit(interner, "k", ZTC__SHAPE_KEYS_MAX), 0);
  ck_assert_uint_eq(admit(interner, "k", ZTC__SHAPE_KEYS_MAX + 1), ZTC__NONE);
  ck_assert_uint_eq(admit(interner, "k", ZTC__SHAPE_KEYS_MAX + 1), ZTC__NONE);
  ck_assert_uint_eq(admit(interner, "k", 0), ZTC__NONE);
  ztc__intern_free(interner);
}
END_TEST

/* Every list comes twice, so only the cap holds it back. (64 Ki shapes do not fit into 1 MiB.) */
START_TEST(the_section_stays_below_its_cap_and_parses) {
  ztc__interner *interner = create();
  uint32_t refused = 0;
  for (uint32_t i = 0; i < 20000; i++) {
    admit_numbered(interner, i, 5);
    refused += admit_numbered(interner, i, 5) == ZTC__NONE;
  }
  ck_assert_uint_gt(refused, 0);
  ck_assert_uint_le(ztc__intern_section_size(interner), ZTC__MAX_SCHEMA_SIZE);
  ck_assert_uint_gt(ztc__intern_section_size(interner), ZTC__MAX_SCHEMA_SIZE - 128);
  ztc__buffer image = {0};
  ck_assert(ztc__intern_section(interner, &image));
  ck_assert_uint_eq(image.size, ztc__intern_section_size(interner));
  ztc_schema *schema;
  ztc_error error = {.message = ""};
  const ztc_status status = ztc_schema_parse(image.data, image.size, &schema, &error);
  ck_assert_msg(status == ZTC_OK, "%s", error.message);
  ztc_schema_free(schema);
  ztc__buffer_free(&image);
  ztc__intern_free(interner);
}
END_TEST

START_TEST(types_are_those_of_the_first_map) {
  ztc__interner *interner = create();
  const uint8_t texts[] = "ab";
  ztc__map_key keys[] = {{.place = 0, .number = ZTC__NONE, .size = 1, .type = ZTC_TYPE_I8},
                         {.place = 1, .number = ZTC__NONE, .size = 1, .type = ZTC_TYPE_NULL}};
  uint32_t shape;
  ck_assert_ztc(ztc__intern_admit(interner, keys, 2, texts, &shape));
  ck_assert(ztc__intern_default_types(interner, shape, keys));
  keys[1].type = ZTC_TYPE_STRING;
  ck_assert_ztc(ztc__intern_admit(interner, keys, 2, texts, &shape));
  ck_assert_uint_eq(shape, 0);
  ck_assert(!ztc__intern_default_types(interner, shape, keys));
  ck_assert_uint_eq(ztc__intern_find_shape(interner, keys, 2), 0);
  ck_assert_uint_eq(ztc__intern_find_shape(interner, keys, 1), ZTC__NONE);
  ztc__intern_free(interner);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, the_first_key_lists_are_shapes_at_once);
  tcase_add_test(tests, later_ones_are_shapes_at_second_sight);
  tcase_add_test(tests, keys_that_do_not_repeat_leave_room_for_those_that_do);
  tcase_add_test(tests, more_keys_than_a_shape_may_have_stay_outside);
  tcase_add_test(tests, the_section_stays_below_its_cap_and_parses);
  tcase_add_test(tests, types_are_those_of_the_first_map);
}

ZTC_TEST_MAIN("writer_intern", fill)
