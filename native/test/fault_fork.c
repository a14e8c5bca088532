/* Children that are forked while another thread is inside of a call, at a place that is chosen: the
 * library is built with ZTC_LOAD_HOOK here, and that thread waits at one of its loads. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>

#include "fork_child.h"
#include "load.h"
#include "main.h"
#include "support.h"

enum { NOWHERE = -1, MOST_PLACES = 60 };

static ztc_region *region;
static char path[256], parents[256], childs[256];

/* What the other thread does, and where it waits. */
static struct {
  bool (*work)(void);
  int place; /* number of the load, or NOWHERE */
  int loads; /* so far */
  bool ended, good;
  sem_t arrived, released;
} other;

static _Thread_local bool is_other;

void ztc__load_hook(uintptr_t address, void *value, uint64_t size);
void ztc__prefetch_hook(uintptr_t address);

void ztc__load_hook(uintptr_t address, void *value, uint64_t size) {
  (void)address, (void)value, (void)size;
  if (!is_other || other.loads++ != other.place)
    return;
  sem_post(&other.arrived);
  sem_wait(&other.released);
}

void ztc__prefetch_hook(uintptr_t address) {
  (void)address;
}

static bool read_region(void) {
  return reads(region);
}

static bool open_and_publish(void) {
  return lives(path, parents);
}

static void *work(void *context) {
  (void)context;
  is_other = true;
  other.good = other.work();
  other.ended = true;
  sem_post(&other.arrived);
  return NULL;
}

/* Until it is at the place, or has ended. */
static pthread_t start_other(int place) {
  pthread_t thread;
  other.place = place;
  other.loads = 0;
  other.ended = false;
  ck_assert_int_eq(pthread_create(&thread, NULL, work, NULL), 0);
  sem_wait(&other.arrived);
  return thread;
}

static void end_other(pthread_t thread) {
  if (!other.ended) {
    sem_post(&other.released);
    sem_wait(&other.arrived);
  }
  pthread_join(thread, NULL);
  ck_assert(other.ended);
  ck_assert(other.good);
}

/* All places, or so many of them in even distances. */
static void fork_at_places(bool (*of)(void), int most) {
  region = open_sample();
  strcpy(path, test_path("sample.ztc"));
  strcpy(parents, test_path("parents.ztc"));
  strcpy(childs, test_path("childs.ztc"));
  other.work = of;
  sem_init(&other.arrived, 0, 0);
  sem_init(&other.released, 0, 0);
  end_other(start_other(NOWHERE));
  const int loads = other.loads, places = loads < most ? loads : most;
  ck_assert_int_gt(places, 0);
  printf("%d of %d places\n", places, loads);
  fflush(stdout);
  for (int i = 0; i < places; i++) {
    const pthread_t thread = start_other((int)((long)loads * i / places));
    ck_assert(!other.ended);
    const pid_t child = fork();
    if (child == 0) {
      lose_patience_later();
      _exit(reads(region) && lives(path, childs) ? 0 : 1);
    }
    ck_assert_int_eq(status_of(child), 0);
    end_other(thread);
  }
  ztc_region_free(region);
}

START_TEST(a_child_of_a_process_that_reads_lives_wherever_the_reader_is) {
  fork_at_places(read_region, INT32_MAX);
}
END_TEST

START_TEST(a_child_of_a_process_that_opens_and_publishes_lives_wherever_that_is) {
  fork_at_places(open_and_publish, MOST_PLACES);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_child_of_a_process_that_reads_lives_wherever_the_reader_is);
  tcase_add_test(tests, a_child_of_a_process_that_opens_and_publishes_lives_wherever_that_is);
}

ZTC_TEST_MAIN("fault_fork", fill)
