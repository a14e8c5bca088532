#include "fresh.h"
#include "shared_keys.h"

/* fresh.h takes hash entries from perl's free list: is it where it is expected? */
static bool knows_hash_entries(pTHX) {
  HV *hv = newHV();
  HE *he = hv_store_ent(hv, sv_2mortal(newSVpvs("ZeroTouch")), newSV(0), 0);
  SvREFCNT_dec_NN(hv);
  return he != NULL && PL_body_roots[ZT_HE_ROOT] == (void *)he;
}

static int free_region(pTHX_ SV *sv, MAGIC *mg) {
  PERL_UNUSED_VAR(sv);
  if (mg->mg_ptr != NULL) zt_region_free(aTHX_ (zt_region *)(void *)mg->mg_ptr);
  mg->mg_ptr = NULL;
  return 0;
}

/* Not shared between threads: its keys are in the table of one interpreter. */
static const MGVTBL region_magic = {.svt_free = free_region};

static zt_region *region_of(pTHX_ SV *self) {
  if (SvROK(self) && SvTYPE(SvRV(self)) >= SVt_PVMG) {
    for (MAGIC *mg = SvMAGIC(SvRV(self)); mg != NULL; mg = mg->mg_moremagic) {
      if (mg->mg_virtual == &region_magic && mg->mg_ptr != NULL) {
        return (zt_region *)(void *)mg->mg_ptr;
      }
    }
  }
  croak("ZeroTouch::Region: not an open region");
}

/* May looking at this argument call code, as it does for tied scalars? A key may be a reference. */
static bool calls_code(const SV *sv) {
  return SvGMAGICAL(sv) || (SvROK(sv) && SvGMAGICAL(SvRV(sv)));
}

/* The region that is the first argument. Code that other arguments call may let go of it, so it is held
   then until the statement ends; else it is not written to. */
static zt_region *region_of_call(pTHX_ SV *const *arguments, SSize_t count) {
  zt_region *const region = region_of(aTHX_ arguments[0]);
  for (SSize_t i = 1; i < count; i++) {
    if (UNLIKELY(calls_code(arguments[i]))) {
      sv_2mortal(SvREFCNT_inc_simple_NN(SvRV(arguments[0])));
      break;
    }
  }
  return region;
}

/* A path into a record, as UTF-8. */
static const char *value_path(pTHX_ SV *sv) {
  sv = sv_mortalcopy(sv);
  (void)SvPVutf8_nolen(sv);
  return zt_path_of(aTHX_ sv, "::Region->copy_path");
}

/* A record's number. A number in a string is not remembered as a number: the string may lie in a
   page that other processes share. */
static UV record_index(pTHX_ SV *sv) {
  UV index = 0;
  sv = zt_fetched(aTHX_ sv);
  if (SvIOK(sv) && (SvIsUV(sv) || SvIVX(sv) >= 0)) return SvUVX(sv);
  if (SvNOK(sv) && !SvIOK(sv) && SvNVX(sv) >= 0 && SvNVX(sv) < 9007199254740992.0 &&
      SvNVX(sv) == (NV)(UV)SvNVX(sv)) {
    return (UV)SvNVX(sv);
  }
  if (SvPOK(sv) && !SvIOK(sv) &&
      grok_number(SvPVX_const(sv), SvCUR(sv), &index) == IS_NUMBER_IN_UV) {
    return index;
  }
  croak("ZeroTouch: a record is named by a whole number from 0, not by '%" SVf "'", SVfARG(sv));
}

MODULE = ZeroTouch  PACKAGE = ZeroTouch

PROTOTYPES: DISABLE

BOOT:
  zt_settle_init();
  zt_shared_keys_init();
  if (!knows_hash_entries(aTHX)) {
    croak("ZeroTouch does not know how this perl (%s) keeps its hash entries", PERL_VERSION_STRING);
  }
  if (ztc_abi_version() != ZTC_ABI_VERSION) {
    croak("ZeroTouch was built for ABI %d of the C library and found ABI %d", ZTC_ABI_VERSION,
          (int)ztc_abi_version());
  }

void
guard_regions()
  CODE:
    if (ztc_sigbus_install() != ZTC_OK)
      croak("ZeroTouch::guard_regions: the handler of SIGBUS cannot be installed (IO)");

UV
publish(path, source, ...)
    SV *path
    SV *source
  PREINIT:
    SV *key = NULL;
  CODE:
    for (I32 i = 2; i < items; i += 2) {
      if (i + 1 == items || strNE(SvPV_nolen_const(ST(i)), "key")) {
        croak("ZeroTouch::publish: no such option: %" SVf, SVfARG(ST(i)));
      }
      key = SvOK(ST(i + 1)) ? ST(i + 1) : NULL;
    }
    RETVAL = zt_publish(aTHX_ path, source, key);
  OUTPUT:
    RETVAL

MODULE = ZeroTouch  PACKAGE = ZeroTouch::Clone

SV *
clone(source)
    SV *source
  CODE:
    zt_settle(aTHX);
    RETVAL = zt_clone(aTHX_ source);
  OUTPUT:
    RETVAL

MODULE = ZeroTouch  PACKAGE = ZeroTouch::Region

SV *
_open(class, path, flags, bless)
    const char *class
    SV *path
    U32 flags
    SV *bless
  PREINIT:
    zt_region *region;
    SV *object;
  CODE:
    region = zt_region_open(aTHX_ path, flags, bless);
    object = newSV(0);
    sv_magicext(object, NULL, PERL_MAGIC_ext, &region_magic, (const char *)region, 0);
    RETVAL = newRV_noinc(object);
    sv_bless(RETVAL, gv_stashpv(class, GV_ADD));
  OUTPUT:
    RETVAL

SV *
copy(self, index)
    SV *self
    SV *index
  PREINIT:
    zt_region *region;
  CODE:
    PERL_UNUSED_VAR(self);
    zt_settle(aTHX);
    region = region_of_call(aTHX_ &ST(0), items);
    RETVAL = zt_region_copy(aTHX_ region, record_index(aTHX_ index));
  OUTPUT:
    RETVAL

SV *
copy_path(self, index, path)
    SV *self
    SV *index
    SV *path
  PREINIT:
    zt_region *region;
    UV record;
  CODE:
    PERL_UNUSED_VAR(self);
    zt_settle(aTHX);
    region = region_of_call(aTHX_ &ST(0), items);
    record = record_index(aTHX_ index);
    RETVAL = zt_region_copy_path(aTHX_ region, record, value_path(aTHX_ path));
  OUTPUT:
    RETVAL

void
copy_many(self, ...)
    SV *self
  PREINIT:
    zt_region *region;
    uint64_t *indices;
    AV *copies;
    SSize_t count;
  PPCODE:
    zt_settle(aTHX);
    PERL_UNUSED_VAR(self);
    region = region_of_call(aTHX_ &ST(0), items);
    count = items - 1;
    copies = (AV *)sv_2mortal((SV *)newAV());
    indices = (uint64_t *)(void *)SvPVX(sv_2mortal(newSV((STRLEN)(count + 1) * sizeof *indices)));
    for (SSize_t i = 0; i < count; i++) indices[i] = record_index(aTHX_ ST(i + 1));
    zt_region_copy_many(aTHX_ region, indices, (size_t)count, copies);
    SPAGAIN; /* what made its numbers may have moved the stack */
    SP -= items;
    EXTEND(SP, count);
    for (SSize_t i = 0; i < count; i++) {
      PUSHs(sv_2mortal(AvARRAY(copies)[i]));
      AvARRAY(copies)[i] = NULL;
    }
    AvFILLp(copies) = -1;

SV *
get(self, key)
    SV *self
    SV *key
  PREINIT:
    zt_region *region;
    uint64_t index;
  CODE:
    PERL_UNUSED_VAR(self);
    zt_settle(aTHX);
    region = region_of_call(aTHX_ &ST(0), items);
    if (!zt_region_find(aTHX_ region, key, &index)) XSRETURN_UNDEF;
    RETVAL = zt_region_copy(aTHX_ region, index);
  OUTPUT:
    RETVAL

SV *
index_of(self, key)
    SV *self
    SV *key
  PREINIT:
    zt_region *region;
    uint64_t index;
  CODE:
    PERL_UNUSED_VAR(self);
    zt_settle(aTHX);
    region = region_of_call(aTHX_ &ST(0), items);
    if (!zt_region_find(aTHX_ region, key, &index)) XSRETURN_UNDEF;
    RETVAL = newSVuv((UV)index);
  OUTPUT:
    RETVAL

UV
key_count(self)
    SV *self
  CODE:
    RETVAL = (UV)ztc_region_key_count(region_of(aTHX_ self)->region);
  OUTPUT:
    RETVAL

UV
count(self)
    SV *self
  CODE:
    RETVAL = (UV)ztc_region_count(region_of(aTHX_ self)->region);
  OUTPUT:
    RETVAL

void
close(self)
    SV *self
  CODE:
    ztc_region_close(region_of(aTHX_ self)->region);
