/* What a process has inherited, as it is at its first stop. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "inherit_pages.h"
#include "maps.h"
#include "pagemap.h"
#include "smaps.h"
#include "uffd.h"

/* Reserved address space (heaps of runtimes, shadow memory) is not worth a walk. */
static const size_t MOST_BYTES = (size_t)64 << 30;

/* Reserved memory that nobody may touch is worth a look only if it was touched before. */
static bool holds_pages(pid_t pid, const struct pd_map *map) {
  struct pd_smaps sums;
  bool any = true;
  if (pd_scan_any(pid, map->start, map->end, &any))
    return any;
  return !pd_smaps_range(pid, map->start, map->end - map->start, &sums, NULL) ||
         sums.rss_kb + sums.swap_kb != 0;
}

static bool is_of_file(const struct pd_map *map) {
  return map->inode != 0 && strcmp(map->name, "/dev/zero") != 0;
}

/* Private; not what the kernel itself keeps there. Pages of a file are there to be copied whether
 * anybody has touched them or not. */
static bool is_inheritable(pid_t pid, const struct pd_map *map) {
  bool reserved = strncmp(map->permissions, "---", 3) == 0 && !is_of_file(map);
  return map->permissions[3] == 'p' && strncmp(map->name, "[v", 2) != 0 &&
         (!reserved || holds_pages(pid, map));
}

bool pd_inherit_list(struct pd_inherited_mapping *mapping, size_t page, uint64_t entry) {
  size_t n = mapping->present_count;
  if ((n & (n - 1)) == 0) { /* full at every power of two */
    struct pd_inherited_page *grown =
        realloc(mapping->present, (n == 0 ? 1 : 2 * n) * sizeof *grown);
    if (grown == NULL)
      return false;
    mapping->present = grown;
  }
  mapping->present[mapping->present_count++] = (struct pd_inherited_page){page, entry};
  pd_pageset_add(&mapping->listed, page);
  return true;
}

bool pd_inherit_read(pid_t pid, uintptr_t base, size_t pages, uint64_t *entries,
                     struct pd_error *error) {
  const int most_readings = 4;
  for (int reading = 0; reading < most_readings; reading++) {
    bool moving = false;
    if (!pd_pagemap_read(pid, base, pages, entries, error))
      return false;
    for (size_t i = 0; i < pages; i++)
      moving = moving || pd_entry_in_swap(entries[i]);
    if (!moving)
      break;
    sched_yield();
  }
  return true;
}

/* Pages of files come into the child's table when it reads them: until then the parent's stands
 * for them, as nothing but the file's own page can come. */
static uint64_t entry_at_fork(uint64_t child, uint64_t parent) {
  const uint64_t exclusive = UINT64_C(1) << 56;
  if (pd_entry_present(child) || pd_entry_in_swap(child))
    return child;
  return pd_entry_present(parent) && pd_entry_file(parent) ? parent & ~exclusive : 0;
}

static bool note_present(struct pd_inheritance *inheritance, struct pd_inherited_mapping *mapping,
                         struct pd_error *error) {
  uint64_t child[PD_INHERIT_CHUNK];
  uint64_t parent[PD_INHERIT_CHUNK];
  size_t page_size = pd_page_size();
  for (size_t at = 0; at < mapping->pages; at += PD_INHERIT_CHUNK) {
    size_t n = mapping->pages - at < PD_INHERIT_CHUNK ? mapping->pages - at : PD_INHERIT_CHUNK;
    uintptr_t base = mapping->start + at * page_size;
    if (!pd_inherit_read(inheritance->thread, base, n, child, error))
      return false;
    if (!mapping->of_file || !pd_pagemap_read(inheritance->parent_thread, base, n, parent, NULL))
      memset(parent, 0, n * sizeof *parent);
    for (size_t i = 0; i < n; i++) {
      uint64_t entry = entry_at_fork(child[i], parent[i]);
      inheritance->swapped += pd_entry_in_swap(entry) ? 1 : 0;
      if (pd_entry_present(entry) && !pd_inherit_list(mapping, at + i, entry))
        return pd_fail(error, "no memory for a page map");
      if (pd_entry_present(child[i]) || pd_entry_in_swap(child[i]))
        pd_pageset_add(&mapping->own, at + i);
    }
  }
  return true;
}

static bool add_mapping(struct pd_inheritance *inheritance, const struct pd_map *map,
                        struct pd_error *error) {
  struct pd_inherited_mapping *grown =
      realloc(inheritance->mappings, (inheritance->count + 1) * sizeof *grown);
  if (grown == NULL)
    return pd_fail(error, "no memory for a page map");
  inheritance->mappings = grown;
  struct pd_inherited_mapping *mapping = &grown[inheritance->count];
  memset(mapping, 0, sizeof *mapping);
  mapping->start = map->start;
  mapping->pages = (map->end - map->start) / pd_page_size();
  mapping->major = map->major;
  mapping->minor = map->minor;
  mapping->inode = map->inode;
  mapping->offset = map->offset;
  mapping->of_file = is_of_file(map);
  memcpy(mapping->permissions, map->permissions, sizeof mapping->permissions);
  memcpy(mapping->name, map->name, sizeof mapping->name);
  inheritance->count++;
  if (!pd_pageset_init(&mapping->listed, mapping->pages) ||
      !pd_pageset_init(&mapping->unshared, mapping->pages) ||
      !pd_pageset_init(&mapping->own, mapping->pages) ||
      !pd_pageset_init(&mapping->absent, mapping->pages) ||
      !pd_pageset_init(&mapping->dropped, mapping->pages))
    return pd_fail(error, "no memory for a page map");
  return note_present(inheritance, mapping, error);
}

bool pd_inherit_snapshot(struct pd_inheritance *inheritance, pid_t parent, pid_t child,
                         struct pd_error *error) {
  struct pd_map map;
  bool ok = true;
  *inheritance = (struct pd_inheritance){.pid = child, .thread = child, .parent = parent};
  inheritance->parent_thread = pd_thread_with_memory(parent);
  inheritance->alone = pd_status_field(parent, "Threads:") == 1;
  FILE *maps = pd_maps_open(child, error);
  if (maps == NULL)
    return false;
  while (ok && pd_maps_next(maps, &map)) {
    if (!is_inheritable(child, &map))
      continue;
    if (map.end - map.start > MOST_BYTES) {
      inheritance->skipped++;
    } else {
      ok = add_mapping(inheritance, &map, error);
    }
  }
  fclose(maps);
  for (size_t i = 0; i < inheritance->count; i++)
    inheritance->inherited += inheritance->mappings[i].present_count;
  if (!ok)
    pd_inherit_free(inheritance);
  return ok;
}
