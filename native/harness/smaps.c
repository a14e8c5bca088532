#include "smaps.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
  const char *key;
  size_t offset;
} KEYS[] = {
    {"Rss:", offsetof(struct pd_smaps, rss_kb)},
    {"Pss:", offsetof(struct pd_smaps, pss_kb)},
    {"Private_Clean:", offsetof(struct pd_smaps, private_clean_kb)},
    {"Private_Dirty:", offsetof(struct pd_smaps, private_dirty_kb)},
    {"Anonymous:", offsetof(struct pd_smaps, anonymous_kb)},
    {"AnonHugePages:", offsetof(struct pd_smaps, huge_kb)},
    {"ShmemPmdMapped:", offsetof(struct pd_smaps, huge_kb)},
    {"FilePmdMapped:", offsetof(struct pd_smaps, huge_kb)},
    {"KSM:", offsetof(struct pd_smaps, ksm_kb)},
    {"Swap:", offsetof(struct pd_smaps, swap_kb)},
};

static void add_line(const char *line, struct pd_smaps *out) {
  for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
    size_t length = strlen(KEYS[i].key);
    if (strncmp(line, KEYS[i].key, length) != 0)
      continue;
    uint64_t kb = 0;
    if (sscanf(line + length, "%" SCNu64, &kb) == 1) {
      *(uint64_t *)((char *)out + KEYS[i].offset) += kb;
    }
    return;
  }
  if (strncmp(line, "VmFlags:", 8) == 0) {
    out->may_write |= strstr(line, " mw") != NULL;
    out->writable |= strstr(line, " wr") != NULL;
    out->mergeable |= strstr(line, " mg") != NULL;
  }
}

bool pd_smaps_chosen(pid_t pid, pd_smaps_choice *choose, const void *context, struct pd_smaps *out,
                     struct pd_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/smaps", (long)pid);
  memset(out, 0, sizeof *out);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return pd_fail_errno(error, "%s cannot be opened", path);
  char line[1024];
  bool inside = false;
  while (fgets(line, sizeof line, file) != NULL) {
    uintptr_t from = 0;
    uintptr_t to = 0;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) {
      inside = choose(context, from, to);
      if (inside)
        out->mappings++;
    } else if (inside) {
      add_line(line, out);
    }
  }
  bool ok = ferror(file) == 0;
  fclose(file);
  return ok || pd_fail(error, "%s cannot be read", path);
}

struct range {
  uintptr_t start;
  uintptr_t end;
  bool whole;   /* a mapping that only overlaps it counts as well, */
  bool *beyond; /* else that is noted */
};

static bool in_range(const void *context, uintptr_t start, uintptr_t end) {
  const struct range *range = context;
  bool overlaps = start < range->end && end > range->start;
  bool inside = overlaps && (range->whole || (start >= range->start && end <= range->end));
  if (overlaps && !inside)
    *range->beyond = true;
  return inside;
}

static bool sum(pid_t pid, uintptr_t base, size_t size, bool whole, struct pd_smaps *out,
                struct pd_error *error) {
  bool beyond = false;
  const struct range range = {base, base + size, whole, &beyond};
  if (!pd_smaps_chosen(pid, in_range, &range, out, error))
    return false;
  if (beyond)
    return pd_fail(error, "a mapping of the process reaches beyond the audited range");
  return out->mappings > 0 || pd_fail(error, "the process does not map the audited range");
}

bool pd_smaps_range(pid_t pid, uintptr_t base, size_t size, struct pd_smaps *out,
                    struct pd_error *error) {
  return sum(pid, base, size, false, out, error);
}

bool pd_smaps_overlapping(pid_t pid, uintptr_t base, size_t size, struct pd_smaps *out,
                          struct pd_error *error) {
  return sum(pid, base, size, true, out, error);
}

bool pd_smaps_rollup(pid_t pid, struct pd_smaps *out, struct pd_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)pid);
  memset(out, 0, sizeof *out);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return pd_fail_errno(error, "%s cannot be opened", path);
  char line[1024];
  while (fgets(line, sizeof line, file) != NULL)
    add_line(line, out);
  bool ok = ferror(file) == 0;
  fclose(file);
  return ok || pd_fail(error, "%s cannot be read", path);
}
