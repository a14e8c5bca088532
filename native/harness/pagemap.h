/* /proc/PID/pagemap: one 64-bit entry a page. Works on any process the caller may ptrace, also on
 * one held at its exit stop. Page frame numbers read as 0 without CAP_SYS_ADMIN. */
#ifndef PD_PAGEMAP_H
#define PD_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "problem.h"

/* The kernel's page size in bytes. */
size_t pd_page_size(void);

/* Reads the entries of `pages` pages from `base` of process `pid`. */
bool pd_pagemap_read(pid_t pid, uintptr_t base, size_t pages, uint64_t *entries,
                     struct pd_error *error);

static inline bool pd_entry_present(uint64_t entry) {
  return (entry >> 63 & 1) != 0;
}
static inline bool pd_entry_swapped(uint64_t entry) {
  return (entry >> 62 & 1) != 0;
}
static inline bool pd_entry_file(uint64_t entry) {
  return (entry >> 61 & 1) != 0;
}
/* No page, and none in swap, but a mark in the page table: of userfaultfd, or of a guard. */
static inline bool pd_entry_marker(uint64_t entry) {
  return (entry >> 57 & 1) != 0 || (entry >> 58 & 1) != 0;
}
/* A page in swap, or one that is just being moved. */
static inline bool pd_entry_in_swap(uint64_t entry) {
  return pd_entry_swapped(entry) && !pd_entry_marker(entry);
}
/* In a mapping of a file: a copy, and not the file's page. A page of a file goes back to the file
 * and never to swap: an entry for swap is a copy's, unless it only marks a place. */
static inline bool pd_entry_copied(uint64_t entry) {
  if (pd_entry_present(entry))
    return !pd_entry_file(entry);
  return pd_entry_in_swap(entry) && !pd_entry_file(entry);
}
static inline bool pd_entry_exclusive(uint64_t entry) {
  return (entry >> 56 & 1) != 0;
}
static inline uint64_t pd_entry_frame(uint64_t entry) {
  return entry & ((UINT64_C(1) << 55) - 1);
}

#endif
