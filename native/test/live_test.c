/* Regions that follow their path: swaps under load, refused files, what is given back. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

enum { RECORDS = 300, TEXT = 200, NO_GRACE = 0, LONG_GRACE = 3600 * 1000 };

static const char *target(void) {
  static char path[256];
  if (path[0] == '\0')
    strcpy(path, test_path("live.ztc"));
  return path;
}

/* What happens between a reader's look at the current region and its copy; the linker puts this in
   front of the library's ztc_copy. */
static void (*before_copy)(void);

ztc_status __real_ztc_copy(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                           uint64_t *size, ztc_workspace *workspace);
ztc_status __wrap_ztc_copy(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                           uint64_t *size, ztc_workspace *workspace);

ztc_status __wrap_ztc_copy(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                           uint64_t *size, ztc_workspace *workspace) {
  if (before_copy != NULL)
    before_copy();
  return __real_ztc_copy(region, index, dst, capacity, size, workspace);
}

/* A region of several pages whose every record is a text of one letter that tells the version, with
   the same size for all versions. */
static void publish(int version) {
  ztc_writer *w;
  char text[TEXT];
  memset(text, 'a' + version % 26, sizeof text);
  ck_assert_ztc(ztc_writer_create(target(), 0, &w, NULL));
  for (int i = 0; i < RECORDS; i++) {
    ck_assert_ztc(ztc_writer_string(w, text, sizeof text, ZTC_ASCII));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
  }
  ck_assert_ztc(ztc_writer_publish(w, NULL));
}

static void put_garbage(const char *text) {
  char beside[300];
  snprintf(beside, sizeof beside, "%s.new", target());
  FILE *f = fopen(beside, "wb");
  fputs(text, f);
  fclose(f);
  ck_assert_int_eq(rename(beside, target()), 0);
}

/* The letter of a copied record; 0 if the copy is not of one version. */
static char letter_of(const uint8_t *copy, uint64_t size, const ztc_region *from) {
  ztc_value root;
  ztc_string text;
  if (ztc_value_root(copy, size, ztc_region_schema(from), &root) != ZTC_OK ||
      ztc_value_string(&root, &text) != ZTC_OK || text.size != TEXT)
    return 0;
  for (int i = 1; i < TEXT; i++) {
    if (text.data[i] != text.data[0])
      return 0;
  }
  return text.data[0];
}

static char letter_at(const ztc_live *live, uint64_t index) {
  uint8_t copy[1024];
  uint64_t size;
  const ztc_region *from;
  ck_assert_ztc(ztc_live_copy(live, index, copy, sizeof copy, &size, NULL, &from));
  return letter_of(copy, size, from);
}

static ztc_live *open_live(uint32_t grace_ms) {
  ztc_live *live;
  ck_assert_ztc(ztc_live_open(target(), ZTC_OPEN_VERIFY_ALL, grace_ms, &live, NULL));
  return live;
}

static bool poll_swaps(ztc_live *live) {
  bool swapped;
  ck_assert_ztc(ztc_live_poll(live, &swapped, NULL));
  return swapped;
}

/* Mappings of files that have the target's name, replaced or not; all mappings if `name` is NULL.
 */
static int mappings(const char *name) {
  FILE *f = fopen("/proc/self/maps", "r");
  char line[512];
  int count = 0;
  while (fgets(line, sizeof line, f) != NULL)
    count += name == NULL || strstr(line, name) != NULL;
  fclose(f);
  return count;
}

START_TEST(a_poll_swaps_what_was_renamed_into_place_and_nothing_else) {
  publish(0);
  ztc_live *live = open_live(NO_GRACE);
  ck_assert(!poll_swaps(live));
  ck_assert_int_eq(letter_at(live, 7), 'a');
  for (int version = 1; version < 300; version++) { /* faster than the clock of the files */
    publish(version);
    ck_assert(poll_swaps(live));
    ck_assert(!poll_swaps(live));
    ck_assert_int_eq(letter_at(live, (uint64_t)version % RECORDS), 'a' + version % 26);
  }
  ztc_live_free(live);
}
END_TEST

START_TEST(a_replaced_file_is_let_go_of_when_its_grace_is_over) {
  publish(0);
  ztc_live *at_once = open_live(NO_GRACE), *later = open_live(LONG_GRACE);
  const ztc_region *first = ztc_live_region(later);
  publish(1);
  ck_assert(poll_swaps(at_once));
  ck_assert(poll_swaps(later));
  /* The first: none of the old file. The second: still the old one, for those who are inside. */
  ck_assert_int_eq(mappings("live.ztc (deleted)"), 1);
  ck_assert_ztc(ztc_region_state(first));
  ck_assert_int_eq(letter_at(later, 0), 'b');
  ztc_live_reclaim(later);
  ck_assert_int_eq(mappings("live.ztc (deleted)"), 0);
  ztc_live_free(at_once);
  ztc_live_free(later);
}
END_TEST

static ztc_live *raced;
static int races;

static void swap_under_the_reader(void) {
  if (races-- <= 0)
    return;
  publish(25);
  ck_assert(poll_swaps(raced));
}

START_TEST(a_copy_that_meets_a_tombstone_is_tried_once_more_on_the_new_region) {
  publish(0);
  raced = open_live(NO_GRACE);
  before_copy = swap_under_the_reader;
  races = 1;
  ck_assert_int_eq(letter_at(raced, 4), 'z');
  races = 2;
  uint8_t copy[1024];
  uint64_t size;
  const ztc_region *from;
  ck_assert_status(ztc_live_copy(raced, 4, copy, sizeof copy, &size, NULL, &from), ZTC_CLOSED);
  ztc_live_free(raced);
}
END_TEST

START_TEST(a_bad_file_is_reported_once_and_the_old_region_stays) {
  publish(0);
  ztc_live *live = open_live(NO_GRACE);
  ztc_error error;
  bool swapped = true;
  put_garbage("this is not a region, whatever its name says");
  ck_assert_status(ztc_live_poll(live, &swapped, &error), ZTC_NOT_A_REGION);
  ck_assert_ptr_nonnull(strstr(error.message, target()));
  ck_assert(!swapped);
  ck_assert(!poll_swaps(live));
  for (int i = 0; i < 200; i++) { /* of one size, faster than the clock; inodes would come back */
    put_garbage("this is not a region, whatever its name may say");
    put_garbage("this is not a region, whatever its name may say");
    ck_assert_status(ztc_live_poll(live, NULL, NULL), ZTC_NOT_A_REGION);
  }
  put_garbage("");
  ck_assert_status(ztc_live_poll(live, NULL, &error), ZTC_EMPTY_FILE);
  ck_assert(!poll_swaps(live));
  ck_assert_int_eq(unlink(target()), 0);
  ck_assert_status(ztc_live_poll(live, NULL, &error), ZTC_NOT_FOUND);
  ck_assert(!poll_swaps(live));
  ck_assert_int_eq(letter_at(live, 1), 'a');
  publish(1);
  ck_assert(poll_swaps(live));
  ck_assert_int_eq(letter_at(live, 1), 'b');
  ztc_live_free(live);
}
END_TEST

START_TEST(a_damaged_record_is_found_by_the_level_that_looks) {
  publish(0);
  ztc_live *careful = open_live(NO_GRACE), *quick;
  ck_assert_ztc(ztc_live_open(target(), 0, NO_GRACE, &quick, NULL));
  publish(1);
  image bytes = image_read(target());
  bytes.bytes[bytes.size / 2] ^= 1;
  char beside[300];
  snprintf(beside, sizeof beside, "%s.new", target());
  image_write(&bytes, beside);
  ck_assert_int_eq(rename(beside, target()), 0);
  ck_assert_status(ztc_live_poll(careful, NULL, NULL), ZTC_CHECKSUM);
  ck_assert_int_eq(letter_at(careful, 1), 'a');
  ck_assert(poll_swaps(quick));
  image_free(&bytes);
  ztc_live_free(careful);
  ztc_live_free(quick);
}
END_TEST

START_TEST(a_file_that_was_out_of_reach_for_a_while_is_no_news) {
  char link[300];
  snprintf(link, sizeof link, "%s.link", target());
  publish(0);
  ck_assert_int_eq(symlink(target(), link), 0);
  ztc_live *live;
  ck_assert_ztc(ztc_live_open(link, 0, NO_GRACE, &live, NULL));
  ck_assert_int_eq(unlink(link), 0);
  ck_assert_status(ztc_live_poll(live, NULL, NULL), ZTC_NOT_FOUND);
  ck_assert_int_eq(symlink(target(), link), 0);
  ck_assert(!poll_swaps(live));
  publish(1);
  ck_assert(poll_swaps(live));
  ztc_live_free(live);
}
END_TEST

START_TEST(the_old_file_put_back_is_no_news) {
  publish(0);
  ztc_live *live = open_live(NO_GRACE);
  char beside[300];
  snprintf(beside, sizeof beside, "%s.kept", target());
  ck_assert_int_eq(link(target(), beside), 0); /* changes its time of change */
  ck_assert(!poll_swaps(live));
  put_garbage("garbage");
  ck_assert_status(ztc_live_poll(live, NULL, NULL), ZTC_NOT_A_REGION);
  ck_assert_int_eq(rename(beside, target()), 0);
  ck_assert(!poll_swaps(live));
  ck_assert(!poll_swaps(live));
  ztc_live_free(live);
}
END_TEST

START_TEST(a_snapshot_outlives_the_file_and_the_watch) {
  publish(0);
  ztc_watch *watch;
  ztc_region *first, *second, *snapshot;
  ztc_error error;
  ck_assert_ztc(ztc_watch_create(target(), 0, &watch, NULL));
  ck_assert_status(ztc_watch_snapshot(watch, &snapshot, &error), ZTC_WRONG_STATE);
  ck_assert_ztc(ztc_watch_poll(watch, &first, NULL));
  put_garbage("garbage");
  ck_assert_ztc(ztc_watch_snapshot(watch, &snapshot, NULL));
  ck_assert_status(ztc_watch_poll(watch, &second, NULL), ZTC_NOT_A_REGION);
  ck_assert_ptr_null(second);
  ztc_region_free(first);
  ztc_watch_free(watch);
  uint8_t copy[1024];
  uint64_t size;
  ck_assert_ztc(ztc_copy(snapshot, 5, copy, sizeof copy, &size, NULL));
  ck_assert_int_eq(letter_of(copy, size, snapshot), 'a');
  ztc_region_free(snapshot);
}
END_TEST

START_TEST(arguments_are_checked) {
  ztc_watch *watch;
  ztc_live *live;
  ck_assert_status(ztc_watch_create(NULL, 0, &watch, NULL), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_watch_create("x", 0x4000, &watch, NULL), ZTC_INVALID_ARGUMENT);
  ck_assert_status(ztc_live_open(test_path("none.ztc"), 0, 0, &live, NULL), ZTC_NOT_FOUND);
  ck_assert_ptr_null(live);
  ztc_watch_free(NULL);
  ztc_live_free(NULL);
}
END_TEST

/* ----------------------------------------------------------------------------- under load -- */

enum { READERS = 3, SWAPS = 400 };

typedef struct load {
  ztc_live *live;
  atomic_bool stop;
  _Atomic long copies[READERS];
  _Atomic int wrong;
  _Atomic int retried;
} load;

typedef struct reader {
  load *load;
  int number;
} reader;

/* Copies until told to stop: each is whole, of one version, and never fails. */
static void *read_all_the_time(void *argument) {
  const reader *me = argument;
  load *l = me->load;
  uint8_t copy[1024];
  uint64_t size;
  const ztc_region *from;
  for (uint64_t i = 0; !atomic_load(&l->stop); i++) {
    const ztc_status status =
        ztc_live_copy(l->live, i % RECORDS, copy, sizeof copy, &size, NULL, &from);
    /* Two swaps may pass a reader by between its two attempts; it tries again then. */
    if (status == ZTC_CLOSED)
      atomic_fetch_add(&l->retried, 1);
    else if (status != ZTC_OK || letter_of(copy, size, from) == 0)
      atomic_fetch_add(&l->wrong, 1);
    atomic_fetch_add(&l->copies[me->number], 1);
    if (i % 16 == 0)
      sched_yield();
  }
  return NULL;
}

/* Goes on when each reader has made some more copies. */
static void let_readers_work(load *l) {
  for (int t = 0; t < READERS; t++) {
    const long seen = atomic_load(&l->copies[t]);
    while (atomic_load(&l->copies[t]) < seen + 5)
      sched_yield();
  }
}

START_TEST(hundreds_of_swaps_under_readers_give_whole_copies_and_leak_nothing) {
  publish(0);
  const int descriptors = open_descriptors();
  const int others = mappings(NULL) - mappings("live.ztc");
  load l = {.live = open_live(_i == 0 ? NO_GRACE : LONG_GRACE)};
  pthread_t threads[READERS];
  reader readers[READERS];
  for (int t = 0; t < READERS; t++) {
    readers[t] = (reader){.load = &l, .number = t};
    pthread_create(&threads[t], NULL, read_all_the_time, &readers[t]);
  }
  for (int version = 1; version <= SWAPS; version++) {
    publish(version);
    ck_assert(poll_swaps(l.live));
    let_readers_work(&l);
    /* What the readers have left: of the old files nothing, or all within their grace. */
    ck_assert_int_eq(mappings("live.ztc (deleted)"), _i == 0 ? 0 : version);
  }
  atomic_store(&l.stop, true);
  for (int t = 0; t < READERS; t++)
    pthread_join(threads[t], NULL);
  ck_assert_int_eq(l.wrong, 0);
  if (_i != 0)
    ck_assert_int_eq(l.retried, 0);
  ztc_live_reclaim(l.live);
  ck_assert_int_eq(mappings("live.ztc"), 1);
  ck_assert_int_eq(letter_at(l.live, 3), 'a' + SWAPS % 26);
  ztc_live_free(l.live);
  ck_assert_int_eq(open_descriptors(), descriptors);
  ck_assert_int_eq(mappings("live.ztc"), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* which map what they like */
  /* Threads leave stacks and arenas, a few. */
  ck_assert_int_le(mappings(NULL), others + 8 * READERS + 8);
#else
  (void)others;
#endif
}
END_TEST

START_TEST(workers_that_were_forked_follow_by_themselves) {
  publish(0);
  ztc_live *live = open_live(NO_GRACE);
  enum { WORKERS = 3, VERSIONS = 100 };
  int to[WORKERS][2], back[WORKERS][2];
  fflush(stdout);
  for (int w = 0; w < WORKERS; w++) {
    ck_assert_int_eq(pipe(to[w]) | pipe(back[w]), 0);
    if (fork() == 0) {
      char go;
      for (int version = 1; version <= VERSIONS; version++) {
        if (read(to[w][0], &go, 1) != 1 || ztc_live_poll(live, NULL, NULL) != ZTC_OK)
          _exit(1);
        ztc_live_reclaim(live);
        const char letter = letter_at(live, (uint64_t)version);
        if (mappings("live.ztc") != 1 || write(back[w][1], &letter, 1) != 1)
          _exit(2);
      }
      ztc_live_free(live);
      _exit(mappings("live.ztc") == 0 ? 0 : 3);
    }
  }
  for (int version = 1; version <= VERSIONS; version++) {
    publish(version);
    for (int w = 0; w < WORKERS; w++)
      ck_assert_int_eq(write(to[w][1], "!", 1), 1);
    for (int w = 0; w < WORKERS; w++) {
      char letter;
      ck_assert_int_eq(read(back[w][0], &letter, 1), 1);
      ck_assert_int_eq(letter, 'a' + version % 26);
    }
  }
  for (int w = 0; w < WORKERS; w++) {
    int status;
    ck_assert_int_ge(wait(&status), 0);
    ck_assert_int_eq(status, 0);
  }
  ck_assert_int_eq(letter_at(live, 0), 'a'); /* the parent has not polled */
  ztc_live_free(live);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_poll_swaps_what_was_renamed_into_place_and_nothing_else);
  tcase_add_test(tests, a_replaced_file_is_let_go_of_when_its_grace_is_over);
  tcase_add_test(tests, a_copy_that_meets_a_tombstone_is_tried_once_more_on_the_new_region);
  tcase_add_test(tests, a_bad_file_is_reported_once_and_the_old_region_stays);
  tcase_add_test(tests, a_damaged_record_is_found_by_the_level_that_looks);
  tcase_add_test(tests, the_old_file_put_back_is_no_news);
  tcase_add_test(tests, a_file_that_was_out_of_reach_for_a_while_is_no_news);
  tcase_add_test(tests, a_snapshot_outlives_the_file_and_the_watch);
  tcase_add_test(tests, arguments_are_checked);
  tcase_add_loop_test(tests, hundreds_of_swaps_under_readers_give_whole_copies_and_leak_nothing, 0,
                      2);
  tcase_add_test(tests, workers_that_were_forked_follow_by_themselves);
}

ZTC_TEST_MAIN("live", fill)
