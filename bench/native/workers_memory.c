#include <stdio.h>
#include <string.h>

#include "workers.h"

/* A line that begins a mapping has its addresses first: hexadecimal digits, a dash. */
static int begins_mapping(const char *line) {
  const size_t digits = strspn(line, "0123456789abcdef");
  return digits > 0 && line[digits] == '-';
}

int memory_of(pid_t pid, const char *region, memory *out) {
  char path[64], line[8192];
  snprintf(path, sizeof path, "/proc/%d/smaps", (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return 0;
  memset(out, 0, sizeof *out);
  int in_region = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    unsigned long long kb;
    if (begins_mapping(line)) {
      line[strcspn(line, "\n")] = 0;
      const size_t length = strlen(line), name = strlen(region);
      in_region = length > name && strcmp(line + length - name, region) == 0;
    } else if (sscanf(line, "Pss: %llu", &kb) == 1) {
      out->pss_kb += kb;
      out->region_pss_kb += in_region ? kb : 0;
    } else if (sscanf(line, "Private_Clean: %llu", &kb) == 1 ||
               sscanf(line, "Private_Dirty: %llu", &kb) == 1) {
      out->private_kb += in_region ? 0 : kb;
    }
  }
  return fclose(file) == 0;
}
