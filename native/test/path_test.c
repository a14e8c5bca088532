#include <stdio.h>

#include "main.h"
#include "support.h"

static ztc_region *region, *checked; /* the same bytes, with VERIFY_RECORD */
static uint64_t count;

static void open_sample(void) {
  publish_sample(test_path("sample.ztc"));
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_VERIFY_RECORD, &checked, NULL));
  count = ztc_region_count(region);
}

static void close_sample(void) {
  ztc_region_free(checked);
  ztc_region_free(region);
}

/* The index of the record with this typed text. */
static uint64_t find(const char *text) {
  for (uint64_t i = 0; i < count; i++) {
    char *found = text_of_record(region, i);
    const bool same = strcmp(found, text) == 0;
    free(found);
    if (same)
      return i;
  }
  ck_abort_msg("no record %s", text);
  return 0;
}

static char *copy_path_text(uint64_t index, const char *path) {
  uint8_t copy[4096];
  uint64_t size, needed;
  ztc_error error = {.message = ""};
  ztc_value root;
  ck_assert_msg(ztc_copy_path(region, index, path, copy, sizeof copy, &size, NULL, &error) ==
                    ZTC_OK,
                "%s: %s", path, error.message);
  ck_assert_status(ztc_copy_path(region, index, path, copy, size - 1, &needed, NULL, NULL),
                   ZTC_BUFFER_TOO_SMALL);
  ck_assert_uint_eq(needed, size);
  uint8_t *exact = malloc(size); /* so that a sanitizer sees a read past it */
  ck_assert_ztc(ztc_copy_path(region, index, path, exact, size, &needed, NULL, NULL));
  ck_assert_ztc(ztc_value_root(exact, size, ztc_region_schema(region), &root));
  char *text = text_of(&root);
  free(exact);
  return text;
}

/* The same out of the checked region, which needs room for the whole record to check it. */
static char *checked_path_text(uint64_t index, const char *path) {
  uint64_t size = 0, needed;
  ztc_value root;
  ck_assert_status(ztc_copy_path(checked, index, path, NULL, 0, &needed, NULL, NULL),
                   ZTC_BUFFER_TOO_SMALL);
  uint8_t *copy = malloc(needed);
  ck_assert_ztc(ztc_copy_path(checked, index, path, copy, needed, &size, NULL, NULL));
  ck_assert_uint_le(size, needed);
  copy = realloc(copy, size); /* so that a sanitizer sees a read past it */
  ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(checked), &root));
  char *text = text_of(&root);
  free(copy);
  return text;
}

/* The same path through a whole copy. */
static char *value_path_text(uint64_t index, const char *path) {
  uint8_t copy[4096];
  uint64_t size;
  ztc_value value;
  ck_assert_ztc(ztc_copy(region, index, copy, sizeof copy, &size, NULL));
  ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(region), &value));
  ck_assert_ztc(ztc_value_path(&value, path, &value, NULL));
  return text_of(&value);
}

static void expect(const char *record, const char *path, const char *expected) {
  const uint64_t index = find(record);
  char *a = copy_path_text(index, path), *b = value_path_text(index, path),
       *c = checked_path_text(index, path);
  ck_assert_str_eq(a, expected);
  ck_assert_str_eq(b, expected);
  ck_assert_str_eq(c, expected);
  free(a);
  free(b);
  free(c);
}

#define JOB                                                                                        \
  "{\"id\":1i32,\"to\":\"a@example.com\",\"tags\":[\"eu\",\"promotion\"],"                         \
  "\"prefs\":{\"html\":true,\"lang\":\"en\",\"score\":1.25e1f64}}"

START_TEST(a_path_selects_scalars_containers_and_the_root) {
  expect(JOB, "$", JOB);
  expect(JOB, "", JOB);
  expect(JOB, "id", "1i32");
  expect(JOB, "$.to", "\"a@example.com\"");
  expect(JOB, ".tags", "[\"eu\",\"promotion\"]");
  expect(JOB, "tags[0]", "\"eu\"");
  expect(JOB, "tags[1]", "\"promotion\"");
  expect(JOB, "prefs", "{\"html\":true,\"lang\":\"en\",\"score\":1.25e1f64}");
  expect(JOB, "prefs.score", "1.25e1f64");
  expect(JOB, "[\"prefs\"][\"\\u006cang\"]", "\"en\"");
  expect("i32[1,-2]", "[1]", "-2i32");
  expect("i8[1,-2,3]", "[1]", "-2i8");
  expect("f32[1.5e0,-inf]", "[0]", "1.5e0f32");
  expect("i64[9223372036854775807]", "[0]", "9223372036854775807i64");
  expect("[null,true,1i8,\"two\",3e0f64,[],{},x\"04\"]", "[5]", "[]");
  expect("[null,true,1i8,\"two\",3e0f64,[],{},x\"04\"]", "[6]", "{}");
  expect("[null,true,1i8,\"two\",3e0f64,[],{},x\"04\"]", "[7]", "x\"04\"");
  expect("\"eight888\"", "$", "\"eight888\"");
}
END_TEST

#define ROWS                                                                                       \
  "{\"rows\":[{\"x\":null,\"y\":[{\"deep\":[1i8]}]},{\"x\":null,\"y\":[{\"deep\":[]},"             \
  "{\"deep\":[2i8]}]}],\"not\":[{\"x\":1i32,\"y\":\"a\"},{\"x\":\"1\",\"y\":\"a\"}],"              \
  "\"one\":[{\"x\":7i32,\"y\":\"z\"}]}"

START_TEST(a_path_selects_rows_and_what_is_in_them) {
  expect(ROWS, "rows[1]", "{\"x\":null,\"y\":[{\"deep\":[]},{\"deep\":[2i8]}]}");
  expect(ROWS, "rows[1].y[1]", "{\"deep\":[2i8]}");
  expect(ROWS, "rows[1].y[1].deep[0]", "2i8");
  expect(ROWS, "one[0].y", "\"z\"");
  expect(ROWS, "not[1]", "{\"x\":\"1\",\"y\":\"a\"}");
}
END_TEST

START_TEST(a_path_follows_references_inside_and_between_extents) {
  expect("&1{\"self\":*1,\"list\":[*1,&2[1i64],*2]}", "self.self.list[1]", "[1i64]");
  expect("&1{\"self\":*1,\"list\":[*1,&2[1i64],*2]}", "list",
         "&1[&2{\"self\":*2,\"list\":*1},&3[1i64],*3]");
  expect("&1[{\"x\":*1,\"y\":&2[{\"x\":*2,\"y\":*1}]}]", "[0].y[0]",
         "&1{\"x\":&2[*1],\"y\":&3[{\"x\":*3,\"y\":*2}]}");
  expect("[&1{\"lang\":\"en\",\"zone\":\"Europe/Berlin\"},*1]", "[1].zone", "\"Europe/Berlin\"");
  expect("[&1{\"lang\":\"en\",\"zone\":\"Europe/Berlin\"},*1]", "[1]",
         "{\"lang\":\"en\",\"zone\":\"Europe/Berlin\"}");
  expect("{\"a\":&1[\"one\",&2[\"two\",*1]],\"b\":[*2,*1]}", "b[0]", "&1[\"two\",[\"one\",*1]]");
  expect("&1[\"loop\",*1]", "$", "&1[\"loop\",*1]");
  expect("&1[\"loop\",*1]", "[1][1][1][0]", "\"loop\"");
  expect("{\"name\":\"a string that many records share\","
         "\"again\":\"a string that many records share\"}",
         "again", "\"a string that many records share\"");
}
END_TEST

static void expect_error(const char *path, ztc_status expected, const char *word, uint64_t at) {
  uint8_t copy[4096];
  uint64_t size;
  ztc_error error;
  const uint64_t index = find(JOB);
  ck_assert_status(ztc_copy_path(region, index, path, copy, sizeof copy, &size, NULL, &error),
                   expected);
  ck_assert_msg(strstr(error.message, word) != NULL, "'%s' lacks '%s'", error.message, word);
  ck_assert_uint_eq(error.offset, at);
  ztc_value value;
  ck_assert_ztc(ztc_copy(region, index, copy, sizeof copy, &size, NULL));
  ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(region), &value));
  ck_assert_status(ztc_value_path(&value, path, &value, &error), expected);
  ck_assert_uint_eq(error.offset, at);
}

START_TEST(what_a_path_does_not_find_is_named_with_its_place) {
  expect_error("nothing", ZTC_NO_SUCH_KEY, "nothing", 0);
  expect_error("prefs.nothing", ZTC_NO_SUCH_KEY, ".nothing", 5);
  expect_error("tags[2]", ZTC_OUT_OF_RANGE, "[2]", 4);
  expect_error("tags[99999999999999999999]", ZTC_BAD_PATH, "malformed", 24);
  expect_error("tags.x", ZTC_TYPE_MISMATCH, "map", 4);
  expect_error("id[0]", ZTC_TYPE_MISMATCH, "list", 2);
  expect_error("prefs[0]", ZTC_TYPE_MISMATCH, "list", 5);
  expect_error("tags[", ZTC_BAD_PATH, "byte 5", 5);
  expect_error("tags[x]", ZTC_BAD_PATH, "byte 5", 5);
  expect_error("tags[0", ZTC_BAD_PATH, "byte 6", 6);
  expect_error("tags]", ZTC_BAD_PATH, "byte 4", 4);
  expect_error("a..b", ZTC_NO_SUCH_KEY, "a", 0);
  expect_error("prefs..b", ZTC_BAD_PATH, "byte 6", 6);
  expect_error("[\"unclosed", ZTC_BAD_PATH, "byte 10", 10);
  expect_error("[\"bad \\x\"]", ZTC_BAD_PATH, "byte 6", 6);
  expect_error("[\"half \\ud800\"]", ZTC_BAD_PATH, "byte 7", 7);
}
END_TEST

/* Into `text`: each step on its own, or the status. */
static void steps_of(const char *path, char text[256]) {
  size_t at = 0, used = 0;
  ztc_path_step step;
  ztc_error error;
  for (;;) {
    const ztc_status status = ztc_path_next(path, &at, &step, &error);
    if (status != ZTC_OK) {
      snprintf(text + used, 256 - used, "%s at %lu", ztc_status_name(status),
               (unsigned long)error.offset);
      return;
    }
    if (step.kind == ZTC_STEP_END)
      return;
    if (step.kind == ZTC_STEP_INDEX) {
      used += (size_t)snprintf(text + used, 256 - used, "#%lu;", (unsigned long)step.index);
    } else {
      used += (size_t)snprintf(text + used, 256 - used, "%.*s;", (int)step.key_size, step.key);
    }
  }
}

START_TEST(a_key_with_escapes_may_have_1020_bytes_and_is_else_named) {
  char path[1200];
  for (int size = 1018; size <= 1026; size++) {
    memset(path, 'k', sizeof path);
    memcpy(path, "[\"\\n", 4);
    strcpy(path + 3 + size, "\"]");
    size_t at = 0;
    ztc_path_step step;
    ztc_error error = {.message = ""};
    const ztc_status status = ztc_path_next(path, &at, &step, &error);
    if (size <= 1020) {
      ck_assert_ztc(status);
      ck_assert_uint_eq(step.key_size, (size_t)size);
    } else {
      ck_assert_status(status, ZTC_BAD_PATH);
      ck_assert_ptr_nonnull(strstr(error.message, "at most 1020 bytes"));
    }
    memcpy(path, "[\"kk", 4); /* without an escape there is no limit */
    at = 0;
    ck_assert_ztc(ztc_path_next(path, &at, &step, &error));
    ck_assert_uint_eq(step.key_size, (size_t)size + 1);
  }
}
END_TEST

START_TEST(a_path_is_read_step_by_step) {
  static const char *const paths[][2] = {{"$", ""},
                                         {"", ""},
                                         {"a", "a;"},
                                         {"$.a[3].b", "a;#3;b;"},
                                         {"[\"any key\"][0]", "any key;#0;"},
                                         {"a[\"caf\\u00e9\"].b", "a;caf\xc3\xa9;b;"},
                                         {"a..b", "a;BAD_PATH at 2"},
                                         {"a[x", "a;BAD_PATH at 2"},
                                         {"[\"\"]", ";"}};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    char text[256] = "";
    steps_of(paths[i][0], text);
    ck_assert_str_eq(text, paths[i][1]);
  }
}
END_TEST

START_TEST(a_path_needs_a_record) {
  uint64_t size;
  ztc_error error;
  ck_assert_status(ztc_copy_path(region, count, "$", NULL, 0, &size, NULL, &error),
                   ZTC_OUT_OF_RANGE);
  ck_assert_status(ztc_copy_path(region, 0, NULL, NULL, 0, &size, NULL, &error),
                   ZTC_INVALID_ARGUMENT);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_checked_fixture(tests, open_sample, close_sample);
  tcase_add_test(tests, a_path_selects_scalars_containers_and_the_root);
  tcase_add_test(tests, a_path_selects_rows_and_what_is_in_them);
  tcase_add_test(tests, a_path_follows_references_inside_and_between_extents);
  tcase_add_test(tests, what_a_path_does_not_find_is_named_with_its_place);
  tcase_add_test(tests, a_key_with_escapes_may_have_1020_bytes_and_is_else_named);
  tcase_add_test(tests, a_path_is_read_step_by_step);
  tcase_add_test(tests, a_path_needs_a_record);
}

ZTC_TEST_MAIN("path", fill)
