/* Regions that are closed, truncated or forked away under their readers. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "format.h"
#include "main.h"
#include "registry.h"
#include "sigbus.h"
#include "support.h"

/* The thread sanitizer puts a handler of its own before every other. */
#ifdef __SANITIZE_THREAD__
enum { FAULTS_COME_FIRST = false };
#else
enum { FAULTS_COME_FIRST = true };
#endif

/* Published only once in a test. */
static ztc_region *open_sample(void) {
  ztc_region *region;
  if (access(test_path("sample.ztc"), F_OK) != 0)
    publish_sample(test_path("sample.ztc"));
  ck_assert_ztc(ztc_region_open(test_path("sample.ztc"), 0, &region, NULL));
  return region;
}

START_TEST(a_closed_region_refuses_everything_and_closing_again_is_fine) {
  ztc_region *region = open_sample();
  const uint64_t count = ztc_region_count(region);
  uint8_t copy[4096];
  uint64_t size, offsets[2], index = 0;
  size_t done = 7;
  ztc_error error;
  ztc_region_close(region);
  ztc_region_close(region);
  ck_assert_status(ztc_region_state(region), ZTC_CLOSED);
  ck_assert_status(ztc_copy(region, 0, copy, sizeof copy, &size, NULL), ZTC_CLOSED);
  ck_assert_status(ztc_copy_size(region, 0, &size), ZTC_CLOSED);
  ck_assert_status(ztc_copy_path(region, 0, "$", copy, sizeof copy, &size, NULL, &error),
                   ZTC_CLOSED);
  ck_assert_status(ztc_copy_batch(region, &index, 1, copy, sizeof copy, offsets, &done, NULL),
                   ZTC_CLOSED);
  ck_assert_uint_eq(done, 0);
  ck_assert_status(ztc_region_validate(region, &error), ZTC_CLOSED);
  ck_assert_status(ztc_region_extent(region, 0, &size, &size), ZTC_CLOSED);
  ck_assert_uint_eq(ztc_region_count(region), count);
  ck_assert_status(ztc_region_preload(region, NULL, NULL, &error), ZTC_CLOSED);
  uint64_t records, end;
  const volatile uint32_t *state;
  ck_assert_ztc(ztc_sigbus_install());
  if (FAULTS_COME_FIRST) {
    ck_assert_ztc(ztc_region_layout(region, &size, &records, &end, &state));
    ck_assert_uint_eq(*state, ZTC_CLOSED);
  }
  ztc_prefetch(region, 0);
  ztc_prefetch_batch(region, (const uint64_t[]){0}, 1);
  ztc_region_free(region);
  ztc_region_free(NULL);
  ztc_region_close(NULL);
}
END_TEST

/* One way to read: its status, and whether what it delivered is right. */
typedef ztc_status (*reader)(const ztc_region *region, bool *right);

static ztc_status read_copy(const ztc_region *region, bool *right) {
  uint8_t copy[4096];
  uint64_t size;
  const ztc_status status = ztc_copy(region, 29, copy, sizeof copy, &size, NULL);
  *right = copy[0] != 0; /* a node header: enough of the copy to see zeros */
  return status;
}

/* A record that takes long to copy, so that closes strike in the middle: no byte of it is 0. */
enum { LONG_RECORD = 1 << 16, LONG_RECORD_AT = 16 };

static void publish_long(void) {
  static uint8_t ones[LONG_RECORD];
  ztc_writer *w;
  memset(ones, 1, sizeof ones);
  ck_assert_ztc(ztc_writer_create(test_path("long.ztc"), 0, &w, NULL));
  ck_assert_ztc(ztc_writer_bytes(w, ones, sizeof ones));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_publish(w, NULL));
}

static ztc_region *open_long(void) {
  ztc_region *region;
  if (access(test_path("long.ztc"), F_OK) != 0)
    publish_long();
  ck_assert_ztc(ztc_region_open(test_path("long.ztc"), 0, &region, NULL));
  return region;
}

static ztc_status read_long(const ztc_region *region, bool *right) {
  static _Thread_local uint8_t copy[LONG_RECORD_AT + LONG_RECORD];
  uint64_t size;
  const ztc_status status = ztc_copy(region, 0, copy, sizeof copy, &size, NULL);
  *right = memchr(copy + LONG_RECORD_AT, 0, LONG_RECORD) == NULL;
  return status;
}

static ztc_status read_index(const ztc_region *region, bool *right) {
  uint64_t index = UINT64_MAX;
  const ztc_status status = ztc_index_of(region, &sample_keys[4], &index);
  *right = index == 4;
  return status;
}

static ztc_status read_keys(const ztc_region *region, bool *right) {
  uint8_t buffer[ZTC_MAX_KEY_SIZE];
  uint64_t cursor = 0, index, keys = 0;
  ztc_key key;
  ztc_status status;
  while ((status = ztc_region_key_next(region, &cursor, &key, &index, buffer, sizeof buffer)) ==
         ZTC_OK)
    keys++;
  *right = keys == ztc_region_key_count(region);
  return status == ZTC_NO_SUCH_KEY ? ZTC_OK : status;
}

typedef struct hammer {
  ztc_region *region;
  reader read;
  _Atomic int running;
  _Atomic long reads, refused, wrong;
} hammer;

static void *read_until_closed(void *context) {
  hammer *h = context;
  atomic_fetch_add(&h->running, 1);
  for (;;) {
    bool right = false;
    const ztc_status status = h->read(h->region, &right);
    if (status == ZTC_OK) {
      atomic_fetch_add(right ? &h->reads : &h->wrong, 1);
    } else {
      atomic_fetch_add(status == ZTC_CLOSED ? &h->refused : &h->wrong, 1);
      return NULL;
    }
  }
}

/* Each is read this often before it is closed, in each of the rounds: copies of records and
   look-ups more than a million times each. A tool that watches each access takes long for that. */
enum { ROUNDS = 200 };
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { OFTEN = 500 };
#else
enum { OFTEN = 6000 };
#endif

static const struct {
  ztc_region *(*open)(void);
  reader read;
  int reads;
} readers[] = {{open_sample, read_copy, OFTEN},
               {open_long, read_long, 100},
               {open_sample, read_index, OFTEN},
               {open_sample, read_keys, 100}};

START_TEST(closing_under_readers_gives_data_or_an_error) {
  long reads = 0;
  for (int round = 0; round < ROUNDS; round++) {
    hammer h = {.region = readers[_i].open(), .read = readers[_i].read};
    pthread_t threads[3];
    for (int t = 0; t < 3; t++)
      pthread_create(&threads[t], NULL, read_until_closed, &h);
    while (atomic_load(&h.reads) < readers[_i].reads)
      sched_yield();
    ztc_region_close(h.region);
    for (int t = 0; t < 3; t++)
      pthread_join(threads[t], NULL);
    ck_assert_int_eq(h.wrong, 0);
    ck_assert_int_eq(h.refused, 3);
    ztc_region_free(h.region);
    reads += h.reads;
  }
  printf("%ld reads, %d closes\n", reads, ROUNDS);
  ck_assert_int_ge(reads, (long)ROUNDS * readers[_i].reads);
}
END_TEST

START_TEST(lent_memory_is_never_remapped) {
  publish_sample(test_path("sample.ztc"));
  image i = image_read(test_path("sample.ztc"));
  /* A mapping of its own, which a call that took it for one of the library's could replace. */
  void *lent = mmap(NULL, i.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(lent, i.bytes, i.size);
  ztc_region *region;
  uint8_t copy[4096];
  uint64_t size;
  ck_assert_ztc(ztc_region_open_memory(lent, i.size, 0, &region, NULL));
  ztc_region_close(region);
  ck_assert_status(ztc_copy(region, 0, copy, sizeof copy, &size, NULL), ZTC_CLOSED);
  ck_assert_mem_eq(lent, i.bytes, i.size);
  ztc_region_free(region);
  ck_assert_mem_eq(lent, i.bytes, i.size);
  munmap(lent, i.size);
  image_free(&i);
}
END_TEST

START_TEST(a_child_reads_what_its_parent_opened) {
  ztc_region *region = open_sample();
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    uint8_t copy[4096];
    uint64_t size;
    for (uint64_t i = 0; i < ztc_region_count(region); i++) {
      if (ztc_copy(region, i, copy, sizeof copy, &size, NULL) != ZTC_OK)
        _exit(1);
    }
    ztc_region_free(region); /* the child's own matter */
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  ck_assert_int_eq(status, 0);
  char *text = text_of_record(region, 29);
  ck_assert_str_eq(text, sample_texts[29]);
  free(text);
  ztc_region_free(region);
}
END_TEST

/* A region of several pages, so that a truncation takes some away. */
static void publish_large(const char *path) {
  ztc_writer *w;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, NULL));
  static char text[1000];
  memset(text, 'x', sizeof text);
  for (int i = 0; i < 200; i++) {
    ck_assert_ztc(ztc_writer_string(w, text, sizeof text, ZTC_ASCII));
    ck_assert_ztc(ztc_writer_end_record(w, NULL));
  }
  ck_assert_ztc(ztc_writer_publish(w, NULL));
}

START_TEST(a_truncated_file_costs_an_error_not_the_process) {
  ck_assert_ztc(ztc_sigbus_install());
  ck_assert_ztc(ztc_sigbus_install());
  publish_large(test_path("large.ztc"));
  ztc_region *region;
  uint8_t copy[4096];
  uint64_t size;
  ck_assert_ztc(ztc_region_open(test_path("large.ztc"), 0, &region, NULL));
  ck_assert_int_eq(truncate(test_path("large.ztc"), 0), 0);
  ck_assert_status(ztc_copy(region, 150, copy, sizeof copy, &size, NULL), ZTC_LOST);
  ck_assert_status(ztc_copy(region, 0, copy, sizeof copy, &size, NULL), ZTC_LOST);
  ck_assert_status(ztc_region_state(region), ZTC_LOST);
  ztc_region_close(region);
  ck_assert_status(ztc_region_state(region), ZTC_LOST);
  ztc_region_free(region);
}
END_TEST

/* One mapping a page would meet the kernel's limit on mappings long before the end. */
START_TEST(every_second_page_of_4_gib_that_are_gone_can_be_touched) {
  ck_assert_ztc(ztc_sigbus_install());
  publish_large(test_path("large.ztc"));
  const uint64_t size = UINT64_C(4) << 30;
  image i = image_read(test_path("large.ztc"));
  memcpy(i.bytes + ZTC__HEADER_FILE_SIZE, &size, sizeof size);
  image_fix_header(&i);
  image_write(&i, test_path("large.ztc"));
  ck_assert_int_eq(truncate(test_path("large.ztc"), (off_t)size), 0);
  ztc_region *region;
  ck_assert_ztc(ztc_region_open(test_path("large.ztc"), 0, &region, NULL));
  const volatile uint8_t *base = ztc_region_base(region);
  ck_assert_int_eq(truncate(test_path("large.ztc"), 0), 0);
  uint64_t sum = 0;
  for (uint64_t at = 0; at < size; at += 2 * 4096)
    sum += base[at];
  ck_assert_uint_eq(sum, 0);
  ck_assert_status(ztc_region_state(region), ZTC_LOST);
  ztc_region_free(region);
  image_free(&i);
}
END_TEST

START_TEST(a_file_that_shrank_before_it_is_opened_costs_an_error) {
  ck_assert_ztc(ztc_sigbus_install());
  publish_large(test_path("large.ztc"));
  const int fd = open(test_path("large.ztc"), O_RDWR);
  ck_assert_int_eq(ftruncate(fd, 0), 0);
  ztc_region *region;
  ck_assert_status(ztc_region_open_fd(fd, 0, &region, NULL), ZTC_EMPTY_FILE);
  close(fd);
}
END_TEST

static volatile sig_atomic_t foreign;
static void *foreign_page;

static void on_foreign(int signal_number, siginfo_t *info, void *context) {
  (void)signal_number;
  (void)context;
  foreign++;
  mmap((void *)((uintptr_t)info->si_addr & ~UINT64_C(4095)), 4096, PROT_READ,
       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

START_TEST(faults_of_others_go_to_their_own_handler) {
  struct sigaction action = {.sa_sigaction = on_foreign, .sa_flags = SA_SIGINFO};
  sigaction(SIGBUS, &action, NULL);
  ck_assert_ztc(ztc_sigbus_install());
  ztc_region *region = open_sample();
  const int fd = open(test_path("other"), O_CREAT | O_RDWR, 0600);
  ck_assert_int_eq(ftruncate(fd, 4096), 0);
  foreign_page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  ck_assert_int_eq(ftruncate(fd, 0), 0);
  ck_assert_int_eq(*(volatile char *)foreign_page, 0);
  ck_assert_int_eq(foreign, 1);
  ck_assert_ztc(ztc_region_state(region));
  close(fd);
  ztc_region_free(region);
}
END_TEST

START_TEST(layouts_are_told_only_where_faults_reach_the_library_first) {
  ztc_region *region = open_sample();
  uint64_t index, records, end;
  const volatile uint32_t *state;
  ck_assert_status(ztc_region_layout(region, &index, &records, &end, &state), ZTC_UNSUPPORTED);
  ck_assert_ztc(ztc_sigbus_install());
  ck_assert_status(ztc_region_layout(region, &index, &records, &end, &state),
                   FAULTS_COME_FIRST ? ZTC_OK : ZTC_UNSUPPORTED);
  struct sigaction action = {.sa_sigaction = on_foreign, .sa_flags = SA_SIGINFO};
  sigaction(SIGBUS, &action, NULL);
  ck_assert_status(ztc_region_layout(region, &index, &records, &end, &state), ZTC_UNSUPPORTED);
  ztc_region_free(region);
}
END_TEST

START_TEST(a_signal_that_was_ignored_still_is) {
  signal(SIGBUS, SIG_IGN);
  ck_assert_ztc(ztc_sigbus_install());
  ck_assert_int_eq(kill(getpid(), SIGBUS), 0);
  ck_assert_int_eq(raise(SIGBUS), 0);
}
END_TEST

/* What happens while a thread installs the handler. */
static struct {
  bool armed;
  pthread_t second;
  _Atomic bool waited, finished;
  bool came_too_early;
  pid_t child;
} installing;

int __real_sched_yield(void);
int __wrap_sched_yield(void);
int __wrap_sched_yield(void) {
  atomic_store(&installing.waited, true);
  return __real_sched_yield();
}

static void *install_second(void *unused) {
  (void)unused;
  installing.came_too_early = ztc_sigbus_install() != ZTC_OK || !ztc__sigbus_is_first();
  atomic_store(&installing.finished, true);
  return NULL;
}

int __real_sigaction(int number, const struct sigaction *to, struct sigaction *from);
int __wrap_sigaction(int number, const struct sigaction *to, struct sigaction *from);
int __wrap_sigaction(int number, const struct sigaction *to, struct sigaction *from) {
  if (installing.armed && to != NULL) {
    installing.armed = false;
    installing.child = fork();
    if (installing.child == 0) {
      alarm(20); /* which ends it if it waits for a thread that it does not have */
      _exit(ztc_sigbus_install() == ZTC_OK && ztc__sigbus_is_first() ? 0 : 1);
    }
    pthread_create(&installing.second, NULL, install_second, NULL);
    while (!atomic_load(&installing.waited) && !atomic_load(&installing.finished))
      __real_sched_yield();
  }
  return __real_sigaction(number, to, from);
}

START_TEST(who_was_told_that_the_handler_is_there_has_it) {
  fflush(stdout);
  installing.armed = true;
  ck_assert_ztc(ztc_sigbus_install());
  pthread_join(installing.second, NULL);
  ck_assert(!installing.came_too_early);
  int status;
  ck_assert_int_eq(waitpid(installing.child, &status, 0), installing.child);
  ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(without_another_handler_a_foreign_fault_still_kills) {
  signal(SIGBUS, SIG_DFL);
  ck_assert_ztc(ztc_sigbus_install());
  const int fd = open(test_path("other"), O_CREAT | O_RDWR, 0600);
  ck_assert_int_eq(ftruncate(fd, 4096), 0);
  volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  ck_assert_int_eq(ftruncate(fd, 0), 0);
  fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    (void)*page;
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  ck_assert(WIFSIGNALED(status));
  ck_assert_int_eq(WTERMSIG(status), SIGBUS);
  close(fd);
}
END_TEST

/* The range that is being given back, and what the library thought of it then. */
static struct {
  const void *base;
  int calls;
  bool registered;
} given_back;

int __real_munmap(void *base, size_t size);
int __wrap_munmap(void *base, size_t size);
int __wrap_munmap(void *base, size_t size) {
  uintptr_t found;
  uint64_t length;
  if (base == given_back.base && base != NULL) {
    given_back.calls++;
    given_back.registered |= ztc__registry_find((uintptr_t)base, &found, &length) >= 0;
  }
  return __real_munmap(base, size);
}

/* From then on another thread may have mapped a file there. */
START_TEST(a_range_that_is_given_back_is_no_region_any_more) {
  ztc_region *region = open_sample();
  given_back.base = ztc_region_base(region);
  ztc_region_free(region);
  ck_assert_int_eq(given_back.calls, 1);
  ck_assert(!given_back.registered);
}
END_TEST

START_TEST(address_space_comes_back) {
  publish_large(test_path("large.ztc"));
  for (int i = 0; i < 20000; i++) { /* several times the registry and the limit on mappings */
    ztc_region *region;
    ck_assert_ztc(ztc_region_open(test_path("large.ztc"), 0, &region, NULL));
    ztc_region_free(region);
  }
}
END_TEST

START_TEST(too_many_open_regions_are_an_error_with_the_limit) {
  publish_sample(test_path("sample.ztc"));
  enum { MOST = 5000 };
  static ztc_region *regions[MOST];
  int open_regions = 0;
  ztc_error error;
  while (open_regions < MOST &&
         ztc_region_open(test_path("sample.ztc"), 0, &regions[open_regions], &error) == ZTC_OK) {
    open_regions++;
  }
  ck_assert_int_eq(open_regions, 4096);
  ck_assert_ptr_nonnull(strstr(error.message, "4096"));
  for (int i = 0; i < open_regions; i++)
    ztc_region_free(regions[i]);
}
END_TEST

/* Pages of the registry that only this process maps: its own copies. */
static int own_registry_pages(void) {
  const uintptr_t first = (uintptr_t)ztc__registry_state(0) / 4096;
  const uintptr_t last = (uintptr_t)ztc__registry_state(ZTC__REGISTRY_SIZE - 1) / 4096;
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  int own = 0;
  for (uintptr_t page = first; page <= last; page++) {
    uint64_t entry;
    if (pread(pagemap, &entry, 8, (off_t)(page * 8)) != 8)
      return -1;
    own += (int)(entry >> 56 & 1); /* mapped exclusively */
  }
  close(pagemap);
  return own;
}

START_TEST(a_child_that_opens_a_region_unshares_no_entry_of_its_parents_regions) {
  enum { OPEN = 4000, UNSHARED = 100 };
  static const uint8_t memory[8];
  for (int i = 0; i < OPEN; i++)
    ck_assert_int_eq(ztc__registry_add(memory, sizeof memory), i);
  const pid_t child = fork();
  if (child == 0) {
    const int before = own_registry_pages();
    const int32_t slot = ztc__registry_add(memory, sizeof memory);
    const int after = own_registry_pages();
    _exit(slot == OPEN && before >= 0 ? after - before : UNSHARED);
  }
  int status;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert(WIFEXITED(status));
  ck_assert_int_ge(WEXITSTATUS(status), 1); /* the page of the new entry is seen */
  ck_assert_int_le(WEXITSTATUS(status), 2); /* and at its end may be the count of slots */
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_closed_region_refuses_everything_and_closing_again_is_fine);
  tcase_add_loop_test(tests, closing_under_readers_gives_data_or_an_error, 0,
                      sizeof readers / sizeof *readers);
  tcase_add_test(tests, lent_memory_is_never_remapped);
  tcase_add_test(tests, a_child_reads_what_its_parent_opened);
  tcase_add_test(tests, a_truncated_file_costs_an_error_not_the_process);
  tcase_add_test(tests, every_second_page_of_4_gib_that_are_gone_can_be_touched);
  tcase_add_test(tests, a_file_that_shrank_before_it_is_opened_costs_an_error);
  tcase_add_test(tests, faults_of_others_go_to_their_own_handler);
  tcase_add_test(tests, layouts_are_told_only_where_faults_reach_the_library_first);
  tcase_add_test(tests, a_signal_that_was_ignored_still_is);
  if (FAULTS_COME_FIRST)
    tcase_add_test(tests, who_was_told_that_the_handler_is_there_has_it);
  else
    puts("not available here: the first place for a handler: the thread sanitizer takes it");
  tcase_add_test(tests, without_another_handler_a_foreign_fault_still_kills);
  tcase_add_test(tests, a_range_that_is_given_back_is_no_region_any_more);
  tcase_add_test(tests, address_space_comes_back);
  tcase_add_test(tests, a_child_that_opens_a_region_unshares_no_entry_of_its_parents_regions);
  tcase_add_test(tests, too_many_open_regions_are_an_error_with_the_limit);
}

ZTC_TEST_MAIN("life", fill)
