/*
 * ztc_workers REGION ROUNDS WINDOW_MS WORKERS...: for each number of workers, forks them over a
 * region file, each opens it and copies all records once in its own random order, and their memory
 * is read while all live. Then, ROUNDS times and for each number in turn, the first so many workers
 * copy side by side for a window: ztc_copy, memcpy, memcpy, ztc_copy. Prints a JSON object a line.
 */
#include "workers.h"

#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ztc/ztc.h"

enum { MOST_WORKERS = 64, SLICE = 256, CAPACITY = 1 << 20 };
enum { IDLE, COPY, MEMCPY, STOP };

/* In memory that parent and workers share. */
typedef struct control {
  atomic_int mode, active, ready;
  atomic_uint generation, done;
  struct {
    _Alignas(64) uint64_t copies, first_record_ns;
    double ns;
  } worker[MOST_WORKERS];
} control;

static control *shared;
static const char *region_path;
static uint64_t forked_at;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Page faults of this process so far. */
static long faults(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

static void pause_a_bit(void) {
  nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

static void fail(const char *what) {
  fprintf(stderr, "ztc_workers: %s\n", what);
  exit(3);
}

static uint64_t next(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

/* The record index, through the directory, as the format document says. */
static const uint64_t *lines_of(const uint8_t *base) {
  uint32_t count, type;
  memcpy(&count, base + 40, 4);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t offset;
    memcpy(&type, base + 64 + 32 * i, 4);
    memcpy(&offset, base + 64 + 32 * i + 8, 8);
    if (type == 2)
      return (const uint64_t *)(const void *)(base + offset);
  }
  fail("the region has no record index");
  return NULL;
}

typedef struct reader {
  const ztc_region *region;
  const uint8_t *base;
  const uint64_t *lines;
  uint64_t count, state;
  uint8_t *dst;
} reader;

static void copy_one(reader *r, uint64_t index) {
  uint64_t size;
  if (ztc_copy(r->region, index, r->dst, CAPACITY, &size, NULL) != ZTC_OK)
    fail("a copy failed");
}

static uint64_t copy_for_a_window(reader *r, int mode) {
  uint64_t copies = 0;
  while (atomic_load(&shared->mode) == mode) {
    for (int i = 0; i < SLICE; i++) {
      const uint64_t index = next(&r->state) % r->count;
      if (mode == COPY) {
        copy_one(r, index);
      } else {
        const uint64_t *line = r->lines + 2 * index;
        memcpy(r->dst, r->base + (line[0] & UINT64_C(0xffffffffffff)), (uint32_t)line[1]);
      }
      __asm__ volatile("" ::"r"(r->dst) : "memory");
    }
    copies += SLICE;
  }
  return copies;
}

static void work(int number) {
  ztc_region *region;
  if (ztc_region_open(region_path, 0, &region, NULL) != ZTC_OK)
    fail("the region cannot be opened");
  static uint8_t dst[CAPACITY];
  reader r = {region,
              ztc_region_base(region),
              NULL,
              ztc_region_count(region),
              UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(number + 1),
              dst};
  copy_one(&r, r.count / 2);
  shared->worker[number].first_record_ns = now_ns() - forked_at;
  r.lines = lines_of(r.base);
  /* Every record once: a step that shares no factor with the count visits all. */
  const uint64_t steps[] = {2654435761u, 40503, 7919, 1};
  uint64_t step = 1;
  for (int i = 3; i >= 0; i--)
    step = r.count % steps[i] != 0 ? steps[i] : step;
  for (uint64_t i = 0, at = next(&r.state) % r.count; i < r.count; i++, at = (at + step) % r.count)
    copy_one(&r, at);
  atomic_fetch_add(&shared->ready, 1);
  unsigned seen = 0;
  for (;;) {
    while (atomic_load(&shared->generation) == seen)
      pause_a_bit();
    seen = atomic_load(&shared->generation);
    const int mode = atomic_load(&shared->mode);
    if (mode == STOP)
      break;
    const uint64_t started_at = now_ns();
    const int takes_part = number < atomic_load(&shared->active) && mode != IDLE;
    shared->worker[number].copies = takes_part ? copy_for_a_window(&r, mode) : 0;
    shared->worker[number].ns = (double)(now_ns() - started_at);
    atomic_fetch_add(&shared->done, 1);
  }
  _exit(0);
}

static pid_t workers[MOST_WORKERS];

static void start(int count) {
  memset(shared, 0, sizeof *shared);
  fflush(stdout);
  for (int i = 0; i < count; i++) {
    forked_at = now_ns();
    workers[i] = fork();
    if (workers[i] < 0)
      fail("fork failed");
    if (workers[i] == 0)
      work(i);
  }
  while (atomic_load(&shared->ready) < count) {
    if (waitpid(-1, NULL, WNOHANG) > 0)
      fail("a worker ended early; its message stands above");
    pause_a_bit();
  }
}

static void stop(int count) {
  atomic_store(&shared->mode, STOP);
  atomic_fetch_add(&shared->generation, 1);
  for (int i = 0; i < count; i++)
    waitpid(workers[i], NULL, 0);
}

static void print_memory(int count, uint64_t region_bytes) {
  printf("{\"what\": \"memory\", \"workers\": %d, \"region_bytes\": %llu, \"each\": [", count,
         (unsigned long long)region_bytes);
  for (int i = 0; i < count; i++) {
    memory m;
    if (!memory_of(workers[i], region_path, &m))
      fail("the memory of a worker cannot be read");
    printf("%s{\"pss_kb\": %llu, \"private_kb\": %llu, \"region_pss_kb\": %llu, "
           "\"first_record_ns\": %llu}",
           i > 0 ? ", " : "", (unsigned long long)m.pss_kb, (unsigned long long)m.private_kb,
           (unsigned long long)m.region_pss_kb,
           (unsigned long long)shared->worker[i].first_record_ns);
  }
  puts("]}");
}

/* Copies a second of the first `active` of all workers, together. */
static double window(int active, int all, int mode, long ms) {
  atomic_store(&shared->done, 0);
  atomic_store(&shared->active, active);
  atomic_store(&shared->mode, mode);
  atomic_fetch_add(&shared->generation, 1);
  nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
  atomic_store(&shared->mode, IDLE);
  while (atomic_load(&shared->done) < (unsigned)all)
    pause_a_bit();
  double rate = 0;
  /* A worker that was not scheduled in the window at all counts as 0. */
  for (int i = 0; i < active; i++)
    rate += (double)shared->worker[i].copies / shared->worker[i].ns * 1e9;
  return rate;
}

static void print_round(int active, int all, long ms) {
  const double a1 = window(active, all, COPY, ms), b1 = window(active, all, MEMCPY, ms);
  const double b2 = window(active, all, MEMCPY, ms), a2 = window(active, all, COPY, ms);
  printf("{\"what\": \"rate\", \"workers\": %d, \"copies\": %.1f, \"memcpy\": %.1f}\n", active,
         (a1 + a2) / 2, (b1 + b2) / 2);
}

/* The range of six values holds their median with 96.9 %. */
enum { MEMORY_ROUNDS = 6 };

int main(int argc, char **argv) {
  static char path[PATH_MAX];
  if (argc < 5 || realpath(argv[1], path) == NULL) {
    fprintf(stderr, "usage: ztc_workers REGION ROUNDS WINDOW_MS WORKERS...\n");
    return 2;
  }
  region_path = path;
  const int rounds = atoi(argv[2]);
  const long ms = atol(argv[3]);
  shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED)
    fail("no shared memory");
  ztc_region *region;
  const long faults_before = faults();
  if (ztc_region_open(path, 0, &region, NULL) != ZTC_OK)
    fail("the region cannot be opened");
  printf("{\"what\": \"open\", \"faults\": %ld}\n", faults() - faults_before);
  const uint64_t bytes = ztc_region_size(region);
  ztc_region_free(region);
  int most = 0;
  for (int i = 4; i < argc; i++) {
    const int count = atoi(argv[i]);
    if (count < 1 || count > MOST_WORKERS)
      fail("workers must be 1 to 64");
    most = count > most ? count : most;
  }
  for (int r = 0; r < MEMORY_ROUNDS; r++) {
    for (int i = 4; i < argc; i++) {
      start(atoi(argv[i]));
      print_memory(atoi(argv[i]), bytes);
      stop(atoi(argv[i]));
    }
  }
  start(most);
  for (int r = 0; r < rounds; r++) {
    for (int i = 4; i < argc; i++)
      print_round(atoi(argv[i]), most, ms);
  }
  stop(most);
  return 0;
}
