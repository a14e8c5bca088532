#include <math.h>
#include <stdio.h>

#include "format.h"
#include "main.h"
#include "support.h"

static uint8_t copy[1 << 20];
static ztc_region *region;

/* The root of a copy of the one record that `text` describes. */
static ztc_value root_of(const char *text) {
  const char *texts[] = {text, NULL};
  publish_texts(test_path("one.ztc"), texts);
  ztc_region_free(region);
  ck_assert_ztc(ztc_region_open(test_path("one.ztc"), 0, &region, NULL));
  uint64_t size;
  ztc_value root;
  ck_assert_ztc(ztc_copy(region, 0, copy, sizeof copy, &size, NULL));
  ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(region), &root));
  return root;
}

static void forget(void) {
  ztc_region_free(region);
  region = NULL;
}

START_TEST(getters_refuse_other_types) {
  const char *const kinds[] = {"null",    "true",  "1i64",        "1e0f64", "\"s\"",
                               "x\"00\"", "[1i8]", "{\"k\":1i8}", "i8[1]",  "ext(1,1i64)"};
  enum { KINDS = sizeof kinds / sizeof *kinds };
  for (int k = 0; k < KINDS; k++) {
    const ztc_value v = root_of(kinds[k]);
    bool b;
    int64_t n;
    double d;
    ztc_string s;
    const void *data;
    uint64_t size;
    ztc_type element;
    uint32_t id;
    ztc_value child;
    const ztc_status no = ZTC_TYPE_MISMATCH;
    ck_assert_status(ztc_value_bool(&v, &b), k == 1 ? ZTC_OK : no);
    ck_assert_status(ztc_value_i64(&v, &n), k == 2 ? ZTC_OK : no);
    ck_assert_status(ztc_value_f64(&v, &d), k == 2 || k == 3 ? ZTC_OK : no);
    ck_assert_status(ztc_value_string(&v, &s), k == 4 ? ZTC_OK : no);
    ck_assert_status(ztc_value_bytes(&v, &data, &size), k == 5 ? ZTC_OK : no);
    ck_assert_status(ztc_list_at(&v, 0, &child), k == 6 ? ZTC_OK : no);
    ck_assert_status(ztc_map_get(&v, "k", 1, ZTC_ASCII, &child), k == 7 ? ZTC_OK : no);
    ck_assert_status(ztc_map_at(&v, 0, &s, &child), k == 7 ? ZTC_OK : no);
    ck_assert_status(ztc_value_array(&v, &element, &data, &size), k == 8 ? ZTC_OK : no);
    ck_assert_status(ztc_value_ext(&v, &id, &child), k == 9 ? ZTC_OK : no);
    ck_assert_status(ztc_value_count(&v, &size), k >= 6 && k <= 8 ? ZTC_OK : no);
  }
}
END_TEST

START_TEST(integers_become_doubles_only_without_loss) {
  double d;
  ztc_value v = root_of("9007199254740992i64");
  ck_assert_ztc(ztc_value_f64(&v, &d));
  ck_assert_double_eq(d, 9007199254740992.0);
  v = root_of("9007199254740993i64");
  ck_assert_status(ztc_value_f64(&v, &d), ZTC_LOSSY);
  v = root_of("-9223372036854775808i64");
  ck_assert_ztc(ztc_value_f64(&v, &d));
  ck_assert_double_eq(d, -9223372036854775808.0);
  v = root_of("nanf64");
  ck_assert_ztc(ztc_value_f64(&v, &d));
  ck_assert(isnan(d));
}
END_TEST

START_TEST(a_key_is_found_whatever_its_encoding) {
  const ztc_value v = root_of("{\"a\":1i8,\"caf\xc3\xa9\":2i8,\"\xe6\x96\xb0\":3i8,\"\":4i8}");
  ztc_value child;
  int64_t n;
  const struct {
    const char *key;
    ztc_encoding encoding;
    int64_t expected; /* 0: none */
  } cases[] = {{"a", ZTC_ASCII, 1},
               {"a", ZTC_LATIN1, 1},
               {"a", ZTC_UTF8, 1},
               {"caf\xc3\xa9", ZTC_UTF8, 2},
               {"caf\xe9", ZTC_LATIN1, 2},
               {"caf\xe9", ZTC_UTF8, 0},
               {"caf\xc3\xa9", ZTC_LATIN1, 0},
               {"\xe6\x96\xb0", ZTC_UTF8, 3},
               {"\xe6\x96\xb0", ZTC_LATIN1, 0},
               {"", ZTC_UTF8, 4},
               {"b", ZTC_ASCII, 0},
               {"caf\xe9", ZTC_ASCII, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const ztc_status status =
        ztc_map_get(&v, cases[i].key, strlen(cases[i].key), cases[i].encoding, &child);
    ck_assert_status(status, cases[i].expected != 0 ? ZTC_OK : ZTC_NO_SUCH_KEY);
    if (cases[i].expected == 0)
      continue;
    ck_assert_ztc(ztc_value_i64(&child, &n));
    ck_assert_int_eq(n, cases[i].expected);
  }
}
END_TEST

/* A map of n entries "key0" … in a scattered order; wide ones are self-describing. */
static void check_wide_map(uint32_t n) {
  char *text = malloc(40 * (size_t)n + 8), *end = text;
  *end++ = '{';
  for (uint32_t i = 0; i < n; i++) {
    const uint32_t k = (uint32_t)((uint64_t)i * 7919 % n);
    end += sprintf(end, "%s\"key%u\":%ui32", i > 0 ? "," : "", k, k);
  }
  strcpy(end, "}");
  const ztc_value v = root_of(text);
  uint64_t count;
  ck_assert_ztc(ztc_value_count(&v, &count));
  ck_assert_uint_eq(count, n);
  ztc_value child;
  int64_t value;
  for (uint32_t k = 0; k < n; k++) {
    char key[16];
    sprintf(key, "key%u", k);
    ck_assert_ztc(ztc_map_get(&v, key, strlen(key), ZTC_ASCII, &child));
    ck_assert_ztc(ztc_value_i64(&child, &value));
    ck_assert_int_eq(value, k);
    ztc_string name;
    ck_assert_ztc(ztc_map_at(&v, k, &name, &child));
    ck_assert_ztc(ztc_value_i64(&child, &value));
    ck_assert_int_eq(value, (int64_t)k * 7919 % n);
  }
  ck_assert_status(ztc_map_get(&v, "key", 3, ZTC_ASCII, &child), ZTC_NO_SUCH_KEY);
  ck_assert_status(ztc_map_at(&v, n, &(ztc_string){0}, &child), ZTC_OUT_OF_RANGE);
  free(text);
}

START_TEST(maps_of_all_widths_find_each_key_and_keep_their_order) {
  for (uint32_t n = 1; n <= 40; n++)
    check_wide_map(n);
  check_wide_map(300);
  check_wide_map(5000);
}
END_TEST

START_TEST(array_elements_are_aligned) {
  const ztc_value v = root_of("[\"abc\",f64[1e0,2e0],\"defghijk\",i64[3]]");
  for (uint64_t i = 1; i <= 3; i += 2) {
    ztc_value array;
    ztc_type element;
    const void *data;
    uint64_t count;
    ck_assert_ztc(ztc_list_at(&v, i, &array));
    ck_assert_ztc(ztc_value_array(&array, &element, &data, &count));
    ck_assert_uint_eq(((uintptr_t)data - (uintptr_t)copy) % 8, 0);
  }
}
END_TEST

START_TEST(impossible_arguments_are_refused) {
  ztc_value v;
  ztc_schema *schema = NULL;
  const ztc_value some = root_of("1i64");
  (void)some;
  const ztc_schema *s = ztc_region_schema(region);
  ck_assert_status(ztc_value_root(NULL, 16, s, &v), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_value_root(copy, 16, schema, &v), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_value_root(copy, 0, s, &v), ZTC_CORRUPT);
  ck_assert_status(ztc_value_root(copy, UINT64_MAX, s, &v), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_workspace_create(UINT64_MAX, &(ztc_workspace *){NULL}),
                   ZTC_INVALID_ARGUMENT);
}
END_TEST

/* {"a":shared,"b":a list 500 deep with the same}: within the limits, as a reference begins anew. */
START_TEST(what_is_printed_as_part_of_a_value_is_printed_alone_too) {
  enum { SHARED = 100, AROUND = 500 };
  ztc_writer *w;
  uint32_t id;
  ck_assert_ztc(ztc_writer_create(test_path("deep.ztc"), 0, &w, NULL));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  for (int i = 0; i < SHARED; i++)
    ck_assert_ztc(ztc_writer_begin_list(w));
  for (int i = 0; i < SHARED; i++)
    ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  ck_assert_ztc(ztc_writer_begin_map(w));
  ck_assert_ztc(ztc_writer_key(w, "a", 1, ZTC_ASCII));
  ck_assert_ztc(ztc_writer_shared(w, id));
  ck_assert_ztc(ztc_writer_key(w, "b", 1, ZTC_ASCII));
  for (int i = 0; i < AROUND; i++)
    ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, id));
  for (int i = 0; i < AROUND; i++)
    ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("deep.ztc"), 0, &region, NULL));
  static const char *const paths[] = {"$", "a", "b"};
  static const size_t sizes[] = {11 + 2 * SHARED + 2 + 2 + 2 * AROUND, 2 * SHARED,
                                 2 * (SHARED + AROUND)};
  for (size_t i = 0; i < 3; i++) {
    static uint8_t copy[32768];
    uint64_t size;
    ztc_value value;
    ck_assert_ztc(ztc_copy_path(region, 0, paths[i], copy, sizeof copy, &size, NULL, NULL));
    ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(region), &value));
    char *text = text_of(&value);
    ck_assert_uint_eq(strlen(text), sizes[i]);
    free(text);
  }
  ztc_region_free(region);
}
END_TEST

START_TEST(printing_stops_when_the_sink_says_so) {
  const ztc_value v = root_of("[1i64,2i64,3i64]");
  ck_assert_status(ztc_value_text(&v, NULL, NULL, NULL), ZTC_INVALID_ARGUMENT);
}
END_TEST

START_TEST(every_status_has_a_name_and_a_text) {
#define CHECK(code, name, text)                                                                    \
  ck_assert_str_eq(ztc_status_name(ZTC_##name), #name);                                            \
  ck_assert_str_eq(ztc_status_text(ZTC_##name), text);                                             \
  ck_assert_int_eq(ZTC_##name, code);
  ZTC_STATUS_LIST(CHECK)
#undef CHECK
  ck_assert_str_eq(ztc_status_name((ztc_status)9999), "UNKNOWN");
  ck_assert_uint_eq(ztc_abi_version(), ZTC_ABI_VERSION);
  ck_assert_str_eq(ztc_version(), ZTC_VERSION_STRING);
}
END_TEST

/* A copy of a row says which row of its list it is. */
START_TEST(a_row_that_its_list_does_not_have_is_no_value) {
  root_of("[{\"x\":1i32,\"y\":\"a longer text\"},{\"x\":2i32,\"y\":\"a longer text, too\"}]");
  uint64_t size;
  ztc_value root;
  ck_assert_ztc(ztc_copy_path(region, 0, "[1]", copy, sizeof copy, &size, NULL, NULL));
  uint8_t *exact = malloc(size); /* so that a sanitizer sees a read past it */
  memcpy(exact, copy, size);
  uint32_t row;
  memcpy(&row, exact + ZTC__GRAPH_ROW, sizeof row);
  ck_assert_uint_eq(row, 2); /* counted from 1; 0: the list itself */
  for (row = 0; row <= 2; row++) {
    memcpy(exact + ZTC__GRAPH_ROW, &row, sizeof row);
    ck_assert_ztc(ztc_value_root(exact, size, ztc_region_schema(region), &root));
  }
  const uint32_t others[] = {3, 4, 1000, UINT32_C(0x08000001), UINT32_C(0x80000001), UINT32_MAX};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    memcpy(exact + ZTC__GRAPH_ROW, &others[i], sizeof row);
    ck_assert_status(ztc_value_root(exact, size, ztc_region_schema(region), &root), ZTC_CORRUPT);
  }
  free(exact);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_checked_fixture(tests, NULL, forget);
  tcase_add_test(tests, getters_refuse_other_types);
  tcase_add_test(tests, integers_become_doubles_only_without_loss);
  tcase_add_test(tests, a_key_is_found_whatever_its_encoding);
  tcase_add_test(tests, maps_of_all_widths_find_each_key_and_keep_their_order);
  tcase_add_test(tests, array_elements_are_aligned);
  tcase_add_test(tests, a_row_that_its_list_does_not_have_is_no_value);
  tcase_add_test(tests, impossible_arguments_are_refused);
  tcase_add_test(tests, what_is_printed_as_part_of_a_value_is_printed_alone_too);
  tcase_add_test(tests, printing_stops_when_the_sink_says_so);
  tcase_add_test(tests, every_status_has_a_name_and_a_text);
}

ZTC_TEST_MAIN("value", fill)
