/*
 * A key to look up, in the narrowest kind whatever encoding the caller has, without a buffer: the
 * canonical bytes are produced one after the other.
 */
#ifndef ZTC_KEY_H
#define ZTC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "secret.h"
#include "ztc/ztc.h"

typedef struct ztc__key {
  const uint8_t *data;
  size_t size;             /* of data */
  uint32_t kind;           /* canonical: ZTC_ASCII, ZTC_LATIN1 or ZTC_UTF8 */
  uint32_t canonical_size; /* bytes in that kind */
  bool narrow;             /* data is UTF-8 that narrows to Latin-1 */
} ztc__key;

/* False if the bytes are not well formed in `encoding` or too long to be a key: no map has it. */
bool ztc__key_init(ztc__key *key, const char *text, size_t size, ztc_encoding encoding);
/* For a table in memory: of another value in every process. O(size). */
uint64_t ztc__key_hash(const ztc__key *key, const ztc__secret *secret);
/* Orders key and stored string as the format does: by kind, then size, then bytes. */
int ztc__key_compare(const ztc__key *key, uint32_t kind, const void *bytes, uint32_t size);
/* Compares the key's canonical bytes from *at (in data, 0 to begin) on with `size` bytes; moves
 *at behind them. */
int ztc__key_compare_part(const ztc__key *key, size_t *at, const uint8_t *bytes, uint32_t size);

/* Strict UTF-8 (no overlong form, no surrogate, at most U+10FFFF): the code point at p[0 .. left)
   and its length in *length; -1 if ill-formed. */
int32_t ztc__utf8_decode(const uint8_t *p, size_t left, uint32_t *length);
bool ztc__is_ascii(const uint8_t *p, size_t size);

#endif
