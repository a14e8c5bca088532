#include "maps.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

FILE *pd_maps_open(pid_t pid, struct pd_error *error) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%ld/maps", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    pd_fail_errno(error, "%s cannot be opened", path);
  return file;
}

static bool parse(const char *text, struct pd_map *map) {
  int name_at = 0;
  memset(map, 0, sizeof *map);
  if (sscanf(text, "%" SCNxPTR "-%" SCNxPTR " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &map->start,
             &map->end, map->permissions, &map->offset, &map->major, &map->minor, &map->inode,
             &name_at) != 7) {
    return false;
  }
  snprintf(map->name, sizeof map->name, "%.*s", (int)strcspn(text + name_at, "\n"), text + name_at);
  if (map->name[0] == '\0')
    snprintf(map->name, sizeof map->name, "[anonymous]");
  return true;
}

bool pd_maps_next(FILE *maps, struct pd_map *out) {
  char line[512];
  while (fgets(line, sizeof line, maps) != NULL) {
    bool parsed = parse(line, out);
    for (int c = 0; strchr(line, '\n') == NULL && c != '\n' && c != EOF;) /* a long path */
      c = fgetc(maps);
    if (parsed)
      return true;
  }
  return false;
}

bool pd_maps_read(pid_t pid, struct pd_maps *out, struct pd_error *error) {
  struct pd_map map;
  size_t room = 0;
  bool ok = true;
  *out = (struct pd_maps){NULL, 0};
  FILE *maps = pd_maps_open(pid, error);
  if (maps == NULL)
    return false;
  while (ok && pd_maps_next(maps, &map)) {
    if (out->count == room) {
      room = room == 0 ? 64 : 2 * room;
      struct pd_map *grown = realloc(out->maps, room * sizeof *grown);
      ok = grown != NULL || pd_fail(error, "no memory for the mappings of a process");
      out->maps = grown != NULL ? grown : out->maps;
    }
    if (ok)
      out->maps[out->count++] = map;
  }
  fclose(maps);
  if (!ok) {
    free(out->maps);
    *out = (struct pd_maps){NULL, 0};
  }
  return ok;
}

bool pd_maps_at(pid_t pid, uintptr_t address, struct pd_map *out, struct pd_error *error) {
  FILE *maps = pd_maps_open(pid, error);
  if (maps == NULL)
    return false;
  bool found = false;
  while (!found && pd_maps_next(maps, out))
    found = out->start <= address && address < out->end;
  fclose(maps);
  return found ||
         pd_fail(error, "process %ld has nothing mapped at 0x%" PRIxPTR, (long)pid, address);
}

bool pd_map_same_file(const struct pd_map *a, const struct pd_map *b) {
  return a->inode != 0 && a->inode == b->inode && a->major == b->major && a->minor == b->minor;
}

long pd_status_field(pid_t pid, const char *key) {
  char path[64];
  char line[256];
  long value = -1;
  int why = ENODATA;
  size_t length = strlen(key);
  snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
  FILE *file = fopen(path, "re");
  if (file == NULL)
    return -1;
  while (value < 0 && fgets(line, sizeof line, file) != NULL) {
    if (strncmp(line, key, length) == 0 && sscanf(line + length, "%ld", &value) != 1)
      value = -1;
  }
  if (ferror(file) != 0)
    why = errno;
  fclose(file);
  errno = why;
  return value;
}

static bool has_memory(pid_t thread) {
  return pd_status_field(thread, "VmSize:") > 0;
}

pid_t pd_thread_with_memory(pid_t pid) {
  char path[64];
  pid_t found = pid;
  if (has_memory(pid))
    return pid;
  snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
  DIR *threads = opendir(path);
  if (threads == NULL)
    return pid;
  for (struct dirent *entry = NULL; found == pid && (entry = readdir(threads)) != NULL;) {
    pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10); /* 0: "." and ".." */
    if (thread > 0 && has_memory(thread))
      found = thread;
  }
  closedir(threads);
  return found;
}
