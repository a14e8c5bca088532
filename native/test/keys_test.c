/* Records by key: identity, look-up, the order of keys, hostile tables. */
#include <stdio.h>

#include "crc32c.h"
#include "format.h"
#include "main.h"
#include "record_key.h"
#include "support.h"

static ztc_region *open_sample(void) {
  ztc_region *region;
  publish_sample(test_path("sample.ztc"));
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), ZTC_OPEN_VERIFY_ALL, &region, NULL));
  return region;
}

static ztc_key text_key(const void *text, uint64_t size, ztc_encoding encoding) {
  return (ztc_key){.type = ZTC_KEY_STRING, .encoding = encoding, .data = text, .size = size};
}

static ztc_key bytes_key(const void *bytes, uint64_t size) {
  return (ztc_key){.type = ZTC_KEY_BYTES, .data = bytes, .size = size};
}

static ztc_key number_key(int64_t number) {
  return (ztc_key){.type = ZTC_KEY_I64, .number = number};
}

/* The record with this key, or -1. */
static int64_t find(const ztc_region *region, ztc_key key) {
  uint64_t index = 12345;
  const ztc_status status = ztc_index_of(region, &key, &index);
  if (status == ZTC_OK)
    return (int64_t)index;
  ck_assert_status(status, ZTC_NO_SUCH_KEY);
  ck_assert_uint_eq(index, 12345);
  return -1;
}

START_TEST(every_record_is_found_by_its_key) {
  ztc_region *region = open_sample();
  uint64_t count = 0;
  for (int i = 0; i < SAMPLE_KEYS; i++) {
    if (sample_keys[i].type == 0)
      continue;
    count++;
    ck_assert_int_eq(find(region, sample_keys[i]), i);
  }
  ck_assert_uint_eq(ztc_region_key_count(region), count);
  ztc_region_free(region);
}
END_TEST

START_TEST(a_string_key_is_the_same_in_every_encoding) {
  ztc_region *region = open_sample();
  ck_assert_int_eq(find(region, text_key("user:42", 7, ZTC_ASCII)), 0);
  ck_assert_int_eq(find(region, text_key("user:42", 7, ZTC_LATIN1)), 0);
  ck_assert_int_eq(find(region, text_key("user:42", 7, ZTC_UTF8)), 0);
  ck_assert_int_eq(find(region, text_key(u"user:42", 14, ZTC_UTF16)), 0);
  ck_assert_int_eq(find(region, text_key("J\xfcrgen", 6, ZTC_LATIN1)), 1);
  ck_assert_int_eq(find(region, text_key("J\xc3\xbcrgen", 7, ZTC_UTF8)), 1);
  ck_assert_int_eq(find(region, text_key(u"J\u00fcrgen", 12, ZTC_UTF16)), 1);
  ck_assert_int_eq(find(region, text_key("\xe6\x96\xb0\xe7\x9d\x80", 6, ZTC_UTF8)), 3);
  ck_assert_int_eq(find(region, text_key(u"\U0001F600", 4, ZTC_UTF16)), 15);
  for (int encoding = 0; encoding < 4; encoding++)
    ck_assert_int_eq(find(region, text_key(NULL, 0, (ztc_encoding)encoding)), 6);
  ztc_region_free(region);
}
END_TEST

START_TEST(a_key_is_found_only_by_its_own_type) {
  ztc_region *region = open_sample();
  const int64_t number = 42;
  ck_assert_int_eq(find(region, number_key(number)), 4);
  ck_assert_int_eq(find(region, bytes_key(&number, 8)), 10);
  ck_assert_int_eq(find(region, key_of("42")), 11);
  ck_assert_int_eq(find(region, text_key(&number, 8, ZTC_ASCII)), -1);
  ck_assert_int_eq(find(region, bytes_key("42", 2)), -1);
  ck_assert_int_eq(find(region, bytes_key("", 0)), 7);
  ck_assert_int_eq(find(region, bytes_key("user:42", 7)), -1);
  ztc_region_free(region);
}
END_TEST

START_TEST(what_no_record_has_is_no_such_key) {
  ztc_region *region = open_sample();
  ck_assert_int_eq(find(region, key_of("user:4")), -1);
  ck_assert_int_eq(find(region, key_of("user:42 ")), -1);
  ck_assert_int_eq(find(region, text_key("user:42\0", 8, ZTC_UTF8)), -1);
  ck_assert_int_eq(find(region, number_key(43)), -1);
  /* Ill-formed text, also where its bytes are those of a key. */
  ck_assert_int_eq(find(region, text_key("J\xc3\xbcrgen", 7, ZTC_ASCII)), -1);
  ck_assert_int_eq(find(region, text_key("J\xc3\xbcrgen", 7, ZTC_LATIN1)), -1);
  ck_assert_int_eq(find(region, text_key("J\xfcrgen", 6, ZTC_UTF8)), -1);
  ck_assert_int_eq(find(region, text_key("\x3d\xd8", 2, ZTC_UTF16)), -1);
  ck_assert_int_eq(find(region, text_key("\x3d\xd8x\0", 4, ZTC_UTF16)), -1);
  ck_assert_int_eq(find(region, text_key("\0\xde", 2, ZTC_UTF16)), -1);
  ck_assert_int_eq(find(region, text_key("x\0y", 3, ZTC_UTF16)), -1);
  static uint8_t long_key[2 * (ZTC_MAX_KEY_SIZE + 1)];
  ck_assert_int_eq(find(region, bytes_key(long_key, ZTC_MAX_KEY_SIZE + 1)), -1);
  ck_assert_int_eq(find(region, bytes_key(long_key, UINT64_MAX)), -1);
  memset(long_key, 0xe9, sizeof long_key);
  ck_assert_int_eq(find(region, text_key(long_key, ZTC_MAX_KEY_SIZE, ZTC_LATIN1)), -1);
  ck_assert_int_eq(find(region, text_key(long_key, sizeof long_key, ZTC_UTF16)), -1);
  ztc_region_free(region);
}
END_TEST

START_TEST(a_region_without_keys_has_none) {
  const char *const texts[] = {"1i8", "2i8", NULL};
  ztc_region *region;
  uint64_t cursor = 0, index;
  ztc_key key;
  publish_texts(test_path("none.ztc"), texts);
  ck_assert_ztc(ztc_region_open(test_path("none.ztc"), 0, &region, NULL));
  ck_assert_uint_eq(ztc_region_key_count(region), 0);
  ck_assert_int_eq(find(region, key_of("")), -1);
  ck_assert_int_eq(find(region, number_key(0)), -1);
  ck_assert_status(ztc_region_key_next(region, &cursor, &key, &index, NULL, 0), ZTC_NO_SUCH_KEY);
  ztc_region_free(region);
}
END_TEST

START_TEST(what_is_no_key_is_an_invalid_argument) {
  ztc_region *region = open_sample();
  uint64_t index;
  const ztc_key bad[] = {
      {.type = (ztc_key_type)0},
      {.type = (ztc_key_type)4, .data = "x", .size = 1},
      {.type = ZTC_KEY_BYTES, .data = NULL, .size = 1},
      {.type = ZTC_KEY_STRING, .data = NULL, .size = 1},
      {.type = ZTC_KEY_STRING, .encoding = (ztc_encoding)4, .data = "x", .size = 1},
      {.type = ZTC_KEY_STRING, .encoding = (ztc_encoding)-1, .data = "x", .size = 1}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_status(ztc_index_of(region, &bad[i], &index), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_index_of(region, NULL, &index), ZTC_INVALID_ARGUMENT);
  ztc_region_free(region);
}
END_TEST

START_TEST(a_closed_region_says_so) {
  ztc_region *region = open_sample();
  uint64_t index = 7, cursor = 0;
  ztc_key key;
  ztc_region_close(region);
  ck_assert_status(ztc_index_of(region, &sample_keys[0], &index), ZTC_CLOSED);
  ck_assert_status(ztc_region_key_next(region, &cursor, &key, &index, NULL, 0), ZTC_CLOSED);
  ck_assert_uint_eq(index, 7);
  ztc_region_free(region);
}
END_TEST

START_TEST(keys_are_iterated_in_the_order_of_their_records) {
  ztc_region *region = open_sample();
  uint8_t buffer[128];
  uint64_t cursor = 0, index = 0, last = 0, before;
  ztc_key key;
  ck_assert_ztc(ztc_region_key_next(region, &cursor, &key, &index, buffer, 7));
  ck_assert_uint_eq(index, 0);
  ck_assert_uint_eq(key.size, 7);
  ck_assert_mem_eq(key.data, "user:42", 7);
  before = cursor;
  ck_assert_status(ztc_region_key_next(region, &cursor, &key, &index, buffer, 6),
                   ZTC_BUFFER_TOO_SMALL);
  ck_assert_uint_eq(key.size, 7);
  ck_assert_uint_eq(cursor, before);
  uint64_t count = 1;
  while (ztc_region_key_next(region, &cursor, &key, &index, buffer, sizeof buffer) == ZTC_OK) {
    ck_assert_uint_gt(index, last);
    last = index;
    count++;
    ck_assert_int_eq(find(region, key), (int64_t)index);
    ck_assert_int_eq(key.type, sample_keys[index].type);
  }
  ck_assert_uint_eq(count, ztc_region_key_count(region));
  ztc_region_free(region);
}
END_TEST

/* Key number i of many: of all types and of many sizes. */
static ztc_key key_number(uint64_t i, char text[64]) {
  if (i % 5 == 0)
    return number_key((int64_t)(i * i) - 1000);
  const int size =
      snprintf(text, 64, "%.*s%lu", (int)(i % 23), "a prefix of some length", (unsigned long)i);
  return i % 5 == 1 ? bytes_key(text, (uint64_t)size) : key_of(text);
}

static void publish_many(const char *path, uint64_t count) {
  ztc_writer *w;
  char text[64];
  ztc_error error;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  for (uint64_t i = 0; i < count; i++) {
    const ztc_key key = key_number(i, text);
    ck_assert_ztc(ztc_writer_null(w));
    if (i % 97 != 0)
      ck_assert_ztc(ztc_writer_record_key(w, &key));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
  }
  ck_assert_msg(ztc_writer_publish(w, &error) == ZTC_OK, "%s", error.message);
}

/* One bucket, then several. */
START_TEST(all_keys_are_found_and_no_others_however_many_there_are) {
  static const uint64_t counts[] = {2, 3, 100, 5000, 300000};
  const uint64_t count = counts[_i];
  ztc_region *region;
  char text[64];
  publish_many(test_path("many.ztc"), count);
  ck_assert_ztc(ztc_region_open(test_path("many.ztc"), ZTC_OPEN_VERIFY_ALL, &region, NULL));
  for (uint64_t i = 0; i < count; i++) {
    uint64_t index = UINT64_MAX;
    const ztc_key key = key_number(i, text);
    const ztc_status status = ztc_index_of(region, &key, &index);
    if (i % 97 == 0 ? status != ZTC_NO_SUCH_KEY : status != ZTC_OK || index != i)
      ck_abort_msg("key %lu: %s, record %lu", (unsigned long)i, ztc_status_name(status),
                   (unsigned long)index);
    const ztc_key other = key_number(i + count + 1, text);
    if (ztc_index_of(region, &other, &index) != ZTC_NO_SUCH_KEY)
      ck_abort_msg("key %lu is nobody's", (unsigned long)(i + count + 1));
  }
  ck_assert_uint_eq(ztc_region_key_count(region), count - (count + 96) / 97);
  ztc_region_free(region);
}
END_TEST

START_TEST(equal_keys_make_equal_files) {
  publish_many(test_path("a.ztc"), 3000);
  publish_many(test_path("b.ztc"), 3000);
  image a = image_read(test_path("a.ztc")), b = image_read(test_path("b.ztc"));
  ck_assert_uint_eq(a.size, b.size);
  ck_assert_mem_eq(a.bytes, b.bytes, a.size);
  image_free(&a);
  image_free(&b);
}
END_TEST

/* The test vectors of the format document, found in its text. */
START_TEST(hashes_are_those_of_the_document) {
  const uint64_t seed = UINT64_C(0x0123456789abcdef);
  const struct {
    const char *row;
    ztc_key key;
    uint64_t seed;
  } vectors[] = {{"| string, empty | 0 |", text_key("", 0, ZTC_ASCII), 0},
                 {"| string `user:42` | 0 |", key_of("user:42"), 0},
                 {"| string `user:42` | 0x0123456789abcdef |", key_of("user:42"), seed},
                 {"| string `J\xc3\xbcrgen` (`4a c3 bc 72 67 65 6e`) | 0x0123456789abcdef |",
                  text_key("J\xfcrgen", 6, ZTC_LATIN1), seed},
                 {"| integer 42 | 0x0123456789abcdef |", number_key(42), seed},
                 {"| integer \xe2\x88\x92"
                  "1 | 0x0123456789abcdef |",
                  number_key(-1), seed},
                 {"| bytes `00 ff 80` | 0x0123456789abcdef |", bytes_key("\0\xff\x80", 3), seed},
                 {"| bytes, the 8 of integer 42 | 0x0123456789abcdef |",
                  bytes_key("\x2a\0\0\0\0\0\0\0", 8), seed}};
  image document = image_read(ZTC_FORMAT_DOCUMENT);
  char *text = calloc(document.size + 1, 1);
  memcpy(text, document.bytes, document.size);
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    ztc__record_key key;
    uint64_t bad;
    char row[200];
    ck_assert_ztc(ztc__record_key_init(&key, &vectors[i].key, &bad));
    snprintf(row, sizeof row, "%s 0x%016lx |", vectors[i].row,
             (unsigned long)ztc__record_key_hash(&key, vectors[i].seed));
    ck_assert_msg(strstr(text, row) != NULL, "the document lacks %s", row);
  }
  free(text);
  image_free(&document);
}
END_TEST

/* ------------------------------------------------------------------------- hostile tables -- */

static uint8_t *entry_of_section(const image *i, uint32_t type) {
  for (uint8_t *entry = i->bytes + ZTC__HEADER_SIZE;; entry += ZTC__ENTRY_SIZE) {
    uint32_t found;
    memcpy(&found, entry, 4);
    if (found == type)
      return entry;
  }
}

static uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return v;
}

/* Makes the checksums of key index and header true again. */
static void fix_checksums(image *i) {
  uint8_t *entry = entry_of_section(i, ZTC__SECTION_KEY_INDEX);
  const uint32_t crc = ztc__crc32c(0, i->bytes + load64(entry + ZTC__ENTRY_OFFSET),
                                   load64(entry + ZTC__ENTRY_LENGTH));
  memcpy(entry + ZTC__ENTRY_CHECKSUM, &crc, 4);
  image_fix_header(i);
}

/* Is this byte part of what a key may freely say, the record that it leads to? */
static bool is_record_number(const image *i, uint64_t section, uint64_t at) {
  const uint64_t end =
      section + ZTC__KEYS_HEADER_SIZE + load64(i->bytes + section + ZTC__KEYS_SIZE);
  uint64_t place = section + ZTC__KEYS_HEADER_SIZE;
  while (place < end) {
    const uint64_t size = load64(i->bytes + place) >> ZTC__KEY_SIZE_SHIFT;
    if (at >= place && at < place + 6)
      return true;
    place += 8 + ztc__align8(size);
  }
  return false;
}

/* There is one way to store given keys for given records: every change that the checksums agree
   with is refused, but the number of a record. */
START_TEST(validation_refuses_every_other_byte_whatever_the_checksums_say) {
  publish_sample(test_path("sample.ztc"));
  image i = image_read(test_path("sample.ztc"));
  const uint8_t *entry = entry_of_section(&i, ZTC__SECTION_KEY_INDEX);
  const uint64_t section = load64(entry + ZTC__ENTRY_OFFSET);
  const uint64_t end = section + load64(entry + ZTC__ENTRY_LENGTH);
  int numbers = 0;
  for (uint64_t at = section; at < end; at++) {
    const uint8_t was = i.bytes[at];
    for (unsigned change = 1; change < 256; change++) {
      i.bytes[at] = (uint8_t)(was ^ change);
      fix_checksums(&i);
      ztc_region *region;
      ztc_error error = {.offset = 0};
      const ztc_status status =
          ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_ALL, &region, &error);
      if (status == ZTC_OK) {
        i.bytes[at] = was;
        ck_assert_msg(is_record_number(&i, section, at), "byte %lu of the section, ^%02x",
                      (unsigned long)(at - section), change);
        numbers++;
        ztc_region_free(region);
      } else {
        ck_assert_msg(error.offset >= section && error.offset < end, "%s", error.message);
      }
    }
    i.bytes[at] = was;
  }
  ck_assert_int_gt(numbers, 0);
  image_free(&i);
}
END_TEST

/* Without a look at the section's checksum, too. */
START_TEST(no_flipped_bit_leads_a_key_to_another_record) {
  publish_sample(test_path("sample.ztc"));
  image i = image_read(test_path("sample.ztc"));
  const uint8_t *entry = entry_of_section(&i, ZTC__SECTION_KEY_INDEX);
  const uint64_t section = load64(entry + ZTC__ENTRY_OFFSET);
  const uint64_t end = section + load64(entry + ZTC__ENTRY_LENGTH);
  uint64_t right[SAMPLE_KEYS], index;
  ztc_region *region;
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL));
  for (int k = 0; k < SAMPLE_KEYS; k++) {
    if (sample_keys[k].type != 0)
      ck_assert_ztc(ztc_index_of(region, &sample_keys[k], &right[k]));
  }
  ztc_region_free(region);
  int found = 0, missed = 0;
  for (uint64_t bit = 8 * section; bit < 8 * end; bit++) {
    i.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL) == ZTC_OK) {
      for (int k = 0; k < SAMPLE_KEYS; k++) {
        if (sample_keys[k].type == 0)
          continue;
        if (ztc_index_of(region, &sample_keys[k], &index) != ZTC_OK)
          missed++;
        else if (found++, index != right[k])
          ck_abort_msg("bit %lu leads key %d to record %lu", (unsigned long)(bit - 8 * section), k,
                       (unsigned long)index);
      }
      ztc_region_free(region);
    }
    i.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  ck_assert_int_gt(found, 0);
  ck_assert_int_gt(missed, 0);
  image_free(&i);
}
END_TEST

/* Two neighbours with one home change places: both are still found, but that is another file. */
START_TEST(validation_refuses_slots_in_another_order) {
  publish_many(test_path("order.ztc"), 300);
  image i = image_read(test_path("order.ztc"));
  const uint8_t *entry = entry_of_section(&i, ZTC__SECTION_KEY_INDEX);
  const uint64_t at = load64(entry + ZTC__ENTRY_OFFSET);
  const uint64_t size = load64(i.bytes + at + ZTC__KEYS_SIZE);
  uint8_t *slots = i.bytes + at + ztc__align64(ZTC__KEYS_HEADER_SIZE + size);
  const uint64_t one = UINT64_C(1) << ZTC__KEYS_DISTANCE_SHIFT;
  uint64_t first, second;
  do { /* there is a pair: 300 keys have 401 homes */
    first = load64(slots);
    second = load64(slots + 8);
    slots += 8;
  } while (first == 0 || second == 0 ||
           (first >> ZTC__KEYS_DISTANCE_SHIFT & ZTC__KEYS_MAX_DISTANCE) + 1 !=
               (second >> ZTC__KEYS_DISTANCE_SHIFT & ZTC__KEYS_MAX_DISTANCE));
  first += one;
  second -= one;
  memcpy(slots - 8, &second, 8);
  memcpy(slots, &first, 8);
  fix_checksums(&i);
  ztc_region *region;
  ztc_error error;
  char text[64];
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
  for (uint64_t k = 1; k < 300; k++) {
    if (k % 97 != 0)
      ck_assert_int_eq(find(region, key_number(k, text)), (int64_t)k);
  }
  ck_assert_status(ztc_region_validate(region, &error), ZTC_CORRUPT);
  ck_assert_msg(strstr(error.message, "out of order") != NULL, "%s", error.message);
  ztc_region_free(region);
  image_free(&i);
}
END_TEST

/* Two keys that are the same, each in a slot where it belongs: only the look-up tells. */
START_TEST(validation_refuses_a_key_that_occurs_twice) {
  ztc_writer *w;
  ztc_error error;
  ztc_region *region;
  const ztc_key keys[] = {key_of("same0"), key_of("same1")};
  ck_assert_ztc(ztc_writer_create(test_path("twice.ztc"), 0, &w, NULL));
  for (int k = 0; k < 2; k++) {
    ck_assert_ztc(ztc_writer_null(w));
    ck_assert_ztc(ztc_writer_record_key(w, &keys[k]));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
  }
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  image old = image_read(test_path("twice.ztc"));
  const uint64_t at = load64(entry_of_section(&old, ZTC__SECTION_KEY_INDEX) + ZTC__ENTRY_OFFSET);
  const uint64_t homes = load64(old.bytes + at + ZTC__KEYS_HOMES);
  const uint64_t slots = at + 64, length = 64 + 8 * (homes + 1);
  image i = image_create(at + length);
  memcpy(i.bytes, old.bytes, slots);
  /* Both are "same0", and the second one's slot is right behind the first one's. */
  i.bytes[at + ZTC__KEYS_HEADER_SIZE + 16 + 8 + 4] = '0';
  i.bytes[at + ZTC__KEYS_DISTANCE] = 1;
  const ztc__record_key key = ztc__record_key_of(ZTC_KEY_STRING, "same0", 5);
  const uint64_t seed = load64(i.bytes + ZTC__HEADER_HASH_SEED);
  const uint64_t position = ztc__key_position(ztc__record_key_hash(&key, seed), homes);
  const uint64_t tag = position & ZTC__KEYS_TAG_MASK, home = position >> ZTC__KEYS_TAG_BITS;
  for (uint64_t d = 0; d < 2; d++) {
    const uint64_t slot = (ZTC__KEYS_HEADER_SIZE / 8 + 2 * d) | d << ZTC__KEYS_DISTANCE_SHIFT |
                          tag << ZTC__KEYS_TAG_SHIFT;
    memcpy(i.bytes + slots + 8 * (home + d), &slot, 8);
  }
  memcpy(i.bytes + ZTC__HEADER_FILE_SIZE, &i.size, 8);
  memcpy(entry_of_section(&i, ZTC__SECTION_KEY_INDEX) + ZTC__ENTRY_LENGTH, &length, 8);
  fix_checksums(&i);
  ck_assert_status(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_ALL, &region, &error),
                   ZTC_CORRUPT);
  ck_assert_msg(strstr(error.message, "a key occurs twice") != NULL, "%s", error.message);
  image_free(&i);
  image_free(&old);
}
END_TEST

/* Slots that all lead to one long key that nearly is the one looked for: the bound on the distance
   ends the search. Without it, it runs into the timeout. */
START_TEST(a_table_that_never_ends_costs_little) {
  enum { SLOTS = 4 << 20 };
  static char long_key[60000];
  ztc_writer *w;
  ztc_region *region;
  memset(long_key, 'k', sizeof long_key);
  ck_assert_ztc(ztc_writer_create(test_path("long.ztc"), 0, &w, NULL));
  const ztc_key key = text_key(long_key, sizeof long_key, ZTC_ASCII);
  ck_assert_ztc(ztc_writer_null(w));
  ck_assert_ztc(ztc_writer_record_key(w, &key));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  image small = image_read(test_path("long.ztc"));
  const uint8_t *old = entry_of_section(&small, ZTC__SECTION_KEY_INDEX);
  const uint64_t section = load64(old + ZTC__ENTRY_OFFSET);
  const uint64_t slots = section + ztc__align64(ZTC__KEYS_HEADER_SIZE + 8 + sizeof long_key);
  image i = image_create(slots + 8 * ((uint64_t)SLOTS + 127));
  memcpy(i.bytes, small.bytes, slots);
  uint8_t *entry = entry_of_section(&i, ZTC__SECTION_KEY_INDEX);
  const uint64_t length = i.size - section, homes = SLOTS;
  memcpy(entry + ZTC__ENTRY_LENGTH, &length, 8);
  memcpy(i.bytes + ZTC__HEADER_FILE_SIZE, &i.size, 8);
  memcpy(i.bytes + section + ZTC__KEYS_HOMES, &homes, 8);
  i.bytes[section + ZTC__KEYS_DISTANCE] = 127;
  long_key[sizeof long_key - 1] = 'x'; /* the last byte differs */
  const ztc_key wanted = text_key(long_key, sizeof long_key, ZTC_ASCII);
  const ztc__record_key canonical = ztc__record_key_of(ZTC_KEY_STRING, long_key, sizeof long_key);
  const uint64_t position = ztc__key_position(
      ztc__record_key_hash(&canonical, load64(i.bytes + ZTC__HEADER_HASH_SEED)), homes);
  for (uint64_t s = 0; s < SLOTS + 127; s++) {
    const uint64_t home = position >> ZTC__KEYS_TAG_BITS;
    const uint64_t distance = s < home || s - home > 127 ? 127 : s - home;
    const uint64_t slot = ZTC__KEYS_HEADER_SIZE / 8 | distance << ZTC__KEYS_DISTANCE_SHIFT |
                          (position & ZTC__KEYS_TAG_MASK) << ZTC__KEYS_TAG_SHIFT;
    memcpy(i.bytes + slots + 8 * s, &slot, 8);
  }
  fix_checksums(&i);
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, 0, &region, NULL));
  for (int round = 0; round < 20; round++)
    ck_assert_int_eq(find(region, wanted), -1);
  ck_assert_status(ztc_region_validate(region, NULL), ZTC_CORRUPT);
  ztc_region_free(region);
  image_free(&i);
  image_free(&small);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, every_record_is_found_by_its_key);
  tcase_add_test(tests, a_string_key_is_the_same_in_every_encoding);
  tcase_add_test(tests, a_key_is_found_only_by_its_own_type);
  tcase_add_test(tests, what_no_record_has_is_no_such_key);
  tcase_add_test(tests, a_region_without_keys_has_none);
  tcase_add_test(tests, what_is_no_key_is_an_invalid_argument);
  tcase_add_test(tests, a_closed_region_says_so);
  tcase_add_test(tests, keys_are_iterated_in_the_order_of_their_records);
  tcase_add_loop_test(tests, all_keys_are_found_and_no_others_however_many_there_are, 0, 5);
  tcase_add_test(tests, equal_keys_make_equal_files);
  tcase_add_test(tests, hashes_are_those_of_the_document);
  tcase_add_test(tests, validation_refuses_every_other_byte_whatever_the_checksums_say);
  tcase_add_test(tests, no_flipped_bit_leads_a_key_to_another_record);
  tcase_add_test(tests, validation_refuses_slots_in_another_order);
  tcase_add_test(tests, validation_refuses_a_key_that_occurs_twice);
  tcase_add_test(tests, a_table_that_never_ends_costs_little);
}

ZTC_TEST_MAIN("keys", fill)
