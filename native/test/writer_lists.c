/* Maps whose keys come from a list: what is stored is what key events would have given. */
#include "main.h"
#include "support.h"

typedef struct stream {
  uint8_t bytes[4096];
  size_t size;
} stream;

static void put(stream *s, const void *data, size_t size) {
  ck_assert_uint_le(size, sizeof s->bytes - s->size);
  memcpy(s->bytes + s->size, data, size);
  s->size += size;
}

static void event(stream *s, uint8_t opcode) {
  put(s, &opcode, 1);
}

static void numbered(stream *s, uint8_t opcode, uint32_t number) {
  event(s, opcode);
  put(s, &number, 4);
}

static void define_list(stream *s, const uint32_t *keys, uint32_t count) {
  numbered(s, 0x2e, count);
  put(s, keys, count * sizeof *keys);
}

static void plain_key(stream *s, const char *key) {
  numbered(s, 0x28, (uint32_t)strlen(key));
  put(s, key, strlen(key));
}

static void define_key(stream *s, const char *key) {
  const uint32_t size = (uint32_t)strlen(key);
  event(s, 0x2c);
  event(s, ZTC_ASCII);
  put(s, &size, 4);
  put(s, key, size);
}

static void i8(stream *s, uint8_t value) {
  event(s, 0x03);
  event(s, value);
}

/* A record that defines the keys a, b, c and "a long key"; what comes next may use lists of them.
 */
static void define_keys(stream *s) {
  static const char *const names[] = {"a", "b", "c", "a long key"};
  event(s, 0x21);
  for (uint8_t i = 0; i < 4; i++) {
    define_key(s, names[i]);
    i8(s, i);
  }
  event(s, 0x23);
  event(s, 0x3f);
}

static const char *const defining = "{\"a\":0i8,\"b\":1i8,\"c\":2i8,\"a long key\":3i8}";

static ztc_writer *create(const char *name) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path(name), 0, &w, NULL));
  return w;
}

/* Feeds the stream whole, or in pieces of one event less than any, and expects these records. */
static void expect(const stream *s, const char *const *texts) {
  ztc_writer *w = create("lists.ztc");
  ztc_error error = {.message = ""};
  const ztc_status status = ztc_writer_feed(w, s->bytes, s->size, &error);
  ck_assert_msg(status == ZTC_OK, "%s", error.message);
  ck_assert_ztc(ztc_writer_publish(w, &error));
  publish_texts(test_path("texts.ztc"), texts);
  image found = image_read(test_path("lists.ztc")), expected = image_read(test_path("texts.ztc"));
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("lists.ztc"), ZTC_OPEN_VERIFY_ALL, &region, NULL));
  for (uint64_t i = 0; texts[i] != NULL; i++) {
    char *text = text_of_record(region, i);
    ck_assert_str_eq(text, texts[i]);
    free(text);
  }
  ztc_region_free(region);
  ck_assert_uint_eq(found.size, expected.size);
  ck_assert(memcmp(found.bytes, expected.bytes, found.size) == 0);
  image_free(&found);
  image_free(&expected);
}

START_TEST(values_take_the_keys_of_a_list_in_turn) {
  stream s = {.size = 0};
  define_keys(&s);
  define_list(&s, (uint32_t[]){3, 0}, 2);
  for (uint8_t round = 0; round < 3; round++) { /* unknown shape, known shape, other types */
    numbered(&s, 0x2f, 0);
    i8(&s, round);
    if (round < 2) {
      i8(&s, 7);
    } else {
      event(&s, 0x00);
    }
    event(&s, 0x23);
    event(&s, 0x3f);
  }
  expect(&s, (const char *const[]){defining, "{\"a long key\":0i8,\"a\":7i8}",
                                   "{\"a long key\":1i8,\"a\":7i8}",
                                   "{\"a long key\":2i8,\"a\":null}", NULL});
}
END_TEST

/* In a record that defines the keys itself, so that the interner does not know them. */
START_TEST(a_list_may_have_keys_that_no_record_had_before) {
  stream s = {.size = 0};
  event(&s, 0x20);
  event(&s, 0x21);
  define_key(&s, "a");
  i8(&s, 1);
  define_key(&s, "another long key");
  i8(&s, 2);
  event(&s, 0x23);
  define_list(&s, (uint32_t[]){1, 0}, 2);
  for (int i = 0; i < 2; i++) {
    numbered(&s, 0x2f, 0);
    i8(&s, 3);
    i8(&s, 4);
    event(&s, 0x23);
  }
  numbered(&s, 0x2f, 0);
  i8(&s, 5);
  event(&s, 0x23);
  event(&s, 0x23);
  event(&s, 0x3f);
  expect(&s,
         (const char *const[]){"[{\"a\":1i8,\"another long key\":2i8},"
                               "{\"another long key\":3i8,\"a\":4i8},"
                               "{\"another long key\":3i8,\"a\":4i8},{\"another long key\":5i8}]",
                               NULL});
}
END_TEST

START_TEST(maps_with_lists_lie_inside_each_other) {
  stream s = {.size = 0};
  define_keys(&s);
  define_list(&s, (uint32_t[]){0, 1, 2}, 3);
  for (int round = 0; round < 2; round++) {
    numbered(&s, 0x2f, 0);
    i8(&s, 1);
    numbered(&s, 0x2f, 0);
    event(&s, 0x20);
    numbered(&s, 0x2f, 0);
    i8(&s, 2);
    i8(&s, 3);
    i8(&s, 4);
    event(&s, 0x23);
    event(&s, 0x23);
    i8(&s, 5);
    i8(&s, 6);
    event(&s, 0x23);
    i8(&s, 7);
    event(&s, 0x23);
    event(&s, 0x3f);
  }
  static const char *const text =
      "{\"a\":1i8,\"b\":{\"a\":[{\"a\":2i8,\"b\":3i8,\"c\":4i8}],\"b\":5i8,\"c\":6i8},\"c\":7i8}";
  expect(&s, (const char *const[]){defining, text, text, NULL});
}
END_TEST

START_TEST(a_map_may_end_before_its_list_leave_it_for_a_key_or_go_beyond_it) {
  stream s = {.size = 0};
  define_keys(&s);
  define_list(&s, (uint32_t[]){0, 1}, 2);
  for (int round = 0; round < 2; round++) {
    event(&s, 0x20);
    numbered(&s, 0x2f, 0);
    event(&s, 0x23);
    numbered(&s, 0x2f, 0);
    i8(&s, 1);
    event(&s, 0x23);
    numbered(&s, 0x2f, 0);
    i8(&s, 1);
    numbered(&s, 0x2d, 2);
    i8(&s, 2);
    plain_key(&s, "d");
    i8(&s, 3);
    event(&s, 0x23);
    numbered(&s, 0x2f, 0);
    plain_key(&s, "e");
    i8(&s, 4);
    event(&s, 0x23);
    numbered(&s, 0x2f, 0);
    i8(&s, 5);
    i8(&s, 6);
    plain_key(&s, "f");
    i8(&s, 7);
    event(&s, 0x23);
    event(&s, 0x23);
    event(&s, 0x3f);
  }
  static const char *const text = "[{},{\"a\":1i8},{\"a\":1i8,\"c\":2i8,\"d\":3i8},{\"e\":4i8},"
                                  "{\"a\":5i8,\"b\":6i8,\"f\":7i8}]";
  expect(&s, (const char *const[]){defining, text, text, NULL});
}
END_TEST

typedef struct wrong {
  const char *events; /* behind the keys, and list 0 of a and b */
  size_t size;
  ztc_status status;
  const char *message;
} wrong;
#define WRONG(events, status, message)                                                             \
  { events, sizeof(events) - 1, status, message }

START_TEST(what_a_list_does_not_allow_is_an_error_that_says_where) {
  static const wrong all[] = {
      WRONG("\x2f\x01\0\0\0", ZTC_INVALID_ARGUMENT,
            "record 1: $: list of keys number 1 is not defined; there are 1"),
      WRONG("\x2f\xff\xff\xff\xff", ZTC_INVALID_ARGUMENT,
            "record 1: $: list of keys number 4294967295 is not defined; there are 1"),
      WRONG("\x2e\x02\0\0\0\0\0\0\0\x04\0\0\0", ZTC_INVALID_ARGUMENT,
            "record 1: $: key number 4 of a list is not defined; there are 4"),
      WRONG("\x2e\0\0\0\0", ZTC_INVALID_ARGUMENT,
            "record 1: $: a list of 0 keys; 1 to 1024 are possible"),
      WRONG("\x2e\xff\xff\xff\xff\0\0\0\0", ZTC_INVALID_ARGUMENT,
            "record 1: $: the event is cut short"),
      WRONG("\x2f\0\0\0\0\x00\x00\x00", ZTC_WRONG_STATE,
            "record 1: $: a key must come before the value"),
      WRONG("\x2f\0\0\0\0\x00\x77", ZTC_INVALID_ARGUMENT, "record 1: $.b: 0x77 is not an event"),
      WRONG("\x2f\0\0\0\0\x00\x2f\0\0\0\0\x77", ZTC_INVALID_ARGUMENT,
            "record 1: $.b.a: 0x77 is not an event"),
      WRONG("\x2f\0\0\0\0\x28\x01\0\0\0z\x23", ZTC_WRONG_STATE,
            "record 1: $.z: the map ends between a key and its value"),
      WRONG("\x2f\0\0\0\0\x28\x01\0\0\0z\x28\x01\0\0\0y", ZTC_WRONG_STATE,
            "record 1: $.z: a second key without a value between"),
      WRONG("\x2f\0\0\0\0\x30\0\0\0\0\x23", ZTC_WRONG_STATE,
            "record 1: $.a: a label before an end"),
      WRONG("\x2f\0\0\0\0\x30\0\0\0\0\x2d\0\0\0\0", ZTC_WRONG_STATE,
            "record 1: $.a: a label before a key"),
      WRONG("\x2f\0\0\0\0\x00\x2d\0\0\0\0\x00\x23", ZTC_DUPLICATE_KEY,
            "record 1: $.a: entries 0 and 1 of the map have this key"),
      WRONG("\x2e\x02\0\0\0\x02\0\0\0\x02\0\0\0\x2f\x01\0\0\0\x00\x00\x23", ZTC_DUPLICATE_KEY,
            "record 1: $.c: entries 0 and 1 of the map have this key"),
      WRONG("\x00\x2f\0\0\0\0", ZTC_WRONG_STATE,
            "record 1: $: there is a value already; end the record first")};
  stream s = {.size = 0};
  define_keys(&s);
  define_list(&s, (uint32_t[]){0, 1}, 2);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    ztc_writer *w = create("wrong.ztc");
    ztc_error error;
    ck_assert_ztc(ztc_writer_feed(w, s.bytes, s.size, NULL));
    ck_assert_status(ztc_writer_feed(w, all[i].events, all[i].size, &error), all[i].status);
    ck_assert_str_eq(error.message, all[i].message);
    ck_assert_ztc(ztc_writer_discard_record(w));
    static const uint8_t right[] = {0x2f, 0, 0, 0, 0, 0x00, 0x01, 0x23, 0x3f};
    ck_assert_ztc(ztc_writer_feed(w, right, sizeof right, NULL));
    ck_assert_uint_eq(ztc_writer_count(w), 2);
    ck_assert_ztc(ztc_writer_publish(w, NULL));
  }
}
END_TEST

START_TEST(lists_have_limits) {
  ztc_writer *w = create("limits.ztc");
  ztc_error error;
  static uint8_t large[12 + 70000];
  memset(large, 'x', sizeof large);
  memcpy(large, "\x21\x2c\x00\x70\x11\x01\x00", 7);
  ck_assert_ztc(ztc_writer_feed(w, large, 7 + 70000, NULL)); /* a key of 70000 bytes */
  ck_assert_status(ztc_writer_feed(w, "\x2e\x01\0\0\0\0\0\0\0", 9, &error), ZTC_TOO_LARGE);
  ck_assert_ztc(ztc_writer_discard_record(w));
  ck_assert_ztc(ztc_writer_feed(w, "\x21\x2c\x00\x01\0\0\0k\x00\x23\x3f", 11, NULL));
  uint32_t *numbers = malloc(1025 * sizeof *numbers);
  for (int i = 0; i < 1025; i++)
    numbers[i] = 1;
  stream *s = malloc(sizeof *s + 4096);
  s->size = 0;
  numbered(s, 0x2e, 1025);
  uint8_t *list = malloc(5 + 1025 * 4);
  memcpy(list, s->bytes, 5);
  memcpy(list + 5, numbers, 1025 * 4);
  ck_assert_status(ztc_writer_feed(w, list, 5 + 1025 * 4, &error), ZTC_INVALID_ARGUMENT);
  ck_assert_ztc(ztc_writer_discard_record(w));
  memcpy(list + 1, (uint32_t[]){1024}, 4);
  for (int i = 0; i < 1024; i++)
    ck_assert_ztc(ztc_writer_feed(w, list, 5 + 1024 * 4, &error));
  ck_assert_status(ztc_writer_feed(w, "\x2e\x01\0\0\0\x01\0\0\0", 9, &error), ZTC_INVALID_ARGUMENT);
  free(list);
  free(s);
  free(numbers);
  ztc_writer_abort(w);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, values_take_the_keys_of_a_list_in_turn);
  tcase_add_test(tests, a_list_may_have_keys_that_no_record_had_before);
  tcase_add_test(tests, maps_with_lists_lie_inside_each_other);
  tcase_add_test(tests, a_map_may_end_before_its_list_leave_it_for_a_key_or_go_beyond_it);
  tcase_add_test(tests, what_a_list_does_not_allow_is_an_error_that_says_where);
  tcase_add_test(tests, lists_have_limits);
}

ZTC_TEST_MAIN("writer_lists", fill)
