/*
 * A private copy as Perl data. Containers wait in a work list until they are filled, so that no
 * bytes lead to deep recursion; shared nodes are remembered, so that identity and cycles are kept.
 */
#include "decode.h"

#include "fresh.h"

SV *zt_fail(zt_decoder *d, ztc_status status, const char *reason) {
  if (d->status == ZTC_OK) {
    d->status = status;
    d->reason = reason;
  }
  return NULL;
}

SV *zt_corrupt(zt_decoder *d) { return zt_fail(d, ZTC_CORRUPT, "its bytes are not well formed"); }

void zt_wait(pTHX_ zt_decoder *d, const zt_node *node, SV *to, uint32_t depth) {
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

SV *zt_text(pTHX_ zt_decoder *d, const zt_node *holder, uint64_t slot, uint32_t slot_at) {
  const char *bytes;
  uint32_t size;
  bool utf8;
  if (!zt_slot_text(d, holder, slot, slot_at, &bytes, &size, &utf8)) return zt_corrupt(d);
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
      return zt_text(aTHX_ d, holder, slot, slot_at);
    case ZTC_TYPE_BYTES:
      if (!zt_slot_bytes(d, holder, slot, &bytes, &size)) return zt_corrupt(d);
      return zt_fresh_pv(aTHX_ bytes, size, 0);
    default:
      return zt_corrupt(d);
  }
}

/* The value for a slot of a container. */
static inline SV *value(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
                        uint32_t slot_at, uint32_t depth) {
  if (type == ZTC_TYPE_STRING) return zt_text(aTHX_ d, holder, slot, slot_at);
  if (type < ZTC_TYPE_LIST) return scalar(aTHX_ d, holder, type, slot, slot_at);
  int how;
  SV *sv = zt_target(aTHX_ d, holder, type, slot, slot_at, depth, &how);
  if (sv == NULL || how == ZT_PLAIN) return sv;
  sv = zt_fresh_rv(aTHX_ sv);
  if ((how & ZT_WEAK) != 0) {
    if (d->weak == NULL) d->weak = newAV();
    av_push(d->weak, SvREFCNT_inc_simple_NN(sv));
  }
  return sv;
}

SV *zt_value(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
             uint32_t slot_at, uint32_t depth) {
  return value(aTHX_ d, holder, type, slot, slot_at, depth);
}

static inline SV *value_at(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type,
                           uint32_t slot_at, uint32_t depth) {
  return value(aTHX_ d, holder, type, zt_load64(d, slot_at), slot_at, depth);
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
  *how = ZT_REFERRED;
  if (!zt_charge(d, node->data - node->at)) return zt_corrupt(d);
  switch (node->kind) {
    case ZT_LIST:
    case ZT_ROWS:
      sv = newSV_type(SVt_PVAV);
      if (node->count > 0) zt_wait(aTHX_ d, node, sv, depth);
      return sv;
    case ZT_MAP:
    case ZT_DICT:
      sv = newSV_type(SVt_PVHV);
      if (node->count > 0) zt_wait(aTHX_ d, node, sv, depth);
      return sv;
    case ZT_ARRAY:
      return (SV *)array_value(aTHX_ d, node);
    case ZT_EXT:
      return zt_ext_value(aTHX_ d, node, depth, how);
    default:
      return zt_target(aTHX_ d, node, node->elem, zt_load64(d, node->slots), node->slots, depth + 1,
                    how);
  }
}

static SV *share(pTHX_ SV *sv) {
  return newSVsv_flags(sv, SV_NOSTEAL | SV_COW_SHARED_HASH_KEYS | SV_COW_OTHER_PVS);
}

/* A shared value once more. When its string has all the sharers that perl allows, a new one is made,
   which the next ones share. */
static SV *repeated(pTHX_ zt_decoder *d, uintptr_t *known) {
  SV *const held = (SV *)*known;
  SV *const sv = share(aTHX_ held);
  if (!SvPOK(held) || SvPVX_const(sv) == SvPVX_const(held)) return sv;
  if (SvCUR(held) > d->repeats) {
    SvREFCNT_dec_NN(sv);
    return zt_fail(d, ZTC_UNSUPPORTED, "it refers to a long string too often");
  }
  d->repeats -= SvCUR(held);
  *known = (uintptr_t)share(aTHX_ sv);
  SvREFCNT_dec_NN(held);
  return sv;
}

/* What a node stands for. The low bits of a remembered pointer say how. */
static SV *of_node(pTHX_ zt_decoder *d, const zt_node *node, uint32_t depth, int *how) {
  if (depth > ZTC_MAX_DEPTH) return zt_fail(d, ZTC_TOO_DEEP, "it is nested too deeply");
  if ((node->flags & ZT_SHARED) == 0) return fresh_node(aTHX_ d, node, depth, how);
  uintptr_t *known = ztb_seen_find(&d->shared, d->copy + node->at);
  if (known != NULL) {
    *how = (int)(*known & 3);
    if (*how == ZT_PLAIN) return repeated(aTHX_ d, known);
    return SvREFCNT_inc_simple_NN((SV *)(*known & ~(uintptr_t)3));
  }
  SV *sv = fresh_node(aTHX_ d, node, depth, how);
  if (sv == NULL || ztb_seen_find(&d->shared, d->copy + node->at) != NULL) return sv;
  SV *held = *how == ZT_PLAIN ? share(aTHX_ sv) : SvREFCNT_inc_simple_NN(sv);
  zt_seen_add(&d->shared, d->copy + node->at, (void *)((uintptr_t)held | (uintptr_t)*how));
  return sv;
}

SV *zt_target(pTHX_ zt_decoder *d, const zt_node *holder, uint8_t type, uint64_t slot,
                  uint32_t slot_at, uint32_t depth, int *how) {
  zt_node node;
  *how = ZT_REFERRED;
  switch (type) {
    case ZTC_TYPE_LIST:
    case ZTC_TYPE_MAP:
      if (slot == 0) return newSV_type(type == ZTC_TYPE_LIST ? SVt_PVAV : SVt_PVHV);
      /* FALLTHROUGH */
    case ZTC_TYPE_ARRAY:
    case ZTC_TYPE_EXT:
      if (!zt_node_child(aTHX_ d, holder, type, slot, &node)) return zt_corrupt(d);
      return of_node(aTHX_ d, &node, depth, how);
    case ZT_TYPE_REF:
      if (!zt_node_target(aTHX_ d, holder, slot, &node)) return zt_corrupt(d);
      return of_node(aTHX_ d, &node, depth, how);
    default:
      *how = ZT_PLAIN;
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
      return zt_corrupt(d) != NULL;
    }
    SV *sv = value_at(aTHX_ d, node, zt_type_at(d, node, i), key_at + ZT_SLOT, depth);
    if (sv == NULL) return false;
    const STRLEN before = HvTOTALKEYS(to);
    (void)hv_store(to, key, utf8 ? -(I32)size : (I32)size, sv, 0);
    if (HvTOTALKEYS(to) == before) return zt_corrupt(d) != NULL;
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
    const bool is_root = d->row != NULL && node->at == d->row_list && i == d->row_number;
    HV *hv = is_root ? (HV *)SvREFCNT_inc_simple_NN(d->row) : (HV *)newSV_type(SVt_PVHV);
    elements[i] = zt_fresh_rv(aTHX_ (SV *)hv);
    AvFILLp(to) = (SSize_t)i;
    if (is_root) continue;
    if (!fill_map(aTHX_ d, node, node->slots + i * stride, hv, depth + 1)) return false;
  }
  return true;
}

static bool fill_scalar(pTHX_ zt_decoder *d, const zt_node *node, SV *to, uint32_t depth) {
  int how;
  SV *sv = zt_target(aTHX_ d, node, node->elem, zt_load64(d, node->slots), node->slots, depth,
                     &how);
  if (sv == NULL) return false;
  if (how == ZT_PLAIN) {
    sv_setsv(to, sv);
    SvREFCNT_dec_NN(sv);
    return true;
  }
  if (SvTYPE(to) < SVt_IV) sv_upgrade(to, SVt_IV);
  SvRV_set(to, sv);
  SvROK_on(to);
  if ((how & ZT_WEAK) != 0) {
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

/* A root that is a row is made without its list. If something that hangs on it leads to the list,
   that gets this very row. */
static SV *root_value(pTHX_ zt_decoder *d) {
  zt_node root;
  uint32_t row;
  if (!zt_node_root(aTHX_ d, &root, &row)) return zt_corrupt(d);
  if (row != 0) {
    d->row = (HV *)newSV_type(SVt_PVHV);
    d->row_list = root.at;
    d->row_number = row - 1;
    SV *sv = zt_fresh_rv(aTHX_ (SV *)d->row);
    const uint32_t slots = root.slots + (row - 1) * root.shape->count * ZT_SLOT;
    fill_map(aTHX_ d, &root, slots, d->row, 2);
    return sv;
  }
  int how;
  SV *sv = of_node(aTHX_ d, &root, 1, &how);
  return sv == NULL || how == ZT_PLAIN ? sv : zt_fresh_rv(aTHX_ sv);
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
  ztb_seen_free(&d->shared);
}

/* What only weak references lead to lives until the statement of the caller ends: its DESTROY may copy
   from the region, or let go of it, which nothing here expects. */
static void weaken_all(pTHX_ AV *weak) {
  for (SSize_t i = 0; i <= AvFILLp(weak); i++) {
    SV *reference = AvARRAY(weak)[i];
    if (!SvROK(reference) || SvWEAKREF(reference)) continue;
    if (SvREFCNT(SvRV(reference)) == 1) sv_2mortal(SvREFCNT_inc_simple_NN(SvRV(reference)));
    sv_rvweaken(reference);
  }
}

SV *zt_decode(pTHX_ zt_region *region, const uint8_t *copy, uint64_t size, ztc_status *status,
              const char **reason) {
  zt_decoder d;
  d.region = region;
  d.copy = copy;
  d.size = (uint32_t)size;
  d.budget = size;
  d.repeats = ZT_REPEATS * size;
  d.status = ZTC_OK;
  d.reason = NULL;
  ztb_seen_init(&d.shared);
  d.weak = NULL;
  d.work = d.small;
  d.room = ZT_WORK_SMALL;
  d.waiting = 0;
  d.objects = NULL;
  d.blessed = d.object_room = 0;

  d.row = NULL;

  SV *root = root_value(aTHX_ &d);
  while (d.waiting > 0 && d.status == ZTC_OK) {
    const zt_work work = d.work[--d.waiting];
    fill(aTHX_ &d, &work);
  }
  if (d.work != d.small) Safefree(d.work);
  zt_objects_check(&d);
  forget_shared(aTHX_ &d);
  zt_objects_end(aTHX_ &d);
  if (d.status == ZTC_OK && d.weak != NULL) weaken_all(aTHX_ d.weak);
  SvREFCNT_dec(d.weak);
  if (d.status == ZTC_OK) return root;
  SvREFCNT_dec(root);
  *status = d.status;
  *reason = d.reason;
  return NULL;
}
