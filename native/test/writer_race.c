/* Publishers that race for one path, each a process, and a reader meanwhile. */
#include <dirent.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

enum { PUBLISHERS = 2, ROUNDS = 100, MOST_TEXT = 80, PATIENCE = 40 };

/* How many records the regions of each publisher have; the last one published before the race. */
static const int sizes[PUBLISHERS + 1] = {60, 90, 1};

/* All records of a region say the same: who published it, and when. */
static void text_by(int publisher, int round, char text[MOST_TEXT]) {
  snprintf(text, MOST_TEXT, "{\"by\":%di8,\"round\":%di32,\"text\":\"some more bytes\"}", publisher,
           round);
}

static ztc_status publish_by(int publisher, int round, const char *path, ztc_error *error) {
  char text[MOST_TEXT];
  ztc_writer *w;
  text_by(publisher, round, text);
  ztc_status status = ztc_writer_create(path, 0, &w, error);
  if (status != ZTC_OK)
    return status;
  for (int i = 0; i < sizes[publisher]; i++)
    add_text(w, text); /* what fails is told by the writer below */
  return ztc_writer_publish(w, error);
}

/* A publisher's process. */
static void publish_again_and_again(int publisher, const char *path) {
  alarm(PATIENCE);
  for (int round = 0; round < ROUNDS; round++) {
    ztc_error error = {.message = ""};
    if (publish_by(publisher, round, path, &error) != ZTC_OK) {
      printf("publisher %d, round %d: %s\n", publisher, round, error.message);
      fflush(stdout);
      _exit(1);
    }
  }
  _exit(0);
}

/* Whole, and of one publisher: which one? Asserts little, as each assertion leaves a mark in a
 * file. */
static int publisher_of(const char *path) {
  uint8_t first[256], copy[256];
  uint64_t first_size = 0, size;
  ztc_region *region;
  ztc_error error = {.message = ""};
  const ztc_status status = ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error);
  ck_assert_msg(status == ZTC_OK, "the reader: %s", error.message);
  char expected[MOST_TEXT] = "";
  char *text = text_of_record(region, 0);
  int publisher = -1, round = -1;
  ck_assert_int_eq(sscanf(text, "{\"by\":%di8,\"round\":%di32", &publisher, &round), 2);
  ck_assert_msg(publisher >= 0 && publisher <= PUBLISHERS, "%s", text);
  text_by(publisher, round, expected);
  ck_assert_str_eq(text, expected);
  free(text);
  ck_assert_uint_eq(ztc_region_count(region), (uint64_t)sizes[publisher]);
  ck_assert_ztc(ztc_copy(region, 0, first, sizeof first, &first_size, NULL));
  for (uint64_t i = 1; i < ztc_region_count(region); i++) {
    if (ztc_copy(region, i, copy, sizeof copy, &size, NULL) != ZTC_OK || size != first_size ||
        memcmp(copy, first, size) != 0)
      ck_abort_msg("record %lu is not what record 0 is", (unsigned long)i);
  }
  ztc_region_free(region);
  return publisher;
}

static int count_files(void) {
  int count = 0;
  DIR *listing = opendir(test_directory());
  ck_assert_ptr_nonnull(listing);
  for (const struct dirent *e; (e = readdir(listing)) != NULL;) {
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
      count++;
  }
  closedir(listing);
  return count;
}

START_TEST(publishers_that_race_leave_one_of_their_regions_whole_at_any_time) {
  char path[256];
  ztc_error error = {.message = ""};
  strcpy(path, test_path("target.ztc"));
  ck_assert_msg(publish_by(PUBLISHERS, 0, path, &error) == ZTC_OK, "%s", error.message);
  fflush(stdout);
  for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
      publish_again_and_again(publisher, path);
  }
  unsigned long reads = 0, seen[PUBLISHERS + 1] = {0};
  for (int running = PUBLISHERS; running > 0;) {
    int status;
    const pid_t ended = waitpid(-1, &status, WNOHANG);
    if (ended > 0) {
      ck_assert_int_eq(status, 0);
      running--;
    }
    seen[publisher_of(path)]++;
    reads++;
  }
  printf("%d regions published by each; %lu opened: %lu of one, %lu of the other, %lu before\n",
         ROUNDS, reads, seen[0], seen[1], seen[2]);
  ck_assert_int_lt(publisher_of(path), PUBLISHERS);
  ck_assert_int_eq(count_files(), 1); /* the target: no temporary file */
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, publishers_that_race_leave_one_of_their_regions_whole_at_any_time);
}

ZTC_TEST_MAIN("writer_race", fill)
