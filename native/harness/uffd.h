/* Asynchronous userfaultfd write-protection, and the PAGEMAP_SCAN that reads its result. */
#ifndef PD_UFFD_H
#define PD_UFFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pageset.h"
#include "problem.h"

/* Write-protects the range of the calling process, so that the kernel notes the first write to
 * each page and lets it through. The protection lasts as long as *fd is open in this process.
 * Needs no privilege from Linux 6.7 on, but a seccomp filter may refuse it. */
bool pd_uffd_arm(uintptr_t base, size_t size, int *fd, struct pd_error *error);

/* Adds the pages of process `pid` that were written since they were armed. Works from outside. */
bool pd_scan_written(pid_t pid, uintptr_t base, size_t pages, struct pd_pageset *written,
                     struct pd_error *error);

/* Whether the process has any page there, present or in swap; page tables that are not there cost
 * nothing. False when the kernel has no PAGEMAP_SCAN or refuses it. */
bool pd_scan_any(pid_t pid, uintptr_t start, uintptr_t end, bool *any);

#endif
