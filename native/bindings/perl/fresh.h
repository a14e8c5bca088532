/*
 * New Perl values made by hand: type and content in one step, no second look at either. The
 * structures are those that perl's own newSV_type, av_extend and hv_store produce.
 */
#ifndef ZT_FRESH_H
#define ZT_FRESH_H

#include "zt.h"

/* Newx, without the call in between where perl's malloc is the system's. */
#if defined(MYMALLOC) || defined(PERL_TRACK_MEMPOOL) || defined(PERL_MEM_LOG) || defined(DEBUGGING)
#define ZT_NEW(pointer, count, type) Newx(pointer, count, type)
#else
#define ZT_NEW(pointer, count, type)                                                               \
  do {                                                                                             \
    (pointer) = malloc((count) * sizeof(type));                                                    \
    if (UNLIKELY((pointer) == NULL))                                                               \
      Newx(pointer, count, type); /* dies as perl does */                                          \
  } while (0)
#endif

static inline SV *zt_fresh_undef(pTHX) {
  return newSV_type(SVt_NULL);
}

static inline SV *zt_fresh_iv(pTHX_ IV value) {
  SV *sv = newSV_type(SVt_IV);
  SvIV_set(sv, value);
  SvFLAGS(sv) |= SVf_IOK | SVp_IOK;
  return sv;
}

static inline SV *zt_fresh_nv(pTHX_ NV value) {
  SV *sv = newSV_type(SVt_NV);
  SvNV_set(sv, value);
  SvFLAGS(sv) |= SVf_NOK | SVp_NOK;
  return sv;
}

static inline SV *zt_fresh_rv(pTHX_ SV *target) {
  SV *sv = newSV_type(SVt_IV);
  SvRV_set(sv, target);
  SvFLAGS(sv) |= SVf_ROK;
  return sv;
}

/* Gives an SVt_PV or above a buffer of its own. */
static inline void zt_set_pv(pTHX_ SV *sv, const char *text, STRLEN size, U32 utf8) {
  const STRLEN room = (size + 2 + 15) & ~(STRLEN)15; /* a NUL, and perl's count of sharers */
  char *buffer;
  ZT_NEW(buffer, room, char);
  memcpy(buffer, text, size);
  buffer[size] = '\0';
  SvPV_set(sv, buffer);
  SvCUR_set(sv, size);
  SvLEN_set(sv, room);
  SvFLAGS(sv) |= SVf_POK | SVp_POK | utf8;
}

static inline SV *zt_fresh_pv(pTHX_ const char *text, STRLEN size, U32 utf8) {
  SV *sv = newSV_type(SVt_PV);
  zt_set_pv(aTHX_ sv, text, size, utf8);
  return sv;
}

/* Room for `count` elements, none of which is there yet (AvFILLp is -1). */
static inline SV **zt_av_reserve(pTHX_ AV *av, size_t count) {
  SV **elements;
  ZT_NEW(elements, count, SV *);
  AvALLOC(av) = elements;
  AvARRAY(av) = elements;
  AvMAX(av) = (SSize_t)count - 1;
  return elements;
}

/* The bucket array of an empty hash. */
static inline HE **zt_hv_reserve(pTHX_ HV *hv, STRLEN max) {
  char *array;
  ZT_NEW(array, PERL_HV_ARRAY_ALLOC_BYTES(max + 1), char);
  memset(array, 0, PERL_HV_ARRAY_ALLOC_BYTES(max + 1));
  HvMAX(hv) = max;
  HvARRAY(hv) = (HE **)(void *)array;
  return HvARRAY(hv);
}

/* The highest bucket of a hash for `keys`: one bucket a key, since fewer buckets are filled, looked
   through and freed faster. Perl doubles them when the hash grows. */
static inline STRLEN zt_hv_max_for(STRLEN keys) {
  STRLEN max = PERL_HASH_DEFAULT_HvMAX;
  while (keys > max + 1)
    max = max * 2 + 1;
  return max;
}

/* perl's free list of hash entries has no public name; ZeroTouch.xs checks at load that it is
   this one. */
enum { ZT_HE_ROOT = SVt_NULL };

/* One entry, from that list. */
static inline HE *zt_fresh_he(pTHX_ HEK *key, SV *value) {
  void **const root = &PL_body_roots[ZT_HE_ROOT];
  HE *he = (HE *)(*root ? *root
                        : Perl_more_bodies(aTHX_(svtype) ZT_HE_ROOT, sizeof(HE), PERL_ARENA_SIZE));
  *root = HeNEXT(he);
  HeKEY_hek(he) = key;
  HeVAL(he) = value;
  return he;
}

#endif
