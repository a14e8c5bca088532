/* Properties: what goes into a writer comes out of a region, whatever its structure. */
#include "main.h"
#include "model_write.h"

enum { RECORDS = 400, SHARED = 12 };

typedef struct batch {
  model *shared[SHARED];
  model *records[RECORDS];
  char *texts[RECORDS];
} batch;

static model *generate_extent(uint64_t *seed, model **shared, uint32_t count, model *shell) {
  static generator g;
  g = (generator){
      .seed = seed, .budget = 40, .shared = shared, .shared_count = count, .shell = shell};
  return generate(&g, shell != NULL ? 0 : (int)below(seed, 2));
}

static void make_batch(batch *b, uint64_t seed) {
  /* Shared nodes refer to each other, so there is a shell for each before its content. */
  for (int i = 0; i < SHARED; i++) {
    b->shared[i] = calloc(1, sizeof(model));
    b->shared[i]->shared = i;
  }
  for (int i = 0; i < SHARED; i++) {
    model *shell = b->shared[i];
    *shell = *generate_extent(&seed, b->shared, SHARED, shell);
    shell->shared = i;
  }
  for (int i = 0; i < RECORDS; i++) {
    const uint32_t count = i % 3 == 0 ? SHARED : 0;
    b->records[i] = generate_extent(&seed, b->shared, count, NULL);
  }
}

static void write_batch(batch *b, const char *path, bool feed, uint64_t seed) {
  ztc_error error = {.message = ""};
  sink s = {.feed = feed, .seed = &seed};
  ck_assert_ztc(ztc_writer_create(path, 0, &s.writer, &error));
  uint32_t id;
  for (int i = 0; i < SHARED; i++)
    ck_assert_ztc(ztc_writer_reserve_shared(s.writer, &id));
  for (int i = SHARED - 1; i >= 0; i--)
    write_definition(&s, b->shared[i]);
  for (int i = 0; i < RECORDS; i++)
    write_record(&s, b->records[i]);
  if (feed) {
    const ztc_status status = ztc_writer_feed(s.writer, s.bytes, s.size, &error);
    ck_assert_msg(status == ZTC_OK, "%s", error.message);
    free(s.bytes);
  }
  ck_assert_uint_eq(ztc_writer_count(s.writer), RECORDS);
  const ztc_status status = ztc_writer_publish(s.writer, &error);
  ck_assert_msg(status == ZTC_OK, "%s", error.message);
}

static void check_batch(batch *b, const char *path) {
  ztc_region *region;
  ztc_error error;
  ck_assert_ztc(ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error));
  for (int i = 0; i < RECORDS; i++) {
    char *expected = model_text(b->records[i]);
    char *text = text_of_record(region, (uint64_t)i);
    ck_assert_msg(strcmp(text, expected) == 0, "record %d is\n%s\ninstead of\n%s", i, text,
                  expected);
    free(text);
    free(expected);
  }
  ztc_region_free(region);
}

START_TEST(random_graphs_come_back_as_they_went_in) {
  const uint64_t seed = 0x5eed0000 + (uint64_t)_i * 7919 + 1;
  printf("seed %llx\n", (unsigned long long)seed);
  static batch b;
  make_batch(&b, seed);
  write_batch(&b, test_path("random.ztc"), _i % 2 == 1, seed);
  check_batch(&b, test_path("random.ztc"));
}
END_TEST

START_TEST(events_and_builder_calls_give_the_same_bytes) {
  static batch b;
  make_batch(&b, 77);
  write_batch(&b, test_path("calls.ztc"), false, 5);
  write_batch(&b, test_path("events.ztc"), true, 6);
  image calls = image_read(test_path("calls.ztc"));
  image events = image_read(test_path("events.ztc"));
  ck_assert_uint_eq(calls.size, events.size);
  ck_assert(memcmp(calls.bytes, events.bytes, calls.size) == 0);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_loop_test(tests, random_graphs_come_back_as_they_went_in, 0, 24);
  tcase_add_test(tests, events_and_builder_calls_give_the_same_bytes);
}

ZTC_TEST_MAIN("writer_random", fill)
