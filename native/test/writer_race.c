/* Publishers that race for one path, each a process, and a reader meanwhile. In each round one of
 * them creates its writer when the other one has its own, by turns, so that whatever it would do to
 * that one's file is done; they publish at once. */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "main.h"
#include "support.h"

enum { PUBLISHERS = 2, ROUNDS = 50, MOST_TEXT = 80, PATIENCE = 40 };

/* How many records the regions of each publisher have; the last one published before the race. */
static const int sizes[PUBLISHERS + 1] = {60, 90, 1};

/* All records of a region say the same: who published it, and when. */
static void text_by(int publisher, int round, char text[MOST_TEXT]) {
  snprintf(text, MOST_TEXT, "{\"by\":%di8,\"round\":%di32,\"text\":\"some more bytes\"}", publisher,
           round);
}

static ztc_status create_by(int publisher, int round, const char *path, ztc_writer **w,
                            ztc_error *error) {
  char text[MOST_TEXT];
  text_by(publisher, round, text);
  const ztc_status status = ztc_writer_create(path, 0, w, error);
  for (int i = 0; status == ZTC_OK && i < sizes[publisher]; i++)
    add_text(*w, text); /* what fails is told by ztc_writer_publish */
  return status;
}

/* --------------------------------------------------------------------- a publisher's process -- */

/* Says that a step is done, and waits for the next one. */
static void take_turn(int channel) {
  char byte = 0;
  if (write(channel, &byte, 1) != 1 || read(channel, &byte, 1) != 1)
    _exit(2);
}

static void publish_again_and_again(int publisher, const char *path, int channel) {
  signal(SIGALRM, SIG_DFL); /* Check's own handler would kill the whole test without a word */
  alarm(PATIENCE);
  take_turn(channel);
  for (int round = 0; round < ROUNDS; round++) {
    ztc_error error = {.message = ""};
    ztc_writer *w;
    ztc_status status = create_by(publisher, round, path, &w, &error);
    if (status == ZTC_OK) {
      take_turn(channel);
      status = ztc_writer_publish(w, &error);
    }
    if (status != ZTC_OK) {
      printf("publisher %d, round %d: %s\n", publisher, round, error.message);
      fflush(stdout);
      _exit(1);
    }
    take_turn(channel);
  }
  _exit(0);
}

/* ---------------------------------------------------------------------------------- the test -- */

static int channels[PUBLISHERS];

static pid_t start_publisher(int publisher, const char *path) {
  int ends[2];
  ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  channels[publisher] = ends[0];
  const pid_t child = fork();
  ck_assert_int_ge(child, 0);
  if (child == 0) {
    for (int i = 0; i <= publisher; i++)
      close(channels[i]);
    publish_again_and_again(publisher, path, ends[1]);
  }
  close(ends[1]);
  return child;
}

static void let_go_on(int publisher) {
  ck_assert_int_eq(send(channels[publisher], "", 1, MSG_NOSIGNAL), 1);
}

static void await(int publisher) {
  char byte;
  ck_assert_msg(read(channels[publisher], &byte, 1) == 1, "publisher %d ended", publisher);
}

static bool has_come(int publisher) {
  struct pollfd channel = {.fd = channels[publisher], .events = POLLIN};
  return poll(&channel, 1, 0) == 1;
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
  ztc_writer *w;
  pid_t children[PUBLISHERS];
  unsigned long seen[PUBLISHERS + 1] = {0};
  strcpy(path, test_path("target.ztc"));
  ck_assert_ztc(create_by(PUBLISHERS, 0, path, &w, &error));
  ck_assert_ztc(ztc_writer_publish(w, &error));
  fflush(stdout);
  for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
    children[publisher] = start_publisher(publisher, path);
    await(publisher);
  }
  int winner = PUBLISHERS;
  for (int round = 0; round < ROUNDS; round++) {
    const int first = round % PUBLISHERS;
    for (int i = 0; i < PUBLISHERS; i++) {
      let_go_on((first + i) % PUBLISHERS);
      await((first + i) % PUBLISHERS);
      ck_assert_int_eq(publisher_of(path), winner); /* nothing of this round is published */
    }
    ck_assert_int_eq(count_files(), 1 + PUBLISHERS);
    for (int i = 0; i < PUBLISHERS; i++)
      let_go_on((first + i) % PUBLISHERS);
    for (int i = 0; i < PUBLISHERS; i++) {
      while (!has_come(i))
        seen[publisher_of(path)]++;
      await(i);
    }
    winner = publisher_of(path);
    ck_assert_int_lt(winner, PUBLISHERS);
    ck_assert_int_eq(count_files(), 1); /* the target: no temporary file */
  }
  for (int publisher = 0; publisher < PUBLISHERS; publisher++) {
    int status = -1;
    let_go_on(publisher);
    ck_assert_int_eq(waitpid(children[publisher], &status, 0), children[publisher]);
    ck_assert_int_eq(status, 0);
  }
  printf("%d regions published by each; opened: %lu of one, %lu of the other, %lu before\n", ROUNDS,
         seen[0], seen[1], seen[2]);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, publishers_that_race_leave_one_of_their_regions_whole_at_any_time);
}

ZTC_TEST_MAIN("writer_race", fill)
