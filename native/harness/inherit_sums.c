#include "inherit_sums.h"

#include <stdio.h>
#include <string.h>

#include "maps.h"
#include "pagemap.h"
#include "smaps.h"

enum { CHUNK = 4096 };

static void add_condition(struct pd_inheritance *inheritance, const char *what) {
  size_t used = strlen(inheritance->conditions);
  snprintf(inheritance->conditions + used, sizeof inheritance->conditions - used, "%s%s",
           used == 0 ? "" : "; ", what);
}

/* Whether the process inherited something where this mapping is. */
static bool overlaps(const void *context, uintptr_t start, uintptr_t end) {
  const struct pd_inheritance *inheritance = context;
  for (size_t i = 0; i < inheritance->count; i++) {
    const struct pd_inherited_mapping *mapping = &inheritance->mappings[i];
    if (mapping->present_count > 0 && start < mapping->start + mapping->pages * pd_page_size() &&
        end > mapping->start) {
      return true;
    }
  }
  return false;
}

static bool count_present(pid_t pid, uintptr_t start, uintptr_t end, size_t *present) {
  uint64_t entries[CHUNK];
  for (uintptr_t at = start; at < end;) {
    size_t n = (end - at) / pd_page_size() < CHUNK ? (end - at) / pd_page_size() : CHUNK;
    if (!pd_pagemap_read(pid, at, n, entries, NULL))
      return false;
    for (size_t i = 0; i < n; i++)
      *present += pd_entry_present(entries[i]) ? 1 : 0;
    at += n * pd_page_size();
  }
  return true;
}

/* Pages in the inherited mappings that were not inherited: the process added them. */
static bool count_fresh(struct pd_inheritance *inheritance) {
  struct pd_map map;
  size_t present = 0;
  bool ok = true;
  size_t known = inheritance->inherited - inheritance->absent;
  FILE *maps = pd_maps_open(inheritance->thread, NULL);
  if (maps == NULL)
    return false;
  while (ok && pd_maps_next(maps, &map)) {
    if (overlaps(inheritance, map.start, map.end))
      ok = count_present(inheritance->thread, map.start, map.end, &present);
  }
  fclose(maps);
  inheritance->fresh = present > known ? present - known : 0;
  return ok;
}

/* Every dirty private page must be one that is new, or one that no other process maps. */
static void hold_against(struct pd_inheritance *inheritance, const struct pd_smaps *sums) {
  uint64_t page_kb = pd_page_size() / 1024;
  uint64_t named = (inheritance->fresh + inheritance->exclusive) * page_kb;
  inheritance->have_sums = true;
  inheritance->unnamed_kb = sums->private_dirty_kb > named ? sums->private_dirty_kb - named : 0;
}

void pd_inherit_sum_up(struct pd_inheritance *inheritance, bool frames) {
  struct pd_smaps sums;
  inheritance->conditions[0] = '\0';
  inheritance->have_sums = false;
  inheritance->frames_hold = false;
  if (inheritance->forked)
    add_condition(inheritance, "the worker itself forked");
  if (!frames && !inheritance->parent_lives)
    add_condition(inheritance, "its parent is gone, so that all its pages are its own");
  if (inheritance->swapped > 0)
    add_condition(inheritance, "pages in swap when it was forked");
  if (!pd_smaps_chosen(inheritance->thread, overlaps, inheritance, &sums, NULL)) {
    add_condition(inheritance, "huge pages and KSM cannot be told");
    return;
  }
  size_t before = strlen(inheritance->conditions);
  if (sums.huge_kb != 0)
    add_condition(inheritance, "transparent huge pages in what it inherited");
  if (sums.ksm_kb != 0 || sums.mergeable)
    add_condition(inheritance, "KSM merges pages of what it inherited");
  if (sums.swap_kb != 0)
    add_condition(inheritance, "pages of what it inherited in swap");
  inheritance->frames_hold =
      frames && inheritance->swapped == 0 && strlen(inheritance->conditions) == before;
  if (count_fresh(inheritance))
    hold_against(inheritance, &sums);
}
