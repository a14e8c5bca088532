/*
 * A private copy as Perl data. Containers wait in a work list until they are filled, so that no
 * bytes lead to deep recursion; shared nodes are remembered, so that identity and cycles are kept.
 */
#include "decode.h"

#include "fresh.h"

/* What a slot or node stands for: a plain value, or something to be referred to. */
enum { PLAIN = 0, REFERRED = 1, WEAK = 2 };

enum {
  EXT_UINT64 = 1,
  EXT_BIG_INTEGER = 2,
  EXT_DECIMAL = 3,
  EXT_CHAR = 4,
  EXT_SET = 5,
  EXT_TUPLE = 6,
  EXT_OTHER_MAP = 7,
  EXT_UUID = 16,
  EXT_ENUM = 17,
  EXT_OBJECT = 18,
  EXT_SYMBOL = 19,
  EXT_WEAK = 20,
  EXT_UTF16 = 21,
  EXT_URI = 22
};

static SV *target(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
                  uint32_t slot_at, uint32_t depth, int *how);

static SV *fail(zt_decoder *d, ztc_status status, const char *reason) {
  if (d->status == ZTC_OK) {
    d->status = status;
    d->reason = reason;
  }
  return NULL;
}

static SV *corrupt(zt_decoder *d) { return fail(d, ZTC_CORRUPT, "its bytes are not well formed"); }

static void wait_for(pTHX_ zt_decoder *d, const zt_node *node, SV *to, uint32_t depth) {
  if (d->waiting == d->room) {
    d->room *= 2;
    if (d->work == d->small) {
      Newx(d->work, d->room, zt_work);
      memcpy(d->work, d->small, sizeof d->small);
    } else {
      Renew(d->work, d->room, zt_work);
    }
  }
  zt_work *work = &d->work[d->waiting++];
  work->node = *node;
  work->to = to;
  work->depth = depth;
}

/* ------------------------------------------------------------------------------- scalars -- */

static SV *text(pTHX_ zt_decoder *d, const zt_node *holder, uint64_t slot, uint32_t slot_at) {
  const char *bytes;
  uint32_t size;
  bool utf8;
  if (!zt_slot_text(d, holder, slot, slot_at, &bytes, &size, &utf8)) return corrupt(d);
  return zt_fresh_pv(aTHX_ bytes, size, utf8 ? SVf_UTF8 : 0);
}

static inline double f32_of(uint64_t slot) {
  const uint32_t bits = (uint32_t)slot;
  float value;
  memcpy(&value, &bits, sizeof value);
  return (double)value;
}

static inline double f64_of(uint64_t slot) {
  double value;
  memcpy(&value, &slot, sizeof value);
  return value;
}

static SV *scalar(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
                  uint32_t slot_at) {
  const char *bytes;
  uint32_t size;
  switch (type) {
    case ZTC_TYPE_NULL:
      return zt_fresh_undef(aTHX);
    case ZTC_TYPE_BOOL:
      return newSVsv(slot != 0 ? &PL_sv_yes : &PL_sv_no);
    case ZTC_TYPE_I8:
    case ZTC_TYPE_I16:
    case ZTC_TYPE_I32:
    case ZTC_TYPE_I64:
      return zt_fresh_iv(aTHX_ (IV)slot);
    case ZTC_TYPE_F32:
      return zt_fresh_nv(aTHX_ f32_of(slot));
    case ZTC_TYPE_F64:
      return zt_fresh_nv(aTHX_ f64_of(slot));
    case ZTC_TYPE_STRING:
      return text(aTHX_ d, holder, slot, slot_at);
    case ZTC_TYPE_BYTES:
      if (!zt_slot_bytes(d, holder, slot, &bytes, &size)) return corrupt(d);
      return zt_fresh_pv(aTHX_ bytes, size, 0);
    default:
      return corrupt(d);
  }
}

/* The value for a slot of a container. */
static inline SV *value(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
                        uint32_t slot_at, uint32_t depth) {
  if (type == ZTC_TYPE_STRING) return text(aTHX_ d, holder, slot, slot_at);
  if (type < ZTC_TYPE_LIST) return scalar(aTHX_ d, holder, type, slot, slot_at);
  int how;
  SV *sv = target(aTHX_ d, holder, type, slot, slot_at, depth, &how);
  if (sv == NULL || how == PLAIN) return sv;
  sv = zt_fresh_rv(aTHX_ sv);
  if ((how & WEAK) != 0) {
    if (d->weak == NULL) d->weak = newAV();
    av_push(d->weak, SvREFCNT_inc_simple_NN(sv));
  }
  return sv;
}

static inline SV *value_at(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type,
                           uint32_t slot_at, uint32_t depth) {
  return value(aTHX_ d, holder, type, zt_load64(d, slot_at), slot_at, depth);
}

/* ---------------------------------------------------------------------------------- ext -- */

static SV *uuid(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot) {
  const char *bytes;
  uint32_t size;
  if (ext->elem != ZTC_TYPE_BYTES || !zt_slot_bytes(d, ext, slot, &bytes, &size) || size != 16) {
    return corrupt(d);
  }
  SV *sv = newSVpvs("");
  for (uint32_t i = 0; i < 16; i++) {
    sv_catpvf(sv, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", (U8)bytes[i]);
  }
  return sv;
}

/* UTF-16 code units whose surrogates need not be paired: perl's UTF-8 can hold those. */
static SV *utf16(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot) {
  zt_node array;
  if (ext->elem != ZTC_TYPE_ARRAY || !zt_node_child(aTHX_ d, ext, ext->elem, slot, &array) ||
      array.elem != ZTC_TYPE_I16) {
    return corrupt(d);
  }
  SV *sv = newSV((STRLEN)array.count * 3 + 1);
  U8 *out = (U8 *)SvPVX(sv);
  for (uint32_t i = 0; i < array.count; i++) {
    uint16_t unit, next = 0;
    memcpy(&unit, d->copy + array.slots + 2 * (uint64_t)i, 2);
    if (i + 1 < array.count) memcpy(&next, d->copy + array.slots + 2 * (uint64_t)i + 2, 2);
    UV point = unit;
    if (unit >> 10 == 0x36 && next >> 10 == 0x37) {
      point = 0x10000 + ((UV)(unit & 0x3ff) << 10 | (next & 0x3ff));
      i++;
    }
    out = uvchr_to_utf8_flags(out, point, 0);
  }
  *out = '\0';
  SvCUR_set(sv, (STRLEN)((char *)out - SvPVX(sv)));
  SvPOK_on(sv);
  SvUTF8_on(sv);
  return sv;
}

/* Opens a payload that must be a list of two values. */
static bool pair(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, zt_node *list) {
  return ext->elem == ZTC_TYPE_LIST && zt_node_child(aTHX_ d, ext, ext->elem, slot, list) &&
         list->kind == ZT_LIST && list->count == 2 &&
         zt_type_at(d, list, 0) == ZTC_TYPE_STRING;
}

static SV *object(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, uint32_t depth,
                  int *how) {
  zt_node list;
  const char *name;
  uint32_t size;
  bool utf8;
  if (!pair(aTHX_ d, ext, slot, &list) ||
      !zt_slot_text(d, &list, zt_load64(d, list.slots), list.slots, &name, &size, &utf8) ||
      size == 0) {
    return corrupt(d);
  }
  const uint32_t at = list.slots + ZT_SLOT;
  SV *sv = target(aTHX_ d, &list, zt_type_at(d, &list, 1), zt_load64(d, at), at, depth + 1, how);
  if (sv == NULL || d->region->plain) return sv;
  if (*how != REFERRED || SvOBJECT(sv)) {
    SvREFCNT_dec_NN(sv);
    return corrupt(d);
  }
  SV *reference = zt_fresh_rv(aTHX_ SvREFCNT_inc_simple_NN(sv));
  sv_bless(reference, gv_stashpvn(name, size, GV_ADD | (utf8 ? SVf_UTF8 : 0)));
  SvREFCNT_dec_NN(reference);
  return sv;
}

/* An ext value that Perl has no type for: ZeroTouch::Ext, [id, payload]. */
static SV *unknown(pTHX_ zt_decoder *d, const zt_node *ext, uint64_t slot, uint32_t depth) {
  SV *payload = value(aTHX_ d, ext, ext->elem, slot, ext->slots, depth + 1);
  if (payload == NULL) return NULL;
  AV *av = newAV();
  av_push(av, newSVuv(ext->arg));
  av_push(av, payload);
  SV *reference = zt_fresh_rv(aTHX_ SvREFCNT_inc_simple_NN((SV *)av));
  sv_bless(reference, gv_stashpvs("ZeroTouch::Ext", GV_ADD));
  SvREFCNT_dec_NN(reference);
  return (SV *)av;
}

static SV *ext_value(pTHX_ zt_decoder *d, const zt_node *ext, uint32_t depth, int *how) {
  const uint64_t slot = zt_load64(d, ext->slots);
  zt_node list;
  SV *sv;
  *how = PLAIN;
  switch (ext->arg) {
    case EXT_UINT64:
      return ext->elem == ZTC_TYPE_I64 ? newSVuv((UV)slot) : corrupt(d);
    case EXT_BIG_INTEGER:
      return fail(d, ZTC_UNSUPPORTED, "it holds a big integer, for which Perl has no type");
    case EXT_DECIMAL:
      return fail(d, ZTC_UNSUPPORTED, "it holds a decimal number, for which Perl has no type");
    case EXT_OTHER_MAP:
      return fail(d, ZTC_UNSUPPORTED, "it holds a map whose keys are not strings");
    case EXT_CHAR: {
      if (ext->elem != ZTC_TYPE_I32 || slot > 0xffff) return corrupt(d);
      char bytes[UTF8_MAXBYTES];
      const char *end = (char *)uvchr_to_utf8_flags((U8 *)bytes, (UV)slot, 0);
      return zt_fresh_pv(aTHX_ bytes, (STRLEN)(end - bytes), slot > 0x7f ? SVf_UTF8 : 0);
    }
    case EXT_UUID:
      return uuid(aTHX_ d, ext, slot);
    case EXT_ENUM:
      if (!pair(aTHX_ d, ext, slot, &list) || zt_type_at(d, &list, 1) != ZTC_TYPE_STRING) {
        return corrupt(d);
      }
      return value_at(aTHX_ d, &list, ZTC_TYPE_STRING, list.slots + ZT_SLOT, depth);
    case EXT_SYMBOL:
    case EXT_URI:
      return ext->elem == ZTC_TYPE_STRING ? text(aTHX_ d, ext, slot, ext->slots) : corrupt(d);
    case EXT_UTF16:
      return utf16(aTHX_ d, ext, slot);
    case EXT_OBJECT:
      return object(aTHX_ d, ext, slot, depth, how);
    case EXT_SET:
    case EXT_TUPLE:
      if (ext->elem != ZTC_TYPE_LIST) return corrupt(d);
      return target(aTHX_ d, ext, ext->elem, slot, ext->slots, depth + 1, how);
    case EXT_WEAK:
      sv = target(aTHX_ d, ext, ext->elem, slot, ext->slots, depth + 1, how);
      if (sv != NULL && *how != PLAIN) *how |= WEAK;
      return sv;
    case ZT_EXT_SCALAR_REF:
      sv = zt_fresh_undef(aTHX);
      wait_for(aTHX_ d, ext, sv, depth);
      *how = REFERRED;
      return sv;
    default:
      *how = REFERRED;
      return unknown(aTHX_ d, ext, slot, depth);
  }
}

/* ---------------------------------------------------------------------------------- nodes -- */

static AV *array_value(pTHX_ zt_decoder *d, const zt_node *node) {
  AV *av = (AV *)newSV_type(SVt_PVAV);
  if (node->count == 0) return av;
  SV **elements = zt_av_reserve(aTHX_ av, node->count);
  const uint8_t *p = d->copy + node->slots;
  const uint32_t size = zt_element_size(node->elem);
  for (uint32_t i = 0; i < node->count; i++, p += size) {
    int16_t i16;
    int32_t i32;
    uint64_t wide = 0;
    switch (node->elem) {
      case ZTC_TYPE_I8:
        elements[i] = zt_fresh_iv(aTHX_ (int8_t)*p);
        break;
      case ZTC_TYPE_I16:
        memcpy(&i16, p, sizeof i16);
        elements[i] = zt_fresh_iv(aTHX_ i16);
        break;
      case ZTC_TYPE_I32:
        memcpy(&i32, p, sizeof i32);
        elements[i] = zt_fresh_iv(aTHX_ i32);
        break;
      default:
        memcpy(&wide, p, size);
        elements[i] = node->elem == ZTC_TYPE_I64   ? zt_fresh_iv(aTHX_ (IV)wide)
                      : node->elem == ZTC_TYPE_F64 ? zt_fresh_nv(aTHX_ f64_of(wide))
                                                   : zt_fresh_nv(aTHX_ f32_of(wide));
        break;
    }
    AvFILLp(av) = (SSize_t)i;
  }
  return av;
}

static SV *fresh_node(pTHX_ zt_decoder *d, const zt_node *node, uint32_t depth, int *how) {
  SV *sv;
  *how = REFERRED;
  if (!zt_charge(d, node->data - node->at)) return corrupt(d);
  switch (node->kind) {
    case ZT_LIST:
    case ZT_ROWS:
      sv = newSV_type(SVt_PVAV);
      if (node->count > 0) wait_for(aTHX_ d, node, sv, depth);
      return sv;
    case ZT_MAP:
    case ZT_DICT:
      sv = newSV_type(SVt_PVHV);
      if (node->count > 0) wait_for(aTHX_ d, node, sv, depth);
      return sv;
    case ZT_ARRAY:
      return (SV *)array_value(aTHX_ d, node);
    case ZT_EXT:
      return ext_value(aTHX_ d, node, depth, how);
    default:
      return target(aTHX_ d, node, node->elem, zt_load64(d, node->slots), node->slots, depth + 1,
                    how);
  }
}

/* What a node stands for. The low bits of a remembered pointer say how. */
static SV *of_node(pTHX_ zt_decoder *d, const zt_node *node, uint32_t depth, int *how) {
  if (depth > ZTC_MAX_DEPTH) return fail(d, ZTC_TOO_DEEP, "it is nested too deeply");
  if ((node->flags & ZT_SHARED) == 0) return fresh_node(aTHX_ d, node, depth, how);
  void **known = zt_seen_find(&d->shared, d->copy + node->at);
  if (known != NULL) {
    SV *sv = (SV *)((uintptr_t)*known & ~(uintptr_t)3);
    *how = (int)((uintptr_t)*known & 3);
    return *how == PLAIN ? newSVsv(sv) : SvREFCNT_inc_simple_NN(sv);
  }
  SV *sv = fresh_node(aTHX_ d, node, depth, how);
  if (sv == NULL || zt_seen_find(&d->shared, d->copy + node->at) != NULL) return sv;
  SV *held = *how == PLAIN ? newSVsv(sv) : SvREFCNT_inc_simple_NN(sv);
  zt_seen_add(&d->shared, d->copy + node->at, (void *)((uintptr_t)held | (uintptr_t)*how));
  return sv;
}

static SV *target(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
                  uint32_t slot_at, uint32_t depth, int *how) {
  zt_node node;
  *how = REFERRED;
  switch (type) {
    case ZTC_TYPE_LIST:
    case ZTC_TYPE_MAP:
      if (slot == 0) return newSV_type(type == ZTC_TYPE_LIST ? SVt_PVAV : SVt_PVHV);
      /* FALLTHROUGH */
    case ZTC_TYPE_ARRAY:
    case ZTC_TYPE_EXT:
      if (!zt_node_child(aTHX_ d, holder, type, slot, &node)) return corrupt(d);
      return of_node(aTHX_ d, &node, depth, how);
    case ZT_TYPE_REF:
      if (!zt_node_target(aTHX_ d, holder, slot, &node)) return corrupt(d);
      return of_node(aTHX_ d, &node, depth, how);
    default:
      *how = PLAIN;
      return scalar(aTHX_ d, holder, type, slot, slot_at);
  }
}

/* -------------------------------------------------------------------------------- filling -- */

/* A map whose slots begin at `slots`: a MAP node, or a row. */
static bool fill_map(pTHX_ zt_decoder *d, const zt_node *node, uint32_t slots, HV *to,
                     uint32_t depth) {
  const zt_shape *shape = node->shape;
  const uint8_t *types = node->types != 0 ? d->copy + node->types : shape->types;
  HE **const buckets = zt_hv_reserve(aTHX_ to, shape->max);
  if (shape->utf8) HvHASKFLAGS_on(to);
  for (uint32_t i = 0; i < shape->count; i++) {
    SV *sv = value_at(aTHX_ d, node, types[i], slots + i * ZT_SLOT, depth);
    if (sv == NULL) return false;
    HE *he = zt_fresh_he(aTHX_ share_hek_hek(shape->entries[i].key), sv);
    HE **bucket = &buckets[shape->entries[i].bucket];
    HeNEXT(he) = *bucket;
    *bucket = he;
    HvTOTALKEYS(to)++;
  }
  return true;
}

static bool fill_dict(pTHX_ zt_decoder *d, const zt_node *node, HV *to, uint32_t depth) {
  if (node->count > 8) hv_ksplit(to, node->count);
  for (uint32_t i = 0; i < node->count; i++) {
    const uint32_t key_at = node->slots + 2 * i * ZT_SLOT;
    const char *key;
    uint32_t size;
    bool utf8;
    if (!zt_slot_text(d, node, zt_load64(d, key_at), key_at, &key, &size, &utf8)) {
      return corrupt(d) != NULL;
    }
    SV *sv = value_at(aTHX_ d, node, zt_type_at(d, node, i), key_at + ZT_SLOT, depth);
    if (sv == NULL) return false;
    const STRLEN before = HvTOTALKEYS(to);
    (void)hv_store(to, key, utf8 ? -(I32)size : (I32)size, sv, 0);
    if (HvTOTALKEYS(to) == before) return corrupt(d) != NULL;
  }
  return true;
}

static bool fill_list(pTHX_ zt_decoder *d, const zt_node *node, AV *to, uint32_t depth) {
  SV **elements = zt_av_reserve(aTHX_ to, node->count);
  for (uint32_t i = 0; i < node->count; i++) {
    SV *sv = value_at(aTHX_ d, node, zt_type_at(d, node, i), node->slots + i * ZT_SLOT, depth);
    if (sv == NULL) return false;
    elements[i] = sv;
    AvFILLp(to) = (SSize_t)i;
  }
  return true;
}

static bool fill_rows(pTHX_ zt_decoder *d, const zt_node *node, AV *to, uint32_t depth) {
  SV **elements = zt_av_reserve(aTHX_ to, node->count);
  const uint32_t stride = node->shape->count * ZT_SLOT;
  for (uint32_t i = 0; i < node->count; i++) {
    HV *hv = (HV *)newSV_type(SVt_PVHV);
    elements[i] = zt_fresh_rv(aTHX_ (SV *)hv);
    AvFILLp(to) = (SSize_t)i;
    if (!fill_map(aTHX_ d, node, node->slots + i * stride, hv, depth + 1)) return false;
  }
  return true;
}

static bool fill_scalar(pTHX_ zt_decoder *d, const zt_node *node, SV *to, uint32_t depth) {
  int how;
  SV *sv = target(aTHX_ d, node, node->elem, zt_load64(d, node->slots), node->slots, depth, &how);
  if (sv == NULL) return false;
  if (how == PLAIN) {
    sv_setsv(to, sv);
    SvREFCNT_dec_NN(sv);
    return true;
  }
  if (SvTYPE(to) < SVt_IV) sv_upgrade(to, SVt_IV);
  SvRV_set(to, sv);
  SvROK_on(to);
  if ((how & WEAK) != 0) {
    if (d->weak == NULL) d->weak = newAV();
    av_push(d->weak, SvREFCNT_inc_simple_NN(to));
  }
  return true;
}

static bool fill(pTHX_ zt_decoder *d, const zt_work *work) {
  const zt_node *node = &work->node;
  const uint32_t depth = work->depth + 1;
  switch (node->kind) {
    case ZT_MAP:
      return fill_map(aTHX_ d, node, node->slots, (HV *)work->to, depth);
    case ZT_DICT:
      return fill_dict(aTHX_ d, node, (HV *)work->to, depth);
    case ZT_LIST:
      return fill_list(aTHX_ d, node, (AV *)work->to, depth);
    case ZT_ROWS:
      return fill_rows(aTHX_ d, node, (AV *)work->to, depth);
    default:
      return fill_scalar(aTHX_ d, node, work->to, depth);
  }
}

/* -------------------------------------------------------------------------------- public -- */

/* Sets *row to number + 1 if the root is an element of the list that is returned. */
static SV *root_value(pTHX_ zt_decoder *d, uint32_t *row) {
  zt_node root;
  if (!zt_node_root(aTHX_ d, &root, row)) return corrupt(d);
  if (*row != 0 && (root.flags & ZT_SHARED) == 0) {
    HV *hv = (HV *)newSV_type(SVt_PVHV);
    SV *sv = zt_fresh_rv(aTHX_ (SV *)hv);
    const uint32_t slots = root.slots + (*row - 1) * root.shape->count * ZT_SLOT;
    fill_map(aTHX_ d, &root, slots, hv, 2);
    *row = 0;
    return sv;
  }
  int how;
  SV *sv = of_node(aTHX_ d, &root, 1, &how);
  return sv == NULL || how == PLAIN ? sv : zt_fresh_rv(aTHX_ sv);
}

/* Drops what the memo holds. After a failure shared containers are emptied, since they may be in
   cycles that nobody else will ever break. */
static void forget_shared(pTHX_ zt_decoder *d) {
  if (d->shared.used == 0) return;
  for (size_t i = 0; i <= d->shared.mask; i++) {
    if (d->shared.entries[i].key == NULL) continue;
    const uintptr_t tagged = (uintptr_t)d->shared.entries[i].value;
    SV *sv = (SV *)(tagged & ~(uintptr_t)3);
    if (d->status != ZTC_OK && SvTYPE(sv) == SVt_PVAV) av_undef((AV *)sv);
    if (d->status != ZTC_OK && SvTYPE(sv) == SVt_PVHV) hv_undef((HV *)sv);
    SvREFCNT_dec_NN(sv);
  }
  zt_seen_free(&d->shared);
}

static void weaken_all(pTHX_ AV *weak) {
  for (SSize_t i = 0; i <= AvFILLp(weak); i++) {
    SV *reference = AvARRAY(weak)[i];
    if (SvROK(reference) && !SvWEAKREF(reference)) sv_rvweaken(reference);
  }
}

SV *zt_decode(pTHX_ zt_region *region, const uint8_t *copy, uint64_t size, ztc_status *status,
              const char **reason) {
  zt_decoder d;
  d.region = region;
  d.copy = copy;
  d.size = (uint32_t)size;
  d.budget = size;
  d.status = ZTC_OK;
  d.reason = NULL;
  zt_seen_init(&d.shared);
  d.weak = NULL;
  d.work = d.small;
  d.room = ZT_WORK_SMALL;
  d.waiting = 0;

  uint32_t row = 0;
  SV *root = root_value(aTHX_ &d, &row);
  while (d.waiting > 0 && d.status == ZTC_OK) {
    const zt_work work = d.work[--d.waiting];
    fill(aTHX_ &d, &work);
  }
  if (d.work != d.small) Safefree(d.work);
  forget_shared(aTHX_ &d);
  if (d.status == ZTC_OK && d.weak != NULL) weaken_all(aTHX_ d.weak);
  SvREFCNT_dec(d.weak);
  if (d.status == ZTC_OK && row != 0) {
    SV *list = root;
    root = newSVsv(AvARRAY((AV *)SvRV(list))[row - 1]);
    SvREFCNT_dec_NN(list);
  }
  if (d.status == ZTC_OK) return root;
  SvREFCNT_dec(root);
  *status = d.status;
  *reason = d.reason;
  return NULL;
}
