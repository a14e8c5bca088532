/* Any bytes as events. What the writer takes, it publishes, and every reader reads. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { MOST_ERRORS = 50 };

static char path[64];

static void clean_up(void) {
  unlink(path);
  *strrchr(path, '/') = 0;
  rmdir(path);
}

static void read_back(uint64_t records) {
  ztc_region *region;
  ztc_error error;
  FUZZ_CHECK(ztc_region_open(path, ZTC_OPEN_VERIFY_ALL, &region, &error) == ZTC_OK);
  FUZZ_CHECK(ztc_region_count(region) == records);
  for (uint64_t r = 0; r < records; r++) {
    uint64_t hash = 0, again = 0;
    fuzz_copy copy = fuzz_copy_record(region, r);
    FUZZ_CHECK(copy.status == ZTC_OK);
    if (copy.bytes == NULL) continue; /* large */
    ztc_status status = fuzz_read_copy(&copy, ztc_region_schema(region), &hash);
    FUZZ_CHECK(status == ZTC_OK || status == ZTC_TOO_DEEP);
    free(copy.bytes);
    copy = fuzz_copy_path(region, r, "$");
    FUZZ_CHECK(copy.status == ZTC_OK);
    if (copy.bytes != NULL) {
      status = fuzz_read_copy(&copy, ztc_region_schema(region), &again);
      FUZZ_CHECK(status == ZTC_TOO_DEEP || hash == again);
    }
    free(copy.bytes);
  }
  fuzz_read_keys(region, true);
  ztc_region_free(region);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (path[0] == 0) {
    strcpy(path, access("/dev/shm", W_OK) == 0 ? "/dev/shm/ztc-fuzz-XXXXXX" : "/tmp/ztc-fuzz-XXXXXX");
    FUZZ_CHECK(mkdtemp(path) != NULL);
    strcat(path, "/feed.ztc");
    atexit(clean_up);
  }
  ztc_writer *writer;
  ztc_error error;
  uint32_t id;
  FUZZ_CHECK(ztc_writer_create(path, 0, &writer, NULL) == ZTC_OK);
  for (int i = 0; i < 4; i++) FUZZ_CHECK(ztc_writer_reserve_shared(writer, &id) == ZTC_OK);
  size_t at = 0;
  for (int errors = 0; at < size && errors < MOST_ERRORS; errors++) {
    error.offset = 0;
    if (ztc_writer_feed(writer, data + at, size - at, &error) == ZTC_OK) break;
    FUZZ_CHECK(error.offset < size - at);
    FUZZ_CHECK(memchr(error.message, 0, sizeof error.message) != NULL);
    FUZZ_CHECK(ztc_writer_discard_record(writer) == ZTC_OK);
    at += error.offset + 1;
  }
  FUZZ_CHECK(ztc_writer_discard_record(writer) == ZTC_OK);
  const uint64_t records = ztc_writer_count(writer);
  const ztc_status status = ztc_writer_publish(writer, &error);
  FUZZ_CHECK(status == ZTC_OK || status == ZTC_DUPLICATE_KEY);
  if (status == ZTC_OK) read_back(records);
  return 0;
}
