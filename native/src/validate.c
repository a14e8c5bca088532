/* Checking a whole region: every byte belongs to something, and every part is what it says. */
#include <inttypes.h>
#include <stdlib.h>

#include "crc32c.h"
#include "error.h"
#include "graph_check.h"
#include "header.h"
#include "key_index.h"
#include "region.h"
#include "strict.h"

enum { CHUNK = 1 << 16 };

/* A shared extent in the order of the file. */
typedef struct placed {
  uint64_t offset;
  uint64_t end;
  uint64_t index;
} placed;

typedef struct validator {
  const ztc_region *region;
  ztc__checker *checker;
  ztc__graph_checker *graphs;
  placed *places;
  uint8_t *buffer;
  uint64_t capacity;
  ztc_error *error;
} validator;

static bool reserve(validator *v, uint64_t size) {
  if (size <= v->capacity)
    return true;
  const uint64_t capacity = size + size / 2;
  uint8_t *larger = realloc(v->buffer, capacity);
  if (larger == NULL)
    return false;
  v->buffer = larger;
  v->capacity = capacity;
  return true;
}

static ztc_status check_zero(const validator *v, uint64_t from, uint64_t to) {
  for (; from < to; from++) {
    if (ztc__load8(v->region->source, from) != 0) {
      return ztc__fail(v->error, ZTC_CORRUPT, from, "byte %" PRIu64 ": padding is not zero", from);
    }
  }
  return ZTC_OK;
}

static ztc_status check_section_bytes(validator *v, const ztc__section *section) {
  uint32_t crc = 0;
  for (uint64_t done = 0; done < section->length; done += CHUNK) {
    const uint64_t left = section->length - done;
    const uint64_t size = left < CHUNK ? left : CHUNK;
    ztc__fetch(v->buffer, v->region->source, section->offset + done, size);
    crc = ztc__crc32c(crc, v->buffer, size);
  }
  if (crc == section->checksum)
    return ZTC_OK;
  return ztc__fail(v->error, ZTC_CHECKSUM, section->offset,
                   "section type %u at byte %" PRIu64 ": the checksum does not match",
                   section->type, section->offset);
}

/* Directory entries, the bytes between sections, and the checksums of whole sections. */
static ztc_status check_sections(validator *v) {
  const ztc_region *region = v->region;
  const uint32_t count = ztc__header_section_count(region);
  uint64_t end = ZTC__HEADER_SIZE + (uint64_t)count * ZTC__ENTRY_SIZE;
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t at = ZTC__HEADER_SIZE + (uint64_t)i * ZTC__ENTRY_SIZE;
    const ztc__section section = ztc__header_section(region, i);
    const bool by_index =
        section.type == ZTC__SECTION_RECORDS || section.type == ZTC__SECTION_SHARED;
    if (section.offset < end || section.offset > region->size ||
        section.length > region->size - section.offset ||
        (section.flags & ~(uint32_t)ZTC__ENTRY_REQUIRED) != 0 || section.zero != 0 ||
        (by_index && section.checksum != 0)) {
      return ztc__fail(v->error, ZTC_CORRUPT, at, "directory entry %u is ill-formed", i);
    }
    ztc_status status = check_zero(v, end, section.offset);
    if (status == ZTC_OK && !by_index)
      status = check_section_bytes(v, &section);
    if (status != ZTC_OK)
      return status;
    end = section.offset + section.length;
  }
  return check_zero(v, end, region->size);
}

typedef struct part_of_file {
  const char *name; /* "record" or "shared extent" */
  const ztc__table *table;
  uint64_t left; /* bytes that no extent has been charged for: extents do not overlap */
} part_of_file;

static part_of_file part_of(const char *name, const ztc__table *table) {
  return (part_of_file){name, table, table->extents_end - table->extents};
}

static ztc_status extent_error(const validator *v, const part_of_file *part, uint64_t index,
                               ztc_status status, uint64_t at, const char *what) {
  return ztc__fail(v->error, status, at, "%s %" PRIu64 ", byte %" PRIu64 ": %s", part->name, index,
                   at, what);
}

/* One extent: its index entry, checksum and structure. Leaves its bytes in the buffer. */
static ztc_status check_extent(validator *v, part_of_file *part, uint64_t index,
                               ztc__extent *extent) {
  const ztc_region *region = v->region;
  const uint64_t entry = part->table->index + index * ZTC__INDEX_ENTRY_SIZE;
  const uint64_t flags = ztc__load64(region->source, entry) >> ZTC__PLACE_FLAGS_SHIFT;
  if (ztc__table_entry(region, part->table, index, extent) != ZTC_OK ||
      (flags & ~(uint64_t)ZTC__EXTENT_CLOSED) != 0) {
    return extent_error(v, part, index, ZTC_CORRUPT, entry, "index entry is ill-formed");
  }
  if (extent->size > part->left)
    return extent_error(v, part, index, ZTC_CORRUPT, entry, "it overlaps another");
  part->left -= extent->size;
  if (!reserve(v, extent->size)) {
    return extent_error(v, part, index, ZTC_NO_MEMORY, entry, "no memory to check it");
  }
  ztc__fetch(v->buffer, region->source, extent->offset, extent->size);
  if (ztc__crc32c(0, v->buffer, extent->size) != extent->checksum) {
    return extent_error(v, part, index, ZTC_CHECKSUM, extent->offset,
                        "the checksum does not match");
  }
  uint32_t at;
  const char *what;
  const bool is_record = part->table == &region->records;
  const ztc_status status = ztc__checker_extent(v->checker, v->buffer, extent->size, extent->closed,
                                                is_record, &at, &what);
  if (status == ZTC_OK)
    return status;
  return extent_error(v, part, index, status, extent->offset + at, what);
}

/* What the record says about its copy, against the shared extents; its bytes are in the buffer. */
static ztc_status check_graph(validator *v, const part_of_file *part, uint64_t index,
                              const ztc__extent *record) {
  size_t count;
  uint32_t at;
  const char *what;
  const ztc__outgoing *refs = ztc__checker_outgoing(v->checker, &count);
  const ztc_status status = ztc__graph_check(v->graphs, record, v->buffer, refs, count, &at, &what);
  if (status == ZTC_OK)
    return status;
  return extent_error(v, part, index, status, record->offset + at, what);
}

/* Extent number `index` in the order of the file must begin where the one before ended. */
static ztc_status check_place(const validator *v, const part_of_file *part, uint64_t index,
                              uint64_t offset, uint64_t expected) {
  if (offset == expected)
    return ZTC_OK;
  return extent_error(v, part, index, ZTC_CORRUPT,
                      part->table->index + index * ZTC__INDEX_ENTRY_SIZE,
                      "extent does not begin where the one before it ends");
}

static ztc_status check_end(const validator *v, const part_of_file *part, uint64_t end) {
  if (end == part->table->extents_end)
    return ZTC_OK;
  return ztc__fail(v->error, ZTC_CORRUPT, end, "bytes behind the last %s", part->name);
}

static ztc_status check_records(validator *v) {
  part_of_file part = part_of("record", &v->region->records);
  uint64_t expected = part.table->extents;
  for (uint64_t i = 0; i < part.table->count; i++) {
    ztc__extent extent;
    ztc_status status = check_extent(v, &part, i, &extent);
    if (status == ZTC_OK)
      status = check_place(v, &part, i, extent.offset, expected);
    if (status == ZTC_OK && !extent.closed)
      status = check_graph(v, &part, i, &extent);
    if (status != ZTC_OK)
      return status;
    expected += extent.size;
  }
  return check_end(v, &part, expected);
}

static int by_offset(const void *a, const void *b) {
  const uint64_t x = ((const placed *)a)->offset, y = ((const placed *)b)->offset;
  return (x > y) - (x < y);
}

/* Shared extents lie in any order, without gaps. */
static ztc_status check_shared(validator *v) {
  placed *places = v->places;
  part_of_file part = part_of("shared extent", &v->region->shared);
  const uint64_t count = part.table->count;
  for (uint64_t i = 0; i < count; i++) {
    ztc__extent extent;
    const ztc_status status = check_extent(v, &part, i, &extent);
    if (status != ZTC_OK)
      return status;
    places[i] = (placed){.offset = extent.offset, .end = extent.offset + extent.size, .index = i};
  }
  if (count > 0)
    qsort(places, count, sizeof *places, by_offset);
  uint64_t expected = part.table->extents;
  for (uint64_t i = 0; i < count; i++) {
    const ztc_status status = check_place(v, &part, places[i].index, places[i].offset, expected);
    if (status != ZTC_OK)
      return status;
    expected = places[i].end;
  }
  return check_end(v, &part, expected);
}

static ztc_status validate(validator *v) {
  const ztc_region *region = v->region;
  const void *schema;
  uint64_t schema_size;
  ztc_schema_image(region->schema, &schema, &schema_size);
  ztc_status status = check_sections(v);
  for (uint32_t i = 0; i < ztc__header_section_count(region) && status == ZTC_OK; i++) {
    const ztc__section section = ztc__header_section(region, i);
    if (section.type != ZTC__SECTION_SCHEMA)
      continue;
    status = ztc__schema_check_layout(region->schema, section.offset, v->error);
  }
  if (status == ZTC_OK)
    status = check_shared(v);
  if (status == ZTC_OK)
    status = check_records(v);
  if (status == ZTC_OK)
    status = ztc__key_index_check(region, v->error);
  return status;
}

ztc_status ztc_region_validate(const ztc_region *region, ztc_error *error) {
  ztc_status state = ztc__region_state(region);
  ztc_status status = ZTC_OK;
  if (state == ZTC_OK) {
    validator v = {.region = region,
                   .checker = ztc__checker_create(region->schema, region->shared.count),
                   .buffer = malloc(CHUNK),
                   .capacity = CHUNK,
                   .graphs = ztc__graph_checker_create(region),
                   .places = malloc((region->shared.count + 1) * sizeof *v.places),
                   .error = error};
    if (v.checker == NULL || v.buffer == NULL || v.graphs == NULL || v.places == NULL) {
      status = ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "no memory to validate");
    } else {
      /* The header again, with its checksum: the region may have been opened without. */
      status = ztc__header_verify(region, error);
      if (status == ZTC_OK)
        status = validate(&v);
    }
    ztc__checker_free(v.checker);
    free(v.buffer);
    ztc__graph_checker_free(v.graphs);
    free(v.places);
    state = ztc__region_state_after_reading(region);
  }
  if (state == ZTC_OK)
    return status;
  return ztc__fail(error, state, ZTC_NO_OFFSET, "%s", ztc_status_text(state));
}
