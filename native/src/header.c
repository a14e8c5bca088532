#include "header.h"

#include <inttypes.h>
#include <string.h>

#include "crc32c.h"
#include "error.h"
#include "key_index.h"

ztc__section ztc__header_section(const ztc_region *region, uint32_t index) {
  const uint64_t at = ZTC__HEADER_SIZE + (uint64_t)ZTC__ENTRY_SIZE * index;
  const ztc__src s = region->source;
  return (ztc__section){.type = ztc__load32(s, at + ZTC__ENTRY_TYPE),
                        .flags = ztc__load32(s, at + ZTC__ENTRY_FLAGS),
                        .offset = ztc__load64(s, at + ZTC__ENTRY_OFFSET),
                        .length = ztc__load64(s, at + ZTC__ENTRY_LENGTH),
                        .checksum = ztc__load32(s, at + ZTC__ENTRY_CHECKSUM),
                        .zero = ztc__load32(s, at + ZTC__ENTRY_ZERO)};
}

/* Checked each time: the count may have changed since the region was opened. */
uint32_t ztc__header_section_count(const ztc_region *region) {
  const uint32_t count = ztc__load32(region->source, ZTC__HEADER_SECTION_COUNT);
  const uint64_t size = ZTC__HEADER_SIZE + (uint64_t)count * ZTC__ENTRY_SIZE;
  return count <= ZTC__MAX_SECTIONS && size <= region->size ? count : 0;
}

/* Is this a region at all, of this version and byte order? In the order a user would ask. */
ztc_status ztc__header_identify(ztc__src s, uint64_t size, const char *name, ztc_error *error) {
  char magic[ZTC__MAGIC_SIZE] = {0};
  const size_t magic_size = size < sizeof magic ? (size_t)size : sizeof magic;
  ztc__fetch(magic, s, 0, magic_size);
  if (memcmp(magic, ZTC__MAGIC, magic_size) != 0) {
    return ztc__fail(error, ZTC_NOT_A_REGION, 0,
                     "%s is not a region: it does not begin with the region magic", name);
  }
  if (size < ZTC__HEADER_SIZE) {
    return ztc__fail(error, ZTC_TRUNCATED, size,
                     "%s is cut short: %" PRIu64 " bytes, less than a header", name, size);
  }
  const uint32_t order = ztc__load32(s, ZTC__HEADER_BYTE_ORDER);
  if (order == ZTC__BYTE_ORDER_SWAPPED) {
    return ztc__fail(error, ZTC_BYTE_ORDER, ZTC__HEADER_BYTE_ORDER,
                     "%s is big-endian; regions are little-endian, build it again", name);
  }
  if (order != ZTC__BYTE_ORDER_MARK) {
    return ztc__fail(error, ZTC_CORRUPT, ZTC__HEADER_BYTE_ORDER,
                     "%s has a damaged byte order mark (0x%08x)", name, order);
  }
  const unsigned major = ztc__load16(s, ZTC__HEADER_MAJOR);
  const unsigned minor = ztc__load16(s, ZTC__HEADER_MINOR);
  if (major != ZTC__VERSION_MAJOR || minor != ZTC__VERSION_MINOR) {
    return ztc__fail(error, ZTC_VERSION, ZTC__HEADER_MAJOR,
                     "%s has format version %u.%u, this library reads %d.%d; %s", name, major,
                     minor, ZTC__VERSION_MAJOR, ZTC__VERSION_MINOR,
                     major > ZTC__VERSION_MAJOR || minor > ZTC__VERSION_MINOR
                         ? "use a newer library"
                         : "build it again");
  }
  const uint64_t required = ztc__load64(s, ZTC__HEADER_REQUIRED);
  if (required != 0) {
    return ztc__fail(error, ZTC_UNSUPPORTED, ZTC__HEADER_REQUIRED,
                     "%s needs features 0x%" PRIx64 " that this library does not have", name,
                     required);
  }
  return ZTC_OK;
}

static ztc_status check_size(const ztc_region *region, const char *name, ztc_error *error) {
  const uint64_t size = ztc__load64(region->source, ZTC__HEADER_FILE_SIZE);
  if (size > region->size) {
    return ztc__fail(error, ZTC_TRUNCATED, region->size,
                     "%s is cut short: it has %" PRIu64 " of %" PRIu64 " bytes", name, region->size,
                     size);
  }
  if (size < region->size) {
    return ztc__fail(error, ZTC_CORRUPT, size, "%s has %" PRIu64 " bytes behind its end", name,
                     region->size - size);
  }
  return ZTC_OK;
}

static ztc_status check_header_checksum(const ztc_region *region, uint32_t sections,
                                        const char *name, ztc_error *error) {
  uint8_t bytes[ZTC__HEADER_SIZE + ZTC__MAX_SECTIONS * ZTC__ENTRY_SIZE];
  const uint64_t size = ZTC__HEADER_SIZE + (uint64_t)sections * ZTC__ENTRY_SIZE;
  ztc__fetch(bytes, region->source, 0, size);
  uint32_t stored;
  memcpy(&stored, bytes + ZTC__HEADER_CHECKSUM, sizeof stored);
  memset(bytes + ZTC__HEADER_CHECKSUM, 0, sizeof stored);
  if (ztc__crc32c(0, bytes, size) == stored)
    return ZTC_OK;
  return ztc__fail(error, ZTC_CHECKSUM, ZTC__HEADER_CHECKSUM,
                   "%s is damaged: the checksum of header and directory does not match", name);
}

ztc_status ztc__header_verify(const ztc_region *region, ztc_error *error) {
  return check_header_checksum(region, ztc__header_section_count(region), "the region", error);
}

typedef struct sections {
  ztc__section known[ZTC__SECTION_KNOWN]; /* by type; length 0 and offset 0 if absent */
} sections;

static ztc_status read_directory(const ztc_region *region, uint32_t count, const char *name,
                                 sections *out, ztc_error *error) {
  memset(out, 0, sizeof *out);
  uint64_t end = ZTC__HEADER_SIZE + (uint64_t)count * ZTC__ENTRY_SIZE;
  for (uint32_t i = 0; i < count; i++) {
    const ztc__section section = ztc__header_section(region, i);
    const uint64_t at = ZTC__HEADER_SIZE + (uint64_t)i * ZTC__ENTRY_SIZE;
    if (section.offset < end || section.offset % ZTC__SECTION_ALIGN != 0 ||
        section.offset > region->size || section.length > region->size - section.offset) {
      return ztc__fail(error, ZTC_CORRUPT, at,
                       "%s: section %u (type %u) is out of place or outside the file", name, i,
                       section.type);
    }
    end = section.offset + section.length;
    if (section.type == 0 || section.type >= ZTC__SECTION_KNOWN) {
      if ((section.flags & ZTC__ENTRY_REQUIRED) != 0) {
        return ztc__fail(error, ZTC_UNSUPPORTED, at,
                         "%s needs section type %u, which this library does not know", name,
                         section.type);
      }
      continue;
    }
    if (out->known[section.type].type != 0) {
      return ztc__fail(error, ZTC_CORRUPT, at, "%s: section type %u occurs twice", name,
                       section.type);
    }
    out->known[section.type] = section;
  }
  static const uint32_t needed[] = {ZTC__SECTION_RECORDS, ZTC__SECTION_RECORD_INDEX,
                                    ZTC__SECTION_SCHEMA};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    if (out->known[needed[i]].type == 0) {
      return ztc__fail(error, ZTC_CORRUPT, ZTC__HEADER_SIZE, "%s: section type %u is missing", name,
                       needed[i]);
    }
  }
  return ZTC_OK;
}

static ztc__table table_of(const ztc__section *extents, const ztc__section *index) {
  return (ztc__table){.index = index->offset,
                      .count = index->length / ZTC__INDEX_ENTRY_SIZE,
                      .extents = extents->offset,
                      .extents_end = extents->offset + extents->length};
}

ztc_status ztc__header_read(ztc_region *region, const char *name, bool verify, ztc_error *error) {
  ztc_status status = ztc__header_identify(region->source, region->size, name, error);
  if (status != ZTC_OK)
    return status;
  const uint32_t count = ztc__header_section_count(region);
  /* Before the size, so that a damaged size is not taken for a file that is cut short. */
  if (verify && count > 0)
    status = check_header_checksum(region, count, name, error);
  if (status == ZTC_OK)
    status = check_size(region, name, error);
  if (status != ZTC_OK)
    return status;
  if (count == 0) {
    return ztc__fail(error, ZTC_CORRUPT, ZTC__HEADER_SECTION_COUNT,
                     "%s: impossible number of sections", name);
  }
  sections found;
  status = read_directory(region, count, name, &found, error);
  if (status != ZTC_OK)
    return status;

  region->records =
      table_of(&found.known[ZTC__SECTION_RECORDS], &found.known[ZTC__SECTION_RECORD_INDEX]);
  region->shared =
      table_of(&found.known[ZTC__SECTION_SHARED], &found.known[ZTC__SECTION_SHARED_INDEX]);
  const uint64_t records = ztc__load64(region->source, ZTC__HEADER_RECORD_COUNT);
  if (records != region->records.count ||
      found.known[ZTC__SECTION_RECORD_INDEX].length % ZTC__INDEX_ENTRY_SIZE != 0 ||
      found.known[ZTC__SECTION_SHARED_INDEX].length % ZTC__INDEX_ENTRY_SIZE != 0) {
    return ztc__fail(error, ZTC_CORRUPT, ZTC__HEADER_RECORD_COUNT,
                     "%s: the record count and the size of an index do not agree", name);
  }
  if (found.known[ZTC__SECTION_KEY_INDEX].type != 0) {
    status = ztc__key_index_load(region, &found.known[ZTC__SECTION_KEY_INDEX], name, error);
    if (status != ZTC_OK)
      return status;
  }
  const ztc__section *schema = &found.known[ZTC__SECTION_SCHEMA];
  ztc_schema *parsed = NULL;
  status = ztc__schema_load(region->source, schema->offset, schema->length, &parsed, error);
  if (status != ZTC_OK)
    return status;
  region->schema = parsed;
  const void *image;
  uint64_t size;
  ztc_schema_image(parsed, &image, &size);
  if (verify && ztc__crc32c(0, image, size) != schema->checksum) {
    return ztc__fail(error, ZTC_CHECKSUM, schema->offset,
                     "%s is damaged: the checksum of the schema section does not match", name);
  }
  return ZTC_OK;
}
