/* Checking a whole region: every byte belongs to something, and every part is what it says. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crc32c.h"
#include "error.h"
#include "graph.h"
#include "header.h"
#include "key_index.h"
#include "region.h"
#include "strict.h"

enum { CHUNK = 1 << 16 };

typedef struct validator {
  const ztc_region *region;
  ztc__checker *checker;
  uint8_t *buffer;
  uint64_t capacity;
  uint32_t *stamps; /* per shared extent: the last record that was found to take it in */
  uint32_t *stack;  /* shared extents still to be looked through */
  uint32_t stamp;
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
} part_of_file;

static ztc_status extent_error(const validator *v, const part_of_file *part, uint64_t index,
                               ztc_status status, uint64_t at, const char *what) {
  return ztc__fail(v->error, status, at, "%s %" PRIu64 ", byte %" PRIu64 ": %s", part->name, index,
                   at, what);
}

/* One extent: its index entry, checksum and structure. Leaves its bytes in the buffer. */
static ztc_status check_extent(validator *v, const part_of_file *part, uint64_t index,
                               uint64_t expected, ztc__extent *extent) {
  const ztc_region *region = v->region;
  const uint64_t entry = part->table->index + index * ZTC__INDEX_ENTRY_SIZE;
  const uint64_t flags = ztc__load64(region->source, entry) >> ZTC__PLACE_FLAGS_SHIFT;
  if (ztc__table_entry(region, part->table, index, extent) != ZTC_OK ||
      (flags & ~(uint64_t)ZTC__EXTENT_CLOSED) != 0 || extent->offset != expected) {
    return extent_error(v, part, index, ZTC_CORRUPT, entry, "index entry is ill-formed");
  }
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

/* Looks through the references of a not closed extent and stacks the targets not yet stamped. */
static ztc_status stack_targets(validator *v, const ztc__extent *extent, uint32_t *depth,
                                uint32_t *count, uint64_t *size) {
  const ztc__src s = v->region->source;
  ztc__graph_head head;
  ztc_status status = ztc__graph_head_load(s, extent->offset, extent->size, &head);
  if (status != ZTC_OK)
    return status;
  for (uint32_t r = 0; r < head.ref_count && status == ZTC_OK; r++) {
    const uint64_t at = extent->offset + ZTC__GRAPH_HEAD_SIZE + (uint64_t)ZTC__GRAPH_REF_SIZE * r;
    const uint32_t slot = ztc__load32(s, at + 4);
    if (slot > extent->size - ZTC__SLOT_SIZE)
      return ZTC_CORRUPT;
    const uint32_t id = ztc__load32(s, extent->offset + slot);
    if (id >= v->region->shared.count)
      return ZTC_CORRUPT;
    if (v->stamps[id] == v->stamp)
      continue;
    v->stamps[id] = v->stamp;
    ztc__extent target;
    status = ztc__table_entry(v->region, &v->region->shared, id, &target);
    if (status != ZTC_OK)
      return status;
    *count += 1;
    *size += target.size;
    if (!target.closed)
      v->stack[(*depth)++] = id;
  }
  return status;
}

/* Are the record's claims about its copy true? */
static ztc_status check_claims(validator *v, const part_of_file *part, uint64_t index,
                               const ztc__extent *record) {
  ztc__graph_head head;
  ztc_status status = ztc__graph_head_load(v->region->source, record->offset, record->size, &head);
  uint32_t depth = 0, count = 0;
  uint64_t size = record->size;
  if (++v->stamp == 0) {
    memset(v->stamps, 0, v->region->shared.count * sizeof *v->stamps);
    v->stamp = 1;
  }
  if (status == ZTC_OK)
    status = stack_targets(v, record, &depth, &count, &size);
  while (status == ZTC_OK && depth > 0) {
    ztc__extent extent;
    status = ztc__table_entry(v->region, &v->region->shared, v->stack[--depth], &extent);
    if (status == ZTC_OK)
      status = stack_targets(v, &extent, &depth, &count, &size);
  }
  if (status == ZTC_OK && (count != head.shared_count || size != head.flat_size)) {
    status = ZTC_BUDGET;
  }
  if (status == ZTC_OK)
    return status;
  return extent_error(v, part, index, status, record->offset,
                      "the graph head's claims are not true");
}

static ztc_status check_table(validator *v, const part_of_file *part, bool has_claims) {
  uint64_t expected = part->table->extents;
  for (uint64_t i = 0; i < part->table->count; i++) {
    ztc__extent extent;
    ztc_status status = check_extent(v, part, i, expected, &extent);
    if (status == ZTC_OK && !extent.closed) {
      uint32_t claims[2];
      memcpy(claims, v->buffer + ZTC__GRAPH_SHARED_COUNT, sizeof claims);
      if (has_claims) {
        status = check_claims(v, part, i, &extent);
      } else if (claims[0] != 0 || claims[1] != 0) {
        status = extent_error(v, part, i, ZTC_CORRUPT, extent.offset + ZTC__GRAPH_SHARED_COUNT,
                              "reserved field is not zero");
      }
    }
    if (status != ZTC_OK)
      return status;
    expected += extent.size;
  }
  if (expected == part->table->extents_end)
    return ZTC_OK;
  return ztc__fail(v->error, ZTC_CORRUPT, expected, "bytes behind the last %s", part->name);
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
  const part_of_file shared = {.name = "shared extent", .table = &region->shared};
  const part_of_file records = {.name = "record", .table = &region->records};
  if (status == ZTC_OK)
    status = check_table(v, &shared, false);
  if (status == ZTC_OK)
    status = check_table(v, &records, true);
  if (status == ZTC_OK)
    status = ztc__key_index_check(region, v->error);
  return status;
}

ztc_status ztc_region_validate(const ztc_region *region, ztc_error *error) {
  ztc_status state = ztc__region_state(region);
  ztc_status status = ZTC_OK;
  if (state == ZTC_OK) {
    const uint64_t shared = region->shared.count;
    validator v = {.region = region,
                   .checker = ztc__checker_create(region->schema, shared),
                   .buffer = malloc(CHUNK),
                   .capacity = CHUNK,
                   .stamps = calloc(shared + 1, sizeof *v.stamps),
                   .stack = malloc((shared + 1) * sizeof *v.stack),
                   .error = error};
    if (v.checker == NULL || v.buffer == NULL || v.stamps == NULL || v.stack == NULL) {
      status = ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "no memory to validate");
    } else {
      /* The header again, with its checksum: the region may have been opened without. */
      status = ztc__header_verify(region, error);
      if (status == ZTC_OK)
        status = validate(&v);
    }
    ztc__checker_free(v.checker);
    free(v.buffer);
    free(v.stamps);
    free(v.stack);
    state = ztc__region_state_after_reading(region);
  }
  if (state == ZTC_OK)
    return status;
  return ztc__fail(error, state, ZTC_NO_OFFSET, "%s", ztc_status_text(state));
}
