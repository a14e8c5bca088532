/*
 * The region format in constants: native/doc/region-format.md is the normative text, and names the
 * same things. Nothing here reads or writes memory.
 */
#ifndef ZTC_FORMAT_H
#define ZTC_FORMAT_H

#include <stdint.h>

#include "ztc/ztc.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "regions are little-endian, and this library runs on little-endian hosts only"
#endif

/* Header (1.1) */
#define ZTC__MAGIC "\x89ZTC\r\n\x1a\n"
enum {
  ZTC__MAGIC_SIZE = 8,
  ZTC__HEADER_SIZE = 64,
  ZTC__HEADER_BYTE_ORDER = 8,
  ZTC__HEADER_MAJOR = 12,
  ZTC__HEADER_MINOR = 14,
  ZTC__HEADER_FILE_SIZE = 16,
  ZTC__HEADER_RECORD_COUNT = 24,
  ZTC__HEADER_HASH_SEED = 32,
  ZTC__HEADER_SECTION_COUNT = 40,
  ZTC__HEADER_CHECKSUM = 44,
  ZTC__HEADER_REQUIRED = 48,
  ZTC__HEADER_IGNORABLE = 56,
  ZTC__VERSION_MAJOR = 0,
  ZTC__VERSION_MINOR = 2,
  ZTC__MAX_SECTIONS = 64
};
#define ZTC__BYTE_ORDER_MARK UINT32_C(0x0A0B0C0D)
#define ZTC__BYTE_ORDER_SWAPPED UINT32_C(0x0D0C0B0A)

/* Section directory (1.2) */
enum {
  ZTC__ENTRY_SIZE = 32,
  ZTC__ENTRY_TYPE = 0,
  ZTC__ENTRY_FLAGS = 4,
  ZTC__ENTRY_OFFSET = 8,
  ZTC__ENTRY_LENGTH = 16,
  ZTC__ENTRY_CHECKSUM = 24,
  ZTC__ENTRY_ZERO = 28,
  ZTC__ENTRY_REQUIRED = 1,
  ZTC__SECTION_ALIGN = 64
};
enum {
  ZTC__SECTION_RECORDS = 1,
  ZTC__SECTION_RECORD_INDEX = 2,
  ZTC__SECTION_SHARED = 3,
  ZTC__SECTION_SHARED_INDEX = 4,
  ZTC__SECTION_SCHEMA = 5,
  ZTC__SECTION_KEY_INDEX = 6,
  ZTC__SECTION_KNOWN = 7 /* one more than the last known type */
};

/* Index entry (1.3) */
enum { ZTC__INDEX_ENTRY_SIZE = 16, ZTC__EXTENT_CLOSED = 1 };
#define ZTC__PLACE_OFFSET_MASK ((UINT64_C(1) << 48) - 1)
#define ZTC__PLACE_FLAGS_SHIFT 48

/* Schema section (2) */
enum { ZTC__SCHEMA_HEADER_SIZE = 16, ZTC__MAX_SHAPES = 65536, ZTC__MAX_SCHEMA_SIZE = 1 << 20 };

/* Nodes (3.1) */
enum {
  ZTC__KIND_MAP = 1,
  ZTC__KIND_DICT = 2,
  ZTC__KIND_LIST = 3,
  ZTC__KIND_ARRAY = 4,
  ZTC__KIND_EXT = 5,
  ZTC__KIND_BOX = 6,
  ZTC__KIND_GRAPH = 7,
  ZTC__KIND_ROWS = 8
};
enum { ZTC__NODE_CLOSED = 1, ZTC__NODE_SHARED = 2, ZTC__NODE_TYPES = 4, ZTC__NODE_FLAGS = 7 };
enum { ZTC__NODE_HEADER_SIZE = 8, ZTC__SLOT_SIZE = 8 };

/* Types beyond the public ztc_type. ROW is not in the format: it is what a reader calls the entry
   of a ROWS node, whose slot is then the row's number. */
enum { ZTC__TYPE_REF = 24, ZTC__TYPE_ROW = 25 };

/* Strings (3.3) */
#define ZTC__STRING_INLINE_MAX 7
#define ZTC__STRING_KIND_SHIFT 62
#define ZTC__STRING_SIZE_SHIFT 32
#define ZTC__STRING_SIZE_MASK UINT64_C(0x3fffffff)
#define ZTC__STRING_FORM_INLINE 3u
#define ZTC__INLINE_SIZE_SHIFT 56
#define ZTC__INLINE_KIND_SHIFT 60

/* Graph head (3.8) */
enum {
  ZTC__GRAPH_HEAD_SIZE = 24,
  ZTC__GRAPH_SHARED_COUNT = 4,
  ZTC__GRAPH_FLAT_SIZE = 8,
  ZTC__GRAPH_ROOT = 12,
  ZTC__GRAPH_REF_COUNT = 16,
  ZTC__GRAPH_ROW = 20,
  ZTC__GRAPH_ID_SIZE = 4,    /* a record's lists: shared extents, */
  ZTC__GRAPH_PLACE_SIZE = 4, /* slots of theirs, */
  ZTC__GRAPH_SLOT_SIZE = 8,  /* what is to be stored there, */
  ZTC__GRAPH_RUN_SIZE = 8,   /* bytes of the section `shared` */
  ZTC__GRAPH_REF_SIZE = 8,   /* a shared extent's list */
  ZTC__RUN_LENGTH_BITS = 28
};
#define ZTC__RUN_LENGTH_MASK ((UINT64_C(1) << ZTC__RUN_LENGTH_BITS) - 1)
/* The section `shared` ends before this, so that a run's place fits into the other bits. */
#define ZTC__MAX_SHARED_SIZE (UINT64_C(8) << (64 - ZTC__RUN_LENGTH_BITS))

/* Key index (10) */
enum {
  ZTC__KEYS_HEADER_SIZE = 32,
  ZTC__KEYS_COUNT = 0,
  ZTC__KEYS_HOMES = 8,
  ZTC__KEYS_SIZE = 16,
  ZTC__KEYS_DISTANCE = 24,
  ZTC__KEYS_RESERVED = 28,
  ZTC__KEYS_DISTANCE_SHIFT = 45,
  ZTC__KEYS_DISTANCE_BITS = 7,
  ZTC__KEYS_MAX_DISTANCE = 127,
  ZTC__KEYS_TAG_SHIFT = 52,
  ZTC__KEYS_TAG_BITS = 12,
  ZTC__KEYS_TAG_MASK = 4095,
  ZTC__KEY_CHECK_SHIFT = 40,
  ZTC__KEY_CHECK_DIVISOR = 63,
  ZTC__KEY_TYPE_SHIFT = 46,
  ZTC__KEY_SIZE_SHIFT = 48
};
#define ZTC__KEYS_PLACE_MASK ((UINT64_C(1) << ZTC__KEYS_DISTANCE_SHIFT) - 1)
#define ZTC__KEY_INDEX_MASK ((UINT64_C(1) << ZTC__KEY_CHECK_SHIFT) - 1)
#define ZTC__KEY_CHECK_MASK (UINT64_C(63) << ZTC__KEY_CHECK_SHIFT)

/* Bytes an element of a typed array takes; 0 for a type that is not an element type. */
static inline uint32_t ztc__element_size(uint8_t type) {
  switch (type) {
    case ZTC_TYPE_I8:
      return 1;
    case ZTC_TYPE_I16:
      return 2;
    case ZTC_TYPE_I32:
    case ZTC_TYPE_F32:
      return 4;
    case ZTC_TYPE_I64:
    case ZTC_TYPE_F64:
      return 8;
    default:
      return 0;
  }
}

/* Is this one of the type bytes that the format knows? */
static inline int ztc__is_type(uint8_t type) {
  return type <= ZTC_TYPE_BYTES || (type >= ZTC_TYPE_LIST && type <= ZTC_TYPE_EXT) ||
         type == ZTC__TYPE_REF;
}

static inline uint64_t ztc__align8(uint64_t n) {
  return (n + 7) & ~UINT64_C(7);
}
static inline uint64_t ztc__align64(uint64_t n) {
  return (n + 63) & ~UINT64_C(63);
}

/* Where in a record's graph head the slots lie, and where behind them the runs. */
static inline uint64_t ztc__graph_slots(uint64_t ids, uint64_t refs) {
  return ztc__align8(ZTC__GRAPH_HEAD_SIZE + ids * ZTC__GRAPH_ID_SIZE +
                     refs * ZTC__GRAPH_PLACE_SIZE);
}
static inline uint64_t ztc__graph_runs(uint64_t ids, uint64_t refs) {
  return ztc__graph_slots(ids, refs) + refs * ZTC__GRAPH_SLOT_SIZE;
}

#endif
