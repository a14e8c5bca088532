/*
 * Deep copies of live data without one write to the source. What perl's own accessors would write:
 * reference counts, the sharer counts of string buffers, hash iterators, numeric and string caches,
 * and whatever magic does. So everything is read straight from the structures, and the forwarding
 * table lies outside.
 *
 * Containers wait in a work list until they are filled, so depth costs memory, never C stack.
 */
#include "clone.h"

#include "ahead.h"
#include "fresh.h"
#include "rare.h"
#include "shared_keys.h"

/* ------------------------------------------------------------------------------- scalars -- */

/* Doubles a list that begins in `small`. */
static pending *grown(pTHX_ pending *list, size_t *room, const pending *small) {
  *room *= 2;
  if (list == small) {
    Newx(list, *room, pending);
    memcpy(list, small, *room / 2 * sizeof *small);
  } else {
    Renew(list, *room, pending);
  }
  return list;
}

static void wait_for(pTHX_ cloner *c, SV *from, SV *to) {
  if (c->waiting == c->room)
    c->work = grown(aTHX_ c->work, &c->room, c->small);
  c->work[c->waiting++] = (pending){.from = from, .to = to};
}

static SV *refuse(pTHX_ cloner *c, SV *sv, const char *reason) {
  if (c->refused == NULL) {
    c->refused = sv;
    c->reason = reason;
  }
  return zt_fresh_undef(aTHX);
}

/* A new scalar with the same content, for everything but references. */
static SV *copy_plain(pTHX_ cloner *c, SV *from) {
  const U32 flags = SvFLAGS(from);
  const svtype type = (svtype)(flags & SVTYPEMASK);
  if (type > SVt_PVNV) {
    const char *reason = zt_refusal(aTHX_ from);
    if (reason != NULL)
      return refuse(aTHX_ c, from, reason);
    if (type == SVt_REGEXP) {
      SV *pattern = zt_copy_pattern(aTHX_ from, &c->patterns, &reason);
      return pattern != NULL ? pattern : refuse(aTHX_ c, from, reason);
    }
  }
  SV *to;
  switch (flags & (SVf_IOK | SVf_NOK | SVf_POK)) {
    case SVf_POK:
      to = zt_fresh_pv(aTHX_ SvPVX_const(from), SvCUR(from), flags & SVf_UTF8);
      break;
    case SVf_IOK:
      to = zt_fresh_iv(aTHX_ SvIVX(from));
      SvFLAGS(to) |= flags & SVf_IVisUV;
      break;
    case SVf_NOK:
      to = zt_fresh_nv(aTHX_ SvNVX(from));
      break;
    case 0:
      /* Private flags alone: a number that was computed with, say, but is not exact. */
      if ((flags & SVp_POK) != 0) {
        to = zt_fresh_pv(aTHX_ SvPVX_const(from), SvCUR(from), flags & SVf_UTF8);
      } else if ((flags & SVp_NOK) != 0) {
        to = zt_fresh_nv(aTHX_ SvNVX(from));
      } else if ((flags & SVp_IOK) != 0) {
        to = zt_fresh_iv(aTHX_ SvIVX(from));
      } else {
        to = zt_fresh_undef(aTHX);
      }
      break;
    default:
      to = zt_copy_mixed(aTHX_ from, flags);
      break;
  }
  if (type == SVt_PVMG && SvMAGIC(from) != NULL)
    zt_copy_vstring(aTHX_ from, to);
  return to;
}

/* ---------------------------------------------------------------------------- references -- */

static inline bool reached_again(SV *sv) {
  return SvREFCNT(sv) > 1 || (SvTYPE(sv) >= SVt_PVMG && zt_has_backrefs(sv));
}

static void bless_later(pTHX_ cloner *c, SV *from, SV *to) {
  if (c->blessed == c->object_room)
    c->objects = grown(aTHX_ c->objects, &c->object_room, c->small_objects);
  c->objects[c->blessed++] = (pending){.from = from, .to = to};
}

/* The copy of what a reference points to, with a reference count for the caller. Containers and
   references are empty yet, and wait. */
static SV *referent(pTHX_ cloner *c, SV *from) {
  const bool again = reached_again(from);
  if (again) {
    const uintptr_t *known = ztb_seen_find(&c->seen, from);
    if (known != NULL)
      return SvREFCNT_inc_simple_NN((SV *)*known);
  }
  SV *to;
  switch (SvTYPE(from)) {
    case SVt_PVHV:
    case SVt_PVAV:
      if (SvMAGIC(from) != NULL || (SvTYPE(from) == SVt_PVHV && HvHasAUX((HV *)from))) {
        const char *reason = zt_refusal(aTHX_ from);
        if (reason != NULL)
          return refuse(aTHX_ c, from, reason);
      }
      to = SvTYPE(from) == SVt_PVHV ? newSV_type(SVt_PVHV) : newSV_type(SVt_PVAV);
      wait_for(aTHX_ c, from, to);
      fetch_content(from);
      break;
    default:
      if (SvROK(from) && zt_refusal(aTHX_ from) == NULL) {
        to = zt_fresh_undef(aTHX);
        wait_for(aTHX_ c, from, to);
      } else {
        to = copy_plain(aTHX_ c, from);
      }
      break;
  }
  if (again)
    zt_seen_add(&c->seen, from, to);
  if (SvOBJECT(from))
    bless_later(aTHX_ c, from, to);
  return to;
}

static void weaken_later(pTHX_ cloner *c, SV *reference) {
  if (c->weak == NULL)
    c->weak = newAV();
  av_push(c->weak, SvREFCNT_inc_simple_NN(reference));
}

/* The copy of an element of an array or a hash. */
static SV *element(pTHX_ cloner *c, SV *from) {
  const bool again = SvREFCNT(from) > 1 && !SvIMMORTAL(from);
  const bool special = again || SvTYPE(from) >= SVt_PVMG;
  if (special && reached_again(from) && !SvIMMORTAL(from)) {
    const uintptr_t *known = ztb_seen_find(&c->seen, from);
    if (known != NULL)
      return SvREFCNT_inc_simple_NN((SV *)*known);
  }
  SV *to;
  if (SvROK(from)) {
    if (SvTYPE(from) >= SVt_PVMG) {
      const char *reason = zt_refusal(aTHX_ from);
      if (reason != NULL)
        return refuse(aTHX_ c, from, reason);
    }
    to = zt_fresh_iv(aTHX_ 0);
    if (special && reached_again(from))
      zt_seen_add(&c->seen, from, to);
    SV *target = referent(aTHX_ c, SvRV(from));
    SvRV_set(to, target);
    SvFLAGS(to) = (SvFLAGS(to) & ~(SVf_IOK | SVp_IOK)) | SVf_ROK;
    if (SvWEAKREF(from))
      weaken_later(aTHX_ c, to);
  } else {
    to = copy_plain(aTHX_ c, from);
    if (special && reached_again(from) && !SvIMMORTAL(from))
      zt_seen_add(&c->seen, from, to);
  }
  if (special && SvOBJECT(from))
    bless_later(aTHX_ c, from, to);
  return to;
}

/* ---------------------------------------------------------------------------- containers -- */

static void fill_scalar(pTHX_ cloner *c, SV *from, SV *to) {
  SV *target = referent(aTHX_ c, SvRV(from));
  if (SvTYPE(to) < SVt_IV)
    sv_upgrade(to, SVt_IV);
  SvRV_set(to, target);
  SvROK_on(to);
  if (SvWEAKREF(from))
    weaken_later(aTHX_ c, to);
}

enum { ELEMENTS_AHEAD = 4 };

static void fill_array(pTHX_ cloner *c, AV *from, AV *to) {
  const size_t count = (size_t)(AvFILLp(from) + 1);
  if (count == 0)
    return;
  SV *const *const elements = AvARRAY(from);
  SV **const copies = zt_av_reserve(aTHX_ to, count);
  for (size_t i = 0; i < count && i < 2 * ELEMENTS_AHEAD; i++)
    fetch_value(elements[i]);
  for (size_t i = 0; i < count && i < ELEMENTS_AHEAD; i++) {
    if (elements[i] != NULL)
      fetch_content(elements[i]);
  }
  for (size_t i = 0; i < count; i++) {
    if (count - i > 2 * ELEMENTS_AHEAD)
      fetch_value(elements[i + 2 * ELEMENTS_AHEAD]);
    if (count - i > ELEMENTS_AHEAD && elements[i + ELEMENTS_AHEAD] != NULL) {
      fetch_content(elements[i + ELEMENTS_AHEAD]);
    }
    SV *from_element = elements[i];
    if (from_element != NULL && SvTYPE(from_element) >= SVt_PVMG)
      from_element = zt_existing(aTHX_ from_element);
    copies[i] = from_element != NULL ? element(aTHX_ c, from_element) : NULL;
    AvFILLp(to) = (SSize_t)i;
  }
}

/* The value of a hash entry; of a restricted hash it may be one that does not exist. */
static inline SV *entry_value(pTHX_ cloner *c, SV *from, bool restricted, I32 *placeholders) {
  if (from == &PL_sv_placeholder) {
    ++*placeholders;
    return from;
  }
  SV *to = element(aTHX_ c, from);
  if (restricted && SvREADONLY(from))
    SvREADONLY_on(to);
  return to;
}

/* Perl drops placeholders from a hash that grows and is not restricted yet, so they are stored as
   &PL_sv_undef, which no copy is, until all keys are there. */
static void set_placeholders(pTHX_ HV *hv) {
  HE *const *const buckets = HvARRAY(hv);
  for (STRLEN b = 0; b <= HvMAX(hv); b++) {
    for (HE *he = buckets[b]; he != NULL; he = HeNEXT(he)) {
      if (HeVAL(he) == &PL_sv_undef)
        HeVAL(he) = &PL_sv_placeholder;
    }
  }
}

static void fill_with_own_keys(pTHX_ cloner *c, HV *from, HV *to, I32 *placeholders) {
  HvSHAREKEYS_off(to);
  HE *const *const buckets = HvARRAY(from);
  for (STRLEN b = 0; b <= HvMAX(from); b++) {
    for (HE *he = buckets[b]; he != NULL; he = HeNEXT(he)) {
      const HEK *key = HeKEY_hek(he);
      const I32 size = HEK_UTF8(key) ? -HEK_LEN(key) : HEK_LEN(key);
      SV *value = entry_value(aTHX_ c, HeVAL(he), SvREADONLY((SV *)from), placeholders);
      if (value == &PL_sv_placeholder)
        value = &PL_sv_undef;
      (void)hv_store(to, HEK_KEY(key), size, value, HEK_HASH(key));
    }
  }
  if (*placeholders != 0)
    set_placeholders(aTHX_ to);
}

static void fill_with_shared_keys(pTHX_ cloner *c, HV *from, HV *to, I32 *placeholders) {
  const STRLEN max = HvMAX(from);
  const bool restricted = SvREADONLY((SV *)from);
  HE *const *const buckets = HvARRAY(from);
  HE **const copies = zt_hv_reserve(aTHX_ to, max);
  if (HvHASKFLAGS(from))
    HvHASKFLAGS_on(to);
  const SV *inner[CONTAINERS_AHEAD];
  size_t inside = 0;
  for (STRLEN b = 0; b <= max; b++) {
    for (HE *he = buckets[b]; he != NULL; he = HeNEXT(he)) {
      const SV *value = HeVAL(he);
      fetch_content(value);
      if (SvROK(value) && inside < CONTAINERS_AHEAD)
        inner[inside++] = SvRV(value);
    }
  }
  for (size_t i = 0; i < inside; i++)
    fetch_content(inner[i]);
  for (STRLEN b = 0; b <= max; b++) {
    HE **link = &copies[b];
    for (HE *he = buckets[b]; he != NULL; he = HeNEXT(he)) {
      SV *value = entry_value(aTHX_ c, HeVAL(he), restricted, placeholders);
      HE *copy = zt_fresh_he(aTHX_ share_hek_hek(HeKEY_hek(he)), value);
      HeNEXT(copy) = NULL;
      *link = copy;
      link = &HeNEXT(copy);
      HvTOTALKEYS(to)++;
    }
  }
}

static void fill_hash(pTHX_ cloner *c, HV *from, HV *to) {
  I32 placeholders = 0;
  if (HvARRAY(from) != NULL && HvTOTALKEYS(from) != 0) {
    if (HvMAX(from) / 8 <= HvTOTALKEYS(from) && zt_may_share_all(from)) {
      fill_with_shared_keys(aTHX_ c, from, to, &placeholders);
    } else {
      fill_with_own_keys(aTHX_ c, from, to, &placeholders);
    }
  }
  if (placeholders != 0)
    HvPLACEHOLDERS_set(to, placeholders);
  if (SvREADONLY((SV *)from))
    SvREADONLY_on((SV *)to);
}

/* -------------------------------------------------------------------------------- public -- */

SV *zt_clone(pTHX_ SV *source) {
  cloner c;
  ztb_seen_init(&c.seen);
  c.work = c.small;
  c.room = PENDING_SMALL;
  c.waiting = 0;
  c.objects = c.small_objects;
  c.object_room = OBJECTS_SMALL;
  c.blessed = 0;
  c.weak = NULL;
  c.patterns = NULL;
  c.refused = NULL;
  c.reason = NULL;

  if (SvTYPE(source) >= SVt_PVMG) {
    source = zt_existing(aTHX_ source);
    if (source == NULL)
      return newSV(0);
    if (SvGMAGICAL(source) && mg_find(source, PERL_MAGIC_sv) != NULL)
      source = zt_fetched(aTHX_ source); /* $1 and its like are perl's, not the source's */
  }
  if (SvROK(source)) {
    fetch_around(SvRV(source));
    fetch_neighbours(SvRV(source));
  }
  SV *copy;
  if (SvROK(source) && SvTYPE(source) < SVt_PVMG) {
    copy = zt_fresh_rv(aTHX_ referent(aTHX_ & c, SvRV(source)));
  } else if (SvROK(source) && zt_refusal(aTHX_ source) == NULL) {
    copy = zt_fresh_rv(aTHX_ referent(aTHX_ & c, SvRV(source)));
  } else {
    copy = copy_plain(aTHX_ & c, source);
  }
  while (c.waiting > 0 && c.refused == NULL) {
    for (size_t i = c.waiting > FILLED_AHEAD ? c.waiting - FILLED_AHEAD : 0; i < c.waiting; i++)
      fetch_inside(c.work[i].from);
    const pending next = c.work[--c.waiting];
    switch (SvTYPE(next.from)) {
      case SVt_PVHV:
        fill_hash(aTHX_ & c, (HV *)next.from, (HV *)next.to);
        break;
      case SVt_PVAV:
        fill_array(aTHX_ & c, (AV *)next.from, (AV *)next.to);
        break;
      default:
        fill_scalar(aTHX_ & c, next.from, next.to);
        break;
    }
  }
  if (c.work != c.small)
    Safefree(c.work);
  if (c.refused == NULL)
    zt_clone_bless(aTHX_ & c);
  else
    zt_clone_drop(aTHX_ & c, copy);
  if (c.objects != c.small_objects)
    Safefree(c.objects);
  ztb_seen_free(&c.seen);
  if (c.refused == NULL) {
    if (c.patterns != NULL)
      zt_clone_compile(aTHX_ & c, copy);
    zt_clone_weaken(aTHX_ & c);
    return copy;
  }
  SV *path = zt_path_find(aTHX_ source, c.refused);
  croak("ZeroTouch::Clone: %" SVf ": %s cannot be cloned", SVfARG(path), c.reason);
}
