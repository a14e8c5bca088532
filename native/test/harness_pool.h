/* A test program that is its own pool: with an argument it forks and works, and tells the test
 * where the memory lies that it works on. */
#ifndef HARNESS_POOL_H
#define HARNESS_POOL_H

#include <check.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_store.h"
#include "pagemap.h"
#include "run.h"

/* ---------------------------------------------------------------------------- in the pool -- */

static inline void silent_stores(uint8_t *base, size_t pages) {
  for (size_t i = 0; i < pages; i++)
    silent_store(base + i * pd_page_size());
}

/* Private memory that has all its pages. */
static inline uint8_t *written_pages(size_t pages) {
  size_t size = pages * pd_page_size();
  uint8_t *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED)
    _exit(99);
  memset(base, 1, size);
  return base;
}

static inline void tell_base(const uint8_t *base) {
  uintptr_t address = (uintptr_t)base;
  if (write(STDOUT_FILENO, &address, sizeof address) != (ssize_t)sizeof address)
    _exit(99);
}

static inline int wait_for(pid_t pid) {
  int status = 1;
  waitpid(pid, &status, 0);
  return status == 0 ? 0 : 1;
}

/* ---------------------------------------------------------------------------- in the test -- */

/* Runs this program with that argument; the base that it told is returned. */
static inline uintptr_t run_pool_as(const char *deed, struct pd_pool *pool) {
  char *const arguments[] = {"/proc/self/exe", (char *)(uintptr_t)deed, NULL};
  const struct pd_pool_options options = {0};
  struct pd_error error = {""};
  uintptr_t base = 0;
  int ends[2];
  ck_assert_int_eq(pipe(ends), 0);
  int saved = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO);
  bool ok = pd_pool_run(arguments, &options, pool, &error);
  dup2(saved, STDOUT_FILENO);
  ck_assert_msg(ok, "%s", error.text);
  ck_assert_str_eq(pool->trouble, "");
  ck_assert_int_eq(pool->status, 0);
  ck_assert_int_eq((int)read(ends[0], &base, sizeof base), (int)sizeof base);
  close(ends[0]);
  close(ends[1]);
  close(saved);
  for (size_t i = 0; i < pool->count; i++)
    pool->children[i].skipped = 0; /* a sanitizer's shadow */
  return base;
}

/* The mapping of the child that holds the address; page numbers count from its start. */
static inline const struct pd_inherited_mapping *inherited_at(const struct pd_inheritance *child,
                                                              uintptr_t address) {
  for (size_t m = 0; m < child->count; m++) {
    const struct pd_inherited_mapping *mapping = &child->mappings[m];
    if (address >= mapping->start && address < mapping->start + mapping->pages * pd_page_size())
      return mapping;
  }
  ck_abort_msg("the child did not inherit that memory");
}

/* Members of a set of the mapping's pages, of so many pages from the address on, as text. */
static inline const char *pages_from(const struct pd_inherited_mapping *mapping,
                                     const struct pd_pageset *set, uintptr_t address, size_t pages,
                                     char out[64]) {
  struct pd_pageset found;
  size_t first = (address - mapping->start) / pd_page_size();
  ck_assert(pd_pageset_init(&found, pages));
  for (size_t i = 0; i < pages; i++) {
    if (pd_pageset_has(set, first + i))
      pd_pageset_add(&found, i);
  }
  pd_pageset_format(&found, out, 64);
  pd_pageset_free(&found);
  return out;
}

static inline void assert_verdict(const struct pd_pool *pool, const struct pd_pool *baseline,
                                  enum pd_outcome outcome, const char *text) {
  struct pd_verdict verdict;
  pd_pool_judge(pool, baseline, &verdict);
  ck_assert_msg(verdict.outcome == outcome, "%s: %s", pd_outcome_name(verdict.outcome),
                verdict.sentence);
  ck_assert_msg(strstr(verdict.sentence, text) != NULL, "\"%s\" is not in: %s", text,
                verdict.sentence);
}

#endif
