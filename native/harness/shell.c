#include "shell.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Without lists, groups and substitutions, and without quotes in which those could be; `2>&1` is
 * none of these. */
static bool is_plain(const char *line) {
  for (const char *at = line; *at != '\0'; at++) {
    if (*at == '&' && at > line && at[-1] == '>')
      continue;
    if (strchr("&|;(){}<`$\\\"#!\n", *at) != NULL)
      return false;
  }
  return true;
}

/* As a shell finds it; builtins are not programs unless there is one of that name. */
static bool is_program(const char *name) {
  char path[4096];
  const char *folders = getenv("PATH");
  if (strchr(name, '/') != NULL)
    return access(name, X_OK) == 0;
  while (folders != NULL && *folders != '\0') {
    size_t length = strcspn(folders, ":");
    int n = snprintf(path, sizeof path, "%.*s/%s", length == 0 ? 1 : (int)length,
                     length == 0 ? "." : folders, name);
    if (n > 0 && (size_t)n < sizeof path && access(path, X_OK) == 0)
      return true;
    folders += length + (folders[length] == ':' ? 1 : 0);
  }
  return false;
}

/* The first word, with single quotes around all of it or without any; false otherwise. */
static bool first_word(const char *line, char *out, size_t size) {
  const char *at = line + strspn(line, " \t");
  bool quoted = *at == '\'';
  at += quoted ? 1 : 0;
  size_t length = strcspn(at, quoted ? "'" : " \t'=>");
  char after = at[length];
  if (length == 0 || length >= size || (quoted && after != '\''))
    return false;
  after = quoted ? at[length + 1] : after;
  memcpy(out, at, length);
  out[length] = '\0';
  return after == '\0' || after == ' ' || after == '\t';
}

char *pd_shell_line(const char *line) {
  static const char prefix[] = "exec ";
  char name[4096];
  bool alone = is_plain(line) && first_word(line, name, sizeof name) && is_program(name);
  size_t size = strlen(line) + sizeof prefix;
  char *out = malloc(size);
  if (out != NULL)
    snprintf(out, size, "%s%s", alone ? prefix : "", line);
  return out;
}
