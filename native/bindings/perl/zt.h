/* What the parts of the Perl binding share. Every function that may croak says so. */
#ifndef ZT_H
#define ZT_H

#define PERL_NO_GET_CONTEXT
#include <EXTERN.h>
#include <perl.h>
#include <XSUB.h>

#include <stdbool.h>
#include <stdint.h>

#include <ztc/ztc.h>

#include "common/seen.h"

#ifndef HvHasAUX /* before 5.38 */
#define HvHasAUX(hv) SvOOK(hv)
#endif

/* Values without a type in the format, as ext ids private to Perl (see zt_ext in ZeroTouch.pm). */
enum { ZT_EXT_SCALAR_REF = 0x80500001u };

/* An argument that may be magical, as $1 and tied scalars are: its value of this moment, mortal. Any
   other is left alone. */
static inline SV *zt_fetched(pTHX_ SV *sv) {
  return UNLIKELY(SvGMAGICAL(sv)) ? sv_mortalcopy(sv) : sv;
}

/* The bytes of a path, which must not hold a NUL: the system would see another path. `sv` is not
   written to if it is a string. Croaks. */
const char *zt_path_of(pTHX_ SV *sv, const char *function);

/* ------------------------------------------------------------------ a pointer to anything -- */

typedef ztb_seen zt_seen;

static inline void zt_seen_add(zt_seen *seen, const void *key, void *value) {
  if (!ztb_seen_add(seen, key, (uintptr_t)value))
    Perl_croak_nocontext("ZeroTouch: out of memory");
}

/* -------------------------------------------------------------------------- after a fork -- */

/* Once for the process. */
void zt_settle_init(void);
/* Before anything is allocated for a copy: in a child, moves perl off the inherited arenas. */
void zt_settle_now(pTHX);
extern bool zt_forked;
static inline void zt_settle(pTHX) {
  if (UNLIKELY(zt_forked)) zt_settle_now(aTHX);
}

/* ------------------------------------------------------------------------------- signals -- */

/* To be called between ENTER and LEAVE: until then handlers of signals wait. */
void zt_signals_wait(pTHX);

/* ---------------------------------------------------------------------- errors and places -- */

/* Appends a step of a path in the grammar of the format document: `.name`, `["any key"]`, `[3]`. */
void zt_path_add_key(pTHX_ SV *path, const char *key, STRLEN size, bool utf8);
void zt_path_add_index(pTHX_ SV *path, size_t index);
/* The path of `target` below `root` (a value), found without writing to either; mortal. "$" if it
   is not there. */
SV *zt_path_find(pTHX_ SV *root, SV *target);

/* Why a live value cannot be taken over by either module, or NULL if it can. Looks, never calls
   magic, never writes. */
const char *zt_refusal(pTHX_ SV *sv);
/* What an element, or an argument, stands for: perl makes values for those that do not exist, in case
   somebody assigns to them. NULL if it does not exist; what cannot be told comes back as it is. */
SV *zt_existing(pTHX_ SV *sv);
/* Do weak references point at this value? */
bool zt_has_backrefs(SV *sv);

/* ------------------------------------------------------------------------------- regions -- */

typedef struct zt_shape zt_shape;

typedef struct zt_region {
  ztc_region *region;
  const uint8_t *schema; /* its image, checked at open, constant */
  uint64_t schema_size;
  uint32_t key_count;
  uint32_t shape_count;
  zt_shape **shapes; /* made when first met */
  AV *keys;          /* holds the shared keys that the shapes point to */
  uint8_t *buffer;   /* the last copy */
  uint64_t capacity;
  ztc_workspace *workspace;
  char *path;
  enum { ZT_BLESS_NONE, ZT_BLESS_CONTAINERS, ZT_BLESS_LISTED } bless;
  HV *classes; /* ZT_BLESS_LISTED: those */
  AV *numbers; /* NULL, or numbers of copies that have no digits so far: reference, digits, ... */
} zt_region;

/* `bless` is false, true, or a reference to a hash with the names of the classes that objects may
   have. Croaks with the status if the file cannot be opened. */
zt_region *zt_region_open(pTHX_ SV *path, uint32_t flags, SV *bless);
void zt_region_free(pTHX_ zt_region *region);
/* Fresh data, not mortal. All croak with record, path and reason. */
SV *zt_region_copy(pTHX_ zt_region *region, uint64_t index);
SV *zt_region_copy_path(pTHX_ zt_region *region, uint64_t index, const char *path);
/* Pushes `count` copies to the array. */
void zt_region_copy_many(pTHX_ zt_region *region, const uint64_t *indices, size_t count, AV *out);

/* Builds Perl data from a copy; NULL with *status and *reason if the copy is not well formed. */
SV *zt_decode(pTHX_ zt_region *region, const uint8_t *copy, uint64_t size, ztc_status *status,
              const char **reason);

/* Gives those numbers their digits. Calls Perl code, so all copies must be decoded. Croaks. */
void zt_numbers_finish(pTHX_ zt_region *region);

/* The record with this key; false if there is none. Croaks. */
bool zt_region_find(pTHX_ const zt_region *region, SV *key, uint64_t *index);

/* Publishes the elements of an array, or what a code reference returns until it returns an empty
   list. `key` (may be NULL) is a path into each record, or code that is asked for each. Returns the
   number of records. Croaks. */
UV zt_publish(pTHX_ SV *path, SV *source, SV *key);
/* Croaks if such a path is malformed. */
void zt_check_key_path(pTHX_ SV *by);
/* The key of record `number` by such a path or code, which holds as long as they do; false if the
   code says that it has none. Croaks. */
bool zt_key_of_record(pTHX_ SV *record, UV number, SV *by, ztc_key *key);

/* --------------------------------------------------------------------------------- clone -- */

/* A deep copy of live data, not mortal; nothing is written to the source. Croaks. */
SV *zt_clone(pTHX_ SV *source);

#endif
