/* Giving records keys: when, which, and what happens to two that are the same. */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "format.h"
#include "key_build.h"
#include "main.h"
#include "support.h"
#include "writer.h"

static ztc_writer *create(void) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path("keys.ztc"), 0, &w, NULL));
  return w;
}

static ztc_status give(ztc_writer *w, const char *text) {
  const ztc_key key = key_of(text);
  return ztc_writer_record_key(w, &key);
}

static void add(ztc_writer *w, const char *key) {
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(give(w, key));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
}

static ztc_region *publish(ztc_writer *w) {
  ztc_region *region;
  ztc_error error;
  ck_assert_msg(ztc_writer_publish(w, &error) == ZTC_OK, "%s", error.message);
  ck_assert_ztc(ztc_region_open(test_path("keys.ztc"), ZTC_OPEN_VERIFY_ALL, &region, NULL));
  return region;
}

static int64_t find(const ztc_region *region, const char *text) {
  const ztc_key key = key_of(text);
  uint64_t index;
  return ztc_index_of(region, &key, &index) == ZTC_OK ? (int64_t)index : -1;
}

static int files_left(void) {
  DIR *d = opendir(test_directory());
  int count = 0;
  for (struct dirent *e; (e = readdir(d)) != NULL;)
    count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
  closedir(d);
  return count;
}

START_TEST(a_key_may_come_before_inside_or_after_the_value) {
  ztc_writer *w = create();
  ck_assert_ztc(give(w, "before"));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_begin_map(w));
  ck_assert_ztc(ztc_writer_key(w, "k", 1, ZTC_ASCII));
  ck_assert_ztc(give(w, "inside"));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  add(w, "after");
  ztc_region *region = publish(w);
  ck_assert_int_eq(find(region, "before"), 0);
  ck_assert_int_eq(find(region, "inside"), 1);
  ck_assert_int_eq(find(region, "after"), 3);
  ck_assert_uint_eq(ztc_region_key_count(region), 3);
  ztc_region_free(region);
}
END_TEST

/* Nobody writes so many; what counts is that nothing of the record is written when it is said. */
START_TEST(a_record_behind_the_first_2_to_the_40_has_no_key_and_is_not_written) {
  ztc_writer *w = create();
  ztc_error error;
  const uint64_t last = ZTC__KEY_INDEX_MASK;
  ck_assert_ztc(ztc_writer_null(w));
  w->count = last;
  ck_assert_ztc(give(w, "the last one"));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  const uint64_t written = w->file.size, indexed = w->index.size;
  ck_assert_uint_eq(w->count, last + 1);
  ck_assert_ztc(ztc_writer_null(w));
  give(w, "one more");
  ck_assert_status(ztc_writer_end_record(w, NULL), ZTC_TOO_LARGE);
  ztc_writer_error(w, &error);
  ck_assert_ptr_nonnull(strstr(error.message, "2^40"));
  ck_assert_uint_eq(w->file.size, written);
  ck_assert_uint_eq(w->index.size, indexed);
  ck_assert_ztc(ztc_writer_discard_record(w));
  ck_assert_ztc(ztc_writer_null(w));
  uint64_t index;
  ck_assert_ztc(ztc_writer_end_record(w, &index));
  ck_assert_uint_eq(index, last + 1);
  ck_assert_uint_eq(w->index.size, indexed + ZTC__INDEX_ENTRY_SIZE);
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_record_has_one_key) {
  ztc_writer *w = create();
  ztc_error error;
  ck_assert_ztc(give(w, "one"));
  ck_assert_status(give(w, "two"), ZTC_WRONG_STATE);
  ztc_writer_error(w, &error);
  ck_assert_str_eq(error.message, "record 0: $: the record has a key already");
  ck_assert_ztc(ztc_writer_discard_record(w));
  add(w, "two");
  ztc_region *region = publish(w);
  ck_assert_int_eq(find(region, "one"), -1);
  ck_assert_int_eq(find(region, "two"), 0);
  ztc_region_free(region);
}
END_TEST

START_TEST(a_discarded_record_takes_its_key_with_it) {
  ztc_writer *w = create();
  ck_assert_ztc(give(w, "gone"));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_discard_record(w));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  add(w, "stays");
  ztc_region *region = publish(w);
  ck_assert_int_eq(find(region, "gone"), -1);
  ck_assert_int_eq(find(region, "stays"), 1);
  ztc_region_free(region);
}
END_TEST

START_TEST(shared_nodes_have_no_keys) {
  ztc_writer *w = create();
  ztc_error error;
  uint32_t id;
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(give(w, "a record's"));
  ck_assert_status(ztc_writer_begin_shared(w, id), ZTC_WRONG_STATE);
  ck_assert_ztc(ztc_writer_discard_record(w));
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_status(give(w, "a node's"), ZTC_WRONG_STATE);
  ztc_writer_error(w, &error);
  ck_assert_str_eq(error.message, "shared node 0: $: a shared node has no key, only records have");
  ztc_writer_abort(w);
}
END_TEST

START_TEST(a_key_without_its_record_is_not_published) {
  ztc_writer *w = create();
  ztc_error error;
  add(w, "whole");
  ck_assert_ztc(give(w, "half"));
  ck_assert_status(ztc_writer_publish(w, &error), ZTC_WRONG_STATE);
  ck_assert_int_eq(files_left(), 0);
}
END_TEST

START_TEST(keys_that_cannot_be_stored_say_why) {
  static uint8_t big[ZTC_MAX_KEY_SIZE + 1];
  memset(big, 0xe9, sizeof big);
  const struct {
    ztc_key key;
    ztc_status status;
    const char *message;
  } cases[] = {{{.type = ZTC_KEY_STRING, .encoding = ZTC_UTF8, .data = "ab\xff", .size = 3},
                ZTC_UNSTORABLE,
                "record 1: $: the record's key is ill-formed at byte 2"},
               {{.type = ZTC_KEY_STRING, .encoding = ZTC_ASCII, .data = "a\xc3\xbc", .size = 3},
                ZTC_UNSTORABLE,
                "record 1: $: the record's key is ill-formed at byte 1"},
               {{.type = ZTC_KEY_STRING, .encoding = ZTC_UTF16, .data = "a\0\x3d\xd8", .size = 4},
                ZTC_UNSTORABLE,
                "record 1: $: the record's key is ill-formed at byte 2"},
               {{.type = ZTC_KEY_BYTES, .data = big, .size = sizeof big},
                ZTC_TOO_LARGE,
                "record 1: $: the record's key has more than 65535 bytes"},
               {{.type = ZTC_KEY_STRING, .encoding = ZTC_LATIN1, .data = big, .size = 40000},
                ZTC_TOO_LARGE,
                "record 1: $: the record's key has more than 65535 bytes"},
               {{.type = (ztc_key_type)9},
                ZTC_INVALID_ARGUMENT,
                "record 1: $: the record's key has no data, or an unknown type or encoding"}};
  ztc_writer *w = create();
  add(w, "first");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ztc_error error;
    ck_assert_status(ztc_writer_record_key(w, &cases[i].key), cases[i].status);
    ztc_writer_error(w, &error);
    ck_assert_str_eq(error.message, cases[i].message);
    ck_assert_status(ztc_writer_null(w), cases[i].status);
    ck_assert_ztc(ztc_writer_discard_record(w));
  }
  ck_assert_status(ztc_writer_record_key(w, NULL), ZTC_INVALID_ARGUMENT);
  ck_assert_ztc(ztc_writer_discard_record(w));
  ck_assert_status(ztc_writer_record_key(NULL, &cases[0].key), ZTC_INVALID_ARGUMENT);
  const ztc_key largest = {.type = ZTC_KEY_BYTES, .data = big, .size = ZTC_MAX_KEY_SIZE};
  ck_assert_ztc(ztc_writer_record_key(w, &largest));
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ztc_region *region = publish(w);
  uint64_t index;
  ck_assert_ztc(ztc_index_of(region, &largest, &index));
  ck_assert_uint_eq(index, 1);
  ztc_region_free(region);
}
END_TEST

/* Publishes `count` records, two of which have the same key. */
static void check_duplicate(uint64_t count, uint64_t first, uint64_t second, const ztc_key *key,
                            const char *message) {
  ztc_writer *w = create();
  ztc_error error;
  for (uint64_t i = 0; i < count; i++) {
    const ztc_key number = {.type = ZTC_KEY_I64, .number = (int64_t)i};
    ck_assert_ztc(ztc_writer_null(w));
    ck_assert_ztc(ztc_writer_record_key(w, i == first || i == second ? key : &number));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
  }
  ck_assert_status(ztc_writer_publish(w, &error), ZTC_DUPLICATE_KEY);
  ck_assert_str_eq(error.message, message);
}

START_TEST(a_duplicate_key_names_itself_and_both_records) {
  static char text[1000];
  memset(text, 'y', sizeof text - 1);
  const ztc_key quoted = key_of("a \"b\"\n\xc3\xbc"), bytes = {ZTC_KEY_BYTES, 0, "\x01\xff", 2, 0},
                number = {.type = ZTC_KEY_I64, .number = -5}, longer = key_of(text);
  add(create(), "x"); /* what was there stays */
  check_duplicate(20, 3, 17, &quoted,
                  "records 3 and 17 have the same key, \"a \\\"b\\\"\\u000a\xc3\xbc\"; keys are "
                  "unique");
  check_duplicate(2, 0, 1, &bytes, "records 0 and 1 have the same key, x\"01ff\"; keys are unique");
  check_duplicate(20, 3, 4, &number, "records 3 and 4 have the same key, -5; keys are unique");
  check_duplicate(20, 3, 4, &longer,
                  "records 3 and 4 have the same key, "
                  "\"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...\"; keys "
                  "are unique");
  /* More than one bucket, and further apart than any buffer. */
  check_duplicate(300000, 5, 299990, &number,
                  "records 5 and 299990 have the same key, -5; keys are unique");
}
END_TEST

START_TEST(a_duplicate_key_leaves_the_old_region_and_nothing_else) {
  ztc_writer *w = create();
  add(w, "old");
  ztc_region_free(publish(w));
  image before = image_read(test_path("keys.ztc"));
  w = create();
  add(w, "new");
  add(w, "new");
  ck_assert_status(ztc_writer_publish(w, NULL), ZTC_DUPLICATE_KEY);
  image after = image_read(test_path("keys.ztc"));
  ck_assert_uint_eq(before.size, after.size);
  ck_assert_mem_eq(before.bytes, after.bytes, after.size);
  ck_assert_int_eq(files_left(), 1);
  w = create();
  add(w, "aborted");
  ztc_writer_abort(w);
  ck_assert_int_eq(files_left(), 1);
  image_free(&before);
  image_free(&after);
}
END_TEST

START_TEST(record_keys_come_as_events) {
  static const uint8_t events[] = {
      0x38, 1,    0,    0,    0,    'a',  0x00, 0x3f,                   /* ASCII */
      0x00, 0x39, 1,    0,    0,    0,    0xe9, 0x3f,                   /* Latin-1 */
      0x3a, 3,    0,    0,    0,    0xe2, 0x82, 0xac, 0x00, 0x3f,       /* UTF-8 */
      0x3b, 4,    0,    0,    0,    0x3d, 0xd8, 0,    0xde, 0x00, 0x3f, /* UTF-16 */
      0x3c, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x3f, /* an integer */
      0x3d, 2,    0,    0,    0,    0,    0xff, 0x00, 0x3f};            /* bytes */
  static const struct {
    size_t size;
    uint8_t events[8];
    ztc_status status;
  } bad[] = {{5, {0x38, 2, 0, 0, 0}, ZTC_INVALID_ARGUMENT},
             {3, {0x3c, 0, 0}, ZTC_INVALID_ARGUMENT},
             {6, {0x38, 1, 0, 0, 0, 0xe9}, ZTC_UNSTORABLE},
             {1, {0x3e}, ZTC_INVALID_ARGUMENT}};
  ztc_writer *w = create();
  ztc_error error;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ck_assert_status(ztc_writer_feed(w, bad[i].events, bad[i].size, &error), bad[i].status);
    ck_assert_ztc(ztc_writer_discard_record(w));
  }
  ck_assert_ztc(ztc_writer_feed(w, events, sizeof events, &error));
  ztc_region *region = publish(w);
  ck_assert_int_eq(find(region, "a"), 0);
  ck_assert_int_eq(find(region, "\xc3\xa9"), 1);
  ck_assert_int_eq(find(region, "\xe2\x82\xac"), 2);
  ck_assert_int_eq(find(region, "\xf0\x9f\x98\x80"), 3);
  const ztc_key others[] = {{.type = ZTC_KEY_I64, .number = -2},
                            {.type = ZTC_KEY_BYTES, .data = "\0\xff", .size = 2}};
  for (uint64_t i = 0; i < 2; i++) {
    uint64_t index;
    ck_assert_ztc(ztc_index_of(region, &others[i], &index));
    ck_assert_uint_eq(index, 4 + i);
  }
  ztc_region_free(region);
}
END_TEST

/* With a distance that only luck keeps, another seed is taken, always the same one. */
START_TEST(keys_that_meet_too_often_get_another_seed) {
  ztc_error error;
  int fd, moved = 0, failed = 0;
  for (int round = 0; round < 40; round++) {
    uint64_t seeds[2];
    for (int twice = 0; twice < 2; twice++) {
      ztc__staging staging;
      ztc__key_log log = {.file = {.fd = -1}};
      ztc__key_slots slots;
      uint64_t bad;
      ck_assert_ztc(ztc__staging_open(&staging, test_path("keys.ztc"), &fd, &error));
      close(fd);
      for (uint64_t i = 0; i < 6; i++) {
        const ztc_key key = {.type = ZTC_KEY_I64, .number = 100 * round + (int64_t)i};
        ck_assert_ztc(ztc__key_log_set(&log, &key, &bad));
        ck_assert_ztc(ztc__key_log_append(&log, i, &staging, &error));
      }
      const ztc_status status = ztc__key_slots_build(&slots, &log, 0, &staging, &error);
      seeds[twice] = slots.seed - log.seed;
      if (status == ZTC_OK) {
        ck_assert_uint_eq(slots.distance, 0);
        ck_assert_uint_eq(slots.file.size, 8 * slots.homes);
        moved += seeds[twice] > 0;
      } else {
        ck_assert_status(status, ZTC_TOO_LARGE);
        failed++;
      }
      ztc__key_slots_free(&slots);
      ztc__key_log_free(&log);
      ztc__staging_close(&staging);
    }
    ck_assert_uint_eq(seeds[0], seeds[1]);
  }
  ck_assert_int_gt(moved, 10);
  ck_assert_int_gt(failed, 0);
  ck_assert_int_eq(files_left(), 0);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_key_may_come_before_inside_or_after_the_value);
  tcase_add_test(tests, a_record_behind_the_first_2_to_the_40_has_no_key_and_is_not_written);
  tcase_add_test(tests, a_record_has_one_key);
  tcase_add_test(tests, a_discarded_record_takes_its_key_with_it);
  tcase_add_test(tests, shared_nodes_have_no_keys);
  tcase_add_test(tests, a_key_without_its_record_is_not_published);
  tcase_add_test(tests, keys_that_cannot_be_stored_say_why);
  tcase_add_test(tests, a_duplicate_key_names_itself_and_both_records);
  tcase_add_test(tests, a_duplicate_key_leaves_the_old_region_and_nothing_else);
  tcase_add_test(tests, record_keys_come_as_events);
  tcase_add_test(tests, keys_that_meet_too_often_get_another_seed);
}

ZTC_TEST_MAIN("writer keys", fill)
