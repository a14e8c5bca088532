/*
 * Seeds for the targets whose input is not just a region: make_seeds FOLDER REGION... writes
 * FOLDER/path, FOLDER/index_of, FOLDER/value, FOLDER/schema and FOLDER/feed from these regions' records.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

static const char *folder;
static int failures;

typedef struct part {
  const void *bytes;
  size_t size;
} part;

/* Writes the parts, one behind the other, as the next file for `target`. */
static void write_seed(const char *target, const part *parts, size_t count) {
  static int number;
  char name[4096];
  snprintf(name, sizeof name, "%s/%s", folder, target);
  mkdir(name, 0777);
  snprintf(name, sizeof name, "%s/%s/seed-%04d", folder, target, number++);
  FILE *f = fopen(name, "wb");
  bool good = f != NULL;
  for (size_t i = 0; i < count && good; i++) {
    good = fwrite(parts[i].bytes, 1, parts[i].size, f) == parts[i].size;
  }
  if (f == NULL || fclose(f) != 0 || !good) {
    perror(name);
    failures++;
  }
}

static void seed_keys(const ztc_region *region) {
  static uint8_t buffer[UINT8_MAX];
  uint64_t cursor = 0, index;
  ztc_key key;
  while (ztc_region_key_next(region, &cursor, &key, &index, buffer, sizeof buffer) == ZTC_OK) {
    const bool number = key.type == ZTC_KEY_I64;
    const uint8_t tail[] = {number ? 4 : key.type == ZTC_KEY_BYTES ? 5 : ZTC_UTF8,
                            number ? 8 : (uint8_t)key.size};
    write_seed("index_of", (part[]){{ztc_region_base(region), ztc_region_size(region)},
                                    {number ? (const void *)&key.number : key.data, tail[1]},
                                    {tail, sizeof tail}}, 3);
  }
}

static void seed_from_region(const char *name) {
  static const char *const paths[] = {"$", "prefs.lang", "[0]", "[1][0]", "a[1]", "b[0][1]",
                                      "rows[1].y", "[2].k", "[\"caf\\u00e9\"]", "self"};
  ztc_region *region;
  if (ztc_region_open(name, ZTC_OPEN_VERIFY_HEADER, &region, NULL) != ZTC_OK) return; /* a bad one */
  const void *image;
  uint64_t size;
  ztc_schema_image(ztc_region_schema(region), &image, &size);
  if (size > UINT16_MAX) {
    ztc_region_free(region);
    return; /* dictionaries, too large for a good seed */
  }
  write_seed("schema", (part[]){{image, size}}, 1);
  seed_keys(region);
  for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
    const uint8_t length = (uint8_t)strlen(paths[p]);
    write_seed("path", (part[]){{ztc_region_base(region), ztc_region_size(region)},
                                {paths[p], length}, {&length, 1}}, 3);
  }
  const uint16_t length = (uint16_t)size;
  for (uint64_t r = 0; r < ztc_region_count(region); r++) {
    fuzz_copy copy = fuzz_copy_record(region, r);
    if (copy.bytes != NULL) {
      write_seed("value", (part[]){{&length, 2}, {image, size}, {copy.bytes, copy.size}}, 3);
    }
    free(copy.bytes);
  }
  ztc_region_free(region);
}

/* Streams of events: opcodes of the format document, section 8. */
static void seed_feed(void) {
#define STREAM(...)                                                             \
  do {                                                                          \
    static const uint8_t events[] = {__VA_ARGS__};                              \
    write_seed("feed", (part[]){{events, sizeof events}}, 1);                   \
  } while (0)
  STREAM(0x00, 0x3f, 0x01, 0x3f, 0x03, 7, 0x3f, 0x04, 7, 1, 0x3f, 0x05, 1, 2, 3, 4, 0x3f, 0x06, 1, 2,
         3, 4, 5, 6, 7, 8, 0x3f, 0x07, 0, 0, 0xc0, 0x3f, 0x3f, 0x08, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x3f);
  STREAM(0x10, 2, 0, 0, 0, 'h', 'i', 0x3f, 0x11, 3, 0, 0, 0, 'c', 0xe9, 'x', 0x3f, 0x12, 3, 0, 0, 0, 0xe2,
         0x82, 0xac, 0x3f, 0x13, 4, 0, 0, 0, 0x3d, 0xd8, 0, 0xde, 0x3f, 0x14, 2, 0, 0, 0, 1, 2, 0x3f);
  STREAM(0x15, 3, 2, 0, 0, 0, 1, 0, 2, 0, 0x3f, 0x22, 8, 0, 0, 0, 0x20, 0x03, 1, 0x23, 0x23, 0x3f);
  STREAM(0x21, 0x2c, 0, 2, 0, 0, 0, 'i', 'd', 0x05, 1, 0, 0, 0, 0x28, 4, 0, 0, 0, 't', 'a', 'g', 's', 0x20,
         0x10, 9, 0, 0, 0, 'p', 'r', 'o', 'm', 'o', 't', 'i', 'o', 'n', 0x23, 0x23, 0x3f, 0x21, 0x2d, 0, 0, 0,
         0, 0x00, 0x2a, 4, 0, 0, 0, 't', 'a', 'g', 's', 0x20, 0x23, 0x23, 0x3f);
  STREAM(0x30, 1, 0, 0, 0, 0x20, 0x31, 1, 0, 0, 0, 0x30, 2, 0, 0, 0, 0x21, 0x28, 1, 0, 0, 0, 'a', 0x31, 1, 0,
         0, 0, 0x23, 0x31, 2, 0, 0, 0, 0x23, 0x3f);
  STREAM(0x33, 0, 0, 0, 0, 0x20, 0x32, 1, 0, 0, 0, 0x23, 0x34, 0x33, 1, 0, 0, 0, 0x20, 0x32, 0, 0, 0, 0, 0x03,
         9, 0x23, 0x34, 0x20, 0x32, 0, 0, 0, 0, 0x20, 0x32, 1, 0, 0, 0, 0x23, 0x23, 0x3f, 0x32, 1, 0, 0, 0,
         0x3f);
  STREAM(0x38, 1, 0, 0, 0, 'a', 0x00, 0x3f, 0x00, 0x39, 1, 0, 0, 0, 0xe9, 0x3f, 0x3a, 3, 0, 0, 0, 0xe2, 0x82,
         0xac, 0x00, 0x3f, 0x3b, 4, 0, 0, 0, 0x3d, 0xd8, 0, 0xde, 0x00, 0x3f, 0x3c, 1, 2, 3, 4, 5, 6, 7, 8, 0x00,
         0x3f, 0x3d, 2, 0, 0, 0, 0, 0xff, 0x00, 0x3f);
  STREAM(0x20, 0x21, 0x28, 1, 0, 0, 0, 'x', 0x03, 1, 0x28, 1, 0, 0, 0, 'y', 0x20, 0x23, 0x23, 0x21, 0x28, 1,
         0, 0, 0, 'x', 0x03, 2, 0x28, 1, 0, 0, 0, 'y', 0x20, 0x00, 0x23, 0x23, 0x23, 0x3f);
  /* Maps with a key list: whole, inside another, ended early, left for a key, gone beyond, defined again. */
  STREAM(0x21, 0x2c, 0, 1, 0, 0, 0, 'x', 0x03, 1, 0x2c, 0, 1, 0, 0, 0, 'y', 0x20, 0x23, 0x23, 0x3f, 0x2e, 2, 0, 0,
         0, 0, 0, 0, 0, 1, 0, 0, 0, 0x2f, 0, 0, 0, 0, 0x03, 2, 0x2f, 0, 0, 0, 0, 0x00, 0x01, 0x23, 0x23, 0x3f,
         0x20, 0x2f, 0, 0, 0, 0, 0x03, 3, 0x23, 0x2f, 0, 0, 0, 0, 0x03, 4, 0x28, 1, 0, 0, 0, 'z', 0x03, 5, 0x23,
         0x2f, 0, 0, 0, 0, 0x03, 4, 0x20, 0x23, 0x28, 1, 0, 0, 0, 'z', 0x03, 5, 0x23, 0x2f, 0, 0, 0, 0, 0x23, 0x23,
         0x3f);
  STREAM(0x21, 0x2c, 0, 1, 0, 0, 0, 'x', 0x2e, 1, 0, 0, 0, 0, 0, 0, 0, 0x30, 7, 0, 0, 0, 0x2f, 0, 0, 0, 0, 0x31,
         7, 0, 0, 0, 0x23, 0x23, 0x3f, 0x2e, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x2f, 1, 0, 0, 0, 0x00, 0x00, 0x23,
         0x3f, 0x2f, 2, 0, 0, 0, 0x3f);
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: make_seeds FOLDER REGION...\n");
    return 2;
  }
  folder = argv[1];
  mkdir(folder, 0777);
  for (int i = 2; i < argc; i++) seed_from_region(argv[i]);
  seed_feed();
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
