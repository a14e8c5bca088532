/* What cannot be stored is refused, with the place, and the writer goes on. */
#include <stdio.h>

#include "main.h"
#include "support.h"

static ztc_writer *create(void) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path("errors.ztc"), 0, &w, NULL));
  return w;
}

static void key(ztc_writer *w, const char *text) {
  ck_assert_ztc(ztc_writer_key(w, text, strlen(text), ZTC_UTF8));
}

/* The last error is this one, and stays until the record is discarded. */
static void check_error(ztc_writer *w, ztc_status status, const char *message) {
  ztc_error error;
  ztc_writer_error(w, &error);
  ck_assert_int_eq(error.status, status);
  ck_assert_str_eq(error.message, message);
  ck_assert_status(ztc_writer_null(w), status);
  ck_assert_status(ztc_writer_end_record(w, NULL), status);
  ck_assert_ztc(ztc_writer_discard_record(w));
}

START_TEST(values_that_do_not_fit_name_record_and_path) {
  ztc_writer *w = create();
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_begin_map(w));
  key(w, "prefs");
  ck_assert_ztc(ztc_writer_begin_map(w));
  key(w, "score");
  ck_assert_status(ztc_writer_int(w, ZTC_TYPE_I8, 128), ZTC_UNSTORABLE);
  check_error(w, ZTC_UNSTORABLE, "record 1: $.prefs.score: 128 does not fit 8 bits");

  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I16, -32768));
  ck_assert_ztc(ztc_writer_begin_map(w));
  key(w, "any \"key\" \xc3\xa9\xe2\x82\xac\n");
  ck_assert_status(ztc_writer_string(w, "ab\xff", 3, ZTC_UTF8), ZTC_UNSTORABLE);
  check_error(w, ZTC_UNSTORABLE,
              "record 1: $[1][\"any \\\"key\\\" \xc3\xa9\xe2\x82\xac\\u000a\"]: the text is not "
              "well-formed UTF-8 at its byte 2");

  ck_assert_status(ztc_writer_int(w, ZTC_TYPE_F64, 1), ZTC_INVALID_ARGUMENT);
  check_error(w, ZTC_INVALID_ARGUMENT, "record 1: $: 7 is not an integer type");
  ck_assert_status(ztc_writer_array(w, ZTC_TYPE_STRING, "", 0), ZTC_INVALID_ARGUMENT);
  check_error(w, ZTC_INVALID_ARGUMENT, "record 1: $: 8 is not an element type");
  ztc_writer_abort(w);
}
END_TEST

START_TEST(integers_at_the_edge_of_their_width_are_stored) {
  static const struct {
    ztc_type type;
    int64_t value;
    bool fits;
  } cases[] = {{ZTC_TYPE_I8, 127, true},        {ZTC_TYPE_I8, -128, true},
               {ZTC_TYPE_I8, -129, false},      {ZTC_TYPE_I16, 32767, true},
               {ZTC_TYPE_I16, 32768, false},    {ZTC_TYPE_I16, -32769, false},
               {ZTC_TYPE_I32, INT32_MAX, true}, {ZTC_TYPE_I32, INT32_MAX + 1LL, false},
               {ZTC_TYPE_I32, INT32_MIN, true}, {ZTC_TYPE_I32, INT32_MIN - 1LL, false},
               {ZTC_TYPE_I64, INT64_MAX, true}, {ZTC_TYPE_I64, INT64_MIN, true}};
  ztc_writer *w = create();
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ck_assert_status(ztc_writer_int(w, cases[i].type, cases[i].value),
                     cases[i].fits ? ZTC_OK : ZTC_UNSTORABLE);
    ck_assert_ztc(ztc_writer_discard_record(w));
  }
  ztc_writer_abort(w);
}
END_TEST

START_TEST(the_grammar_is_kept) {
  ztc_writer *w = create();
  ck_assert_status(ztc_writer_end_record(w, NULL), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: there is no value");
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_status(ztc_writer_null(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: there is a value already; end the record first");
  ck_assert_status(ztc_writer_end(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: an end without a list, map or ext");
  ck_assert_status(ztc_writer_key(w, "a", 1, ZTC_UTF8), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: a key outside a map");
  ck_assert_ztc(ztc_writer_begin_map(w));
  ck_assert_status(ztc_writer_null(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: a key must come before the value");
  ck_assert_ztc(ztc_writer_begin_map(w));
  key(w, "a");
  ck_assert_status(ztc_writer_key(w, "b", 1, ZTC_UTF8), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $.a: a second key without a value between");
  ck_assert_ztc(ztc_writer_begin_map(w));
  key(w, "a");
  ck_assert_status(ztc_writer_end(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $.a: the map ends between a key and its value");
  ck_assert_ztc(ztc_writer_begin_ext(w, 3));
  ck_assert_status(ztc_writer_end(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: the ext has no payload");
  ck_assert_ztc(ztc_writer_begin_ext(w, 3));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_status(ztc_writer_null(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: an ext has one payload value, not two");
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_status(ztc_writer_end_record(w, NULL), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $[0]: 1 containers are still open");
  ztc_writer_abort(w);
}
END_TEST

START_TEST(labels_name_containers_once) {
  ztc_writer *w = create();
  ck_assert_ztc(ztc_writer_label(w, 5));
  ck_assert_status(ztc_writer_null(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: a label names a list, map, array or ext only");
  ck_assert_ztc(ztc_writer_label(w, 5));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_status(ztc_writer_label(w, 5), ZTC_INVALID_ARGUMENT);
  check_error(w, ZTC_INVALID_ARGUMENT, "record 0: $[0]: label 5 is given twice");
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_status(ztc_writer_ref(w, 5), ZTC_INVALID_ARGUMENT); /* that was another record */
  check_error(w, ZTC_INVALID_ARGUMENT, "record 0: $[0]: no container has label 5 so far");
  ck_assert_ztc(ztc_writer_begin_list(w));
  for (uint32_t i = 0; i < 1000; i++) {
    ck_assert_ztc(ztc_writer_label(w, i * 0x10001));
    ck_assert_ztc(ztc_writer_begin_list(w));
    ck_assert_ztc(ztc_writer_end(w));
  }
  for (uint32_t i = 0; i < 1000; i++)
    ck_assert_ztc(ztc_writer_ref(w, i * 0x10001));
  ck_assert_status(ztc_writer_ref(w, 1000 * 0x10001), ZTC_INVALID_ARGUMENT);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_map_with_the_same_key_twice_is_refused_as_shape_and_as_dict) {
  ztc_writer *w = create();
  for (int n = 3; n < 5000; n += 4990) {
    ck_assert_ztc(ztc_writer_begin_list(w));
    ck_assert_ztc(ztc_writer_begin_map(w));
    for (int i = 0; i < n; i++) {
      char name[16];
      snprintf(name, sizeof name, "k%d", i == n - 1 ? 1 : i);
      key(w, name);
      ck_assert_ztc(ztc_writer_null(w));
    }
    ck_assert_status(ztc_writer_end(w), ZTC_DUPLICATE_KEY);
    char expected[128];
    snprintf(expected, sizeof expected,
             "record 0: $[0].k1: entries 1 and %d of the map have this key", n - 1);
    check_error(w, ZTC_DUPLICATE_KEY, expected);
  }
  ztc_writer_abort(w);
}
END_TEST

START_TEST(containers_nest_512_deep_and_no_deeper) {
  ztc_writer *w = create();
  for (int i = 0; i < ZTC_MAX_DEPTH; i++)
    ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_status(ztc_writer_begin_list(w), ZTC_TOO_DEEP);
  ztc_error error;
  ztc_writer_error(w, &error);
  ck_assert(strstr(error.message, "record 0: $[0][0][0]") == error.message);
  ck_assert_ptr_ne(strstr(error.message, "...: more than 512 containers"), NULL);
  ck_assert_ztc(ztc_writer_discard_record(w));
  for (int i = 0; i < ZTC_MAX_DEPTH; i++)
    ck_assert_ztc(ztc_writer_begin_list(w));
  for (int i = 0; i < ZTC_MAX_DEPTH; i++)
    ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_publish(w, &error));
}
END_TEST

START_TEST(shared_nodes_are_reserved_then_defined_then_used) {
  ztc_writer *w = create();
  uint32_t id;
  ck_assert_status(ztc_writer_shared(w, 0), ZTC_INVALID_ARGUMENT);
  check_error(w, ZTC_INVALID_ARGUMENT, "record 0: $: shared node 0 is not reserved; there are 0");
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, id));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_status(ztc_writer_end_record(w, NULL), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE,
              "record 0: $: shared node 0 is used here, but it is not defined yet");
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_status(ztc_writer_end_record(w, NULL), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "shared node 0: $: the definition of a shared node is not ended");
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_status(ztc_writer_shared(w, id), ZTC_INVALID_ARGUMENT);
  check_error(w, ZTC_INVALID_ARGUMENT,
              "shared node 0: $: a shared node cannot be just another one; use that one itself");
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  ck_assert_status(ztc_writer_begin_shared(w, id), ZTC_INVALID_ARGUMENT);
  check_error(w, ZTC_INVALID_ARGUMENT, "record 0: $: shared node 0 is defined already");
  ck_assert_status(ztc_writer_end_shared(w), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: no shared node was begun");
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_status(ztc_writer_begin_shared(w, id), ZTC_WRONG_STATE);
  check_error(w, ZTC_WRONG_STATE, "record 0: $: a shared node can only begin between records");
  ztc_writer_abort(w);
}
END_TEST

/* Each is shallow, but a reader that follows them nests too deeply. */
START_TEST(a_chain_of_shared_nodes_counts_as_depth) {
  enum { CHAIN = 520 };
  ztc_writer *w = create();
  for (uint32_t i = 0, id; i < CHAIN; i++)
    ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  for (uint32_t i = 0; i < CHAIN; i++) {
    ck_assert_ztc(ztc_writer_begin_shared(w, i));
    ck_assert_ztc(ztc_writer_begin_list(w));
    if (i + 1 < CHAIN)
      ck_assert_ztc(ztc_writer_shared(w, i + 1));
    ck_assert_ztc(ztc_writer_end(w));
    ck_assert_ztc(ztc_writer_end_shared(w));
  }
  for (int deep = 1; deep >= 0; deep--) {
    ck_assert_ztc(ztc_writer_begin_list(w));
    ck_assert_ztc(ztc_writer_shared(w, CHAIN - ZTC_MAX_DEPTH + (deep ? 0 : 1)));
    ck_assert_ztc(ztc_writer_end(w));
    ck_assert_status(ztc_writer_end_record(w, NULL), deep ? ZTC_TOO_DEEP : ZTC_OK);
    ck_assert_ztc(ztc_writer_discard_record(w));
  }
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("errors.ztc"), 0, &region, NULL));
  free(text_of_record(region, 0));
  ztc_region_free(region);
}
END_TEST

START_TEST(strings_and_records_above_the_limit_are_refused) {
  ztc_writer *w = create();
  ck_assert_status(ztc_writer_string(w, "x", UINT64_C(1) << 31, ZTC_UTF8), ZTC_TOO_LARGE);
  ck_assert_ztc(ztc_writer_discard_record(w));
  ck_assert_status(ztc_writer_bytes(w, "x", ZTC_MAX_RECORD_SIZE + 1), ZTC_TOO_LARGE);
  ck_assert_ztc(ztc_writer_discard_record(w));
  ck_assert_status(ztc_writer_array(w, ZTC_TYPE_F64, "x", UINT64_MAX / 8 + 2), ZTC_TOO_LARGE);
  ck_assert_ztc(ztc_writer_discard_record(w));
  enum { PIECE = 64 << 20 };
  char *piece = calloc(1, PIECE);
  ck_assert_ztc(ztc_writer_begin_list(w));
  ztc_status status = ZTC_OK;
  int pieces = 0;
  while (status == ZTC_OK) {
    status = ztc_writer_bytes(w, piece, PIECE);
    pieces++;
  }
  ck_assert_status(status, ZTC_TOO_LARGE);
  ck_assert_int_eq(pieces, 32);
  ztc_error error;
  ztc_writer_error(w, &error);
  ck_assert_str_eq(error.message, "record 0: $[31]: the record exceeds 2147483584 bytes here");
  free(piece);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(an_error_in_events_has_its_offset_and_keeps_complete_records) {
  ztc_writer *w = create();
  ztc_error error;
  /* null, end record; list, false, 0x77 */
  ck_assert_status(ztc_writer_feed(w, "\x00\x3f\x20\x01\x77\x23\x3f", 7, &error),
                   ZTC_INVALID_ARGUMENT);
  ck_assert_uint_eq(error.offset, 4);
  ck_assert_str_eq(error.message, "record 1: $[1]: 0x77 is not an event");
  ck_assert_uint_eq(ztc_writer_count(w), 1);
  ck_assert_status(ztc_writer_feed(w, "\x3f", 1, &error), ZTC_INVALID_ARGUMENT);
  ck_assert_ztc(ztc_writer_discard_record(w));
  /* a map in two pieces */
  ck_assert_ztc(ztc_writer_feed(w, "\x21\x2c\x00\x01\x00\x00\x00k", 8, &error));
  ck_assert_ztc(ztc_writer_feed(w, "\x02\x23\x3f\x21\x2d\x00\x00\x00\x00\x01\x23\x3f", 12, &error));
  ck_assert_uint_eq(ztc_writer_count(w), 3);
  ck_assert_ztc(ztc_writer_publish(w, &error));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("errors.ztc"), 0, &region, NULL));
  static const char *const expected[] = {"null", "{\"k\":true}", "{\"k\":false}"};
  for (uint64_t i = 0; i < 3; i++) {
    char *text = text_of_record(region, i);
    ck_assert_str_eq(text, expected[i]);
    free(text);
  }
  ztc_region_free(region);
}
END_TEST

START_TEST(events_cut_short_anywhere_are_refused) {
  static const char events[] =
      "\x21\x2c\x00\x01\x00\x00\x00k\x15\x03\x02\x00\x00\x00\x01\x02\x03\x04\x2a\x01\x00\x00\x00z"
      "\x22\x07\x00\x00\x00\x13\x02\x00\x00\x00q\x00\x23\x28\x01\x00\x00\x00y\x06\x01\x02\x03\x04"
      "\x05\x06\x07\x08\x23\x3f";
  const size_t size = sizeof events - 1;
  int whole = 0;
  for (size_t cut = 0; cut <= size; cut++) {
    ztc_writer *w = create();
    char *exact = malloc(cut + 1); /* so that a tool sees a read past the end */
    memcpy(exact, events, cut);
    const ztc_status status = ztc_writer_feed(w, exact, cut, NULL);
    ck_assert(status == ZTC_OK || status == ZTC_INVALID_ARGUMENT);
    whole += status == ZTC_OK;
    ck_assert_uint_eq(ztc_writer_count(w), cut == size);
    free(exact);
    ztc_writer_abort(w);
  }
  ck_assert_int_eq(whole, 12); /* before, between and behind the events */
}
END_TEST

START_TEST(events_of_key_lists_cut_short_anywhere_are_refused) {
  static const uint8_t begin[] = {0x21, 0x2c, 0, 1, 0, 0, 0, 'k', 0x00};
  static const uint8_t events[] = {0x2e, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2f, 0, 0, 0, 0};
  for (size_t cut = 0; cut <= sizeof events; cut++) {
    ztc_writer *w = create();
    ck_assert_ztc(ztc_writer_feed(w, begin, sizeof begin, NULL));
    uint8_t *exact = malloc(cut + 1);
    memcpy(exact, events, cut);
    ztc_error error;
    const ztc_status status = ztc_writer_feed(w, exact, cut, &error);
    if (cut == 0 || cut == 13) {
      ck_assert_ztc(status);
    } else if (cut == sizeof events) { /* a map where a key must come */
      ck_assert_status(status, ZTC_WRONG_STATE);
    } else {
      ck_assert_status(status, ZTC_INVALID_ARGUMENT);
      ck_assert_ptr_nonnull(strstr(error.message, "the event is cut short"));
    }
    free(exact);
    ztc_writer_abort(w);
  }
}
END_TEST

START_TEST(random_bytes_are_no_danger) {
  uint64_t seed = 0x1234567;
  for (int round = 0; round < 1000; round++) {
    ztc_writer *w = create();
    uint8_t bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++) {
      static const uint8_t likely[] = {0x00, 0x20, 0x21, 0x22, 0x23, 0x28, 0x2c, 0x2d,
                                       0x30, 0x31, 0x3f, 0x12, 0x01, 0x2e, 0x03, 0x2f};
      const uint64_t r = next_random(&seed) >> 20;
      bytes[i] = r % 3 == 0 ? (uint8_t)(r >> 8) : r % 3 == 1 ? 0 : likely[(r >> 8) % 16];
    }
    size_t at = 0;
    ztc_error error;
    while (at < sizeof bytes) {
      if (ztc_writer_feed(w, bytes + at, sizeof bytes - at, &error) == ZTC_OK)
        break;
      at += error.offset + 1;
      ck_assert_ztc(ztc_writer_discard_record(w));
    }
    ck_assert_ztc(ztc_writer_discard_record(w));
    if (ztc_writer_count(w) > 0) {
      ck_assert_ztc(ztc_writer_publish(w, &error));
    } else {
      ztc_writer_abort(w);
    }
  }
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, values_that_do_not_fit_name_record_and_path);
  tcase_add_test(tests, integers_at_the_edge_of_their_width_are_stored);
  tcase_add_test(tests, the_grammar_is_kept);
  tcase_add_test(tests, labels_name_containers_once);
  tcase_add_test(tests, a_map_with_the_same_key_twice_is_refused_as_shape_and_as_dict);
  tcase_add_test(tests, containers_nest_512_deep_and_no_deeper);
  tcase_add_test(tests, shared_nodes_are_reserved_then_defined_then_used);
  tcase_add_test(tests, a_chain_of_shared_nodes_counts_as_depth);
  tcase_add_test(tests, strings_and_records_above_the_limit_are_refused);
  tcase_add_test(tests, an_error_in_events_has_its_offset_and_keeps_complete_records);
  tcase_add_test(tests, events_cut_short_anywhere_are_refused);
  tcase_add_test(tests, events_of_key_lists_cut_short_anywhere_are_refused);
  tcase_add_test(tests, random_bytes_are_no_danger);
}

ZTC_TEST_MAIN("writer_errors", fill)
