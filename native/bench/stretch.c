#include "stretch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"
#include "format.h"

enum { SMALL_RECORDS = 1000, HOLE = 16 << 20 };

/* What is repeated: one block of records, as the library writes it. */
static ztc_status publish_block(const char *path) {
  ztc_writer *w;
  ztc_status status = ztc_writer_create(path, 0, &w, NULL);
  if (status != ZTC_OK)
    return status;
  for (int64_t i = 0; i < SMALL_RECORDS && status == ZTC_OK; i++) {
    status = ztc_writer_int(w, ZTC_TYPE_I64, i);
    if (status == ZTC_OK)
      status = ztc_writer_end_record(w, NULL);
  }
  void *zeros = calloc(1, HOLE);
  if (zeros == NULL && status == ZTC_OK)
    status = ZTC_NO_MEMORY;
  if (status == ZTC_OK)
    status = ztc_writer_bytes(w, zeros, HOLE);
  free(zeros);
  if (status == ZTC_OK)
    status = ztc_writer_end_record(w, NULL);
  if (status == ZTC_OK)
    return ztc_writer_publish(w, NULL);
  ztc_writer_abort(w);
  return status;
}

typedef struct section {
  uint32_t type, flags;
  uint64_t offset, length;
  uint32_t checksum, zero;
} section;
_Static_assert(sizeof(section) == ZTC__ENTRY_SIZE, "a directory entry");

typedef struct line {
  uint64_t place;
  uint32_t length, checksum;
} line;
_Static_assert(sizeof(line) == ZTC__INDEX_ENTRY_SIZE, "an index entry");

static int put(int fd, const void *bytes, uint64_t size, uint64_t at) {
  return pwrite(fd, bytes, size, (off_t)at) == (ssize_t)size;
}

/* Everything but the zeros of the last record. */
static int put_records(int fd, const uint8_t *records, uint64_t length, uint64_t blocks,
                       uint64_t at) {
  int ok = 1;
  for (uint64_t b = 0; b < blocks && ok; b++)
    ok = put(fd, records, length - HOLE, at + b * length);
  return ok;
}

/* The lines of the first block, `by` bytes further on in this file, and then of the others. */
static int put_index(int fd, const line *block, uint64_t length, uint64_t blocks, uint64_t by,
                     uint64_t stride, section *index) {
  line *lines = malloc(length);
  if (lines == NULL)
    return 0;
  memcpy(lines, block, length);
  int ok = 1;
  index->checksum = 0;
  for (uint64_t b = 0; b < blocks && ok; b++) {
    for (uint64_t i = 0; i < length / sizeof *lines; i++)
      lines[i].place += b == 0 ? by : stride;
    index->checksum = ztc__crc32c(index->checksum, lines, length);
    ok = put(fd, lines, length, index->offset + b * length);
  }
  free(lines);
  return ok;
}

/* Repeats the records of a region of which `head` is the first part and `bytes` the whole. */
static int repeat(int fd, const uint8_t *bytes, uint64_t size) {
  uint8_t head[ZTC__HEADER_SIZE + ZTC__MAX_SECTIONS * ZTC__ENTRY_SIZE];
  uint32_t sections;
  memcpy(&sections, bytes + ZTC__HEADER_SECTION_COUNT, sizeof sections);
  const uint64_t head_size = ZTC__HEADER_SIZE + (uint64_t)sections * ZTC__ENTRY_SIZE;
  memcpy(head, bytes, head_size);
  uint64_t blocks = 1, stride = 0, moved = 0, end = head_size;
  int ok = 1;
  for (uint32_t i = 0; i < sections && ok; i++) {
    section s;
    memcpy(&s, head + ZTC__HEADER_SIZE + i * sizeof s, sizeof s);
    const uint8_t *content = bytes + s.offset;
    const uint64_t length = s.length;
    s.offset = ztc__align64(end);
    if (s.type == ZTC__SECTION_RECORDS) {
      moved = s.offset - (uint64_t)(content - bytes);
      stride = length;
      blocks = size / length + 1;
      ok = put_records(fd, content, length, blocks, s.offset);
    } else if (s.type == ZTC__SECTION_RECORD_INDEX) {
      ok = put_index(fd, (const line *)content, length, blocks, moved, stride, &s);
    } else {
      ok = put(fd, content, length, s.offset);
    }
    if (s.type == ZTC__SECTION_RECORDS || s.type == ZTC__SECTION_RECORD_INDEX)
      s.length *= blocks;
    end = s.offset + s.length;
    memcpy(head + ZTC__HEADER_SIZE + i * sizeof s, &s, sizeof s);
  }
  const uint64_t records = blocks * (SMALL_RECORDS + 1);
  const uint32_t none = 0;
  memcpy(head + ZTC__HEADER_FILE_SIZE, &end, sizeof end);
  memcpy(head + ZTC__HEADER_RECORD_COUNT, &records, sizeof records);
  memcpy(head + ZTC__HEADER_CHECKSUM, &none, sizeof none);
  const uint32_t checksum = ztc__crc32c(0, head, head_size);
  memcpy(head + ZTC__HEADER_CHECKSUM, &checksum, sizeof checksum);
  return ok && put(fd, head, head_size, 0) && ftruncate(fd, (off_t)end) == 0;
}

int stretched_region(const char *path, uint64_t size) {
  char block[512];
  snprintf(block, sizeof block, "%s.block", path);
  ztc_region *region = NULL;
  int ok = publish_block(block) == ZTC_OK && ztc_region_open(block, 0, &region, NULL) == ZTC_OK;
  unlink(block);
  if (ok) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ok = fd >= 0 && repeat(fd, ztc_region_base(region), size);
    if (fd >= 0)
      ok = close(fd) == 0 && ok;
    ztc_region_free(region);
  }
  return ok;
}
