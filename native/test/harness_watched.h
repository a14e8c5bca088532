/* A pool over a region, and how a test watches it: what is done to the region is told by the pool's
 * arguments. Included once, by a program that is its own subject. */
#ifndef HARNESS_WATCHED_H
#define HARNESS_WATCHED_H

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_deeds.h"
#include "harness_user.h"
#include "pagemap.h"
#include "run.h"
#include "source.h"
#include "ztc/ztc.h"

enum { STRAY_PAGE = 5, PART_AT = 4, PART_PAGES = 4, RECORDS = 500, MAPPED_OFTEN = 50 };

/* ------------------------------------------------------------------------------ the pool -- */

static ztc_region *region;
static const char *region_path;

static uint8_t *page_at(size_t page) {
  return (uint8_t *)(uintptr_t)ztc_region_base(region) + page * pd_page_size();
}

static size_t region_bytes(void) {
  size_t page = pd_page_size();
  return (size_t)(ztc_region_size(region) + page - 1) / page * page;
}

static void read_all(const volatile uint8_t *at, size_t bytes) {
  for (size_t i = 0; i < bytes; i += pd_page_size())
    (void)at[i];
}

static void copy_all(void) {
  static uint8_t copy[1 << 16];
  uint64_t size = 0;
  read_all(page_at(0), region_bytes());
  for (uint64_t i = 0; i < ztc_region_count(region); i++) {
    if (ztc_copy(region, i, copy, sizeof copy, &size, NULL) != ZTC_OK)
      _exit(1);
  }
}

static void map_part_and_store(bool unmap) {
  size_t bytes = PART_PAGES * pd_page_size();
  int fd = open(region_path, O_RDONLY | O_CLOEXEC);
  uint8_t *part =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, (off_t)(PART_AT * pd_page_size()));
  if (part == MAP_FAILED)
    _exit(1);
  silent_store(part + (STRAY_PAGE - PART_AT) * pd_page_size());
  if (unmap)
    munmap(part, bytes);
}

/* What is cut off goes from all memory, copied or not. */
static void cut_file(void) {
  if (chmod(region_path, 0600) != 0 || truncate(region_path, (off_t)pd_page_size()) != 0 ||
      truncate(region_path, (off_t)ztc_region_size(region)) != 0)
    _exit(1);
}

/* In the file itself. */
static void store_in_file(void) {
  int fd = open(region_path, O_RDWR | O_CLOEXEC);
  uint8_t *base = mmap(NULL, region_bytes(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED)
    _exit(1);
  silent_store(base + STRAY_PAGE * pd_page_size());
}

static void replace_file(void) {
  char other[128];
  snprintf(other, sizeof other, "%s.new", region_path);
  int fd = open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || rename(other, region_path) != 0)
    _exit(1);
}

/* The same pages again and again, at another address each time. */
static void map_often(void) {
  size_t bytes = PART_PAGES * pd_page_size();
  int fd = open(region_path, O_RDONLY | O_CLOEXEC);
  for (int i = 0; i < MAPPED_OFTEN; i++) {
    uint8_t *part = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (part == MAP_FAILED)
      _exit(1);
    read_all(part, bytes);
    munmap(part, bytes);
    mmap(part, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); /* takes the address */
  }
}

static void map_replacement(void) {
  int fd = open(region_path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || mmap(NULL, pd_page_size(), PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
    _exit(1);
}

static void do_deed(const char *deed) {
  uint8_t *stray = page_at(STRAY_PAGE);
  if (strcmp(deed, "nothing") == 0)
    return;
  copy_all();
  if (strcmp(deed, "store") == 0) {
    silent_store(stray);
  } else if (strcmp(deed, "split") == 0) {
    silent_store(stray);
    mprotect(page_at(STRAY_PAGE + 2), pd_page_size(), PROT_READ);
  } else if (strcmp(deed, "part") == 0) {
    map_part_and_store(false);
  } else if (strcmp(deed, "part-unmap") == 0) {
    map_part_and_store(true);
  } else if (strcmp(deed, "unmap") == 0) {
    silent_store(stray);
    munmap(page_at(0), region_bytes());
  } else if (strcmp(deed, "map-over") == 0) {
    silent_store(stray);
    mmap(stray, pd_page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  } else if (strcmp(deed, "move-over") == 0) {
    uint8_t *other = mmap(NULL, pd_page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    silent_store(stray);
    mremap(other, pd_page_size(), pd_page_size(), MREMAP_MAYMOVE | MREMAP_FIXED, stray);
  } else if (strcmp(deed, "give-back") == 0) {
    silent_store(stray);
    madvise(stray, pd_page_size(), MADV_DONTNEED);
  } else if (strcmp(deed, "exec") == 0) {
    silent_store(stray);
    execl("/bin/true", "true", (char *)NULL);
  } else if (strcmp(deed, "cut") == 0) {
    silent_store(stray);
    cut_file();
  } else if (strcmp(deed, "store-in-file") == 0) {
    store_in_file();
  } else if (strcmp(deed, "map-often") == 0) {
    map_often();
  } else if (strcmp(deed, "replace") == 0) {
    replace_file();
  } else if (strcmp(deed, "replace-and-map") == 0) {
    replace_file();
    map_replacement();
  } else if (strcmp(deed, "clean-exec") == 0) {
    execl("/bin/true", "true", (char *)NULL);
  } else if (strcmp(deed, "clean-unmap") == 0) {
    munmap(page_at(0), region_bytes());
  } else if (strcmp(deed, "read-only") == 0) {
    mprotect(page_at(0), region_bytes(), PROT_READ);
  } else if (strcmp(deed, "grandchild") == 0) {
    pid_t pid = fork();
    if (pid == 0) {
      silent_store(stray);
      _exit(0);
    }
    waitpid(pid, NULL, 0);
  } else if (strcmp(deed, "killed-grandchild") == 0) {
    pid_t pid = fork();
    if (pid == 0)
      raise(SIGKILL);
    waitpid(pid, NULL, 0);
  } else {
    do_rare_deed(deed, stray);
  }
}

/* One child for each deed. */
static int pool_main(const char *path, char *const deeds[]) {
  int failed = 0;
  region_path = path;
  if (ztc_region_open(path, 0, &region, NULL) != ZTC_OK)
    return 1;
  for (size_t i = 0; deeds[i] != NULL; i++) {
    pid_t pid = 0;
    int status = 0;
    if (strcmp(deeds[i], "parent") == 0) {
      silent_store(page_at(STRAY_PAGE));
      continue;
    }
    pid = fork();
    if (pid == 0) {
      do_deed(deeds[i]);
      _exit(0);
    }
    waitpid(pid, &status, 0);
    failed |= status;
  }
  return failed == 0 ? 0 : 2;
}

/* ------------------------------------------------------------------------------ the tests -- */

struct seen {
  struct pd_watch watch;
  struct pd_pool pool;
  struct pd_verdict verdict;
};

/* A region without a name, as it can be opened. */
static const char *sample_path(void) {
  static char path[64];
  struct pd_error error = {""};
  int fd = -1;
  size_t size = 0;
  ck_assert(pd_sample_region(RECORDS, 5, &fd, &size, &error));
  snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)getpid(), fd);
  return path;
}

/* What is run as the pool; another copy of it for a user who cannot reach this one. */
static const char *pool_program = "/proc/self/exe";

static void run_over(struct seen *seen, const char *path, bool blind, const char *first,
                     const char *second) {
  struct pd_error error = {""};
  struct pd_pool_options options = {.watch = &seen->watch, .sample_ms = 1, .no_call_stops = blind};
  ck_assert_msg(pd_watch_open(&seen->watch, path, &error), "%s", error.text);
  const char *const arguments[] = {pool_program, "pool", path, first, second, NULL};
  ck_assert_msg(pd_pool_run((char *const *)(uintptr_t)arguments, &options, &seen->pool, &error),
                "%s", error.text);
  ck_assert_str_eq(seen->pool.trouble, "");
  ck_assert_int_eq(seen->pool.status, 0);
  pd_pool_judge(&seen->pool, NULL, &seen->verdict);
}

static void run(struct seen *seen, bool blind, const char *first, const char *second) {
  run_over(seen, sample_path(), blind, first, second);
}

static void done(struct seen *seen) {
  pd_pool_free(&seen->pool);
  pd_watch_close(&seen->watch);
}

static void assert_outcome(const struct seen *seen, enum pd_outcome outcome, const char *text) {
  ck_assert_msg(seen->verdict.outcome == outcome, "%s: %s", pd_outcome_name(seen->verdict.outcome),
                seen->verdict.sentence);
  ck_assert_msg(strstr(seen->verdict.sentence, text) != NULL, "\"%s\" is not in: %s", text,
                seen->verdict.sentence);
}

/* The child's program that had the region first, of the child with that number. */
static const struct pd_holder *holder_of(const struct seen *seen, size_t child) {
  for (size_t i = 0; i < seen->watch.holder_count; i++) {
    if (seen->watch.holders[i].pid == seen->pool.children[child].pid)
      return &seen->watch.holders[i];
  }
  ck_abort_msg("the child does not map the region");
}

static void set_up(void) {
  setenv("ZTC_AUDIT", "1", 1);
}

#endif
