/* Damaged regions: found by validation whatever the bit, and never more than an error otherwise. */
#include <stdio.h>

#include "dictionaries.h"
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
    if (ztc_index_of(region, &sample_keys[k], &index) == ZTC_OK &&
        index >= ztc_region_count(region))
      ck_abort_msg("a key leads to record %lu", (unsigned long)index);
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

/* Records that share nodes, and lead to each other; all other features have a region of theirs. */
static image graphs(void) {
  ztc_writer *w;
  uint32_t id;
  ck_assert_ztc(ztc_writer_create(test_path("graphs.ztc"), 0, &w, NULL));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  define_shared(w, 0, "[shared(1)]");
  define_shared(w, 1, "[true,shared(0)]");
  ck_assert_ztc(add_text(w, "[shared(0),&1[*1]]"));
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  return image_read(test_path("graphs.ztc"));
}

static image rows(void) {
  static const char *const texts[] = {
      "[{\"a\":1i8,\"prefs\":{\"a\":\"a longer text\"}},{\"a\":2i8,\"prefs\":{}}]", NULL};
  publish_texts(test_path("rows.ztc"), texts);
  return image_read(test_path("rows.ztc"));
}

static image keys(void) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(test_path("keys.ztc"), 0, &w, NULL));
  for (int k = 3; k < 6; k++) { /* a text, a number, bytes */
    ck_assert_ztc(ztc_writer_record_key(w, &sample_keys[k]));
    ck_assert_ztc(add_text(w, "null"));
  }
  ck_assert_ztc(ztc_writer_publish(w, NULL));
  return image_read(test_path("keys.ztc"));
}

/* The sample (that of the corpus, as `shared`), which has everything; small regions with one
   feature each; and small ones of the corpus. */
static const char *const regions[] = {"sample", "dictionaries", "graphs", "rows",   "keys",
                                      "none",   "strings",      "ext",    "numbers"};
enum { REGIONS = sizeof regions / sizeof *regions };

static image region_of(int number) {
  static image (*const made[])(void) = {sample, dictionaries, graphs, rows, keys};
  enum { MADE = sizeof made / sizeof *made };
  char path[512];
  if (number < MADE)
    return made[number]();
  snprintf(path, sizeof path, "%s/%s.ztc", ZTC_CORPUS_DIR, regions[number]);
  return image_read(path);
}

/* Fuzzing begins with that region, too. If this fails, the file is to be the bytes made here. */
START_TEST(the_fuzzers_know_the_region_of_dictionaries) {
  image made = dictionaries(), known = image_read(ZTC_FUZZ_REGIONS "/dictionaries.ztc");
  ck_assert_uint_eq(known.size, made.size);
  ck_assert_mem_eq(known.bytes, made.bytes, made.size);
  image_free(&known);
  image_free(&made);
}
END_TEST

START_TEST(validation_reports_every_flipped_bit_with_a_place) {
  image i = region_of(_i);
  for (uint64_t bit = 0; bit < 8 * i.size; bit++) {
    i.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    ztc_region *region;
    ztc_error error = {.offset = 12345678};
    const ztc_status status =
        ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_ALL, &region, &error);
    ck_assert_msg(status != ZTC_OK, "%s: bit %lu of byte %lu went unnoticed", regions[_i],
                  (unsigned long)(bit % 8), (unsigned long)(bit / 8));
    ck_assert_msg(error.offset <= i.size, "%s: byte %lu: %s has no place", regions[_i],
                  (unsigned long)(bit / 8), error.message);
    i.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  image_free(&i);
}
END_TEST

/* Each cut lies in a block of exactly its size, so that a sanitizer sees the first byte too many.
 */
START_TEST(every_cut_is_an_error_at_every_level) {
  image i = region_of(_i);
  const uint32_t levels[] = {ZTC_OPEN_VERIFY_NONE, ZTC_OPEN_VERIFY_HEADER, ZTC_OPEN_VERIFY_RECORD,
                             ZTC_OPEN_VERIFY_ALL};
  for (uint64_t size = 1; size < i.size; size++) {
    uint8_t *cut = malloc(size);
    memcpy(cut, i.bytes, size);
    for (size_t level = 0; level < sizeof levels / sizeof *levels; level++) {
      ztc_region *region;
      const ztc_status status = ztc_region_open_memory(cut, size, levels[level], &region, NULL);
      ck_assert_msg(status == ZTC_TRUNCATED, "%s: cut at %lu: %s", regions[_i], (unsigned long)size,
                    ztc_status_name(status));
    }
    free(cut);
  }
  image_free(&i);
}
END_TEST

/* What a byte is changed to: all that it is not; in larger regions, which take more time, each of
   its bits and 0 and 255; and in the largest only three of its bits. With ZTC_EXHAUSTIVE in the
   environment all that it is not, whatever the time. */
enum { SMALL_REGION = 800, MIDDLE_REGION = 2000 };
static bool exhaustive;

static bool is_tried(uint64_t size, uint8_t was, uint8_t value) {
  const int bits = value ^ was;
  if (exhaustive || size <= SMALL_REGION || value == 0 || value == 255)
    return true;
  return size <= MIDDLE_REGION ? (bits & (bits - 1)) == 0 : bits == 1 || bits == 16 || bits == 128;
}

static int changes_of(const image *i, uint8_t was, uint8_t changes[256]) {
  int count = 0;
  for (int value = 0; value < 256; value++) {
    if (value != was && is_tried(i->size, was, (uint8_t)value))
      changes[count++] = (uint8_t)value;
  }
  return count;
}

START_TEST(every_changed_byte_costs_at_most_an_error) {
  image i = region_of(_i);
  uint8_t changes[256];
  unsigned long tried = 0;
  for (uint64_t at = 0; at < i.size; at++) {
    const uint8_t was = i.bytes[at];
    const int count = changes_of(&i, was, changes);
    for (int c = 0; c < count; c++) {
      i.bytes[at] = changes[c];
      read_everything(&i, ZTC_OPEN_VERIFY_NONE);
    }
    i.bytes[at] = was;
    tried += (unsigned long)count;
  }
  printf("%s: %lu changes of %lu bytes\n", regions[_i], tried, (unsigned long)i.size);
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

/* What can be had of a region: an answer for each record, batch, path and key. */
enum { MOST_RECORDS = 256 };
static const char *const paths[] = {"$", "[0]", "[1]", "name", "prefs.lang", "a"};
enum { PATHS = sizeof paths / sizeof *paths };

typedef struct answer {
  ztc_status status;
  uint64_t size;
  uint8_t *bytes;
} answer;

typedef struct answers {
  uint64_t count;
  answer records[MOST_RECORDS];
  answer by_path[MOST_RECORDS][PATHS];
  uint64_t of_key[SAMPLE_KEYS]; /* UINT64_MAX: no record has it */
} answers;

static uint8_t scratch[1 << 20];

static uint64_t look_up(const ztc_region *region, int key, ztc_status *status) {
  uint64_t index = UINT64_MAX;
  *status = ztc_index_of(region, &sample_keys[key], &index);
  return index;
}

static answer answer_of(ztc_status status, const uint8_t *bytes, uint64_t size) {
  answer a = {.status = status, .size = size};
  if (status == ZTC_OK) {
    a.bytes = malloc(size);
    memcpy(a.bytes, bytes, size);
  }
  return a;
}

static void ask(const ztc_region *region, answers *all) {
  uint64_t size;
  all->count = ztc_region_count(region);
  ck_assert_uint_le(all->count, MOST_RECORDS);
  for (uint64_t r = 0; r < all->count; r++) {
    ztc_status status = ztc_copy(region, r, scratch, sizeof scratch, &size, NULL);
    all->records[r] = answer_of(status, scratch, size);
    for (int p = 0; p < PATHS; p++) {
      status = ztc_copy_path(region, r, paths[p], scratch, sizeof scratch, &size, NULL, NULL);
      all->by_path[r][p] = answer_of(status, scratch, size);
    }
  }
  for (int k = 0; k < SAMPLE_KEYS; k++) {
    ztc_status status;
    all->of_key[k] = look_up(region, k, &status);
  }
}

static void forget(answers *all) {
  for (uint64_t r = 0; r < all->count; r++) {
    free(all->records[r].bytes);
    for (int p = 0; p < PATHS; p++)
      free(all->by_path[r][p].bytes);
  }
}

static bool is_answer(const answer *a, const uint8_t *bytes, uint64_t size) {
  return a->status == ZTC_OK && a->size == size && memcmp(a->bytes, bytes, size) == 0;
}

/* What was done to the key index: by one bit a key may be lost, but not found elsewhere. */
typedef enum how { SOUND, ONE_BIT, DAMAGED } how;

/* Each answer of the damaged region is an error, or that of the sound one. What is asserted leaves
   a mark in a file, which is too slow for each of so many. */
static void compare(const ztc_region *region, const answers *sound, how keys, const char *name,
                    uint64_t at) {
  uint64_t size, indices[MOST_RECORDS], offsets[MOST_RECORDS + 1];
  const unsigned long byte = (unsigned long)at;
  if (ztc_region_count(region) != sound->count)
    ck_abort_msg("%s: byte %lu changes the number of records", name, byte);
  for (uint64_t r = 0; r < sound->count; r++) {
    indices[r] = r;
    if (ztc_copy(region, r, scratch, sizeof scratch, &size, NULL) == ZTC_OK &&
        !is_answer(&sound->records[r], scratch, size))
      ck_abort_msg("%s: byte %lu makes record %lu another one", name, byte, (unsigned long)r);
    for (int p = 0; p < PATHS; p++) {
      if (ztc_copy_path(region, r, paths[p], scratch, sizeof scratch, &size, NULL, NULL) ==
              ZTC_OK &&
          !is_answer(&sound->by_path[r][p], scratch, size))
        ck_abort_msg("%s: byte %lu makes %s of record %lu another value", name, byte, paths[p],
                     (unsigned long)r);
    }
  }
  size_t done = 0;
  for (uint64_t from = 0; from < sound->count; from += done + 1) { /* beyond what is damaged */
    done = 0;
    ztc_copy_batch(region, indices + from, (size_t)(sound->count - from), scratch, sizeof scratch,
                   offsets, &done, NULL);
    for (size_t d = 0; d < done; d++)
      if (!is_answer(&sound->records[from + d], scratch + offsets[d], offsets[d + 1] - offsets[d]))
        ck_abort_msg("%s: byte %lu makes record %lu of a batch another one", name, byte,
                     (unsigned long)(from + d));
  }
  for (int k = 0; k < SAMPLE_KEYS; k++) {
    ztc_status status;
    const uint64_t index = look_up(region, k, &status);
    const bool answered = status == ZTC_OK || status == ZTC_NO_SUCH_KEY;
    if ((keys == SOUND && answered && index != sound->of_key[k]) ||
        (keys == ONE_BIT && status == ZTC_OK && index != sound->of_key[k]) ||
        (status == ZTC_OK && index >= sound->count))
      ck_abort_msg("%s: byte %lu leads key %d astray", name, byte, k);
  }
}

static bool is_one_bit(int difference) {
  return (difference & (difference - 1)) == 0;
}

static uint64_t load64(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

/* Where the key index lies, whose checksum this level does not look at. */
static void key_index_of(const image *i, uint64_t *from, uint64_t *to) {
  *from = *to = 0;
  uint32_t sections;
  memcpy(&sections, i->bytes + ZTC__HEADER_SECTION_COUNT, sizeof sections);
  for (uint32_t s = 0; s < sections; s++) {
    const uint8_t *entry = i->bytes + ZTC__HEADER_SIZE + (uint64_t)s * ZTC__ENTRY_SIZE;
    uint32_t type;
    memcpy(&type, entry, sizeof type);
    if (type != ZTC__SECTION_KEY_INDEX)
      continue;
    *from = load64(entry + ZTC__ENTRY_OFFSET);
    *to = *from + load64(entry + ZTC__ENTRY_LENGTH);
  }
}

START_TEST(with_record_checksums_a_copy_is_never_another_value) {
  image i = region_of(_i);
  ztc_region *region;
  static answers sound;
  uint8_t changes[256];
  uint64_t from, to;
  unsigned long tried = 0, opened = 0;
  key_index_of(&i, &from, &to);
  ck_assert_ztc(ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL));
  ask(region, &sound);
  ztc_region_free(region);
  for (uint64_t at = 0; at < i.size; at++) {
    const uint8_t was = i.bytes[at];
    const int count = changes_of(&i, was, changes);
    for (int c = 0; c < count; c++) {
      i.bytes[at] = changes[c];
      if (ztc_region_open_memory(i.bytes, i.size, ZTC_OPEN_VERIFY_RECORD, &region, NULL) != ZTC_OK)
        continue;
      const how keys = at < from || at >= to          ? SOUND
                       : is_one_bit(was ^ changes[c]) ? ONE_BIT
                                                      : DAMAGED;
      compare(region, &sound, keys, regions[_i], at);
      ztc_region_free(region);
      opened++;
    }
    i.bytes[at] = was;
    tried += (unsigned long)count;
  }
  printf("%s: %lu changes of %lu bytes, %lu seen at open\n", regions[_i], tried,
         (unsigned long)i.size, tried - opened);
  forget(&sound);
  image_free(&i);
}
END_TEST

static void fill(TCase *tests) {
  exhaustive = getenv("ZTC_EXHAUSTIVE") != NULL;
  tcase_add_test(tests, the_fuzzers_know_the_region_of_dictionaries);
  tcase_add_loop_test(tests, validation_reports_every_flipped_bit_with_a_place, 0, REGIONS);
  tcase_add_loop_test(tests, every_cut_is_an_error_at_every_level, 0, REGIONS);
  tcase_add_loop_test(tests, every_changed_byte_costs_at_most_an_error, 0, REGIONS);
  tcase_add_test(tests, random_damage_costs_at_most_an_error);
  tcase_add_loop_test(tests, with_record_checksums_a_copy_is_never_another_value, 0, REGIONS);
}

ZTC_TEST_MAIN("damage", fill)
