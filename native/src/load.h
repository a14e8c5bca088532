/*
 * The only way to read memory that somebody else may be changing.
 *
 * A source address is an opaque struct whose raw member nothing outside this file may name (a CI
 * check holds that), so a stray dereference does not compile. Every load happens exactly once
 * (volatile), into a local that the caller checks and then uses; that is what keeps a reader safe
 * from bytes that change between a check and a use.
 *
 * Callers check bounds before they load.
 */
#ifndef ZTC_LOAD_H
#define ZTC_LOAD_H

#include <stdint.h>
#include <string.h>

typedef struct ztc__src {
  uintptr_t ztc__raw;
} ztc__src;

static inline ztc__src ztc__src_of(const void *base) {
  return (ztc__src){.ztc__raw = (uintptr_t)base};
}

static inline ztc__src ztc__src_at(ztc__src s, uint64_t offset) {
  return (ztc__src){.ztc__raw = s.ztc__raw + offset};
}

#ifdef ZTC_LOAD_HOOK
/* Test builds: sees every load, and may change what the reader gets. */
void ztc__load_hook(uintptr_t address, void *value, uint64_t size);
void ztc__prefetch_hook(uintptr_t address);
#define ZTC__HOOK(s, offset, value) ztc__load_hook((s).ztc__raw + (offset), &(value), sizeof(value))
#else
#define ZTC__HOOK(s, offset, value) ((void)0)
#endif

/* Loads of 1, 2, 4 and 8 bytes; the address need not be aligned. */
#define ZTC__DEFINE_LOAD(name, type)                                                               \
  static inline type name(ztc__src s, uint64_t offset) {                                           \
    typedef struct {                                                                               \
      type v;                                                                                      \
    } __attribute__((packed, may_alias)) unaligned;                                                \
    type value = ((const volatile unaligned *)(s.ztc__raw + offset))->v;                           \
    ZTC__HOOK(s, offset, value);                                                                   \
    return value;                                                                                  \
  }
ZTC__DEFINE_LOAD(ztc__load8, uint8_t)
ZTC__DEFINE_LOAD(ztc__load16, uint16_t)
ZTC__DEFINE_LOAD(ztc__load32, uint32_t)
ZTC__DEFINE_LOAD(ztc__load64, uint64_t)
#undef ZTC__DEFINE_LOAD

/* Copies `size` bytes into private memory. */
static inline void ztc__fetch(void *dst, ztc__src s, uint64_t offset, uint64_t size) {
  memcpy(dst, (const void *)(s.ztc__raw + offset), size);
#ifdef ZTC_LOAD_HOOK
  ztc__load_hook(s.ztc__raw + offset, dst, size);
#endif
}

/* The same, where `size` is a multiple of 8 and mostly small: 16 .. 128 bytes go without a call, in
   blocks of which the last ones may overlap. */
static inline void ztc__fetch_short(void *dst, ztc__src s, uint64_t offset, uint64_t size) {
  uint8_t *to = dst;
  const uint8_t *from = (const uint8_t *)(s.ztc__raw + offset);
  if (size - 33 <= 128 - 33) {
    memcpy(to, from, 32);
    if (size > 64) {
      memcpy(to + 32, from + 32, 32);
      memcpy(to + size - 64, from + size - 64, 32);
    }
    memcpy(to + size - 32, from + size - 32, 32);
  } else if (size - 16 <= 32 - 16) {
    memcpy(to, from, 16);
    memcpy(to + size - 16, from + size - 16, 16);
  } else {
    memcpy(to, from, size);
  }
#ifdef ZTC_LOAD_HOOK
  ztc__load_hook(s.ztc__raw + offset, dst, size);
#endif
}

/* Asks for the cache line of an address. Whatever that is, it neither faults nor writes. */
static inline void ztc__prefetch_line(ztc__src s, uint64_t offset) {
  __builtin_prefetch((const void *)(s.ztc__raw + offset), 0, 3);
#ifdef ZTC_LOAD_HOOK
  ztc__prefetch_hook(s.ztc__raw + offset);
#endif
}

/* An address to hand out, never to dereference. */
static inline const void *ztc__address(ztc__src s, uint64_t offset) {
  return (const void *)(s.ztc__raw + offset);
}

#endif
