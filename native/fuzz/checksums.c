/* Checksums anew, so that a mutation reaches what lies behind them. */
#include "crc32c.h"
#include "format.h"
#include "fuzz.h"

static uint32_t load32(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

static uint64_t load64(const uint8_t *p) {
  uint64_t v;
  memcpy(&v, p, sizeof v);
  return v;
}

static void store32(uint8_t *p, uint32_t v) { memcpy(p, &v, sizeof v); }

static void fix_index(uint8_t *bytes, size_t size, uint64_t at, uint64_t length) {
  for (uint64_t i = 0; i + ZTC__INDEX_ENTRY_SIZE <= length; i += ZTC__INDEX_ENTRY_SIZE) {
    uint8_t *entry = bytes + at + i;
    const uint64_t from = load64(entry) & ZTC__PLACE_OFFSET_MASK, extent = load32(entry + 8);
    if (from <= size && extent <= size - from) {
      store32(entry + 12, ztc__crc32c(0, bytes + from, extent));
    }
  }
}

void fuzz_fix_checksums(uint8_t *bytes, size_t size) {
  if (size < ZTC__HEADER_SIZE) return;
  const uint32_t count = load32(bytes + ZTC__HEADER_SECTION_COUNT);
  const uint64_t end = ZTC__HEADER_SIZE + (uint64_t)count * ZTC__ENTRY_SIZE;
  if (count > ZTC__MAX_SECTIONS || end > size) return;
  for (uint8_t *entry = bytes + ZTC__HEADER_SIZE; entry < bytes + end; entry += ZTC__ENTRY_SIZE) {
    const uint32_t type = load32(entry + ZTC__ENTRY_TYPE);
    const uint64_t at = load64(entry + ZTC__ENTRY_OFFSET);
    const uint64_t length = load64(entry + ZTC__ENTRY_LENGTH);
    if (at > size || length > size - at || at < end) continue;
    if (type == ZTC__SECTION_RECORD_INDEX || type == ZTC__SECTION_SHARED_INDEX) {
      fix_index(bytes, size, at, length);
    }
    const bool by_index = type == ZTC__SECTION_RECORDS || type == ZTC__SECTION_SHARED;
    store32(entry + ZTC__ENTRY_CHECKSUM, by_index ? 0 : ztc__crc32c(0, bytes + at, length));
  }
  store32(bytes + ZTC__HEADER_CHECKSUM, 0);
  store32(bytes + ZTC__HEADER_CHECKSUM, ztc__crc32c(0, bytes, end));
}
