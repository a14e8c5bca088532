/* Reading the header and the section directory. */
#ifndef ZTC_HEADER_H
#define ZTC_HEADER_H

#include "region.h"

typedef struct ztc__section {
  uint32_t type;
  uint32_t flags;
  uint64_t offset;
  uint64_t length;
  uint32_t checksum;
  uint32_t zero;
} ztc__section;

/*
 * Checks header, directory, section bounds and schema, and fills in region->records, ->shared and
 * ->schema. `verify` computes the checksums of header and schema too. The time does not depend on
 * the region's size.
 */
ztc_status ztc__header_read(ztc_region *region, const char *name, bool verify, ztc_error *error);
/*
 * Whether a file of `size` bytes that begins with `head` (all of it, or ZTC__HEADER_SIZE bytes) is a
 * region, and of this version: for who has not mapped it yet.
 */
ztc_status ztc__header_identify(ztc__src head, uint64_t size, const char *name, ztc_error *error);
/* The checksum of header and directory alone. */
ztc_status ztc__header_verify(const ztc_region *region, ztc_error *error);
/* Entry `index` of the directory. */
ztc__section ztc__header_section(const ztc_region *region, uint32_t index);
/* 0 if the directory would not fit. */
uint32_t ztc__header_section_count(const ztc_region *region);

#endif
