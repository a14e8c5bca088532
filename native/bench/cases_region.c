/* Opening and validating. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "cases.h"
#include "stretch.h"

typedef struct context {
  char small[512], large[512];
  ztc_region *region;
} context;

static void open_one(const char *path, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ztc_region *region;
    must(ztc_region_open(path, 0, &region, NULL), path);
    ztc_region_free(region);
  }
}

static void open_large(void *c, size_t from, size_t count) {
  (void)from;
  open_one(((context *)c)->large, count);
}

static void open_small(void *c, size_t from, size_t count) {
  (void)from;
  open_one(((context *)c)->small, count);
}

static long page_faults(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

/* Of one open and one free, in a process that did the same before. */
static long faults_of_opening(const char *path) {
  open_one(path, 1);
  const long before = page_faults();
  open_one(path, 1);
  return page_faults() - before;
}

/* Makes it once: it takes 12 MB of disk for 10 GB. */
static void stretch(context *c, const char *directory) {
  snprintf(c->large, sizeof c->large, "%s/stretched-10-gb.ztc", directory);
  ztc_region *old;
  if (ztc_region_open(c->large, 0, &old, NULL) == ZTC_OK) {
    ztc_region_free(old);
  } else if (!stretched_region(c->large, UINT64_C(10000000000))) {
    must(ZTC_IO, c->large);
  }
}

void run_open(const settings *s) {
  context c;
  const uint64_t count = s->far_bytes / 600;
  bench_region small = closed_region(s->directory, 64, 4),
               large = closed_region(s->directory, 600, count);
  snprintf(c.small, sizeof c.small, "%s/closed-64-4.ztc", s->directory);
  snprintf(c.large, sizeof c.large, "%s/closed-600-%llu.ztc", s->directory,
           (unsigned long long)count);
  print_heading("open and free", "the same of a region of less than 1 KB");
  const slices parts = {.units = 200};
  result x = compare(open_large, open_small, &c, parts, s->rounds);
  print_line("600 B records", &x, 0);
  stretch(&c, s->directory);
  x = compare(open_large, open_small, &c, parts, s->rounds);
  print_line("10 GB", &x, 0);
  print_count("page faults, less than 1 KB", faults_of_opening(c.small));
  print_count("page faults, 10 GB", faults_of_opening(c.large));
  release(&small);
  release(&large);
}

static void validate(void *c, size_t from, size_t count) {
  (void)from;
  for (size_t i = 0; i < count; i++)
    must(ztc_region_validate(((context *)c)->region, NULL), "valid");
}

static void read_through(void *c, size_t from, size_t count) {
  (void)from;
  const ztc_region *region = ((context *)c)->region;
  const uint64_t *p = ztc_region_base(region);
  for (size_t i = 0; i < count; i++) {
    uint64_t sum = 0;
    for (uint64_t w = 0; w < ztc_region_size(region) / 8; w++)
      sum += p[w];
    __asm__ volatile("" ::"r"(sum));
  }
}

void run_validate(const settings *s) {
  print_heading("validate a region of 64 MiB", "summing up its bytes");
  static const uint64_t sizes[] = {64, 600, 32768};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    bench_region r = closed_region(s->directory, sizes[i], (UINT64_C(64) << 20) / sizes[i]);
    context c = {.region = r.region};
    const slices parts = {.units = 1};
    const result x = compare(validate, read_through, &c, parts, s->rounds < 31 ? s->rounds : 31);
    print_line(r.name, &x, ztc_region_size(r.region));
    release(&r);
  }
}
