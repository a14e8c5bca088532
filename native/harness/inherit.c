#include "inherit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pagemap.h"
#include "smaps.h"

enum { CHUNK = 4096 };

/* Reserved address space (heaps of runtimes, shadow memory) is not worth a walk. */
static const size_t MOST_BYTES = (size_t)64 << 30;

struct line {
  uintptr_t start;
  uintptr_t end;
  char permissions[5];
  char name[128];
};

static bool parse(const char *text, struct line *line) {
  int name_at = 0;
  memset(line, 0, sizeof *line);
  if (sscanf(text, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %n", &line->start, &line->end,
             line->permissions, &name_at) != 3) {
    return false;
  }
  snprintf(line->name, sizeof line->name, "%.*s", (int)strcspn(text + name_at, "\n"),
           text + name_at);
  if (line->name[0] == '\0')
    snprintf(line->name, sizeof line->name, "[anonymous]");
  return true;
}

/* Private and accessible; not what the kernel itself keeps there. */
static bool is_inheritable(const struct line *line) {
  return line->permissions[3] == 'p' && strncmp(line->permissions, "---", 3) != 0 &&
         strncmp(line->name, "[v", 2) != 0;
}

static FILE *open_maps(pid_t pid, struct pd_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/maps", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    pd_fail_errno(error, "%s cannot be opened", path);
  return file;
}

static bool add_present(struct pd_inherited_mapping *mapping, size_t page, uint64_t entry) {
  size_t n = mapping->present_count;
  if ((n & (n - 1)) == 0) { /* full at every power of two */
    struct pd_inherited_page *grown =
        realloc(mapping->present, (n == 0 ? 1 : 2 * n) * sizeof *grown);
    if (grown == NULL)
      return false;
    mapping->present = grown;
  }
  mapping->present[mapping->present_count++] = (struct pd_inherited_page){page, entry};
  return true;
}

static bool note_present(struct pd_inherited_mapping *mapping, pid_t pid, struct pd_error *error) {
  uint64_t entries[CHUNK];
  size_t page_size = pd_page_size();
  for (size_t at = 0; at < mapping->pages; at += CHUNK) {
    size_t n = mapping->pages - at < CHUNK ? mapping->pages - at : CHUNK;
    if (!pd_pagemap_read(pid, mapping->start + at * page_size, n, entries, error))
      return false;
    for (size_t i = 0; i < n; i++) {
      if (pd_entry_present(entries[i]) && !add_present(mapping, at + i, entries[i]))
        return pd_fail(error, "no memory for a page map");
    }
  }
  return true;
}

static bool add_mapping(struct pd_inheritance *inheritance, const struct line *line, pid_t parent,
                        struct pd_error *error) {
  struct pd_inherited_mapping *grown =
      realloc(inheritance->mappings, (inheritance->count + 1) * sizeof *grown);
  if (grown == NULL)
    return pd_fail(error, "no memory for a page map");
  inheritance->mappings = grown;
  struct pd_inherited_mapping *mapping = &grown[inheritance->count];
  memset(mapping, 0, sizeof *mapping);
  mapping->start = line->start;
  mapping->pages = (line->end - line->start) / pd_page_size();
  memcpy(mapping->permissions, line->permissions, sizeof mapping->permissions);
  memcpy(mapping->name, line->name, sizeof mapping->name);
  inheritance->count++;
  if (!pd_pageset_init(&mapping->unshared, mapping->pages) ||
      !pd_pageset_init(&mapping->absent, mapping->pages))
    return pd_fail(error, "no memory for a page map");
  return note_present(mapping, parent, error);
}

bool pd_inherit_snapshot(struct pd_inheritance *inheritance, pid_t parent, pid_t child,
                         struct pd_error *error) {
  char text[1024];
  struct line line;
  bool ok = true;
  *inheritance = (struct pd_inheritance){.pid = child, .parent = parent};
  FILE *maps = open_maps(parent, error);
  if (maps == NULL)
    return false;
  while (ok && fgets(text, sizeof text, maps) != NULL) {
    if (!parse(text, &line) || !is_inheritable(&line))
      continue;
    if (line.end - line.start > MOST_BYTES) {
      inheritance->skipped++;
    } else {
      ok = add_mapping(inheritance, &line, parent, error);
    }
  }
  fclose(maps);
  for (size_t i = 0; i < inheritance->count; i++)
    inheritance->inherited += inheritance->mappings[i].present_count;
  if (!ok)
    pd_inherit_free(inheritance);
  return ok;
}

static bool was_unshared(uint64_t at_fork, uint64_t now, bool frames) {
  return frames ? pd_entry_frame(at_fork) != pd_entry_frame(now) : pd_entry_exclusive(now);
}

/* The part of an inherited mapping that the child still has as [start, end). */
static bool measure_part(struct pd_inherited_mapping *mapping, pid_t pid, uintptr_t start,
                         uintptr_t end, size_t *next, bool frames, struct pd_error *error) {
  size_t page_size = pd_page_size();
  uint64_t entries[CHUNK];
  size_t from = (start - mapping->start) / page_size;
  size_t to = (end - mapping->start) / page_size;
  while (*next < mapping->present_count && mapping->present[*next].page < from) {
    pd_pageset_add(&mapping->absent, mapping->present[*next].page); /* unmapped since */
    (*next)++;
  }
  for (size_t at = from; at < to && *next < mapping->present_count; at += CHUNK) {
    size_t n = to - at < CHUNK ? to - at : CHUNK;
    if (mapping->present[*next].page >= at + n)
      continue;
    if (!pd_pagemap_read(pid, mapping->start + at * page_size, n, entries, error))
      return false;
    for (; *next < mapping->present_count && mapping->present[*next].page < at + n; (*next)++) {
      const struct pd_inherited_page *page = &mapping->present[*next];
      uint64_t now = entries[page->page - at];
      if (!pd_entry_present(now)) {
        /* A page of a file that was never read here is not in the child's table. */
        pd_pageset_add(&mapping->absent, page->page);
      } else if (was_unshared(page->entry, now, frames)) {
        pd_pageset_add(&mapping->unshared, page->page);
      }
    }
  }
  return true;
}

static bool measure_mapping(struct pd_inherited_mapping *mapping, pid_t pid, bool frames,
                            struct pd_error *error) {
  char text[1024];
  struct line line;
  size_t next = 0;
  bool ok = true;
  uintptr_t end = mapping->start + mapping->pages * pd_page_size();
  FILE *maps = open_maps(pid, error);
  if (maps == NULL)
    return false;
  pd_pageset_clear(&mapping->unshared);
  pd_pageset_clear(&mapping->absent);
  while (ok && fgets(text, sizeof text, maps) != NULL) {
    if (!parse(text, &line) || line.end <= mapping->start || line.start >= end)
      continue;
    if (line.permissions[3] != 'p' || strcmp(line.name, mapping->name) != 0)
      continue;
    ok = measure_part(mapping, pid, line.start < mapping->start ? mapping->start : line.start,
                      line.end > end ? end : line.end, &next, frames, error);
  }
  for (; ok && next < mapping->present_count; next++)
    pd_pageset_add(&mapping->absent, mapping->present[next].page);
  fclose(maps);
  return ok;
}

static void add_condition(struct pd_inheritance *inheritance, const char *what) {
  size_t used = strlen(inheritance->conditions);
  snprintf(inheritance->conditions + used, sizeof inheritance->conditions - used, "%s%s",
           used == 0 ? "" : "; ", what);
}

/* Only mappings that were inherited count; the process's own may have huge pages. */
static void note_conditions(struct pd_inheritance *inheritance, const struct pd_smaps *process) {
  struct pd_smaps sums = {0};
  inheritance->conditions[0] = '\0';
  if (inheritance->forked)
    add_condition(inheritance, "the worker itself forked");
  if (process->huge_kb + process->ksm_kb == 0)
    return;
  for (size_t i = 0; i < inheritance->count; i++) {
    const struct pd_inherited_mapping *mapping = &inheritance->mappings[i];
    struct pd_smaps one;
    if (mapping->present_count == 0 ||
        !pd_smaps_overlapping(inheritance->pid, mapping->start, mapping->pages * pd_page_size(),
                              &one, NULL))
      continue;
    sums.huge_kb += one.huge_kb;
    sums.ksm_kb += one.ksm_kb;
  }
  if (sums.huge_kb != 0)
    add_condition(inheritance, "transparent huge pages in what it inherited");
  if (sums.ksm_kb != 0)
    add_condition(inheritance, "pages merged by KSM in what it inherited");
}

bool pd_inherit_measure(struct pd_inheritance *inheritance, bool frames, struct pd_error *error) {
  struct pd_smaps sums;
  inheritance->unshared = 0;
  inheritance->absent = 0;
  for (size_t i = 0; i < inheritance->count; i++) {
    if (!measure_mapping(&inheritance->mappings[i], inheritance->pid, frames, error))
      return false;
    inheritance->unshared += inheritance->mappings[i].unshared.count;
    inheritance->absent += inheritance->mappings[i].absent.count;
  }
  if (pd_smaps_rollup(inheritance->pid, &sums, NULL)) {
    inheritance->private_kb = pd_smaps_private_kb(&sums);
    note_conditions(inheritance, &sums);
  }
  inheritance->measured = true;
  return true;
}

void pd_inherit_sample(struct pd_inheritance *inheritance, bool frames, double seconds) {
  struct pd_smaps sums;
  struct pd_sample sample = {.seconds = seconds};
  size_t n = inheritance->sample_count;
  if (inheritance->ended || !pd_smaps_rollup(inheritance->pid, &sums, NULL) || sums.rss_kb == 0)
    return;
  sample.private_kb = pd_smaps_private_kb(&sums);
  if (!inheritance->executed && pd_inherit_measure(inheritance, frames, NULL))
    sample.pages = inheritance->unshared;
  inheritance->measured = false; /* the last answer is the one at the exit */
  struct pd_sample *grown = realloc(inheritance->samples, (n + 1) * sizeof *grown);
  if (grown == NULL)
    return;
  inheritance->samples = grown;
  grown[n] = sample;
  inheritance->sample_count++;
}

void pd_inherit_free(struct pd_inheritance *inheritance) {
  for (size_t i = 0; i < inheritance->count; i++) {
    free(inheritance->mappings[i].present);
    pd_pageset_free(&inheritance->mappings[i].unshared);
    pd_pageset_free(&inheritance->mappings[i].absent);
  }
  free(inheritance->samples);
  free(inheritance->mappings);
  memset(inheritance, 0, sizeof *inheritance);
}
