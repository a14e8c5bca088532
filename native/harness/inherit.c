#include "inherit.h"

#include <stdlib.h>
#include <string.h>

#include "inherit_pages.h"
#include "inherit_sums.h"
#include "maps.h"
#include "pagemap.h"
#include "smaps.h"

/* A page of a file stays the file's, whoever else maps it. */
static bool is_only_copy(uint64_t entry) {
  return pd_entry_exclusive(entry) && !pd_entry_file(entry);
}

/* Read again as long as the page may be moving between the two. */
static bool is_parents_frame(const struct pd_inheritance *inheritance, uintptr_t address) {
  for (int attempt = 0; attempt < 3; attempt++) {
    uint64_t child = 0;
    uint64_t parent = 0;
    if (!pd_pagemap_read(inheritance->thread, address, 1, &child, NULL) ||
        !pd_pagemap_read(inheritance->parent_thread, address, 1, &parent, NULL))
      return false;
    if (pd_entry_present(child) && pd_entry_present(parent) &&
        pd_entry_frame(child) == pd_entry_frame(parent))
      return true;
  }
  return false;
}

/* Whether the page is another one than at the first stop. The kernel moves pages, too (compaction,
 * swap): one that is not the child's alone is then in the same new frame of the parent, and a page
 * of a file is in whatever frame the file has it. */
static bool is_another(const struct pd_inheritance *inheritance,
                       const struct pd_inherited_mapping *mapping,
                       const struct pd_inherited_page *page, uint64_t now) {
  if (pd_entry_frame(page->entry) == pd_entry_frame(now) ||
      (pd_entry_file(page->entry) && pd_entry_file(now)))
    return false;
  return pd_entry_exclusive(now) || !inheritance->parent_lives ||
         !is_parents_frame(inheritance, mapping->start + page->page * pd_page_size());
}

/* A page that was the child's only at its first stop was copied in the fork itself: by the kernel
 * for the child, as long as no other thread could write to it in the parent. One that became its
 * only copy without another frame was left to it by the parent, which wrote first and got the copy;
 * the child's own writes are not to be told after that, and cost nothing more. */
static void judge_page(struct pd_inheritance *inheritance, struct pd_inherited_mapping *mapping,
                       const struct pd_inherited_page *page, uint64_t now, bool frames) {
  bool early = is_only_copy(page->entry);
  bool late = is_only_copy(now) && !early;
  inheritance->exclusive += pd_entry_exclusive(now) ? 1 : 0;
  if ((early && inheritance->alone) ||
      (frames ? is_another(inheritance, mapping, page, now) : late)) {
    pd_pageset_add(&mapping->unshared, page->page);
  } else if (early) {
    inheritance->undecided++;
  } else if (late && inheritance->parent_lives) {
    inheritance->parted++;
  }
}

/* What it did to a page that is not there any more is not known. A page of a file that was never
 * read here is not in the child's table, and only its mapping's end makes it one; or a SIGKILL, as
 * the kernel may take memory from a process (process_mrelease, for lack of memory) after that. */
static void lose_page(const struct pd_inheritance *inheritance,
                      struct pd_inherited_mapping *mapping, size_t page, uint64_t now,
                      bool mapped) {
  bool had = inheritance->killed || pd_pageset_has(&mapping->own, page);
  pd_pageset_add(&mapping->absent, page);
  if (!mapped || (had && !pd_entry_in_swap(now)))
    pd_pageset_add(&mapping->dropped, page);
}

/* Pages of a file that neither the child nor its parent had at the fork were shared with the file
 * all the same. */
static void find_copies(struct pd_inheritance *inheritance, struct pd_inherited_mapping *mapping,
                        size_t first, size_t pages, const uint64_t *entries) {
  for (size_t i = 0; i < pages; i++) {
    if (!pd_entry_copied(entries[i]) || pd_pageset_has(&mapping->own, first + i) ||
        pd_pageset_has(&mapping->listed, first + i))
      continue;
    pd_pageset_add(&mapping->unshared, first + i);
    inheritance->exclusive +=
        pd_entry_present(entries[i]) && pd_entry_exclusive(entries[i]) ? 1 : 0;
  }
}

static int by_page(const void *a, const void *b) {
  size_t left = ((const struct pd_inherited_page *)a)->page;
  size_t right = ((const struct pd_inherited_page *)b)->page;
  return left < right ? -1 : left > right ? 1 : 0;
}

/* From now on the copies that were found are among what was inherited, as pages of the file. */
static bool list_copies(struct pd_inheritance *inheritance, struct pd_inherited_mapping *mapping,
                        struct pd_error *error) {
  const uint64_t page_of_file = UINT64_C(5) << 61; /* present */
  size_t before = mapping->present_count;
  size_t first = 0;
  size_t length = 0;
  for (size_t at = 0; pd_pageset_next_run(&mapping->unshared, at, &first, &length);
       at = first + length) {
    for (size_t page = first; page < first + length; page++) {
      if (pd_pageset_has(&mapping->listed, page))
        continue;
      if (!pd_inherit_list(mapping, page, page_of_file))
        return pd_fail(error, "no memory for a page map");
      pd_pageset_add(&mapping->own, page);
    }
  }
  if (mapping->present_count > before)
    qsort(mapping->present, mapping->present_count, sizeof *mapping->present, by_page);
  inheritance->inherited += mapping->present_count - before;
  return true;
}

/* The part of an inherited mapping that the child still has as [start, end). */
static bool measure_part(struct pd_inheritance *inheritance, struct pd_inherited_mapping *mapping,
                         uintptr_t start, uintptr_t end, size_t *next, bool frames,
                         struct pd_error *error) {
  size_t page_size = pd_page_size();
  uint64_t entries[PD_INHERIT_CHUNK];
  size_t from = (start - mapping->start) / page_size;
  size_t to = (end - mapping->start) / page_size;
  while (*next < mapping->present_count && mapping->present[*next].page < from) {
    lose_page(inheritance, mapping, mapping->present[*next].page, 0, false);
    (*next)++;
  }
  for (size_t at = from; at < to && (mapping->of_file || *next < mapping->present_count);
       at += PD_INHERIT_CHUNK) {
    size_t n = to - at < PD_INHERIT_CHUNK ? to - at : PD_INHERIT_CHUNK;
    if (!mapping->of_file && mapping->present[*next].page >= at + n)
      continue;
    if (!pd_inherit_read(inheritance->thread, mapping->start + at * page_size, n, entries, error))
      return false;
    for (; *next < mapping->present_count && mapping->present[*next].page < at + n; (*next)++) {
      const struct pd_inherited_page *page = &mapping->present[*next];
      uint64_t now = entries[page->page - at];
      if (pd_entry_present(now)) {
        judge_page(inheritance, mapping, page, now, frames);
      } else if (pd_entry_file(page->entry) && pd_entry_copied(now)) {
        pd_pageset_add(&mapping->unshared, page->page);
      } else {
        lose_page(inheritance, mapping, page->page, now, true);
      }
    }
    if (mapping->of_file)
      find_copies(inheritance, mapping, at, n, entries);
  }
  return true;
}

/* Whether a mapping still shows what was inherited there: the same file's same pages, or memory
 * without a file. */
static bool shows_inherited(const struct pd_inherited_mapping *mapping, const struct pd_map *map) {
  if (map->permissions[3] != 'p' || map->inode != mapping->inode)
    return false;
  return map->inode == 0 ||
         (map->major == mapping->major && map->minor == mapping->minor &&
          map->offset - mapping->offset == (uint64_t)map->start - (uint64_t)mapping->start);
}

/* `at`: the first of the process's mappings that ends behind the start of this one. */
static bool measure_mapping(struct pd_inheritance *inheritance,
                            struct pd_inherited_mapping *mapping, const struct pd_maps *maps,
                            size_t at, bool frames, struct pd_error *error) {
  size_t next = 0;
  bool ok = true;
  uintptr_t end = mapping->start + mapping->pages * pd_page_size();
  pd_pageset_clear(&mapping->unshared);
  pd_pageset_clear(&mapping->absent);
  pd_pageset_clear(&mapping->dropped);
  for (; ok && at < maps->count && maps->maps[at].start < end; at++) {
    const struct pd_map *map = &maps->maps[at];
    if (!shows_inherited(mapping, map))
      continue;
    ok = measure_part(inheritance, mapping,
                      map->start < mapping->start ? mapping->start : map->start,
                      map->end > end ? end : map->end, &next, frames, error);
  }
  for (; ok && next < mapping->present_count; next++)
    lose_page(inheritance, mapping, mapping->present[next].page, 0, false);
  return ok && list_copies(inheritance, mapping, error);
}

static bool measure_mappings(struct pd_inheritance *inheritance, bool frames,
                             struct pd_error *error) {
  struct pd_maps maps;
  size_t at = 0;
  bool ok = true;
  if (!pd_maps_read(inheritance->thread, &maps, error))
    return false;
  for (size_t i = 0; ok && i < inheritance->count; i++) {
    struct pd_inherited_mapping *mapping = &inheritance->mappings[i];
    while (at < maps.count && maps.maps[at].end <= mapping->start)
      at++;
    ok = measure_mapping(inheritance, mapping, &maps, at, frames, error);
    inheritance->unshared += mapping->unshared.count;
    inheritance->absent += mapping->absent.count;
    inheritance->dropped += mapping->dropped.count;
  }
  free(maps.maps);
  return ok;
}

/* Either may have lost the thread through which it was read before. */
static void find_threads(struct pd_inheritance *inheritance) {
  if (pd_status_field(inheritance->thread, "VmSize:") <= 0)
    inheritance->thread = pd_thread_with_memory(inheritance->pid);
  if (inheritance->parent_lives)
    inheritance->parent_thread = pd_thread_with_memory(inheritance->parent);
}

static bool measure_pages(struct pd_inheritance *inheritance, bool frames, struct pd_error *error) {
  inheritance->unshared = 0;
  inheritance->absent = 0;
  inheritance->dropped = 0;
  inheritance->undecided = 0;
  inheritance->exclusive = 0;
  inheritance->parted = 0;
  inheritance->parent_lives =
      inheritance->parent > 0 && !inheritance->parent_executed && !inheritance->parent_ended;
  find_threads(inheritance);
  if (!measure_mappings(inheritance, frames, error))
    return false;
  if (inheritance->parted < inheritance->parted_before)
    inheritance->parted = inheritance->parted_before;
  return true;
}

void pd_inherit_part(struct pd_inheritance *inheritance, bool frames) {
  if (frames && !inheritance->executed && measure_pages(inheritance, frames, NULL))
    inheritance->parted_before = inheritance->parted;
}

bool pd_inherit_measure(struct pd_inheritance *inheritance, bool frames, struct pd_error *error) {
  const int most_readings = 4;
  struct pd_smaps sums;
  /* Pages and sums are read one after the other: others may write, or end, in between. */
  inheritance->unnamed_kb = 1;
  for (int reading = 0; reading < most_readings && inheritance->unnamed_kb > 0; reading++) {
    if (!measure_pages(inheritance, frames, error))
      return false;
    inheritance->unnamed_kb = 0;
    pd_inherit_sum_up(inheritance, frames);
  }
  if (pd_smaps_rollup(inheritance->thread, &sums, NULL))
    inheritance->private_kb = pd_smaps_private_kb(&sums);
  inheritance->measured = true;
  return true;
}

void pd_inherit_settle(struct pd_inheritance *inheritance) {
  for (size_t i = 0; i < inheritance->count; i++) {
    free(inheritance->mappings[i].present);
    inheritance->mappings[i].present = NULL;
    pd_pageset_free(&inheritance->mappings[i].own);
  }
}

void pd_inherit_executed(struct pd_inheritance *inheritance) {
  inheritance->executed = true;
  inheritance->unshared = 0;
  inheritance->parted = 0;
  inheritance->absent = inheritance->inherited;
  inheritance->dropped = inheritance->inherited;
  for (size_t i = 0; i < inheritance->count; i++) {
    struct pd_inherited_mapping *mapping = &inheritance->mappings[i];
    pd_pageset_clear(&mapping->unshared);
    for (size_t k = 0; k < mapping->present_count; k++)
      lose_page(inheritance, mapping, mapping->present[k].page, 0, false);
  }
}

void pd_inherit_sample(struct pd_inheritance *inheritance, bool frames, double seconds) {
  struct pd_smaps sums;
  struct pd_sample sample = {.seconds = seconds};
  size_t n = inheritance->sample_count;
  if (inheritance->ended || inheritance->gone)
    return;
  find_threads(inheritance);
  if (!pd_smaps_rollup(inheritance->thread, &sums, NULL) || sums.rss_kb == 0)
    return;
  sample.private_kb = pd_smaps_private_kb(&sums);
  if (!inheritance->executed && measure_pages(inheritance, frames, NULL))
    sample.pages = inheritance->unshared;
  if (n == PD_MOST_SAMPLES) {
    n /= 2;
    for (size_t i = 0; i < n; i++)
      inheritance->samples[i] = inheritance->samples[2 * i];
  }
  struct pd_sample *grown = realloc(inheritance->samples, (n + 1) * sizeof *grown);
  if (grown == NULL)
    return;
  inheritance->samples = grown;
  grown[n] = sample;
  inheritance->sample_count = n + 1;
}

void pd_inherit_free(struct pd_inheritance *inheritance) {
  for (size_t i = 0; i < inheritance->count; i++) {
    free(inheritance->mappings[i].present);
    pd_pageset_free(&inheritance->mappings[i].listed);
    pd_pageset_free(&inheritance->mappings[i].unshared);
    pd_pageset_free(&inheritance->mappings[i].own);
    pd_pageset_free(&inheritance->mappings[i].absent);
    pd_pageset_free(&inheritance->mappings[i].dropped);
  }
  free(inheritance->samples);
  free(inheritance->mappings);
  memset(inheritance, 0, sizeof *inheritance);
}
