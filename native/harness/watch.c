#include "watch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pagemap.h"

bool pd_watch_open(struct pd_watch *watch, const char *path, struct pd_error *error) {
  struct stat status;
  struct pd_error why = {""};
  *watch = (struct pd_watch){.path = path, .mapping = {.fd = -1}};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) != 0)
    return pd_fail_errno(error, "%s", path);
  bool ok = S_ISREG(status.st_mode) || pd_fail(&why, "not a regular file");
  ok = ok && pd_mapping_open(&watch->mapping, PD_FILE_PRIVATE, fd, (size_t)status.st_size, NULL,
                             NULL, &why);
  close(fd);
  if (ok && (!pd_source_open_region(&watch->source, &watch->mapping, &why) ||
             !pd_page_map_init(&watch->map, watch->mapping.pages, &watch->source))) {
    ok = false;
  }
  return ok || pd_fail(error, "%.120s: %.190s", path, why.text);
}

static void free_use(struct pd_use *use) {
  pd_audit_free(&use->audit);
  pd_pageset_free(&use->unshared);
}

void pd_watch_close(struct pd_watch *watch) {
  for (size_t i = 0; i < watch->count; i++)
    free_use(&watch->uses[i]);
  free(watch->uses);
  pd_page_map_free(&watch->map);
  if (watch->source.close != NULL)
    watch->source.close(&watch->source);
  pd_mapping_close(&watch->mapping);
}

/* The place for an answer: the one it had before, or a new one at the end. */
static struct pd_use *place(struct pd_watch *watch, pid_t pid, uintptr_t base) {
  for (size_t i = 0; i < watch->count; i++) {
    if (watch->uses[i].pid == pid && watch->uses[i].base == base) {
      free_use(&watch->uses[i]);
      return &watch->uses[i];
    }
  }
  struct pd_use *grown = realloc(watch->uses, (watch->count + 1) * sizeof *grown);
  if (grown == NULL)
    return NULL;
  watch->uses = grown;
  return &grown[watch->count++];
}

static bool measure_one(struct pd_watch *watch, pid_t pid, uintptr_t base, bool shared, bool forked,
                        struct pd_error *error) {
  struct pd_target target = {
      .kind = shared ? PD_FILE_SHARED : PD_FILE_PRIVATE,
      .keeper = getpid(),
      .worker = pid,
      .keeper_base = (uintptr_t)watch->mapping.base,
      .worker_base = base,
      .pages = watch->mapping.pages,
  };
  struct pd_use *use = place(watch, pid, base);
  if (use == NULL)
    return pd_fail(error, "no memory for a page map");
  *use = (struct pd_use){.pid = pid, .base = base, .shared = shared};
  if (!pd_pageset_init(&use->unshared, target.pages) ||
      !pd_audit_init(&use->audit, &target, NULL, NULL, error)) {
    return pd_fail(error, "no memory for a page map");
  }
  pd_audit_arm(&use->audit);
  pd_audit_finish(&use->audit);
  pd_audit_unite(&use->audit, &use->unshared);
  use->may_write = use->audit.findings[PD_VMFLAGS].amount != 0;
  if (forked && use->audit.conditions[0] == '\0') {
    snprintf(use->audit.conditions, sizeof use->audit.conditions, "the worker itself forked");
  }
  return true;
}

bool pd_watch_measure(struct pd_watch *watch, pid_t pid, bool forked, struct pd_error *error) {
  char path[64];
  char line[1024];
  struct stat status;
  bool ok = true;
  if (fstat(watch->mapping.fd, &status) != 0)
    return pd_fail_errno(error, "the region's file");
  snprintf(path, sizeof path, "/proc/%ld/maps", (long)pid);
  FILE *maps = fopen(path, "re");
  if (maps == NULL)
    return pd_fail_errno(error, "%s cannot be opened", path);
  while (ok && fgets(line, sizeof line, maps) != NULL) {
    uintptr_t from = 0;
    uintptr_t to = 0;
    char permissions[5] = "";
    uintmax_t inode = 0;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %ju", &from, &to, permissions,
               &inode) == 4 &&
        inode == (uintmax_t)status.st_ino && to - from == watch->mapping.pages * pd_page_size()) {
      ok = measure_one(watch, pid, from, permissions[3] == 's', forked, error);
    }
  }
  fclose(maps);
  return ok;
}
