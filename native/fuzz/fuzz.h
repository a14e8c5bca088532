/* What the fuzz targets share. A target has one entry point, and does not know who calls it. */
#ifndef ZTC_FUZZ_H
#define ZTC_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ztc/ztc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that was broken stops the process, so that an engine keeps the input. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : __builtin_trap())

/* Bytes that a copy, and the text of a value, may take here; only to keep inputs quick. */
enum { FUZZ_MOST_COPY = 1 << 20, FUZZ_MOST_TEXT = 1 << 16 };

/* A copy in a block of exactly its size. `bytes` is NULL on failure. */
typedef struct fuzz_copy {
  uint8_t *bytes;
  uint64_t size;
  ztc_status status;
} fuzz_copy;
fuzz_copy fuzz_copy_record(const ztc_region *region, uint64_t index);
fuzz_copy fuzz_copy_path(const ztc_region *region, uint64_t index, const char *path);

/* Calls every accessor on everything below the value. Then a value's status of printing. */
void fuzz_visit(const ztc_value *value);
ztc_status fuzz_print(const ztc_value *value, uint64_t *hash);
/* Visits and prints a copy; ZTC_OK if it has a root and prints. */
ztc_status fuzz_read_copy(const fuzz_copy *copy, const ztc_schema *schema, uint64_t *hash);

/* Lists the keys and looks each up, whatever comes; in a `valid` region each finds its record. */
void fuzz_read_keys(const ztc_region *region, bool valid);

/* Recomputes all checksums that the directory and the indexes lead to. */
void fuzz_fix_checksums(uint8_t *bytes, size_t size);

/* xorshift64* */
uint64_t fuzz_random(uint64_t *state);

#endif
