#include "region.h"

#include <stdlib.h>
#include <unistd.h>

#include "crc32c.h"
#include "error.h"
#include "format.h"
#include "header.h"
#include "registry.h"
#include "sealed.h"
#include "sigbus.h"

enum { KNOWN_FLAGS = ZTC_OPEN_VERIFY_MASK | ZTC_OPEN_AUDIT | ZTC_OPEN_PRELOAD | ZTC_OPEN_SEALED };

/* A region over lent memory has no registry slot, so its state word follows the handle. */
typedef struct handle {
  ztc_region region;
  _Atomic uint32_t own_state;
} handle;

static ztc_status open_mapping(const ztc__mapping *mapping, const char *name, uint32_t flags,
                               ztc_region **out, ztc_error *error) {
  handle *h = calloc(1, sizeof *h);
  if (h == NULL) return ztc__fail(error, ZTC_NO_MEMORY, ZTC_NO_OFFSET, "cannot open %s", name);
  ztc_region *region = &h->region;
  region->mapping = *mapping;
  region->source = ztc__src_of(mapping->base);
  region->size = mapping->size;
  region->state = mapping->slot >= 0 ? ztc__registry_state(mapping->slot) : &h->own_state;
  const uint32_t level = flags & ZTC_OPEN_VERIFY_MASK;
  region->check_records = level == ZTC_OPEN_VERIFY_RECORD;

  ztc_status status = ztc__header_read(region, name, level != ZTC_OPEN_VERIFY_NONE, error);
  if (status == ZTC_OK && (flags & ZTC_OPEN_PRELOAD) != 0) {
    status = ztc_region_preload(region, NULL, NULL, error);
  }
  if (status == ZTC_OK && level == ZTC_OPEN_VERIFY_ALL) {
    status = ztc_region_validate(region, error);
  }
  /* What was read is worth nothing if the file shrank meanwhile, nor is what was said of it. */
  const ztc_status state = ztc__region_state_after_reading(region);
  if (state != ZTC_OK) {
    status = ztc__fail(error, state, ZTC_NO_OFFSET,
                       "%s shrank, or could not be read, while it was opened", name);
  }
  if (status != ZTC_OK) {
    ztc_schema_free((ztc_schema *)(uintptr_t)region->schema);
    free(h);
    return status;
  }
  *out = region;
  return ZTC_OK;
}

ztc_status ztc__region_open_check(uint32_t flags, ztc_region **out, ztc_error *error) {
  if (out == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "out must not be NULL");
  }
  *out = NULL;
  if ((flags & ~(uint32_t)KNOWN_FLAGS) != 0) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "unknown open flags 0x%x",
                     flags & ~(uint32_t)KNOWN_FLAGS);
  }
  return ZTC_OK;
}

/* An audit from outside asks for the audit mapping of every region that the process opens. */
static bool audit_wanted(void) {
  const char *value = secure_getenv("ZTC_AUDIT");
  return value != NULL && value[0] == '1' && value[1] == '\0';
}

ztc_status ztc__region_open_named(int fd, const char *name, uint32_t flags, ztc_region **out,
                                  ztc_error *error) {
  name = ZTC__SHOWN(name);
  if ((flags & ZTC_OPEN_SEALED) != 0) {
    int sealed;
    ztc_status status = ztc__sealed_of_fd(fd, name, &sealed, error);
    if (status != ZTC_OK) return status;
    status = ztc__region_open_named(sealed, name, flags & ~ZTC_OPEN_SEALED, out, error);
    close(sealed);
    return status;
  }
  ztc__mapping mapping;
  if (audit_wanted()) flags |= ZTC_OPEN_AUDIT;
  ztc_status status = ztc__mapping_of_fd(fd, name, flags, &mapping, error);
  if (status != ZTC_OK) return status;
  status = open_mapping(&mapping, name, flags, out, error);
  if (status != ZTC_OK) ztc__mapping_release(&mapping);
  return status;
}

ztc_status ztc_region_open(const char *path, uint32_t flags, ztc_region **out, ztc_error *error) {
  ztc_status status = ztc__region_open_check(flags, out, error);
  if (status != ZTC_OK) return status;
  int fd;
  status = ztc__file_open(path, &fd, error);
  if (status != ZTC_OK) return status;
  status = ztc__region_open_named(fd, path, flags, out, error);
  close(fd);
  return status;
}

ztc_status ztc_region_seal(const char *path, int *out, ztc_error *error) {
  if (out == NULL) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET, "out must not be NULL");
  }
  *out = -1;
  int fd;
  ztc_status status = ztc__file_open(path, &fd, error);
  if (status != ZTC_OK) return status;
  status = ztc__sealed_of_fd(fd, ZTC__SHOWN(path), out, error);
  close(fd);
  return status;
}

ztc_status ztc_region_open_fd(int fd, uint32_t flags, ztc_region **out, ztc_error *error) {
  const ztc_status status = ztc__region_open_check(flags, out, error);
  return status == ZTC_OK ? ztc__region_open_named(fd, "the descriptor", flags, out, error) : status;
}

ztc_status ztc_region_open_memory(const void *base, uint64_t size, uint32_t flags,
                                  ztc_region **out, ztc_error *error) {
  const ztc_status status = ztc__region_open_check(flags, out, error);
  if (status != ZTC_OK) return status;
  if (base == NULL || ((uintptr_t)base & 7) != 0) {
    return ztc__fail(error, ZTC_INVALID_ARGUMENT, ZTC_NO_OFFSET,
                     "base must be a multiple of 8 and not NULL");
  }
  if (size == 0) return ztc__fail(error, ZTC_EMPTY_FILE, 0, "the memory has no bytes");
  const ztc__mapping mapping = {.base = base, .size = size, .slot = -1};
  return open_mapping(&mapping, "the memory", flags, out, error);
}

void ztc_region_close(ztc_region *region) {
  if (region == NULL) return;
  uint32_t expected = ZTC_OK;
  if (atomic_compare_exchange_strong(region->state, &expected, ZTC_CLOSED)) {
    ztc__mapping_detach(&region->mapping);
  }
}

void ztc_region_free(ztc_region *region) {
  if (region == NULL) return;
  ztc_region_close(region);
  ztc__mapping_release(&region->mapping);
  ztc_schema_free((ztc_schema *)(uintptr_t)region->schema);
  free(region);
}

uint64_t ztc_region_count(const ztc_region *region) { return region->records.count; }

uint64_t ztc_region_size(const ztc_region *region) { return region->size; }

const void *ztc_region_base(const ztc_region *region) {
  return ztc__address(region->source, 0);
}

ztc_status ztc_region_state(const ztc_region *region) { return ztc__region_state(region); }

const ztc_schema *ztc_region_schema(const ztc_region *region) { return region->schema; }

ztc_status ztc_region_extent(const ztc_region *region, uint64_t index, uint64_t *offset,
                             uint64_t *size) {
  if (index >= region->records.count) return ZTC_OUT_OF_RANGE;
  ztc_status status = ztc__region_state(region);
  if (status != ZTC_OK) return status;
  ztc__extent extent;
  const ztc_status found = ztc__table_entry(region, &region->records, index, &extent);
  status = ztc__region_state_after_reading(region);
  if (status != ZTC_OK) return status;
  if (found != ZTC_OK) return found;
  *offset = extent.offset;
  *size = extent.size;
  return ZTC_OK;
}

ztc_status ztc_region_layout(const ztc_region *region, uint64_t *index, uint64_t *records,
                             uint64_t *records_end, const volatile uint32_t **state) {
  /* A handler in front of ours would answer a fault in the host's own code its own way. */
  if (region->check_records || (region->mapping.slot >= 0 && !ztc__sigbus_is_first()))
    return ZTC_UNSUPPORTED;
  *index = region->records.index;
  *records = region->records.extents;
  *records_end = region->records.extents_end;
  *state = (const volatile uint32_t *)region->state;
  return ZTC_OK;
}
