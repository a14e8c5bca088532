#include "watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pagemap.h"

bool pd_watch_open(struct pd_watch *watch, const char *path, struct pd_error *error) {
  struct pd_error why = {""};
  *watch = (struct pd_watch){.path = path, .mapping = {.fd = -1}};
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &watch->opened) != 0)
    return pd_fail_errno(error, "%s", path);
  bool ok = S_ISREG(watch->opened.st_mode) || pd_fail(&why, "not a regular file");
  ok = ok && pd_mapping_open(&watch->mapping, PD_FILE_PRIVATE, fd, (size_t)watch->opened.st_size,
                             NULL, NULL, &why);
  close(fd);
  ok = ok && pd_maps_at(getpid(), (uintptr_t)watch->mapping.base, &watch->file, &why) &&
       pd_source_open_region(&watch->source, &watch->mapping, &why) &&
       (pd_page_map_init(&watch->map, watch->mapping.pages, &watch->source) ||
        pd_fail(&why, "no memory for a page map"));
  return ok || pd_fail(error, "%.120s: %.190s", path, why.text);
}

static void free_use(struct pd_use *use) {
  pd_audit_free(&use->audit);
  pd_pageset_free(&use->unshared);
  pd_pageset_free(&use->present);
}

static void free_holder(struct pd_holder *holder) {
  pd_pageset_free(&holder->seen);
  pd_pageset_free(&holder->unshared);
  pd_pageset_free(&holder->present);
}

void pd_watch_close(struct pd_watch *watch) {
  for (size_t i = 0; i < watch->count; i++)
    free_use(&watch->uses[i]);
  free(watch->uses);
  for (size_t i = 0; i < watch->holder_count; i++)
    free_holder(&watch->holders[i]);
  free(watch->holders);
  pd_page_map_free(&watch->map);
  if (watch->source.close != NULL)
    watch->source.close(&watch->source);
  pd_mapping_close(&watch->mapping);
}

/* --------------------------------------------------------------------------- the holders -- */

static bool no_memory(struct pd_error *error) {
  return pd_fail(error, "no memory for a page map");
}

static struct pd_holder *find_holder(const struct pd_watch *watch, pid_t pid) {
  for (size_t i = 0; i < watch->holder_count; i++) {
    if (watch->holders[i].pid == pid && !watch->holders[i].over)
      return &watch->holders[i];
  }
  return NULL;
}

/* The one of that process, or a new one. */
static struct pd_holder *holder_for(struct pd_watch *watch, pid_t pid) {
  size_t pages = watch->mapping.pages;
  struct pd_holder *found = find_holder(watch, pid);
  if (found != NULL)
    return found;
  struct pd_holder *grown = realloc(watch->holders, (watch->holder_count + 1) * sizeof *grown);
  if (grown == NULL)
    return NULL;
  watch->holders = grown;
  found = &grown[watch->holder_count];
  *found = (struct pd_holder){.pid = pid};
  if (pd_pageset_init(&found->seen, pages) && pd_pageset_init(&found->unshared, pages) &&
      pd_pageset_init(&found->present, pages)) {
    watch->holder_count++;
    return found;
  }
  free_holder(found);
  return NULL;
}

static void lose(struct pd_holder *holder, const char *why) {
  if (holder->lost[0] == '\0')
    snprintf(holder->lost, sizeof holder->lost, "%s", why);
}

/* The pages of the region that a mapping shows; none when it is of another file. */
static size_t pages_of(const struct pd_watch *watch, const struct pd_map *map, size_t *first) {
  size_t pages = (map->end - map->start) / pd_page_size();
  uint64_t from = map->offset / pd_page_size();
  if (!pd_map_same_file(map, &watch->file) || from >= watch->mapping.pages)
    return 0;
  *first = (size_t)from;
  return pages < watch->mapping.pages - *first ? pages : watch->mapping.pages - *first;
}

/* Adds to `seen` what the process has mapped privately. */
static bool look(struct pd_watch *watch, pid_t pid, struct pd_pageset *seen, bool *any,
                 struct pd_error *error) {
  struct pd_map map;
  FILE *maps = pd_maps_open(pid, error);
  if (maps == NULL)
    return false;
  while (pd_maps_next(maps, &map)) {
    size_t first = 0;
    size_t pages = pages_of(watch, &map, &first);
    *any = *any || pages > 0;
    for (size_t i = 0; seen != NULL && map.permissions[3] == 'p' && i < pages; i++)
      pd_pageset_add(seen, first + i);
  }
  fclose(maps);
  return true;
}

bool pd_watch_note(struct pd_watch *watch, pid_t pid, struct pd_error *error) {
  bool any = false;
  pid_t thread = pd_thread_with_memory(pid);
  if (!look(watch, thread, NULL, &any, error))
    return false;
  if (!any)
    return true;
  struct pd_holder *holder = holder_for(watch, pid);
  return holder != NULL ? look(watch, thread, &holder->seen, &any, error) : no_memory(error);
}

bool pd_watch_forked(struct pd_watch *watch, pid_t parent, pid_t child, struct pd_error *error) {
  struct pd_holder *old = find_holder(watch, child); /* process numbers come back */
  if (old != NULL)
    old->over = true;
  if (!pd_watch_note(watch, child, error))
    return false;
  if (find_holder(watch, child) == NULL)
    return true;
  pd_watch_note(watch, parent, NULL); /* where it has it from, unless that is gone already */
  struct pd_holder *holder = find_holder(watch, parent);
  if (holder != NULL)
    holder->forked = true;
  return true;
}

/* ------------------------------------------------------------------------ the measurement -- */

/* Nothing was found in it before it was dropped: the same pages elsewhere may have its place. */
static bool is_spent(const struct pd_use *use) {
  return use->dropped && use->unshared.count == 0 && use->conditions[0] == '\0' &&
         use->audit.findings[PD_PRIVATE_DIRTY].amount == 0 &&
         use->audit.findings[PD_PRIVATE].amount == 0 &&
         use->audit.findings[PD_ANONYMOUS].amount == 0;
}

static struct pd_use *find_use(struct pd_watch *watch, const struct pd_use *like, bool spent) {
  for (size_t i = 0; i < watch->count; i++) {
    struct pd_use *use = &watch->uses[i];
    if (use->holder == like->holder && use->first == like->first && use->pages == like->pages &&
        use->shared == like->shared && (spent ? is_spent(use) : use->base == like->base))
      return use;
  }
  return NULL;
}

/* The place for an answer: the one it had before, one that is free again, or a new one at the end:
 * a process that maps the region again and again must not fill the memory. */
static struct pd_use *place(struct pd_watch *watch, const struct pd_use *like) {
  struct pd_use *known = find_use(watch, like, false);
  if (known == NULL)
    known = find_use(watch, like, true);
  if (known != NULL) {
    pd_audit_free(&known->audit);
    known->base = like->base;
    known->dropped = like->dropped;
    return known;
  }
  struct pd_use *grown = realloc(watch->uses, (watch->count + 1) * sizeof *grown);
  if (grown == NULL)
    return NULL;
  watch->uses = grown;
  struct pd_use *use = &grown[watch->count];
  *use = *like;
  if (pd_pageset_init(&use->unshared, watch->mapping.pages) &&
      pd_pageset_init(&use->present, watch->mapping.pages)) {
    watch->count++;
    return use;
  }
  free_use(use);
  return NULL;
}

/* What was found before stays found. */
static void take(struct pd_use *use, struct pd_holder *holder) {
  if (use->audit.conditions[0] != '\0')
    snprintf(use->conditions, sizeof use->conditions, "%s", use->audit.conditions);
  for (int w = 0; w < PD_WITNESSES; w++) {
    const struct pd_finding *finding = &use->audit.findings[w];
    if (!finding->available || finding->unit != PD_UNIT_PAGES)
      continue;
    for (size_t i = 0; i < use->pages; i++) {
      if (pd_pageset_has(&finding->pages, i))
        pd_pageset_add(&use->unshared, use->first + i);
    }
  }
  for (size_t i = 0; i < use->pages; i++) {
    if (!pd_pageset_has(&use->audit.absent, i))
      pd_pageset_add(&use->present, use->first + i);
  }
  pd_pageset_add_all(&use->present, &use->unshared); /* also a copy that is in swap */
  for (size_t i = 0; !use->shared && i < use->pages; i++)
    pd_pageset_add(&holder->seen, use->first + i);
  if (!use->shared) {
    pd_pageset_add_all(&holder->unshared, &use->unshared);
    pd_pageset_add_all(&holder->present, &use->present);
  }
}

static bool measure_one(struct pd_watch *watch, struct pd_holder *holder, pid_t thread,
                        const struct pd_map *map, size_t first, size_t pages, bool dropped,
                        struct pd_error *error) {
  const struct pd_use like = {
      .pid = holder->pid,
      .holder = (size_t)(holder - watch->holders),
      .base = map->start,
      .first = first,
      .pages = pages,
      .shared = map->permissions[3] == 's',
      .dropped = dropped,
  };
  struct pd_target target = {
      .kind = like.shared ? PD_FILE_SHARED : PD_FILE_PRIVATE,
      .keeper = getpid(),
      .worker = thread,
      .keeper_base = (uintptr_t)watch->mapping.base + first * pd_page_size(),
      .worker_base = map->start,
      .pages = pages,
      .part = true,
      .forks_known = true,
  };
  struct pd_use *use = place(watch, &like);
  if (use == NULL || !pd_audit_init(&use->audit, &target, NULL, NULL, error))
    return no_memory(error);
  pd_audit_arm(&use->audit);
  pd_audit_finish(&use->audit);
  use->may_write = use->audit.findings[PD_VMFLAGS].amount != 0 && map->permissions[1] == 'w';
  if (!use->audit.have_entries || use->audit.entries_why[0] != '\0')
    return pd_fail(error, "%s", use->audit.entries_why);
  use->may_store =
      use->may_store || (like.shared && use->audit.findings[PD_VMFLAGS].amount != 0);
  take(use, holder);
  watch->absent += like.shared ? 0 : use->audit.absent.count;
  return true;
}

/* What is cut from a file goes from every mapping of it, copied pages as well. Who opens the path
 * after another file has come there maps that one; the first one stays as it is. */
static void look_at_file(struct pd_watch *watch) {
  const struct stat *was = &watch->opened;
  struct stat file;
  struct stat named;
  bool same = fstat(watch->mapping.fd, &file) == 0 && file.st_size == was->st_size &&
              file.st_mtim.tv_sec == was->st_mtim.tv_sec &&
              file.st_mtim.tv_nsec == was->st_mtim.tv_nsec;
  bool there =
      stat(watch->path, &named) == 0 && named.st_dev == was->st_dev && named.st_ino == was->st_ino;
  watch->changed = watch->changed || !same;
  watch->replaced = watch->replaced || !there;
}

/* A mapping of another file that is, or was, at the path: of a region that is not watched. */
static bool is_successor(const struct pd_watch *watch, const struct pd_map *map) {
  size_t length = strlen(watch->file.name);
  const char *rest = map->name + length;
  return map->inode != 0 && strncmp(map->name, watch->file.name, length) == 0 &&
         (rest[0] == '\0' || strcmp(rest, " (deleted)") == 0) &&
         !pd_map_same_file(map, &watch->file);
}

/* A process without memory has no mappings to be told, and that is not the same as none of the
 * region. */
static bool is_told(FILE *maps, size_t lines, pid_t thread, struct pd_error *error) {
  return (lines > 0 && ferror(maps) == 0 && pd_status_field(thread, "VmSize:") > 0) ||
         pd_fail(error, "the mappings of process %ld cannot be read any more", (long)thread);
}

/* Every mapping of the region that `call` would drop; NULL: every one. */
static bool measure(struct pd_watch *watch, pid_t pid, pid_t thread, const struct pd_call *call,
                    struct pd_error *error) {
  struct pd_map map;
  size_t lines = 0;
  bool ok = true;
  watch->absent = 0;
  look_at_file(watch);
  FILE *maps = pd_maps_open(thread, error);
  if (maps == NULL)
    return false;
  while (ok && pd_maps_next(maps, &map)) {
    size_t first = 0;
    size_t pages = pages_of(watch, &map, &first);
    lines++;
    if (is_successor(watch, &map))
      watch->successor_in = pid;
    if (pages == 0 || (call != NULL && !pd_call_drops(call, map.start, map.end)))
      continue;
    struct pd_holder *holder = holder_for(watch, pid);
    ok = holder != NULL
             ? measure_one(watch, holder, thread, &map, first, pages, call != NULL, error)
             : no_memory(error);
  }
  ok = ok && is_told(maps, lines, thread, error);
  fclose(maps);
  return ok;
}

/* Nothing can come after this measurement of all that the program has. */
static void note_last(struct pd_watch *watch, pid_t pid) {
  struct pd_holder *holder = find_holder(watch, pid);
  if (holder != NULL)
    holder->measured = true;
}

bool pd_watch_call(struct pd_watch *watch, pid_t pid, pid_t thread, const struct pd_call *call,
                   struct pd_error *error) {
  if (call->foreign)
    snprintf(watch->blind, sizeof watch->blind, "process %ld makes calls that cannot be told",
             (long)pid);
  if (!measure(watch, pid, thread, call, error))
    return false;
  if (call->exec && !call->kept)
    note_last(watch, pid);
  return true;
}

/* A holder that had pages which it has no more, and that was not stopped before it dropped them. */
static bool dropped_unseen(struct pd_watch *watch, const struct pd_holder *holder, pid_t thread) {
  struct pd_pageset now;
  bool any = false;
  bool dropped = true;
  if (watch->blind[0] == '\0')
    return false;
  if (!pd_pageset_init(&now, watch->mapping.pages))
    return true;
  if (look(watch, thread, &now, &any, NULL)) {
    dropped = false;
    for (size_t i = 0; i < now.pages; i++)
      dropped = dropped || (pd_pageset_has(&holder->seen, i) && !pd_pageset_has(&now, i));
  }
  pd_pageset_free(&now);
  return dropped;
}

void pd_watch_executed(struct pd_watch *watch, pid_t pid) {
  struct pd_holder *holder = find_holder(watch, pid);
  if (holder == NULL)
    return;
  if (!holder->measured)
    lose(holder, "it ran another program before it was measured");
  holder->over = true;
}

bool pd_watch_exiting(struct pd_watch *watch, const struct pd_exit *ending,
                      struct pd_error *error) {
  if (!measure(watch, ending->pid, ending->thread, NULL, error))
    return false;
  if (ending->last)
    note_last(watch, ending->pid);
  struct pd_holder *holder = find_holder(watch, ending->pid);
  if (holder != NULL && dropped_unseen(watch, holder, ending->thread))
    lose(holder, "it unmapped pages before they were measured");
  if (holder != NULL && ending->killed && watch->absent > 0)
    lose(holder, "it was killed, and pages may have been taken from it before they were measured");
  return true;
}

void pd_watch_gone(struct pd_watch *watch, pid_t pid) {
  struct pd_holder *holder = find_holder(watch, pid);
  if (holder != NULL)
    holder->over = true;
}

void pd_watch_end(struct pd_watch *watch) {
  look_at_file(watch);
  for (size_t i = 0; i < watch->holder_count; i++) {
    if (!watch->holders[i].measured)
      lose(&watch->holders[i], "it was gone before it could be measured");
  }
}
