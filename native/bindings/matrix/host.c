/*
 * host write REGION < typed text | host keys REGION < keys | host find REGION < keys, one a line:
 * "i DIGITS", "s HEX" (of UTF-8) or "b HEX". What it reads is text.c's: the typed text that all
 * others are held against.
 */
#include <stdio.h>

#include "support.h"

enum { LONGEST = 1 << 16 };

static bool next_line(char *line) {
  if (fgets(line, LONGEST, stdin) == NULL)
    return false;
  line[strcspn(line, "\n")] = '\0';
  return true;
}

static ztc_key parse_key(const char *line, char *bytes) {
  if (line[0] == 'i') {
    return (ztc_key){.type = ZTC_KEY_I64, .number = strtoll(line + 2, NULL, 10)};
  }
  uint64_t size = 0;
  unsigned value;
  for (const char *p = line + 2; sscanf(p, "%2x", &value) == 1; p += 2)
    bytes[size++] = (char)value;
  return (ztc_key){.type = line[0] == 's' ? ZTC_KEY_STRING : ZTC_KEY_BYTES,
                   .encoding = ZTC_UTF8,
                   .data = bytes,
                   .size = size};
}

static ztc_status write_region(const char *path, bool keys) {
  static char line[LONGEST], bytes[LONGEST];
  ztc_writer *writer;
  ztc_error error;
  int64_t count = 0;
  ztc_status status = ztc_writer_create(path, 0, &writer, &error);
  while (status == ZTC_OK && next_line(line)) {
    if (!keys) {
      status = add_text(writer, line);
      continue;
    }
    const ztc_key key = parse_key(line, bytes);
    char record[32];
    snprintf(record, sizeof record, "%lldi64", (long long)count++);
    status = ztc_writer_record_key(writer, &key);
    if (status == ZTC_OK)
      status = add_text(writer, record);
  }
  return status == ZTC_OK ? ztc_writer_publish(writer, &error) : status;
}

static ztc_status find_keys(const char *path) {
  static char line[LONGEST], bytes[LONGEST];
  ztc_region *region;
  ztc_error error;
  ztc_status status = ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error);
  while (status == ZTC_OK && next_line(line)) {
    const ztc_key key = parse_key(line, bytes);
    uint64_t index;
    const ztc_status found = ztc_index_of(region, &key, &index);
    if (found == ZTC_OK) {
      printf("%llu\n", (unsigned long long)index);
    } else if (found == ZTC_NO_SUCH_KEY) {
      puts("null");
    } else {
      status = found;
    }
  }
  return status;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: host write|keys|find REGION\n");
    return 2;
  }
  const ztc_status status = strcmp(argv[1], "find") == 0
                                ? find_keys(argv[2])
                                : write_region(argv[2], strcmp(argv[1], "keys") == 0);
  if (status != ZTC_OK)
    fprintf(stderr, "%s\n", ztc_status_text(status));
  return status == ZTC_OK ? 0 : 1;
}
